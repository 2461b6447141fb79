"""A person calls, and the account's workflow is told: it waits, and does what came of the call."""

import asyncio
import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.client import Client

from activities.dependencies import Dependencies
from config.results.catalogue import load_results
from config.settings import ROOT
from domain.contacts.manual import UNDER_WAY
from domain.conversation.work_words import WorkReason
from domain.failures import BadInput
from domain.names import contact_point_id
from lab.local.temporal import LocalTemporal
from store.conversation.work import WorkItems, open_items
from store.database import Pool
from tests.support.life import Life, days_ago, soon
from tests.support.rows import add_account, add_customer, attempts
from workers.accounts import Accounts
from workers.cli.rules import rules_factory
from workers.clock import FastClock
from workers.connection import fast_client
from workers.contacts.acting import Forbidden, People
from workers.contacts.asking import Came, New

MOBILE = "+573001234567"
POINTS = (("sms", "mobile", MOBILE), ("voice", "mobile", MOBILE))
CALLED = contact_point_id("C1", "voice", MOBILE)
MORNING = timedelta(hours=5)
WAS = datetime(2026, 11, 1, tzinfo=UTC)


class Desk:
    """Ana and her telephone."""

    def __init__(self, pool: Pool, client: Client, rooms: Dependencies, life: Life) -> None:
        self.life, settings = life, rooms.settings
        self.clock = FastClock(fast_client(client))
        parts = (Accounts(client), self.clock, rules_factory(settings))
        self.people = People(pool, *parts, load_results(settings.results))

    async def now(self) -> datetime:
        return await self.clock.now(self.life.id)

    def call(self, name: str = "c1") -> New:
        return New(name, "bank", self.life.account_id, "call", "ana", CALLED)


@pytest.fixture
async def desk(
    life: Life, pool: Pool, client: Client, rooms: Dependencies, working_morning: datetime
) -> Desk:
    await add_customer(pool, points=POINTS, preferred="sms")
    await add_account(pool, life.account_id, due=days_ago(10))
    await life.start()
    await life.until(lambda _: True)
    await life.to(working_morning + MORNING)
    return Desk(pool, client, rooms, life)


async def planned(life: Life, why: str) -> Mapping[str, Any]:
    return await soon(life.next_step, lambda step: bool(step["why"] == why), why)


@pytest.mark.usefixtures("working")
async def test_while_a_person_dials_the_account_waits_and_a_promise_is_kept_for_it(
    desk: Desk, life: Life, pool: Pool
) -> None:
    done = await desk.people.begin(desk.call())
    assert done.plan_anew == 1
    step = await planned(life, "person")
    assert datetime.fromisoformat(step["not_before"]) == done.contact.began_at + UNDER_WAY
    assert step["summary"].startswith("Call by a person under way: nobody else contacts")
    day = (await desk.now()).date() + timedelta(days=4)
    promised = Came("promise", promise_amount="150000", promise_date=day)
    told = await desk.people.end("c1", promised)
    assert f"150000.00 promised for {day}" in told.follows
    await planned(life, "promise")
    again = await desk.people.end("c1", promised)
    assert not again.new
    row = await pool.fetchrow("SELECT promise_id, amount::int, due_on FROM promises")
    assert row is not None
    assert tuple(row) == (f"contact:c1:150000:{day}", 150000, day)
    assert await attempts(pool) == []


@pytest.mark.usefixtures("working")
async def test_a_promise_that_the_account_refuses_is_told_and_the_call_counts(
    desk: Desk, life: Life, pool: Pool
) -> None:
    await desk.people.begin(desk.call())
    day = (await desk.now()).date() - timedelta(days=4)
    with pytest.raises(BadInput, match="contact c1 is on record, its promise is not: "):
        await desk.people.end("c1", Came("promise", promise_amount="1000", promise_date=day))
    assert await pool.fetchval("SELECT result FROM manual_contacts") == "promise"
    later = day + timedelta(days=9)
    await desk.people.end("c1", Came("promise", promise_amount="1000", promise_date=later))
    await planned(life, "promise")


@pytest.mark.usefixtures("working")
async def test_who_asks_to_be_called_is_not_written_to_before(
    desk: Desk, life: Life, pool: Pool
) -> None:
    wanted = await desk.now() + timedelta(days=1)
    at = await desk.now() - timedelta(minutes=5)
    await desk.people.record(desk.call(), at, Came("callback", callback_at=wanted))
    step = await planned(life, "callback")
    [item] = await WorkItems(pool).listed("C1", None, 9, done=False)
    assert item.reason is WorkReason.CALLBACK
    assert f"(work {item.work_id})" in step["summary"]
    with pytest.raises(Forbidden, match="not now"):
        await desk.people.begin(desk.call("c2"))


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("working")
async def test_the_commands_say_what_they_do(
    desk: Desk, life: Life, pool: Pool, temporal: LocalTemporal, database_url: str
) -> None:
    environment = {
        "PATH": "/usr/bin:/bin",
        "TEMPORAL_ADDRESS": temporal.address,
        "CONTRAPUNTO_DATABASE_URL": database_url,
        "CONTRAPUNTO_FAST_TIME": "true",
        "COLUMNS": "300",
    }

    async def contrapunto(*words: str) -> tuple[int | None, str]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "workers", *words),
            cwd=ROOT,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        out, _ = await process.communicate()
        return process.returncode, out.decode()

    key = f"bank/{life.account_id}"
    async with pool.acquire() as connection:
        await open_items(connection, {"C1": None}, (WorkReason.PLAN_REQUEST,), "twilio/S1", WAS)
    [item] = await WorkItems(pool).listed("C1", None, 9, done=False)
    number = str(item.work_id)
    status, said = await contrapunto("work", "may-call", number, "--json")
    assert (status, json.loads(said)["allowed"]) == (0, True), said
    status, said = await contrapunto("contact", "begin", key, "--id", "c1", "--by", "ana")
    assert status == 0, said
    assert "contact c1 has begun, and counts" in said
    assert "1 accounts plan anew" in said
    status, said = await contrapunto("contact", "begin", key, "--id", "c2", "--by", "luis")
    assert status == 3, said
    assert "not now: a person has been contacting this customer since" in said
    status, said = await contrapunto("contact", "may", key)
    assert (status, "may be contacted" in said) == (0, False), said
    status, said = await contrapunto("contact", "list", "--json")
    assert json.loads(said)["contact_id"] == "c1"
    asked = ("--result", "third_party", "--note", "her sister")
    status, said = await contrapunto("contact", "end", "c1", *asked)
    assert (status, "contact c1: third_party" in said) == (0, True), said
    assert "her sister" not in said
    at = (await desk.now()).isoformat()
    done = ("work", "done", number, "--by", "ana", "--result", "hardship", "--at", at)
    status, said = await contrapunto(*done)
    assert status == 0, said
    for words in (
        f"contact work:{number}: hardship",
        "a person is asked: hardship",
        "it should not have",
        f"work {number} is done: handled",
    ):
        assert words in said, (words, said)
    status, said = await contrapunto(*done)
    assert (status, "(known already)" in said) == (0, True), said
    [item] = await WorkItems(pool).listed("C1", None, 9, done=False)
    status, said = await contrapunto("work", "show", str(item.work_id), "--by", "ana")
    assert (status, "call: hardship, says ana" in said) == (0, True), said
    status, said = await contrapunto("customer", "show", "C1", "--by", "ana")
    assert "her sister" in said, said
    status, said = await contrapunto("customer", "show", "C1", "--no-words")
    assert "third party" in said and "her sister" not in said, said
    status, said = await contrapunto("work", "done", str(item.work_id))
    assert (status, "--outcome: say what came of it" in said) == (2, True), said
