"""Stops, bans and consents: what is closed until somebody opens it."""

from collections.abc import Sequence

from domain.law.checks.base import Check
from domain.law.facts import Facts, same_medium
from domain.law.local_time import (
    NEVER,
    Holidays,
    Span,
    second,
    timeline,
    weekday,
)
from domain.law.model import (
    BanRule,
    ConsentRule,
    CountUnit,
    StopRule,
)
from domain.law.request import LawEvent
from domain.law.terms import WEEKDAYS, Weekday


class StopCheck(Check):
    """No event stops this contact. Bound to all zones: a stop ends when it has ended in each."""

    def __init__(
        self, rule: StopRule, zones: Sequence[str], in_force: Span, calendars: Sequence[Holidays]
    ) -> None:
        super().__init__(rule, zones[0], in_force)
        self.rule, self.needs = rule, rule.event
        self._lines = [timeline(zone) for zone in zones]
        self._calendars = calendars
        self._unit = CountUnit.PERSON if rule.any_account else CountUnit.DEBT

    def detail(self, facts: Facts, at: int) -> str:
        """Name the event and the day it was received."""
        stopping = (since for since, e in facts.events if self._stops(facts, since, e, at))
        kind = str(self.rule.event).replace("_", " ")
        return f"{kind} received on {self._date(next(stopping, at))}"

    def _first_pass(self, facts: Facts, at: int) -> int:
        reached = at
        for since, event in facts.events:
            if event.kind is self.rule.event and self._stops(facts, since, event, at):
                if facts.left_open(self.rule.leaves, self._unit, since, at):
                    continue
                reached = max(reached, self._ends(event))
        return reached

    def _answers(self, facts: Facts, at: int) -> bool:
        # The message that asked us to stop is not one that invites an answer.
        wrote = facts.unanswered()
        stops = (
            second(event.settled_at)
            for since, event in facts.events
            if self._stops(facts, since, event, at)
        )
        return super()._answers(facts, at) and wrote is not None and wrote > max(stops, default=at)

    def _stops(self, facts: Facts, since: int, event: LawEvent, at: int) -> bool:
        rule = self.rule
        return (
            event.kind is rule.event
            and same_medium(rule.media, event.medium, facts.channel)
            and (rule.any_account or facts.is_this_debt(event.account_id))
            and self._same_point(facts, event)
            and (rule.in_writing is None or event.in_writing in rule.in_writing)
            and (rule.contact_known is None or event.contact_known in rule.contact_known)
            and (rule.types is None or event.type in rule.types)
            and event.type not in rule.not_types
            and not self._lifted(facts, event)
            and self._begins(since) <= at < self._ends(event)
        )

    def _same_point(self, facts: Facts, event: LawEvent) -> bool:
        if event.address in (None, facts.point):
            return True
        return facts.point is None and self.rule.unknown_point

    def _lifted(self, facts: Facts, stop: LawEvent) -> bool:
        return any(
            event.kind in self.rule.lifted_by
            and event.at > stop.at
            and event.medium in (None, facts.channel)
            and facts.is_this_debt(event.account_id)
            and event.address in (None, stop.address, facts.point)
            for _, event in facts.events
        )

    def _begins(self, since: int) -> int:
        received = since + self.rule.grace_hours * 3_600
        left = self.rule.grace_business_days
        if not left:
            return received
        line = self._lines[0]
        day = line.local_day(received)
        while left:
            day += 1
            holiday = any(calendar.name(day) for calendar in self._calendars)
            left -= weekday(day) < WEEKDAYS.index(Weekday.SAT) and not holiday
        return line.day_start(day + 1)

    def _ends(self, event: LawEvent) -> int:
        if event.ends_at is not None:
            return -int(-event.ends_at.timestamp() // 1)
        days = event.days if event.days is not None else self.rule.days
        if days is None:
            return NEVER
        said = second(event.at)
        return max(line.day_start(line.local_day(said) + days + 1) for line in self._lines)


class BanCheck(Check):
    """What the rule's filters select is forbidden."""

    def __init__(self, rule: BanRule, zone: str, in_force: Span) -> None:
        super().__init__(rule, zone, in_force)
        self.rule = rule

    def detail(self, facts: Facts, at: int) -> str:
        """Name what the filters selected."""
        request = facts.request
        point = request.contact_point.kind if request.contact_point else "unknown"
        return f"asked: {request.channel} to a {request.party}, contact point {point}"

    def _first_pass(self, facts: Facts, at: int) -> int:
        if self.rule.unless_inbound and facts.wrote_from_here():
            return at
        return at if facts.names_point(self.rule.unless_named) else NEVER


class ConsentCheck(Check):
    """Only with consent that is fresh enough; what has lapsed does not come back by itself."""

    def __init__(self, rule: ConsentRule, zone: str, in_force: Span) -> None:
        super().__init__(rule, zone, in_force)
        self._authorized, self._events = rule.authorized, rule.events
        self._inbound, self._within_days = rule.inbound, rule.within_days

    def detail(self, facts: Facts, at: int) -> str:
        """Say whether there was none, or when it lapsed."""
        given = self._latest(facts)
        if given is None:
            return f"no such consent is on file for {facts.channel}"
        return f"the last on file is of {self._date(given)}"

    def _first_pass(self, facts: Facts, at: int) -> int:
        if self._authorized and facts.authorized:
            return at
        given = self._latest(facts)
        if given is None:
            return NEVER
        if self._within_days is None:
            return at
        lapses = self.line.day_start(self.line.local_day(given) + self._within_days)
        return at if at < lapses else NEVER

    def _latest(self, facts: Facts) -> int | None:
        given = [second(event.at) for event in facts.consented_to(self._events)]
        if self._inbound and (wrote := facts.last_inbound()) is not None:
            given.append(wrote)
        return max(given, default=None)
