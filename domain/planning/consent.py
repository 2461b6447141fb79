"""Whether a customer still lets us use a channel. A stop holds everywhere, law or no law."""

from collections.abc import Sequence
from datetime import datetime

from domain.account import ContactPoint
from domain.channels import Channel
from domain.law.request import LawEvent
from domain.law.terms import EventKind
from domain.situation import AddressFact

_STOPS = frozenset({EventKind.OPT_OUT, EventKind.CEASE})
_SAYS = _STOPS | {EventKind.OPT_IN}


def died(events: Sequence[LawEvent], now: datetime) -> bool:
    """Whether the customer is known to have died. Some rule packs have no rule for it.

    What a law allows then (to write to an executor) is no message to the customer's own address.
    """
    return any(event.kind is EventKind.DEATH and event.at <= now for event in events)


def withdrawn(events: Sequence[LawEvent], account: str, channel: Channel, now: datetime) -> bool:
    """Whether the last word on ``channel``, on any address of it, up to ``now`` was a stop.

    Some jurisdictions know no right to opt out (Mexico), or do not bind us to a letter that says
    cease; we honour both all the same. ``account`` is a key: a word on another account alone is
    none on this one.
    """
    said = [
        event
        for event in events
        if event.kind in _SAYS
        and event.at <= now
        and event.account_id in (None, account)
        and (event.channel is None or event.channel.value == channel.value)
    ]
    # At the same instant the stop wins.
    last = max(said, key=lambda e: (e.at, e.kind in _STOPS), default=None)
    return last is not None and last.kind in _STOPS


def stopped_at_address(facts: Sequence[AddressFact], point: ContactPoint, now: datetime) -> bool:
    """Whether the last word that came from this address, whoever had it then, was a stop.

    Customers change their id, share a telephone, pass a number on: the address keeps what was said
    from it, and only a start from the same address, or an opt-in of this customer for it
    (``withdrawn`` asks for those), takes it back.
    """
    said = [
        fact
        for fact in facts
        if fact.contact_point_id == point.contact_point_id
        and fact.at <= now
        and fact.channel in (None, point.channel)
    ]
    last = max(said, key=lambda fact: (fact.at, fact.stops), default=None)
    return last is not None and last.stops
