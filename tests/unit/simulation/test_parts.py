"""The capacity of a day holds over the whole portfolio, the same on one core or two."""

from collections import Counter
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from domain.planning.limits.caps import FREE_OF_LIMITS
from domain.strategy import Strategy
from lab.dry_run.judged import contacts, judged
from tests.unit.simulation.support import default, lives, portfolio, run
from workers.simulation import parts
from workers.simulation.parts import PARTS, parts_of
from workers.simulation.processes import lived
from workers.simulation.record import Record

ZONE = "America/Bogota"


def with_capacity(**channels: int) -> Strategy:
    capacity = {"zone": ZONE, "channels": channels}
    return Strategy.model_validate(default().model_dump() | {"capacity": capacity})


def by_day(record: Record, channel: str) -> Counter[str]:
    """Contacts that count: what answers a customer does not."""
    return Counter(
        datetime.fromisoformat(row["dispatched_at"]).astimezone(ZoneInfo(ZONE)).date().isoformat()
        for row in record.attempts
        if row["channel"] == channel and row["purpose"] not in FREE_OF_LIMITS
    )


def test_no_day_has_more_than_its_number_over_all_people(tmp_path: Path) -> None:
    people = portfolio(tmp_path, 80)
    free, held = lives(people, run(default(), days=20), run(with_capacity(email=2), days=20))
    assert max(by_day(free, "email").values()) > 2
    assert max(by_day(held, "email").values()) == 2
    assert judged(held, people, default()).violations == ()


@pytest.mark.parametrize("email", [2, 5])
def test_the_parts_of_a_large_portfolio_have_the_number_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, email: int
) -> None:
    monkeypatch.setattr(parts, "ACCOUNTS", 20)
    people, one = portfolio(tmp_path, 80), run(with_capacity(email=email), days=14)
    made = parts_of(people, one)
    assert [part.of for part in made] == [min(4, email)] * len(made)
    assert sum(len(part.groups) for part in made) == len(people.groups)
    [record] = lives(people, one)
    assert max(by_day(record, "email").values()) <= email
    [two] = lived(people, [one], 2)
    assert contacts(record) == contacts(two)
    assert (record.sums, record.accounts) == (two.sums, two.accounts)


def test_how_many_parts_there_are_leaves_none_without_a_contact(tmp_path: Path) -> None:
    people = portfolio(tmp_path, 10)
    for accounts, email, of in ((10, 50, 1), (1_001, 50, 2), (99_000, 50, PARTS), (99_000, 3, 3)):
        many = people._replace(accounts=accounts)
        assert {part.of for part in parts_of(many, run(with_capacity(email=email)))} == {of}
    assert {part.of for part in parts_of(people, run(default()))} == {0}
