"""The life of an offer: made, approved by another, accepted once, paid; or ended otherwise."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from domain.account import PromiseState
from domain.agreements.plan import PlanState
from domain.facts import MESSAGE
from tests.unit.agreements.settlement.support import DAY, NOON, SECOND, Desk, owing


def made(state: str = "offered") -> Desk:
    """With an offer m1 of 80,000 for 100,000; or one of 60,000 that waits."""
    desk = Desk()
    if state == "proposed":
        assert desk.offer("40") is None
        return desk
    assert desk.offer() is None
    if state in ("accepted", "paid", "unpaid"):
        assert desk.ask("accept_settlement", offer="m1", how="call") is None
    desk.at += SECOND
    if state == "paid":
        desk.ask("payment_received", amount="80000.00")
    elif state == "unpaid":
        desk.at += 13 * DAY
    elif state == "lapsed":
        desk.at += 16 * DAY
    elif state == "withdrawn":
        desk.ask("withdraw_settlement")
    assert desk.states == {"m1": state}
    return desk


# --- made -----------------------------------------------------------------------------------------


def test_within_its_makers_authority_an_offer_may_be_accepted_at_once() -> None:
    desk = Desk()
    assert desk.offer() is None
    one = desk.last
    assert (one.state, one.amount, one.balance) == ("offered", Decimal(80_000), Decimal(100_000))
    assert (one.authorized, one.approved_by) == (Decimal(20), None)
    assert (one.expires_on, one.due_on) == (date(2026, 12, 8), None)


def test_above_it_an_offer_waits_for_another_person() -> None:
    desk = Desk()
    assert desk.offer("20.01") is None
    assert (desk.last.state, desk.last.authorized) == ("proposed", None)
    refused = desk.ask("accept_settlement", offer="m1", how="call")
    assert refused == "offer: m1 waits to be approved"


def test_one_that_another_has_approved_already_may_be_accepted_at_once() -> None:
    desk = Desk()
    assert desk.offer("40", approved_by="eva", approver_role="supervisor") is None
    one = desk.last
    assert (one.state, one.authorized, one.approved_by) == ("offered", Decimal(40), "eva")


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"discount": None}, "discount: give either discount or amount"),
        ({"amount": "80000.00"}, "discount: give either discount or amount"),
        ({"discount": None, "amount": "80000.005"}, None),
        ({"discount": None, "amount": "80000.000"}, None),
        ({"discount": None, "amount": "100000.00"}, "amount: must leave less to pay than the bal"),
        ({"discount": None, "amount": "500.00"}, "amount: 500.00 COP is less than anybody"),
        ({"discount": "99.99"}, "discount: 10.00 COP is less than anybody"),
        ({"discount": "60"}, "discount: nobody has authority over 60.00 % of 100000.00 COP, phase"),
        ({"approved_by": "eva"}, "approved_by: goes with approver_role"),
        (
            {"discount": "40", "approved_by": "ana", "approver_role": "supervisor"},
            "approved_by: must be another person",
        ),
        (
            {"discount": "40", "approved_by": "ANA", "approver_role": "supervisor"},
            "approved_by: must be another person",
        ),
        (
            {"discount": "50", "approved_by": "eva", "approver_role": "supervisor"},
            "approver_role: supervisor may give up to 40 %: it needs manager (up to 55.5 %)",
        ),
        (
            {"discount": "50", "approved_by": "eva", "approver_role": "cleaner"},
            "approver_role: cleaner may give no discount on this debt: it needs manager",
        ),
        ({"expires": "2026-11-22"}, "expires: must not lie in the past, 2026-11-22 does"),
        ({"expires": "2026-12-09"}, "expires: at most 15 days ahead, 2026-12-09 is 16"),
    ],
)
def test_what_cannot_be_offered_is_refused_in_words(
    told: dict[str, Any], words: str | None
) -> None:
    desk = Desk()
    if words is None:
        if told["amount"] == "80000.005":
            with pytest.raises(ValidationError):
                desk.offer(**told)
            return
        words = "amount: must have at most 2 decimals"
    refused = desk.offer(**{"discount": "20", **told})
    assert refused is not None and refused.startswith(words)
    assert desk.states == {}


def test_what_nobody_may_give_is_refused_with_what_everybody_may() -> None:
    refused = Desk().offer("60")
    assert refused is not None
    assert refused.endswith(
        "phase late, day 70: agent up to 20 %, supervisor up to 40 %, manager up to 55.5 %"
    )


@pytest.mark.parametrize("by", ["Ana María", "ana@bank.example", "", "x" * 65])
def test_who_offers_is_an_id_and_no_name_or_address(by: str) -> None:
    told = {"kind": "offer_settlement", "id": "m", "discount": 20, "by": by, "role": "agent"}
    with pytest.raises(ValidationError):
        MESSAGE.validate_python(told)


# --- approved -------------------------------------------------------------------------------------


def test_another_person_with_the_right_approves_it() -> None:
    desk = made("proposed")
    assert desk.ask("approve_settlement", offer="m1", by="eva", role="supervisor") is None
    one = desk.last
    assert (one.state, one.authorized, one.approved_by) == ("offered", Decimal(40), "eva")


@pytest.mark.parametrize("kind", ["approve_settlement", "decline_settlement"])
@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"by": "ana", "role": "manager"}, "by: must be another person than who offered it"),
        ({"by": "Ana", "role": "manager"}, "by: must be another person than who offered it"),
        (
            {"by": "eva", "role": "agent"},
            "role: agent may give up to 20 % (phase late, day 70): it needs supervisor (up to 40 %)"
            " or manager (up to 55.5 %)",
        ),
        ({"by": "eva", "role": "cleaner"}, "role: cleaner may give no discount on this debt"),
        ({"by": "eva", "role": "manager", "offer": "m7"}, "offer: there is no offer m7"),
    ],
)
def test_nobody_else_does(kind: str, told: dict[str, Any], words: str) -> None:
    desk = made("proposed")
    refused = desk.ask(kind, **{"offer": "m1", **told})
    assert refused is not None and refused.startswith(words)
    assert desk.states == {"m1": "proposed"}


def test_what_is_declined_stays_so() -> None:
    desk = made("proposed")
    assert desk.ask("decline_settlement", offer="m1", by="eva", role="supervisor") is None
    refused = desk.ask("approve_settlement", offer="m1", by="eva", role="supervisor")
    assert (refused, desk.states) == ("offer: m1 was declined", {"m1": "declined"})


def test_an_authority_is_that_of_the_day_on_which_it_is_used() -> None:
    """In the phase of its proposal a supervisor may approve; before it is done, the phase ends."""
    authority = [{"role": "supervisor", "phases": ["late"], "max_discount": 40}]
    desk = Desk(owing(days=89), authority=authority)
    assert desk.offer("40") is None
    desk.at += 2 * DAY
    refused = desk.ask("approve_settlement", offer="m1", by="eva", role="supervisor")
    assert refused == (
        "role: supervisor may give no discount on this debt (phase pre-legal, day 91): by now "
        "nobody's does"
    )


# --- accepted -------------------------------------------------------------------------------------


def test_it_is_accepted_until_its_last_day_is_over_and_not_after() -> None:
    last = Desk()
    last.offer(expires="2026-11-25")
    last.at = NOON.replace(day=26, hour=4, minute=59)
    assert last.ask("accept_settlement", offer="m1", how="message") is None
    late = Desk()
    late.offer(expires="2026-11-25")
    late.at = NOON.replace(day=26, hour=5)
    refused = late.ask("accept_settlement", offer="m1", how="message")
    assert (refused, late.states) == ("offer: m1 has lapsed", {"m1": "lapsed"})


def test_accepted_again_it_is_what_it_was_the_first_time() -> None:
    desk = made("accepted")
    before = desk.last
    desk.at += DAY
    assert desk.ask("accept_settlement", offer="m1", how="page") is None
    assert desk.last == before
    assert (before.due_on, before.accepted_how) == (date(2026, 12, 3), "call")


@pytest.mark.parametrize("state", ["lapsed", "withdrawn", "unpaid"])
def test_what_is_over_is_not_accepted(state: str) -> None:
    desk = made(state)
    assert desk.ask("accept_settlement", offer="m1", how="page") is not None
    assert desk.states == {"m1": state}


@pytest.mark.parametrize(
    ("balance", "words"),
    [
        ("100000.01", "offer: 100000.01 COP are owed by now, more than the 100000.00 of the offer"),
        ("100000.00", None),
        ("80000.00", None),
        ("79999.99", "offer: only 79999.99 COP are owed by now, less than the 80000.00"),
    ],
)
def test_a_debt_that_has_changed_is_not_settled_by_an_old_offer(
    balance: str, words: str | None
) -> None:
    desk = made()
    desk.ask("account_updated", balance=balance)
    desk.at += SECOND
    refused = desk.ask("accept_settlement", offer="m1", how="page")
    assert refused is None if words is None else (refused or "").startswith(words)


# --- paid -----------------------------------------------------------------------------------------


def test_what_comes_from_its_acceptance_on_pays_it() -> None:
    desk = Desk()
    desk.offer()
    desk.ask("payment_received", amount="10000.00")
    desk.at += SECOND
    desk.ask("accept_settlement", offer="m1", how="call")
    for amount, state in (("79999.99", "accepted"), ("0.01", "paid")):
        desk.at += DAY
        desk.ask("payment_received", amount=amount)
        assert desk.states == {"m1": state}


def test_what_is_not_paid_by_its_day_and_grace_is_unpaid() -> None:
    desk = made("accepted")
    desk.at = NOON.replace(month=12, day=6, hour=4, minute=59)
    assert desk.states == {"m1": "accepted"}
    desk.at += timedelta(minutes=1)
    assert desk.states == {"m1": "unpaid"}


# --- what takes the place of what -----------------------------------------------------------------


def test_a_new_offer_takes_the_place_of_one_that_is_not_accepted() -> None:
    for state in ("proposed", "offered"):
        desk = made(state)
        assert desk.offer("10") is None
        assert set(desk.states.values()) == {"replaced", "offered"}
    desk = made("accepted")
    refused = desk.offer("10")
    assert refused == "offer: m1 is accepted: withdraw it before another is made"


@pytest.mark.parametrize("state", ["proposed", "offered", "accepted"])
def test_a_plan_takes_the_place_of_whatever_offer_stands(state: str) -> None:
    desk = made(state)
    parts = [{"date": f"2026-12-{day}", "amount": "20000.00"} for day in ("01", "20")]
    assert desk.ask("agree_plan", instalments=parts) is None
    assert desk.states == {"m1": "replaced"}


def test_an_offer_leaves_a_plan_and_a_promise_alone_and_accepted_takes_their_place() -> None:
    desk = Desk()
    desk.ask("record_promise", amount="5000.00", date="2026-11-28")
    desk.offer()
    assert [one.state for one in desk.situation.promises] == [PromiseState.OPEN]
    desk.ask("accept_settlement", offer="m2", how="call")
    assert [one.state for one in desk.situation.promises] == [PromiseState.REPLACED]
    desk = Desk()
    parts = [{"date": f"2026-12-{day}", "amount": "20000.00"} for day in ("01", "20")]
    desk.ask("agree_plan", instalments=parts)
    desk.offer()
    assert [one.state for one in desk.situation.plans] == [PlanState.ACTIVE]
    desk.ask("accept_settlement", offer="m2", how="call")
    assert [one.state for one in desk.situation.plans] == [PlanState.CANCELLED]


def test_it_is_withdrawn_by_its_id_or_whichever_stands_also_once_accepted() -> None:
    for state in ("proposed", "offered", "accepted"):
        desk = made(state)
        assert desk.ask("withdraw_settlement", offer="m9") == "offer: there is no offer m9"
        assert desk.ask("withdraw_settlement") is None
        assert desk.states == {"m1": "withdrawn"}
        assert desk.ask("withdraw_settlement") == "offer: none stands"
        assert desk.ask("withdraw_settlement", offer="m1") == "offer: m1 was withdrawn"


@pytest.mark.parametrize("state", ["proposed", "offered"])
def test_where_nothing_is_owed_any_more_an_offer_lapses(state: str) -> None:
    desk = made(state)
    desk.ask("payment_received", amount="100000.00")
    assert desk.states == {"m1": "lapsed"}


@pytest.mark.parametrize(("state", "then"), [("offered", "lapsed"), ("accepted", "lapsed")])
def test_what_is_of_an_earlier_delinquency_lapses(state: str, then: str) -> None:
    desk = made(state)
    desk.ask("close", reason="recalled")
    desk.at += SECOND
    assert desk.states == {"m1": state}
    due = str(desk.situation.account.oldest_due_date + 30 * DAY)
    desk.ask("account_updated", balance="90000.00", oldest_due_date=due)
    assert desk.states == {"m1": then}


def test_what_a_file_left_out_for_a_day_is_still_to_be_paid() -> None:
    desk = made("accepted")
    desk.ask("close", reason="recalled")
    desk.at += 20 * DAY
    assert desk.states == {"m1": "accepted"}
    desk.ask("account_updated", balance="100000.00")
    assert desk.states == {"m1": "unpaid"}


def test_money_that_came_before_it_was_accepted_is_none_of_it_however_late_it_is_told() -> None:
    desk = made("accepted")
    desk.at += DAY
    desk.ask("payment_received", amount="80000.00", paid_at=(NOON - SECOND).isoformat())
    assert desk.states == {"m1": "accepted"}
    desk.ask("payment_received", amount="80000.00", paid_at=NOON.isoformat())
    assert desk.states == {"m1": "paid"}
