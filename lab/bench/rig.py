"""The servers of the benchmark: real ones, durable, and the sandbox in a process of its own."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from activities.dependencies import Dependencies
from config.settings import ROOT
from lab.builders.parts import dependencies_for, settings_for
from lab.local.postgres import LocalPostgres, free_port
from lab.local.temporal import LocalTemporal
from lab.sandbox.settings import Personas
from lab.sandbox.settings import Settings as SandboxSettings
from store.database import Pool, connect
from workers.migrate import migrate

DATABASE = "bench"
_ACTION = re.compile(r"^action\{(.*)\} (\S+)$", re.MULTILINE)
SILENT = Personas(payer=0, promiser=0, ignorer=1, answerer=0, opt_outer=0, unreachable=0)


@dataclass(frozen=True)
class Rig:
    """Everything a measurement needs."""

    folder: Path
    postgres: LocalPostgres
    temporal: LocalTemporal
    client: Client
    http: httpx.AsyncClient
    pool: Pool
    """As a worker has it."""
    commands: Pool
    """As a command has it."""
    sandbox: int
    """Process id."""
    exact: Dependencies
    """Contrapunto as it comes: NextContactAt is written at every plan."""
    lean: Dependencies
    """Contrapunto with CONTRAPUNTO_EXACT_NEXT_CONTACT=false."""

    def cpu(self) -> dict[str, float]:
        """Seconds of processor time so far, by process; PostgreSQL's are many."""
        postgres, temporal = self.postgres.process, self.temporal.process
        assert postgres and temporal
        return {
            "Temporal": _cpu_of(temporal.pid),
            "PostgreSQL": _cpu_of(postgres.pid),
            "sandbox": _cpu_of(self.sandbox),
            "worker": _own_cpu(),
        }

    async def actions(self) -> dict[str, float]:
        """Billable actions so far, by type, as the server counts them."""
        url = f"http://127.0.0.1:{self.temporal.metrics_port}/metrics"
        text = (await self.http.get(url)).content.decode()
        found: dict[str, float] = {}
        for labels, value in _ACTION.findall(text):
            name = labels.partition('action_type="')[2].partition('"')[0]
            found[name] = found.get(name, 0) + float(value)
        return found


@asynccontextmanager
async def rig() -> AsyncIterator[Rig]:
    """Start everything; end everything, and leave nothing behind."""
    with ExitStack() as parts:
        folder = Path(tempfile.mkdtemp(prefix="contrapunto-bench-"))
        parts.callback(shutil.rmtree, folder, ignore_errors=True)
        postgres = LocalPostgres(folder / "postgres")
        parts.callback(postgres.stop)
        await asyncio.to_thread(postgres.start)
        await _create(postgres)
        await asyncio.to_thread(migrate, postgres.database_url(DATABASE))
        temporal = LocalTemporal(folder / "temporal.db", log=folder / "temporal.log")
        parts.callback(temporal.stop)
        await temporal.start()
        url, sandbox = parts.enter_context(_sandbox(folder))
        await answering(f"{url}/_sandbox/quiet", "the sandbox")
        client = await Client.connect(temporal.address, data_converter=pydantic_data_converter)
        async with AsyncExitStack() as later:
            pool = await later.enter_async_context(
                connect(postgres.database_url(DATABASE), same_plans=True)
            )
            commands = await later.enter_async_context(connect(postgres.database_url(DATABASE), 4))
            all_dependencies = [
                parts.enter_context(
                    dependencies_for(pool, settings_for(url, exact_next_contact=exact))
                )
                for exact in (True, False)
            ]
            http = await later.enter_async_context(httpx.AsyncClient(trust_env=False))
            yield Rig(
                *(folder, postgres, temporal, client, http, pool, commands, sandbox),
                *all_dependencies,
            )


def _own_cpu() -> float:
    times = os.times()
    return times.user + times.system


def _cpu_of(leader: int) -> float:
    """Of a process and its living children."""
    children = Path(f"/proc/{leader}/task/{leader}/children").read_text().split()
    found = 0.0
    for pid in (leader, *children):
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            found += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return found


async def _create(postgres: LocalPostgres) -> None:
    connection = await asyncpg.connect(postgres.url)
    try:
        await connection.execute(f"CREATE DATABASE {DATABASE}")
    finally:
        await connection.close()


@contextmanager
def _sandbox(folder: Path) -> Iterator[tuple[str, int]]:
    """A process of its own: a provider does not share the worker's interpreter."""
    port = free_port()
    settings = SandboxSettings(port=port, personas=SILENT, callback_states=(), callback_retries=0)
    secrets = ("twilio_auth_token", "sendgrid_api_key")
    file = folder / "sandbox.json"
    file.write_text(settings.model_dump_json(exclude=set(secrets)), encoding="utf-8")
    with (folder / "sandbox.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "lab.sandbox", str(file)], cwd=ROOT, stdout=log, stderr=log
        )
    try:
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait(15)


async def answering(url: str, name: str) -> None:
    """Wait until a server of ours answers there."""
    async with httpx.AsyncClient(trust_env=False) as http:
        for _ in range(300):
            with suppress(httpx.TransportError):
                if (await http.get(url)).is_success:
                    return
            await asyncio.sleep(0.1)
    raise RuntimeError(f"{name} did not come up")
