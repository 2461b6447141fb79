"""An order in bulk holds from its commit on: in the reservation, and up to the very dispatch."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activities.dependencies import Dependencies
from domain.bulk.kinds import BulkKind
from domain.bulk.order import BulkScope, NewOrder
from domain.failures import BadInput, NotFound
from domain.planning.step import Status, Step, StepKind
from store.bulk.orders import BulkOrders
from store.bulk.wakes import Wakes
from store.database import Pool
from store.situations import read_situation
from tests.support.activities import Actor, accepted
from tests.support.rows import add_account, add_customer, attempts

SECOND = timedelta(seconds=1)


def new(kind: str = "hold", reason: str = "flood", **more: Any) -> NewOrder:
    scope = BulkScope(**{k: v for k, v in more.items() if k in BulkScope.model_fields})
    rest = {k: v for k, v in more.items() if k not in BulkScope.model_fields}
    return NewOrder(kind=BulkKind(kind), scope=scope, reason=reason, **rest)


async def give(pool: Pool, kind: str = "hold", **more: Any) -> int:
    order = new(kind, **more)
    counted = await BulkOrders(pool).count(order, datetime.now(UTC) + timedelta(days=1))
    return await BulkOrders(pool).give(order, "ana", sum(one.accounts for one in counted))


async def contact_ahead(actor: Actor, now: datetime) -> Step:
    step = await actor.planned(now)
    assert step.kind is StepKind.CONTACT
    return step


async def reasons(pool: Pool) -> list[dict[str, Any]]:
    return [dict(row) for row in await pool.fetch("SELECT * FROM plan_changes ORDER BY plan")]


@pytest.mark.parametrize("kind", ["hold", "cease"])
async def test_what_was_planned_before_an_order_is_not_reserved_after_it(
    pool: Pool, actor: Actor, sandbox_url: str, now: datetime, kind: str
) -> None:
    step = await contact_ahead(actor, now)
    order = await give(pool, kind, creditor="bank")
    silent = await actor.contact(step)
    assert (silent.kind, silent.why) == (StepKind.WAIT, f"bulk_{kind}")
    assert silent.view.status is Status.ON_HOLD
    assert f"order {order} (flood)" in silent.summary
    assert await attempts(pool) == []
    assert await accepted(sandbox_url) == []
    last = (await reasons(pool))[-1]
    assert (last["why"], last["rule"]) == (f"bulk_{kind}", f"bulk.{order}")
    assert "flood" in last["summary"]


async def test_what_was_reserved_before_an_order_is_not_dispatched_after_it(
    pool: Pool, actor: Actor, sandbox_url: str, now: datetime
) -> None:
    step = await contact_ahead(actor, now)
    ready = await actor.reserve(step)
    await give(pool, "hold", creditor="bank")
    await actor.send(ready, step.not_before + SECOND)
    assert [row["state"] for row in await attempts(pool)] == ["released"]
    assert await accepted(sandbox_url) == []
    assert (await actor.planned(step.not_before + 2 * SECOND)).why == "bulk_hold"


async def test_a_dispatch_that_waits_for_a_lock_sees_the_order_that_is_given_meanwhile(
    pool: Pool, actor: Actor, sandbox_url: str, now: datetime
) -> None:
    step = await contact_ahead(actor, now)
    ready = await actor.reserve(step)
    async with pool.acquire() as writer, writer.transaction():
        await writer.execute("SELECT FROM customers FOR UPDATE")
        sending = asyncio.create_task(actor.send(ready, step.not_before + SECOND))
        waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        while not await pool.fetchval(waits):  # noqa: ASYNC110 - another session's lock
            await asyncio.sleep(0.01)
        await give(pool, "hold", creditor="bank")
    await sending
    assert [row["state"] for row in await attempts(pool)] == ["released"]
    assert await accepted(sandbox_url) == []


async def test_without_an_order_that_covers_it_a_contact_goes_out(
    pool: Pool, actor: Actor, sandbox_url: str, now: datetime
) -> None:
    step = await contact_ahead(actor, now)
    at = step.not_before
    for other in (
        {"creditor": "garage"},
        {"countries": ("MX",)},
        {"starts_at": at + timedelta(days=1)},
        {"starts_at": at - timedelta(days=9), "until": at - timedelta(days=2)},
    ):
        await give(pool, **other)
    await actor.contact(step)
    assert [row["state"] for row in await attempts(pool)] == ["accepted"]
    assert len(await accepted(sandbox_url)) == 1


SCOPES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "creditor": ({"creditor": "bank"}, {"creditor": "garage"}),
    "country": ({"countries": ("MX", "CO")}, {"countries": ("MX",)}),
    "region by address": ({"regions": ("CO-ANT",)}, {"regions": ("CO-DC",)}),
    "region by telephone": ({"regions": ("CO-VAC",)}, {"regions": ("MX-VAC",)}),
    "phase": ({"phases": ("early", "late")}, {"phases": ("late",)}),
    "segment": ({"segments": ("small",)}, {"segments": ("large",)}),
    "strategy": ({"strategies": ("default",)}, {"strategies": ("other",)}),
    "product": ({"products": ("card",)}, {"products": ("loan",)}),
    "attributes": ({"attributes": {"book": "2024"}}, {"attributes": {"book": "2023"}}),
    "yes or no": ({"attributes": {"secured": False}}, {"attributes": {"secured": True}}),
    "all together": (
        {"creditor": "bank", "countries": ("CO",), "products": ("card",)},
        {"creditor": "bank", "countries": ("CO",), "products": ("loan",)},
    ),
    "everything": ({}, {"creditor": "nobody"}),
}


@pytest.mark.parametrize("field", SCOPES)
@pytest.mark.parametrize("covered", [True, False], ids=["covered", "beside"])
async def test_whom_an_order_covers_is_one_answer_wherever_it_is_asked(
    pool: Pool, actor: Actor, now: datetime, field: str, *, covered: bool
) -> None:
    step = await contact_ahead(actor, now)
    await pool.execute(
        "UPDATE accounts SET segment = 'small', attributes = $1",
        {"product": "card", "book": "2024", "secured": False},
    )
    await pool.execute(
        "UPDATE customers SET regions_of_address = '{CO-ANT}', regions_of_phones = '{CO-VAC}'"
    )
    ready = await actor.reserve(step)
    scope = SCOPES[field][0 if covered else 1]
    order = await give(pool, **scope)

    kept = await BulkOrders(pool).one(order)
    assert kept.accounts == int(covered)
    assert kept.scope == BulkScope(**{k: _sorted(v) for k, v in scope.items()})
    wakes = Wakes(pool)
    wake = await wakes.take(order, "start")
    assert wake is not None
    assert await wakes.page(wake, ("", ""), 9) == ([("bank", "A1")] if covered else [])
    planned = await actor.planned(step.not_before)
    assert (planned.why == "bulk_hold") is covered
    stops = await pool.fetchval("SELECT bulk_stops($1, $2)", ready.attempt, step.not_before)
    assert stops is covered


def _sorted(value: Any) -> Any:
    return tuple(sorted(value)) if isinstance(value, tuple) else value


async def test_who_may_be_anywhere_in_a_country_is_covered_in_each_of_its_regions(
    pool: Pool, actor: Actor, now: datetime
) -> None:
    await contact_ahead(actor, now)
    order = new(regions=("CO-ANT",))
    [counted] = await BulkOrders(pool).count(order, now)
    assert (counted.accounts, counted.anywhere) == (1, 1)
    await give(pool, regions=("CO-ANT",))
    assert (await actor.planned(now + SECOND)).why == "bulk_hold"


async def test_an_account_that_an_order_covers_is_not_spoken_of_beside_another(
    pool: Pool, actor: Actor, now: datetime
) -> None:
    await add_account(pool, "A2", due=now.date() - timedelta(days=10))
    await pool.execute("UPDATE accounts SET segment = 'b' WHERE account_id = 'A2'")
    step = await contact_ahead(actor, now)
    assert step.covers == ("bank/A1", "bank/A2")
    ready = await actor.reserve(step)
    await give(pool, segments=("b",))
    assert await pool.fetchval("SELECT bulk_stops($1, $2)", ready.attempt, step.not_before)
    await actor.send(ready, step.not_before + SECOND)
    again = await actor.planned(step.not_before + 2 * SECOND)
    assert again.covers == ("bank/A1",)


async def test_a_plan_of_before_an_order_to_plan_anew_is_made_anew_and_then_goes_out(
    pool: Pool, actor: Actor, sandbox_url: str, now: datetime
) -> None:
    step = await contact_ahead(actor, now)
    at = step.not_before
    await give(pool, "replan", creditor="bank", starts_at=at)
    anew = await actor.contact(step, at)
    assert (anew.kind, anew.number) == (StepKind.CONTACT, step.number)
    assert anew.plans > step.plans
    assert await attempts(pool) == []
    await actor.contact(anew, at)
    assert len(await accepted(sandbox_url)) == 1


async def test_what_was_reserved_before_an_order_to_plan_anew_is_given_back(
    pool: Pool, actor: Actor, sandbox_url: str, now: datetime
) -> None:
    step = await contact_ahead(actor, now)
    ready = await actor.reserve(step)
    await give(pool, "replan", starts_at=step.not_before + 30 * SECOND)
    await actor.send(ready, step.not_before + 31 * SECOND)
    assert [row["state"] for row in await attempts(pool)] == ["released"]
    assert await accepted(sandbox_url) == []


async def test_a_lift_holds_at_once(
    pool: Pool, actor: Actor, sandbox_url: str, now: datetime
) -> None:
    step = await contact_ahead(actor, now)
    order = await give(pool, creditor="bank")
    assert (await actor.contact(step)).why == "bulk_hold"
    waiting = await BulkOrders(pool).lift(order, "ana", "the flood is over")
    assert waiting == 1
    [wake] = [one for one in [await Wakes(pool).due()] if one]
    assert wake == (order, "lift")
    anew = await actor.planned(step.not_before + SECOND)
    assert anew.kind is StepKind.CONTACT
    await actor.contact(anew)
    assert len(await accepted(sandbox_url)) == 1


async def test_an_order_is_given_once_and_lifted_once(pool: Pool, actor: Actor) -> None:
    orders = BulkOrders(pool)
    order = await give(pool, creditor="bank", countries=("CO",))
    with pytest.raises(BadInput, match=f"order {order} says the same and stands"):
        await give(pool, creditor="bank", countries=("CO",), reason="another")
    with pytest.raises(NotFound, match="there is no order 99"):
        await orders.lift(99, "ana", "why")
    await orders.lift(order, "ana", "over")
    with pytest.raises(BadInput, match=f"order {order} is lifted already, by ana"):
        await orders.lift(order, "eva", "over")
    again = await give(pool, creditor="bank", countries=("CO",))
    # As long as workflows have to be told of its end, it is listed.
    assert [one.order_id for one in await orders.listed()] == [again, order]
    await pool.execute("UPDATE bulk_wakes SET done_at = now()")
    assert [one.order_id for one in await orders.listed()] == [again]
    assert [one.order_id for one in await orders.listed(ended=True)] == [again, order]
    assert await orders.listed(ended=True, creditors={"garage"}) == []
    with pytest.raises(NotFound):
        await orders.one(order, {"garage"})


async def test_two_who_give_the_same_at_once_give_one(pool: Pool, actor: Actor) -> None:
    made = await asyncio.gather(
        *(give(pool, creditor="bank") for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(one, int) for one in made) == 1
    assert all(isinstance(one, int | BadInput) for one in made)


async def test_a_party_that_lives_where_an_order_holds_is_left_alone_too(
    pool: Pool, dependencies: Dependencies, now: datetime
) -> None:
    await add_customer(pool, preferred="sms")
    await add_customer(pool, "P1", country="MX", zones=("America/Mexico_City",))
    await add_account(pool, due=now.date() - timedelta(days=10))
    await pool.execute(
        "INSERT INTO account_parties (creditor, account_id, customer_id, role, since, told_by, "
        "as_of) VALUES ('bank', 'A1', 'P1', 'guarantor', $1, 'test', now())",
        now.date() - timedelta(days=1),
    )
    order = await give(pool, countries=("MX",))
    async with pool.acquire() as connection:
        found = await read_situation(connection, "bank", "A1", now, dependencies.served)
    assert found is not None
    situation, _ = found
    assert situation.orders == ()
    assert [one.order_id for one in situation.parties[0].orders] == [order]
