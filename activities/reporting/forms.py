"""A report for programs: JSON with everything, and CSV with one figure a line."""

import csv
import io
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from domain.report.figures import COSTS, COUNTED, MONEY, RATES, Tally, rates, share
from domain.report.lawful import Lawful
from domain.report.period import Period
from domain.report.prices import Prices
from domain.report.report import Report, Took, cost_to_collect

FORM: Final = 1
"""Of the JSON: a field that is added leaves it, one that means another thing raises it."""

COLUMNS: Final = ("dimension", "value", "figure", "currency", "period", "before")
_SIDES: Final = {True: "period", False: "before"}


def as_json(report: Report) -> dict[str, Any]:
    """All of a report as plain JSON. Amounts are texts, rates numbers from 0 to 1 or null."""
    prices = report.prices
    return {
        "form": FORM,
        "made_at": report.made_at.isoformat(),
        "period": _period(report.period),
        "before": _period(report.period.before),
        "findings": [one.model_dump(mode="json") for one in report.findings],
        "whole": _both(report.whole(), prices),
        "by": {
            by.value: {name: _both(one, prices) for name, one in report.grouped(by).items()}
            for by in report.by
        },
        "trend": [
            {"day": one.day.isoformat(), "contacts": one.contacts, "delivered": one.delivered}
            for one in report.trend
        ],
        "hours": {
            "period": {channel: list(one) for channel, one in report.hours.items()},
            "before": {channel: list(one) for channel, one in report.hours_before.items()},
        },
        "lawful": {_SIDES[flag]: list(map(_lawful, x)) for flag, x in report.lawful.items()},
        "failures": [one._asdict() for one in report.failed],
        "templates": [
            {"purpose": key[0], "channel": key[1], "language": key[2]}
            | {"contacts": one.whole, "opt_outs": one.part}
            for key, one in report.templates.items()
        ],
        "rolls": {_SIDES[flag]: [one._asdict() for one in x] for flag, x in report.rolls.items()},
        "times": {
            "answers": {_SIDES[flag]: _took(one) for flag, one in report.answers.items()},
            "work": {_SIDES[flag]: _took(one) for flag, one in report.work.items()},
        },
        "waiting": {
            _SIDES[flag]: [
                {**one._asdict(), "since": one.since and one.since.isoformat()} for one in x
            ]
            for flag, x in report.late.items()
        },
        "prices": prices.model_dump(mode="json"),
    }


def _period(period: Period) -> dict[str, str]:
    return {
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
        "zone": period.zone,
        "begins": period.begins.isoformat(),
        "ends": period.ends.isoformat(),
    }


def _lawful(one: Lawful) -> dict[str, Any]:
    told = {"hours": one.hours, "share": one.share, "contacts_per_hour": one.each}
    lists = {"open": list(one.open), "used": list(one.used), "contacts": list(one.contacts)}
    place = {"channel": one.channel, "country": one.country}
    return {**place, **told, **lists, "beside": one.beside}


def _took(took: Took) -> dict[str, Any]:
    return took._asdict()


def _both(sides: Mapping[bool, Tally], prices: Prices) -> dict[str, Any]:
    return {name: side(sides[flag], prices) for flag, name in _SIDES.items()}


def side(tally: Tally, prices: Prices) -> dict[str, Any]:
    """All figures of one tally."""
    money: dict[str, dict[str, str]] = {}
    for (name, currency), amount in sorted(tally.money.items()):
        money.setdefault(currency, {})[name] = str(amount)
    return {
        "counts": {name: tally.counts[name] for name in COUNTED},
        "rates": rates(tally),
        "money": money,
        "costs": {
            "currency": prices.currency,
            **{name: str(tally.costs.get(name, Decimal())) for name in COSTS},
            "all": str(tally.cost),
            "per_contact": cost_per(tally, "contacts"),
            "per_payment": cost_per(tally, "payments"),
            "per_cure": cost_per(tally, "cures"),
            "to_collect": cost_to_collect(tally, prices),
        },
    }


def cost_per(tally: Tally, name: str) -> float | None:
    """What one of something costs; None where there is none."""
    return share(float(tally.cost), tally.counts[name])


def as_csv(report: Report) -> str:
    """One figure a line, of the whole and of each group."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_lines("all", "all", report.whole(), report.prices))
    for by in report.by:
        for name, sides in report.grouped(by).items():
            writer.writerows(_lines(by.value, plain(name), sides, report.prices))
    writer.writerows(_lawful_lines(report))
    return out.getvalue()


def _lawful_lines(report: Report) -> Iterable[tuple[object, ...]]:
    sides = [{(x.channel, x.country): x for x in report.lawful.get(f, ())} for f in (True, False)]
    for place in sorted({*sides[0], *sides[1]}):
        now, before = (side.get(place) for side in sides)
        value = "/".join(place)
        for name, of in (
            ("lawful_hours", lambda one: one.hours),
            ("lawful_hours_used", lambda one: sum(one.used)),
            ("lawful_share", lambda one: _number(one.share)),
        ):
            both = ("" if one is None else of(one) for one in (now, before))
            yield "hours", value, name, "", *both


def plain(text: str) -> str:
    """A name from outside as no spreadsheet takes it for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text


def _lines(
    dimension: str, value: str, sides: Mapping[bool, Tally], prices: Prices
) -> Iterable[tuple[object, ...]]:
    now, before = sides[True], sides[False]
    for name in COUNTED:
        yield dimension, value, name, "", now.counts[name], before.counts[name]
    for name in RATES:
        both = (rates(now)[name], rates(before)[name])
        yield dimension, value, name, "", *(_number(one) for one in both)
    for currency in sorted({*now.currencies, *before.currencies}):
        for name in MONEY:
            amounts = (one.money.get((name, currency), Decimal()) for one in (now, before))
            yield dimension, value, name, currency, *amounts
        collects = (cost_to_collect(one, prices).get(currency) for one in (now, before))
        yield dimension, value, "cost_to_collect", currency, *(_number(one) for one in collects)
    for name in COSTS:
        spent = (one.costs.get(name, Decimal()) for one in (now, before))
        yield dimension, value, f"cost_{name}", prices.currency, *spent
    yield dimension, value, "cost", prices.currency, now.cost, before.cost


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"
