"""Why a contact point is not used, whatever the law says of the hour: said here and nowhere else.

Planning asks, `contrapunto law explain` asks, and whoever shows a person why nobody is written to.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from domain.account import ContactPoint
from domain.planning.reasons.consent import died, stopped_at_address, withdrawn
from domain.planning.routing import of_provider
from domain.planning.rules import Rules
from domain.situation import Situation
from domain.strategy import Phase

STOPPED: Final = "the customer said stop"

GIVE_UP_AFTER: Final = 3
"""Messages in a row that came back, after which an address rests until intake brings another."""


def why_unused(
    situation: Situation, point: ContactPoint, now: datetime, phase: Phase | None, rules: Rules
) -> str | None:
    """The reason in words; None: it may be used. ``phase`` None: whatever a phase provides for."""
    return next(_reasons(situation, point, now, phase, rules), None)


def _reasons(
    situation: Situation, point: ContactPoint, now: datetime, phase: Phase | None, rules: Rules
) -> Iterator[str]:
    """All that stands against it, the gravest first."""
    if died(situation.law_events):
        yield "the customer has died"
    if withdrawn(situation, point, now):
        yield STOPPED
    if stopped_at_address(situation.address_facts, point, now):
        yield "whoever has this address said stop"
    if point.suppressed:
        yield f"suppressed: {point.suppressed}"
    if not point.consented:
        yield "no consent"
    if given_up(situation, point.contact_point_id):
        yield f"the last {GIVE_UP_AFTER} messages came back"
    if phase is not None and point.channel not in phase.channels:
        yield f"not used in {phase.name}"
    if not rules.providers.get(point.channel):
        yield "no provider"


def given_up(situation: Situation, contact_point_id: str) -> bool:
    """Whether the last messages to this address all came back: one more would too."""
    tried = [
        c.missed
        for c in situation.contacts
        if c.contact_point_id == contact_point_id and not c.released and not of_provider(c)
    ]
    return len(tried) >= GIVE_UP_AFTER and all(tried[-GIVE_UP_AFTER:])
