"""A payment plan goes along with its debt, under whatever number that stands; one at a time."""

from datetime import date, datetime

import pytest

from domain.planning.step import Status
from tests.integration.intake.comeback.test_taken_back import BEGAN, HOUR, take
from tests.integration.intake.desk import DAY, Desk
from tests.integration.intake.test_renumbered import AS_OF, DUE, LATER, NOW, owed

PLANS = """
SELECT account_id, plan_id, state, ended_why FROM payment_plans ORDER BY account_id, plan_id
"""


async def agreed(desk: Desk, account_id: str, at: datetime, plan_id: str = "p") -> None:
    due = [(NOW + days * DAY).date() for days in (9, 39)]
    await desk.pool.execute(
        "INSERT INTO payment_plans (creditor, account_id, plan_id, instalments, grace_days, "
        "broken_after, reaged_after, agreed_at) "
        "VALUES ('banco-andino', $1, $2, $3, 3, 2, 0, $4)",
        account_id,
        plan_id,
        [{"due_on": str(one), "amount": "50.00"} for one in due],
        at,
    )


async def plans(desk: Desk, account_id: str) -> list[tuple[str, str, str | None]]:
    rows = await desk.pool.fetch(PLANS)
    return [tuple(row)[1:] for row in rows if row["account_id"] == account_id]


async def test_a_plan_goes_along_to_the_new_number_and_back(desk: Desk) -> None:
    await take(desk, BEGAN, owed("A1"))
    await agreed(desk, "A1", BEGAN + DAY)
    await take(desk, AS_OF, owed("N1"))
    step = await desk.plan(NOW, "N1")
    assert (step.view.status, step.view.days_past_due) == (Status.ON_PLAN, -9)
    await desk.pool.execute(
        "UPDATE payment_plans SET state = 'cancelled', ended_at = $1, ended_why = 'lost the job' "
        "WHERE account_id = 'N1'",
        AS_OF + HOUR,
    )
    await take(desk, LATER, owed("A1"))
    assert await plans(desk, "A1") == [("p", "cancelled", "lost the job")]


async def test_parts_of_a_promise_and_what_fell_due_go_along_to_the_new_number(desk: Desk) -> None:
    await take(desk, BEGAN, owed("A1", balance="100000"))
    parts = [{"due_on": str((NOW + days * DAY).date()), "amount": "500.00"} for days in (5, 9)]
    await desk.pool.execute(
        "INSERT INTO promises (creditor, account_id, promise_id, amount, due_on, parts, made_at, "
        "recorded_by) VALUES ('banco-andino', 'A1', 'p', 1000, $1, $2, $3, 'Eva')",
        *((NOW + 9 * DAY).date(), parts, BEGAN + DAY),
    )
    newer = (NOW - 2 * DAY).date()
    due = [{"due_on": DUE, "amount": "60000.00"}, {"due_on": str(newer), "amount": "40000.00"}]
    await desk.pool.execute(
        "INSERT INTO due_schedules VALUES ('banco-andino', 'A1', $1, $2)", BEGAN, due
    )
    await take(desk, AS_OF, owed("N1", balance="100000"))
    [row] = await desk.pool.fetch("SELECT * FROM promises WHERE account_id = 'N1'")
    assert (row["parts"], row["recorded_by"]) == (parts, "Eva")
    before = await desk.plan(NOW, "N1")
    await desk.pool.execute(
        "INSERT INTO payments VALUES ('banco-andino', 'N1', 'y', 60000, $1)", AS_OF + HOUR
    )
    await desk.pool.execute("UPDATE accounts SET balance = 40000 WHERE account_id = 'N1'")
    after = await desk.plan(NOW, "N1")
    assert (before.view.days_past_due, after.view.days_past_due) == (
        (NOW.date() - date.fromisoformat(DUE)).days,
        2,
    )


async def test_a_plan_goes_on_that_its_file_left_out_for_a_day(desk: Desk) -> None:
    await take(desk, BEGAN, owed("A1"), owed("B1", customer_id="C2"))
    await agreed(desk, "A1", BEGAN + DAY)
    await take(desk, AS_OF, owed("B1", customer_id="C2"))
    assert (await desk.account("A1"))["close_reason"] == "recalled"
    await take(desk, LATER, owed("A1"), owed("B1", customer_id="C2"))
    assert (await desk.plan(NOW)).view.status is Status.ON_PLAN


@pytest.mark.parametrize("into", ["N1", "A1", "A2"])
async def test_of_debts_that_become_one_one_plan_goes_on(desk: Desk, into: str) -> None:
    """That of the number which goes on, or else the latest."""
    await take(desk, BEGAN, owed("A1", balance="1000"), owed("A2", balance="300"))
    await agreed(desk, "A1", BEGAN + DAY, "one")
    await agreed(desk, "A2", BEGAN + 2 * DAY, "two")
    await take(desk, LATER, owed(into, balance="1300"))
    goes_on = {"N1": "two", "A1": "one", "A2": "two"}[into]
    gives_way = {"one": "two", "two": "one"}[goes_on]
    assert {plan: state for plan, state, _ in await plans(desk, into)} == {
        goes_on: "active",
        gives_way: "cancelled",
    }
    assert (await desk.plan(NOW, into)).view.status is Status.ON_PLAN
