"""What a reader who looks every day is told: wrongly in few experiments, rightly in most.

People enter in waves, and count only once their days are over: what a look sees are the people who
entered so many days before it. The draws are seeded.
"""

from collections.abc import Iterator
from functools import cache
from math import log, sqrt

import numpy as np
import pytest

from domain.experiments.experiment import Goal
from domain.experiments.judging import Verdict, stops, verdict_of
from domain.experiments.needed import of_two
from domain.experiments.sequences import Group, Interval, difference, radius, tuned

RUNS = 1_000
DAYS = 150
"""Of looks, of which the first 33 see nobody: 30 days and 3 for what is told late."""
COUNTED_AFTER = 33
ALPHA, MARGIN = 0.05, 0.03
WAVES = (4, 1, 1, 2, 1, 0, 0)
"""How many times as many people enter on a day of the week: payments fall due on some."""


def looks(
    seed: int, a_day: int, share: float, cured: tuple[float, float], days: int = DAYS
) -> Iterator[list[list[Group]]]:
    """Of each run what is counted at each look, of the champion and of the arm with this share."""
    random = np.random.default_rng(seed)
    rate = np.array([a_day * WAVES[day % 7] for day in range(days - COUNTED_AFTER)])
    entered = random.poisson(rate, (RUNS, len(rate)))
    tried = random.binomial(entered, share)
    counts = [entered - tried, tried]
    happened = [random.binomial(n, p) for n, p in zip(counts, cured, strict=True)]
    chances = (("usual", round((1 - share) * 10_000)), ("tried", round(share * 10_000)))
    people, total = ([x.cumsum(axis=1).tolist() for x in each] for each in (counts, happened))
    for run in range(RUNS):
        yield [
            [
                _group(name, chances, people[arm][run][day], total[arm][run][day])
                for arm, name in enumerate(("usual", "tried"))
            ]
            for day in range(len(rate))
        ]


def _group(arm: str, chances: tuple[tuple[str, int], ...], people: int, total: int) -> Group:
    """Of yes and no, whose squares are themselves."""
    return Group(arm, chances, people, total, total)


@cache
def _r2() -> float:
    return tuned(ALPHA, of_two(MARGIN, 0.5, 0.5, ALPHA))


def intervals(run: list[list[Group]]) -> Iterator[Interval]:
    for look in run:
        interval = difference(look, "tried", "usual", ALPHA, _r2())
        if interval is not None:
            yield interval


@pytest.mark.parametrize(
    ("a_day", "share", "cured"),
    [(20, 0.5, 0.6), (100, 0.5, 0.45), (20, 0.1, 0.6), (200, 0.1, 0.02), (500, 0.02, 0.1)],
)
def test_of_1000_experiments_without_a_difference_few_are_ever_told_otherwise(
    a_day: int, share: float, cured: float
) -> None:
    better = worse = looked = 0
    for run in looks(7, a_day, share, (cured, cured)):
        seen = list(intervals(run))
        looked += len(seen)
        better += any(one.low > 0 for one in seen)
        worse += any(one.high < 0 for one in seen)
    assert looked > 20 * RUNS, "it is looked at often"
    assert better + worse <= ALPHA * RUNS


def test_a_test_that_is_made_for_one_look_is_wrong_far_more_often() -> None:
    """The control: were the looks above not many, any test would pass."""
    wrong = 0
    for run in looks(7, 100, 0.5, (0.5, 0.5)):
        for usual, tried in run:
            n, m = usual.people, tried.people
            if min(n, m) < 100:
                continue
            p, q = usual.total / n, tried.total / m
            if abs(q - p) > 1.96 * sqrt(p * (1 - p) / n + q * (1 - q) / m):
                wrong += 1
                break
    assert wrong > 0.2 * RUNS


def test_the_truth_lies_in_the_interval_at_every_look_also_where_there_is_a_difference() -> None:
    outside = sum(
        any(not one.low <= 0.05 <= one.high for one in intervals(run))
        for run in looks(11, 60, 0.3, (0.4, 0.45))
    )
    assert outside <= ALPHA * RUNS


@pytest.mark.parametrize("share", [0.5, 0.1])
def test_with_the_people_that_are_said_to_be_needed_a_difference_is_found(share: float) -> None:
    people = of_two(0.05, 0.5, share, ALPHA)
    days = COUNTED_AFTER + 35
    a_day = people * 7 // 35 // sum(WAVES) + 1
    r2 = tuned(ALPHA, of_two(0.05, 0.5, 0.5, ALPHA))
    found = 0
    for run in looks(13, a_day, share, (0.475, 0.525), days):
        read = (difference(look, "tried", "usual", ALPHA, r2) for look in run)
        found += any(one is not None and one.low > 0 for one in read)
    assert found >= 0.8 * RUNS


def test_with_the_people_that_are_said_to_be_needed_no_difference_is_certain() -> None:
    people = of_two(0.05, 0.5, 0.5, ALPHA)
    days = COUNTED_AFTER + 35
    a_day = people * 7 // 35 // sum(WAVES) + 1
    r2 = tuned(ALPHA, of_two(0.05, 0.5, 0.5, ALPHA))
    not_worse = 0
    for run in looks(17, a_day, 0.5, (0.5, 0.5), days):
        read = (difference(look, "tried", "usual", ALPHA, r2) for look in run)
        said = (verdict_of(one, 0.05, Goal.NOT_WORSE) for one in read)
        not_worse += any(stops(one, Goal.NOT_WORSE) and one is not Verdict.WORSE for one in said)
    assert not_worse >= 0.8 * RUNS


def test_changed_shares_do_not_make_a_difference_of_who_came_later() -> None:
    """Later people pay less, and more of them are in the arm: pooled, it would look bad."""
    random = np.random.default_rng(19)
    pooled_wrong = wrong = 0
    for _ in range(RUNS):
        groups, sums = [], {"usual": [0, 0], "tried": [0, 0]}
        for share, cured in ((0.1, 0.6), (0.7, 0.4)):
            chances = (("usual", round((1 - share) * 10_000)), ("tried", round(share * 10_000)))
            tried = int(random.binomial(4_000, share))
            for name, n in (("usual", 4_000 - tried), ("tried", tried)):
                total = int(random.binomial(n, cured))
                groups.append(Group(name, chances, n, total, total))
                sums[name][0] += n
                sums[name][1] += total
        one = difference(groups, "tried", "usual", ALPHA, _r2())
        assert one is not None
        wrong += not one.low <= 0 <= one.high
        pooled = sums["tried"][1] / sums["tried"][0] - sums["usual"][1] / sums["usual"][0]
        pooled_wrong += pooled < -0.05
    assert wrong <= ALPHA * RUNS
    assert pooled_wrong > 0.9 * RUNS


def test_who_was_drawn_while_an_arm_was_closed_is_not_compared_with_it() -> None:
    both = (("usual", 5_000), ("tried", 5_000))
    groups = [Group("usual", both, 500, 250, 250), Group("tried", both, 500, 250, 250)]
    later = Group("usual", (("usual", 5_000), ("third", 5_000)), 9_000, 0, 0)
    assert difference(groups, "tried", "usual", ALPHA, _r2()) == difference(
        [*groups, later], "tried", "usual", ALPHA, _r2()
    )


@pytest.mark.parametrize(
    ("people", "happened"),
    [(99, 50), (500, 4), (500, 496), (0, 0)],
    ids=["few-people", "rare", "nearly-all", "nobody"],
)
def test_nothing_is_said_of_few(people: int, happened: int) -> None:
    chances = (("usual", 5_000), ("tried", 5_000))
    groups = [Group(name, chances, people, happened, happened) for name in ("usual", "tried")]
    assert difference(groups, "tried", "usual", ALPHA, _r2()) is None


def test_the_radius_is_that_of_the_theorem() -> None:
    """Worked out by hand for t = 1000, s = 0.7, alpha = 0.05, r^2 = 0.01."""
    assert radius(1_000, 0.7, 0.05, 0.01) == pytest.approx(
        0.7 * sqrt(2 * 11 / 10_000 * log(sqrt(11) / 0.05))
    )
    assert radius(1_000, 0.7, 0.05, 0.01) == pytest.approx(0.06724, abs=1e-4)


def test_the_interval_is_narrowest_where_it_is_tuned_to_be() -> None:
    best = radius(2_000, 1, 0.05, tuned(0.05, 2_000))
    for other in (500, 1_500, 2_700, 8_000):
        assert best <= radius(2_000, 1, 0.05, tuned(0.05, other)) * 1.001
