"""``contrapunto audit ...``: who did what, and whether that stands as it was written."""

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from domain.failures import BadInput
from workers.cli.shell import AsJson, output, run, wall_clock, with_database
from workers.cli.status import ExitStatus
from workers.cli.typed import instant, named, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from store.audit.chains import Anchor, Verdict
    from store.audit.entries import Told
    from store.database import Pool

audit = typer.Typer(
    no_args_is_help=True, help="Who did what, and whether that stands as it was written."
)
MOST_SHOWN = 100_000
_MOST = 160
"""Characters of what an entry tells, in a table."""


@audit.command("show")
def audit_show(
    who: Annotated[
        str | None, typer.Option(parser=text, help="an actor, or the name in it, such as `ana`")
    ] = None,
    what: Annotated[
        str | None, typer.Option(parser=text, help="a command or operation, or how it begins")
    ] = None,
    since: Annotated[datetime | None, typer.Option(parser=instant, help="ISO 8601; UTC")] = None,
    account: Annotated[
        str | None, typer.Option(parser=text, help="about this account, as <creditor>/<id>")
    ] = None,
    customer: Annotated[
        str | None, typer.Option(parser=text, help="about this customer, by id")
    ] = None,
    limit: Annotated[
        int, typer.Option(min=1, max=MOST_SHOWN, help="how many, the latest first")
    ] = 100,
    as_json: AsJson = False,
) -> None:
    """Show who did what, the latest first."""
    found = run(
        with_database(lambda pool: _shown(pool, who, what, since, account, customer, limit))
    )
    _print(found, as_json=as_json)


async def _shown(
    pool: "Pool",
    who: str | None,
    what: str | None,
    since: datetime | None,
    account: str | None,
    customer: str | None,
    limit: int,
) -> "list[Told]":
    from store.audit.entries import show
    from workers.cli.output import the_account

    if account is not None:
        row = await the_account(pool, account)
        account = f"{row['creditor']}/{row['account_id']}"
    return await show(pool, who, what, since, account, customer, limit)


def _print(found: "Sequence[Told]", *, as_json: bool) -> None:
    from workers.cli.output import folding, shown

    out = output()
    if as_json:
        for one in found:
            out.file.write(one.model_dump_json() + "\n")
        return
    table = folding("when (UTC)", "row", "who", "what", "stage", "about", "why", "more", lines=True)
    for one in found:
        about = one.account or one.customer_id or ("somebody erased" if one.forgotten else "")
        table.add_row(
            f"{one.at:%Y-%m-%d %H:%M:%S}",
            f"{one.lane}:{one.place}",
            shown(one.actor),
            one.what,
            one.stage,
            shown(about),
            shown(one.reason or ""),
            shown(_clipped(json.dumps(one.told, ensure_ascii=False)) if one.told else ""),
        )
    out.print(table)


def _clipped(told: str) -> str:
    """So much of it as a table bears; all of it is in ``--json``."""
    return told if len(told) <= _MOST else f"{told[: _MOST - 1]}…"


@audit.command("verify")
def audit_verify(
    anchor: Annotated[
        Path | None,
        typer.Option(
            help="a file of what `audit anchor` printed, a line each; - is standard input"
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find whatever was changed, taken away or put in: each row; status 1 where there is any.

    That rows are missing at the end, where their chain's end was set back with them, is found with
    an anchor alone, and so is a chain that was written anew.
    """
    from store.audit.chains import verify

    anchors = [] if anchor is None else _anchors(anchor)
    verdict = run(with_database(lambda pool: verify(pool, anchors)))
    _tell(verdict, as_json=as_json)
    if verdict.wrong:
        raise SystemExit(ExitStatus.FAILED)


def _anchors(file: Path) -> "list[Anchor]":
    import sys

    from pydantic import ValidationError

    from store.audit.chains import Anchor

    with named("--anchor", file):
        try:
            read = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
        except UnicodeDecodeError:
            raise BadInput(f"--anchor: {file} is no text") from None
    found = list[Anchor]()
    for number, line in enumerate(read.splitlines(), 1):
        if not line.strip():
            continue
        try:
            found.append(Anchor.model_validate_json(line))
        except ValidationError:
            what = "is none that `contrapunto audit anchor` printed"
            raise BadInput(f"--anchor: {file}: line {number} {what}") from None
    if not found:
        raise BadInput(f"--anchor: {file} has no anchor: keep what `audit anchor` prints in it")
    return found


def _tell(verdict: "Verdict", *, as_json: bool) -> None:
    out = output()
    if as_json:
        for one in verdict.wrong:
            typer.echo(json.dumps({"row": one.row, "wrong": one.what}))
        told = {"entries": verdict.entries, "anchors": verdict.anchors}
        typer.echo(json.dumps({**told, "wrong": len(verdict.wrong)}))
        return
    for one in verdict.wrong:
        where = f"row {one.row} " if one.row else ""
        out.print(f"{where}{one.what}", markup=False, highlight=False, soft_wrap=True)
    beside = f" and {verdict.anchors} anchors" if verdict.anchors else ""
    found = f"{len(verdict.wrong)} things are wrong" if verdict.wrong else "all as it was written"
    words = f"{verdict.entries} entries{beside}: {found}"
    out.print(words, markup=False, highlight=False, soft_wrap=True)


@audit.command("anchor")
def audit_anchor() -> None:
    """Print how far all chains have come, as a line of JSON, to be kept outside of the database."""
    from store.audit.chains import anchor

    at = wall_clock()
    typer.echo(run(with_database(lambda pool: anchor(pool, at))).model_dump_json())
