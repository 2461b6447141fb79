"""``contrapunto account ...`` and ``contrapunto customer ...``."""

import json
import math
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.calendar import day_start
from domain.entry.bounds import LATEST
from domain.failures import BadInput, NotFound
from domain.names import account_key
from telemetry import links
from workers.cli.shell import (
    AsJson,
    console,
    database,
    log_to_console,
    output,
    run,
    user,
    wall_clock,
    with_database,
)
from workers.cli.typed import Text, instant, read_instant, text

if TYPE_CHECKING:
    from store.database import Pool
    from store.failures import Failing
    from store.views.overdue import Overdue

MOST_HOURS = 876_000
"""A hundred years."""


class Preferable(StrEnum):
    """The channels that a customer can ask for."""

    SMS = "sms"
    WHATSAPP = "whatsapp"
    EMAIL = "email"
    VOICE = "voice"
    ANY = "any"


accounts = typer.Typer(
    no_args_is_help=True,
    help="One account: look at it, hold, resume, close, agree a plan, disputes, hardships.",
)
customers = typer.Typer(no_args_is_help=True, help="One customer over all accounts.")


@accounts.command("show")
def account_show(account: Text, as_json: AsJson = False) -> None:
    """Facts, next step, contact points and timeline, with each change of plan and its reason."""
    run(_show(account, as_json=as_json))


async def _show(account: str, *, as_json: bool) -> None:
    from config.settings import load
    from workers.cli.output import show_account
    from workers.connection import clock_of

    settings = load()
    clock = await clock_of(settings)
    async with database(settings) as pool:
        await show_account(pool, settings, account, clock, output(), as_json=as_json)


@accounts.command("hold")
def account_hold(
    account: Text,
    until: Annotated[
        str,
        typer.Option(
            help="an instant in ISO 8601 (without an offset it is UTC), or a date: the whole of "
            "that day as well, where the customer is"
        ),
    ],
    reason: Annotated[str, typer.Option(parser=text, help="in a few plain words")] = "operator",
    as_json: AsJson = False,
) -> None:
    """Be silent until an instant, or through a day."""

    def request(row: Mapping[str, Any]) -> dict[str, Any]:
        return {"until": held_until(until, row["zones"] or ("UTC",)).isoformat(), "reason": reason}

    run(ask(account, "hold", request, as_json=as_json))


@accounts.command("resume")
def account_resume(account: Text, as_json: AsJson = False) -> None:
    """Lift a hold."""
    run(ask(account, "resume", lambda _: {}, as_json=as_json))


@accounts.command("close")
def account_close(
    account: Text,
    reason: Annotated[str, typer.Option(parser=text, help="closed, recalled, or words")] = "closed",
    as_json: AsJson = False,
) -> None:
    """Stop collecting."""
    run(ask(account, "close", lambda _: {"reason": reason}, as_json=as_json))


def held_until(typed: str, zones: Sequence[str]) -> datetime:
    """When a hold ends: at an instant, or after the customer's day where only a date is typed.

    Raises BadInput for what is neither.
    """
    try:
        if len(typed) > len("2026-11-29"):
            datetime.fromisoformat(typed)
            return _until(typed)
        day = min(date.fromisoformat(typed), LATEST.date())
    except ValueError:
        raise BadInput(
            f"until: must be a date such as 2026-11-29 or an instant such as "
            f"2026-11-29T09:00:00-05:00, {typed!r} is neither"
        ) from None
    return day_start(day + timedelta(days=1), zones)


def _until(typed: str) -> datetime:
    try:
        return read_instant(typed)
    except BadInput as error:
        raise BadInput(f"until: {error}") from None


async def ask(
    account: str,
    update: str,
    request: Callable[[Mapping[str, Any]], dict[str, Any]],
    *,
    as_json: bool,
) -> tuple[str, str]:
    """Send an update to an account's workflow, and tell its answer; the account's key and the id
    under which it was asked.

    ``request``: what is asked, made of the account's row.
    """
    from workers.accounts import Accounts
    from workers.cli.output import line
    from workers.connection import temporal_client

    row, by_now = await with_database(lambda pool: _by_now(pool, account))
    accounts = Accounts(await temporal_client())
    payload = {"id": f"cli:{secrets.token_hex(8)}", **request(row)}
    if update == "close" and payload["reason"] == "recalled":
        by_now = row["account_id"]  # a recall is of the number, and the debt may go on
    key = account_key(row["creditor"], by_now)
    if by_now != row["account_id"] and not as_json:
        told = f"{account_key(row['creditor'], row['account_id'])} is {key} by now"
        console.print(told, markup=False, highlight=False, soft_wrap=True)
    try:
        answer = await accounts.ask(f"account/{key}", update, payload)
    except BadInput as error:
        raise BadInput(f"refused: {error}") from error
    except NotFound as error:
        raise NotFound(f"account {key} has no running workflow (it is {row['status']})") from error
    if as_json:
        typer.echo(line({"account": key, "request": update, **answer}))
        return key, payload["id"]
    notes = [answer["note"]] if "note" in answer else []
    if account not in (key, row["account_id"]):
        notes.insert(0, f"it is {key}")  # it was typed in another spelling
    note = f" ({'; '.join(notes)})" if notes else ""
    told = f"{update}: done{note}. Next: {answer['next_step']['summary']}"
    console.print(told, markup=False, highlight=False, soft_wrap=True)
    if (link := links.to(key)) is not None:
        console.print(link, markup=False, highlight=False, soft_wrap=True)
    return key, payload["id"]


async def _by_now(pool: "Pool", account: str) -> tuple[dict[str, Any], str]:
    """An account, and the id that its debt has by now."""
    from store.views.records import Records
    from workers.cli.output import the_account

    row = await the_account(pool, account)
    return row, await Records(pool).now_called(row["creditor"], row["account_id"])


@accounts.command("overdue")
def account_overdue(
    by: Annotated[float, typer.Option(min=0, max=MOST_HOURS, help="hours past its time")] = 1,
    everyone: Annotated[bool, typer.Option("--all", help="every open account")] = False,
    start: Annotated[bool, typer.Option(help="start a workflow for those that have none")] = False,
    as_json: AsJson = False,
) -> None:
    """Open accounts that stand still: their time has come, or what they do fails again and again.

    With --start, those without a workflow are set going.
    """
    if math.isnan(by):
        raise BadInput("--by: must be a number of hours")
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
    from store.views.overdue import overdue

    return await overdue(pool, before), await failing(pool)


@accounts.command("start")
def account_start(
    missing: Annotated[
        bool, typer.Option("--missing", help="every open account that has no workflow")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Start workflows for the open accounts that have none, as when Temporal was lost.

    Running ones are left alone, and what was said to a customer is not said again.
    """
    if not missing:
        raise BadInput("say --missing: accounts are started by intake, or where they have none")
    found = run(_start_missing())
    if as_json:
        output().file.write(json.dumps(found) + "\n")
        return
    told = ", ".join(f"{count} {what}" for what, count in sorted(found.items()))
    console.print(f"workflows: {told or 'no open account'}", markup=False, highlight=False)


async def _start_missing() -> dict[str, int]:
    from workers.accounts import Accounts
    from workers.connection import temporal_client
    from workers.restoring.starting import start_missing

    accounts = Accounts(await temporal_client())
    found = await with_database(lambda pool: start_missing(pool, accounts))
    return {what.value: count for what, count in found.items()}


@accounts.command("refused")
def account_refused(
    account: Annotated[str | None, typer.Argument(parser=text, help="of one account only")] = None,
    since: Annotated[datetime | None, typer.Option(parser=instant, help="ISO 8601; UTC")] = None,
    most: Annotated[int, typer.Option(min=1, max=100_000, help="how many, the latest first")] = 100,
    as_json: AsJson = False,
) -> None:
    """Messages and requests that were not taken: what came, when, and why not."""
    from workers.cli.output import refused_of, show_refused

    found = run(with_database(lambda pool: refused_of(pool, account, since, most)))
    show_refused(output(), found, as_json=as_json)


@customers.command("show")
def customer_show(
    customer: Text,
    since: Annotated[
        datetime | None,
        typer.Option(
            parser=instant, help="what happened from here on (UTC; default: all); what stands stays"
        ),
    ] = None,
    by: Annotated[
        str | None, typer.Option(parser=text, help="who looks (default: the user)")
    ] = None,
    no_words: Annotated[
        bool,
        typer.Option("--no-words", help="without the customer's words: then no look is logged"),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """All that is on record of a customer, with their words. The look is logged.

    Contact points with consent and why they are not used, accounts, promises, payments, holds, what
    the law knows, work, messages both ways, and all that happened.
    """
    log_to_console()
    looks = None if no_words else by or user()
    run(_show_customer(customer, since, looks, as_json=as_json))


async def _show_customer(
    customer: str, since: datetime | None, by: str | None, *, as_json: bool
) -> None:
    from config.settings import load
    from workers.cli.customer.view import show_customer
    from workers.connection import clock_of

    settings = load()
    clock = await clock_of(settings)
    async with database(settings) as pool:
        about = (pool, settings, customer, since, by, clock)
        await show_customer(*about, output(), as_json=as_json)


@customers.command("prefer")
def customer_prefer(
    customer: Text,
    channel: Annotated[
        Preferable | None, typer.Option(help="tried first; `any` takes it back")
    ] = None,
    hours: Annotated[
        str | None,
        typer.Option(help="stretches of their day, as 09:00-11:00,18:00-20:00; `any`: all"),
    ] = None,
    days: Annotated[
        str | None, typer.Option(help="on which days, as mon,tue (default: on all)")
    ] = None,
    language: Annotated[str | None, typer.Option(help="es, pt, en, es-MX...; or `any`")] = None,
    by: Annotated[
        str | None, typer.Option(parser=text, help="who was told (default: the user)")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Keep how a customer wants to be reached, and plan anew.

    It is put before whatever a file says, worked or costs less; the law before it. Outside of their
    hours nobody is contacted, and where no lawful hour is left a person is asked.
    """
    run(_prefer(customer, (channel, hours, days, language), by or user(), as_json=as_json))


async def _prefer(customer: str, wish: tuple[str | None, ...], by: str, *, as_json: bool) -> None:
    from config.settings import load
    from workers.accounts import Accounts
    from workers.cli.customer.prefer import as_dict, prefer, read_wish, tell
    from workers.cli.output import line
    from workers.connection import client_and_clock

    stated = read_wish(*wish)
    settings = load()
    client, clock = await client_and_clock(settings)
    async with database(settings) as pool:
        done = await prefer(pool, Accounts(client), clock, customer, stated, by)
    if as_json:
        told = {"customer_id": customer, **as_dict(done.preference), "plan_anew": done.plan_anew}
        output().file.write(line(told) + "\n")
        return
    for words in tell(done, customer):
        console.print(words, highlight=False, markup=False)


@customers.command("timeline")
def customer_timeline(customer: Text, as_json: AsJson = False) -> None:
    """All that happened between us and a customer, over all accounts."""
    from workers.cli.output import show_timeline

    out = output()
    run(with_database(lambda pool: show_timeline(pool, customer, out, as_json=as_json)))
