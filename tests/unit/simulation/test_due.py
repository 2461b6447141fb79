"""A dry run knows what a file says fell due when, as the running system does."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from domain.agreements.terms import PartPayments
from domain.entry.intake import COLUMNS
from domain.facts import PaymentReceived
from domain.ledger.life import received
from lab.builders.intake_files import rows, write_csv
from people.worlds import WORLDS
from tests.unit.simulation.support import BEGAN, default, lives, run
from workers.simulation.book.file import read_file
from workers.simulation.portfolio import Portfolio, situations

OLD, NEW = "2026-09-01", "2026-11-25"


def told(folder: Path, accounts: int, *, parts: bool) -> Portfolio:
    made = rows(accounts)
    for row in made:
        row.update(balance="100000.00", oldest_due_date=OLD)
        if parts:
            row.update(due=f"{OLD}=40000.00;{NEW}=60000.00")
    file = folder / "accounts.csv"
    write_csv(file, made, (*COLUMNS, "due"))
    return read_file(file, BEGAN.date())


@pytest.mark.parametrize(
    ("paid", "rule", "since"),
    [
        ("39999.99", PartPayments.OLDEST_FIRST, OLD),
        ("40000.00", PartPayments.OLDEST_FIRST, NEW),
        ("40000.00", PartPayments.NEWEST_FIRST, OLD),
        ("40000.00", PartPayments.NONE, OLD),
    ],
)
def test_a_part_payment_moves_days_past_due_as_the_strategy_says(
    paid: str, rule: PartPayments, since: str, tmp_path: Path
) -> None:
    people = told(tmp_path, 1, parts=True)
    [first] = [one for group in people.groups for one in situations(group, BEGAN)]
    at = BEGAN + timedelta(hours=1)
    after = received(first, PaymentReceived(id="1", amount=Decimal(paid)), at)
    assert not isinstance(after, str)
    assert after.due_date(rule).isoformat() == since


def test_lives_with_parts_leave_the_late_buckets_by_a_payment_and_without_them_do_not(
    tmp_path: Path,
) -> None:
    """Both begin in the same bucket: the oldest part is what it counts from."""
    world = WORLDS["published"]
    ends = {}
    for parts in (True, False):
        people = told(tmp_path, 60, parts=parts)
        [record] = lives(people, run(default(), world, days=40))
        assert {one.before for one in record.accounts} == {"61-90"}
        ends[parts] = {one.after for one in record.accounts if Decimal(one.paid) > 0}
        paid_in_part = [one for one in record.accounts if 0 < Decimal(one.paid) < 100_000]
        assert paid_in_part, "or nothing is tried here"
    assert "31-60" in ends[True]
    assert ends[False] <= {"cured", "120+"}
