"""What is known of one request at one instant, laid out for the rules to count in."""

from collections.abc import Iterator
from datetime import UTC, datetime
from operator import attrgetter
from typing import Final

from domain.law.local_time import DAY, SpanTable, Timeline, second, week_table
from domain.law.model import ConsentLift, Counted, CountUnit, Leave
from domain.law.request import HistoryEntry, LawEvent, LawRequest
from domain.law.terms import Channel, Direction, EventKind, Outcome, Purpose, week_of

_RECENT_DAYS: Final = 10
"""Reaches back over every 7-day count and its slack."""

_BY_INSTANT: Final = attrgetter("at")


class Facts:
    """A request as seen at ``at`` (epoch seconds): nothing later than that instant."""

    def __init__(self, request: LawRequest, at: int) -> None:
        self.request = request
        self.at = at
        self.channel = request.channel
        self._debt = (request.account_id, None, request.servicing_account)
        self.point = request.contact_point.id if request.contact_point else None
        self.events: list[tuple[int, LawEvent]] = []
        if request.events:
            events = sorted(request.events, key=_BY_INSTANT)
            self.events = [(when, e) for e in events if (when := second(e.at)) <= at]
        # Most contacts are too old to matter: those are put in order only on demand.
        self._floor = at - _RECENT_DAYS * DAY
        oldest = datetime.fromtimestamp(self._floor, UTC)
        self._recent = self._in_order([e for e in request.history if e.at >= oldest])
        self._all: list[tuple[int, HistoryEntry]] | None = None
        self.is_answer = request.purpose in (Purpose.REPLY, Purpose.OPTOUT_CONFIRMATION)

    def entries(self, since: int = 0) -> Iterator[tuple[int, HistoryEntry]]:
        """Yield the contacts from ``since`` on with their instants, latest first."""
        return (pair for pair in self._from(since) if pair[0] >= since)

    def _from(self, since: int) -> list[tuple[int, HistoryEntry]]:
        """Return all contacts from ``since`` on, and perhaps earlier ones."""
        if since >= self._floor:
            return self._recent
        if self._all is None:
            self._all = self._in_order(list(self.request.history))
        return self._all

    def _in_order(self, entries: list[HistoryEntry]) -> list[tuple[int, HistoryEntry]]:
        entries.sort(key=_BY_INSTANT, reverse=True)
        return [(when, entry) for entry in entries if (when := second(entry.at)) <= self.at]

    def is_this_debt(self, account_id: str | None) -> bool:
        """Say whether an account (None: any) is the debt asked about, or its servicing account."""
        return account_id in self._debt

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
        for at, entry in self.entries():
            if entry.channel is self.channel:
                waits = (
                    entry.direction is Direction.INBOUND
                    and entry.outcome is not Outcome.CONVERSATION
                )
                return at if waits else None
        return None

    def inbound(self, since: int = 0) -> Iterator[int]:
        """Yield when the customer wrote from this channel and contact point, latest first."""
        for at, entry in self.entries(since):
            if (
                entry.direction is Direction.INBOUND
                and entry.channel is self.channel
                and self._same_point(entry.contact_point_id)
            ):
                yield at

    def counted(self, counts: Counted, unit: CountUnit, since: int) -> list[int]:
        """Return the instants of the contacts that count, latest first, none before ``since``."""
        return [
            at
            for at, entry in self._from(since)
            if at >= since and self._counts(entry, counts, unit)
        ]

    def others(self, counts: Counted, unit: CountUnit, since: int) -> list[int]:
        """Return, as ``counted`` does, the contacts on other channels than the one asked about."""
        return [
            at
            for at, entry in self._from(since)
            if at >= since
            and entry.channel is not self.channel
            and self._counts(entry, counts, unit)
        ]

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
            for at, entry in self.entries():
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
            for at, entry in self.entries()
        )

    def _counts(self, entry: HistoryEntry, counts: Counted, unit: CountUnit) -> bool:
        return (
            (counts.channels is None or entry.channel in counts.channels)
            and entry.direction in counts.directions
            and (unit is CountUnit.PERSON or self.is_this_debt(entry.account_id))
            and (counts.outcomes is None or entry.outcome in counts.outcomes)
            and entry.outcome not in counts.not_outcomes
            and (not counts.same_channel or entry.channel is self.channel)
            and (not counts.same_contact_point or self._same_point(entry.contact_point_id))
            and (not counts.skip_wrong_numbers or not self._misdirected(entry))
        )

    def _same_point(self, point: str | None) -> bool:
        return point is None or self.point is None or point == self.point

    def _misdirected(self, entry: HistoryEntry) -> bool:
        return entry.contact_point_id is not None and any(
            event.kind is EventKind.WRONG_NUMBER
            and event.contact_point_id == entry.contact_point_id
            for _, event in self.events
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
