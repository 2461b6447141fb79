"""The shipped law, and where the people are to whom it speaks: for the tests and the bench."""

from typing import Final

from config.rule_packs import load_packs

BOOK: Final = load_packs()

NEW_YORK: Final = "America/New_York"
LOS_ANGELES: Final = "America/Los_Angeles"
BOGOTA: Final = "America/Bogota"
MEXICO: Final = "America/Mexico_City"
SANTIAGO: Final = "America/Santiago"
LIMA: Final = "America/Lima"
GUAYAQUIL: Final = "America/Guayaquil"
SAO_PAULO: Final = "America/Sao_Paulo"
MANAUS: Final = "America/Manaus"
BUENOS_AIRES: Final = "America/Argentina/Buenos_Aires"
MADRID: Final = "Europe/Madrid"
LONDON: Final = "Europe/London"
HOME: Final = {
    "US": NEW_YORK,
    "US-WA": LOS_ANGELES,
    "CO": BOGOTA,
    "MX": MEXICO,
    "CL": SANTIAGO,
    "PE": LIMA,
    "EC": GUAYAQUIL,
    "BR": SAO_PAULO,
    "BR-AM": MANAUS,
    "AR": BUENOS_AIRES,
    "ES": MADRID,
    "GB": LONDON,
    "ZZ": NEW_YORK,
}
"""A zone of each country, and of the states that are not in it."""


def home(jurisdiction: str) -> str:
    """Return the zone of a jurisdiction, or of its country where it has none of its own here."""
    return HOME.get(jurisdiction) or HOME[jurisdiction[:2]]
