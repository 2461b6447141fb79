"""Each process may do in PostgreSQL what it does, and no more.

Beside these, the tests of the gateway, the API, the relay and the worker's activities run each as
its role.
"""

import ast
import asyncio
import importlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from config.settings import ROOT
from domain.failures import Misconfigured
from lab.local.postgres import LocalPostgres
from store.access.roles import GRANTS, ROLES, apply, text_of
from store.database import Pool
from store.intake.staging import CREATE_STAGE, PREPARE
from tests.integration.store.test_statements import statements
from tests.support.access.roles import PROCESSES, url_as
from workers.migrate import migrate

REACHED_FROM = {
    "worker": ("workers.worker", "store.views.gauges", "store.views.creditors"),
    "api": ("workers.api.app",),
    "operator": ("workers.cli.main", "store.persons.erasing", "store.persons.exporting"),
}
"""By each role what its process imports; whatever these import in turn is theirs, too."""

NOT_THEIRS = {
    # Imported with what reads them; other processes write these.
    "worker": {"person_messages", "documents", "ledger_resumptions", "audit_forget"},
    "api": {
        *("attempts", "attached", "calls", "capacity_counts", "capacity_taken", "provider_health"),
        *("provider_events", "webhook_backlog", "settlements", "documents", "deciders"),
        *("experiments", "experiment_people", "failures", "plan_changes", "ledger_mark"),
        *("event_stream", "event_outbox", "event_creditors", "events", "webhook_lanes"),
        "audit_forget",
    },
    "operator": {"pg_promote"},  # of a drill, whose servers are its own
}
"""Tables that some statement within reach would change, and the role must not."""

EXPLAINED = {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"}


def module(name: str) -> Path | None:
    path = ROOT.joinpath(*name.split("."))
    found = [one for one in (path / "__init__.py", path.with_suffix(".py")) if one.exists()]
    return found[0] if found else None


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def reached(*roots: str) -> set[str]:
    seen: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in seen and (path := module(name)) is not None:
            seen.add(name)
            waiting += imports(path)
    return {name for name in seen if name.startswith("store.")}


@pytest.mark.parametrize("process", REACHED_FROM)
async def test_every_statement_of_a_process_is_one_that_its_role_may_run(
    pool: Pool, process: str
) -> None:
    modules = reached(*REACHED_FROM[process])
    assert len(modules) > 20
    denied = defaultdict(set)
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(CREATE_STAGE)
        await connection.execute(PREPARE)
        staged = await connection.fetch(
            "SELECT relname FROM pg_class WHERE relpersistence = 't' AND relkind = 'r'"
        )
        for table in staged:
            await connection.execute(f"GRANT ALL ON {table[0]} TO contrapunto_{process}")
        await connection.execute(f"SET LOCAL ROLE contrapunto_{process}")
        for name, statement in statements().items():
            explained = statement.lstrip().startswith(
                ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
            )
            if name.partition(":")[0] not in modules or not explained:
                continue
            inner = connection.transaction()
            await inner.start()
            try:
                await connection.execute(f"EXPLAIN (GENERIC_PLAN) {statement}")
            except asyncpg.InsufficientPrivilegeError as error:
                denied[str(error).rpartition(" ")[2]].add(name)
            except (asyncpg.PostgresSyntaxError, asyncpg.PostgresError):
                pass  # several statements in one; test_statements.py looks at these
            finally:
                await inner.rollback()
        await transaction.rollback()
    assert dict(denied).keys() == NOT_THEIRS[process], dict(denied)


FORBIDDEN = {
    "worker": (
        "UPDATE customers SET name = 'x'",
        "DELETE FROM attempts",
        "UPDATE contact_points SET consented = true",
        "INSERT INTO settlements VALUES ('t', 'accepted', 'n', 'w', now())",
        "CREATE TABLE mine (a int)",
        "SELECT * FROM request_keys",
    ),
    "gateway": (
        "INSERT INTO attempts (attempt_id) VALUES ('x')",
        "UPDATE accounts SET balance = 0",
        "UPDATE attempts SET not_after = now()",
        "UPDATE attempts SET customer_id = 'x'",
        "INSERT INTO payments VALUES ('bank', 'A1', 'p', 1, now())",
        "DELETE FROM inbound",
    ),
    "api": (
        "INSERT INTO attempts (attempt_id) VALUES ('x')",
        "UPDATE attempts SET state = 'refused'",
        "UPDATE ledger_mark SET halted_why = NULL",
        "DELETE FROM customers",
        "SELECT * FROM webhook_endpoints",
        "DROP POLICY of_creditor ON accounts",
        "ALTER TABLE accounts DISABLE ROW LEVEL SECURITY",
        "SET ROLE contrapunto_operator",
    ),
    "relay": (
        "SELECT * FROM attempts",
        "UPDATE accounts SET status = 'closed'",
        "DELETE FROM law_events",
    ),
    "operator": ("CREATE TABLE mine (a int)", "UPDATE state_moves SET new = 'x'"),
    "readonly": (
        "UPDATE accounts SET balance = 0",
        "DELETE FROM erasures",
        "CREATE TABLE m (a int)",
    ),
}


@pytest.mark.parametrize(
    ("process", "statement"), [(one, said) for one, all_ in FORBIDDEN.items() for said in all_]
)
async def test_what_is_no_work_of_theirs_is_refused(
    database_url: str, process: str, statement: str
) -> None:
    connection = await asyncpg.connect(url_as(process, database_url))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await connection.close()


@pytest.mark.parametrize("process", PROCESSES)
async def test_the_schema_is_changed_by_whoever_migrates_alone(
    database_url: str, process: str
) -> None:
    connection = await asyncpg.connect(url_as(process, database_url))
    transaction = connection.transaction()
    await transaction.start()
    try:
        if process == "migrate":
            await connection.execute("CREATE TABLE mine (a int)")
        else:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute("CREATE TABLE mine (a int)")
    finally:
        await transaction.rollback()
        await connection.close()


async def test_doing_it_again_changes_nothing(database_url: str, pool: Pool) -> None:
    asked = "SELECT array_agg(relacl::text ORDER BY relname) FROM pg_class WHERE relkind = 'r'"
    policies = "SELECT count(*) FROM pg_policies"
    before = await pool.fetchval(asked), await pool.fetchval(policies)
    assert await apply(database_url, roles=True)
    assert await apply(database_url, roles=False, only_where_there_are=True)
    assert (await pool.fetchval(asked), await pool.fetchval(policies)) == before


async def test_who_may_not_grant_is_told_who_may(database_url: str) -> None:
    with pytest.raises(Misconfigured, match=r"does not own all tables: .*the owner of the tables"):
        await apply(url_as("operator", database_url), roles=False)


def test_the_files_are_read_by_the_command_as_they_lie_there() -> None:
    assert [file.name for file in (ROLES, *GRANTS)] == [
        "roles.sql",
        "grants.sql",
        "row_security.sql",
    ]
    assert "CREATE ROLE" in text_of((ROLES,)) and "CREATE ROLE" not in text_of(GRANTS)
    with pytest.raises(Misconfigured, match="not whole"):
        text_of((ROOT / "none.sql",))


def test_every_module_that_is_named_is_there() -> None:
    for roots in REACHED_FROM.values():
        assert all(importlib.util.find_spec(one) for one in roots)


async def test_an_empty_database_is_migrated_and_granted_by_the_role_for_it(
    postgres: LocalPostgres, pool: Pool
) -> None:
    await pool.execute("CREATE DATABASE empty")
    url = postgres.database_url("empty")
    try:
        assert await apply(url, roles=True)
        await pool.execute("ALTER ROLE as_migrate IN DATABASE empty SET role = contrapunto_migrate")
        theirs = url_as("migrate", url)
        await asyncio.to_thread(migrate, theirs)
        assert await apply(theirs, roles=False, only_where_there_are=True)
        connection = await asyncpg.connect(url_as("worker", url))
        assert await connection.fetchval("SELECT count(*) FROM accounts") == 0
        owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
        assert await connection.fetchval(owners) == "contrapunto_migrate"
        await connection.close()
    finally:
        await pool.execute("ALTER ROLE as_migrate IN DATABASE empty RESET role")
        await pool.execute("DROP DATABASE empty WITH (FORCE)")
