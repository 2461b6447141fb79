"""A debt under a new id is the same debt: nothing that was said of it is said again."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from domain.planning.step import StepKind
from lab.builders.intake_files import row, rows
from tests.integration.intake.desk import DAY, Desk
from workers.intake.limits import Limits

AS_OF = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
LATER = AS_OF + timedelta(hours=2)
DUE = "2026-11-10"
SAID = """
INSERT INTO attempts (attempt_id, creditor, account_id, customer_id, covers, step, touch, phase,
    purpose, channel, provider, contact_point_id, state, jurisdictions, zones, not_before,
    not_after, facts_seen, reserved_at)
SELECT $1, 'banco-andino', $2, 'C1', ARRAY['banco-andino/' || $2], $3, $3, 'early', 'reminder',
    'sms', 'twilio', contact_point_id, 'reserved', '{CO}', '{America/Bogota}', $4, $4, 0, $4
FROM contact_points WHERE customer_id = 'C1' AND channel = 'sms'
"""
MADE = [
    "UPDATE attempts SET state = 'dispatching', dispatched_at = $1",
    "UPDATE attempts SET state = 'accepted' WHERE $1::timestamptz IS NOT NULL",
]


async def said(desk: Desk, account_id: str, at: datetime, step: int = 1) -> None:
    """An SMS about the account that the provider took."""
    await desk.pool.execute(SAID, f"{account_id}:{step}", account_id, step, at)
    for statement in MADE:
        await desk.pool.execute(statement, at)


def owed(account_id: str, **cells: str) -> dict[str, str]:
    return row(account_id=account_id, oldest_due_date=DUE, consents="sms", **cells)


async def test_a_new_id_does_not_begin_anew(desk: Desk) -> None:
    await desk.take([owed("A1")], as_of=AS_OF - 5 * DAY)
    await said(desk, "A1", AS_OF)
    before = await desk.plan(NOW)
    report = await desk.take([owed("N1")], as_of=LATER, snapshot=True)
    assert (report.added, report.renumbered, report.recalled) == (1, 1, 0)
    assert (desk.starter.said("start"), desk.starter.said("recall")) == (["A1", "N1"], ["A1"])
    after = await desk.plan(NOW, "N1")
    assert (after.kind, after.touch, after.phase) == (before.kind, before.touch, before.phase)
    assert after.touch == 2
    assert after.not_before.date() >= before.not_before.date() > NOW.date()
    assert after.view.last_contact == before.view.last_contact is not None
    account = await desk.account("N1")
    assert (account["formerly"], account["since"]) == (["A1"], AS_OF - 5 * DAY)
    assert (await desk.account("A1"))["close_reason"] == "recalled"
    assert (await desk.plan(NOW, "A1")).kind is StepKind.CLOSE


async def test_what_was_promised_paid_held_and_said_of_it_goes_along(desk: Desk) -> None:
    await desk.take([owed("A1", balance="100000")], as_of=AS_OF - 5 * DAY)
    pool = desk.pool
    await pool.execute(
        "INSERT INTO promises (creditor, account_id, promise_id, amount, due_on, made_at) "
        "VALUES ('banco-andino', 'A1', 'p', 30000, $1, $2)",
        date(2026, 12, 1),
        AS_OF - DAY,
    )
    await pool.execute(
        "INSERT INTO payments VALUES ('banco-andino', 'A1', 'y', 10000, $1)",
        LATER + timedelta(hours=1),
    )
    await pool.execute("UPDATE accounts SET strategy = 'default', hold_until = $1", NOW + 9 * DAY)
    await desk.says("dispute", AS_OF - DAY, account_id="banco-andino/A1")
    await desk.take([owed("N1", balance="100000")], as_of=LATER, snapshot=True)
    account = await desk.account("N1")
    assert (account["balance"], account["hold_until"]) == (Decimal(90000), NOW + 9 * DAY)
    assert (await desk.plan(NOW, "N1")).why == "hold"
    await pool.execute("UPDATE accounts SET hold_until = NULL")
    assert (await desk.plan(NOW, "N1")).why == "promise"
    events = await pool.fetch("SELECT account FROM law_events WHERE kind = 'dispute'")
    assert {event["account"] for event in events} == {"banco-andino/A1", "banco-andino/N1"}


async def test_the_next_number_remembers_them_all(desk: Desk) -> None:
    await desk.take([owed("A1")], as_of=AS_OF - 5 * DAY)
    await said(desk, "A1", AS_OF - 2 * DAY)
    await desk.take([owed("N1")], as_of=AS_OF, snapshot=True)
    await desk.take([owed("M1", balance="1250999.00")], as_of=LATER, snapshot=True)
    account = await desk.account("M1")
    assert account["formerly"] == ["A1", "N1"]
    assert (await desk.plan(NOW, "M1")).touch == 2


async def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    await desk.take([owed("A1")], as_of=AS_OF - 5 * DAY)
    await desk.take([owed("N1")], as_of=LATER, snapshot=True)
    again = await desk.take([owed("N1")], as_of=LATER + DAY, snapshot=True)
    assert (again.added, again.renumbered, again.recalled, again.exit_code) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    "cells",
    [
        {"oldest_due_date": "2026-11-11"},
        {"currency": "USD", "balance": "20.00"},
        {"creditor": "tarjeta-azul"},
        {"customer_id": "C2", "email": "", "mobile": "+573990000077"},
    ],
)
async def test_another_debt_is_not_taken_for_it(desk: Desk, cells: dict[str, str]) -> None:
    other = row(account_id="Z", customer_id="Z", oldest_due_date=DUE, mobile="+573990000088")
    await desk.take([owed("A1"), other], as_of=AS_OF - 5 * DAY)
    report = await desk.take([other, owed("N1") | cells], as_of=LATER, snapshot=True)
    assert (report.added, report.renumbered, report.recalled) == (1, 0, 1)
    assert (await desk.account("N1"))["formerly"] == []


async def test_debts_alike_are_paired_by_balance(desk: Desk) -> None:
    old = [owed("A1", balance="100"), owed("A2", balance="200"), owed("A3", balance="300")]
    await desk.take(old, as_of=AS_OF - 5 * DAY)
    new = [owed("N1", balance="300"), owed("N2", balance="100"), owed("N3", balance="250")]
    report = await desk.take(new, as_of=LATER, snapshot=True)
    assert report.renumbered == 3
    formerly = {name: (await desk.account(name))["formerly"] for name in ("N1", "N2", "N3")}
    assert formerly == {"N1": ["A3"], "N2": ["A1"], "N3": ["A2"]}


async def test_without_its_recall_a_new_number_waits(desk: Desk) -> None:
    await desk.take([owed("A1"), *rows(3)[2:]], as_of=AS_OF - 5 * DAY)
    content = [owed("N1"), rows(3)[2] | {"account_id": ""}]
    report = await desk.take(content, as_of=LATER, snapshot=True)
    assert report.recall_refused is not None
    assert (report.added, report.refused, desk.starter.said("recall")) == (0, 2, [])
    rejects = (desk.folder / "accounts.csv.rejects.csv").read_text(encoding="utf-8")
    assert "is A1 under a new id, by customer and due date: it waits" in rejects
    assert (await desk.account("A1"))["status"] == "open"


async def test_a_whole_portfolio_may_change_its_numbers(desk: Desk) -> None:
    await desk.take(rows(6))
    content = [cells | {"account_id": f"N{number}"} for number, cells in enumerate(rows(6))]
    limits = Limits(recall_share=0.2)
    report = await desk.take(content, as_of=LATER, snapshot=True, limits=limits)
    assert (report.renumbered, report.recalled, report.recall_refused) == (6, 0, None)
