"""A person's turn among the touches of a phase: once, and no longer than the strategy says."""

from datetime import timedelta
from itertools import islice
from typing import Any

import pytest

from domain.conversation.work import Work
from domain.conversation.work_words import WorkReason
from domain.ledger.ahead import ahead
from domain.ledger.memory import MemoryLedger
from domain.planning.planner import is_due, plan
from domain.planning.reasons.turn import TURN, TURN_DUE
from domain.planning.rules import Rules
from domain.planning.step import Status, Step, StepKind
from domain.situation import Situation
from domain.strategy import PersonsTurn, Strategy
from lab.builders.situations import NOW, rules, situation
from tests.unit.planner.support import after


def with_turn(**terms: Any) -> Rules:
    """The default strategy under Colombia's law, with a person's turn in the phase `early`."""
    found = rules()
    raw = found.strategy.model_dump(mode="json")
    raw["phases"][1]["person"] = PersonsTurn(**terms).model_dump()
    changed = Strategy.model_validate(raw)
    return Rules(**{**vars(found), "strategy": changed})


def until_due(found: Situation, obeyed: Rules) -> tuple[Step, Any]:
    """The first step that is due, and when."""
    now = NOW
    while True:
        step = plan(found, now, obeyed)
        if step.why == TURN_DUE or is_due(step, now):
            return step, now
        now = step.not_before


def asked(found: Situation, at: Any, work_id: int = 7) -> Situation:
    """A person has been asked, as the activities write it."""
    account = found.account.model_copy(update={"asked_in": "early", "asked_at": at})
    item = Work(work_id=work_id, reason=WorkReason.PERSON_FIRST, opened_at=at)
    return found.model_copy(update={"account": account, "work": (item,)})


def test_the_machine_makes_its_touches_first_and_then_a_person_is_asked() -> None:
    obeyed, found = with_turn(after=1), situation()
    first, at = until_due(found, obeyed)
    assert first.kind is StepKind.CONTACT
    second, _ = until_due(after(found, first, at), obeyed)
    assert second.why == TURN_DUE
    assert second.view.status is Status.RESTING
    assert "A person is asked to contact the customer" in second.summary


def test_with_none_before_it_a_person_comes_first() -> None:
    step, _ = until_due(situation(), with_turn(after=0))
    assert step.why == TURN_DUE


@pytest.mark.parametrize("days", [1, 3])
def test_automation_waits_so_many_days_and_then_goes_on(days: int) -> None:
    obeyed = with_turn(after=0, within_days=days)
    step, at = until_due(situation(), obeyed)
    waiting = asked(situation(), at)
    step = plan(waiting, at, obeyed)
    assert step.why == TURN
    assert "work 7" in step.summary
    while step.kind is not StepKind.CONTACT:
        step = plan(waiting, step.not_before, obeyed)
    assert timedelta(days=days - 1) < step.not_before - at < timedelta(days=days + 2)


def test_once_the_item_is_done_automation_goes_on_at_once() -> None:
    obeyed = with_turn(after=0, within_days=30)
    _, at = until_due(situation(), obeyed)
    done = asked(situation(), at).model_copy(update={"work": ()})
    step, when = until_due(done, obeyed)
    assert step.kind is StepKind.CONTACT
    assert when - at < timedelta(days=2)


def test_nobody_is_asked_twice_in_a_phase_and_again_in_a_new_delinquency() -> None:
    obeyed = with_turn(after=0)
    _, at = until_due(situation(), obeyed)
    done = asked(situation(), at).model_copy(update={"work": ()})
    step, when = until_due(done, obeyed)
    again, _ = until_due(after(done, step, when), obeyed)
    assert again.kind is StepKind.CONTACT
    anew = done.account.model_copy(update={"since": at + timedelta(hours=1)})
    step, _ = until_due(done.model_copy(update={"account": anew}), obeyed)
    assert step.why == TURN_DUE


def test_the_ledger_in_memory_has_them_asked() -> None:
    obeyed = with_turn(after=0)
    ledger = MemoryLedger([situation()], obeyed.strategy)
    step, at = until_due(ledger.situation("bank/A1", NOW), obeyed)
    ledger.planned("bank/A1", step, at)
    seen = ledger.situation("bank/A1", at)
    assert (seen.account.asked_in, seen.account.asked_at) == ("early", at)
    assert [one.reason for one in seen.work] == [WorkReason.PERSON_FIRST]
    assert plan(seen, at, obeyed).why == TURN


def test_played_forward_the_account_goes_on_after_the_turn() -> None:
    found = list(islice(ahead(situation(), with_turn(after=1), NOW), 60))
    reasons = [one.step.why for one in found]
    assert reasons.count(TURN_DUE) == 1
    touches = [one.step.touch for one in found if one.step.phase == "early" and one.step.touch]
    assert touches == [1, 2, 3, 4, 5, 6][: len(touches)]
    assert len(touches) > 2


def test_without_a_turn_nothing_changes() -> None:
    step, _ = until_due(situation(), rules())
    assert step.kind is StepKind.CONTACT
