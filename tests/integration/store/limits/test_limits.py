"""An operator's caps and capacity under races, over real PostgreSQL; and how a score comes in."""

import asyncio
from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from activities.dependencies import Dependencies
from activities.orders import AccountRef
from domain.channels import Channel
from domain.names import attempt_id
from domain.planning.reasons.turn import TURN_DUE
from domain.planning.step import Step, StepKind
from domain.strategy import Capacity, Caps, PersonsTurn, Strategy
from store.database import Pool
from store.limits.capacity import take
from tests.support.activities import Actor, accepted, fault
from tests.support.rows import add_account, add_customer, attempts
from workers.strategies.preview import preview

BOGOTA = ZoneInfo("America/Bogota")
RACES = 20
TAKEN = "SELECT coalesce(sum(taken), 0) FROM capacity_counts WHERE channel = $1"


def obey(dependencies: Dependencies, **update: Any) -> Strategy:
    """Let the strategy name something of its own."""
    made = dependencies.strategies["default"].model_copy(update=update)
    dependencies.strategies["default"] = made  # type: ignore[index]
    dependencies.factory._made.clear()
    return made


async def due_at(actor: Actor, now: datetime) -> Step:
    """The next contact that is planned."""
    step = await actor.planned(now)
    while step.kind is StepKind.WAIT:
        step = await actor.planned(step.not_before)
    return step


# --- caps -----------------------------------------------------------------------------------------


async def two_accounts(
    pool: Pool, dependencies: Dependencies, n: int, now: datetime
) -> list[Actor]:
    """Of one person in Mexico, whose law counts nothing, with two creditors."""
    points = (("sms", "mobile", f"+5255{n:08}"),)
    await add_customer(pool, f"C{n}", country="MX", zones=("America/Mexico_City",), points=points)
    actors = []
    for creditor in ("bank", "shop"):
        due = now.date() - timedelta(days=10)
        await add_account(pool, f"A{n}", f"C{n}", creditor=creditor, due=due, currency="MXN")
        actors.append(Actor(dependencies, f"A{n}", creditor))
    return actors


@pytest.mark.timeout(180)
@pytest.mark.parametrize(("caps", "days"), [(Caps(week=1), 6), (Caps(month=1), 29), (None, 0)])
async def test_of_two_accounts_of_one_person_planned_at_once_the_cap_lets_one(
    pool: Pool, dependencies: Dependencies, now: datetime, caps: Caps | None, days: int
) -> None:
    obey(dependencies, caps=caps)
    chance = Random(7)

    async def race(n: int) -> None:
        pair = await two_accounts(pool, dependencies, n, now)
        steps = [await due_at(actor, now + timedelta(seconds=5)) for actor in pair]
        at = max(step.not_before for step in steps)

        async def contact(actor: Actor, step: Step) -> Step:
            await asyncio.sleep(chance.random() / 200)
            return await actor.contact(step, at)

        after = await asyncio.gather(*map(contact, pair, steps))
        held = [one for one in after if one.kind is StepKind.CONTACT]
        assert all(one.not_before >= at + timedelta(days=days) for one in held)
        if caps is not None:
            assert {one.why for one in after} == {"cap"}
            assert all("the operator's cap of 1 contact a" in one.summary for one in after)
        else:
            assert "cap" not in {one.why for one in after}

    await asyncio.gather(*(race(n) for n in range(RACES)))
    made = Counter(row["customer_id"] for row in await attempts(pool))
    assert set(made.values()) == {1}


# --- capacity -------------------------------------------------------------------------------------


async def colombians(
    pool: Pool, dependencies: Dependencies, number: int, now: datetime
) -> list[Actor]:
    """So many people with one account and one telephone each."""
    actors = []
    for n in range(number):
        await add_customer(pool, f"C{n}", points=(("sms", "mobile", f"+573001{n:06}"),))
        await add_account(pool, f"A{n}", f"C{n}", due=now.date() - timedelta(days=10))
        actors.append(Actor(dependencies, f"A{n}"))
    return actors


@pytest.mark.timeout(180)
@pytest.mark.parametrize("most", [0, 1, 7, 19])
async def test_of_many_that_race_for_a_days_capacity_exactly_so_many_get_it(
    pool: Pool, dependencies: Dependencies, sandbox_url: str, now: datetime, most: int
) -> None:
    actors = await colombians(pool, dependencies, 30, now)
    capacity = Capacity(zone="America/Bogota", channels={Channel.SMS: most})
    obey(dependencies, capacity=Capacity(zone="America/Bogota", channels={Channel.SMS: 99}))
    steps = [await due_at(actor, now) for actor in actors]
    day = max(step.not_before.astimezone(BOGOTA).date() for step in steps)
    assert {step.not_before.astimezone(BOGOTA).date() for step in steps} == {day}
    at = max(step.not_before for step in steps)
    obey(dependencies, capacity=capacity)
    after = await asyncio.gather(
        *(actor.contact(step, at) for actor, step in zip(actors, steps, strict=True))
    )
    made = await attempts(pool)
    assert [row["state"] for row in made] == ["accepted"] * most
    assert len(await accepted(sandbox_url)) == most
    assert await pool.fetchval(TAKEN, "sms") == most
    reached = {row["account_id"] for row in made}
    for actor, step in zip(actors, after, strict=True):
        if actor.account_id in reached:
            continue
        assert step.why == "capacity"
        if most:
            assert step.kind is StepKind.CONTACT
            assert step.not_before.astimezone(BOGOTA).date() > day
            assert f"the day's {most} by sms are made" in step.summary


async def test_what_is_refused_or_given_back_leaves_its_place_to_another(
    pool: Pool, dependencies: Dependencies, sandbox_url: str, now: datetime
) -> None:
    obey(dependencies, capacity=Capacity(channels={Channel.SMS: 5}))
    first, second = await colombians(pool, dependencies, 2, now)
    step = await due_at(first, now)
    await fault(sandbox_url, "refuse:21211")
    await first.contact(step)
    [row] = await attempts(pool)
    assert row["state"] == "refused"
    assert await pool.fetchval(TAKEN, "sms") == 0
    assert await pool.fetchval("SELECT count(*) FROM capacity_taken") == 0

    step = await due_at(second, now)
    ready = await second.reserve(step)
    assert await pool.fetchval(TAKEN, "sms") == 1
    await pool.execute("UPDATE customers SET facts = facts + 1 WHERE customer_id = 'C1'")
    await second.send(ready, step.not_before)
    states = {row["account_id"]: row["state"] for row in await attempts(pool)}
    assert states == {"A0": "refused", "A1": "released"}
    assert await pool.fetchval(TAKEN, "sms") == 0


async def test_a_run_that_ends_in_the_middle_takes_nothing(
    pool: Pool, dependencies: Dependencies, now: datetime
) -> None:
    capacity = Capacity(channels={Channel.SMS: 5})
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        assert await take(connection, capacity, Channel.SMS, now, "a/1/1")
        await transaction.rollback()
    assert await pool.fetchval(TAKEN, "sms") == 0


@pytest.mark.timeout(120)
@pytest.mark.parametrize(("most", "asked"), [(5, 60), (40, 100), (100, 60)])
async def test_no_day_has_more_than_its_number_and_none_is_lost_whoever_asks_at_once(
    pool: Pool, now: datetime, most: int, asked: int
) -> None:
    capacity = Capacity(channels={Channel.SMS: most})
    chance = Random(3)

    async def one(n: int) -> bool:
        async with pool.acquire() as connection, connection.transaction():
            got = await take(connection, capacity, Channel.SMS, now, attempt_id("b", f"A{n}", 1))
            await asyncio.sleep(chance.random() / 100)  # held until the transaction ends
            return got

    got = await asyncio.gather(*map(one, range(asked)))
    assert sum(got) == min(most, asked)
    assert await pool.fetchval(TAKEN, "sms") == min(most, asked)


async def test_each_day_of_the_operation_has_its_own(pool: Pool, now: datetime) -> None:
    capacity = Capacity(zone="America/Bogota", channels={Channel.SMS: 1})
    midnight = datetime.combine(date(2026, 11, 24), datetime.min.time(), BOGOTA)
    async with pool.acquire() as connection:
        for at, got in (
            (midnight - timedelta(seconds=1), True),
            (midnight - timedelta(seconds=1), False),
            (midnight, True),
            (midnight + timedelta(hours=23), False),
        ):
            async with connection.transaction():
                assert await take(connection, capacity, Channel.SMS, at, f"a/{at}") is got


async def test_a_capacity_that_is_changed_in_the_day_holds_from_then_on(
    pool: Pool, now: datetime
) -> None:
    async def taken(most: int, asked: int) -> int:
        capacity = Capacity(channels={Channel.SMS: most})
        async with pool.acquire() as connection:
            got = [await take(connection, capacity, Channel.SMS, now, None) for _ in range(asked)]
        return sum(got)

    assert await taken(10, 20) == 10
    assert await taken(4, 5) == 0
    assert await taken(35, 40) == 25


async def test_nothing_is_counted_where_no_capacity_is_named(
    pool: Pool, dependencies: Dependencies, now: datetime
) -> None:
    [actor] = await colombians(pool, dependencies, 1, now)
    await actor.contact(await due_at(actor, now))
    assert await pool.fetchval("SELECT count(*) FROM capacity_counts") == 0


async def test_people_are_asked_for_no_more_turns_a_day_than_they_can_take(
    pool: Pool, dependencies: Dependencies, now: datetime
) -> None:
    actors = await colombians(pool, dependencies, 12, now)
    own = dependencies.strategies["default"]
    early = own.phases[1].model_copy(update={"person": PersonsTurn(after=0, within_days=2)})
    phases = (own.phases[0], early, *own.phases[2:])
    capacity = Capacity(zone="America/Bogota", channels={Channel.HUMAN: 5})
    plain = [await due_at(actor, now) for actor in actors]
    at = max(step.not_before for step in plain)
    obey(dependencies, phases=phases, capacity=capacity)
    steps = await asyncio.gather(*(actor.planned(at) for actor in actors))
    assert Counter(step.why for step in steps) == {TURN_DUE: 5, "capacity": 7}
    asked = await pool.fetchval("SELECT count(*) FROM work_items WHERE reason = 'person_first'")
    assert asked == 5
    [waiting, *_] = [step for step in steps if step.why == "capacity"]
    assert waiting.not_before.astimezone(BOGOTA).date() == at.astimezone(BOGOTA).date() + timedelta(
        days=1
    )


async def test_a_preview_sees_that_the_day_is_full(
    pool: Pool, dependencies: Dependencies, now: datetime
) -> None:
    [actor, *_] = await colombians(pool, dependencies, 1, now)
    capacity = Capacity(zone="America/Bogota", channels={Channel.SMS: 1})
    obey(dependencies, capacity=capacity)
    step = await due_at(actor, now)
    async with pool.acquire() as connection:
        assert await take(connection, capacity, Channel.SMS, step.not_before, None)
    ref = AccountRef(creditor="bank", account_id="A0")
    about = (pool, dependencies.settings, dependencies.factory, ref, now, 1)
    found = await preview(*about)
    [contact] = [one.step for one in found.steps if one.step.kind is StepKind.CONTACT]
    day = step.not_before.astimezone(BOGOTA).date()
    assert contact.not_before.astimezone(BOGOTA).date() > day
    assert await pool.fetchval(TAKEN, "sms") == 1


# --- score ----------------------------------------------------------------------------------------


async def score_of(pool: Pool) -> tuple[Any, Any]:
    row = await pool.fetchrow("SELECT score, score_as_of FROM accounts")
    assert row is not None
    return tuple(row)


async def test_a_score_is_told_by_account_updated_and_an_older_one_changes_nothing(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    def told(name: str, score: str, at: datetime) -> dict[str, Any]:
        return {"kind": "account_updated", "id": name, "score": score, "as_of": at.isoformat()}

    [answer] = (await actor.record(now, told("s1", "0.41", now))).answers
    assert answer.refused is None
    assert await score_of(pool) == (Decimal("0.41"), now)
    await actor.record(now, told("s2", "0.9", now - timedelta(days=1)))
    assert await score_of(pool) == (Decimal("0.41"), now)
    await actor.record(now, told("s3", "0.5", now))
    assert (await score_of(pool))[0] == Decimal("0.5")
    [answer] = (await actor.record(now, told("s4", "10000000", now))).answers
    assert "score: must be a number between" in str(answer.refused)
