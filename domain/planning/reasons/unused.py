"""Why a contact point is not used, whatever the hour: said here and nowhere else.

Planning asks what stands against it of our own (``why_unused``), and the law for its openings.
Whoever shows a person why nobody is written to asks for the reason that keeps it closed longest, of
both (``why_closed``).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple

from domain.account import ContactPoint
from domain.calendar import wall
from domain.conversation.work import Work
from domain.conversation.work_words import WorkReason
from domain.law.engine import closed_by
from domain.law.model import BanRule, ConsentRule, RuleBase, StopRule
from domain.law.terms import EventKind
from domain.planning.reasons.consent import died, stopped_at_address, withdrawn
from domain.planning.request import law_request
from domain.planning.routing import of_provider
from domain.planning.rules import Rules
from domain.planning.words import short_cite
from domain.situation import Situation
from domain.strategy import Phase

DIED: Final = "the customer has died"
STOPPED: Final = "the customer said stop"
STOPPED_HERE: Final = "whoever has this address said stop"
NO_CONSENT: Final = "no consent"

GIVE_UP_AFTER: Final = 3
"""Messages in a row that came back, after which an address rests until intake brings another."""

_GRAVEST: Final = {
    DIED: frozenset({EventKind.DEATH}),
    STOPPED: frozenset({EventKind.OPT_OUT, EventKind.CEASE}),
    STOPPED_HERE: frozenset({EventKind.OPT_OUT, EventKind.CEASE, EventKind.WRONG_NUMBER}),
}
"""What goes before all that the law weighs, and the events for which the law says the same."""


class Reason(NamedTuple):
    """Why a contact point is closed."""

    words: str
    cite: str = ""
    """The law behind it, where it speaks of that."""
    rule: str | None = None
    """The rule of law that is the reason by itself; None: it is one of ours."""

    @property
    def told(self) -> str:
        """In words; what the law alone says, with its source."""
        return self.cited if self.rule else self.words

    @property
    def cited(self) -> str:
        """In words, with the source of the law behind it."""
        return f"{self.words}, {short_cite(self.cite)}" if self.cite else self.words


def why_closed(
    situation: Situation, point: ContactPoint, now: datetime, phase: Phase | None, rules: Rules
) -> Reason | None:
    """What keeps it closed longest, for people; None: only hours, days and counts do, if anything.

    A death and a stop before all else; then what else was said that the law weighs, a dispute, an
    attorney, a bankruptcy; then what is wrong with the address, and what the law asks of it.
    """
    ours = why_unused(situation, point, now, phase, rules)
    request = law_request(situation, rules, point, now)
    closed = closed_by(rules.packs, request, now) if rules.packs else ()
    if ours in _GRAVEST:
        return Reason(ours, _cite_of(closed, _GRAVEST[ours]))
    for rule, until in closed:
        if isinstance(rule, StopRule):
            end = "" if until is None else f", until {wall(until, situation.customer.zones, now)}"
            return Reason(f"{rule.title}{end}", rule.cite, rule.id)
    lasting = [
        rule for rule, until in closed if until is None and isinstance(rule, BanRule | ConsentRule)
    ]
    if ours is not None:
        asked = [rule.cite for rule in lasting if isinstance(rule, ConsentRule)]
        return Reason(ours, asked[0] if asked and ours == NO_CONSENT else "")
    return Reason(lasting[0].title, lasting[0].cite, lasting[0].id) if lasting else None


def _cite_of(
    closed: tuple[tuple[RuleBase, datetime | None], ...], kinds: frozenset[EventKind]
) -> str:
    stops = (rule for rule, _ in closed if isinstance(rule, StopRule) and rule.event in kinds)
    return next((rule.cite for rule in stops), "")


def why_unused(
    situation: Situation, point: ContactPoint, now: datetime, phase: Phase | None, rules: Rules
) -> str | None:
    """Our own reason in words; None: it may be used where the law opens. ``phase`` None: whatever a
    phase provides for."""
    return next(_reasons(situation, point, now, phase, rules), None)


def _reasons(
    situation: Situation, point: ContactPoint, now: datetime, phase: Phase | None, rules: Rules
) -> Iterator[str]:
    """All that stands against it, the gravest first."""
    yield from standing_against(situation, point, now)
    if given_up(situation, point.contact_point_id):
        yield f"the last {GIVE_UP_AFTER} messages came back"
    if phase is not None and point.channel not in phase.channels:
        yield f"not used in {phase.name}"
    if not rules.providers.get(point.channel):
        yield "no provider"


def standing_against(situation: Situation, point: ContactPoint, now: datetime) -> Iterator[str]:
    """What stands against the address whoever uses it, a person or a machine."""
    if died(situation.law_events):
        yield DIED
    if withdrawn(situation, point, now):
        yield STOPPED
    if stopped_at_address(situation.address_facts, point, now):
        yield STOPPED_HERE
    if (doubt := _doubted(situation, point)) is not None:
        yield f"it may be somebody else's until a person decides (work {doubt.work_id})"
    if point.suppressed:
        yield f"suppressed: {point.suppressed}"
    if not point.consented:
        yield NO_CONSENT


def _doubted(situation: Situation, point: ContactPoint) -> Work | None:
    """What was written from this address in words that leave open whose it is."""
    if not situation.work:
        return None
    here = {
        one.contact_point_id
        for one in situation.customer.points
        if one.contact_point_id == point.contact_point_id
        or (one.address_id and one.address_id == point.address_id)
    }
    return next(
        (
            one
            for one in situation.work
            if one.reason is WorkReason.WRONG_PERSON and one.contact_point_id in here
        ),
        None,
    )


def given_up(situation: Situation, contact_point_id: str) -> bool:
    """Whether the last messages to this address all came back: one more would too."""
    came_back = 0
    for contact in reversed(situation.contacts):
        if contact.contact_point_id != contact_point_id or contact.released or of_provider(contact):
            continue
        if not contact.missed:
            return False
        came_back += 1
        if came_back == GIVE_UP_AFTER:
            return True
    return False
