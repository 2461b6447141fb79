"""From an intake file, or the database, to groups of people who are simulated together.

What crosses to other processes is plain: texts, numbers and tuples. Names and addresses stay here.
"""

import hashlib
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from sys import intern
from typing import NamedTuple

from config.geo.places import whereabouts
from domain.account import Account, ContactPoint, Customer, PointKind
from domain.agreements.arrears import DueSchedule
from domain.agreements.parts import Instalment
from domain.channels import Channel
from domain.entry.addresses import canonical
from domain.entry.intake import IntakeRow
from domain.failures import BadInput
from domain.law.request import LawEvent
from domain.law.terms import EventKind, Medium
from domain.names import account_key, contact_point_id
from domain.segments.attributes import Held
from domain.segments.rows import ALONE, Told, told_by
from domain.segments.rows import Portfolio as MayTell
from domain.situation import Situation
from workers.intake.files import check, columns_of, no_account, records


class Owed(NamedTuple):
    """One account, as it is handed to another process."""

    creditor: str
    account_id: str
    currency: str
    balance: str
    due: str
    score: str | None
    pinned: str | None
    attributes: tuple[tuple[str, Held], ...]
    parts: tuple[tuple[str, str], ...] = ()
    """What fell due when, and how much of it is unpaid; empty: the file does not say."""


class Reached(NamedTuple):
    """One contact point, without its address."""

    name: str
    address: str
    """The same for every channel and person that one address serves; a digest."""
    channel: str
    kind: str
    consented: bool


class Somebody(NamedTuple):
    """One customer with all their accounts."""

    customer_id: str
    locale: str
    country: str
    region: str | None
    regions_of_address: tuple[str, ...]
    regions_of_phones: tuple[str, ...]
    zones: tuple[str, ...]
    preferred: str | None
    points: tuple[Reached, ...]
    accounts: tuple[Owed, ...]


class Standing(NamedTuple):
    """One customer with all their accounts as they stand in the database."""

    customer_id: str
    told: tuple[bytes, ...]
    """A situation each, as JSON that is compressed."""
    known: tuple["Known", ...]
    """Of each, what its strategy is chosen by beside."""


class Known(NamedTuple):
    """What the choice of a strategy rests on beside a situation."""

    attributes: Mapping[str, object] = {}
    """As they are kept."""
    entered_days: int | None = None
    """Days past due when its delinquency came in; None: nobody has noted it."""
    entered_since: datetime | None = None
    """Of the delinquency that this was noted of."""


Group = tuple[Somebody | Standing, ...]
"""People who share an address, and so see each other's contacts; mostly one."""


class Portfolio(NamedTuple):
    """Everybody, in an order of its own; how many rows of the file were refused."""

    groups: tuple[Group, ...]
    accounts: int
    refused: int
    found: tuple[tuple[str, str, str], ...] = ()
    """Of experiments, what was found before: experiment, kind, arm."""


def read_file(path: Path, today: date, may_tell: MayTell = ALONE) -> Portfolio:
    """An intake file, read by intake's own reader; a refused row is left away and counted.

    ``may_tell``: the strategies that rows may pin and the attributes that they may have. Raises
    BadInput for a file that is unusable, or has no good row.
    """
    rows: dict[str, list[tuple[IntakeRow, Told | None]]] = defaultdict(list)
    refused, seen = 0, set[str]()
    for record in records(path, columns_of(path, may_tell.columns)):
        row = check(record, today, may_tell)
        if not isinstance(row, IntakeRow):
            refused += not no_account(record)
            continue
        key = account_key(row.creditor, row.account_id)
        if key in seen:
            refused += 1
            continue
        seen.add(key)
        rows[row.customer_id].append((row, told_by(record.cells, may_tell)[0]))
    if not rows:
        raise BadInput(f"{path}: has no row that can be used, {refused} were refused")
    # What is put together is given up at once: of a large file both together would not fit.
    everybody = [_somebody(rows.pop(name)) for name in tuple(rows)]
    addresses = [(one, frozenset(point.address for point in one.points)) for one in everybody]
    return Portfolio(grouped(addresses), len(seen), refused)


def _somebody(told: Sequence[tuple[IntakeRow, Told | None]]) -> Somebody:
    """A customer's rows put together as intake does it (``store/intake/staging.py``)."""
    rows = [row for row, _ in told]
    first = rows[0]
    places = [whereabouts(r.country, r.region, r.postal_code, r.phones(), r.timezone) for r in rows]
    alone = [p.zones for p, r in zip(places, rows, strict=True) if {*p.zones} <= {*r.timezone}]
    zones = [zone for of_row in (alone or [place.zones for place in places]) for zone in of_row]
    points: dict[str, Reached] = {}
    for row in rows:
        for point in row.points():
            name = contact_point_id(row.customer_id, point.channel, point.address)
            known = points.get(name)
            agreed = point.consented and (known is None or known.consented)
            address = name_of_address(point.channel, point.address)
            points[name] = Reached(name, address, point.channel.value, point.kind.value, agreed)
    accounts = tuple(_owed(row, beside or Told()) for row, beside in told)
    return Somebody(
        customer_id=first.customer_id,
        locale=intern(first.locale),
        country=intern(first.country),
        region=first.region and intern(first.region),
        regions_of_address=_one(_all(place.regions_of_address for place in places)),
        regions_of_phones=_one(_all(place.regions_of_phones for place in places)),
        zones=_one(tuple(dict.fromkeys(zones))),
        preferred=first.preferred_channel.value if first.preferred_channel else None,
        points=tuple(points[name] for name in sorted(points)),
        accounts=accounts,
    )


@lru_cache(maxsize=4_096)
def _one(words: tuple[str, ...]) -> tuple[str, ...]:
    """The same words as one object, however many people they are of."""
    return words


def name_of_address(channel: Channel, address: str) -> str:
    """By which its luck is drawn: one for all spellings, and nobody can read it back."""
    return hashlib.sha256(canonical(channel, address).encode()).hexdigest()[:16]


def _owed(row: IntakeRow, beside: Told) -> Owed:
    said = beside.attributes.items()
    return Owed(
        creditor=intern(row.creditor),
        account_id=row.account_id,
        currency=intern(row.currency),
        balance=str(row.balance),
        due=row.oldest_due_date.isoformat(),
        score=None if row.score is None else str(row.score),
        pinned=beside.strategy,
        attributes=tuple((name, value) for name, value in said if value is not None),
        parts=tuple((one.due_on.isoformat(), str(one.amount)) for one in row.due or ()),
    )


def _all(some: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted({one for each in some for one in each}))


def grouped(
    everybody: Sequence[tuple[Somebody | Standing, frozenset[str]]],
) -> tuple[Group, ...]:
    """Those who share an address together, in the order in which they were first met."""
    leader = list(range(len(everybody)))

    def of(place: int) -> int:
        while leader[place] != place:
            leader[place] = leader[leader[place]]
            place = leader[place]
        return place

    at: dict[str, int] = {}
    for place, (_, addresses) in enumerate(everybody):
        for address in sorted(addresses):
            other = at.setdefault(address, place)
            first, last = sorted((of(other), of(place)))
            leader[last] = first
    found: dict[int, list[Somebody | Standing]] = defaultdict(list)
    for place, (one, _) in enumerate(everybody):
        found[of(place)].append(one)
    return tuple(tuple(found[place]) for place in sorted(found))


def known(group: Group) -> Iterator[Known]:
    """Of each account of a group, in the order of ``situations``."""
    for one in group:
        if isinstance(one, Standing):
            yield from one.known
        else:
            yield from (Known(dict(owed.attributes)) for owed in one.accounts)


def situations(group: Group, began: datetime) -> Iterator[Situation]:
    """Each account of a group as it stands when the dry run begins. Of a file: nobody has said
    anything yet, but for the consents that it lists."""
    for one in group:
        if isinstance(one, Standing):
            for told in one.told:
                yield Situation.model_validate_json(zlib.decompress(told))
            continue
        customer = Customer(
            customer_id=one.customer_id,
            locale=one.locale,
            country=one.country,
            region=one.region,
            regions_of_address=one.regions_of_address,
            regions_of_phones=one.regions_of_phones,
            zones=one.zones,
            preferred_channel=Channel(one.preferred) if one.preferred else None,
            points=tuple(map(_point, one.points)),
        )
        said = tuple(
            LawEvent(
                kind=EventKind.OPT_IN,
                at=began,
                recorded_at=began,
                channel=Medium(point.channel),
                contact_point_id=point.name,
            )
            for point in one.points
            if point.consented
        )
        for owed in one.accounts:
            yield Situation(
                key=account_key(owed.creditor, owed.account_id),
                account=Account(
                    creditor=owed.creditor,
                    account_id=owed.account_id,
                    customer_id=one.customer_id,
                    currency=owed.currency,
                    balance=Decimal(owed.balance),
                    oldest_due_date=date.fromisoformat(owed.due),
                    balance_as_of=began,
                    score=None if owed.score is None else Decimal(owed.score),
                    score_as_of=None if owed.score is None else began,
                    pinned=owed.pinned,
                ),
                customer=customer,
                law_events=said,
                schedule=_schedule(owed, began),
            )


def _schedule(owed: Owed, began: datetime) -> DueSchedule | None:
    parts = tuple(
        Instalment(due_on=date.fromisoformat(due), amount=Decimal(amount))
        for due, amount in owed.parts
    )
    return DueSchedule(as_of=began, instalments=parts) if parts else None


def _point(point: Reached) -> ContactPoint:
    return ContactPoint(
        contact_point_id=point.name,
        address_id=point.address,
        channel=Channel(point.channel),
        kind=PointKind(point.kind),
        consented=point.consented,
    )
