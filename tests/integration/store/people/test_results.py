"""What came of a call acts: on file, a promise, a callback, a person who is asked."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from activities.dependencies import Dependencies
from domain.contacts.results import ASKED, FACTS, Needs
from domain.failures import BadInput
from domain.law.terms import EventKind
from store.conversation.work import WorkItem, WorkItems
from store.database import Pool
from tests.integration.store.people.support import (
    CALLED,
    HERS,
    HOUR,
    MOBILE,
    RESULTS,
    Desk,
    mid_morning,
)
from tests.support.activities import Actor
from tests.support.rows import add_account, add_customer
from workers.contacts.acting import Forbidden

pytestmark = pytest.mark.usefixtures("known")
ACTS = {code: one for code, one in RESULTS.results.items() if one.fact or one.asks}


@pytest.fixture
async def known(pool: Pool) -> None:
    await add_customer(pool, points=HERS, preferred="sms")
    await add_account(pool, due=mid_morning().date() - timedelta(days=10))


@pytest.fixture
def desk(pool: Pool) -> Desk:
    return Desk(pool, mid_morning())


async def items(pool: Pool) -> list[WorkItem]:
    return await WorkItems(pool).listed("C1", None, 9, done=False)


async def on_file(pool: Pool) -> list[dict[str, Any]]:
    ask = "SELECT * FROM law_events WHERE event_id NOT LIKE 'opt_in:%' ORDER BY event_id"
    return [dict(row) for row in await pool.fetch(ask)]


@pytest.mark.parametrize("code", ACTS)
async def test_a_result_goes_on_file_or_asks_a_person_once(
    pool: Pool, desk: Desk, code: str
) -> None:
    result = ACTS[code]
    await desk.begin()
    done = await desk.end(code)
    assert not (await desk.end(code)).new
    kinds = [row["kind"] for row in await on_file(pool)]
    assert kinds == ([result.fact] if result.fact else [])
    assert [one.reason for one in await items(pool)] == ([result.asks] if result.asks else [])
    assert done.follows


def test_the_shipped_codes_can_bring_about_all_that_a_code_can() -> None:
    results = RESULTS.results.values()
    assert {one.fact for one in results if one.fact} == FACTS
    assert ASKED - {one.asks for one in results if one.asks} == {
        "wrong_person",
        "balance",
        "wants_person",
    }
    assert {one.needs for one in results if one.needs} == set(Needs)


async def test_a_wrong_number_is_called_no_more_by_anybody_by_any_channel(
    pool: Pool, desk: Desk, dependencies: Dependencies
) -> None:
    await desk.begin()
    await desk.end("wrong_number")
    [event] = await on_file(pool)
    assert (event["kind"], event["detail"]["contact_point_id"]) == (EventKind.WRONG_NUMBER, CALLED)
    step = await Actor(dependencies).planned(desk.now + HOUR)
    assert (step.kind, step.why) == ("wait", "no_channel")  # the text message went there, too
    desk.clock.at += timedelta(days=20)
    with pytest.raises(Forbidden, match="whoever has this address said stop"):
        await desk.begin("c2")


async def test_a_number_on_no_record_cannot_be_a_wrong_one(pool: Pool, desk: Desk) -> None:
    at = desk.now - HOUR
    with pytest.raises(BadInput, match="say which contact point"):
        await desk.record("wrong_number", at, point=None, address="+573005550000")
    assert await pool.fetchval("SELECT count(*) FROM manual_contacts") == 0


async def test_a_dispute_told_on_the_telephone_is_none_in_writing(pool: Pool, desk: Desk) -> None:
    await desk.record("dispute", desk.now - HOUR)
    [event] = await on_file(pool)
    assert event["detail"]["in_writing"] is False
    assert (event["at"], event["recorded_by"]) == (desk.now - HOUR, "contrapunto events")


async def test_a_promise_comes_by_the_door_of_all_promises_under_one_id(desk: Desk) -> None:
    await desk.begin()
    said = {"promise_amount": "150000", "promise_date": (desk.now + 72 * HOUR).date().isoformat()}
    done = await desk.end("promise", **said)
    assert f"150000.00 promised for {said['promise_date']}" in done.follows
    again = await desk.end("promise", **said)
    assert not again.new
    first, second = desk.accounts.asked
    assert first == second
    assert (first["workflow"], first["update"]) == ("account/bank/A1", "record_promise")
    assert first["id"] == f"contact:c1:150000:{said['promise_date']}"


async def test_a_promise_that_is_refused_leaves_the_call_and_may_be_told_otherwise(
    pool: Pool,
) -> None:
    desk = Desk(pool, mid_morning(), refuses="amount: must not be more than is owed")
    await desk.begin()
    day = (desk.now + 72 * HOUR).date().isoformat()
    with pytest.raises(BadInput, match="c1 is on record, its promise is not: amount: must not"):
        await desk.end("promise", promise_amount="900000", promise_date=day)
    with pytest.raises(BadInput, match="its promise is not"):
        await desk.end("promise", promise_amount="90000", promise_date=day)
    assert [one["amount"] for one in desk.accounts.asked] == ["900000.00", "90000.00"]
    insert = "INSERT INTO promises (creditor, account_id, promise_id, amount, due_on, made_at)"
    name = desk.accounts.asked[-1]["id"]
    values = (name, mid_morning().date(), desk.now)
    await pool.execute(f"{insert} VALUES ('bank', 'A1', $1, 90000, $2, $3)", *values)
    with pytest.raises(BadInput, match="c1 ended as promise"):
        await desk.end("promise", promise_amount="80000", promise_date=day)


async def test_a_promise_of_several_dates_is_told_with_its_parts(pool: Pool, desk: Desk) -> None:
    await desk.begin()
    days = [(desk.now + ahead * 24 * HOUR).date() for ahead in (3, 9)]
    parts = [{"amount": "20000", "date": str(one)} for one in days]
    done = await desk.end("promise", promise_parts=parts)
    first = f"20000 promised for {days[0]}"
    assert done.follows[-1] == f"{first}, 20000 promised for {days[1]}"
    assert not (await desk.end("promise", promise_parts=parts)).new
    one, again = desk.accounts.asked
    assert one == again and one["parts"] == parts
    assert [one.due_on for one in done.contact.promised] == days
    assert done.contact.promised_amount == Decimal(40_000)
    # Refused, it may be told otherwise, and is then another promise.
    parts[1]["date"] = str((desk.now + 10 * 24 * HOUR).date())
    await desk.end("promise", promise_parts=parts)
    assert desk.accounts.asked[-1]["id"] != one["id"]


SAID = [
    (
        {"result": "promise", "promise_amount": "5", "promise_parts": [{"amount": "5"}]},
        "promise: parts.0.date",
    ),
    (
        {
            "result": "promise",
            "promise_amount": "5",
            "promise_parts": [{"amount": "5", "date": "2027-01-01"}],
        },
        "promise: parts: lists all of it, so amount must not be given beside it",
    ),
    ({"result": "refused", "promise_parts": [{"amount": "5"}]}, "refused is none"),
    ({"result": "promise"}, "promise needs its amount and its day"),
    ({"result": "promise", "promise_amount": "5"}, "promise needs its amount and its day"),
    (
        {"result": "promise", "promise_amount": "-5", "promise_date": "2027-01-01"},
        "promise: amount",
    ),
    (
        {"result": "promise", "promise_amount": "5\0", "promise_date": "2027-01-01"},
        "promise: amount",
    ),
    ({"result": "promise", "promise_amount": "5", "promise_date": "soon"}, "promise: date"),
    ({"result": "refused", "promise_amount": "5"}, "refused is none"),
    ({"result": "callback"}, "callback_at: says when to call, and callback needs it"),
    ({"result": "delivered"}, "result: of call it is one of conversation, "),
    ({"result": "nonsense\0"}, "result: of call it is one of"),
]


@pytest.mark.parametrize(("said", "rule"), SAID)
async def test_a_result_without_what_it_needs_is_none(
    pool: Pool, desk: Desk, said: dict[str, Any], rule: str
) -> None:
    await desk.begin()
    with pytest.raises(BadInput, match=rule):
        await desk.end(**said)
    assert await pool.fetchval("SELECT state FROM manual_contacts") == "begun"


async def test_words_of_a_note_are_kept_whatever_they_are(pool: Pool, desk: Desk) -> None:
    await desk.begin()
    await desk.end("hung_up", note="asks\0 for\nLuis \ud800")
    assert (
        await pool.fetchval("SELECT note FROM manual_contacts") == "asks\\u0000 for\nLuis \\ud800"
    )


async def test_who_asks_to_be_called_is_left_in_peace_until_then_and_a_person_is_asked(
    pool: Pool, desk: Desk, dependencies: Dependencies
) -> None:
    await desk.begin()
    wanted = desk.now + timedelta(days=1, hours=2)
    done = await desk.end("callback", callback_at=wanted)
    [item] = await items(pool)
    assert (item.reason, item.messages) == ("callback", ("contact/c1",))
    # Of the one contact a week that Colombia's law leaves, this was it.
    assert item.due_at > wanted
    assert any("the first lawful time after" in one for one in done.follows)
    step = await Actor(dependencies).planned(desk.now + HOUR)
    assert (step.why, step.not_before > item.due_at) == ("callback", True)
    assert f"(work {item.work_id})" in step.summary
    desk.clock.at = item.due_at
    await desk.begin("c2")
    await desk.end("conversation", "c2")
    assert await items(pool) == []


async def test_a_later_wish_to_be_called_moves_the_one_item(pool: Pool, desk: Desk) -> None:
    for number, days in enumerate((3, 2), 1):
        at = desk.now - number * HOUR
        wanted = desk.now + timedelta(days=days)
        await desk.record("third_party_callback", at, f"c{number}", came={"callback_at": wanted})
    [item] = await items(pool)
    assert item.messages == ("contact/c1", "contact/c2")
    at = desk.now - HOUR
    with pytest.raises(BadInput, match="callback_at: must be ahead"):
        await desk.record("callback", at, "c3", came={"callback_at": desk.now})


async def test_a_call_by_the_customer_is_a_conversation_and_rests_the_account(
    desk: Desk, dependencies: Dependencies
) -> None:
    await desk.record(
        *("conversation", desk.now - HOUR),
        action="inbound_call",
        point=None,
        address=MOBILE,
    )
    step = await Actor(dependencies).planned(desk.now)
    assert step.why == "reply"
    assert "The customer called; a person's turn" in step.summary
