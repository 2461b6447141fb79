"""``python -m lab.campaign``: run, judge, tell; exit status 0 only if every promise was kept.

1: a promise was broken. 3: nothing was broken, but a planned kind of fault never struck.
"""

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from config.settings import ROOT
from lab.campaign.mutants import MUTANTS
from lab.campaign.people import Account, people
from lab.campaign.plan import Plan, make_plan
from lab.campaign.run import Ran, fresh, run
from lab.campaign.shrink import shrink
from lab.campaign.verdict import Verdict, judge

FOLDER: Final = ROOT / "var" / "campaign"
PER_ACCOUNT: Final = 40
"""Contacts that an account makes: about six weeks of one a day."""
SHOWN: Final = 20


def main() -> None:
    """Parse the command line, run, leave."""
    parser = argparse.ArgumentParser(prog="python -m lab.campaign", description=__doc__)
    parser.add_argument("--contacts", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--accounts", type=int, help="default: one for 40 contacts")
    parser.add_argument("--customers", help="only these, separated by commas: P0003,P0017")
    parser.add_argument("--only-fault", help="only these, separated by commas: F012,F101")
    parser.add_argument("--days", type=float, help="virtual days, instead of contacts")
    parser.add_argument("--minutes", type=float, help="real ones, after which it ends anyway")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--mutant", choices=sorted(MUTANTS), help="one safeguard taken out")
    parser.add_argument("--shrink", type=int, default=0, help="runs to find less that fails")
    parser.add_argument("--plan", action="store_true", help="show the plan, and do nothing")
    given = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)
    logging.getLogger("asyncpg").setLevel(logging.CRITICAL)
    console = Console(width=max(120, Console().width))
    try:
        status = asyncio.run(campaign(given, console))
    except (asyncio.CancelledError, KeyboardInterrupt):
        status = 130
    sys.stdout.flush()
    # Temporal's core threads can crash an interpreter that shuts down right after its clients.
    time.sleep(1)
    os._exit(status)


async def campaign(given: argparse.Namespace, console: Console) -> int:
    """The whole of it; the exit status."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    accounts, plan = chosen(given)
    if given.plan:
        show_plan(plan, console)
        return 0
    console.print(
        f"[bold]Campaign[/] seed {given.seed}: {len(accounts)} accounts, {len(plan.cases)} cases "
        f"with {sum(len(case.kinds) for case in plan.cases)} planned faults"
    )
    fresh(given.folder)
    ran = await run(
        given.folder,
        accounts,
        plan,
        days=given.days,
        minutes=given.minutes,
        mutant=given.mutant,
        console=console,
    )
    verdict = judge(given.folder, accounts, plan, ran)
    write(given.folder, plan, ran, verdict)
    show(plan, ran, verdict, console)
    if verdict.violations and given.shrink:
        await shrink(given, accounts, plan, ran, verdict, console)
    if verdict.violations:
        return 1
    return 3 if verdict.missed else 0


def chosen(given: argparse.Namespace) -> tuple[list[Account], Plan]:
    """The accounts and the plan that the command line asks for."""
    count = given.accounts or max(12, given.contacts // PER_ACCOUNT)
    accounts = people(count, given.seed, datetime.now(UTC).date())
    plan = make_plan(accounts, given.contacts, given.seed)
    if given.only_fault is not None:
        ids = _named("--only-fault", given.only_fault, [case.id for case in plan.cases])
        plan = plan.only(ids)
    if given.customers:
        everybody = [account.customer for account in accounts]
        wanted = _named("--customers", given.customers, everybody)
        accounts = [account for account in accounts if account.customer in wanted]
    return accounts, plan


def _named(option: str, given: str, known: Iterable[str]) -> set[str]:
    """The ids of an option; one that nothing has would quietly leave nothing to try."""
    ids = set(filter(None, given.split(",")))
    if unknown := sorted(ids - set(known)):
        raise SystemExit(f"{option}: this campaign has no {', '.join(unknown)}")
    return ids


def summary(plan: Plan, ran: Ran, verdict: Verdict) -> dict[str, Any]:
    """What ``summary.json`` holds."""
    return {
        "seed": plan.seed,
        "holds": not verdict.violations,
        "contacts": ran.contacts,
        **verdict.counts,
        "unknown": verdict.unknown.model_dump(),
        "channels": {name: channel.model_dump() for name, channel in verdict.channels.items()},
        "confirmed": verdict.confirmed,
        "undated": verdict.undated,
        "faults": {
            "planned": sum(ran.planned.values()),
            "struck": sum(ran.struck.values()),
            "by_kind": {
                kind: {"planned": ran.planned.get(kind, 0), "struck": ran.struck.get(kind, 0)}
                for kind in sorted({*ran.planned, *ran.struck})
            },
        },
        "missed": list(verdict.missed),
        "violations": list(verdict.violations),
        "virtual_days": round((ran.until - ran.began).total_seconds() / 86400, 1),
        "events": ran.events,
        "seconds": round(ran.seconds),
        "cpu_seconds": round(ran.cpu),
        "load": list(ran.load),
        "cases": [case.model_dump(mode="json", exclude_defaults=True) for case in plan.cases],
    }


def write(folder: Path, plan: Plan, ran: Ran, verdict: Verdict) -> None:
    """``summary.json`` in the run's folder."""
    text = json.dumps(summary(plan, ran, verdict), indent=2, ensure_ascii=False)
    (folder / "summary.json").write_text(text + "\n", encoding="utf-8")


def show(plan: Plan, ran: Ran, verdict: Verdict, console: Console) -> None:
    """The tables, and the first breaches."""
    faults = Table("Fault", "planned", "struck", title="Faults")
    for column in (1, 2):
        faults.columns[column].justify = "right"
    for kind in sorted({*ran.planned, *ran.struck}):
        planned, struck = ran.planned.get(kind), ran.struck.get(kind, 0)
        style = "red" if planned and not struck else ""
        faults.add_row(kind, str(planned or ""), str(struck), style=style)
    faults.add_section()
    faults.add_row("all", str(sum(ran.planned.values())), str(sum(ran.struck.values())))
    console.print(faults)
    counts = Table("", "", title=f"Campaign, seed {plan.seed}", show_header=False)
    counts.add_row("contacts", f"{ran.contacts:,}")
    for name in ("doubled", "unlawful", "lost", "stuck"):
        count = verdict.counts[name]
        counts.add_row(name, str(count), style="red" if count else "green")
    unknown = verdict.unknown
    text = f"{unknown.total} ({unknown.unanswered} had no readable answer, {unknown.cut_off} were "
    text += f"cut off; {unknown.unexplained} without a fault of their own, "
    text += f"{unknown.taken} that could be known)"
    counts.add_row("unknown", text, style="red" if verdict.avoidable else "green")
    counts.add_row("confirmed", f"{verdict.confirmed} stops")
    counts.add_row("undated", f"{verdict.undated} received while Temporal was dead")
    days = (ran.until - ran.began).days
    took = f"{ran.seconds:.0f} s for {days} virtual days; {ran.cpu:.0f} s of processor time"
    counts.add_row("took", f"{took}, load {ran.load[0]} at the end")
    console.print(counts)
    channels = Table("Channel", "contacts", "reached a person", "faults", title="Channels")
    for name, channel in verdict.channels.items():
        numbers = (channel.contacts, channel.reached, channel.faults)
        channels.add_row(name, *(f"{number:,}" for number in numbers))
    console.print(channels)
    for sentence in verdict.violations[:SHOWN]:
        console.print(f"- {sentence}", markup=False, highlight=False)
    if len(verdict.violations) > SHOWN:
        console.print(f"  and {len(verdict.violations) - SHOWN} more: see summary.json")
    for kind in verdict.missed:
        console.print(f"- planned, and never struck: {kind}", style="yellow")


def show_plan(plan: Plan, console: Console) -> None:
    """Every case, one a line."""
    for case in plan.cases:
        where = f"{case.account} step {case.step}" if case.account else ""
        where = where or (f"at contact {case.at_contact}" if case.running else "")
        console.print(f"{case.id}  {', '.join(case.kinds)}  {where}", highlight=False)


if __name__ == "__main__":
    main()
