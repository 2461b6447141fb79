"""The demo's clerk works in the hours of the customer's own day, and takes what may not wait."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from config.strategy_files import load_strategies
from domain.channels import ANSWERS
from domain.conversation.work import SILENCING, URGENCY
from domain.conversation.work_words import WorkReason
from domain.law.terms import Party
from lab.demo.desk import (
    CLAIM,
    CLERK,
    CLOSES,
    DONE,
    NOTICES,
    OPENS,
    SETTLES,
    TAKES,
    at_work,
    next_step,
)
from lab.demo.run import WITH_PARTIES, write_strategies
from lab.report.summary import STRATEGIES
from store.conversation.work import WorkItem

BOGOTA = ZoneInfo("America/Bogota")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """In March 2026, which begins on a Sunday, in Bogotá."""
    return datetime(2026, 3, day, hour, minute, tzinfo=BOGOTA)


def item(opened: datetime, **changes: Any) -> WorkItem:
    told: dict[str, Any] = dict.fromkeys(WorkItem.model_fields) | {
        "work_id": 7,
        "customer_id": "P1",
        "reason": "dispute",
        "priority": 2,
        "opened_at": opened,
        "due_at": opened + timedelta(hours=24),
        "messages": ("twilio/SM1",),
        "zones": ("America/Bogota",),
        "accounts": ("acme/7",),
        "stands_for": (),
    }
    return WorkItem(**told | changes)


@pytest.mark.parametrize(
    ("moment", "works"),
    [
        (at(4, 9, 30), at(4, 9, 30)),
        (at(4, 7, 59), at(4, 8)),
        (at(4, 8), at(4, 8)),
        (at(4, 16, 59), at(4, 16, 59)),
        (at(4, 17), at(5, 8)),
        (at(6, 18), at(9, 8)),  # a Friday evening
        (at(7, 10), at(9, 8)),
        (at(8, 3), at(9, 8)),
    ],
)
def test_she_works_on_weekdays_from_eight_to_five_where_the_customer_is(
    moment: datetime, works: datetime
) -> None:
    for asked in (moment, moment.astimezone(UTC)):
        assert at_work(asked, BOGOTA) == works


@pytest.mark.parametrize("hour", range(24))
def test_an_item_is_taken_and_then_done(hour: int) -> None:
    opened = at(4, hour)
    first, step = next_step(item(opened))
    assert step == CLAIM
    assert first >= opened + NOTICES
    then, step = next_step(item(opened, claimed_by=CLERK, claim_ends=first + timedelta(hours=4)))
    assert step == DONE
    assert then >= first + TAKES
    for moment in (first, then):
        assert OPENS <= moment.astimezone(BOGOTA).time() < CLOSES


def test_what_another_has_she_takes_once_it_is_free() -> None:
    assert next_step(item(at(4, 9), claimed_by="ben"))[1] == CLAIM


def test_whatever_silences_or_is_urgent_is_settled_and_the_rest_is_left() -> None:
    urgent = {reason for reason in WorkReason if URGENCY[reason].priority <= 3}
    assert SILENCING <= set(SETTLES) == urgent
    assert all(ways and all(note for _, note in ways) for ways in SETTLES.values())


def test_the_demos_strategy_is_the_shipped_one_with_every_answer(tmp_path: Path) -> None:
    ours = load_strategies(write_strategies(tmp_path / "strategies"))["default"]
    shipped = load_strategies(STRATEGIES)["default"]
    assert set(ours.answers) == set(ANSWERS)
    named = {one.name for one in ours.phases if one.parties == (Party.GUARANTOR, Party.CODEBTOR)}
    assert named == set(WITH_PARTIES)
    added = {"answers": shipped.answers, "ask_preference": False, "confirm_stops": ()}
    phases = tuple(one.model_copy(update={"parties": ()}) for one in ours.phases)
    assert ours.model_copy(update={**added, "phases": phases}) == shipped
