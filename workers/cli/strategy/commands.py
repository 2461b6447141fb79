"""``contrapunto strategy ...``: what would come next, in which words, and what another would do."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workers.cli.shell import AsJson, database, output, run, user
from workers.cli.strategy.standing import add_to
from workers.cli.typed import Text, text

if TYPE_CHECKING:
    from rich.console import Console

    from domain.strategy import Strategy
    from workers.strategies.preview import Foreseen, Previewed

strategy = typer.Typer(no_args_is_help=True, help="What a strategy would do, without doing it.")

add_to(strategy)

log = logging.getLogger(__name__)


@strategy.callback()
def _group() -> None:
    pass


@strategy.command("preview")
def strategy_preview(
    account: Text,
    contacts: Annotated[int, typer.Option(min=1, max=100, help="until so many contacts")] = 5,
    other: Annotated[
        str | None,
        typer.Option("--strategy", parser=text, help="by its id, in the place of the account's"),
    ] = None,
    by: Annotated[
        str | None, typer.Option(parser=text, help="who looks (default: the user)")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """The next steps of an account, with words and law, if nobody answers or pays meanwhile.

    Nothing is sent and nothing is written. The words are personal: the look is logged.
    """
    run(_preview(account, contacts, other, by or user(), as_json=as_json))


@strategy.command("diff")
def strategy_diff(
    old: Text,
    new: Text,
) -> None:
    """What another strategy does otherwise, in words, by phase and field.

    Each is the id of a strategy that is configured, or a file.
    """
    from config.settings import load
    from workers.cli.output import shown
    from workers.strategies.difference import differences

    known = load().strategies
    told = list(differences(strategy_named(old, known), strategy_named(new, known)))
    for line in told:
        output().print(shown(line), highlight=False, soft_wrap=True)
    if not told:
        output().print("both do the same", highlight=False)


def strategy_named(name: str, folder: "Path") -> "Strategy":
    """The strategy of an id, or of a file."""
    from config.strategy_files import load_strategies, load_strategy
    from domain.failures import NotFound

    if "/" in name or name.endswith((".yaml", ".yml")):
        return load_strategy(Path(name))
    known = load_strategies(folder)
    if name not in known:
        there = ", ".join(sorted(known))
        raise NotFound(f"no strategy {name!r} in {folder}: there are {there}; or name a file")
    return known[name]


async def _preview(
    account: str, contacts: int, other: str | None, by: str, *, as_json: bool
) -> None:
    from activities.orders import AccountRef
    from config.settings import load
    from domain.names import workflow_id
    from store.audit.act import Stage, current
    from store.audit.writing import Entry, write
    from workers.cli.contact.commands import account_of
    from workers.cli.rules import rules_factory
    from workers.connection import clock_of
    from workers.strategies.preview import preview

    settings = load()
    clock = await clock_of(settings)
    async with database(settings) as pool:
        creditor, account_id = await account_of(pool, account)
        now = await clock.now(workflow_id(creditor, account_id))
        factory, ref = rules_factory(settings), AccountRef(creditor=creditor, account_id=account_id)
        found = await preview(pool, settings, factory, ref, now, contacts, other)
        if (act := current()) is not None:
            about = Entry(Stage.LOOKED, account=f"{creditor}/{account_id}")
            await write(pool, act, about)
    log.info("%s looked at what would be said to the customer of %s/%s", by, creditor, account_id)
    if as_json:
        as_lines(found)
    else:
        show(found, output())


def as_lines(found: "Previewed") -> None:
    """Each step as one JSON object."""
    from workers.cli.output import line

    for one in found.steps:
        typer.echo(line(_told(one)))


def _told(one: "Foreseen") -> dict[str, Any]:
    step, words = one.step, one.words
    return {
        "kind": step.kind,
        "at": step.not_before,
        "until": step.not_after,
        "why": step.why,
        "summary": step.summary,
        "status": step.view.status,
        "phase": step.phase or step.view.phase,
        "touch": step.touch or None,
        "channel": step.channel,
        "provider": step.provider,
        "purpose": step.purpose,
        "contact_point_id": step.contact_point_id,
        "covers": step.covers,
        "rule": step.rule,
        "cite": step.cite,
        "subject": words.subject if words else None,
        "text": words.text if words else None,
        "fault": one.fault,
    }


def show(found: "Previewed", console: "Console") -> None:
    """Each step by the customer's clock, with its words."""
    from domain.calendar import shown_zone, wall
    from workers.cli.output import shown

    zone = shown_zone(found.zones)
    console.print(
        f"strategy {found.strategy}, version {found.version}; by the customer's clock ({zone}); "
        "if nobody answers or pays meanwhile",
        markup=False,
        highlight=False,
    )
    for one in found.steps:
        at = wall(one.step.not_before, found.zones)
        console.print(f"\n[bold]{at}[/]  {shown(one.step.summary)}", highlight=False)
        if one.fault is not None:
            console.print(f"  [red]no words: {shown(one.fault)}[/]", highlight=False)
        if one.words is not None:
            said = [one.words.subject, *one.words.text.splitlines()]
            for text_ in filter(None, said):
                console.print(f"  [dim]{shown(text_)}[/]", highlight=False, soft_wrap=True)
