"""Sets of values of one fact, and boxes of them: what a condition lets through, exactly.

Matching asks whether a value lies in a set; whether a rule can match at all, and whether others
cover it, is worked out of the same sets. Facts are taken to be independent of each other, so what
is said to be impossible is certain.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from domain.segments.attributes import Value

Cut = tuple[int | Decimal | float, int]
"""A place between values: before one (``(5, 0)``) or after it (``(5, 1)``)."""

LOWEST: Final[Cut] = (float("-inf"), 0)
HIGHEST: Final[Cut] = (float("inf"), 0)


class Effort:
    """How often a box may still be taken away from a piece of another. Where it takes more, nothing
    is said: what is certain must not cost more than it is worth."""

    def __init__(self, most: int = 50_000) -> None:
        self.left = most

    def spend(self, count: int) -> bool:
        """Whether there was that much left."""
        self.left -= count
        return self.left >= 0


class Spans(NamedTuple):
    """Of what has an order: stretches from cut to cut, apart from each other, ascending."""

    spans: tuple[tuple[Cut, Cut], ...]
    unknown: bool = False
    """Whether a value that is not known is among it."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing lies in it."""
        return not self.spans and not self.unknown

    def holds(self, value: Value | None) -> bool:
        """Whether a value lies in it."""
        if value is None:
            return self.unknown
        at = (ordinal(value), 0)
        return any(begins <= at < ends for begins, ends in self.spans)

    def meet(self, other: "Spans") -> "Spans":
        """What lies in both."""
        both = (
            (max(a[0], b[0]), min(a[1], b[1]))
            for a in self.spans
            for b in other.spans
            if max(a[0], b[0]) < min(a[1], b[1])
        )
        return Spans(tuple(sorted(both)), self.unknown and other.unknown)

    def minus(self, other: "Spans") -> "Spans":
        """What lies in this alone."""
        left = list(self.spans)
        for begins, ends in other.spans:
            parts = (
                part
                for a, b in left
                for part in ((a, min(b, begins)), (max(a, ends), b))
                if part[0] < part[1]
            )
            left = list(parts)
        return Spans(tuple(sorted(left)), self.unknown and not other.unknown)


class Names(NamedTuple):
    """Of what has no order: these, or all but these."""

    names: frozenset[str | bool]
    all_but: bool = False
    unknown: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing lies in it."""
        return not self.names and not self.all_but and not self.unknown

    def holds(self, value: Value | None) -> bool:
        """Whether a value lies in it."""
        return self.unknown if value is None else (value in self.names) is not self.all_but

    def meet(self, other: "Names") -> "Names":
        """What lies in both."""
        unknown = self.unknown and other.unknown
        if self.all_but and other.all_but:
            return Names(self.names | other.names, True, unknown)
        if self.all_but:
            return Names(other.names - self.names, False, unknown)
        if other.all_but:
            return Names(self.names - other.names, False, unknown)
        return Names(self.names & other.names, False, unknown)

    def minus(self, other: "Names") -> "Names":
        """What lies in this alone."""
        known = self.meet(Names(other.names, not other.all_but))
        return known._replace(unknown=self.unknown and not other.unknown)


Values = Spans | Names
Box = Mapping[str, Values]
"""What several facts may be at once; a fact that is not named may be anything."""


def ordinal(value: Value) -> int | Decimal:
    """The place of a value in its order."""
    if isinstance(value, date):
        return value.toordinal()
    assert isinstance(value, int | Decimal), "what has no order has names"  # noqa: S101
    return value


def stretch(first: Value | None, last: Value | None, *, whole: bool) -> Spans:
    """From one value to another, both of them included; None: without an end there."""
    begins: Cut = LOWEST if first is None else (ordinal(first), 0)
    ends: Cut = HIGHEST if last is None else (ordinal(last), 1)
    if whole and last is not None:
        ends = (ordinal(last) + 1, 0)  # there is nothing between a day and the next
    return Spans(((begins, ends),) if begins < ends else ())


def union(parts: Iterable[Spans]) -> Spans:
    """What lies in any of them."""
    made = Spans(())
    for one in parts:
        apart = one.minus(made)
        spans = sorted((*made.spans, *apart.spans))
        made = Spans(tuple(spans), made.unknown or one.unknown)
    return made


def holds(box: Box, facts: Mapping[str, Value | None]) -> bool:
    """Whether the facts of an account lie in a box."""
    return all(values.holds(facts.get(name)) for name, values in box.items())


def both(first: Values, second: Values) -> Values:
    """What lies in both, which are of one fact."""
    if isinstance(first, Spans) and isinstance(second, Spans):
        return first.meet(second)
    assert isinstance(first, Names) and isinstance(second, Names), "of one fact"  # noqa: S101
    return first.meet(second)


def without(first: Values, second: Values) -> Values:
    """What lies in the first alone; they are of one fact."""
    if isinstance(first, Spans) and isinstance(second, Spans):
        return first.minus(second)
    assert isinstance(first, Names) and isinstance(second, Names), "of one fact"  # noqa: S101
    return first.minus(second)


def is_empty(box: Box) -> bool:
    """Whether no facts at all lie in it."""
    return any(values.is_empty for values in box.values())


def apart(one: Box, two: Box) -> bool:
    """Whether nothing lies in both."""
    return any(name in two and both(values, two[name]).is_empty for name, values in one.items())


def left_of(
    box: Box, others: Sequence[Box], everything: Mapping[str, Values], effort: Effort
) -> bool:
    """Whether anything may be left of a box once the others are taken away; True also where that
    takes too much ``effort``. ``everything``: all that each fact may be."""
    pieces = [] if is_empty(box) else [box]
    for other in others:
        if not effort.spend(len(pieces)):
            return True
        if apart(box, other):
            continue
        pieces = [part for piece in pieces for part in _minus(piece, other, everything)]
        if not pieces:
            return False
    return bool(pieces)


def _minus(box: Box, other: Box, everything: Mapping[str, Values]) -> Iterable[Box]:
    """The pieces of a box that lie outside another one, apart from each other."""
    inside = dict(box)
    for name, values in other.items():
        mine = inside.get(name, everything[name])
        outside = without(mine, values)
        if not outside.is_empty:
            yield {**inside, name: outside}
        met = both(mine, values)
        if met.is_empty:
            return
        inside[name] = met
