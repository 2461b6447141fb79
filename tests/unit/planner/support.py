"""Past contacts, local instants, and a virtual life of an account without Temporal."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.calendar import days_past_due
from domain.channels import Channel, Purpose
from domain.ledger import life
from domain.ledger.attempt import AttemptState, Event, PastContact
from domain.names import attempt_id
from domain.planning.planner import plan
from domain.planning.rules import Rules
from domain.planning.step import Step, StepKind
from domain.situation import Situation

Outcome = Callable[[Step, int], dict[str, Any]]


def local(zone: str, wall: str) -> datetime:
    """The UTC instant of a wall-clock time ``YYYY-MM-DD HH:MM``."""
    return datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def contact(at: datetime, **fields: Any) -> PastContact:
    """A delivered SMS reminder of bank/A1 in the early phase, unless said otherwise."""
    values: dict[str, Any] = {
        "attempt_id": f"a{at.timestamp():.0f}",
        "account": "bank/A1",
        "covers": ("bank/A1",),
        "step": 1,
        "touch": 1,
        "phase": "early",
        "purpose": Purpose.REMINDER,
        "channel": Channel.SMS,
        "contact_point_id": "p-sms",
        "provider": "twilio",
        "state": AttemptState.DELIVERED,
        "at": at,
    }
    return PastContact(**{**values, **fields})


def after(situation: Situation, step: Step, at: datetime, **fields: Any) -> Situation:
    """The situation once ``step`` has been made at ``at``; delivered unless said otherwise."""
    assert step.kind is StepKind.CONTACT
    attempt = attempt_id("bank", "A1", step.number)
    found = life.reserved(situation, step, attempt, situation, at)
    for event in (Event.DISPATCH, Event.ACCEPT, Event.DELIVER):
        found = life.happened(found, attempt, event, at)
    contacts = tuple(
        one.model_copy(update=fields) if one.attempt_id == attempt else one
        for one in found.contacts
    )
    return found.model_copy(update={"contacts": contacts})


def lived(
    situation: Situation,
    now: datetime,
    rules: Rules,
    *,
    until: datetime | None = None,
    outcome: Outcome = lambda step, nth: {},
) -> list[Step]:
    """Every step of an account's life from ``now`` on, each done at its very time.

    Fails when planning does not move on: it must always come to an end.
    """
    steps: list[Step] = []
    for nth in range(500):
        step = plan(situation, now, rules)
        steps.append(step)
        if step.ends or (until is not None and step.not_before >= until):
            return steps
        if step.not_before > now:
            now = step.not_before
        elif step.kind is not StepKind.CONTACT:
            raise AssertionError(f"planning stands still: {step}")
        if step.kind is StepKind.CONTACT:
            situation = after(situation, step, now, **outcome(step, nth))
            now += timedelta(seconds=1)
    raise AssertionError("an account that never ends")


def contacts(steps: list[Step]) -> list[Step]:
    """The contacts among the steps."""
    return [step for step in steps if step.kind is StepKind.CONTACT]


def day(situation: Situation, at: datetime) -> int:
    """Days past due at an instant."""
    return days_past_due(situation.account.oldest_due_date, at, situation.customer.zones)
