"""Time zones by the names people know, and which of them may be stated of a customer.

A zone is a place (``zone.tab`` of the time-zone database). ``UTC``, ``EST``, ``Etc/GMT+5`` and
``Factory`` are offsets: whoever writes them has said no more than what a server's clock shows.
"""

import difflib
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from importlib import resources
from typing import Final

from config.geo.tables import Zones, countries_of_zones, rows

_ABBREVIATIONS: Final = frozenset(
    ["EST", "MST", "HST", "EST5EDT", "CST6CDT", "MST7MDT", "PST8PDT", "WET", "CET", "MET", "EET"]
)
"""Names that the database links to a place, and that nobody who means the place writes."""


def canonical(zone: str) -> str:
    """The name of a place's zone under which it is known: US/Pacific is America/Los_Angeles.

    Raises ValueError with the rule for what is no zone, or one of no place.
    """
    if zone in countries_of_zones():
        return zone
    target = _links().get(zone)
    while target is not None and target not in countries_of_zones():
        target = _links().get(target)
    if target is not None and zone not in _ABBREVIATIONS:
        return target
    if target is not None or zone in _names():
        raise ValueError(
            "must be the zone of a place, such as America/Bogota, not an offset or a server's "
            "setting; leave it empty if the place is not known"
        )
    near = difflib.get_close_matches(zone, countries_of_zones(), n=1, cutoff=0.7)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise ValueError(f"no such time zone (IANA names such as America/Bogota){hint}")


def stand_alone(country: str, stated: Sequence[str]) -> bool:
    """Whether stated zones are taken for where the customer is: all are of their country."""
    return all(country in countries_of_zones().get(zone, ()) for zone in stated)


@lru_cache(maxsize=1 << 12)
def best_known_first(zones: frozenset[str]) -> Zones:
    """Zones by how many people live in them, each clock's other names left out.

    Europe/London stands for Europe/Guernsey where both are meant: the database has them as one.
    """
    kept = {zone for zone in zones if _links().get(zone) not in zones}
    return tuple(sorted(kept, key=lambda zone: (-_people().get(zone, 0), zone)))


@cache
def _people() -> dict[str, int]:
    return {row["zone"]: int(row["people"]) for row in rows("zones.csv")}


@cache
def _links() -> dict[str, str]:
    """Each other name of a zone, and the name it stands for."""
    return {line[2]: line[1] for line in _source() if line[0] == "L"}


@cache
def _names() -> frozenset[str]:
    return frozenset({line[1] for line in _source() if line[0] == "Z"} | _links().keys())


def _source() -> Iterable[list[str]]:
    text = (resources.files("tzdata") / "zoneinfo" / "tzdata.zi").read_text(encoding="utf-8")
    return (line.split() for line in text.splitlines() if line[:2] in ("L ", "Z "))
