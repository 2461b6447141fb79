"""The portfolio of a campaign: who is collected from, and who behaves how. Fixed by the seed.

Most customers never react, so that faults can be planned for their tenth message; some pay,
promise, answer, stop or cannot be reached. A part have several accounts, chosen so that these fall
due within minutes of each other: the races between two accounts of one person.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import count, cycle
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple, TypeAlias

from domain.calendar import stable_fraction
from domain.names import account_key
from lab.builders.intake_files import row, write_csv

CREDITORS: Final = ("banco-andino", "tarjeta-azul", "crediamigo")
CHANNELS: Final = ("sms", "email", "whatsapp", "voice")
"""What people prefer, in turn; each of them can be reached by all."""
TAKERS: Final = ("no-answer", "machine", "human", None)
"""Who takes the calls to somebody who prefers them; None: as chance will have it. After a
conversation nobody may call for a week, so few answer every call."""


class Place(NamedTuple):
    """Where somebody lives. ``share`` of the customers; ``siblings``: share with more accounts."""

    country: str
    region: str
    zone: str
    phone: str
    currency: str
    locale: str
    share: float
    siblings: float


PLACES: Final = (
    Place("US", "US-IL", "America/Chicago", "+1312555{:04}", "USD", "en-US", 0.20, 0.15),
    Place("US", "US-TX", "America/Chicago", "+1214555{:04}", "USD", "en-US", 0.20, 0.15),
    Place("US", "US-AZ", "America/Phoenix", "+1602555{:04}", "USD", "es-US", 0.20, 0.15),
    Place("US", "US-TN", "America/Chicago", "+1615555{:04}", "USD", "en-US", 0.10, 0.15),
    Place("MX", "MX-CMX", "America/Mexico_City", "+520{:09}", "MXN", "es-MX", 0.12, 0.3),
    Place("CO", "CO-DC", "America/Bogota", "+57399{:07}", "COP", "es-CO", 0.18, 0.8),
)

Personas: TypeAlias = Sequence[tuple[str, float]]
PERSONAS: Final[Personas] = (
    ("payer", 0.05),
    ("promiser", 0.04),
    ("answerer", 0.05),
    ("opt_outer", 0.04),
    ("unreachable", 0.03),
    ("ignorer", 1.0),
)
"""Drawn in this order; what is left ignores everything."""

NEAR: Final = 0.01
"""Of a day's window, less than ten minutes: siblings' first plans are no further apart."""


class Account(NamedTuple):
    """One row of the intake file, and what the plan of faults needs to know of it."""

    key: str
    customer: str
    steady: bool
    """Nobody reacts and nothing is refused, so that it has many steps."""
    row: dict[str, str]
    takes: str | None = None
    """Who takes every call to it."""

    @property
    def prefers(self) -> str:
        """The channel of most of its contacts."""
        return self.row["preferred_channel"]


def people(
    accounts: int,
    seed: int,
    today: date,
    *,
    places: Sequence[Place] = PLACES,
    personas: Personas = PERSONAS,
) -> list[Account]:
    """At least so many accounts (the last customer's are all there)."""
    found: list[Account] = []
    chance = Random(f"people {seed}")
    numbers = {place.phone: count(1) for place in places}
    for number in count(1):
        if len(found) >= accounts:
            return found
        place = chance.choices(places, [place.share for place in places])[0]
        found += _customer(number, place, _persona(chance, personas), chance, numbers, today)
    raise AssertionError("unreachable")


def _customer(
    number: int,
    place: Place,
    persona: str,
    chance: Random,
    numbers: dict[str, Any],
    today: date,
) -> Iterator[Account]:
    many = chance.random() < place.siblings
    phone = place.phone.format(next(numbers[place.phone]))
    prefers = CHANNELS[number % len(CHANNELS)]
    takes = chance.choice(TAKERS) if prefers == "voice" and persona == "ignorer" else None
    person = {
        "customer_id": f"P{number:04}",
        "currency": place.currency,
        "name": "Ana Pérez",
        "locale": place.locale,
        "country": place.country,
        "region": place.region,
        "postal_code": "",
        "timezone": place.zone,
        "mobile": phone,
        "whatsapp": phone,
        "email": f"{persona}.{number}@example.com",
        "consents": ";".join(CHANNELS),
        "preferred_channel": prefers,
    }
    creditors = cycle(chance.sample(CREDITORS, 3))
    first = f"K{number:04}"
    lead = ""
    for nth in range(chance.choice((2, 2, 3)) if many else 1):
        creditor = next(creditors)
        account = first if nth == 0 else _sibling(lead, creditor, first, nth)
        key = account_key(creditor, account)
        lead = lead or key
        owed = {
            "account_id": account,
            "creditor": creditor,
            "balance": str(chance.randrange(1_000, 90_000)),
            "oldest_due_date": str(today - timedelta(days=chance.randrange(1, 20))),
        }
        steady = persona == "ignorer" and place.country == "US" and not many
        yield Account(key, person["customer_id"], steady, row(**person, **owed), takes)


def _persona(chance: Random, personas: Personas) -> str:
    drawn = chance.random()
    for name, share in personas:
        drawn -= share
        if drawn < 0:
            return name
    return personas[-1][0]


def _sibling(key: str, creditor: str, stem: str, nth: int) -> str:
    """An account id whose first place in the day's window is near that of ``key``."""
    wanted = stable_fraction(key, 1)
    for trial in count():
        name = f"{stem}-{nth}-{trial}"
        if abs(stable_fraction(account_key(creditor, name), 1) - wanted) < NEAR:
            return name
    raise AssertionError("unreachable")


def write_people(file: Path, accounts: list[Account]) -> Path:
    """The intake file."""
    return write_csv(file, [account.row for account in accounts])


def cast(accounts: list[Account]) -> dict[str, str]:
    """Address to persona, for the sandbox: one person is the same on both addresses."""
    parts: dict[str, str] = {}
    for account in accounts:
        email = account.row["email"]
        parts[email] = parts[account.row["mobile"]] = email.partition(".")[0]
    return parts


def takers(accounts: list[Account]) -> dict[str, str]:
    """Number to who takes every call to it, for the sandbox."""
    return {account.row["mobile"]: account.takes for account in accounts if account.takes}
