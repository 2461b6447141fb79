"""``contrapunto intake FILE``: from a creditor's file to running workflows.

read and check -> stage -> look at the whole -> merge, with an outbox -> tell workflows from it

Each arrow may break at any moment: the next run of the same file goes on where it was.
"""

import hashlib
import json
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from domain.failures import BadInput, Failure
from store.database import Pool
from store.intake.run import IntakeStore
from workers.intake import work as stages
from workers.intake.files import check_whole, digest
from workers.intake.limits import Limits
from workers.intake.readings import OwnFile, Reading
from workers.intake.rejects import Rejects
from workers.intake.report import OK, UNAVAILABLE, UNUSABLE, IntakeReport
from workers.intake.starter import Starter

_LENIENT: Final = Limits()


async def intake(
    path: Path,
    *,
    snapshot: bool,
    as_of: datetime,
    pool: Pool,
    starter: Starter | None,
    console: Console,
    limits: Limits = _LENIENT,
    concurrency: int = 50,
    rejects_path: Path | None = None,
    reading: Reading | None = None,
) -> IntakeReport:
    """Take a file in: ``as_of`` is the moment its figures are from.

    With ``snapshot``, open accounts of the file's creditors that it does not list are recalled.
    ``reading``: how the file is read; None: it is in the columns of intake. ``starter`` None: a
    check, which refuses what the run would refuse, and keeps nothing.
    Raises BadInput for an unusable file, Unavailable or Misconfigured for PostgreSQL and Temporal.
    """
    content = digest(path)
    check_whole(path, content)
    reading = reading or OwnFile(path, limits.portfolio.columns)
    file_id = file_identity(content + reading.identity(), as_of, snapshot=snapshot)
    beside = path.with_name(f"{path.name}.rejects.{reading.kind}")
    rejects = Rejects(rejects_path or beside, reading.kind, path, reading.columns)
    report = IntakeReport(checked=starter is None)

    def wait() -> None:
        console.print("another intake is at work: waiting for it to end")

    store = IntakeStore(pool)
    with _progress(console) as progress:
        run_of = store.run(file_id, as_of, snapshot=snapshot, dry=report.checked, on_wait=wait)
        async with run_of as run:
            report.run_id = run.run_id
            work = stages.Work(run, limits, report, progress, concurrency)
            if starter is not None:
                await stages.tell(work, starter, "earlier runs")
            try:
                unreadable = await stages.read(work, reading, rejects)
                async with run.alone():
                    await stages.look(
                        work, reading, rejects, snapshot=snapshot, unreadable=unreadable
                    )
                    if starter is not None:
                        await stages.merge(work)
                        if snapshot:
                            await stages.recall(work)
                    elif snapshot and report.recall_refused is None:
                        report.recalled = sum(one.gone for one in await run.recall.gone())
            finally:
                rejects.close()
            report.rejects = rejects.path if rejects.rows else None
            if starter is None:
                return report
            await stages.tell(work, starter, "workflows")
            await run.finish(report.read)
    return report


async def intake_command(
    path: Path,
    *,
    snapshot: bool,
    as_of: datetime,
    now: datetime | None,
    pool: Pool,
    starter: Starter | None,
    console: Console,
    limits: Limits = _LENIENT,
    concurrency: int = 50,
    rejects_path: Path | None = None,
    reading: Reading | None = None,
    as_json: bool = False,
    facts: Callable[[], Awaitable[int]] | None = None,
) -> int:
    """``intake`` for the command line: prints report or error, answers the exit status.

    0 all well, 1 PostgreSQL or Temporal cannot be used (run it again), 2 the file is unusable,
    3 done, but rows were refused or skipped. ``now`` is None where time is skipped, and a file may
    be of any moment. ``as_json``: the report as one object on standard output. ``facts`` records
    what goes before the file (events and stops), and answers as ``record_events`` does.
    """
    before = OK
    try:
        if facts is not None:
            # Before all else: not even an earlier run's accounts may start without them.
            before = await facts()
        if now is not None:
            refuse_the_future(path, as_of, now, limits)
        report = await intake(
            path,
            snapshot=snapshot,
            as_of=as_of,
            pool=pool,
            starter=starter,
            console=console,
            limits=limits,
            concurrency=concurrency,
            rejects_path=rejects_path,
            reading=reading,
        )
    except Failure as error:
        console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        return UNUSABLE if isinstance(error, BadInput) else UNAVAILABLE
    if as_json:
        sys.stdout.write(json.dumps(report.json(), ensure_ascii=False) + "\n")
        return report.exit_code or before
    for line in report.lines():
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    return report.exit_code or before


def refuse_the_future(path: Path, as_of: datetime, now: datetime, limits: Limits) -> None:
    """Figures from the future would outweigh every payment and every file until it has come."""
    if as_of > now + limits.skew:
        raise BadInput(
            f"{path}: its figures would be of {as_of.isoformat()}, which is {as_of - now} ahead of "
            f"this machine's clock ({now.isoformat()}; CONTRAPUNTO_INTAKE_SKEW allows "
            f"{limits.skew}). Say when they are from with --as-of, or set the clock right"
        )


def file_identity(content: str, as_of: datetime, *, snapshot: bool) -> str:
    """What its runs are called by: the same content, day and kind of run are the same file."""
    key = f"{content}\x1f{as_of.date()}\x1f{snapshot}"
    return hashlib.sha256(key.encode()).hexdigest()[:24]


def _progress(console: Console) -> Progress:
    """A bar on a terminal; elsewhere nothing, the report says it all."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal, transient=True)
