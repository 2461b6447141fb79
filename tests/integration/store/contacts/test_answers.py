"""A question and a promise: from the message to the answer that is read, on real parts."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from activities.dependencies import Dependencies
from config.reader import load_reader
from config.settings import ROOT
from domain.channels import ANSWERS, Channel, Purpose
from domain.conversation.keywords import Intent
from domain.conversation.wishes.preference import Preference
from domain.conversation.work_words import WorkOutcome
from domain.ledger.attempt import AttemptState
from domain.planning.step import Step, StepKind
from lab.builders.parts import dependencies_for, settings_for
from store.conversation.preferences import keep
from store.conversation.work import WorkItems
from store.database import Pool
from store.provider_events import ProviderEvents
from tests.support.activities import Actor, accepted
from tests.support.rows import add_account, add_customer

MOBILE = "+573001234567"
SECOND = timedelta(seconds=1)
AT = datetime(2026, 11, 23, 15, tzinfo=UTC)
"""A Monday, ten in the morning in Bogota."""


@pytest.fixture
async def dependencies(pool: Pool, sandbox_url: str, tmp_path: Path) -> AsyncIterator[Dependencies]:
    """A strategy that answers."""
    strategy = yaml.safe_load((ROOT / "config/strategies/default.yaml").read_text("utf-8"))
    strategy["answers"] = [one.value for one in ANSWERS]
    (tmp_path / "default.yaml").write_text(yaml.safe_dump(strategy), encoding="utf-8")
    settings = settings_for(
        sandbox_url, strategies=tmp_path, phone="+57 601 555 0100", creditor_names={"bank": "Bank"}
    )
    with dependencies_for(pool, settings) as made:
        yield made


class Talk:
    """One account that was reminded, and whose customer writes."""

    def __init__(self, pool: Pool, dependencies: Dependencies, sandbox_url: str) -> None:
        self.pool, self.sandbox_url = pool, sandbox_url
        self.actor = Actor(dependencies)
        self.events = ProviderEvents(pool, load_reader())
        self.number = 0

    async def begin(
        self, country: str = "CO", zone: str = "America/Bogota", currency: str = "COP"
    ) -> None:
        points = (("sms", "mobile", MOBILE),)
        await add_customer(
            self.pool, points=points, country=country, zones=(zone,), preferred="sms"
        )
        await self.pool.execute("UPDATE law_events SET at = $1", AT - timedelta(days=9))
        due = AT.date() - timedelta(days=10)
        await add_account(self.pool, due=due, balance="850000", currency=currency)
        await self.pool.execute("UPDATE accounts SET balance_as_of = $1", AT - timedelta(days=1))
        step = await self.actor.planned(AT)
        self.at = max(AT, step.not_before)
        await self.actor.contact(step, self.at)
        self.at += timedelta(minutes=5)

    async def says(self, text: str) -> Step:
        """The step that follows."""
        self.number += 1
        name = f"SM{self.number}"
        said = ("twilio", name, Channel.SMS, MOBILE, text, Intent.OTHER, self.at)
        await self.events.inbound(*said)
        told = {"kind": "message_received", "id": name, "channel": "sms", "intent": "other"}
        self.at += SECOND
        return (await self.actor.record(self.at, told)).step

    async def read(self) -> str:
        """What the customer read last."""
        return str((await accepted(self.sandbox_url))[-1]["text"])

    async def delivered(self) -> None:
        row = await self.pool.fetchrow("SELECT * FROM attempts ORDER BY step DESC LIMIT 1")
        assert row is not None
        about = (row["attempt_id"], AttemptState.DELIVERED, row["provider_message_id"], None, None)
        await self.events.delivery("twilio", f"D{row['step']}", *about, self.at)


@pytest.fixture
async def talk(pool: Pool, dependencies: Dependencies, sandbox_url: str) -> Talk:
    made = Talk(pool, dependencies, sandbox_url)
    await made.begin()
    return made


@pytest.fixture
async def mexican(pool: Pool, dependencies: Dependencies, sandbox_url: str) -> Talk:
    """Where the law lets more than one message a day out: what is no reply is a contact."""
    made = Talk(pool, dependencies, sandbox_url)
    await made.begin("MX", "America/Mexico_City", "MXN")
    return made


async def items(pool: Pool) -> list[tuple[Any, ...]]:
    rows = await WorkItems(pool).listed(None, None, 9, done=True)
    return [(row.reason, row.outcome, row.done_by) for row in rows]


async def test_how_much_is_owed_is_answered_and_the_item_is_done_when_it_has_arrived(
    talk: Talk, pool: Pool
) -> None:
    step = await talk.says("cuanto debo?")
    assert (step.purpose, step.not_before) == (Purpose.BALANCE_ANSWER, talk.at)
    then = await talk.actor.contact(step, talk.at)
    assert "Debe $850.000" in await talk.read()
    assert (then.kind, then.why) == (StepKind.WAIT, "reply")
    assert await items(pool) == [("balance", None, None)], "not before it has arrived"
    await talk.delivered()
    assert await items(pool) == [("balance", "answered", "contrapunto")]


async def test_two_executions_of_one_answer_send_it_once(talk: Talk) -> None:
    step = await talk.says("quien es? es una estafa?")
    assert step.purpose is Purpose.IDENTITY_ANSWER
    before = len(await accepted(talk.sandbox_url))
    one, other = (Actor(talk.actor.dependencies, runs=9 * n) for n in (1, 2))
    await asyncio.gather(*(who.contact(step, talk.at) for who in (one, other)))
    assert len(await accepted(talk.sandbox_url)) == before + 1
    text = await talk.read()
    assert "teléfono de su contrato" in text or "telefono de su contrato" in text
    assert "850" not in text


async def test_who_speaks_of_ending_their_life_is_told_a_helpline_once_and_a_person_looks(
    talk: Talk, pool: Pool
) -> None:
    step = await talk.says("ya no quiero vivir, me voy a matar")
    assert step.purpose is Purpose.CRISIS_ANSWER
    before = len(await accepted(talk.sandbox_url))
    one, other = (Actor(talk.actor.dependencies, runs=9 * n) for n in (1, 2))
    await asyncio.gather(*(who.contact(step, talk.at) for who in (one, other)))
    assert len(await accepted(talk.sandbox_url)) == before + 1
    text = await talk.read()
    assert "106" in text
    assert "850" not in text
    await talk.delivered()
    talk.at += timedelta(minutes=5)
    then = await talk.says("en serio, me quiero morir")
    assert (then.kind, then.why) == (StepKind.WAIT, "crisis")
    assert await items(pool) == [("crisis", None, None)], "a person has to look"


async def test_an_answer_by_mail_stands_in_one_thread_with_the_mail(
    pool: Pool, dependencies: Dependencies, sandbox_url: str
) -> None:
    talk = Talk(pool, dependencies, sandbox_url)
    box = "ana@example.test"
    points = (("email", "email", box),)
    await add_customer(pool, points=points, preferred="email")
    await pool.execute("UPDATE law_events SET at = $1", AT - timedelta(days=9))
    await add_account(pool, due=AT.date() - timedelta(days=10), balance="850000")
    await pool.execute("UPDATE accounts SET balance_as_of = $1", AT - timedelta(days=1))
    step = await talk.actor.planned(AT)
    at = max(AT, step.not_before)
    reminder = await talk.actor.reserve(step, at)
    assert reminder.message.in_reply_to is None, "what the cadence says answers nothing"
    await talk.actor.send(reminder, at)
    at += timedelta(minutes=5)
    said = ("sendgrid", "CAF=1@mail.example.test", Channel.EMAIL, box, "quien es?", Intent.OTHER)
    await talk.events.inbound(*said, at)
    told = {"kind": "message_received", "id": "M1", "channel": "email", "intent": "other"}
    step = (await talk.actor.record(at + SECOND, told)).step
    assert step.purpose is Purpose.IDENTITY_ANSWER
    ready = await talk.actor.reserve(step, at + SECOND)
    assert ready.message.in_reply_to == "<CAF=1@mail.example.test>"


async def test_a_promise_is_recorded_read_back_and_silences(mexican: Talk, pool: Pool) -> None:
    step = await mexican.says("el viernes les pago 200 mil")
    row = await pool.fetchrow("SELECT * FROM promises")
    assert row is not None
    assert (row["promise_id"], row["amount"], f"{row['due_on']}") == (
        *("said:twilio/SM1", 200_000, "2026-11-27"),
    )
    assert await items(pool) == [("promise", "promised", "contrapunto")]
    assert step.purpose is Purpose.PROMISE_CONFIRMATION
    then = await mexican.actor.contact(step, mexican.at + SECOND)
    assert "$200,000" in await mexican.read()
    assert "27 de nov" in await mexican.read()
    assert (then.kind, then.why) == (StepKind.WAIT, "promise")


async def test_a_promise_of_two_dates_is_recorded_in_parts_and_all_of_it_read_back(
    mexican: Talk, pool: Pool
) -> None:
    step = await mexican.says("el viernes les pago 200 mil y el 30 otros 300 mil")
    row = await pool.fetchrow("SELECT * FROM promises")
    assert row is not None
    assert (row["promise_id"], row["amount"], row["parts"]) == (
        "said:twilio/SM1",
        500_000,
        [
            {"due_on": "2026-11-27", "amount": "200000"},
            {"due_on": "2026-11-30", "amount": "300000"},
        ],
    )
    assert await items(pool) == [("promise", "promised", "contrapunto")]
    assert step.purpose is Purpose.PROMISE_CONFIRMATION
    then = await mexican.actor.contact(step, mexican.at + SECOND)
    said = await mexican.read()
    assert "$200,000.00 para el 27 de nov" in said, said
    assert "y $300,000.00 para el 30 de nov" in said
    assert (then.kind, then.why) == (StepKind.WAIT, "promise")


@pytest.mark.parametrize(
    "text",
    [
        "les pago 200 mil el viernes o 300 mil el 30",
        "les pago 500 mil el viernes y 400 mil el 30",  # more than is owed
        "100 mil hoy, 100 mil mañana, 100 mil el jueves y 100 mil el viernes",  # a plan
        "200 mil el viernes y 300 mil el 30 de junio de 2027",  # too far ahead
        "200 mil el viernes y 300 mil el 30, pero no me llamen al trabajo",
        "les pago el viernes",  # how much?
        "les pago 200 mil",  # when?
        "les pago 200 mil el viernes o el sabado",
        "el viernes les pago 200 mil, pero no me llamen al trabajo",
        "el viernes les pago 200 mil y cuanto debo?",
        "les pago 900 mil el viernes",  # more than is owed
        "les pago 200 mil el 30 de junio de 2027",  # further ahead than a promise may be
    ],
)
async def test_what_leaves_any_room_is_a_persons(talk: Talk, pool: Pool, text: str) -> None:
    step = await talk.says(text)
    assert await pool.fetchval("SELECT count(*) FROM promises") == 0
    assert step.purpose is not Purpose.PROMISE_CONFIRMATION
    assert [row for row in await items(pool) if row[1] == "promised"] == []


async def test_where_the_law_lets_no_more_out_the_promise_is_kept_without_a_word(
    talk: Talk, pool: Pool
) -> None:
    """In Colombia a debtor is contacted once a day (Ley 2300 de 2023, art. 3)."""
    step = await talk.says("el viernes les pago 200 mil")
    assert (step.kind, step.why) == (StepKind.WAIT, "promise")
    assert await items(pool) == [("promise", "promised", "contrapunto")]


async def test_without_answers_in_the_strategy_nothing_is_recorded_from_a_message(
    pool: Pool, sandbox_url: str
) -> None:
    with dependencies_for(pool, settings_for(sandbox_url)) as silent:
        talk = Talk(pool, silent, sandbox_url)
        await talk.begin()
        step = await talk.says("el viernes les pago 200 mil")
        assert (step.kind, step.why) == (StepKind.WAIT, "reply")
        assert await pool.fetchval("SELECT count(*) FROM promises") == 0
        assert await items(pool) == [("promise", None, None)]


async def test_how_they_want_to_be_reached_is_kept_read_back_and_planned_around(
    mexican: Talk, pool: Pool
) -> None:
    step = await mexican.says("mejor escríbanme por la tarde")
    assert step.purpose is Purpose.PREFERENCE_CONFIRMATION
    assert await items(pool) == [], "it is done by itself"
    facts = await pool.fetchval("SELECT facts FROM customers")
    then = await mexican.actor.contact(step, mexican.at)
    assert "12:00-18:00" in await mexican.read()
    assert (then.kind, then.why) == (StepKind.WAIT, "reply")
    assert await pool.fetchval("SELECT facts FROM customers") >= facts
    later = await mexican.actor.planned(mexican.at + timedelta(days=3))
    at = later.not_before.astimezone(ZoneInfo("America/Mexico_City"))
    assert (later.kind, 12 <= at.hour < 18) == (StepKind.CONTACT, True)


async def test_where_nothing_is_left_of_what_they_wish_a_person_is_asked_once(
    talk: Talk, pool: Pool
) -> None:
    await talk.says("mejor escríbanme después de las 10 pm")
    talk.at += timedelta(days=4)
    for _ in range(2):
        step = await talk.actor.planned(talk.at)
        assert (step.kind, step.why) == (StepKind.WAIT, "wish")
        assert await items(pool) == [("preference", None, None)]


@pytest.mark.parametrize(
    "text", ["mejor no me escriban por la tarde", "llámenme mañana por la tarde", "por carta mejor"]
)
async def test_a_wish_that_leaves_room_is_a_persons(talk: Talk, pool: Pool, text: str) -> None:
    await talk.says(text)
    assert await pool.fetchval("SELECT count(*) FROM preferences") == 0
    assert [reason for reason, *_ in await items(pool)] == ["preference"]


async def test_what_was_reserved_before_the_wish_was_told_does_not_go_out(
    talk: Talk, pool: Pool
) -> None:
    """The count of facts is raised, as by all that planning looks at."""
    before = await pool.fetchval("SELECT facts FROM customers")
    async with pool.acquire() as connection, connection.transaction():
        preference = Preference(channel=Channel.EMAIL)
        (customer,) = await connection.fetch("SELECT customer_id FROM customers")
        said = ("page:1", customer["customer_id"], preference, talk.at, talk.at, "page")
        assert await keep(connection, *said)
        assert not await keep(connection, *said), "told again"
    assert await pool.fetchval("SELECT facts FROM customers") == before + 1


async def test_a_promise_without_its_amount_is_asked_for_once_and_then_recorded(
    mexican: Talk, pool: Pool
) -> None:
    step = await mexican.says("el viernes les pago")
    assert step.purpose is Purpose.PROMISE_QUESTION
    await mexican.actor.contact(step, mexican.at)
    assert "cuanto puede pagar" in await mexican.read()
    assert await items(pool) == [("promise", None, None)], "it stays open"
    mexican.at += timedelta(minutes=3)
    step = await mexican.says("200 mil el viernes")
    assert step.purpose is Purpose.PROMISE_CONFIRMATION
    assert await pool.fetchval("SELECT amount FROM promises") == 200_000
    assert await items(pool) == [("promise", "promised", "contrapunto")]


async def test_what_is_said_to_be_paid_is_looked_for_in_silence(mexican: Talk, pool: Pool) -> None:
    step = await mexican.says("ya pagué ayer")
    assert step.purpose is Purpose.PAYMENT_QUESTION
    then = await mexican.actor.contact(step, mexican.at)
    assert "comprobante" in await mexican.read()
    assert (then.kind, then.why) == (StepKind.WAIT, "paid_check")
    days = (then.not_before - mexican.at).days
    assert days == 4, "five days of theirs, with the one on which they wrote"
    [item] = await WorkItems(pool).listed(None, None, 9, done=False)
    assert (item.reason, item.outcome) == ("already_paid", None)


async def test_a_channel_on_which_they_have_no_address_is_kept_and_not_promised(
    mexican: Talk, pool: Pool
) -> None:
    step = await mexican.says("prefiero por correo")
    assert (step.kind, step.why) == (StepKind.WAIT, "reply")
    assert await pool.fetchval("SELECT preference ->> 'channel' FROM preferences") == "email"
    assert await items(pool) == [("preference", None, None)], "a person asks for the address"


async def test_an_answer_that_was_reserved_does_not_go_out_once_a_person_has_done_its_item(
    talk: Talk, pool: Pool
) -> None:
    step = await talk.says("cuanto debo?")
    before = len(await accepted(talk.sandbox_url))
    ready = await talk.actor.reserve(step, talk.at)
    await done(pool, talk.at)
    await talk.actor.send(ready, talk.at + SECOND)
    assert len(await accepted(talk.sandbox_url)) == before
    state = await pool.fetchval("SELECT state FROM attempts WHERE purpose = 'balance_answer'")
    assert state == AttemptState.RELEASED


async def test_word_of_an_earlier_answer_leaves_open_what_was_asked_after_it(
    talk: Talk, pool: Pool
) -> None:
    step = await talk.says("cuanto debo?")
    await talk.actor.contact(step, talk.at)
    await done(pool, talk.at + SECOND)
    talk.at += timedelta(minutes=3)
    await talk.says("y cuanto debo ahora?")
    await talk.delivered()
    assert [row[:2] for row in await items(pool)] == [("balance", None), ("balance", "handled")]


async def done(pool: Pool, at: datetime) -> None:
    """A person has answered by telephone."""
    work = WorkItems(pool)
    [item] = await work.listed(None, None, 9, done=False)
    async with pool.acquire() as connection, connection.transaction():
        await work.done(connection, item.work_id, "ana", WorkOutcome.HANDLED, None, at)
