"""A database without a row, before each test: by one connection for the whole run."""

import asyncio
from typing import Final, Self

import asyncpg

_EMPTY: Final = """
CREATE FUNCTION pg_temp.empty() RETURNS void LANGUAGE plpgsql AS $$
DECLARE filled regclass; ids oid[]; tables text; BEGIN
    PERFORM pg_terminate_backend(pid, 10000) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid();
    SELECT array_agg(oid) INTO ids FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
        AND relname NOT IN ('alembic_version', 'attempt_moves', 'state_moves', 'audit_lanes');
    SET LOCAL session_replication_role = replica;  -- or the audit refuses it
    IF EXISTS (SELECT FROM pg_class WHERE oid = ANY (ids)
               AND (reltuples >= 0 OR pg_relation_size(oid) > 262144)) THEN
        SELECT string_agg(id::regclass::text, ', ') INTO tables FROM unnest(ids) id;
        EXECUTE 'TRUNCATE ' || tables;
    ELSE
        FOR filled IN SELECT id FROM unnest(ids) id WHERE pg_relation_size(id) > 0 LOOP
            EXECUTE 'DELETE FROM ' || filled;
        END LOOP;
    END IF;
    INSERT INTO audit_lanes AS l SELECT n, 0, '' FROM generate_series(0, 15) n
        ON CONFLICT (lane) DO UPDATE SET place = 0, digest = '' WHERE l.place > 0;
END $$
"""
"""A TRUNCATE makes every table and index anew, which costs more than most tests: so few rows are
deleted, and tables that have grown, or of which PostgreSQL has counted rows, are truncated."""


class Emptying:
    """The connection, in a loop of its own: the tests' loops come and go.

    It has what it needs of the catalog in memory, where a new one reads that anew each time.
    """

    def __init__(self, url: str) -> None:
        self._url, self._loop = url, asyncio.new_event_loop()
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            self._loop.run_until_complete(self._connection.close())
        self._loop.close()

    def empty(self) -> None:
        """End all other sessions, and delete all rows."""
        self._loop.run_until_complete(self._empty())

    async def _empty(self) -> None:
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(self._url)
            await self._connection.execute(_EMPTY)
        await self._connection.execute("SELECT pg_temp.empty()")
