"""What every check of a rule is: from which instant on does the rule let the contact pass?

Every check answers ``first_pass(facts, at)``: ``at`` itself if the rule passes then, else the first
second after it at which the rule passes with the facts unchanged, NEVER if there is none. A search
over all rules therefore only ever jumps forward to instants that matter.
"""

from typing import ClassVar

from domain.law.facts import Facts
from domain.law.local_time import (
    NEVER,
    Span,
    spelt_date,
    timeline,
)
from domain.law.model import (
    BindsReplies,
    RuleBase,
)
from domain.law.terms import EventKind
from domain.law.weekly import ALWAYS


class Check:
    """A rule bound to a zone.

    ``recurring``: it closes and opens again for as long as time runs. ``needs``: it forbids nothing
    where no event of this kind is on file. ``names_days``: its detail names a holiday or a weekday.
    """

    recurring: ClassVar[bool] = False
    """Whether ``open_minutes`` says when it may be open."""
    needs: EventKind | None = None
    names_days: ClassVar[bool] = False

    def __init__(self, rule: RuleBase, zone: str, in_force: Span) -> None:
        self.base = rule
        self.zone = zone
        self.line = timeline(zone)
        self.denies = rule.outcome == "denied"
        """Whether it forbids the contact, rather than asking for a person's review."""
        self.since, self.until = in_force
        self._conditional = bool(rule.if_event or rule.unless_event or rule.unless_consented)

    def first_pass(self, facts: Facts, at: int) -> int:
        """Return the first second at or after ``at`` at which the rule passes; NEVER if none."""
        passes = self._first_pass(facts, at)
        # Most rules pass at most instants: only of one that does not is it asked whether it binds.
        if passes == at or not self.since <= at < self.until:
            return at
        if self._conditional and self._set_aside(facts):
            return at
        if facts.is_answer and self._answers(facts, at):
            return at
        return passes if passes < self.until else self.until  # noqa: FURB136

    def closes(self, facts: Facts, at: int) -> int:
        """Return when hours or days next forbid what passes at ``at``; NEVER if they do not."""
        if not self.recurring or at >= self.until or self._set_aside(facts):
            return NEVER
        if at < self.since:
            at = self.since
            if self.first_pass(facts, at) > at:
                return at
        if self._first_pass(facts, at) > at:
            return NEVER  # An answer passes in closed time: hours do not end it.
        end = self._closes(facts, at)
        return NEVER if end >= self.until else end

    def open_minutes(self, facts: Facts) -> int:
        """Return the minutes of a local week at which it may pass, holidays left aside."""
        return ALWAYS

    def is_set_aside(self, facts: Facts, at: int) -> bool:
        """Say whether it forbids nothing at ``at``, whatever the hour."""
        return self._set_aside(facts) or (facts.is_answer and self._answers(facts, at))

    def detail(self, facts: Facts, at: int) -> str:
        """Say in a clause what in the facts makes the rule forbid the contact at ``at``."""
        raise NotImplementedError

    def _first_pass(self, facts: Facts, at: int) -> int:
        raise NotImplementedError

    def _closes(self, facts: Facts, at: int) -> int:
        return NEVER

    def _set_aside(self, facts: Facts) -> bool:
        rule = self.base
        return (
            (bool(rule.if_event) and not facts.has(rule.if_event))
            or (bool(rule.unless_event) and facts.has(rule.unless_event))
            or (rule.unless_consented and facts.consented)
        )

    def _answers(self, facts: Facts, at: int) -> bool:
        if self.base.reply is BindsReplies.BOUND:
            return False
        wrote = facts.unanswered()
        if wrote is None or self.base.reply is BindsReplies.ONCE:
            return wrote is not None
        return self._first_pass(facts, wrote) > at

    def _date(self, at: int) -> str:
        return spelt_date(self.line.local_day(at))
