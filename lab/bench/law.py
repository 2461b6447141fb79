"""How fast the law answers. No Temporal here, and nothing to be beside: absolute figures.

Every request is one of its own with 50 contacts in its history, asked once a round: nothing can be
remembered from one to the next but what the packs alone decide. Making a request, which lays its
history out for counting, is not in the rows of verdicts and openings; it is in that of the lines.
"""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from statistics import mean, median
from typing import Any

from config.rule_packs import load_packs
from config.settings import ROOT
from domain.law.engine import next_opening, verdict
from domain.law.model import RulePack
from domain.law.request import LawRequest
from lab.bench.figures import Row, spread

ENTRIES = 50
NOW = datetime(2025, 11, 24, 15, tzinfo=UTC)
HOMES = {"US": "America/New_York", "CO": "America/Bogota", "MX": "America/Mexico_City"}
STATE = ("US", "US-MA")
SPREAD, DENSE = timedelta(days=2), timedelta(hours=3)
"""Between two contacts: over a hundred days, as live accounts have them; and in one week."""

CONSENT = {"kind": "opt_in", "at": NOW - timedelta(days=30), "channel": "sms"}
"""Without it Regulation F closes texts for good."""

Asked = tuple[tuple[RulePack, ...], LawRequest]


def measure(rounds: int, calls: int = 300) -> list[Row]:
    """Verdicts a second by kind of request, the time of one search, and ``law check``."""
    homes = [_asked((code,), zone, SPREAD, calls // 3) for code, zone in HOMES.items()]
    mixes = {
        "US, CO, MX in turn": [asked for some in zip(*homes, strict=True) for asked in some],
        "US with US-MA": _asked(STATE, HOMES["US"], SPREAD, calls),
        "US with US-MA, all contacts in a week": _asked(STATE, HOMES["US"], DENSE, calls),
        "US, consent to texts": _asked(("US",), HOMES["US"], SPREAD, calls, CONSENT),
        "CO, denied by the weekly cap": _asked(("CO",), HOMES["CO"], DENSE, calls),
    }
    rows = []
    for name, asked in mixes.items():
        times = [_microseconds(_verdict, asked) for _ in range(rounds)]
        rates = [1e6 / mean(taken) for taken in times]
        said = ", ".join(f"{n} {word}" for word, n in _verdicts(asked).items())
        what = f"verdicts per second, {ENTRIES} contacts each: {name} ({said})"
        rows.append(Row(what, spread(rates, 0), "", target="20,000"))
    for name, asked in mixes.items():
        searches = [median(_microseconds(_opening, asked)) for _ in range(rounds)]
        what = f"next opening, median microseconds: {name}"
        rows.append(Row(what, spread(searches, 0), "", target="200"))
    lines = [_line(request) for _, request in mixes["US, CO, MX in turn"]]
    checked = [_lines_a_second(lines) for _ in range(min(rounds, 3))]
    what = f"lines per second of `law check`, {ENTRIES} contacts each, start not counted"
    return [*rows, Row(what, spread(checked, 0), "", target="thousands")]


def _verdict(asked: Asked) -> object:
    packs, request = asked
    return verdict(packs, request, NOW)


def _opening(asked: Asked) -> object:
    packs, request = asked
    return next_opening(packs, request, NOW + timedelta(hours=9))


def _microseconds(ask: Callable[[Asked], object], asked: Sequence[Asked]) -> list[float]:
    taken = []
    for one in asked:
        began = time.perf_counter_ns()
        ask(one)
        taken.append((time.perf_counter_ns() - began) / 1000)
    return taken


def _lines_a_second(lines: Sequence[str]) -> float:
    """What more lines cost a process: its start and its end are in both measurements."""
    few, many = 100, 6_000
    return (many - few) / (_process(lines, many) - _process(lines, few))


def _process(lines: Sequence[str], count: int) -> float:
    text = "".join(lines[place % len(lines)] for place in range(count))
    began = time.perf_counter()
    command = [sys.executable, "-m", "workers", "law", "check"]
    done = subprocess.run(command, input=text, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.count("\n") == count
    return time.perf_counter() - began


def _line(request: LawRequest) -> str:
    return request.model_dump_json(by_alias=True, exclude_none=True) + "\n"


def _verdicts(asked: Sequence[Asked]) -> Counter[str]:
    return Counter(verdict(packs, request, NOW).verdict for packs, request in asked)


def _asked(
    jurisdictions: tuple[str, ...], zone: str, apart: timedelta, count: int, *events: dict[str, Any]
) -> list[Asked]:
    packs = load_packs().packs_for(jurisdictions)
    return [(packs, _request(jurisdictions, zone, apart, events)) for _ in range(count)]


def _request(
    jurisdictions: tuple[str, ...],
    zone: str,
    apart: timedelta,
    events: Sequence[dict[str, Any]],
) -> LawRequest:
    history: list[dict[str, Any]] = [
        {
            "at": NOW - apart * place - timedelta(days=1),
            "account_id": "A1",
            "channel": ("sms", "email", "voice")[place % 3],
            "direction": "outbound",
            "contact_point_id": "p1",
            "outcome": "delivered" if place % 3 < 2 else "no_answer",
        }
        for place in range(ENTRIES)
    ]
    return LawRequest.model_validate(
        {
            "id": "1",
            "jurisdictions": jurisdictions,
            "actor": "third_party",
            "zones": [zone],
            "at": NOW,
            "channel": "sms",
            "contact_point": {"id": "p1", "kind": "mobile", "authorized": True},
            "account_id": "A1",
            "history": history,
            "events": events,
        }
    )
