"""What is known of one request at one instant, laid out for the rules to count in."""

from collections.abc import Container, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from itertools import dropwhile
from typing import NamedTuple

from domain.law.local_time import NEVER, Span, Timeline, second
from domain.law.model import ConsentLift, CountUnit, Leave
from domain.law.request import History, LawEvent, LawRequest, Past
from domain.law.terms import (
    ContactOutcome,
    Direction,
    EventKind,
    LawPurpose,
    Medium,
    Week,
    Window,
    Windows,
    week_of,
)
from domain.law.weekly import ALWAYS, minutes_of

Limit = tuple[int, Sequence[Span], int | None]
"""When a limit ends by itself, when consent lifts it, and the contact on which its end depends."""

_STUDENT_LOAN = "student_loan"
_ANSWERS = frozenset((LawPurpose.REPLY, LawPurpose.OPTOUT_CONFIRMATION))


class Facts:
    """A request as seen at ``at`` (epoch seconds): no contact, and no leave, of a later instant."""

    def __init__(self, request: LawRequest, at: int, known: "Known | None" = None) -> None:
        """``known``: what ``known_at`` tells of its events, where somebody has asked before."""
        self.request = request
        self.at = at
        self.channel = request.channel
        self.debt = (request.account_id, None, request.servicing_account)
        """The account ids under which the debt asked about is on file; None is any debt."""
        point = request.contact_point
        self.point = point.id if point else None
        self.authorized = bool(point and point.authorized)
        """Whether the contact point is authorised for the channel."""
        self._refused = point is not None and point.id is not None and point.authorized is False
        """Whether it is told, and said not to be authorised."""
        self.events, self.kinds, self.wrong_numbers = known or known_at(request.events, at)
        self.is_answer = request.purpose in _ANSWERS
        history = request.history
        if not isinstance(history, History):
            history = History(history)  # A request copied with another history holds a plain tuple.
        self.past = _until(at, history.past)
        """All contacts, latest first."""
        self.inbound = _until(at, history.inbound)
        """Those that the customer began, latest first."""
        self.servicing = _servicing(request, self.past)
        """The servicing accounts of contacts that may be about this debt; None is one not known."""
        self._weeks: dict[EventKind, list[tuple[LawEvent, Week]]] = {}
        self.limits: dict[object, Limit] = {}
        """What each limit has found in the history: it is asked of several instants."""

    def is_this_debt(self, account_id: str | None) -> bool:
        """Say whether an account (None: any) is the debt asked about, or its servicing account."""
        return account_id in self.debt

    def may_be_this_debt(self, past: Past) -> bool:
        """Say whether a contact counts for this debt.

        Loans under one servicing account are one debt, as far as anybody knows (``_servicing``).
        """
        return past.account_id in self.debt or past.servicing_account in self.servicing

    def about(self, kind: EventKind) -> Iterator[tuple[int, LawEvent]]:
        """Yield the events of a kind on this channel and debt, oldest first."""
        if kind not in self.kinds:
            return
        for at, event in self.events:
            if (
                event.kind is kind
                and event.medium in (None, self.channel)
                and self.is_this_debt(event.account_id)
            ):
                yield at, event

    def has(self, kinds: tuple[EventKind, ...]) -> bool:
        """Say whether an event of one of these kinds speaks of this channel, address and debt."""
        return any(self._is_ours(event) for kind in kinds for _, event in self.about(kind))

    def consented_to(self, kinds: Sequence[EventKind]) -> Iterator[LawEvent]:
        """Yield the events of these kinds that consent to this contact point."""
        for kind in kinds:
            yield from (event for _, event in self.about(kind) if self._is_ours(event))

    @property
    def consented(self) -> bool:
        """Whether the contact point is authorised, or the customer opted in to it."""
        return self.authorized or self.has((EventKind.OPT_IN,))

    def names_point(self, kinds: Sequence[EventKind]) -> bool:
        """Say whether an event of one of these kinds names this very contact point."""
        return self.point is not None and any(
            event.address == self.point for kind in kinds for _, event in self.about(kind)
        )

    def _is_ours(self, event: LawEvent) -> bool:
        """Say whether it speaks of this address, by name or of all alike.

        Consent is for an address: an opt-in to the medium is none to what is not authorised.
        """
        if event.address is None:
            return not (self._refused and event.kind is EventKind.OPT_IN)
        return event.address == self.point

    def unanswered(self) -> int | None:
        """Return when the customer last wrote on this channel, None if answered or never."""
        for past in self.past:
            if past.channel is self.channel:
                waits = (
                    past.direction is Direction.INBOUND
                    and past.outcome is not ContactOutcome.CONVERSATION
                )
                return past.at if waits else None
        return None

    def wrote_from_here(self) -> bool:
        """Say whether the customer wrote from this channel and this very contact point."""
        return any(
            past.channel is self.channel and self.point in (None, past.contact_point_id)
            for past in self.inbound
        )

    def last_inbound(self) -> int | None:
        """Return when the customer last wrote from this channel and contact point."""
        for past in self.inbound:
            if past.channel is self.channel and self.is_same_point(past.contact_point_id):
                return past.at
        return None

    def was_contacted(self) -> bool:
        """Say whether the collector has contacted anyone about this debt before."""
        return any(
            past.direction is Direction.OUTBOUND and past.account_id in self.debt
            for past in self.past
        )

    def consents(self, lift: ConsentLift, zone: Timeline) -> list[tuple[int, int]]:
        """Return the stretches of time in which the customer's consent lifts a limit."""
        spans = []
        for at, event in self.about(lift.event):
            given = second(event.at)
            start = at if event.valid_from is None else max(at, second(event.valid_from))
            end = zone.day_start(zone.local_day(given) + lift.days)
            if event.valid_until is not None:
                end = min(end, second(event.valid_until))
            end = min([end, *self._consent_ends(lift, given)])
            if start < end:
                spans.append((start, end))
        return spans

    def _consent_ends(self, lift: ConsentLift, given: int) -> Iterator[int]:
        for at, stop in self.about(EventKind.OPT_OUT):
            if second(stop.at) >= given:
                yield at
        if lift.until_conversation:
            for past in self.past:
                if (
                    past.at > given
                    and past.outcome is ContactOutcome.CONVERSATION
                    and self.may_be_this_debt(past)
                ):
                    yield past.at
        if lift.contacts is not None:
            used = [
                past.at
                for past in self.past
                if past.at > given
                and past.direction is Direction.OUTBOUND
                and past.channel is self.channel
                and self.may_be_this_debt(past)
            ]
            if len(used) >= lift.contacts:
                yield used[-lift.contacts] + 1

    def weeks(self, kind: EventKind) -> list[tuple[LawEvent, Week]]:
        """Return the hours of the events of a kind; an empty list withdraws earlier ones.

        Those of another contact point are none of this one's: a place can be inconvenient too.
        """
        found = self._weeks.get(kind)
        if found is None:
            found = self._weeks[kind] = self._standing(kind)
        return found

    @cached_property
    def stated_minutes(self) -> int:
        """The minutes of the week that were called inconvenient."""
        found = 0
        for _, week in self.weeks(EventKind.INCONVENIENT_TIME):
            found |= minutes_of(week)
        return found

    @cached_property
    def unstated_minutes(self) -> int:
        """The other minutes of the week."""
        return ALWAYS ^ self.stated_minutes

    def _standing(self, kind: EventKind) -> list[tuple[LawEvent, Week]]:
        found: list[tuple[LawEvent, Week]] = []
        for _, event in self.about(kind):
            if not self.is_same_point(event.address):
                continue
            if event.windows:
                found.append((event, _week(event.windows)))
            else:
                found = [kept for kept in found if not _withdrawn(kept[0], event)]
        return found

    def left_open(
        self, leaves: tuple[Leave, ...], unit: CountUnit, event_at: int, now: int
    ) -> bool:
        """Say whether a stop leaves this purpose open for one more contact."""
        for leave in leaves:
            if leave.purpose is self.request.purpose and (
                leave.channels is None or self.channel in leave.channels
            ):
                late = (
                    leave.within_minutes is not None and now > event_at + leave.within_minutes * 60
                )
                used = leave.limit is not None and self._sent_since(event_at, unit) >= leave.limit
                return not late and not used
        return False

    def _sent_since(self, event_at: int, unit: CountUnit) -> int:
        return sum(
            past.at >= event_at
            and past.direction is Direction.OUTBOUND
            and (unit is CountUnit.PERSON or self.may_be_this_debt(past))
            for past in self.past
        )

    def is_same_point(self, point: str | None) -> bool:
        """Say whether a contact point may be the one asked about; one not told may be any."""
        return point is None or self.point is None or point == self.point


class Known(NamedTuple):
    """What is known of a customer's events at an instant, whatever the contact asked about."""

    events: list[tuple[int, LawEvent]]
    """Each with the second from which it holds, in the order in which they were said."""
    kinds: frozenset[EventKind]
    wrong_numbers: frozenset[str | None]
    """The contact points that turned out not to be the customer's."""


_NOTHING = Known([], frozenset(), frozenset())


def known_at(events: Sequence[LawEvent], at: int) -> Known:
    """Lay out what is known at ``at`` (epoch seconds)."""
    if not events:
        return _NOTHING
    held = [(when, e) for e in events if (when := _holds_from(e, at)) <= at]
    held = sorted(held, key=_order) if len(held) > 1 else held
    wrong = (e for _, e in held if e.kind is EventKind.WRONG_NUMBER)
    # A call to a wrong number does not count against the limits. That allows more calls, so
    # it holds only once the news is certain: from the later of its two instants.
    numbers = frozenset(event.contact_point_id for event in wrong if second(event.settled_at) <= at)
    return Known(held, frozenset(event.kind for _, event in held), numbers)


class Told:
    """What is told of a customer, laid out once for questions about several contact points."""

    def __init__(self, request: LawRequest) -> None:
        """``request``: one of those that have the very same events and contacts."""
        self.all_known_from = last_of(request)
        """From then on nothing more becomes known."""
        self._events = request.events
        self._known: dict[int, Known] = {}

    def known_at(self, at: int) -> Known:
        """What is known of the events at an instant: the same once all of it is."""
        at = min(at, self.all_known_from)
        found = self._known.get(at)
        if found is None:
            found = self._known[at] = known_at(self._events, at)
        return found


def _holds_from(event: LawEvent, asked: int) -> int:
    """Return the second from which an event holds for who asks at ``asked``.

    What takes leave away holds from the earlier of its two instants, or at once: whoever asks
    knows of it. What gives leave holds from the later.
    """
    said, recorded = second(event.at), event.recorded_at
    if event.gives_leave:
        return said if recorded is None else max(said, second(recorded))
    return min(said, asked) if recorded is None else min(said, asked, second(recorded))


def last_of(request: LawRequest) -> int:
    """Return the second from which on all that is on file has happened and is recorded.

    Who asks later than that is told the same facts as who asks then.
    """
    history = request.history
    past = history.past if isinstance(history, History) else History(history).past
    found = past[0].at if past else -NEVER
    for event in request.events:
        found = max(found, second(event.settled_at))
    return found


def _order(held: tuple[int, LawEvent]) -> tuple[datetime, bool]:
    """Of what was said in one instant the last word is what closes."""
    _, event = held
    return event.at, not event.gives_leave


def _week(windows: tuple[Window, ...]) -> Week:
    # An event copied with other windows holds a plain tuple.
    return windows.week if isinstance(windows, Windows) else week_of(windows)


def _servicing(request: LawRequest, past: Sequence[Past]) -> Container[str | None]:
    """Return the numbers under which contacts may be about the debt asked about.

    Student loans that are serviced under one number are one debt (12 CFR 1006.14(b)(4)). Under
    which one the loan asked about is, or a contact was, may not be told: then it may be the same,
    and the contact counts. That is the reading that contacts less; whoever knows better says the
    numbers.
    """
    if request.servicing_account is not None:
        return (request.servicing_account, None)
    if request.debt_type == _STUDENT_LOAN:
        return {one.servicing_account for one in past}
    return ()


def _until(at: int, contacts: tuple[Past, ...]) -> tuple[Past, ...]:
    if contacts and contacts[0].at > at:
        return tuple(dropwhile(lambda past: past.at > at, contacts))
    return contacts


def _withdrawn(earlier: LawEvent, later: LawEvent) -> bool:
    return (
        later.channel in (None, earlier.channel)
        and later.account_id in (None, earlier.account_id)
        and later.contact_point_id in (None, earlier.contact_point_id)
    )


def same_medium(
    groups: tuple[tuple[Medium, ...], ...], stopped: Medium | None, asked: Medium
) -> bool:
    """Say whether a stop of one channel (None: all) reaches the channel asked about."""
    return stopped in (None, asked) or any(stopped in group and asked in group for group in groups)
