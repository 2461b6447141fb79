"""``contrapunto bulk ...``: what many accounts at once are told by one row."""

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.bulk.kinds import BulkKind
from domain.failures import BadInput, Misconfigured, Unavailable
from workers.cli.shell import AsJson, console, output, run, user, wall_clock, with_database
from workers.cli.typed import instant, text

if TYPE_CHECKING:
    from domain.bulk.order import NewOrder
    from store.bulk.wakes import Told
    from store.database import Pool
    from workers.bulk.planning import Effect

bulk = typer.Typer(
    no_args_is_help=True, help="Orders for many accounts at once: hold, cease, plan anew."
)

Kind = Annotated[
    BulkKind,
    typer.Option(help="begin nothing; let nothing leave; have each plan anew"),
]
Creditor = Annotated[str | None, typer.Option(parser=text, help="of one creditor")]
Many = list[str] | None
Country = Annotated[Many, typer.Option("--country", parser=text, help="ISO 3166-1; repeat it")]
Region = Annotated[Many, typer.Option("--region", parser=text, help="ISO 3166-2, as US-FL")]
Phase = Annotated[Many, typer.Option("--phase", parser=text, help="of the strategy")]
Segment = Annotated[Many, typer.Option("--segment", parser=text)]
Strategy = Annotated[Many, typer.Option("--strategy", parser=text)]
Product = Annotated[Many, typer.Option("--product", parser=text, help="the attribute product")]
Attribute = Annotated[
    Many, typer.Option("--attribute", parser=text, help="name=value, as of a portfolio")
]
Everything = Annotated[bool, typer.Option("--everything", help="all accounts of all creditors")]
Starts = Annotated[datetime | None, typer.Option("--from", parser=instant, help="default: at once")]
Until = Annotated[
    datetime | None, typer.Option(parser=instant, help="of a hold; default: until it is lifted")
]
Rate = Annotated[int, typer.Option(min=1, max=1000, help="workflows told in a second")]
By = Annotated[str | None, typer.Option(parser=text, help="who says so (default: the user)")]
NoWait = Annotated[
    bool, typer.Option("--no-wait", help="leave telling to `bulk resume` or `contrapunto api`")
]
Order = Annotated[int, typer.Argument(min=1, help="its number")]


def _say(line: str) -> None:
    output().print(line, markup=False, highlight=False, soft_wrap=True)


def _say_json(told: Mapping[str, Any]) -> None:
    from workers.cli.output import line

    typer.echo(line(dict(told)))


_SEVERAL = (
    "countries",
    "regions",
    "phases",
    "segments",
    "strategies",
    "products",
    "attributes",
)
"""The fields of a scope that may be given more than once, as the commands name them in turn."""


def _given(
    creditor: str | None, *several: Sequence[str] | None, everything: bool
) -> dict[str, Any]:
    """What is typed of a scope, by the fields of an order."""
    fields = dict(zip(_SEVERAL, several, strict=True))
    return {"creditor": creditor, **fields, "everything": everything}


def _new(
    kind: BulkKind, reason: str, given: Mapping[str, Any], window: Mapping[str, Any]
) -> "NewOrder":
    from pydantic import ValidationError

    from domain.bulk.order import NewOrder
    from domain.entry.broken_rule import broken_rule

    scope = {name: value for name, value in given.items() if value and name != "everything"}
    if not scope and not given["everything"]:
        raise BadInput("say which accounts: --creditor, --country, --phase ..., or --everything")
    if scope and given["everything"]:
        raise BadInput("--everything: leaves no room for another field: leave one of them away")
    if "attributes" in scope:
        scope["attributes"] = dict(_pair(one) for one in scope["attributes"])
    said = {"kind": kind, "reason": reason, "scope": scope, **window}
    try:
        return NewOrder.model_validate(said)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise BadInput(f"{where}: {broken_rule(first)}".removeprefix(": ")) from None


def _pair(said: str) -> tuple[str, str]:
    name, is_pair, value = said.partition("=")
    if not is_pair:
        raise BadInput(f"--attribute: must be name=value; {said!r} is not")
    return name.strip(), value.strip()


@bulk.command("plan")
def bulk_plan(
    kind: Kind,
    creditor: Creditor = None,
    country: Country = None,
    region: Region = None,
    phase: Phase = None,
    segment: Segment = None,
    strategy: Strategy = None,
    product: Product = None,
    attribute: Attribute = None,
    everything: Everything = False,
    starts: Starts = None,
    until: Until = None,
    rate: Rate = 50,
    as_json: AsJson = False,
) -> None:
    """Say how many accounts an order would cover, where, and what would happen; give none."""
    fields = (country, region, phase, segment, strategy, product, attribute)
    given = _given(creditor, *fields, everything=everything)
    new = _new(kind, "planned", given, {"starts_at": starts, "until": until, "rate": rate})

    async def act(pool: "Pool") -> None:
        await _plan(pool, new, as_json=as_json)

    run(with_database(act))


async def _plan(pool: "Pool", new: "NewOrder", *, as_json: bool) -> "Effect":
    from config.settings import load
    from workers.bulk.planning import Bulk
    from workers.cli.bulk.telling import json_of_effect

    effect = await Bulk(pool, load()).effect(new, wall_clock())
    if as_json:
        _say_json(json_of_effect(effect))
    else:
        for line in effect.lines():
            _say(line)
    return effect


@bulk.command("start")
def bulk_start(
    kind: Kind,
    reason: Annotated[str, typer.Option(parser=text, help="why, in plain words; nothing personal")],
    creditor: Creditor = None,
    country: Country = None,
    region: Region = None,
    phase: Phase = None,
    segment: Segment = None,
    strategy: Strategy = None,
    product: Product = None,
    attribute: Attribute = None,
    everything: Everything = False,
    starts: Starts = None,
    until: Until = None,
    rate: Rate = 50,
    by: By = None,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask whether to go on")] = False,
    accounts: Annotated[
        int | None,
        typer.Option(min=0, help="of --everything or of none: how many its plan says, once more"),
    ] = None,
    no_wait: NoWait = False,
    as_json: AsJson = False,
) -> None:
    """Show the plan of an order again, give it, and tell the workflows that wait."""
    fields = (country, region, phase, segment, strategy, product, attribute)
    given = _given(creditor, *fields, everything=everything)
    new = _new(kind, reason, given, {"starts_at": starts, "until": until, "rate": rate})
    who = by or user()

    async def act(pool: "Pool") -> None:
        from config.settings import load
        from workers.bulk.planning import Bulk

        effect = await _plan(pool, new, as_json=as_json)
        _agreed(effect, accounts, yes=yes)
        order = await Bulk(pool, load()).give(effect, who)
        since = "from its start on" if new.starts_at else "from now on"
        if as_json:
            _say_json({"order_id": order})
        else:
            _say(f"order {order} holds {since}")
        if not no_wait and (new.starts_at is None or new.starts_at <= wall_clock()):
            await _tell(pool, order, as_json=as_json)

    run(with_database(act))


def _agreed(effect: "Effect", accounts: int | None, *, yes: bool) -> None:
    """Whoever gives an order has seen what it does; of all accounts, or none, they say how many."""
    from workers.bulk.planning import confirmed

    twice = effect.new.scope.is_everything or not effect.accounts
    if not yes:
        if not sys.stdin.isatty():
            raise BadInput("read the plan, then say --yes: nobody is here to be asked")
        typer.confirm("Give this order?", abort=True, err=True)
        if twice and accounts is None:
            accounts = typer.prompt("How many accounts does it cover?", type=int, err=True)
    if twice and not confirmed(accounts, effect):
        what = "covers all accounts" if effect.accounts else "covers no account that is open now"
        raise BadInput(
            f"this order {what}: say how many its plan tells, --accounts {effect.accounts}"
        )


async def _tell(pool: "Pool", order: int, *, as_json: bool) -> None:
    from workers.accounts import Accounts
    from workers.bulk.telling import Telling
    from workers.cli.bulk.telling import progress
    from workers.connection import temporal_client

    def show(told: "Told") -> None:
        if not as_json and sys.stderr.isatty():
            console.print(f"{progress(order, told)}\r", end="", markup=False, highlight=False)

    try:
        done = await Telling(pool, Accounts(await temporal_client())).follow(order, show)
    except (Unavailable, Misconfigured) as error:
        raise type(error)(
            f"order {order} is on record, but not all workflows have been told ({error}): "
            f"contrapunto bulk resume {order}"
        ) from error
    if done is None:
        _say(f"order {order} has not begun: contrapunto bulk resume {order} tells of it then")
    elif as_json:
        _say_json({"order_id": order, **done._asdict()})
    else:
        _say(progress(order, done))


@bulk.command("status")
def bulk_status(
    order: Annotated[int | None, typer.Argument(min=1, help="one; default: all that stand")] = None,
    everything: Annotated[bool, typer.Option("--all", help="those that are over, too")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the orders that stand, and how far their workflows have been told."""

    async def act(pool: "Pool") -> None:
        from store.bulk.orders import BulkOrders
        from workers.cli.bulk.telling import json_of, lines_of

        orders = BulkOrders(pool)
        found = [await orders.one(order)] if order else await orders.listed(ended=everything)
        for one in found:
            if as_json:
                _say_json(json_of(one))
                continue
            for line in lines_of(one):
                _say(line)
        if not found and not as_json:
            _say("no order stands")

    run(with_database(act))


@bulk.command("lift")
def bulk_lift(
    order: Order,
    reason: Annotated[str, typer.Option(parser=text, help="why it is lifted")],
    by: By = None,
    no_wait: NoWait = False,
    as_json: AsJson = False,
) -> None:
    """End an order at once, and tell the workflows that wait for its end."""
    who = by or user()
    if not reason.strip():
        raise BadInput("--reason: says why it is lifted")

    async def act(pool: "Pool") -> None:
        from store.bulk.orders import BulkOrders

        waiting = await BulkOrders(pool).lift(order, who, reason.strip())
        if as_json:
            _say_json({"order_id": order, "lifted": True, "waiting": waiting})
        else:
            _say(f"order {order} is lifted; {waiting:,} accounts wait for it and are told")
        if not no_wait:
            await _tell(pool, order, as_json=as_json)

    run(with_database(act))


@bulk.command("resume")
def bulk_resume(
    order: Annotated[
        int | None, typer.Argument(min=1, help="one; default: all that are left")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Go on telling workflows where whoever told them was ended."""

    async def act(pool: "Pool") -> None:
        from store.bulk.orders import BulkOrders
        from store.bulk.wakes import Wakes

        if order is not None:
            await BulkOrders(pool).one(order)
            await _tell(pool, order, as_json=as_json)
            return
        left = await Wakes(pool).left()
        for one in left:
            await _tell(pool, one, as_json=as_json)
        if not left:
            _say("nothing is left to be told")

    run(with_database(act))
