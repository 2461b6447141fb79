"""What is known of one request at one instant, laid out for the rules to count in."""

from collections.abc import Iterator
from functools import cached_property
from operator import attrgetter, itemgetter
from typing import Final

from domain.law.local_time import DAY, SpanTable, Timeline, date_of, second, week_table
from domain.law.model import ConsentLift, CountUnit, Leave
from domain.law.request import HistoryEntry, LawEvent, LawRequest
from domain.law.selection import Row, Selection
from domain.law.terms import Channel, Direction, EventKind, Outcome, Purpose, week_of

_RECENT: Final = 10 * DAY
"""Reaches back over every 7-day count and its slack."""

_BY_INSTANT: Final = attrgetter("at")
_INSTANT: Final = itemgetter(0)


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
        # Most contacts are too old to matter: only those that a rule asks for are laid out.
        self._laid_out_from = at + 1
        self._rows: list[Row] = []
        self._counted: dict[Selection, list[int]] = {}

    @cached_property
    def entries(self) -> list[tuple[int, HistoryEntry]]:
        """All contacts with their instants, latest first."""
        history = sorted(self.request.history, key=_BY_INSTANT, reverse=True)
        return [(when, entry) for entry in history if (when := second(entry.at)) <= self.at]

    def counted(self, selection: Selection, since: int) -> list[int]:
        """Return the instants of the selected contacts, latest first.

        None from ``since`` on is missing; some before it may be there too.
        """
        if since < self._laid_out_from:
            self._lay_out(min(since, self.at - _RECENT))
        found = self._counted.get(selection)
        if found is None:
            found = selection.among(self._rows, self)
            self._counted[selection] = found
        return found

    def _lay_out(self, since: int) -> None:
        # The date on any clock is within a day of the date in UTC, and quick to ask for.
        first = date_of(since // DAY - 1).toordinal()
        rows = [
            (
                second(entry.at),
                entry.channel,
                entry.direction,
                entry.outcome,
                entry.account_id,
                entry.contact_point_id,
            )
            for entry in self.request.history
            if entry.at.toordinal() >= first
        ]
        rows.sort(key=_INSTANT, reverse=True)
        self._rows = [row for row in rows if row[0] <= self.at]
        self._counted.clear()
        self._laid_out_from = since

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
        """Say whether an event of one of these kinds speaks of this channel and debt."""
        return any(True for kind in kinds for _ in self.about(kind))

    def unanswered(self) -> int | None:
        """Return when the customer last wrote on this channel, None if answered or never."""
        for at, entry in self.entries:
            if entry.channel is self.channel:
                waits = (
                    entry.direction is Direction.INBOUND
                    and entry.outcome is not Outcome.CONVERSATION
                )
                return at if waits else None
        return None

    def last_inbound(self) -> int | None:
        """Return when the customer last wrote from this channel and contact point."""
        wrote = [
            second(entry.at)
            for entry in self.request.history
            if entry.direction is Direction.INBOUND
            and entry.channel is self.channel
            and self.is_same_point(entry.contact_point_id)
        ]
        return max((at for at in wrote if at <= self.at), default=None)

    def was_contacted(self) -> bool:
        """Say whether the collector has contacted anyone about this debt before."""
        return any(
            entry.direction is Direction.OUTBOUND
            and entry.account_id in self.debt
            and second(entry.at) <= self.at
            for entry in self.request.history
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
            for at, entry in self.entries:
                if (
                    at > given
                    and entry.outcome is Outcome.CONVERSATION
                    and self.is_this_debt(entry.account_id)
                ):
                    yield at

    def tables(self, kind: EventKind, zone: str) -> list[tuple[LawEvent, SpanTable]]:
        """Return the windows of the events of a kind; an empty list withdraws earlier ones."""
        found: list[tuple[LawEvent, SpanTable]] = []
        for _, event in self.about(kind):
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
            at >= event_at
            and entry.direction is Direction.OUTBOUND
            and (unit is CountUnit.PERSON or self.is_this_debt(entry.account_id))
            for at, entry in self.entries
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


def _withdrawn(earlier: LawEvent, later: LawEvent) -> bool:
    return later.channel in (None, earlier.channel) and later.account_id in (
        None,
        earlier.account_id,
    )


def same_medium(
    groups: tuple[tuple[Channel, ...], ...], stopped: Channel | None, asked: Channel
) -> bool:
    """Say whether a stop of one channel (None: all) reaches the channel asked about."""
    return stopped in (None, asked) or any(stopped in group and asked in group for group in groups)
