"""Days, as files write them."""

import re
from datetime import date
from typing import Final

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def a_day(value: object) -> date:
    """A day as files write it; raises ValueError with the rule that is broken."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise ValueError("must be a date such as 2025-11-21 (year-month-day)")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("must be a day that exists") from None
