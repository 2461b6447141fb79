"""Which rules bind a kind of contact, worked out once for each kind and kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from domain.law.checks import Check, make_checks
from domain.law.facts import Facts
from domain.law.local_time import NEVER, Holidays, day_of, timeline
from domain.law.model import DutyRule, HoursRule, Rule, RulePack, variant
from domain.law.readings import DEFAULTS, READINGS
from domain.law.request import Duty, LawRequest
from domain.law.terms import Actor, Channel, Direction, Party, PointKind, Purpose

_KEPT_PLANS: Final = 8_192


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
    point: PointKind
    debt_type: str | None
    autodialed: bool
    zones: tuple[str, ...]
    readings: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Plan:
    """The checks a kind of contact must pass, in the order of the packs, and its duties.

    ``eventless``: those that can forbid anything where nothing has happened to the customer;
    ``rules``: how many rules the checks come from.
    """

    kind: Kind
    readings: dict[str, str]
    checks: tuple[Check, ...] = ()
    eventless: tuple[Check, ...] = ()
    rules: int = 0
    duties: tuple[tuple[DutyRule, tuple[int, int]], ...] = ()
    _origins: dict[str, tuple[RulePack, Rule]] = field(default_factory=dict)
    _others: dict[tuple[str, str, str], tuple[Check, ...]] = field(default_factory=dict)

    def decided_by(self, check: Check, facts: Facts, at: int) -> str | None:
        """Name the readings, ``name=value``, under another value of which the rule would pass."""
        _, rule = self._origins[check.base.id]
        decisive = [
            f"{name}={self.readings[name]}"
            for name in _readings_of(rule)
            if any(
                self._passes(check.base.id, name, value, facts, at)
                for value in READINGS[name].values
                if value != self.readings[name]
            )
        ]
        return ", ".join(decisive) or None

    def allowed_by(self, facts: Facts, at: int) -> str | None:
        """Name the chosen readings without which a contact that is allowed would not be."""
        if self.readings == DEFAULTS:
            return None
        decisive = {
            f"{name}={chosen}"
            for rule_id, (_, rule) in self._origins.items()
            for name in _readings_of(rule)
            if (chosen := self.readings[name]) != DEFAULTS[name]
            and not self._passes(rule_id, name, DEFAULTS[name], facts, at)
        }
        return ", ".join(sorted(decisive)) or None

    def _passes(self, rule_id: str, name: str, value: str, facts: Facts, at: int) -> bool:
        key = rule_id, name, value
        checks = self._others.get(key)
        if checks is None:
            pack, rule = self._origins[rule_id]
            checks = _bind(pack, rule, self.kind, self.readings | {name: value})
            self._others[key] = checks
        return all(check.first_pass(facts, at) == at for check in checks)


_plans: Final[dict[tuple[tuple[int, ...], Kind], tuple[Sequence[RulePack], Plan]]] = {}


def plan_for(packs: Sequence[RulePack], request: LawRequest) -> Plan:
    """Return the plan of a request's kind. Raise UnknownJurisdictionError if a pack is missing."""
    kind = _kind_of(request)
    key = tuple(map(id, packs)), kind
    kept = _plans.get(key)
    if kept is None:
        if len(_plans) > _KEPT_PLANS:
            _plans.clear()
        # The packs stay beside their plan, so that no other object can take their identity.
        kept = _plans[key] = (tuple(packs), _make(packs, kind))
    return kept[1]


def duties_for(packs: Sequence[RulePack], request: LawRequest, at: int) -> tuple[Duty, ...]:
    """Return the duties in force at ``at`` (epoch seconds) that bind the request."""
    plan = plan_for(packs, request)
    facts = Facts(request, at)
    contacted = any(
        entry.direction is Direction.OUTBOUND and facts.is_this_debt(entry.account_id)
        for _, entry in facts.entries()
    )
    wanted = {"any", "later" if contacted else "first"}
    return tuple(
        Duty(code=rule.code, said=rule.said, rule=rule.id, cite=rule.cite, text=rule.title)
        for rule, (since, until) in plan.duties
        if since <= at < until
        and rule.contact in wanted
        and (not rule.if_event or facts.has(rule.if_event))
        and not (rule.unless_event and facts.has(rule.unless_event))
    )


def _kind_of(request: LawRequest) -> Kind:
    point = request.contact_point
    return Kind(
        request.jurisdictions,
        request.actor,
        request.channel,
        request.party,
        request.purpose,
        point.kind if point else PointKind.UNKNOWN,
        request.debt_type,
        request.autodialed,
        request.zones,
        tuple(sorted(request.readings.items())) if request.readings else (),
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
    duties: list[tuple[DutyRule, tuple[int, int]]] = []
    for pack in asked:
        for rule in pack.rules:
            checks += _bind(pack, rule, kind, plan.readings)
            plan._origins[rule.id] = pack, rule
            duty = variant(rule, plan.readings)
            if isinstance(duty, DutyRule) and _matches(duty, kind):
                duties.append((duty, _in_force(pack, rule)))
    plan.checks, plan.duties = tuple(checks), tuple(duties)
    plan.rules = len({check.base.id for check in checks})
    plan.eventless = tuple(check for check in checks if not check.needs_events)
    return plan


def _bind(pack: RulePack, written: Rule, kind: Kind, readings: dict[str, str]) -> tuple[Check, ...]:
    rule = variant(written, readings)
    if not _matches(rule, kind):
        return ()
    named = getattr(rule, "calendars", ())
    calendars = [_holidays(pack.calendars[name]) for name in named]
    return make_checks(rule, kind.zones, _in_force(pack, rule), calendars, readings["boundary"])


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


def _in_force(pack: RulePack, rule: Rule) -> tuple[int, int]:
    def start(day: date | None, otherwise: int) -> int:
        return otherwise if day is None else timeline(pack.zone).day_start(day_of(day))

    return start(rule.effective.since, -NEVER), start(rule.effective.until, NEVER)


def _readings_of(rule: Rule) -> tuple[str, ...]:
    by_boundary = isinstance(rule, HoursRule) and rule.boundary == "reading"
    return (*rule.by_reading, *(("boundary",) if by_boundary else ()))
