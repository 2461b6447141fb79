"""From an intake file to a portfolio, a row at a time.

A row is kept as a line without names and addresses, packed, until the file has ended and it is
known who is a customer's and who shares an address.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from config.geo.places import whereabouts
from domain.channels import Channel
from domain.entry.addresses import canonical
from domain.entry.intake import IntakeRow
from domain.failures import BadInput
from domain.names import account_key, contact_point_id
from domain.segments.rows import ALONE, Told, told_by
from domain.segments.rows import Portfolio as MayTell
from workers.intake.files import check, columns_of, no_account, records
from workers.simulation.book.packed import Packed, pack, plain, unpack
from workers.simulation.book.together import Together
from workers.simulation.portfolio import Owed, Portfolio, Reached, Somebody


class _Line(NamedTuple):
    """What one row says of its customer and its account."""

    locale: str
    country: str
    region: str | None
    preferred: str | None
    of_address: tuple[str, ...]
    of_phones: tuple[str, ...]
    zones: tuple[str, ...]
    stated: bool
    """Whether the row states its zones itself."""
    points: tuple[Reached, ...]
    owed: Owed


def read_file(path: Path, today: date, may_tell: MayTell = ALONE) -> Portfolio:
    """An intake file, read by intake's own reader; a refused row is left away and counted.

    ``may_tell``: the strategies that rows may pin and the attributes that they may have. Raises
    BadInput for a file that is unusable, or has no good row.
    """
    everybody, together = _Everybody(), Together()
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
        line = _line(row, told_by(record.cells, may_tell)[0] or Told())
        number = everybody.number(row.customer_id, together)
        everybody.add(number, line)
        for point in line.points:
            together.reached(number, int(point.address, 16))
    if not seen:
        raise BadInput(f"{path}: has no row that can be used, {refused} were refused")
    accounts = len(seen)
    del seen
    groups = (tuple(map(everybody.take, group)) for group in together.groups())
    return Portfolio(Packed(groups), accounts, refused)


class _Everybody:
    """The lines of each customer, by the customer's number; packed, since most wait for the end of
    the file."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._names: list[str] = []
        self._lines: list[tuple[bytes, ...]] = []
        self._like = b""
        """The first line; the others are alike."""

    def number(self, customer: str, together: Together) -> int:
        """Of a customer, who may be met for the first time."""
        number = self._numbers.get(customer)
        if number is None:
            number = self._numbers[customer] = together.comes()
            self._names.append(customer)
            self._lines.append(())
        return number

    def add(self, number: int, line: _Line) -> None:
        """Keep what a row says."""
        if not self._like:
            self._like = plain(line)
        self._lines[number] += (pack(line, self._like),)

    def take(self, number: int) -> Somebody:
        """A customer with all their accounts, whose lines are then given up."""
        self._numbers.clear()
        lines = [unpack(one, self._like) for one in self._lines[number]]
        self._lines[number] = ()
        return _somebody(self._names[number], lines)


def _line(row: IntakeRow, beside: Told) -> _Line:
    place = whereabouts(row.country, row.region, row.postal_code, row.phones(), row.timezone)
    return _Line(
        locale=row.locale,
        country=row.country,
        region=row.region,
        preferred=row.preferred_channel.value if row.preferred_channel else None,
        of_address=place.regions_of_address,
        of_phones=place.regions_of_phones,
        zones=place.zones,
        stated={*place.zones} <= {*row.timezone},
        points=tuple(
            Reached(
                contact_point_id(row.customer_id, point.channel, point.address),
                name_of_address(point.channel, point.address),
                *(point.channel.value, point.kind.value, point.consented),
            )
            for point in row.points()
        ),
        owed=_owed(row, beside),
    )


def _somebody(customer_id: str, lines: Sequence[_Line]) -> Somebody:
    """A customer's rows put together as intake does it (``store/intake/staging.py``)."""
    first = lines[0]
    alone = [line.zones for line in lines if line.stated]
    zones = [zone for each in (alone or [line.zones for line in lines]) for zone in each]
    points: dict[str, Reached] = {}
    for point in (point for line in lines for point in line.points):
        known = points.get(point.name)
        agreed = point.consented and (known is None or known.consented)
        points[point.name] = point._replace(consented=agreed)
    return Somebody(
        customer_id=customer_id,
        locale=first.locale,
        country=first.country,
        region=first.region,
        regions_of_address=_all(line.of_address for line in lines),
        regions_of_phones=_all(line.of_phones for line in lines),
        zones=tuple(dict.fromkeys(zones)),
        preferred=first.preferred,
        points=tuple(points[name] for name in sorted(points)),
        accounts=tuple(line.owed for line in lines),
    )


def name_of_address(channel: Channel, address: str) -> str:
    """By which its luck is drawn: one for all spellings, and nobody can read it back."""
    return hashlib.sha256(canonical(channel, address).encode()).hexdigest()[:16]


def _owed(row: IntakeRow, beside: Told) -> Owed:
    said = beside.attributes.items()
    return Owed(
        creditor=row.creditor,
        account_id=row.account_id,
        currency=row.currency,
        balance=str(row.balance),
        due=row.oldest_due_date.isoformat(),
        score=None if row.score is None else str(row.score),
        pinned=beside.strategy,
        attributes=tuple((name, value) for name, value in said if value is not None),
        parts=tuple((one.due_on.isoformat(), str(one.amount)) for one in row.due or ()),
    )


def _all(some: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted({one for each in some for one in each}))
