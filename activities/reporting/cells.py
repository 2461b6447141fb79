"""What the store has counted, as the cells that a report adds up."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from domain.channels import ANSWERS, Channel
from domain.ledger.attempt import AttemptState
from domain.ledger.call_outcome import CallOutcome
from domain.report.figures import MONEY, NONE, UNKNOWN, Cell, Dimension, Tally
from domain.report.prices import Prices
from store.report.contacts import Placed
from store.report.facts import OfAccounts, OfCustomers

_S = AttemptState
BECAME = {
    _S.RESERVED: "not_sent",
    _S.RELEASED: "not_sent",
    _S.REFUSED: "refused",
    _S.DISPATCHING: "unknown",
    _S.UNKNOWN: "unknown",
    _S.ACCEPTED: "no_receipt",
    _S.DELIVERED: "delivered",
    _S.UNDELIVERED: "undelivered",
}
"""Which count each state is."""
CONTACTS = frozenset({"unknown", "no_receipt", "delivered", "undelivered"})

AMOUNTS = {
    "promises": "promised",
    "promises_kept": "kept",
    "promises_broken": "broken",
    "offers_paid": "settlements",
    "cures": "cured",
    "payments": "collected",
}
"""Which amount goes with what happened."""

SPOKEN = " spoken"
"""At the end of what people recorded: it ended in a conversation, or an answer, of the customer."""


def of_attempts(rows: Iterable[Placed], prices: Prices) -> Iterable[Cell]:
    """The contacts of the machine, with what they cost."""
    for row in rows:
        became = BECAME[AttemptState(row.state)]
        counts = Counter({"attempts": row.number, became: row.number})
        tally = Tally(counts)
        if became in CONTACTS:
            counts["contacts"] = row.number
            if row.purpose in ANSWERS:
                counts["answered"] = row.number
            if row.channel == Channel.VOICE:
                counts["calls"] = row.number
                if row.outcome == CallOutcome.CONVERSATION:
                    counts["conversations"] = row.number
            if became != "undelivered" or prices.costs_if_lost(row.channel):
                price = prices.of(row.channel, row.country, row.outcome)
                units = row.parts if prices.by_segment(row.channel) else row.number
                if price is None:
                    counts["unpriced"] = row.number
                else:
                    _spend(tally, "providers", price * units, row.currency)
        place = {
            Dimension.SEGMENT: row.segment or UNKNOWN,
            Dimension.STRATEGY: row.strategy or UNKNOWN,
            Dimension.ARM: UNKNOWN if row.arm is None else row.arm or NONE,
            Dimension.CREDITOR: row.creditor,
            Dimension.PHASE: row.phase,
            Dimension.CHANNEL: row.channel,
        }
        yield Cell(row.now, place, tally)


def of_accounts(rows: Iterable[OfAccounts], prices: Prices) -> Iterable[Cell]:
    """What happened to accounts. None of it belongs to a phase, and only what people did to a
    channel: which contact made a customer pay, nobody knows."""
    for row in rows:
        what = row.what.removesuffix(SPOKEN)
        counts = Counter({what: row.number}) if what not in _BY_PEOPLE else _by_people(row, what)
        tally = Tally(counts)
        if (name := AMOUNTS.get(what)) in MONEY and row.currency and row.amount:
            tally.money[name, row.currency] = row.amount
        if row.minutes:
            minutes = Decimal(str(round(row.minutes, 4)))
            _spend(tally, "people", minutes * prices.minute(row.country), row.currency)
            counts["people_seconds"] = round(row.minutes * 60)
        yield Cell(row.now, _place(row, row.channel), tally)


_BY_PEOPLE = frozenset({"by_people", "people_calls", "people_inbound"})


def _by_people(row: OfAccounts, what: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    if what != "people_inbound":
        counts["by_people"] = row.number
    if what == "people_calls":
        counts["people_calls"] = row.number
    if row.what.endswith(SPOKEN):
        counts["conversations"] = row.number
    return counts


def of_customers(rows: Iterable[OfCustomers], prices: Prices) -> Iterable[Cell]:
    """What customers did, in the phase of the last contact before it."""
    for row in rows:
        if row.what == "work_by_itself":
            continue
        tally = Tally(Counter({row.what: row.number}))
        if row.what == "work_done" and prices.work_minutes:
            minutes = Decimal(row.number * prices.work_minutes)
            _spend(tally, "inbound", minutes * prices.minute(row.country), row.currency)
        place = _place(row, row.channel)
        place[Dimension.PHASE] = row.phase or NONE
        yield Cell(row.now, place, tally)


def _place(row: OfAccounts | OfCustomers, channel: str | None) -> dict[Dimension, str]:
    return {
        Dimension.SEGMENT: row.segment or UNKNOWN,
        Dimension.STRATEGY: row.strategy or UNKNOWN,
        Dimension.ARM: UNKNOWN if row.arm is None else row.arm or NONE,
        Dimension.CREDITOR: row.creditor or UNKNOWN,
        Dimension.CHANNEL: channel or NONE,
    }


def _spend(tally: Tally, name: str, cost: Decimal, currency: str | None) -> None:
    if cost:
        tally.costs[name] = tally.costs.get(name, Decimal()) + cost
        whose = currency or UNKNOWN
        tally.cost_of[whose] = tally.cost_of.get(whose, Decimal()) + cost
