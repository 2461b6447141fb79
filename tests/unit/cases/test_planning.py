"""What a dispute, a hardship and a vulnerable customer do to the next step."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from domain.account import CloseReason
from domain.cases.case import Dispute, DisputeState, Hardship
from domain.cases.terms import HardshipTerms
from domain.cases.words import DisputeReason, HardshipReason
from domain.channels import Channel, Purpose, Tone
from domain.conversation.work import Work
from domain.conversation.work_words import WorkReason
from domain.law.request import LawEvent
from domain.law.terms import EventKind
from domain.planning.planner import plan
from domain.planning.reasons.softer import softened
from domain.planning.rules import Rules
from domain.planning.step import Status, Step, StepKind
from domain.situation import Reply, Sibling, Situation
from lab.builders.situations import EMAIL, SMS, rules, situation
from tests.unit.planner.support import contact, contacts, lived, local

NEW_YORK = "America/New_York"
NOON = local(NEW_YORK, "2026-11-23 12:00")
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
VOICE = SMS.model_copy(update={"contact_point_id": "p-voice", "channel": Channel.VOICE})


def disputed(**fields: Any) -> Dispute:
    plain = {"dispute_id": "d-1", "opened_at": NOON - DAY, "answer_due": date(2026, 12, 1)}
    return Dispute(**{"reason": DisputeReason.NOT_MINE, **plain, **fields})


def hardship(**fields: Any) -> Hardship:
    plain = {"hardship_id": "h-1", "began_at": NOON - DAY, "review_date": date(2026, 12, 20)}
    met = {"person_asked": True}
    return Hardship(**{"reason": HardshipReason.JOB_LOSS, **plain, **met, **fields})


def american(**fields: Any) -> Situation:
    plain = {"country": "US", "zones": (NEW_YORK,), "now": NOON}
    return situation(**{**plain, **fields})


def bearing(country: str = "US", **terms: Any) -> Rules:
    found = rules(country)
    strategy = found.strategy.model_copy(update={"hardship": HardshipTerms(**terms)})
    return replace(found, strategy=strategy)


def asked(reason: WorkReason) -> Work:
    return Work(work_id=7, reason=reason, opened_at=NOON - DAY)


def shown(step: Step) -> tuple[StepKind, str, Status]:
    return step.kind, step.why, step.view.status


# --- disputes -------------------------------------------------------------------------------------


def test_a_dispute_silences_and_is_looked_at_when_its_day_is_over() -> None:
    step = plan(american(dispute=disputed()), NOON, rules("US"))
    assert shown(step) == (StepKind.WAIT, "disputed", Status.DISPUTED)
    assert step.not_before == local(NEW_YORK, "2026-12-02 00:00")
    assert step.summary.startswith(
        "Disputed (not mine): nobody is contacted until it is resolved, answer due 01 Dec"
    )


def test_a_dispute_that_is_late_goes_on_silencing() -> None:
    late = american(dispute=disputed(answer_due=date(2026, 11, 22), asked=True))
    step = plan(late, NOON, rules("US"))
    assert (step.why, "answer was due 22 Nov" in step.summary) == ("disputed", True)
    assert step.not_before > NOON + DAY


def test_who_was_right_is_left_alone_until_the_account_is_corrected_or_closed() -> None:
    upheld = disputed(state=DisputeState.RESOLVED_FOR)
    step = plan(american(dispute=upheld), NOON, rules("US"))
    assert shown(step) == (StepKind.WAIT, "disputed", Status.DISPUTED)
    assert "until the account is corrected or closed" in step.summary


@pytest.mark.parametrize("days", [-20, 10, 70, 300])
@pytest.mark.parametrize("state", [DisputeState.OPEN, DisputeState.RESOLVED_FOR])
def test_nobody_is_contacted_in_whatever_phase_nor_is_the_account_handed_off(
    days: int, state: DisputeState
) -> None:
    found = american(dispute=disputed(state=state, asked=True), days_past_due=days)
    steps = lived(found, NOON, rules("US"), until=NOON + 300 * DAY)
    assert contacts(steps) == []
    assert not steps[-1].ends


def test_no_hand_off_is_announced_in_the_last_phase() -> None:
    late = {"days_past_due": 118, "account": {"hold_until": NOON + 30 * DAY}}
    assert "hand-off" in plan(american(**late), NOON, rules("US")).summary
    upheld = disputed(state=DisputeState.RESOLVED_FOR)
    for stands in ({"dispute": upheld}, {"hardship": hardship(review_asked=True)}):
        assert "hand-off" not in plan(american(**late, **stands), NOON, rules("US")).summary


def test_what_is_paid_is_over_disputed_or_not() -> None:
    step = plan(american(dispute=disputed(), balance="0"), NOON, rules("US"))
    assert step.close_reason is CloseReason.CURED


def test_nothing_of_a_plan_or_a_promise_is_said_while_it_stands() -> None:
    """A hold is the only silence that goes before it."""
    held = {"hold_until": NOON + 3 * DAY, "hold_reason": "court"}
    step = plan(american(dispute=disputed(), account=held), NOON, rules("US"))
    assert step.why == "hold"


# --- hardships ------------------------------------------------------------------------------------


def gaps(found: Situation, obeyed: Rules) -> set[int]:
    steps = contacts(lived(found, NOON, obeyed, until=NOON + 25 * DAY))
    days = [one.not_before.astimezone(NOON.tzinfo).date() for one in steps]
    return {(later - one).days for one, later in pairwise(days)}


def test_in_hardship_the_days_between_two_touches_are_multiplied() -> None:
    assert min(gaps(american(), rules("US"))) == 4
    soft = gaps(american(hardship=hardship(review_asked=True)), bearing(cadence_factor=3))
    assert min(soft) == 12


@pytest.mark.parametrize("days", [65, 95])
def test_nothing_more_serious_is_said_than_the_strategy_lets_in_hardship(days: int) -> None:
    stern = contacts(lived(american(days_past_due=days), NOON, rules("US")))
    assert {one.purpose for one in stern} & {Purpose.FINAL_NOTICE, Purpose.PRE_LEGAL}
    soft = american(days_past_due=days, hardship=hardship(review_asked=True))
    found = contacts(lived(soft, NOON, rules("US"), until=NOON + 20 * DAY))
    assert {one.purpose for one in found} == {Purpose.HELP_TO_PAY}
    assert {one.view.status for one in found} == {Status.HARDSHIP}


@pytest.mark.parametrize(
    ("most", "tones"),
    [
        (Tone.FRIENDLY, {Tone.FRIENDLY}),
        (Tone.SUPPORTIVE, {Tone.FRIENDLY, Tone.SUPPORTIVE}),
        (Tone.SERIOUS, set(Tone)),
    ],
)
def test_no_phase_has_a_tone_above_the_one_that_is_allowed(most: Tone, tones: set[Tone]) -> None:
    soft = softened(bearing(max_tone=most), american(hardship=hardship()))
    assert {phase.tone for phase in soft.strategy.phases} == tones


def test_a_call_is_made_in_hardship_only_where_it_is_named() -> None:
    def channels(*named: Channel) -> set[Channel]:
        soft = softened(bearing(channels=named), american(hardship=hardship()))
        return {one for phase in soft.strategy.phases for one in phase.channels}

    assert channels(Channel.SMS, Channel.EMAIL) == {Channel.SMS, Channel.EMAIL}
    assert Channel.VOICE in channels(Channel.SMS, Channel.VOICE)
    default = softened(rules("US"), american(hardship=hardship()))
    assert all(Channel.VOICE not in phase.channels for phase in default.strategy.phases)


def test_where_no_channel_is_left_nobody_is_contacted_and_it_says_so() -> None:
    step = plan(american(hardship=hardship()), NOON, bearing(channels=(Channel.LETTER,)))
    assert (step.kind, step.why) == (StepKind.WAIT, "no_channel")
    assert "not used in early" in step.summary


def test_without_a_hardship_the_strategy_is_as_it_is() -> None:
    obeyed = bearing(cadence_factor=9)
    assert softened(obeyed, american()) is obeyed


def test_a_person_speaks_first_and_then_the_account_goes_on() -> None:
    waits = american(hardship=hardship(), work=(asked(WorkReason.PERSON_FIRST),))
    step = plan(waits, NOON, rules("US"))
    assert shown(step) == (StepKind.WAIT, "person_first", Status.RESTING)
    assert step.summary.startswith("A person contacts the customer first (work 7)")
    assert plan(american(hardship=hardship()), NOON, rules("US")).kind is StepKind.CONTACT
    unasked = american(hardship=hardship(), work=waits.work)
    assert plan(unasked, NOON, bearing(person_first=False)).kind is StepKind.CONTACT


def test_a_contact_beyond_the_day_of_the_review_waits_for_that_day() -> None:
    soon = american(
        hardship=hardship(review_date=date(2026, 11, 25)),
        contacts=(contact(NOON - DAY),),
    )
    step = plan(soon, NOON, rules("US"))
    assert (step.kind, step.why) == (StepKind.WAIT, "hardship_review")
    assert step.not_before == local(NEW_YORK, "2026-11-25 00:00")
    assert step.view.status is Status.HARDSHIP
    reviewed = soon.model_copy(update={"hardship": hardship(review_asked=True)})
    assert plan(reviewed, NOON, rules("US")).kind is StepKind.CONTACT


def test_who_is_in_hardship_is_not_handed_off() -> None:
    past = american(days_past_due=200, hardship=hardship(review_asked=True))
    step = plan(past, NOON, rules("US"))
    assert shown(step) == (StepKind.WAIT, "hardship", Status.HARDSHIP)
    assert plan(american(days_past_due=200), NOON, rules("US")).ends


@pytest.mark.parametrize("country", ["CO", "MX", "US"])
def test_a_hardship_never_adds_a_contact(country: str) -> None:
    """Each touch of a soft life comes no earlier than that of the same number without it."""
    base = {"country": country, "zones": (NEW_YORK,), "points": (EMAIL, SMS, VOICE)}
    plain = contacts(lived(american(**base), NOON, rules(country), until=NOON + 60 * DAY))
    kept = american(**base, hardship=hardship(review_asked=True))
    soft = contacts(lived(kept, NOON, rules(country), until=NOON + 60 * DAY))
    assert 0 < len(soft) < len(plain)
    for one, other in zip(plain[1:], soft[1:], strict=False):
        assert one.not_before.date() <= other.not_before.date()


# --- vulnerable customers -------------------------------------------------------------------------


def test_nobody_but_persons_contacts_who_is_vulnerable() -> None:
    found = american(persons_only=True)
    assert contacts(lived(found, NOON, rules("US"), until=NOON + DAY)) == []
    step = plan(found, NOON, rules("US"))
    assert shown(step) == (StepKind.WAIT, "person_first", Status.RESTING)  # until the touch is due
    due = plan(found, step.not_before, rules("US"))
    assert shown(due) == (StepKind.WAIT, "person_due", Status.RESTING)


def test_the_next_is_asked_for_after_the_distance_of_the_phase() -> None:
    found = american(persons_only=True, person_asked_at=NOON - DAY)
    step = plan(found, NOON, rules("US"))
    assert step.why == "person_first"
    assert step.not_before >= local(NEW_YORK, "2026-11-26 00:00")


def test_while_a_person_has_the_item_the_account_waits_for_them() -> None:
    found = american(persons_only=True, work=(asked(WorkReason.PERSON_FIRST),))
    step = plan(found, NOON, rules("US"))
    assert step.why == "person_first"
    in_hardship = american(hardship=hardship(), work=found.work)
    first = plan(in_hardship, NOON, rules("US"))
    # What waits for a person reads the same, whether somebody is vulnerable or not.
    assert step.summary.split(";")[0] == first.summary.split(";")[0]


def test_no_word_of_any_step_says_that_somebody_is_vulnerable() -> None:
    moments = [NOON + hours * timedelta(hours=1) for hours in range(0, 200, 7)]
    for work in ((), (asked(WorkReason.PERSON_FIRST),)):
        for at in moments:
            step = plan(american(persons_only=True, work=work), at, rules("US"))
            assert step.kind is not StepKind.CONTACT
            said = step.model_dump_json()
            assert "vulnerab" not in said and "persons_only" not in said


def test_what_a_customer_asks_is_answered_beside_a_dispute_where_the_law_lets_it() -> None:
    plain = {"country": "CO", "zones": ("America/Bogota",), "now": NOON, "dispute": disputed()}
    who = Work(
        work_id=1, reason=WorkReason.IDENTITY, opened_at=NOON - SECOND, contact_point_id="p-sms"
    )
    on_file = LawEvent(kind=EventKind.DISPUTE, at=NOON - DAY, account_id="bank/A1")
    wrote = Reply(at=NOON - SECOND, channel=Channel.SMS, contact_point_id="p-sms")
    found = american(**plain, work=(who,), contacts=(contact(NOON - 9 * DAY),), replies=(wrote,))
    obeyed = rules("CO")
    strategy = obeyed.strategy.model_copy(update={"answers": (Purpose.IDENTITY_ANSWER,)})
    obeyed = replace(obeyed, strategy=strategy)
    told = found.model_copy(update={"law_events": (*found.law_events, on_file)})
    assert plan(told, NOON, obeyed).why == "disputed"
    lenient = replace(obeyed, readings={"guard.dispute": "law_only"})
    assert plan(told, NOON, lenient).purpose is Purpose.IDENTITY_ANSWER


def test_who_is_vulnerable_is_answered_thanked_and_reminded_by_nobody_but_a_person() -> None:
    who = Work(
        work_id=1, reason=WorkReason.IDENTITY, opened_at=NOON - SECOND, contact_point_id="p-sms"
    )
    obeyed = rules("US")
    strategy = obeyed.strategy.model_copy(update={"answers": (Purpose.IDENTITY_ANSWER,)})
    obeyed = replace(obeyed, strategy=strategy)
    found = american(work=(who,), contacts=(contact(NOON - DAY),))
    assert plan(found, NOON, obeyed).purpose is Purpose.IDENTITY_ANSWER
    alone = found.model_copy(update={"persons_only": True})
    assert plan(alone, NOON, obeyed).kind is StepKind.WAIT


def _silent_sibling(now: datetime) -> Sibling:
    plain = {"account": "bank/A2", "balance": "50.00", "due": now.date() - 12 * DAY}
    return Sibling(**plain, silent=True)


def test_a_message_does_not_speak_of_another_account_that_is_silent() -> None:
    step = plan(american(siblings=(_silent_sibling(NOON),)), NOON, rules("US"))
    assert step.covers == ("bank/A1",)
