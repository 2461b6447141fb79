"""The HTTP server of the gateway: uvicorn, ended by our own signals."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

from domain.failures import Misconfigured
from workers.worker import until_told_to_stop


class Server(uvicorn.Server):
    """uvicorn, except that signals are ours: its own handling ends the process before we close."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave SIGTERM and SIGINT alone."""
        yield


async def serve(app: Starlette, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT. Raises Misconfigured if the address cannot be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family)
    except OSError as error:
        raise Misconfigured(
            f"the gateway cannot listen on {host}:{port} ({error.strerror}): set "
            "CONTRAPUNTO_GATEWAY_HOST and CONTRAPUNTO_GATEWAY_PORT"
        ) from error
    server = Server(
        uvicorn.Config(
            app,
            access_log=False,  # its lines would hold unsubscribe tokens
            log_config=None,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=20,
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    stopping = asyncio.create_task(until_told_to_stop())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    stopping.cancel()
    await serving
