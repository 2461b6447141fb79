"""Those who stand for some accounts of the demo: invented people of the debtor's own country.

Only where the law names them among those who may be contacted: elsewhere they would be on record
and nothing else. Each stands for one account, and owes none.
"""

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from domain.entry.party import PARTY_COLUMNS
from lab.demo.portfolio import COUNTRIES, Inventor

WHERE: Final = frozenset({"CO", "MX"})
SHARE: Final = 6
"""Of so many accounts there, one has somebody who stands for it."""
CONSENTS: Final = "sms;email;whatsapp;voice"


def guarantors(accounts: Sequence[dict[str, str]], seed: int) -> Iterator[dict[str, str]]:
    """Rows of a file of parties, those of the accounts that are due the longest first."""
    chance = random.Random(f"guarantors {seed}")  # noqa: S311 - an invention to be repeated
    there = [row for row in accounts if row["country"] in WHERE]
    there.sort(key=lambda row: (row["oldest_due_date"], row["creditor"], row["account_id"]))
    numbers = {row["mobile"] for row in accounts} | {row["landline"] for row in accounts}
    inventor = Inventor(chance, numbers)
    for number, row in enumerate(there[::SHARE]):
        country = next(one for one in COUNTRIES if one.code == row["country"])
        person = replace(inventor, countries=(country,), people=number).person()
        yield person | {
            "account_id": row["account_id"],
            "creditor": row["creditor"],
            "customer_id": f"G{number + 1:05}",
            "role": "codebtor" if number % 3 == 2 else "guarantor",
            "since": "",
            "until": "",
            "proof": "",
            "email": person["email"].replace("@", ".g@"),
            "consents": ";".join(one for one in CONSENTS.split(";") if person[_NEEDS[one]]),
        }


_NEEDS: Final = {"sms": "mobile", "voice": "mobile", "email": "email", "whatsapp": "whatsapp"}


def write_parties(portfolio: Path, out: Path, *, seed: int) -> int:
    """Write a file of parties for a portfolio; how many rows it has."""
    with portfolio.open(encoding="utf-8", newline="") as file:
        rows = list(guarantors(list(csv.DictReader(file)), seed))
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, PARTY_COLUMNS, lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return len(rows)
