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
    Place("US", "US-IL", "America/Chicago", "+1312555{:04}", "USD", "en-US", 0.16, 0.15),
    Place("US", "US-TX", "America/Chicago", "+1214555{:04}", "USD", "en-US", 0.16, 0.15),
    Place("US", "US-AZ", "America/Phoenix", "+1602555{:04}", "USD", "es-US", 0.16, 0.15),
    Place("US", "US-TN", "America/Chicago", "+1615555{:04}", "USD", "en-US", 0.08, 0.15),
    Place("MX", "MX-CMX", "America/Mexico_City", "+520{:09}", "MXN", "es-MX", 0.08, 0.3),
    Place("CO", "CO-DC", "America/Bogota", "+57399{:07}", "COP", "es-CO", 0.12, 0.8),
    Place("BR", "BR-PR", "America/Sao_Paulo", "+554190{:07}", "BRL", "pt-BR", 0.06, 0.15),
    Place("GB", "GB-LND", "Europe/London", "+447700900{:03}", "GBP", "en-GB", 0.04, 0.15),
    Place("ES", "ES-MD", "Europe/Madrid", "+34699{:06}", "EUR", "es-ES", 0.03, 0.3),
    Place("CL", "CL-RM", "America/Santiago", "+5690{:07}", "CLP", "es-CL", 0.03, 0.5),
    Place("EC", "EC-P", "America/Guayaquil", "+59390{:07}", "USD", "es-EC", 0.03, 0.5),
    Place("PE", "PE-LMA", "America/Lima", "+5190{:07}", "PEN", "es-PE", 0.03, 0.3),
    Place(
        "AR", "AR-B", "America/Argentina/Buenos_Aires", "+5491190{:06}", "ARS", "es-AR", 0.02, 0.3
    ),
)
"""Every country with a pack of its own (``config/law``); numbers that nobody has been given."""
STEADY: Final = frozenset({"US", "BR", "GB"})
"""Where no count of days keeps contacts further apart than the strategy does."""

SHARED: Final = 0.7
"""Of the customers who ignore everything and are not steady: how many have the number of the one
before them, in the same country."""
REKEYED, PASSED_ON = 0.3, 0.2
"""Of the same customers: how many are another customer by the second file; and whose number has
gone to a new customer by then."""

STOPPER: Final = "opt_outer"

Personas: TypeAlias = Sequence[tuple[str, float]]
PERSONAS: Final[Personas] = (
    ("payer", 0.05),
    ("promiser", 0.04),
    ("answerer", 0.05),
    (STOPPER, 0.04),
    ("unreachable", 0.03),
    ("ignorer", 1.0),
)
"""Drawn in this order; what is left ignores everything."""

STOPPERS: Final = frozenset({6, 8, 22, 28, 34, 40})
"""Customers who ask to be left alone wherever anybody does, by their number: even a small campaign
confirms a stop in Colombia on WhatsApp (6) and one in Great Britain by SMS (8), and has room for
the faults that only those who never react can be planned for."""

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

    alone: bool = False
    """The only account of somebody who ignores everything, and not steady: of whom a file may say
    something new."""

    def with_number(self, number: str) -> "Account":
        """The same with another telephone."""
        return self._replace(row=self.row | {"mobile": number, "whatsapp": number})

    @property
    def persona(self) -> str:
        """Whom the sandbox plays on its addresses."""
        return self.row["email"].partition(".")[0]

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
            return _sharing(found, Random(f"shared {seed}"))
        drawn = chance.choices(places, [place.share for place in places])[0]
        place = places[number - 1] if number <= len(places) else drawn  # each place has somebody
        persona = _persona(chance, personas)
        if number in STOPPERS and any(name == STOPPER for name, _ in personas):
            persona = STOPPER
        found += _customer(number, place, persona, chance, numbers, today)
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
        steady = persona == "ignorer" and place.country in STEADY and not many
        alone = persona == "ignorer" and not many and not steady
        yield Account(key, person["customer_id"], steady, row(**person, **owed), takes, alone)


def _sharing(accounts: list[Account], chance: Random) -> list[Account]:
    """Some customers have the number of another: a family's telephone."""
    before: dict[str, str] = {}
    shared = []
    for account in accounts:
        changed, country = account, account.row["country"]
        if account.alone:
            if country in before and chance.random() < SHARED:
                changed = account.with_number(before.pop(country))
            else:
                before[country] = account.row["mobile"]
        shared.append(changed)
    return shared


def second_file(accounts: list[Account], seed: int) -> list[Account]:
    """What a second file of the creditor says while the first is worked: some accounts have another
    customer id and all else as before, and some numbers have gone to somebody new."""
    chance, found = Random(f"second file {seed}"), list[Account]()
    for account in accounts:
        drawn = chance.random()
        if not account.alone:
            continue
        if drawn < REKEYED:
            customer = f"R{account.customer}"
            row = account.row | {"customer_id": customer}
            found.append(account._replace(customer=customer, row=row))
        elif drawn < REKEYED + PASSED_ON:
            number = account.row["mobile"]
            another = f"{number[:-4]}{(int(number[-4:]) + 5000) % 10_000:04}"
            found.append(account.with_number(another))
            found.append(_new_owner(account))
    return found


def _new_owner(account: Account) -> Account:
    """Somebody with a debt of their own, to whom the number of this account's customer has gone."""
    customer, name = f"N{account.customer}", f"{account.row['account_id']}-N"
    row = account.row | {
        "customer_id": customer,
        "account_id": name,
        "email": f"ignorer.{customer.lower()}@example.com",
        "name": "Eva Ruiz",
    }
    return account._replace(key=account_key(row["creditor"], name), customer=customer, row=row)


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
        parts[account.row["email"]] = parts[account.row["mobile"]] = account.persona
    return parts


def takers(accounts: list[Account]) -> dict[str, str]:
    """Number to who takes every call to it, for the sandbox."""
    return {account.row["mobile"]: account.takes for account in accounts if account.takes}


def zones(accounts: list[Account]) -> dict[str, str]:
    """Address to where its owner lives, for the sandbox."""
    owned = ((account.row[kind], account.row["timezone"]) for account in accounts for kind in OWNED)
    return dict(owned)


OWNED: Final = ("mobile", "email")
