"""Promises of several dates, and part payments of what fell due, in PostgreSQL."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import asyncpg
import pytest
from rich.console import Console

from domain.agreements.terms import PartPayments
from domain.calendar import local_date
from domain.channels import Purpose
from domain.planning.step import Status
from store.agreements.promises import recorded_by
from store.database import Pool
from store.views.customer import OfCustomer
from store.views.records import Records
from tests.support.activities import Actor, accepted
from tests.support.rows import add_account
from workers.cli.customer.record import kept_of
from workers.cli.customer.view import show_customer

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
ZONES = ("America/Bogota",)
BANK = ("bank", "A1")


def today(now: datetime) -> date:
    return local_date(now, ZONES)


def promise(now: datetime, *days: int, identity: str = "p1", amount: str = "50000.00") -> Any:
    parts = [{"date": str(today(now) + one * DAY), "amount": amount} for one in days]
    return {"kind": "record_promise", "id": identity, "parts": parts}


def paid(identity: str, amount: str = "50000.00") -> dict[str, Any]:
    return {"kind": "payment_received", "id": identity, "amount": amount}


def fell_due(now: datetime, *ago: int, identity: str = "u1", **fields: Any) -> dict[str, Any]:
    parts = [{"date": str(today(now) - one * DAY), "amount": "50000.00"} for one in ago]
    told = {"due": parts, "balance": f"{50_000 * len(ago)}.00", "as_of": now.isoformat()}
    return {"kind": "account_updated", "id": identity, **told, **fields}


async def state(pool: Pool) -> str:
    found: str = await pool.fetchval("SELECT state FROM promises")
    return found


# --- promises -------------------------------------------------------------------------------------


async def test_a_promise_of_several_dates_silences_and_the_same_again_is_one(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    first = await actor.record(now, promise(now, 3, 20))
    again = await actor.record(now + SECOND, promise(now, 3, 20), promise(now, 3, 21))
    assert [one.repeated for one in (*first.answers, *again.answers)] == [False, True, True]
    assert (again.answers[1].note or "").startswith("this id is on record with another parts")
    [row] = await pool.fetch("SELECT amount, due_on, parts, state FROM promises")
    assert (row["amount"], row["due_on"], row["state"]) == (
        *(Decimal("100000.00"), today(now) + 20 * DAY, "open"),
    )
    assert [one["amount"] for one in row["parts"]] == ["50000.00", "50000.00"]
    assert first.step.view.status is Status.PROMISED


async def test_a_promise_of_one_date_has_no_parts(actor: Actor, pool: Pool, now: datetime) -> None:
    plain = {"amount": "50000.00", "date": str(today(now) + DAY)}
    await actor.record(now, {"kind": "record_promise", "id": "p1", **plain})
    assert await pool.fetchval("SELECT parts FROM promises") is None


async def test_it_is_broken_by_the_first_grace_that_ends_unpaid(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await actor.record(now, promise(now, 1, 20))
    assert (await actor.planned(now + 2 * DAY)).view.status is Status.PROMISED
    broken = await actor.planned(now + 5 * DAY)
    assert (await state(pool), broken.purpose) == ("broken", Purpose.PROMISE_BROKEN)


async def test_part_by_part_it_is_kept(actor: Actor, pool: Pool, now: datetime) -> None:
    await actor.record(now, promise(now, 1, 20))
    await actor.record(now + DAY, paid("y1", "30000.00"), paid("y2", "20000.00"))
    assert (await actor.planned(now + 5 * DAY)).view.status is Status.PROMISED
    await actor.record(now + 10 * DAY, paid("y3"))
    assert await state(pool) == "kept"


async def test_what_is_remembered_is_the_part_that_is_near(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    asked = promise(now, 10, 20)
    asked["parts"][0]["amount"] = "60000.00"
    reminder = (await actor.record(now, asked)).step
    assert reminder.purpose is Purpose.PROMISE_REMINDER
    await actor.contact(reminder)
    [message] = await accepted(sandbox_url)
    assert "60.000" in message["text"] and "110.000" not in message["text"]


async def test_what_is_refused_is_refused_with_the_part_and_changes_nothing(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    refused = (await actor.record(now, promise(now, 5, 5))).answers[0].refused
    assert (refused or "").startswith("parts.1.date: must be a later day than the one before")
    assert await pool.fetchval("SELECT count(*) FROM promises") == 0


async def test_the_customer_view_has_parts_who_recorded_them_and_how_they_were_kept(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await actor.record(now, promise(now, 1, 20))
    await recorded_by(pool, BANK, "p1", "Eva")
    await recorded_by(pool, BANK, "p1", "another")
    await actor.record(now + DAY, paid("y1"))
    await actor.planned(now + 30 * DAY)
    view = OfCustomer(pool, "C1", None)
    promises, accounts = await view.promises(), await view.accounts()
    assert [(one["recorded_by"], len(one["parts"])) for one in promises] == [("Eva", 2)]
    assert kept_of(promises, accounts) == {
        "kept": 0,
        "broken": 1,
        "open": 0,
        "replaced": 0,
        "parts_kept": 1,
        "parts_broken": 1,
    }
    [told] = [row for row in await Records(pool).timeline("C1") if row["kind"] == "promised"]
    days = [today(now) + DAY, today(now) + 20 * DAY]
    listed = ", ".join(f"50000.00 COP by {one}" for one in days)
    assert told["what"] == f"{listed}, broken, recorded by Eva"


async def test_what_a_debts_earlier_number_promised_is_counted_once(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await add_account(pool, "N1", due=today(now) - 10 * DAY)
    await pool.execute("UPDATE accounts SET formerly = '{A1}' WHERE account_id = 'N1'")
    await actor.record(now, promise(now, 1, 20))
    await pool.execute(
        "INSERT INTO promises (creditor, account_id, promise_id, amount, due_on, parts, made_at) "
        "SELECT creditor, 'N1', promise_id, amount, due_on, parts, made_at FROM promises"
    )
    view = OfCustomer(pool, "C1", None)
    assert kept_of(await view.promises(), await view.accounts())["open"] == 1


async def test_postgresql_holds_no_list_of_one(actor: Actor, pool: Pool, now: datetime) -> None:
    await actor.record(now, promise(now, 1, 20))
    with pytest.raises(asyncpg.CheckViolationError, match="promises_parts_check"):
        await pool.execute("UPDATE promises SET parts = '[{}]'")


# --- part payments --------------------------------------------------------------------------------


async def past_due(actor: Actor, at: datetime, *messages: dict[str, Any]) -> tuple[int, str]:
    view = (await actor.record(at, *messages)).step.view
    return view.days_past_due, view.phase


def by(actor: Actor, rule: PartPayments) -> Actor:
    followed = {
        name: one.model_copy(update={"part_payments": rule})
        for name, one in actor.dependencies.strategies.items()
    }
    return Actor(replace(actor.dependencies, strategies=followed))


async def test_a_payment_that_does_not_cure_moves_the_account_to_another_phase(
    actor: Actor, now: datetime
) -> None:
    assert await past_due(actor, now, fell_due(now, 70, 40, 10)) == (70, "late")
    assert await past_due(actor, now + SECOND, paid("y1", "49999.99")) == (70, "late")
    assert await past_due(actor, now + 2 * SECOND, paid("y2", "0.01")) == (40, "mid")
    assert await past_due(actor, now + 3 * SECOND, paid("y2", "0.01")) == (40, "mid")
    assert await past_due(actor, now + 4 * SECOND, paid("y3", "60000.00")) == (10, "early")


async def test_where_what_fell_due_is_not_told_a_payment_moves_nothing(
    actor: Actor, now: datetime
) -> None:
    assert await past_due(actor, now, paid("y1", "100000.00")) == (10, "early")


async def test_a_payment_that_comes_before_what_it_pays_is_told_counts_all_the_same(
    actor: Actor, now: datetime
) -> None:
    told = fell_due(now, 70, 40, as_of=now.isoformat())
    assert await past_due(actor, now + SECOND, paid("y1")) == (10, "early")
    assert await past_due(actor, now + 2 * SECOND, told) == (40, "mid")


async def test_newer_figures_stand_and_those_that_agree_leave_it_in_force(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await actor.record(now, fell_due(now, 70, 40, 10))
    await actor.record(now + SECOND, paid("y1"))
    agrees = {
        "balance": "100000.00",
        "oldest_due_date": str(today(now) - 40 * DAY),
        "as_of": (now + 2 * SECOND).isoformat(),
    }
    update = {"kind": "account_updated", "id": "u2"}
    assert (await past_due(actor, now + 3 * SECOND, {**update, **agrees}))[0] == 40
    assert (await past_due(actor, now + 4 * SECOND, paid("y2")))[0] == 10
    other = {"balance": "45000.00", "as_of": (now + 5 * SECOND).isoformat()}
    assert (await past_due(actor, now + 6 * SECOND, {**update, "id": "u3", **other}))[0] == 40


async def test_an_older_schedule_is_not_put_in_the_place_of_a_newer_one(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await actor.record(now, fell_due(now, 40, 10))
    older = fell_due(now, 70, 40, 10, identity="u0", as_of=(now - DAY).isoformat())
    answer = (await actor.record(now + SECOND, older)).answers[0]
    assert (answer.note or "").startswith("nothing changed: older than what is on record")
    assert await pool.fetchval("SELECT jsonb_array_length(instalments) FROM due_schedules") == 2


async def test_a_schedule_of_an_account_that_nobody_knows_is_not_kept(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await Actor(actor.dependencies, "A9").record(now, fell_due(now, 40, 10))
    assert await pool.fetchval("SELECT count(*) FROM due_schedules") == 0


@pytest.mark.parametrize(
    ("rule", "days"),
    [(PartPayments.OLDEST_FIRST, 40), (PartPayments.NEWEST_FIRST, 70), (PartPayments.NONE, 70)],
)
async def test_the_strategy_says_which_instalment_is_paid_first(
    actor: Actor, now: datetime, rule: PartPayments, days: int
) -> None:
    acting = by(actor, rule)
    found = await past_due(acting, now, fell_due(now, 70, 40, 10), paid("y1", "60000.00"))
    assert found[0] == days


async def test_what_fell_due_raises_the_count_of_facts_also_where_its_figures_are_older(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    """So that nothing leaves that was reserved before it was told."""
    before = await pool.fetchval("SELECT facts FROM customers")
    older = (now - timedelta(hours=5)).isoformat()
    await actor.record(now, fell_due(now, 70, 40, 10, as_of=older))
    assert await pool.fetchval("SELECT count(*) FROM due_schedules") == 1
    assert await pool.fetchval("SELECT facts FROM customers") > before


async def test_another_account_speaks_of_it_by_the_days_that_part_payments_have_left(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await add_account(pool, "A2", due=today(now) - 12 * DAY)
    # As it was told it is far beyond the last phase, and would not be spoken of.
    told = fell_due(now, 300, 12, identity="u2")
    await Actor(actor.dependencies, "A2").record(now + SECOND, told, paid("y1"))
    assert (await actor.planned(now + 2 * SECOND)).covers == ("bank/A1", "bank/A2")


async def test_the_customer_view_says_since_when_days_past_due_count(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await actor.record(now, fell_due(now, 70, 40, 10), paid("y1"))
    out = Console(file=StringIO(), width=300)
    settings = actor.dependencies.settings
    await show_customer(pool, settings, "C1", None, "eva", now, out, as_json=False)
    told = out.file.getvalue()  # type: ignore[attr-defined]
    assert f"counted from {today(now) - 40 * DAY}" in told
    assert f"due {today(now) - 70 * DAY}" in told
