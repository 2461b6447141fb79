"""How much a policy loses while it learns, in a world whose best actions are known.

``python -m lab.learning.bandit``. The policy is made by ``learn fit``'s own code of what has come
so far, and made anew after each batch, as it would be each night; it is asked as planning asks it.
Its regret is what the best action of each context would have drawn beyond what was chosen, in
expectation. The best fixed choice is the one channel and part of the day that is best for all
contexts together, known from the beginning.
"""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import product
from random import Random
from typing import Final, NamedTuple

from domain.channels import Channel
from domain.learning.fitting import Fitting
from domain.learning.policy import Chosen, Made, Policy, Ranking, block_name, pick
from domain.learning.windows import Window

BLOCKS: Final = ((7, 10), (10, 13), (13, 16), (16, 19))
CHANNELS: Final = (Channel.SMS, Channel.EMAIL, Channel.WHATSAPP, Channel.VOICE)
BEGINS: Final = datetime(2026, 1, 5, 12, tzinfo=UTC)


@dataclass(frozen=True)
class World:
    """How often each channel, and each part of the day, draws a payment or an answer."""

    rates: Mapping[tuple[str, str], Mapping[str, float]]
    """By phase and country, of each channel."""
    hours: Mapping[tuple[str, str], Mapping[str, float]]
    """By phase and country, what each part of the day makes of that."""

    def rate(self, where: tuple[str, str], channel: str, hour: str) -> float:
        """Of one way in one context."""
        return self.rates[where][channel] * self.hours[where][hour]

    def best(self, where: tuple[str, str]) -> float:
        """Of the best way in one context."""
        ways = product(self.rates[where], self.hours[where])
        return max(self.rate(where, channel, hour) for channel, hour in ways)


class Run(NamedTuple):
    """What a run came to."""

    regret: float
    """Of the policy that learns, over all decisions."""
    fixed: float
    """Of the best fixed choice."""
    rewards: int
    windows: list[Window]
    policy: Policy
    """The last one."""

    @property
    def share(self) -> float:
        """The policy's regret in terms of the best fixed choice's."""
        return self.regret / self.fixed


def world(seed: int = 1) -> World:
    """Another best channel, and another best part of the day, in each of four contexts."""
    rng = Random(seed)
    rates, hours = {}, {}
    names = [block_name(one) for one in BLOCKS]
    for n, where in enumerate(product(("early", "late"), ("CO", "MX"))):
        rates[where] = {c.value: rng.uniform(0.05, 0.10) for c in CHANNELS}
        rates[where][CHANNELS[n % len(CHANNELS)].value] = rng.uniform(0.17, 0.22)
        hours[where] = {name: rng.uniform(0.8, 1.0) for name in names}
        hours[where][names[n % len(names)]] = 1.3
    return World(rates, hours)


def flat(rate: float = 0.1) -> World:
    """A world in which it makes no difference what is done."""
    places = list(product(("early", "late"), ("CO", "MX")))
    names = [block_name(one) for one in BLOCKS]
    same = {where: {c.value: rate for c in CHANNELS} for where in places}
    return World(same, {where: dict.fromkeys(names, 1.0) for where in places})


def blank(until: date = date(2026, 12, 31), **fields: object) -> Policy:
    """A policy that has learnt nothing."""
    made = Made(since=BEGINS.date(), until=until, windows=0, half_life_days=3650)
    return Policy.model_validate(
        {"id": "bandit", "version": 1, "made": made, "blocks": BLOCKS, **fields}
    )


def lived(
    of: World, decisions: int = 20_000, *, batch: int = 500, seed: int = 1, learns: bool = True
) -> Run:
    """So many decisions, each batch by a policy that was made of all before it."""
    rng, fitting = Random(seed), Fitting(blank())
    ranking, regret, windows = Ranking.of(blank()), 0.0, list[Window]()
    places, seen = sorted(of.rates), dict[tuple[str, str], int]()
    for n in range(decisions):
        where = rng.choice(places)
        window = _decided(of, where, n, ranking, rng)
        regret += of.best(where) - of.rate(where, *_way(window))
        seen[where] = seen.get(where, 0) + 1
        windows.append(window)
        fitting.add(window)
        if learns and (n + 1) % batch == 0:
            ranking = Ranking.of(fitting.made())
    names = [block_name(one) for one in BLOCKS]
    fixed = min(
        sum(count * (of.best(w) - of.rate(w, c.value, h)) for w, count in seen.items())
        for c, h in product(CHANNELS, names)
    )
    rewards = sum(one.reward for one in windows)
    return Run(regret, fixed, rewards, windows, fitting.made())


def _way(window: Window) -> tuple[str, str]:
    assert window.chosen_from and window.chosen_from.hour
    return window.channel.value, window.chosen_from.hour


def _decided(of: World, where: tuple[str, str], n: int, by: Ranking, rng: Random) -> Window:
    """One decision by a policy, and what came of it."""
    context = {"phase": where[0], "country": where[1]}
    channels = by.channels(context, [one.value for one in CHANNELS])
    hours = by.hours(context, [block_name(one) for one in BLOCKS])
    channel = pick(channels, by.digest, "channel", n)
    hour = pick(hours, by.digest, "hour", n)
    return Window(
        person=n,
        at=BEGINS + timedelta(minutes=5 * n),
        phase=where[0],
        country=where[1],
        channel=Channel(channel),
        policy=by.name,
        probability=channels[channel] * hours[hour],
        chosen_from=Chosen(context=context, channels=channels, hours=hours, hour=hour),
        reward=rng.random() < of.rate(where, channel, hour),
    )


def main() -> None:
    """Several worlds, and how each went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decisions", type=int, default=20_000)
    parser.add_argument("--worlds", type=int, default=10)
    asked = parser.parse_args()
    for seed in range(1, asked.worlds + 1):
        run = lived(world(seed), asked.decisions, seed=seed)
        print(
            f"world {seed}: regret {run.regret:.0f} of the best fixed choice's {run.fixed:.0f} "
            f"({run.share:.0%}), {run.rewards} rewards in {asked.decisions} decisions"
        )


if __name__ == "__main__":
    main()
