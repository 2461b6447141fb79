"""A demo portfolio: real balances and months past due, invented people.

    python -m lab.demo.portfolio --source lab/demo/sample.csv --out portfolio.csv \
        --accounts 60 --seed 7 --today 2025-11-21

Delinquent accounts (PAY_0 >= 1) come from the UCI credit card data; see lab/demo/LICENSE.md for
what is real, what is changed and what is invented. The same arguments give the same file.
"""

import argparse
import csv
import hashlib
import random
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import zipcodes

from config.geo.places import whereabouts
from config.settings import ROOT
from domain.channels import Channel
from domain.entry.intake import COLUMNS
from domain.failures import BadInput

SAMPLE: Final = ROOT / "lab" / "demo" / "sample.csv"

SMALLEST: Final = 1000
"""NT$; many of the delinquent accounts have no balance worth collecting, or a credit."""

SAMPLE_SIZES: Final = {1: 180, 2: 120, 3: 60, 4: 40}
"""Rows of the committed sample by months past due (the last: four and more). More late ones than in
the data, so that a small demo has all phases."""

DAYS_PAST_DUE: Final = {1: (-30, 25), 2: (31, 55), 3: (61, 85), 4: (91, 110)}
"""PAY_0 counts months; the day within is spread, and the freshest are not due for a month, so that
some of them are still worked when the demo ends."""

CREDITORS: Final = ("banco-andino", "tarjeta-azul", "crediamigo")


class Country(NamedTuple):
    """Where a share of the invented customers lives. ``factor``: its currency for one NT$."""

    code: str
    share: float
    currency: str
    factor: Decimal
    unit: Decimal
    regions: tuple[str, ...]
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]


_SPANISH: Final = (
    *("Rodríguez", "Gómez", "López", "Martínez", "Pérez", "Ramírez", "Torres", "Flórez"),
    *("Hernández", "Ortega", "Muñoz", "Castillo", "Ríos", "Vargas", "Salazar", "Peña"),
)

COUNTRIES: Final = (
    Country(
        "US",
        0.4,
        "USD",
        Decimal("0.031"),
        Decimal("0.01"),
        ("NY", "CA", "TX", "IL", "TN", "MA", "FL", "AZ", "WA", "CO"),
        (
            *("James", "Mary", "Robert", "Linda", "David", "Karen", "Daniel", "Nancy"),
            *("Kevin", "Angela", "Marcus", "Denise", "Rosa", "Luis", "Grace", "Tyler"),
        ),
        (
            *("Smith", "Johnson", "Williams", "Brown", "Jones", "Garcia", "Miller", "Davis"),
            *("Nguyen", "Lee", "Walker", "Young", "Torres", "Baker", "Reed", "Howard"),
        ),
    ),
    Country(
        "CO",
        0.3,
        "COP",
        Decimal(130),
        Decimal(1),
        ("DC", "ANT", "VAC", "ATL", "SAN", "BOL"),
        (
            *("Camila", "Andrés", "Valentina", "Santiago", "Paola", "Jhon", "Luz", "Óscar"),
            *("Diana", "Felipe", "Yolanda", "Mauricio", "Natalia", "Hernán", "Gloria", "Iván"),
        ),
        _SPANISH,
    ),
    Country(
        "MX",
        0.3,
        "MXN",
        Decimal("0.58"),
        Decimal("0.01"),
        ("CMX", "BCN", "SON", "ROO", "NLE", "JAL", "CHH"),
        (
            *("Guadalupe", "José", "Ximena", "Alejandro", "Fernanda", "Raúl", "Itzel", "Sergio"),
            *("Lucía", "Arturo", "Mariana", "Ernesto", "Regina", "Hugo", "Silvia", "Emilio"),
        ),
        _SPANISH,
    ),
)

PHONE_BLOCKS: Final = {"CO": "+57399", "MX": "+52000"}
"""Neither country reserves numbers for fiction. Colombia assigns no mobile prefix 399, and no
Mexican number begins with 0: nobody has these."""

CONSENTS: Final = (
    (0.30, (Channel.SMS, Channel.EMAIL)),
    (0.70, (Channel.SMS, Channel.EMAIL, Channel.WHATSAPP, Channel.VOICE)),
    (0.82, (Channel.SMS,)),
    (0.93, (Channel.EMAIL,)),
    (1.00, ()),
)
"""Cumulative share of customers -> the channels they agreed to, as far as they have them."""


@dataclass
class Inventor:
    """Invents people; no two of them share a number or an e-mail address."""

    chance: random.Random
    numbers: set[str] = field(default_factory=set)
    people: int = 0
    countries: Sequence[Country] = COUNTRIES

    def person(self) -> dict[str, str]:
        """All columns that speak of a customer."""
        chance, country = self.chance, self._country()
        self.people += 1
        region = chance.choice(country.regions)
        zip_code, area_codes = self._zip(region) if country.code == "US" else ("", ())
        first, last = chance.choice(country.first_names), chance.choice(country.last_names)
        mobile = self._phone(country, area_codes) if chance.random() < 0.93 else ""
        domain = chance.choice(("example.com", "example.org", "example.net"))
        with_email = not mobile or chance.random() < 0.9
        person = {
            "customer_id": f"C{self.people:05}",
            "currency": country.currency,
            "name": f"{first} {last}",
            "locale": self._locale(country),
            "country": country.code,
            "region": f"{country.code}-{region}",
            "postal_code": zip_code,
            "timezone": "",
            "mobile": mobile,
            "landline": self._landline(country, area_codes),
            "email": f"{_ascii(first)}.{_ascii(last)}{self.people}@{domain}" if with_email else "",
            "whatsapp": mobile if country.code != "US" and chance.random() < 0.6 else "",
        }
        if chance.random() < 0.08:
            person["timezone"] = chance.choice(_zones(person))
        return person | self._wishes(person)

    def _country(self) -> Country:
        shares = [country.share for country in self.countries]
        return self.chance.choices(self.countries, shares)[0]

    def _locale(self, country: Country) -> str:
        spanish = country.code != "US" or self.chance.random() < 0.25
        return f"{'es' if spanish else 'en'}-{country.code}"

    def _zip(self, state: str) -> tuple[str, tuple[str, ...]]:
        return self.chance.choice(_zips(state))

    def _landline(self, country: Country, area_codes: Sequence[str]) -> str:
        wanted = country.code == "US" and self.chance.random() < 0.12
        return self._phone(country, area_codes) if wanted else ""

    def _phone(self, country: Country, area_codes: Sequence[str]) -> str:
        """A number that nobody has; US ones from 555-0100 to 555-0199 of a real area code."""
        for _ in range(10_000):
            if country.code == "US":
                number = f"+1{self.chance.choice(area_codes)}55501{self.chance.randrange(100):02}"
            else:
                number = f"{PHONE_BLOCKS[country.code]}{self.chance.randrange(10**7):07}"
            if number not in self.numbers:
                self.numbers.add(number)
                return number
        raise BadInput("all reserved numbers of an area code are used: ask for fewer accounts")

    def _wishes(self, person: dict[str, str]) -> dict[str, str]:
        drawn = self.chance.random()
        agreed = next(channels for limit, channels in CONSENTS if drawn < limit)
        reachable = _channels(person)
        preferred = self.chance.choice(reachable) if self.chance.random() < 0.5 else ""
        consents = ";".join(channel for channel in agreed if channel in reachable)
        return {"consents": consents, "preferred_channel": preferred}


def portfolio(source: Path, *, accounts: int, today: date, seed: int) -> Iterator[dict[str, str]]:
    """Rows of an intake file. A quarter of the customers have two or three accounts."""
    rows = list(_delinquent(source))
    if accounts > len(rows):
        raise BadInput(f"{source}: has {len(rows)} usable delinquent accounts, not {accounts}")
    chance = random.Random(seed)  # noqa: S311 - an invention to be repeated, not a secret
    drawn = sorted(chance.sample(rows, accounts), key=lambda row: int(row["ID"]))
    chance.shuffle(drawn)
    inventor = Inventor(chance)
    while drawn:
        person = inventor.person()
        size = chance.choices((1, 2, 3), (0.75, 0.18, 0.07))[0]
        first = chance.choice(CREDITORS)
        for number, row in enumerate(drawn[:size]):
            other = number > 0 and chance.random() < 0.5
            creditor = chance.choice(CREDITORS) if other else first
            yield person | _account(row, creditor, person["currency"], today, chance)
        del drawn[:size]


def write_portfolio(sample: Path, out: Path, *, accounts: int, today: date, seed: int) -> int:
    """Write an intake file of ``accounts`` accounts; how many rows it has."""
    rows = list(portfolio(sample, accounts=accounts, today=today, seed=seed))
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return len(rows)


def write_sample(source: Path, out: Path) -> int:
    """Choose the rows that are committed: by months past due, in the order of a hash of the ID."""
    rows = sorted(_delinquent(source), key=lambda row: hashlib.sha256(row["ID"].encode()).digest())
    chosen = [
        row
        for months, size in SAMPLE_SIZES.items()
        for row in [row for row in rows if _months(row) == months][:size]
    ]
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(chosen[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(chosen, key=lambda row: int(row["ID"])))
    return len(chosen)


def _delinquent(source: Path) -> Iterator[dict[str, str]]:
    with source.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if int(row["PAY_0"]) >= 1 and float(row["BILL_AMT1"]) >= SMALLEST:
                yield row


def _months(row: dict[str, str]) -> int:
    return min(int(row["PAY_0"]), max(DAYS_PAST_DUE))


def _account(
    row: dict[str, str], creditor: str, currency: str, today: date, chance: random.Random
) -> dict[str, str]:
    country = next(country for country in COUNTRIES if country.currency == currency)
    balance = (Decimal(row["BILL_AMT1"]) * country.factor).quantize(country.unit)
    days = chance.randint(*DAYS_PAST_DUE[_months(row)])
    return {
        "account_id": f"{creditor[:2].upper()}-{int(row['ID']):05}",
        "creditor": creditor,
        "balance": str(balance),
        "oldest_due_date": (today - timedelta(days=days)).isoformat(),
    }


def _channels(person: dict[str, str]) -> list[Channel]:
    found = [Channel.SMS, Channel.VOICE] if person["mobile"] else []
    if person["landline"] and not person["mobile"]:
        found.append(Channel.VOICE)
    found += [Channel.WHATSAPP] if person["whatsapp"] else []
    return found + ([Channel.EMAIL] if person["email"] else [])


def _zones(person: dict[str, str]) -> tuple[str, ...]:
    phones = [person[kind] for kind in ("mobile", "landline") if person[kind]]
    return whereabouts(person["country"], person["region"], person["postal_code"], phones).zones


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return plain.lower()


@cache
def _zips(state: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """ZIP codes of a state where people live, with the area codes of their telephones."""
    found = zipcodes.list_all()  # type: ignore[no-untyped-call]
    return tuple(
        (entry["zip_code"], tuple(entry["area_codes"]))
        for entry in found
        if entry["state"] == state
        and entry["active"]
        and entry["zip_code_type"] == "STANDARD"
        and entry["area_codes"]
    )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m lab.demo.portfolio", description=__doc__)
    parser.add_argument("--source", type=Path, default=SAMPLE)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--accounts", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--today", type=date.fromisoformat, help="year-month-day")
    parser.add_argument("--choose-sample", action="store_true", help="make the committed sample")
    given = parser.parse_args()
    if given.choose_sample:
        write_sample(given.source, given.out)
    elif given.today is None:
        parser.error("--today is needed")
    else:
        write_portfolio(
            given.source, given.out, accounts=given.accounts, today=given.today, seed=given.seed
        )


if __name__ == "__main__":
    main()
