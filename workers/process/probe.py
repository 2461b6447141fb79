"""The health probe of a process that serves nobody: ``/healthz`` and ``/readyz``."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette

from workers.gateway.health import Health, Ping
from workers.process.listening import listening
from workers.process.serving import Server


@asynccontextmanager
async def probed(host: str, port: int | None, pings: Mapping[str, Ping]) -> AsyncIterator[None]:
    """Answer on this port until left; no port: nothing. Raises Misconfigured if it is taken."""
    if port is None:
        yield
        return
    todo = "set CONTRAPUNTO_WORKER_PROBE_PORT to a free port, another one for each process"
    sock = listening(host, port, "the probe", todo)
    config = uvicorn.Config(
        Starlette(routes=Health(pings).routes()),
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=1,
    )
    server = Server(config)
    serving = asyncio.create_task(server.serve(sockets=[sock]))
    try:
        yield
    finally:
        server.should_exit = True
        await asyncio.gather(serving, return_exceptions=True)
