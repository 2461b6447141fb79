"""The protocol of a contact: what an execution of an activity does next, and nothing else.

Pure, so that the very tables that ``activities/contacting.py`` walks along are explored state by
state (tests/protocol): two workers, crashes, lost answers, late callbacks and stops at any point.
Each ``Do`` is one transaction or one request; an execution may die between any two of them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol, TypeAlias

from domain.ledger.attempt import AttemptState
from domain.planning.planner import is_due
from domain.planning.step import Step

LEAD: Final = timedelta(seconds=15)
"""A request that cannot be over before the window closes does not leave."""

FRESH: Final = timedelta(minutes=1)
"""A request leaves within this time of its dispatch or not at all: a process that was frozen in
between must not send when a stop, or a person's word that nothing was sent, is on record."""

LISTED: Final = timedelta(days=7)
"""From dispatch: so long an attempt is asked about while the provider's lists cannot be read. Few
reach back further, and no outage lasts longer."""

OVERDUE: Final = timedelta(days=1)
"""An asking that nobody has taken up for so long never will be: its account is closed."""


class Do(StrEnum):
    """One thing an execution does, committed before the next begins."""

    LOOK = "look"
    """Is there a row of this attempt?"""
    RESERVE = "reserve"
    """Plan again under the customer's lock; write the attempt if the contact is still wanted."""
    DISPATCH = "dispatch"
    """Commit that the request leaves, unless a fact changed or somebody released it."""
    SEND = "send"
    """The one request."""
    ASK = "ask"
    """Look for the message in the provider's own lists."""
    RELEASE = "release"
    ACCEPT = "accept"
    REFUSE = "refuse"
    DOUBT = "doubt"
    ASK_LATER = "ask_later"
    """Set the time of the next asking, or none after the last."""
    PLAN = "plan"
    """The end of every activity: read the situation, answer with the next step."""


class Came(StrEnum):
    """What came of it."""

    ABSENT = "absent"
    """No execution has reserved this attempt."""
    DONE = "done"
    UNWANTED = "unwanted"
    """Planning under the lock wants something else now."""
    OVERTAKEN = "overtaken"
    """The compare-and-set found another state, another execution or other facts."""
    TOOK = "took"
    REFUSED = "refused"
    NO_ANSWER = "no_answer"
    """Nothing that says whether it was accepted; of lists, that they cannot be read now."""
    SEEN = "seen"
    NOT_SEEN = "not_seen"
    """Not in the provider's lists, which may lag: it proves nothing."""


Heard: TypeAlias = AttemptState | Came
Walk: TypeAlias = Mapping[tuple[Do, Heard], Do]

_S, _C = AttemptState, Came

_SETTLING: Final = (Do.ACCEPT, Do.REFUSE, Do.DOUBT, Do.RELEASE, Do.ASK_LATER)
"""Whether the compare-and-set still found the state or not, the row says it all: plan."""
_SETTLED: Final[Walk] = {
    (do, came): Do.PLAN for do in _SETTLING for came in (_C.DONE, _C.OVERTAKEN)
}
_KNOWN: Final = (_S.RELEASED, _S.REFUSED, _S.ACCEPTED, _S.DELIVERED, _S.UNDELIVERED)

CONTACT: Final[Walk] = {
    (Do.LOOK, _C.ABSENT): Do.RESERVE,
    # Whoever finds a row did not write it in this execution, and never sends.
    (Do.LOOK, _S.RESERVED): Do.RELEASE,
    (Do.LOOK, _S.DISPATCHING): Do.DOUBT,
    (Do.LOOK, _S.UNKNOWN): Do.PLAN,
    **{(Do.LOOK, state): Do.PLAN for state in _KNOWN},
    (Do.RESERVE, _C.DONE): Do.DISPATCH,
    (Do.RESERVE, _C.UNWANTED): Do.PLAN,
    (Do.DISPATCH, _C.DONE): Do.SEND,
    (Do.DISPATCH, _C.OVERTAKEN): Do.RELEASE,
    (Do.SEND, _C.TOOK): Do.ACCEPT,
    (Do.SEND, _C.REFUSED): Do.REFUSE,
    (Do.SEND, _C.NO_ANSWER): Do.DOUBT,
    **_SETTLED,
}
"""The activity ``contact``."""

RECONCILE: Final[Walk] = {
    (Do.LOOK, _C.ABSENT): Do.PLAN,
    (Do.LOOK, _S.RESERVED): Do.PLAN,
    (Do.LOOK, _S.DISPATCHING): Do.ASK,
    (Do.LOOK, _S.UNKNOWN): Do.ASK,
    **{(Do.LOOK, state): Do.PLAN for state in _KNOWN},
    (Do.ASK, _C.SEEN): Do.ACCEPT,
    (Do.ASK, _C.NOT_SEEN): Do.ASK_LATER,
    (Do.ASK, _C.NO_ANSWER): Do.ASK_LATER,
    **_SETTLED,
}
"""The activity ``reconcile``."""


def after(walk: Walk, did: Do, heard: Heard) -> Do:
    """What comes next. KeyError: this cannot come of that, which is a mistake of ours."""
    return walk[did, heard]


class Ordered(Protocol):
    """Which contact was ordered: a step, or the order of one."""

    @property
    def number(self) -> int:
        """Makes the attempt id."""

    @property
    def meant(self) -> str:
        """What tells it from whatever else could be planned in its place."""


def may_reserve(planned: Step, ordered: Ordered, now: datetime) -> bool:
    """Whether planning under the lock, at ``now``, still wants what the workflow waited for."""
    same = (planned.number, planned.meant) == (ordered.number, ordered.meant)
    return is_due(planned, now) and same


def may_dispatch(
    state: AttemptState, reserved_by: str, facts_seen: int, execution: str, facts: int
) -> bool:
    """What the statement DISPATCH of ``store/attempt_moves.py`` asks, under its lock."""
    return state is AttemptState.RESERVED and reserved_by == execution and facts_seen == facts


def may_leave(now: datetime, dispatched_at: datetime, closes: datetime) -> bool:
    """Whether a request can still leave, and be over, in the lawful window it was dispatched in."""
    return now - dispatched_at <= FRESH and now + LEAD <= closes


def next_asking(
    since: datetime, now: datetime, waits: Sequence[timedelta], *, unasked: bool = False
) -> datetime | None:
    """When the provider is asked next, counted from dispatch; None: the deadline has passed.

    ``unasked``: it could not be asked this time. Then the last wait is repeated, as nobody has
    looked yet where the message may well be.
    """
    planned = next((since + wait for wait in waits if since + wait > now), None)
    if planned is not None or not unasked or now + waits[-1] > since + LISTED:
        return planned
    return now + waits[-1]


def may_settle_refused(asked_next: datetime | None, now: datetime) -> bool:
    """Whether a person may say that nothing was accepted: only when nobody is asked any more.

    Earlier the request itself could still be on its way, and the touch would go out again.
    """
    return asked_next is None or asked_next <= now - OVERDUE
