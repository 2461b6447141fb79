"""What can be said of each arm so far, and what follows from it by itself."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from domain.experiments.experiment import HOLDOUT, Goal, Guardrail, Harm, Plan
from domain.experiments.mismatch import Mismatch
from domain.experiments.needed import alpha_of, tuned_for
from domain.experiments.sequences import Group, Interval, difference, tuned


class Verdict(StrEnum):
    """What is certain of an arm beside the champion."""

    BETTER = "better"
    """The difference is above 0."""
    WORSE = "worse"
    """It is below 0; where the goal is `not_worse`, below minus the margin."""
    EQUIVALENT = "equivalent"
    """No difference within the margin: neither better nor worse by as much as matters."""
    NOT_WORSE = "not_worse"
    """No worse by as much as matters; whether it is better is open."""
    NOT_YET = "not_yet"
    """None of these."""


class Kind(StrEnum):
    """What is found, once and for good."""

    CLOSED = "closed"
    """The arm does harm: its people go to the champion, and nobody is drawn into it any more."""
    DECIDED = "decided"
    """A verdict that stops the comparison."""
    MISMATCH = "mismatch"
    """The arms do not have the people that their shares ask for."""


class Finding(NamedTuple):
    """One of them."""

    kind: Kind
    arm: str
    """Empty: it is of the experiment."""
    verdict: Verdict | None
    why: str
    """In words."""


class Watched(NamedTuple):
    """One guardrail of one arm."""

    guardrail: Guardrail
    people: int
    """Who count."""
    happened: int
    mean: float | None
    interval: Interval | None
    """By how much more often it happens than in the champion's arm."""

    @property
    def broken(self) -> bool:
        """Whether it certainly happens more often than is tolerated."""
        return self.interval is not None and self.interval.low > self.guardrail.tolerated


class Reading(NamedTuple):
    """One arm, as far as its people count."""

    arm: str
    people: int
    mean: float | None
    interval: Interval | None
    """By how much it is above the champion; none of the champion itself."""
    verdict: Verdict | None
    watched: tuple[Watched, ...]


def verdict_of(interval: Interval | None, margin: float, goal: Goal) -> Verdict:
    """What an interval says."""
    if interval is None:
        return Verdict.NOT_YET
    if interval.low > 0:
        return Verdict.BETTER
    if interval.high < (0 if goal is Goal.BETTER else -margin):
        return Verdict.WORSE
    if interval.low > -margin:
        return Verdict.EQUIVALENT if interval.high < margin else Verdict.NOT_WORSE
    return Verdict.NOT_YET


def stops(verdict: Verdict | None, goal: Goal) -> bool:
    """Whether a verdict ends the comparison."""
    ends = {Verdict.BETTER, Verdict.WORSE, Verdict.EQUIVALENT}
    return verdict in ends or (verdict is Verdict.NOT_WORSE and goal is Goal.NOT_WORSE)


def read(
    plan: Plan, primary: Sequence[Group], harms: Mapping[tuple[Harm, int], Sequence[Group]]
) -> list[Reading]:
    """Each arm. ``harms``: by what happens and within how many days."""
    alpha = alpha_of(plan)
    of_harms = alpha / max(len(plan.guardrails), 1)
    seen = tuned_for(plan)
    readings = []
    for arm in sorted(plan.arms, key=lambda name: (name != plan.champion, name)):
        own = arm == plan.champion
        interval = (
            None if own else difference(primary, arm, plan.champion, alpha, tuned(alpha, seen))
        )
        watched = []
        for rail in plan.guardrails:
            groups = harms.get((rail.harm, rail.within_days), ())
            more = (
                None
                if own
                else difference(groups, arm, plan.champion, of_harms, tuned(of_harms, seen))
            )
            people, total = _counted(groups, arm)
            mean = total / people if people else None
            watched.append(Watched(rail, people, round(total), mean, more))
        people, total = _counted(primary, arm)
        readings.append(
            Reading(
                arm,
                people,
                total / people if people else None,
                interval,
                None if own else verdict_of(interval, float(plan.margin), plan.goal),
                tuple(watched),
            )
        )
    return readings


def found(
    plan: Plan,
    readings: Iterable[Reading],
    counts: Mismatch,
    known: Collection[tuple[Kind, str]],
) -> list[Finding]:
    """What is new: each is found once. While the arms do not have the people that they should, no
    verdict is given; what does harm is closed all the same."""
    made = []
    if counts.found:
        made.append(Finding(Kind.MISMATCH, "", None, _mismatched(counts)))
    doubtful = counts.found or (Kind.MISMATCH, "") in known
    for one in readings:
        for watched in one.watched:
            if watched.broken:
                made.append(Finding(Kind.CLOSED, one.arm, None, _harmful(watched)))
        if doubtful or not stops(one.verdict, plan.goal):
            continue
        if (Kind.CLOSED, one.arm) in known:
            continue  # its people have been the champion's since
        said = f"{one.verdict}: {_between(one.interval)}"
        made.append(Finding(Kind.DECIDED, one.arm, one.verdict, said))
        if one.verdict is Verdict.WORSE and plan.arms[one.arm] != HOLDOUT:
            made.append(Finding(Kind.CLOSED, one.arm, one.verdict, said))
    new: dict[tuple[Kind, str], Finding] = {}
    for each in made:
        if (each.kind, each.arm) not in known:
            new.setdefault((each.kind, each.arm), each)
    return list(new.values())


def is_over(plan: Plan, known: Collection[tuple[Kind, str]]) -> bool:
    """Whether nothing is left to find out, so that nobody more is taken in: each arm has its
    verdict, or is closed. A hold-out is not over by its verdict."""
    return all(
        (Kind.CLOSED, arm) in known or ((Kind.DECIDED, arm) in known and plan.arms[arm] != HOLDOUT)
        for arm in plan.challengers
    )


def _counted(groups: Iterable[Group], arm: str) -> tuple[int, float]:
    mine = [one for one in groups if one.arm == arm]
    return sum(one.people for one in mine), sum(one.total for one in mine)


def _between(interval: Interval | None) -> str:
    assert interval is not None, "a verdict rests on an interval"  # noqa: S101
    return (
        f"{interval.difference:+.1%} against the champion, certainly between {interval.low:+.1%} "
        f"and {interval.high:+.1%}"
    )


def _harmful(watched: Watched) -> str:
    rail = watched.guardrail
    harm = rail.harm.value.replace("_", "-")
    return (
        f"more {harm} within {rail.within_days} days: {_between(watched.interval)}; tolerated is "
        f"{rail.tolerated:.1%}"
    )


def _mismatched(counts: Mismatch) -> str:
    each = ", ".join(
        f"{arm} has {counts.counted[arm]} and should have {counts.meant[arm]:.0f}"
        for arm in sorted(counts.meant)
    )
    return f"{each} (p = {counts.p_value:.2g}, valid at every look)"
