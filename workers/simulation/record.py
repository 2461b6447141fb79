"""What one group's life leaves: sums, one line an account, and the contacts where they are kept."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from workers.simulation.book.packed import Packed


class Account(NamedTuple):
    """What became of one account."""

    key: str
    customer: str
    segment: str
    """In which it was at its first plan; its customer's country, where there are no segments."""
    strategy: str
    """By which it was collected from its first plan on."""
    arm: str
    """Of the experiment that its customer is in; empty: of none."""
    country: str
    currency: str
    owed: str
    """At the beginning."""
    paid: str
    contacts: int
    cured_on: int
    """Day of the dry run on which it was cured, from 0; -1: it was not."""
    ended: str
    """How it stands at the end: a reason of its end, or the status."""
    before: str
    after: str
    """Buckets of days past due."""
    promises: int
    kept: int
    plans: int
    stops: int
    complaints: int
    silenced: str
    """Why it could not be contacted, where it could not at the end."""
    touched: str
    """A digest of when and how it was contacted."""


Sums = Counter[tuple[Any, ...]]
"""How often, by what: the first of each key says what is counted."""


@dataclass
class Record:
    """Of one group, or of many put together."""

    sums: Sums = field(default_factory=Counter)
    accounts: Packed[Account] = field(default_factory=Packed)
    attempts: list[dict[str, Any]] = field(default_factory=list)
    """As ``ledger export`` has them, where they are kept."""
    received: list[dict[str, Any]] = field(default_factory=list)
    stops: list[dict[str, Any]] = field(default_factory=list)
    said: list[dict[str, Any]] = field(default_factory=list)

    def add(self, other: "Record") -> None:
        """Put another one to it."""
        self.sums.update(other.sums)
        self.accounts.extend(other.accounts)
        self.attempts += other.attempts
        self.received += other.received
        self.stops += other.stops
        self.said += other.said
