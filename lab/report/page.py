"""The report of a portfolio run: ``report.html``, one page that needs nothing else."""

from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from config.rule_packs import RulePacks, load_packs
from config.strategy_files import load_strategies
from domain.law.terms import Actor
from domain.strategy import Strategy
from lab.report.conversation import conversation, lasting
from lab.report.data import (
    OUTCOMES,
    hours_of_day,
    label,
    lives,
    money_rows,
    outcomes,
    phases_over_time,
)
from lab.report.run_record import RunRecord, read_record
from lab.report.summary import STRATEGIES, figures_of

FEW_DAYS: Final = 14
"""The table of phases names each day of a run this short, else one a week and the last."""


def write_report(folder: Path, *, actor: Actor = Actor.THIRD_PARTY) -> Path:
    """Draw what a run left in ``folder`` and return the path of its ``report.html``.

    Reads ledger.jsonl, received.jsonl, accounts.jsonl and, if there, events.jsonl and what was
    written. Raises BadInput, naming file, row and field, when one of them cannot be read. Names and
    addresses of customers are not in the page; of one conversation the words are.
    """
    strategy = load_strategies(STRATEGIES)["default"]
    page = render(read_record(folder), strategy, load_packs(), actor)
    path = folder / "report.html"
    path.write_text(page, encoding="utf-8")
    return path


def render(record: RunRecord, strategy: Strategy, book: RulePacks, actor: Actor) -> str:
    """The page as text."""
    figures = figures_of(record)
    chosen = lives(record, strategy)
    phases = phases_over_time(record, strategy)
    hours = hours_of_day(record, book, actor)
    results = outcomes(record)
    data = {"phases": phases, "hours": hours, "outcomes": results, "lives": chosen}
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters |= {"label": label, "number": _number, "percent": _percent}
    environment.filters["lasting"] = lambda seconds: lasting(timedelta(seconds=seconds))
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "sort_keys": False}
    # Our own files, not data: the one place where text enters the page unescaped.
    own = {kind: Markup(_file(f"report.{kind}")) for kind in ("css", "js")}  # noqa: S704
    return environment.from_string(_file("report.html")).render(
        own,
        empty=not record.ledger and not record.accounts,
        figures=figures,
        data=data,
        days=_days_told(phases),
        hours=hours,
        outcomes=results,
        lives=chosen,
        talk=conversation(record),
        money=money_rows(figures),
        channels=sorted({contact.channel for contact in record.contacts}),
        states=OUTCOMES,
        span=[f"{moment:%d %b %Y}" for moment in record.span] if record.span else None,
        length=record.days,
    )


def _file(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _days_told(phases: dict[str, Any]) -> list[tuple[str, list[int]]]:
    """The rows of the table of phases: day, and accounts by series."""
    days, every = phases["days"], 1 if len(phases["days"]) <= FEW_DAYS else 7
    shown = sorted({*range(0, len(days), every), len(days) - 1}) if days else []
    return [(days[i], [series["values"][i] for series in phases["series"]]) for i in shown]


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,}"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"
