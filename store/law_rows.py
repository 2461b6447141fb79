"""Where a fact with legal weight holds: for which account, at which address, and the rows of it.

The same for whichever door it comes in by. A stop holds wherever it is said to, and where that is
nobody's, for all of the customer: what is wrong in it costs silence, never a message. What gives
leave is refused where it is wrong.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final, NamedTuple

from domain.channels import Channel
from domain.entry.addresses import Address, addresses
from domain.entry.bounds import storable
from domain.entry.ids import fault as fault_of_id
from domain.entry.intake import Problem
from domain.law.request import LawEvent
from domain.law.terms import EventKind
from domain.ledger import stops
from domain.names import account_key, contact_point_id
from store.database import Connection
from store.intake.spelling import accounts_called, accounts_spelt
from store.law_events import (
    Customer,
    DifferentEventError,
    Reach,
    belongs,
    came_meanwhile,
    concerned,
    customer_of,
    is_account,
    keep_at_address,
    keep_for_account,
    owner_of,
    point_of,
    points_with,
    record,
)

_TELEPHONE: Final = (Channel.SMS, Channel.VOICE, Channel.WHATSAPP)
_SHOWN: Final = 64
_NOT_THEIRS: Final = "account_id: {!r} is no account of this customer: it holds for all of theirs"


class Row(NamedTuple):
    """What is written of a fact: the customer's own, or with ``address`` whoever's has that."""

    name: str
    event: LawEvent
    address: Address | None = None


class Laid(NamedTuple):
    """All that is written of a fact, and what its sender should know."""

    rows: list[Row]
    notes: list[str]


class Heard(NamedTuple):
    """What came of a fact that was told to an account."""

    notes: list[str]
    """What its sender should know."""
    concerned: list[str]
    """Of a stop: the open accounts, by key, that plan otherwise from now on."""


class Whose(NamedTuple):
    """Whose fact it is, as far as is known."""

    customer_id: str | None
    customer: Customer | None
    """None: intake has not brought them yet."""
    told: tuple[str, str] | None = None
    """The account that was told, of a fact that came to one."""

    @property
    def accounts(self) -> list[str]:
        """The keys of their accounts."""
        told = [] if self.told is None else [account_key(*self.told)]
        return sorted({*told, *(self.customer.accounts if self.customer else ())})


class RefusedError(ValueError):
    """It breaks a rule; nothing of it is recorded."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"{one.field}: {one.rule}" for one in problems))
        self.problems = problems


async def laid_out(
    connection: Connection, name: str, event: LawEvent, whose: Whose, address: str | None = None
) -> Laid:
    """The rows of a fact in the ids that the law is asked with: one, or one for each account and
    each use of its address. Raises RefusedError.

    ``address``: the one it is about, in the spelling of its sender, in place of a contact point.
    """
    event = stops.as_heard(event)
    accounts, notes = await _accounts(connection, event, whose)
    rows, told = await _at(connection, event, whose, address)
    laid = []
    for account in accounts:
        # Under another id than for the account: the same fact, sent again once that is known, is
        # recorded for it.
        every = account is None and event.account_id is not None
        called = f"{name}:every account" if every else name
        if account not in (None, accounts[0]):
            called = f"{name}:{account}"
        for one in rows:
            if one.address is None:
                made = one.event.model_copy(update={"account_id": account})
                laid.append(Row(f"{called}{one.name}", made))
    laid += [one._replace(name=f"{name}{one.name}") for one in rows if one.address]
    return Laid(laid, [*notes, *told])


def reach(*facts: tuple[str | None, Laid]) -> Reach:
    """How far it goes what is laid out of one fact, for each customer (by id) who has said it."""
    rows = [row for _, laid in facts for row in laid.rows]
    own = [row.event for row in rows if row.address is None]
    one = rows[0].event
    points = [event.contact_point_id for event in own if event.kind in stops.OF_ADDRESSES]
    return Reach(
        customers=[customer_id for customer_id, _ in facts if customer_id is not None],
        accounts=sorted({event.account_id for event in own if event.account_id is not None}),
        points=[point for point in points if point is not None],
        addresses=[row.address for row in rows if row.address is not None],
        medium=one.medium if one.kind is EventKind.OPT_OUT else None,
        everywhere=any(map(stops.of_all, own)),
    )


async def record_all(
    connection: Connection,
    laid: Laid,
    customer_id: str | None,
    recorded_at: datetime,
    recorded_by: str,
    kept_for: str | None = None,
) -> bool:
    """Write what is laid out; whether any of it is new. What its sender should know is added to
    the notes. Raises DifferentEventError where leave has an id that is taken.

    ``kept_for``: the key of an account that nobody knows yet, whose customer has said it.
    """
    new = False
    for row in laid.rows:
        try:
            new |= await _written(connection, row, customer_id, recorded_at, recorded_by, kept_for)
        except DifferentEventError:
            if row.event.gives_leave:
                raise
            # To refuse a stop is to lose it.
            own = row._replace(name=f"{row.name}:{stops.digest(row.event)}")
            with suppress(DifferentEventError):  # it has come before, read otherwise
                new |= await _written(
                    connection, own, customer_id, recorded_at, recorded_by, kept_for
                )
            if stops.OF_ITS_OWN not in laid.notes:
                laid.notes.append(stops.OF_ITS_OWN)
    return new


async def _written(
    connection: Connection,
    row: Row,
    customer_id: str | None,
    recorded_at: datetime,
    recorded_by: str,
    kept_for: str | None,
) -> bool:
    by = (recorded_at, recorded_by)
    if row.address is not None:
        return await keep_at_address(connection, row.name, row.event, row.address, *by)
    if kept_for is not None:
        if row.event.account_id and (holder := await _holder(connection, row.event.account_id)):
            return await record(connection, row.name, holder, row.event, *by)
        return await keep_for_account(connection, row.name, row.event, kept_for, *by)
    assert customer_id is not None, "or it is kept for the account"  # noqa: S101
    return await record(connection, row.name, customer_id, row.event, *by)


async def _holder(connection: Connection, key: str) -> str | None:
    """Whose an account is, if it is known."""
    creditor, _, account_id = key.rpartition("/")
    return await owner_of(connection, creditor, account_id)


async def record_for(
    connection: Connection,
    owner: tuple[str, str],
    message_id: str,
    event: LawEvent,
    recorded_at: datetime,
) -> Heard:
    """Write an event that an account's workflow was told, for its customer; what came of it. Of an
    account that nobody knows yet it is kept until intake brings it; a stop holds for those that are
    known under another spelling, all of them where one alone may be meant."""
    key, notes, found = account_key(*owner), list[str](), list[str]()
    told = list[str]()
    customer_id = await owner_of(connection, *owner)
    if customer_id is None and not event.gives_leave:
        for other in await accounts_spelt(connection, *owner):
            known = (other.creditor, other.account_id)
            heard = await record_for(connection, known, message_id, event, recorded_at)
            told += heard.concerned
            notes += [*heard.notes, f"account_id: is spelt otherwise: it is {other.key}"]
            found.append(other.key)
    customer = await customer_of(connection, customer_id) if customer_id else None
    whose = Whose(customer_id, customer, owner)
    laid = await laid_out(connection, f"{key}:{message_id}", event, whose)
    kept_for = key if customer_id is None else None
    by = (recorded_at, f"signal to {key}")
    await record_all(connection, laid, customer_id, *by, kept_for)
    if kept_for is not None:
        if found:
            laid.notes.clear()  # they say whose it is
        else:
            laid.notes.append("the account is not known yet: it holds when it comes")
        came = [one.key for one in await came_meanwhile(connection, *owner)]
        if new := [one for one in came if one not in found]:
            await belongs(connection, new)
    if not event.gives_leave:
        told += await concerned(connection, reach((customer_id, laid)))
    return Heard([*laid.notes, *notes], told)


async def _accounts(
    connection: Connection, event: LawEvent, whose: Whose
) -> tuple[list[str | None], list[str]]:
    """The accounts that a fact is recorded for, by key, and what to tell of it; None: for all."""
    creditor = None if whose.told is None else whose.told[0]
    meant = stops.accounts_meant(event, creditor, whose.accounts)
    if (name := event.account_id) is None:
        return meant, []
    if meant[0] in whose.accounts:
        plain = name in (meant[0], meant[0].rpartition("/")[2])
        return meant, [] if plain else [f"account_id: is spelt otherwise: it is {meant[0]}"]
    of, _, account_id = name.rpartition("/")
    if not event.gives_leave and (found := await _others(connection, meant[0], name, whose)):
        said = [f"account_id: {_how(one, name)}" for one in found]
        if whose.customer is not None:
            said.append(_NOT_THEIRS.format(storable(name[:_SHOWN])))
        return list(dict.fromkeys([*found, *meant])), said
    to_come = whose.customer is None and whose.told is None
    named = of != "" and "/" not in of and fault_of_id(of) is None and meant[0] is not None
    if to_come and named and not await is_account(connection, of, account_id):
        # It comes with its customer.
        return [name], [f"account_id: {name} is nobody's yet, so it holds for no other account"]
    if event.gives_leave:
        rule = "must be creditor/account_id, since the customer is not known yet"
        raise RefusedError(Problem("account_id", rule if to_come and not of else stops.NO_ACCOUNT))
    return meant, [_NOT_THEIRS.format(storable(name[:_SHOWN]))]


async def _others(connection: Connection, named: str | None, name: str, whose: Whose) -> list[str]:
    """The accounts on record of other customers that a stop may speak of which names none of its
    own's: the very one, those that are spelt otherwise, or by an id alone all that have it."""
    found = []
    if named is not None:
        of, _, account_id = named.rpartition("/")
        if await is_account(connection, of, account_id):
            return [named]
        found = await accounts_spelt(connection, of, account_id)
    if not found and "/" not in name:
        found = await accounts_called(connection, name)
    return [one.key for one in found if one.key not in whose.accounts]


def _how(key: str, name: str) -> str:
    """How the account of somebody else is meant that a stop names."""
    if name in (key, key.rpartition("/")[2]):
        return f"it is {key}, of whoever has it"
    return f"is spelt otherwise: it is {key}"


async def _at(
    connection: Connection, event: LawEvent, whose: Whose, address: str | None
) -> tuple[list[Row], list[str]]:
    """The rows of a fact, one for each place where it holds, and what to tell of it."""
    stated = await _stated(connection, event, whose) if address is None else address
    if stated is None:
        return [Row("", event)], []
    if event.gives_leave and address is None:
        raise RefusedError(Problem("contact_point_id", stops.NO_ADDRESS))
    points, elsewhere = await _matched(connection, stated, whose)
    rows, told = [_at_point(event, one) for one in points], list[str]()
    if event.gives_leave:
        if not rows:
            raise RefusedError(Problem("address", stops.NO_ADDRESS))
        return rows, told
    field = "address" if address is not None else "contact_point_id"
    if elsewhere and event.kind in stops.OF_ADDRESSES:
        whoever = "it holds for whoever has it, now or later"
        told.append(f"{field}: is none of this customer's: {whoever}")
        if whose.customer is None and whose.customer_id is not None:
            # In their record, too; under the names that it has where they are known.
            rows += [_at_point(event, one) for one in _to_come(whose.customer_id, elsewhere)]
        for n, one in enumerate(elsewhere):
            rows.append(Row(":address" if n == 0 else f":address {n + 1}", event, one))
    if event.kind is EventKind.WRONG_NUMBER:
        if not rows:
            raise RefusedError(Problem(field, stops.NEITHER))
    elif not points and (whose.customer is not None or not rows):
        whole = "all addresses" if event.address is not None else "the customer all the same"
        told.append(f"{field}: is none of this customer's: it holds for {whole}")
        rows.insert(0, Row("", event.model_copy(update={"contact_point_id": None})))
    return rows, told


async def _stated(connection: Connection, event: LawEvent, whose: Whose) -> str | None:
    """The address that stands where a contact point should; None: the fact names none, or one of
    the customer's."""
    if event.address is None:
        return None
    found = await point_of(connection, event.address)
    if found is None:
        return event.address
    return None if found.customer_id == whose.customer_id else found.address


async def _matched(
    connection: Connection, stated: str, whose: Whose
) -> tuple[list[str], list[Address]]:
    """The customer's contact points with an address, and the addresses that are none of theirs."""
    said = addresses(stated, whose.customer.country if whose.customer else None)
    if whose.customer is None or whose.customer_id is None:
        return [], said
    points, elsewhere = list[str](), list[Address]()
    for one in said or [(Channel.EMAIL, "")]:  # or to the letter
        matched = await points_with(connection, whose.customer_id, stated, one)
        points += [it for it in matched if it not in points]
        if not matched and said:
            elsewhere.append(one)
    return points, elsewhere


def _at_point(event: LawEvent, contact_point: str) -> Row:
    """The row of a fact for one use of its address."""
    made = event.model_copy(update={"contact_point_id": contact_point})
    return Row(f":{contact_point}", made)


def _to_come(customer_id: str, said: Sequence[Address]) -> Iterator[str]:
    """The contact points that addresses will be, where a file brings them."""
    for channel, address in said:
        for use in (channel,) if channel is Channel.EMAIL else _TELEPHONE:
            yield contact_point_id(customer_id, use, address)
