"""One intake on its way: read and stage, look at the whole, merge, recall, tell the workflows."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Annotated, Final

from pydantic import Field, TypeAdapter, ValidationError
from rich.progress import Progress

from config.geo.places import whereabouts
from domain.entry.ids import Identity
from domain.entry.intake import IntakeRow, Problem
from domain.entry.money import least
from domain.failures import BadInput, Failure
from domain.names import account_key
from domain.segments.rows import told_by
from store.intake.findings import Finding, Shared
from store.intake.outbox import Action, Outbox, Pending
from store.intake.recalling import Doubt, Gone
from store.intake.run import IntakeRun
from store.intake.staging import R, Staged
from workers.intake.files import Record, check, no_account
from workers.intake.limits import Limits
from workers.intake.readings import Reading
from workers.intake.rejects import Rejects
from workers.intake.report import IntakeReport
from workers.intake.starter import Starter

ROWS: Final = 1000
"""Rows read, checked and staged together."""
PAGE: Final = 1000
"""Lines of the outbox worked on between two deletions; a crash repeats at most these."""

_IDENTITY: Final = TypeAdapter(Annotated[Identity, Field(min_length=1)])


@dataclass
class Work:
    """What every stage of an intake needs."""

    run: IntakeRun
    limits: Limits
    report: IntakeReport
    progress: Progress
    concurrency: int
    creditors: set[str] = field(default_factory=set)
    noticed: dict[int, tuple[bool, bool]] = field(default_factory=dict)
    """Of staged rows: below the least amount, past the last phase."""


async def read(work: Work, reading: Reading, rejects: Rejects) -> int:
    """Read, check and stage the whole file; how many refused rows name no account."""
    task = work.progress.add_task("rows read", total=None)
    rows, unreadable = reading.records(), 0
    while chunk := list(islice(rows, ROWS)):
        refused = await stage(work, chunk)
        keys = [_account_of(chunk[index]) for index in refused if not no_account(chunk[index])]
        unreadable += keys.count(None)
        await work.run.stage.refused([key for key in keys if key is not None])
        for index in sorted(refused):
            rejects.write(chunk[index], refused[index])
        work.report.read += len(chunk)
        work.report.refused += len(refused)
        work.progress.advance(task, len(chunk))
    work.progress.update(task, total=work.report.read)
    return unreadable


async def stage(work: Work, chunk: list[Record]) -> dict[int, tuple[Problem, ...]]:
    """Stage the good rows of a chunk; the others by their place in it."""
    staged: list[Staged[IntakeRow]] = []
    refused: dict[int, tuple[Problem, ...]] = {}
    for index, record in enumerate(chunk):
        portfolio = work.limits.portfolio
        row = check(record, work.run.as_of.date(), portfolio)
        if isinstance(row, IntakeRow):
            told, _ = told_by(record.cells, portfolio)
            staged.append(placed(record.line, row)._replace(told=told))
            _notice(work, record.line, row)
        else:
            refused[index] = row
    twice = await work.run.stage.add(staged)
    for index, record in enumerate(chunk) if twice else ():
        if record.line in twice:
            rule = f"the account is already in line {twice[record.line]}"
            refused[index] = (Problem("account_id", rule),)
            work.noticed.pop(record.line, None)
    return refused


def _notice(work: Work, line: int, row: IntakeRow) -> None:
    """What the operator should hear of a good row."""
    work.creditors.add(row.creditor)
    last, owed = work.limits.last_day, row.balance > 0
    dust = owed and row.balance < least(row.currency, work.limits.least)
    late = last is not None and (work.run.as_of.date() - row.oldest_due_date).days > last
    if dust or (owed and late):
        work.noticed[line] = (dust, owed and late)


async def look(
    work: Work, reading: Reading, rejects: Rejects, *, snapshot: bool, unreadable: int
) -> None:
    """Look at the file as a whole: refuse what is wrong only beside the other rows, and decide
    whether a snapshot may recall."""
    run, report = work.run, work.report
    found, shared = await wrong_beside(run, work.limits)
    report.shared_addresses, report.most_at_one_address = shared
    if snapshot:
        found += await _look_at_recalls(work, reading, unreadable)
    _refuse(work, reading, rejects, found)
    report.renamed_customers = await run.findings.renamed()
    report.renamed = len(report.renamed_customers)
    report.dust = sum(dust for dust, _ in work.noticed.values())
    report.beyond = sum(late for _, late in work.noticed.values())
    known = work.limits.creditor_names
    report.unnamed_creditors = [] if known is None else sorted(work.creditors - set(known))


async def wrong_beside(run: IntakeRun, limits: Limits) -> tuple[list[Finding], Shared]:
    """Refuse what is wrong only beside the other rows and what is on record: it is staged no more.
    And how many addresses are shared."""
    found = await run.findings.mistaken(limits.accept_names)
    await run.stage.drop([finding.line for finding in found])
    shared, crowded = await run.findings.crowded(limits.shared_address)
    await run.stage.drop([finding.line for finding in crowded])
    return found + crowded, shared


def _refuse(work: Work, reading: Reading, rejects: Rejects, found: Iterable[Finding]) -> None:
    """Write rows down that were staged; the file is read again for them."""
    problems: defaultdict[int, list[Problem]] = defaultdict(list)
    for finding in found:
        problems[finding.line].append(finding.problem)
        work.noticed.pop(finding.line, None)
    for record in reading.records() if problems else ():
        if record.line in problems:
            rejects.write(record, problems[record.line])
    work.report.refused += len(problems)


async def _look_at_recalls(work: Work, reading: Reading, unreadable: int) -> list[Finding]:
    """Whether the snapshot may recall; if not, what it has renumbered waits with its recall."""
    recall, stage = work.run.recall, work.run.stage
    renumbered, doubts = await recall.renumbered()
    await stage.refused([(doubt.creditor, doubt.former) for doubt in doubts])
    await stage.drop([doubt.line for doubt in doubts])
    found = [Finding(doubt.line, _another_name(doubt)) for doubt in doubts]
    finished = reading.is_finished()
    why = _why_no_recall(work.limits, await recall.gone(), unreadable, finished=finished)
    if not work.creditors:
        why = "no row of the file is good, so it does not say whose accounts it lists"
    work.report.recall_refused = why
    if why is None:
        return found
    await recall.keep_numbers()
    await stage.drop(list(renumbered))
    rule = "is {} under a new id, by customer and due date: it waits, since nothing is recalled"
    return found + [
        Finding(line, Problem("account_id", rule.format(former)))
        for line, former in renumbered.items()
    ]


def _another_name(doubt: Doubt) -> Problem:
    rule = (
        f"is another person's than that of {doubt.former}, which has the address, balance and due "
        "date and is not in the file: both wait. If they are one debt, give the name on record; "
        "if not, take this row in without --snapshot first"
    )
    return Problem("name", rule)


def _why_no_recall(
    limits: Limits, gone: list[Gone], unreadable: int, *, finished: bool
) -> str | None:
    if not finished:
        return "the last line is not finished, so the file may be cut short"
    if unreadable:
        return (
            f"{unreadable} refused rows do not say which account they are; mend them and run "
            "the snapshot again"
        )
    recalled = sum(one.gone for one in gone)
    if limits.accept_recalls is not None and recalled <= limits.accept_recalls:
        return None
    for one in gone:
        if one.gone > one.open * limits.recall_share:
            return (
                f"{one.gone} of the {one.open} open accounts of {one.creditor} are not in the "
                f"file, more than {limits.recall_share:.0%} (CONTRAPUNTO_RECALL_SHARE): is it cut "
                f"short? If not, run it again with --accept-recalls {recalled}"
            )
    return None


async def merge(work: Work) -> None:
    """Merge all staged customers into the database."""
    await work.run.lists()
    count, report = await work.run.batches(), work.report
    task = work.progress.add_task("merged", total=count)
    for batch in range(count):
        merged = await work.run.merge.batch(batch)
        report.added += merged.added
        report.updated += merged.updated
        report.reopened += merged.reopened
        report.renumbered += merged.renumbered
        report.older += merged.older
        report.kept += merged.kept
        work.progress.advance(task)
    await work.run.merged()


async def recall(work: Work) -> None:
    """Recall what the snapshot does not list, if it may."""
    if work.report.recall_refused is None:
        work.report.recalled = await work.run.recall.recall()


async def tell(work: Work, starter: Starter, what: str) -> None:
    """Empty the outbox. Stops at the first failure; what is left stays there."""
    outbox = work.run.outbox
    waiting = await outbox.waiting()
    if not waiting:
        return
    task = work.progress.add_task(what, total=sum(waiting.values()))
    speaker = Speaker(starter, work.report, work.concurrency)
    for run_id in waiting:
        while page := await outbox.pending(run_id, PAGE):
            done = await _told(outbox, speaker, page)
            work.progress.advance(task, done)


async def _told(outbox: Outbox, speaker: "Speaker", page: Sequence[Pending]) -> int:
    """Tell some lines, and strike out what was heard; how many. Raises what kept one from it."""
    answers = await asyncio.gather(*(speaker.tell(line) for line in page), return_exceptions=True)
    heard = list(zip(page, answers, strict=True))
    done = [line for line, answer in heard if isinstance(answer, bool)]
    await outbox.close_recalled([line for line, answer in heard if answer is False])
    await outbox.strike(done)
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
    return len(done)


class Speaker:
    """Speaks to the workflows, some at a time, until one failure shows that nobody listens."""

    def __init__(self, starter: Starter, report: IntakeReport, at_once: int) -> None:
        self.starter, self.report = starter, report
        self.free = asyncio.Semaphore(at_once)
        self.down: Failure | None = None

    async def tell(self, line: Pending) -> bool:
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
                self.report.signalled += 1
            case Action.RECALL:
                return await self.starter.recall(line)
        return True


def placed(line: int, row: R) -> Staged[R]:
    """A row with where its person may be."""
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
