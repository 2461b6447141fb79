"""The operator's segments: ordered rules, of which the first that matches an account holds."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from domain.calendar import day_start, local_date
from domain.segments.attributes import ALWAYS, Attribute
from domain.segments.conditions import Path, When, Wrong, cuts, read_when
from domain.segments.facts import DAYS_PAST_DUE, TENURE, Fact, Facts, catalogue
from domain.segments.values import Box, Effort, Values, apart, both, is_empty, left_of

DEFAULT: Final = "default"
"""The segment of whoever no rule matches, and the strategy that has to be there."""

MOST_RULES: Final = 500
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,62}")
_MOVE_WITH_TIME: Final = (DAYS_PAST_DUE, TENURE)
"""Facts that grow by one each day by themselves."""


class Rule(NamedTuple):
    """One segment."""

    name: str
    when: When
    strategy: str


class SegmentBook(NamedTuple):
    """All of them."""

    rules: tuple[Rule, ...]
    default: str
    """The strategy of whoever no rule matches."""
    declared: Mapping[str, Attribute] = ALWAYS
    """The attributes that facts are made of."""
    content: Any = None
    """What the file said, for who asks later by what was decided."""

    def segment_of(self, facts: Facts) -> Rule | None:
        """The first rule that matches; None: the default holds."""
        return next((rule for rule in self.rules if rule.when.matches(facts)), None)

    def rests_on(self, rule: Rule | None) -> tuple[str, ...]:
        """The facts that were looked at until a rule matched, or none did."""
        seen: list[str] = []
        for one in self.rules:
            seen += one.when.facts
            if one is rule:
                break
        return tuple(dict.fromkeys(seen))

    @property
    def strategies(self) -> frozenset[str]:
        """All that are named."""
        return frozenset({self.default, *(rule.strategy for rule in self.rules)})

    def look_again(self, facts: Facts, now: datetime, zones: Sequence[str]) -> datetime | None:
        """When the days alone may make another choice right; None: they never do."""
        ahead = [
            cut - value
            for name in _MOVE_WITH_TIME
            if isinstance(value := facts.get(name), int)
            for rule in self.rules
            for cut in cuts(rule.when.boxes, name)
            if cut > value
        ]
        if not ahead:
            return None
        try:
            return day_start(local_date(now, zones) + timedelta(days=min(ahead)), zones)
        except OverflowError:
            return None


def read_book(
    said: Any, strategies: Collection[str], declared: Mapping[str, Attribute]
) -> tuple[SegmentBook | None, list[Wrong]]:
    """The segments that a file gives; or all that is wrong with it, each with its place."""
    known = catalogue(declared)
    if not isinstance(said, Mapping):
        return None, [Wrong((), "must say `segments` and `default`")]
    wrong = [
        Wrong((str(key),), "is not known here", "known are segments, default")
        for key in said
        if key not in ("segments", "default")
    ]
    default = said.get("default")
    if default is None:
        wrong.append(
            Wrong(("default",), "is missing", "name the strategy of whoever no segment matches")
        )
    else:
        wrong += _strategy(default, strategies, ("default",))
    rules: list[Rule] = []
    listed = said.get("segments")
    if not isinstance(listed, list) or len(listed) > MOST_RULES:
        rule = f"must be a list of at most {MOST_RULES} rules: name, when, strategy"
        wrong.append(Wrong(("segments",), rule))
    else:
        for place, one in enumerate(listed):
            made, faults = _rule(one, strategies, known, ("segments", place))
            wrong += faults
            if made is not None:
                rules.append(made)
        wrong += _twice(listed)
    if wrong:
        return None, wrong
    book = SegmentBook(tuple(rules), str(default), declared, said)
    wrong = list(dead(book, known))
    return (None, wrong) if wrong else (book, [])


def _strategy(said: Any, strategies: Collection[str], path: Path) -> list[Wrong]:
    if isinstance(said, str) and said in strategies:
        return []
    known = ", ".join(sorted(strategies))
    return [Wrong(path, "is no strategy that is configured", f"there are {known}")]


def _rule(
    said: Any, strategies: Collection[str], known: Mapping[str, Fact], path: Path
) -> tuple[Rule | None, list[Wrong]]:
    if not isinstance(said, Mapping):
        return None, [Wrong(path, "must have name, when and strategy")]
    wrong = [
        Wrong((*path, str(key)), "is not known here", "known are name, when, strategy")
        for key in said
        if key not in ("name", "when", "strategy")
    ]
    name = said.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name == DEFAULT:
        rule = "must be lower-case letters, digits and dashes, at most 63, and not default"
        wrong.append(Wrong((*path, "name"), rule))
    if not said.get("when"):
        rule = "has no conditions: it would match every account"
        wrong.append(Wrong((*path, "when"), rule, "say when, or name its strategy as default"))
    when, faults = read_when(said.get("when"), known, (*path, "when"))
    wrong += faults
    wrong += _strategy(said.get("strategy"), strategies, (*path, "strategy"))
    return (None, wrong) if wrong else (Rule(str(name), when, str(said["strategy"])), [])


def _twice(listed: Sequence[Any]) -> Iterator[Wrong]:
    first: dict[Any, int] = {}
    for place, one in enumerate(listed):
        name = one.get("name") if isinstance(one, Mapping) else None
        if not isinstance(name, str):
            continue
        if name in first:
            rule = f"is the name of rule {first[name] + 1}, too"
            yield Wrong(("segments", place, "name"), rule, "give each a name of its own")
        first.setdefault(name, place)


def dead(book: SegmentBook, known: Mapping[str, Fact]) -> Iterator[Wrong]:
    """Rules that can certainly never match, and why."""
    everything: Mapping[str, Values] = {name: fact.everything for name, fact in known.items()}
    before: list[Rule] = []
    effort = Effort()
    for place, rule in enumerate(book.rules):
        path = ("segments", place, "when")
        boxes = rule.when.boxes
        if all(map(is_empty, _within(boxes, everything))):
            yield Wrong(path, "can never match: its conditions contradict each other")
        else:
            others = [box for one in before for box in one.when.boxes]
            mine = _within(boxes, everything)
            if not any(left_of(box, others, everything, effort) for box in mine):
                covering = _needed(mine, before, everything)
                yield Wrong(
                    path,
                    f"can never match: whatever it matches goes to {', '.join(covering)} before it",
                    "move it up, make those before it narrower, or take it away",
                )
        before.append(rule)


def _within(boxes: Sequence[Box], everything: Mapping[str, Values]) -> list[Box]:
    """The boxes, cut to what facts can be: nobody keeps less than no promises."""
    return [{name: both(values, everything[name]) for name, values in box.items()} for box in boxes]


def _needed(
    boxes: Sequence[Box], before: Sequence[Rule], everything: Mapping[str, Values]
) -> list[str]:
    """Those of the rules before that together cover it, without those that are not needed."""
    needed = [
        rule
        for rule in before
        if any(not apart(box, other) for other in rule.when.boxes for box in boxes)
    ]
    effort = Effort()
    for one in tuple(needed):
        rest = [rule for rule in needed if rule is not one]
        others = [box for rule in rest for box in rule.when.boxes]
        if not any(left_of(box, others, everything, effort) for box in boxes):
            needed = rest
    return [rule.name for rule in needed]
