"""Which touch comes next, on which channel, and what becomes of one that did not arrive."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.channels import Channel, Purpose
from domain.law.request import LawEvent
from domain.ledger.attempt import AttemptState, RefusalKind
from domain.planning.planner import is_due, plan
from domain.planning.routing import PAUSE
from domain.planning.step import StepKind
from domain.planning.touches import MAX_HELD_TRIES
from domain.situation import Reply, Sibling
from lab.builders.situations import EMAIL, NOW, SMS, rules, situation
from tests.unit.planner.support import after, contact, local

NEW_YORK = "America/New_York"
NOON = local(NEW_YORK, "2026-11-23 12:00")
US = {"country": "US", "zones": (NEW_YORK,), "now": NOON}
REFUSED = AttemptState.REFUSED


def american(**fields: Any) -> Any:
    """An account in New York, where the law leaves room for the cadence."""
    return situation(**{**US, **fields})


# --- which channel --------------------------------------------------------------------------------


def test_the_cheapest_channel_is_taken_where_nothing_else_decides() -> None:
    assert plan(american(), NOON, rules("US")).channel is Channel.EMAIL


def test_what_the_customer_prefers_comes_before_cost() -> None:
    assert plan(american(preferred=Channel.SMS), NOON, rules("US")).channel is Channel.SMS


def test_what_worked_comes_before_cost() -> None:
    then = NOON - timedelta(days=20)
    found = american(
        days_past_due=10,
        contacts=(contact(then, phase="preventive"),),
        payments=(then + timedelta(days=1),),
    )
    assert plan(found, NOON, rules("US")).channel is Channel.SMS


def test_what_worked_does_not_come_before_preference() -> None:
    then = NOON - timedelta(days=20)
    found = american(
        preferred=Channel.EMAIL,
        contacts=(contact(then, phase="preventive"),),
        replies=(Reply(at=then + timedelta(days=1), channel=Channel.SMS),),
    )
    assert plan(found, NOON, rules("US")).channel is Channel.EMAIL


def test_a_contact_that_never_arrived_did_not_work() -> None:
    then = NOON - timedelta(days=20)
    found = american(
        contacts=(contact(then, phase="preventive", state=AttemptState.UNDELIVERED),),
        payments=(then + timedelta(days=1),),
    )
    assert plan(found, NOON, rules("US")).channel is Channel.EMAIL


def test_a_channel_that_was_ignored_makes_room_for_the_other() -> None:
    found = american()
    first = plan(found, NOON, rules("US"))
    found = after(found, first, first.not_before)
    second = plan(found, first.not_before, rules("US"))
    assert (first.channel, second.channel) == (Channel.EMAIL, Channel.SMS)


@pytest.mark.parametrize("spoiled", [{"consented": False}, {"suppressed": "bounced"}])
def test_an_address_without_consent_or_suppressed_is_not_used(spoiled: dict[str, Any]) -> None:
    found = american(points=(EMAIL.model_copy(update=spoiled), SMS))
    assert plan(found, NOON, rules("US")).channel is Channel.SMS


def test_a_channel_without_a_provider_is_not_used() -> None:
    letter = SMS.model_copy(update={"channel": Channel.WHATSAPP, "contact_point_id": "p-wa"})
    step = plan(american(points=(letter,), preferred=Channel.WHATSAPP), NOON, rules("US"))
    assert (step.kind, step.why) == (StepKind.WAIT, "no_channel")
    assert "whatsapp: no provider" in step.summary


# --- cadence --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gap", "due"),
    [(1, False), (3, False), (4, True), (5, True)],
)
def test_touches_keep_their_distance_in_the_customers_calendar_days(gap: int, *, due: bool) -> None:
    last = local(NEW_YORK, "2026-11-23 20:59") - timedelta(days=gap)
    found = american(contacts=(contact(last),), next_step=2)
    step = plan(found, NOON, rules("US"))
    assert step.kind is StepKind.CONTACT
    on = (last + timedelta(days=4)).date()
    assert (step.not_before.date() <= NOON.date()) is due, on


def test_the_cadence_is_kept_across_a_phase_boundary() -> None:
    yesterday = contact(NOON - timedelta(days=1), phase="preventive", touch=1)
    step = plan(american(days_past_due=1, contacts=(yesterday,)), NOON, rules("US"))
    assert step.not_before >= local(NEW_YORK, "2026-11-26 00:00")
    assert (step.phase, step.touch) == ("early", 1)


def test_a_released_attempt_neither_counts_nor_hides_the_contact_before_it() -> None:
    yesterday = contact(NOON - timedelta(days=1), phase="preventive", touch=1)
    released = contact(NOON - timedelta(hours=1), state=AttemptState.RELEASED, step=2)
    found = american(days_past_due=1, contacts=(yesterday, released), next_step=3)
    step = plan(found, NOON, rules("US"))
    assert step.not_before >= local(NEW_YORK, "2026-11-26 00:00")
    assert (step.number, step.touch) == (3, 1)


@pytest.mark.parametrize(("ago", "first_day"), [(10, "2026-11-23"), (1, "2026-11-26")])
def test_an_earlier_delinquency_keeps_the_distance_and_nothing_else(
    ago: int, first_day: str
) -> None:
    then = NOON - timedelta(days=ago)
    found = american(contacts=(contact(then),), account={"since": NOON - timedelta(hours=1)})
    step = plan(found, NOON, rules("US"))
    assert step.touch == 1
    assert f"{step.not_before.astimezone(ZoneInfo(NEW_YORK)):%Y-%m-%d}" == first_day


@pytest.mark.parametrize("state", [AttemptState.UNKNOWN, AttemptState.DISPATCHING])
def test_an_unknown_outcome_counts_as_a_contact_made(state: AttemptState) -> None:
    found = american(contacts=(contact(NOON - timedelta(hours=1), state=state),), next_step=2)
    step = plan(found, NOON, rules("US"))
    assert step.not_before >= local(NEW_YORK, "2026-11-27 00:00")
    assert (step.why, step.touch) == ("touch", 2)


# --- failover -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "refusal"),
    [
        (REFUSED, RefusalKind.RECIPIENT),
        (REFUSED, RefusalKind.TEMPORARY),
        (REFUSED, RefusalKind.CONFIGURATION),
        (REFUSED, RefusalKind.OTHER),
        (AttemptState.UNDELIVERED, None),
    ],
)
def test_a_touch_that_did_not_arrive_goes_on_at_once_on_the_next_channel(
    state: AttemptState, refusal: RefusalKind | None
) -> None:
    found = american()
    first = plan(found, NOON, rules("US"))
    at = first.not_before
    found = after(found, first, at, state=state, refusal=refusal)
    step = plan(found, at, rules("US"))
    assert (step.why, step.channel, step.touch) == ("failover", Channel.SMS, first.touch)
    assert step.number == first.number + 1
    assert step.not_before.astimezone(NOON.tzinfo).date() == at.date()


@pytest.mark.parametrize("refusal", [RefusalKind.CONSENT, RefusalKind.CONTENT])
def test_an_opt_out_or_a_filtered_text_never_fails_over(refusal: RefusalKind) -> None:
    found = american()
    first = plan(found, NOON, rules("US"))
    found = after(found, first, first.not_before, state=REFUSED, refusal=refusal)
    step = plan(found, first.not_before, rules("US"))
    assert step.why == "touch"
    assert step.not_before >= local(NEW_YORK, "2026-11-27 00:00")


def test_what_was_refused_for_its_rate_waits_for_the_same_channel() -> None:
    found = american()
    first = plan(found, NOON, rules("US"))
    at = first.not_before
    found = after(found, first, at, state=REFUSED, refusal=RefusalKind.RATE)
    step = plan(found, at, rules("US"))
    assert (step.channel, step.contact_point_id) == (first.channel, first.contact_point_id)
    assert (step.why, step.touch) == ("failover", first.touch)
    assert step.not_before >= at + PAUSE


def test_a_rate_that_never_ends_gives_the_touch_up() -> None:
    found = american(points=(SMS,))
    at = NOON
    for _ in range(MAX_HELD_TRIES + 1):
        step = plan(found, at, rules("US"))
        assert (step.touch, step.kind) == (1, StepKind.CONTACT)
        at = max(at, step.not_before)
        found = after(found, step, at, state=REFUSED, refusal=RefusalKind.RATE)
    assert plan(found, at, rules("US")).touch == 2


def test_a_touch_ends_when_every_channel_has_failed() -> None:
    found = american()
    at = NOON
    for _ in range(2):
        step = plan(found, at, rules("US"))
        at = max(at, step.not_before)
        found = after(found, step, at, state=AttemptState.UNDELIVERED)
    step = plan(found, at, rules("US"))
    assert (step.why, step.touch) == ("touch", 2)
    assert step.not_before >= local(NEW_YORK, "2026-11-27 00:00")


def test_a_failover_counts_as_no_touch_of_its_own() -> None:
    found = american(days_past_due=8)
    at = NOON
    touches = []
    for _ in range(6):
        step = plan(found, at, rules("US"))
        if step.kind is not StepKind.CONTACT:
            break
        at = max(at, step.not_before)
        touches.append(step.touch)
        failed = step.why == "touch"
        state = AttemptState.UNDELIVERED if failed else AttemptState.DELIVERED
        found = after(found, step, at, state=state)
    assert touches == [1, 1, 2, 2, 3, 3]


# --- one customer, several accounts ---------------------------------------------------------------


def test_one_message_covers_the_other_open_accounts_with_the_creditor() -> None:
    siblings = (
        Sibling(account="bank/B", balance=Decimal(5), silent=False),
        Sibling(account="bank/A2", balance=Decimal(5), silent=False),
        Sibling(account="bank/silent", balance=Decimal(5), silent=True),
        Sibling(account="bank/paid", balance=Decimal(0), silent=False),
    )
    step = plan(american(siblings=siblings), NOON, rules("US"))
    assert step.covers == ("bank/A1", "bank/A2", "bank/B")


@pytest.mark.parametrize("kind", ["dispute", "attorney", "cease", "opt_out"])
def test_a_message_says_nothing_of_a_debt_that_is_left_alone(kind: str) -> None:
    """The sibling's own plan is silent; another account's message must not dun for it."""
    siblings = tuple(
        Sibling(account=f"bank/{name}", balance=Decimal(5), silent=False) for name in ("A2", "A3")
    )
    at = NOON - timedelta(hours=2)
    stop = LawEvent.model_validate({"kind": kind, "at": at, "account_id": "bank/A2"})
    found = american(siblings=siblings)
    stopped = found.model_copy(update={"law_events": (*found.law_events, stop)})
    assert plan(stopped, NOON, rules("US")).covers == ("bank/A1", "bank/A3")
    if (lifts := {"dispute": "dispute_verified", "opt_out": "opt_in"}.get(kind)) is None:
        return
    for hours, covers in ((1, ("bank/A1", "bank/A2", "bank/A3")), (3, ("bank/A1", "bank/A3"))):
        fields = {"kind": lifts, "at": NOON - timedelta(hours=hours), "account_id": "bank/A2"}
        events = (*stopped.law_events, LawEvent.model_validate(fields))
        again = stopped.model_copy(update={"law_events": events})
        assert plan(again, NOON, rules("US")).covers == covers


def test_a_message_led_by_a_sibling_is_a_touch_of_ours_too() -> None:
    led = contact(NOON - timedelta(days=1), account="bank/A2", covers=("bank/A2", "bank/A1"))
    step = plan(american(contacts=(led,)), NOON, rules("US"))
    assert step.not_before >= local(NEW_YORK, "2026-11-26 00:00")
    assert step.touch == 2


def test_a_siblings_failed_touch_is_the_siblings_to_go_on_with() -> None:
    led = contact(
        NOON - timedelta(hours=1),
        account="bank/A2",
        covers=("bank/A2", "bank/A1"),
        state=AttemptState.UNDELIVERED,
    )
    assert plan(american(contacts=(led,)), NOON, rules("US")).why == "touch"


def test_a_message_about_another_account_alone_is_no_touch_of_ours() -> None:
    led = contact(NOON - timedelta(days=1), account="bank/A2", covers=("bank/A2",))
    step = plan(american(contacts=(led,)), NOON, rules("US"))
    assert (step.touch, is_due(step, NOON + timedelta(hours=9))) == (1, True)


# --- doubt ----------------------------------------------------------------------------------------


def doubtful(**fields: Any) -> Any:
    attempt = contact(
        NOON - timedelta(minutes=1),
        **{
            "state": AttemptState.UNKNOWN,
            "attempt_id": "doubt",
            "reconcile_at": NOON + timedelta(minutes=1),
            **fields,
        },
    )
    return american(contacts=(attempt,), next_step=2)


def test_an_attempt_in_doubt_is_asked_about_before_anything_else_is_done() -> None:
    step = plan(doubtful(), NOON, rules("US"))
    assert (step.kind, step.attempt_id) == (StepKind.RECONCILE, "doubt")
    assert step.not_before == NOON + timedelta(minutes=1)


def test_a_question_that_is_overdue_is_asked_now() -> None:
    later = NOON + timedelta(days=1)
    assert plan(doubtful(), later, rules("US")).not_before == later


def test_a_doubt_that_was_given_up_stays_a_contact_and_is_asked_no_more() -> None:
    step = plan(doubtful(reconcile_at=None), NOON, rules("US"))
    assert (step.kind, step.touch) == (StepKind.CONTACT, 2)


def test_another_accounts_doubt_is_not_ours_to_ask() -> None:
    step = plan(doubtful(account="bank/A2", covers=("bank/A2", "bank/A1")), NOON, rules("US"))
    assert step.kind is StepKind.CONTACT


def test_a_doubt_is_settled_before_the_account_is_handed_off() -> None:
    found = doubtful(phase="pre-legal")
    late = found.model_copy(
        update={
            "account": found.account.model_copy(
                update={"oldest_due_date": NOON.date() - timedelta(days=121)}
            )
        }
    )
    assert plan(late, NOON, rules("US")).kind is StepKind.RECONCILE


# --- broken promises ------------------------------------------------------------------------------


def test_what_was_planned_is_said_in_one_sentence_with_the_law_that_rules_it() -> None:
    step = plan(situation(), NOW, rules())
    assert step.summary.startswith("E-mail reminder 1, opens Mon 23 Nov ")
    assert step.summary.endswith("America/Bogota, Ley 2300 de 2023, art. 3")
    assert (step.purpose, step.rule) == (Purpose.REMINDER, "co.ley2300.hours")
