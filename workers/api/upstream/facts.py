"""Operations that tell facts: payments, what the law gives weight to, consents, wishes."""

import logging
from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from domain.entry.intake import Problem
from domain.facts import PaymentReceived
from domain.failures import NotFound
from domain.names import account_key, workflow_id
from store.conversation.queue import WorkQueue
from store.database import Connection
from store.intake.spelling import customers_spelt
from store.law_rows import RefusedError
from store.upstream.reading import Reading, prove
from store.views.records import Records
from workers.api.customer_models import Preferred, Wish
from workers.api.customers import Customers
from workers.api.operations import Audited, Call, Operation, Told, Unaudited
from workers.api.people import Right
from workers.api.problems import Kind, Refusal
from workers.api.reading import path_text
from workers.api.upstream import models
from workers.api.upstream.putting import OF_ACCOUNT, OF_CUSTOMER, TAG, account_of, refused
from workers.api.work import Rooms
from workers.intake.events import Taken, problems_of, take_event, wake_all

_ACCEPTED: Final = 202

log = logging.getLogger(__name__)


class Facts:
    """What upstream systems tell of accounts and people."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def payment(self, call: Call) -> Told:
        """Tell an account's workflow that money has arrived."""
        creditor, account_id = account_of(call)
        known = Records(self._rooms.pool)
        named = await known.now_called(creditor, account_id)
        found = await Reading(self._rooms.pool).account(creditor, named)
        if found is None:
            raise NotFound(f"no account {creditor}/{account_id} is known")
        payload = call.body.model_dump(mode="json", exclude_none=True)
        try:
            PaymentReceived.model_validate(payload)
        except ValidationError as error:
            raise refused(problems_of(error)) from None
        if call.body.currency not in (None, found["currency"]):
            rule = f"must be the account's, {found['currency']}"
            raise refused([Problem("currency", rule)])
        accounts, key = self._rooms.accounts, workflow_id(creditor, named)
        if not await accounts.tell(key, "payment_received", payload):
            if found["status"] != "open":
                raise Refusal(409, Kind.CONFLICT, "the account is closed: nothing is collected")
            # It was put a moment ago, and its workflow is yet to be started.
            await accounts.start(creditor, named, as_of=found["balance_as_of"])
            await accounts.tell(key, "payment_received", payload)
        answer = models.PaymentAnswer(id=call.body.id, account=account_key(creditor, named))
        return Told(answer, _ACCEPTED)

    async def fact(self, call: Call) -> models.FactAnswer:
        """Record what the law gives weight to."""
        body: models.FactPut = call.body
        return await self._recorded(call, body.id, self._narrowed(call, body.said()))

    async def consent(self, call: Call) -> models.FactAnswer:
        """Record a consent, and what proves it."""
        body: models.ConsentPut = call.body
        said: dict[str, Any] = {"kind": "opt_in" if body.granted else "opt_out"}
        told = body.model_dump(mode="json", include={"at", "channel", "address"}, exclude_none=True)
        return await self._recorded(call, body.id, {**told, **said}, body)

    async def proofs(self, call: Call) -> models.Consents:
        """What proves a customer's consents."""
        customer_id = await self.seen(call)
        found = await Reading(self._rooms.pool).proofs(customer_id)
        return models.Consents.model_validate({"items": found})

    async def prefer(self, call: Call) -> Preferred:
        """Keep how a customer wants to be reached."""
        await self.seen(call)
        return await Customers(self._rooms).prefer(call)

    async def seen(self, call: Call) -> str:
        """The customer that the address names. Raises NotFound, also for one not to be seen."""
        customer_id = path_text(call.path, "customer_id", "customer")
        if not await WorkQueue(self._rooms.pool, call.person.creditors).sees(customer_id):
            raise NotFound(f"no customer {customer_id!r} is known")
        return customer_id

    def _narrowed(self, call: Call, said: dict[str, Any]) -> dict[str, Any]:
        """Raises Refusal where an account is named that is not to be seen."""
        named, person = said.get("account_id"), call.person
        if not isinstance(named, str) or person.creditors is None:
            return said
        if "/" not in named and len(person.creditors) == 1:
            return {**said, "account_id": f"{next(iter(person.creditors))}/{named}"}
        if "/" not in named or not person.sees_account(named):
            raise refused([Problem("account_id", "must be creditor/account_id, of one of yours")])
        return said

    async def _recorded(
        self,
        call: Call,
        event_id: str,
        said: Mapping[str, Any],
        proved: models.ConsentPut | None = None,
    ) -> models.FactAnswer:
        customer_id = await self.seen(call)
        # Temporal first, as with all that accounts must hear of.
        await self._rooms.accounts.ping()
        pool = self._rooms.pool
        told = {k: v for k, v in said.items() if k not in ("id", "customer_id")}
        told |= {"id": event_id, "customer_id": customer_id}

        async def proof(connection: Connection) -> None:
            if proved is not None:
                await _prove(connection, customer_id, proved, call.person.name)

        alike = await customers_spelt(pool, [customer_id])
        about = (pool, told, self._rooms.clock, None, alike)
        try:
            taken = await take_event(*about, door="contrapunto api", beside=proof)
        except RefusedError as error:
            raise refused(error.problems) from None
        await self._wake(taken)
        notes = () if call.person.creditors is not None else tuple(taken.notes)
        return models.FactAnswer(id=event_id, new=taken.new, notes=notes)

    async def _wake(self, taken: Taken) -> None:
        await wake_all(self._rooms.accounts, dict.fromkeys(taken.accounts, taken.id))

    def operations(self) -> list[Operation]:
        """All of them."""
        of_customer: dict[str, Any] = {
            "body_needed": True,
            "keyed": True,
            "problems": (404, 409),
            "parameters": OF_CUSTOMER,
        }
        return [
            Operation(
                "POST",
                "/v1/accounts/{creditor}/{account_id}/payments",
                "put_payment",
                "A payment",
                "Tells the account's workflow that money has arrived. Told again under its `id`, "
                "nothing counts twice.",
                Right.BRING,
                self.payment,
                models.PaymentAnswer,
                TAG,
                audit=Audited(),
                body=models.PaymentPut,
                body_needed=True,
                keyed=True,
                status=_ACCEPTED,
                problems=(404, 409),
                parameters=OF_ACCOUNT,
            ),
            Operation(
                "POST",
                "/v1/customers/{customer_id}/facts",
                "put_fact",
                "What the law gives weight to",
                "A cease, an attorney, a dispute, a bankruptcy, a death, a wrong number ... as a "
                "line of `contrapunto events`, by the same rules. It holds at once.",
                Right.BRING,
                self.fact,
                models.FactAnswer,
                TAG,
                audit=Audited(),
                body=models.FactPut,
                status=201,
                **of_customer,
            ),
            Operation(
                "POST",
                "/v1/customers/{customer_id}/consents",
                "put_consent",
                "A consent, with its proof",
                "Where it was given, when, and what proves it; or that it is taken back.",
                Right.BRING,
                self.consent,
                models.FactAnswer,
                TAG,
                audit=Audited(),
                body=models.ConsentPut,
                status=201,
                **of_customer,
            ),
            Operation(
                "GET",
                "/v1/customers/{customer_id}/consents",
                "list_consents",
                "What proves consents",
                "What was told of a customer's consents, the newest first.",
                Right.FOLLOW,
                self.proofs,
                models.Consents,
                TAG,
                audit=Unaudited("what proves consents, by reference"),
                problems=(404,),
                parameters=OF_CUSTOMER,
            ),
            Operation(
                "PUT",
                "/v1/customers/{customer_id}/preferences",
                "put_preferences",
                "How a customer wants to be reached",
                "As they told you; the law stands above it.",
                Right.BRING,
                self.prefer,
                Preferred,
                TAG,
                audit=Audited(),
                body=Wish,
                **of_customer,
            ),
        ]


async def _prove(
    connection: Connection, customer_id: str, proved: models.ConsentPut, told_by: str
) -> None:
    about = (proved.id, customer_id, proved.channel, proved.source, proved.proof, proved.at)
    await prove(connection, *about, told_by)
