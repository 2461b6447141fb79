"""The choice of a strategy is a recorded decision, and stands until a fact makes another right."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from activities.dependencies import Dependencies
from domain.planning.step import StepKind
from store.database import Pool
from tests.integration.store.choosing.conftest import Choosing
from tests.support.activities import Actor

SOFT = """
segments:
  - name: colombia
    when: {country: CO, balance: {COP: {from: 1}}}
    strategy: gentle
default: default
"""
BY_VIP = """
segments:
  - name: vips
    when: {attr_vip: true}
    strategy: gentle
default: default
"""
NOBODY = "segments: []\ndefault: default\n"


async def choices(pool: Pool) -> list[dict[str, Any]]:
    rows = await pool.fetch("SELECT * FROM strategy_choices ORDER BY choice")
    return [dict(row) for row in rows]


async def stands(pool: Pool) -> tuple[str, str | None, str | None]:
    row = await pool.fetchrow("SELECT strategy, segment, chosen_by FROM accounts")
    assert row is not None
    return row["strategy"], row["segment"], row["chosen_by"]


def updated(name: str, **said: Any) -> dict[str, Any]:
    return {"kind": "account_updated", "id": name, **said}


async def test_a_choice_is_recorded_with_its_reason_and_the_account_goes_by_it(
    choosing: Choosing, now: datetime, pool: Pool
) -> None:
    step = await choosing(SOFT).planned(now)
    assert await stands(pool) == ("gentle", "colombia", "segment")
    [one] = await choices(pool)
    assert one["reason"] == "segment colombia: country CO; balance COP from 1"
    assert (one["before"], one["segment_before"]) == ("default", None)
    assert one["at"] >= now
    assert one["facts"]["country"] == "CO"
    assert step.view.phase.startswith("gentle-")
    assert step.view.segment == "colombia"
    kind = await pool.fetchval("SELECT kind FROM deciders WHERE digest = $1", one["decided_by"])
    assert kind is None, "workers keep the deciders when they start"
    changed = await pool.fetchrow("SELECT segment, decided_by FROM plan_changes")
    assert changed is not None
    assert changed["segment"] == "colombia"
    assert one["decided_by"] in changed["decided_by"]


async def test_the_same_choice_is_not_recorded_again(
    choosing: Choosing, now: datetime, pool: Pool
) -> None:
    actor = choosing(SOFT)
    for minutes in range(4):
        await actor.planned(now + timedelta(minutes=minutes))
    await actor.record(now + timedelta(minutes=5), updated("u1", balance="777"))
    assert len(await choices(pool)) == 1


async def test_without_segments_nothing_is_chosen_and_nothing_written(
    choosing: Choosing, now: datetime, pool: Pool
) -> None:
    step = await choosing("").planned(now)
    assert await stands(pool) == ("default", None, None)
    assert await choices(pool) == []
    assert step.view.segment is None


async def test_a_changed_fact_moves_the_account_and_back(
    choosing: Choosing, now: datetime, pool: Pool
) -> None:
    actor = choosing(BY_VIP)
    await actor.planned(now)
    assert await stands(pool) == ("default", "default", "default")
    for place, (said, strategy) in enumerate(
        [(True, "gentle"), (False, "default"), (True, "gentle"), (None, "default")], start=1
    ):
        at = now + timedelta(minutes=place)
        done = await actor.record(at, updated(f"u{place}", attributes={"vip": said}))
        assert done.answers[0].refused is None
        assert (await stands(pool))[0] == strategy
    told = [(one["before"], one["strategy"]) for one in await choices(pool)]
    assert told == [
        ("default", "default"),
        ("default", "gentle"),
        ("gentle", "default"),
        ("default", "gentle"),
        ("gentle", "default"),
    ]


async def test_a_pin_goes_before_the_segment_and_null_takes_it_back(
    choosing: Choosing, now: datetime, pool: Pool
) -> None:
    actor = choosing(NOBODY)
    await actor.record(now, updated("u1", strategy="gentle"))
    assert await stands(pool) == ("gentle", "default", "pin")
    await actor.record(now + timedelta(minutes=1), updated("u2", balance="900"))
    assert await stands(pool) == ("gentle", "default", "pin"), "what is not said stays"
    await actor.record(now + timedelta(minutes=2), updated("u3", strategy=None))
    assert await stands(pool) == ("default", "default", "default")


async def test_a_pin_holds_without_segments_and_ends_with_them_gone(
    choosing: Choosing, now: datetime, pool: Pool
) -> None:
    actor = choosing("")
    await actor.record(now, updated("u1", strategy="gentle"))
    assert await stands(pool) == ("gentle", None, "pin")
    await actor.record(now + timedelta(minutes=1), updated("u2", strategy=None))
    assert await stands(pool) == ("default", None, "default")


async def test_a_pin_to_a_strategy_that_is_none_is_refused_and_the_account_goes_on(
    choosing: Choosing, now: datetime, pool: Pool
) -> None:
    actor = choosing(SOFT)
    done = await actor.record(now, updated("u1", strategy="harsh"))
    refused = "strategy: is none that is configured: there are default, gentle"
    assert done.answers[0].refused == refused
    assert await stands(pool) == ("gentle", "colombia", "segment")
    again = await actor.record(now, updated("u1", strategy="default"))
    assert again.answers[0].refused is None, "mended, it is taken under its id"


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ({"vip": "perhaps"}, "attributes.vip: must be yes or no"),
        ({"risk": "medium"}, "attributes.risk: must be one of low, high"),
        ({"mood": "good"}, "attributes.mood: is no attribute that is declared"),
        ({"score": "7"}, "attributes.score: is no attribute that is declared"),
        ({"customer_since": "2023-02-30"}, "attributes.customer_since: must be a day that exists"),
        ({"product": "x" * 201}, "attributes.product: must have at most 200 characters"),
    ],
)
async def test_an_attribute_that_is_not_as_declared_is_refused(
    choosing: Choosing, now: datetime, pool: Pool, said: dict[str, Any], refused: str
) -> None:
    done = await choosing(BY_VIP).record(now, updated("u1", attributes=said))
    assert str(done.answers[0].refused).startswith(refused)
    assert await pool.fetchval("SELECT attributes FROM accounts") is None


async def test_what_is_older_than_what_is_known_changes_nothing(
    choosing: Choosing, now: datetime, pool: Pool
) -> None:
    actor = choosing(BY_VIP)
    day = timedelta(days=1)
    new = updated("u1", attributes={"vip": True}, strategy="gentle", as_of=now.isoformat())
    old = updated("u2", attributes={"vip": False}, strategy=None, as_of=(now - day).isoformat())
    await actor.record(now, new)
    done = await actor.record(now + timedelta(minutes=1), old)
    assert "nothing changed" in str(done.answers[0].note)
    assert await stands(pool) == ("gentle", "vips", "pin")


async def test_a_strategy_that_is_configured_no_more_stops_nobody(
    choosing: Choosing, now: datetime, pool: Pool, dependencies: Dependencies
) -> None:
    actor = choosing(NOBODY)
    await actor.record(now, updated("u1", strategy="gentle"))
    left = {"default": dependencies.strategies["default"]}
    actor.dependencies = type(actor.dependencies)(
        **{
            name: getattr(actor.dependencies, name)
            for name in actor.dependencies.__dataclass_fields__
        }
        | {"strategies": left}
    )
    done = await actor.record(now + timedelta(minutes=1), updated("u2", balance="900"))
    assert done.answers[0].refused is None
    assert await stands(pool) == ("default", "default", "default")
    assert (await choices(pool))[-1]["reason"] == (
        "the pinned gentle is not configured; no segment matches"
    )


async def test_a_reservation_goes_by_the_choice_of_its_own_instant(
    choosing: Choosing, now: datetime, pool: Pool
) -> None:
    """What was planned by the old segment is not sent by it: the reservation chooses anew, and what
    it reserves is of the new one."""
    actor = choosing(BY_VIP)
    step = await actor.planned(now)
    while step.kind is StepKind.WAIT:
        step = await actor.planned(step.not_before)
    await pool.execute("""UPDATE accounts SET attributes = '{"vip": true}'""")
    became = await actor.contact(step)
    assert became.view.phase.startswith("gentle-")
    while became.kind is StepKind.WAIT:
        became = await actor.planned(became.not_before)
    await actor.contact(became)
    by = actor.dependencies.factory.segments_decider
    assert by is not None
    made = await pool.fetch("SELECT phase, segment, decided_by FROM attempts")
    assert made
    assert {one["segment"] for one in made} == {"vips"}
    assert all(one["phase"].startswith("gentle-") for one in made)
    assert all(by.digest in one["decided_by"] for one in made)


async def test_the_days_alone_move_an_account_though_it_waits_for_longer(
    choosing: Choosing, actor: Actor, now: datetime, pool: Pool
) -> None:
    """On hold for months, it is asked again on the day that makes another segment right."""
    choosing("""
segments:
  - name: early
    when: {days_past_due: {to: 20}}
    strategy: default
default: gentle
""")
    until = (now + timedelta(days=60)).isoformat()
    hold = {"kind": "hold", "id": "h1", "until": until, "reason": "asked"}
    step = (await actor.record(now, hold)).step
    assert step.why == "segment"
    assert timedelta(days=9) < step.not_before - now < timedelta(days=12)
    assert (await stands(pool))[1] == "early"
    later = await actor.planned(step.not_before)
    assert await stands(pool) == ("gentle", "default", "default")
    assert later.why == "hold"


async def test_days_at_entry_stay_as_they_were(
    choosing: Choosing, actor: Actor, now: datetime, pool: Pool
) -> None:
    choosing("""
segments:
  - name: came-late
    when: {days_past_due_at_entry: {from: 5}}
    strategy: gentle
default: default
""")
    await actor.planned(now)
    assert (await stands(pool))[1] == "came-late"
    due = (now + timedelta(days=1)).date().isoformat()
    await actor.record(now, updated("u1", oldest_due_date=due))
    assert (await stands(pool))[1] == "came-late"
    assert await pool.fetchval("SELECT entered_days FROM accounts") >= 5
