"""A person writes, and the account's workflow sends it, once, before whatever it waited for."""

import asyncio
from datetime import datetime, timedelta

import pytest
from temporalio.client import Client

from activities.dependencies import Dependencies
from domain.channels import Channel
from store.database import Pool
from tests.support.life import Life, days_ago, soon
from tests.support.rows import add_account, add_customer, attempts
from workers.accounts import Accounts
from workers.clock import FastClock
from workers.connection import fast_client
from workers.contacts.writing import Became, Draft, Writing

POINTS = (("sms", "mobile", "+573001234567"),)
MORNING = timedelta(hours=5)
WORDS = "Le confirmo que recibimos su carta, señora Rojas."
TAKEN = {Became.SENT, Became.DELIVERED}


@pytest.fixture
async def writing(
    life: Life, pool: Pool, client: Client, rooms: Dependencies, working_morning: datetime
) -> Writing:
    await add_customer(pool, points=POINTS, preferred="sms")
    await add_account(pool, life.account_id, due=days_ago(10))
    await life.start()
    await life.until(lambda _: True)
    await life.to(working_morning + MORNING)
    return Writing(pool, Accounts(client), FastClock(fast_client(client)))


def draft(life: Life, name: str = "m1") -> Draft:
    return Draft(name, "bank", life.account_id, Channel.SMS, "ana", WORDS)


@pytest.mark.usefixtures("working")
async def test_it_is_sent_by_the_workflow_once_and_the_machine_rests(
    writing: Writing, life: Life, pool: Pool
) -> None:
    await asyncio.gather(*(writing.write(draft(life)) for _ in range(3)))
    found = await writing.became("m1", patience=20)
    assert found.became in TAKEN, found.why
    rests = "A person wrote to the customer: it rests until "
    await soon(life.next_step, lambda step: bool(step["summary"].startswith(rests)), "a rest")
    assert (await writing.write(draft(life))).became in TAKEN
    [row] = await attempts(pool)
    assert (row["purpose"], row["attempt_id"]) == ("person", found.attempt_id)
    second = await writing.write(draft(life, "m2"))
    found = await writing.became(second.message_id, patience=20)
    assert (found.became, found.cite is not None) == (Became.NOT_SENT, True), "one a day"
    events = (await life.handle.fetch_history()).events
    history = b"".join(event.SerializeToString() for event in events)
    assert b'"message":"m1"' in history
    assert b"carta" not in history
    assert b"Rojas" not in history
