"""An overview as one screen of text."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from store.database import SCHEMA
from workers.overview.attention import Matter, matters
from workers.overview.looking import POSTGRESQL, TEMPORAL, Overview
from workers.version import VERSION

_HEALTH: Final = {1.0: "well", 0.5: "being probed", 0.0: "left out"}
_SHOWN: Final = 8
"""Lines of a kind; what is more is counted."""


def screen(found: Overview) -> RenderableType:
    """The whole of it."""
    asking = matters(found)
    return Group(
        Text(_head(found), style="bold"),
        *_attention(asking, found),
        Text(""),
        _accounts(found),
        Text(""),
        _lines(found),
    )


def _head(found: Overview) -> str:
    database = found.seen.get("database") or {}
    temporal = found.seen.get("temporal") or {}
    schema = database.get("schema") or "?"
    told = schema if database.get("is_current", True) else f"{schema}, {SCHEMA} is needed"
    return (
        f"Contrapunto {VERSION}, {found.at:%a %d %b %Y %H:%M:%S} UTC; schema {told}; "
        f"Temporal {temporal.get('version', '?')}, namespace {temporal.get('namespace', '?')}"
    )


def _attention(asking: list[Matter], found: Overview) -> Iterator[Text]:
    for one in asking:
        yield Text(f"! {one.what}", style="red").append(f"  -> {one.todo}", style="default")
    for why, names in _together(found.missing):
        yield Text(f"? {', '.join(names)}: {why}", style="yellow")
    for note in found.notes:
        yield Text(f"? {note}", style="yellow")
    if not asking and not found.missing and not found.notes:
        yield Text("nothing asks for anybody", style="green")


def _together(missing: dict[str, str]) -> list[tuple[str, list[str]]]:
    """The server in place of all that it would have told."""
    by_why: dict[str, list[str]] = {}
    for name, why in missing.items():
        by_why.setdefault(why, []).append(name)
    for names in by_why.values():
        for server, parts in (("PostgreSQL", ("database", *POSTGRESQL)), ("Temporal", TEMPORAL)):
            if set(parts) <= set(names):
                names[:] = [server, *(name for name in names if name not in parts)]
    return list(by_why.items())


def _accounts(found: Overview) -> RenderableType:
    rows = found.seen.get("accounts")
    if rows is None:
        return Text("accounts  ?")
    if not rows:
        return Text("accounts  none are open")
    waits = [wait for wait, _ in _sums(rows, "wait").most_common()]
    phases = [phase for phase, _ in _sums(rows, "phase").most_common()]
    cells = {(one["phase"], one["wait"]): one["accounts"] for one in rows}
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("accounts")
    for wait in (*waits, "all"):
        table.add_column(wait.replace("_", " "), justify="right")
    for phase in phases:
        counts = [cells.get((phase, wait), 0) for wait in waits]
        table.add_row(phase, *(f"{n:,}" if n else "" for n in counts), f"{sum(counts):,}")
    if len(phases) > 1:
        sums = [_sums(rows, "wait")[wait] for wait in waits]
        table.add_row("all", *(f"{n:,}" for n in sums), f"{sum(sums):,}", style="bold")
    return table


def _sums(rows: Iterable[dict[str, Any]], by: str) -> Counter[str]:
    sums: Counter[str] = Counter()
    for one in rows:
        sums[one[by]] += one["accounts"]
    return sums


def _lines(found: Overview) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for name, told in (
        ("queues", _queues(found)),
        ("providers", _providers(found)),
        ("work", _work(found)),
        ("unknown", _unknown(found)),
        ("came in", _unheard(found)),
        ("intake", _intake(found)),
        ("webhooks out", _webhooks(found)),
        ("workers", _workers(found)),
    ):
        lines = told or ["?"]
        for place, line in enumerate(_cut(lines)):
            table.add_row(name if place == 0 else "", Text(line))
    return table


def _cut(lines: list[str]) -> list[str]:
    more = len(lines) - _SHOWN
    return lines if more <= 0 else [*lines[:_SHOWN], f"and {more} more: --json lists all"]


def _queues(found: Overview) -> list[str]:
    return [
        f"{one['name']} ({one['kind']}): {one['backlog']:,} waiting"
        + (f", the oldest {_for(one['age'])}" if one["backlog"] else "")
        + f"; {one['pollers']} workers"
        for one in found.seen.get("queues") or ()
    ]


def _providers(found: Overview) -> list[str]:
    health = found.seen.get("providers")
    if health is None:
        return []
    sent = {(one["channel"], one["provider"]): one for one in found.seen.get("sent") or ()}
    told = []
    for one in health:
        did = sent.pop((one["channel"], one["provider"]), None)
        state = _HEALTH.get(one["health"], "?")
        told.append(f"{one['channel']} {one['provider']}: {state}; {_sent(did)}")
    told += [f"{of[0]} {of[1]}: not configured here; {_sent(one)}" for of, one in sent.items()]
    return told or ["none is configured here"]


def _sent(did: dict[str, Any] | None) -> str:
    if did is None:
        return "nothing sent in the last hour"
    return (
        f"{did['sent']:,} sent in the last hour, {did['refused']:,} refused, "
        f"{did['unknown']:,} unknown"
    )


def _work(found: Overview) -> list[str]:
    rows = found.seen.get("work")
    if rows is None:
        return []
    counts: dict[str, list[int]] = {}
    for one in rows:
        both = counts.setdefault(one["reason"], [0, 0])
        both[0] += one["items"]
        both[1] += one["items"] if one["late"] else 0
    told = [
        f"{name} {all_}" + (f" ({late} late)" if late else "")
        for name, (all_, late) in counts.items()
    ]
    return ["; ".join(told) or "nothing waits for a person"]


def _unknown(found: Overview) -> list[str]:
    rows = found.seen.get("unknown")
    if rows is None:
        return []
    told = [f"{one['channel']} {one['provider']} {one['contacts']}" for one in rows]
    return ["; ".join(told) or "no contact is in doubt"]


def _unheard(found: Overview) -> list[str]:
    rows = found.seen.get("unheard")
    if rows is None:
        return []
    told = [
        f"{one['waiting']} {one['kind']}, the oldest {_for(one['oldest'])}"
        for one in rows
        if one["waiting"]
    ]
    return ["; ".join(told) or "everything is stored, and workflows have heard of it"]


def _intake(found: Overview) -> list[str]:
    last = found.seen.get("intake")
    if last is None:
        return []
    if not last:
        return ["no file was ever taken in"]
    ended = "" if last["finished_at"] else ", not to its end"
    more = f"; {last['waiting']:,} accounts wait for their workflow" if last["waiting"] else ""
    ago = _ago(last["finished_at"] or last["begun_at"], found.at)
    facts = f"facts of {last['started_at']:%a %d %b %H:%M} UTC"
    return [f"{ago}: {last['rows_read']:,} rows, {facts}{ended}{more}"]


def _webhooks(found: Overview) -> list[str]:
    seen = found.seen.get("webhooks")
    if seen is None:
        return []
    told = []
    for one in seen["endpoints"]:
        state = "told" if one["disabled_at"] is None else "DISABLED (410)"
        state = state if one["configured"] else "not in the file"
        behind = f", behind by {_for(one['behind'])}" if one["behind"] else ""
        dead = f"; {one['dead']} events given up" if one["dead"] else ""
        told.append(f"{one['endpoint']}: {state}; {one['accounts']} accounts wait{behind}{dead}")
    waits = seen["unnumbered"]
    if waits:
        told.append(f"{waits:,} events wait for a relay, the oldest {_for(seen['oldest'])}")
    return told or ["nobody is told of anything"]


def _workers(found: Overview) -> list[str]:
    queues = found.seen.get("queues")
    if queues is None:
        return []
    builds = sorted({build for one in queues for build in one["builds"]})
    most = max((one["pollers"] for one in queues), default=0)
    return [f"{most}; " + (f"builds {', '.join(builds)}" if builds else "they say no version")]


def _for(seconds: float) -> str:
    for size, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {name}"
    return f"{seconds:.0f} s"


def _ago(then: datetime, now: datetime) -> str:
    return f"{then:%a %d %b %H:%M} UTC, {_for(max((now - then).total_seconds(), 0))} ago"
