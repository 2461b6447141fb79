"""Bands of a score, and how a phase treats the accounts of one."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from domain.channels import Channel
from domain.model import Strict
from domain.strategy.cadence import PersonsTurn

UNKNOWN: Final = "unknown"
"""The band of an account without a score."""


class ScoreBand(Strict):
    """A stretch of scores: from where the band before it ends, to its own end."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z-]*$")]
    """Lower-case letters and dashes; unlike the others', and not `unknown`."""
    below: Decimal | None = None
    """Its scores are below this one; left out of the last alone, which has all that are left."""


class Treatment(Strict):
    """What is otherwise in a phase for the accounts of a band; what is left out is as the phase
    has it. A person's turn may be given, or moved, not taken away."""

    min_days: Annotated[int, Field(ge=1)] | None = None
    """In the place of `cadence.min_days`."""
    max_touches: Annotated[int, Field(ge=0)] | None = None
    """In the place of `cadence.max_touches`."""
    channels: Annotated[tuple[Channel, ...], Field(min_length=1)] | None = None
    """Of the phase's channels these alone, at the same costs."""
    person: PersonsTurn | None = None
    """In the place of the phase's `person`."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_dump(exclude_none=True):
            raise ValueError("must name something that is otherwise, or be left out")
        return self


def band_of(bands: Sequence[ScoreBand], score: Decimal | None) -> str:
    """The band of a score; ``unknown`` of none."""
    if score is None:
        return UNKNOWN
    found = (one.name for one in bands if one.below is None or score < one.below)
    return next(found, UNKNOWN)


def fault_of_bands(bands: Sequence[ScoreBand]) -> str | None:
    """What is wrong with bands among themselves; None: nothing."""
    if not bands:
        return None
    names = [one.name for one in bands]
    if len(set(names)) != len(names) or UNKNOWN in names:
        return f"score_bands: names must differ, and none be `{UNKNOWN}`: {', '.join(names)}"
    if bands[-1].below is not None:
        return f"score_bands: leave `below` out of the last band, {names[-1]}: it has the rest"
    ends = [one.below for one in bands[:-1]]
    if None in ends:
        missing = names[ends.index(None)]
        return f"score_bands: {missing} needs `below`, the score at which the next band begins"
    for (before, low), (after, high) in pairwise(zip(names[:-1], ends, strict=True)):
        if low is not None and high is not None and low >= high:
            return f"score_bands: {after} ends at {high}, which is not above {before}'s {low}"
    return None
