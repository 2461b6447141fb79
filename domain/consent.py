"""Whether a customer still lets us use a channel. A stop holds everywhere, law or no law."""

from collections.abc import Sequence
from datetime import datetime

from domain.channels import Channel
from domain.law.request import LawEvent
from domain.law.terms import EventKind

_SAYS = (EventKind.OPT_OUT, EventKind.OPT_IN)


def died(events: Sequence[LawEvent], now: datetime) -> bool:
    """Whether the customer is known to have died. Some rule packs have no rule for it.

    What a law allows then (to write to an executor) is no message to the customer's own address.
    """
    return any(event.kind is EventKind.DEATH and event.at <= now for event in events)


def withdrawn(events: Sequence[LawEvent], channel: Channel, now: datetime) -> bool:
    """Whether the last word on ``channel``, on any address of it, up to ``now`` was a stop.

    Some jurisdictions know no right to opt out (Mexico); we honour one all the same.
    """
    said = [
        event
        for event in events
        if event.kind in _SAYS
        and event.at <= now
        and (event.channel is None or event.channel.value == channel.value)
    ]
    # At the same instant the stop wins.
    last = max(said, key=lambda e: (e.at, e.kind is EventKind.OPT_OUT), default=None)
    return last is not None and last.kind is EventKind.OPT_OUT
