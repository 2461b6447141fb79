"""What those who stand for an account write: what is answered, and what never is."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.channels import ANSWERS, Channel, Purpose
from domain.conversation.work import Work
from domain.conversation.work_words import WorkReason
from domain.law.request import LawEvent
from domain.law.terms import EventKind, Medium, Party
from domain.planning.planner import plan
from domain.planning.rules import Rules
from domain.planning.step import Step, StepKind
from domain.situation import Reply, Situation
from lab.builders.situations import NOW
from tests.unit.parties.test_turns import DAY, GUARANTORS, after, obeyed, seen, told

ASKED_AT = NOW + timedelta(hours=9)
"""10:00 in Bogota."""


def answering(*answers: Purpose, parties: Sequence[Party] = (Party.GUARANTOR,)) -> Rules:
    def with_answers(found: Rules) -> Rules:
        more = {"answers": answers, "confirm_stops": (Channel.EMAIL,)}
        return replace(found, strategy=found.strategy.model_copy(update=more))

    found = obeyed(*parties)
    theirs = tuple(with_answers(one) for one in found.of_parties)
    return replace(with_answers(found), of_parties=theirs)


def asks(reason: WorkReason, *, debtor: dict[str, Any] | None = None, **party: Any) -> Situation:
    """A guarantor who was contacted yesterday has just written."""
    work = Work(work_id=7, reason=reason, opened_at=ASKED_AT, contact_point_id="g-email")
    wrote = Reply(at=ASKED_AT, channel=Channel.EMAIL, contact_point_id="g-email", message="s/1")
    party = {"work": (work,), "replies": (wrote,), **party}
    found = seen(debtor=debtor, **party)
    return after(found, told(NOW - DAY, "g-email", Purpose.GUARANTOR_NOTICE, 1))


def answered(found: Situation, rules: Rules) -> Step | None:
    step = plan(found, ASKED_AT + timedelta(minutes=1), rules)
    return step if step.kind is StepKind.CONTACT and step.contact_point_id == "g-email" else None


ALL = tuple(sorted(ANSWERS))


def test_a_guarantor_who_asks_who_writes_is_told_so_at_once() -> None:
    step = answered(asks(WorkReason.IDENTITY), answering(Purpose.IDENTITY_ANSWER))
    assert step is not None
    assert (step.purpose, step.touch, step.covers) == (Purpose.IDENTITY_ANSWER, 0, ("bank/A1",))


@pytest.mark.parametrize("reason", sorted(set(WorkReason) - {WorkReason.IDENTITY}))
def test_nothing_else_that_a_guarantor_asks_is_answered_by_itself(reason: WorkReason) -> None:
    """Least of all how much is owed, or a promise, which is none of theirs to make."""
    step = answered(asks(reason), answering(*ALL))
    assert step is None or (reason, step.purpose) == (WorkReason.CRISIS, Purpose.CRISIS_ANSWER)


def test_a_guarantor_who_speaks_of_ending_their_life_is_told_whom_to_call() -> None:
    rules = answering(*ALL)
    step = answered(asks(WorkReason.CRISIS), rules)
    assert step is not None
    assert step.purpose is Purpose.CRISIS_ANSWER
    until = NOW + 9 * DAY
    assert (
        answered(asks(WorkReason.CRISIS, debtor={"account": {"hold_until": until}}), rules) is None
    )


@pytest.mark.parametrize(
    "debtor",
    [
        {"law_events": (LawEvent(kind=EventKind.DEATH, at=NOW - DAY),)},
        {"work": (Work(work_id=1, reason=WorkReason.DISPUTE, opened_at=NOW),)},
        {"account": {"hold_until": NOW + 9 * DAY}},
        {"halted": "restored"},
        {"balance": "0"},
    ],
    ids=["death", "undecided", "hold", "halted", "paid"],
)
def test_what_silences_the_account_silences_its_answers_to_a_guarantor(
    debtor: dict[str, Any],
) -> None:
    if "law_events" not in debtor:
        debtor = {**debtor, "law_events": ()}
    assert answered(asks(WorkReason.IDENTITY, debtor=debtor), answering(*ALL)) is None


def test_who_was_never_contacted_or_has_no_part_any_more_is_not_answered() -> None:
    rules = answering(*ALL)
    never = asks(WorkReason.IDENTITY)
    never = never.model_copy(
        update={
            "contacts": (),
            "parties": tuple(one.model_copy(update={"contacts": ()}) for one in never.parties),
        }
    )
    assert answered(never, rules) is None
    ended = asks(WorkReason.IDENTITY, until=(NOW - 2 * DAY).date())
    assert answered(ended, rules) is None


@pytest.mark.parametrize(
    "kind", [EventKind.DISPUTE, EventKind.ATTORNEY, EventKind.CEASE, EventKind.BANKRUPTCY]
)
def test_what_is_on_file_of_a_guarantor_leaves_them_without_an_answer(kind: EventKind) -> None:
    event = LawEvent(kind=kind, at=NOW - DAY, recorded_at=NOW - DAY)
    found = asks(WorkReason.IDENTITY, law_events=(event,))
    assert answered(found, answering(*ALL)) is None


def test_who_is_answered_need_not_be_named_by_the_phase_of_today() -> None:
    rules = answering(Purpose.IDENTITY_ANSWER, parties=())
    assert answered(asks(WorkReason.IDENTITY), rules) is not None


def test_one_question_of_a_guarantor_has_one_answer() -> None:
    rules, asked = answering(Purpose.IDENTITY_ANSWER), asks(WorkReason.IDENTITY)
    given = told(ASKED_AT, "g-email", Purpose.IDENTITY_ANSWER, 0)
    assert answered(after(asked, asked.contacts[0], given), rules) is None


def test_a_guarantors_stop_is_confirmed_where_it_was_said_and_once() -> None:
    stop = LawEvent(
        kind=EventKind.OPT_OUT,
        at=ASKED_AT,
        recorded_at=ASKED_AT,
        channel=Medium.EMAIL,
        contact_point_id="g-email",
    )
    rules = answering()
    found = asks(WorkReason.UNCLEAR, law_events=(stop,), work=())
    step = answered(found, rules)
    assert step is not None
    assert step.purpose is Purpose.OPT_OUT_CONFIRMATION
    said = told(ASKED_AT, "g-email", Purpose.OPT_OUT_CONFIRMATION, 0)
    assert answered(after(found, found.contacts[0], said), rules) is None


def test_what_a_person_wrote_to_a_guarantor_is_no_touch_of_the_debtors() -> None:
    """Whoever was contacted the longest ago is next: the debtor, before the other guarantor."""
    found, rules = seen(), obeyed(Party.GUARANTOR)
    points = tuple(
        one.model_copy(update={"contact_point_id": "g2", "address_id": "g2"}) for one in GUARANTORS
    )
    other = seen(points=points)
    standing = other.standings[0].model_copy(update={"customer_id": "G2"})
    both = found.model_copy(
        update={
            "standings": (*found.standings, standing),
            "parties": (*found.parties, *other.parties),
        }
    )
    said = (
        told(NOW - 16 * DAY, "g-email", Purpose.GUARANTOR_NOTICE, 1),
        told(NOW - 9 * DAY, "p-email", Purpose.REMINDER, 2),
        told(NOW - 8 * DAY, "g2", Purpose.GUARANTOR_NOTICE, 3),
        told(NOW - 7 * DAY, "g-email", Purpose.PERSON, 0),
    )
    step = plan(after(both, *said), NOW, replace(rules, of_parties=rules.of_parties * 2))
    assert step.contact_point_id == "p-email"
