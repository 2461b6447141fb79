"""What those who stand for an account write to us: whose word it is, and what follows."""

import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from config.reader import load_reader
from domain.channels import ANSWERS, Channel, Purpose
from domain.contacts.message import WITHIN
from domain.conversation.keywords import Intent
from domain.names import contact_point_id
from domain.planning.step import Step, StepKind
from store.database import Pool
from store.provider_events import Notice, ProviderEvents
from tests.integration.parties.test_contacts import BRUNO, to_guarantor
from tests.integration.parties.test_contacts import actor as actor
from tests.integration.parties.test_contacts import sandbox_url as sandbox_url
from tests.integration.store.people.support import At, Told, mid_morning
from tests.support.activities import Actor, accepted
from workers.contacts.writing import Became, Draft, Writing

NOTICED = mid_morning()
MINUTE = timedelta(minutes=1)
HIS = contact_point_id("G1", "sms", BRUNO)


@pytest.fixture
async def answering(actor: Actor, pool: Pool) -> Actor:
    """A guarantor who was told of it yesterday; the strategy answers all that can be answered."""
    await pool.execute("UPDATE law_events SET at = $1", NOTICED - timedelta(days=9))
    await pool.execute("UPDATE accounts SET balance_as_of = $1", NOTICED - timedelta(days=1))
    due = (NOTICED - timedelta(days=10)).date()
    await pool.execute("UPDATE accounts SET oldest_due_date = $1, since = $2", due, NOTICED)
    made = actor.dependencies
    strategies = {
        name: one.model_copy(update={"answers": tuple(ANSWERS)})
        for name, one in made.strategies.items()
    }
    settings = made.settings.model_copy(update={"whole_orders": True})
    told = Actor(dataclasses.replace(made, strategies=strategies, settings=settings))
    step = await to_guarantor(told, NOTICED)
    await told.contact(step)
    return told


async def wrote(pool: Pool, text: str, intent: Intent = Intent.OTHER, day: int = 1) -> Notice:
    """The guarantor answers by SMS, ten in the morning of a day after."""
    events = ProviderEvents(pool, load_reader())
    at = NOTICED + timedelta(days=day)
    return await events.inbound("twilio", f"SM{text}", Channel.SMS, BRUNO, text, intent, at)


async def asks(pool: Pool) -> list[tuple[str, str]]:
    rows = await pool.fetch("SELECT customer_id, reason FROM work_items ORDER BY 1, 2")
    return [tuple(row) for row in rows]


async def after(told: Actor, day: int = 1) -> Step:
    return await told.planned(NOTICED + timedelta(days=day) + MINUTE)


async def test_i_will_pay_on_friday_of_a_guarantors_is_a_persons_and_no_promise(
    answering: Actor, pool: Pool, sandbox_url: str
) -> None:
    notice = await wrote(pool, "Voy a pagar 150000 el 28 de diciembre")
    assert notice.wrote == ("account/bank/A1",), "the account is told that they wrote"
    step = await after(answering)
    assert await asks(pool) == [("G1", "promise")]
    assert await pool.fetchval("SELECT count(*) FROM promises") == 0
    assert step.kind is StepKind.WAIT
    assert len(await accepted(sandbox_url)) == 1, "nothing was asked back, either"


@pytest.mark.parametrize("text", ["¿Cuánto se debe?", "Cuánto es lo que debo pagar y cómo pago?"])
async def test_how_much_is_owed_is_told_to_no_guarantor(
    answering: Actor, pool: Pool, sandbox_url: str, text: str
) -> None:
    await wrote(pool, text)
    step = await after(answering)
    assert await asks(pool) == [("G1", "balance")]
    assert step.kind is StepKind.WAIT
    assert all("150" not in one["text"] for one in await accepted(sandbox_url))


async def test_who_asks_who_writes_is_told_and_the_item_is_done(
    answering: Actor, pool: Pool, sandbox_url: str
) -> None:
    await wrote(pool, "¿Quién es usted?")
    step = await after(answering)
    assert (step.kind, step.purpose) == (StepKind.CONTACT, Purpose.IDENTITY_ANSWER)
    assert step.contact_point_id == HIS
    await answering.contact(step)
    *_, answer = await accepted(sandbox_url)
    assert answer["person"] == BRUNO
    assert "Somos nosotros quienes le escribimos" in answer["text"]
    assert "150" not in answer["text"]
    row = await pool.fetchrow("SELECT customer_id, purpose FROM attempts WHERE touch = 0")
    assert row is not None
    assert tuple(row) == ("G1", "identity_answer")
    assert (await after(answering)).purpose is not Purpose.IDENTITY_ANSWER, "once"


@pytest.mark.parametrize(
    ("text", "intent", "kind"),
    [
        ("BASTA", Intent.OPT_OUT, "opt_out"),
        ("Número equivocado", Intent.WRONG_PERSON, "wrong_number"),
    ],
)
async def test_a_stop_or_not_me_is_the_guarantors_and_the_account_hears_of_it(
    answering: Actor, pool: Pool, text: str, intent: Intent, kind: str
) -> None:
    notice = await wrote(pool, text, intent)
    assert notice.wrote == ("account/bank/A1",)
    events = await pool.fetch(
        "SELECT customer_id FROM law_events WHERE kind = $1 AND address_key IS NOT NULL", kind
    )
    assert [row["customer_id"] for row in events] == ["G1"]
    assert (await after(answering, day=20)).kind is StepKind.WAIT
    debtor = contact_point_id("C1", "sms", "+573001234567")
    await pool.execute("UPDATE contact_points SET consented = true WHERE customer_id = 'C1'")
    assert (await after(answering, day=9)).contact_point_id == debtor, "it is not the debtor's"


async def test_a_guarantor_who_says_that_they_signed_nothing_is_left_alone_until_a_person_decides(
    answering: Actor, pool: Pool
) -> None:
    await wrote(pool, "No reconozco esa deuda, yo no firmé nada")
    assert await asks(pool) == [("G1", "dispute")]
    assert await pool.fetchval("SELECT count(*) FROM disputes") == 0
    assert (await after(answering, day=30)).kind is StepKind.WAIT


async def test_their_word_is_no_reply_of_the_debtors(answering: Actor, pool: Pool) -> None:
    await pool.execute("UPDATE contact_points SET consented = true WHERE customer_id = 'C1'")
    await wrote(pool, "Voy a pensarlo", day=9)
    step = await after(answering, day=9)
    assert step.kind is StepKind.CONTACT
    assert step.contact_point_id == contact_point_id("C1", "sms", "+573001234567")


async def test_a_person_writes_to_a_guarantor_by_the_door_of_all_messages(
    answering: Actor, pool: Pool, sandbox_url: str
) -> None:
    """In their own words, under the guarantor's law, and counted for both."""
    clock, accounts = At(NOTICED + timedelta(days=9)), Told()
    writing = Writing(pool, accounts, clock, None)
    said: dict[str, Any] = {"channel": Channel.SMS, "by": "ana", "text": "Buenos días, don Bruno."}
    await writing.write(Draft("m1", "bank", "A1", party="G1", **said))
    step = await answering.planned(clock.at)
    assert (step.purpose, step.contact_point_id, step.message) == (Purpose.PERSON, HIS, "m1")
    assert step.not_after == clock.at + WITHIN
    await answering.contact(step, clock.at)
    *_, sent = await accepted(sandbox_url)
    assert "Buenos dias, don Bruno." in sent["text"]
    assert "150" not in sent["text"]
    assert (await writing.became("m1")).became is Became.SENT
    await writing.write(Draft("m2", "bank", "A1", party="G1", **said))
    await answering.planned(clock.at)
    refused = await writing.became("m2")
    assert refused.became is Became.NOT_SENT
    assert refused.rule is not None
    assert refused.rule.startswith("co.ley2300")


async def test_what_a_person_wrote_to_a_guarantor_who_stops_first_is_not_sent(
    answering: Actor, pool: Pool, sandbox_url: str
) -> None:
    clock = At(NOTICED + timedelta(days=9))
    writing = Writing(pool, Told(), clock, None)
    said: dict[str, Any] = {"channel": Channel.SMS, "by": "ana", "text": "Buenos días."}
    await writing.write(Draft("m1", "bank", "A1", party="G1", **said))
    ready = await answering.reserve(await answering.planned(clock.at), clock.at)
    await wrote(pool, "BASTA", Intent.OPT_OUT, day=9)
    await answering.send(ready, clock.at)
    assert len(await accepted(sandbox_url)) == 1
    await answering.planned(clock.at)
    assert (await writing.became("m1")).became is Became.NOT_SENT
