"""Every statement of store/ is one that the migrated schema understands."""

import importlib
import pkgutil
import re
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

import store
from store.attempt_moves import ACCEPT, DISPATCH
from store.database import Pool, connect
from store.intake.staging import CREATE_STAGE, PREPARE
from store.ledger import PROJECT, SELECT_RECIPIENT
from store.situations import SELECT_SITUATION, read_situation

_STATEMENT = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH|DROP|CREATE)\b")
SCRIPTS = {"CREATE_STAGE", "PREPARE", "THEIRS"}
"""Several statements each, executed below, since only single ones can be prepared; and what others
begin with."""


def statements() -> dict[str, str]:
    """Every SQL constant by its module and name."""
    found = {}
    for module in pkgutil.walk_packages(store.__path__, f"{store.__name__}."):
        loaded = importlib.import_module(module.name)
        for name, value in vars(loaded).items():
            if name.isupper() and isinstance(value, str) and _STATEMENT.match(value):
                found[f"{module.name}:{name}"] = value
    return found


def test_there_are_statements_to_look_at() -> None:
    found = statements()
    assert len(found) > 50
    assert {name.partition(":")[0] for name in found} >= {
        "store.facts",
        "store.intake.merging",
        "store.intake.outbox",
        "store.ledger",
        "store.provider_events",
        "store.views.records",
        "store.situations",
    }


async def test_every_statement_can_be_prepared(pool: Pool) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(CREATE_STAGE)
        await connection.execute(PREPARE)
        for name, statement in statements().items():
            if name.partition(":")[2] in SCRIPTS:
                continue
            try:
                await connection.prepare(statement)
            except asyncpg.PostgresError as error:
                pytest.fail(f"{name}: {error}")


def test_facts_with_legal_weight_come_in_by_one_door() -> None:
    """Each must say when it was recorded and by whom: else a wrong date could silence a stop."""
    folder = Path(store.__path__[0]).parent
    written = re.compile(r"(INSERT\s+INTO|UPDATE|DELETE\s+FROM|COPY)\s+law_events", re.IGNORECASE)
    rooms = ("domain", "config", "store", "telemetry", "activities", "workflows", "workers")
    doors = [
        file.relative_to(folder).as_posix()
        for room in rooms
        for file in (folder / room).rglob("*.py")
        if written.search(file.read_text("utf-8"))
    ]
    # An erasure also takes addresses from them, and says so of each stop that it keeps.
    assert sorted(doors) == ["store/law_events.py", "store/persons/erasing.py"]


async def test_however_long_a_statement_is_it_is_prepared_once_a_connection(
    database_url: str, now: datetime
) -> None:
    """asyncpg by itself forgets those of more than 15 KB, as the reading of a situation is."""
    async with connect(database_url, 1, same_plans=True) as pool, pool.acquire() as connection:
        for _ in range(3):
            await read_situation(connection, "bank", "nobody", now, {})
        kept = await connection.fetch(
            "SELECT generic_plans FROM pg_prepared_statements WHERE statement = $1",
            SELECT_SITUATION,
        )
    assert [row["generic_plans"] for row in kept] == [3]


async def test_what_a_worker_plans_on_empty_tables_reads_none_of_them_whole(
    database_url: str, now: datetime
) -> None:
    """A plan is kept while the tables grow: reading them whole took 4 ms at 500 attempts already,
    and longer with each, until the next ANALYZE."""
    past = now - timedelta(days=1)
    given = ("bank", "A1", past, now, ["sms"], ["twilio"], past, 50)
    statements: tuple[tuple[str, tuple[object, ...]], ...] = (
        (SELECT_SITUATION, given),
        (DISPATCH, ("x", "run/1/1", now, "digest")),
        (ACCEPT, ("x", "SM1", now)),
        (SELECT_RECIPIENT, ("P1", ["bank/A1"])),
        (PROJECT, ("bank", "A1", *("x",) * 3, now, "x", now, *("x",) * 7, ["d"], "p", 0.5)),
    )
    async with connect(database_url, 1, same_plans=True) as pool:
        for statement, values in statements:
            plan = await pool.fetch(f"EXPLAIN {statement}", *values)
            whole = {scan for row in plan for scan in re.findall(r"Seq Scan on (\w+)", row[0])}
            assert whole <= {"ledger_mark"}, statement  # it has one row
