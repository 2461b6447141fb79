"""Which days are no working days beside Saturdays and Sundays: a country's national holidays."""

from datetime import date
from functools import lru_cache

import holidays


def is_holiday(country: str, day: date) -> bool:
    """Whether a day is a national holiday, by the pinned library; of no known country none is."""
    return day in _calendar(country, day.year)


@lru_cache(maxsize=256)
def _calendar(country: str, year: int) -> frozenset[date]:
    try:
        return frozenset(holidays.country_holidays(country, years=year))
    except NotImplementedError:
        return frozenset()
