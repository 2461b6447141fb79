"""A portfolio: groups of people who are simulated together, and how their accounts stand.

What crosses to other processes is plain: texts, numbers and tuples, without names and addresses.
It comes from an intake file (``book/file.py``) or from the database (``live.py``).
"""

import zlib
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from domain.account import Account, ContactPoint, Customer, PointKind
from domain.agreements.arrears import DueSchedule
from domain.agreements.parts import Instalment
from domain.channels import Channel
from domain.law.request import LawEvent
from domain.law.terms import EventKind, Medium
from domain.names import account_key
from domain.segments.attributes import Held
from domain.situation import Situation
from workers.simulation.book.packed import Packed


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

    groups: Packed[Group]
    accounts: int
    refused: int
    found: tuple[tuple[str, str, str], ...] = ()
    """Of experiments, what was found before: experiment, kind, arm."""


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
