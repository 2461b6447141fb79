"""What the doctor sees of PostgreSQL and Temporal, each fault provoked on the real server."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest
from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client

from config.settings import Settings
from domain.history.months import Table
from lab.builders.parts import dependencies_for
from lab.local.postgres import LocalPostgres, free_port
from store.database import Pool
from store.history.partitions import drop, months
from store.ledger_mark import LedgerMark
from store.views.server import Server
from tests.integration.doctor.conftest import faults, found, now, said
from tests.support.time import CLOCKS
from workers.connection import temporal_client
from workers.doctor import postgres, temporal
from workers.retention import app
from workers.worker import running

KEY, OTHER = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "/" * 42 + "8="


async def test_servers_that_are_as_they_must_be_have_no_fault(settings: Settings) -> None:
    findings = await found(settings, "postgres", "temporal", "clock")
    assert faults(findings) == []
    told = said(findings, "ok")
    assert "the schema is at" in told
    assert "this machine's clock and PostgreSQL's agree" in told
    assert "this machine's clock and Temporal's agree" in told
    assert "the namespace has our search attributes" in told
    assert "fairness" in said(findings, "cannot tell")


async def test_a_database_without_a_schema_is_a_fault(
    settings: Settings, postgres: LocalPostgres
) -> None:
    server = await asyncpg.connect(postgres.url)
    await server.execute("DROP DATABASE IF EXISTS doctor_bare")
    await server.execute("CREATE DATABASE doctor_bare")
    await server.close()
    url = postgres.database_url("doctor_bare")
    bare = Settings(**{**settings.model_dump(), "database_url": url})
    (only,) = faults(await found(bare, "postgres"))
    assert only.startswith("the schema is at none, this version needs 00")


async def test_it_says_how_the_history_stands(settings: Settings, pool: Pool) -> None:
    await app.maintain(pool, now(), lambda *_: None)
    assert "the history has its months up to" in said(await found(settings, "postgres"), "ok")
    later = (now() + timedelta(days=999),)
    try:
        await pool.execute(
            "INSERT INTO messages_history (creditor, account_id, message_id, kind, body, at) "
            "VALUES ('bank', 'A1', 'm', 'hold', '{}', $1)",
            *later,
        )
        told = said(await found(settings, "postgres"), "warning")
        assert "1 rows of the history lie in no month" in told
        await app.maintain(pool, now(), lambda *_: None)
        assert "lie in no month" not in said(await found(settings, "postgres"), "warning")
    finally:
        await pool.execute("DELETE FROM messages_history")
        for table in Table:
            for month in await months(pool, table):
                await drop(pool, table, month)
    assert "no month of the history is made yet" in said(await found(settings, "postgres"), "ok")


async def test_an_older_schema_is_a_fault_and_a_newer_one_is_none(
    settings: Settings, pool: Pool
) -> None:
    kept = await pool.fetchval("SELECT version_num FROM alembic_version")
    try:
        await pool.execute("UPDATE alembic_version SET version_num = '0001'")
        (only,) = faults(await found(settings, "postgres"))
        assert only.startswith("the schema is at 0001")
        await pool.execute("UPDATE alembic_version SET version_num = '9999'")
        assert faults(await found(settings, "postgres")) == []
    finally:
        await pool.execute("UPDATE alembic_version SET version_num = $1", kept)


async def test_a_halted_ledger_is_a_fault(settings: Settings, pool: Pool) -> None:
    await LedgerMark(pool).halt("restored from an older backup")
    (only,) = faults(await found(settings, "postgres"))
    assert only == "contacts are halted: restored from an older backup"


async def test_a_database_that_does_not_answer_stops_no_other_check(settings: Settings) -> None:
    url = f"postgresql://nobody:hidden@127.0.0.1:{free_port()}/none"
    silent = Settings(**{**settings.model_dump(), "database_url": url})
    findings = await found(silent, "postgres", "temporal")
    (only,) = faults(findings)
    assert "PostgreSQL does not answer" in only
    assert "hidden" not in only
    assert "Temporal 1." in said(findings, "ok")


async def test_temporal_that_does_not_answer_is_told_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{free_port()}")
    findings = await found(settings, "postgres", "temporal", "clock", "keys", "workers")
    (only,) = faults(findings)
    assert "Temporal does not answer" in only
    assert [one.check for one in findings if one.verdict == "cannot tell"] == [
        *("clock", "keys", "workers")
    ]


async def test_a_clock_that_is_an_hour_ahead_is_a_fault_of_both_servers(
    settings: Settings,
) -> None:
    with CLOCKS.moved(now() + timedelta(hours=1)):
        wrong = faults(await found(settings, "postgres", "clock"))
    assert [one.split(" s ")[1] for one in wrong] == [
        "ahead of PostgreSQL's",
        "ahead of Temporal's",
    ]


async def test_a_namespace_that_lacks_our_attributes_or_has_others_is_a_fault(
    settings: Settings, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "doctor-bare"
    await client.workflow_service.register_namespace(
        RegisterNamespaceRequest(
            namespace=name, workflow_execution_retention_period=Duration(seconds=86_400)
        )
    )
    monkeypatch.setenv("TEMPORAL_NAMESPACE", name)
    for _ in range(200):  # a namespace is known to all parts of the server after some seconds
        try:
            client = await temporal_client()
            await client.operator_service.add_search_attributes(
                AddSearchAttributesRequest(
                    namespace=name,
                    search_attributes={
                        "Phase": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
                        "Standing": IndexedValueType.INDEXED_VALUE_TYPE_INT,
                    },
                )
            )
            break
        except Exception:  # noqa: BLE001 - not yet
            await asyncio.sleep(0.2)
    findings = await found(settings, "temporal")
    wrong = "\n".join(faults(findings))
    assert "the search attribute Standing is Int, not Keyword" in wrong
    assert "lacks the search attributes" in wrong
    assert "Phase" not in wrong
    assert "keeps closed accounts for 1 days only" in said(findings, "warning")


async def test_a_namespace_that_is_not_there_is_a_fault(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "nowhere")
    (only,) = faults(await found(settings, "temporal"))
    assert "has no namespace 'nowhere'" in only


@pytest.mark.parametrize(
    ("address", "tls", "key", "verdict"),
    [
        ("127.0.0.1:7233", None, None, "ok"),
        ("localhost:7233", None, None, "ok"),
        ("temporal.internal:7233", None, None, "fault"),
        ("temporal.internal:7233", "true", None, "ok"),
        ("temporal.internal:7233", None, "an-api-key", "ok"),
        ("temporal.internal:7233", "false", "an-api-key", "fault"),
        ("10.0.0.5:7233", None, None, "fault"),
        ("127.evil.example:7233", None, None, "fault"),
    ],
)
def test_tls_is_demanded_of_temporal_unless_it_is_on_this_machine(
    monkeypatch: pytest.MonkeyPatch, address: str, tls: str | None, key: str | None, verdict: str
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", address)
    for name, value in (("TEMPORAL_TLS", tls), ("TEMPORAL_API_KEY", key)):
        if value is not None:
            monkeypatch.setenv(name, value)
    assert temporal._tls().verdict == verdict


@pytest.mark.parametrize(
    ("address", "tls", "proves", "verdict"),
    [
        (None, False, False, "ok"),
        ("127.0.0.1", False, False, "ok"),
        ("::1", False, False, "ok"),
        ("10.0.0.5", False, False, "fault"),
        ("10.0.0.5", True, False, "warning"),
        ("10.0.0.5", True, True, "ok"),
    ],
)
def test_tls_is_demanded_of_postgresql_unless_it_is_on_this_machine(
    address: str | None, *, tls: bool, proves: bool, verdict: str
) -> None:
    seen = Server(now(), 160_000, address, tls, False, False, 100, "0042", None, proves)
    assert postgres._tls(seen).verdict == verdict


@pytest.mark.parametrize(
    ("version", "verdict"),
    [("1.29.0", "fault"), ("1.29.1", "ok"), ("1.32.0-rc1", "ok"), ("cloud", "cannot tell")],
)
def test_the_server_must_be_new_enough(version: str, verdict: str) -> None:
    assert temporal._version(version).verdict == verdict


async def test_every_queue_needs_a_worker(settings: Settings, client: Client, pool: Pool) -> None:
    wrong = faults(await found(settings, "workers"))
    assert [one.rpartition(" ")[2] for one in wrong] == [
        *("collections", "collections", "collections-email", "collections-sms")
    ]
    only_sms = settings.model_copy(update={"worker_queues": ("accounts", "sms")})
    with dependencies_for(pool, only_sms) as rooms:
        async with running(client, rooms):
            wrong = faults(await found(settings, "workers"))
    assert wrong == ["nobody works the activities of the queue collections-email"]


async def test_accounts_that_a_lost_key_has_sealed_are_a_fault(
    settings: Settings, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONTRAPUNTO_PAYLOAD_KEYS", f'{{"old": "{KEY}"}}')
    sealing = await temporal_client()
    monkeypatch.delenv("CONTRAPUNTO_PAYLOAD_KEYS")
    handle = await sealing.start_workflow(
        "CollectAccount", {"sealed": True}, id="doctor/sealed", task_queue="nobody-works-this"
    )
    try:
        for _ in range(100):  # the list of workflows follows a little later
            if faults(await found(settings, "keys")):
                break
            await asyncio.sleep(0.1)
        assert "key 'old', and no key is set here" in "\n".join(
            faults(await found(settings, "keys"))
        )
        other = Settings(**{**settings.model_dump(), "payload_keys": {"new": OTHER}})
        assert "key 'old', which" in "\n".join(faults(await found(other, "keys")))
        wrong = Settings(**{**settings.model_dump(), "payload_keys": {"old": OTHER}})
        assert "does not open" in "\n".join(faults(await found(wrong, "keys")))
        both = Settings(**{**settings.model_dump(), "payload_keys": {"new": OTHER, "old": KEY}})
        findings = await found(both, "keys")
        assert faults(findings) == []
        assert "the keys open 1 of" in said(findings, "ok")
    finally:
        await handle.terminate("end of test")
