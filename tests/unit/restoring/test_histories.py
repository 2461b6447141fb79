"""Whether a contact that was ordered was made, by what came back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.channels import Channel, Purpose
from domain.planning.step import Status, Step, StepKind, View
from workers.restoring.histories import Ordered, _judge, _made

NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)
OLD = "E-mail second notice, delivered through sendgrid, Mon 2 Feb 10:00 America/Bogota"
OURS = "SMS reminder, accepted through twilio, Mon 2 Mar 10:00 America/Bogota"
THEIRS = "E-mail reminder, accepted through sendgrid, Mon 2 Mar 09:00 America/Bogota"
LIKE_OURS = "SMS reminder, accepted through twilio, Mon 2 Feb 10:00 America/Bogota"
LATER_TOLD = "SMS reminder, delivered through twilio, Mon 2 Feb 10:00 America/Bogota"


def step(kind: StepKind, number: int = 0, last: str | None = OLD) -> Step:
    view = View(
        status=Status.COLLECTING,
        phase="early",
        jurisdiction="CO",
        days_past_due=10,
        bucket="1-30",
        balance="10.00",
        currency="COP",
        last_contact=last,
    )
    of_contact: dict[str, Any] = {}
    if kind is StepKind.CONTACT:
        of_contact = {"number": number, "channel": Channel.SMS, "purpose": Purpose.REMINDER}
    return Step(kind=kind, not_before=NOW, summary="-", why="-", view=view, **of_contact)


CAME: dict[str, tuple[Step, Step, bool]] = {
    "the next has its number: planned anew": (
        step(StepKind.CONTACT, 4),
        step(StepKind.CONTACT, 4),
        False,
    ),
    "the next has another number, and it is the last contact": (
        step(StepKind.CONTACT, 4),
        step(StepKind.CONTACT, 5, OURS),
        True,
    ),
    "the number was taken, by what was refused": (
        step(StepKind.CONTACT, 4),
        step(StepKind.CONTACT, 5),
        False,
    ),
    "it is asked about": (step(StepKind.CONTACT, 4), step(StepKind.RECONCILE), True),
    "a wait, and it is the last contact": (
        step(StepKind.CONTACT, 4),
        step(StepKind.WAIT, last=OURS),
        True,
    ),
    "a wait, and another account's is the last contact": (
        step(StepKind.CONTACT, 4),
        step(StepKind.WAIT, last=THEIRS),
        False,
    ),
    "a wait, and all is as before": (step(StepKind.CONTACT, 4), step(StepKind.WAIT), False),
    "a wait, and of one like it is known by now that it arrived": (
        step(StepKind.CONTACT, 4, LIKE_OURS),
        step(StepKind.WAIT, last=LATER_TOLD),
        False,
    ),
}


@pytest.mark.parametrize("name", CAME)
def test_what_came_back_says_whether_it_was_made(name: str) -> None:
    order, then, made = CAME[name]
    assert _made(order, then) is made


def test_what_was_ordered_again_under_its_number_was_not_made() -> None:
    ordered = [
        Ordered("bank", "A1", step(StepKind.CONTACT, number), NOW + timedelta(days=day))
        for day, number in enumerate((3, 3, 4))
    ]
    _judge(ordered)
    assert [one.made for one in ordered] == [False, None, None]
