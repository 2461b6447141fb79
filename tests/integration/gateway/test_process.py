"""The gateway as a process: real Temporal, real PostgreSQL, uvicorn, and SIGTERM."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from starlette.datastructures import ImmutableMultiDict
from temporalio.client import Client
from temporalio.testing import TimeSkipper, TimeSkippingConfig
from twilio.request_validator import RequestValidator

from lab.local.postgres import free_port
from lab.local.temporal import LocalTemporal
from workers.accounts import Accounts
from workers.clock import FastClock

PROGRAM = (
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


def start(database_url: str, temporal: str, port: int) -> "subprocess.Popen[bytes]":
    inherited = {n: v for n, v in os.environ.items() if not n.startswith(("CONTRAPUNTO_", "T"))}
    variables = {
        "CONTRAPUNTO_DATABASE_URL": database_url,
        "CONTRAPUNTO_GATEWAY_PORT": str(port),
        "CONTRAPUNTO_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "TWILIO_AUTH_TOKEN": "t",
        "TEMPORAL_ADDRESS": temporal,
    }
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM], env=inherited | variables, stderr=subprocess.PIPE
    )


@pytest.fixture
async def gateway(database_url: str, server: LocalTemporal) -> AsyncIterator[tuple[str, Any]]:
    port = free_port()
    process = start(database_url, server.address, port)
    url = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient() as client:
        deadline = time.monotonic() + 40
        while time.monotonic() < deadline and process.poll() is None:
            try:
                if (await client.get(f"{url}/readyz")).status_code == httpx.codes.OK:
                    break
            except httpx.TransportError:
                await asyncio.sleep(0.1)
    yield url, process
    process.kill()
    process.communicate()


async def test_it_serves_signed_requests_and_ends_on_sigterm(
    gateway: tuple[str, "subprocess.Popen[bytes]"],
) -> None:
    url, process = gateway
    fields = {"MessageSid": "SM1", "From": "+573000000001", "Body": "hola", "FromZip": ""}
    validator: Any = RequestValidator
    target = f"{url}/webhooks/twilio/inbound"
    signature = validator("t").compute_signature(target, ImmutableMultiDict(fields))
    async with httpx.AsyncClient() as client:
        headers = {"X-Twilio-Signature": signature}
        answer = await client.post(target, content=urlencode(fields), headers=headers)
        assert answer.status_code == 200, answer.text
        assert (await client.post(target, data=fields)).status_code == 403
    process.terminate()
    assert await asyncio.to_thread(process.wait, 20) == 0


async def test_without_temporal_it_says_what_to_do(database_url: str) -> None:
    process = start(database_url, f"127.0.0.1:{free_port()}", free_port())
    _, said = await asyncio.to_thread(process.communicate, None, 60)
    assert process.returncode == 1
    assert b"Temporal does not answer at 127.0.0.1" in said


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
