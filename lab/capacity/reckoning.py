"""From what was measured to what an installation takes: plain arithmetic, each assumption named."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from domain.calendar import stable_fraction
from lab.capacity.books import Rows
from lab.capacity.live import Live

SIZES: Final = (100_000, 1_000_000, 10_000_000)
DAYS_BETWEEN: Final = 5
"""Between two contacts of an open account, over all its phases."""
HOURS: Final = 10
"""Lawful hours of a working day."""
WORKING_DAYS: Final = 300
"""On which anybody may be contacted, of a year."""
USED: Final = 0.5
"""Of a core, at the busiest minute: the rest is for what nobody foresaw."""
BACKLOG_HOURS: Final = 4.0
"""In which a day's contacts can be made up for, after an outage."""
KEPT_YEARS: Final = 2
"""The ledger is kept."""
CONTACTS_A_RUN: Final = 45
"""Of an account's run, until it continues as new at 500 events."""
PRICE: Final = 50.0
"""US dollars for a million actions on Temporal Cloud, before its discounts for volume."""
ACCOUNTS_A_SHARD: Final = 2_500
LEAST_SHARDS: Final = 512
MIX: Final[Mapping[str, float]] = {"sms": 0.45, "email": 0.3, "whatsapp": 0.2, "voice": 0.05}
"""By what contacts are made."""
A_YEAR: Final = WORKING_DAYS / DAYS_BETWEEN
"""Contacts of an open account in a year."""
_GB: Final = 1e9
_PROCESSES: Final = ("worker", "Temporal", "PostgreSQL")


@dataclass(frozen=True, kw_only=True)
class Need:
    """What so many open accounts take."""

    accounts: int
    contacts_a_day: float
    mean: float
    """Contacts a second, over the lawful hours."""
    busiest: float
    """The same in the busiest minute, by the places that accounts have in the window."""
    catching_up: float
    """The same while a day's contacts are made up for."""
    cores: dict[str, float]
    """By process, so that catching up takes no longer than ``BACKLOG_HOURS``."""
    postgres_gb: float
    temporal_gb: float
    shards: int
    actions_a_month: float
    dollars_a_month: float
    rates: dict[str, float]
    """Contacts a second, by channel, while catching up: what the providers must take."""


def need(accounts: int, live: Live, rows: Rows, busiest_by_mean: float) -> Need:
    """What ``accounts`` open ones take. ``busiest_by_mean``: see ``busiest_minute``."""
    a_day = accounts / DAYS_BETWEEN
    mean = a_day / (HOURS * 3600)
    catching_up = a_day / (BACKLOG_HOURS * 3600)
    peak = max(catching_up, mean * busiest_by_mean)
    history = live.open_bytes + live.contact_stored * CONTACTS_A_RUN / 2
    ledger = ledger_of_a_year(rows, KEPT_YEARS)
    actions = (live.actions * A_YEAR * accounts + accounts) / 12
    return Need(
        accounts=accounts,
        contacts_a_day=a_day,
        mean=mean,
        busiest=mean * busiest_by_mean,
        catching_up=catching_up,
        cores={name: peak * live.contact_cpu[name] / 1000 / USED for name in _PROCESSES},
        postgres_gb=accounts * ledger / _GB,
        temporal_gb=accounts * history / _GB,
        shards=shards(accounts),
        actions_a_month=actions,
        dollars_a_month=actions / 1e6 * PRICE,
        rates={channel: peak * share for channel, share in MIX.items()},
    )


def ledger_of_a_year(rows: Rows, years: float = 1) -> float:
    """Bytes in PostgreSQL of an account that is open for so many years."""
    return sum(rows.account.values()) + sum(rows.contact.values()) * A_YEAR * years


def shards(accounts: int) -> int:
    """A power of two; it can never be changed."""
    made = LEAST_SHARDS
    while made * ACCOUNTS_A_SHARD < accounts:
        made *= 2
    return made


def busiest_minute(contacts: int) -> float:
    """How many times the mean the busiest minute of a day has, by where the planner's own hash
    places so many contacts within their window."""
    minutes = HOURS * 60
    places = Counter(int(stable_fraction(f"bank/A{n}", 1) * minutes) for n in range(contacts))
    return max(places.values()) / (contacts / minutes)
