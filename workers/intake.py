"""``contrapunto intake FILE``: from a creditor's file to running workflows.

read and check -> stage -> merge, with an outbox -> start and tell workflows from the outbox

Each arrow may break at any moment: the next run of the same file goes on where it was.
"""

import asyncio
import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, TypeAdapter, ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from activities.store.database import Pool
from activities.store.intake import Action, IntakeRun, IntakeStore, Pending, Staged
from config.geo.places import whereabouts
from domain.failures import BadInput, Failure
from domain.intake import Identity, IntakeRow, Problem
from domain.names import account_key
from workers.intake_file import Record, Rejects, check, digest, file_format, records
from workers.starter import Starter

ROWS: Final = 1000
"""Rows read, checked and staged together."""
PAGE: Final = 1000
"""Lines of the outbox worked on between two deletions; a crash repeats at most these."""

OK: Final = 0
UNAVAILABLE: Final = 1
UNUSABLE: Final = 2
REFUSED: Final = 3

_IDENTITY: Final = TypeAdapter(Annotated[Identity, Field(min_length=1)])


@dataclass
class IntakeReport:
    """What an intake did. ``exit_code`` is what the command answers."""

    run_id: str = ""
    read: int = 0
    refused: int = 0
    added: int = 0
    updated: int = 0
    reopened: int = 0
    started: int = 0
    told: int = 0
    recalled: int = 0
    refusals: list[str] = field(default_factory=list)
    """Accounts whose workflow refused to close."""
    recall_refused: str | None = None
    """Why accounts missing from a snapshot were left alone."""
    rejects: Path | None = None

    @property
    def exit_code(self) -> int:
        """0, or 3 when something of the file was refused."""
        return REFUSED if self.refused or self.recall_refused or self.refusals else OK

    def lines(self) -> list[str]:
        """The report in words, without personal data."""
        said = [
            f"{self.read} rows read, {self.refused} refused; accounts: {self.added} new, "
            f"{self.updated} changed, {self.reopened} reopened, {self.recalled} recalled; "
            f"workflows: {self.started} started, {self.told} told"
        ]
        if self.rejects is not None:
            said.append(f"refused rows, each with line, field and rule: {self.rejects}")
        if self.recall_refused is not None:
            said.append(f"nothing recalled: {self.recall_refused}")
        return [*said, *self.refusals]


async def intake(
    path: Path,
    *,
    snapshot: bool,
    as_of: datetime,
    pool: Pool,
    starter: Starter,
    console: Console,
    concurrency: int = 50,
    rejects_path: Path | None = None,
) -> IntakeReport:
    """Take a file in: ``as_of`` is the moment its figures are from.

    With ``snapshot``, open accounts of the file's creditors that it does not list are recalled.
    Raises BadInput for an unusable file, Unavailable or Misconfigured for PostgreSQL and Temporal.
    """
    kind, run_id = file_format(path), run_identity(digest(path), as_of, snapshot=snapshot)
    rejects = Rejects(rejects_path or path.with_name(f"{path.name}.rejects.{kind}"), kind)
    report = IntakeReport(run_id=run_id)

    def wait() -> None:
        console.print("another intake is at work: waiting for it to end")

    store = IntakeStore(pool)
    with _progress(console) as progress:
        async with store.run(run_id, as_of, snapshot=snapshot, on_wait=wait) as run:
            work = _Intake(run, starter, report, progress, concurrency)
            await work.tell("earlier runs")
            try:
                unreadable = await work.read(path, rejects)
            finally:
                rejects.close()
            report.rejects = rejects.path if rejects.rows else None
            await work.merge()
            if snapshot:
                await work.recall(unreadable)
            await work.tell("workflows")
            await run.finish(report.read)
    return report


async def intake_command(
    path: Path,
    *,
    snapshot: bool,
    as_of: datetime,
    pool: Pool,
    starter: Starter,
    console: Console,
    concurrency: int = 50,
    rejects_path: Path | None = None,
) -> int:
    """``intake`` for the command line: prints report or error, answers the exit status.

    0 all well, 1 PostgreSQL or Temporal cannot be used (run it again), 2 the file is unusable,
    3 done, but rows were refused.
    """
    try:
        report = await intake(
            path,
            snapshot=snapshot,
            as_of=as_of,
            pool=pool,
            starter=starter,
            console=console,
            concurrency=concurrency,
            rejects_path=rejects_path,
        )
    except Failure as error:
        console.print(str(error), style="red", markup=False, highlight=False)
        return UNUSABLE if isinstance(error, BadInput) else UNAVAILABLE
    for line in report.lines():
        console.print(line, markup=False, highlight=False)
    return report.exit_code


def run_identity(content: str, as_of: datetime, *, snapshot: bool) -> str:
    """Identity of a run: the same file, day and kind of run are the same run."""
    key = f"{content}\x1f{as_of.date()}\x1f{snapshot}"
    return hashlib.sha256(key.encode()).hexdigest()[:24]


class _Intake:
    """One intake on its way, stage by stage."""

    def __init__(
        self,
        run: IntakeRun,
        starter: Starter,
        report: IntakeReport,
        progress: Progress,
        concurrency: int,
    ) -> None:
        self.run, self.starter, self.report, self.progress = run, starter, report, progress
        self.free = asyncio.Semaphore(concurrency)
        self.down: Failure | None = None

    async def read(self, path: Path, rejects: Rejects) -> int:
        """Read, check and stage the whole file; how many refused rows name no account."""
        task = self.progress.add_task("rows read", total=None)
        rows, unreadable = records(path), 0
        while chunk := list(islice(rows, ROWS)):
            refused = await self._stage(chunk)
            keys = [_account_of(chunk[index]) for index in refused]
            unreadable += keys.count(None)
            await self.run.refused([key for key in keys if key is not None])
            for index in sorted(refused):
                rejects.write(chunk[index], refused[index])
            self.report.read += len(chunk)
            self.report.refused += len(refused)
            self.progress.advance(task, len(chunk))
        self.progress.update(task, total=self.report.read)
        return unreadable

    async def _stage(self, chunk: list[Record]) -> dict[int, tuple[Problem, ...]]:
        """Stage the good rows of a chunk; the others by their place in it."""
        staged: list[Staged] = []
        refused: dict[int, tuple[Problem, ...]] = {}
        for index, record in enumerate(chunk):
            row = check(record, self.run.as_of.date())
            if isinstance(row, IntakeRow):
                staged.append(_placed(record.line, row))
            else:
                refused[index] = row
        twice = await self.run.stage(staged)
        for index, record in enumerate(chunk) if twice else ():
            if record.line in twice:
                rule = f"the account is already in line {twice[record.line]}"
                refused[index] = (Problem("account_id", rule),)
        return refused

    async def merge(self) -> None:
        """Merge all staged customers into the database."""
        batches = await self.run.prepare()
        task = self.progress.add_task("merged", total=batches)
        for batch in range(batches):
            merged = await self.run.merge(batch)
            self.report.added += merged.added
            self.report.updated += merged.updated
            self.report.reopened += merged.reopened
            self.progress.advance(task)

    async def recall(self, unreadable: int) -> None:
        """Recall what the snapshot does not list, unless a refused row might be one of those."""
        if unreadable:
            self.report.recall_refused = (
                f"{unreadable} refused rows do not say which account they are; mend them and run "
                "the snapshot again"
            )
        else:
            self.report.recalled = await self.run.recall()

    async def tell(self, what: str) -> None:
        """Empty the outbox. Stops at the first failure; what is left stays there."""
        waiting = await self.run.waiting()
        if not waiting:
            return
        task = self.progress.add_task(what, total=waiting)
        while page := await self.run.pending(PAGE):
            answers = await asyncio.gather(
                *(self._tell(line) for line in page), return_exceptions=True
            )
            heard = list(zip(page, answers, strict=True))
            done = [line for line, answer in heard if isinstance(answer, bool)]
            alone = [line for line, answer in heard if answer is False]
            await self.run.close_recalled(alone)
            await self.run.told(done)
            self.progress.advance(task, len(done))
            for answer in answers:
                if isinstance(answer, BaseException):
                    raise answer

    async def _tell(self, line: Pending) -> bool:
        """One line of the outbox; False when no workflow runs that could close the account."""
        async with self.free:
            if self.down is not None:
                raise self.down
            try:
                return await self._speak(line)
            except BadInput as error:
                account = account_key(line.creditor, line.account_id)
                self.report.refusals.append(f"{account}: {error}")
                return True
            except Failure as error:
                self.down = error
                raise

    async def _speak(self, line: Pending) -> bool:
        match line.action:
            case Action.START:
                await self.starter.start(line)
                self.report.started += 1
            case Action.UPDATE:
                await self.starter.update(line)
                self.report.told += 1
            case Action.RECALL:
                return await self.starter.recall(line)
        return True


def _placed(line: int, row: IntakeRow) -> Staged:
    address = (row.country, row.region, row.postal_code)
    return Staged(line, row, *whereabouts(*address, row.phones(), row.timezone))


def _account_of(record: Record) -> tuple[str, str] | None:
    """The account a refused row speaks of, if its two ids can be read."""
    try:
        return (
            _IDENTITY.validate_python(record.cells.get("creditor")),
            _IDENTITY.validate_python(record.cells.get("account_id")),
        )
    except ValidationError:
        return None


def _progress(console: Console) -> Progress:
    """A bar on a terminal; elsewhere nothing, the report says it all."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal, transient=True)
