"""The real gateway inside a test, in the test's own loop: it shares the test's connections. And
when a process that serves HTTP is ready."""

import asyncio
import contextlib
import socket
import subprocess
import time
from collections.abc import AsyncIterator

import httpx
from temporalio.client import Client
from temporalio.testing import TimeSkipper

from config.keywords import load_keywords
from config.settings import Settings
from lab.builders.parts import wording
from lab.sandbox.server import Server
from store.database import Pool
from workers.accounts import Accounts
from workers.clock import FastClock
from workers.gateway.app import build


def listening() -> tuple[socket.socket, str]:
    """A socket that is open before anybody is told its address."""
    opened = socket.create_server(("127.0.0.1", 0))
    return opened, f"http://127.0.0.1:{opened.getsockname()[1]}"


async def until_ready(url: str, process: "subprocess.Popen[bytes]", patience: float = 60) -> None:
    """Wait until a process says at ``/readyz`` that it is ready, has ended, or a minute is over:
    then whatever asks it next fails."""
    async with httpx.AsyncClient() as client:
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                if (await client.get(f"{url}/readyz")).status_code == httpx.codes.OK:
                    return
            await asyncio.sleep(0.1)


@contextlib.asynccontextmanager
async def gateway(
    opened: socket.socket, settings: Settings, pool: Pool, client: Client
) -> AsyncIterator[None]:
    """Serve webhooks until left."""
    clock = FastClock(TimeSkipper(client))
    app = build(settings, pool, Accounts(client), clock, load_keywords(), wording())
    server = Server(app, signals=False)
    serving = asyncio.create_task(server.serve(sockets=[opened]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving
        opened.close()
