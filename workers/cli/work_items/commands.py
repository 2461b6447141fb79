"""``contrapunto work ...``: what people are asked to do, who does it, and what came of it."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.channels import Channel
from domain.conversation.work_words import WorkOutcome, WorkReason
from workers.cli.contact.commands import (
    Address,
    CallbackAt,
    Point,
    PromiseAmount,
    PromiseDate,
    PromisePart,
    came_of,
)
from workers.cli.shell import AsJson, console, database, log_to_console, output, run, user
from workers.cli.typed import instant, text

if TYPE_CHECKING:
    from store.conversation.work import WorkItem, WorkItems

work = typer.Typer(no_args_is_help=True, help="What people are asked to do for a customer.")

WorkId = Annotated[int, typer.Argument(min=1, help="as in the list")]
By = Annotated[str | None, typer.Option(parser=text, help="who it is (default: the user)")]


@work.callback()
def _group() -> None:
    pass


@work.command("list")
def work_list(
    customer: Annotated[
        str | None, typer.Option(parser=text, help="of one customer only, by id")
    ] = None,
    reason: Annotated[WorkReason | None, typer.Option(help="for one reason only")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="at most so many")] = 100,
    done: Annotated[bool, typer.Option("--done", help="what is done, too, after the rest")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what waits for a person, the most urgent first."""
    from workers.cli.work_items.items import show_items, tell_of_begun

    async def act(items: "WorkItems", now: datetime) -> None:
        found = await items.listed(customer, reason, limit, done=done)
        show_items(found, now, output(), as_json=as_json)
        await tell_of_begun(items.pool, now, console)

    run(_with_items(act))


@work.command("show")
def work_show(work_id: WorkId, by: By = None, as_json: AsJson = False) -> None:
    """Show one item with the customer's words. The look is logged."""
    from workers.cli.work_items.items import show_words

    log_to_console()
    looks = by or user()

    async def act(items: "WorkItems", now: datetime) -> None:
        await show_words(items, work_id, looks, now, output(), as_json=as_json)

    run(_with_items(act))


@work.command("claim")
def work_claim(
    work_id: WorkId,
    by: By = None,
    hours: Annotated[float, typer.Option(min=0.1, max=72, help="then it is free again")] = 4,
    as_json: AsJson = False,
) -> None:
    """Take an item: no other can until it is given back, done, or its time is over."""
    who, length = by or user(), timedelta(hours=hours)
    _change(lambda items, now: items.claim(work_id, who, now, length), as_json=as_json)


@work.command("release")
def work_release(work_id: WorkId, by: By = None, as_json: AsJson = False) -> None:
    """Give an item back."""
    who = by or user()
    _change(lambda items, now: items.release(work_id, who, now), as_json=as_json)


@work.command("may-call")
def work_may_call(
    work_id: WorkId,
    channel: Annotated[Channel, typer.Option(help="by what; human: a visit")] = Channel.VOICE,
    as_json: AsJson = False,
) -> None:
    """May a person contact the customer of an item now: where, until when, by which rule not."""
    from workers.cli.work_items.called import may_call

    run(may_call(work_id, channel, as_json=as_json))


@work.command("done")
def work_done(
    work_id: WorkId,
    outcome: Annotated[
        WorkOutcome | None,
        typer.Option(help="what came of it; the docs say what each does (with --result: as it)"),
    ] = None,
    by: By = None,
    note: Annotated[
        str | None, typer.Option(parser=text, help="for whoever reads it later")
    ] = None,
    result: Annotated[
        str | None, typer.Option(parser=text, help="what came of the call made for it, by its code")
    ] = None,
    at: Annotated[
        datetime | None, typer.Option(parser=instant, help="when that call began, ISO 8601")
    ] = None,
    action: Annotated[str, typer.Option(parser=text, help="if it was no call: its code")] = "call",
    account: Annotated[
        str | None, typer.Option(parser=text, help="about which account, if they have several")
    ] = None,
    point: Point = None,
    address: Address = None,
    callback_at: CallbackAt = None,
    promise_amount: PromiseAmount = None,
    promise_date: PromiseDate = None,
    promise_part: PromisePart = None,
    as_json: AsJson = False,
) -> None:
    """Say what came of an item; what the law gives weight to goes on file, and accounts go on.

    With --result and --at the call that was made for it is recorded in the same go.
    """
    from domain.failures import BadInput

    who = by or user()
    if result is None:
        if outcome is None:
            raise BadInput("--outcome: say what came of it, or --result of the call made for it")
        run(_done(work_id, who, outcome, note, as_json=as_json))
        return
    if at is None:
        raise BadInput("--at: says when the call began")
    from workers.cli.work_items.called import Call, done_by_call

    came = came_of(result, callback_at, promise_amount, promise_date, promise_part, note)
    call = Call(action, at, account, point, address, came)
    run(done_by_call(work_id, who, outcome, note, call, as_json=as_json))


def _change(act: "Callable[[WorkItems, datetime], Awaitable[WorkItem]]", *, as_json: bool) -> None:
    from workers.cli.work_items.items import show_items

    async def then_show(items: "WorkItems", now: datetime) -> None:
        show_items([await act(items, now)], now, output(), as_json=as_json)

    run(_with_items(then_show))


async def _with_items(act: "Callable[[WorkItems, datetime], Awaitable[Any]]") -> None:
    from config.settings import load
    from store.conversation.work import WorkItems
    from workers.connection import clock_of

    settings = load()
    clock = await clock_of(settings)
    async with database(settings) as pool:
        await act(WorkItems(pool), await clock.now(None))


async def _done(
    work_id: int, by: str, outcome: WorkOutcome, note: str | None, *, as_json: bool
) -> None:
    from config.settings import load
    from workers.accounts import Accounts
    from workers.cli.rules import rules_factory
    from workers.cli.work_items.items import finish, tell_done
    from workers.connection import client_and_clock

    settings = load()
    client, clock = await client_and_clock(settings)
    async with database(settings) as pool:
        parts = (pool, Accounts(client), clock, rules_factory(settings))
        finished = await finish(*parts, work_id, by, outcome, note)
        tell_done(finished, console, output(), as_json=as_json)
