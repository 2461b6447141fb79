"""What an interval says, and what follows by itself."""

from typing import Any

import pytest

from domain.experiments.experiment import Goal, Harm
from domain.experiments.judging import Finding, Kind, Verdict, found, is_over, read, verdict_of
from domain.experiments.mismatch import Mismatch, mismatch
from domain.experiments.needed import needed
from domain.experiments.sequences import Group, Interval
from tests.unit.experiments.support import experiment

RIGHT = mismatch([])
WRONG = Mismatch(True, 0.001, {"usual": 50.0, "gentle": 50.0}, {"usual": 80, "gentle": 20})
BOTH = (("usual", 5_000), ("gentle", 5_000))


@pytest.mark.parametrize(
    ("low", "high", "of_better", "of_not_worse"),
    [
        (0.001, 0.2, Verdict.BETTER, Verdict.BETTER),
        (-0.2, -0.001, Verdict.WORSE, Verdict.NOT_YET),
        (-0.2, -0.031, Verdict.WORSE, Verdict.WORSE),
        (-0.02, -0.001, Verdict.WORSE, Verdict.EQUIVALENT),
        (-0.029, 0.029, Verdict.EQUIVALENT, Verdict.EQUIVALENT),
        (-0.029, 0.031, Verdict.NOT_WORSE, Verdict.NOT_WORSE),
        (-0.031, 0.029, Verdict.NOT_YET, Verdict.NOT_YET),
        (-0.5, 0.5, Verdict.NOT_YET, Verdict.NOT_YET),
    ],
)
def test_what_an_interval_says(
    low: float, high: float, of_better: Verdict, of_not_worse: Verdict
) -> None:
    interval = Interval((low + high) / 2, low, high)
    assert verdict_of(interval, 0.03, Goal.BETTER) is of_better
    assert verdict_of(interval, 0.03, Goal.NOT_WORSE) is of_not_worse


def test_of_no_interval_nothing_is_said() -> None:
    assert verdict_of(None, 0.03, Goal.BETTER) is Verdict.NOT_YET


def groups(usual: int, gentle: int, people: int = 5_000) -> list[Group]:
    return [
        Group("usual", BOTH, people, usual, usual),
        Group("gentle", BOTH, people, gentle, gentle),
    ]


def judged(
    primary: list[Group],
    *,
    known: Any = (),
    counts: Mismatch = RIGHT,
    harmed: Any = (),
    **more: Any,
) -> list[Finding]:
    rails = [{"harm": "opt_outs", "within_days": 14, "tolerated": "0.005"}]
    plan = experiment(guardrails=rails, **more).plan
    harms = {(Harm.OPT_OUTS, 14): list(harmed)}
    return found(plan, read(plan, primary, harms), counts, known)


def test_an_arm_that_is_better_is_decided_and_not_closed() -> None:
    [one] = judged(groups(2_500, 2_900))
    assert (one.kind, one.arm, one.verdict) == (Kind.DECIDED, "gentle", Verdict.BETTER)
    assert one.why.startswith("better: +8.0% against the champion, certainly between +")


def test_an_arm_that_is_worse_is_decided_and_closed() -> None:
    made = judged(groups(2_900, 2_500))
    assert [(one.kind, one.arm, one.verdict) for one in made] == [
        (Kind.DECIDED, "gentle", Verdict.WORSE),
        (Kind.CLOSED, "gentle", Verdict.WORSE),
    ]


def test_a_hold_out_that_is_worse_stays_open() -> None:
    arms = [
        {"name": "usual", "share": "0.5", "strategy": "default"},
        {"name": "gentle", "share": "0.5", "holdout": True},
    ]
    [one] = judged(groups(2_900, 2_500), arms=arms)
    assert (one.kind, one.verdict) == (Kind.DECIDED, Verdict.WORSE)
    assert not is_over(experiment(arms=arms).plan, {(Kind.DECIDED, "gentle")})


def test_an_arm_that_breaks_a_guardrail_is_closed_though_it_cures_more() -> None:
    """Two in a hundred more say stop, where half of one is tolerated."""
    made = judged(groups(2_500, 2_900), harmed=groups(50, 200))
    assert {(one.kind, one.arm) for one in made} == {
        (Kind.CLOSED, "gentle"),
        (Kind.DECIDED, "gentle"),
    }
    [closed] = [one for one in made if one.kind is Kind.CLOSED]
    assert "more opt-outs within 14 days: +3.0%" in closed.why
    assert "tolerated is 0.5%" in closed.why


def test_a_harm_that_is_within_what_is_tolerated_closes_nothing() -> None:
    assert judged(groups(2_500, 2_510), harmed=groups(50, 70)) == []


def test_fewer_stops_than_the_champion_close_nothing() -> None:
    assert judged(groups(2_500, 2_510), harmed=groups(300, 50)) == []


def test_what_is_found_is_found_once() -> None:
    first = judged(groups(2_900, 2_500))
    known = {(one.kind, one.arm) for one in first}
    assert judged(groups(2_900, 2_500), known=known) == []
    assert judged(groups(2_500, 2_900), known=known) == [], "nor is it taken back"


def test_a_closed_arm_has_no_verdict_any_more() -> None:
    assert judged(groups(2_500, 2_900), known={(Kind.CLOSED, "gentle")}) == []


def test_a_mismatch_is_found_gives_no_verdict_and_still_closes_what_does_harm() -> None:
    made = judged(groups(2_500, 2_900), counts=WRONG, harmed=groups(50, 200))
    assert [one.kind for one in made] == [Kind.MISMATCH, Kind.CLOSED]
    assert "gentle has 20 and should have 50, usual has 80 and should have 50" in made[0].why
    assert judged(groups(2_500, 2_900), known={(Kind.MISMATCH, "")}) == [], "for good"


def test_it_is_over_once_each_arm_has_its_verdict_or_is_closed() -> None:
    plan = experiment(
        arms=[
            {"name": "usual", "share": "0.4", "strategy": "default"},
            {"name": "gentle", "share": "0.3", "strategy": "gentle"},
            {"name": "third", "share": "0.3", "strategy": "third"},
        ]
    ).plan
    assert not is_over(plan, set())
    assert not is_over(plan, {(Kind.DECIDED, "gentle")})
    assert is_over(plan, {(Kind.DECIDED, "gentle"), (Kind.CLOSED, "third")})


def test_several_arms_share_the_error_that_is_allowed() -> None:
    """The same figures are narrower with one arm than with two."""
    two = experiment().plan
    three = experiment(shares=("0.4", "0.4", "0.2")).plan
    narrow, wide = (
        next(one.interval for one in read(plan, groups(2_500, 2_600), {}) if one.arm == "gentle")
        for plan in (two, three)
    )
    assert narrow is not None
    assert wide is not None
    assert wide.high - wide.low > narrow.high - narrow.low


@pytest.mark.parametrize(
    ("margin", "least", "most"), [("0.02", 8_000, 18_000), ("0.05", 1_200, 2_800)]
)
def test_how_many_people_are_needed_is_said_before(margin: str, least: int, most: int) -> None:
    [one] = needed(experiment(margin=margin, expected="0.6"))
    assert least < one.people < most
    assert one.in_all == one.people + one.of_champion


def test_a_smaller_share_needs_more_people_in_all() -> None:
    [even], [uneven] = (
        needed(experiment(shares=shares)) for shares in [("0.5", "0.5"), ("0.9", "0.1")]
    )
    assert uneven.in_all > 2 * even.in_all
    assert uneven.of_champion == pytest.approx(9 * uneven.people, rel=0.001)
