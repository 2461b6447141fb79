"""What a fact changes for a person: how they may be reached with it, beside without it.

Whoever reports a bankruptcy where no rule weighs one has to hear that the same e-mail goes out the
next morning all the same.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from domain.account import ContactPoint
from domain.calendar import wall
from domain.channels import Channel
from domain.law.engine import closes_at, next_opening
from domain.law.model import ConsentRule, Rule, StatedTimesRule, StopRule
from domain.law.request import LawEvent
from domain.law.terms import EventKind
from domain.planning.reasons.consent import STOPS
from domain.planning.reasons.unused import why_unused
from domain.planning.request import law_request
from domain.planning.rules import Rules
from domain.planning.words import label
from domain.situation import Situation

AHEAD: Final = timedelta(days=8)
"""How far the hours are compared: a week shows all of its days."""

NOTHING: Final = "changes nothing"

Hours: TypeAlias = tuple[tuple[datetime, datetime | None], ...]


def effect(without: Situation, situation: Situation, rules: Rules, now: datetime) -> str:
    """In words, by channel; ``NOTHING`` and what to do where every way is as open as before."""
    changes: dict[str, list[str]] = {}
    was_open = False
    for before, point in _pairs(without, situation):
        earlier, later = _hours(without, before, rules, now), _hours(situation, point, rules, now)
        was_open = was_open or bool(earlier)
        if earlier != later:
            changes.setdefault(_change(earlier, later, situation), []).append(label(point.channel))
    if changes:
        return "; ".join(f"{', '.join(sorted(set(who)))} {what}" for what, who in changes.items())
    if not was_open:
        return f"{NOTHING} now: no channel was open to this person before it either"
    return _nothing(without, situation, rules)


def _nothing(without: Situation, situation: Situation, rules: Rules) -> str:
    """What to say of a fact that leaves every way as it was."""
    said = [event for event in situation.law_events if event not in without.law_events]
    if said and all(event.account_id not in (None, situation.key) for event in said):
        return f"{NOTHING} here: it is about another account"
    if stops := [event for event in said if event.kind in STOPS]:
        # It is heard all the same: what is closed already stays closed for this reason, too.
        what = _channel(stops[0]) or "what it closes"
        return (
            f"{NOTHING} now: {what} was not used before it either; only a later opt-in of the "
            "person opens it, whatever a file lists"
        )
    if not said or any(_weighed(event, rules) for event in said):
        return f"{NOTHING} now: it is weighed, but no address that is open depends on it"
    return (
        f"{NOTHING}: neither the law of {', '.join(rules.jurisdictions)} nor a rule of ours weighs "
        "it here; should nobody be contacted, put the account on hold"
    )


def _channel(event: LawEvent) -> str | None:
    """The one channel of ours that it is about, as people write it."""
    return next((label(one) for one in Channel if event.medium == one.value), None)


def _weighed(event: LawEvent, rules: Rules) -> bool:
    """Whether a rule of ours or one of the packs listens to what is said here."""
    ours = event.kind in (EventKind.DEATH, EventKind.WRONG_NUMBER)
    return ours or any(event.kind in _heard(rule) for pack in rules.packs for rule in pack.rules)


def _heard(rule: Rule) -> tuple[EventKind, ...]:
    match rule:
        case StopRule():
            return (rule.event, *rule.lifted_by)
        case ConsentRule():
            return rule.events
        case StatedTimesRule():
            return (EventKind.INCONVENIENT_TIME,)
        case _:
            return ()


def _pairs(without: Situation, situation: Situation) -> Iterator[tuple[ContactPoint, ContactPoint]]:
    earlier = {point.contact_point_id: point for point in without.customer.points}
    for point in situation.customer.points:
        yield earlier.get(point.contact_point_id, point), point


def _hours(situation: Situation, point: ContactPoint, rules: Rules, now: datetime) -> Hours:
    """When a contact point may be used in the days ahead; nothing where it is not used at all."""
    if not rules.packs or why_unused(situation, point, now, None, rules) is not None:
        return ()
    request, found = law_request(situation, rules, point, now), []
    at, end = now.replace(microsecond=0), now + AHEAD
    while (opens := next_opening(rules.packs, request, at)) is not None and opens < end:
        closes = closes_at(rules.packs, request, opens)
        found.append((opens, closes))
        if closes is None or closes <= opens:
            break
        at = closes
    # An opening after those days counts as none: for what is compared here, later is never.
    return tuple(found)


def _change(earlier: Hours, later: Hours, situation: Situation) -> str:
    if not later:
        return "used no more"
    if not earlier:
        return f"used again, from {wall(later[0][0], situation.customer.zones)}"
    if earlier[0][0] != later[0][0]:
        return f"used from {wall(later[0][0], situation.customer.zones)}"
    return "used at other hours"
