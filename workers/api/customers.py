"""Operations on customers: the whole record, what they wrote, what they wish."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from domain.conversation.wishes.preference import Preference
from domain.entry.bounds import fault_of_instant
from domain.failures import NotFound
from store.conversation.queue import WorkQueue
from store.views.customer import OfCustomer
from store.views.records import Records
from workers.api.customer_models import (
    Corrected,
    Correction,
    CustomerRecord,
    CustomerWanted,
    Messages,
    MessagesWanted,
    Preferred,
    Wish,
)
from workers.api.operations import Audited, Call, Operation, Writes
from workers.api.people import Person, Right, seen_of
from workers.api.problems import Kind, Refusal, WrongField
from workers.api.reading import path_text
from workers.api.work import Rooms
from workers.cli.customer.prefer import as_dict, prefer
from workers.cli.customer.record import kept_of, messages_of, record_of
from workers.cli.customer.view import tell_look
from workers.cli.inbound.corrections import keep_correction
from workers.cli.inbound.written import tell_look as tell_look_at_messages
from workers.cli.output import nobody

_ID = {"customer_id": "The customer's id."}
_MESSAGE = {"provider": "Who brought the message.", "inbound_id": "The provider's own id."}
TAG = "customers"


class Customers:
    """All operations on customers."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def record(self, call: Call) -> CustomerRecord:
        """All that is on record of a customer."""
        query: CustomerWanted = call.query
        if query.words:
            call.needs(Right.WORDS)
        _check_since(query)
        customer_id = await self._seen(call)
        parts = (self._rooms.pool, self._rooms.rules, customer_id, query.since, self._rooms.clock)
        found = await record_of(*parts, words=query.words)
        if query.words:
            await tell_look(self._rooms.pool, call.person.name, customer_id, found)
        told = found.told if call.person.creditors is None else _only(found.told, call.person)
        return CustomerRecord.model_validate(told)

    async def messages(self, call: Call) -> Messages:
        """What went both ways, the newest first."""
        query: MessagesWanted = call.query
        if query.words:
            call.needs(Right.WORDS)
        _check_since(query)
        customer_id = await self._seen(call)
        pool = self._rooms.pool
        view = OfCustomer(pool, customer_id, query.since)
        if await view.about() is None:
            raise await nobody(pool, customer_id)
        points = await Records(pool).points(customer_id)
        masked = {one["contact_point_id"]: one for one in points}
        found = await messages_of(view, masked, words=query.words)
        seen = [_message(one, call.person) for one in found if _is_seen(one, call.person)]
        shown = seen[::-1][: query.limit]
        if query.words:
            await tell_look_at_messages(pool, call.person.name, len(shown), {customer_id})
        return Messages.model_validate({"messages": shown, "more": len(seen) > len(shown)})

    async def prefer(self, call: Call) -> Preferred:
        """Keep how a customer wants to be reached."""
        wish: Wish = call.body
        customer_id = await self._seen(call)
        stated = Preference.model_validate(wish.model_dump(by_alias=True, exclude_unset=True))
        # Temporal first, as the command does: what is recorded must be told.
        await self._rooms.accounts.ping()
        parts = (self._rooms.pool, self._rooms.accounts, self._rooms.clock)
        done = await prefer(*parts, customer_id, stated, call.person.name)
        return Preferred.model_validate(
            {
                **as_dict(done.preference),
                "customer_id": customer_id,
                "since": done.since,
                "plan_anew": done.plan_anew if call.person.creditors is None else None,
                "can_be_met": done.can_be_met,
            }
        )

    async def correct(self, call: Call) -> Corrected:
        """Say what a message says, where it was read otherwise."""
        body: Correction = call.body
        provider = path_text(call.path, "provider", "message")
        inbound_id = path_text(call.path, "inbound_id", "message")
        name, by = f"{provider}/{inbound_id}", call.person.name
        queue = WorkQueue(self._rooms.pool, call.person.creditors)
        if not await queue.sees_message(provider, inbound_id):
            raise NotFound(f"no message {name!r} is known")
        amount = None if body.amount is None else f"{Decimal(body.amount).normalize():f}"
        intents = list(dict.fromkeys(body.intents))
        expected = {"intents": intents, "amount": amount, "date": body.date}
        await keep_correction(self._rooms.pool, name, expected, by)
        return Corrected.model_validate({**expected, "message": name, "by": by})

    async def _seen(self, call: Call) -> str:
        """The customer that the address names. Raises NotFound, also for one not to be seen."""
        customer_id = path_text(call.path, "customer_id", "customer")
        queue = WorkQueue(self._rooms.pool, call.person.creditors)
        if not await queue.sees(customer_id):
            raise NotFound(f"no customer {customer_id!r} is known")
        return customer_id

    def operations(self) -> list[Operation]:
        """All of them."""
        return [
            Operation(
                "GET",
                "/v1/customers/{customer_id}",
                "show_customer",
                "A customer, whole",
                "All that is on record of a customer: addresses (masked) with consent and why each "
                "is not used, accounts, promises, payments, holds, what the law knows, work, "
                "messages both ways, and all that happened. With `words=true` what they wrote.",
                Right.READ,
                self.record,
                CustomerRecord,
                TAG,
                audit=Audited(Writes.WHERE_IT_READS),
                query=CustomerWanted,
                problems=(404,),
                parameters=_ID,
            ),
            Operation(
                "GET",
                "/v1/customers/{customer_id}/messages",
                "list_messages",
                "Messages both ways",
                "What the customer wrote, how it was read, and how they were contacted; the newest "
                "first. With `words=true` what they wrote.",
                Right.READ,
                self.messages,
                Messages,
                TAG,
                audit=Audited(Writes.WHERE_IT_READS),
                query=MessagesWanted,
                problems=(404,),
                parameters=_ID,
            ),
            Operation(
                "POST",
                "/v1/customers/{customer_id}/preferences",
                "prefer",
                "How a customer wants to be reached",
                "Keeps what a customer has told a person, and has their accounts plan anew. The "
                "law stands above it.",
                Right.DO,
                self.prefer,
                Preferred,
                TAG,
                audit=Audited(),
                body=Wish,
                body_needed=True,
                problems=(404,),
                parameters=_ID,
            ),
            Operation(
                "POST",
                "/v1/messages/{provider}/{inbound_id:path}/corrections",
                "correct_reading",
                "What a message says",
                "Where a message was read otherwise than it was meant: what a person says is kept "
                "beside the reading.",
                Right.DO,
                self.correct,
                Corrected,
                TAG,
                audit=Audited(),
                body=Correction,
                body_needed=True,
                status=201,
                problems=(404,),
                parameters=_MESSAGE,
            ),
        ]


def _check_since(query: CustomerWanted | MessagesWanted) -> None:
    if query.since is not None and (rule := fault_of_instant(query.since)) is not None:
        wrong = WrongField(where="query", field="since", rule=rule)
        raise Refusal(422, Kind.INVALID, f"since: {rule}", [wrong])


def _is_seen(row: Mapping[str, Any], person: Person) -> bool:
    return person.sees_account(row.get("account"))


def _message(row: dict[str, Any], person: Person) -> dict[str, Any]:
    covers = row.get("covers")
    return row if covers is None else row | {"covers": seen_of(person, covers)}


_OF_ACCOUNTS: Final = (
    *("accounts", "parties", "stands_for", "promises", "plans", "payments", "holds"),
    *("disputes", "hardships", "settlement_offers"),
    *("on_file", "messages", "by_people", "timeline"),
)
"""Parts of a record that are of accounts."""


def _only(told: Mapping[str, Any], person: Person) -> dict[str, Any]:
    """A record without what is of accounts that are not to be seen. What the customer said of
    themselves stays: it holds for all."""
    seen = dict(told)
    for part in _OF_ACCOUNTS:
        seen[part] = [row for row in told[part] if _is_seen(row, person)]
    seen["keeping"] = kept_of(seen["promises"], told["accounts"])
    for part in ("messages", "by_people"):
        seen[part] = [_message(row, person) for row in seen[part]]
    seen["contact_points"] = [
        point
        | {"not_used": {k: why for k, why in point["not_used"].items() if person.sees_account(k)}}
        for point in told["contact_points"]
    ]
    seen["work"] = [item | {"accounts": seen_of(person, item["accounts"])} for item in told["work"]]
    return seen
