"""The API as a process: real Temporal, real PostgreSQL, uvicorn, and SIGTERM."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from temporalio.client import Client

from config.settings import ROOT
from domain.conversation.work_words import WorkReason
from lab.local.postgres import free_port
from lab.local.temporal import LocalTemporal
from store.conversation.work import open_items
from store.database import Pool
from tests.integration.api.conftest import token, tokens_file
from tests.support.rows import add_account, add_customer
from tests.support.serving import until_ready
from tests.support.time import CLOCKS
from workers.accounts import Accounts

pytestmark = pytest.mark.skipif(
    CLOCKS.begins is not None, reason="a process of its own has the machine's clock"
)


@pytest.fixture(scope="module")
def server() -> Iterator[LocalTemporal]:
    made = LocalTemporal(None)
    asyncio.run(made.start())
    yield made
    made.stop()


@dataclass
class Running:
    """An API as a process."""

    url: str
    process: "subprocess.Popen[bytes]"
    log: Path
    headers: dict[str, str]


def start(variables: dict[str, str], log: Path) -> "subprocess.Popen[bytes]":
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    with log.open("wb") as written:
        return subprocess.Popen(
            [sys.executable, "-m", "workers", "api"],
            cwd=ROOT,
            env=kept | variables,
            stdout=written,
            stderr=written,
        )


@pytest.fixture
async def api(database_url: str, server: LocalTemporal, tmp_path: Path) -> AsyncIterator[Running]:
    port, log = free_port(), tmp_path / "log"
    variables = {
        "CONTRAPUNTO_DATABASE_URL": database_url,
        "CONTRAPUNTO_API_PORT": str(port),
        "CONTRAPUNTO_API_TOKENS": str(tokens_file(tmp_path / "tokens.yaml")),
        "TEMPORAL_ADDRESS": server.address,
        "OTEL_TRACES_EXPORTER": "console",
        "OTEL_METRICS_EXPORTER": "console",
    }
    process = start(variables, log)
    url = f"http://127.0.0.1:{port}"
    await until_ready(url, process)
    yield Running(url, process, log, {"Authorization": f"Bearer {token('ana')}"})
    process.kill()
    process.wait()


async def test_it_works_the_queue_tells_the_workflow_and_ends_on_sigterm(
    api: Running, pool: Pool, server: LocalTemporal
) -> None:
    now = datetime.now(UTC)
    await add_customer(pool)
    await add_account(pool, due=now.date() - timedelta(days=10))
    client = await Client.connect(server.address)
    await Accounts(client).start("bank", "A1")
    async with pool.acquire() as connection:
        reasons = (WorkReason.DISPUTE, WorkReason.BALANCE)
        await open_items(connection, {"C1": None}, reasons, "twilio/S1", now)
    async with httpx.AsyncClient(base_url=api.url, headers=api.headers, timeout=30) as http:
        assert (
            await http.get("/v1/work-items", headers={"Authorization": "Bearer x"})
        ).status_code == 401
        item = (await http.post("/v1/work-items/next")).json()
        assert (item["reason"], item["holder"]) == ("dispute", "ana")
        there = f"/v1/work-items/{item['work_id']}"
        done = await http.post(f"{there}/done", json={"outcome": "dispute"})
        assert (done.status_code, done.json()["plan_anew"]) == (200, 1), done.text
        record = (await http.get("/v1/customers/C1?words=true")).json()
        assert "dispute" in [one["kind"] for one in record["on_file"]]
    handle = client.get_workflow_handle("account/bank/A1")
    history = await handle.fetch_history()
    told = [
        event.workflow_execution_signaled_event_attributes.signal_name
        for event in history.events
        if event.HasField("workflow_execution_signaled_event_attributes")
    ]
    assert told == ["account_updated"]
    assert await pool.fetch("SELECT * FROM untold") == []
    api.process.terminate()
    assert await asyncio.to_thread(api.process.wait, 30) == 0
    said = api.log.read_text("utf-8")
    assert "ana looked at customer C1" in said
    assert '"name": "api finish_work"' in said
    assert "contrapunto.api.requests" in said
    assert token("ana") not in said and "+573001234567" not in said


@pytest.fixture
async def untold(pool: Pool, server: LocalTemporal) -> Client:
    """An account that has still to hear of what a person did, before the API begins."""
    client = await Client.connect(server.address)
    await Accounts(client).start("bank", "B7")
    await pool.execute("INSERT INTO untold VALUES ('work:7', 'bank/B7', now() - interval '1 hour')")
    return client


async def test_what_nobody_was_told_before_it_began_is_told(
    untold: Client, api: Running, pool: Pool
) -> None:
    async with asyncio.timeout(60):
        while await pool.fetch("SELECT * FROM untold"):  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.2)
    history = await untold.get_workflow_handle("account/bank/B7").fetch_history()
    ids = [
        event.workflow_execution_signaled_event_attributes.input.payloads[0].data
        for event in history.events
        if event.HasField("workflow_execution_signaled_event_attributes")
    ]
    assert ids == [b'{"id":"event:work:7"}']


RAW = (
    b"GET /v1/customers/\xff\xfe HTTP/1.1\r\nHost: x\r\n%b\r\n",
    b"GET /v1/customers/%%00%%ff HTTP/1.1\r\nHost: x\r\n%b\r\n",
    b"GET /v1/work-items/%%39%%39 HTTP/1.1\r\nHost: x\r\n%b\r\n",
    b"GET http://evil.example/v1/work-items HTTP/1.1\r\nHost: evil.example\r\n%b\r\n",
    b"GET /v1/work-items?%b HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /v1/work-items HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 100_000 + b"\r\n%b\r\n",
    b"POST /v1/work-items/next HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999999999\r\n%b\r\n",
    b"POST /v1/work-items/next HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n%b\r\nzz\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc%b",
)
"""As no client of ours writes; ``%b``: the header of somebody who may."""


async def test_whatever_is_written_to_it_is_answered_and_it_goes_on(api: Running) -> None:
    parts = urlsplit(api.url)
    header = f"Authorization: {api.headers['Authorization']}\r\nConnection: close\r\n".encode()
    for raw in RAW:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(raw % header)
        async with asyncio.timeout(30):
            answer = await reader.read(100)
        status = int(answer.split(b" ")[1]) if answer.startswith(b"HTTP/1.1 ") else 400
        assert status < 500, raw[:60]
        writer.close()
    async with httpx.AsyncClient(base_url=api.url, headers=api.headers) as http:
        assert (await http.get("/v1/work-items")).status_code == 200
    assert "Traceback" not in api.log.read_text("utf-8")


def test_without_anybody_to_let_in_it_does_not_start(database_url: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = start({"CONTRAPUNTO_DATABASE_URL": database_url}, log)
    assert process.wait(60) == 2
    assert "nobody would be let in; set CONTRAPUNTO_API_TOKENS" in log.read_text("utf-8")
