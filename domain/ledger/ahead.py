"""What would come next of an account, played forward: each message arrives, and nobody answers or
pays. Nothing is sent, asked or written; it is one future, and the one in which nothing is heard.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from domain.ledger import life
from domain.ledger.attempt import Event
from domain.ledger.memory import MemoryLedger
from domain.planning.planner import plan
from domain.planning.reasons.turn import TURN_DUE
from domain.planning.rules import Rules
from domain.planning.step import Step, StepKind
from domain.situation import Situation

_ARRIVES: Final = (Event.DISPATCH, Event.ACCEPT, Event.DELIVER)
_LEAST: Final = timedelta(minutes=1)
"""Time goes on between two looks, whatever a plan says."""


class Ahead(NamedTuple):
    """One step, and what planning saw when it came to it."""

    step: Step
    situation: Situation
    now: datetime
    """When it was planned: what was done before it was over then."""


def ahead(situation: Situation, rules: Rules, now: datetime) -> Iterator[Ahead]:
    """The steps of an account from ``now`` (aware) on, without end unless it ends.

    What a person has written and has not left yet is left away: it goes before all of them. Other
    accounts of the customer stand still meanwhile.
    """
    key, parties = situation.key, situation.parties
    ledger = MemoryLedger([situation], rules.strategy, rules.least)
    beside = {"siblings": situation.siblings, "to_send": ()}
    while True:
        seen = ledger.situation(key, now)
        taken = {"taken_of_days": seen.taken_of_days}
        parties = tuple(one.model_copy(update=taken) for one in parties) if parties else ()
        seen = seen.model_copy(update={**beside, "parties": parties})
        step = plan(seen, now, rules)
        yield Ahead(step, seen, now)
        if step.ends:
            return
        seen_at, now = now, max(step.not_before, now + _LEAST)
        if step.kind is StepKind.CONTACT:
            attempt = ledger.reserve(key, step, now)
            for event in _ARRIVES:
                ledger.happened(key, attempt, event, now)
            parties = tuple(_told(one, step, attempt, now) for one in parties)
        elif step.why == TURN_DUE:
            ledger.planned(key, step, seen_at)
        elif step.kind is StepKind.RECONCILE and step.attempt_id is not None:
            ledger.happened(key, step.attempt_id, Event.DELIVER, now)


def _told(party: Situation, step: Step, attempt: str, now: datetime) -> Situation:
    """One who stands for the account, once a contact has gone to an address of theirs."""
    found = life.reserved(party, step, attempt, party, now) if _is_theirs(party, step) else party
    for event in _ARRIVES:
        found = life.happened(found, attempt, event, now)
    return found


def _is_theirs(party: Situation, step: Step) -> bool:
    points = party.customer.points
    return any(point.contact_point_id == step.contact_point_id for point in points)
