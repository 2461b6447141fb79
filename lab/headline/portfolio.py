"""A portfolio of card clients: what the file does not have is invented here, and named so.

Countries, addresses, wishes and second accounts are drawn from the client's number. There are no
names, telephone numbers or mailboxes: an address is a digest that leads to nobody.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from domain.account import PointKind
from domain.channels import Channel
from lab.headline.clients import CLASSES, Client, Clients
from people.draws import pick, u
from workers.simulation.portfolio import Group, Owed, Reached, Somebody

BEGAN: Final = datetime(2027, 2, 1, 6, tzinfo=UTC)
"""A Monday, in the night of all three countries; each debt fell due on the day before."""

_SEED: Final = 350
"""Of what is invented: not of anybody's luck."""
_TWO_ACCOUNTS: Final = 0.15
_STATES_WISH: Final = 0.30
_HAS: Final[Mapping[Channel, float]] = {
    Channel.SMS: 1.0,
    Channel.VOICE: 1.0,
    Channel.WHATSAPP: 0.85,
    Channel.EMAIL: 0.70,
}
"""Shares of people: assumed, as everything here."""


class Place(NamedTuple):
    """A country, and what is owed there."""

    country: str
    region: str
    zone: str
    locale: str
    currency: str
    rate: str
    """Of that currency, for one NT$: only an order of magnitude."""
    share: float


PLACES: Final = (
    Place("CO", "CO-DC", "America/Bogota", "es-CO", "COP", "130", 0.40),
    Place("MX", "MX-CMX", "America/Mexico_City", "es-MX", "MXN", "0.6", 0.35),
    Place("BR", "BR-SP", "America/Sao_Paulo", "pt-BR", "BRL", "0.17", 0.25),
)
RATES: Final = {one.currency: float(one.rate) for one in PLACES}
MADE: Final = ("told", "no wishes", "apart", "shuffled scores")
"""Ways to make the portfolio: as it is told; as if nobody had said how they want to be reached;
with each account as if it were somebody else's; with scores dealt out anew."""


def portfolio(
    clients: Sequence[Client], told: Clients, made: str = "told"
) -> Mapping[str, tuple[Group, ...]]:
    """By class of risk, everybody with all their accounts."""
    risks = {one.number: one.risk for one in clients}
    if made == "shuffled scores":
        order = sorted(risks, key=lambda number: u(_SEED, number, "shuffled"))
        risks = dict(zip(order, risks.values(), strict=True))
    found: dict[str, list[Group]] = {name: [] for name in CLASSES}
    for one in clients:
        score = Decimal(str(round(told.pays[risks[one.number]], 4)))
        whole = somebody(one, wishes=made != "no wishes")
        for each in _apart(whole) if made == "apart" else (whole,):
            found[one.risk].append((_scored(each, score),))
    return {name: tuple(groups) for name, groups in found.items()}


def somebody(client: Client, *, wishes: bool = True) -> Somebody:
    """A client with all that is invented of them."""
    number = client.number
    place = _place(u(_SEED, number, "country"))
    channels = [
        channel for channel, share in _HAS.items() if u(_SEED, number, f"has {channel}") < share
    ]
    stated = None
    if wishes and u(_SEED, number, "states") < _STATES_WISH:
        stated = pick(sorted(one.value for one in channels), u(_SEED, number, "wish"))
    return Somebody(
        customer_id=f"C-{number}",
        locale=place.locale,
        country=place.country,
        region=place.region,
        regions_of_address=(place.region,),
        regions_of_phones=(),
        zones=(place.zone,),
        preferred=stated,
        points=_points(f"C-{number}", channels),
        accounts=_accounts(client, place),
    )


def _place(drawn: float) -> Place:
    for one in PLACES[:-1]:
        if drawn < one.share:
            return one
        drawn -= one.share
    return PLACES[-1]


def _points(customer: str, channels: Sequence[Channel]) -> tuple[Reached, ...]:
    found = []
    for channel in channels:
        kind = PointKind.EMAIL if channel is Channel.EMAIL else PointKind.MOBILE
        address = _digest(f"{customer} {kind.value}")
        found.append(
            Reached(
                name=_digest(f"{customer} {channel.value}"),
                address=address,
                channel=channel.value,
                kind=kind.value,
                consented=True,
            )
        )
    return tuple(sorted(found))


def _accounts(client: Client, place: Place) -> tuple[Owed, ...]:
    total = Decimal(str(client.owed)) * Decimal(place.rate)
    parts = [Decimal(1)]
    if u(_SEED, client.number, "accounts") < _TWO_ACCOUNTS:
        parts = [Decimal("0.7"), Decimal("0.3")]
    due = (BEGAN - timedelta(days=1)).date().isoformat()
    return tuple(
        Owed(
            creditor="issuer",
            account_id=f"A-{client.number}-{place_in}",
            currency=place.currency,
            balance=_money(total * part),
            due=due,
            score=None,
            pinned=None,
            attributes=(),
        )
        for place_in, part in enumerate(parts, start=1)
    )


def _money(amount: Decimal) -> str:
    return f"{amount.quantize(Decimal('0.01')):f}"


def _apart(whole: Somebody) -> Sequence[Somebody]:
    """Each account as if it were somebody's who is known by it alone."""
    found = [whole._replace(accounts=whole.accounts[:1])]
    for number, owed in enumerate(whole.accounts[1:], start=2):
        name = f"{whole.customer_id}-{number}"
        points = _points(name, [Channel(one.channel) for one in whole.points])
        other = whole._replace(customer_id=name, points=points, accounts=(owed,))
        found.append(other)
    return found


def _scored(one: Somebody, score: Decimal) -> Somebody:
    accounts = tuple(owed._replace(score=f"{score:f}") for owed in one.accounts)
    return one._replace(accounts=accounts)


def _digest(of: str) -> str:
    return hashlib.sha256(of.encode()).hexdigest()[:16]
