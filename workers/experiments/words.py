"""What is seen of experiments, in words."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from domain.experiments.experiment import Experiment, Goal, Metric, Plan
from domain.experiments.judging import Finding, Kind, Reading, Verdict, Watched
from domain.experiments.needed import Needed, needed
from domain.experiments.sequences import FEWEST, FEWEST_OF_A_KIND, Interval
from domain.strategy import Strategy
from store.experiments.findings import Kept
from workers.experiments.looking import Look

_VERDICTS = {
    Verdict.BETTER: "better",
    Verdict.WORSE: "worse",
    Verdict.EQUIVALENT: "no difference within the margin: equivalent",
    Verdict.NOT_WORSE: "no worse by as much as the margin: non-inferior",
    Verdict.NOT_YET: "not yet",
}


def in_words(finding: Finding | Kept) -> str:
    """One finding."""
    kind = Kind(finding.kind)
    if kind is Kind.MISMATCH:
        return f"the arms do not have the people they should, no verdict holds: {finding.why}"
    does = "closed" if kind is Kind.CLOSED else "decided"
    return f"arm {finding.arm} {does}: {finding.why}"


def planned(one: Experiment) -> Iterator[str]:
    """What is said of an experiment before it starts."""
    counted = _metric(one.plan)
    yield f"{one.id}, version {one.version}: {one.starts} to {one.until}, {counted}"
    for arm in one.arms:
        champion = ", champion" if arm.name == one.champion else ""
        yield f"  {arm.name} {arm.share:.2%}: {one.plan.arms[arm.name]}{champion}"
    for each in needed(one):
        yield f"  {_needed(one, each)}"


def pins(one: Experiment, strategies: Mapping[str, Strategy]) -> Iterator[str]:
    """How the strategies of arms can be pinned that are not."""
    for arm in one.arms:
        known = strategies.get(arm.strategy or "")
        if known is not None and arm.pinned is None and not one.ended:
            yield f"  {arm.name} is whatever {known.id} says; as it is now: `pinned: {known.pin}`"


def not_begun(one: Experiment) -> Iterator[str]:
    """The same of one that has taken nobody in."""
    yield from planned(one)
    yield "  nobody has been taken in yet"


def _needed(one: Experiment, each: Needed) -> str:
    wanted = (
        f"that {each.arm} is better by {one.margin:.1%}"
        if one.goal is Goal.BETTER
        else f"that {each.arm} is not worse by {one.margin:.1%}"
    )
    return (
        f"to find, four times in five, {wanted}: {each.people} people in {each.arm} and "
        f"{each.of_champion} in {one.champion} have to count, of {each.in_all} taken in"
    )


def standing(seen: Look, one: Experiment | None, now: datetime) -> Iterator[str]:
    """Where an experiment stands."""
    yield f"{seen.experiment}: {_state(seen, one, now)}; {_metric(seen.plan)}"
    if one is not None and (changed := seen.plan.changed_in(one.plan)):
        yield (
            f"  the file has changed what stood before the first look ({', '.join(changed)}): it "
            "is read by what stood then; for another question give it another id"
        )
    for reading in seen.readings:
        yield from _arm(seen, reading)
    if seen.counts.found:
        yield f"  {in_words_of_counts(seen)}"
    for finding in seen.kept:
        yield f"  {finding.found_at:%Y-%m-%d}: {in_words(finding)}"


def in_words_of_counts(seen: Look) -> str:
    """That the arms do not have the people they should."""
    return (
        f"the arms do not have the people they should (p = {seen.counts.p_value:.2g}): do not "
        "trust any figure above, and look for what treats them differently"
    )


def _state(seen: Look, one: Experiment | None, now: datetime) -> str:
    if one is None or one.ended:
        return "ended" if one is not None else "ended: it has no file any more"
    if seen.is_over:
        return "decided, nobody more is taken in"
    if now < one.opens:
        return f"begins {one.starts}"
    if one.takes_in(now):
        return f"takes people in until {one.until}"
    return "counts those who are in it" if one.acts(now) else "over"


def _metric(plan: Plan) -> str:
    days = plan.primary.within_days
    what = "cured" if plan.primary.metric is Metric.CURED else "part of the debt paid"
    return (
        f"{what} within {days} days, margin {plan.margin:.1%}, error {plan.alpha:.1%}, goal "
        f"{plan.goal.value.replace('_', ' ')}"
    )


def _arm(seen: Look, one: Reading) -> Iterator[str]:
    drawn, came_along = seen.people(one.arm)
    along = f" (and {came_along} with them)" if came_along else ""
    mean = "" if one.mean is None else f", {one.mean:.1%}"
    champion = " (champion)" if one.arm == seen.plan.champion else ""
    yield f"  {one.arm}{champion}: {drawn} drawn{along}, {one.people} count{mean}"
    for paid in seen.collected:
        if paid.arm == one.arm:
            share = paid.paid / paid.owed if paid.owed else 0
            yield f"    {paid.currency}: {paid.paid:.2f} of {paid.owed:.2f} paid, {share:.1%}"
    if one.verdict is not None:
        yield f"    {_VERDICTS[one.verdict]}: {_interval(one.interval)}"
    for watched in one.watched:
        yield f"    {_watched(watched)}"


def _watched(one: Watched) -> str:
    rail = one.guardrail
    name = f"{rail.harm.value.replace('_', '-')} within {rail.within_days} days"
    share = "" if one.mean is None else f", {one.mean:.2%}"
    said = f"{name}: {one.happened} of {one.people}{share}"
    if one.interval is None:
        return said
    broken = ", BROKEN" if one.broken else ""
    return f"{said}; {_interval(one.interval)}, tolerated {rail.tolerated:.1%}{broken}"


def _interval(interval: Interval | None) -> str:
    if interval is None:
        return (
            f"too few count ({FEWEST} in each arm, {FEWEST_OF_A_KIND} of them to whom it happened)"
        )
    return (
        f"{interval.difference:+.1%} against the champion, certainly between {interval.low:+.1%} "
        f"and {interval.high:+.1%}"
    )
