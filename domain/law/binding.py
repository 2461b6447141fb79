"""Which rules of a pack bind a kind of contact, under which readings, worked out once and kept."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, Final, NamedTuple

from domain.law.checks.base import Check
from domain.law.checks.making import make_check, places_of
from domain.law.facts import Facts
from domain.law.local_time import NEVER, Holidays, Span, day_of, timeline
from domain.law.model import DutyRule, HoursRule, Rule, RulePack, variant
from domain.law.readings import DEFAULTS, READINGS
from domain.law.terms import Actor, LawPointKind, LawPurpose, Medium, Party

_KEPT: Final = 8_192


class Who(NamedTuple):
    """Who would be contacted how, of all that a rule's filters look at."""

    actor: Actor
    channel: Medium
    party: Party
    purpose: LawPurpose
    debt_type: str | None
    autodialed: bool
    point: LawPointKind


class Alternative(NamedTuple):
    """A rule as it would be under another value of one reading."""

    name: str
    value: str
    checks: tuple[Check, ...]
    """None where such a rule would not bind the contact."""

    def passes(self, facts: Facts, at: int) -> bool:
        """Say whether the rule would pass."""
        for check in self.checks:  # noqa: SIM110
            if check.first_pass(facts, at) > at:
                return False
        return True


_FILTERS: Final[tuple[Callable[[Rule, Any], bool], ...]] = (
    lambda rule, actor: rule.actors is None or actor in rule.actors,
    lambda rule, channel: rule.channels is None or channel in rule.channels,
    lambda rule, party: rule.parties is None or party in rule.parties,
    lambda rule, purpose: rule.purposes is None or purpose in rule.purposes,
    lambda rule, debt: (
        (rule.debt_types is None or debt in rule.debt_types) and debt not in rule.not_debt_types
    ),
    lambda rule, dialed: rule.autodialed in (None, dialed),
    lambda rule, kind: rule.contact_points is None or kind in rule.contact_points,
)
"""Of each field of ``Who``: whether a rule's filter lets a value pass."""


class PackRules:
    """A pack with what has been worked out of its rules: variants, and checks bound to zones.

    Each variant of a rule is one bit. Which of them bind a contact is then an intersection,
    whatever readings a request chooses.
    """

    def __init__(self, pack: RulePack) -> None:
        self.pack = pack
        self.rules: list[Rule] = []
        """The variants that were asked for, each at the place of its bit."""
        self.switched = tuple(rule for rule in pack.rules if readings_of(rule))
        """The rules, as written, that depend on a reading."""
        self.names = tuple(dict.fromkeys(n for it in self.switched for n in readings_of(it)))
        """All readings that a rule depends on."""
        self._written = {rule.id: (place, rule) for place, rule in enumerate(pack.rules)}
        self._in_force = {rule.id: _in_force(pack, rule) for rule in pack.rules}
        self._by_boundary = {it.id for it in self.switched if "boundary" in readings_of(it)}
        self._under: list[Mapping[str, str]] = []
        """Of each variant: the readings that make it."""
        self._order: list[int] = []
        """Of each variant: the place of its rule in the pack."""
        self._alone: dict[tuple[str, str, str], Rule] = {}
        self._bits: dict[tuple[str, ...], int] = {}
        self._bits_under: dict[tuple[str, ...], int] = {}
        self._admitting: tuple[dict[object, int], ...] = tuple({} for _ in Who._fields)
        self._beside: dict[int, tuple[tuple[str, str, int], ...]] = {}
        self._checks: dict[tuple[int, tuple[str, ...], str], tuple[Check, ...]] = {}
        self._of_rule: dict[tuple[int, tuple[str, ...], str], tuple[Check, ...]] = {}
        self._single: dict[tuple[int, tuple[str, ...], str], Check] = {}
        self._alike: dict[tuple[int, int], bool] = {}
        self._others: dict[tuple[int, str, tuple[str, ...], Who], tuple[Alternative, ...]] = {}
        unchanging = dict(DEFAULTS)
        self._fixed = sum(
            1 << self.bit(rule, unchanging) for rule in pack.rules if not rule.by_reading
        )
        """The bits of the rules that are the same under all readings."""

    def written(self, rule_id: str) -> Rule | None:
        """Return the rule as it is written, None if it is another pack's."""
        return self._written[rule_id][1] if rule_id in self._written else None

    def bit(self, written: Rule, readings: Mapping[str, str]) -> int:
        """Return the place of the variant that stands under the readings."""
        key = (written.id, *[readings[name] for name in written.by_reading])
        found = self._bits.get(key)
        if found is None:
            found = self._bits[key] = len(self.rules)
            rule = self._variant(written, readings)
            self.rules.append(rule)
            self._under.append({name: readings[name] for name in written.by_reading})
            self._order.append(self._written[written.id][0])
            for admitted, admits in zip(self._admitting, _FILTERS, strict=True):
                for asked in admitted:
                    admitted[asked] |= (rule.binds and admits(rule, asked)) << found
        return found

    def _variant(self, written: Rule, readings: Mapping[str, str]) -> Rule:
        """Put a variant together of the changes under each reading, each valid alone."""
        changes: dict[str, Any] = {}
        for name, values in written.by_reading.items():
            changed = values.get(readings[name])
            if changed:
                key = written.id, name, readings[name]
                alone = self._alone.get(key)
                if alone is None:
                    alone = self._alone[key] = variant(written, {name: readings[name]})
                changes |= {field: getattr(alone, field) for field in changed}
        return written.model_copy(update=changes) if changes else written

    def bits_under(self, readings: Mapping[str, str]) -> int:
        """Return the bits of all rules as they stand under the readings, duties among them."""
        key = tuple([readings[name] for name in self.names])
        found = self._bits_under.get(key)
        if found is None:
            if len(self._bits_under) > _KEPT:
                self._bits_under.clear()
            found = self._fixed
            for rule in self.switched:
                found |= 1 << self.bit(rule, readings)
            self._bits_under[key] = found
        return found

    def admitting(self, who: Who) -> int:
        """Return the bits of the variants, of those asked for so far, that bind such a contact."""
        found = -1
        for admitted, value, admits in zip(self._admitting, who, _FILTERS, strict=True):
            bits = admitted.get(value)
            if bits is None:
                bits = sum(
                    (rule.binds and admits(rule, value)) << place
                    for place, rule in enumerate(self.rules)
                )
                if len(admitted) > _KEPT:
                    admitted.clear()
                admitted[value] = bits
            found &= bits
        return found

    def in_force(self, rule: Rule) -> Span:
        """Return when the rule is in force."""
        return self._in_force[rule.id]

    def bound(self, bits: int, zones: tuple[str, ...], boundary: str) -> tuple[Check, ...]:
        """Return the checks of some variants in the order of the pack, bound to the zones."""
        key = bits, zones, boundary
        found = self._checks.get(key)
        if found is None:
            if len(self._checks) > _KEPT:
                self._checks.clear()
            places = [place for place in range(bits.bit_length()) if bits >> place & 1]
            places.sort(key=self._order.__getitem__)
            found = tuple(it for place in places for it in self._bound(place, zones, boundary))
            self._checks[key] = found
        return found

    def duties(self, bits: int) -> Iterator[DutyRule]:
        """Yield the duties among some variants, in the order of the pack."""
        places = [place for place in range(len(self.rules)) if bits >> place & 1]
        for place in sorted(places, key=self._order.__getitem__):
            rule = self.rules[place]
            if isinstance(rule, DutyRule):
                yield rule

    def others(
        self, written: Rule, readings: Mapping[str, str], zones: tuple[str, ...], who: Who
    ) -> tuple[Alternative, ...]:
        """Return the rule under each other value of a reading that changes it for such a contact.

        In the order in which the rule names the readings. Of each reading one value suffices, so
        those come first that leave the least to be checked.
        """
        key = self.bit(written, readings), readings["boundary"], zones, who
        found = self._others.get(key)
        if found is None:
            if len(self._others) > _KEPT:
                self._others.clear()
            order = readings_of(written).index
            found = self._others[key] = tuple(
                sorted(
                    self._others_of(written, *key), key=lambda it: (order(it.name), len(it.checks))
                )
            )
        return found

    def _others_of(
        self, written: Rule, place: int, boundary: str, zones: tuple[str, ...], who: Who
    ) -> Iterator[Alternative]:
        beside = self._beside_of(place)
        admitting = self.admitting(who)  # After those beside it have their bits.
        for name, value, other in beside:
            if self._differ(place, other, zones):
                admitted = admitting >> other & 1
                checks = self._bound(other, zones, boundary) if admitted else ()
                yield Alternative(name, value, checks)
        if written.id in self._by_boundary:
            for value in READINGS["boundary"].values:
                if value != boundary:
                    checks = self._bound(place, zones, value) if admitting >> place & 1 else ()
                    yield Alternative("boundary", value, checks)

    def _beside_of(self, place: int) -> tuple[tuple[str, str, int], ...]:
        """Return the variants one reading away: name, value, place."""
        found = self._beside.get(place)
        if found is None:
            under = self._under[place]
            written = self._written[self.rules[place].id][1]
            found = self._beside[place] = tuple(
                (name, value, self.bit(written, {**under, name: value}))
                for name, chosen in under.items()
                for value in READINGS[name].values
                if value != chosen
            )
        return found

    def _differ(self, place: int, other: int, zones: tuple[str, ...]) -> bool:
        """Say whether two variants of a rule bind differently, if only in other zones."""
        alike = self._alike.get((place, other))
        if alike is None:
            one, two = self.rules[place], self.rules[other]
            alike = one.model_dump(exclude={"zone"}) == two.model_dump(exclude={"zone"})
            self._alike[place, other] = alike
        return not alike or places_of(self.rules[place], zones) != places_of(
            self.rules[other], zones
        )

    def _bound(self, at: int, zones: tuple[str, ...], boundary: str) -> tuple[Check, ...]:
        if self.rules[at].id not in self._by_boundary:
            boundary = ""
        key = at, zones, boundary
        found = self._of_rule.get(key)
        if found is None:
            if len(self._of_rule) > _KEPT:
                self._of_rule.clear()
            places = places_of(self.rules[at], zones)
            found = tuple([self._check(at, place, boundary) for place in places])
            self._of_rule[key] = found
        return found

    def _check(self, at: int, place: tuple[str, ...], boundary: str) -> Check:
        key = at, place, boundary
        found = self._single.get(key)
        if found is None:
            if len(self._single) > _KEPT:
                self._single.clear()
            found = self._single[key] = self._bind(self.rules[at], place, boundary)
        return found

    def _bind(self, rule: Rule, place: tuple[str, ...], boundary: str) -> Check:
        named = getattr(rule, "calendars", ())
        calendars = [_holidays(self.pack.calendars[name]) for name in named]
        return make_check(rule, place, self._in_force[rule.id], calendars, boundary)


_holidays = lru_cache(maxsize=None)(Holidays)


def readings_of(rule: Rule) -> tuple[str, ...]:
    """Return the readings that a rule depends on."""
    by_boundary = isinstance(rule, HoursRule) and rule.boundary == "reading"
    return (*rule.by_reading, *(("boundary",) if by_boundary else ()))


def _in_force(pack: RulePack, rule: Rule) -> Span:
    def start(day: date | None, otherwise: int) -> int:
        return otherwise if day is None else timeline(pack.zone).day_start(day_of(day))

    return start(rule.effective.since, -NEVER), start(rule.effective.until, NEVER)
