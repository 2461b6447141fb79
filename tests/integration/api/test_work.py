"""The queue over HTTP: as the commands have it, one holder at a time, nothing done twice."""

import asyncio
import logging
from collections import Counter
from datetime import timedelta

import httpx
import pytest

from domain.conversation.work_words import WorkReason
from tests.integration.api.conftest import Desk
from tests.support.rows import add_account, add_customer
from workers.api.app import tell_left
from workers.cli.work_items.items import as_dict

HOUR = timedelta(hours=1)


def instants(told: dict[str, object]) -> dict[str, object]:
    """Instants as both ways of writing have them."""
    return {k: v.replace("+00:00", "Z") if isinstance(v, str) else v for k, v in told.items()}


async def test_the_list_is_what_the_command_lists(desk: Desk) -> None:
    items = await desk.work(WorkReason.DISPUTE, WorkReason.CRISIS, WorkReason.BALANCE)
    answer = await desk.get("/v1/work-items")
    assert answer.status_code == 200
    told = answer.json()
    assert told["next"] is None
    assert [one["reason"] for one in told["items"]] == ["crisis", "dispute", "balance"]
    for one, item in zip(told["items"], items, strict=True):
        assert one == instants(as_dict(item, desk.now)) | {
            "words": None,
            "temporal_ui": [],
            "messages": list(item.messages),
        }


async def test_pages_hold_everything_once_in_the_order_of_urgency(desk: Desk) -> None:
    for number in range(7):
        await add_customer(desk.pool, f"P{number}", points=())
        await desk.work(WorkReason.BALANCE, WorkReason.CRISIS, customer=f"P{number}")
    whole = (await desk.get("/v1/work-items")).json()["items"]
    await desk.post(f"/v1/work-items/{whole[3]['work_id']}/done", json={"outcome": "handled"})
    whole = (await desk.get("/v1/work-items", params={"done": "true"})).json()["items"]
    assert (len(whole), whole[-1]["done_by"]) == (14, "ana")
    found, cursor = [], None
    while True:
        query = {"limit": "3", "done": "true"} | ({"cursor": cursor} if cursor else {})
        page = (await desk.get("/v1/work-items", params=query)).json()
        assert len(page["items"]) <= 3
        found += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert found == whole
    assert [one["priority"] for one in found[:-1]] == [1] * 6 + [4] * 7


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, {"C1/dispute", "C1/balance", "C2/dispute"}),
        ({"reason": "dispute"}, {"C1/dispute", "C2/dispute"}),
        ({"customer": "C1"}, {"C1/dispute", "C1/balance"}),
        ({"customer": "C9"}, set()),
        ({"creditor": "garage"}, {"C2/dispute"}),
        ({"creditor": "bank"}, {"C1/dispute", "C1/balance", "C2/dispute"}),
        ({"creditor": "nobody"}, set()),
        ({"claimed_by": "luis"}, {"C1/balance"}),
        ({"claimed_by": "ana"}, set()),
        ({"customer": "C1", "reason": "dispute", "creditor": "bank"}, {"C1/dispute"}),
    ],
)
async def test_each_filter_leaves_what_it_says(
    desk: Desk, query: dict[str, str], expected: set[str]
) -> None:
    items = await desk.work(WorkReason.DISPUTE, WorkReason.BALANCE)
    await desk.work(WorkReason.DISPUTE, customer="C2", message="twilio/S2")
    await desk.post(f"/v1/work-items/{items[-1].work_id}/claim", "luis")
    found = (await desk.get("/v1/work-items", params=query)).json()["items"]
    assert {f"{one['customer_id']}/{one['reason']}" for one in found} == expected


async def test_a_claim_whose_time_is_over_is_nobodys(desk: Desk) -> None:
    [item] = await desk.work(WorkReason.DISPUTE)
    await desk.post(f"/v1/work-items/{item.work_id}/claim", "luis")
    await desk.pool.execute("UPDATE work_items SET claim_ends = $1", desk.now - HOUR)
    assert (await desk.get("/v1/work-items", params={"claimed_by": "luis"})).json()["items"] == []
    answer = await desk.post(f"/v1/work-items/{item.work_id}/claim", "ana", json={"hours": 2})
    assert (answer.status_code, answer.json()["holder"]) == (200, "ana")


async def test_of_twenty_who_claim_at_once_one_has_it_and_the_others_are_told_whose_it_is(
    desk: Desk,
) -> None:
    [item] = await desk.work(WorkReason.HARDSHIP)
    who = ["ana", "luis", "sofia", "bea"] * 5
    found = await asyncio.gather(
        *(desk.post(f"/v1/work-items/{item.work_id}/claim", name) for name in who)
    )
    winners = {one.json()["holder"] for one in found if one.status_code == 200}
    assert len(winners) == 1
    [winner] = winners
    for name, one in zip(who, found, strict=True):
        # Whoever has it may take it again.
        assert one.status_code == (200 if name == winner else 409)
        if name != winner:
            assert f"is {winner}'s until" in one.json()["detail"]


async def test_ten_who_ask_for_the_next_at_once_have_ten_different_ones(desk: Desk) -> None:
    for number in range(12):
        await add_customer(desk.pool, f"P{number}", points=())
        await desk.work(WorkReason.BALANCE, customer=f"P{number}")
    await desk.work(WorkReason.CRISIS)
    found = await asyncio.gather(*(desk.post("/v1/work-items/next") for _ in range(10)))
    assert [one.status_code for one in found] == [200] * 10
    numbers = Counter(one.json()["work_id"] for one in found)
    assert len(numbers) == 10
    assert "crisis" in {one.json()["reason"] for one in found}
    held = (await desk.get("/v1/work-items", params={"claimed_by": "ana"})).json()["items"]
    assert {one["work_id"] for one in held} == set(numbers)


async def test_the_next_is_the_most_urgent_that_is_free_and_wanted(desk: Desk) -> None:
    await desk.work(WorkReason.BALANCE, WorkReason.CRISIS)
    await desk.work(WorkReason.DISPUTE, customer="C2", message="twilio/S2")

    async def next_(who: str = "ana", **wanted: object) -> object:
        answer = await desk.post("/v1/work-items/next", who, json=wanted)
        return answer.json()["reason"] if answer.status_code == 200 else answer.status_code

    assert await next_(reason="dispute", creditor="nobody") == 204
    assert await next_(creditor="garage") == "dispute"
    assert await next_() == "crisis"
    assert await next_("luis") == "balance"
    assert await next_("luis") == 204


async def test_who_has_not_claimed_gives_nothing_back_and_a_supervisor_gives_back_what_others_have(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    [item] = await desk.work(WorkReason.DISPUTE)
    there = f"/v1/work-items/{item.work_id}"
    assert (await desk.post(f"{there}/release")).status_code == 409
    await desk.post(f"{there}/claim", "luis")
    assert (await desk.post(f"{there}/release", "ana")).status_code == 403
    with caplog.at_level(logging.INFO):
        answer = await desk.post(f"{there}/release", "sofia")
    assert (answer.status_code, answer.json()["holder"]) == (200, None)
    assert f"sofia gives work {item.work_id} back, which was luis's" in caplog.text
    await desk.post(f"{there}/claim", "luis", json={"hours": 0.1})
    assert (await desk.post(f"{there}/release", "luis")).json()["holder"] is None


async def test_what_is_done_goes_on_file_and_says_what_it_changes_as_the_command_does(
    desk: Desk,
) -> None:
    await desk.says("no debo nada, es mentira")
    [item] = (await desk.get("/v1/work-items")).json()["items"]
    there = f"/v1/work-items/{item['work_id']}/done"
    answer = await desk.post(there, json={"outcome": "dispute", "note": "asks for the contract"})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["recorded"], told["plan_anew"]) == ("dispute", 1)
    changes = [(one["what"], one["accounts"]) for one in told["changes"]]
    assert len(changes) == 2, "the law's, and the dispute that a person resolves"
    assert all(what and accounts == ["bank/A1"] for what, accounts in changes)
    assert any("dispute" in what for what, _ in changes)
    row = await desk.pool.fetchrow(
        "SELECT customer_id, kind, detail FROM law_events WHERE event_id LIKE 'file:work:%'"
    )
    assert row is not None
    assert (row["customer_id"], row["kind"]) == ("C1", "dispute")
    assert desk.accounts.told == [("account/bank/A1", f"event:work:{item['work_id']}")]
    kept = (await desk.get(f"/v1/work-items/{item['work_id']}")).json()
    assert (kept["outcome"], kept["done_by"], kept["note"]) == (
        *("dispute", "ana", "asks for the contract"),
    )


async def test_the_same_outcome_by_the_same_person_again_is_answered_the_same(desk: Desk) -> None:
    await desk.says("no debo nada, es mentira")
    [item] = (await desk.get("/v1/work-items")).json()["items"]
    there = f"/v1/work-items/{item['work_id']}/done"
    first, second = await asyncio.gather(
        *(desk.post(there, json={"outcome": "dispute"}) for _ in range(2))
    )
    again = await desk.post(there, json={"outcome": "dispute"})
    assert {one.status_code for one in (first, second, again)} == {200}
    assert first.json() == second.json() == again.json()
    assert again.json()["changes"]
    on_file = "SELECT count(*) FROM law_events WHERE kind = 'dispute'"
    assert await desk.pool.fetchval(on_file) == 1


@pytest.mark.parametrize(
    ("who", "outcome"), [("luis", "dispute"), ("ana", "handled"), ("sofia", "handled")]
)
async def test_another_outcome_or_another_person_is_told_what_was_done(
    desk: Desk, who: str, outcome: str
) -> None:
    [item] = await desk.work(WorkReason.DISPUTE)
    there = f"/v1/work-items/{item.work_id}"
    await desk.post(f"{there}/done", "ana", json={"outcome": "dispute"})
    answer = await desk.post(f"{there}/done", who, json={"outcome": outcome})
    assert answer.status_code == 409
    assert "is done: ana said dispute" in answer.json()["detail"]
    assert (await desk.post(f"{there}/claim", who)).status_code == 409


async def test_what_another_has_cannot_be_done(desk: Desk) -> None:
    [item] = await desk.work(WorkReason.DISPUTE)
    await desk.post(f"/v1/work-items/{item.work_id}/claim", "luis")
    answer = await desk.post(f"/v1/work-items/{item.work_id}/done", json={"outcome": "handled"})
    assert answer.status_code == 409
    assert "is luis's until" in answer.json()["detail"]


async def test_which_address_is_wrong_nobody_can_say_of_what_came_by_no_message(
    desk: Desk,
) -> None:
    [item] = await desk.work(WorkReason.PREFERENCE, message=None)
    there = f"/v1/work-items/{item.work_id}/done"
    answer = await desk.post(there, json={"outcome": "wrong_number"})
    assert (answer.status_code, "came by no message" in answer.text) == (409, True)


async def test_while_temporal_is_away_nothing_is_done_and_the_same_request_does_it_later(
    desk: Desk,
) -> None:
    [item] = await desk.work(WorkReason.DISPUTE)
    there = f"/v1/work-items/{item.work_id}/done"
    desk.accounts.down = True
    answer = await desk.post(there, json={"outcome": "dispute"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert await desk.pool.fetchval("SELECT count(*) FROM work_items WHERE done_at IS NULL") == 1
    desk.accounts.down = False
    assert (await desk.post(there, json={"outcome": "dispute"})).status_code == 200


async def test_what_is_on_record_before_temporal_goes_away_is_told_later_whoever_asks(
    desk: Desk,
) -> None:
    await add_account(desk.pool, "B1", creditor="garage", due=desk.now.date() - timedelta(days=5))
    [item] = await desk.work(WorkReason.DISPUTE)
    there = f"/v1/work-items/{item.work_id}/done"
    desk.accounts.deaf = {"account/garage/B1"}
    answer = await desk.post(there, json={"outcome": "dispute"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    left = "SELECT account FROM untold ORDER BY 1"
    assert [row["account"] for row in await desk.pool.fetch(left)] == ["bank/A1", "garage/B1"]
    desk.accounts.deaf = set()
    desk.accounts.told.clear()
    assert await tell_left(desk.pool, desk.accounts, after=-1) == 2
    assert {workflow for workflow, _ in desk.accounts.told} == {
        *("account/bank/A1", "account/garage/B1")
    }
    assert await desk.pool.fetch(left) == []
    again = await desk.post(there, json={"outcome": "dispute"})
    assert (again.status_code, again.json()["plan_anew"]) == (200, 2)


async def test_one_workflow_that_takes_no_news_keeps_none_from_the_others(desk: Desk) -> None:
    from domain.failures import Unavailable

    for account in ("bank/A1", "bank/A2", "garage/G2"):
        await desk.pool.execute("INSERT INTO untold VALUES ('work:7', $1)", account)
    desk.accounts.deaf = {"account/bank/A1"}
    with pytest.raises(Unavailable):
        await tell_left(desk.pool, desk.accounts, after=-1)
    rows = await desk.pool.fetch("SELECT account FROM untold")
    assert [row["account"] for row in rows] == ["bank/A1"]


async def test_words_are_shown_where_they_are_asked_for_and_each_look_is_logged(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    await desk.says("no debo nada, es mentira")
    [item] = (await desk.get("/v1/work-items")).json()["items"]
    there = f"/v1/work-items/{item['work_id']}"
    with caplog.at_level(logging.INFO):
        without = await desk.get(there, "eva")
        assert "looked at" not in caplog.text
        answer = await desk.get(there, "eva", params={"words": "true"})
    assert (without.json()["words"], "mentira" in without.text) == (None, False)
    [words] = answer.json()["words"]
    assert (words["id"], words["text"]) == ("twilio/S1", "no debo nada, es mentira")
    assert f"eva looked at work {item['work_id']} of customer C1" in caplog.text
    assert "mentira" not in caplog.text


async def test_an_item_that_is_not_there_is_not_found(desk: Desk) -> None:
    for method, end in (("GET", ""), ("POST", "/claim"), ("POST", "/release")):
        answer: httpx.Response = await desk.ask(method, f"/v1/work-items/999{end}")
        assert (answer.status_code, answer.json()["status"]) == (404, 404)
