"""Postal codes: what a spreadsheet did to them is mended, and the regions they are in are told.

Read where the postal code decides which clock or law holds: Argentina, Brazil, Chile, Ecuador,
Mexico, Spain (``config/geo/postal.csv``) and the United States (``united_states.py``). Elsewhere a
code is kept as it is and tells nothing.
"""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Final, NamedTuple

from config.geo.tables import NOTHING, SOMEWHERE, PlaceHint, rows, with_cities, zones_of_region
from config.geo.united_states import MILITARY, place_of_zip

_US: Final = "US"


class Form(NamedTuple):
    """How a country writes its codes: the digits of each part, and where zeros may be lost.

    ``least``: digits that are always left when leading zeros are lost.
    """

    parts: tuple[int, ...]
    least: int
    words: str


FORMS: Final = {
    "BR": Form((5, 3), 4, "five digits, or eight such as 01310-100"),
    "CL": Form((7,), 7, "seven digits, such as 8340457"),
    "EC": Form((6,), 5, "six digits, such as 170150"),
    "ES": Form((5,), 4, "five digits, such as 08001"),
    "MX": Form((5,), 4, "five digits, such as 06600"),
    "US": Form((5, 4), 3, "a ZIP code such as 02139 or 02139-4307"),
}
_ARGENTINE: Final = re.compile(r"(?:[A-HJ-NP-Z]?\d{4}|[A-HJ-NP-Z]\d{4}[A-Z]{3})")
_WRITTEN_BY_A_SPREADSHEET: Final = re.compile(r"[.,]0+$|^'|^=?\"|\"$")
_LABELS: Final = re.compile(r"^(?:C\.?P\.?|CEP|ZIP)[ :]*(?=\d)")


def mended(country: str, text: str) -> str:
    """A postal code as its country writes it: ``02139`` for ``2139``, ``2139.0``, ``MA 02139``.

    Zeros, hyphens and words are put right where there is one meaning. Raises ValueError with the
    rule for what has none, in a country whose codes are read; others are kept.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).replace("–", "-").split()).upper()
    plain = _WRITTEN_BY_A_SPREADSHEET.sub("", _WRITTEN_BY_A_SPREADSHEET.sub("", plain)).strip()
    if country == "AR":
        return _argentine(plain)
    form = FORMS.get(country)
    if form is None:
        return text
    digits = _without_words(country, plain)
    code = _padded(form, digits) if digits is not None else None
    if code is None:
        raise ValueError(f"must be a postal code of {country}: {form.words}; empty if not known")
    return code


@lru_cache(maxsize=1 << 16)
def postal_code_tells(country: str, text: str | None) -> PlaceHint:
    """Regions and zones of a postal code; SOMEWHERE of one that no table has or nobody can read.

    NOTHING where there is none, and of countries whose codes are not read.
    """
    if text is None or not text.strip() or country not in {*FORMS, "AR"}:
        return NOTHING
    try:
        code = mended(country, text)
    except ValueError:
        return SOMEWHERE
    if country == _US:
        place = place_of_zip(code)
        if place is None or place.state in MILITARY:
            return SOMEWHERE
        city = {place.city} if place.city else set()
        zones = place.zones or zones_of_region(place.state)
        return PlaceHint(frozenset({place.state, *city}), frozenset(zones))
    for length in range(len(code), 0, -1):
        regions = _prefixes().get(f"{country}{code[:length]}")
        if regions is not None:
            zones = frozenset(zone for region in regions for zone in zones_of_region(region))
            return PlaceHint(with_cities(regions), zones)
    return SOMEWHERE


def _argentine(plain: str) -> str:
    if _ARGENTINE.fullmatch(plain.replace(" ", "")):
        return plain.replace(" ", "")
    raise ValueError(
        "must be a postal code of AR: four digits, or such as C1070AAM; empty if not known"
    )


def _without_words(country: str, plain: str) -> str | None:
    """``02139`` of ``MA 02139``, ``US-02139``, ``C.P. 02139``; None of words that say otherwise."""
    plain = _LABELS.sub("", plain.removeprefix(f"{country}-").removeprefix(f"{country} "))
    if country == "ES":
        plain = plain.removeprefix("E-")
    if country == "BR":
        plain = re.sub(r"^(\d{1,2})\.(\d{3})(?=-?\d{3}$)", r"\1\2", plain)
    state = re.fullmatch(r"([A-Z]{2})[ ,]*(\d[\d-]*)|(\d[\d-]*)[ ,]*([A-Z]{2})", plain)
    if country != _US or state is None:
        return plain
    named, digits = (state[1], state[2]) if state[1] else (state[4], state[3])
    code = _padded(FORMS[_US], digits)
    place = place_of_zip(code) if code else None
    return digits if place and place.state == f"{_US}-{named}" else None


def _padded(form: Form, text: str) -> str | None:
    """The parts with their zeros, joined by a hyphen; None if the digits fit no part."""
    first, *rest = form.parts
    written = text.replace(" ", "").split("-") if rest else [re.sub("[ -]", "", text)]
    if not all(part.isdecimal() and part.isascii() for part in written):
        return None
    if len(written) == 1 and rest and len(written[0]) > first:
        written = [written[0][: -rest[0]], written[0][-rest[0] :]]
    if not form.least <= len(written[0]) <= first or len(written) > len(form.parts):
        return None
    if len(written) > 1 and len(written[1]) > rest[0]:
        return None
    widths = form.parts[: len(written)]
    return "-".join(part.zfill(width) for part, width in zip(written, widths, strict=True))


@cache
def _prefixes() -> dict[str, frozenset[str]]:
    return {row["prefix"]: frozenset(row["regions"].split(";")) for row in rows("postal.csv")}
