"""Worlds: one value for each parameter. What follows in one follows from its assumptions."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from people.draws import u
from people.parameters import BY_NAME, PARAMETERS

_BETTER_HIGH: Final = (
    *("self_cure", "first_effect", "repeat", "promise_kept", "asks_plan", "accepts_plan"),
    *("plan_kept", "call_effect", "machine_call", "sees_sms", "sees_email", "sees_whatsapp"),
    *("other_channel", "wish_right", "takes_call", "other_hours", "promises"),
    *("asks_uninvited", "person_taken", "desk_calls"),
)
_BETTER_LOW: Final = (
    *("cannot_pay", "cannot_pay_later", "recovery_days", "attention_days", "pay_days"),
    *("dead_address", "stranger", "opt_out", "irritation", "complains", "disputes", "backfires"),
    *("answers_after", "busy", "desk_hours", "dispute_days"),
)
_OF_CONTACTS: Final = (
    *("first_effect", "promises", "asks_plan", "accepts_plan", "call_effect", "opt_out"),
    *("disputes", "writes", "states_wish", "backfires", "stranger"),
)
"""What is nothing where contacts do nothing."""


class World:
    """A value for each parameter, by its name; and a name of its own."""

    __slots__ = ("name", "values")

    def __init__(self, name: str, values: Mapping[str, float]) -> None:
        """Raise ValueError for a parameter that is none, or missing."""
        unknown, missing = values.keys() - BY_NAME.keys(), BY_NAME.keys() - values.keys()
        if unknown or missing:
            said = [f"unknown: {', '.join(sorted(unknown))}"] if unknown else []
            said += [f"missing: {', '.join(sorted(missing))}"] if missing else []
            raise ValueError(f"world {name!r}: {'; '.join(said)}")
        self.name = name
        self.values = MappingProxyType(dict(values))

    def __reduce__(self) -> tuple[type["World"], tuple[str, dict[str, float]]]:
        """Worlds go to other processes."""
        return World, (self.name, dict(self.values))

    def but(self, name: str, **changed: float) -> "World":
        """The same world with some values otherwise."""
        return World(name, {**self.values, **changed})


def _centre() -> dict[str, float]:
    return {one.name: one.centre for one in PARAMETERS}


def _towards(*, good: bool) -> dict[str, float]:
    ends = {}
    for one in PARAMETERS:
        better = one.name in _BETTER_HIGH or one.name not in _BETTER_LOW
        end = one.high if better is good else one.low
        ends[one.name] = (one.centre + end) / 2
    return ends


_PUBLISHED: Final = World("published", _centre())
WORLDS: Final[Mapping[str, World]] = {
    one.name: one
    for one in (
        _PUBLISHED,
        World("optimistic", _towards(good=True)),
        World("pessimistic", _towards(good=False)),
        _PUBLISHED.but(
            "adversarial",
            self_cure=BY_NAME["self_cure"].high,
            first_effect=BY_NAME["first_effect"].low,
            backfires=BY_NAME["backfires"].high,
            irritation=BY_NAME["irritation"].high,
            opt_out=BY_NAME["opt_out"].high,
        ),
        _PUBLISHED.but("nothing", **dict.fromkeys(_OF_CONTACTS, 0.0)),
    )
}
"""``published``: the centre of every range. ``optimistic`` and ``pessimistic``: half-way to its
better and to its worse end. ``adversarial``: most pay by themselves, messages mostly annoy, and
some are kept from paying by them. ``nothing``: contacts change nothing; whatever two strategies
cure differently there is a mistake of the measurement."""


def drawn(seed: int, count: int) -> Iterator[World]:
    """So many worlds from all ranges, each range cut into as many pieces as worlds (a Latin
    hypercube); the same for the same seed."""
    order = {one.name: _shuffled(seed, one.name, count) for one in PARAMETERS}
    for number in range(count):
        values = {}
        for one in PARAMETERS:
            inside = u(seed, one.name, "inside", number)
            share = (order[one.name][number] + inside) / count
            values[one.name] = one.low + (one.high - one.low) * share
        yield World(f"drawn {seed}/{number + 1}", values)


def _shuffled(seed: int, name: str, count: int) -> list[int]:
    return sorted(range(count), key=lambda number: u(seed, name, "place", number))
