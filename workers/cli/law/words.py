"""What a rule does, in a sentence a compliance officer reads."""

from collections.abc import Mapping
from typing import Any, Final

from domain.law.model import (
    BanRule,
    CapRule,
    ClosedDaysRule,
    ConsentLift,
    ConsentRule,
    CooldownRule,
    Counted,
    CountUnit,
    DutyRule,
    HoursRule,
    OneChannelRule,
    Period,
    Rule,
    RuleBase,
    SpacingRule,
    StatedTimesRule,
    StopRule,
)
from domain.law.terms import Direction, Weekday

_UNITS: Final = {
    CountUnit.DEBT: "for each debt",
    CountUnit.PERSON: "for each person, over all debts",
    CountUnit.PERSON_DEBT: "for each person and debt",
}
_DAYS: Final = {
    "mon": "Mondays",
    "tue": "Tuesdays",
    "wed": "Wednesdays",
    "thu": "Thursdays",
    "fri": "Fridays",
    "sat": "Saturdays",
    "sun": "Sundays",
}


def spelt(word: object) -> str:
    """A word of the packs as people write it."""
    return str(word).replace("_", " ")


def listed(value: Any) -> str:
    """A value of a pack, a list or a mapping in words."""
    if isinstance(value, Mapping):
        return ", ".join(f"{spelt(name)} {listed(part)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(listed(part) for part in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return spelt(value)


def whom(rule: RuleBase) -> str:
    """Whom and what a rule binds."""
    if not rule.binds:
        return "nobody, unless a reading below says otherwise"
    parts = [
        "first party, third party and debt buyer" if rule.actors is None else listed(rule.actors),
        "any channel" if rule.channels is None else f"channels: {listed(rule.channels)}",
    ]
    if rule.parties is not None:
        parts.append(f"contact with: {listed(rule.parties)}")
    if rule.purposes is not None:
        parts.append(f"purposes: {listed(rule.purposes)}")
    if rule.contact_points is not None:
        parts.append(f"contact points: {listed(rule.contact_points)}")
    if rule.debt_types is not None:
        parts.append(f"debts: {listed(rule.debt_types)}")
    if rule.not_debt_types:
        parts.append(f"not debts: {listed(rule.not_debt_types)}")
    if rule.autodialed is not None:
        parts.append("autodialed contacts" if rule.autodialed else "contacts not autodialed")
    return "; ".join(parts)


def effect(rule: Rule) -> str:
    """What the rule does."""
    sure = "" if rule.outcome == "denied" else " A person decides."
    match rule:
        case HoursRule():
            opened = f", or hours authorised in: {listed(rule.authorized_hours)}"
            return f"Closed outside the hours above{opened if rule.authorized_hours else ''}.{sure}"
        case ClosedDaysRule():
            days = [_DAYS[day] for day in rule.weekdays]
            days += [f"holidays of the calendar `{name}`" for name in rule.calendars]
            return f"Closed on {listed(days)}.{sure}"
        case CapRule():
            return (
                f"At most {rule.limit} within {_period(rule.period)}, {_UNITS[rule.unit]}; "
                f"counted: {_counted(rule, rule.counts)}.{_lifted(rule.lifted_by)}{sure}"
            )
        case CooldownRule():
            return (
                f"{rule.days} days of silence, the day itself being day one, {_UNITS[rule.unit]}, "
                f"after: {_counted(rule, rule.counts)}.{_lifted(rule.lifted_by)}{sure}"
            )
        case SpacingRule():
            apart = f"{rule.hours} hours" if rule.hours else f"{rule.clear_days} clear days"
            return (
                f"{apart} between two contacts, {_UNITS[rule.unit]}; "
                f"counted: {_counted(rule, rule.counts)}.{sure}"
            )
        case OneChannelRule():
            return (
                f"No other channel within {_period(rule.period)} of a contact, "
                f"{_UNITS[rule.unit]}; counted: {_counted(rule, rule.counts)}.{sure}"
            )
        case ConsentRule():
            return f"Closed without {_consent(rule)}.{sure}"
        case StopRule():
            return _stop(rule) + sure
        case StatedTimesRule():
            return f"Closed at the times the customer called inconvenient.{sure}"
        case BanRule():
            return f"{'Left to a person' if sure else 'Forbidden'}{_unless(rule)}."
        case DutyRule():
            return _duty(rule)


def _unless(rule: BanRule) -> str:
    ways = ["the customer wrote from there before"] if rule.unless_inbound else []
    if rule.unless_named:
        ways.append(f"{listed(rule.unless_named)} names this very address")
    return f", unless {' or '.join(ways)}" if ways else ""


def _period(period: Period) -> str:
    if period.style == "rolling":
        return f"{period.days} days ending on the day of the contact"
    if period.calendar == "week":
        starts = "Sunday to Saturday" if period.week_starts is Weekday.SUN else "Monday to Sunday"
        return f"a calendar week, {starts}"
    return f"a calendar {period.calendar}"


def _counted(rule: RuleBase, counts: Counted) -> str:
    channels = counts.channels or rule.channels
    both = set(counts.directions) == set(Direction)
    parts = [
        "contacts both ways" if both else f"{listed(counts.directions)} contacts",
        f"on {listed(channels)}" if channels else "on any channel",
    ]
    if counts.outcomes is not None:
        parts.append(f"that ended in {listed(counts.outcomes)}")
    if counts.not_outcomes:
        parts.append(f"except those that ended in {listed(counts.not_outcomes)}")
    if counts.contact_points is not None:
        parts.append(f"to addresses of the kind {listed(counts.contact_points)}, or not known")
    if counts.same_channel:
        parts.append("on the same channel")
    if counts.same_contact_point:
        parts.append("to the same address")
    if counts.skip_wrong_numbers:
        parts.append("leaving out numbers that were not the customer's")
    if inbound := getattr(rule, "inbound", ()):
        parts.append(f"and inbound ones that ended in {listed(inbound)}")
    return " ".join(parts)


def _lifted(lift: ConsentLift | None) -> str:
    if lift is None:
        return ""
    days = "day" if lift.days == 1 else "days"
    words = f" Lifted for {lift.days} {days} by {spelt(lift.event)}, its own day being day one"
    if lift.until_conversation:
        words += ", until the next conversation"
    if lift.contacts is not None:
        words += f", for {lift.contacts} contact{'s' if lift.contacts > 1 else ''}"
    return words + "."


def _consent(rule: ConsentRule) -> str:
    ways = ["the channel authorised"] if rule.authorized else []
    ways += [spelt(kind) for kind in rule.events]
    ways += ["a message from the customer"] if rule.inbound else []
    within = f" within the last {rule.within_days} days" if rule.within_days else ""
    return " or ".join(ways) + within


def _stop(rule: StopRule) -> str:
    which = []
    if rule.in_writing is not None:
        which.append(f"in writing: {_known(rule.in_writing)}")
    if rule.contact_known is not None:
        which.append(f"contact known: {_known(rule.contact_known)}")
    if rule.types is not None:
        which.append(f"type: {_known(rule.types)}")
    told = f" ({'; '.join(which)})" if which else ""
    words = [f"Stops contact on {spelt(rule.event)}{told}, from its receipt"]
    if rule.grace_hours:
        words.append(f"and {rule.grace_hours} hours")
    if rule.grace_business_days:
        words.append(f"and {rule.grace_business_days} working days")
    words.append(f"for {rule.days} days" if rule.days else "until something lifts it")
    sentence = " ".join(words) + "."
    if rule.any_account:
        sentence += " Whichever debt it speaks of."
    if rule.media:
        groups = " and ".join(listed(group) for group in rule.media)
        sentence += f" One medium: {groups}."
    if rule.lifted_by:
        sentence += f" Lifted by: {listed(rule.lifted_by)}."
    for leave in rule.leaves:
        sentence += f" Still allowed: {spelt(leave.purpose)}"
        sentence += f" by {listed(leave.channels)}" if leave.channels else ""
        sentence += f", {leave.limit} at most" if leave.limit else ""
        sentence += f", within {leave.within_minutes} minutes" if leave.within_minutes else ""
        sentence += "."
    return sentence


def _known(values: tuple[Any, ...]) -> str:
    return " or ".join("not known" if value is None else listed(value) for value in values)


def _duty(rule: DutyRule) -> str:
    when = {
        "any": "every contact",
        "first": "the first contact about the debt",
        "later": "every contact after the first",
    }[rule.contact]
    what = "words that templates know as" if rule.said else "conduct"
    return f"A duty of {when}: {what} `{rule.code}`."
