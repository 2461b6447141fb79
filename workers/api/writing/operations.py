"""A person writes to a customer: the function of `contrapunto contact message`, over HTTP."""

from domain.channels import Channel
from domain.entry.party import CONTACTED
from domain.failures import NotFound, WrongField
from store.contacts.manual import of_same_person, stands_for
from store.conversation.queue import WorkQueue
from store.views.customer import OfCustomer
from workers.api import problems
from workers.api.operations import Audited, Call, Operation
from workers.api.people import Right
from workers.api.problems import Kind, Refusal
from workers.api.reading import path_text
from workers.api.work import Rooms
from workers.api.writing.models import MessageWritten, NewMessage
from workers.cli.output import nobody
from workers.contacts.writing import Draft, Writing

_ID = {"customer_id": "The customer's id."}
_NAMED = {"point": "contact_point_id"}
"""Fields of a draft that the request calls otherwise."""


class Messages:
    """The operation on messages to customers."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._writing = Writing(rooms.pool, rooms.accounts, rooms.clock, rooms.pay_url)

    async def write(self, call: Call) -> MessageWritten:
        """Put a message on record, once, and have its account's workflow send it."""
        body: NewMessage = call.body
        creditor, account_id, party = await self._account(call, body)
        draft = Draft(
            message_id=body.id,
            creditor=creditor,
            account_id=account_id,
            channel=Channel(body.channel),
            by=call.person.name,
            text=body.text,
            template=body.template,
            subject=body.subject,
            point=body.contact_point_id,
            address=body.address,
            party=party,
        )
        # Temporal first: what nobody would send for a quarter of an hour is not put on record.
        await self._rooms.accounts.ping()
        try:
            done = await self._writing.write(draft)
        except WrongField as wrong:
            # It may quote what was named as a contact point, which may be anything: not in the log.
            rule = wrong.rule.replace(body.contact_point_id or "\0", "it")
            raise _wrong(_NAMED.get(wrong.field, wrong.field), rule) from None
        told = done.model_dump(exclude={"message_id"})
        return MessageWritten.model_validate({"id": done.message_id, **told})

    async def _account(self, call: Call, body: NewMessage) -> tuple[str, str, str | None]:
        """The account that is named, if it is this customer's and may be seen; and who they are,
        where they only stand for it.

        Raises NotFound for a customer who may not be seen, Refusal with 422 for another account.
        """
        customer_id, pool = path_text(call.path, "customer_id", "customer"), self._rooms.pool
        if not await WorkQueue(pool, call.person.creditors).sees(customer_id):
            raise NotFound(f"no customer {customer_id!r} is known")
        if await OfCustomer(pool, customer_id, None).about() is None:
            raise await nobody(pool, customer_id)
        creditor, _, account_id = body.account.partition("/")
        async with pool.acquire() as connection:
            theirs = await of_same_person(connection, customer_id, (body.account,))
            stands = await stands_for(connection, creditor, account_id, customer_id)
        known = body.account in theirs or stands in CONTACTED
        if not known or not call.person.sees_account(body.account):
            raise _wrong("account", "is no account of this customer's, nor one they stand for")
        return creditor, account_id, None if body.account in theirs else customer_id

    def operations(self) -> list[Operation]:
        """All of them."""
        return [
            Operation(
                "POST",
                "/v1/customers/{customer_id}/messages",
                "write_message",
                "Write to a customer",
                "Puts a message on record, and the account's workflow sends it by the door and the "
                "law of all messages: once, within 15 minutes, or not at all. What becomes of it "
                "is told by the same request again. With 503 it may be on record already: the same "
                "request again.",
                Right.DO,
                self.write,
                MessageWritten,
                "customers",
                audit=Audited(),
                body=NewMessage,
                body_needed=True,
                status=201,
                problems=(404, 409),
                parameters=_ID,
            )
        ]


def _wrong(field: str, rule: str) -> Refusal:
    wrong = problems.WrongField(where="body", field=field, rule=rule)
    return Refusal(422, Kind.INVALID, f"{field}: {rule}", [wrong])
