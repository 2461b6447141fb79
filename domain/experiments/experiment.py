"""An experiment as an operator writes it: its arms, whom it takes in, and what decides it."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from domain.entry.bounds import EARLIEST, LARGEST_VERSION, LATEST
from domain.model import Strict

WHOLE: Final = 10_000
"""All shares together: a share is a whole number of ten-thousandths."""

_NAME: Final = r"^[a-z][a-z0-9-]{0,39}$"
_LEAST: Final = Decimal("0.0001")
"""Of a part of people: no experiment tells less apart."""


def _of_our_time(day: date) -> date:
    if not EARLIEST.date() <= day <= LATEST.date():
        raise ValueError(f"must lie between {EARLIEST:%Y-%m-%d} and {LATEST:%Y-%m-%d}")
    return day


class Metric(StrEnum):
    """What an experiment is decided by."""

    CURED = "cured"
    """Everything that the person owed the creditor on the day they were taken in is paid, settled
    or caught up."""

    MONEY = "money"
    """The part of what they owed that day that has come in, at most all of it: a number between 0
    and 1, so that currencies are never added."""


class Harm(StrEnum):
    """What is watched beside it."""

    OPT_OUTS = "opt_outs"
    """The person said stop, on any channel."""

    COMPLAINTS = "complaints"
    """The person complained of being contacted: a report of spam, an attorney, a person whom they
    told so."""

    DISPUTES = "disputes"
    """The person disputes a debt."""


class Goal(StrEnum):
    """What the other arms are tried for."""

    BETTER = "better"
    """To be better than the champion."""

    NOT_WORSE = "not_worse"
    """To be no worse by more than the margin: for arms that are gentler or cost less."""


class Arm(Strict):
    """One way of treating people."""

    name: Annotated[str, Field(pattern=_NAME)]
    """Lower-case letters, digits and dashes; unlike the other arms'."""
    share: Decimal
    """Of the people who are taken in, between 0 and 1, with at most four places: `0.9`. The shares
    of all arms are 1 together."""
    strategy: str | None = None
    """The strategy by which its people are collected. Left out: the one that segments choose."""
    pinned: str | None = None
    """The strategy as it is meant, such as `3@5f1c09ab7d2e4410`; `contrapunto experiment check`
    says it. Where the file says anything else by now, no process starts, until it is put back or
    the experiment is `ended`. Left out: the arm is whatever the strategy's file says. Name it only
    once every worker knows it."""
    policy: str | None = None
    """The policy that learns and ranks its ways. Left out: none of the experiment's."""
    holdout: bool = False
    """Nobody in it is contacted by automation of its own accord: no touches, no person's turn, no
    reminders, no offers, no thanks. What the customer asks is answered, what the law asks for is
    sent, and people may write and call."""

    @field_validator("share")
    @classmethod
    def _is_a_share(cls, share: Decimal) -> Decimal:
        if not share.is_finite() or not 0 < share < 1:
            raise ValueError("must be more than 0 and less than 1, like 0.5")
        if share * WHOLE != int(share * WHOLE):
            raise ValueError("must have at most four places, like 0.3334")
        return share

    @model_validator(mode="after")
    def _one_treatment(self) -> Self:
        if self.holdout and (self.strategy or self.policy):
            raise ValueError("an arm with `holdout` has neither `strategy` nor `policy`")
        if self.pinned and not self.strategy:
            raise ValueError("pinned: says how a strategy is meant: name `strategy`, too")
        return self

    @property
    def parts(self) -> int:
        """Its share in ten-thousandths."""
        return int(self.share * WHOLE)


class Primary(Strict):
    """What decides."""

    metric: Metric = Metric.CURED
    """What is counted of each person."""
    within_days: Annotated[int, Field(ge=1, le=365)] = 30
    """Up to how many days (of 24 hours) after they were taken in. Nobody counts before."""


class Guardrail(Strict):
    """A harm that closes an arm by itself."""

    harm: Harm
    """What is counted."""
    within_days: Annotated[int, Field(ge=1, le=365)] = 14
    """Up to how many days after they were taken in; a person counts once they are over."""
    tolerated: Annotated[Decimal, Field(ge=0, lt=1)] = Decimal("0.01")
    """By how much the part of the people to whom it happens may be larger than in the champion's
    arm: 0.01 is one in a hundred. The arm is closed once it is certainly larger."""


class Experiment(Strict):
    """Arms that are compared, one file each."""

    id: Annotated[str, Field(pattern=_NAME)]
    """Unlike that of any other, also of those that are over. People are drawn by it: another id
    draws them anew."""
    version: Annotated[int, Field(ge=1, le=LARGEST_VERSION)]
    """A number of your own, to tell two states of the file apart."""
    starts: Annotated[date, AfterValidator(_of_our_time)]
    """The first day on which people are taken in (UTC)."""
    until: Annotated[date, AfterValidator(_of_our_time)]
    """The last one. It may be moved, however often the figures were looked at."""
    when: dict[str, Any] = Field({})
    """Who is taken in: [conditions](../guide/segments.md) as segments have them, all of which must
    hold. Left out: everybody."""
    arms: Annotated[tuple[Arm, ...], Field(max_length=8)]
    """What is compared."""
    champion: str
    """The arm that the others are compared with, and to which people go whose arm is closed."""
    primary: Primary = Primary()
    """What decides."""
    goal: Goal = Goal.BETTER
    """What the other arms are tried for."""
    margin: Annotated[Decimal, Field(ge=_LEAST, lt=1)]
    """The smallest difference that matters: 0.03 is three people more, or fewer, in a hundred.
    What is certainly smaller is no difference."""
    expected: Annotated[Decimal, Field(ge=_LEAST, lt=1)] = Decimal("0.5")
    """What you expect of the champion's arm. It says only how many people are needed, and for how
    many the interval is narrowest."""
    alpha: Annotated[Decimal, Field(ge=_LEAST, le=Decimal("0.2"))] = Decimal("0.05")
    """How likely a wrong verdict may be, of all arms and looks together. The guardrails have as
    much again."""
    guardrails: tuple[Guardrail, ...] = ()
    """What closes an arm by itself."""
    late_days: Annotated[int, Field(ge=0, le=60)] = 3
    """How many days more until a person counts: for payments that are told late."""
    ended: bool = False
    """True: it is over now. Nobody is taken in, nobody is in an arm any more."""

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        names = [arm.name for arm in self.arms]
        if len(set(names)) != len(names):
            raise ValueError(f"arms: their names must differ: {', '.join(names)}")
        if len(names) < 2:
            raise ValueError("arms: there must be at least two")
        parts = sum(arm.parts for arm in self.arms)
        if parts != WHOLE:
            raise ValueError(f"arms: their shares must be 1 together, not {Decimal(parts) / WHOLE}")
        if self.champion not in names:
            raise ValueError(
                f"champion: {self.champion!r} is no arm; the arms are {', '.join(names)}"
            )
        if self.arm(self.champion).holdout:
            raise ValueError(
                "champion: must not be a hold-out: people whose arm is closed go to it"
            )
        treatments = [(arm.strategy, arm.policy, arm.holdout) for arm in self.arms]
        if len(set(treatments)) == 1:
            raise ValueError("arms: all are the same, so nothing is compared")
        if self.until < self.starts:
            raise ValueError(f"until: {self.until} is before {self.starts}, the day it starts")
        watched = [(one.harm, one.within_days) for one in self.guardrails]
        if len(set(watched)) != len(watched):
            raise ValueError("guardrails: a harm stands twice with the same days")
        return self

    def arm(self, name: str) -> Arm:
        """The arm of this name; raises KeyError where there is none."""
        return {arm.name: arm for arm in self.arms}[name]

    def has(self, name: str) -> bool:
        """Whether it has an arm of this name."""
        return any(arm.name == name for arm in self.arms)

    @property
    def challengers(self) -> tuple[Arm, ...]:
        """All arms but the champion."""
        return tuple(arm for arm in self.arms if arm.name != self.champion)

    @property
    def measured_after(self) -> timedelta:
        """How long after they were taken in a person counts."""
        return timedelta(days=self.primary.within_days + self.late_days)

    @property
    def opens(self) -> datetime:
        """The instant from which on people are taken in."""
        return datetime.combine(self.starts, time(), UTC)

    @property
    def closes(self) -> datetime:
        """The instant from which on nobody is taken in any more."""
        return datetime.combine(self.until, time(), UTC) + timedelta(days=1)

    def takes_in(self, now: datetime) -> bool:
        """Whether people are taken in."""
        return not self.ended and self.opens <= now < self.closes

    def acts(self, now: datetime) -> bool:
        """Whether those who are in it are treated by their arm: until the last of them counts."""
        return not self.ended and self.opens <= now < self.closes + self.measured_after

    @property
    def plan(self) -> "Plan":
        """What must stand before the first look."""
        return Plan(
            arms={arm.name: _treatment(arm) for arm in self.arms},
            champion=self.champion,
            primary=self.primary,
            goal=self.goal,
            margin=self.margin,
            expected=self.expected,
            alpha=self.alpha,
            guardrails=self.guardrails,
            late_days=self.late_days,
        )


class Plan(Strict):
    """What was written down before anybody was taken in: kept with the first, and read by for good.

    Whoever chooses a margin, a metric or a day after having seen figures chooses the verdict.
    """

    arms: dict[str, str]
    champion: str
    primary: Primary
    goal: Goal
    margin: Decimal
    expected: Decimal
    alpha: Decimal
    guardrails: tuple[Guardrail, ...]
    late_days: int

    @property
    def challengers(self) -> tuple[str, ...]:
        """All arms but the champion, by name."""
        return tuple(sorted(name for name in self.arms if name != self.champion))

    def changed_in(self, other: "Plan") -> tuple[str, ...]:
        """The fields that another one has otherwise."""
        mine, theirs = self.model_dump(), other.model_dump()
        return tuple(name for name in mine if mine[name] != theirs[name])


HOLDOUT: Final = "holdout"
"""What the plan says of an arm in which nobody is contacted."""


def _treatment(arm: Arm) -> str:
    """An arm's treatment in one word or two."""
    if arm.holdout:
        return HOLDOUT
    named = [f"strategy {arm.strategy}"] if arm.strategy else []
    named += [f"policy {arm.policy}"] if arm.policy else []
    return ", ".join(named) or "segments"
