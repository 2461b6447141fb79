"""Which rules bind a kind of contact, worked out once for each kind and kept."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final, NamedTuple

from domain.law.checks import Check, make_check, places_of
from domain.law.facts import Facts
from domain.law.local_time import NEVER, Holidays, Span, day_of, timeline
from domain.law.model import DutyRule, HoursRule, Rule, RulePack, variant
from domain.law.readings import DEFAULTS, READINGS
from domain.law.request import Duty, LawRequest
from domain.law.terms import Actor, Channel, EventKind, Party, PointKind, Purpose

_KEPT_PLANS: Final = 8_192
_KEPT_CHECKS: Final = 8_192
_KEPT_BY_EVENTS: Final = 64
_KEPT_PACKS: Final = 256


class UnknownJurisdictionError(LookupError):
    """A request names a jurisdiction for which no rule pack is loaded."""

    def __init__(self, jurisdiction: str, known: Sequence[str]) -> None:
        super().__init__(
            f"no rule pack for jurisdiction {jurisdiction!r}; loaded: {', '.join(known) or 'none'}"
        )
        self.jurisdiction = jurisdiction


class Kind(NamedTuple):
    """All of a request that decides which rules bind it, facts and instant left aside."""

    jurisdictions: tuple[str, ...]
    actor: Actor
    channel: Channel
    party: Party
    purpose: Purpose
    debt_type: str | None
    autodialed: bool
    zones: tuple[str, ...]
    point: PointKind
    readings: tuple[tuple[str, str], ...]


class PackRules:
    """A pack with what has been worked out of its rules: variants, and checks bound to zones."""

    def __init__(self, pack: RulePack) -> None:
        self.pack = pack
        self._in_force = {rule.id: _in_force(pack, rule) for rule in pack.rules}
        self._variants: dict[tuple[str, ...], Rule] = {}
        self._checks: dict[tuple[int, tuple[str, ...], str], Check] = {}

    def rule(self, written: Rule, readings: Mapping[str, str]) -> Rule:
        """Return a rule as it stands under the readings: for equal readings the same object."""
        if not written.by_reading:
            return written
        key = (written.id, *(readings[name] for name in written.by_reading))
        found = self._variants.get(key)
        if found is None:
            found = self._variants[key] = variant(written, readings)
        return found

    def in_force(self, rule: Rule) -> Span:
        """Return when the rule is in force."""
        return self._in_force[rule.id]

    def checks(self, rule: Rule, zones: tuple[str, ...], boundary: str) -> Iterator[Check]:
        """Bind a rule of this pack, or a variant that ``rule`` returned, to the zones."""
        for place in places_of(rule, zones):
            # Rule and variant live as long as this object, so an id is never another's.
            key = id(rule), place, boundary
            found = self._checks.get(key)
            if found is None:
                if len(self._checks) > _KEPT_CHECKS:
                    self._checks.clear()
                found = self._checks[key] = self._bind(rule, place, boundary)
            yield found

    def _bind(self, rule: Rule, place: tuple[str, ...], boundary: str) -> Check:
        named = getattr(rule, "calendars", ())
        calendars = [_holidays(self.pack.calendars[name]) for name in named]
        return make_check(rule, place, self._in_force[rule.id], calendars, boundary)


class Alternative(NamedTuple):
    """A rule as it would be under another value of one reading."""

    name: str
    value: str
    checks: tuple[Check, ...]

    def passes(self, facts: Facts, at: int) -> bool:
        """Say whether the rule would pass."""
        for check in self.checks:  # noqa: SIM110
            if check.first_pass(facts, at) > at:
                return False
        return True


@dataclass(slots=True)
class Plan:
    """The checks a kind of contact must pass, in the order of the packs, and its duties.

    ``rules``: how many rules the checks come from.
    """

    kind: Kind
    readings: dict[str, str]
    checks: tuple[Check, ...] = ()
    rules: int = 0
    duties: tuple[tuple[DutyRule, Span], ...] = ()
    _origins: dict[str, tuple[PackRules, Rule]] = field(default_factory=dict)
    _others: dict[str, tuple[Alternative, ...]] = field(default_factory=dict)
    _relevant: dict[frozenset[EventKind], tuple[Check, ...]] = field(default_factory=dict)

    def checks_for(self, facts: Facts) -> tuple[Check, ...]:
        """Return those checks that can forbid anything where such events are on file."""
        found = self._relevant.get(facts.kinds)
        if found is None:
            if len(self._relevant) > _KEPT_BY_EVENTS:
                self._relevant.clear()
            found = tuple(it for it in self.checks if it.needs is None or it.needs in facts.kinds)
            self._relevant[facts.kinds] = found
        return found

    def decided_by(self, check: Check, facts: Facts, at: int) -> str | None:
        """Name the readings, ``name=value``, under another value of which the rule would pass."""
        decisive: dict[str, str] = {}
        for other in self._others_of(check.base.id):
            if other.name not in decisive and other.passes(facts, at):
                decisive[other.name] = f"{other.name}={self.readings[other.name]}"
        return ", ".join(decisive.values()) or None

    def allowed_by(self, facts: Facts, at: int) -> str | None:
        """Name the chosen readings without which a contact that is allowed would not be."""
        if self.readings == DEFAULTS:
            return None
        decisive = {
            f"{other.name}={self.readings[other.name]}"
            for rule_id in self._origins
            for other in self._others_of(rule_id)
            if other.value == DEFAULTS[other.name] and not other.passes(facts, at)
        }
        return ", ".join(sorted(decisive)) or None

    def _others_of(self, rule_id: str) -> tuple[Alternative, ...]:
        """Bind the rule under every other value of each reading, once for this plan."""
        found = self._others.get(rule_id)
        if found is None:
            pack, rule = self._origins[rule_id]
            found = self._others[rule_id] = tuple(
                other
                for name in _readings_of(rule)
                # One value suffices, so those come first that leave the least to be checked.
                for other in sorted(self._under(pack, rule, name), key=lambda it: len(it.checks))
            )
        return found

    def _under(self, pack: PackRules, rule: Rule, name: str) -> Iterator[Alternative]:
        """Yield it under the other values, but not where one comes to the same for this kind."""
        stands = pack.rule(rule, self.readings)
        for value in READINGS[name].values:
            readings = self.readings | {name: value}
            changes = name == "boundary" or _differ(stands, pack.rule(rule, readings), self.kind)
            if changes and value != self.readings[name]:
                yield Alternative(name, value, tuple(_bound(pack, rule, self.kind, readings)))


_packs: Final[dict[int, PackRules]] = {}
_OF_REQUEST: Final = itemgetter(*Kind._fields[:-2])
_plans: Final[dict[tuple[tuple[int, ...], tuple[Any, ...]], tuple[Sequence[RulePack], Plan]]] = {}


def plan_for(packs: Sequence[RulePack], request: LawRequest) -> Plan:
    """Return the plan of a request's kind. Raise UnknownJurisdictionError if a pack is missing."""
    point, readings = request.contact_point, request.readings
    kind = (
        *_OF_REQUEST(vars(request)),
        point.kind if point else PointKind.UNKNOWN,
        tuple(sorted(readings.items())) if readings else (),
    )
    key = tuple(map(id, packs)), kind
    kept = _plans.get(key)
    if kept is None:
        if len(_plans) > _KEPT_PLANS:
            _plans.clear()
        # The packs stay beside their plan, so that no other object can take their identity.
        kept = _plans[key] = (tuple(packs), _make(packs, Kind._make(kind)))
    return kept[1]


def duties_for(packs: Sequence[RulePack], request: LawRequest, at: int) -> tuple[Duty, ...]:
    """Return the duties in force at ``at`` (epoch seconds) that bind the request."""
    plan = plan_for(packs, request)
    facts = Facts(request, at)
    wanted = {"any", "later" if facts.was_contacted() else "first"}
    return tuple(
        Duty(code=rule.code, said=rule.said, rule=rule.id, cite=rule.cite, text=rule.title)
        for rule, (since, until) in plan.duties
        if since <= at < until
        and rule.contact in wanted
        and (not rule.if_event or facts.has(rule.if_event))
        and not (rule.unless_event and facts.has(rule.unless_event))
        and not (rule.unless_consented and facts.consented)
    )


def _make(packs: Sequence[RulePack], kind: Kind) -> Plan:
    known = {pack.jurisdiction: pack for pack in packs}
    readings = dict(DEFAULTS)
    asked = []
    for code in kind.jurisdictions:
        if code not in known:
            raise UnknownJurisdictionError(code, sorted(known))
        asked.append(known[code])
        readings |= known[code].readings
    plan = Plan(kind, readings | dict(kind.readings))
    checks: list[Check] = []
    duties: list[tuple[DutyRule, Span]] = []
    for pack in map(_rules_of, asked):
        for rule in pack.pack.rules:
            checks += _bound(pack, rule, kind, plan.readings)
            plan._origins[rule.id] = pack, rule
            if isinstance(rule, DutyRule):
                duty = pack.rule(rule, plan.readings)
                if isinstance(duty, DutyRule) and _matches(duty, kind):
                    duties.append((duty, pack.in_force(rule)))
    plan.checks, plan.duties = tuple(checks), tuple(duties)
    plan.rules = len({check.base.id for check in checks})
    return plan


def _rules_of(pack: RulePack) -> PackRules:
    kept = _packs.get(id(pack))
    if kept is None:
        if len(_packs) > _KEPT_PACKS:
            _packs.clear()
        kept = _packs[id(pack)] = PackRules(pack)
    return kept


def _bound(
    pack: PackRules, written: Rule, kind: Kind, readings: Mapping[str, str]
) -> Iterable[Check]:
    rule = pack.rule(written, readings)
    return pack.checks(rule, kind.zones, readings["boundary"]) if _matches(rule, kind) else ()


_holidays = lru_cache(maxsize=None)(Holidays)


def _matches(rule: Rule, kind: Kind) -> bool:
    return (
        rule.binds
        and (rule.actors is None or kind.actor in rule.actors)
        and (rule.channels is None or kind.channel in rule.channels)
        and (rule.parties is None or kind.party in rule.parties)
        and (rule.purposes is None or kind.purpose in rule.purposes)
        and (rule.contact_points is None or kind.point in rule.contact_points)
        and (rule.debt_types is None or kind.debt_type in rule.debt_types)
        and kind.debt_type not in rule.not_debt_types
        and rule.autodialed in (None, kind.autodialed)
    )


def _differ(rule: Rule, other: Rule, kind: Kind) -> bool:
    """Say whether two variants of a rule bind differently, if only in other zones."""
    if places_of(rule, kind.zones) != places_of(other, kind.zones):
        return True
    return rule.model_dump(exclude={"zone"}) != other.model_dump(exclude={"zone"})


def _in_force(pack: RulePack, rule: Rule) -> Span:
    def start(day: date | None, otherwise: int) -> int:
        return otherwise if day is None else timeline(pack.zone).day_start(day_of(day))

    return start(rule.effective.since, -NEVER), start(rule.effective.until, NEVER)


def _readings_of(rule: Rule) -> tuple[str, ...]:
    by_boundary = isinstance(rule, HoursRule) and rule.boundary == "reading"
    return (*rule.by_reading, *(("boundary",) if by_boundary else ()))
