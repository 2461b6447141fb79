"""The API on loopback, for programs that are no part of this process."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from config.settings import Settings
from store.database import API, connect
from tests.integration.api.conftest import tokens_file
from tests.integration.api.upstream.conftest import StartedAccounts
from workers.api.app import build
from workers.cli.rules import rules_factory
from workers.clock import SystemClock


class Served:
    """The API on loopback, in a thread with a loop of its own."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.address = ""
        self._ready, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    async def _serve(self) -> None:
        people = {"all": {"roles": ["upstream", "supervisor", "bulk"]}}
        settings = Settings(api_tokens=tokens_file(self.folder / "tokens.yaml", people))
        async with connect(self.url, 8, role=API) as pool:
            rules = rules_factory(settings)
            app = build(settings, pool, StartedAccounts(), SystemClock(), rules)
            config = uvicorn.Config(app, port=0, log_level="error", lifespan="off")
            server = uvicorn.Server(config)
            task = asyncio.create_task(server.serve())
            while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
                await asyncio.sleep(0.01)
            port = server.servers[0].sockets[0].getsockname()[1]
            self.address = f"http://127.0.0.1:{port}"
            self._ready.set()
            while not self._over.is_set():  # noqa: ASYNC110 - set by another thread
                await asyncio.sleep(0.05)
            server.should_exit = True
            await task

    @contextmanager
    def running(self) -> Iterator[str]:
        self._thread.start()
        assert self._ready.wait(30)
        yield self.address
        self._over.set()
        self._thread.join(30)
