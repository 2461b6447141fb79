"""An arm with a policy: it ranks in the place of the strategy's own, and stands on record."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activities.orders import AccountRef
from domain.channels import Channel
from domain.experiments.judging import Finding, Kind
from domain.learning.policy import Counts, Ranking
from domain.planning.step import Step, StepKind
from domain.segments.attributes import ALWAYS
from domain.segments.book import SegmentBook, read_book
from store.database import Pool
from store.experiments import findings
from tests.integration.store.experiments.conftest import Trying, trial
from tests.integration.store.experiments.test_taking_in import account, someone
from tests.support.activities import Actor
from tests.unit.learning.support import policy
from workers.strategies.preview import preview

ARMS = ({"name": "usual", "share": "0.5"}, {"name": "learnt", "share": "0.5", "policy": "latam"})
WON = {"*": {Channel.SMS: Counts(won=9, tried=90)}}
LATAM, OWN = (Ranking.of(policy(id=name, channels=WON)) for name in ("latam", "own"))
POLICIES = {"latam": LATAM, "own": OWN}


def by_currency() -> SegmentBook:
    said = {
        "segments": [{"name": "cop", "when": {"currency": "COP"}, "strategy": "gentle"}],
        "default": "default",
    }
    book, wrong = read_book(said, ("default", "gentle"), ALWAYS)
    assert wrong == []
    assert book is not None
    return book


async def of_arm(trying: Trying, pool: Pool, arm: str, **more: Any) -> Actor:
    actor = trying(trial(arms=ARMS), policies=POLICIES, **more)
    actor.account_id = await someone(pool, arm, actor)
    await pool.execute("UPDATE customers SET preferred_channel = NULL")
    return actor


async def until_contact(actor: Actor, now: datetime) -> Step:
    step = await actor.planned(now)
    while step.kind is StepKind.WAIT:
        step = await actor.planned(step.not_before)
    return step


async def test_an_arm_with_a_policy_alone_goes_by_the_strategy_of_the_segment(
    trying: Trying, now: datetime, pool: Pool
) -> None:
    actor = await of_arm(trying, pool, "learnt", segments=by_currency())
    step = await until_contact(actor, now)
    await actor.contact(step)
    stands = await account(pool, actor.account_id)
    assert (stands["strategy"], stands["segment"], stands["policy"]) == ("gentle", "cop", "latam")
    assert (stands["chosen_by"], stands["arms"]) == ("segment", ["gentle-start:learnt"])
    row = await pool.fetchrow("SELECT policy, arms, segment, decided_by FROM attempts")
    assert row is not None
    assert tuple(row)[:3] == (LATAM.name, ["gentle-start:learnt"], "cop")
    assert LATAM.digest in row["decided_by"]
    choice = await pool.fetchrow("SELECT arm, policy, reason FROM strategy_choices")
    assert choice is not None
    assert tuple(choice) == (
        "gentle-start:learnt",
        "latam",
        "segment cop: currency COP; policy latam of arm gentle-start:learnt",
    )


@pytest.mark.parametrize(("arm", "named"), [("usual", "own"), ("learnt", "latam")])
async def test_the_policy_of_the_arm_stands_in_the_place_of_the_strategys(
    trying: Trying, now: datetime, pool: Pool, arm: str, named: str
) -> None:
    actor = await of_arm(trying, pool, arm)
    own = actor.dependencies.strategies["default"].model_copy(update={"policy": "own"})
    made = replace(actor.dependencies, strategies={"default": own})
    actor = replace(actor, dependencies=made)
    await actor.contact(await until_contact(actor, now))
    assert await pool.fetchval("SELECT policy FROM attempts") == POLICIES[named].name


async def test_once_the_arm_is_closed_its_policy_ranks_no_more_and_that_is_on_record(
    trying: Trying, now: datetime, pool: Pool
) -> None:
    actor = await of_arm(trying, pool, "learnt")
    await actor.planned(now)
    assert (await account(pool, actor.account_id))["policy"] == "latam"
    async with pool.acquire() as connection, connection.transaction():
        closed = Finding(Kind.CLOSED, "learnt", None, "harm")
        assert await findings.keep(connection, "gentle-start", closed, {}, datetime.now(UTC))
    await actor.contact(await until_contact(actor, now + timedelta(minutes=1)))
    assert (await account(pool, actor.account_id))["policy"] is None
    assert await pool.fetchval("SELECT policy FROM attempts") is None
    policies = await pool.fetch("SELECT policy FROM strategy_choices ORDER BY choice")
    assert [one["policy"] for one in policies] == ["latam", None]


async def test_a_policy_that_is_configured_no_more_stops_nobody(
    trying: Trying, now: datetime, pool: Pool
) -> None:
    actor = await of_arm(trying, pool, "learnt")
    await actor.planned(now)
    gone = trying(account=actor.account_id)
    await gone.contact(await until_contact(gone, now + timedelta(minutes=1)))
    assert await pool.fetchval("SELECT policy FROM attempts") is None


@pytest.mark.parametrize("planned", [False, True])
async def test_a_preview_goes_by_the_arm_that_is_drawn_or_will_be_and_writes_nothing(
    trying: Trying,
    now: datetime,
    pool: Pool,
    planned: bool,
) -> None:
    arms = (ARMS[0], {**ARMS[1], "strategy": "gentle"})
    actor = trying(trial(arms=arms), policies=POLICIES)
    actor.account_id = await someone(pool, "learnt", actor)
    await pool.execute("UPDATE customers SET preferred_channel = NULL")
    if planned:
        await actor.planned(now)
    parts, ref = actor.dependencies, AccountRef(creditor="bank", account_id=actor.account_id)
    found = await preview(pool, parts.settings, parts.factory, ref, now, 1)
    assert found.strategy == "gentle"
    assert [one.step.policy for one in found.steps if one.step.channel] == [LATAM.name]
    assert await pool.fetchval("SELECT count(*) FROM experiment_people") == planned
