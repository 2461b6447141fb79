"""In which lawful ways a touch can be made, and which of them is best."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from operator import itemgetter
from typing import Final, TypeAlias

from domain.account import ContactPoint
from domain.calendar import day_start, local_date
from domain.channels import Channel, Purpose
from domain.law.engine import Question
from domain.learning.asking import Asked, Hour, asked_about, wished_channel
from domain.ledger.attempt import PastContact
from domain.planning.frame import Frame
from domain.planning.limits.hours import Hours
from domain.planning.limits.spending import costs_too_much, free_from, place_of
from domain.planning.reasons import bulk
from domain.planning.reasons.unused import STOPPED, why_unused
from domain.planning.request import known_by
from domain.planning.routing import Route, of_provider, route
from domain.planning.touches import Touch
from domain.strategy import Phase

OTHERS_REST: Final = timedelta(hours=24, minutes=15)
"""How long an address rests from a message about somebody else's debt, or about one's own with
another creditor: a day, counted from when a provider was given the first, which may bring it a
little later than the second."""

_SHORT_STRETCHES: Final = 3
"""How many stretches of lawful time are looked at for one that is long enough to send in."""
_SEARCHED: Final = 100
"""How many lawful stretches, or wished ones, are looked at where both have to meet: of a phase."""

LINGER: Final = timedelta(minutes=30)
"""Nothing is planned into the last half hour of a window: a late start still ends inside it."""


Rank: TypeAlias = tuple[int, int, float, str]
"""Of a contact point: the smallest is used first."""
Ranked: TypeAlias = tuple[Rank, ContactPoint]


@dataclass(frozen=True)
class Way:
    """One lawful way to make a touch."""

    channel: Channel
    point: str
    question: Question
    opens: datetime
    closes: datetime
    route: Route
    rank: tuple[bool, int, int, float, str]
    wished: Hours | None
    """The hours it keeps to beside those of the law."""
    spread: bool
    """Whether it takes its place in the window, rather than going at its opening instant."""
    due: datetime | None = None
    """Since when its touch has been due, where that gives it an earlier place."""
    full: bool = False
    """Whether it waits for a day that has room for it."""
    asked: Asked | None = None
    """The policy that may be asked about it."""
    weights: dict[str, float] | None = None
    """How probable each channel was, where the policy chose this one."""


def best_way(
    frame: Frame, phase: Phase, touch: Touch, *, wished: Hours | None = None
) -> Way | None:
    """Of the ways open within a day of the first one, the one that ranks first, or that a policy
    chooses among those of the first day where no wish decides; None: no way opens before the
    account leaves its phase.

    ``wished``: the hours in which the customer wants to be reached, and that are not quiet; None:
    whenever the law allows. One whose providers hold it up ranks behind those that are free.
    """
    found: list[Way] = []
    near = local_date(touch.earliest, frame.zones) + timedelta(days=1)
    ranked = _ranked(frame, phase)
    for way in _ways(frame, phase, touch, wished, ranked):
        first = not found and not way.rank[0] and way.asked is None
        # Where none can open so much sooner that this one would be left aside, the law need not be
        # asked when those open that rank behind it: that is most of what a plan costs.
        if first and (
            local_date(way.opens, frame.zones) <= near
            or not _opens_sooner(frame, phase, touch, way, ranked)
        ):
            return way
        found.append(way)
    return best(frame, found) if found else None


def _opens_sooner(
    frame: Frame, phase: Phase, touch: Touch, first: Way, ranked: Sequence[Ranked]
) -> bool:
    """Whether any way that ranks behind the first might open more than a day before it."""
    since = day_start(local_date(first.opens, frame.zones) - timedelta(days=1), frame.zones)
    if since <= touch.earliest:
        return False
    for rank, point in ranked:
        at = _earliest(frame, touch, point).replace(microsecond=0)
        if rank <= first.rank[1:] or at >= since:
            continue
        question = frame.question(frame.asked_of(point, touch.purpose))
        if question.opens_before(at, since) and _may_be_tried(frame, phase, touch, point):
            return True
    return False


def _earliest(frame: Frame, touch: Touch, point: ContactPoint) -> datetime:
    """From when on, by us. Who asks is answered, whatever was said there of others' debts."""
    return touch.earliest if touch.answers else max(touch.earliest, _shared(frame, point))


def ways(frame: Frame, phase: Phase, touch: Touch, wished: Hours | None) -> Iterator[Way]:
    """Every way that opens before the account leaves its phase, by rank, whether or not it is held
    up. Each is worked out when it is asked for."""
    return _ways(frame, phase, touch, wished, _ranked(frame, phase))


def _ways(
    frame: Frame, phase: Phase, touch: Touch, wished: Hours | None, ranked: Sequence[Ranked]
) -> Iterator[Way]:
    asked = asked_about(frame, phase, touch)
    for rank, point in ranked:
        if _may_be_tried(frame, phase, touch, point):
            way = _way(frame, phase, touch, point, rank, wished, asked)
            if way is not None and way.opens < (touch.over or frame.boundary):
                yield way


def _may_be_tried(frame: Frame, phase: Phase, touch: Touch, point: ContactPoint) -> bool:
    """Whether nothing of ours keeps a touch from a contact point."""
    name = point.contact_point_id
    if name in touch.excluded or touch.only not in (None, name):
        return False
    unused = why_unused(frame.situation, point, frame.now, phase, frame.rules)
    # Confirming a stop is the one thing that may be said where a stop was said.
    confirms = touch.purpose is Purpose.OPT_OUT_CONFIRMATION
    if unused is not None and not (confirms and unused == STOPPED):
        return False
    return touch.answers or not costs_too_much(frame, phase, point.channel)


def best(frame: Frame, found: Sequence[Way]) -> Way:
    """Of some ways, as ``best_way`` chooses."""
    soonest = min(local_date(way.opens, frame.zones) for way in found)
    near = [w for w in found if local_date(w.opens, frame.zones) <= soonest + timedelta(days=1)]
    first = min(near, key=_by_rank)
    if first.asked is None:
        return first
    if first.channel is wished_channel(frame) or first.rank[0]:
        return replace(first, asked=None)
    return _learned(frame, first.asked, [way for way in near if not way.rank[0]])


def _learned(frame: Frame, asked: Asked, free: list[Way]) -> Way:
    """What the policy chooses among the ways of the first day, each channel by its first."""
    soonest = min(local_date(way.opens, frame.zones) for way in free)
    of_channel: dict[Channel, Way] = {}
    for way in sorted(free, key=_by_rank):
        if local_date(way.opens, frame.zones) == soonest:
            of_channel.setdefault(way.channel, way)
    channel, weights = asked.channel(list(of_channel))
    return replace(of_channel[channel], weights=weights)


def _by_rank(way: Way) -> tuple[bool, int, int, float, str]:
    return way.rank


def place_in_window(frame: Frame, way: Way) -> tuple[datetime, Hour | None]:
    """Somewhere in the window, always at the same place for the same step; and the part of the day
    that a policy has chosen for it, where one is asked.

    It chooses among those of the whole day, also what has passed of it: planned later on the same
    day it is the same. A wish for hours stands above it.
    """
    room = _room(frame, way) if way.spread else None
    if room is None:
        return way.opens, None
    asked = way.asked if frame.preference.week is None else None
    hour = asked.hour(*room, frame.zones) if asked is not None else None
    first, last = (hour.since, hour.until) if hour else room
    place = place_of(frame, way.channel, way.opens, way.due)
    at = (first + (last - first) * place).replace(microsecond=0)
    if at <= way.opens:
        return way.opens, hour
    fits = way.question.forbids(at) is None and (way.wished is None or way.wished.hold(at))
    return (at if fits else way.opens), hour


def _room(frame: Frame, way: Way) -> tuple[datetime, datetime] | None:
    """Of its whole day the window that it takes its place in; None where there is no room."""
    morning = day_start(local_date(way.opens, frame.zones), frame.zones)
    start = min(morning, way.opens)
    asked = way.question.request
    known = known_by(asked, start)
    question = way.question if known is asked else frame.question(known)
    of_day = _window(frame, question, start, way.wished)
    first, last = of_day[0] if of_day else way.opens, way.closes - LINGER
    # Whom an order kept silent until the middle of a window does not come back in its first minute.
    first = max(first, bulk.over_since(frame) or first)
    return (first, last) if first < last else None


def _way(
    frame: Frame,
    phase: Phase,
    touch: Touch,
    point: ContactPoint,
    rank: Rank,
    wished: Hours | None,
    asked: Asked | None,
) -> Way | None:
    """The way to one contact point: at its own time, or later if its providers hold it up."""
    names = frame.rules.providers[point.channel]
    key, question = point.contact_point_id, frame.question(frame.asked_of(point, touch.purpose))
    refused = {name: touch.refused[key, name] for name in names if (key, name) in touch.refused}
    place = frame.held_place if frame.health or refused else 0.0
    route_at = partial(route, point.channel, names, frame.health, refused, place=place)
    earliest = _earliest(frame, touch, point)
    found = route_at(earliest)
    # What a provider did not take had its turn: it does not go back into the queue of the day.
    spread = not touch.answers and (touch.last is None or not of_provider(touch.last))

    def way(opens: datetime, by: Route, *, held: bool) -> Way | None:
        window, full = _window(frame, question, opens, wished), False
        if frame.rules.strategy.capacity is not None and not touch.answers:
            window, full = _with_room(frame, point.channel, question, window, wished)
        if window is None:
            return None
        again = spread or window[0] > opens
        opening, closing = window
        if touch.over is not None:
            # What is not worth saying by then must not be sent then, whatever held it up.
            closing = min(closing, touch.over)
        # For the way that they have asked for, the customer waits till there is room.
        behind = held or (full and point.channel is not frame.preference.channel)
        rest = ((behind, *rank), wished, again, touch.due, full, asked)
        return Way(point.channel, key, question, opening, closing, by, *rest)

    made = way(earliest, found, held=False)
    if made is None or found.opens <= earliest:
        return made
    at, _ = place_in_window(frame, made)
    if at >= found.opens:
        return replace(made, route=route_at(at))
    # A message that waits for its rate does not turn to another channel.
    return way(found.opens, found, held=touch.only is None)


def _with_room(
    frame: Frame,
    channel: Channel,
    question: Question,
    window: tuple[datetime, datetime] | None,
    wished: Hours | None,
) -> tuple[tuple[datetime, datetime] | None, bool]:
    """The first window, from this one on, in a day that is not full; whether it is another one."""
    full = False
    for _ in range(_SEARCHED):
        free = None if window is None else free_from(frame, channel, window[0])
        if window is None or free is None:
            return None, True
        if free <= window[0]:
            return window, full
        window, full = _window(frame, question, free, wished), True
    return None, True


def _shared(frame: Frame, point: ContactPoint) -> datetime:
    """From now on, when an address has rested from what was said there about other debts.

    Whoever's they are, and with whichever creditor: who picks up a telephone does not care whose
    debt it was that rang an hour ago.
    """
    others = [c.at for c in frame.of_others if _same_address(c, point)]
    return max(others) + OTHERS_REST if others else frame.now


def _same_address(contact: PastContact, point: ContactPoint) -> bool:
    if contact.address_id and point.address_id:
        return contact.address_id == point.address_id
    return contact.contact_point_id == point.contact_point_id


def _ranked(frame: Frame, phase: Phase) -> list[Ranked]:
    """Preference first, then what worked (less what was ignored in this phase), then cost."""
    customer, strategy = frame.situation.customer, frame.rules.strategy
    # What they have said themselves, before what a file says of them.
    liked, worked, tried = wished_channel(frame), frame.worked, frame.tried(phase)
    found: list[Ranked] = []
    for point in customer.points:
        channel = point.channel
        score = 2 * worked.get(channel, 0) - tried[channel]
        cost = float(strategy.cost(phase, channel, customer.country))
        rank = (0 if channel is liked else 1, -score, cost, point.contact_point_id)
        found.append((rank, point))
    return sorted(found, key=itemgetter(0))


def _window(
    frame: Frame, question: Question, earliest: datetime, wished: Hours | None
) -> tuple[datetime, datetime] | None:
    """The next stretch that is lawful, and wished for, with time enough to send in it."""
    # The law judges whole seconds; the one we are in has begun, so it is open or not. A later
    # one has not, and rounding it down would be too early.
    whole = earliest.replace(microsecond=0)
    if whole < earliest and earliest > frame.now:
        whole += timedelta(seconds=1)
    at: datetime | None = whole
    for _ in range(_SHORT_STRETCHES if wished is None else _SEARCHED):
        opens = question.next_opening(at) if at is not None else None
        if opens is None:
            return None
        closes = question.closes_at(opens) or opens + timedelta(days=1)
        if wished is not None:
            hours = wished.stretch(opens)
            if hours is None:
                return None
            if hours[0] >= closes:
                at = hours[0]
                continue
            opens, closes = hours[0], min(closes, hours[1])
        if closes - opens >= frame.rules.min_validity:
            return opens, closes
        at = closes
    return None
