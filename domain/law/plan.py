"""What a kind of contact must pass, worked out once for each kind and kept."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Final, NamedTuple

from domain.law.binding import Alternative, PackRules, Who, readings_of
from domain.law.checks.base import Check
from domain.law.facts import Facts
from domain.law.local_time import Span
from domain.law.model import DutyRule, RulePack
from domain.law.readings import DEFAULTS
from domain.law.request import Duty, LawRequest
from domain.law.terms import EventKind, LawPointKind

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


class Relevant(NamedTuple):
    """The checks that can forbid anything where some kinds of events are on file."""

    checks: tuple[Check, ...]
    """In the order of the packs."""
    recurring: tuple[Check, ...]
    """Of them those that close and open again."""
    searched: tuple[Check, ...]
    """All, in the order in which a search asks them: what opens and closes comes first, the rest
    mostly passes."""


@dataclass(slots=True)
class Plan:
    """The checks a kind of contact must pass, in the order of the packs."""

    packs: tuple[PackRules, ...]
    readings: Mapping[str, str]
    zones: tuple[str, ...]
    who: Who
    checks: tuple[Check, ...]
    _others: dict[str, tuple[Alternative, ...]] = field(default_factory=dict)
    _defaults: tuple[Alternative, ...] | None = None
    _relevant: dict[frozenset[EventKind], Relevant] = field(default_factory=dict)

    def relevant(self, facts: Facts) -> Relevant:
        """Return those checks that can forbid anything where such events are on file."""
        found = self._relevant.get(facts.kinds)
        if found is None:
            if len(self._relevant) > _KEPT_BY_EVENTS:
                self._relevant.clear()
            kinds = facts.kinds
            checks = tuple([it for it in self.checks if it.needs is None or it.needs in kinds])
            recurring = tuple([it for it in checks if it.recurring])
            others = tuple([it for it in checks if not it.recurring])
            found = self._relevant[kinds] = Relevant(checks, recurring, recurring + others)
        return found

    def rules(self) -> int:
        """Return how many rules the checks come from."""
        return len({check.base.id for check in self.checks})

    def duties(self) -> Iterator[tuple[DutyRule, Span]]:
        """Yield the duties that bind such a contact, and when each is in force."""
        for pack in self.packs:
            for duty in pack.duties(pack.bits_under(self.readings) & pack.admitting(self.who)):
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
        if self._defaults is None:
            self._defaults = tuple(self._under_defaults())
        forbids = {other.name for other in self._defaults if not other.passes(facts, at)}
        return ", ".join(f"{name}={self.readings[name]}" for name in sorted(forbids)) or None

    def _others_of(self, rule_id: str) -> tuple[Alternative, ...]:
        """Bind the rule under every other value of each reading, once for this plan."""
        found = self._others.get(rule_id)
        if found is None:
            pack, rule = next((it, rule) for it in self.packs if (rule := it.written(rule_id)))
            found = self._others[rule_id] = pack.others(rule, self.readings, self.zones, self.who)
        return found

    def _under_defaults(self) -> Iterator[Alternative]:
        """Yield the rules as they would be under the default of a reading chosen otherwise."""
        changed = {name for name, value in self.readings.items() if value != DEFAULTS[name]}
        for pack in self.packs:
            for rule in pack.switched:
                if not changed.isdisjoint(readings_of(rule)):
                    for other in self._others_of(rule.id):
                        if other.checks and other.value == DEFAULTS[other.name]:
                            yield other


_packs: Final[dict[int, PackRules]] = {}
_names: Final[dict[tuple[int, ...], tuple[Sequence[RulePack], tuple[str, ...]]]] = {}
"""The readings that the rules of some packs depend on, beside those packs."""
_OF_REQUEST: Final = itemgetter(*Who._fields[:-1])
_plans: Final[dict[tuple[Any, ...], tuple[Sequence[RulePack], Plan]]] = {}


def plan_for(packs: Sequence[RulePack], request: LawRequest) -> Plan:
    """Return the plan of a request's kind. Raise UnknownJurisdictionError if a pack is missing."""
    point, readings = request.contact_point, request.readings
    who = (*_OF_REQUEST(vars(request)), point.kind if point else LawPointKind.UNKNOWN)
    ids = tuple(map(id, packs))
    # What no rule of these packs depends on makes no other kind of contact.
    chosen = tuple(map(readings.get, _names_of(ids, packs))) if readings else None
    key = ids, request.jurisdictions, request.zones, chosen, who
    kept = _plans.get(key)
    if kept is None:
        if len(_plans) > _KEPT_PLANS:
            _plans.clear()
        # The packs stay beside their plan, so that no other object can take their identity.
        kept = _plans[key] = (tuple(packs), _make(packs, request, Who._make(who)))
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


def _make(packs: Sequence[RulePack], request: LawRequest, who: Who) -> Plan:
    known = {pack.jurisdiction: pack for pack in packs}
    readings = dict(DEFAULTS)
    for code in request.jurisdictions:
        if code not in known:
            raise UnknownJurisdictionError(code, sorted(known))
        readings |= known[code].readings
    readings |= request.readings
    asked = tuple([_rules_of(known[code]) for code in request.jurisdictions])
    checks: list[Check] = []
    for pack in asked:
        bits = pack.bits_under(readings) & pack.admitting(who)
        checks += pack.bound(bits, request.zones, readings["boundary"])
    return Plan(asked, readings, request.zones, who, tuple(checks))


def _names_of(ids: tuple[int, ...], packs: Sequence[RulePack]) -> tuple[str, ...]:
    kept = _names.get(ids)
    if kept is None:
        if len(_names) > _KEPT_PACKS:
            _names.clear()
        names = dict.fromkeys(name for pack in packs for name in _rules_of(pack).names)
        kept = _names[ids] = tuple(packs), tuple(names)
    return kept[1]


def _rules_of(pack: RulePack) -> PackRules:
    kept = _packs.get(id(pack))
    if kept is None:
        if len(_packs) > _KEPT_PACKS:
            _packs.clear()
        kept = _packs[id(pack)] = PackRules(pack)
    return kept
