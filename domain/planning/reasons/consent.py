"""Whether a customer still lets us use a channel. A stop holds everywhere, law or no law."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from domain.account import ContactPoint
from domain.law.request import LawEvent
from domain.law.terms import EventKind
from domain.situation import AddressFact, Situation

STOPS: Final = frozenset({EventKind.OPT_OUT, EventKind.CEASE})
"""With these the customer asks to be left alone."""
_SAYS = STOPS | {EventKind.OPT_IN}


def known_from(event: LawEvent) -> datetime:
    """The earlier of an event's own instant and that of its record."""
    return event.at if event.recorded_at is None else min(event.at, event.recorded_at)


def holds_from(event: LawEvent, now: datetime) -> datetime:
    """The instant from which an event counts for who plans at ``now``, and so knows of it.

    What takes leave away holds from the earlier of its two instants, whatever date it carries; what
    gives leave, from the later.
    """
    if not event.gives_leave:
        return min(known_from(event), now)
    return event.settled_at


def died(events: Sequence[LawEvent]) -> bool:
    """Whether the customer is known to have died. Some rule packs have no rule for it.

    What a law allows then (to write to an executor) is no message to the customer's own address.
    """
    return any(event.kind is EventKind.DEATH for event in events)


def withdrawn(situation: Situation, point: ContactPoint, now: datetime) -> bool:
    """Whether the last word on this contact point, known at ``now``, was a stop.

    A stop said of any address ends the use of its whole channel; an opt-in for one address opens
    that one alone. Some jurisdictions know no right to opt out (Mexico), or do not bind us to a
    letter that says cease; we honour both all the same. A word on another account alone is none on
    this one.
    """
    if not any(event.kind in STOPS for event in situation.law_events):
        return False
    here = {None, point.contact_point_id} | {
        other.contact_point_id
        for other in situation.customer.points
        if other.address_id and other.address_id == point.address_id
    }
    channel = point.channel.value
    said = [
        event
        for event in situation.law_events
        if event.kind in _SAYS
        and event.account_id in (None, situation.key)
        and (event.kind in STOPS or event.address in here)
        and (event.medium is None or event.medium.value == channel)
        and holds_from(event, now) <= now
    ]
    # At the same instant the stop wins.
    last = max(said, key=lambda e: (known_from(e), e.kind in STOPS), default=None)
    return last is not None and last.kind in STOPS


_OF_A_DEBT = {
    EventKind.DISPUTE: EventKind.DISPUTE_VERIFIED,
    EventKind.OPT_OUT: EventKind.OPT_IN,
    EventKind.CEASE: EventKind.OPT_IN,
    EventKind.ATTORNEY: None,
    EventKind.BANKRUPTCY: None,
    EventKind.BREATHING_SPACE: None,
}
"""What may end the collection of one debt alone, and what takes that back, for one or for all."""


def is_left_alone(events: Sequence[LawEvent], account: str, now: datetime, *, than: str) -> bool:
    """Whether something said keeps this account (its key) out of a message that another (``than``)
    leads, and does not keep that one from being sent.

    Its own planning asks the law; a message that another account leads must not speak of it
    either. Where the law would let some of it be said, leaving it out says less.
    """
    known = [event for event in events if holds_from(event, now) <= now]
    for stop in known:
        over = stop.ends_at is not None and stop.ends_at <= now
        if stop.kind not in _OF_A_DEBT or stop.account_id not in (None, account) or over:
            continue
        lifts = [
            later
            for later in known
            if later.kind is _OF_A_DEBT[stop.kind] and known_from(later) > known_from(stop)
        ]
        if any(
            one.account_id in (None, account)
            and one.medium in (None, stop.medium)
            and one.address in (None, stop.address)
            for one in lifts
        ):
            continue
        # What was said of all accounts silences the leading one, too, unless it was lifted there.
        if stop.account_id == account or any(one.account_id == than for one in lifts):
            return True
    return False


def stopped_at_address(facts: Sequence[AddressFact], point: ContactPoint, now: datetime) -> bool:
    """Whether the last word on this address, of others who have or had it, was a stop.

    Customers change their id, share a telephone, pass a number on: the address keeps what was said
    from it, and what they said of all of theirs. Only a start from the same address, or an opt-in
    of this customer for it, takes it back. What this customer said is in the events
    (``withdrawn``).
    """
    said = [
        fact
        for fact in facts
        if fact.contact_point_id == point.contact_point_id
        and (fact.since or fact.at) <= now
        and (fact.channel is None or fact.channel.value == point.channel.value)
    ]
    last = max(said, key=lambda fact: (fact.at, fact.stops), default=None)
    return last is not None and last.stops
