"""The gateway as a process: real Temporal, real PostgreSQL, uvicorn, and SIGTERM."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
from starlette.applications import Starlette
from starlette.datastructures import ImmutableMultiDict
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from temporalio.client import Client
from temporalio.testing import TimeSkipper, TimeSkippingConfig
from twilio.request_validator import RequestValidator

from lab.local.postgres import free_port
from lab.local.temporal import LocalTemporal
from store.database import Pool
from tests.support.serving import until_ready
from tests.support.time import CLOCKS
from workers.accounts import Accounts
from workers.clock import FastClock
from workers.gateway.server import configured
from workers.process.serving import Server

pytestmark = pytest.mark.skipif(
    CLOCKS.begins is not None, reason="a process of its own has the machine's clock"
)

SLOW, FILES = 320, 320
"""Slow clients, and the files a gateway may open: too few for all of them and its own."""
PROGRAM = (
    f"import resource; resource.setrlimit(resource.RLIMIT_NOFILE, ({FILES}, {FILES}))\n"
    "import asyncio, sys; from config.settings import load; from domain.failures import Failure\n"
    "from workers.gateway.app import run\n"
    "try: asyncio.run(run(load()))\n"
    "except Failure as error: sys.exit(str(error))"
)


@pytest.fixture(scope="module")
def server() -> Iterator[LocalTemporal]:
    made = LocalTemporal(None, fast_time=True)
    asyncio.run(made.start())
    yield made
    made.stop()


def start(
    database_url: str, temporal: str, port: int, log: IO[bytes] | int = subprocess.PIPE
) -> "subprocess.Popen[bytes]":
    inherited = {n: v for n, v in os.environ.items() if not n.startswith(("CONTRAPUNTO_", "T"))}
    variables = {
        "CONTRAPUNTO_DATABASE_URL": database_url,
        "CONTRAPUNTO_GATEWAY_PORT": str(port),
        "CONTRAPUNTO_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "TWILIO_AUTH_TOKEN": "t",
        "TEMPORAL_ADDRESS": temporal,
    }
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        env=inherited | variables,
        stderr=log,
    )


@dataclass
class Running:
    """A gateway as a process."""

    url: str
    process: "subprocess.Popen[bytes]"
    log: Path

    def inbound(self, fields: dict[str, str]) -> tuple[str, bytes, dict[str, str]]:
        """Address, body and headers of a signed message."""
        validator: Any = RequestValidator
        target = f"{self.url}/webhooks/twilio/inbound"
        signature = validator("t").compute_signature(target, ImmutableMultiDict(fields))
        return target, urlencode(fields).encode(), {"X-Twilio-Signature": signature}


@pytest.fixture
async def gateway(
    database_url: str, server: LocalTemporal, tmp_path: Path
) -> AsyncIterator[Running]:
    port = free_port()
    log = tmp_path / "log"
    with log.open("wb") as written:
        process = start(database_url, server.address, port, written)
    url = f"http://127.0.0.1:{port}"
    await until_ready(url, process)
    yield Running(url, process, log)
    process.kill()
    process.communicate()


async def test_it_serves_signed_requests_and_ends_on_sigterm(gateway: Running) -> None:
    fields = {"MessageSid": "SM1", "From": "+573000000001", "Body": "hola", "FromZip": ""}
    target, content, headers = gateway.inbound(fields)
    async with httpx.AsyncClient() as client:
        answer = await client.post(target, content=content, headers=headers)
        assert answer.status_code == 200, answer.text
        assert (await client.post(target, data=fields)).status_code == 403
    gateway.process.terminate()
    assert await asyncio.to_thread(gateway.process.wait, 20) == 0


async def drip(url: str, head: bytes, stop: asyncio.Event) -> None:
    """Bring a request one byte a second, and begin again a second after being cut off."""
    host, port = urlsplit(url).hostname, urlsplit(url).port

    async def a_second() -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), 1)

    while not stop.is_set():
        try:
            reader, writer = await asyncio.open_connection(host, port)
        except OSError:
            await a_second()
            continue
        with contextlib.suppress(OSError):
            writer.write(head)
            while not stop.is_set() and not reader.at_eof():
                writer.write(b"a")
                await writer.drain()
                await a_second()
        writer.close()
        await a_second()


async def test_slow_clients_keep_nobody_else_waiting_and_fill_no_log(
    gateway: Running, pool: Pool
) -> None:
    stop = asyncio.Event()
    heads = [
        b"POST /webhooks/twilio/inbound HTTP/1.1\r\nX-Slow: ",
        b"POST /webhooks/twilio/inbound HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n",
    ]
    slow = []
    for n in range(SLOW):
        slow.append(asyncio.create_task(drip(gateway.url, heads[n % 2], stop)))
        await asyncio.sleep(0.005)  # so that this process, too, has its hands free
    for n in range(3):
        await asyncio.sleep(1.5)
        async with httpx.AsyncClient(timeout=10) as client:
            began = time.monotonic()
            assert (await client.get(f"{gateway.url}/healthz")).status_code == 200
            assert time.monotonic() - began < 1
            fields = {"MessageSid": f"SM{n}", "From": "+573000000001", "Body": "STOP"}
            target, content, headers = gateway.inbound(fields)
            answer = await client.post(target, content=content, headers=headers)
            assert answer.status_code == 200, answer.text
    stop.set()
    await asyncio.gather(*slow)
    assert await pool.fetchval("SELECT count(*) FROM inbound WHERE intent = 'opt_out'") == 3
    assert gateway.log.stat().st_size < 5_000, gateway.log.read_text()[:5_000]


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"POST / HTTP/1.1\r\nX-Slow: a",
        b"POST /webhooks/twilio/status HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1",
    ],
)
async def test_a_request_that_does_not_come_is_not_waited_for(head: bytes) -> None:
    async def takes_all(request: Request) -> Response:
        return Response(await request.body())

    app = Starlette(routes=[Route("/{path:path}", takes_all, methods=["GET", "POST"])])
    config = configured(app, most=10, deadline=0.3)
    server = Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    reader, writer = await asyncio.open_connection(*listening.getsockname())
    writer.write(head)
    async with asyncio.timeout(5):
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
    # A client that brings its request in time, and another after it, is served.
    reader, writer = await asyncio.open_connection(*listening.getsockname())
    for _ in range(2):
        writer.write(b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok")
        assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
        await asyncio.sleep(0.1)
    writer.close()
    server.should_exit = True
    await serving


def test_without_temporal_it_says_so_waits_and_stops_when_told(database_url: str) -> None:
    process = start(database_url, f"127.0.0.1:{free_port()}", free_port())
    said = b""
    assert process.stderr is not None
    while b"trying again in 2 s" not in said:
        assert process.poll() is None, said
        said += process.stderr.readline()
    assert b"Temporal does not answer at 127.0.0.1" in said
    process.terminate()
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGTERM


async def test_a_workflow_that_never_was_counts_as_told(server: LocalTemporal) -> None:
    workflows = Accounts(await Client.connect(server.address))
    await workflows.ping()
    assert await workflows.tell("account/acme/never", "delivery_failed", {"id": "1"}) is False


async def test_fast_time_is_the_workflows_own(server: LocalTemporal) -> None:
    client = await Client.connect(server.address)
    config = TimeSkippingConfig(enabled=False, max_session_skip_count=1000)
    skipper = TimeSkipper(client, config=config)
    handle = await skipper.client.start_workflow(
        "Nobody", id="account/acme/A-1", task_queue="nobody", start_delay=timedelta(days=30)
    )
    await asyncio.wait_for(skipper.fast_forward(handle, timedelta(days=3)), 30)
    clock = FastClock(TimeSkipper(client))
    wall = datetime.now(UTC)
    ahead = await clock.now("account/acme/A-1") - wall
    assert timedelta(days=2, hours=23) < ahead < timedelta(days=3, hours=1)
    for unknown in (None, "account/acme/unknown"):
        assert abs(await clock.now(unknown) - wall) < timedelta(minutes=1)
