"""``contrapunto demo``: a portfolio of delinquent accounts through 120 days in a few minutes.

Everything is real but the people and the providers, whom the sandbox plays: Temporal with its UI,
PostgreSQL, worker and gateway as processes, the official SDKs over HTTP. Only time is skipped.
"""

import asyncio
import contextlib
import json
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text
from temporalio.client import Client

from config.settings import ROOT, load
from config.strategy_files import load_strategies
from domain.failures import Failure
from lab.demo.desk import Desk
from lab.demo.guarantors import write_parties
from lab.demo.portfolio import CREDITORS, write_portfolio
from lab.local.broken_pipes import survive_broken_pipes
from lab.local.dev import tell
from lab.local.fast_time import Conductor
from lab.local.folder_lock import FolderLock
from lab.local.introductions import cast_talkers, introduce_people, tell_people
from lab.local.own_folder import take
from lab.local.stack import Stack
from lab.report.page import write_report
from lab.report.stated import expect_receivers_record, state_run
from lab.report.summary import STRATEGIES, summarise
from store.database import Pool, connect
from store.views.conversations import Conversations
from store.views.records import Records
from store.views.runs import AGREED, DEMO_COUNT_ACCOUNTS, DEMO_COUNT_CONTACTS, DEMO_LATEST
from workers.accounts import Accounts
from workers.cli import output
from workers.cli.rules import rules_factory
from workers.clock import FastClock
from workers.codec import data_converter
from workers.connection import fast_client
from workers.intake.command import intake
from workers.intake.limits import Limits
from workers.intake.parties import parties_command
from workers.intake.starter import TemporalStarter
from workers.process.background import in_background
from workers.worker import until_told_to_stop

SAMPLE: Final = ROOT / "lab" / "demo" / "sample.csv"
ANSWERS: Final = ROOT / "lab" / "demo" / "answers.yaml"

EXTRA: Final = {
    "CONTRAPUNTO_AGENCY_NAME": "Contrapunto Demo",
    "CONTRAPUNTO_PAY_URL": "https://pay.example.com/{reference}",
    "CONTRAPUNTO_UNSUBSCRIBE_KEY": "only-for-the-demo",
}

WITH_PARTIES: Final = ("mid", "late", "pre-legal")
_PARTIES: Final = "    parties: [guarantor, codebtor]\n"

_PHASES: Final = ("not-due", "preventive", "early", "mid", "late", "pre-legal", "after")


class BrokenPromise(Failure):
    """The run broke a promise: somebody was contacted unlawfully or twice."""


@dataclass(frozen=True)
class Asked:
    """What is to be played."""

    accounts: int
    days: int
    seed: int
    people: str | None = None
    """The world whose models play the customers: then nobody has a part to show something, and
    nobody stands for an account, as in a dry run."""


async def run_demo(folder: Path, console: Console, asked: Asked, *, stay: bool | None) -> None:
    """Work the portfolio, leave its record in ``folder``, and stay up if asked to.

    Raises Misconfigured when a stack runs in this folder already, and BadInput for a folder that is
    not ours.
    """
    survive_broken_pipes(console)
    with FolderLock(folder) as lock:
        await asyncio.to_thread(take, folder, empty=True)
        await _run(folder, console, lock, asked, stay=stay)


async def _run(
    folder: Path,
    console: Console,
    lock: FolderLock,
    asked: Asked,
    *,
    stay: bool | None,
) -> None:
    stay = sys.stdout.isatty() and sys.stdin.isatty() if stay is None else stay
    creditors = json.dumps({code: code.replace("-", " ").title() for code in CREDITORS})
    strategies = write_strategies(folder / "strategies", parties=asked.people is None)
    ours = {
        "CONTRAPUNTO_CREDITOR_NAMES": creditors,
        "CONTRAPUNTO_STRATEGIES": str(strategies),
    }
    stack = Stack(
        folder,
        fast_time=True,
        seed=asked.seed,
        people=asked.people,
        extra={**EXTRA, **ours},
        say=lambda what: console.print(f"  {what}", style="dim"),
    )
    console.print("[bold]Contrapunto demo[/]: starting real servers on this machine")
    try:
        await stack.start()
        stack.write_ready(folder / "ready.json")
        tell(stack, console, lock)
        async with in_background(stack.supervise()):
            await _play(stack, console, asked)
            if stay:
                console.print("The Temporal UI and the sandbox stay up. [bold]Ctrl-C[/] ends.")
                await until_told_to_stop()
    finally:
        await stack.stop()


def write_strategies(folder: Path, *, parties: bool = True) -> Path:
    """The shipped strategy, and with it all that can be answered by itself, and ``parties``, those
    who stand for an account from its second phase on; the folder."""
    folder.mkdir(exist_ok=True)
    parts = (STRATEGIES / "default.yaml", ANSWERS)
    text = "\n".join(part.read_text(encoding="utf-8") for part in parts)
    for name in WITH_PARTIES if parties else ():
        text = text.replace(f"  - name: {name}\n", f"  - name: {name}\n{_PARTIES}", 1)
    (folder / "default.yaml").write_text(text, encoding="utf-8")
    return folder


async def _play(stack: Stack, console: Console, asked: Asked) -> None:
    began = time.monotonic()
    now = datetime.now(UTC)  # noqa: TID251 - where the virtual clocks begin
    converter = data_converter(load().payload_keys)
    client = await Client.connect(stack.temporal.address, data_converter=converter)
    async with connect(stack.environment()["CONTRAPUNTO_DATABASE_URL"], 16) as pool:
        file = stack.folder / "portfolio.csv"
        count = write_portfolio(
            SAMPLE, file, accounts=asked.accounts, today=now.date(), seed=asked.seed
        )
        console.print(f"  {count} accounts, made from real delinquent ones: {file}", style="dim")
        workflows, strategies = Accounts(fast_client(client).client), stack.folder / "strategies"
        await intake(
            file,
            snapshot=False,
            as_of=now,
            pool=pool,
            starter=TemporalStarter(workflows),
            console=console,
        )
        if asked.people is None:
            await _take_parties(stack, pool, workflows, console, now, asked.seed)
        await tell_people(pool, stack.sandbox_url)
        if asked.people is None:
            await cast_talkers(pool, stack.sandbox_url, max(3, count // 20))
        else:
            await introduce_people(pool, stack.sandbox_url, now)
        rules = rules_factory(load(strategies=strategies))
        desk = Desk(pool, workflows, FastClock(fast_client(client)), rules)
        conductor = Conductor(client, pool, stack.sandbox_url, desk=desk)
        until = now + timedelta(days=asked.days)
        state_run(stack.folder, now, until, load_strategies(strategies))
        async with in_background(_show(pool, conductor, console, now)):
            await conductor.play(until)
        await leave_record(stack.folder, pool)
    took = time.monotonic() - began
    _conclude(stack, console, summarise(stack.folder), took, conductor.events)


async def _take_parties(
    stack: Stack, pool: Pool, workflows: Accounts, console: Console, now: datetime, seed: int
) -> None:
    """Those who stand for some of the accounts."""
    file = stack.folder / "parties.csv"
    write_parties(stack.folder / "portfolio.csv", file, seed=seed)
    await parties_command(
        file,
        as_of=now,
        now=None,
        pool=pool,
        starter=TemporalStarter(workflows),
        console=console,
        limits=Limits(),
    )


async def leave_record(folder: Path, pool: Pool) -> None:
    """The export, the accounts, what the customers did and wrote, and what followed: as JSON lines
    beside the sandbox's."""
    with (folder / "ledger.jsonl").open("w", encoding="utf-8") as out:
        await output.export_ledger(pool, out)
    reading, said = Records(pool), Conversations(pool)
    for name, rows in (
        ("accounts", await reading.accounts()),
        ("events", await reading.events()),
        ("agreed", [dict(row) for row in await pool.fetch(AGREED)]),
        ("messages", await said.written()),
        ("work", await said.work()),
        ("plans", await said.plans()),
        ("customers", await said.customers()),
        ("parties", await said.parties()),
    ):
        text = "".join(output.line(row) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    expect_receivers_record(folder)
    write_report(folder)


def _conclude(
    stack: Stack, console: Console, summary: Mapping[str, Any], took: float, events: int
) -> None:
    folder, proof = stack.folder, summary["proof"]
    accounts, made = summary["accounts"]["total"], summary["received"]
    console.print(
        f"\n[bold]{made} messages received[/] for {accounts} accounts, {events} events played "
        f"in {took:.0f} s"
    )
    for name in ("unlawful", "double"):
        console.print(f"  {name}: {_counted(proof[name], proof['examined'][name])}")
    console.print(f"[bold]Report[/]        {folder / 'report.html'}")
    console.print(f"[bold]Record[/]        {folder}/ledger.jsonl, received.jsonl, summary.json")
    console.print(f"[bold]Temporal UI[/]   {stack.temporal.ui}/namespaces/default/workflows")
    console.print(f"[bold]Sandbox[/]       {stack.sandbox_url}")
    if not proof["holds"]:
        raise BrokenPromise(f"the record shows a broken promise: see {folder / 'summary.json'}")


def _counted(breaches: int, examined: int) -> str:
    """So many breaches; none in nothing is no good news."""
    if not examined:
        return "[yellow]nothing examined[/]"
    return f"[{'red' if breaches else 'green'}]{breaches}[/]"


async def _show(pool: Pool, conductor: Conductor, console: Console, began: datetime) -> None:
    """Redraw the portfolio as it moves; a line now and then where there is no terminal."""
    if not console.is_terminal:
        last = -1
        while True:
            await asyncio.sleep(1)
            day = ((conductor.world or began) - began).days
            if day // 10 > last:
                last = day // 10
                counts = await _counts(pool)
                told = ", ".join(f"{n} {place}" for place, n in counts.items())
                console.print(f"  day {day}: {told}", style="dim", soft_wrap=True)
    with Live(console=console, refresh_per_second=4, transient=True) as live:
        while True:
            with contextlib.suppress(OSError):
                live.update(await _picture(pool, conductor.world or began, began))
            await asyncio.sleep(0.5)


async def _counts(pool: Pool) -> dict[str, int]:
    rows = await pool.fetch(DEMO_COUNT_ACCOUNTS)
    found = {row["place"]: row["n"] for row in rows}
    order = [*(p for p in _PHASES if p in found), *sorted(set(found) - set(_PHASES))]
    return {place: found[place] for place in order}


async def _picture(pool: Pool, world: datetime, began: datetime) -> Group:
    counts = await _counts(pool)
    total = max(1, sum(counts.values()))
    phases = Table.grid(padding=(0, 1))
    for place, count in counts.items():
        bar = Text("█" * round(40 * count / total), style="green" if place == "cured" else "cyan")
        phases.add_row(place.replace("_", " "), str(count), bar)
    contacts = Counter[str]()
    for row in await pool.fetch(DEMO_COUNT_CONTACTS):
        contacts[f"{row['channel']} {row['state']}"] += row["n"]
    told = Text("  ".join(f"{name} {n}" for name, n in sorted(contacts.items())))
    latest = Table.grid(padding=(0, 1))
    for row in await pool.fetch(DEMO_LATEST):
        latest.add_row(
            Text(f"{row['creditor']}/{row['account_id']}", style="dim"),
            Text(row["next_summary"][:110]),
        )
    day = (world - began).days
    title = f"day {day} of the portfolio: {world:%a %d %b %Y %H:%M} UTC"
    return Group(
        Panel(phases, title=title),
        Panel(told, title="contacts"),
        Panel(latest, title="what comes next"),
    )
