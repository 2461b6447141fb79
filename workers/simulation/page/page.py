"""The page: what was assumed first, then the figures of each strategy side by side."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import accumulate
from typing import Any, Final

from workers.simulation.page.pictures import COLOURS, bars, lines

_STYLE: Final = """
body{font:15px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem}
body{color:#20262c}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2.2rem}figure{margin:1.2rem 0}
figcaption{font-weight:600}table{border-collapse:collapse;width:100%;margin:.6rem 0}
td,th{border-bottom:1px solid #d9dee3;padding:.25rem .5rem;text-align:right}
td:first-child,th:first-child{text-align:left}svg{width:100%;height:auto}
.note{background:#f4f6f8;padding:.7rem 1rem}i.a,i.b{display:inline-block;width:.8em;height:.8em}
""" + "".join(f"i.{name}{{background:{c}}}" for name, c in zip("ab", COLOURS, strict=True))

_SHOWN: Final = (
    ("accounts", "accounts"),
    ("contacts", "contacts"),
    ("never_contacted", "accounts never contacted"),
    ("cured", "accounts cured"),
    ("promises", "promises"),
    ("promises_kept", "promises kept"),
    ("plans", "payment plans"),
    ("opt_outs", "stops"),
    ("complaints", "complaints among them"),
)

_OF_GROUP: Final = (
    *(("accounts", "accounts"), ("contacts", "contacts"), ("cured", "cured")),
    *(("promises_kept", "promises kept"), ("opt_outs", "stops")),
)
"""What is told of each segment, strategy and arm."""


def page(told: Mapping[str, Any]) -> str:
    """The result as HTML."""
    each = told["strategies"]
    names = [one["strategy"] for one in each]
    facts = [one["figures"] for one in each]
    marks = [f'<i class="{"ab"[n % 2]}"></i> {escape(name)}' for n, name in enumerate(names)]
    parts = [
        "<h1>Dry run</h1>",
        _assumed(told),
        f"<p>{' &nbsp; '.join(marks)}</p>",
        "<h2>In one view</h2>",
        _table(["", *names], _rows(facts)),
        _over(told, names),
        "<h2>Contacts</h2>",
        _by("Contacts by channel", facts, "channel"),
        _by("Contacts by phase", facts, "phase"),
        _hours(told, facts),
        _days("Contacts made until a day", facts, told["days"], "day"),
        "<h2>What came of them</h2>",
        _cures(facts, told["days"]),
        _rolls(names, facts),
        _of_each("What customers wrote", names, [one["inbound"] for one in facts]),
        _of_each("What people were asked to do", names, [one["work_items"] for one in facts]),
        _of_each("Why nobody could be contacted", names, [one["silenced_by"] for one in facts]),
        _groups("Segments", "segments", names, each),
        _groups("Strategies", "strategies", names, each),
        _groups("Arms of experiments", "arms", names, each),
        _differently(told),
        _world(told),
    ]
    body = "\n".join(parts)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Dry run</title>'
        f"<style>{_STYLE}</style></head><body>{body}</body></html>\n"
    )


def _assumed(told: Mapping[str, Any]) -> str:
    seeds = ", ".join(map(str, told["seeds"]))
    prices = told["prices"]
    return (
        f'<p class="note">{told["days"]} days from {escape(told["began"])}; the people of '
        f"<b>{escape(told['people'])}</b>; seeds {seeds}. Nobody was contacted. What people do "
        "here is a model: it shows what follows from its assumptions, and nothing of real debtors. "
        f"Prices, {escape(prices['currency'])}: {prices['prices']}, read until "
        f"{escape(str(prices['read_until']))}, of which {prices['assumed']} are assumed.</p>"
    )


def _rows(facts: Sequence[Mapping[str, Any]]) -> Iterable[list[str]]:
    for key, name in _SHOWN:
        yield [name, *(f"{one[key]:,}" for one in facts)]
    yield ["share cured", *(f"{one['cured'] / max(1, one['accounts']):.1%}" for one in facts)]
    for currency in sorted({name for one in facts for name in one["money"]}):
        yield [f"paid, {currency}", *(one["money"][currency]["paid"] for one in facts)]
    first = facts[0]["cost"]["currency"]
    for key, name in (
        ("contacts", "cost of contacts"),
        ("people", "cost of people's work"),
        ("total", "cost"),
        ("for_each_cure", "cost of each account cured"),
    ):
        yield [f"{name}, {first}", *(one["cost"][key] for one in facts)]
    yield ["contacts without a price", *(f"{one['cost']['without_price']:,}" for one in facts)]
    yield ["minutes of people's work", *(one["cost"]["minutes"] for one in facts)]


def _over(told: Mapping[str, Any], names: Sequence[str]) -> str:
    if len(told["seeds"]) < 2:
        return ""
    head = ["over seeds, mean and 95 % interval", *names]
    each = [one["over_seeds"] for one in told["strategies"]]
    if "difference" in told:
        head.append("second less first, of the same people")
        each.append(told["difference"])
    rows = [[name.replace("_", " "), *(_interval(one[name]) for one in each)] for name in each[0]]
    return _table(head, rows)


def _interval(one: Mapping[str, float]) -> str:
    if "low" not in one or one["least"] == one["most"]:
        return f"{one['mean']:,.10g}"
    return f"{one['mean']:,.4g} ({one['low']:,.4g} to {one['high']:,.4g})"


def _share(one: Mapping[str, float]) -> str:
    if "low" not in one:
        return f"{one['mean']:.1%}"
    return f"{one['mean']:.1%} ({max(0.0, one['low']):.1%} to {min(1.0, one['high']):.1%})"


def _by(title: str, facts: Sequence[Mapping[str, Any]], what: str) -> str:
    names = sorted({name for one in facts for name in one["contacts_by"][what]})
    return bars(
        title, names, [[one["contacts_by"][what].get(n, 0) for n in names] for one in facts]
    )


def _hours(told: Mapping[str, Any], facts: Sequence[Mapping[str, Any]]) -> str:
    lawful = told.get("lawful_hours") or {}
    hours = [str(hour) for hour in range(24)]
    drawn = []
    for channel in sorted({name for one in facts for name in one["hours_by_channel"]}):
        made = [
            [one["hours_by_channel"].get(channel, {}).get(h, 0) for h in hours] for one in facts
        ]
        behind = [lawful.get(channel, {}).get(hour, 0.0) for hour in hours]
        title = (
            f"{channel}: contacts by the customer's hour; grey: contact points the law leaves open"
        )
        drawn.append(bars(title, hours, made, behind))
    return "".join(drawn)


def _days(title: str, facts: Sequence[Mapping[str, Any]], days: int, what: str) -> str:
    return lines(title, [_summed(one["contacts_by"][what], days) for one in facts], days)


def _cures(facts: Sequence[Mapping[str, Any]], days: int) -> str:
    found = [_summed(one["cured_by_day"], days) for one in facts]
    return lines("Accounts cured until a day", found, days)


def _summed(by_day: Mapping[str, int], days: int) -> dict[int, float]:
    each = [by_day.get(str(day), 0) for day in range(days + 1)]
    return {day: float(total) for day, total in enumerate(accumulate(each))}


def _rolls(names: Sequence[str], facts: Sequence[Mapping[str, Any]]) -> str:
    tables = []
    for name, one in zip(names, facts, strict=True):
        rolled = one["roll_rates"]
        after = sorted({to for moved in rolled.values() for to in moved})
        rows = [
            [before, *(f"{moved.get(to, 0) / max(1, sum(moved.values())):.0%}" for to in after)]
            for before, moved in rolled.items()
        ]
        tables.append(_table([f"{name}: from bucket to", *after], rows))
    return "<h2>Roll rates</h2>" + "".join(tables)


def _of_each(title: str, names: Sequence[str], found: Sequence[Mapping[str, int]]) -> str:
    keys = sorted({key for one in found for key in one})
    rows = [[key.replace("_", " "), *(str(one.get(key, 0)) for one in found)] for key in keys]
    return f"<h2>{escape(title)}</h2>" + (_table(["", *names], rows) if rows else "<p>Nothing.</p>")


def _groups(title: str, of: str, names: Sequence[str], each: Sequence[Mapping[str, Any]]) -> str:
    """The main figures of each segment, strategy or arm: of the first seed, and with more of them
    their mean and interval."""
    rows = []
    for group in sorted({group for one in each for group in one[f"{of}_over_seeds"]}):
        for name, one in zip(names, each, strict=True):
            over = one[f"{of}_over_seeds"].get(group)
            if over is not None:
                cells = (_interval(over[key]) for key, _ in _OF_GROUP)
                rows.append([f"{group}, {name}", *cells, _share(over["cured_share"])])
    if not rows:
        return ""
    return f"<h2>{title}</h2>" + _table(["", *(n for _, n in _OF_GROUP), "share cured"], rows)


def _differently(told: Mapping[str, Any]) -> str:
    if "touched_differently" not in told:
        return ""
    found = told["touched_differently"]
    some = [
        [one["account"], *(f"{a} / {b}" for a, b in (one["contacts"], one["ended"]))]
        for one in found["who"][:30]
    ]
    words = (
        f"{found['accounts']} accounts are contacted otherwise: {found['fewer_contacts']} less, "
        f"{found['more_contacts']} more. Of them the first strategy alone cures "
        f"{found['cured_by_the_first_alone']}, and the second alone "
        f"{found['cured_by_the_second_alone']}."
    )
    told_of = "" if not some else _table(["the first of them", "contacts", "ended"], some)
    return f"<h2>Who is contacted otherwise</h2><p>{words}</p>{told_of}"


def _world(told: Mapping[str, Any]) -> str:
    rows = [[name.replace("_", " "), f"{value:g}"] for name, value in told["world"].items()]
    return "<h2>What is assumed of people</h2>" + _table(["parameter", "value"], rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    return f"<table><tr>{top}</tr>{body}</table>"
