"""``contrapunto status`` on real servers: all of it, and what is left when a part is away."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console
from temporalio.client import Client

from config.settings import Settings
from lab.builders.parts import dependencies_for
from lab.local.postgres import free_port
from lab.local.temporal import LocalTemporal
from store.database import Pool
from store.ledger_mark import LedgerMark
from tests.integration.doctor.conftest import faults, found, now, said
from tests.support.life import soon
from tests.support.rows import add_account, add_customer
from workers.overview.attention import matters
from workers.overview.looking import PARTS, POSTGRESQL, TEMPORAL, Overview, overview
from workers.overview.screen import screen
from workers.worker import running


async def seen(settings: Settings, patience: float = 60) -> Overview:
    return await overview(settings, now(), patience)


def shown(one: Overview) -> str:
    console = Console(width=160, record=True, file=open("/dev/null", "w"))  # noqa: PTH123, SIM115
    console.print(screen(one))
    return console.export_text()


def elsewhere(settings: Settings, url: str) -> Settings:
    return Settings(**{**settings.model_dump(), "database_url": url})


@pytest.fixture(scope="module")
def temporal() -> Iterator[LocalTemporal]:
    """A server of these tests' own: for minutes it tells of the workers that were here."""
    server = LocalTemporal(None)
    asyncio.run(server.start())
    yield server
    server.stop()


def all_polled(one: Overview) -> bool:
    return all(queue["pollers"] for queue in one.seen.get("queues", [{"pollers": 0}]))


@asynccontextmanager
async def silent() -> AsyncIterator[int]:
    """A server that takes connections and never says a word; its port."""
    opened: list[asyncio.StreamWriter] = []

    async def keep(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened.append(writer)

    server = await asyncio.start_server(keep, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    for writer in opened:
        writer.close()


async def test_all_parts_are_told_and_where_all_is_well_nothing_asks_for_anybody(
    settings: Settings, client: Client, pool: Pool
) -> None:
    await add_customer(pool)
    await add_account(pool, due=now().date())
    await pool.execute("UPDATE accounts SET next_at = $1", now())
    with dependencies_for(pool, settings) as rooms:
        async with running(client, rooms):
            one = await soon(lambda: seen(settings), all_polled)
    assert one.missing == {}
    assert set(one.seen) == set(PARTS)
    assert one.seen["accounts"] == [
        {"phase": "unknown", "wait": "unplanned", "accounts": 1, "overdue": 0}
    ]
    assert {(queue["name"], queue["kind"]): queue["pollers"] for queue in one.seen["queues"]} == {
        ("collections", "workflow"): 1,
        ("collections", "activity"): 1,
        **{(f"collections-{way}", "activity"): 1 for way in ("email", "sms")},
    }
    assert matters(one) == []
    text = shown(one)
    assert "nothing asks for anybody" in text
    assert "email sendgrid: well" in text
    told = json.loads(json.dumps(one.json(), default=str))
    assert told["database"]["schema"] == told["program"]["schema"]


def told_of_everything(settings: Settings, folder: Path) -> Settings:
    """One endpoint, by the name of core."""
    file = folder / "webhooks.yaml"
    file.write_text(
        "endpoints:\n"
        "  - {name: core, url: 'https://bank.example', creditors: [bank], secrets: ['env:K']}\n"
    )
    return settings.model_copy(update={"webhooks": file})


async def test_whatever_asks_for_somebody_is_listed_with_what_to_do(
    settings: Settings, pool: Pool, tmp_path: Path
) -> None:
    await add_customer(pool)
    await add_account(pool, due=now().date())
    await pool.execute("UPDATE accounts SET next_at = $1", now() - timedelta(hours=2))
    await pool.execute(
        "INSERT INTO work_items (customer_id, reason, priority, opened_at, due_at, messages) "
        "VALUES ('C1', 'crisis', 1, $1, $1, '{twilio/S1}')",
        now() - timedelta(hours=2),
    )
    await pool.execute(
        "INSERT INTO webhook_backlog (provider, event_id, kind, body, at, why) "
        "VALUES ('twilio', 'e1', 'unread', '{}', now(), 'nobody can read it')"
    )
    await pool.execute(
        "INSERT INTO webhook_endpoints (endpoint, disabled_at, disabled_why) "
        "VALUES ('core', now(), 'answers 410: it is no more'), ('former', now(), 'answers 410')"
    )
    await LedgerMark(pool).halt("restored from an older backup")
    one = await seen(told_of_everything(settings, tmp_path))
    told = [f"{matter.what} -> {matter.todo}" for matter in matters(one)]
    assert told[0].startswith("NOBODY IS CONTACTED: restored from an older backup")
    for words in (
        "1 customers may be in danger -> contrapunto work list",
        "1 accounts should have moved on more than an hour ago -> contrapunto account overdue",
        "1 things may be stops and could not be understood -> docs/operations.md, Webhooks",
        "core is told nothing any more: it answers 410: it is no more"
        " -> contrapunto webhooks enable core",
    ):
        assert words in told
        assert words.partition(" -> ")[0] in shown(one)
    assert "core: DISABLED (410)" in shown(one)
    assert not any("former" in line for line in told), "it is not in the file any more"


async def test_without_postgresql_temporal_is_told(settings: Settings) -> None:
    url = f"postgresql://nobody:hidden@127.0.0.1:{free_port()}/none"
    one = await seen(elsewhere(settings, url))
    assert set(one.missing) == {"database", *POSTGRESQL}
    assert set(one.seen) == set(TEMPORAL)
    assert "? PostgreSQL: PostgreSQL does not answer" in shown(one)
    assert "hidden" not in shown(one) + json.dumps(one.json(), default=str)


async def test_without_temporal_postgresql_is_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{free_port()}")
    one = await seen(settings)
    assert set(one.missing) == set(TEMPORAL)
    assert "? Temporal: Temporal does not answer" in shown(one)


async def test_servers_that_hang_are_waited_for_no_longer_than_was_asked(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with silent() as port:
        monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{port}")
        url = f"postgresql://nobody:hidden@127.0.0.1:{port}/none"
        one = await seen(elsewhere(settings, url), 0.5)
    assert one.seen == {}
    assert set(one.missing.values()) == {"no answer within 0.5 seconds"}


async def test_a_table_that_somebody_holds_costs_its_own_part_alone(
    settings: Settings, pool: Pool
) -> None:
    async with pool.acquire() as other, other.transaction():
        await other.execute("LOCK TABLE work_items IN ACCESS EXCLUSIVE MODE")
        one = await seen(settings, 8)
    assert set(one.missing) == {"work"}
    assert "? work: no answer within 8 seconds" in shown(one)


async def test_an_older_schema_is_told_though_its_tables_are_not_read(
    settings: Settings, pool: Pool
) -> None:
    kept = await pool.fetchval("SELECT version_num FROM alembic_version")
    try:
        await pool.execute("UPDATE alembic_version SET version_num = '0001'")
        one = await seen(settings)
    finally:
        await pool.execute("UPDATE alembic_version SET version_num = $1", kept)
    assert one.seen["database"]["schema"] == "0001"
    assert any("contrapunto migrate" in matter.todo for matter in matters(one))
    assert set(POSTGRESQL) <= set(one.missing)


# --- the doctor, of what goes out ---------------------------------------------------------------


async def test_the_doctor_names_an_endpoint_that_said_it_is_no_more(
    settings: Settings, pool: Pool, tmp_path: Path
) -> None:
    told = told_of_everything(settings, tmp_path)
    assert "nobody is told" in said(await found(settings, "outgoing"), "ok")
    assert "core is told" in said(await found(told, "outgoing"), "ok")
    await pool.execute(
        "INSERT INTO webhook_endpoints (endpoint, disabled_at, disabled_why) "
        "VALUES ('core', now(), 'answers 410: it is no more')"
    )
    (only,) = faults(await found(told, "outgoing"))
    assert only.startswith("core is told nothing any more since")
