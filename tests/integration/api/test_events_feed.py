"""The feed: whose token it is sees its creditors' events, in order, each once."""

from datetime import date, timedelta
from typing import Any

import pytest

from store.outgoing.stream import Stream
from tests.integration.api.conftest import Desk, token
from tests.integration.outgoing.conftest import promise
from tests.support.rows import add_account


def as_whom(name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(name)}"}


async def ask(desk: Desk, who: str = "hub", **query: str | int) -> dict[str, Any]:
    answer = await desk.client.get("/v1/events", params=query, headers=as_whom(who))
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


@pytest.fixture
async def told(desk: Desk) -> Desk:
    """Five promises of the bank's and of the garage's accounts, in turn."""
    stream = Stream(desk.pool)
    for creditor in ("bank", "garage"):
        await add_account(desk.pool, "F1", creditor=creditor, due=date(2026, 11, 1))
    await stream.note_for(["*"])
    for number in range(5):
        for creditor in ("bank", "garage"):
            await promise(desk.pool, f"p{number}", "F1", creditor)
    await stream.number([])
    return desk


async def test_pages_go_on_where_the_last_ended_and_miss_nothing(told: Desk) -> None:
    seen, after, more = [], "0", True
    while more:
        page = await ask(told, after=after, limit=3)
        seen += [(one["creditor"], one["data"]["promise"]) for one in page["items"]]
        after, more = page["next"], page["more"]
    assert seen == [(of, f"p{n}") for n in range(5) for of in ("bank", "garage")]
    assert await ask(told, after=after) == {"items": [], "next": after, "more": False}
    await promise(told.pool, "late", "F1", "bank")
    await Stream(told.pool).number([])
    [late] = (await ask(told, after=after))["items"]
    assert late["data"] == {
        "promise": "late",
        "amount": "50.00",
        "due_on": "2026-12-01",
        "parts": None,
    }


async def test_a_token_sees_events_of_its_own_creditors_alone(told: Desk) -> None:
    for who, creditor in (("core", "bank"), ("workshop", "garage")):
        found = (await ask(told, who, limit=3))["items"]
        assert {one["creditor"] for one in found} == {creditor}
        other = "garage" if creditor == "bank" else "bank"
        assert (await ask(told, who, creditor=other))["items"] == []
    assert len((await ask(told, creditor="garage"))["items"]) == 5


async def test_types_are_chosen_by_pattern(told: Desk) -> None:
    assert len((await ask(told, types="promise.*"))["items"]) == 10
    assert (await ask(told, types="contact.*,plan.kept"))["items"] == []


@pytest.mark.parametrize(
    "query",
    [
        "after=-1",
        "after=1e3",
        "after=" + "9" * 19,
        "limit=0",
        "limit=1001",
        "types=nothing.*",
        "x=1",
    ],
)
async def test_what_cannot_be_asked_is_refused(told: Desk, query: str) -> None:
    answer = await told.client.get(f"/v1/events?{query}", headers=as_whom("hub"))
    assert answer.status_code == 422


async def test_a_cursor_whose_events_are_gone_is_refused_and_not_passed_over(told: Desk) -> None:
    await told.pool.execute(
        "UPDATE events SET recorded_at = now() - interval '40 days' WHERE position <= 4"
    )
    await Stream(told.pool).forget(timedelta(days=30))
    for after in ("3", "11"):
        answer = await told.client.get(f"/v1/events?after={after}", headers=as_whom("hub"))
        assert answer.status_code == 410
        assert answer.json()["type"] == "urn:contrapunto:problem:gone"
    assert len((await ask(told))["items"]) == 6
    assert len((await ask(told, after="4"))["items"]) == 6


async def test_nobody_reads_it_without_a_token(told: Desk) -> None:
    assert (await told.client.get("/v1/events")).status_code == 401
