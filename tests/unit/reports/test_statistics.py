"""Intervals and chances, beside published ones and beside counting everything."""

import random
from math import comb

import pytest

from domain.report.statistics import Share, chance_of_fewer, chance_of_more, difference, wilson


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        # Newcombe 1998, table II, method 10, at 95 %.
        (Share(56, 70), Share(48, 80), 0.0524, 0.3339),
        (Share(9, 10), Share(3, 10), 0.1705, 0.8090),
        (Share(5, 56), Share(0, 29), -0.0381, 0.1926),
        (Share(10, 10), Share(0, 10), 0.6075, 1.0000),
    ],
)
def test_the_interval_of_a_difference_is_the_published_one(
    one: Share, other: Share, low: float, high: float
) -> None:
    assert difference(one, other, 0.95) == pytest.approx((low, high), abs=5e-5)


def test_the_interval_of_a_share_is_the_published_one() -> None:
    # Newcombe 1998 (proportions), table I, method 3.
    assert wilson(Share(81, 263), 1.959964) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(Share(0, 20), 1.959964) == pytest.approx((0, 0.1611), abs=5e-5)


@pytest.mark.parametrize(
    ("one", "other"), [(Share(6, 30), Share(2, 50)), (Share(0, 9), Share(4, 3))]
)
def test_chances_are_those_of_counting_every_case(one: Share, other: Share) -> None:
    together, place = one.part + other.part, one.whole / (one.whole + other.whole)
    mass = [
        comb(together, k) * place**k * (1 - place) ** (together - k) for k in range(together + 1)
    ]
    assert chance_of_more(one, other) == pytest.approx(sum(mass[one.part :]))
    assert chance_of_fewer(one, other) == pytest.approx(sum(mass[: one.part + 1]))


def test_an_interval_holds_the_truth_as_often_as_it_says() -> None:
    chance = random.Random(7)
    holds = 0
    for _ in range(1_000):
        one = Share(sum(chance.random() < 0.9 for _ in range(220)), 220)
        other = Share(sum(chance.random() < 0.95 for _ in range(220)), 220)
        low, high = difference(one, other, 0.95)
        holds += low <= -0.05 <= high
    assert holds >= 930
