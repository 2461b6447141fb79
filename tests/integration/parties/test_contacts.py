"""A guarantor is contacted: planned, locked, reserved, sent; and what is said in between."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.channels import Purpose
from domain.law.request import LawEvent
from domain.law.terms import Party
from domain.names import contact_point_id
from domain.planning.step import Step, StepKind
from lab.builders.parts import dependencies_for, settings_for
from lab.sandbox.app import create_app
from lab.sandbox.clock import WallClock
from lab.sandbox.persons.bank import PiggyBank
from lab.sandbox.server import in_thread
from lab.sandbox.settings import Settings as SandboxSettings
from store.database import Pool
from store.law_events import Reach, concerned, record
from store.situations import lock_contact, read_situation
from tests.support.activities import Actor, accepted
from tests.support.rows import add_account, add_customer, attempts

ANA, BRUNO = "+573001234567", "+573990000077"


@pytest.fixture
def sandbox_url() -> Iterator[str]:
    nobody = {"payer": 0, "promiser": 0, "answerer": 0, "opt_outer": 0, "unreachable": 0}
    settings = SandboxSettings(personas={**nobody, "ignorer": 1}, callback_retries=0)
    with in_thread(create_app(settings, clock=WallClock(), bank=PiggyBank())) as url:
        yield url


@pytest.fixture
async def actor(pool: Pool, sandbox_url: str) -> AsyncIterator[Actor]:
    """An account whose debtor agreed to nothing, and a guarantor who agreed to SMS."""
    with dependencies_for(pool, settings_for(sandbox_url, provider_timeout=0.7)) as made:
        named = {
            name: strategy.model_copy(
                update={
                    "phases": tuple(
                        phase.model_copy(update={"parties": (Party.GUARANTOR,)})
                        for phase in strategy.phases
                    )
                }
            )
            for name, strategy in made.strategies.items()
        }
        await add_customer(pool, points=(("sms", "mobile", ANA),), consented=False)
        await pool.execute("DELETE FROM law_events")
        await add_customer(pool, "G1", points=(("sms", "mobile", BRUNO),))
        await pool.execute("UPDATE customers SET name = 'Bruno Rojas' WHERE customer_id = 'G1'")
        await add_account(pool, due=datetime.now(UTC).date() - timedelta(days=10))
        await stands(pool, "G1")
        yield Actor(dataclasses.replace(made, strategies=named))


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


async def stands(pool: Pool, who: str, role: str = "guarantor") -> None:
    await pool.execute(
        "INSERT INTO account_parties (creditor, account_id, customer_id, role, since, told_by, "
        "as_of) VALUES ('bank', 'A1', $1, $2, '2020-01-01', 'run', now())",
        who,
        role,
    )


async def says(pool: Pool, who: str, at: datetime, **event: Any) -> list[str]:
    """Somebody's word goes on file; the accounts that hear of it."""
    said = LawEvent.model_validate({"at": at, **event})
    async with pool.acquire() as connection:
        await record(connection, f"{who}:{event['kind']}", who, said, at, "a test")
        return await concerned(connection, Reach((who,), everywhere=True))


async def to_guarantor(actor: Actor, now: datetime) -> Step:
    step = await actor.planned(now)
    assert step.kind is StepKind.CONTACT
    assert step.purpose is Purpose.GUARANTOR_NOTICE
    assert step.contact_point_id == contact_point_id("G1", "sms", BRUNO)
    return step


async def test_a_guarantor_is_told_that_they_are_named_and_not_how_much_is_owed(
    actor: Actor, pool: Pool, now: datetime, sandbox_url: str
) -> None:
    await actor.contact(await to_guarantor(actor, now))
    (row,) = await attempts(pool)
    assert (row["customer_id"], row["account_id"], row["state"]) == ("G1", "A1", "accepted")
    (message,) = await accepted(sandbox_url)
    assert message["person"] == BRUNO
    assert "garante" in message["text"]
    assert "bank" in message["text"]
    assert "150" not in message["text"], "the amount is the debtor's affair"
    assert "Ana" not in message["text"]


async def test_one_touch_is_made_once_whoever_it_is_for(
    actor: Actor, pool: Pool, now: datetime, sandbox_url: str
) -> None:
    step = await to_guarantor(actor, now)
    after = await actor.contact(step)
    assert after.not_before > step.not_before, "the next keeps the distance"
    actor.again = True
    await actor.contact(step)
    assert len(await attempts(pool)) == len(await accepted(sandbox_url)) == 1


@pytest.mark.parametrize(
    ("who", "event"),
    [
        ("G1", {"kind": "opt_out", "channel": "sms"}),
        ("C1", {"kind": "dispute", "account_id": "bank/A1"}),
        ("C1", {"kind": "death"}),
        ("C1", {"kind": "attorney"}),
    ],
)
async def test_what_either_says_between_reservation_and_dispatch_keeps_the_message_in(
    actor: Actor, pool: Pool, now: datetime, sandbox_url: str, who: str, event: dict[str, Any]
) -> None:
    step = await to_guarantor(actor, now)
    ready = await actor.reserve(step)
    assert await says(pool, who, step.not_before, **event) == ["bank/A1"]
    await actor.send(ready, step.not_before)
    assert await accepted(sandbox_url) == []
    (row,) = await attempts(pool)
    assert row["state"] == "released"
    assert (await actor.planned(step.not_before)).kind is StepKind.WAIT


async def test_the_stop_of_a_guarantor_is_theirs_and_leaves_the_debtors_addresses(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await pool.execute("UPDATE contact_points SET consented = true WHERE customer_id = 'C1'")
    await says(pool, "G1", now, kind="opt_out", account_id="bank/A1")
    step = await actor.planned(now)
    assert step.contact_point_id == contact_point_id("C1", "sms", ANA)


async def test_the_stop_of_a_guarantor_from_a_shared_telephone_is_the_telephones(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await pool.execute(
        "UPDATE contact_points SET consented = true, address = $1 WHERE customer_id = 'C1'", BRUNO
    )
    before = await actor.planned(now)
    assert before.contact_point_id == contact_point_id("C1", "sms", ANA)
    said = {"contact_point_id": contact_point_id("G1", "sms", BRUNO), "channel": "sms"}
    assert await says(pool, "G1", now, kind="opt_out", **said) == ["bank/A1"]
    assert (await actor.planned(now)).kind is StepKind.WAIT


async def test_who_holds_the_account_holds_the_debtor_and_the_party(
    actor: Actor, pool: Pool
) -> None:
    """Also for another account of the guarantor, as its debtor or as guarantor once more."""
    await add_account(pool, "A2", "G1", due=datetime.now(UTC).date() - timedelta(days=10))
    async with pool.acquire() as first, pool.acquire() as second:
        held = first.transaction()
        await held.start()
        assert await lock_contact(first, "bank", "A1")
        waiting = second.transaction()
        await waiting.start()
        other = asyncio.ensure_future(lock_contact(second, "bank", "A2"))
        done, _ = await asyncio.wait({other}, timeout=0.3)
        assert done == set(), "the guarantor is held"
        await held.rollback()
        assert await other
        await waiting.rollback()


async def test_a_message_about_two_accounts_rests_from_what_a_guarantor_of_either_was_told(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await actor.contact(await to_guarantor(actor, now))
    await pool.execute("UPDATE contact_points SET consented = true WHERE customer_id = 'C1'")
    await add_account(pool, "A2", due=now.date() - timedelta(days=11))
    beside = Actor(actor.dependencies, "A2")
    (told,) = await attempts(pool)
    step = await beside.planned(told["dispatched_at"] + timedelta(minutes=1))
    assert step.kind is StepKind.CONTACT
    assert set(step.covers) == {"bank/A1", "bank/A2"}
    assert step.not_before - told["dispatched_at"] > timedelta(days=6), "Colombia: one a week"


async def test_who_is_authorised_is_on_file_and_is_not_contacted(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await pool.execute("UPDATE account_parties SET role = 'authorized', proof = 'power 3'")
    assert (await actor.planned(now)).kind is StepKind.WAIT
    async with pool.acquire() as connection:
        read = await read_situation(connection, "bank", "A1", now, {})
    assert read is not None
    assert read[0].parties == ()


async def test_whose_part_has_ended_is_not_contacted(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await to_guarantor(actor, now)
    await pool.execute("UPDATE account_parties SET until = '2020-02-01'")
    assert (await actor.planned(now)).kind is StepKind.WAIT
