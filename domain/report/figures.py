"""The figures of a report: what each counts, and sums of them that add up.

Whatever is read comes as cells: a tally and where it belongs. The whole and all groups are sums of
the same cells, so that the groups of one dimension always add up to the whole.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple, TypeVar

K = TypeVar("K")


class Dimension(StrEnum):
    """What a report can be broken down by."""

    SEGMENT = "segment"
    STRATEGY = "strategy"
    ARM = "arm"
    CREDITOR = "creditor"
    PHASE = "phase"
    CHANNEL = "channel"


UNKNOWN: Final = "unknown"
"""What a row that is older than its column belongs to."""
NONE: Final = "none"
"""What belongs to no channel or phase at all, such as a payment."""


class Figure(NamedTuple):
    """What is counted."""

    title: str
    meaning: str
    good: int = 0
    """1: more is better; -1: less is better; 0: neither by itself."""


COUNTED: Final[dict[str, Figure]] = {
    "attempts": Figure(
        "Attempts",
        "Contacts by the machine that were reserved in the period, whatever became of them.",
    ),
    "not_sent": Figure(
        "Not sent",
        "Attempts given back before they left, since a fact or the hour had changed, or still about"
        " to leave.",
    ),
    "refused": Figure(
        "Refused", "Attempts that the provider certainly did not take: nobody was contacted.", -1
    ),
    "contacts": Figure(
        "Contacts",
        "Attempts that may have reached somebody: delivered, accepted without a receipt,"
        " undelivered or unknown. It is what caps count.",
    ),
    "delivered": Figure(
        "Delivered",
        "Contacts with a receipt. Of a call: the telephone rang.",
        1,
    ),
    "no_receipt": Figure("No receipt", "Contacts that the provider took and told nothing more of."),
    "undelivered": Figure("Undelivered", "Contacts that certainly reached nobody.", -1),
    "unpriced": Figure(
        "Without a price", "Contacts in a country or channel that the prices do not name.", -1
    ),
    "unknown": Figure(
        "Unknown", "Contacts of which nobody can say whether the provider took them.", -1
    ),
    "calls": Figure("Calls", "Contacts that were calls by the machine."),
    "by_people": Figure(
        "Contacts by people",
        "Calls, visits, letters and messages out that people made and recorded.",
    ),
    "people_calls": Figure("Calls by people", "Those of them that were calls."),
    "conversations": Figure(
        "Right party reached",
        "Conversations with the customer themselves: calls of the machine in which they said who"
        " they are, and contacts by people, also those that came in, that ended so.",
        1,
    ),
    "people_seconds": Figure(
        "Time of people", "From the beginning to the end of the contacts that people recorded."
    ),
    "replies": Figure(
        "Replies",
        "Messages that customers wrote, without absence notes, bounces and mails of unproven"
        " origin.",
    ),
    "opt_outs": Figure("Opt-outs", "Stops that went on file, by whichever door.", -1),
    "complaints": Figure(
        "Complaints", "E-mails that the reader marked as spam, as the provider tells.", -1
    ),
    "answered": Figure("Answered by itself", "Answers to what a customer wrote that left."),
    "work_opened": Figure("Work opened", "Work items opened."),
    "work_done": Figure("Work done by people", "Work items that people did."),
    "promises": Figure("Promises made", "Promises recorded."),
    "promises_kept": Figure(
        "Promises kept", "Promises that were settled as kept in the period.", 1
    ),
    "promises_broken": Figure(
        "Promises broken", "Promises that were settled as broken in the period.", -1
    ),
    "plans": Figure("Plans agreed", "Payment plans agreed."),
    "plans_kept": Figure("Plans kept", "Payment plans that ended kept.", 1),
    "plans_broken": Figure("Plans broken", "Payment plans that ended broken.", -1),
    "offers": Figure("Settlements offered", "Settlement offers made."),
    "offers_accepted": Figure("Settlements accepted", "Settlement offers accepted."),
    "offers_paid": Figure("Settlements paid", "Settlement offers that ended paid.", 1),
    "disputes": Figure("Disputes opened", "Disputes opened."),
    "disputes_over": Figure("Disputes resolved", "Disputes resolved or withdrawn."),
    "hardships": Figure("Hardships begun", "Hardships begun."),
    "hardships_over": Figure("Hardships ended", "Hardships ended."),
    "payments": Figure("Payments", "Payments made.", 1),
    "cures": Figure(
        "Cures",
        "Accounts that ended as cured in the period, and are: nothing is overdue any more, by"
        " payments or since the creditor says so. An account that has fallen behind again since is"
        " not among them.",
        1,
    ),
    "settled": Figure("Settled", "Accounts that ended by a settlement that was paid.", 1),
    "handed_off": Figure("Handed off", "Accounts that ended past the last phase.", -1),
}
"""Every count."""

MONEY: Final[dict[str, Figure]] = {
    "promised": Figure("Promised", "Amounts of promises made."),
    "kept": Figure("Promised and kept", "Amounts of promises kept.", 1),
    "broken": Figure("Promised and broken", "Amounts of promises broken.", -1),
    "settlements": Figure("Settlements paid", "Amounts of settlement offers that were paid.", 1),
    "cured": Figure(
        "Paid by the cured",
        "What was paid to accounts that are counted as cures, since their delinquency began.",
        1,
    ),
    "collected": Figure("Collected", "Payments made, in the currency of their account.", 1),
}
"""Every amount, by currency. Amounts of two currencies are never added."""

COSTS: Final[dict[str, Figure]] = {
    "providers": Figure(
        "Providers", "Contacts at the price of their country and channel; an SMS by its segments."
    ),
    "people": Figure("People", "Minutes of people at the price of a minute."),
    "inbound": Figure(
        "Inbound handling", "Work that people did, at the minutes that one item takes."
    ),
}
"""What contacting costs, in the currency of the prices."""


@dataclass
class Tally:
    """Counts and amounts. Sums of tallies are tallies."""

    counts: Counter[str] = field(default_factory=Counter)
    money: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    """By name of ``MONEY`` and currency."""
    costs: dict[str, Decimal] = field(default_factory=dict)
    """By name of ``COSTS``."""
    cost_of: dict[str, Decimal] = field(default_factory=dict)
    """All costs, by the currency of the accounts that they were spent on."""

    def add(self, other: "Tally") -> None:
        """Take another in."""
        self.counts.update(other.counts)
        _add(self.money, other.money)
        _add(self.costs, other.costs)
        _add(self.cost_of, other.cost_of)

    @property
    def cost(self) -> Decimal:
        """All of it."""
        return sum(self.costs.values(), Decimal())

    def collected(self, currency: str) -> Decimal:
        """What came in, in one currency."""
        return self.money.get(("collected", currency), Decimal())

    @property
    def currencies(self) -> list[str]:
        """Those that any amount is in."""
        return sorted({currency for _, currency in self.money})


def _add(mine: dict[K, Decimal], theirs: Mapping[K, Decimal]) -> None:
    for key, amount in theirs.items():
        mine[key] = mine.get(key, Decimal()) + amount


class Cell(NamedTuple):
    """A tally, and where it belongs."""

    now: bool
    """To the period; else to the one before."""
    place: Mapping[Dimension, str]
    tally: Tally


def sums(cells: Iterable[Cell]) -> dict[bool, Tally]:
    """The whole of the period (True), and of the one before."""
    found = {True: Tally(), False: Tally()}
    for cell in cells:
        found[cell.now].add(cell.tally)
    return found


def groups(cells: Iterable[Cell], by: Dimension) -> dict[str, dict[bool, Tally]]:
    """The same by one dimension, the most contacted first."""
    found: dict[str, dict[bool, Tally]] = defaultdict(lambda: {True: Tally(), False: Tally()})
    for cell in cells:
        found[cell.place.get(by, NONE)][cell.now].add(cell.tally)
    order = sorted(
        found, key=lambda name: (name == NONE, -found[name][True].counts["contacts"], name)
    )
    return {name: found[name] for name in order}


def share(part: float, whole: float) -> float | None:
    """A part of a whole; None where there is none."""
    return part / whole if whole else None


CERTAIN: Final = ("delivered", "undelivered", "refused")
"""Attempts of which it is certain whether they arrived."""


RATES: Final[dict[str, Figure]] = {
    "delivery_rate": Figure(
        "Delivery",
        "Delivered, of all attempts whose end is certain: delivered, undelivered and refused.",
        1,
    ),
    "right_party_rate": Figure(
        "Right-party contact", "Right party reached, of all calls by the machine and by people.", 1
    ),
    "reply_rate": Figure("Reply", "Replies, of all contacts."),
    "opt_out_rate": Figure("Opt-out", "Opt-outs, of all contacts.", -1),
    "complaint_rate": Figure("Complaint", "Complaints, of all contacts.", -1),
    "unknown_rate": Figure("Unknown", "Unknown outcomes, of all contacts.", -1),
    "kept_rate": Figure("Promises kept", "Promises kept, of all that were kept or broken.", 1),
}
"""Every rate, from 0 to 1."""


def rates(tally: Tally) -> dict[str, float | None]:
    """The rates of a tally."""
    counts = tally.counts
    contacts = counts["contacts"]
    return {
        "delivery_rate": share(counts["delivered"], sum(counts[name] for name in CERTAIN)),
        "right_party_rate": share(
            counts["conversations"], counts["calls"] + counts["people_calls"]
        ),
        "reply_rate": share(counts["replies"], contacts),
        "opt_out_rate": share(counts["opt_outs"], contacts),
        "complaint_rate": share(counts["complaints"], contacts),
        "unknown_rate": share(counts["unknown"], contacts),
        "kept_rate": share(
            counts["promises_kept"], counts["promises_kept"] + counts["promises_broken"]
        ),
    }
