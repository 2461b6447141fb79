"""What a strategy asks for and cannot have by its own limits: found when it is loaded.

Sound, not complete: what is told here is so whatever the accounts are like.
"""

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from domain.channels import Channel
from domain.strategy.bands import UNKNOWN
from domain.strategy.limits import Caps
from domain.strategy.phase import Phase
from domain.strategy.strategy import Strategy


class Contradiction(NamedTuple):
    """One of them."""

    at: tuple[str | int, ...]
    """Where in the file: keys and places in lists."""
    rule: str
    todo: str


def contradictions(strategy: Strategy) -> Iterator[Contradiction]:
    """All of them, in the order of the file."""
    if all(_most(strategy, phase) == 0 for phase in strategy.phases):
        rule = "contacts nobody: in every phase max_touches is 0"
        yield Contradiction(("phases",), rule, "give a phase at least one touch")
    for number, phase in enumerate(strategy.phases):
        at = ("phases", number)
        yield from _of_cadence(strategy, phase, at)
        yield from _of_channels(strategy, phase, at)
        yield from _of_budget(strategy, phase, at)
        if phase.tones and strategy.policy is None:
            rule = f"phase {phase.name} leaves tones open, and no policy is named that chooses"
            yield Contradiction((*at, "tones"), rule, "name `policy`, or leave `tones` out")
    yield from _of_caps(strategy.caps)


def _of_caps(caps: Caps | None) -> Iterator[Contradiction]:
    if caps is None:
        return
    named = caps.windows
    if not named:
        yield Contradiction(("caps",), "names no cap", "name day, week or month, or leave it out")
    for (least, _, shorter), (most, _, longer) in pairwise(named):
        if most < least:
            rule = f"allows {least} contacts a {shorter} and {most} a {longer}: never so many"
            yield Contradiction(("caps", longer), rule, f"let {longer} be at least {least}")


def _of_cadence(
    strategy: Strategy, phase: Phase, at: tuple[str | int, ...]
) -> Iterator[Contradiction]:
    """More touches, at the phase's own distance, than the caps let in the same days."""
    if strategy.caps is None:
        return
    for band, treated in _treatments(strategy, phase):
        cadence, first_last = treated.cadence, treated.days_past_due
        length = first_last[1] - first_last[0] + 1
        for most, days, name in strategy.caps.windows:
            wanted = min(cadence.max_touches, 1 + (min(days, length) - 1) // cadence.min_days)
            if wanted > most:
                where = (*at, "by_score", band) if band else (*at, "cadence")
                rule = (
                    f"phase {phase.name} makes {wanted} touches in {days} days, at least "
                    f"{cadence.min_days} days apart; caps.{name} lets {most}"
                )
                spread = -(-days // most)
                todo = f"let min_days be {spread} or more, or caps.{name} {wanted}"
                yield Contradiction(where, rule, todo)
                break


def _of_channels(
    strategy: Strategy, phase: Phase, at: tuple[str | int, ...]
) -> Iterator[Contradiction]:
    full = () if strategy.capacity is None else strategy.capacity.channels.items()
    none = {channel for channel, most in full if most == 0}
    for band, treated in _treatments(strategy, phase):
        where = (*at, "by_score", band, "channels") if band else (*at, "channels")
        wanted = phase.by_score[band].channels if band else None
        if others := sorted(set(wanted or ()) - set(phase.channels)):
            rule = f"phase {phase.name} does not name {', '.join(others)}"
            yield Contradiction(where, rule, "take from the phase's own channels")
        elif treated.cadence.max_touches and none.issuperset(treated.channels):
            closed = ", ".join(sorted(treated.channels))
            rule = f"phase {phase.name} could contact nobody: capacity is 0 on {closed}"
            yield Contradiction(where, rule, "give one of them capacity, or name another channel")
    if Channel.HUMAN in none and any(one.person for _, one in _treatments(strategy, phase)):
        rule = f"phase {phase.name} has a person's turn, and capacity.channels.human is 0"
        yield Contradiction((*at, "person"), rule, "leave `person` out, or give people capacity")


def _of_budget(
    strategy: Strategy, phase: Phase, at: tuple[str | int, ...]
) -> Iterator[Contradiction]:
    budget = phase.budget
    if budget is None:
        return
    for band, treated in _treatments(strategy, phase):
        if not treated.cadence.max_touches or not treated.channels:
            continue
        for country in ("", *strategy.costs_in):
            least = min(strategy.cost(treated, one, country) for one in treated.channels)
            if least > budget:
                where = f" in {country}" if country else ""
                of = f" for the score band {band}" if band else ""
                rule = (
                    f"phase {phase.name} could contact nobody{of}: its cheapest contact{where} "
                    f"costs {_plain(least)}, its budget is {_plain(budget)}"
                )
                yield Contradiction((*at, "budget"), rule, f"let it be {_plain(least)} or more")
                return


def _treatments(strategy: Strategy, phase: Phase) -> Iterator[tuple[str, Phase]]:
    """The phase as it is, unless every band has a treatment, and as it treats each band."""
    bands = {UNKNOWN, *(one.name for one in strategy.score_bands)}
    if not bands <= set(phase.by_score) or not strategy.score_bands:
        yield "", phase
    for band in phase.by_score:
        treated = strategy.treating(band).named(phase.name)
        assert treated is not None, "a treatment takes no phase away"  # noqa: S101
        yield band, treated


def _most(strategy: Strategy, phase: Phase) -> int:
    return max(one.cadence.max_touches for _, one in _treatments(strategy, phase))


def _plain(number: Decimal) -> str:
    return f"{number:f}"
