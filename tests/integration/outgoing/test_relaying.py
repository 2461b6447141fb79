"""Endpoints are told: signed, at least once, an account's events in order, whatever they answer."""

import asyncio
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from config.webhooks.endpoints import Webhooks
from domain.outgoing.events import Event
from store.database import Pool
from store.outgoing.lanes import Lanes
from store.outgoing.stream import Stream
from tests.integration.outgoing.conftest import (
    KEY,
    QUICK,
    SECRET,
    Receiver,
    everything,
    promise,
    relaying,
    webhooks,
)
from tests.support.rows import add_account, add_customer


def status(code: int, **headers: str) -> web.Response:
    return web.Response(status=code, headers=headers)


async def until(pool: Pool, query: str, wanted: object) -> None:
    async with asyncio.timeout(60):
        while await pool.fetchval(query) != wanted:  # noqa: ASYNC110 - PostgreSQL tells nobody
            await asyncio.sleep(0.01)


NO_LANES = "SELECT count(*) FROM webhook_lanes"
DEAD = "SELECT count(*) FROM webhook_dead"


async def test_an_event_is_signed_as_standard_webhooks_say(noted: Pool, receiver: Receiver) -> None:
    await promise(noted, "p1")
    old = b"o" * 32
    async with relaying(noted, webhooks(receiver.url), QUICK, KEY, old):
        await until(noted, "SELECT last FROM event_stream", 1)
        await receiver.until(lambda it: len(it.got) == 1)
    [(headers, body)] = receiver.got
    told = Webhook(SECRET).verify(body, headers)
    assert told == Webhook(old).verify(body, headers), "while a secret is rotated both are right"
    assert told["id"] == headers["webhook-id"]
    assert (told["type"], told["account"], told["data"]["amount"]) == (
        "promise.made",
        "A1",
        "50.00",
    )
    with pytest.raises(WebhookVerificationError):
        Webhook(b"x" * 32).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body.replace(b"50.00", b"51.00"), headers)


async def test_what_is_delivered_leaves_nothing_behind(noted: Pool, receiver: Receiver) -> None:
    async with relaying(noted, webhooks(receiver.url)):
        for number in range(50):
            await promise(noted, f"p{number}")
        await receiver.until(lambda it: len(it.got) == 50)
        await until(noted, NO_LANES, 0)
    assert [one.data["promise"] for one in receiver.events] == [f"p{n}" for n in range(50)]
    assert await noted.fetchval("SELECT count(*) FROM event_outbox") == 0
    assert await noted.fetchval("SELECT count(*) FROM events") == 50, "for those who read the feed"


async def test_an_account_that_fails_waits_and_others_go_on(
    noted: Pool, receiver: Receiver
) -> None:
    await add_account(noted, "A2", due=date(2026, 11, 1))
    refused: list[str] = []

    def answer(event: Event) -> web.Response:
        if event.account == "A1" and len(refused) < 3:
            refused.append(event.id)
            return status(500)
        return status(204)

    receiver.answer = answer
    for number in range(3):
        await promise(noted, f"p{number}")
        await promise(noted, f"q{number}", "A2")
    async with relaying(noted, webhooks(receiver.url)):
        await receiver.until(lambda it: len(it.got) == 9)
        await until(noted, NO_LANES, 0)
    of = {
        name: [e.data["promise"] for e in receiver.events if e.account == name]
        for name in ["A1", "A2"]
    }
    assert of == {"A1": ["p0", "p0", "p0", "p0", "p1", "p2"], "A2": ["q0", "q1", "q2"]}
    assert len(set(refused)) == 1, "the same event has the same id each time"


async def test_an_endpoint_is_told_of_its_creditors_and_types_alone(
    noted: Pool, receiver: Receiver
) -> None:
    await add_account(noted, "B7", creditor="other", due=date(2026, 11, 1))
    await promise(noted, "before")
    await everything(noted)
    told = webhooks(receiver.url, types=("promise.kept", "account.*"))
    async with relaying(noted, told):
        await Stream(noted).note_for(["bank", "other"])
        await promise(noted, "theirs", "B7", "other")
        await promise(noted, "p1")
        await noted.execute("UPDATE promises SET state = 'kept', settled_at = now()")
        await receiver.until(lambda it: len(it.got) >= 2)
        await until(noted, NO_LANES, 0)
    assert {(one.type, one.account) for one in receiver.events} == {("promise.kept", "A1")}
    assert {one.data["promise"] for one in receiver.events} == {"before", "p1"}


async def test_what_is_never_taken_is_set_aside_and_redriven_by_command(
    noted: Pool, receiver: Receiver
) -> None:
    receiver.answer = lambda event: status(500 if event.data["promise"] == "p0" else 204)
    for number in range(3):
        await promise(noted, f"p{number}")
    at_once = QUICK.__class__(**{**QUICK.__dict__, "give_up_after": 0})
    async with relaying(noted, webhooks(receiver.url), at_once):
        await until(noted, DEAD, 1)
        await receiver.until(lambda it: len(it.got) == 3)
        await until(noted, NO_LANES, 0)
        lanes = Lanes(noted)
        [failed] = await lanes.failed("core", 10)
        assert (failed.problem, failed.status, failed.account_id) == ("answers 500", 500, "A1")
        assert await lanes.redrive("core", "evt_none", None) == 0
        receiver.answer = lambda _: status(204)
        assert await lanes.redrive("core", failed.event_id, None) == 1
        await receiver.until(lambda it: len(it.got) == 4)
        await until(noted, NO_LANES, 0)
    assert receiver.ids[-1] == receiver.ids[0]
    assert await noted.fetchval(DEAD) == 0


async def test_an_endpoint_that_is_gone_is_told_nothing_until_it_is_enabled(
    noted: Pool, receiver: Receiver
) -> None:
    receiver.answer = lambda _: status(410)
    await promise(noted, "p1")
    async with relaying(noted, webhooks(receiver.url)):
        await until(
            noted, "SELECT count(*) FROM webhook_endpoints WHERE disabled_at IS NOT NULL", 1
        )
        await until(noted, "SELECT count(*) FROM webhook_lanes WHERE lease IS NULL", 1)
        [standing] = await Lanes(noted).standing()
        assert (standing.accounts, standing.dead) == (1, 0)
        assert "410" in (standing.disabled_why or "")
        receiver.got.clear()
        await promise(noted, "p2")
        await until(noted, "SELECT last FROM event_stream", 2)
        assert receiver.got == []
        receiver.answer = lambda _: status(204)
        assert await Lanes(noted).enable("core")
        await receiver.until(lambda it: len(it.got) == 2)
    assert [one.data["promise"] for one in receiver.events] == ["p1", "p2"]


@pytest.mark.parametrize("code", [429, 503])
async def test_who_wants_to_be_left_alone_is(noted: Pool, receiver: Receiver, code: int) -> None:
    await add_account(noted, "A2", due=date(2026, 11, 1))
    receiver.answer = lambda _: status(code, **{"retry-after": "3600"})
    await promise(noted, "p1")
    async with relaying(noted, webhooks(receiver.url)):
        await until(noted, "SELECT tries FROM webhook_lanes WHERE lease IS NULL AND tries > 0", 1)
        await promise(noted, "q1", "A2")
        await until(noted, NO_LANES, 2)
    assert len(receiver.got) == 1, "nor is it told of another account meanwhile"
    waits = await noted.fetchval("SELECT max(due_at - now()) FROM webhook_lanes")
    assert waits > timedelta(minutes=59)


async def test_a_redirect_is_not_followed(noted: Pool, receiver: Receiver) -> None:
    receiver.answer = lambda _: status(307, location=receiver.url + "/elsewhere")
    await promise(noted, "p1")
    async with relaying(noted, webhooks(receiver.url)):
        await until(noted, "SELECT problem LIKE '%redirect%' FROM webhook_lanes", True)


async def test_an_answer_without_end_is_read_no_further(noted: Pool, receiver: Receiver) -> None:
    async def endless(_: Event) -> web.Response:
        return web.Response(body=b"x" * 50_000_000)

    receiver.answer = endless
    await promise(noted, "p1")
    async with relaying(noted, webhooks(receiver.url)):
        await until(noted, NO_LANES, 1)
        await until(noted, NO_LANES, 0)
    assert len(receiver.got) == 1


async def test_an_endpoint_that_does_not_answer_is_given_up_on_in_time(
    noted: Pool, receiver: Receiver
) -> None:
    held = asyncio.Event()

    async def slow(_: Event) -> web.Response:
        await held.wait()
        return status(204)

    receiver.answer = slow
    await promise(noted, "p1")
    async with relaying(noted, webhooks(receiver.url, timeout=0.2)):
        await until(noted, "SELECT problem LIKE 'no answer%' FROM webhook_lanes", True)
        held.set()
        await until(noted, NO_LANES, 0)


async def test_a_name_that_leads_to_a_private_address_is_not_called(
    noted: Pool, receiver: Receiver
) -> None:
    told = webhooks(receiver.url.replace("127.0.0.1", "localhost"), private=False)
    await promise(noted, "p1")
    async with relaying(noted, told):
        await until(noted, "SELECT problem LIKE '%private%' FROM webhook_lanes", True)
    assert receiver.got == []


async def test_words_go_to_who_may_have_them_and_never_to_one_of_several_creditors(
    noted: Pool, receiver: Receiver
) -> None:
    await add_customer(noted, "C2", points=())
    await add_account(noted, "A2", "C2", due=date(2026, 11, 1))
    await add_account(noted, "B7", "C2", creditor="other", due=date(2026, 11, 1))
    for customer in ("C1", "C2"):
        await noted.execute(
            "INSERT INTO inbound (provider, inbound_id, channel, customer_id, address, text, "
            "intent, at) VALUES ('twilio', $1, 'sms', $1, '+57', 'soy yo', 'other', $2)",
            customer,
            datetime(2026, 11, 20, tzinfo=UTC),
        )
    for words in (True, False):
        receiver.got.clear()
        await noted.execute("UPDATE webhook_lanes SET due_at = now()")
        async with relaying(noted, webhooks(receiver.url, name=f"w{words}".lower(), words=words)):
            if not words:
                await noted.execute(
                    "INSERT INTO webhook_lanes (endpoint, creditor, account_id, done, last) "
                    "SELECT 'wfalse', creditor, account_id, 0, 2 FROM accounts "
                    "WHERE creditor = 'bank'"
                )
            await receiver.until(lambda it: len(it.got) == 2)
        found = {one.customer: one.data.get("words") for one in receiver.events}
        assert found == {"C1": "soy yo" if words else None, "C2": None}


async def test_two_relays_tell_everything_once_and_in_order(
    noted: Pool, receiver: Receiver
) -> None:
    for number in range(2, 12):
        await add_account(noted, f"A{number}", due=date(2026, 11, 1))
    told = webhooks(receiver.url)
    async with relaying(noted, told), relaying(noted, told):
        for number in range(10):
            for account in range(2, 12):
                await promise(noted, f"p{number}", f"A{account}")
        await receiver.until(lambda it: len(it.got) >= 100)
        await until(noted, NO_LANES, 0)
    assert len(receiver.ids) == len(set(receiver.ids)) == 100
    for account in range(2, 12):
        mine = [one.data["promise"] for one in receiver.events if one.account == f"A{account}"]
        assert mine == [f"p{number}" for number in range(10)]


async def test_what_a_relay_had_when_it_was_lost_is_taken_over(
    noted: Pool, receiver: Receiver
) -> None:
    await promise(noted, "p1")
    told = webhooks(receiver.url)
    await everything(noted, told)
    claimed: dict[str, Any] = {"lanes": 5, "each": 5, "words": False}
    types = told.endpoints[0].wants
    [lost] = await Lanes(noted).claim("core", types, lease=timedelta(hours=1), **claimed)
    assert await Lanes(noted).claim("core", types, lease=timedelta(hours=1), **claimed) == []
    await noted.execute("UPDATE webhook_lanes SET due_at = now()")
    async with relaying(noted, told):
        await receiver.until(lambda it: len(it.got) == 1)
        await until(noted, NO_LANES, 0)
    assert lost.events[0].event.id == receiver.ids[0]


async def test_what_is_old_is_forgotten_and_what_is_new_is_kept(noted: Pool) -> None:
    stream = Stream(noted)
    for number in range(4):
        await promise(noted, f"p{number}")
    await everything(noted)
    await noted.execute(
        "UPDATE events SET recorded_at = now() - interval '40 days' WHERE position < 3"
    )
    assert await stream.forget(timedelta(days=30)) == 2
    assert await stream.forget(timedelta(days=30)) == 0
    assert [one.position for one in await stream.read(0, 10)] == [3, 4]
    assert await stream.bounds() == (4, 2)


def test_the_file_may_name_nobody() -> None:
    assert Webhooks().creditors == []
    assert json.loads(Webhooks().model_dump_json())["endpoints"] == []
