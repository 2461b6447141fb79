"""Where the house stops though no law asks it to, written down a second time beside the packs."""

from datetime import datetime
from typing import Final

from tests.unit.law.support import home, local
from tests.unit.law.tables.cases import Case, changed, stopped
from tests.unit.law.tables.reach import Reach

DEATH: Final = ("co", "mx", "pe", "ec", "br", "ar", "es", "cl", "gb", "us")
"""Regulation F knows of it, but binds no creditor in its own name."""
BANKRUPTCY: Final = ("mx", "pe", "ec", "br", "ar", "es", "gb")
"""Not in Colombia, Chile and the United States, whose law stays collection."""
ATTORNEY: Final = ("co", "mx", "pe", "ec", "br", "ar", "es", "cl", "gb")
SURETY: Final = ("us", "pe", "cl", "es", "gb", "br", "ar")
"""Not where the law names those who stand for a debt: Colombia, Mexico, Ecuador."""
DISPUTE: Final = ("co", "mx", "pe", "ec", "br", "ar", "es")
"""Not where a ground of complaint (Chile) or CONC 7.14 speaks of it."""

BUT_NOTICES: Final = "collection reply consent_request"

COUNTRIES: Final = {
    "death": DEATH,
    "bankruptcy": BANKRUPTCY,
    "attorney": ATTORNEY,
    "dispute": DISPUTE,
}
OF: Final = {
    f"{country}.guard.{kind}": (country, kind)
    for kind, countries in COUNTRIES.items()
    for country in countries
}


def _ten(country: str) -> datetime:
    return local(home(country.upper()), "2026-11-18 10:00")


def _case(country: str, kind: str) -> Case:
    fields = {"actor": "first_party"} if country == "us" else {}
    return stopped(kind, _ten(country), fields)


def _reach(country: str, kind: str) -> Reach:
    match kind:
        case "death":
            return Reach("first_party", parties="debtor") if country == "us" else _OF_THE_DEBTOR
        case "dispute":
            return Reach(purposes=BUT_NOTICES, review=True)
        case _:
            return Reach()


_OF_THE_DEBTOR: Final = Reach(parties="debtor")

_NAMED: Final = {f"{country}.guard.surety": country for country in SURETY}


def _surety_case(country: str) -> Case:
    ours = {"actor": "first_party"}
    return changed(_ten(country), ours | {"party": "guarantor"}, ours | {"party": "debtor"})


CASES: Final[dict[str, Case]] = {rule: _case(*where) for rule, where in OF.items()} | {
    rule: _surety_case(country) for rule, country in _NAMED.items()
}
REACH: Final[dict[str, Reach]] = {rule: _reach(*where) for rule, where in OF.items()} | {
    rule: Reach(parties="guarantor codebtor") for rule in _NAMED
}
