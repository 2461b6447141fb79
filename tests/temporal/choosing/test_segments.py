"""A running account by its segment: a changed fact moves it, and Temporal shows it."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from temporalio.client import Client

from activities.dependencies import Dependencies
from domain.segments.attributes import Attributes
from domain.segments.book import read_book
from lab.builders.parts import STRICT
from store.database import Pool
from tests.support.life import Life, days_ago
from tests.support.rows import add_customer
from workers.worker import running
from workflows import visibility

ATTRIBUTES = Attributes.model_validate({"attributes": {"vip": "yes_no"}})
SEGMENTS = {
    "segments": [{"name": "vips", "when": {"attr_vip": True}, "strategy": "gentle"}],
    "default": "default",
}


@pytest.fixture
async def choosing(client: Client, rooms: Dependencies) -> AsyncIterator[None]:
    """Workers with segments, and a second strategy whose phases have other names."""
    own = rooms.strategies["default"]
    phases = [one.model_copy(update={"name": f"gentle-{one.name}"}) for one in own.phases]
    gentle = own.model_copy(update={"id": "gentle", "phases": tuple(phases)})
    strategies = {"default": own, "gentle": gentle}
    book, _ = read_book(SEGMENTS, strategies, ATTRIBUTES.declared)
    assert book is not None
    made = replace(rooms, strategies=strategies, segments=book, attributes=ATTRIBUTES)
    async with running(client, made, **STRICT):
        yield


async def shown(life: Life) -> tuple[str | None, str | None]:
    """The search attributes Segment and Phase."""
    found = (await life.handle.describe()).typed_search_attributes
    return found.get(visibility.SEGMENT), found.get(visibility.PHASE)


async def started(life: Life, pool: Pool, **more: object) -> None:
    await add_customer(pool)
    facts = {"customer_id": "C1", "currency": "COP", "balance": "150000"}
    due = days_ago(35).isoformat()
    await life.start(**facts, oldest_due_date=due, **more)


@pytest.mark.usefixtures("choosing")
async def test_a_changed_fact_moves_the_account_and_the_search_attribute_shows_it(
    life: Life, pool: Pool
) -> None:
    await started(life, pool)
    await life.until(lambda state: state["segment"] == "default" and state["phase"] == "mid")
    assert await shown(life) == ("default", "mid")
    await life.signal("account_updated", id="u1", attributes={"vip": True})
    await life.until(lambda state: state["segment"] == "vips")
    assert await shown(life) == ("vips", "gentle-mid")
    details = (await life.handle.query("__temporal_workflow_metadata")).current_details
    assert "- **Segment:** vips" in details
    rows = await pool.fetch(
        "SELECT before, strategy, chosen_by FROM strategy_choices ORDER BY choice"
    )
    assert [tuple(row) for row in rows] == [
        ("default", "default", "default"),
        ("default", "gentle", "segment"),
    ]


@pytest.mark.usefixtures("choosing")
async def test_a_start_may_bring_a_pin_and_null_takes_it_back(life: Life, pool: Pool) -> None:
    await started(life, pool, strategy="gentle", attributes={"vip": False})
    await life.until(lambda state: state["phase"] == "gentle-mid")
    assert await pool.fetchval("SELECT pinned FROM accounts") == "gentle"
    await life.signal("account_updated", id="u1", balance="140000")
    await life.until(lambda state: state["balance"] == "140000.00")
    assert (await life.state())["phase"] == "gentle-mid", "what says nothing of it leaves it"
    await life.signal("account_updated", id="u2", strategy=None)
    await life.until(lambda state: state["phase"] == "mid")
    assert await pool.fetchval("SELECT pinned FROM accounts") is None


@pytest.mark.usefixtures("choosing")
async def test_a_pin_to_what_is_no_strategy_is_refused_and_the_workflow_goes_on(
    life: Life, pool: Pool
) -> None:
    await started(life, pool)
    await life.until(lambda state: state["phase"] == "mid")
    await life.signal("account_updated", id="u1", strategy="harsh", balance="1")
    line = await life.until_told("Account updated: refused")
    assert "strategy: is none that is configured: there are default, gentle" in line
    await life.signal("account_updated", id="u2", attributes={"vip": 1.5})
    await life.until_told("Account updated: refused: attributes.vip")
    await life.signal("account_updated", id="u3", balance="120000")
    await life.until(lambda state: state["balance"] == "120000.00")
