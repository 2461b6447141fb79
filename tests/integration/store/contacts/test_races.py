"""Hundreds of seeded interleavings on real PostgreSQL: one order or the other, never a mixture."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import Any

import pytest

from activities.dependencies import Dependencies
from domain.channels import Channel
from domain.conversation.keywords import Intent
from domain.ledger.attempt import AttemptState
from domain.names import attempt_id
from domain.planning.step import Step, StepKind
from store.database import Pool, connect
from store.ledger import Ledger
from store.provider_events import ProviderEvents
from tests.support.activities import Actor, accepted
from tests.support.rows import add_account, add_customer, attempts

SEEDS = 60
"""Of each kind; with six kinds of race that is some hundreds."""
AT_ONCE = 6
SECOND = timedelta(seconds=1)

Fact = Callable[[Actor, Pool, str, datetime], Awaitable[object]]


async def pays(actor: Actor, _: Pool, __: str, at: datetime) -> None:
    paid = {"kind": "payment_received", "id": "p1", "amount": "150000.00"}
    await actor.record(at, paid)


async def is_held(actor: Actor, _: Pool, __: str, at: datetime) -> None:
    until = "2999-01-01T00:00:00Z"
    await actor.record(at, {"kind": "hold", "id": "h1", "until": until, "reason": "dispute"})


async def opts_out(_: Actor, pool: Pool, number: str, at: datetime) -> None:
    await ProviderEvents(pool).inbound(
        "twilio", number, Channel.SMS, number, "STOP", Intent.OPT_OUT, at
    )


async def dies(actor: Actor, pool: Pool, _: str, at: datetime) -> None:
    await pool.execute(
        "INSERT INTO law_events (event_id, customer_id, kind, at) VALUES ($1, $2, 'death', $3)",
        f"death:{actor.account_id}",
        customer_of(actor),
        at,
    )


FACTS: dict[str, Fact] = {"pays": pays, "held": is_held, "opts out": opts_out, "dies": dies}


def customer_of(actor: Actor) -> str:
    return f"C{actor.account_id.removeprefix('A')}"


def number_of(seed: int) -> str:
    return f"+57300{seed:07d}"


async def crowd(pool: Pool, dependencies: Dependencies, now: datetime) -> list[Actor]:
    """As many customers as seeds, each with one account."""
    made = []
    for seed in range(SEEDS):
        points = (("sms", "mobile", number_of(seed)), ("email", "email", f"c{seed}@example.com"))
        await add_customer(pool, f"C{seed}", points=points, preferred="sms")
        await add_account(pool, f"A{seed}", f"C{seed}", due=now.date() - timedelta(days=10))
        made.append(Actor(dependencies, f"A{seed}"))
    return made


async def in_turns(work: Callable[[Actor], Awaitable[None]], actors: list[Actor]) -> None:
    """A few races at a time: the machine has few cores."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(actor: Actor) -> None:
        async with gate:
            await work(actor)

    await asyncio.gather(*(one(actor) for actor in actors))


class Watch:
    """When each dispatch was asked for, on this process's own clock."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: dict[str, float] = {}
        dispatch = Ledger.dispatch

        async def seen(ledger: Ledger, attempt: str, *rest: Any) -> bool:
            self.asked[attempt] = time.monotonic()
            return await dispatch(ledger, attempt, *rest)

        monkeypatch.setattr(Ledger, "dispatch", seen)


async def received(sandbox_url: str) -> Counter[str]:
    """How many messages of each account were taken, by the provider's own record."""
    return Counter(message["account"] for message in await accepted(sandbox_url))


@pytest.mark.parametrize("kind", FACTS)
async def test_a_fact_and_a_send_at_the_same_instant_have_one_order_or_the_other(
    pool: Pool,
    dependencies: Dependencies,
    sandbox_url: str,
    now: datetime,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    actors, watch, orders = await crowd(pool, dependencies, now), Watch(monkeypatch), Counter[str]()
    recorded: dict[str, float] = {}

    async def race(actor: Actor) -> None:
        seed = int(actor.account_id.removeprefix("A"))
        chance = random.Random(f"{kind}/{seed}")
        step = await actor.planned(now + SECOND)
        other = Actor(dependencies, actor.account_id, runs=1000)

        async def contact() -> None:
            await asyncio.sleep(chance.random() * 0.03)
            await actor.contact(step)

        async def fact() -> None:
            await asyncio.sleep(chance.random() * 0.3)
            await FACTS[kind](other, pool, number_of(seed), step.not_before)
            recorded[actor.account_id] = time.monotonic()

        await asyncio.gather(contact(), fact())
        after = await actor.planned(step.not_before + SECOND)
        assert not _sms_at_once(after, step.not_before + SECOND), f"seed {seed}: {after.summary}"

    await in_turns(race, actors)
    sent = await received(sandbox_url)
    rows = {row["account_id"]: row for row in await attempts(pool)}
    for seed, actor in enumerate(actors):
        row, messages = rows.get(actor.account_id), sent[f"bank/A{seed}"]
        state = row["state"] if row else "never reserved"
        assert (state, messages) in (("accepted", 1), ("released", 0), ("never reserved", 0)), seed
        asked = watch.asked.get(attempt_id("bank", actor.account_id, 1))
        if messages:
            assert asked is not None and asked < recorded[actor.account_id], (
                f"seed {seed}: sent although the fact was on record before dispatch was asked for"
            )
        orders["contact first" if messages else "fact first"] += 1
    print(f"{kind}: {dict(orders)}")
    assert len(orders) == 2, f"the race was none: {orders}"


def _sms_at_once(step: Step, now: datetime) -> bool:
    return (
        step.kind is StepKind.CONTACT
        and step.channel is Channel.SMS
        and step.not_before <= now + timedelta(hours=1)
    )


_LAST = """
SELECT state = 'released' FROM attempts WHERE account_id = $1 ORDER BY step DESC LIMIT 1
"""


async def test_one_activity_run_by_two_workers_at_once_ends_as_run_by_one(
    pool: Pool, dependencies: Dependencies, sandbox_url: str, now: datetime
) -> None:
    actors = await crowd(pool, dependencies, now)
    ways = Counter[str]()

    async def race(actor: Actor) -> None:
        chance = random.Random(actor.account_id)
        step = await actor.planned(now + SECOND)
        workers = [actor, Actor(dependencies, actor.account_id, runs=1000)]

        async def contact(worker: Actor) -> Step:
            await asyncio.sleep(chance.random() * 0.06)
            return await worker.contact(step)

        done = await asyncio.gather(*map(contact, workers), return_exceptions=True)
        ways[",".join(sorted(type(one).__name__ for one in done))] += 1
        # Temporal asks again, until there is an answer; then the account goes on with its plan.
        at = step.not_before + SECOND
        after = await actor.contact(step, at)
        while after.kind is StepKind.CONTACT and await pool.fetchval(_LAST, actor.account_id):
            # What was released is planned anew, under a number and at a time of the day of its own.
            at = max(at, after.not_before) + SECOND
            after = await actor.contact(after, at)
        assert after.kind in (StepKind.CONTACT, StepKind.RECONCILE), after.summary

    await in_turns(race, actors)
    sent = await received(sandbox_url)
    print(f"answers of the two: {dict(ways)}")
    assert max(sent.values()) == 1
    settled = {"accepted", "released", "unknown"}
    lives: dict[str, list[str]] = {}
    for row in await attempts(pool):
        lives.setdefault(row["account_id"], []).append(row["state"])
    for seed, actor in enumerate(actors):
        life = lives[actor.account_id]
        assert set(life) <= settled and life[-1] in ("accepted", "unknown"), (seed, life)
        # A second worker that found the first one sending calls it unknown; the first then
        # settles it. Only where it was cut off would it stay so.
        assert life[-1] == "accepted" and sent[f"bank/A{seed}"] == 1, (seed, life)


async def counts(pool: Pool) -> dict[str, int]:
    """Each customer's count of facts."""
    rows = await pool.fetch("SELECT customer_id, facts FROM customers")
    return {row["customer_id"]: row["facts"] for row in rows}


async def test_the_same_callbacks_through_two_gateways_change_things_once(
    pool: Pool, dependencies: Dependencies, database_url: str, now: datetime
) -> None:
    actors = await crowd(pool, dependencies, now)
    steps: dict[str, datetime] = {}

    async def send(actor: Actor) -> None:
        step = await actor.planned(now + SECOND)
        await actor.contact(step)
        steps[actor.account_id] = step.not_before

    await in_turns(send, actors)
    names = {row["attempt_id"]: row["provider_message_id"] for row in await attempts(pool)}
    facts = {
        row["customer_id"]: row["facts"] for row in await pool.fetch("SELECT * FROM customers")
    }
    async with AsyncExitStack() as stack:
        pools = [await stack.enter_async_context(connect(database_url, 6)) for _ in range(2)]
        gateways = [ProviderEvents(one) for one in pools]

        async def race(actor: Actor) -> None:
            chance = random.Random(actor.account_id)
            attempt = attempt_id("bank", actor.account_id, 1)
            at = steps[actor.account_id]
            statuses = [AttemptState.ACCEPTED, AttemptState.DELIVERED, AttemptState.UNDELIVERED]
            calls = [
                (gateway, status)
                for status in statuses
                for gateway in gateways
                for _ in range(chance.randint(1, 2))
            ]
            chance.shuffle(calls)

            async def call(gateway: ProviderEvents, status: AttemptState) -> None:
                await asyncio.sleep(chance.random() * 0.02)
                event = f"{names[attempt]}:{status}"
                await gateway.delivery(
                    "twilio", event, attempt, status, names[attempt], None, None, at
                )

            async def stop(gateway: ProviderEvents) -> None:
                await asyncio.sleep(chance.random() * 0.02)
                number = number_of(int(actor.account_id.removeprefix("A")))
                said = (f"stop:{number}", Channel.SMS, number, "STOP", Intent.OPT_OUT)
                await gateway.inbound("twilio", *said, at)

            await asyncio.gather(*(call(*one) for one in calls), *map(stop, gateways))

        await in_turns(race, actors)
    assert {row["state"] for row in await attempts(pool)} == {"delivered"}
    for query, each in (
        ("SELECT count(*) FROM provider_events", 4),
        ("SELECT count(*) FROM inbound", 1),
        ("SELECT count(*) FROM law_events WHERE kind = 'opt_out'", 1),
    ):
        assert await pool.fetchval(query) == each * SEEDS, query
    after = {
        row["customer_id"]: row["facts"] for row in await pool.fetch("SELECT * FROM customers")
    }
    # An inbound message, its law event and what became of ours: one count each, however often they
    # were delivered. What failed and arrived after all has become two things.
    became = await pool.fetch(
        "SELECT t.customer_id, count(*) AS applied FROM provider_events e JOIN attempts t "
        "USING (attempt_id) WHERE e.applied AND e.status <> 'accepted' GROUP BY 1"
    )
    counted = {row["customer_id"]: 2 + row["applied"] for row in became}
    assert {one: after[one] - facts[one] for one in facts} == counted
