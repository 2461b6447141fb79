"""Which strategy an account has: pure, and the same for the same facts.

In this order: what an upstream has pinned; the arm of an experiment; the segment; the default.
"""

from collections.abc import Collection
from enum import StrEnum
from typing import NamedTuple

from domain.segments.book import DEFAULT, SegmentBook
from domain.segments.facts import Facts


class ChosenBy(StrEnum):
    """What a strategy was chosen by."""

    PIN = "pin"
    """An upstream system pinned it."""
    ARM = "arm"
    """The arm of an experiment that the customer is in."""
    SEGMENT = "segment"
    """The first rule of the segments that matched."""
    DEFAULT = "default"
    """Nothing else."""


class Arm(NamedTuple):
    """The arm of an experiment that has a strategy, a policy, or both."""

    name: str
    """``experiment:arm``."""
    strategy: str | None
    """None: the one that segments choose."""
    note: str = ""
    """Why it is another one than the arm's own."""
    policy: str | None = None
    """In the place of the one that the strategy names; None: that one."""


class Choice(NamedTuple):
    """What was chosen."""

    strategy: str
    segment: str | None
    """Also where something else chose the strategy; None: no segments are configured."""
    by: ChosenBy
    reason: str
    """In words: names and conditions of the operator's files, nothing of the customer's."""
    rests_on: tuple[str, ...] = ()
    """The facts that were looked at for the segment."""
    policy: str | None = None
    """The arm's, in the place of the strategy's; None: the strategy's, if it names one."""


def choose(
    book: SegmentBook | None,
    strategies: Collection[str],
    facts: Facts,
    *,
    pin: str | None = None,
    arm: Arm | None = None,
) -> Choice:
    """The strategy of an account. One that is configured no more is passed over, in words.

    A pin takes an account out of its arm wholly: also out of the arm's policy.
    """
    rule = book.segment_of(facts) if book is not None else None
    rests_on = book.rests_on(rule) if book is not None else ()
    segment = None if book is None else rule.name if rule is not None else DEFAULT
    gone: list[str] = []
    if pin is not None:
        if pin in strategies:
            return Choice(pin, segment, ChosenBy.PIN, f"pinned to {pin}", rests_on)
        gone.append(f"the pinned {pin} is not configured")
    policy = None if arm is None else arm.policy
    ranked = () if arm is None or policy is None else (f"policy {policy} of arm {arm.name}",)
    if arm is not None and arm.strategy is not None:
        if arm.strategy in strategies:
            with_policy = "" if policy is None else f", policy {policy}"
            words = "; ".join((*gone, f"arm {arm.name}{arm.note}{with_policy}"))
            return Choice(arm.strategy, segment, ChosenBy.ARM, words, rests_on, policy)
        gone.append(f"{arm.strategy} of arm {arm.name} is not configured")
    elif arm is not None and ranked:
        ranked = (f"{ranked[0]}{arm.note}",)
    if rule is not None:
        words = "; ".join((*gone, f"segment {rule.name}: {rule.when.words}", *ranked))
        return Choice(rule.strategy, segment, ChosenBy.SEGMENT, words, rests_on, policy)
    if book is not None:
        words = "; ".join((*gone, "no segment matches", *ranked))
        return Choice(book.default, segment, ChosenBy.DEFAULT, words, rests_on, policy)
    words = "; ".join((*gone, "no segments are configured", *ranked))
    return Choice(DEFAULT, None, ChosenBy.DEFAULT, words, (), policy)
