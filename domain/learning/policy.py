"""A policy that learns: what came of each channel, part of the day and tone, and what follows.

It ranks what is lawful, consented and not decided by a wish; it opens nothing. What it holds is
counts that people can read. The same counts give the same probabilities everywhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from math import inf, isfinite, log
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, model_validator

from domain.calendar import stable_fraction
from domain.channels import Channel, Tone
from domain.deciders import Decider, DeciderKind
from domain.entry.bounds import LARGEST_VERSION
from domain.learning.beta import Beta, best_of
from domain.model import Model, Strict

EVERYWHERE: Final = "*"
"""The counts of all contexts together."""
UNKNOWN: Final = "none"
"""What a context says of what is not known."""
LEAST_FLOOR: Final = 0.02
_BETWEEN: Final = "|"
_DIGITS: Final = 6
_OVERALL: Final = 2.0
"""How many tries the mean over all options is worth to one that was hardly tried."""
_KEPT: Final = 50_000
_LAST_HOUR: Final = 24


class ContextField(StrEnum):
    """What a policy may tell customers apart by. None of it is a protected attribute."""

    PHASE = "phase"
    """The strategy's."""
    COUNTRY = "country"
    """The customer's."""
    SEGMENT = "segment"
    """The account's; `none` where there is none."""
    BAND = "band"
    """Of the balance, by `bands`; `none` where its currency has no bands."""
    SCORE = "score"
    """The band of the score, by the strategy's `score_bands`; `unknown` without a score, `none`
    where the strategy has no bands."""


class Counts(Strict):
    """What came of an option, old tries counting for less."""

    won: Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
    """In how many decision windows somebody paid or answered."""
    tried: Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
    """In how many it was made."""

    @model_validator(mode="after")
    def _no_more_than_tried(self) -> Self:
        if self.won > self.tried:
            raise ValueError(f"won ({self.won:g}) is more than tried ({self.tried:g})")
        return self


class Made(Strict):
    """Of what a policy was made."""

    since: date
    """From which day on."""
    until: date
    """Up to which day, it included."""
    windows: Annotated[int, Field(ge=0)]
    """How many decision windows."""
    chosen: Annotated[int, Field(ge=0)] = 0
    """In how many of them a policy had chosen, among more than one way."""
    half_life_days: Annotated[float, Field(gt=0, le=3650, allow_inf_nan=False)] = 75
    """After how many days a window counts for half."""


Block = tuple[Annotated[int, Field(ge=0, le=23)], Annotated[int, Field(ge=1, le=24)]]


class Policy(Strict):
    """One policy, as its file says it, without the signature."""

    format: Literal[1] = 1
    """Of the file."""
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
    """By which strategies name it."""
    version: Annotated[int, Field(ge=1, le=LARGEST_VERSION)]
    """Of its author's own."""
    made: Made
    """Of what."""
    floor: Annotated[float, Field(ge=LEAST_FLOOR, le=0.5, allow_inf_nan=False)] = LEAST_FLOOR
    """The least probability of each allowed option: without trying nothing is learnt."""
    prior_strength: Annotated[float, Field(ge=1, le=10_000, allow_inf_nan=False)] = 20
    """How many tries the rate over all contexts is worth in one of them."""
    context: tuple[ContextField, ...] = (ContextField.PHASE, ContextField.COUNTRY)
    """What it tells customers apart by."""
    bands: dict[
        Annotated[str, Field(pattern=r"^[A-Z]{3}$")],
        tuple[Annotated[float, Field(gt=0, allow_inf_nan=False)], ...],
    ] = Field({})
    """By currency, from which balances on the next band begins, ascending."""
    channels: dict[str, dict[Channel, Counts]] = Field({})
    """By context (its fields with `|` between them; `*`: all), what came of each channel."""
    blocks: tuple[Block, ...] = ()
    """Parts of the day by the customer's clock, each `[from, to)` in whole hours. Left out: the
    hours are left as they are."""
    hours: dict[str, dict[str, Counts]] = Field({})
    """The same of parts of the day, each called as in `08-11`."""
    tones: dict[str, dict[Tone, Counts]] = Field({})
    """The same of tones, of which a phase's `tones` leave several open."""

    @model_validator(mode="after")
    def _blocks_in_order(self) -> Self:
        before = 0
        for since, until in self.blocks:
            if since < before or until <= since:
                raise ValueError(f"blocks must ascend without overlap: {since}-{until}")
            before = until
        known = {block_name(one) for one in self.blocks}
        for context, told in self.hours.items():
            if others := sorted(set(told) - known):
                raise ValueError(f"hours {context}: {', '.join(others)} is none of the blocks")
        for currency, limits in self.bands.items():
            if list(limits) != sorted(set(limits)):
                raise ValueError(f"bands {currency}: must ascend")
        return self

    def band(self, currency: str, balance: float) -> str:
        """The band of a balance, from `1`."""
        limits = self.bands.get(currency)
        if limits is None:
            return UNKNOWN
        return str(1 + sum(balance >= limit for limit in limits))

    @property
    def decider(self) -> Decider:
        """As it is kept beside what it decided."""
        return Decider.of(DeciderKind.POLICY, self.id, self.content, self.version)

    @property
    def content(self) -> dict[str, Any]:
        """What its file says. Without tones it is what it was before there were any: policies made
        then go on drawing as they did, and older workers read new files."""
        told = self.model_dump(mode="json")
        if not self.tones:
            del told["tones"]
        return told


class Chosen(Model):
    """From what a way was chosen, and how probable each was. It cannot be worked out later."""

    context: dict[str, str]
    """What the policy told customers apart by, as it stood."""
    channels: dict[str, float]
    """Each channel that was lawful, consented and open that day, with its probability."""
    hours: dict[str, float] | None = None
    """The same of the parts of the day; null: the policy was not asked for one."""
    hour: str | None = None
    """The part of the day that was chosen."""
    tones: dict[str, float] | None = None
    """The same of the tones that the phase leaves open; null: the policy was not asked for one."""
    tone: str | None = None
    """The tone that was chosen."""


@dataclass(frozen=True)
class Ranking:
    """A policy as planning asks it, with what was worked out kept."""

    policy: Policy
    name: str
    """Its id and the digest of its content, as attempts name it."""
    digest: str
    _kept: dict[tuple[str, str, tuple[str, ...]], dict[str, float]] = field(
        default_factory=dict, compare=False, repr=False
    )

    @classmethod
    def of(cls, policy: Policy) -> "Ranking":
        """Of a policy that has been checked."""
        digest = policy.decider.digest
        return cls(policy, f"{policy.id}@{digest}", digest)

    def channels(self, context: Mapping[str, str], allowed: Sequence[str]) -> dict[str, float]:
        """How probably each of the allowed channels is chosen."""
        return self._of("channels", self.policy.channels, context, allowed)

    def hours(self, context: Mapping[str, str], allowed: Sequence[str]) -> dict[str, float]:
        """How probably each of the allowed parts of the day is chosen."""
        return self._of("hours", self.policy.hours, context, allowed)

    def tones(self, context: Mapping[str, str], allowed: Sequence[str]) -> dict[str, float]:
        """How probably each of the open tones is chosen."""
        return self._of("tones", self.policy.tones, context, allowed)

    def _of(
        self,
        kind: str,
        told: Mapping[str, Mapping[Channel, Counts]]
        | Mapping[str, Mapping[Tone, Counts]]
        | Mapping[str, Mapping[str, Counts]],
        context: Mapping[str, str],
        allowed: Sequence[str],
    ) -> dict[str, float]:
        options = tuple(sorted(set(allowed)))
        where = key_of(self.policy.context, context)
        key = (kind, where, options)
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) > _KEPT:
                self._kept.clear()
            named = {
                str(at): {str(k): v for k, v in row.items()}
                for at, row in told.items()
                if at in (where, EVERYWHERE)
            }
            best = best_of(_known(named, where, options, self.policy.prior_strength))
            found = self._kept[key] = floored(dict(zip(options, best, strict=True)), self.policy)
        return found


def pick(weights: Mapping[str, float], *identity: str | int) -> str:
    """One of the options, each as often as its weight says, always the same for one identity.

    An exponential race between hashes: what leaves the set changes nothing among the others.
    """
    return min(sorted(weights), key=lambda one: _finish(weights[one], *identity, one))


def sane(told: Mapping[str, float], options: Sequence[str]) -> dict[str, float]:
    """Probabilities of just these options, whatever was told; all alike where it tells nothing."""
    kept = {one: told.get(one, 0.0) for one in options}
    kept = {one: p if isfinite(p) and p > 0 else 0.0 for one, p in kept.items()}
    total = sum(kept.values())
    if not 0 < total < inf:
        return dict.fromkeys(kept, 1 / len(kept))
    return {one: p / total for one, p in kept.items()}


def floored(best: Mapping[str, float], policy: Policy) -> dict[str, float]:
    """With the floor of each."""
    floor = policy.floor if isfinite(policy.floor) else LEAST_FLOOR
    least = min(max(floor, LEAST_FLOOR), 1 / len(best))
    rest = 1 - least * len(best)
    told = sane(best, list(best))
    return {name: round(least + rest * p, _DIGITS) for name, p in told.items()}


def key_of(fields: Sequence[ContextField], context: Mapping[str, str]) -> str:
    """What the counts of a context stand under."""
    return _BETWEEN.join(context.get(one.value, UNKNOWN) for one in fields) or EVERYWHERE


def block_name(block: tuple[int, int]) -> str:
    """Such as `08-11`."""
    since, until = block
    return f"{since:02}-{until:02}"


def _finish(weight: float, *identity: str | int) -> float:
    """When an option arrives in the race; never, where it has no weight."""
    if not (isfinite(weight) and weight > 0):
        return inf
    return -log(1 - stable_fraction(*identity) * (1 - 2**-53)) / weight


def _known(
    told: Mapping[str, Mapping[str, Counts]],
    where: str,
    options: Sequence[str],
    strength: float,
) -> list[Beta]:
    """What is known of each option in a context: its own counts, shrunk to those everywhere."""
    nothing = Counts.model_construct(won=0.0, tried=0.0)
    wide, here = told.get(EVERYWHERE, {}), {} if where == EVERYWHERE else told.get(where, {})
    every = sum(one.tried for one in wide.values())
    overall = sum(one.won for one in wide.values()) / every if every > 0 else 0.1
    overall = min(max(overall, 0.001), 0.999) if isfinite(overall) else 0.1
    strength = strength if isfinite(strength) and strength > 0 else 1.0
    found = []
    for name in options:
        all_of_it = wide.get(name, nothing)
        won, tried = all_of_it.won + _OVERALL * overall, all_of_it.tried + _OVERALL
        if where == EVERYWHERE:
            found.append(Beta.of(won, tried - won))
            continue
        mean = won / tried if isfinite(won) and isfinite(tried) and tried > 0 else overall
        # Of an option that was hardly tried anywhere, less is known than the strength says.
        worth = min(strength, tried) if isfinite(tried) else strength
        own = here.get(name, nothing)
        lost = worth * (1 - mean) + own.tried - own.won
        found.append(Beta.of(worth * mean + own.won, lost))
    return found
