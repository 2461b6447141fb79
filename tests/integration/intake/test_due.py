"""What fell due when, told by a file: kept as a message's is, and days past due move by it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from domain.entry.intake import COLUMNS
from lab.builders.intake_files import AS_OF, row, write_csv
from tests.integration.intake.desk import DAY, Desk

SECOND = timedelta(seconds=1)
OWED = {"balance": "450000", "oldest_due_date": "2025-09-30"}
DUE = "2025-09-30=150000;2025-10-30=150000;2025-11-20=150000"


def file(desk: Desk, *rows: dict[str, str]) -> Path:
    """A file that has the column."""
    return write_csv(desk.folder / "accounts.csv", rows, (*COLUMNS, "due"))


def owed(**cells: str) -> dict[str, str]:
    return row(**OWED | {"due": DUE} | cells)


async def paid(desk: Desk, amount: str, at: datetime) -> None:
    """As a payment that is told is kept."""
    await desk.pool.execute(
        "INSERT INTO payments VALUES ('banco-andino', 'A1', $1, $2, $3)",
        *(f"p{at.timestamp()}", Decimal(amount), at),
    )
    await desk.pool.execute("UPDATE accounts SET balance = balance - $1", Decimal(amount))


async def days(desk: Desk, at: datetime = AS_OF) -> int:
    return (await desk.plan(at)).view.days_past_due


async def schedule(desk: Desk) -> tuple[datetime, list[Any]]:
    found = await desk.pool.fetchrow("SELECT as_of, instalments FROM due_schedules")
    assert found is not None
    return found["as_of"], [(one["due_on"], one["amount"]) for one in found["instalments"]]


async def test_a_part_payment_moves_an_account_whose_file_tells_what_fell_due(desk: Desk) -> None:
    report = await desk.take(file(desk, owed()))
    assert (report.added, report.started, report.refused) == (1, 1, 0)
    assert await schedule(desk) == (
        AS_OF,
        [("2025-09-30", "150000.00"), ("2025-10-30", "150000.00"), ("2025-11-20", "150000.00")],
    )
    assert await days(desk) == 52
    await paid(desk, "149999.99", AS_OF + SECOND)
    assert await days(desk, AS_OF + 2 * SECOND) == 52
    await paid(desk, "0.01", AS_OF + 3 * SECOND)
    assert await days(desk, AS_OF + 4 * SECOND) == 22


async def test_without_the_column_a_part_payment_moves_nothing(desk: Desk) -> None:
    await desk.take([row(**OWED)])
    await paid(desk, "150000", AS_OF + SECOND)
    assert await days(desk, AS_OF + 2 * SECOND) == 52
    assert await desk.count("due_schedules") == 0


async def test_the_next_file_tells_anew_and_one_that_tells_nothing_leaves_it(desk: Desk) -> None:
    await desk.take(file(desk, owed()))
    await desk.take([row(**OWED)], as_of=AS_OF + DAY)
    assert (await schedule(desk))[0] == AS_OF
    left = {"balance": "300000", "oldest_due_date": "2025-10-30"}
    parts = "2025-10-30=150000;2025-11-20=150000"
    report = await desk.take(file(desk, owed(**left, due=parts)), as_of=AS_OF + 2 * DAY)
    assert (report.updated, report.signalled) == (1, 1)
    at, found = await schedule(desk)
    assert (at, len(found)) == (AS_OF + 2 * DAY, 2)
    await paid(desk, "150000", AS_OF + 2 * DAY + SECOND)
    assert await days(desk, AS_OF + 2 * DAY + 2 * SECOND) == 3


async def test_the_same_again_is_told_to_nobody_and_counts_from_the_newer_file(desk: Desk) -> None:
    await desk.take(file(desk, owed()))
    again = await desk.take(file(desk, owed()), as_of=AS_OF + DAY)
    assert (again.updated, again.signalled) == (0, 0)
    assert (await schedule(desk))[0] == AS_OF + DAY


async def test_another_schedule_of_the_same_figures_is_told(desk: Desk) -> None:
    """What has been paid since counts by it: the account plans anew."""
    await desk.take([row(**OWED)])
    assert desk.starter.said("update") == []
    report = await desk.take(file(desk, owed()), as_of=AS_OF + DAY)
    assert (report.updated, report.signalled) == (0, 1)
    assert desk.starter.said("update") == ["A1"]


async def test_an_older_file_does_not_take_a_newer_schedule_away(desk: Desk) -> None:
    await desk.take(file(desk, owed()), as_of=AS_OF + DAY)
    before = await schedule(desk)
    older = owed(balance="1", oldest_due_date="2025-11-01", due="2025-11-01=1")
    await desk.take(file(desk, older), as_of=AS_OF)
    assert await schedule(desk) == before


async def test_a_schedule_that_a_message_told_later_stays(desk: Desk) -> None:
    await desk.take(file(desk, owed()))
    later = AS_OF + 3 * DAY
    await desk.pool.execute("UPDATE due_schedules SET as_of = $1", later)
    await desk.take(file(desk, owed()), as_of=AS_OF + DAY)
    assert (await schedule(desk))[0] == later


async def test_a_bad_schedule_refuses_its_row_with_the_cell_beside_the_others(desk: Desk) -> None:
    bad = owed(due="2025-09-30=150000;2025-10-30=150000", account_id="A2", customer_id="C2")
    bad |= {"mobile": "+573990000002", "email": "c2@example.com"}
    report = await desk.take(file(desk, owed(), bad))
    assert (report.added, report.refused, report.exit_code) == (1, 1, 3)
    [path] = desk.folder.glob("*.rejects.csv")
    head, told = path.read_text("utf-8").splitlines()
    assert head.endswith(",preferred_channel,due")
    assert "due,must come to the balance" in told
    assert told.endswith("2025-09-30=150000;2025-10-30=150000")


async def test_a_debt_under_a_new_number_has_the_schedule_of_its_row(desk: Desk) -> None:
    await desk.take(file(desk, owed()))
    report = await desk.take(file(desk, owed(account_id="N1")), as_of=AS_OF + DAY, snapshot=True)
    assert report.renumbered == 1
    found = await desk.pool.fetchrow("SELECT as_of FROM due_schedules WHERE account_id = 'N1'")
    assert found is not None
    assert found["as_of"] == AS_OF + DAY
    plan = await desk.plan(datetime(2025, 11, 22, 12, tzinfo=UTC), "N1")
    assert plan.view.days_past_due == 53
