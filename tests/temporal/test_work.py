"""A message asks for a person: the account is silent, says why, and goes on as the person says."""

from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import Client

from activities.dependencies import Dependencies
from config.reader import load_reader
from domain.channels import Channel
from domain.conversation.keywords import Intent
from domain.conversation.work_words import WorkOutcome
from domain.failures import BadInput
from store.conversation.work import WorkItem, WorkItems
from store.database import Pool
from store.provider_events import ProviderEvents
from tests.support.life import Life, days_ago, soon
from tests.support.rows import add_account, add_customer, attempts
from workers.accounts import Accounts
from workers.cli.rules import rules_factory
from workers.cli.work_items.items import Finished, finish
from workers.clock import SystemClock

MOBILE = "+573001234567"


async def writes(life: Life, pool: Pool, text: str) -> WorkItem:
    """A message as the gateway takes it; the item that it opens."""
    said = ("twilio", "SM1", Channel.SMS, MOBILE, text, Intent.OTHER, datetime.now(UTC))
    notice = await ProviderEvents(pool, load_reader()).inbound(*said)
    assert notice.wrote == (f"account/bank/{life.account_id}",)
    await life.signal("message_received", id="SM1", channel="sms", intent="other")
    await life.until_told("Message received")
    await life.until(lambda state: state["waiting"] == 0)
    [item] = await WorkItems(pool).listed("C1", None, 9, done=False)
    return item


async def does(
    item: WorkItem, pool: Pool, client: Client, rooms: Dependencies, outcome: WorkOutcome
) -> Finished:
    parts = (pool, Accounts(client), SystemClock(), rules_factory(rooms.settings))
    return await finish(*parts, item.work_id, "ana", outcome, None)


async def planned(life: Life, why: str) -> str:
    """Wait until this is why it waits; in words."""
    step = await soon(life.next_step, lambda found: bool(found["why"] == why))
    return str(step["summary"])


@pytest.fixture
async def running(life: Life, pool: Pool) -> None:
    await add_customer(pool, preferred="sms")
    await add_account(pool, life.account_id, due=days_ago(10))
    await life.start()
    await life.until(lambda _: True)


@pytest.mark.usefixtures("working", "running")
async def test_a_dispute_silences_until_it_is_decided_and_then_is_on_file(
    life: Life, pool: Pool, client: Client, rooms: Dependencies
) -> None:
    made = await attempts(pool)
    item = await writes(life, pool, "no reconozco esa deuda")
    step = await life.next_step()
    assert (step["kind"], step["why"]) == ("wait", "dispute")
    assert "The customer disputes the debt: nobody is contacted until" in step["summary"]
    await life.to_next()  # the end of the phase
    step = await life.next_step()
    assert (step["kind"], step["why"]) == ("wait", "dispute")
    assert await attempts(pool) == made
    told = await does(item, pool, client, rooms, WorkOutcome.DISPUTE)
    assert told.event == "dispute"
    assert told.plan_anew == 1
    assert any(f"bank/{life.account_id}" in whose for whose in told.changes.values())
    row = await pool.fetchrow("SELECT * FROM law_events WHERE kind = 'dispute'")
    assert row is not None
    assert (row["customer_id"], row["account"]) == ("C1", None)
    assert row["at"] == item.opened_at
    assert row["detail"]["in_writing"] is True
    await planned(life, "no_channel")  # by law now, not by the item
    assert await attempts(pool) == made


@pytest.mark.usefixtures("working", "running")
async def test_what_was_not_meant_lets_the_account_go_on(
    life: Life, pool: Pool, client: Client, rooms: Dependencies
) -> None:
    item = await writes(life, pool, "mi abogado los va a contactar")
    assert (await life.next_step())["why"] == "attorney"
    told = await does(item, pool, client, rooms, WorkOutcome.NOT_MEANT)
    assert (told.event, told.plan_anew) == (None, 1)
    again = await does(item, pool, client, rooms, WorkOutcome.NOT_MEANT)
    assert again.plan_anew == 1, "told again, where Temporal was away the first time"
    with pytest.raises(BadInput, match="is done: ana said not_meant"):
        await does(item, pool, client, rooms, WorkOutcome.ATTORNEY)
    assert await pool.fetchval("SELECT count(*) FROM law_events WHERE kind = 'attorney'") == 0
    await planned(life, "reply")  # they wrote all the same
    await life.to_next()
    assert (await life.next_step())["kind"] == "contact"


@pytest.mark.usefixtures("working", "running")
async def test_a_wrong_number_that_a_person_confirms_is_used_no_more(
    life: Life, pool: Pool, client: Client, rooms: Dependencies
) -> None:
    item = await writes(life, pool, "soy la hija, este celular ahora es mio")
    assert item.reason == "wrong_person"
    told = await does(item, pool, client, rooms, WorkOutcome.WRONG_NUMBER)
    assert told.event == "wrong_number"
    row = await pool.fetchrow("SELECT * FROM law_events WHERE kind = 'wrong_number'")
    assert row is not None
    assert row["detail"]["contact_point_id"] == item.contact_point_id
    await life.to_next()
    assert (await planned(life, "touch")).startswith("E-mail"), "though they prefer SMS"


@pytest.mark.usefixtures("working", "running")
async def test_an_ordinary_question_waits_for_a_person_and_then_automation_goes_on(
    life: Life, pool: Pool
) -> None:
    item = await writes(life, pool, "puedo pagar en cuotas?")
    step = await life.next_step()
    assert step["why"] == "reply"
    assert f"asks for a plan; a person's turn (work {item.work_id}), until" in step["summary"]
    await life.to_next()
    assert (await life.next_step())["kind"] == "contact"
    [still] = await WorkItems(pool).listed("C1", None, 9, done=False)
    assert still.work_id == item.work_id, "nothing is lost"
    assert still.due_at == item.opened_at + timedelta(hours=48)
