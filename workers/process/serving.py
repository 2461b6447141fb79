"""A server that ends when its process is told to, and not before."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from workers.worker import until_told_to_stop


class Server(uvicorn.Server):
    """uvicorn, except that signals are ours: its own handling ends the process before we close."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave SIGTERM and SIGINT alone."""
        yield


async def serve_until_told(config: uvicorn.Config, sock: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are finished first."""
    server = Server(config)
    serving = asyncio.create_task(server.serve(sockets=[sock]))
    stopping = asyncio.create_task(until_told_to_stop())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    stopping.cancel()
    await serving
