"""A debt under a new number, and under its former one again: one debt all the way."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.planning.step import StepKind
from tests.integration.intake.desk import DAY, Desk
from tests.integration.intake.test_renumbered import AS_OF, LATER, NOW, owed, said

HOUR = timedelta(hours=1)
BEGAN = AS_OF - 5 * DAY
REST = [
    owed(f"Z{n}", customer_id=f"K{n}", mobile=f"+5739900001{n:02}", email=f"k{n}@example.com")
    for n in range(5)
]
"""Others in the file, so that one account less is not half a portfolio."""


async def take(desk: Desk, as_of: datetime, *cells: dict[str, str]) -> Any:
    return await desk.take([*cells, *REST], as_of=as_of, snapshot=True)


async def promised(desk: Desk, account_id: str, at: datetime) -> None:
    await desk.pool.execute(
        "INSERT INTO promises (creditor, account_id, promise_id, amount, due_on, made_at) "
        "VALUES ('banco-andino', $1, 'p', 100, $2, $3)",
        account_id,
        (NOW + 5 * DAY).date(),
        at,
    )


async def test_the_former_number_goes_on_where_the_new_one_was(desk: Desk) -> None:
    await take(desk, BEGAN, owed("A1"))
    await said(desk, "A1", AS_OF - DAY)
    await take(desk, AS_OF, owed("N1"))
    report = await take(desk, LATER, owed("A1"))
    assert (report.added, report.reopened, report.renumbered, report.recalled) == (0, 1, 1, 0)
    account = await desk.account("A1")
    assert (account["status"], account["since"]) == ("open", BEGAN)
    assert account["formerly"] == ["N1"]
    gone = await desk.account("N1")
    assert (gone["status"], gone["close_reason"]) == ("closed", "recalled")
    assert gone["formerly"] == [], "of two numbers one is the later"
    assert (await desk.plan(NOW)).touch == 2
    assert desk.starter.said("recall") == ["A1", "N1"]


async def test_what_was_said_to_the_new_number_is_not_said_again(desk: Desk) -> None:
    await take(desk, BEGAN, owed("A1"))
    await take(desk, BEGAN + DAY, owed("N1"))
    await said(desk, "N1", AS_OF - DAY)
    before = await desk.plan(NOW, "N1")
    await take(desk, LATER, owed("A1"))
    after = await desk.plan(NOW)
    assert (before.touch, after.touch) == (2, 2)
    assert after.view.last_contact == before.view.last_contact is not None


@pytest.mark.parametrize("kind", ["cease", "dispute", "attorney", "opt_out"])
@pytest.mark.parametrize("of", ["A1", "N1"])
async def test_what_was_said_of_either_number_stays(desk: Desk, kind: str, of: str) -> None:
    await take(desk, BEGAN, owed("A1"))
    await take(desk, AS_OF, owed("N1"))
    await desk.says(kind, AS_OF + HOUR, account_id=f"banco-andino/{of}")
    assert (await desk.plan(NOW, "N1")).kind is StepKind.WAIT
    await take(desk, LATER, owed("A1"))
    assert (await desk.plan(NOW)).kind is StepKind.WAIT
    await take(desk, LATER + DAY, owed("N1"))
    assert (await desk.plan(NOW, "N1")).kind is StepKind.WAIT
    await take(desk, LATER + DAY + HOUR, owed("M1"))
    assert (await desk.plan(NOW, "M1")).kind is StepKind.WAIT


async def test_what_was_said_before_is_not_on_record_twice_for_it(desk: Desk) -> None:
    await take(desk, BEGAN, owed("A1"))
    await desk.says("dispute", BEGAN + DAY, account_id="banco-andino/A1")
    for number, name in enumerate(("N1", "A1", "N1", "A1")):
        await take(desk, AS_OF + number * DAY, owed(name))
    found = await desk.pool.fetch("SELECT account FROM law_events WHERE kind = 'dispute'")
    assert sorted(one["account"] for one in found) == ["banco-andino/A1", "banco-andino/N1"]


async def test_a_hold_and_a_promise_go_back_and_so_does_what_became_of_them(desk: Desk) -> None:
    until = NOW + 30 * DAY
    await take(desk, BEGAN, owed("A1", balance="100000"))
    await promised(desk, "A1", BEGAN + DAY)
    await desk.pool.execute("UPDATE accounts SET hold_until = $1 WHERE account_id = 'A1'", until)
    await take(desk, AS_OF, owed("N1", balance="100000"))
    assert (await desk.account("N1"))["hold_until"] == until
    await desk.pool.execute("UPDATE accounts SET hold_until = NULL WHERE account_id = 'N1'")
    await desk.pool.execute(
        "UPDATE promises SET state = 'broken', settled_at = $1 WHERE account_id = 'N1'", AS_OF
    )
    await desk.pool.execute(
        "INSERT INTO payments VALUES ('banco-andino', 'N1', 'y', 10000, $1)", LATER + HOUR
    )
    await take(desk, LATER, owed("A1", balance="100000"))
    account = await desk.account("A1")
    assert (account["hold_until"], account["balance"]) == (None, Decimal(90000))
    states = await desk.pool.fetch("SELECT state FROM promises WHERE account_id = 'A1'")
    assert [one["state"] for one in states] == ["broken"]


async def test_a_promise_made_to_the_new_number_goes_back(desk: Desk) -> None:
    await take(desk, BEGAN, owed("A1"))
    await take(desk, AS_OF, owed("N1"))
    await promised(desk, "N1", AS_OF + HOUR)
    await take(desk, LATER, owed("A1"))
    assert (await desk.plan(NOW)).why in ("promise", "promise_reminder")


async def test_a_whole_customer_goes_back_each_debt_to_its_own_number(desk: Desk) -> None:
    """Though the balances would pair them otherwise: the numbers say it."""
    one, two = owed("A1", balance="100"), owed("A2", balance="200")
    await take(desk, BEGAN, one, two)
    await take(desk, AS_OF, one | {"account_id": "N1"}, two | {"account_id": "N2"})
    back = (owed("A1", balance="250"), owed("A2", balance="150", customer_id="C9"))
    report = await take(desk, LATER, *back)
    assert (report.renumbered, report.recalled) == (2, 0)
    formerly = {name: (await desk.account(name))["formerly"] for name in ("A1", "A2")}
    assert formerly == {"A1": ["N1"], "A2": ["N2"]}


async def test_round_and_round_each_number_knows_all_the_others(desk: Desk) -> None:
    for number, name in enumerate(("A1", "N1", "M1", "A1", "N1")):
        await take(desk, BEGAN + number * DAY, owed(name))
    formerly = {name: set((await desk.account(name))["formerly"]) for name in ("A1", "N1", "M1")}
    assert formerly == {"A1": {"M1"}, "N1": {"A1", "M1"}, "M1": set()}
    account = await desk.account("N1")
    assert (account["status"], account["since"]) == ("open", BEGAN)


@pytest.mark.parametrize("reason", ["closed", "handed_off"])
async def test_a_number_closed_on_request_is_not_taken_for_another_debt(
    desk: Desk, reason: str
) -> None:
    """Daily files go on listing it beside the debts that are recalled."""
    await take(desk, BEGAN, owed("A1"), owed("A2", balance="7000"))
    await desk.pool.execute(
        "UPDATE accounts SET status = 'closed', close_reason = $1, closed_at = $2 "
        "WHERE account_id = 'A1'",
        reason,
        BEGAN + DAY,
    )
    report = await take(desk, LATER, owed("A1"))
    assert (report.renumbered, report.recalled) == (0, 1)
    assert (await desk.account("A1"))["close_reason"] == reason


async def test_an_older_file_takes_nothing_back(desk: Desk) -> None:
    await take(desk, BEGAN, owed("A1"))
    await take(desk, LATER, owed("N1"))
    report = await take(desk, AS_OF, owed("A1"))
    assert report.renumbered == 0
    assert (await desk.account("N1"))["status"] == "open"
