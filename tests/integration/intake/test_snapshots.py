"""A file that lists every open account: what it does not list is recalled."""

import asyncio

import pytest

from lab.builders.intake_files import AS_OF, row, rows, write_csv
from tests.integration.intake.desk import DAY, Desk


@pytest.mark.parametrize("newer_first", [True, False])
async def test_two_snapshots_at_once_end_as_one_after_the_other(
    desk: Desk, *, newer_first: bool
) -> None:
    await desk.take(rows(6))
    older = write_csv(desk.folder / "older.csv", rows(4))
    newer = write_csv(desk.folder / "newer.csv", [r | {"balance": "7.00"} for r in rows(2)])
    taking = [
        desk.take(older, as_of=AS_OF + DAY, snapshot=True),
        desk.take(newer, as_of=AS_OF + 2 * DAY, snapshot=True),
    ]
    await asyncio.gather(*(reversed(taking) if newer_first else taking))
    assert set(desk.starter.said("recall")) == {"A2", "A3", "A4", "A5"}
    assert {str((await desk.account(a))["balance"]) for a in ("A0", "A1")} == {"7.00"}
    assert await desk.count("intake_pending") == 0


async def test_a_snapshot_recalls_what_is_gone(desk: Desk) -> None:
    other = row(account_id="Z", customer_id="Z", creditor="crediamigo")
    await desk.take([*rows(4), other])
    desk.starter.running.discard(("banco-andino", "A3"))
    kept = await desk.take(rows(2), as_of=AS_OF + DAY)
    assert kept.recalled == 0
    report = await desk.take(rows(2), as_of=AS_OF + 2 * DAY, snapshot=True)
    assert report.recalled == 2
    assert sorted(desk.starter.said("recall")) == ["A2", "A3"]
    # The running workflow closes its own account; nobody but intake can close the other.
    assert (await desk.account("A2"))["status"] == "open"
    assert (await desk.account("A3"))["close_reason"] == "recalled"
    assert (await desk.account("Z"))["status"] == "open"
    await desk.take(rows(4), as_of=AS_OF + DAY)
    assert (await desk.account("A3"))["status"] == "closed"


async def test_a_snapshot_spares_accounts_of_refused_rows(desk: Desk) -> None:
    await desk.take(rows(3))
    content = rows(2)
    content[1]["balance"] = "-1"
    report = await desk.take(content, as_of=AS_OF + DAY, snapshot=True)
    assert (report.recalled, report.exit_code) == (1, 3)
    assert desk.starter.said("recall") == ["A2"]


async def test_a_snapshot_with_an_unreadable_account_recalls_nothing(desk: Desk) -> None:
    await desk.take(rows(3))
    content = rows(2)
    content[1]["account_id"] = ""
    report = await desk.take(content, as_of=AS_OF + DAY, snapshot=True)
    assert report.recall_refused is not None
    assert (report.recalled, report.exit_code, desk.starter.said("recall")) == (0, 3, [])


async def test_a_snapshot_without_good_rows_recalls_nothing(desk: Desk) -> None:
    await desk.take(rows(3))
    content = [cells | {"balance": "x"} for cells in rows(1)]
    report = await desk.take(content, as_of=AS_OF + DAY, snapshot=True)
    assert report.recalled == 0


async def test_a_workflow_may_refuse_a_recall(desk: Desk) -> None:
    await desk.take(rows(2))
    desk.starter.refusing.add("A1")
    report = await desk.take(rows(1), as_of=AS_OF + DAY, snapshot=True)
    assert report.refusals == ["banco-andino/A1: a person works on it"]
    assert report.exit_code == 3
    assert await desk.count("intake_pending") == 0
