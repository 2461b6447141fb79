"""The states of an attempt, and the only moves between them.

    reserved -> dispatching -> accepted -> delivered | undelivered
        |            |-> refused   (certain that nothing was accepted)
        |            `-> unknown   (it may have been accepted) -> accepted | refused | delivered ...
        `-> released (window closed, or facts changed, before dispatch)

The same table is enforced by a trigger in PostgreSQL; a test holds the two equal.
"""

from enum import StrEnum
from typing import Final

from domain.channels import Channel, Purpose
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
    UNDELIVERED = "undelivered"


_S = AttemptState
TRANSITIONS: Final[dict[AttemptState, frozenset[AttemptState]]] = {
    _S.RESERVED: frozenset({_S.DISPATCHING, _S.RELEASED}),
    _S.RELEASED: frozenset(),
    # A callback may overtake the answer to the request, so dispatching can end in delivery.
    _S.DISPATCHING: frozenset({_S.ACCEPTED, _S.REFUSED, _S.UNKNOWN, _S.DELIVERED, _S.UNDELIVERED}),
    _S.REFUSED: frozenset(),
    _S.UNKNOWN: frozenset({_S.ACCEPTED, _S.REFUSED, _S.DELIVERED, _S.UNDELIVERED}),
    _S.ACCEPTED: frozenset({_S.DELIVERED, _S.UNDELIVERED}),
    # Mail can bounce after a receiving server took it.
    _S.DELIVERED: frozenset({_S.UNDELIVERED}),
    _S.UNDELIVERED: frozenset(),
}

MADE: Final = frozenset({_S.DISPATCHING, _S.UNKNOWN, _S.ACCEPTED, _S.DELIVERED, _S.UNDELIVERED})
"""States that count as a contact under every cap: the person may have been reached."""

NOT_REACHED: Final = frozenset({_S.REFUSED, _S.UNDELIVERED})
"""States after which another channel takes the touch up."""

IN_DOUBT: Final = frozenset({_S.DISPATCHING, _S.UNKNOWN})


def may_follow(state: AttemptState, new: AttemptState) -> bool:
    """Whether an attempt in ``state`` may move to ``new``."""
    return new in TRANSITIONS[state]


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
    purpose: Purpose
    channel: Channel
    contact_point_id: str
    provider: str | None = None
    state: AttemptState
    refusal: RefusalKind | None = None
    at: Instant
    reconcile_at: Instant | None = None
    """When the provider is asked next whether it accepted; null when settled or given up."""
