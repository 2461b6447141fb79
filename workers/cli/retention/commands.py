"""``contrapunto maintain``, and ``contrapunto retention ...``: what is over, and how it goes."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from domain.failures import BadInput
from workers.cli.shell import AsJson, console, output, run, user, wall_clock, with_database
from workers.cli.typed import Text, instant, text

if TYPE_CHECKING:
    from domain.history.months import Month, Table
    from store.database import Pool

retention = typer.Typer(no_args_is_help=True, help="How long what is over is kept.")

Chunk = Annotated[
    int, typer.Option(min=1, max=100_000, help="rows that are moved or removed in one transaction")
]
AsOf = Annotated[
    datetime | None,
    typer.Option("--as-of", parser=instant, help="as if it were this instant (default: now)"),
]
By = Annotated[str | None, typer.Option(parser=text, help="who says so (default: the user)")]


@retention.callback()
def _group() -> None:
    pass


def add_to(app: typer.Typer) -> None:
    """Put the commands where they stand."""
    app.command("maintain")(maintain)
    app.add_typer(retention, name="retention")


def _say(line: str) -> None:
    output().print(line, markup=False, highlight=False, soft_wrap=True)


class _Progress:
    """Says of each month how much was done, once the next is begun."""

    def __init__(self, done: str) -> None:
        self._done, self._rows = done, 0
        self._at: tuple[Table, Month] | None = None

    def __call__(self, table: "Table", month: "Month", rows: int) -> None:
        """So many more."""
        if self._at is not None and self._at != (table, month):
            self.close()
        self._at, self._rows = (table, month), self._rows + rows

    def close(self) -> None:
        """Say what was done of the last."""
        if self._at is not None:
            table, month = self._at
            console.print(
                f"{table.value} {month}: {self._rows:,} {self._done}",
                markup=False,
                highlight=False,
            )
        self._at, self._rows = None, 0


def maintain(chunk: Chunk = 2_000) -> None:
    """Make the months of the history that come next, and move into it what is over.

    Run it daily; it may be ended at any moment, and goes on the next time.
    """

    async def work() -> str:
        from config.settings import load
        from workers.retention import app

        progress = _Progress("moved")
        async with app.maintaining(load()) as pool:
            moved = await app.maintain(pool, wall_clock(), progress, chunk)
        progress.close()
        return ", ".join(f"{rows:,} of {table.value}" for table, rows in moved.items())

    _say(f"moved into the history: {run(work()) or 'nothing'}")


@retention.command("plan")
def retention_plan(as_of: AsOf = None, as_json: AsJson = False) -> None:
    """What would go by now, by table and month, and what would stay and why; nothing is changed."""

    async def work() -> None:
        from config.settings import load
        from store.history.removing import WHY
        from workers.retention import app

        settings = load()
        total = 0
        async with app.maintaining(settings) as pool:
            what = app.removing(pool, settings)
            async for table, month, found in app.plan(pool, what, as_of or wall_clock()):
                total += app.goes(found)
                if as_json:
                    named = {"table": table.value, "month": str(month), **found}
                    typer.echo(json.dumps(named))
                    continue
                stays = "; ".join(
                    f"{rows:,} stay: {WHY[why]}"
                    for why, rows in sorted(found.items())
                    if why != "goes"
                )
                _say(f"{table.value} {month}: {app.goes(found):,} go{stays and '; ' + stays}")
        if not as_json:
            _say(f"{total:,} rows would go" if total else "nothing would go")

    run(work())


@retention.command("run")
def retention_run(chunk: Chunk = 2_000) -> None:
    """Remove what may go: for good, in small transactions; ended, it goes on the next time."""

    async def work() -> str:
        from config.settings import load
        from workers.retention import app

        settings = load()
        progress = _Progress("removed")
        async with app.maintaining(settings) as pool:
            what = app.removing(pool, settings)
            removed = await app.remove(pool, what, wall_clock(), progress, chunk)
        progress.close()
        return ", ".join(f"{rows:,} of {table.value}" for table, rows in removed.items())

    _say(f"removed: {run(work()) or 'nothing'}")


@retention.command("hold")
def retention_hold(
    name: Text,
    why: Annotated[str, typer.Option(parser=text, help="the case, the order, the request")],
    account: Annotated[
        str | None, typer.Option(parser=text, help="of this account, <creditor>/<account>")
    ] = None,
    creditor: Annotated[
        str | None, typer.Option(parser=text, help="of all accounts of a creditor")
    ] = None,
    customer: Annotated[
        str | None, typer.Option(parser=text, help="of all that a customer is part of")
    ] = None,
    by: By = None,
) -> None:
    """Place a legal hold: of whom it names nothing is removed until it is lifted."""
    given = [one for one in (account, creditor, customer) if one is not None]
    if len(given) != 1:
        raise BadInput("say one of --account, --creditor and --customer: of whom nothing may go")
    of, called = creditor, None
    if account is not None:
        of, _, called = account.partition("/")
        if not (of and called):
            raise BadInput("--account: say <creditor>/<account>")

    async def work(pool: "Pool") -> None:
        from store.history.holds import LegalHold, LegalHolds

        await LegalHolds(pool).place(
            LegalHold(
                hold_id=name,
                creditor=of,
                account_id=called,
                customer_id=customer,
                why=why,
                by_whom=by or user(),
                since=wall_clock(),
            )
        )

    run(with_database(work))
    _say(f"{name}: nothing of {given[0]} is removed until it is lifted")


@retention.command("lift")
def retention_lift(name: Text, by: By = None) -> None:
    """Lift a legal hold."""

    async def work(pool: "Pool") -> None:
        from store.history.holds import LegalHolds

        await LegalHolds(pool).lift(name, by or user(), wall_clock())

    run(with_database(work))
    _say(f"{name}: lifted")


@retention.command("holds")
def retention_holds(
    every: Annotated[bool, typer.Option("--all", help="those that were lifted, too")] = False,
    as_json: AsJson = False,
) -> None:
    """List the legal holds that stand."""

    async def work(pool: "Pool") -> None:
        from store.history.holds import LegalHolds

        found = await LegalHolds(pool).all(lifted=every)
        for hold in found:
            if as_json:
                typer.echo(hold.model_dump_json())
                continue
            whom = hold.customer_id or "/".join(filter(None, (hold.creditor, hold.account_id)))
            since = f"since {hold.since:%Y-%m-%d} by {hold.by_whom}"
            lifted = ""
            if hold.lifted_at is not None:
                lifted = f"; lifted {hold.lifted_at:%Y-%m-%d} by {hold.lifted_by}"
            _say(f"{hold.hold_id}: {whom}, {since}: {hold.why}{lifted}")
        if not found and not as_json:
            _say("no legal hold stands")

    run(with_database(work))
