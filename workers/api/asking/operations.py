"""What is asked of an account: the updates that the commands send, over HTTP."""

import hashlib
import json
import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple

from domain.failures import NotFound, Unavailable
from domain.names import account_key
from store.agreements.promises import recorded_by
from store.contacts.manual import of_same_person
from store.conversation.queue import WorkQueue
from store.views.customer import OfCustomer
from store.views.records import Records
from workers.accounts import Unanswered
from workers.api.asking import models
from workers.api.operations import Audited, Call, Operation
from workers.api.people import Person, Right, Role
from workers.api.problems import Kind, Refusal, WrongField
from workers.api.reading import path_text
from workers.api.work import Rooms
from workers.cli.cases.vulnerable import vulnerable
from workers.cli.output import nobody

_ID: Final = {"customer_id": "The customer's id."}
_AT_WORK: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")
"""As ``domain/facts.py`` has the id of somebody at work."""
PATIENCE: Final = 20.0
"""Seconds that whoever waits for an answer waits for a worker."""
TAG: Final = "agreements"

log = logging.getLogger(__name__)


class Ask(NamedTuple):
    """One thing that can be asked of an account."""

    path: str
    """Behind the customer's."""
    update: str
    body: type[models.OfAccount]
    summary: str
    description: str
    right: Right = Right.DO

    @property
    def by_authority(self) -> bool:
        """Whether the request says who does it, and as what."""
        return issubclass(self.body, models.AsWhom)


ASKS: Final = (
    Ask(
        "promises",
        "record_promise",
        models.NewPromise,
        "The customer will pay",
        "Records a promise: an amount by a date, or parts on several dates. The strategy says what "
        "may be promised (`promise`); what is not, is refused in words.",
    ),
    Ask(
        "settlements",
        "offer_settlement",
        models.NewOffer,
        "Offer less than the balance",
        "Offers that less than the balance, paid in one sum, ends the debt. Within the authority "
        "of your role (strategy, `settlement`) it is offered at once; above it, it waits for "
        "another person whose authority reaches; above everybody's it is refused. It takes the "
        "place of an offer that is not accepted yet.",
        Right.OFFER,
    ),
    Ask(
        "settlements/approve",
        "approve_settlement",
        models.Approval,
        "Approve an offer",
        "An offer above the authority of who made it is made after all: by another person, whose "
        "authority reaches, never by the same one.",
        Right.APPROVE,
    ),
    Ask(
        "settlements/decline",
        "decline_settlement",
        models.Refused,
        "Do not approve an offer",
        "An offer that waits to be approved is not: by whoever could approve it. Who made it "
        "withdraws it.",
        Right.APPROVE,
    ),
    Ask(
        "settlements/accept",
        "accept_settlement",
        models.Accepted,
        "The customer accepts an offer",
        "In its time and once. An active plan and an open promise give way to it.",
    ),
    Ask(
        "settlements/withdraw",
        "withdraw_settlement",
        models.Withdrawal,
        "Take an offer back",
        "Accepted or not: the account goes on in its phase, and what was paid stays paid.",
        Right.OFFER,
    ),
    Ask(
        "disputes",
        "open_dispute",
        models.NewDispute,
        "The customer disputes the debt",
        "The account is silent, as far as its law asks for it, until the dispute is resolved. It "
        "goes on file, and a person is asked when the day to answer is over. One stands at a time.",
    ),
    Ask(
        "disputes/resolve",
        "resolve_dispute",
        models.DisputeEnd,
        "A dispute ends",
        "For the customer, against them, taken back; or after `for` it is corrected. Where its law "
        "lets it, the account goes on after all but `for`.",
    ),
    Ask(
        "hardships",
        "begin_hardship",
        models.NewHardship,
        "The customer cannot pay as agreed",
        "The account is collected softly, as the strategy says (`hardship`). One is active at a "
        "time.",
    ),
    Ask(
        "hardships/extend",
        "extend_hardship",
        models.HardshipReview,
        "A hardship goes on",
        "A person looks at it again on another day.",
    ),
    Ask(
        "hardships/end",
        "end_hardship",
        models.HardshipEnd,
        "A hardship ends",
        "The account is collected as its strategy has it.",
    ),
)
"""All of them: an update each, and its address."""


class Asking:
    """The operations on what is agreed with customers, and what stands of their debts."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def _act(self, ask: Ask) -> Callable[[Call], Awaitable[models.OnRecord]]:
        async def act(call: Call) -> models.OnRecord:
            payload = call.body.told()
            if ask.by_authority:
                payload["by"] = _at_work(call.person)
                payload["role"] = _role(call.person, call.body.role)
            creditor, account_id = await self._account(call)
            return await self._asked(call.person, ask.update, (creditor, account_id), payload)

        return act

    async def _asked(
        self, person: Person, update: str, owner: tuple[str, str], payload: dict[str, Any]
    ) -> models.OnRecord:
        key = account_key(*owner)
        log.info("%s asks %s of %s", person.name, update, key)
        told = json.dumps(payload, sort_keys=True)
        name = f"{update}:{payload['id']}:{hashlib.sha256(told.encode()).hexdigest()[:16]}"
        workflow = f"account/{key}"
        accounts = self._rooms.accounts
        try:
            answer = await accounts.ask(workflow, update, payload, patience=PATIENCE, name=name)
        except NotFound:
            why = f"account {key} has no running workflow: it is closed, or not collected yet"
            raise Refusal(409, Kind.CONFLICT, why) from None
        except Unanswered:
            raise Unavailable("no worker answers; it may still be carried out") from None
        note = answer.get("note")
        if answer["repeated"] and note is not None:
            raise Refusal(409, Kind.CONFLICT, f"id: {note}")
        if update == "record_promise":
            await recorded_by(self._rooms.pool, owner, payload["id"], person.name)
        step = answer["next_step"]
        return models.OnRecord.model_validate(
            {
                "id": answer["id"],
                "account": key,
                "new": not answer["repeated"],
                "note": note,
                "next_kind": step.get("kind"),
                "next_at": step.get("not_before"),
                "next_summary": step.get("summary"),
            }
        )

    async def vulnerability(self, call: Call) -> models.Vulnerable:
        """Keep whether nobody but persons may contact a customer."""
        customer_id, person = await self._customer(call), call.person
        # Temporal first, as with all that accounts must hear of.
        await self._rooms.accounts.ping()
        parts = (self._rooms.pool, self._rooms.accounts, self._rooms.clock)
        over = not call.body.vulnerable
        done = await vulnerable(*parts, customer_id, person.name, over=over)
        shown = done.plan_anew if person.creditors is None else None
        return models.Vulnerable.model_validate(done._asdict() | {"plan_anew": shown})

    async def _customer(self, call: Call) -> str:
        """The customer that the address names. Raises NotFound, also for one not to be seen."""
        customer_id, pool = path_text(call.path, "customer_id", "customer"), self._rooms.pool
        if not await WorkQueue(pool, call.person.creditors).sees(customer_id):
            raise NotFound(f"no customer {customer_id!r} is known")
        if await OfCustomer(pool, customer_id, None).about() is None:
            raise await nobody(pool, customer_id)
        return customer_id

    async def _account(self, call: Call) -> tuple[str, str]:
        """The account that is named, as it is called by now, if it is this customer's and may be
        seen. Raises NotFound and Refusal."""
        customer_id, named = await self._customer(call), call.body.account
        async with self._rooms.pool.acquire() as connection:
            theirs = await of_same_person(connection, customer_id, (named,))
        if named not in theirs or not call.person.sees_account(named):
            rule = "is no account of this customer's"
            wrong = WrongField(where="body", field="account", rule=rule)
            raise Refusal(422, Kind.INVALID, f"account: {rule}", [wrong])
        creditor, _, account_id = named.partition("/")
        return creditor, await Records(self._rooms.pool).now_called(creditor, account_id)

    def operations(self) -> list[Operation]:
        """All of them."""
        return [
            *(
                Operation(
                    "POST",
                    f"/v1/customers/{{customer_id}}/{ask.path}",
                    ask.update,
                    ask.summary,
                    ask.description,
                    ask.right,
                    self._act(ask),
                    models.OnRecord,
                    TAG,
                    audit=Audited(),
                    body=ask.body,
                    body_needed=True,
                    status=201,
                    problems=(404, 409),
                    parameters=_ID,
                )
                for ask in ASKS
            ),
            Operation(
                "POST",
                "/v1/customers/{customer_id}/vulnerability",
                "state_vulnerability",
                "A customer is vulnerable",
                "Nobody but persons contacts them, for any of their accounts: in the place of each "
                "message a person is asked (`person_first`). Nothing of it goes to Temporal.",
                Right.DO,
                self.vulnerability,
                models.Vulnerable,
                "customers",
                audit=Audited(),
                body=models.Vulnerability,
                body_needed=True,
                problems=(404,),
                parameters=_ID,
            ),
        ]


def _at_work(person: Person) -> str:
    """Their name, as histories keep it. Raises Refusal with 403 for one that they must not."""
    if _AT_WORK.fullmatch(person.name) is None:
        raise Refusal(
            403,
            Kind.FORBIDDEN,
            "the name in your token is no id of somebody at work (at most 64 letters, digits and "
            ". _ : -), and histories keep no names or addresses",
        )
    return person.name


def _role(person: Person, wanted: str | None) -> str:
    """As what they do it. Raises Refusal with 403 for a role that is not theirs."""
    theirs = [role for role in (Role.SUPERVISOR, Role.AGENT) if role in person.roles]
    if wanted is None:
        return theirs[0].value
    if wanted not in theirs:
        raise Refusal(403, Kind.FORBIDDEN, f"role: {wanted} is none of your roles")
    return wanted
