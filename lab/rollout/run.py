"""A whole rollout on real servers, played by the commands an operator types.

Accounts begin under version 1 and wait, for months of skipped time. A version 2 with another
workflow is brought in at 10, 50 and 100 %, taken back, brought in again; version 1 is drained and
stopped. Meanwhile the sandbox's people read, pay and write back. Judged by their own record.
"""

import asyncio
import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from config.settings import ROOT
from config.strategy_files import load_strategies
from lab.demo.portfolio import write_portfolio
from lab.demo.run import EXTRA, SAMPLE, leave_record, write_strategies
from lab.local.fast_time import Conductor
from lab.local.introductions import tell_people
from lab.local.stack import Child, Stack
from lab.proof.verdict import prove_folder
from lab.report.stated import state_run
from lab.rollout.copies import copy_with_another_workflow
from store.database import connect
from workers.accounts import Accounts
from workers.connection import fast_client
from workers.intake.command import intake
from workers.intake.starter import TemporalStarter
from workers.process.background import in_background

DEPLOYMENT: Final = "contrapunto"
_RUNNING: Final = "WorkflowType = 'CollectAccount' AND ExecutionStatus = 'Running'"


@dataclass
class Told:
    """What a rollout showed."""

    proof: Mapping[str, Any] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    accounts: int = 0
    received: int = 0
    shares: dict[str, int] = field(default_factory=dict)
    """Open accounts of version 2 after each step."""
    pinned: int = 0
    """Accounts that stayed with version 2 when it was taken back."""
    stuck: int = 0
    """Workflows whose tasks failed, looked for after each step; none may be."""
    left_alone: list[str] = field(default_factory=list)
    """Customers whose next event took longer than it may: lost, unless it is none."""
    said: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Exit status and words of each command."""

    @property
    def faults(self) -> list[str]:
        """All that a rollout must not do, and did."""
        found = list(self.violations)
        found += [f"stuck: {self.stuck} workflow tasks failed"] * bool(self.stuck)
        found += [f"lost: {one}" for one in self.left_alone]
        return found


class Rollout:
    """One run in a folder."""

    def __init__(self, folder: Path, console: Console, *, accounts: int, step: timedelta) -> None:
        self.folder, self.console, self.accounts, self.step = folder, console, accounts, step
        strategies = write_strategies(folder / "strategies", parties=False)
        self.strategies = strategies
        self.stack = Stack(
            folder,
            fast_time=True,
            extra={
                **EXTRA,
                "CONTRAPUNTO_STRATEGIES": str(strategies),
                "TEMPORAL_DEPLOYMENT_NAME": DEPLOYMENT,
                "CONTRAPUNTO_COMMIT": "first",
            },
            say=lambda what: console.print(f"  {what}", style="dim"),
        )
        self.told = Told()

    async def play(self) -> Told:
        """All of it; the servers are stopped at the end, whatever happens."""
        second = copy_with_another_workflow(self.folder / "second")
        broken = copy_with_another_workflow(self.folder / "broken", guarded=False)
        try:
            await self.stack.start()
            async with in_background(self.stack.supervise()):
                await self._play(second, broken)
        finally:
            await self.stack.stop()
        proof = prove_folder(self.folder)
        self.told.proof, self.told.received = proof.as_dict(), proof.received
        self.told.violations += proof.violations
        return self.told

    async def _play(self, second: Path, broken: Path) -> None:
        client = await Client.connect(
            self.stack.temporal.address, data_converter=pydantic_data_converter
        )
        url = self.stack.environment()["CONTRAPUNTO_DATABASE_URL"]
        async with connect(url, 16) as pool:
            self.client = client
            one = await self._build(ROOT)
            await self._polls(one)
            await self._command("set 1", ROOT, "set", one)
            now = await self._take_in(pool, 1)
            self.conductor = Conductor(client, pool, self.stack.sandbox_url, gives_up_after=1)
            self.now = now
            await self._days("version 1")
            # Version 2: its code is at hand, so the gate replays what version 1 has lived.
            await self._command("replay of a workflow that is not guarded", broken, "replay")
            two = await self._build(second)
            self.two = two
            await self._command("plan without a worker", second, "plan")
            worker = self._worker(second)
            await self._polls(two)
            await self._command("plan", second, "plan")
            for share in ("10", "50"):
                await self._command(f"ramp {share}", second, "ramp", two, share)
                await self._days(f"{share} %")
            await self._command("set 2", second, "set", two)
            await self._take_in(pool, 2)  # these begin with it, and take its patch
            await self._days("100 %")
            await self._command("drain 1", ROOT, "drain", one, "--wait", "60")
            # Back: what has taken the patch cannot go, and is left with version 2.
            await self._command("back, refused", ROOT, "set", one)
            await self._command("back", ROOT, "set", one, "--pin")
            pins = "TemporalWorkflowVersioningBehavior = 'Pinned'"
            self.told.pinned = (await client.count_workflows(f"{_RUNNING} AND {pins}")).count
            await self._days("taken back")
            await self._command("drain 2, refused", ROOT, "drain", two)
            await self._command("release 2, refused", ROOT, "release", two)
            # And once more, for good.
            await self._command("set 2 again", second, "set", two)
            await self._command("release 2", second, "release", two)
            await self._days("once more")
            await self._command("drain 1 again", second, "drain", one, "--wait", "60")
            [first] = [child for child in self.stack.children if child.name == "worker"]
            self.stack.children.remove(first)
            await asyncio.to_thread(first.stop)
            await self._days("version 1 stopped")
            await self._command("status", second, "status", "--json")
            if worker.died() is not None:
                self.told.left_alone.append("the worker of version 2 died")
            await leave_record(self.folder, pool)
            self.told.left_alone += sorted(self.conductor.given_up.values())

    def _write_portfolio(self, today: date) -> None:
        """One portfolio in two files, of which the second comes later."""
        whole = self.folder / "portfolio.csv"
        self.told.accounts = write_portfolio(
            SAMPLE, whole, accounts=self.accounts * 3 // 2, today=today, seed=1
        )
        with whole.open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        for number, part in enumerate((rows[: self.accounts], rows[self.accounts :]), 1):
            out = self.folder / f"portfolio-{number}.csv"
            with out.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows([head, *part])

    async def _take_in(self, pool: Any, number: int) -> datetime:
        """A file; its accounts' clocks begin now, wherever the others' have come to."""
        now = datetime.now(UTC)  # noqa: TID251 - where the virtual clocks begin
        if number == 1:
            self._write_portfolio(now.date())
        file = self.folder / f"portfolio-{number}.csv"
        starter = TemporalStarter(Accounts(fast_client(self.client).client))
        await intake(
            file, snapshot=False, as_of=now, pool=pool, starter=starter, console=self.console
        )
        await tell_people(pool, self.stack.sandbox_url)
        if number > 1:
            return now
        until = now + 8 * self.step
        state_run(self.folder, now, until, load_strategies(self.strategies))
        return now

    async def _days(self, name: str) -> None:
        """Let one step's days pass; see who has which version, and that nobody is stuck."""
        self.now += self.step
        await self.conductor.play(self.now)
        problems = "TemporalReportedProblems IN ('category=WorkflowTaskFailed')"
        self.told.stuck += (await self.client.count_workflows(problems)).count
        two = getattr(self, "two", None)
        self.told.shares[name] = 0 if two is None else await self._of(two)
        running = (await self.client.count_workflows(_RUNNING)).count
        self.console.print(
            f"  {name}: {self.told.shares[name]} of {running} open accounts with version 2",
            highlight=False,
        )

    async def _of(self, build: str) -> int:
        query = f"TemporalWorkerDeploymentVersion = '{DEPLOYMENT}:{build}' AND {_RUNNING}"
        return (await self.client.count_workflows(query)).count

    async def _build(self, root: Path) -> str:
        return (await self._run(root, "build-id"))[1].strip()

    def _worker(self, root: Path) -> Child:
        environment = {**self.stack.environment(), "CONTRAPUNTO_COMMIT": "second"}
        log = self.stack.logs / "worker-2.log"
        child = Child("worker-2", ["worker"], environment, log, root=root)
        child.start()
        self.stack.children.append(child)
        return child

    async def _polls(self, build: str) -> None:
        """Until a version polls all its queues, and has told what it is."""
        for _ in range(240):
            status, said = await self._run(ROOT, "status", "--json")
            versions = json.loads(said)["versions"] if status == 0 else []
            for one in versions:
                told = one["build_id"] == build and "patches" in one["labels"]
                if told and one["queues"] and all(queue["pollers"] for queue in one["queues"]):
                    return
            await asyncio.sleep(0.5)
        raise TimeoutError(f"no worker of {build} came up: see {self.stack.logs}")

    async def _command(self, name: str, root: Path, *words: str) -> None:
        status, said = await self._run(root, *words)
        self.told.said[name] = status, said
        self.console.print(f"  rollout {' '.join(words)}: exit status {status}", highlight=False)

    async def _run(self, root: Path, *words: str) -> tuple[int, str]:
        return await self.stack.command("rollout", *words, root=root)
