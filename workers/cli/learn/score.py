"""``contrapunto learn score ...``: how probable it is that an account cures."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.failures import Misconfigured
from workers.cli.shell import AsJson, output, wall_clock
from workers.cli.typed import named

if TYPE_CHECKING:
    from workers.learning.score_fit import Fitted

score = typer.Typer(no_args_is_help=True, help="How probable it is that an account cures.")

_LIBRARIES = ("numpy", "sklearn", "threadpoolctl")
_NEEDS = "fitting a score needs scikit-learn: pip install -r requirements/learn.lock"

File = Annotated[Path, typer.Argument(help="accounts as CSV")]


@score.command("fit")
def score_fit(
    file: File,
    columns: Annotated[Path, typer.Option("--mapping", help="which column means what (YAML)")],
    out: Annotated[Path, typer.Option("--out", help="where the score goes, such as score.json")],
    as_json: AsJson = False,
) -> None:
    """Fit a score, judge it on a fifth of the accounts, and say to whom it does wrong.

    Needs scikit-learn: pip install -r requirements/learn.lock.
    """
    from workers.cli.output import line, shown
    from workers.learning.score_files import load_mapping

    try:
        from workers.learning.score_fit import fit
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _LIBRARIES:
            raise
        raise Misconfigured(_NEEDS) from None
    made = fit(file, load_mapping(columns))
    with named("--out", out):
        out.write_text(made.model.model_dump_json() + "\n", encoding="utf-8")
    if as_json:
        typer.echo(line(_as_json(made)))
        return
    for one in _words(made):
        output().print(shown(one), highlight=False, soft_wrap=True)


@score.command("apply")
def score_apply(
    file: File,
    model: Annotated[Path, typer.Option("--model", help="a score that `fit` has written")],
    out: Annotated[Path, typer.Option("--out", help="the same rows with the column score")],
    why: Annotated[
        Path | None, typer.Option("--why", help="each score with its version, date and reasons")
    ] = None,
) -> None:
    """Score each row of a file, for intake. Needs no library."""
    from workers.learning.score_apply import apply
    from workers.learning.score_files import load_model

    loaded = load_model(model)
    with named("--out", out):
        count = apply(file, loaded, out, why, wall_clock().date())
    output().print(f"{count} accounts scored by {loaded.id} {loaded.version}", highlight=False)


def _as_json(made: "Fitted") -> dict[str, Any]:
    model = made.model
    return {
        "id": model.id,
        "version": model.version,
        **model.made.model_dump(),
        "features": {one.column: one.weight for one in model.features},
        "reliability": [{"accounts": n, "said": p, "seen": s} for n, p, s in made.bins],
        "fairness": {
            name: [{**one._asdict(), "gap": one.gap} for one in groups]
            for name, groups in made.groups.items()
        },
    }


def _words(made: "Fitted") -> Iterator[str]:
    model, of = made.model, made.model.made
    yield (
        f"score {model.id}, version {model.version}: fitted to {of.accounts} accounts, judged on "
        f"{of.judged} others, of which {of.cured:.1%} cured"
    )
    yield (
        f"area under the curve {of.auc:.3f}; calibration error {of.calibration_error:.3f} (ten "
        f"bins of equally many accounts); Brier score {of.brier:.3f}"
    )
    yield "said and seen, from the lowest tenth:"
    for count, said, seen in made.bins:
        yield f"  {count:6} accounts: said {said:.1%}, seen {seen:.1%}"
    yield "what moves it most, in points on average (one column put at its median):"
    for one in sorted(model.features, key=lambda one: -one.weight)[:8]:
        yield f"  {one.column}: {100 * one.weight:.1f}"
    for name, groups in made.groups.items():
        yield f"by {name}, which it does not look at:"
        for group in groups:
            area = "none" if group.auc is None else f"{group.auc:.3f}"
            yield (
                f"  {group.name}: {group.accounts} accounts, said {group.said:.1%}, seen "
                f"{group.seen:.1%} ({100 * group.gap:+.1f} points), area {area}, in the lowest "
                f"third {group.lowest:.0%}"
            )
