"""A report as one HTML file: no script, no connection, nothing personal."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

from babel import Locale
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from activities.reporting import pictures
from activities.reporting.forms import cost_per
from config.wording.formats import money
from domain.report.figures import COSTS, COUNTED, MONEY, RATES, Dimension, Figure, Tally, rates
from domain.report.findings import percent
from domain.report.report import BUCKETS, ENDS, Report, Roll, cost_to_collect, worse

_HERE: Final = Path(__file__).parent
_ENGLISH: Final = Locale("en")
_FAILURES: Final = 25
NOTHING: Final = "–"

SECTIONS: Final = {
    "Contacts": (
        *("attempts", "contacts", "delivered", "no_receipt", "undelivered", "unknown"),
        *("refused", "not_sent", "by_people"),
    ),
    "Rates": tuple(RATES),
    "What customers did": (
        *("conversations", "replies", "answered", "promises", "promises_kept"),
        *("promises_broken", "payments", "cures", "opt_outs", "complaints"),
    ),
    "Agreements and cases": (
        *("plans", "plans_kept", "plans_broken", "offers", "offers_accepted", "offers_paid"),
        *("settled", "disputes", "disputes_over", "hardships", "hardships_over", "handed_off"),
    ),
    "People": ("work_opened", "work_done", "people_calls", "people_seconds"),
}
"""What stands in which table."""

_IN_GROUPS: Final = (
    *("contacts", "delivery_rate", "conversations", "replies", "promises", "kept_rate", "cures"),
    *("payments", "opt_outs", "unknown", "cost"),
)
"""Columns of a table of groups."""


def as_html(report: Report) -> str:
    """The page."""
    whole = report.whole()
    now, before = whole[True], whole[False]
    prices = list(_prices(report))
    return _template().render(
        report=report,
        css=(_HERE / "report.css").read_text(encoding="utf-8"),
        assumed=sum(1 for one in prices if one[-1]),
        priced=len(prices),
        prices=[one[:-1] for one in prices],
        tiles=_tiles(report, now, before),
        trend=pictures.trend(report.trend, "Contacts a day, before and in the period"),
        sections=[
            (title, [_row(name, now, before) for name in names])
            for title, names in SECTIONS.items()
        ],
        money=_money(report, now, before),
        costs=_costs(now, before),
        unpriced=now.counts["unpriced"],
        rolls=_rolls(report),
        hours=[
            (name, pictures.hours(one, report.hours_before.get(name, ()), f"{name} by hour"))
            for name, one in report.hours.items()
        ],
        lawful=_lawful(report),
        failed=report.failed[:_FAILURES],
        failed_more=max(0, len(report.failed) - _FAILURES),
        templates=sorted(report.templates.items(), key=lambda one: (-one[1].rate, one[0])),
        times=[
            (
                "From a customer’s question to our answer",
                report.answers[True],
                report.answers[False],
            ),
            ("From opening a work item to its end", report.work[True], report.work[False]),
        ],
        late=report.late[True],
        groups=[(by.value, _groups(report, by)) for by in report.by],
        group_titles=[_figure(name).title for name in _IN_GROUPS],
        meanings=[*COUNTED.values(), *RATES.values(), *MONEY.values(), *COSTS.values()],
    )


def _lawful(report: Report) -> list[dict[str, str]]:
    """How much of the hours that the law left open was used, by channel and country."""
    before = {(one.channel, one.country): one for one in report.lawful.get(False, ())}
    rows = []
    for one in report.lawful.get(True, ()):
        was = before.get((one.channel, one.country))
        title = f"{one.channel}, {one.country}: lawful days on which the hour was used"
        rows.append(
            {
                "channel": one.channel,
                "country": one.country,
                "hours": f"{one.hours:,}",
                "used": f"{sum(one.used):,}",
                "share": _share(one.share),
                "before": _share(was.share if was is not None else None),
                "each": NOTHING if one.each is None else f"{one.each:,.1f}",
                "picture": pictures.shares(one.by_hour, title),
            }
        )
    return rows


@cache
def _template() -> Template:
    engine = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    engine.filters.update(words=_words, percent=percent, lasting=_lasting)
    return engine.get_template("report.html")


def _words(code: str) -> str:
    return {"sms": "SMS", "email": "E-mail", "whatsapp": "WhatsApp", "voice": "Call"}.get(
        code, (code[:1].upper() + code[1:]).replace("_", " ")
    )


def _lasting(seconds: float | None) -> str:
    if seconds is None:
        return NOTHING
    for size, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:,.1f} {unit}"
    return f"{seconds:,.0f} s"


def _figure(name: str) -> Figure:
    if name == "cost":
        return Figure("Cost", "All costs.", -1)
    return COUNTED.get(name) or RATES[name]


def _row(name: str, now: Tally, before: Tally) -> dict[str, Any]:
    figure, rate = _figure(name), name in RATES
    raw = _raw(name, now), _raw(name, before)
    return {
        "title": figure.title,
        "meaning": figure.meaning,
        "good": figure.good,
        "rate": rate,
        "raw": raw,
        "now": _shown(name, now),
        "before": _shown(name, before),
    }


def _raw(name: str, tally: Tally) -> float | int | None:
    return rates(tally)[name] if name in RATES else tally.counts[name]


def _shown(name: str, tally: Tally) -> str:
    if name == "cost":
        return f"{tally.cost:,.2f}"
    if name == "people_seconds":
        return _lasting(tally.counts[name])
    return _share(rates(tally)[name]) if name in RATES else f"{tally.counts[name]:,}"


def _share(rate: float | None) -> str:
    return NOTHING if rate is None else percent(rate)


def _amount(amount: Decimal, currency: str) -> str:
    return money(amount.quantize(Decimal("0.01")), currency, _ENGLISH)


def _tiles(report: Report, now: Tally, before: Tally) -> list[dict[str, str]]:
    tiles = []
    for name in ("contacts", "delivery_rate", "right_party_rate", "kept_rate", "cures", "opt_outs"):
        tiles.append(
            {
                "name": _figure(name).title,
                "value": _shown(name, now),
                "beside": f"{_shown(name, before)} before",
            }
        )
    for currency in now.currencies or before.currencies:
        tiles.append(
            {
                "name": f"Collected in {currency}",
                "value": _amount(now.collected(currency), currency),
                "beside": f"{_amount(before.collected(currency), currency)} before",
            }
        )
    cost = _amount(now.cost, report.prices.currency)
    beside = f"{_amount(before.cost, report.prices.currency)} before"
    return [*tiles, {"name": "Cost", "value": cost, "beside": beside}]


def _money(report: Report, now: Tally, before: Tally) -> list[tuple[str, list[dict[str, str]]]]:
    tables = []
    for currency in sorted({*now.currencies, *before.currencies}):
        rows = []
        for name, figure in MONEY.items():
            both = (one.money.get((name, currency), Decimal()) for one in (now, before))
            shown = [_amount(one, currency) for one in both]
            rows.append(_line(figure.title, figure.meaning, shown))
        collects = [cost_to_collect(one, report.prices).get(currency) for one in (now, before)]
        told = [percent(one) if one is not None else "no rate" for one in collects]
        rows.append(_line("Cost to collect", TO_COLLECT, told))
        tables.append((currency, rows))
    return tables


TO_COLLECT: Final = (
    "What contacting the accounts of this currency cost, of what they paid; at the rate that the "
    "prices name."
)


def _line(title: str, meaning: str, shown: Sequence[str]) -> dict[str, str]:
    return {"title": title, "meaning": meaning, "now": shown[0], "before": shown[1]}


def _costs(now: Tally, before: Tally) -> list[dict[str, str]]:
    def row(title: str, meaning: str, one: Decimal | float | None, other: Any) -> dict[str, str]:
        shown = [NOTHING if it is None else f"{it:,.2f}" for it in (one, other)]
        return _line(title, meaning, shown)

    rows = [
        row(
            one.title,
            one.meaning,
            now.costs.get(name, Decimal()),
            before.costs.get(name, Decimal()),
        )
        for name, one in COSTS.items()
    ]
    rows.append(row("All", "All costs.", now.cost, before.cost))
    for name, title in (("contacts", "contact"), ("payments", "payment"), ("cures", "cure")):
        both = cost_per(now, name), cost_per(before, name)
        rows.append(row(f"For each {title}", f"All costs, by {name}.", *both))
    return rows


def _rolls(report: Report) -> dict[str, Any]:
    now, before = report.rolls.get(True, ()), report.rolls.get(False, ())
    ends = [one for one in (*BUCKETS, *ENDS) if any(roll.end == one for roll in now)]
    rows = []
    for start in BUCKETS:
        own = {roll.end: roll.accounts for roll in now if roll.start == start}
        if own:
            cells = [f"{own[one]:,}" if one in own else NOTHING for one in ends]
            was = _worse([roll for roll in before if roll.start == start])
            of_now = _worse([roll for roll in now if roll.start == start])
            told = {"start": start, "all": sum(own.values()), "cells": cells}
            rows.append({**told, "worse": _share(of_now), "worse_before": _share(was)})
    return {"ends": ends, "rows": rows}


def _worse(rolls: Sequence[Roll]) -> float | None:
    all_of_them = sum(one.accounts for one in rolls)
    return sum(one.accounts for one in rolls if worse(one)) / all_of_them if all_of_them else None


def _groups(report: Report, by: Dimension) -> list[tuple[str, list[tuple[str, str]]]]:
    return [
        (
            name,
            [(_shown(figure, sides[True]), _shown(figure, sides[False])) for figure in _IN_GROUPS],
        )
        for name, sides in report.grouped(by).items()
    ]


def _prices(report: Report) -> Iterable[tuple[Any, ...]]:
    prices = report.prices
    for channel, one in prices.channels.items():
        for country, price in one.countries.items():
            place = "others" if country == "*" else country
            told = (price.price, one.unit, price.source, price.read, price.assumed)
            yield channel.value, place, *told
    for country, price in prices.people_minute.items():
        place = "others" if country == "*" else country
        yield "a person", place, price.price, "minute", price.source, price.read, price.assumed
