"""What is said while a settlement is offered or accepted, and how the account ends by it."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.account import AccountStatus, CloseReason
from domain.agreements.settlement.offer import OfferState, SettlementOffer
from domain.agreements.settlement.terms import SettlementTerms
from domain.channels import Channel, Purpose
from domain.conversation.work import Work
from domain.conversation.work_words import WorkReason
from domain.facts import AccountUpdated, RecordPromise
from domain.ledger import life
from domain.planning.planner import plan as next_of
from domain.planning.rules import Rules
from domain.planning.step import Status, Step, StepKind
from domain.situation import Reply, Situation
from lab.builders.situations import rules, situation
from tests.unit.planner.support import after, contact, contacts, lived, local
from workflows.visibility import details

NEW_YORK = "America/New_York"
NOON = local(NEW_YORK, "2026-11-23 12:00")
DAY = timedelta(days=1)


def offer(state: OfferState = OfferState.OFFERED, **fields: Any) -> SettlementOffer:
    values: dict[str, Any] = {
        "offer_id": "s1",
        "balance": Decimal("100.00"),
        "amount": Decimal("80.00"),
        "offered_at": NOON - timedelta(hours=1),
        "offered_by": "ana",
        "offered_as": "agent",
        "authorized": Decimal(20),
        "expires_on": date(2026, 12, 8),
        "pay_within_days": 10,
        "grace_days": 2,
        "state": state,
    }
    return SettlementOffer(**{**values, **fields})


def accepted(**fields: Any) -> SettlementOffer:
    told = {"accepted_at": NOON, "accepted_how": "call", "due_on": date(2026, 12, 3)}
    return offer(**{"state": OfferState.ACCEPTED, **told, **fields})


def american(*found: SettlementOffer, **fields: Any) -> Situation:
    plain = {"country": "US", "zones": (NEW_YORK,), "now": NOON, "days_past_due": 70}
    return situation(**{**plain, "offers": found, **fields})


def wanting(**terms: Any) -> Rules:
    found = rules("US")
    strategy = found.strategy.model_copy(update={"settlement": SettlementTerms(**terms)})
    return replace(found, strategy=strategy)


TELLING = wanting(tell=True)


def day(step: Step) -> str:
    return f"{(step.not_before - timedelta(hours=5)):%Y-%m-%d}"


# --- offered --------------------------------------------------------------------------------------


def test_an_offer_is_told_once_and_the_cadence_goes_on() -> None:
    steps = contacts(lived(american(offer()), NOON, TELLING, until=NOON + 15 * DAY))
    said = [(step.purpose, step.touch, day(step)) for step in steps]
    assert said[0] == (Purpose.SETTLEMENT_OFFER, 0, "2026-11-23")
    assert [purpose for purpose, *_ in said].count(Purpose.SETTLEMENT_OFFER) == 1
    assert said[1] == (Purpose.HELP_TO_PAY, 1, "2026-11-29")
    assert steps[0].covers == ("bank/A1",)


@pytest.mark.parametrize(
    ("found", "obeyed"),
    [
        (american(offer()), wanting()),
        (american(offer(OfferState.PROPOSED, authorized=None)), TELLING),
        (american(offer(OfferState.WITHDRAWN)), TELLING),
        (american(offer(expires_on=date(2026, 11, 22))), TELLING),
        (american(offer(), balance="100.01"), TELLING),
        (american(offer(), balance="79.99"), TELLING),
    ],
    ids=["not wanted", "not approved", "withdrawn", "lapsed", "more is owed", "less is owed"],
)
def test_what_is_no_offer_or_is_told_by_people_is_not_told(found: Situation, obeyed: Rules) -> None:
    assert next_of(found, NOON, obeyed).purpose is Purpose.HELP_TO_PAY


def test_one_that_was_approved_is_told_from_then_on_whatever_was_said_before() -> None:
    told = contact(NOON - 2 * DAY, purpose=Purpose.SETTLEMENT_OFFER, touch=0)
    approved = offer(
        offered_at=NOON - 3 * DAY, approved_by="eva", approved_as="boss", approved_at=NOON - DAY
    )
    step = next_of(american(approved, contacts=(told,)), NOON, TELLING)
    assert step.purpose is Purpose.SETTLEMENT_OFFER


def test_on_the_day_of_another_message_it_waits_and_while_a_person_has_the_turn() -> None:
    told = contact(NOON - timedelta(hours=2))
    step = next_of(american(offer(), contacts=(told,)), NOON, TELLING)
    assert (step.purpose, day(step)) == (Purpose.SETTLEMENT_OFFER, "2026-11-24")
    wrote = Reply(at=NOON - timedelta(hours=1), channel=Channel.SMS)
    step = next_of(american(offer(), replies=(wrote,)), NOON, TELLING)
    assert (step.kind, step.why) == (StepKind.WAIT, "reply")


def test_it_is_told_beside_a_promise() -> None:
    promised = life.received(american(offer()), promise("2026-12-05"), NOON - DAY)
    step = next_of(promised, NOON, TELLING)
    assert (step.purpose, step.view.status) == (Purpose.SETTLEMENT_OFFER, Status.PROMISED)


def promise(day_: str) -> RecordPromise:
    return RecordPromise(id="p", amount=Decimal("50.00"), date=date.fromisoformat(day_))


def test_an_operator_sees_the_offer_that_stands() -> None:
    step = next_of(american(offer()), NOON, wanting())
    standing = step.view.settlement
    assert standing is not None
    assert standing.model_dump(mode="json") == {
        "offer": "s1",
        "state": "offered",
        "amount": "80.00",
        "until": "2026-12-08",
    }
    assert "- **Settlement:** offered, 80.00 COP, until 2026-12-08 (s1)" in details(step)
    assert "Settlement" not in details(next_of(american(), NOON, wanting()))


def test_nobody_is_handed_off_who_could_still_accept() -> None:
    found = american(offer(), days_past_due=130)
    step = next_of(found, NOON, wanting())
    assert (step.kind, step.why) == (StepKind.WAIT, "settlement")
    assert step.not_before == local(NEW_YORK, "2026-12-09 00:00")
    assert step.summary == (
        "Settlement offered (80.00 COP for 100.00), until 08 Dec: no hand-off until 08 Dec is over"
    )
    assert next_of(found, step.not_before, wanting()).close_reason is CloseReason.HANDED_OFF
    assert next_of(found, NOON, TELLING).purpose is Purpose.SETTLEMENT_OFFER


# --- accepted -------------------------------------------------------------------------------------


def test_accepted_it_silences_the_cadence_but_for_one_reminder() -> None:
    steps = lived(american(accepted()), NOON, wanting())
    said = [(step.purpose, day(step)) for step in contacts(steps)]
    assert said[0] == (Purpose.SETTLEMENT_REMINDER, "2026-12-01")
    unpaid = local(NEW_YORK, "2026-12-06 00:00")
    assert all(step.not_before >= unpaid for step in contacts(steps)[1:])
    assert said[1][0] is Purpose.HELP_TO_PAY


def test_the_wait_says_what_is_awaited() -> None:
    found = american(accepted(paid=Decimal("30.00")))
    step = next_of(found, NOON, wanting(remind_days=None))
    assert (step.kind, step.why, step.view.status) == (
        StepKind.WAIT,
        "settlement",
        Status.SETTLING,
    )
    assert step.not_before == local(NEW_YORK, "2026-12-04 00:00")
    assert step.summary == (
        "Settlement accepted (80.00 COP for 100.00), to be paid by 03 Dec, 30.00 paid, its day "
        "ends Fri 04 Dec 00:00 America/New_York"
    )
    then = next_of(found, step.not_before, wanting(remind_days=None))
    assert then.not_before == local(NEW_YORK, "2026-12-06 00:00")
    assert "its grace ends" in then.summary


@pytest.mark.parametrize(
    ("found", "at"),
    [
        (american(accepted(accepted_at=local(NEW_YORK, "2026-12-01 09:00"))), "2026-12-02 12:00"),
        (
            american(accepted(), replies=(Reply(at=NOON + 9 * DAY, channel=Channel.SMS),)),
            "2026-12-02 13:00",
        ),
        (
            american(
                accepted(),
                work=(Work(work_id=1, reason=WorkReason.ALREADY_PAID, opened_at=NOON + 8 * DAY),),
            ),
            "2026-12-02 12:00",
        ),
    ],
    ids=["accepted as near as that", "they wrote", "they say it is paid"],
)
def test_nothing_is_said_where_it_would_be_one_too_many(found: Situation, at: str) -> None:
    step = next_of(found, local(NEW_YORK, at), wanting())
    assert (step.kind, step.why) == (StepKind.WAIT, "settlement")


def test_who_settles_is_not_handed_off_and_who_does_not_pay_is() -> None:
    late = american(accepted(), days_past_due=115)
    steps = lived(late, NOON, wanting())
    assert [step.purpose for step in contacts(steps)] == [Purpose.SETTLEMENT_REMINDER]
    assert steps[-1].close_reason is CloseReason.HANDED_OFF
    assert steps[-1].not_before == local(NEW_YORK, "2026-12-06 00:00")
    assert not any("hand-off" in step.summary for step in steps[:-1])


def test_a_hold_and_what_a_person_decides_come_first() -> None:
    held = {"hold_until": NOON + DAY, "hold_reason": "ill"}
    assert next_of(american(accepted(), account=held), NOON, wanting()).why == "hold"
    dispute = Work(work_id=7, reason=WorkReason.DISPUTE, opened_at=NOON)
    assert next_of(american(accepted(), work=(dispute,)), NOON, wanting()).why == "dispute"


# --- paid -----------------------------------------------------------------------------------------


def paid(**fields: Any) -> SettlementOffer:
    return accepted(**{"state": OfferState.PAID, "paid": Decimal("80.00"), **fields})


def test_paid_it_ends_the_account_as_settled() -> None:
    step = next_of(american(paid(), balance="20.00"), NOON, wanting())
    assert (step.kind, step.close_reason) == (StepKind.CLOSE, CloseReason.SETTLED)
    assert step.summary == "Settled: the amount that was accepted is paid, the rest is let go"


def test_where_nothing_is_owed_the_account_is_cured() -> None:
    step = next_of(american(paid(), balance="0.00"), NOON, wanting())
    assert step.close_reason is CloseReason.CURED


@pytest.mark.parametrize(
    "found",
    [
        american(paid(paid=Decimal("79.99"))),
        american(paid(), account={"since": NOON - timedelta(minutes=1)}),
        american(accepted(state=OfferState.UNPAID)),
    ],
    ids=["over because the debt was cured", "of an earlier delinquency", "not paid"],
)
def test_nothing_else_ends_it(found: Situation) -> None:
    assert next_of(found, NOON, wanting()).kind is StepKind.CONTACT


def test_a_settled_account_begins_again_with_a_later_instalment_alone() -> None:
    closed = life.closed(american(paid()), CloseReason.SETTLED, NOON)

    def told(due: date) -> Situation:
        fact = AccountUpdated(id="u", balance=Decimal("50.00"), oldest_due_date=due)
        return life.received(closed, fact, NOON + DAY)

    same = told(closed.account.oldest_due_date)
    assert same.account.status is AccountStatus.CLOSED
    later = told(closed.account.oldest_due_date + 30 * DAY)
    assert later.account.status is AccountStatus.OPEN
    assert next_of(later, NOON + DAY, wanting()).kind is StepKind.CONTACT


def test_after_a_reminder_the_next_touch_keeps_its_distance() -> None:
    at: datetime = local(NEW_YORK, "2026-12-02 12:00")
    found = american(accepted())
    told = after(found, next_of(found, at, wanting()), at)
    withdrawn = told.model_copy(update={"offers": (offer(OfferState.WITHDRAWN),)})
    step = next_of(withdrawn, at + timedelta(minutes=1), wanting())
    assert (step.purpose, day(step)) == (Purpose.HELP_TO_PAY, "2026-12-08")
