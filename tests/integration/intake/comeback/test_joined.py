"""Two debts that become one: what was said of either is said of the one."""

from decimal import Decimal
from typing import Any

import pytest

from domain.planning.step import StepKind
from tests.integration.intake.comeback.test_taken_back import BEGAN, HOUR, promised, take
from tests.integration.intake.desk import DAY, Desk
from tests.integration.intake.test_renumbered import AS_OF, LATER, NOW, owed, said

ONE, TWO = owed("A1", balance="1000"), owed("A2", balance="300")


def joined(**cells: str) -> dict[str, str]:
    return owed("N1", balance="1300") | cells


@pytest.mark.parametrize("kind", ["opt_out", "cease", "attorney", "dispute"])
@pytest.mark.parametrize("of", ["A1", "A2"])
@pytest.mark.parametrize(
    "into",
    [
        joined(),
        joined(balance="1350"),
        joined(account_id="A1"),
        joined(account_id="A2"),
        joined(customer_id="C9"),
    ],
)
async def test_what_was_said_of_either_debt_is_heard_of_the_one(
    desk: Desk, kind: str, of: str, into: dict[str, str]
) -> None:
    await take(desk, BEGAN, ONE, TWO)
    await desk.says(kind, AS_OF - DAY, account_id=f"banco-andino/{of}")
    assert (await desk.plan(NOW, of)).kind is StepKind.WAIT
    report = await take(desk, LATER, into)
    assert report.recalled == 0
    name = into["account_id"]
    assert (await desk.plan(NOW, name)).kind is StepKind.WAIT
    known = {name, *(await desk.account(name))["formerly"]}
    assert known == {"A1", "A2", name}
    for other in {"A1", "A2"} - {name}:
        assert (await desk.account(other))["close_reason"] == "recalled"
    assert sorted(desk.starter.said("recall")) == sorted({"A1", "A2"} - {name})


@pytest.mark.parametrize("of", ["A1", "A2"])
async def test_what_was_promised_paid_held_and_told_of_either_goes_along(
    desk: Desk, of: str
) -> None:
    await take(desk, BEGAN, ONE, TWO)
    await said(desk, of, AS_OF - DAY)
    await promised(desk, of, AS_OF)
    until = NOW + 30 * DAY
    await desk.pool.execute(
        "UPDATE accounts SET hold_until = $1, hold_reason = 'ill' WHERE account_id = $2", until, of
    )
    await desk.pool.execute(
        "INSERT INTO payments VALUES ('banco-andino', $1, 'y', 40, $2)", of, LATER + HOUR
    )
    await take(desk, LATER, joined())
    account = await desk.account("N1")
    assert (account["hold_until"], account["hold_reason"]) == (until, "ill")
    assert account["balance"] == Decimal(1260)
    assert account["since"] == BEGAN
    await desk.pool.execute("UPDATE accounts SET hold_until = NULL")
    assert (await desk.plan(NOW, "N1")).why in ("promise", "promise_reminder")
    await desk.pool.execute("DELETE FROM promises")
    assert (await desk.plan(NOW, "N1")).touch == 2


@pytest.mark.parametrize(
    "rows",
    [
        (joined(balance="1000"),),  # the other was paid
        (joined(balance="900"),),
        (joined(account_id="A1", balance="1100"),),  # interest
        (joined(account_id="A1", balance="1000"),),
        (joined(oldest_due_date="2026-11-11"),),
        (joined(account_id="A1"), joined(account_id="A2", balance="300")),
        (joined(creditor="tarjeta-azul"),),
    ],
)
async def test_another_debt_hears_nothing_of_it(desk: Desk, rows: tuple[Any, ...]) -> None:
    await take(desk, BEGAN, ONE, TWO)
    await take(desk, LATER, *rows)
    for one in rows:
        formerly = (await desk.account(one["account_id"]))["formerly"]
        assert len(formerly) <= 1
        if one["account_id"] != "N1":
            assert formerly == []


async def test_a_person_hears_of_the_one_debt_once(desk: Desk) -> None:
    await take(desk, BEGAN, ONE, TWO)
    await take(desk, LATER, joined())
    plan = await desk.plan(NOW, "N1")
    assert (plan.kind, plan.covers) == (StepKind.CONTACT, ("banco-andino/N1",))
    again = await take(desk, LATER + DAY, joined())
    assert (again.added, again.renumbered, again.recalled) == (0, 0, 0)


async def test_debts_that_become_one_wait_where_nothing_is_recalled(desk: Desk) -> None:
    await take(desk, BEGAN, ONE, TWO)
    nameless = owed("A5", customer_id="C5", email="c5@example.com") | {"account_id": ""}
    report = await take(desk, LATER, joined(account_id="A1"), nameless)
    assert report.recall_refused is not None
    account = await desk.account("A1")
    assert (account["balance"], account["formerly"]) == (Decimal(1300), [])
    assert (await desk.account("A2"))["status"] == "open"
