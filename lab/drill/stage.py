"""Where a drill is played: real servers with accounts in them, which can be struck and restored."""

import asyncio
import json
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx
from rich.console import Console
from temporalio.client import Client, Interceptor, OutboundInterceptor, StartWorkflowInput
from temporalio.contrib.pydantic import pydantic_data_converter

from config.strategy_files import load_strategies
from domain.names import workflow_id
from lab.demo.portfolio import write_portfolio
from lab.demo.run import EXTRA, SAMPLE, leave_record, write_strategies
from lab.local.fast_time import Conductor
from lab.local.introductions import tell_people
from lab.local.postgres import LocalPostgres, free_port
from lab.local.stack import DATABASE, Child, Stack
from lab.proof.verdict import Proof, prove_folder
from lab.report.stated import state_run
from store.database import NOT_NOW, Pool, connect
from store.restoring.forgotten import Forgotten
from store.views.runs import (
    DRILL_ADDRESSES,
    DRILL_IS_STANDBY,
    DRILL_PROMOTE,
    DRILL_RECEIVER,
)
from workers.accounts import Accounts
from workers.connection import fast_client
from workers.intake.command import intake
from workers.intake.starter import TemporalStarter
from workers.restoring.starting import start_missing

MARK_EVERY: Final = 1.0
"""Real seconds between two marks: the days of a drill go by in seconds."""
STOPPERS: Final = 3
"""Every third customer asks to be left alone."""
READY: Final = 240
NEW: Final = 2
"""Events of a workflow that has not begun yet."""
PLAYS: Final = 400
"""Virtual days that a stage may be played for, in all."""


class Stage:
    """One population on one set of servers, in one folder; disasters may follow one another."""

    def __init__(self, folder: Path, console: Console, *, accounts: int, seed: int = 1) -> None:
        self.folder, self.console, self.accounts, self.seed = folder, console, accounts, seed
        self.strategies = write_strategies(folder / "strategies", parties=False)
        # Two servers, of which one can take writes: as behind an address that follows a failover.
        self.other = free_port()
        self.stack = Stack(
            folder,
            fast_time=True,
            seed=seed,
            extra={
                **EXTRA,
                "CONTRAPUNTO_STRATEGIES": str(self.strategies),
                "CONTRAPUNTO_LEDGER_MARK_EVERY": str(MARK_EVERY),
                "CONTRAPUNTO_PROVIDER_TIMEOUT": "5",
            },
            say=lambda what: self.tell(f"  {what}"),
        )
        hosts = f"127.0.0.1:{self.stack.ports['postgres']},127.0.0.1:{self.other}"
        self.url = (
            f"postgresql://postgres@{hosts}/{DATABASE}"
            "?sslmode=disable&target_session_attrs=read-write"
        )
        self.stack.extra["CONTRAPUNTO_DATABASE_URL"] = self.url
        self.began = self.now = datetime.now(UTC)  # noqa: TID251 - where the virtual clocks begin
        self.took: dict[str, float] = {}
        """Real seconds of what was done, by its name."""
        self.given_up: list[str] = []
        self.servers: list[LocalPostgres] = []
        """Beside the stack's."""
        self._heeded: dict[str, int] = {}

    def tell(self, words: str) -> None:
        """Say what happens."""
        self.console.print(words, style="dim", markup=False, highlight=False, soft_wrap=True)

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Take the time of a piece of work."""
        began = time.monotonic()
        yield
        self.took[what] = time.monotonic() - began
        self.tell(f"  {what}: {self.took[what]:.1f} s")

    # --- life -----------------------------------------------------------------------------------

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Stage"]:
        """The servers, and everybody taken in."""
        try:
            await self.stack.start()
            await self._take_in()
            yield self
        finally:
            await self.stack.stop()
            for server in self.servers:
                await asyncio.to_thread(server.stop)

    @asynccontextmanager
    async def pool(self) -> AsyncIterator[Pool]:
        """The database, whichever server has it."""
        async with connect(self.url, 8) as pool:
            yield pool

    async def client(self) -> Client:
        """Temporal."""
        return await Client.connect(
            self.stack.temporal.address, data_converter=pydantic_data_converter
        )

    async def _take_in(self) -> None:
        file = self.folder / "portfolio.csv"
        today = self.began.date()
        write_portfolio(SAMPLE, file, accounts=self.accounts, today=today, seed=self.seed)
        starter = TemporalStarter(Accounts(fast_client(await self.client()).client))
        quiet = Console(quiet=True)
        async with self.pool() as pool:
            await intake(
                file,
                snapshot=False,
                as_of=self.began,
                pool=pool,
                starter=starter,
                console=quiet,
            )
            await tell_people(pool, self.stack.sandbox_url)
            rows = await pool.fetch(DRILL_ADDRESSES)
        parts = {
            address: "opt_outer"
            for number, row in enumerate(rows)
            if number % STOPPERS == 0
            for address in row["addresses"]
        }
        async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
            answer = await http.post(f"{self.stack.sandbox_url}/_sandbox/people", json=parts)
            answer.raise_for_status()
        until = self.began + timedelta(days=PLAYS)
        state_run(self.folder, self.began, until, load_strategies(self.strategies))

    async def live(self, days: float) -> None:
        """Let days go by."""
        self.now += timedelta(days=days)
        async with self.pool() as pool:
            conductor = Conductor(
                await self.client(), pool, self.stack.sandbox_url, gives_up_after=1
            )
            await conductor.play(self.now)
        self.given_up += sorted(conductor.given_up.values())

    # --- servers --------------------------------------------------------------------------------

    @property
    def postgres(self) -> LocalPostgres:
        """The server that has the database."""
        return self.stack.postgres

    async def backup(self) -> Path:
        """A base backup of the running server."""
        target = self.folder / f"backup-{time.monotonic_ns()}"
        await asyncio.to_thread(self._base_backup, target, ())
        return target

    def _base_backup(self, target: Path, more: tuple[str, ...]) -> None:
        target.mkdir(mode=0o700)
        user = self.postgres._user()
        if user is not None:
            account = pwd.getpwnam(user)
            os.chown(target, account.pw_uid, account.pw_gid)
        words = ["-h", "127.0.0.1", "-p", str(self.postgres.port), "-U", "postgres"]
        words += ["-D", str(target), "--checkpoint=fast", "--no-sync", *more]
        program = str(self.postgres.programs / "pg_basebackup")
        done = subprocess.run(
            [program, *words], user=user, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"pg_basebackup failed: {done.stderr.strip()}")

    async def restore(self, backup: Path, *, to_a_point: bool = False) -> None:
        """Put a backup in the place of the database that was lost. ``to_a_point``: as who archives
        restores it, which begins a new timeline; else as a copy of the folder."""
        await asyncio.to_thread(self.postgres.kill)
        await asyncio.to_thread(self._put, backup, to_a_point)
        await asyncio.to_thread(self.postgres.start)
        if to_a_point:
            await self._writable(self.postgres)

    def _put(self, backup: Path, to_a_point: bool) -> None:
        data = self.postgres.data
        data.rename(data.with_name(f"lost-{time.monotonic_ns()}"))
        if to_a_point:
            auto = backup / "postgresql.auto.conf"
            auto.write_text(auto.read_text() + "restore_command = 'false'\n")
            (backup / "recovery.signal").touch()
        backup.rename(data)

    async def replica(self) -> LocalPostgres:
        """A streaming replica of the database, that keeps up."""
        data = self.folder / f"replica-{time.monotonic_ns()}"
        await asyncio.to_thread(self._base_backup, data, ("-R", "-X", "stream"))
        server = LocalPostgres(data, self.other)
        self.servers += [server, self.postgres]
        await asyncio.to_thread(server.start)
        return server

    async def lag(self, replica: LocalPostgres) -> int:
        """From now on nothing reaches the replica; the process that stands still."""
        async with connect_plainly(replica) as connection:
            for _ in range(READY):
                pid = await connection.fetchval(DRILL_RECEIVER)
                if pid is not None:
                    break
                await asyncio.sleep(0.25)
            else:
                raise TimeoutError("the replica does not stream")
        os.kill(pid, signal.SIGSTOP)
        return int(pid)

    async def fail_over(self, replica: LocalPostgres, stopped: int) -> LocalPostgres:
        """The primary dies, and the replica takes its place; the one that died."""
        lost = self.postgres
        await asyncio.to_thread(lost.kill)
        os.kill(stopped, signal.SIGKILL)
        async with connect_plainly(replica) as connection:
            await connection.fetchval(DRILL_PROMOTE)
        await self._writable(replica)
        self.stack.postgres = replica
        return lost

    async def _writable(self, server: LocalPostgres) -> None:
        for _ in range(READY):
            async with connect_plainly(server) as connection:
                if not await connection.fetchval(DRILL_IS_STANDBY):
                    return
            await asyncio.sleep(0.25)
        raise TimeoutError("the server stays a standby")

    def lose_temporal(self) -> None:
        """Kill Temporal, and its database with it."""
        self.stack.temporal.kill()
        assert self.stack.temporal.file is not None  # noqa: S101 - a stage's has one
        for file in self.folder.glob(f"{self.stack.temporal.file.name}*"):
            file.unlink()

    # --- our own processes ----------------------------------------------------------------------

    def child(self, name: str) -> Child:
        """A process of ours."""
        return next(child for child in self.stack.children if child.name == name)

    def kill(self, *names: str) -> None:
        """Kill processes of ours, each by its id."""
        for name in names:
            process = self.child(name).process
            if process is not None and process.poll() is None:
                os.kill(process.pid, signal.SIGKILL)
                process.wait(10)

    async def start(self, *names: str) -> None:
        """Start them again."""
        for name in names:
            self.heed(name)
            self.child(name).start()
        if "gateway" in names:
            await self.stack.wait_for(f"{self.stack.gateway_url}/readyz", "gateway")
        if "worker" in names:
            await self.logged("worker", "worker ready")

    def heed(self, name: str) -> None:
        """From now on it counts what a process says."""
        log = self.child(name).log
        self._heeded[name] = log.stat().st_size if log.exists() else 0

    async def logged(self, name: str, words: str) -> None:
        """Until a process has said something since it was started, or heeded."""
        log = self.child(name).log
        for _ in range(READY):
            said = log.read_bytes()[self._heeded.get(name, 0) :].decode(errors="replace")
            if words in said:
                return
            await asyncio.sleep(0.25)
        raise TimeoutError(f"the {name} has not said {words!r}: see {log}")

    async def command(self, *words: str) -> tuple[int, str]:
        """One of the product's commands, as a person types it: exit status, and what it said."""
        status, said = await self.stack.command(*words)
        self.tell(f"  $ contrapunto {' '.join(words)}: exit status {status}")
        return status, said

    async def asked(self, *words: str) -> tuple[int, dict[str, Any]]:
        """A command that answers in JSON."""
        status, said = await self.command(*words, "--json")
        lines = [line for line in said.splitlines() if line.startswith("{")]
        if not lines:
            raise RuntimeError(f"contrapunto {' '.join(words)}: {said}")
        found: dict[str, Any] = json.loads(lines[-1])
        return status, found

    async def start_workflows(self) -> None:
        """What `contrapunto account start --missing` does, in a world that is days ahead of the
        clock: the new workflows begin there."""
        client = await self.client()
        ahead = self.now - datetime.now(UTC)  # noqa: TID251 - how far the world is ahead
        skipper = fast_client(client)
        config = skipper.client.config()
        config["interceptors"] = [*config["interceptors"], _Later(ahead)]
        async with self.pool() as pool:
            await start_missing(pool, Accounts(Client(**config)))
            keys = await Forgotten(pool).open_accounts(("", ""), 1_000_000)
        gate = asyncio.Semaphore(16)

        async def forward(creditor: str, account_id: str) -> None:
            async with gate, asyncio.timeout(60):
                handle = client.get_workflow_handle(workflow_id(creditor, account_id))
                if (await handle.describe()).history_length <= NEW:
                    await skipper.fast_forward(handle, ahead)

        await asyncio.gather(*(forward(*key) for key in keys))

    # --- judging --------------------------------------------------------------------------------

    def received(self) -> list[dict[str, Any]]:
        """What people got, by the sandbox's own record."""
        file = self.folder / "received.jsonl"
        return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]

    async def judged(self) -> Proof:
        """The proof over the whole life of the stage."""
        async with self.pool() as pool:
            await leave_record(self.folder, pool)
        return prove_folder(self.folder)

    def clean(self) -> None:
        """Leave no data folders behind."""
        for pattern in ("lost-*", "backup-*", "replica-*"):
            for one in self.folder.glob(pattern):
                shutil.rmtree(one, ignore_errors=True)


@asynccontextmanager
async def connect_plainly(server: LocalPostgres) -> AsyncIterator[Any]:
    """A connection to one server, whatever it is."""
    connection = await _connected(server)
    try:
        yield connection
    finally:
        await connection.close()


async def _connected(server: LocalPostgres) -> Any:
    for _ in range(READY):
        try:
            return await asyncpg.connect(server.url)
        except NOT_NOW:  # it is recovering from the loss of a process
            await asyncio.sleep(0.25)
    return await asyncpg.connect(server.url)


class _Later(Interceptor):
    """Workflows begin so much later."""

    def __init__(self, by: timedelta) -> None:
        self._by = by

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        """See the SDK."""
        return _Outbound(next, self._by)


class _Outbound(OutboundInterceptor):
    def __init__(self, following: OutboundInterceptor, by: timedelta) -> None:
        super().__init__(following)
        self._by = by

    async def start_workflow(self, input: StartWorkflowInput) -> Any:
        """See the SDK."""
        input.start_delay = self._by
        return await super().start_workflow(input)
