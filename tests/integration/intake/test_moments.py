"""A file is a picture of one moment: from the future it would hide all that comes before."""

from datetime import timedelta
from decimal import Decimal

import pytest

from domain.facts import AccountUpdated, PaymentReceived
from lab.builders.intake_files import AS_OF, row, rows, write_csv
from store.facts import Facts
from tests.integration.intake.desk import DAY, Desk
from workers.intake.limits import Limits


@pytest.mark.parametrize(
    ("ahead", "status"), [(timedelta(minutes=5), 0), (timedelta(minutes=5, seconds=1), 2), (DAY, 2)]
)
async def test_a_file_from_the_future_is_refused(desk: Desk, ahead: timedelta, status: int) -> None:
    path = write_csv(desk.folder / "accounts.csv", rows(2))
    found, said = await desk.command(path, as_of=AS_OF + ahead, now=AS_OF)
    assert found == status
    assert await desk.count("accounts") == (0 if status else 2)
    if status:
        assert "ahead of this machine's clock" in said
        assert "--as-of" in said


async def test_where_time_is_skipped_a_file_may_be_of_any_moment(desk: Desk) -> None:
    path = write_csv(desk.folder / "accounts.csv", rows(1))
    status, _ = await desk.command(path, as_of=AS_OF + 90 * DAY, now=None)
    assert status == 0


async def test_how_far_is_a_setting(desk: Desk) -> None:
    path = write_csv(desk.folder / "accounts.csv", rows(1))
    limits = Limits(skew=timedelta(0))
    moment = AS_OF + timedelta(seconds=1)
    status, _ = await desk.command(path, as_of=moment, now=AS_OF, limits=limits)
    assert status == 2


async def test_rows_older_than_what_is_known_are_counted(desk: Desk) -> None:
    await desk.take(rows(3), as_of=AS_OF + DAY)
    content = [*rows(3), row(account_id="new", customer_id="new")]
    path = write_csv(desk.folder / "older.csv", content)
    status, said = await desk.command(path)
    assert status == 3
    assert "3 rows skipped: what is known of their accounts is newer than the file" in said
    again, _ = await desk.command(path)
    assert again == 3
    same = await desk.take(rows(3), as_of=AS_OF + 2 * DAY)
    assert (same.older, same.exit_code) == (0, 0)


async def test_a_signal_from_the_future_hides_no_payment(desk: Desk) -> None:
    await desk.take([row(balance="100.00")])
    owner, facts, now = ("banco-andino", "A1"), Facts(), AS_OF + DAY
    told = AccountUpdated(id="u", balance=Decimal(90), as_of=now + 365 * DAY)
    paid = PaymentReceived(id="p", amount=Decimal(40), paid_at=now + timedelta(hours=1))
    async with desk.pool.acquire() as connection:
        await facts.apply(connection, owner, told, now)
        await facts.apply(connection, owner, paid, now + timedelta(hours=2))
    assert (await desk.account())["balance"] == Decimal(50)
