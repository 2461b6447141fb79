"""One line of events: whose it is, where it holds, and the rows that it becomes.

A line is recorded wherever it holds for somebody, now or later. Who is not known yet has said what
they said all the same, and it holds when a file brings them; an address that is nobody's keeps a
stop until somebody has it.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Final, NamedTuple

from pydantic import Field

from domain.channels import Channel
from domain.entry.addresses import canonical
from domain.entry.ids import fault as fault_of_id
from domain.entry.intake import Problem
from domain.facts import MessageId
from domain.law.request import LawEvent
from domain.law.terms import EventKind
from domain.model import Strict
from domain.names import contact_point_id
from store.database import Connection
from store.law_events import Customer, is_account, points_with

UNKNOWN: Final = "known to nobody yet: it holds when they come"

_OF_ADDRESSES: Final = frozenset({EventKind.OPT_OUT, EventKind.WRONG_NUMBER})
"""What is heard from an address, whoever has it."""
_DIGITS: Final = 7
"""Fewest digits of a telephone number with its country's."""
_TELEPHONE: Final = [Channel.SMS, Channel.VOICE, Channel.WHATSAPP]
_NOBODYS: Final = "nobody's"
"""In the place of a contact point, to read an event with whose address nobody has."""


class Whose(Strict):
    """What a line says beside its event: an id of the sender's choosing, and the customer.

    ``address`` narrows the event to that number (E.164) or mailbox of the customer, on all channels
    that use it.
    """

    id: MessageId
    customer_id: Annotated[str, Field(min_length=1, max_length=64)]
    address: Annotated[str, Field(min_length=1)] | None = None


class Row(NamedTuple):
    """What is written of a line: the customer's own, or with ``address`` whoever's has that."""

    name: str
    event: LawEvent
    address: tuple[Channel, str] | None = None


class Laid(NamedTuple):
    """All that is written of a line, and what its sender should know."""

    rows: list[Row]
    notes: list[str]


class RefusedError(Exception):
    """The line breaks a rule; nothing of it is recorded."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems


async def laid_out(
    connection: Connection, whose: Whose, said: Mapping[str, object], customer: Customer | None
) -> Laid:
    """The rows of a line in the ids that the law is asked with: one, or one for each use of its
    address. Raises RefusedError, or ValidationError where the event is none."""
    name, notes = f"file:{whose.id}", list[str]()
    if customer is None:
        if (rule := fault_of_id(whose.customer_id)) is not None:
            raise RefusedError(Problem("customer_id", rule))  # nobody will ever come by that name
        notes.append(f"{whose.customer_id} is {UNKNOWN}")
    if isinstance(account := said.get("account_id"), str):
        stops = not _read(said).gives_leave
        key = await _account(connection, account, customer, stops=stops)
        said = {**said, "account_id": key}
        if key is not None and (customer is None or key not in customer.accounts):
            notes.append(f"account_id: {key} is nobody's yet, so it holds for no other account")
        if key is None:
            # Recorded under another id, so that the same line, sent again once the customer is
            # known, is recorded for the account.
            name = f"{name}:every account"
            notes.append(f"account_id: whose {account} is, is not known yet: it holds for all")
    if whose.address is None:
        return Laid([Row(name, LawEvent.model_validate(said))], notes)
    address = _address(whose.address, customer.country if customer else None)
    if customer is not None:
        sought = (whose.customer_id, whose.address, address or (Channel.EMAIL, ""))
        if points := await points_with(connection, *sought):
            return Laid([_at_point(name, said, point) for point in points], notes)
    rows, told = _elsewhere(name, said, address)
    if customer is None and address is not None and rows[-1].address is not None:
        # In their record, too; under the names that it has where they are known.
        uses = [Channel.EMAIL] if address[0] is Channel.EMAIL else _TELEPHONE
        points = [contact_point_id(whose.customer_id, channel, address[1]) for channel in uses]
        rows = [*(_at_point(name, said, point) for point in points), *rows]
    return Laid(rows, [*notes, told])


def _at_point(name: str, said: Mapping[str, object], point: str) -> Row:
    """The row of a line for one use of its address."""
    return Row(f"{name}:{point}", LawEvent.model_validate({**said, "contact_point_id": point}))


def _elsewhere(
    name: str, said: Mapping[str, object], address: tuple[Channel, str] | None
) -> tuple[list[Row], str]:
    """The rows of a line whose address is none of the customer's, and what to tell of it."""
    event = _read(said)
    if event.gives_leave:
        raise RefusedError(Problem("address", "is none of this customer's"))
    if event.kind in _OF_ADDRESSES and address is not None:
        told = "address: is none of this customer's: it holds for whoever has it, now or later"
        return [Row(f"{name}:address", event, address)], told
    if event.kind is EventKind.WRONG_NUMBER:
        raise RefusedError(Problem("address", "is neither a telephone number nor a mailbox"))
    whole = "all addresses" if event.address is not None else "the customer all the same"
    made = LawEvent.model_validate(said)
    return [Row(name, made)], f"address: is none of this customer's: it holds for {whole}"


def _read(said: Mapping[str, object]) -> LawEvent:
    """The event of a line before it is known where it holds."""
    return LawEvent.model_validate({**said, "contact_point_id": _NOBODYS})


async def _account(
    connection: Connection, name: str, customer: Customer | None, *, stops: bool
) -> str | None:
    """The key of the account; the bare id will do where the customer has one of that name.

    One that nobody has yet may be in the next file. None: a stop on an account that cannot be told
    holds for all of them.
    """
    known = customer.accounts if customer else []
    found = [key for key in known if name in (key, key.rpartition("/")[2])]
    if len(found) == 1:
        return found[0]
    if found:
        raise RefusedError(Problem("account_id", f"is which of {', '.join(found)}?"))
    creditor, _, account_id = name.rpartition("/")
    if creditor and not await is_account(connection, creditor, account_id):
        return name
    if customer is None and not creditor:
        if stops:
            return None
        rule = "must be creditor/account_id, since the customer is not known yet"
        raise RefusedError(Problem("account_id", rule))
    raise RefusedError(Problem("account_id", "is no account of this customer"))


def _address(stated: str, country: str | None) -> tuple[Channel, str] | None:
    """An address in the spelling by which it is compared, and a channel that uses it; None: it is
    none."""
    number = canonical(Channel.VOICE, stated, country)
    if "@" in number:
        mailbox = canonical(Channel.EMAIL, stated)
        return (Channel.EMAIL, mailbox) if re.fullmatch(r"[^@\s]+@[^@\s]+", mailbox) else None
    if re.search(r"[^\W\d_]", number) or sum(c.isdigit() for c in number) < _DIGITS:
        return None
    return Channel.VOICE, number
