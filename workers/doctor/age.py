"""How old the data are that this program decides by."""

from datetime import date
from typing import Final

import tzdata

from config.geo.timezone_data import versions
from config.rule_packs import READ
from workers.doctor.findings import Finding, ok, warning

_OLD_ZONES: Final = 18
"""Months since the beginning of the release's year."""
_OLD_LAW: Final = 183
"""Days."""


def examine(today: date) -> list[Finding]:
    """How old the law, the time zones and the holidays are that this program decides by."""
    found = [ok(f"{versions()}; law as read on {READ}")]
    months = (today.year - int(tzdata.IANA_VERSION[:4])) * 12 + today.month
    if months > _OLD_ZONES:
        what = f"the time-zone data are of {tzdata.IANA_VERSION}: clocks may have changed since"
        found.append(warning(what, "take a newer version of Contrapunto, or of the lock"))
    if (today - READ).days > _OLD_LAW:
        what = f"the law was last read on {READ}, more than half a year ago"
        found.append(warning(what, "have counsel look for what has changed; take a newer version"))
    return found
