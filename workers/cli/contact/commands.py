"""``contrapunto contact ...``: may a person call, the call begins, and what came of it."""

import secrets
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from domain.channels import Channel
from workers.cli.agreements.typed import parted
from workers.cli.shell import AsJson, console, database, output, run, user
from workers.cli.status import ExitStatus
from workers.cli.typed import Text, day, instant, text

if TYPE_CHECKING:
    from store.database import Pool
    from workers.contacts.acting import Done, People
    from workers.contacts.asking import Came, New

T = TypeVar("T")

contact = typer.Typer(no_args_is_help=True, help="The contacts that people make.")

By = Annotated[str | None, typer.Option(parser=text, help="who contacts (default: the user)")]
Id = Annotated[
    str | None,
    typer.Option("--id", parser=text, help="names the contact: told again, nothing happens twice"),
]
Point = Annotated[
    str | None, typer.Option(parser=text, help="the contact point, as `contact may` names it")
]
Address = Annotated[
    str | None, typer.Option(parser=text, help="or the number or mailbox itself, known or not")
]
Party = Annotated[
    str | None,
    typer.Option(
        parser=text,
        help="who is contacted, where it is a guarantor or co-debtor: their customer id",
    ),
]
Also = Annotated[
    list[str] | None,
    typer.Option(parser=text, help="another account of theirs that is spoken of"),
]
Result = Annotated[str, typer.Option(parser=text, help="what came of it, by its code")]
CallbackAt = Annotated[
    datetime | None,
    typer.Option(parser=instant, help="when they are to be called: ISO 8601, without offset UTC"),
]
PromiseAmount = Annotated[
    str | None, typer.Option(parser=text, help="what they promise to pay, such as 150000")
]
PromiseDate = Annotated[
    date | None, typer.Option(parser=day, help="and the last day on which they keep it")
]
PromisePart = Annotated[
    list[str] | None,
    typer.Option(parser=text, help="AMOUNT:DATE of each, where they promise several dates"),
]
Note = Annotated[
    str | None, typer.Option(help="for whoever reads it later; it stays in the database")
]


@contact.callback()
def _group() -> None:
    pass


@contact.command("may")
def contact_may(
    account: Text,
    channel: Annotated[Channel, typer.Option(help="by what; human: a visit")] = Channel.VOICE,
    party: Party = None,
    as_json: AsJson = False,
) -> None:
    """May a person contact this customer now: where, until when, or by which rule not."""
    run(_may(account, channel, party, as_json=as_json))


async def _may(account: str, channel: Channel, party: str | None, *, as_json: bool) -> None:
    from config.settings import load
    from domain.names import workflow_id
    from workers.cli.contact.telling import show_may
    from workers.cli.rules import rules_factory
    from workers.connection import clock_of
    from workers.contacts.whose import may

    settings = load()
    clock = await clock_of(settings)
    async with database(settings) as pool:
        key = await account_of(pool, account)
        now = await clock.now(workflow_id(*key))
        answers = await may(pool, rules_factory(settings), now, key, channel, party)
        show_may(answers, output(), as_json=as_json)


@contact.command("begin")
def contact_begin(
    account: Text,
    action: Annotated[str, typer.Option(parser=text, help="what is done, by its code")] = "call",
    point: Point = None,
    address: Address = None,
    by: By = None,
    name: Id = None,
    also: Also = None,
    party: Party = None,
    as_json: AsJson = False,
) -> None:
    """Begin a contact if the law allows it now: it counts at once, and nobody else contacts them.

    Exit status 3 where it is not allowed now: the answer says by which rule, and until when.
    """

    async def act(people: "People", pool: "Pool") -> bool:
        from workers.cli.contact.telling import show_may, tell_done
        from workers.contacts.acting import Forbidden

        new = await _new(pool, account, action, point, address, by, name, also, party)
        try:
            tell_done(await people.begin(new), console, output(), as_json=as_json)
        except Forbidden as error:
            if as_json:
                show_may([error.answer], output(), as_json=True)
            else:
                console.print(str(error), markup=False, highlight=False, soft_wrap=True)
            return False
        return True

    if not run(with_people(act)):
        raise SystemExit(ExitStatus.IN_PART)


@contact.command("end")
def contact_end(
    contact_id: Text,
    result: Result,
    callback_at: CallbackAt = None,
    promise_amount: PromiseAmount = None,
    promise_date: PromiseDate = None,
    promise_part: PromisePart = None,
    note: Note = None,
    as_json: AsJson = False,
) -> None:
    """Say what came of a contact that was begun; what follows from it is done."""

    async def act(people: "People", pool: "Pool") -> None:
        promised = (promise_amount, promise_date, promise_part)
        came = came_of(result, callback_at, *promised, note)
        _tell(await people.end(contact_id, came), as_json=as_json)

    run(with_people(act))


@contact.command("record")
def contact_record(
    account: Text,
    result: Result,
    at: Annotated[datetime, typer.Option(parser=instant, help="when it began, ISO 8601")],
    action: Annotated[str, typer.Option(parser=text, help="what was done, by its code")] = "call",
    point: Point = None,
    address: Address = None,
    by: By = None,
    name: Id = None,
    also: Also = None,
    party: Party = None,
    callback_at: CallbackAt = None,
    promise_amount: PromiseAmount = None,
    promise_date: PromiseDate = None,
    promise_part: PromisePart = None,
    note: Note = None,
    as_json: AsJson = False,
) -> None:
    """Record a contact that is over, allowed or not: it happened, and counts."""

    async def act(people: "People", pool: "Pool") -> None:
        new = await _new(pool, account, action, point, address, by, name, also, party)
        promised = (promise_amount, promise_date, promise_part)
        came = came_of(result, callback_at, *promised, note)
        _tell(await people.record(new, at, came), as_json=as_json)

    run(with_people(act))


@contact.command("list")
def contact_list(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="at most so many")] = 100,
    as_json: AsJson = False,
) -> None:
    """Show the contacts that were begun and have no end yet, the oldest first."""
    from workers.cli.contact.telling import show_begun
    from workers.cli.shell import with_database

    async def act(pool: "Pool") -> None:
        from store.contacts.manual import begun

        show_begun(await begun(pool, limit), output(), as_json=as_json)

    run(with_database(act))


async def with_people(act: "Callable[[People, Pool], Awaitable[T]]") -> T:
    """Do something with the contacts of people."""
    from config.results.catalogue import load_results
    from config.settings import load
    from workers.accounts import Accounts
    from workers.cli.rules import rules_factory
    from workers.connection import client_and_clock
    from workers.contacts.acting import People

    settings = load()
    client, clock = await client_and_clock(settings)
    results = load_results(settings.results)
    async with database(settings) as pool:
        people = People(pool, Accounts(client), clock, rules_factory(settings), results)
        return await act(people, pool)


async def account_of(pool: "Pool", account: str) -> tuple[str, str]:
    """The account that has the debt by now."""
    from store.views.records import Records
    from workers.cli.output import the_account

    row = await the_account(pool, account)
    by_now = await Records(pool).now_called(row["creditor"], row["account_id"])
    return row["creditor"], by_now


async def _new(
    pool: "Pool",
    account: str,
    action: str,
    point: str | None,
    address: str | None,
    by: str | None,
    name: str | None,
    also: list[str] | None,
    party: str | None,
) -> "New":
    from workers.contacts.asking import New

    creditor, account_id = await account_of(pool, account)
    others = [await account_of(pool, one) for one in also or ()]
    return New(
        contact_id=name or f"cli:{secrets.token_hex(8)}",
        creditor=creditor,
        account_id=account_id,
        action=action,
        by=by or user(),
        point=point,
        address=address,
        also=tuple(f"{creditor}/{account_id}" for creditor, account_id in others),
        party=party,
    )


def came_of(
    result: str,
    callback_at: datetime | None,
    promise_amount: str | None,
    promise_date: date | None,
    promise_part: list[str] | None,
    note: str | None,
) -> "Came":
    """What came of it, as it is typed."""
    from workers.contacts.asking import Came

    parts = [parted("--promise-part", one) for one in promise_part or ()]
    return Came(result, callback_at, promise_amount, promise_date, note, parts)


def _tell(done: "Done", *, as_json: bool) -> None:
    from workers.cli.contact.telling import tell_done

    tell_done(done, console, output(), as_json=as_json)
