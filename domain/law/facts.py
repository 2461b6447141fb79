"""What is known of one request at one instant, laid out for the rules to count in."""

from collections.abc import Iterator
from functools import cached_property
from itertools import dropwhile, takewhile
from operator import attrgetter
from typing import Final

from domain.law.local_time import DAY, SpanTable, Timeline, second, week_table
from domain.law.model import ConsentLift, CountUnit, Leave
from domain.law.request import History, HistoryEntry, LawEvent, LawRequest, Past
from domain.law.selection import Selection
from domain.law.terms import Channel, Direction, EventKind, Outcome, Purpose, week_of

_RECENT: Final = 10 * DAY
"""Reaches back over every 7-day count and its slack."""

_BY_INSTANT: Final = attrgetter("at")


class Facts:
    """A request as seen at ``at`` (epoch seconds): nothing later than that instant."""

    def __init__(self, request: LawRequest, at: int) -> None:
        self.request = request
        self.at = at
        self.channel = request.channel
        self.debt = (request.account_id, None, request.servicing_account)
        """The account ids under which the debt asked about is on file; None is any debt."""
        self.point = request.contact_point.id if request.contact_point else None
        self.events: list[tuple[int, LawEvent]] = []
        if request.events:
            events = sorted(request.events, key=_BY_INSTANT)
            self.events = [(when, e) for e in events if (when := second(e.at)) <= at]
        self.is_answer = request.purpose in (Purpose.REPLY, Purpose.OPTOUT_CONFIRMATION)
        self.past = _until(at, request.history)
        """All contacts, latest first."""
        # Most are too old to matter: only as many are gone through as a rule asks for.
        self._recent_from = at + 1
        self._recent: tuple[Past, ...] = ()
        self._counted: dict[Selection, list[int]] = {}

    def counted(self, selection: Selection, since: int) -> list[int]:
        """Return the instants of the selected contacts, latest first.

        None from ``since`` on is missing; some before it may be there too.
        """
        if since < self._recent_from:
            self._recent_from = first = min(since, self.at - _RECENT)
            self._recent = tuple(takewhile(lambda past: past.at >= first, self.past))
            self._counted.clear()
        found = self._counted.get(selection)
        if found is None:
            found = self._counted[selection] = selection.among(self._recent, self)
        return found

    def is_this_debt(self, account_id: str | None) -> bool:
        """Say whether an account (None: any) is the debt asked about, or its servicing account."""
        return account_id in self.debt

    def about(self, kind: EventKind) -> Iterator[tuple[int, LawEvent]]:
        """Yield the events of a kind on this channel and debt, oldest first."""
        for at, event in self.events:
            if (
                event.kind is kind
                and event.channel in (None, self.channel)
                and self.is_this_debt(event.account_id)
            ):
                yield at, event

    def has(self, kinds: tuple[EventKind, ...]) -> bool:
        """Say whether an event of one of these kinds speaks of this channel, address and debt."""
        return any(
            event.contact_point_id in (None, self.point)
            for kind in kinds
            for _, event in self.about(kind)
        )

    def unanswered(self) -> int | None:
        """Return when the customer last wrote on this channel, None if answered or never."""
        for past in self.past:
            if past.channel is self.channel:
                waits = (
                    past.direction is Direction.INBOUND and past.outcome is not Outcome.CONVERSATION
                )
                return past.at if waits else None
        return None

    @cached_property
    def last_inbound(self) -> int | None:
        """When the customer last wrote from this channel and contact point."""
        for past in self.past:
            if (
                past.direction is Direction.INBOUND
                and past.channel is self.channel
                and self.is_same_point(past.contact_point_id)
            ):
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
            start = at if event.valid_from is None else max(at, second(event.valid_from))
            end = zone.day_start(zone.local_day(at) + lift.days)
            if event.valid_until is not None:
                end = min(end, second(event.valid_until))
            end = min([end, *self._consent_ends(lift, at)])
            if start < end:
                spans.append((start, end))
        return spans

    def _consent_ends(self, lift: ConsentLift, given: int) -> Iterator[int]:
        yield from (at for at, _ in self.about(EventKind.OPT_OUT) if at >= given)
        if lift.until_conversation:
            for past in self.past:
                if (
                    past.at > given
                    and past.outcome is Outcome.CONVERSATION
                    and self.is_this_debt(past.account_id)
                ):
                    yield past.at
        if lift.contacts is not None:
            used = [
                past.at
                for past in self.past
                if past.at >= given
                and past.direction is Direction.OUTBOUND
                and past.channel is self.channel
                and self.is_this_debt(past.account_id)
            ]
            if len(used) >= lift.contacts:
                yield used[-lift.contacts] + 1

    def tables(self, kind: EventKind, zone: str) -> list[tuple[LawEvent, SpanTable]]:
        """Return the windows of the events of a kind; an empty list withdraws earlier ones.

        Those of another contact point are none of this one's: a place can be inconvenient too.
        """
        found: list[tuple[LawEvent, SpanTable]] = []
        for _, event in self.about(kind):
            if not self.is_same_point(event.contact_point_id):
                continue
            if event.windows:
                found.append((event, week_table(zone, week_of(event.windows))))
            else:
                found = [kept for kept in found if not _withdrawn(kept[0], event)]
        return found

    def left_open(
        self, leaves: tuple[Leave, ...], unit: CountUnit, event_at: int, now: int
    ) -> bool:
        """Say whether a stop leaves this purpose open for one more contact."""
        for leave in leaves:
            if leave.purpose is self.request.purpose:
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
            and (unit is CountUnit.PERSON or self.is_this_debt(past.account_id))
            for past in self.past
        )

    def is_same_point(self, point: str | None) -> bool:
        """Say whether a contact point may be the one asked about; one not told may be any."""
        return point is None or self.point is None or point == self.point

    @cached_property
    def wrong_numbers(self) -> frozenset[str | None]:
        """The contact points that turned out not to be the customer's."""
        return frozenset(
            event.contact_point_id
            for _, event in self.events
            if event.kind is EventKind.WRONG_NUMBER
        )


def _until(at: int, history: tuple[HistoryEntry, ...]) -> tuple[Past, ...]:
    # A request copied with another history holds a plain tuple.
    past = (history if isinstance(history, History) else History(history)).past
    if past and past[0].at > at:
        return tuple(dropwhile(lambda contact: contact.at > at, past))
    return past


def _withdrawn(earlier: LawEvent, later: LawEvent) -> bool:
    return (
        later.channel in (None, earlier.channel)
        and later.account_id in (None, earlier.account_id)
        and later.contact_point_id in (None, earlier.contact_point_id)
    )


def same_medium(
    groups: tuple[tuple[Channel, ...], ...], stopped: Channel | None, asked: Channel
) -> bool:
    """Say whether a stop of one channel (None: all) reaches the channel asked about."""
    return stopped in (None, asked) or any(stopped in group and asked in group for group in groups)
