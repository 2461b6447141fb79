"""A report reads one snapshot, writes nothing and keeps nobody waiting."""

import asyncio

import asyncpg
import pytest

from domain.failures import Unavailable
from store.database import Pool, Role, connect
from store.report.snapshot import snapshot
from tests.integration.store.reports.ledger import Book, at


async def test_what_is_written_meanwhile_is_not_seen_in_half(pool: Pool) -> None:
    book = Book(pool)
    await book.account("bank/A1", "C1")
    async with snapshot(pool) as connection:
        first = await connection.fetchval("SELECT count(*) FROM attempts")
        await book.attempt("bank/A1", "C1", at("05"))
        assert await connection.fetchval("SELECT count(*) FROM attempts") == first


async def test_nothing_can_be_written_in_it(pool: Pool) -> None:
    async with snapshot(pool) as connection:
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await connection.execute("DELETE FROM attempts")


async def test_contacts_are_reserved_while_it_reads(pool: Pool) -> None:
    book = Book(pool)
    await book.account("bank/A1", "C1")
    async with snapshot(pool) as connection:
        await connection.fetch("SELECT * FROM attempts, customers, accounts")
        async with asyncio.timeout(5):
            await book.attempt("bank/A1", "C1", at("05"))
            await pool.execute("SELECT 1 FROM customers WHERE customer_id = 'C1' FOR UPDATE")
        held = await pool.fetch(
            "SELECT DISTINCT mode FROM pg_locks WHERE relation = 'attempts'::regclass"
        )
    assert [one["mode"] for one in held] == ["AccessShareLock"]


async def test_its_settings_are_gone_when_it_is_over(database_url: str) -> None:
    gather = "SHOW max_parallel_workers_per_gather"
    async with connect(database_url, 1) as pool:
        async with snapshot(pool) as connection:
            assert await connection.fetchval(gather) == "0"
        assert await pool.fetchval(gather) != "0"


async def test_one_that_takes_too_long_says_what_to_do(database_url: str) -> None:
    impatient = Role(lock=1, statement=0.2, idle=5)
    async with connect(database_url, 1, role=impatient) as pool:
        with pytest.raises(Unavailable, match="fewer days"):
            async with snapshot(pool) as connection:
                await connection.execute("SELECT pg_sleep(5)")


async def test_one_whose_server_goes_away_says_so(database_url: str) -> None:
    async with connect(database_url, 1) as pool:
        with pytest.raises(Unavailable, match="went away"):
            async with snapshot(pool) as connection:
                await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
