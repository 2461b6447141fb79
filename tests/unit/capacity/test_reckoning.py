"""What an installation takes follows from what was measured, and the page says all of it."""

from dataclasses import replace

import pytest

from lab.capacity import reckoning
from lab.capacity.books import Rows
from lab.capacity.live import Live
from lab.capacity.page import page
from lab.capacity.reckoning import busiest_minute, need, shards

SPENT = {"Temporal": 20.0, "PostgreSQL": 6.0, "sandbox": 2.0, "worker": 12.0}
LIVE = Live(
    accounts=20_000,
    starts_per_second=40,
    start_cpu=SPENT,
    open_bytes=8_000,
    server_kib=80,
    cached_kib=60,
    due=5_000,
    contacts_per_second=30,
    contact_cpu=SPENT,
    contact_bytes=1_554,
    contact_stored=4_000,
    actions=2,
    drained=(20, 90, 160, 180),
)
ROWS = Rows(attempts=1_000_000, account={"accounts": 3_000}, contact={"attempts": 1_500})


@pytest.mark.parametrize("many", [1, 3, 10])
def test_so_many_times_the_accounts_take_so_many_times_as_much(many: int) -> None:
    one, more = (need(size, LIVE, ROWS, 1) for size in (100_000, many * 100_000))
    for name in ("contacts_a_day", "mean", "postgres_gb", "temporal_gb", "actions_a_month"):
        assert getattr(more, name) == pytest.approx(many * getattr(one, name))
    for process, cores in one.cores.items():
        assert more.cores[process] == pytest.approx(many * cores)


def test_what_a_day_keeps_back_is_made_up_for_in_time() -> None:
    found = need(1_000_000, LIVE, ROWS, 1)
    made = found.catching_up * reckoning.BACKLOG_HOURS * 3600
    assert made == pytest.approx(found.contacts_a_day)
    assert sum(found.rates.values()) == pytest.approx(found.catching_up)
    spent = found.cores["worker"] * reckoning.USED * 1000
    assert spent == pytest.approx(found.catching_up * SPENT["worker"])


def test_a_minute_that_is_busier_than_catching_up_is_what_counts() -> None:
    calm, burst = (need(1_000_000, LIVE, ROWS, times) for times in (1, 100))
    assert burst.cores["worker"] > calm.cores["worker"]
    assert burst.rates["sms"] > calm.rates["sms"]


@pytest.mark.parametrize("accounts", [1, 100_000, 1_000_000, 1_280_000, 1_280_001, 10_000_000])
def test_shards_are_the_least_power_of_two_that_is_enough(accounts: int) -> None:
    found = shards(accounts)
    assert found & (found - 1) == 0
    enough = found * reckoning.ACCOUNTS_A_SHARD >= accounts
    least = found // 2 * reckoning.ACCOUNTS_A_SHARD < accounts
    assert enough and (least or found == reckoning.LEAST_SHARDS)


def test_accounts_are_spread_over_the_window() -> None:
    """A window that opened for all at once would have all of them in its first minute: 600."""
    assert 1 <= busiest_minute(60_000) < 1.6


def test_every_line_of_a_table_has_a_cell_for_each_column() -> None:
    text = page(LIVE, ROWS, (1_000.0, 0.7), "2 cores", "python -m lab.capacity")
    widths: list[int] = []
    for line in text.splitlines():
        if not line.startswith("|"):
            widths = []
            continue
        widths.append(line.count("|"))
        assert widths[-1] == widths[0], line
    assert "10 million" in text and "1,554" in text and "{" not in text


def test_with_more_of_everything_nothing_takes_less() -> None:
    costly = replace(LIVE, open_bytes=16_000, contact_stored=8_000, actions=3)
    less, more = need(1_000_000, LIVE, ROWS, 1), need(1_000_000, costly, ROWS, 1)
    assert more.temporal_gb > less.temporal_gb
    assert more.dollars_a_month > less.dollars_a_month
