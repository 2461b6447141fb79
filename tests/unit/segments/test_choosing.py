"""Who has the say: a pin, then an arm, then the segment, then the default."""

from decimal import Decimal

import pytest

from domain.segments.attributes import ALWAYS
from domain.segments.book import SegmentBook, read_book
from domain.segments.choosing import Arm, ChosenBy, choose
from domain.segments.facts import Facts

STRATEGIES = ("default", "gentle", "firm", "tried")
SEGMENTS = {
    "segments": [{"name": "large", "when": {"balance": {"COP": {"from": 9}}}, "strategy": "firm"}],
    "default": "gentle",
}
LARGE: Facts = {"currency": "COP", "balance": Decimal(9)}
SMALL: Facts = {"currency": "COP", "balance": Decimal(8)}
ARM = Arm("e1:b", "tried")


def book() -> SegmentBook:
    made, wrong = read_book(SEGMENTS, STRATEGIES, ALWAYS)
    assert wrong == []
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("facts", "pin", "arm", "strategy", "segment", "by"),
    [
        (LARGE, "gentle", ARM, "gentle", "large", ChosenBy.PIN),
        (SMALL, "firm", None, "firm", "default", ChosenBy.PIN),
        (LARGE, None, ARM, "tried", "large", ChosenBy.ARM),
        (LARGE, None, None, "firm", "large", ChosenBy.SEGMENT),
        (SMALL, None, None, "gentle", "default", ChosenBy.DEFAULT),
        (LARGE, "gone", ARM, "tried", "large", ChosenBy.ARM),
        (LARGE, "gone", Arm("e1:b", "gone"), "firm", "large", ChosenBy.SEGMENT),
    ],
)
def test_the_order_of_say(
    facts: Facts, pin: str | None, arm: Arm | None, strategy: str, segment: str, by: ChosenBy
) -> None:
    made = choose(book(), STRATEGIES, facts, pin=pin, arm=arm)
    assert (made.strategy, made.segment, made.by) == (strategy, segment, by)


@pytest.mark.parametrize(
    ("pin", "arm", "strategy", "by"),
    [
        ("gentle", ARM, "gentle", ChosenBy.PIN),
        (None, ARM, "tried", ChosenBy.ARM),
        (None, None, "default", ChosenBy.DEFAULT),
        ("gone", None, "default", ChosenBy.DEFAULT),
    ],
)
def test_without_segments_all_have_the_default_but_who_is_pinned_or_in_an_arm(
    pin: str | None, arm: Arm | None, strategy: str, by: ChosenBy
) -> None:
    made = choose(None, STRATEGIES, {}, pin=pin, arm=arm)
    assert (made.strategy, made.segment, made.by) == (strategy, None, by)


def test_what_is_passed_over_is_told() -> None:
    made = choose(book(), STRATEGIES, LARGE, pin="gone", arm=Arm("e1:b", "gone"))
    assert made.reason == (
        "the pinned gone is not configured; gone of arm e1:b is not configured; "
        "segment large: balance COP from 9"
    )
    assert made.rests_on == ("balance",)


RANKED = Arm("e1:b", None, policy="latam")
BOTH = Arm("e1:b", "tried", policy="latam")


@pytest.mark.parametrize(
    ("facts", "pin", "arm", "strategy", "by", "policy"),
    [
        (LARGE, None, RANKED, "firm", ChosenBy.SEGMENT, "latam"),
        (SMALL, None, RANKED, "gentle", ChosenBy.DEFAULT, "latam"),
        (LARGE, None, BOTH, "tried", ChosenBy.ARM, "latam"),
        (LARGE, None, ARM, "tried", ChosenBy.ARM, None),
        (LARGE, "gentle", RANKED, "gentle", ChosenBy.PIN, None),
        (LARGE, "gentle", BOTH, "gentle", ChosenBy.PIN, None),
        (LARGE, "gone", RANKED, "firm", ChosenBy.SEGMENT, "latam"),
    ],
)
def test_a_policy_of_the_arm_goes_with_what_segments_choose_unless_a_pin_takes_it_out(
    facts: Facts, pin: str | None, arm: Arm, strategy: str, by: ChosenBy, policy: str | None
) -> None:
    made = choose(book(), STRATEGIES, facts, pin=pin, arm=arm)
    assert (made.strategy, made.by, made.policy) == (strategy, by, policy)
    assert ("latam" in made.reason) is (policy is not None)


def test_without_segments_a_policy_of_the_arm_goes_with_the_default() -> None:
    made = choose(None, STRATEGIES, {}, arm=RANKED)
    assert (made.strategy, made.by, made.policy) == ("default", ChosenBy.DEFAULT, "latam")
    assert made.reason == "no segments are configured; policy latam of arm e1:b"
