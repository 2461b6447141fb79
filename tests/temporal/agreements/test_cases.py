"""A dispute and a hardship on a real server: opened by an update, lived through, told in words."""

from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import Client

from activities.dependencies import Dependencies
from domain.conversation.work_words import WorkOutcome
from store.conversation.work import WorkItems
from store.database import Pool
from tests.support.life import Life, days_ago, soon
from tests.support.rows import add_account, add_customer, attempts
from workers.accounts import Accounts
from workers.cli.cases.vulnerable import tell, vulnerable
from workers.cli.rules import rules_factory
from workers.cli.work_items.items import finish
from workers.clock import FastClock, SystemClock
from workers.connection import fast_client


@pytest.fixture
async def running(life: Life, pool: Pool, working: object) -> None:
    await add_customer(pool, country="US", zones=("America/New_York",), preferred="sms")
    await add_account(pool, life.account_id, due=days_ago(10))
    await life.start()
    await life.until(lambda _: True)


async def open_work(pool: Pool) -> list[str]:
    items = await WorkItems(pool).listed("C1", None, 9, done=False)
    return [str(item.reason) for item in items]


async def does(pool: Pool, client: Client, rooms: Dependencies) -> None:
    """A person does the one item that is open."""
    [item] = await WorkItems(pool).listed("C1", None, 9, done=False)
    parts = (pool, Accounts(client), SystemClock(), rules_factory(rooms.settings))
    await finish(*parts, item.work_id, "ana", WorkOutcome.HANDLED, None)


@pytest.mark.usefixtures("running")
async def test_a_dispute_is_lived_through_to_its_end(life: Life, pool: Pool) -> None:
    answer = await life.update(
        "open_dispute", id="d-1", reason="not_mine", documents=["archive:17"], in_writing=True
    )
    before = len(await attempts(pool))  # the first contact may have been made until it was told
    assert answer["next_step"]["why"] == "disputed"
    assert (await life.state())["status"] == "disputed"
    assert "Open dispute: recorded, not mine" in await life.told()
    await life.to_next()  # the day to answer is over
    assert await open_work(pool) == ["dispute_due"]
    again = await life.refused("open_dispute", {"id": "d-2"})
    assert again == "dispute: d-1 stands already: resolve that one first"
    await life.forward(timedelta(days=10))
    assert len(await attempts(pool)) == before
    told = await life.update("resolve_dispute", id="r-1", outcome="against", reason="proof sent")
    assert told["next_step"]["why"] not in ("disputed", "no_channel")
    assert (await life.state())["status"] == "collecting"
    assert "Resolve dispute: recorded, against, proof sent" in await life.told()


@pytest.mark.usefixtures("running")
async def test_who_is_right_is_silent_and_the_account_is_closed(life: Life, pool: Pool) -> None:
    await life.update("open_dispute", id="d-1", reason="already_paid")
    answer = await life.update("resolve_dispute", id="r-1", outcome="for")
    assert "until the account is corrected or closed" in answer["next_step"]["summary"]
    assert await open_work(pool) == ["dispute_upheld"]
    await life.update("close", id="c-1", reason="paid in May")
    assert (await life.result())["reason"] == "closed"
    assert await pool.fetchval("SELECT state FROM disputes") == "resolved_for"


@pytest.mark.usefixtures("running")
async def test_a_hardship_has_a_person_first_a_softer_cadence_and_a_review(
    life: Life, pool: Pool, client: Client, rooms: Dependencies
) -> None:
    answer = await life.update("begin_hardship", id="h-1", reason="job_loss")
    assert answer["next_step"]["why"] == "person_first"
    assert "Begin hardship: recorded, job loss" in await life.told()
    assert await open_work(pool) == ["person_first"]
    await does(pool, client, rooms)
    await life.until(lambda state: state["status"] == "hardship")
    before = len(await attempts(pool))
    await life.forward(timedelta(days=16))
    assert len(await attempts(pool)) - before <= 3  # every four days without it
    await life.forward(timedelta(days=16))
    assert await open_work(pool) == ["hardship_review"]
    review = str(days_ago(-80))
    await life.update("extend_hardship", id="x-1", review_date=review)
    assert f"Extend hardship: recorded, until {review}" in await life.told()
    ended = await life.update("end_hardship", id="e-1", reason="new job")
    assert ended["next_step"]["why"] != "person_first"
    assert (await life.state())["status"] == "collecting"


@pytest.mark.usefixtures("running")
async def test_that_a_customer_is_vulnerable_never_reaches_temporal(
    life: Life, pool: Pool, client: Client
) -> None:
    before = len(await attempts(pool))
    parts = (pool, Accounts(client), FastClock(fast_client(client)), "C1", "ana")
    told = await vulnerable(*parts, over=False)
    assert (told.new, told.plan_anew) == (True, 1)
    assert "nobody but persons contacts them, from now on; 1 accounts" in tell(told)

    async def step() -> dict[str, Any]:
        return await life.next_step()

    await soon(step, lambda found: found["why"] in ("person_first", "person_due"))
    await life.forward(timedelta(days=9))
    assert await open_work(pool) == ["person_first"]
    assert len(await attempts(pool)) == before
    history = await life.handle.fetch_history()
    said = history.to_json()
    for word in ("vulnerab", "persons_only", "persons alone"):
        assert word not in said
    over = await vulnerable(*parts, over=True)
    assert over.new
    back = await soon(step, lambda found: found["kind"] == "contact")
    assert back["why"] in ("touch", "failover")


@pytest.mark.parametrize(
    ("update", "payload", "words"),
    [
        ("open_dispute", {"id": "d", "reason": "mood"}, "OpenDispute: reason: "),
        ("open_dispute", {"id": "d", "documents": ["a@b.co"]}, "OpenDispute: documents.0: "),
        ("resolve_dispute", {"id": "r"}, "ResolveDispute: outcome: "),
        ("resolve_dispute", {"id": "r", "outcome": "for"}, "dispute: there is none that is open"),
        ("extend_hardship", {"id": "x"}, "ExtendHardship: review_date: "),
        ("end_hardship", {"id": "e"}, "hardship: there is none that is active"),
        (
            "begin_hardship",
            {"id": "h", "review_date": "2001-01-01"},
            "review_date: must not",
        ),
    ],
)
@pytest.mark.usefixtures("running")
async def test_what_cannot_be_is_refused_in_words(
    life: Life, update: str, payload: dict[str, Any], words: str
) -> None:
    assert (await life.refused(update, payload)).startswith(words)
