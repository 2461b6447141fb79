"""``contrapunto experiment ...``: what is tried, how it stands, and what follows by itself."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from domain.failures import NotFound
from workers.cli.shell import AsJson, database, output, run, wall_clock
from workers.cli.typed import text

if TYPE_CHECKING:
    from domain.experiments.experiment import Experiment

experiment = typer.Typer(
    no_args_is_help=True, help="Strategies that are compared: what is tried, and how it stands."
)


def _say(line: str) -> None:
    output().print(line, markup=False, highlight=False, soft_wrap=True)


@experiment.command("check")
def experiment_check(
    folder: Annotated[
        Path | None, typer.Argument(help="in the place of the folder of the settings")
    ] = None,
) -> None:
    """Read the experiments: everything that is wrong with them, or else what each needs.

    For each arm it says how many people have to be taken in before anything can be found.
    """
    from config.settings import load
    from config.strategy_files import load_strategies
    from workers.experiments.words import pins, planned

    known = load_strategies(load().strategies)
    found = _configured(folder)
    if not found:
        _say(f"no experiment in {folder or load().experiments}")
    for one in found:
        for line in (*planned(one), *pins(one, known)):
            _say(line)


def _configured(folder: Path | None = None) -> "tuple[Experiment, ...]":
    from config.choosing.segment_files import load_attributes
    from config.experiments.files import load_experiments
    from config.learning.policy_files import load_policies
    from config.settings import load
    from config.strategy_files import load_strategies

    settings = load()
    known, attributes = load_strategies(settings.strategies), load_attributes(settings)
    learnt = load_policies(settings)
    made = load_experiments(folder or settings.experiments, known, attributes, learnt)
    return tuple(one.experiment for one in made)


@experiment.command("status")
def experiment_status(
    name: Annotated[
        str | None, typer.Argument(metavar="[ID]", parser=text, help="of one experiment only")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """How each experiment stands: who is in it, what came of them, what is certain by now.

    It may be asked as often as anybody likes: that changes no error. Nothing is written.
    """
    run(_status(name, as_json=as_json))


async def _status(name: str | None, *, as_json: bool) -> None:
    from config.settings import load
    from store.experiments import findings
    from workers.cli.output import line
    from workers.experiments.looking import as_json as told
    from workers.experiments.looking import look
    from workers.experiments.words import not_begun, standing

    files = {one.id: one for one in _configured()}
    now = wall_clock()
    async with (
        database(load()) as pool,
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        known = await findings.registered(connection)
        kept = await findings.kept(connection)
        there = sorted({*known, *files})
        if name is not None and name not in there:
            raise NotFound(f"no experiment {name!r} is known; known is: {', '.join(there) or '-'}")
        for one in there if name is None else [name]:
            if one in known:
                seen = await look(connection, one, known[one].plan, kept, now)
                said, lines = told(seen), standing(seen, files.get(one), now)
            else:
                said, lines = {"experiment": one, "arms": []}, not_begun(files[one])
            for each in [line(said)] if as_json else lines:
                _say(each)


@experiment.command("evaluate")
def experiment_evaluate() -> None:
    """Look at all experiments now, as each worker does by itself every hour.

    An arm that does harm is closed and its people go to the champion; verdicts are kept.
    """
    run(_evaluate())


async def _evaluate() -> None:
    from config.settings import load
    from workers.accounts import Accounts
    from workers.clock import SystemClock
    from workers.connection import temporal_client
    from workers.experiments.evaluating import evaluate, tell
    from workers.experiments.words import in_words

    settings, experiments = load(), _configured()
    async with database(settings) as pool:
        # Temporal first: what is closed must be told.
        accounts = Accounts(await temporal_client())
        found = await evaluate(pool, experiments, await SystemClock().now(None))
        heard = await tell(pool, accounts)
    if found is None:
        _say("somebody else is looking at this moment")
        return
    for one in found:
        _say(f"{one.experiment}: {in_words(one)}")
    _say(f"{len(found)} findings; {heard} accounts plan anew")
