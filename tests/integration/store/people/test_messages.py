"""A person's message goes through the door and the law of all messages, and never twice."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from activities.dependencies import Dependencies
from config.reader import load_reader
from config.settings import ROOT
from config.wording.whatsapp import approved_bodies
from domain.channels import Channel, Purpose
from domain.contacts.message import WITHIN
from domain.conversation.keywords import Intent
from domain.failures import BadInput, NotFound
from domain.names import attempt_id, contact_point_id
from domain.planning.step import Status, Step, StepKind
from lab.builders.parts import dependencies_for, settings_for
from store.database import Pool
from store.provider_events import ProviderEvents
from tests.integration.store.conftest import quiet_sandbox
from tests.integration.store.people.support import MOBILE, At, Desk, Told, mid_morning
from tests.support.activities import Actor, accepted, fault
from tests.support.rows import add_account, add_customer, attempts
from workers.contacts.writing import Became, Draft, Writing, Written

ADDRESS = "ana@example.com"
POINTS = (
    ("sms", "mobile", MOBILE),
    ("whatsapp", "mobile", MOBILE),
    ("email", "email", ADDRESS),
    ("voice", "mobile", MOBILE),
)
WORDS = "Buenos días, señora Rojas: le confirmo que recibimos su carta."
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


class Ana:
    """Writes to one customer; what the workflow would do is done by hand."""

    def __init__(self, pool: Pool, dependencies: Dependencies, sandbox_url: str) -> None:
        self.pool, self.sandbox_url = pool, sandbox_url
        self.clock, self.accounts = At(mid_morning()), Told()
        self.actor = Actor(dependencies)
        self.writing = Writing(pool, self.accounts, self.clock, "https://pay.example/{reference}")

    @property
    def now(self) -> datetime:
        return self.clock.at

    async def writes(self, name: str = "m1", **said: Any) -> Written:
        return await self.writing.write(draft(name, **said))

    async def planned(self) -> Step:
        return await self.actor.planned(self.now)

    async def sends(self, name: str = "m1", **said: Any) -> Step:
        """Written, planned, made: and what comes next."""
        await self.writes(name, **said)
        step = await self.planned()
        assert step.message == name, step.summary
        return await self.actor.contact(step, self.now)

    async def became(self, name: str = "m1") -> Written:
        return await self.writing.became(name)

    async def read(self) -> list[str]:
        return [str(one["text"]) for one in await accepted(self.sandbox_url)]

    async def customer_writes(self, text: str, channel: Channel, intent: Intent) -> None:
        events = ProviderEvents(self.pool, load_reader())
        address = ADDRESS if channel is Channel.EMAIL else MOBILE
        await events.inbound("twilio", f"SM{text}", channel, address, text, intent, self.now)


def draft(name: str = "m1", **said: Any) -> Draft:
    known = {"creditor": "bank", "account_id": "A1", "channel": Channel.SMS, "by": "ana"}
    return Draft(message_id=name, **{**known, "text": WORDS, **said})


@pytest.fixture
def sandbox_url() -> Iterator[str]:
    """One that knows the templates of WhatsApp."""
    with quiet_sandbox(content=approved_bodies(ROOT / "config" / "whatsapp.yaml")) as url:
        yield url


@pytest.fixture
async def dependencies(pool: Pool, sandbox_url: str) -> AsyncIterator[Dependencies]:
    settings = settings_for(
        sandbox_url, provider_timeout=0.7, whole_orders=True, twilio_whatsapp_from="+15005550006"
    )
    with dependencies_for(pool, settings) as made:
        yield made


@pytest.fixture
async def ana(pool: Pool, dependencies: Dependencies, sandbox_url: str) -> Ana:
    await add_customer(pool, points=POINTS, preferred="sms")
    made = Ana(pool, dependencies, sandbox_url)
    await pool.execute("UPDATE law_events SET at = $1", made.now - 9 * DAY)
    await add_account(pool, due=made.now.date() - 10 * DAY)
    await pool.execute("UPDATE accounts SET balance_as_of = $1", made.now - DAY)
    return made


@pytest.fixture
async def mexican(pool: Pool, dependencies: Dependencies, sandbox_url: str) -> Ana:
    """Where the law lets more than one message a day out."""
    zone = ("America/Mexico_City",)
    await add_customer(pool, points=POINTS, preferred="sms", country="MX", zones=zone)
    made = Ana(pool, dependencies, sandbox_url)
    made.clock.at += timedelta(hours=2)
    await pool.execute("UPDATE law_events SET at = $1", made.now - 9 * DAY)
    await add_account(pool, due=made.now.date() - 10 * DAY, currency="MXN")
    await pool.execute("UPDATE accounts SET balance_as_of = $1", made.now - DAY)
    return made


# --- what is sent, and how ------------------------------------------------------------------------


async def test_it_goes_before_all_that_is_planned_with_what_the_law_asks_to_be_said(
    ana: Ana, pool: Pool
) -> None:
    written = await ana.writes()
    assert (written.became, written.new) == (Became.WAITING, True)
    assert ana.accounts.told == ["bank/A1"]
    step = await ana.planned()
    assert (step.kind, step.purpose, step.touch) == (StepKind.CONTACT, Purpose.PERSON, 0)
    assert ana.now <= step.not_before < ana.now + SECOND, "at once"
    assert step.not_after == ana.now + WITHIN
    assert step.summary.startswith("SMS by a person, due ")
    assert "Rojas" not in step.model_dump_json()
    await ana.actor.contact(step, ana.now)
    [text] = await ana.read()
    assert text.startswith("bank: Buenos dias, señora Rojas: le confirmo que recibimos su carta.")
    assert text.endswith("Responda BASTA y no le escribimos mas a este numero.")
    [row] = await attempts(pool)
    assert (row["purpose"], row["state"], row["attempt_id"]) == (
        "person",
        "accepted",
        attempt_id("bank", "A1", 1),
    )
    became = await ana.became()
    assert (became.became, became.attempt_id) == (Became.SENT, row["attempt_id"])


async def test_afterwards_the_machine_is_quiet_as_after_a_reply(
    ana: Ana, dependencies: Dependencies
) -> None:
    step = await ana.sends()
    rests = dependencies.strategies["default"].reply_rest_days
    bogota = ZoneInfo("America/Bogota")
    midnight = ana.now.astimezone(bogota).replace(hour=0) + rests * DAY
    assert (step.kind, step.why) == (StepKind.WAIT, "person")
    assert step.summary.startswith("A person wrote to the customer: it rests until ")
    assert step.not_before == midnight
    assert step.view.last_contact is not None
    assert step.view.last_contact.startswith("SMS by a person, accepted through twilio")


async def test_an_email_has_the_subject_of_who_writes_and_nothing_in_it_is_evaluated(
    ana: Ana, sandbox_url: str
) -> None:
    words = "Hola <b>Ana</b>,\n\n{{ name }} {% for x in y %}"
    await ana.sends(channel=Channel.EMAIL, text=words, subject="Su carta {{ name }}")
    [sent] = await accepted(sandbox_url)
    assert sent["subject"] == "Su carta {{ name }}"
    assert words in sent["text"]


async def test_within_the_window_of_whatsapp_their_own_words_go_outside_only_a_template(
    ana: Ana, pool: Pool, sandbox_url: str
) -> None:
    await ana.writes("m1", channel=Channel.WHATSAPP)
    assert (await ana.planned()).purpose is not Purpose.PERSON
    refused = await ana.became("m1")
    assert (refused.became, refused.rule) == (Became.NOT_SENT, "house")
    assert "within 24 hours of the customer's last message there" in str(refused.why)
    await ana.customer_writes("hola", Channel.WHATSAPP, Intent.OTHER)
    ana.clock.at += MINUTE
    await ana.sends("m2", channel=Channel.WHATSAPP, text="Hola,\n\n¿en qué le ayudo?")
    assert "Hola,\n\n¿en qué le ayudo?" in (await ana.read())[0]
    assert (await attempts(pool))[0]["channel"] == "whatsapp"


async def test_a_template_goes_by_whatsapp_at_any_time(ana: Ana, pool: Pool) -> None:
    await ana.sends(channel=Channel.WHATSAPP, text=None, template=Purpose.HELP_TO_PAY)
    assert "cuotas" in (await ana.read())[0]
    assert [row["purpose"] for row in await attempts(pool)] == ["person"]


# --- never twice ----------------------------------------------------------------------------------


async def test_under_one_id_it_is_sent_once_however_often_it_is_written(
    mexican: Ana, pool: Pool
) -> None:
    await mexican.sends()
    again = await mexican.writes()
    assert (again.new, again.became) == (False, Became.SENT)
    assert (await mexican.planned()).purpose is not Purpose.PERSON
    assert len(await mexican.read()) == 1
    assert await pool.fetchval("SELECT count(*) FROM person_messages") == 1


@pytest.mark.parametrize(
    ("said", "which"),
    [
        ({"text": "Otra cosa"}, "text"),
        ({"by": "luis"}, "by"),
        ({"channel": Channel.WHATSAPP}, "channel, point"),
        ({"text": None, "template": Purpose.REMINDER}, "template, text"),
    ],
)
async def test_other_contents_under_one_id_are_refused_and_never_quoted(
    ana: Ana, said: dict[str, Any], which: str
) -> None:
    await ana.writes()
    with pytest.raises(BadInput) as refused:
        await ana.writes(**said)
    assert str(refused.value) == (
        f"id: m1 is another message's (other {which}): give each an id of its own"
    )


async def test_two_who_write_under_one_id_at_once_write_one(ana: Ana, pool: Pool) -> None:
    await asyncio.gather(*(ana.writes() for _ in range(5)))
    assert await pool.fetchval("SELECT count(*) FROM person_messages") == 1


async def test_executions_beside_one_another_send_it_once(
    ana: Ana, dependencies: Dependencies
) -> None:
    await ana.writes()
    step = await ana.planned()
    others = [Actor(dependencies, runs=9 * n) for n in range(1, 4)]
    await asyncio.gather(*(one.contact(step, ana.now) for one in others), return_exceptions=True)
    for _ in range(3):
        again = await ana.planned()
        if again.message:
            await ana.actor.contact(again, ana.now)
    assert len(await ana.read()) == 1


async def test_who_died_between_dispatch_and_settling_leaves_a_doubt_and_no_second_message(
    ana: Ana, pool: Pool, dependencies: Dependencies
) -> None:
    await ana.writes()
    step = await ana.planned()
    await ana.actor.reserve(step, ana.now)
    [row] = await attempts(pool)
    await dependencies.ledger.dispatch(row["attempt_id"], row["execution"], ana.now, "digest")
    then = await ana.actor.contact(step, ana.now + SECOND)
    assert (then.kind, then.attempt_id) == (StepKind.RECONCILE, row["attempt_id"])
    assert (await ana.became()).became is Became.UNKNOWN
    while then.kind is StepKind.RECONCILE:
        then = await ana.actor.reconcile(row["attempt_id"], then.not_before)
    assert then.message is None
    assert await ana.read() == []


async def test_who_died_between_reserving_and_dispatch_sends_it_in_the_next_run(
    ana: Ana, pool: Pool
) -> None:
    await ana.writes()
    step = await ana.planned()
    await ana.actor.reserve(step, ana.now)
    assert (await ana.became()).became is Became.SENDING
    again = await ana.actor.contact(step, ana.now + SECOND)
    assert (again.message, again.number) == ("m1", 2)
    await ana.actor.contact(again, ana.now + SECOND)
    assert [row["state"] for row in await attempts(pool)] == ["released", "accepted"]
    assert len(await ana.read()) == 1
    assert (await ana.became()).attempt_id == attempt_id("bank", "A1", 2)


@pytest.mark.parametrize("what", ["hang_after", "5xx_after", "cut_after"])
async def test_a_lost_answer_is_asked_about_and_never_sent_again(
    ana: Ana, pool: Pool, sandbox_url: str, what: str
) -> None:
    await fault(sandbox_url, what, op="send")
    step = await ana.sends()
    assert len(await ana.read()) == 1
    assert (step.kind, (await ana.became()).became) == (StepKind.RECONCILE, Became.UNKNOWN)
    await pool.execute("UPDATE attempts SET dispatched_at = now() - interval '1 minute'")
    await ana.actor.reconcile(str(step.attempt_id), step.not_before)
    assert (await ana.became()).became is Became.SENT
    assert len(await ana.read()) == 1


async def test_no_statement_gives_a_message_that_has_left_to_another_attempt(
    mexican: Ana, pool: Pool
) -> None:
    await mexican.sends()
    with pytest.raises(asyncpg.CheckViolationError, match="it is refused, or has an attempt"):
        await pool.execute("UPDATE person_messages SET attempt_id = NULL")


# --- the law, and what people heed beside it ------------------------------------------------------


async def test_a_stop_that_comes_between_reserving_and_dispatch_releases_it_and_says_so(
    ana: Ana, pool: Pool
) -> None:
    await ana.writes()
    step = await ana.planned()
    sleeper = await ana.actor.reserve(step, ana.now)
    await ana.customer_writes("BASTA", Channel.SMS, Intent.OPT_OUT)
    await ana.actor.send(sleeper, ana.now + SECOND)
    assert [row["state"] for row in await attempts(pool)] == ["released"]
    ana.clock.at += 2 * SECOND
    assert (await ana.planned()).message is None
    became = await ana.became()
    assert (became.became, became.why) == (Became.NOT_SENT, "the customer said stop")
    assert await ana.read() == []


async def test_a_stop_that_comes_before_reserving_refuses_it(ana: Ana, pool: Pool) -> None:
    await ana.writes()
    step = await ana.planned()
    await ana.customer_writes("BASTA", Channel.SMS, Intent.OPT_OUT)
    await ana.actor.contact(step, ana.now + SECOND)
    assert await attempts(pool) == []
    assert (await ana.became()).why == "the customer said stop"


async def test_by_night_it_is_refused_by_the_rule_of_law_and_told_when_it_may_be_sent(
    ana: Ana,
) -> None:
    ana.clock.at += timedelta(hours=11)
    await ana.writes()
    assert (await ana.planned()).message is None
    became = await ana.became()
    assert became.became is Became.NOT_SENT
    assert str(became.rule).startswith("co.ley2300")
    assert became.next_allowed_at is not None
    assert "Ley 2300" in str(became.cite)


async def test_two_on_one_day_are_one_too_many_in_colombia_and_not_in_mexico(
    ana: Ana, pool: Pool
) -> None:
    await ana.sends("m1")
    ana.clock.at += MINUTE
    await ana.writes("m2", text="Otra cosa")
    await ana.planned()
    assert (await ana.became("m2")).became is Became.NOT_SENT
    assert len(await attempts(pool)) == 1


async def test_in_mexico_a_second_one_goes(mexican: Ana) -> None:
    await mexican.sends("m1")
    mexican.clock.at += MINUTE
    await mexican.sends("m2", text="Otra cosa")
    assert len(await mexican.read()) == 2


async def test_while_somebody_dials_nobody_writes(ana: Ana, pool: Pool) -> None:
    desk = Desk(pool, ana.now)
    await desk.begin(point=contact_point_id("C1", "voice", MOBILE))
    ana.clock.at += MINUTE
    await ana.writes()
    await ana.planned()
    assert "a person has been contacting this customer since" in str((await ana.became()).why)


async def test_it_goes_while_a_promise_silences_the_machine(ana: Ana) -> None:
    told = {"kind": "record_promise", "id": "p1", "amount": "1000"}
    day = (ana.now + 5 * DAY).date().isoformat()
    answer = await ana.actor.record(ana.now - MINUTE, {**told, "date": day})
    assert answer.step.view.status is Status.PROMISED
    await ana.sends()
    assert len(await ana.read()) == 1


async def test_what_nobody_takes_up_in_time_is_never_sent(ana: Ana, pool: Pool) -> None:
    await ana.writes()
    ana.clock.at += WITHIN
    assert (await ana.became()).became is Became.NOT_SENT, "also where nobody plans any more"
    assert (await ana.planned()).message is None
    assert await pool.fetchval("SELECT why FROM person_messages") == (
        "nobody took it up within 15 minutes of its writing"
    )


async def test_what_the_provider_certainly_did_not_take_is_told_and_not_tried_elsewhere(
    ana: Ana, sandbox_url: str
) -> None:
    await fault(sandbox_url, "refuse:21211", channel="sms")
    step = await ana.sends()
    assert step.message is None
    became = await ana.became()
    assert (became.became, became.code) == (Became.REFUSED, "21211")
    assert became.why == "twilio took nothing of it (recipient)"


async def test_what_the_machine_had_reserved_is_not_sent_over_a_persons_words(
    mexican: Ana, pool: Pool
) -> None:
    step = await mexican.planned()
    mexican.clock.at = max(mexican.now, step.not_before)
    sleeper = await mexican.actor.reserve(step, mexican.now)
    await mexican.writes()
    await mexican.actor.send(sleeper, mexican.now)
    assert [row["state"] for row in await attempts(pool)] == ["released"]
    await mexican.actor.contact(await mexican.planned(), mexican.now)
    purposes = {row["step"]: row["purpose"] for row in await attempts(pool)}
    assert purposes[2] == "person"


async def test_an_account_without_a_workflow_sends_nothing_and_says_so(ana: Ana) -> None:
    async def nobody(account: str, why: str, done: str) -> bool:
        return False

    ana.accounts.plan_anew = nobody  # type: ignore[method-assign]
    written = await ana.writes()
    assert written.became is Became.NOT_SENT
    assert "no workflow of this account runs" in str(written.why)


# --- what may be written --------------------------------------------------------------------------

BAD: list[tuple[dict[str, Any], str]] = [
    ({"text": "   \n "}, "text: must say something"),
    ({"text": "a" * 601}, "text: must have at most 600 characters by sms"),
    ({"text": "hola\x00"}, "text: must be printable: it holds U+0000"),
    ({"text": "hola \u202egro.live"}, "text: must be printable: it holds U+202E"),
    ({"text": "half \ud83d"}, "text: must be printable: it holds U+D83D"),
    ({"text": "Pague en https://evil.example/x"}, "text: must hold no link but one to where"),
    ({"text": "Pague en https://pay.example@evil.example/"}, "text: must hold no link but one"),
    ({"text": "Pague en http://pay.example/x"}, "text: must hold no link but one"),
    ({"text": "Pague en evil.example/x"}, "text: must hold no link but one"),
    ({"text": "www.evil.example"}, "text: must hold no link but one"),
    ({"channel": Channel.VOICE}, "text: cannot be sent by voice: write by sms, whatsapp, email"),
    ({"channel": Channel.EMAIL}, "subject: must be said: an e-mail has one"),
    ({"channel": Channel.EMAIL, "subject": "a\nBcc: b@example.com"}, "subject: must be printable"),
    ({"subject": "Hola"}, "subject: must be left out: sms has none"),
    ({"template": Purpose.REMINDER}, "text: or a template, one of the two"),
    ({"text": None}, "text: or a template, one of the two"),
    ({"text": None, "template": Purpose.PROMISE_BROKEN}, "template: must be one of"),
    ({"text": None, "template": Purpose.REMINDER, "channel": Channel.VOICE}, "channel: cannot"),
    ({"by": " "}, "by: says who writes"),
    ({"point": "nobodys"}, "point: nobodys is no contact point of this customer's"),
    ({"address": "+573009999999"}, "point: the customer has no such contact point for sms"),
]


@pytest.mark.parametrize(("said", "rule"), BAD, ids=[rule for _, rule in BAD])
async def test_what_may_not_be_written_is_refused_by_field_and_never_quoted(
    ana: Ana, pool: Pool, said: dict[str, Any], rule: str
) -> None:
    with pytest.raises(BadInput) as refused:
        await ana.writes(**said)
    assert str(refused.value).startswith(rule)
    assert "evil" not in str(refused.value)
    assert await pool.fetchval("SELECT count(*) FROM person_messages") == 0


@pytest.mark.parametrize(
    "text",
    [
        "Pague en https://pay.example/x, por favor",
        "Nos vemos el 12.30/13.00 y/o mañana",
        "Quedan $1.200.000 (500.000/mes)",
        "{{ 7 * 7 }} {% raw %} ${x} %s",
        "'; DROP TABLE attempts; --",
        "👩\u200d👧 ¿cómo está?",
    ],
)
async def test_what_is_odd_and_lawful_goes_out_to_the_letter(ana: Ana, text: str) -> None:
    await ana.sends(channel=Channel.EMAIL, subject="Su carta", text=text)
    assert text in (await ana.read())[0]


async def test_an_id_that_nobody_has_is_said_to_be_unknown(ana: Ana) -> None:
    with pytest.raises(NotFound, match="no message 'm9' is on record"):
        await ana.became("m9")
