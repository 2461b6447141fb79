"""What a policy chose is on record with each attempt, and each plan, as it cannot be rebuilt."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from activities.dependencies import Dependencies
from domain.channels import Channel
from domain.learning.policy import Counts, Ranking
from domain.planning.step import StepKind
from store.database import Pool
from store.views.customer import OfCustomer
from tests.support.activities import Actor
from tests.unit.learning.support import BLOCKS, policy

RANKING = Ranking.of(
    policy(
        id="latam",
        channels={"*": {Channel.SMS: Counts(won=9, tried=90)}},
        blocks=BLOCKS,
        context=("phase", "country"),
    )
)


def learning(dependencies: Dependencies) -> Dependencies:
    own = dependencies.strategies["default"].model_copy(update={"policy": "latam"})
    return replace(dependencies, strategies={"default": own}, policies={"latam": RANKING})


async def contacted(actor: Actor, now: datetime) -> None:
    step = await actor.planned(now)
    while step.kind is StepKind.WAIT:
        step = await actor.planned(step.not_before)
    await actor.contact(step)


COLUMNS = "SELECT channel, policy, probability, chosen_from, decided_by FROM "


async def test_an_attempt_names_the_policy_the_probability_and_what_it_was_chosen_from(
    actor: Actor, dependencies: Dependencies, now: datetime, pool: Pool
) -> None:
    await pool.execute("UPDATE customers SET preferred_channel = NULL")
    made = learning(dependencies)
    await made.ledger.keep_deciders(made.factory.deciders())
    await contacted(Actor(made), now)
    [row] = await pool.fetch(f"{COLUMNS} attempts")
    chosen: dict[str, Any] = row["chosen_from"]
    assert row["policy"] == RANKING.name
    assert chosen["context"] == {"phase": "early", "country": "CO"}
    assert set(chosen["channels"]) == {"sms", "email"}
    probability = chosen["channels"][row["channel"]] * chosen["hours"][chosen["hour"]]
    assert row["probability"] == pytest.approx(probability)
    assert RANKING.digest in row["decided_by"]
    plans = await pool.fetch("SELECT policy, probability FROM plan_changes WHERE kind = 'contact'")
    assert (RANKING.name, pytest.approx(probability)) in [tuple(one) for one in plans]
    [sent] = await OfCustomer(pool, "C1", None).sent()
    assert (sent["policy"], sent["probability"]) == (RANKING.name, pytest.approx(probability))
    assert ("policy", "latam", 1) in [
        (one["kind"], one["name"], one["version"]) for one in sent["decided_by"]
    ]


async def test_where_a_wish_decides_it_was_sure_and_no_policy_is_named(
    actor: Actor, dependencies: Dependencies, now: datetime, pool: Pool
) -> None:
    await contacted(Actor(learning(dependencies)), now)
    [row] = await pool.fetch(f"{COLUMNS} attempts")
    assert tuple(row)[:4] == ("sms", None, 1.0, None)


async def test_without_a_policy_it_was_sure(
    actor: Actor, dependencies: Dependencies, now: datetime, pool: Pool
) -> None:
    await contacted(actor, now)
    [row] = await pool.fetch(f"{COLUMNS} attempts")
    assert tuple(row)[1:4] == (None, 1.0, None)
    rows = await pool.fetch("SELECT kind, policy, probability FROM plan_changes")
    assert {(r["kind"], r["policy"], r["probability"]) for r in rows} <= {
        ("contact", None, 1.0),
        ("wait", None, None),
    }
