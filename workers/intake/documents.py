"""``contrapunto documents FILE``: the files that may go with messages, one JSON object a line.

Each is listed by reference: where it is, how long, and its digest. A file of the folder is measured
here; what lies at an address is read when it is sent, and must then be what was listed.
"""

import hashlib
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Final, NamedTuple

from pydantic import ValidationError
from rich.console import Console

from activities.attachments.shelf import NotHadError, Shelf
from config.settings import Settings
from domain.documents.document import DocumentLine, Withdrawal, is_what_it_says
from domain.entry.bounds import fault_within
from domain.entry.broken_rule import broken_rule
from domain.entry.intake import Problem
from store.database import BAD_DATA, Connection, Pool
from store.documents.documents import Became, Listed, record, whose, withdraw
from store.law_rows import RefusedError
from workers.clock import Clock
from workers.intake.events import OK, REFUSED
from workers.intake.files import Format, Record, json_lines
from workers.intake.rejects import Rejects

_WORDS: Final = {Became.NEW: "listed", Became.KNOWN: "known already"}


class _DryRun(Exception):
    """Everything was tried, and nothing is to stay."""


class _Measured(NamedTuple):
    bytes: int
    sha256: str


async def record_documents(
    path: Path,
    pool: Pool,
    settings: Settings,
    clock: Clock,
    console: Console,
    rejects_path: Path | None = None,
    *,
    dry_run: bool = False,
    as_json: bool = False,
) -> int:
    """List every good line and say what was done; ``dry_run``: say it, and list nothing.

    Answers the exit status: 0, or 3 when lines were refused; those are in the rejects file with
    field and rule. The same file may be taken again. Raises BadInput when it cannot be read.
    """
    beside = path.with_name(f"{path.name}.rejects.jsonl")
    rejects = Rejects(rejects_path or beside, Format.JSONL, path)
    shelf, found = Shelf(settings), Counter[str]()
    try:
        for line in json_lines(path):
            try:
                found[await _take(pool, line, shelf, clock, dry_run=dry_run)] += 1
            except RefusedError as refused:
                rejects.write(line, refused.problems)
    finally:
        rejects.close()
    names = ("listed", "withdrawn", "known already")
    told: dict[str, object] = {name.replace(" ", "_"): found[name] for name in names}
    told |= {"refused": rejects.rows, "dry_run": dry_run}
    told["rejects"] = str(rejects.path) if rejects.rows else None
    if as_json:
        sys.stdout.write(json.dumps(told) + "\n")
    else:
        counts = ", ".join(f"{found[name]} {name}" for name in names)
        console.print(f"{counts}, {rejects.rows} refused" + ("; nothing is kept" * dry_run))
        if rejects.rows:
            where = f"refused lines, each with field and rule: {rejects.path}"
            console.print(where, highlight=False, markup=False)
    return REFUSED if rejects.rows else OK


async def _take(pool: Pool, line: Record, shelf: Shelf, clock: Clock, *, dry_run: bool) -> str:
    if line.problem is not None:
        raise RefusedError(line.problem)
    if (fault := fault_within(line.cells)) is not None:
        raise RefusedError(Problem(*fault))
    became = ""
    try:
        async with pool.acquire() as connection, connection.transaction():
            if "withdrawn" in line.cells:
                became = await _withdraw(connection, Withdrawal.model_validate(line.cells), clock)
            else:
                said = DocumentLine.model_validate(line.cells)
                became = await _record(connection, said, shelf, clock)
            if dry_run:
                raise _DryRun
    except _DryRun:
        return became
    except ValidationError as error:
        raise RefusedError(*_problems(error)) from error
    except RefusedError:
        raise
    except BAD_DATA as error:
        rule = f"cannot be recorded ({type(error).__name__}): a value in it is impossible"
        raise RefusedError(Problem("row", rule)) from error
    return became


async def _withdraw(connection: Connection, said: Withdrawal, clock: Clock) -> str:
    became = await withdraw(connection, said.id, await clock.now(None))
    if became is None:
        raise RefusedError(Problem("id", "no file is listed under it"))
    return "withdrawn" if became is Became.NEW else _WORDS[became]


async def _record(connection: Connection, said: DocumentLine, shelf: Shelf, clock: Clock) -> str:
    of = await whose(connection, said.creditor, said.account_id, said.customer_id)
    if of is None:
        field = "account_id" if said.account_id is not None else "customer_id"
        rule = "is not on record with this creditor: take the accounts in first"
        raise RefusedError(Problem(field, rule))
    measured = _measured(said, shelf)
    listed = Listed(
        document_id=said.id,
        creditor=said.creditor,
        account_id=of.account_id,
        customer_id=of.customer_id,
        kind=said.kind,
        url=said.url,
        file=said.file,
        media_type=said.media_type,
        name=said.called,
        bytes=measured.bytes,
        sha256=measured.sha256,
        valid_from=said.valid_from,
        valid_until=said.valid_until,
    )
    workflow = f"account/{said.creditor}/{of.account_id}" if of.account_id else None
    became = await record(connection, listed, await clock.now(workflow))
    if became is Became.DIFFERENT:
        rule = "belongs to another file on record: give each file an id of its own"
        raise RefusedError(Problem("id", rule))
    return _WORDS[became]


def _measured(said: DocumentLine, shelf: Shelf) -> _Measured:
    """Length and digest. Raises RefusedError for a file that is not there, or not what is said."""
    field = "url" if said.url is not None else "file"
    try:
        if said.url is not None:
            assert said.bytes and said.sha256  # noqa: S101 - a line with a url has both
            shelf.check_url(said.url)
            return _Measured(said.bytes, said.sha256)
        content = shelf.local(said.file or "")
    except NotHadError as error:
        raise RefusedError(Problem(field, str(error))) from error
    found = _Measured(len(content), hashlib.sha256(content).hexdigest())
    if not content or not is_what_it_says(content, said.media_type):
        raise RefusedError(Problem("media_type", "is not what the file begins as"))
    for name, own, theirs in (
        ("bytes", said.bytes, found.bytes),
        ("sha256", said.sha256, found.sha256),
    ):
        if own is not None and own != theirs:
            raise RefusedError(Problem(name, "is not that of the file"))
    return found


def _problems(error: ValidationError) -> tuple[Problem, ...]:
    """Field and rule, never the value."""
    return tuple(
        Problem(".".join(map(str, detail["loc"])) or "row", broken_rule(detail))
        for detail in error.errors(include_input=False, include_url=False, include_context=False)
    )
