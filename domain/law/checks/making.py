"""Rules bound to the zones of a contact, each as the check of its kind."""

from collections.abc import Sequence

from domain.law.checks.base import Check
from domain.law.checks.hours import ClosedDaysCheck, HoursCheck, StatedTimesCheck
from domain.law.checks.leave import BanCheck, ConsentCheck, StopCheck
from domain.law.checks.limits import CapCheck, CooldownCheck, OneChannelCheck, SpacingCheck
from domain.law.local_time import (
    Holidays,
    Span,
)
from domain.law.model import (
    CUSTOMER,
    BanRule,
    CapRule,
    ClosedDaysRule,
    ConsentRule,
    CooldownRule,
    DutyRule,
    HoursRule,
    OneChannelRule,
    Rule,
    SpacingRule,
    StatedTimesRule,
    StopRule,
)


def places_of(rule: Rule, zones: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Return the zones of each check of a rule; duties bind no instant and give none."""
    named: str = getattr(rule, "zone", CUSTOMER)
    places = zones if named == CUSTOMER else (named,)
    match rule:
        case DutyRule():
            return ()
        case StopRule():
            return (places,)
        case BanRule():
            return (places[:1],)
        case _:
            return tuple((zone,) for zone in places)


def make_check(
    rule: Rule,
    zones: tuple[str, ...],
    in_force: Span,
    calendars: Sequence[Holidays],
    boundary: str,
) -> Check:
    """Bind a rule to one of its places."""
    zone = zones[0]
    match rule:
        case HoursRule():
            return HoursCheck(rule, zone, in_force, boundary)
        case ClosedDaysRule():
            return ClosedDaysCheck(rule, zone, in_force, calendars)
        case StopRule():
            return StopCheck(rule, zones, in_force, calendars)
        case BanRule():
            return BanCheck(rule, zone, in_force)
        case StatedTimesRule():
            return StatedTimesCheck(rule, zone, in_force)
        case ConsentRule():
            return ConsentCheck(rule, zone, in_force)
        case CapRule():
            return CapCheck(rule, zone, in_force)
        case CooldownRule():
            return CooldownCheck(rule, zone, in_force)
        case SpacingRule():
            return SpacingCheck(rule, zone, in_force)
        case OneChannelRule():
            return OneChannelCheck(rule, zone, in_force)
        case DutyRule():
            raise AssertionError("a duty has no place")
