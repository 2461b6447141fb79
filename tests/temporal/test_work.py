"""A message asks for a person: the account is silent, says why, and goes on as the person says."""

from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import Client

from activities.dependencies import Dependencies
from config.reader import load_reader
from domain.channels import Channel
from domain.conversation.keywords import Intent
from domain.conversation.work_words import WorkOutcome
from domain.failures import BadInput, NotFound
from store.conversation.work import WorkItem, WorkItems
from store.database import Pool
from store.provider_events import ProviderEvents
from tests.support.life import Life, days_ago, soon
from tests.support.rows import add_account, add_customer, attempts
from workers.accounts import Accounts
from workers.cli.customer.prefer import prefer, read_wish, tell
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
    await planned(life, "disputed")  # by a state of its own now, not by the item
    assert await pool.fetchval("SELECT dispute_id FROM disputes") == f"work:{item.work_id}"
    assert [f"bank/{life.account_id}"] == told.changes["a dispute is open"]
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


@pytest.mark.usefixtures("working", "running")
async def test_what_a_person_was_told_of_their_wishes_is_planned_around_at_once(
    life: Life, pool: Pool, client: Client
) -> None:
    async def wishes(**named: str) -> list[str]:
        given = [named.get(name) for name in ("channel", "hours", "days", "language")]
        parts = (pool, Accounts(client), SystemClock())
        return tell(await prefer(*parts, "C1", read_wish(*given), "ana"), "C1")

    told = await wishes(hours="02:00-04:00", channel="whatsapp")
    assert told[0] == "customer C1 wants to be reached: by whatsapp; 02:00-04:00"
    assert "1 accounts plan anew" in told[1]
    assert told[2].startswith("they have no address for whatsapp")
    summary = await planned(life, "wish")
    assert "no hour that the customer wishes for is lawful" in summary
    [item] = await WorkItems(pool).listed("C1", None, 9, done=False)
    assert (item.reason, item.messages, item.contact_point_id) == ("preference", (), None)
    told = await wishes(hours="any", language="pt")
    assert told[0] == "customer C1 wants to be reached: by whatsapp; in pt"
    await soon(life.next_step, lambda found: bool(found["why"] != "wish"))
    with pytest.raises(NotFound, match="no customer 'C9' is known"):
        await prefer(
            pool, Accounts(client), SystemClock(), "C9", read_wish("sms", *[None] * 3), "a"
        )


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ((None, None, None, None), "say what they wish for"),
        ((None, None, "mon", None), "give both"),
        ((None, "18", None, None), "'18' is none"),
        ((None, "20:00-18:00", None, None), "'to' must be later than 'from'"),
        ((None, "25:00-26:00", None, None), "25:00"),
        ((None, "09:00-10:00", "monday", None), "'monday' is none of them"),
        ((None, None, None, "klingon"), "klingon"),
    ],
)
def test_a_wish_that_is_none_is_refused_in_words(
    given: tuple[str | None, str | None, str | None, str | None], why: str
) -> None:
    with pytest.raises(BadInput, match=why):
        read_wish(*given)


@pytest.mark.usefixtures("working", "running")
async def test_a_hardship_that_a_person_finds_begins_for_each_account(
    life: Life, pool: Pool, client: Client, rooms: Dependencies
) -> None:
    item = await writes(life, pool, "me quede sin trabajo y no puedo pagar")
    assert item.reason == "hardship"
    told = await does(item, pool, client, rooms, WorkOutcome.HARDSHIP)
    assert (told.event, told.changes) == (
        *(None, {"a hardship is active": [f"bank/{life.account_id}"]}),
    )
    await planned(life, "person_first")
    again = await does(item, pool, client, rooms, WorkOutcome.HARDSHIP)
    assert again.changes == told.changes
    assert await pool.fetchval("SELECT count(*) FROM hardships") == 1
