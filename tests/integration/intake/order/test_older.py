"""Files that come out of order: what a newer one has said of a person or an account stays."""

from datetime import timedelta
from typing import Any

import pytest

from lab.builders.intake_files import AS_OF, row
from tests.integration.intake.desk import DAY, Desk

FIRST, SECOND, THIRD = (AS_OF + number * DAY for number in range(3))

OLD = {
    "name": "Ana Perez",
    "locale": "en-US",
    "region": "CO-DC",
    "postal_code": "110111",
    "timezone": "America/New_York",
    "mobile": "+573990000009",
    "email": "old@example.com",
    "consents": "sms",
    "preferred_channel": "sms",
}
"""All that a file says of a person, otherwise than ``row()``."""


async def person(desk: Desk, customer: str = "C1") -> dict[str, Any]:
    """All that is known of a customer but the moment it is from, and how often anything changed."""
    found = await desk.pool.fetchrow("SELECT * FROM customers WHERE customer_id = $1", customer)
    assert found is not None
    counted = ("created_at", "updated_at", "facts")
    kept = {name: value for name, value in found.items() if name not in counted}
    return kept | {"points": await desk.points(customer)}


@pytest.mark.parametrize("changed_by", ["the newest file", "none but the first"])
async def test_an_older_file_says_nothing_more_of_a_person(desk: Desk, changed_by: str) -> None:
    """Also where the newest file has only said once more what was known."""
    await desk.take([row(**OLD) if changed_by == "the newest file" else row()], as_of=FIRST)
    await desk.take([row()], as_of=THIRD)
    known, told = await person(desk), len(desk.starter.calls)
    report = await desk.take([row(**OLD, balance="7.00")], as_of=SECOND)
    assert await person(desk) == known
    assert str((await desk.account())["balance"]) == "1250000.50"
    assert len(desk.starter.calls) == told
    assert (report.older, report.kept, report.exit_code) == (1, 1, 3)
    assert "1 rows skipped: what is known of their accounts is newer than the file" in "\n".join(
        report.lines()
    )
    assert "note: 1 customers are known from a newer file" in "\n".join(report.lines())


async def test_another_creditors_older_file_brings_its_accounts_and_leaves_the_person(
    desk: Desk,
) -> None:
    await desk.take([row()], as_of=FIRST)
    await desk.take([row()], as_of=THIRD)
    known = await person(desk)
    theirs = [
        row(**OLD, account_id="B1", creditor="tarjeta-azul"),
        row(account_id="B2", creditor="tarjeta-azul", customer_id="C2", mobile="+573990000002"),
    ]
    report = await desk.take(theirs, as_of=SECOND)
    assert (report.added, report.older, report.kept, report.exit_code) == (2, 0, 1, 0)
    assert await person(desk) == known
    assert (await desk.account("B1"))["customer_id"] == "C1"
    assert (await person(desk, "C2"))["points"]["sms", "+573990000002"] == (True, True)


async def test_of_two_files_of_one_moment_the_later_counts(desk: Desk) -> None:
    await desk.take([row()])
    report = await desk.take([row(**OLD)])
    assert (report.older, report.kept) == (0, 0)
    assert (await person(desk))["region"] == "CO-DC"


async def test_an_account_that_a_newer_snapshot_does_not_list_is_not_begun(desk: Desk) -> None:
    """It was paid or taken back meanwhile: the older file was only held up on its way."""
    await desk.take([row()], as_of=THIRD, snapshot=True)
    late = [row(account_id="A2", customer_id="C2", mobile="+573990000002", email="")]
    late[0]["consents"] = "sms"
    late.append(row(account_id="B1", creditor="tarjeta-azul"))
    report = await desk.take(late, as_of=SECOND)
    assert (report.added, report.older, report.exit_code) == (1, 1, 3)
    assert desk.starter.said("start") == ["A1", "B1"]
    newer = await desk.take(late, as_of=THIRD + timedelta(hours=1))
    assert (newer.added, newer.older) == (1, 0)


async def test_a_snapshot_that_recalled_nothing_says_nothing_of_what_it_does_not_list(
    desk: Desk,
) -> None:
    await desk.take(
        [row(), row(account_id="", creditor="banco-andino")], as_of=THIRD, snapshot=True
    )
    report = await desk.take([row(account_id="A2")], as_of=SECOND)
    assert (report.added, report.older) == (1, 0)
