"""What is agreed over HTTP, on a real server: the account does what was asked, once by its id."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.client import Client

from store.database import Pool
from tests.integration.api.conftest import Desk, serving
from tests.support.life import Life
from tests.temporal.agreements.test_plans import parts
from tests.temporal.agreements.test_settlements import collected
from workers.accounts import Accounts


@pytest.fixture
async def desk(client: Client, pool: Pool, tmp_path: Path) -> AsyncIterator[Desk]:
    """The API before the real server."""
    async with serving(pool, tmp_path, datetime.now(UTC), Accounts(client)) as made:
        yield made


async def asked(desk: Desk, life: Life, path: str, who: str = "ana", **told: Any) -> httpx.Response:
    """One request for the account."""
    body = {"account": f"bank/{life.account_id}", **told}
    return await desk.post(f"/v1/customers/C1/{path}", who, json=body)


@pytest.mark.usefixtures("settling")
async def test_an_offer_is_approved_by_another_and_never_by_who_made_it(
    desk: Desk, life: Life, pool: Pool
) -> None:
    await collected(life, pool)
    made = await asked(desk, life, "settlements", "ana", id="s1", discount="40")
    assert (made.status_code, made.json()["new"]) == (201, True)
    assert "waits for supervisor (up to 40 %), another person" in made.json()["note"]
    again = await asked(desk, life, "settlements", "ana", id="s1", discount="40")
    assert (again.status_code, again.json()["id"]) == (201, "s1")
    other = await asked(desk, life, "settlements", "ana", id="s1", discount="39")
    assert other.status_code == 409
    assert "this id is on record with another discount" in other.json()["detail"]
    refused = await asked(desk, life, "settlements/approve", "ana", id="a1", offer="s1")
    assert refused.status_code == 403
    approved = await asked(desk, life, "settlements/approve", "sofia", id="a2", offer="s1")
    assert "until" in approved.json()["note"], approved.text
    accepting = {"offer": "s1", "how": "call"}
    assert (await asked(desk, life, "settlements/accept", id="x1", **accepting)).status_code == 201
    twice = await asked(desk, life, "settlements/accept", "luis", id="x2", **accepting)
    assert twice.json()["note"] == "nothing changed: it was so before"
    assert (await life.state())["status"] == "settling"
    await asked(desk, life, "settlements/withdraw", id="w1")
    row = await pool.fetchrow("SELECT state, offered_by, approved_by FROM settlement_offers")
    assert row is not None
    assert tuple(row) == ("withdrawn", "ana", "sofia")


@pytest.mark.usefixtures("settling")
async def test_who_offers_approves_nothing_of_their_own_whatever_their_role(
    desk: Desk, life: Life, pool: Pool
) -> None:
    """A supervisor offers as a supervisor; what is above an agent waits for another supervisor."""
    await collected(life, pool)
    await asked(desk, life, "settlements", "sofia", id="s1", discount="40")
    assert (await life.state())["settlement"]["state"] == "offered", "within their own authority"
    beyond = await asked(desk, life, "settlements", "sofia", id="s2", discount="50")
    assert beyond.status_code == 409
    assert "nobody has authority over 50.00 %" in beyond.json()["detail"]
    await asked(desk, life, "settlements", "ana", id="s3", discount="40")
    declined = await asked(desk, life, "settlements/decline", "sofia", id="d1", offer="s3")
    assert declined.status_code == 201
    late = await asked(desk, life, "settlements/approve", "sofia", id="a1", offer="s3")
    assert (late.status_code, late.json()["detail"]) == (409, "offer: s3 was declined")


@pytest.mark.usefixtures("working")
async def test_disputes_hardships_and_promises_are_the_accounts(
    desk: Desk, life: Life, pool: Pool
) -> None:
    await collected(life, pool)
    done = await asked(desk, life, "promises", id="p1", parts=parts(3, 6))
    assert done.status_code == 201, done.text
    row = await pool.fetchrow("SELECT amount, recorded_by, parts FROM promises")
    assert row is not None
    assert (row["amount"], row["recorded_by"], len(row["parts"])) == (100_000, "ana", 2)
    assert (await asked(desk, life, "hardships", id="h1", reason="job_loss")).status_code == 201
    assert (await asked(desk, life, "disputes", id="d1", reason="amount")).status_code == 201
    assert (await life.state())["status"] == "disputed"
    second = await asked(desk, life, "disputes", id="d2")
    assert second.status_code == 409, second.text
    assert (await asked(desk, life, "disputes/resolve", id="r1", outcome="against")).is_success
    assert (await asked(desk, life, "hardships/end", id="h2")).is_success
    states = "SELECT d.state, h.state FROM disputes d, hardships h"
    assert tuple(await pool.fetchrow(states) or ()) == ("resolved_against", "ended")


@pytest.mark.usefixtures("working")
async def test_an_account_without_a_workflow_is_a_conflict(
    desk: Desk, life: Life, pool: Pool
) -> None:
    await collected(life, pool)
    await life.handle.terminate("gone")
    answer = await asked(desk, life, "hardships", id="h1")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:contrapunto:problem:conflict")
    assert "has no running workflow" in answer.json()["detail"]
