"""Who speaks of ending their life is told whom to call: once, beside the silence of all else."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from config.helplines.catalogue import load_helplines
from config.rule_packs import load_packs
from config.settings import Settings
from domain.channels import Purpose
from domain.conversation.work import Work
from domain.conversation.work_words import WorkReason
from domain.failures import Misconfigured
from domain.planning.answers import ANSWER_WITHIN
from domain.planning.planner import plan
from domain.planning.step import Status, StepKind
from domain.situation import Situation
from tests.unit.conversation.test_answers import NOON, SECOND, answering, asked
from tests.unit.planner.support import after, local

HELPLINES = load_helplines(Settings().helplines)


def beside(found: Situation, reason: WorkReason) -> Situation:
    other = Work(work_id=2, reason=reason, opened_at=NOON - SECOND, contact_point_id="p-sms")
    return found.model_copy(update={"work": (*found.work, other)})


@pytest.mark.parametrize("point", ["p-sms", "p-email"])
def test_it_is_told_at_once_where_they_wrote_and_all_else_stays_silent(point: str) -> None:
    found = asked(WorkReason.CRISIS, point=point)
    step = plan(found, NOON, answering())
    assert (step.kind, step.purpose) == (StepKind.CONTACT, Purpose.CRISIS_ANSWER)
    assert (step.contact_point_id, step.not_before, step.touch) == (point, NOON, 0)
    told = after(found, step, NOON)
    then = plan(told, NOON + SECOND, answering())
    assert (then.kind, then.why, then.view.status) == (StepKind.WAIT, "crisis", Status.RESTING)
    late = NOON + timedelta(days=4)
    assert plan(told, late, answering()).why == "crisis", "once for an item that a person has"


def test_once_a_person_has_done_the_item_who_speaks_of_it_again_is_told_again() -> None:
    found = asked(WorkReason.CRISIS)
    told = after(found, plan(found, NOON, answering()), NOON)
    again = NOON + timedelta(days=2)
    work = Work(work_id=2, reason=WorkReason.CRISIS, opened_at=again, contact_point_id="p-sms")
    told = told.model_copy(update={"work": (work,)})
    assert plan(told, again + SECOND, answering()).purpose is Purpose.CRISIS_ANSWER
    soon = NOON + timedelta(hours=2)
    told = told.model_copy(update={"work": (work.model_copy(update={"opened_at": soon}),)})
    assert plan(told, soon + SECOND, answering()).why == "crisis", "not twice within a day"


def test_only_where_the_strategy_names_it_and_the_country_has_one() -> None:
    found = asked(WorkReason.CRISIS)
    assert plan(found, NOON, answering("US", Purpose.IDENTITY_ANSWER)).why == "crisis"
    none = replace(answering(), helplines={"MX": HELPLINES["MX"]})
    assert plan(found, NOON, none).why == "crisis"


@pytest.mark.parametrize("reason", [WorkReason.DISPUTE, WorkReason.BANKRUPTCY, WorkReason.BALANCE])
def test_it_goes_before_all_else_that_they_wrote(reason: WorkReason) -> None:
    found = beside(asked(WorkReason.CRISIS), reason)
    assert plan(found, NOON, answering()).purpose is Purpose.CRISIS_ANSWER


@pytest.mark.parametrize("reason", [WorkReason.ATTORNEY, WorkReason.DECEASED, WorkReason.STOP])
def test_not_where_nobody_may_be_written_to_until_a_person_decides(reason: WorkReason) -> None:
    assert plan(beside(asked(WorkReason.CRISIS), reason), NOON, answering()).why == "crisis"


def test_not_on_hold_nor_where_they_asked_in_no_message() -> None:
    held = asked(WorkReason.CRISIS, account={"hold_until": NOON + 9 * SECOND, "hold_reason": "a"})
    assert plan(held, NOON, answering()).why == "hold"
    told = Work(work_id=1, reason=WorkReason.CRISIS, opened_at=NOON - SECOND)
    assert plan(asked(WorkReason.CRISIS, work=(told,)), NOON, answering()).why == "crisis"


def test_beyond_the_last_phase_too() -> None:
    found = asked(WorkReason.CRISIS, days_past_due=300)
    assert plan(found, NOON, answering()).purpose is Purpose.CRISIS_ANSWER


def test_too_late_it_is_a_persons_alone() -> None:
    found = asked(WorkReason.CRISIS, at=NOON - ANSWER_WITHIN)
    assert plan(found, NOON, answering()).why == "crisis"


def test_the_law_is_asked_as_for_every_reply() -> None:
    """In the United States by night: they wrote first, and are answered once in that night."""
    night = local("America/New_York", "2026-11-23 23:00")
    found = asked(WorkReason.CRISIS, at=night - SECOND)
    step = plan(found, night, answering())
    assert step.purpose is Purpose.CRISIS_ANSWER
    reply = plan(asked(WorkReason.IDENTITY, at=night - SECOND), night, answering())
    assert step.not_before == reply.not_before


def test_every_country_with_a_law_has_a_helpline() -> None:
    countries = {code for code in load_packs().packs if len(code) == 2}
    assert countries <= HELPLINES.keys()
    assert all(one.checked >= date(2026, 11, 29) for one in HELPLINES.values())


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("MX: {number: '1', source: a, checked: 2026-11-29}", r"MX.name.*is missing"),
        ("mx: {}", "mx"),
        (
            "MX: {name: a, number: call me, source: a, checked: 2026-11-29}",
            r"MX.number",
        ),
        ("MX: {name: a, number: '988', source: a}", r"MX.checked.*is missing"),
        ("[", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_by_field(
    text: str, rule: str, tmp_path: Path
) -> None:
    file = tmp_path / "helplines.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(Misconfigured, match=rule):
        load_helplines(file)
