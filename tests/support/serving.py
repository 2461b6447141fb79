"""The real gateway inside a test, in the test's own loop: it shares the test's connections."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

from temporalio.client import Client
from temporalio.testing import TimeSkipper

from config.keywords import shipped_keywords
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


@contextlib.asynccontextmanager
async def gateway(
    opened: socket.socket, settings: Settings, pool: Pool, client: Client
) -> AsyncIterator[None]:
    """Serve webhooks until left."""
    clock = FastClock(TimeSkipper(client))
    app = build(settings, pool, Accounts(client), clock, shipped_keywords(), wording())
    server = Server(app, signals=False)
    serving = asyncio.create_task(server.serve(sockets=[opened]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving
        opened.close()
