"""One run: all is brought up, played, struck at, calmed, and what it left is written down."""

import asyncio
import contextlib
import logging
import os
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from asyncpg import PostgresError
from pydantic import BaseModel
from rich.console import Console
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError

from config.strategy_files import load_strategies
from domain.bulk.kinds import BulkKind
from domain.bulk.order import BulkScope, NewOrder
from domain.failures import Failure, Unavailable
from domain.names import workflow_id
from lab.campaign.blows import Blows
from lab.campaign.desk import Desk
from lab.campaign.hands import cut_off
from lab.campaign.people import Account, second_file, write_people
from lab.campaign.plan import Plan, Scripted, script
from lab.campaign.system import REPEATED, System
from lab.local.fast_time import Conductor
from lab.local.own_folder import take
from lab.report.stated import expect_receivers_record, state_run
from store.bulk.orders import BulkOrders
from store.database import CONNECTION_LOST, Pool, connect
from store.views.records import Records
from store.views.runs import (
    AGREED,
    CAMPAIGN_ACCOUNTS,
    CAMPAIGN_ATTEMPTS,
    CAMPAIGN_COUNT,
    CAMPAIGN_FACTS,
    CAMPAIGN_NOT_NOTIFIED,
    CAMPAIGN_UNDER_WAY,
    CAMPAIGN_UNPLANNED,
    ORDERS,
)
from workers.accounts import Accounts
from workers.cli import output
from workers.connection import fast_client
from workers.intake.command import intake
from workers.intake.starter import TemporalStarter
from workers.process.background import in_background

log = logging.getLogger("campaign")

SPREAD: Final = timedelta(hours=72)
"""How far apart in virtual time two customers may be: more than from one touch to the next, so that
one whose worker was killed does not hold up the others."""
AT_ONCE: Final = 40
TICK: Final = 0.1
TRIES: Final = 2
"""Times 90 real seconds that an event may take before its customer counts as stuck."""
CALM: Final = timedelta(hours=27)
"""Virtual time without any new fault at the end: past the last reconciliation."""
PLANNED: Final = 120.0
"""Real seconds in which every account must have its first plan."""
TAKEN_IN: Final = 10
"""How often a file is taken in anew when a server goes away meanwhile."""
HELD: Final = "CO"
"""Of whose people nobody is contacted for two days."""
SETTLE: Final = 60.0
"""Real seconds at the end in which what is under way comes to its end."""


class Ran(BaseModel):
    """How a run went, beside the files that it left."""

    began: datetime
    until: datetime
    contacts: int
    events: int
    seconds: float
    cpu: float = 0.0
    """Seconds of processor time, of everything that was started here: what a busy machine cannot
    stretch."""
    load: tuple[float, float, float]
    given_up: dict[str, str]
    planned: dict[str, int]
    struck: dict[str, int]
    attempts: dict[str, int]
    """How many planned faults struck an attempt, by its id."""
    on_servers: tuple[float, ...]
    """When a server was struck, in seconds of the machine's monotonic clock."""


def fresh(folder: Path) -> None:
    """An empty folder that PostgreSQL's own user can enter."""
    take(folder, empty=True, entries=("*",))
    folder.chmod(0o755)


async def run(
    folder: Path,
    accounts: list[Account],
    plan: Plan,
    *,
    days: float | None = None,
    minutes: float | None = None,
    mutant: str | None = None,
    repeated: float = REPEATED,
    at_once: int = AT_ONCE,
    console: Console | None = None,
) -> Ran:
    """Play until the plan's contacts are made, or for so many virtual days; then calm, then end.

    ``minutes``: real ones, after which it plays no longer in any case. ``at_once``: customers.

    ``folder`` must be empty. The record lies in it afterwards: see ``record``.
    """
    system, before = System(folder, seed=plan.seed, mutant=mutant, repeated=repeated), _cpu()
    began = datetime.now(UTC)
    try:
        lines = script(plan, began)
        await system.open(accounts, [line.rule for line in lines])
        client = await Client.connect(
            system.temporal.address, data_converter=pydantic_data_converter
        )
        async with (
            connect(system.database_url, 12) as pool,
            in_background(system.supervise()),
        ):
            playing = _Run(system, client, pool, plan, lines, began, at_once, console)
            ran = await playing.play(accounts, days, minutes)
    finally:
        await system.stop()
    ran = ran.model_copy(update={"cpu": _cpu() - before})
    text = ran.model_dump_json(indent=2)
    (folder / "ran.json").write_text(text + "\n", encoding="utf-8")
    return ran


class _Run:
    """The parts of one run."""

    def __init__(
        self,
        system: System,
        client: Client,
        pool: Pool,
        plan: Plan,
        lines: list[Scripted],
        began: datetime,
        at_once: int,
        console: Console | None,
    ) -> None:
        self.system, self.client, self.pool, self.plan = system, client, pool, plan
        self.script, self.began, self.console = lines, began, console
        self.blows = Blows(system, plan)
        self.blows.second_file = self._take_in_again
        self.blows.desk = self._agree
        self.desk: Desk | None = None
        self.made = 0
        self.conductor = Conductor(
            client,
            pool,
            system.sandbox_url,
            spread=SPREAD,
            at_once=at_once,
            tick=TICK,
            gives_up_after=TRIES,
        )

    async def play(self, accounts: list[Account], days: float | None, minutes: float | None) -> Ran:
        """The whole of it."""
        self.accounts = accounts
        self.desk = Desk(Accounts(self.client), accounts, self.plan)
        await self._take_in("portfolio.csv", accounts, self.began)
        await self._planned()
        await self._order()
        began = time.monotonic()
        self.blows.arm()
        far = self.began + timedelta(days=days if days is not None else 390)
        self.conductor.until = far
        async with (
            in_background(self.blows.listen(lambda: self.made)),
            in_background(self._watch(days, minutes)),
        ):
            await self.conductor.play()
        await self.blows.mended()
        struck = await self._calm()
        self.conductor.until = (self.conductor.world or self.began) + CALM
        await self.conductor.play()
        await self._settled()
        await self._record()
        return Ran(
            began=self.began,
            until=self.conductor.until,
            contacts=await self.pool.fetchval(CAMPAIGN_COUNT),
            events=self.conductor.events,
            seconds=time.monotonic() - began,
            load=_load(),
            given_up=self.conductor.given_up,
            planned=dict(Counter(kind for case in self.plan.cases for kind in case.kinds)),
            struck=struck,
            attempts=dict(self.blows.attempts),
            on_servers=tuple(self.blows.on_servers),
        )

    async def _take_in(self, name: str, accounts: list[Account], as_of: datetime) -> None:
        report = await intake(
            write_people(self.system.folder / name, accounts),
            snapshot=False,
            as_of=as_of,
            pool=self.pool,
            starter=TemporalStarter(Accounts(fast_client(self.client).client)),
            console=Console(quiet=True),
        )
        assert report.exit_code == 0, report.lines()

    async def _take_in_again(self) -> None:
        """The second file, while everything goes on; again when a server is struck meanwhile."""
        changed = second_file(self.accounts, self.plan.seed)
        known = {account.key for account in self.accounts}
        # The clock of a new account begins today: for it, what is of a later day lies ahead.
        new = [account for account in changed if account.key not in known]
        changed = [account for account in changed if account.key in known]
        for trial in range(1, TAKEN_IN + 1):
            try:
                await self._take_in("second.csv", changed, self.conductor.world or self.began)
                await self._take_in("new.csv", new, self.began)
            except (*CONNECTION_LOST, PostgresError, Failure, RPCError, TimeoutError):
                if trial == TAKEN_IN:
                    raise
                await asyncio.sleep(2)
            else:
                return

    async def _agree(self) -> None:
        """What people at their desks ask of accounts, once more."""
        assert self.desk is not None
        await self.desk.asks()

    async def _order(self) -> None:
        """Orders in bulk on the accounts' clocks: a country is held, and all plan anew later."""
        orders, days = BulkOrders(self.pool), timedelta(days=1)
        held = BulkScope(countries=(HELD,))
        window = {"starts_at": self.began + 9 * days, "until": self.began + 11 * days}
        hold = NewOrder(kind=BulkKind.HOLD, scope=held, reason="campaign", **window)
        later = self.began + 12 * days
        anew = NewOrder(kind=BulkKind.REPLAN, reason="campaign", starts_at=later)
        for new in (hold, anew):
            await orders.give(new, "campaign", len(self.accounts))

    async def _planned(self) -> None:
        """Every account taken in has its first plan."""
        for _ in range(int(PLANNED * 5)):
            if not await self.pool.fetchval(CAMPAIGN_UNPLANNED):
                return
            await asyncio.sleep(0.2)
        raise Unavailable(f"accounts taken in have no plan after {PLANNED:.0f} s: see the logs")

    async def _watch(self, days: float | None, minutes: float | None) -> None:
        """Count, tell, and end the play when the contacts are made."""
        began, shown = time.monotonic(), 0.0
        while True:
            with contextlib.suppress(*CONNECTION_LOST, PostgresError, TimeoutError):
                self.made = await self.pool.fetchval(CAMPAIGN_COUNT)
            world = self.conductor.world or self.began
            now = time.monotonic() - began
            enough = days is None and self.made >= self.plan.contacts
            if enough or (minutes is not None and now > minutes * 60):
                self.conductor.until = min(self.conductor.until or world, world)
            if self.console is not None and now - shown > 10:
                shown = now
                self.console.print(
                    f"  {now:4.0f} s  day {(world - self.began).days:3}  {self.made} contacts, "
                    f"{self.made / now:.1f} a second, load {_load()[0]}",
                    style="dim",
                )
            await asyncio.sleep(0.5)

    async def _calm(self) -> dict[str, int]:
        """No fault from now on; what has struck so far, by kind."""
        self.blows.disarm()
        struck = Counter(self.blows.struck)
        answer = await self.system.ask("faults")
        for line, rule in zip(self.script, answer["rules"], strict=True):
            if rule["struck"]:
                struck[line.kind] += rule["struck"] if line.every else 1
                if attempt := rule["match"].get("attempt"):
                    self.blows.attempts[attempt] += 1
        struck.update(await self.system.balanced())
        await self.system.calm()
        return dict(struck)

    async def _settled(self) -> None:
        """Activities and callbacks under way come to their end, if they ever do."""
        for _ in range(int(SETTLE * 5)):
            if not await self.pool.fetchval(CAMPAIGN_UNDER_WAY):
                return
            await asyncio.sleep(0.2)

    # --- what is left ---------------------------------------------------------------------------

    async def _record(self) -> None:
        """Both sides' record, as files: ledger, accounts, events, facts, workflows; messages, bank.

        ``received.jsonl`` and ``stops.jsonl`` are the sandbox's own.
        """
        folder, reading = self.system.folder, Records(self.pool)
        with (folder / "ledger.jsonl").open("w", encoding="utf-8") as out:
            await output.export_ledger(self.pool, out)
        answer = await self.system.ask("state")
        files = {
            "accounts": await reading.accounts(),
            "events": await reading.events(),
            "attempts": await self.pool.fetch(CAMPAIGN_ATTEMPTS),
            "standing": await self.pool.fetch(CAMPAIGN_ACCOUNTS),
            "facts": await self.pool.fetch(CAMPAIGN_FACTS),
            "agreed": await self.pool.fetch(AGREED),
            "orders": await self.pool.fetch(ORDERS),
            "not_notified": await self.pool.fetch(CAMPAIGN_NOT_NOTIFIED),
            "workflows": await self._workflows(),
            "messages": await self._messages(),
            "answers": await self._answers(),
            "cut": [cut._asdict() for cut in cut_off(self.system.points)],
            "bank": answer["bank"],
            "webhooks": [{"failed": what} for what in answer["failed_webhooks"]],
        }
        for name, rows in files.items():
            text = "".join(output.line(dict(row)) + "\n" for row in rows)
            (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
        expect_receivers_record(folder)
        plans = load_strategies(self.system.folder / "strategies")
        state_run(folder, self.began, self.conductor.until or self.began, plans)

    async def _workflows(self) -> list[dict[str, Any]]:
        """Of every account: whether its workflow runs, and what it waits for."""
        gate = asyncio.Semaphore(8)

        async def look(account: str) -> dict[str, Any]:
            handle = self.client.get_workflow_handle(workflow_id(*account.split("/", 1)))
            async with gate:
                try:
                    status = (await handle.describe()).status
                    waits = None
                    if status is WorkflowExecutionStatus.RUNNING:
                        waits = (await handle.query("next_step")).get("not_before")
                except RPCError as error:
                    return {"account": account, "status": str(error.status), "waits": None}
            return {"account": account, "status": status.name if status else "", "waits": waits}

        rows = await self.pool.fetch(CAMPAIGN_ACCOUNTS)
        return list(await asyncio.gather(*(look(row["account"]) for row in rows)))

    async def _answers(self) -> list[dict[str, Any]]:
        """What the providers did to the answers of each attempt's requests, if anything."""
        answers = (await self.system.ask("faults"))["answers"]
        return [{"attempt": attempt, "answers": did} for attempt, did in answers.items()]

    async def _messages(self) -> list[dict[str, Any]]:
        """Every message that a provider took, whether or not it reached anybody; every reply."""
        found: dict[str, dict[str, Any]] = {}
        revision, more = 0, True
        while more:
            answer = await self.system.ask("messages", since=str(revision), limit="5000")
            found |= {message["id"]: message for message in answer["messages"]}
            revision, more = answer["revision"], answer["more"]
        return list(found.values())


def _cpu() -> float:
    """Of this process and of all its descendants that have ended."""
    return sum(os.times()[:4])


def _load() -> tuple[float, float, float]:
    text = Path("/proc/loadavg").read_text(encoding="ascii").split()
    return float(text[0]), float(text[1]), float(text[2])
