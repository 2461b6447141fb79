"""Which regions an area code serves, outside North America (``config/geo/areas.csv``)."""

import csv
from functools import cache, lru_cache
from typing import Final

import phonenumbers

from config.settings import ROOT

GEO: Final = ROOT / "config" / "geo"
AREAS: Final = GEO / "areas.csv"


@lru_cache(maxsize=1 << 16)
def regions_of_phone(phone: str, country: str) -> tuple[str, ...]:
    """Regions (ISO 3166-2) of ``country`` that an E.164 number tells; none if it tells none.

    A telephone of another country tells nothing, nor does one that belongs to no place (Chile's
    mobiles, toll-free).
    """
    calling_code = phonenumbers.country_code_for_region(country)
    if not phone.startswith(f"+{calling_code}"):
        return ()
    # Argentina writes a 9 between country and area code of mobiles.
    local = phone[1 + len(str(calling_code)) :]
    digits = f"{calling_code}{local.removeprefix(phonenumbers.country_mobile_token(calling_code))}"
    for length in range(min(len(digits), _longest()), 0, -1):
        regions = _table().get(digits[:length])
        if regions is not None:
            return tuple(region for region in regions if region.startswith(f"{country}-"))
    return ()


@cache
def numbered_by_region(calling_code: str) -> bool:
    """Whether numbers of a calling code tell their region, as far as the table knows."""
    return any(prefix.startswith(calling_code) for prefix in _table())


@cache
def _table() -> dict[str, tuple[str, ...]]:
    with AREAS.open(encoding="utf-8", newline="") as file:
        return {row["prefix"]: tuple(row["regions"].split(";")) for row in csv.DictReader(file)}


@cache
def _longest() -> int:
    return max(map(len, _table()))
