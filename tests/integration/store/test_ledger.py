"""The contact ledger in PostgreSQL: moves, locks, and facts that come in between."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import asyncpg
import pytest

from activities.dependencies import Dependencies
from domain.channels import Channel
from domain.ledger.attempt import TRANSITIONS, AttemptState, RefusalKind
from domain.names import attempt_id
from domain.planning.step import StepKind
from store.database import Pool
from store.provider_events import ProviderEvents
from tests.support.activities import Actor, accepted
from tests.support.rows import add_account, add_customer, attempts

ATTEMPT = attempt_id("bank", "A1", 1)

Fact = Callable[[Actor, Pool, datetime], Awaitable[None]]


async def state(pool: Pool, attempt: str = ATTEMPT) -> str:
    found: str = await pool.fetchval("SELECT state FROM attempts WHERE attempt_id = $1", attempt)
    return found


# --- moves ----------------------------------------------------------------------------------------


async def test_the_database_refuses_every_move_that_the_domain_refuses(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await actor.reserve(await actor.planned(now))
    wrong = []
    for old, new in product(AttemptState, repeat=2):
        if old is new:
            continue
        async with pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute("ALTER TABLE attempts DISABLE TRIGGER attempts_guard")
            await connection.execute("UPDATE attempts SET state = $1", old.value)
            await connection.execute("ALTER TABLE attempts ENABLE TRIGGER attempts_guard")
            try:
                await connection.execute("UPDATE attempts SET state = $1", new.value)
                taken = True
            except asyncpg.CheckViolationError:
                taken = False
            await transaction.rollback()
        if taken is not (new in TRANSITIONS[old]):
            wrong.append((old.value, new.value))
    assert wrong == []


@pytest.mark.parametrize("born", [state for state in AttemptState if state != "reserved"])
async def test_an_attempt_begins_as_reserved(
    actor: Actor, pool: Pool, now: datetime, born: AttemptState
) -> None:
    await actor.reserve(await actor.planned(now))
    with pytest.raises(asyncpg.CheckViolationError, match="begins as reserved"):
        await pool.execute(
            "INSERT INTO attempts (attempt_id, creditor, account_id, customer_id, covers, "
            "step, touch, phase, purpose, channel, provider, contact_point_id, state, "
            "jurisdictions, zones, not_before, not_after, facts_seen, reserved_at) "
            "SELECT 'other', creditor, account_id, customer_id, covers, 99, touch, phase, "
            "purpose, channel, provider, contact_point_id, $1, jurisdictions, zones, not_before, "
            "not_after, facts_seen, reserved_at FROM attempts",
            born.value,
        )


async def test_one_step_has_one_attempt(actor: Actor, pool: Pool, now: datetime) -> None:
    step = await actor.planned(now)
    await actor.reserve(step)
    with pytest.raises(asyncpg.UniqueViolationError):
        await pool.execute(
            "INSERT INTO attempts (attempt_id, creditor, account_id, customer_id, covers, step, "
            "touch, phase, purpose, channel, provider, contact_point_id, state, jurisdictions, "
            "zones, not_before, not_after, facts_seen, reserved_at) "
            "SELECT 'other', creditor, account_id, customer_id, covers, step, touch, phase, "
            "purpose, channel, provider, contact_point_id, 'reserved', jurisdictions, zones, "
            "not_before, not_after, facts_seen, reserved_at FROM attempts"
        )


# --- callbacks and answers, in any order ----------------------------------------------------------


async def dispatched(actor: Actor, pool: Pool, now: datetime) -> datetime:
    """An attempt whose request has left, and the moment."""
    step = await actor.planned(now)
    await actor.reserve(step)
    row = (await attempts(pool))[0]
    assert await actor.dependencies.ledger.dispatch(ATTEMPT, row["execution"], step.not_before, "d")
    return step.not_before


async def test_a_callback_may_come_before_the_answer(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    at = await dispatched(actor, pool, now)
    told = await ProviderEvents(pool).delivery(
        "twilio", "e1", ATTEMPT, AttemptState.DELIVERED, "SM1", None, None, at
    )
    assert told.found
    await actor.dependencies.ledger.accept(ATTEMPT, "SM1", at + timedelta(seconds=1))
    row = (await attempts(pool))[0]
    assert (row["state"], row["provider_message_id"], row["settled_at"]) == ("delivered", "SM1", at)


async def test_a_refusal_cannot_take_back_what_a_callback_has_proved(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    at = await dispatched(actor, pool, now)
    await ProviderEvents(pool).delivery(
        "twilio", "e1", ATTEMPT, AttemptState.DELIVERED, "SM1", None, None, at
    )
    await actor.dependencies.ledger.refuse(ATTEMPT, RefusalKind.RECIPIENT, "21211", "no", at)
    assert await state(pool) == "delivered"
    suppressed = await pool.fetchval("SELECT count(suppressed) FROM contact_points")
    assert suppressed == 0


async def test_doubt_cannot_take_back_an_acceptance(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    at = await dispatched(actor, pool, now)
    await actor.dependencies.ledger.accept(ATTEMPT, "SM1", at)
    await actor.dependencies.ledger.doubt(ATTEMPT, "late", at)
    assert await state(pool) == "accepted"


async def test_a_refused_address_is_suppressed_and_an_opt_out_at_the_provider_recorded(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    at = await dispatched(actor, pool, now)
    await actor.dependencies.ledger.refuse(ATTEMPT, RefusalKind.CONSENT, "21610", "stopped", at)
    events = await pool.fetch("SELECT channel FROM law_events WHERE kind = 'opt_out'")
    assert [event["channel"] for event in events] == ["sms"]
    step = await actor.planned(at)
    assert (step.kind, step.channel, step.why) == (StepKind.CONTACT, Channel.EMAIL, "touch")


# --- facts between reservation and dispatch -------------------------------------------------------


def message(kind: str, **fields: Any) -> Fact:
    """A fact that comes by the activity ``record``."""

    async def write(actor: Actor, _: Pool, at: datetime) -> None:
        today = {k: str(at.date()) if v == "$TODAY" else v for k, v in fields.items()}
        await actor.record(at, {"kind": kind, "id": "m1", **today})

    return write


def statement(sql: str) -> Fact:
    """A fact that another process writes."""

    async def write(_: Actor, pool: Pool, at: datetime) -> None:
        await pool.execute(sql.replace("$AT", f"'{at.isoformat()}'"))

    return write


FACTS: dict[str, Fact] = {
    "an opt-out": statement(
        "INSERT INTO law_events (event_id, customer_id, kind, at) "
        "VALUES ('o', 'C1', 'opt_out', $AT)"
    ),
    "a payment": message("payment_received", amount="1.00"),
    "new facts": message("account_updated", balance="7.00"),
    "a hold": message("hold", until="2999-01-01T00:00:00Z", reason="dispute"),
    "a close": message("close"),
    "a promise": message("record_promise", amount="1000.00", date="$TODAY"),
    "a reply": statement(
        "INSERT INTO inbound (provider, inbound_id, channel, customer_id, address, text, intent, "
        "at) VALUES ('twilio', 'i', 'sms', 'C1', '+573001234567', 'hola', 'other', $AT)"
    ),
    "a suppression": statement("UPDATE contact_points SET suppressed = 'bounced'"),
    "a consent withdrawn": statement("UPDATE contact_points SET consented = false"),
    "an address gone": statement("UPDATE contact_points SET current = false"),
    "another time zone": statement("UPDATE customers SET zones = '{Pacific/Honolulu}'"),
    "another country": statement("UPDATE customers SET country = 'US'"),
    "another state": statement("UPDATE customers SET regions_of_address = '{US-MA}'"),
    "a number of another state": statement("UPDATE customers SET regions_of_phones = '{US-FL}'"),
}


@pytest.mark.parametrize("name", FACTS)
async def test_a_fact_between_reservation_and_dispatch_releases_the_attempt(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime, name: str
) -> None:
    step = await actor.planned(now)
    ready = await actor.reserve(step)
    reserving = actor.runs
    await FACTS[name](actor, pool, step.not_before)
    actor.runs = reserving
    await actor.send(ready, step.not_before + timedelta(seconds=1))
    assert await state(pool) == "released"
    assert await accepted(sandbox_url) == []


async def test_what_changes_no_plan_stops_no_contact(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    await add_customer(pool, "C2", points=(("sms", "mobile", "+573009999999"),))
    await add_account(pool, "B1", "C2", due=now.date())
    step = await actor.planned(now)
    ready = await actor.reserve(step)
    await pool.execute("UPDATE accounts SET next_at = now(), plans = plans + 1")
    await pool.execute("UPDATE accounts SET balance = 1 WHERE account_id = 'B1'")
    await actor.send(ready, step.not_before)
    assert await state(pool) == "accepted"
    assert len(await accepted(sandbox_url)) == 1


@pytest.mark.parametrize("commits", [True, False])
async def test_a_dispatch_waits_for_a_fact_that_is_being_written(
    actor: Actor, pool: Pool, now: datetime, *, commits: bool
) -> None:
    step = await actor.planned(now)
    await actor.reserve(step)
    row = (await attempts(pool))[0]
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("UPDATE accounts SET balance = balance - 1")
        dispatching = asyncio.create_task(
            actor.dependencies.ledger.dispatch(ATTEMPT, row["execution"], step.not_before, "d")
        )
        await asyncio.sleep(0.2)
        assert not dispatching.done()
        await (transaction.commit() if commits else transaction.rollback())
    assert await dispatching is not commits
    assert await state(pool) == ("reserved" if commits else "dispatching")


async def test_only_the_execution_that_reserved_may_dispatch(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    step = await actor.planned(now)
    await actor.reserve(step)
    assert not await actor.dependencies.ledger.dispatch(ATTEMPT, "another", step.not_before, "d")
    assert await state(pool) == "reserved"


# --- one customer, several accounts ---------------------------------------------------------------


@pytest.mark.parametrize("creditors", [("bank", "bank"), ("bank", "shop")])
async def test_two_accounts_of_one_person_cannot_both_pass(
    pool: Pool,
    dependencies: Dependencies,
    sandbox_url: str,
    now: datetime,
    creditors: tuple[str, str],
) -> None:
    crowd = 6
    pairs: list[tuple[Actor, Actor]] = []
    for n in range(crowd):
        points = (("sms", "mobile", f"+57300123450{n}"),)
        await add_customer(pool, f"C{n}", points=points)
        pair = []
        for creditor, account in zip(creditors, (f"A{n}", f"B{n}"), strict=True):
            due = now.date() - timedelta(days=10)
            await add_account(pool, account, f"C{n}", creditor=creditor, due=due)
            pair.append(Actor(dependencies, account, creditor))
        pairs.append((pair[0], pair[1]))
    steps = {id(a): await a.planned(now + timedelta(seconds=5)) for pair in pairs for a in pair}
    at = max(step.not_before for step in steps.values())
    await asyncio.gather(*(a.contact(steps[id(a)], at) for pair in pairs for a in pair))
    made = [row["customer_id"] for row in await attempts(pool) if row["state"] == "accepted"]
    assert sorted(made) == [f"C{n}" for n in range(crowd)]
    assert len(await accepted(sandbox_url)) == crowd


async def test_reserving_waits_for_whoever_holds_the_customer(
    pool: Pool, actor: Actor, now: datetime
) -> None:
    step = await actor.planned(now)
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        lock = "SELECT FROM customers WHERE customer_id = 'C1' FOR NO KEY UPDATE"
        await connection.execute(lock)
        contacting = asyncio.create_task(actor.contact(step))
        await asyncio.sleep(0.3)
        assert not contacting.done()
        assert await attempts(pool) == []
        await transaction.rollback()
    await contacting
    assert await state(pool) == "accepted"


async def test_one_persons_ledger_never_goes_back_in_time(
    pool: Pool, actor: Actor, dependencies: Dependencies, now: datetime
) -> None:
    """Where time is skipped, each account has a clock of its own; the slower one waits."""
    await add_account(pool, "B1", creditor="shop", due=now.date() - timedelta(days=10))
    other = Actor(dependencies, "B1", "shop")
    mine, theirs = await actor.planned(now), await other.planned(now)
    first, second = sorted(((actor, mine), (other, theirs)), key=lambda pair: pair[1].not_before)
    await second[0].contact(second[1])
    by_another_channel = await first[0].contact(first[1])  # the address of the first rests
    assert by_another_channel.channel != first[1].channel
    step = await first[0].contact(by_another_channel)
    assert (step.kind, step.why) == (StepKind.WAIT, "clock")
    (made,) = await attempts(pool)
    assert step.not_before == made["dispatched_at"]
    shown = await pool.fetchrow(
        "SELECT next_at, plans FROM accounts WHERE account_id = $1", first[0].account_id
    )
    assert shown is not None and shown["next_at"] == step.not_before and shown["plans"] == 3
