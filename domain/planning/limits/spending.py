"""What contacts may cost of one account, and how many the operation can make in a day."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from domain.calendar import day_start, local_date
from domain.channels import Channel, Purpose
from domain.planning.frame import Frame
from domain.strategy.phase import Phase

CAPACITY: Final = "capacity"
"""Why a contact, or a person's turn, waits for a day that has room for it."""

_LONGEST_WAIT: Final = 6
"""After so many days that a touch has been due, it goes no earlier for being due longer."""
_DAYS: Final = 400
"""How many days on end may be full until no free one is looked for."""


# --- the budget of an account in a phase ----------------------------------------------------------


def spent(frame: Frame, phase: Phase) -> Decimal:
    """What the contacts that this account led in a phase have cost, in the strategy's unit."""
    country, written = frame.situation.customer.country, frame.priced.named(phase.name) or phase
    made = (
        one.channel
        for one in frame.in_phase(phase)
        if one.account == frame.situation.key
        and one.made_or_coming
        and one.purpose not in (None, Purpose.PERSON)
    )
    costs = (frame.priced.cost(written, channel, country) for channel in made)
    return sum(costs, Decimal(0))


def costs_too_much(frame: Frame, phase: Phase, channel: Channel) -> bool:
    """Whether a contact by this channel would cost more than the account's budget leaves."""
    if phase.budget is None:
        return False
    cost = frame.rules.strategy.cost(phase, channel, frame.situation.customer.country)
    return cost > 0 and cost > phase.budget - spent(frame, phase)


def told_budget(frame: Frame, phase: Phase) -> str:
    """In words, how much of a budget is spent."""
    return f"{spent(frame, phase):f} of a budget of {phase.budget:f} spent"


# --- the capacity of a day ------------------------------------------------------------------------


def day_of(at: datetime, zone: str) -> date:
    """The operation's day."""
    return at.astimezone(ZoneInfo(zone)).date()


def free_from(frame: Frame, channel: Channel, at: datetime) -> datetime | None:
    """From ``at`` on, when a day has room for one more contact by a channel; None: never."""
    capacity = frame.rules.strategy.capacity
    most = None if capacity is None else capacity.channels.get(channel)
    if capacity is None or most is None:
        return at
    if most == 0:
        return None
    taken = {one.day: one.taken for one in frame.situation.taken_of_days if one.channel is channel}
    day = day_of(at, capacity.zone)
    for _ in range(_DAYS):
        if taken.get(day, 0) < most:
            return at
        day += timedelta(days=1)
        at = day_start(day, (capacity.zone,))
    return None


def place_of(frame: Frame, channel: Channel, opens: datetime, due: datetime | None) -> float:
    """Of a touch in its window, from 0 to 1: whoever has been due for more days goes earlier, where
    there may not be room for all."""
    capacity = frame.rules.strategy.capacity
    if capacity is None or channel not in capacity.channels or due is None:
        return frame.place
    days = (local_date(opens, frame.zones) - local_date(due, frame.zones)).days
    return (1 + frame.place) / float(1 << (1 + min(max(days, 0), _LONGEST_WAIT)))


def told_capacity(frame: Frame, channel: Channel) -> str:
    """In words, that a day is full."""
    capacity = frame.rules.strategy.capacity
    most = 0 if capacity is None else capacity.channels.get(channel, 0)
    return f"the day's {most} by {channel} are made"
