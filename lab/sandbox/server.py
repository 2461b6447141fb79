"""The sandbox as a process, or as a thread of a test."""

import asyncio
import contextlib
import logging
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Final

import uvicorn
from starlette.applications import Starlette
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from lab.sandbox.app import create_app
from lab.sandbox.clock import AccountClock, Clock, WallClock
from lab.sandbox.persons.bank import Bank, PiggyBank, TemporalBank
from lab.sandbox.settings import Settings
from lab.sandbox.wire import TransportProtocol

log: Final = logging.getLogger(__name__)

Connect = Callable[[], Awaitable[Client]]
STARTING: Final = 20.0


class SandboxError(Exception):
    """The sandbox cannot start; the message says what to do."""


def run(settings: Settings, *, connect: Connect | None = None) -> None:
    """Serve until SIGINT or SIGTERM."""
    asyncio.run(serve(settings, connect=connect))


async def serve(
    settings: Settings,
    *,
    connect: Connect | None = None,
    ready: Callable[[str], None] | None = None,
    stop: asyncio.Event | None = None,
) -> None:
    """Serve in this event loop; `ready` is told the base URL.

    Until `stop` is set, if there is one; otherwise until SIGINT or SIGTERM.

    `connect` makes the Temporal client (with the payload codec the workers use); without it the
    settings' address is connected to, and without that there is no Temporal.
    """
    client = await _client(settings, connect)
    clock: Clock = AccountClock(client) if client and settings.fast_time else WallClock()
    bank: Bank = TemporalBank(client) if client else PiggyBank()
    sock = bind(settings)
    server = Server(create_app(settings, clock=clock, bank=bank), signals=stop is None)
    url = base_url(sock)
    log.info("sandbox on %s", url)
    if ready:
        server.when_started = lambda: ready(url)
    stopper = asyncio.create_task(_stop(server, stop)) if stop else None
    try:
        await server.serve(sockets=[sock])
    finally:
        if stopper:
            stopper.cancel()


async def _stop(server: "Server", stop: asyncio.Event) -> None:
    await stop.wait()
    server.should_exit = True


async def _client(settings: Settings, connect: Connect | None) -> Client | None:
    if connect:
        return await connect()
    if settings.temporal_address is None:
        if settings.fast_time:
            raise SandboxError("fast time is kept by Temporal: say where it is (temporal_address)")
        return None
    try:
        return await Client.connect(
            settings.temporal_address,
            namespace=settings.temporal_namespace,
            data_converter=pydantic_data_converter,
        )
    except RuntimeError as error:
        raise SandboxError(
            f"no Temporal at {settings.temporal_address}: start it, or leave temporal_address out"
        ) from error


class Server(uvicorn.Server):
    """uvicorn with our protocol, telling when it listens."""

    def __init__(self, app: Starlette, *, signals: bool = True) -> None:
        config = uvicorn.Config(
            app,
            http=TransportProtocol,
            loop="asyncio",
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=2,
        )
        super().__init__(config)
        self.when_started: Callable[[], None] = lambda: None
        self._signals = signals

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to whoever asked for it."""
        with super().capture_signals() if self._signals else contextlib.nullcontext():
            yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets)
        if self.started:
            self.when_started()


def bind(settings: Settings) -> socket.socket:
    """A listening socket of our own, so that port 0 is known before anybody needs it."""
    try:
        return socket.create_server((settings.host, settings.port), backlog=512)
    except OSError as error:
        raise SandboxError(
            f"cannot listen on {settings.host}:{settings.port} ({error.strerror}): "
            "set CONTRAPUNTO_SANDBOX_PORT to a free port, or `port` in a file of settings "
            "(0: any that is free)"
        ) from error


def base_url(sock: socket.socket) -> str:
    """Where a socket listens."""
    host, port = sock.getsockname()[:2]
    return f"http://{host}:{port}"


@contextlib.contextmanager
def in_thread(app: Starlette, host: str = "127.0.0.1") -> Iterator[str]:
    """Serve an application from a thread of this process; yields its base URL."""
    sock = socket.create_server((host, 0), backlog=512)
    server = Server(app)
    up = threading.Event()
    server.when_started = up.set
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[sock])), daemon=True)
    thread.start()
    try:
        if not up.wait(STARTING):
            raise SandboxError("the sandbox did not start")
        yield base_url(sock)
    finally:
        server.should_exit = True
        thread.join(STARTING)
        sock.close()
