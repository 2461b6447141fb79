"""What a kind of contact must pass, worked out once for each kind and kept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Final, NamedTuple

from domain.law.binding import Kind, PackRules, Who, readings_of
from domain.law.checks.base import Check
from domain.law.facts import Facts
from domain.law.local_time import Span
from domain.law.model import DutyRule, Rule, RulePack
from domain.law.readings import DEFAULTS, READINGS
from domain.law.request import Duty, LawRequest
from domain.law.terms import EventKind, PointKind

_KEPT_PLANS: Final = 2_048
_KEPT_BY_EVENTS: Final = 64
_KEPT_PACKS: Final = 256


class UnknownJurisdictionError(LookupError):
    """A request names a jurisdiction for which no rule pack is loaded."""

    def __init__(self, jurisdiction: str, known: Sequence[str]) -> None:
        super().__init__(
            f"no rule pack for jurisdiction {jurisdiction!r}; loaded: {', '.join(known) or 'none'}"
        )
        self.jurisdiction = jurisdiction


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


class _PackAsked(NamedTuple):
    """One of the packs that a kind of contact asks, and which of its variants admit it."""

    pack: PackRules
    admitting: int
    known: int
    """How many variants there were to look at."""


@dataclass(slots=True)
class Plan:
    """The checks a kind of contact must pass, in the order of the packs."""

    kind: Kind
    readings: dict[str, str]
    asked: tuple[_PackAsked, ...] = ()
    checks: tuple[Check, ...] = ()
    _others: dict[str, tuple[Alternative, ...]] = field(default_factory=dict)
    _relevant: dict[frozenset[EventKind], tuple[Check, ...]] = field(default_factory=dict)

    def checks_for(self, facts: Facts) -> tuple[Check, ...]:
        """Return those checks that can forbid anything where such events are on file."""
        found = self._relevant.get(facts.kinds)
        if found is None:
            if len(self._relevant) > _KEPT_BY_EVENTS:
                self._relevant.clear()
            kinds = facts.kinds
            found = tuple([it for it in self.checks if it.needs is None or it.needs in kinds])
            self._relevant[kinds] = found
        return found

    def rules(self) -> int:
        """Return how many rules the checks come from."""
        return len({check.base.id for check in self.checks})

    def duties(self) -> Iterator[tuple[DutyRule, Span]]:
        """Yield the duties that bind such a contact, and when each is in force."""
        for pack, admitting, _ in self.asked:
            for duty in pack.duties(pack.standing(self.readings) & admitting):
                yield duty, pack.in_force(duty)

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
        decisive = set()
        for name, chosen in self.readings.items():
            if chosen == DEFAULTS[name]:
                continue
            for asked in self.asked:
                for rule in asked.pack.reading.get(name, ()):
                    other = self._under(asked, rule, name, DEFAULTS[name])
                    if other is not None and not other.passes(facts, at):
                        decisive.add(f"{name}={chosen}")
        return ", ".join(sorted(decisive)) or None

    def _others_of(self, rule_id: str) -> tuple[Alternative, ...]:
        """Bind the rule under every other value of each reading, once for this plan."""
        found = self._others.get(rule_id)
        if found is None:
            asked = next(it for it in self.asked if it.pack.written(rule_id) is not None)
            rule = asked.pack.written(rule_id)
            assert rule is not None  # noqa: S101
            found = self._others[rule_id] = tuple(
                other
                for name in readings_of(rule)
                # One value suffices, so those come first that leave the least to be checked.
                for other in sorted(self._values(asked, rule, name), key=lambda it: len(it.checks))
            )
        return found

    def _values(self, asked: _PackAsked, rule: Rule, name: str) -> Iterator[Alternative]:
        for value in READINGS[name].values:
            other = self._under(asked, rule, name, value)
            if other is not None:
                yield other

    def _under(self, asked: _PackAsked, rule: Rule, name: str, value: str) -> Alternative | None:
        """Return it under another value, None where that comes to the same for this kind."""
        if value == self.readings[name]:
            return None
        pack, zones = asked.pack, self.kind.zones
        boundary = value if name == "boundary" else self.readings["boundary"]
        place = pack.bit(rule, self.readings, name, value)
        if name != "boundary" and not pack.differ(pack.bit(rule, self.readings), place, zones):
            return None
        known = place < asked.known
        bits = 1 << place & (asked.admitting if known else pack.admitting(self.kind.who))
        return Alternative(name, value, pack.bound(bits, zones, boundary) if bits else ())


_packs: Final[dict[int, PackRules]] = {}
_read: Final[dict[tuple[int, ...], tuple[Sequence[RulePack], frozenset[str]]]] = {}
"""The readings that the rules of some packs depend on, beside those packs."""
_OF_REQUEST: Final = itemgetter(*Who._fields[:-1])
_plans: Final[dict[tuple[tuple[int, ...], tuple[Any, ...]], tuple[Sequence[RulePack], Plan]]] = {}


def plan_for(packs: Sequence[RulePack], request: LawRequest) -> Plan:
    """Return the plan of a request's kind. Raise UnknownJurisdictionError if a pack is missing."""
    point, readings = request.contact_point, request.readings
    who = (*_OF_REQUEST(vars(request)), point.kind if point else PointKind.UNKNOWN)
    ids = tuple(map(id, packs))
    # What no rule of these packs depends on makes no other kind of contact.
    chosen: tuple[tuple[str, str], ...] = ()
    if readings:
        read = _read_by(ids, packs)
        chosen = tuple(sorted([it for it in readings.items() if it[0] in read]))
    kind = request.jurisdictions, request.zones, chosen, who
    key = ids, kind
    kept = _plans.get(key)
    if kept is None:
        if len(_plans) > _KEPT_PLANS:
            _plans.clear()
        made = _make(packs, Kind(*kind[:-1], Who._make(who)))
        # The packs stay beside their plan, so that no other object can take their identity.
        kept = _plans[key] = (tuple(packs), made)
    return kept[1]


def duties_for(packs: Sequence[RulePack], request: LawRequest, at: int) -> tuple[Duty, ...]:
    """Return the duties in force at ``at`` (epoch seconds) that bind the request."""
    plan = plan_for(packs, request)
    facts = Facts(request, at)
    wanted = {"any", "later" if facts.was_contacted() else "first"}
    return tuple(
        Duty(code=rule.code, said=rule.said, rule=rule.id, cite=rule.cite, text=rule.title)
        for rule, (since, until) in plan.duties()
        if since <= at < until
        and rule.contact in wanted
        and (not rule.if_event or facts.has(rule.if_event))
        and not (rule.unless_event and facts.has(rule.unless_event))
        and not (rule.unless_consented and facts.consented)
    )


def _make(packs: Sequence[RulePack], kind: Kind) -> Plan:
    known = {pack.jurisdiction: pack for pack in packs}
    readings = dict(DEFAULTS)
    for code in kind.jurisdictions:
        if code not in known:
            raise UnknownJurisdictionError(code, sorted(known))
        readings |= known[code].readings
    readings |= kind.readings
    asked: list[_PackAsked] = []
    checks: list[Check] = []
    for code in kind.jurisdictions:
        pack = _rules_of(known[code])
        standing = pack.standing(readings)
        admitting = pack.admitting(kind.who)
        asked.append(_PackAsked(pack, admitting, len(pack.rules)))
        checks += pack.bound(standing & admitting, kind.zones, readings["boundary"])
    return Plan(kind, readings, tuple(asked), tuple(checks))


def _read_by(ids: tuple[int, ...], packs: Sequence[RulePack]) -> frozenset[str]:
    kept = _read.get(ids)
    if kept is None:
        if len(_read) > _KEPT_PACKS:
            _read.clear()
        names = frozenset(name for pack in packs for name in _rules_of(pack).reading)
        kept = _read[ids] = tuple(packs), names
    return kept[1]


def _rules_of(pack: RulePack) -> PackRules:
    kept = _packs.get(id(pack))
    if kept is None:
        if len(_packs) > _KEPT_PACKS:
            _packs.clear()
        kept = _packs[id(pack)] = PackRules(pack)
    return kept
