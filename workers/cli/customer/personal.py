"""``contrapunto customer export`` and ``customer erase``: what is held on a person, and its end."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workers.cli.shell import AsJson, console, database, log_to_console, output, run, user
from workers.cli.typed import Text, text

if TYPE_CHECKING:
    from store.persons.erasing import Erased

log = logging.getLogger(__name__)


def add_to(customers: typer.Typer) -> None:
    """Add the commands."""
    customers.command("export")(customer_export)
    customers.command("erase")(customer_erase)


def customer_export(
    customer: Text,
    out: Annotated[
        Path | None, typer.Option(help="the file to write, for its owner alone (default: output)")
    ] = None,
    by: Annotated[
        str | None, typer.Option(parser=text, help="who asks for it (default: the user)")
    ] = None,
) -> None:
    """Write all that is held on a person, from every table, as JSON. That it was is logged.

    Under every id that is surely theirs, and also what only their addresses, accounts or messages
    lead to. Read it before you hand it out: what was written from an address that they share may be
    somebody else's.
    """
    log_to_console()
    run(_export(customer, out, by or user()))


async def _export(customer: str, out: Path | None, by: str) -> None:
    from config.settings import load
    from domain.failures import NotFound
    from store.persons.exporting import export
    from workers.cli.customer.handing_out import beside, write

    async with database(load()) as pool:
        found = await export(pool, customer)
    if found is None:
        raise NotFound(f"no customer {customer}")
    rows = sum(map(len, found["tables"].values()))
    write({**found, "elsewhere": beside(found)}, out)
    log.info("%s exported customer %s, %d rows", by, customer, rows)


def customer_erase(
    customer: Text,
    reason: Annotated[
        str, typer.Option(parser=text, help="why, in a few plain words, nothing personal")
    ],
    by: Annotated[
        str | None, typer.Option(parser=text, help="who erases (default: the user)")
    ] = None,
    close_accounts: Annotated[
        bool, typer.Option("--close-accounts", help="close their open accounts first")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="say what would be done, and do nothing")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Erase a person: what has to be kept is kept without their name, addresses and words.

    What is deleted, emptied and kept is printed, with why, and recorded. Nobody is contacted again:
    a file that brings them again is refused, and whoever comes with an address of theirs comes with
    a stop. It is refused while an account is open. Nothing takes it back: export first.
    """
    run(_erase(customer, reason, by or user(), close=close_accounts, dry=dry_run, as_json=as_json))


async def _erase(
    customer: str, reason: str, by: str, *, close: bool, dry: bool, as_json: bool
) -> None:
    from config.settings import load
    from store.persons.erasing import erase, open_accounts
    from workers.cli.account import ask
    from workers.cli.output import line
    from workers.connection import clock_of

    settings = load()
    async with database(settings) as pool:
        if close and not dry:
            for account in await open_accounts(pool, customer):
                await ask(account, "close", lambda _: {"reason": "closed"}, as_json=as_json)
        now = await (await clock_of(settings)).now(None)
        done = await erase(pool, customer, by, reason, now, dry=dry)
    from workers.cli.customer.handing_out import elsewhere

    places = elsewhere(done.accounts, done.files, done.providers)
    if as_json:
        told = {**done._asdict(), "dry_run": dry, "elsewhere": places}
        output().file.write(line(told) + "\n")
        return
    _print(customer, done, places, dry=dry)


def _print(customer: str, done: "Erased", places: list[dict[str, Any]], *, dry: bool) -> None:
    from workers.cli.output import folding, shown

    out = output()
    what = "would be erased" if dry else "is erased"
    ids = ", ".join(one for one in done.ids if one != customer)
    out.print(shown(f"customer {customer} {what}" + (f", also as {ids}" if ids else "")))
    table = folding("Table", "Rows", "What becomes of them", "Why")
    for name, one in done.tables.items():
        became = "deleted" if one["deleted"] else "kept"
        if one["emptied"]:
            became = "kept; emptied or made anew: " + ", ".join(one["emptied"])
        table.add_row(name, str(one["rows"]), became, one["why"])
    out.print(table)
    if done.shared:
        out.print(f"{done.shared} addresses stay on record with others who have them, too")
    if done.perhaps:
        named = ", ".join(done.perhaps)
        out.print(shown(f"perhaps theirs, and left as they are: {named}. Look, and erase each"))
    rest = folding("Elsewhere", "What to do")
    for place in places:
        rest.add_row(place["where"], shown(place["todo"]))
    out.print(rest)
    if dry:
        console.print("nothing was done (--dry-run)", highlight=False)
