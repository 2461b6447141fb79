"""``contrapunto parties FILE``: who stands for accounts beside their debtors.

read and check -> stage -> look at the whole -> merge, with an outbox -> tell workflows from it

As an intake of accounts, whose stage, merge and outbox it uses: the next run of the same file goes
on where a broken one was.
"""

import io
import json
import sys
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path

from pydantic import ValidationError
from rich.console import Console
from rich.progress import Progress

from config.geo.atlas import ATLAS
from domain.entry.intake import Problem, problems
from domain.entry.party import PARTY_COLUMNS, PartyRow
from domain.failures import BadInput, Failure
from store.database import Pool
from store.intake.run import IntakeRun, IntakeStore
from store.intake.staging import Staged
from workers.intake import work as stages
from workers.intake.command import file_identity, refuse_the_future
from workers.intake.files import Record, check_whole, digest, file_format, records
from workers.intake.limits import Limits
from workers.intake.rejects import Rejects
from workers.intake.report import OK, REFUSED, UNAVAILABLE, UNUSABLE, IntakeReport
from workers.intake.starter import Starter


@dataclass
class PartiesReport(IntakeReport):
    """What a file of parties did."""

    dry: bool = False
    """Nothing was kept: the file was only checked."""
    confirmed: int = 0
    """Parties that were known."""

    def lines(self) -> list[str]:
        """The report in words."""
        did = (
            "nothing was kept: the file was only checked"
            if self.dry
            else f"parties: {self.added} new, {self.confirmed} known; workflows: "
            f"{self.signalled} signalled"
        )
        said = [f"{self.read} rows read, {self.refused} refused; {did}"]
        if self.rejects is not None:
            said.append(f"refused rows, each with line, field and rule: {self.rejects}")
        return [*said, *self.refusals, *self._noticed()]


async def parties_command(
    path: Path,
    *,
    as_of: datetime,
    now: datetime | None,
    pool: Pool,
    starter: Starter | None,
    console: Console,
    limits: Limits,
    rejects_path: Path | None = None,
    as_json: bool = False,
) -> int:
    """Take a file of parties in, print what was done, answer the exit status as intake does.

    ``starter`` None: a dry run, which refuses what the run would and keeps nothing.
    """
    try:
        if now is not None:
            refuse_the_future(path, as_of, now, limits)
        report = await take(path, as_of, pool, starter, console, limits, rejects_path)
    except Failure as error:
        console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        return UNUSABLE if isinstance(error, BadInput) else UNAVAILABLE
    if as_json:
        sys.stdout.write(json.dumps(report.json(), ensure_ascii=False) + "\n")
    else:
        for line in report.lines():
            console.print(line, markup=False, highlight=False, soft_wrap=True)
    return REFUSED if report.refused or report.refusals else OK


async def take(
    path: Path,
    as_of: datetime,
    pool: Pool,
    starter: Starter | None,
    console: Console,
    limits: Limits,
    rejects_path: Path | None = None,
) -> PartiesReport:
    """Take the file in. Raises BadInput for an unusable file, Unavailable or Misconfigured."""
    content, report = digest(path), PartiesReport(dry=starter is None)
    check_whole(path, content)
    kind, file_id = file_format(path), file_identity(f"parties\x1f{content}", as_of, snapshot=False)
    beside = path.with_name(f"{path.name}.rejects.{kind}")
    rejects = Rejects(rejects_path or beside, kind, path, PARTY_COLUMNS)

    def wait() -> None:
        console.print("another intake is at work: waiting for it to end")

    store = IntakeStore(pool)
    run_of = store.run(file_id, as_of, snapshot=False, dry=report.dry, on_wait=wait)
    async with run_of as run:
        report.run_id = run.run_id
        try:
            await _read(run, path, rejects, report)
            async with run.alone():
                await _look(run, path, rejects, report, limits)
                for batch in range(0 if starter is None else await run.batches()):
                    await _merge(run, batch, report)
                await run.merged()
        finally:
            rejects.close()
        report.rejects = rejects.path if rejects.rows else None
        if starter is None:
            return report
        quiet = Progress(console=Console(file=io.StringIO()), disable=True)
        work = stages.Work(run, limits, report, quiet, concurrency=50)
        await stages.tell(work, starter, "workflows")
        await run.finish(report.read)
    return report


async def _read(run: IntakeRun, path: Path, rejects: Rejects, report: PartiesReport) -> None:
    rows = records(path, PARTY_COLUMNS, ())
    while chunk := list(islice(rows, stages.ROWS)):
        staged = list[Staged[PartyRow]]()
        refused: dict[int, tuple[Problem, ...]] = {}
        for record in chunk:
            row = check(record, run.as_of.date())
            if isinstance(row, PartyRow):
                staged.append(stages.placed(record.line, row))
            else:
                refused[record.line] = row
        twice = await run.parties.add(staged)
        for line, first in twice.items():
            refused[line] = (Problem("customer_id", f"the party is already in line {first}"),)
        await run.stage.add_people([one for one in staged if one.line not in twice])
        for record in chunk:
            if record.line in refused:
                rejects.write(record, refused[record.line])
        report.read += len(chunk)
        report.refused += len(refused)


def check(record: Record, today: date) -> PartyRow | tuple[Problem, ...]:
    """The row, or every rule it breaks."""
    if record.problem is not None:
        return (record.problem,)
    try:
        return PartyRow.model_validate(record.cells, context={"today": today, "atlas": ATLAS})
    except ValidationError as error:
        return problems(error, PARTY_COLUMNS)


async def _look(
    run: IntakeRun, path: Path, rejects: Rejects, report: PartiesReport, limits: Limits
) -> None:
    """Refuse what is wrong only beside the other rows, and beside what is on record."""
    found = await run.parties.mistaken()
    await run.stage.drop([finding.line for finding in found])
    unlike = await run.findings.mistaken(limits.accept_names)
    await run.stage.drop([finding.line for finding in unlike])
    shared, crowded = await run.findings.crowded(limits.shared_address)
    report.shared_addresses, report.most_at_one_address = shared
    await run.stage.drop([finding.line for finding in crowded])
    said: defaultdict[int, list[Problem]] = defaultdict(list)
    for finding in (*found, *unlike, *crowded):
        said[finding.line].append(finding.problem)
    for record in records(path, PARTY_COLUMNS, ()) if said else ():
        if record.line in said:
            rejects.write(record, said[record.line])
    report.refused += len(said)


async def _merge(run: IntakeRun, batch: int, report: PartiesReport) -> None:
    counts = (0, 0)

    async def beside(number: int) -> None:
        nonlocal counts  # of the last try: where workers are in the way, a batch begins anew
        counts = await run.parties.merge(number)

    merged = await run.merge.batch(batch, beside)
    report.added += counts[0]
    report.confirmed += counts[1]
    report.kept += merged.kept
