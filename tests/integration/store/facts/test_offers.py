"""Settlement offers in PostgreSQL: within an authority, approved by another, accepted once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest

from activities.dependencies import Dependencies
from domain.calendar import local_date
from domain.channels import Purpose
from domain.planning.step import Status, StepKind
from lab.builders.parts import dependencies_for, settings_for
from lab.builders.settlement import settling
from store.database import Pool
from tests.integration.store.test_customer_view import printed, show
from tests.support.activities import Actor, accepted
from tests.support.rows import add_account, attempts

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


@pytest.fixture
async def dependencies(pool: Pool, sandbox_url: str) -> AsyncIterator[Dependencies]:
    with dependencies_for(pool, settings_for(sandbox_url, whole_orders=True)) as made:
        yield settling(made)


def offer(identity: str = "s1", discount: str = "20", **told: Any) -> dict[str, Any]:
    made = {"by": "ana", "role": "agent", "discount": discount, **told}
    return {"kind": "offer_settlement", "id": identity, **made}


def approve(identity: str, by: str = "eva", role: str = "supervisor") -> dict[str, Any]:
    return {"kind": "approve_settlement", "id": identity, "offer": "s1", "by": by, "role": role}


def accept(identity: str, offered: str = "s1", how: str = "call") -> dict[str, Any]:
    return {"kind": "accept_settlement", "id": identity, "offer": offered, "how": how}


def payment(identity: str, amount: str) -> dict[str, Any]:
    return {"kind": "payment_received", "id": identity, "amount": amount}


async def states(pool: Pool) -> dict[str, tuple[str, str | None]]:
    rows = await pool.fetch("SELECT offer_id, state, ended_why FROM settlement_offers")
    return {row["offer_id"]: (row["state"], row["ended_why"]) for row in rows}


async def test_an_offer_within_authority_is_told_by_the_one_door(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    """By the lawful way, once, with what is to be paid and until when it may be accepted."""
    first = await actor.record(now, offer())
    until = local_date(now, ("America/Bogota",)) + 15 * DAY
    assert first.answers[0].note == f"offered, 120000.00 COP for 150000.00 (20.00 %), until {until}"
    standing = first.step.view.settlement
    assert standing is not None and standing.state == "offered"
    assert first.step.purpose is Purpose.SETTLEMENT_OFFER
    await actor.contact(first.step)
    [made] = await attempts(pool)
    assert (made["purpose"], made["touch"], made["state"]) == ("settlement_offer", 0, "accepted")
    [message] = await accepted(sandbox_url)
    text = message["text"].replace("\xa0", "").replace("$ ", "$")
    assert "con un pago de $120.000. Si le sirve, responda a" in text
    assert "150.000" not in text


async def test_above_authority_it_waits_and_another_person_approves(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    first = await actor.record(now, offer(discount="40"))
    assert first.answers[0].note == (
        "proposed, 90000.00 COP for 150000.00 (40.00 %): waits for supervisor (up to 40 %), "
        "another person"
    )
    assert first.step.purpose is not Purpose.SETTLEMENT_OFFER
    asked = (accept("x1"), approve("x2", by="ana"), approve("x3", role="agent"))
    refused = await actor.record(now + SECOND, *asked)
    assert [one.refused for one in refused.answers] == [
        "offer: s1 waits to be approved",
        "by: must be another person than who offered it",
        refused.answers[2].refused,
    ]
    assert (refused.answers[2].refused or "").startswith("role: agent may give up to 20 %")
    done = await actor.record(now + 2 * SECOND, approve("x4"))
    assert (done.answers[0].note or "").startswith("offered, 90000.00 COP")
    row = await pool.fetchrow("SELECT authorized, approved_by, approved_as FROM settlement_offers")
    assert row is not None and tuple(row) == (40, "eva", "supervisor")


async def test_in_many_executions_at_once_it_is_accepted_once(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await actor.record(now, offer())
    asked = [actor.record(now + SECOND, accept(f"x{number}")) for number in range(6)]
    answers = [one.answers[0] for one in await asyncio.gather(*asked)]
    assert all(one.refused is None for one in answers)
    notes = sorted((one.note or "").split(",")[0] for one in answers)
    assert notes == ["accepted", *["nothing changed: it was so before"] * 5]
    assert await states(pool) == {"s1": ("accepted", None)}


async def test_accepted_it_silences_takes_the_place_of_a_promise_and_paid_it_ends(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    due = str(local_date(now + 5 * DAY, ("America/Bogota",)))
    promise = {"kind": "record_promise", "id": "p1", "amount": "50000.00", "date": due}
    await actor.record(now, promise, offer())
    done = await actor.record(now + SECOND, accept("x1"))
    assert (done.answers[0].note or "").endswith("; it takes the place of the promise p1")
    assert done.step.view.status is Status.SETTLING
    assert await pool.fetchval("SELECT state FROM promises") == "replaced"
    part = await actor.record(now + DAY, payment("y1", "100000.00"))
    assert part.step.view.status is Status.SETTLING
    paid = await actor.record(now + 2 * DAY, payment("y2", "20000.00"))
    assert (paid.step.kind, paid.step.why) == (StepKind.CLOSE, "settled")
    assert await states(pool) == {"s1": ("paid", None)}
    account = await pool.fetchrow("SELECT status, close_reason, balance FROM accounts")
    assert account is not None and tuple(account) == ("closed", "settled", 30000)
    late = await actor.record(now + 3 * DAY, offer("s2"))
    assert late.answers[0].refused == "the account is closed"


async def test_it_lapses_by_time_and_unpaid_the_account_goes_on(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await actor.record(now, offer("s1", expires=str(local_date(now, ("America/Bogota",)))))
    late = await actor.record(now + 2 * DAY, accept("x1"))
    assert late.answers[0].refused == "offer: s1 has lapsed"
    await actor.record(now + 2 * DAY, offer("s2"), accept("x2", "s2"))
    step = await actor.planned(now + 16 * DAY)
    assert await states(pool) == {"s1": ("lapsed", None), "s2": ("unpaid", None)}
    assert (step.kind, step.view.status) == (StepKind.CONTACT, Status.COLLECTING)


async def test_what_takes_the_place_of_what_is_told_and_kept(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await actor.record(now, offer("s1"))
    await actor.record(now + SECOND, offer("s2", "10"))
    today = local_date(now, ("America/Bogota",))
    parts = [{"date": str(today + days * DAY), "amount": "50000.00"} for days in (10, 20)]
    plan = {"kind": "agree_plan", "id": "plan-1", "instalments": parts}
    done = await actor.record(now + 2 * SECOND, plan)
    assert done.answers[0].note == "it takes the place of the settlement offer s2"
    assert await states(pool) == {
        "s1": ("replaced", "replaced by s2"),
        "s2": ("replaced", "replaced by plan-1"),
    }
    await actor.record(now + 3 * SECOND, offer("s3"))
    accepts = await actor.record(now + 4 * SECOND, accept("x1", "s3"))
    assert (accepts.answers[0].note or "").endswith("it takes the place of the plan plan-1")
    row = await pool.fetchrow("SELECT state, ended_why FROM payment_plans")
    assert row is not None and tuple(row) == ("cancelled", "replaced by s3")
    withdraw = {"kind": "withdraw_settlement", "id": "w", "reason": "by mistake"}
    await actor.record(now + 5 * SECOND, withdraw)
    assert (await states(pool))["s3"] == ("withdrawn", "by mistake")


async def test_an_offer_that_is_withdrawn_stops_the_word_of_it_on_its_way(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    told = (await actor.record(now, offer())).step
    ready = await actor.reserve(told)
    withdraw = {"kind": "withdraw_settlement", "id": "w"}
    await actor.record(told.not_before + SECOND, withdraw)
    actor.runs -= 1
    await actor.send(ready, told.not_before + 2 * SECOND)
    assert [row["state"] for row in await attempts(pool)] == ["released"]
    assert await accepted(sandbox_url) == []


async def test_another_account_does_not_speak_of_one_that_is_being_settled(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await add_account(pool, "A2", due=local_date(now - 10 * DAY, ("America/Bogota",)))
    other = Actor(actor.dependencies, "A2")
    await actor.record(now, offer())
    assert (await other.planned(now + SECOND)).covers == ("bank/A2", "bank/A1")
    await actor.record(now + 2 * SECOND, accept("x1"))
    assert (await other.planned(now + 3 * SECOND)).covers == ("bank/A2",)


async def test_an_account_whose_customer_is_not_known_is_offered_nothing(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await pool.execute("UPDATE accounts SET customer_id = 'nobody'")
    [answer] = (await actor.record(now, offer())).answers
    assert (answer.refused or "").startswith("the account cannot be judged yet")


@pytest.mark.parametrize(
    ("change", "held"),
    [
        ("authorized = 19.99", "settlement_offers_authority"),
        ("amount = 119999.99", "settlement_offers_authority"),
        ("authorized = NULL", "settlement_offers_authority"),
        ("approved_by = 'ANA', approved_as = 'boss', approved_at = now()", "two_people"),
        ("amount = balance", "settlement_offers_check"),
        ("state = 'proposed'", "state_moves"),
    ],
)
async def test_postgresql_holds_what_an_offer_may_be(
    actor: Actor, pool: Pool, now: datetime, change: str, held: str
) -> None:
    await actor.record(now, offer())
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await pool.execute(f"UPDATE settlement_offers SET {change}")
    assert held in (refused.value.constraint_name or "")


async def test_postgresql_holds_that_one_offer_stands(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await actor.record(now, offer())
    names = "creditor, account_id, balance, amount, offered_at, offered_by, offered_as, "
    names += "authorized, expires_on, pay_within_days, grace_days, state"
    with pytest.raises(asyncpg.UniqueViolationError):
        await pool.execute(
            f"INSERT INTO settlement_offers (offer_id, {names}) "
            f"SELECT 's2', {names} FROM settlement_offers"
        )


async def test_a_settlement_offer_is_shown_with_who_made_and_approved_it(
    actor: Actor, pool: Pool, dependencies: Dependencies, now: datetime
) -> None:
    written = (now, (now + 15 * DAY).date(), (now + DAY), (now + 11 * DAY).date())
    await pool.execute(
        "INSERT INTO settlement_offers (creditor, account_id, offer_id, balance, amount, "
        "offered_at, offered_by, offered_as, authorized, approved_by, approved_as, approved_at, "
        "expires_on, pay_within_days, grace_days, accepted_at, accepted_how, due_on, state) "
        "VALUES ('bank', 'A1', 's1', 150000, 90000, $1, 'ana', 'agent', 40, 'eva', 'supervisor', "
        "$1, $2, 10, 2, $3, 'in_person', $4, 'accepted')",
        *written,
    )
    paid = {"kind": "payment_received", "id": "pay1", "amount": "90000.00"}
    await actor.record(now + 2 * DAY, paid)
    told = await show(pool, dependencies, now + 3 * DAY)
    [offer] = told["settlement_offers"]
    assert (offer["state"], offer["paid"], offer["accepted_how"]) == (
        "paid",
        "90000.00",
        "in_person",
    )
    said = [(row["kind"], row["what"]) for row in told["timeline"]]
    sums = f"90000.00 COP for 150000.00, until {written[1]}"
    assert ("offered a settlement", f"{sums}, by ana (agent), paid") in said
    assert ("settlement approved", "s1, by eva (supervisor)") in said
    assert ("settlement accepted", f"s1, by in person, to be paid by {written[3]}") in said
    assert ("settlement paid", "s1") in said and ("ended", "settled") in said
    text = await printed(pool, dependencies, now + 3 * DAY)
    assert "Settlement offers" in text and "90000.00 COP for 150000.00 COP" in text
    assert "approved: eva (supervisor)" in text
