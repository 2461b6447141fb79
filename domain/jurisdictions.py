"""Whose law may hold for a customer: the country's, and of each region and city they may be in."""

from collections.abc import Mapping

from domain.account import Customer
from domain.law.readings import DEFAULTS, READINGS


def jurisdictions(customer: Customer, readings: Mapping[str, str]) -> tuple[str, ...]:
    """ISO 3166-1, 3166-2 and city codes, most general first; the states where they live last.

    A region counts when the address or an area code tells it: the strictest of all holds. The
    reading ``<country>.state`` (``br.state``) may take one of the two alone, unless it tells
    nothing.
    """
    country = customer.country
    by_address = {*customer.regions_of_address, *([customer.region] if customer.region else [])}
    by_phone = set(customer.regions_of_phones)
    name = _reading(country)
    match readings.get(name, DEFAULTS.get(name)):
        case "address":
            found = by_address or by_phone
        case "ddd":
            found = by_phone or by_address
        case _:
            found = by_address | by_phone
    homes = {_state(region) for region in by_address}
    return (country, *sorted(found, key=lambda region: (_state(region) in homes, region)))


def reading_that_binds(customer: Customer, readings: Mapping[str, str], code: str) -> str | None:
    """The reading, ``br.state=both``, under another value of which ``code`` would not bind."""
    name = _reading(customer.country)
    if name not in READINGS:
        return None
    chosen = readings.get(name, DEFAULTS[name])
    others = (value for value in READINGS[name].values if value != chosen)
    decides = any(code not in jurisdictions(customer, {name: value}) for value in others)
    return f"{name}={chosen}" if decides else None


def _reading(country: str) -> str:
    return f"{country.lower()}.state"


def _state(region: str) -> str:
    """Of a city its state (US-NY-NYC: US-NY), of a state itself."""
    return "-".join(region.split("-")[:2])
