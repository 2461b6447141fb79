"""The questions asked of the law. Pure: the same packs, request and instant, the same answer.

Instants are aware datetimes (any offset in, UTC out) and are judged by the whole second they fall
in. Contacts after ``at`` are ignored, and so is leave; what takes it away holds when it is known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter
from typing import Final

from domain.law.checks.base import Check
from domain.law.facts import Facts, Told
from domain.law.local_time import (
    DAY,
    HORIZON_DAYS,
    NEVER,
    instant,
    second,
    spelt_date,
    timeline,
    weekday,
)
from domain.law.model import RuleBase, RulePack
from domain.law.plan import Plan, Relevant, duties_for, plan_for
from domain.law.request import Duty, LawRequest, Verdict
from domain.law.weekly import CommonWeek

_HORIZON: Final = HORIZON_DAYS * DAY

_PATIENCE: Final = 3
"""Openings that turn out closed by something else, after which the week is looked at as a whole."""

_PASSES: Final = itemgetter(0)


class Question:
    """One request, asked of several instants: what is the same at all of them is laid out once."""

    def __init__(
        self,
        packs: Sequence[RulePack],
        request: LawRequest,
        told: Told | None = None,
    ) -> None:
        """Raise UnknownJurisdictionError if a pack is missing.

        ``told``: what questions with the very same events and contacts share.
        """
        self.request = request
        self._told = Told(request) if told is None else told
        self._plan = plan_for(packs, request)
        self._facts: Facts | None = None

    def verdict(self, at: datetime) -> Verdict:
        """Say whether the contact may be made at ``at``, by which rule, and when next if not.

        Of several rules that forbid it, the verdict names the one that forbids it longest.
        """
        now = second(at)
        facts = self._facts_at(now)
        relevant = self._plan.relevant(facts)
        blocks = _blocks(relevant.checks, facts, now)
        if not blocks:
            return _allowed(self._plan, facts, now)
        last, _ = max(blocks, key=_PASSES)
        check = _weightiest(blocks)
        opening = _search(relevant, facts, last)
        rule = check.base
        return Verdict(
            id=self.request.id,
            verdict=rule.outcome,
            rule=rule.id,
            cite=rule.cite,
            reason=_forbidden(check, facts, now),
            reading=self._plan.decided_by(check, facts, now),
            next_allowed_at=instant(opening),
        )

    def forbids(self, at: datetime) -> RuleBase | None:
        """Return the rule that a verdict would name, without its words; None: it is allowed."""
        now = second(at)
        facts = self._facts_at(now)
        blocks = _blocks(self._plan.relevant(facts).checks, facts, now)
        return _weightiest(blocks).base if blocks else None

    def next_opening(self, at: datetime) -> datetime | None:
        """Return the first whole second from ``at`` on at which every rule passes; None: never.

        The facts are those known at ``at``. A search through opening hours ends 400 days after the
        last instant at which anything else changes.
        """
        now = second(at)
        facts = self._facts_at(now)
        relevant = self._plan.relevant(facts)
        return instant(_search(relevant, facts, now + (at.microsecond > 0)))

    def opens_before(self, at: datetime, until: datetime) -> bool:
        """Say whether ``next_opening`` may lie before ``until``, for less than finding it costs.

        True also where not all facts are known yet at ``at``: what comes may open something.
        """
        now, enough = second(at), second(until)
        if now < self._told.all_known_from:
            return True
        facts = self._facts_at(now)
        relevant, begins = self._plan.relevant(facts), now + (at.microsecond > 0)
        # What closes for days, such as a cap, comes last in a search: here it may do alone.
        for check in reversed(relevant.searched):
            if check.first_pass(facts, begins) >= enough:
                return False
        return _search(relevant, facts, begins, enough) < enough

    def closes_at(self, at: datetime) -> datetime | None:
        """Return when, given ``at`` is allowed, hours or closed days next forbid it.

        Half open: at the returned instant the contact is no longer allowed. Times the customer
        called inconvenient are hours too. None: it never closes.
        """
        now = second(at)
        facts = self._facts_at(now)
        found = NEVER
        for check in self._plan.relevant(facts).recurring:  # no other closes
            found = min(found, check.closes(facts, now))
        return instant(found)

    def _facts_at(self, now: int) -> Facts:
        """What is known at an instant: the same from the last of all facts on."""
        known, told = self._facts, self._told
        if known is not None and told.all_known_from <= known.at <= now:
            return known
        self._facts = Facts(self.request, now, told.known_at(now))
        return self._facts


def verdict(packs: Sequence[RulePack], request: LawRequest, at: datetime) -> Verdict:
    """Answer as ``Question.verdict``, for who asks of one instant."""
    return Question(packs, request).verdict(at)


def next_opening(packs: Sequence[RulePack], request: LawRequest, at: datetime) -> datetime | None:
    """Answer as ``Question.next_opening``, for who asks of one instant."""
    return Question(packs, request).next_opening(at)


def closes_at(packs: Sequence[RulePack], request: LawRequest, at: datetime) -> datetime | None:
    """Answer as ``Question.closes_at``, for who asks of one instant."""
    return Question(packs, request).closes_at(at)


def _blocks(checks: Sequence[Check], facts: Facts, now: int) -> list[tuple[int, Check]]:
    return [(passes, it) for it in checks if (passes := it.first_pass(facts, now)) > now]


def _weightiest(blocks: Sequence[tuple[int, Check]]) -> Check:
    """Of several that forbid it the one to name: a ban before a review, the longest first."""
    if len(blocks) == 1:
        return blocks[0][1]
    return max([it for it in blocks if it[1].denies] or blocks, key=_PASSES)[1]


def closed_by(
    packs: Sequence[RulePack], request: LawRequest, at: datetime
) -> tuple[tuple[RuleBase, datetime | None], ...]:
    """Return the rules that forbid the contact at ``at`` whatever the hour and the day.

    Each with the instant from which it does not, None: never; that which forbids it longest first,
    and a ban before a review. The verdict names a ban before all reviews, if only of the hour:
    whoever asks what stands in the way for good asks here.
    """
    now = second(at)
    facts = Facts(request, now)
    checks = [it for it in plan_for(packs, request).relevant(facts).checks if not it.recurring]
    blocks = [(passes, it) for it in checks if (passes := it.first_pass(facts, now)) > now]
    blocks.sort(key=lambda block: (-block[0], not block[1].denies))
    return tuple((it.base, instant(passes)) for passes, it in blocks)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time, half open, in which hours and closed days leave a contact open, or do not.

    ``why`` says in a clause what closes it; empty while it is open.
    """

    start: datetime
    end: datetime
    rule: str | None = None
    why: str = ""

    @property
    def is_open(self) -> bool:
        """Whether no hours and no closed day forbid the contact."""
        return self.rule is None


def opening_hours(
    packs: Sequence[RulePack], request: LawRequest, since: datetime, until: datetime
) -> tuple[Stretch, ...]:
    """Cut the time between two instants where hours, closed days or stated times begin or end.

    Nothing else is looked at: no cap, no consent, no stop. Of several rules that close a stretch, a
    closed day is named before hours.
    """
    facts, end = Facts(request, second(since)), second(until)
    checks = plan_for(packs, request).relevant(facts).recurring
    found: list[Stretch] = []
    at = second(since)
    while at < end:
        passes = [(check, check.first_pass(facts, at)) for check in checks]
        closed = [check for check, free in passes if free > at]
        changes = [free if free > at else check.closes(facts, at) for check, free in passes]
        upto = min([end, *changes])
        said = _why_closed(closed, facts, at)
        start = datetime.fromtimestamp(at, UTC)
        if found and (found[-1].rule, found[-1].why) == said:
            start = found.pop().start
        found.append(Stretch(start, datetime.fromtimestamp(upto, UTC), *said))
        at = upto
    return tuple(found)


def _why_closed(closed: Sequence[Check], facts: Facts, at: int) -> tuple[str | None, str]:
    if not closed:
        return None, ""
    check = next((one for one in closed if one.names_days), closed[0])
    return check.base.id, check.detail(facts, at)


def duties(packs: Sequence[RulePack], request: LawRequest, at: datetime) -> tuple[Duty, ...]:
    """Return the content duties that bind a message sent at ``at``, in the order of the packs."""
    return duties_for(packs, request, second(at))


def _search(relevant: Relevant, facts: Facts, at: int, enough: int = NEVER) -> int:
    """Raise ``at`` to what each check asks until all pass: each jump skips only forbidden time.
    Nor is anything looked for from ``enough`` on."""
    if at >= NEVER:
        return NEVER
    ordered = relevant.searched
    reached, deadline, looked_until = at, at + _HORIZON, NEVER
    place = jumps = 0
    while place < len(ordered):
        check = ordered[place]
        passes = check.first_pass(facts, reached)
        place += 1
        if passes <= reached:
            continue
        if passes >= enough:
            return passes
        reached, place = passes, 0
        if not check.recurring:
            deadline, jumps, looked_until = reached + _HORIZON, 0, NEVER
            continue
        jumps += 1
        if jumps == _PATIENCE or reached >= looked_until:
            reached, looked_until = _skipped(relevant.recurring, facts, reached, deadline)
        if reached > deadline:
            return NEVER
    return reached


def _skipped(recurring: Sequence[Check], facts: Facts, at: int, deadline: int) -> tuple[int, int]:
    """Return the first instant at which the week may be open, and until when that stays so.

    Up to there opening hours, closed weekdays and stated times leave no minute in common.
    """
    if not facts.is_answer:  # Then what sets a rule aside is the same at all instants.
        recurring = [it for it in recurring if not it.is_set_aside(facts, at)]
    edges = sorted({edge for it in recurring for edge in (it.since, it.until)})
    before: list[Check] | None = None
    week, same_until = CommonWeek(()), at
    while at <= deadline:
        if at >= same_until:
            binding = [it for it in recurring if it.since <= at < it.until]
            same_until = next((edge for edge in edges if edge > at), NEVER)
            if facts.is_answer:
                binding = [it for it in binding if not it.is_set_aside(facts, at)]
                # What an answer is free of today may bind it then.
                same_until = min(same_until, at + 7 * DAY)
            if binding != before:
                week = CommonWeek([(it.line, it.open_minutes(facts)) for it in binding])
                before = binding
        opens, end = week.next_open(at, min(deadline + 1, same_until))
        if opens < end:
            return opens, end
        at = end
    return NEVER, NEVER


def _allowed(plan: Plan, facts: Facts, now: int) -> Verdict:
    zone = facts.request.zones[0]
    wall = _wall(zone, now)
    number = plan.rules()
    return Verdict(
        id=facts.request.id,
        verdict="allowed",
        rule="none",
        cite="",
        reason=f"Allowed at {wall}: of {number} rules that bind this contact none forbids it.",
        reading=plan.allowed_by(facts, now),
        next_allowed_at=None,
    )


def _forbidden(check: Check, facts: Facts, now: int) -> str:
    word = "Denied" if check.base.outcome == "denied" else "To be reviewed by a person"
    return f"{word} at {_wall(check.zone, now)}: {check.base.title}; {check.detail(facts, now)}."


_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _wall(zone: str, at: int) -> str:
    day, shown = timeline(zone).wall(at)
    clock = f"{shown // 3600:02}:{shown // 60 % 60:02}:{shown % 60:02}"
    return f"{clock} on {_DAYS[weekday(day)]} {spelt_date(day)} ({zone})"
