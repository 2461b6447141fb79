"""What is said at the same instant by two channels is put on record, and nobody waits for ever."""

import asyncio
from datetime import datetime, timedelta

from activities.dependencies import Dependencies
from config.reader import load_reader
from domain.channels import Channel
from domain.conversation.keywords import Intent
from domain.conversation.work_words import WorkOutcome
from domain.law.request import LawEvent
from domain.law.terms import EventKind
from store import law_events
from store.conversation.work import WorkItems
from store.database import Pool
from store.provider_events import ProviderEvents
from tests.support.activities import Actor
from tests.support.rows import add_account, add_customer

SHARED = "+573001234567"
POINTS = {
    "C1": (("sms", "mobile", SHARED),),
    "C2": (("sms", "mobile", SHARED), ("email", "email", "luis@example.com")),
}


async def two_customers(pool: Pool, now: datetime) -> None:
    for customer, points in POINTS.items():
        await add_customer(pool, customer, points=points)
        due = now.date() - timedelta(days=10)
        await add_account(pool, f"A-{customer}", customer, due=due)


async def test_a_stop_from_a_mailbox_and_a_message_from_a_telephone_that_two_have(
    pool: Pool, now: datetime
) -> None:
    await two_customers(pool, now)
    events = ProviderEvents(pool, load_reader())

    async def both(number: int) -> None:
        mailbox, words = (Channel.EMAIL, "luis@example.com"), ("PARAR", "hola")
        at = now + timedelta(seconds=number)
        await asyncio.gather(
            events.inbound("resend", f"E{number}", *mailbox, words[0], Intent.OPT_OUT, at),
            events.inbound("twilio", f"S{number}", Channel.SMS, SHARED, words[1], Intent.OTHER, at),
        )

    for number in range(15):
        await both(number)
    assert await pool.fetchval("SELECT count(*) FROM inbound") == 30


async def test_a_decision_that_goes_on_file_and_a_message_from_a_telephone_that_two_have(
    pool: Pool, now: datetime
) -> None:
    await two_customers(pool, now)
    events, items = ProviderEvents(pool, load_reader()), WorkItems(pool)

    async def decide(at: datetime) -> None:
        [item] = await items.listed("C2", "dispute", 9, done=False)
        async with pool.acquire() as connection, connection.transaction():
            about = (item.work_id, "ana", WorkOutcome.CEASE, None, at)
            await items.done(connection, *about)
            cease = LawEvent(kind=EventKind.CEASE, at=at)
            await law_events.record(connection, f"work:{item.work_id}", "C2", cease, at, "ana")

    for number in range(15):
        at = now + timedelta(seconds=number)
        mailbox = (Channel.EMAIL, "luis@example.com", "no reconozco esa deuda", Intent.OTHER)
        await events.inbound("resend", f"E{number}", *mailbox, at)
        said = (Channel.SMS, SHARED, "hola", Intent.OTHER)
        await asyncio.gather(decide(at), events.inbound("twilio", f"S{number}", *said, at))
    found = await pool.fetchval("SELECT count(*) FROM work_items WHERE outcome = 'cease'")
    assert found == 15


async def test_a_stop_by_signal_and_a_message_from_a_telephone_that_two_have(
    pool: Pool, dependencies: Dependencies, now: datetime
) -> None:
    await two_customers(pool, now)
    events, actor = ProviderEvents(pool, load_reader()), Actor(dependencies, "A-C2")
    for number in range(15):
        at, said = now + timedelta(seconds=number), (Channel.SMS, SHARED, "hola", Intent.OTHER)
        stop = {"kind": "opt_out", "channel": "sms", "at": at.isoformat()}
        await asyncio.gather(
            actor.record(at, {"kind": "law_event", "id": f"L{number}", "event": stop}),
            events.inbound("twilio", f"S{number}", *said, at),
        )
    assert await pool.fetchval("SELECT count(*) FROM inbound") == 15
