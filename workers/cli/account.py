"""``contrapunto account ...`` and ``contrapunto customer ...``."""

import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.failures import BadInput, NotFound
from domain.names import account_key
from workers.cli.shell import (
    AsJson,
    aware,
    console,
    output,
    run,
    wall_clock,
    with_database,
)

if TYPE_CHECKING:
    from store.database import Pool
    from store.failures import Failing
    from store.overdue import Overdue

accounts = typer.Typer(no_args_is_help=True, help="One account: look at it, hold, resume, close.")
customers = typer.Typer(no_args_is_help=True, help="One customer over all accounts.")


@accounts.command("show")
def account_show(account: str, as_json: AsJson = False) -> None:
    """Facts, next step, contact points and timeline, with each change of plan and its reason."""
    from config.settings import load
    from workers.cli.output import show_account

    settings, now, out = load(), wall_clock(), output()
    run(
        with_database(lambda pool: show_account(pool, settings, account, now, out, as_json=as_json))
    )


@accounts.command("hold")
def account_hold(
    account: str,
    until: Annotated[datetime, typer.Option(help="ISO 8601; without an offset it is UTC")],
    reason: Annotated[str, typer.Option(help="in a few plain words")] = "operator",
) -> None:
    """Be silent until an instant."""
    run(_ask(account, "hold", {"until": aware(until).isoformat(), "reason": reason}))


@accounts.command("resume")
def account_resume(account: str) -> None:
    """Lift a hold."""
    run(_ask(account, "resume", {}))


@accounts.command("close")
def account_close(
    account: str, reason: Annotated[str, typer.Option(help="closed, recalled, or words")] = "closed"
) -> None:
    """Stop collecting."""
    run(_ask(account, "close", {"reason": reason}))


async def _ask(account: str, update: str, payload: dict[str, Any]) -> None:
    from workers.accounts import Accounts
    from workers.cli.output import the_account
    from workers.connection import temporal_client

    row = await with_database(lambda pool: the_account(pool, account))
    key, request = account_key(row["creditor"], row["account_id"]), f"cli:{secrets.token_hex(8)}"
    accounts = Accounts(await temporal_client())
    try:
        answer = await accounts.ask(f"account/{key}", update, {"id": request, **payload})
    except BadInput as error:
        raise BadInput(f"refused: {error}") from error
    except NotFound as error:
        raise NotFound(f"account {key} has no running workflow (it is {row['status']})") from error
    console.print(f"{update}: done. Next: {answer['next_step']['summary']}")


@accounts.command("overdue")
def account_overdue(
    by: Annotated[float, typer.Option(min=0, help="hours past its time")] = 1,
    everyone: Annotated[bool, typer.Option("--all", help="every open account")] = False,
    start: Annotated[bool, typer.Option(help="start a workflow for those that have none")] = False,
    as_json: AsJson = False,
) -> None:
    """Open accounts that stand still: their time has come, or what they do fails again and again.

    With --start, those without a workflow are set going.
    """
    before = None if everyone else wall_clock() - timedelta(hours=by)
    run(_overdue(before, start=start, as_json=as_json))


async def _overdue(before: datetime | None, *, start: bool, as_json: bool) -> None:
    from workers.accounts import Accounts
    from workers.cli.output import show_failing, show_overdue
    from workers.connection import temporal_client

    found, stuck = await with_database(lambda pool: _standing_still(pool, before))
    show_overdue(output(), found, as_json=as_json)
    show_failing(output(), stuck, as_json=as_json)
    if start and found:
        keys = [(account.creditor, account.account_id) for account in found]
        done = await Accounts(await temporal_client()).start_missing(keys)
        told = ", ".join(f"{count} {what}" for what, count in sorted(done.items()))
        console.print(f"workflows: {told}")


async def _standing_still(
    pool: "Pool", before: datetime | None
) -> "tuple[list[Overdue], list[Failing]]":
    from store.failures import failing
    from store.overdue import overdue

    return await overdue(pool, before), await failing(pool)


@accounts.command("refused")
def account_refused(
    account: Annotated[str | None, typer.Argument(help="of one account only")] = None,
    since: Annotated[datetime | None, typer.Option(help="ISO 8601; UTC")] = None,
    most: Annotated[int, typer.Option(min=1, help="how many, the latest first")] = 100,
    as_json: AsJson = False,
) -> None:
    """Messages and requests that were not taken: what came, when, and why not."""
    from store.facts import refused
    from workers.cli.output import show_refused

    creditor, _, account_id = (account or "").rpartition("/")
    start = aware(since) if since else None
    found = run(
        with_database(lambda pool: refused(pool, start, creditor or None, account_id or None, most))
    )
    show_refused(output(), found, as_json=as_json)


@customers.command("timeline")
def customer_timeline(customer: str, as_json: AsJson = False) -> None:
    """All that happened between us and a customer, over all accounts."""
    from workers.cli.output import show_timeline

    out = output()
    run(with_database(lambda pool: show_timeline(pool, customer, out, as_json=as_json)))
