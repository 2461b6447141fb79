"""Orders in bulk over HTTP: by a right of their own, within the creditors of a token."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.integration.api.conftest import Desk
from tests.support.rows import add_account, add_customer

HOLD = {"kind": "hold", "creditor": "bank", "reason": "flood"}


@pytest.fixture
async def three(desk: Desk) -> Desk:
    """Two accounts with the bank, one with the garage."""
    due = desk.now.date() - timedelta(days=10)
    await desk.pool.execute("TRUNCATE accounts, customers CASCADE")
    await add_customer(desk.pool)
    await add_customer(desk.pool, "C2", country="MX", zones=("America/Mexico_City",))
    await add_account(desk.pool, "A1", due=due)
    await add_account(desk.pool, "A2", "C2", due=due)
    await add_account(desk.pool, "G1", "C2", creditor="garage", due=due)
    return desk


async def post(desk: Desk, path: str, body: dict[str, Any], who: str = "boss") -> Any:
    # Escaped, so that it can hold what no text may.
    return await desk.ask(
        "POST",
        f"/v1/bulk-orders{path}",
        who,
        content=json.dumps(body),
        headers={"Content-Type": "application/json"},
    )


async def test_an_order_is_planned_given_seen_and_lifted(three: Desk) -> None:
    planned = await post(three, "/plan", {"kind": "hold", "creditor": "bank"})
    assert planned.status_code == 200
    told = planned.json()
    assert (told["accounts"], told["customers"], told["seconds"]) == (2, 2, 1)
    assert [one["country"] for one in told["places"]] == ["CO", "MX"]
    assert (await three.pool.fetchval("SELECT count(*) FROM bulk_orders")) == 0

    given = await post(three, "", HOLD)
    assert given.status_code == 201
    order = given.json()
    assert (order["state"], order["ordered_by"], order["accounts"]) == ("stands", "boss", 2)
    assert order["told"] == {"of": "start", "total": 2, "told": 0, "not_running": 0, "done": False}
    again = await post(three, "", HOLD)
    assert again.status_code == 409
    assert "says the same and stands" in again.json()["detail"]

    listed = await three.get("/v1/bulk-orders", "boss")
    assert [one["order_id"] for one in listed.json()["items"]] == [order["order_id"]]
    lifted = await post(three, f"/{order['order_id']}/lift", {"reason": "dry"})
    assert lifted.status_code == 200
    assert (lifted.json()["state"], lifted.json()["lifted_why"]) == ("lifted", "dry")
    twice = await post(three, f"/{order['order_id']}/lift", {"reason": "dry"})
    assert twice.status_code == 409


async def test_the_same_request_under_its_key_gives_one_order(three: Desk) -> None:
    answers = [
        await three.ask(
            "POST", "/v1/bulk-orders", "boss", json=HOLD, headers={"Idempotency-Key": "k1"}
        )
        for _ in range(2)
    ]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert (await three.pool.fetchval("SELECT count(*) FROM bulk_orders")) == 1


@pytest.mark.parametrize("who", ["sofia", "bea", "core", "watch", "eva", "otto"])
async def test_who_has_not_the_right_neither_gives_nor_sees_orders(three: Desk, who: str) -> None:
    assert (await post(three, "", HOLD, who)).status_code == 403
    assert (
        await post(three, "/plan", {"kind": "hold", "creditor": "bank"}, who)
    ).status_code == 403
    assert (await three.get("/v1/bulk-orders", who)).status_code == 403


@pytest.mark.parametrize(
    "scope",
    [{"creditor": "garage"}, {"countries": ["CO"]}, {"everything": True}],
    ids=["another", "a country of all", "everything"],
)
async def test_a_token_of_one_creditor_gives_orders_of_that_alone(
    three: Desk, scope: dict[str, Any]
) -> None:
    body = {"kind": "cease", "reason": "why", "accounts": 3, **scope}
    assert (await post(three, "", body)).status_code == 403
    assert (await three.pool.fetchval("SELECT count(*) FROM bulk_orders")) == 0
    assert (await post(three, "", body, "chief")).status_code == 201


async def test_everything_is_confirmed_by_how_many_that_is(three: Desk) -> None:
    body = {"kind": "cease", "reason": "why", "everything": True}
    for said in ({}, {"accounts": 2}):
        refused = await post(three, "", {**body, **said}, "chief")
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["field"] == "accounts"
    assert (await post(three, "", {**body, "accounts": 3}, "chief")).status_code == 201


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no scope": ({"kind": "hold", "reason": "r"}, "everything"),
    "two scopes": ({**HOLD, "everything": True}, "everything"),
    "a blank reason": ({**HOLD, "reason": " "}, "reason"),
    "a long reason": ({**HOLD, "reason": "x" * 121}, "reason"),
    "a country that is none": ({**HOLD, "countries": ["Colombia"]}, "countries.0"),
    "a region that is none": ({**HOLD, "regions": ["DC"]}, "regions.0"),
    "an attribute that is none": ({**HOLD, "attributes": {"huge": "yes"}}, "attributes.huge"),
    "an end of a cease": ({**HOLD, "kind": "cease", "until": "2099-01-01T00:00:00Z"}, "until"),
    "an end that is over": ({**HOLD, "until": "2020-01-01T00:00:00Z"}, "until"),
    "an end before the start": (
        {**HOLD, "starts_at": "2099-01-02T00:00:00Z", "until": "2099-01-01T00:00:00Z"},
        "until",
    ),
    "a start before all calendars": (
        {**HOLD, "starts_at": "0001-01-01T00:00:00+05:00"},
        "starts_at",
    ),
    "an end after all calendars": ({**HOLD, "until": "9999-12-31T23:00:00-05:00"}, "until"),
    "half a letter": ({**HOLD, "segments": ["\ud800"]}, "segments.0"),
    "an attribute of half a letter": ({**HOLD, "attributes": {"\ud800": "x"}}, "attributes"),
    "nobody": ({**HOLD, "segments": ["none"]}, "accounts"),
    "a kind that is none": ({**HOLD, "kind": "stop"}, "kind"),
    "a rate of none": ({**HOLD, "rate": 0}, "rate"),
}


@pytest.mark.parametrize("what", WRONG)
async def test_what_is_wrong_is_told_by_its_field_and_gives_no_order(
    three: Desk, what: str
) -> None:
    body, field = WRONG[what]
    answer = await post(three, "", body)
    assert answer.status_code == (403 if what == "no scope" else 422), answer.text
    if what != "no scope":
        assert answer.json()["errors"][0]["field"].startswith(field), answer.text
    assert (await three.pool.fetchval("SELECT count(*) FROM bulk_orders")) == 0


async def test_an_order_that_is_not_there_is_not_found(three: Desk) -> None:
    for order in ("7", "x", "9" * 30):
        assert (await three.get(f"/v1/bulk-orders/{order}", "boss")).status_code == 404
        answer = await post(three, f"/{order}/lift", {"reason": "r"})
        assert answer.status_code == 404
