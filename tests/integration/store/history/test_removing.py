"""What retention removes, and what it keeps for whom."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.retention.periods import load_periods
from config.settings import ROOT, Settings
from domain.failures import BadInput, Misconfigured, NotFound, Unavailable
from domain.history.months import Month, Table, month_of
from store.database import Pool
from store.history.holds import LegalHold, LegalHolds
from store.history.partitions import alone, months, partition
from store.history.removing import GOES, Removing
from tests.integration.store.history.conftest import ATTEMPT, Past
from workers.retention import app

TWO_YEARS = {"CO": dict.fromkeys(Table, 24)}


def quiet(_table: Table, _month: Month, _rows: int) -> None:
    """Says nothing of what is done."""


@pytest.fixture
async def gone(past: Past) -> Past:
    """It is over, and in the history, for three years."""
    await past.close()
    await past.move()
    past.later = past.contacted + timedelta(days=3 * 366)
    return past


async def verdicts(past: Past, removing: Removing, now: datetime) -> dict[Table, dict[str, int]]:
    """By table, all months together."""
    found: dict[Table, dict[str, int]] = {}
    async for table, _, counted in app.plan(past.pool, removing, now):
        for why, rows in counted.items():
            found.setdefault(table, {})[why] = found.get(table, {}).get(why, 0) + rows
    return found


async def test_what_may_go_goes_with_all_that_belongs_to_it(gone: Past) -> None:
    await gone.pool.execute("INSERT INTO calls (attempt_id, script) VALUES ($1, '{}')", ATTEMPT)
    removing = Removing(gone.pool, TWO_YEARS)
    planned = await verdicts(gone, removing, gone.later)
    assert {table: set(found) for table, found in planned.items()} == {
        table: {GOES} for table in Table
    }
    removed = await app.remove(gone.pool, removing, gone.later, quiet, 1)
    assert removed == {table: found[GOES] for table, found in planned.items()}
    for table in (*(one.history for one in Table), "calls", "readings"):
        assert await gone.rows(table) == []
    assert len(await gone.rows("attempt_keys")) == 1
    assert len(await gone.rows("event_keys")) == 2
    assert len(await gone.rows("message_keys")) == 1
    assert await verdicts(gone, removing, gone.later) == {}
    for table in Table:
        assert month_of(gone.contacted) not in await months(gone.pool, table)


async def test_nothing_is_removed_of_what_is_not_in_the_history(past: Past) -> None:
    later = past.contacted + timedelta(days=5 * 366)
    before = {table: await past.rows(table) for table in Table}
    assert not await app.remove(past.pool, Removing(past.pool, TWO_YEARS), later, quiet)
    assert {table: await past.rows(table) for table in Table} == before


KEPT = {
    "open": "UPDATE accounts SET status = 'open', close_reason = NULL, closed_at = NULL",
    "young": "UPDATE accounts SET closed_at = now() + interval '2 years'",
    "unknown": "DELETE FROM accounts",
    "held by a dispute": "INSERT INTO disputes (creditor, account_id, dispute_id, reason, "
    "opened_at, answer_due) VALUES ('bank', 'A1', 'd', 'other', now(), current_date)",
    "held by work": "INSERT INTO work_items (customer_id, reason, priority, opened_at, due_at, "
    "messages) VALUES ('C1', 'unclear', 5, now(), now(), '{}')",
    "held by law": "INSERT INTO legal_holds (hold_id, creditor, account_id, why, by_whom, since) "
    "VALUES ('h', 'bank', 'A1', 'case 7', 'ana', now())",
    "held of all": "INSERT INTO legal_holds (hold_id, creditor, why, by_whom, since) "
    "VALUES ('h', 'bank', 'case 7', 'ana', now())",
    "held of a customer": "INSERT INTO legal_holds (hold_id, customer_id, why, by_whom, since) "
    "VALUES ('h', 'C1', 'case 7', 'ana', now())",
}


@pytest.mark.parametrize("why", KEPT)
async def test_what_somebody_needs_is_kept(gone: Past, why: str) -> None:
    async with gone.pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute(KEPT[why])
    removing = Removing(gone.pool, TWO_YEARS)
    planned = await verdicts(gone, removing, gone.later)
    assert {name for found in planned.values() for name in found} == {why.split()[0]}
    assert not await app.remove(gone.pool, removing, gone.later, quiet)


async def test_what_also_speaks_of_an_open_account_is_kept(gone: Past) -> None:
    await gone.pool.execute("UPDATE attempts_history SET covers = '{bank/A1,shop/B/7}'")
    await gone.pool.execute(
        "INSERT INTO accounts (creditor, account_id, customer_id, currency, balance, "
        "balance_as_of, oldest_due_date) VALUES ('shop', 'B/7', 'C1', 'COP', 1, now(), now())"
    )
    planned = await verdicts(gone, Removing(gone.pool, TWO_YEARS), gone.later)
    assert planned[Table.ATTEMPTS] == {"open": 1}
    assert planned[Table.INBOUND] == {"open": 1}, "the person has an open account"
    assert set(planned[Table.MESSAGES]) == {GOES}


async def test_the_longest_of_all_countries_counts_and_one_without_keeps(gone: Past) -> None:
    await gone.pool.execute("UPDATE attempts_history SET jurisdictions = '{CO,US-MA}'")
    for given, verdict in (
        (TWO_YEARS, "unset"),
        ({**TWO_YEARS, "US": {Table.ATTEMPTS: 120}}, "young"),
        ({**TWO_YEARS, "US": {Table.ATTEMPTS: 30}}, GOES),
        ({"US": {Table.ATTEMPTS: 30}}, "unset"),
        ({}, "unset"),
    ):
        planned = await verdicts(gone, Removing(gone.pool, given), gone.later)
        assert planned[Table.ATTEMPTS] == {verdict: 1}, given


async def test_a_row_goes_on_the_day_its_time_is_over_and_not_before(gone: Past) -> None:
    removing = Removing(gone.pool, TWO_YEARS)
    last = await gone.pool.fetchval(
        "SELECT greatest(t.reserved_at, a.closed_at) + interval '24 months' "
        "FROM attempts_history t, accounts a"
    )
    before = await verdicts(gone, removing, last - timedelta(seconds=1))
    assert before[Table.ATTEMPTS] == {"young": 1}
    assert (await verdicts(gone, removing, last))[Table.ATTEMPTS] == {GOES: 1}


async def test_whoever_is_broken_off_goes_on_with_what_is_left(gone: Past) -> None:
    removing = Removing(gone.pool, TWO_YEARS)
    month = month_of(gone.contacted)
    assert await removing.remove(Table.PROVIDER_EVENTS, month, gone.later, 1) == 1
    assert len(await gone.rows("provider_events_history")) == 1
    await app.remove(gone.pool, removing, gone.later, quiet, 1)
    for table in Table:
        assert await gone.rows(table.history) == []


async def test_a_hold_that_is_placed_while_others_are_removed_holds_once_it_is_placed(
    gone: Past, now: datetime
) -> None:
    holds = LegalHolds(gone.pool)
    hold = LegalHold(
        hold_id="case-7",
        creditor="bank",
        account_id="A1",
        customer_id=None,
        why="order",
        by_whom="ana",
        since=now,
    )
    await holds.place(hold)
    removing = Removing(gone.pool, TWO_YEARS)
    assert not await app.remove(gone.pool, removing, gone.later, quiet)
    with pytest.raises(BadInput, match="choose another name"):
        await holds.place(hold)
    with pytest.raises(NotFound, match="check the spelling"):
        await holds.place(hold.model_copy(update={"hold_id": "8", "account_id": "A9"}))
    await holds.lift("case-7", "eva", now)
    with pytest.raises(NotFound, match="no hold"):
        await holds.lift("case-7", "eva", now)
    assert await holds.all(lifted=False) == []
    assert [one.lifted_by for one in await holds.all(lifted=True)] == ["eva"]
    assert await app.remove(gone.pool, removing, gone.later, quiet)


async def test_who_does_not_own_the_tables_is_told_so(database_url: str, pool: Pool) -> None:
    await pool.execute(
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'small') THEN "
        "CREATE ROLE small LOGIN; END IF; END $$"
    )
    await pool.execute("GRANT SELECT ON alembic_version TO small")
    settings = Settings(database_url=database_url.replace("//postgres@", "//small@"))
    with pytest.raises(Misconfigured, match="does not own the tables"):
        async with app.maintaining(settings) as mine:
            await app.maintain(mine, datetime(2026, 1, 1, tzinfo=UTC), quiet)


async def test_two_at_a_time_are_refused(pool: Pool, now: datetime) -> None:
    async with alone(pool):
        with pytest.raises(Unavailable, match="another"):
            await app.maintain(pool, now, quiet)
    await app.maintain(pool, now, quiet)


async def test_a_month_that_holds_something_is_not_dropped(gone: Past) -> None:
    await app.remove(gone.pool, Removing(gone.pool, {}), gone.later, quiet)
    for table in Table:
        assert month_of(gone.contacted) in await months(gone.pool, table)
        name = partition(table, month_of(gone.contacted))
        assert await gone.pool.fetchval(f"SELECT count(*) FROM {name}")


def test_the_shipped_file_keeps_what_the_law_demands() -> None:
    periods = load_periods(ROOT / "config" / "retention" / "retention.yaml")
    assert periods["CL"][Table.ATTEMPTS].months == 24
    assert {kept.months for kept in periods["US"].values()} == {36}
    assert set(periods["US"]) == set(Table)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("CL: {attempts: {months: 13, cite: x}}", "14"),
        ("CL: {payments: {months: 24, cite: x}}", "payments"),
        ("cl: {attempts: {months: 24, cite: x}}", "cl"),
        ("CL: {attempts: {months: 24}}", "cite"),
        ("CL: {attempts: {months: forever, cite: x}}", "months"),
        ("[1]", "retention.yaml"),
        ("CL: {attempts: {months: 24, cite: x}}\nCL: {}", "twice"),
        ("{", "retention.yaml"),
    ],
)
def test_a_file_that_is_wrong_is_refused_by_field(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "retention.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Misconfigured, match=said):
        load_periods(file)


def test_an_empty_file_keeps_everything(tmp_path: Path) -> None:
    file = tmp_path / "retention.yaml"
    file.write_text("# nothing\n", encoding="utf-8")
    assert load_periods(file) == {}
