"""The queue of work items: one holder at a time, nothing lost, nothing done twice."""

import asyncio
import json
import logging
from datetime import datetime, timedelta
from io import StringIO

import pytest
from rich.console import Console

from config.reader import load_reader
from domain.channels import Channel
from domain.conversation.keywords import Intent
from domain.conversation.work_words import WorkOutcome, WorkReason
from domain.failures import BadInput, NotFound
from store.conversation.work import WorkItem, WorkItems, open_items
from store.database import Pool
from store.provider_events import ProviderEvents
from store.views.gauges import work_waiting
from store.views.records import Records
from tests.support.rows import add_account, add_customer
from workers.cli.work_items.items import show_items, show_words

HOUR = timedelta(hours=1)


async def asked(
    pool: Pool, at: datetime, *reasons: WorkReason, message: str = "twilio/S1"
) -> list[WorkItem]:
    async with pool.acquire() as connection:
        await open_items(connection, {"C1": None}, reasons, message, at)
    return await WorkItems(pool).listed(None, None, 100, done=False)


async def done(pool: Pool, work_id: int, by: str, now: datetime) -> None:
    async with pool.acquire() as connection, connection.transaction():
        about = (connection, work_id, by, WorkOutcome.HANDLED, "spoke with her", now)
        await WorkItems(pool).done(*about)


@pytest.fixture(autouse=True)
async def known(pool: Pool, now: datetime) -> None:
    await add_customer(pool)
    await add_account(pool, due=now.date() - timedelta(days=10))


async def test_the_most_urgent_comes_first_with_what_a_person_needs(
    pool: Pool, now: datetime
) -> None:
    await asked(pool, now - 9 * HOUR, WorkReason.PLAN_REQUEST)
    first, second = await asked(pool, now, WorkReason.CRISIS, message="twilio/S2")
    assert (first.reason, first.priority, first.due_at) == (WorkReason.CRISIS, 1, now + HOUR)
    assert second.due_at == now + 39 * HOUR
    assert second.accounts == ("bank/A1",)
    out = StringIO()
    show_items([first, second], now + 2 * HOUR, Console(file=out, width=200), as_json=False)
    assert out.getvalue().count("(late)") == 1


async def test_one_person_holds_an_item_until_their_time_is_over(pool: Pool, now: datetime) -> None:
    [item] = await asked(pool, now, WorkReason.DISPUTE)
    items = WorkItems(pool)
    taken = await items.claim(item.work_id, "ana", now, 2 * HOUR)
    assert taken.holder(now + HOUR) == "ana"
    with pytest.raises(BadInput, match=f"work {item.work_id} is ana's until"):
        await items.claim(item.work_id, "luis", now + HOUR, HOUR)
    with pytest.raises(BadInput, match="is ana's until"):
        await items.release(item.work_id, "luis", now + HOUR)
    with pytest.raises(BadInput, match="is ana's until"):
        await done(pool, item.work_id, "luis", now + HOUR)
    longer = await items.claim(item.work_id, "ana", now + HOUR, 4 * HOUR)
    assert longer.claim_ends == now + 5 * HOUR
    over = now + 5 * HOUR
    assert longer.holder(over) is None
    assert (await items.claim(item.work_id, "luis", over, HOUR)).holder(over) == "luis"
    assert (await items.release(item.work_id, "luis", over)).holder(over) is None
    with pytest.raises(BadInput, match="nobody's"):
        await items.release(item.work_id, "luis", over)


async def test_of_many_who_claim_at_once_one_has_it(pool: Pool, now: datetime) -> None:
    [item] = await asked(pool, now, WorkReason.HARDSHIP)
    claims = [WorkItems(pool).claim(item.work_id, f"p{n}", now, HOUR) for n in range(20)]
    found = await asyncio.gather(*claims, return_exceptions=True)
    assert sum(isinstance(one, WorkItem) for one in found) == 1
    assert sum(isinstance(one, BadInput) for one in found) == 19


async def test_what_is_done_stays_and_is_not_done_again(pool: Pool, now: datetime) -> None:
    [item] = await asked(pool, now, WorkReason.BALANCE)
    await done(pool, item.work_id, "ana", now)
    items = WorkItems(pool)
    assert await items.listed(None, None, 9, done=False) == []
    [kept] = await items.listed("C1", "balance", 9, done=True)
    assert (kept.outcome, kept.done_by, kept.note) == ("handled", "ana", "spoke with her")
    for again in (
        done(pool, item.work_id, "luis", now),
        items.claim(item.work_id, "luis", now, HOUR),
    ):
        with pytest.raises(BadInput, match="is done: ana said handled"):
            await again
    with pytest.raises(NotFound, match="no work item 99"):
        await items.claim(99, "ana", now, HOUR)


async def test_what_waits_is_counted_by_reason_and_what_is_late_apart(
    pool: Pool, now: datetime
) -> None:
    await asked(pool, now - 9 * HOUR, WorkReason.CRISIS)
    [_, other] = await asked(pool, now, WorkReason.BALANCE, message="twilio/S2")
    found = [("balance", False, 1), ("crisis", True, 1)]
    assert await work_waiting(pool, now + HOUR) == found
    await done(pool, other.work_id, "ana", now)
    assert await work_waiting(pool, now + HOUR) == found[1:]


async def test_the_timeline_tells_what_was_read_asked_and_done(pool: Pool, now: datetime) -> None:
    said = ("twilio", "S1", Channel.SMS, "+573001234567", "no debo nada, es mentira", Intent.OTHER)
    await ProviderEvents(pool, load_reader()).inbound(*said, now)
    [item] = await WorkItems(pool).listed("C1", None, 9, done=False)
    await done(pool, item.work_id, "ana", now + HOUR)
    told = [(row["kind"], row["what"]) for row in await Records(pool).timeline("C1")]
    number = item.work_id
    for line in (
        ("wrote", "sms: dispute"),
        ("asked", f"work {number}: dispute"),
        ("done", f"work {number}, dispute: handled, says ana: spoke with her"),
    ):
        assert line in told


async def test_words_are_shown_to_who_may_see_them_and_the_look_is_logged(
    pool: Pool, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    await pool.execute(
        "INSERT INTO inbound (provider, inbound_id, channel, customer_id, address, text, intent, "
        "at) VALUES ('twilio', 'S1', 'sms', 'C1', '+573001234567', 'no debo [b]nada', 'other', $1)",
        now,
    )
    [item] = await asked(pool, now, WorkReason.DISPUTE)
    out = StringIO()
    with caplog.at_level(logging.INFO):
        show = (WorkItems(pool), item.work_id, "eva", now, Console(file=out, width=200))
        await show_words(*show, as_json=False)
        await show_words(*show, as_json=True)
    assert out.getvalue().count("no debo [b]nada") == 2
    told = json.loads(out.getvalue().splitlines()[-1])
    assert (told["holder"], told["words"][0]["id"]) == (None, "twilio/S1")
    assert "eva looked at work" in caplog.text
    assert "nada" not in caplog.text
