"""A person is drawn once, with all accounts, and stays; whoever has one of their addresses, too."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.experiments.assignment import drawn
from domain.planning.step import StepKind
from domain.segments.book import SegmentBook
from store.database import Pool
from tests.integration.store.experiments.conftest import ARMS, Trying, trial
from tests.support.activities import Actor
from tests.support.rows import add_account, add_customer
from workers.strategies.who import Would, looked

HOLDOUT = (*ARMS[:1], {"name": "silent", "share": "0.5", "holdout": True})
DAY = timedelta(days=1)


async def people(pool: Pool) -> list[dict[str, Any]]:
    rows = await pool.fetch("SELECT * FROM experiment_people ORDER BY customer_id, experiment")
    return [dict(row) for row in rows]


async def account(pool: Pool, name: str = "A1") -> dict[str, Any]:
    row = await pool.fetchrow("SELECT * FROM accounts WHERE account_id = $1", name)
    assert row is not None
    return dict(row)


async def someone(pool: Pool, arm: str, actor: Actor, but: int = 0) -> str:
    """A customer with an account of the same id whom the experiment draws into this arm."""
    one = actor.dependencies.trials[0].experiment
    found = (f"P{n}" for n in range(1_000))
    mine = [who for who in found if (a := drawn(one, "bank", who, ())) and a.name == arm][but]
    number = f"+57300{int(mine[1:]):07d}"
    await add_customer(pool, mine, points=(("sms", "mobile", number),))
    await add_account(pool, mine, mine, due=(await account(pool))["oldest_due_date"])
    return mine


@pytest.mark.parametrize(("arm", "strategy"), [("usual", "default"), ("gentle", "gentle")])
async def test_at_the_first_plan_a_person_is_drawn_and_goes_by_the_strategy_of_the_arm(
    trying: Trying, now: datetime, pool: Pool, arm: str, strategy: str
) -> None:
    actor = trying(trial())
    actor.account_id = who = await someone(pool, arm, actor)
    step = await actor.planned(now)
    [one] = await people(pool)
    assert (one["customer_id"], one["arm"], one["came_with"]) == (who, arm, None)
    assert one["chances"] == {"usual": 5_000, "gentle": 5_000}
    assert one["owed"] == [{"account_id": who, "currency": "COP", "balance": "150000.00"}]
    assert one["taken_in_at"] >= now
    stands = await account(pool, who)
    assert (stands["strategy"], stands["chosen_by"]) == (strategy, "arm")
    assert stands["arms"] == [f"gentle-start:{arm}"]
    assert (step.view.phase or "").startswith("gentle-") is (arm == "gentle")
    choice = await pool.fetchrow("SELECT arm, reason, strategy FROM strategy_choices")
    assert choice is not None
    assert choice["arm"] == f"gentle-start:{arm}"
    assert choice["reason"] == f"arm gentle-start:{arm}"


async def test_attempts_and_changes_of_plan_say_the_arm(
    trying: Trying, now: datetime, pool: Pool
) -> None:
    actor = trying(trial())
    actor.account_id = await someone(pool, "gentle", actor)
    step = await actor.planned(now)
    while step.kind is StepKind.WAIT:
        step = await actor.planned(step.not_before)
    await actor.contact(step)
    assert await pool.fetchval("SELECT arms FROM attempts") == ["gentle-start:gentle"]
    assert set(map(tuple, await pool.fetchval("SELECT array_agg(arms) FROM plan_changes"))) == {
        ("gentle-start:gentle",)
    }


async def test_without_experiments_nothing_is_read_or_written(
    trying: Trying, now: datetime, pool: Pool
) -> None:
    await trying().planned(now)
    assert await people(pool) == []
    assert (await account(pool))["arms"] is None
    assert await pool.fetchval("SELECT count(*) FROM strategy_choices") == 0


async def test_two_accounts_of_one_person_are_in_one_arm_and_the_person_is_drawn_once(
    trying: Trying, now: datetime, pool: Pool
) -> None:
    await add_account(pool, "A2", due=now.date() - 50 * DAY)
    await trying(trial()).planned(now)
    await trying(trial(), account="A2").planned(now + DAY)
    [one] = await people(pool)
    assert [each["account_id"] for each in one["owed"]] == ["A1", "A2"]
    arms = {tuple((await account(pool, name))["arms"]) for name in ("A1", "A2")}
    assert arms == {(f"gentle-start:{one['arm']}",)}


async def test_first_plans_at_the_same_time_draw_once(
    trying: Trying, now: datetime, pool: Pool
) -> None:
    names = [f"B{n}" for n in range(6)]
    for name in names:
        await add_account(pool, name, due=now.date() - 50 * DAY)
    actors = [trying(trial(), account=name) for name in names]
    await asyncio.gather(*(actor.planned(now) for actor in actors))
    [one] = await people(pool)
    assert {tuple((await account(pool, name))["arms"]) for name in names} == {
        (f"gentle-start:{one['arm']}",)
    }


async def test_who_shares_an_address_goes_along_also_at_the_same_time_and_is_not_counted(
    trying: Trying, now: datetime, pool: Pool
) -> None:
    """Ten customers with one telephone: drawn apart, they would be in both arms."""
    shared = (("sms", "mobile", "+573009999999"),)
    names = [f"H{n}" for n in range(10)]
    one = trial().experiment
    assert len({arm.name for who in names if (arm := drawn(one, "bank", who, ()))}) == 2
    for who in names:
        await add_customer(pool, who, points=shared)
        await add_account(pool, who, who, due=now.date() - 50 * DAY)
    await asyncio.gather(*(trying(trial(), account=who).planned(now) for who in names))
    taken = await people(pool)
    assert len(taken) == 10
    assert len({each["arm"] for each in taken}) == 1
    first = [each["customer_id"] for each in taken if each["came_with"] is None]
    assert len(first) == 1
    assert {each["came_with"] for each in taken} == {None, *first}


async def test_the_same_customer_of_another_creditor_is_another_person(
    trying: Trying, now: datetime, pool: Pool
) -> None:
    await add_account(pool, "X1", creditor="shop", due=now.date() - 50 * DAY)
    other = trying(trial(), account="X1")
    other.creditor = "shop"
    await trying(trial()).planned(now)
    await other.planned(now)
    assert [each["creditor"] for each in await people(pool)] == ["bank", "shop"]


async def test_changed_shares_and_conditions_move_nobody_who_is_in_it(
    trying: Trying, now: datetime, pool: Pool
) -> None:
    actor = trying(trial())
    actor.account_id = who = await someone(pool, "gentle", actor)
    await actor.planned(now)
    shares = [
        {**arm, "share": share} for arm, share in zip(ARMS, ("0.9999", "0.0001"), strict=True)
    ]
    changed = trial(arms=shares, when={"country": "MX"}, version=2)
    await trying(changed, account=who).planned(now + DAY)
    [one] = await people(pool)
    assert (one["arm"], one["version"]) == ("gentle", 1)
    assert (await account(pool, who))["strategy"] == "gentle"


async def test_who_falls_behind_again_keeps_the_arm_and_is_not_taken_in_again(
    trying: Trying, now: datetime, pool: Pool
) -> None:
    actor = trying(trial())
    actor.account_id = who = await someone(pool, "gentle", actor)
    await actor.planned(now)
    first = await people(pool)
    await pool.execute("UPDATE accounts SET status = 'closed', close_reason = 'cured' WHERE "
                       "account_id = $1", who)  # fmt: skip
    await pool.execute("UPDATE accounts SET status = 'open', close_reason = NULL, since = $2 WHERE "
                       "account_id = $1", who, now)  # fmt: skip
    await actor.planned(now + 5 * DAY)
    assert await people(pool) == first
    assert (await account(pool, who))["arms"] == ["gentle-start:gentle"]


@pytest.mark.parametrize(
    "more",
    [
        {"when": {"country": "MX"}},
        {"when": {"days_past_due": {"from": 60}}},
        {"ended": True},
    ],
    ids=["another country", "later", "ended"],
)
async def test_who_is_not_eligible_is_not_taken_in(
    trying: Trying, now: datetime, pool: Pool, more: dict[str, Any]
) -> None:
    await trying(trial(**more)).planned(now)
    assert await people(pool) == []
    assert (await account(pool))["arms"] in (None, [])


async def test_nobody_is_taken_in_before_the_first_day_and_after_the_last(
    trying: Trying, now: datetime, pool: Pool
) -> None:
    early = trial(starts=now.date() + 2 * DAY, until=now.date() + 9 * DAY)
    await trying(early).planned(now)
    late = trial(starts=now.date() - 9 * DAY, until=now.date() - 2 * DAY)
    await trying(late).planned(now)
    assert await people(pool) == []


async def test_an_account_that_an_upstream_has_pinned_is_not_taken_in_and_one_that_is_in_it_obeys(
    trying: Trying, now: datetime, pool: Pool
) -> None:
    await pool.execute("UPDATE accounts SET pinned = 'default'")
    await trying(trial()).planned(now)
    assert await people(pool) == []
    await pool.execute("UPDATE accounts SET pinned = NULL")
    actor = trying(trial())
    actor.account_id = who = await someone(pool, "gentle", actor)
    await actor.planned(now)
    await pool.execute("UPDATE accounts SET pinned = 'default' WHERE account_id = $1", who)
    await actor.planned(now + DAY)
    stands = await account(pool, who)
    assert (stands["strategy"], stands["chosen_by"]) == ("default", "pin")
    assert stands["arms"] == ["gentle-start:gentle"], "counted where they were drawn"


async def test_of_two_experiments_the_first_takes_them_and_the_other_who_is_left(
    trying: Trying, now: datetime, pool: Pool
) -> None:
    zones, points = ("America/Mexico_City",), (("sms", "mobile", "+5215512345678"),)
    await add_customer(pool, "M1", country="MX", zones=zones, points=points)
    await add_account(pool, "M1", "M1", currency="MXN", due=now.date() - 10 * DAY)
    both = (trial("first", when={"country": "CO"}), trial("second"))
    await trying(*both).planned(now)
    await trying(*both, account="M1").planned(now)
    assert {each["customer_id"]: each["experiment"] for each in await people(pool)} == {
        "C1": "first",
        "M1": "second",
    }


async def test_who_is_in_one_is_not_taken_by_another_that_starts_before_it(
    trying: Trying, now: datetime, pool: Pool
) -> None:
    await trying(trial("second")).planned(now)
    await trying(trial("first"), trial("second")).planned(now + DAY)
    assert [each["experiment"] for each in await people(pool)] == ["second"]


async def test_a_closed_arms_people_go_by_the_champion_and_nobody_more_is_drawn_into_it(
    trying: Trying, now: datetime, pool: Pool
) -> None:
    actor = trying(trial())
    actor.account_id = who = await someone(pool, "gentle", actor)
    await actor.planned(now)
    await pool.execute(
        "INSERT INTO experiment_findings (experiment, arm, kind, found_at, why, figures) "
        "VALUES ('gentle-start', 'gentle', 'closed', $1, 'harm', '{}')",
        now,
    )
    await actor.planned(now + DAY)
    stands = await account(pool, who)
    assert (stands["strategy"], stands["arms"]) == ("default", ["gentle-start:gentle"])
    reason = await pool.fetchval("SELECT reason FROM strategy_choices ORDER BY choice DESC LIMIT 1")
    assert reason == "arm gentle-start:gentle, which is closed: as the champion usual"
    late = trying(trial())
    late.account_id = other = await someone(pool, "gentle", actor, but=1)
    await late.planned(now + DAY)
    assert (await account(pool, other))["arms"] in (None, [])
    assert [each["customer_id"] for each in await people(pool)] == [who]
    early = trying(trial())
    early.account_id = await someone(pool, "usual", actor)
    # Of two arms one is closed: nothing is left to find out.
    await early.planned(now + DAY)
    assert len(await people(pool)) == 1


async def test_when_it_is_over_the_account_goes_as_before_by_a_recorded_choice(
    trying: Trying, now: datetime, pool: Pool
) -> None:
    actor = trying(trial())
    actor.account_id = who = await someone(pool, "gentle", actor)
    await actor.planned(now)
    await trying(account=who).planned(now + DAY)
    stands = await account(pool, who)
    assert (stands["strategy"], stands["chosen_by"], stands["arms"]) == ("default", "default", [])
    assert await pool.fetchval("SELECT count(*) FROM strategy_choices") == 2
    assert len(await people(pool)) == 1, "what was drawn stays on record"


async def test_a_hold_out_is_contacted_by_nobody(trying: Trying, now: datetime, pool: Pool) -> None:
    actor = trying(trial(arms=HOLDOUT))
    actor.account_id = await someone(pool, "silent", actor)
    over = actor.dependencies.trials[0].experiment.closes
    step = await actor.planned(now)
    while step.not_before < over and not step.ends:
        assert step.kind is StepKind.WAIT
        step = await actor.planned(step.not_before)
    assert await pool.fetchval("SELECT count(*) FROM attempts") == 0
    assert (await account(pool, actor.account_id))["strategy"] == "held-out-of-default"


async def test_of_many_people_each_arm_has_its_share(
    trying: Trying, now: datetime, pool: Pool
) -> None:
    names = [f"N{n}" for n in range(60)]
    for n, who in enumerate(names):
        await add_customer(pool, who, points=(("sms", "mobile", f"+57301{n:07d}"),))
        await add_account(pool, who, who, due=now.date() - 10 * DAY)
        await trying(trial(), account=who).planned(now)
    counted = Counter(each["arm"] for each in await people(pool))
    assert sum(counted.values()) == 60
    assert min(counted.values()) > 15


async def test_who_is_in_an_arm_is_moved_by_no_change_of_segments(
    trying: Trying, now: datetime, pool: Pool
) -> None:
    actor = trying(trial())
    actor.account_id = who = await someone(pool, "gentle", actor)
    await actor.planned(now)
    factory = actor.dependencies.factory
    would = Would(factory.strategies, SegmentBook((), "default"))
    moves = [one async for one in looked(pool, factory, would, now, None)]
    [mine] = [one for one in moves if one.account == f"bank/{who}"]
    assert (mine.before.strategy, mine.after.strategy) == ("gentle", "gentle")
