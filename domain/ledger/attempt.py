"""The states of an attempt, and the only moves between them.

    reserved -> dispatching -> accepted -> delivered <-> undelivered
        |            |-> refused   (certain that nothing was accepted)
        |            `-> unknown   (it may have been accepted) -> accepted | refused | delivered ...
        `-> released (window closed, or facts changed, before dispatch)

The same table is enforced by a trigger in PostgreSQL; a test holds the two equal.
"""

from enum import StrEnum
from typing import Final

from domain.channels import Channel, Purpose
from domain.ledger.call_outcome import RANG, TAKEN, CallOutcome
from domain.model import Instant, Model


class AttemptState(StrEnum):
    """Where an attempt stands."""

    RESERVED = "reserved"
    RELEASED = "released"
    DISPATCHING = "dispatching"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    """Of a call: the telephone rang, whoever took it (``PastContact.outcome``)."""
    UNDELIVERED = "undelivered"


class Event(StrEnum):
    """What can happen to an attempt. Every write of its state is one of these, and no other."""

    DISPATCH = "dispatch"
    """Committed before the request leaves."""
    RELEASE = "release"
    """Given back before it left."""
    ACCEPT = "accept"
    """The provider took it: by its answer, its callback or its own list."""
    REFUSE = "refuse"
    """Certain that nothing was accepted."""
    DOUBT = "doubt"
    """No readable answer, or the execution that sent is gone."""
    DELIVER = "deliver"
    FAIL = "fail"
    """An accepted message did not reach the person."""
    SETTLE_ACCEPTED = "settle_accepted"
    SETTLE_REFUSED = "settle_refused"
    """A person looked it up where the provider could not be asked."""


_S = AttemptState
MOVES: Final[dict[Event, dict[AttemptState, AttemptState]]] = {
    Event.DISPATCH: {_S.RESERVED: _S.DISPATCHING},
    Event.RELEASE: {_S.RESERVED: _S.RELEASED},
    Event.ACCEPT: {_S.DISPATCHING: _S.ACCEPTED, _S.UNKNOWN: _S.ACCEPTED},
    Event.REFUSE: {_S.DISPATCHING: _S.REFUSED, _S.UNKNOWN: _S.REFUSED},
    Event.DOUBT: {_S.DISPATCHING: _S.UNKNOWN},
    # A callback may overtake the answer to the request, so dispatching can end in delivery.
    # A late receipt takes a failure back: what has reached a person must not be followed up.
    Event.DELIVER: dict.fromkeys(
        (_S.DISPATCHING, _S.UNKNOWN, _S.ACCEPTED, _S.UNDELIVERED), _S.DELIVERED
    ),
    # Mail can bounce after a receiving server took it.
    Event.FAIL: dict.fromkeys(
        (_S.DISPATCHING, _S.UNKNOWN, _S.ACCEPTED, _S.DELIVERED), _S.UNDELIVERED
    ),
    Event.SETTLE_ACCEPTED: {_S.UNKNOWN: _S.ACCEPTED},
    Event.SETTLE_REFUSED: {_S.UNKNOWN: _S.REFUSED},
}
"""Where each event leads from each state; from a state that is not named it leads nowhere.

The statements of ``store/attempt_moves.py`` are made of this table, and so is every
exploration of the protocol.
"""

SAYS: Final = {
    _S.ACCEPTED: Event.ACCEPT,
    _S.DELIVERED: Event.DELIVER,
    _S.UNDELIVERED: Event.FAIL,
}
"""What a callback means by its status."""


def reached_person(state: AttemptState, channel: Channel, outcome: CallOutcome | None) -> bool:
    """Whether it is certain that a person, or their handset, has it: no later report undoes that.

    A mail that a server took may still bounce; a telephone that was taken has been taken.
    """
    return outcome in TAKEN or (state is AttemptState.DELIVERED and channel is not Channel.EMAIL)


def is_old_news(
    state: AttemptState, event: Event, channel: Channel, outcome: CallOutcome | None
) -> bool:
    """Whether what is known came after what is told now: reports come in any order.

    A message that has reached somebody did not fail later. A mail that has come back had been taken
    by a server before, and has reached nobody.
    """
    if event is Event.DELIVER:
        return state is AttemptState.UNDELIVERED and channel is Channel.EMAIL
    return event is Event.FAIL and reached_person(state, channel, outcome)


def move(state: AttemptState, event: Event, *, old: bool = False) -> AttemptState | None:
    """The state that ``event`` leads to; None: it changes nothing (late, repeated, overtaken).

    ``old``: what ``is_old_news`` says of it.
    """
    return None if old else MOVES[event].get(state)


TRANSITIONS: Final[dict[AttemptState, frozenset[AttemptState]]] = {
    state: frozenset(moves[state] for moves in MOVES.values() if state in moves)
    for state in AttemptState
}

MADE: Final = frozenset({_S.DISPATCHING, _S.UNKNOWN, _S.ACCEPTED, _S.DELIVERED, _S.UNDELIVERED})
"""States that count as a contact under every cap: the person may have been reached."""

NOT_MADE: Final = frozenset({_S.RELEASED, _S.REFUSED})
"""States of what was certainly no contact."""

NOT_REACHED: Final = frozenset({_S.REFUSED, _S.UNDELIVERED})
"""States after which another channel takes the touch up, unless it reached somebody: ``missed``."""

IN_DOUBT: Final = frozenset({_S.DISPATCHING, _S.UNKNOWN})


class RefusalKind(StrEnum):
    """What a refusal means for what comes next (classes of the providers' own error codes)."""

    CONFIGURATION = "configuration"
    """Our account, key or sender is wrong: a person must act, the channel rests."""
    TEMPLATE = "template"
    RECIPIENT = "recipient"
    """The address cannot be reached on this channel: suppress it."""
    CONSENT = "consent"
    """The person opted out at the provider: record it, never fail over on that channel."""
    CONTENT = "content"
    TEMPORARY = "temporary"
    RATE = "rate"
    """Refused before processing (429): the same provider later."""
    OTHER = "other"


class PastContact(Model):
    """An attempt as planning and the law see it. ``at`` is dispatch, or reservation before it."""

    attempt_id: str
    account: str
    """Key ``<creditor>/<account_id>`` of the account that led."""
    covers: tuple[str, ...] = ()
    """Keys of all accounts the message spoke of, the leading one included."""
    step: int
    touch: int
    phase: str
    purpose: Purpose | None = None
    """What it was to say; None: a person made it, and said what they said."""
    channel: Channel
    contact_point_id: str
    """Where the same address is a contact point of the customer asked about, that one."""
    address_id: str = ""
    """Of where it went, as in ``ContactPoint``."""
    elsewhere: bool = False
    """It went to one of the customer's addresses, but to another customer who has it, too."""
    provider: str | None = None
    state: AttemptState
    outcome: CallOutcome | None = None
    """Of a call, once it is known."""
    refusal: RefusalKind | None = None
    at: Instant
    reconcile_at: Instant | None = None
    """When the provider is asked next whether it accepted; null when settled or given up."""
    begun: bool = False
    """A person is making it, or has never said how it ended."""

    @property
    def about(self) -> tuple[str, ...]:
        """Keys of the accounts it spoke of."""
        return self.covers or (self.account,)

    @property
    def released(self) -> bool:
        """Given back before it left: nothing was said."""
        return self.state is _S.RELEASED

    @property
    def made_or_coming(self) -> bool:
        """Whether it counts as a contact: certain refusals and what was given back do not."""
        return self.state not in NOT_MADE

    @property
    def missed(self) -> bool:
        """Whether it certainly reached nobody, so that another channel takes the touch up.

        Reports come in any order: a call that was talked on may have been called failed before.
        """
        reached = reached_person(self.state, self.channel, self.outcome)
        return self.state in NOT_REACHED and not reached

    @property
    def said(self) -> bool:
        """Whether the person may have learnt what it was to say: a missed call says nothing."""
        return not self.missed and self.outcome not in RANG
