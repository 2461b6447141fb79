"""What another policy would have come to, told from what was tried: off-policy estimates.

Each past choice was one of several, with a probability that was written down when it was made. A
reward that another policy would have met twice as often counts twice (inverse propensity scoring,
IPS; Horvitz and Thompson 1952). Self-normalised (SNIPS; Swaminathan and Joachims 2015) divides by
what the weights come to. Doubly robust (DR; Dudik, Langford, Li 2011) leaves to the weights only
what a simple model of the rewards has not foreseen, and is the one to go by.

Windows of one person speak together, so deviations are summed over persons before they are squared.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import inf, sqrt
from typing import Final, NamedTuple

from domain.learning.policy import Policy, Ranking, key_of
from domain.learning.windows import Window

LEAST_EFFECTIVE: Final = 500
"""Fewer effective windows than these say nothing that is worth acting on."""
MOST_UNTRIED: Final = 0.01
"""So much of what a policy would do may never have been tried."""
_Z: Final = 2.17
"""95 % are promised and 97 % aimed at: a few heavy weights make a normal interval too narrow."""
_SHRINK: Final = 20.0


class Decision(NamedTuple):
    """One past choice, seen from another policy."""

    person: int
    where: str
    """Its context."""
    chosen: str
    logged: Mapping[str, float]
    """How probable each option was."""
    wanted: Mapping[str, float]
    """How probable each of them would be."""
    reward: float
    beside: float = 1.0
    """What the weight is multiplied with for what was chosen apart from it (a part of the day, a
    tone)."""


class Estimate(NamedTuple):
    """A rate, and between what it lies, in at least 95 of 100 cases."""

    value: float
    low: float
    high: float


class Evaluation(NamedTuple):
    """What is known of a policy from what others have tried."""

    windows: int
    persons: int
    effective: float
    """How many windows chosen by the policy itself would say as much."""
    largest: float
    """The largest weight of one window."""
    untried: float
    """How much of what it would do was never tried."""
    never: tuple[str, ...]
    """What that is, the weightiest first."""
    refused: str | None
    """Why no answer is given."""
    done: Estimate | None = None
    """The rate as it was done."""
    ips: Estimate | None = None
    snips: Estimate | None = None
    dr: Estimate | None = None
    gain: Estimate | None = None
    """DR less what was done."""

    @property
    def verdict(self) -> str:
        """`better`, `worse` or `no_difference` than what was done; `unknown`: refused."""
        if self.gain is None:
            return "unknown"
        if self.gain.low > 0:
            return "better"
        return "worse" if self.gain.high < 0 else "no_difference"


def decisions(windows: Iterable[Window], policy: Policy) -> list[Decision]:
    """The windows in which a policy chose, seen from this one."""
    ranking = Ranking.of(policy)
    seen = (decision(one, ranking) for one in windows)
    return [one for one in seen if one is not None]


def decision(one: Window, ranking: Ranking) -> Decision | None:
    """A window seen from a policy; None: no policy chose in it."""
    told, policy = one.chosen_from, ranking.policy
    if told is None or one.channel.value not in told.channels:
        return None
    context = one.context(policy)
    wanted = ranking.channels(context, list(told.channels))
    beside = 1.0
    if policy.blocks and told.hours and told.hour in told.hours:
        beside *= _times(ranking.hours(context, list(told.hours)), told.hours, told.hour)
    if told.tones and told.tone in told.tones:
        beside *= _times(ranking.tones(context, list(told.tones)), told.tones, told.tone)
    where = key_of(policy.context, context)
    reward = float(one.reward)
    return Decision(one.person, where, one.channel.value, told.channels, wanted, reward, beside)


def _times(would: Mapping[str, float], logged: Mapping[str, float], name: str) -> float:
    """How many times as probable an option would be as it was."""
    return would[name] / logged[name] if logged[name] > 0 else inf


def evaluate(made: Sequence[Decision]) -> Evaluation:
    """What the policy would have come to, or why that cannot be told."""
    persons = len({one.person for one in made})
    untried, never = _untried(made)
    weights = [_weight(one) for one in made]
    finite = [w for w in weights if w < inf]
    total, squares = sum(finite), sum(w * w for w in finite)
    effective = total * total / squares if squares else 0.0
    largest = max(weights, default=0.0)
    known = (len(made), persons, effective, largest, untried, never)
    if not made:
        return Evaluation(*known, "no window is on record in which a policy chose")
    if untried > MOST_UNTRIED:
        named = ", ".join(never[:3])
        rule = f"{untried:.0%} of what it would do was never tried ({named})"
        return Evaluation(*known, f"{rule}: nothing is known of that")
    if effective < LEAST_EFFECTIVE:
        rule = f"{effective:.0f} of {len(made)} windows count for it, after weighing"
        return Evaluation(*known, f"{rule}: at least {LEAST_EFFECTIVE} are needed")
    rewards = [one.reward for one in made]
    model = _Model(made)
    foreseen = [model.under(one, one.wanted) for one in made]
    at_chosen = [model.of(one, one.chosen) for one in made]
    robust = [
        m + w * (r - a) for m, w, r, a in zip(foreseen, weights, rewards, at_chosen, strict=True)
    ]
    weighed = [w * r for w, r in zip(weights, rewards, strict=True)]
    gains = [d - r for d, r in zip(robust, rewards, strict=True)]
    ones = [1.0] * len(made)
    return Evaluation(
        *known,
        None,
        done=_ratio(made, rewards, ones),
        ips=_ratio(made, weighed, ones),
        snips=_ratio(made, weighed, weights),
        dr=_ratio(made, robust, ones),
        gain=_ratio(made, gains, ones),
    )


def _weight(one: Decision) -> float:
    logged = one.logged.get(one.chosen, 0.0)
    return one.wanted.get(one.chosen, 0.0) / logged * one.beside if logged > 0 else inf


def _untried(made: Sequence[Decision]) -> tuple[float, tuple[str, ...]]:
    """How much of what the policy would do has no probability on record, or was never done."""
    tried = {(one.where, one.chosen) for one in made}
    mass: defaultdict[str, float] = defaultdict(float)
    for one in made:
        for name, q in one.wanted.items():
            if q > 0 and (one.logged.get(name, 0.0) <= 0 or (one.where, name) not in tried):
                mass[f"{name} in {one.where}"] += q
    named = sorted(mass, key=lambda name: (-mass[name], name))
    return sum(mass.values()) / max(len(made), 1), tuple(named)


class _Model:
    """The mean reward of each option in each context, shrunk, of the other half of the persons."""

    def __init__(self, made: Sequence[Decision]) -> None:
        self._sums: defaultdict[tuple[int, str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
        for one in made:
            for where in (one.where, ""):
                for name in (one.chosen, ""):
                    sums = self._sums[one.person % 2, where, name]
                    sums[0] += one.reward
                    sums[1] += 1
        self._kept: dict[tuple[int, str, str], float] = {}

    def of(self, one: Decision, name: str) -> float:
        key = (1 - one.person % 2, one.where, name)
        if key not in self._kept:
            half, where, _ = key
            overall = self._mean((half, "", ""), 0.0)
            wide = self._mean((half, "", name), overall)
            self._kept[key] = self._mean((half, where, name), wide)
        return self._kept[key]

    def under(self, one: Decision, chances: Mapping[str, float]) -> float:
        total = sum(chances.values())
        return sum(p * self.of(one, name) for name, p in chances.items()) / total if total else 0.0

    def _mean(self, key: tuple[int, str, str], prior: float) -> float:
        won, tried = self._sums.get(key, (0.0, 0.0))
        return (won + _SHRINK * prior) / (tried + _SHRINK)


def _ratio(made: Sequence[Decision], over: Sequence[float], under: Sequence[float]) -> Estimate:
    """The sum of one by the sum of the other, with its interval by linearisation over persons."""
    total = sum(under)
    value = sum(over) / total
    rest: defaultdict[int, float] = defaultdict(float)
    for one, x, y in zip(made, over, under, strict=True):
        rest[one.person] += x - value * y
    spread = sum(e * e for e in rest.values()) * len(rest) / max(len(rest) - 1, 1)
    half = _Z * sqrt(spread) / total
    return Estimate(value, value - half, value + half)
