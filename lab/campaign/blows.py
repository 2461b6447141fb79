"""Blows to the system: a process killed, a server frozen, all its connections taken."""

import asyncio
import contextlib
import logging
import os
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Final

import asyncpg

from activities.crash_points import CrashPoint
from lab.campaign.plan import DESK, PROCESSES, SECOND_FILE, Plan

if TYPE_CHECKING:
    from lab.campaign.system import System

log = logging.getLogger("campaign")

ASKED: Final = "asked"
STRUCK: Final = "struck"
"""Folders beside the armed files: an execution waits at its point; it has happened."""

FROZEN: Final = 2.0
FULL: Final = 2.0
LOCKED: Final = 3.0
"""Real seconds; a request of ours to PostgreSQL may take 30."""


def armed_name(point: CrashPoint, attempt: str) -> str:
    """The file that says what happens when an attempt comes to a point."""
    return f"{attempt}@{point}"


class Blows:
    """Strikes what the plan asks for, at points and while running, and counts what struck."""

    def __init__(self, system: "System", plan: Plan) -> None:
        self.system, self.plan = system, plan
        self.struck: Counter[str] = Counter()
        self.on_servers: list[float] = []
        """When a server was struck, in seconds of the machine's monotonic clock."""
        self.attempts: Counter[str] = Counter()
        """How often something struck at a point of an attempt."""
        self.second_file: Callable[[], Awaitable[None]] | None = None
        """Takes in what the creditor sends meanwhile."""
        self.desk: Callable[[], Awaitable[None]] | None = None
        """Asks of accounts what people agree upon."""
        self._kinds: dict[str, str] = {}
        self._gateways = cycle(system.gateways)
        self._workers = cycle(range(len(system.clocks)))
        self._mending: set[asyncio.Task[None]] = set()

    def arm(self) -> None:
        """Lay out the files that the workers look for."""
        folder = self.system.points
        for name in (ASKED, STRUCK):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for case in self.plan.cases:
            for blow in case.blows:
                name = armed_name(blow.point, case.attempt)
                (folder / name).write_text(blow.what)
                self._kinds[name] = f"{blow.what} at {blow.point}"

    def disarm(self) -> None:
        """Nothing more strikes at a point; what has struck is counted."""
        for name, kind in self._kinds.items():
            (self.system.points / name).unlink(missing_ok=True)
            if (self.system.points / STRUCK / name).exists():
                self.struck[kind] += 1
                self.attempts[name.partition("@")[0]] += 1
        self._kinds.clear()

    async def listen(self, made: Callable[[], int]) -> None:
        """Strike for executions that ask at their point, and when enough contacts are ``made``."""
        waiting = sorted((c for c in self.plan.cases if c.running), key=lambda c: c.at_contact)
        asked = self.system.points / ASKED
        while True:
            for file in sorted(asked.iterdir()):
                await self._strike(file.read_text())
                file.rename(self.system.points / STRUCK / file.name)
            while waiting and waiting[0].at_contact <= made():
                case = waiting.pop(0)
                await self._strike(str(case.running))
                self.struck[f"{case.running} while running"] += 1
            await asyncio.sleep(0.02)

    async def mended(self) -> None:
        """When everything that was struck stands again."""
        while self._mending:
            await asyncio.gather(*self._mending, return_exceptions=True)

    async def _strike(self, what: str) -> None:
        log.warning("blow: %s", what)
        blows: dict[str, Callable[[], Awaitable[None]]] = {
            "worker": self._worker,
            "gateway": self._gateway,
            "postgres": self._postgres,
            "postgres_frozen": self._frozen,
            "postgres_full": self._full,
            "postgres_locked": self._locked,
            "temporal": self._temporal,
        }
        if what == SECOND_FILE:
            assert self.second_file is not None
            await self.second_file()
            return
        if what == DESK:
            assert self.desk is not None
            self._later(self.desk())
            return
        if what not in PROCESSES:
            self.on_servers.append(time.monotonic())
        await blows[what]()

    def _later(self, work: Awaitable[None]) -> None:
        async def mend() -> None:
            await work

        task = asyncio.create_task(mend())
        self._mending.add(task)
        task.add_done_callback(self._mending.discard)

    async def _worker(self) -> None:
        pid = int((self.system.points / f"{next(self._workers)}.pid").read_text())
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    async def _gateway(self) -> None:
        process = next(self._gateways).process
        if process is not None:
            process.kill()

    async def _postgres(self) -> None:
        await asyncio.to_thread(self.system.postgres.kill)

    async def _temporal(self) -> None:
        await asyncio.to_thread(self.system.temporal.kill)

    async def _frozen(self) -> None:
        """The server stops in its tracks and goes on later: a disk, or a network, that hangs."""
        process = self.system.postgres.process
        if process is None or process.poll() is not None:
            return
        frozen = await asyncio.to_thread(_family, process.pid)
        _signal(frozen, signal.SIGSTOP)

        async def thaw() -> None:
            await asyncio.sleep(FROZEN)
            # Also when the server was killed meanwhile: backends that stand still keep its memory,
            # and no other server starts beside them.
            _signal(frozen, signal.SIGCONT)

        self._later(thaw())

    async def _full(self) -> None:
        """Everybody is thrown out, and all places are taken before they are back."""
        url, held = self.system.database_url, list["asyncpg.Connection[asyncpg.Record]"]()

        async def take() -> bool:
            try:
                held.append(await asyncpg.connect(url, timeout=5))
            except (asyncpg.PostgresError, OSError, TimeoutError):
                return False
            return True

        if not await take():
            return
        await held[0].execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        while all(await asyncio.gather(*(take() for _ in range(16)))):
            pass

        async def leave() -> None:
            await asyncio.sleep(FULL)
            for connection in held:
                connection.terminate()

        self._later(leave())

    async def _locked(self) -> None:
        """Somebody's migration holds the tables: every query waits."""

        async def hold() -> None:
            try:
                connection = await asyncpg.connect(self.system.database_url, timeout=5)
            except (asyncpg.PostgresError, OSError, TimeoutError):
                return
            try:
                async with connection.transaction():
                    await connection.execute("LOCK TABLE attempts, customers, provider_events")
                    await asyncio.sleep(LOCKED)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                return
            finally:
                connection.terminate()

        self._later(hold())


def _family(postmaster: int) -> list[int]:
    """The server and its backends; these lead sessions of their own, but are its children."""
    found = [postmaster]
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
                if int(parent) == postmaster:
                    found.append(int(entry.name))
    return found


def _signal(processes: list[int], number: signal.Signals) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, number)
