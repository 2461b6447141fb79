"""How fast the law answers. No Temporal here, and nothing to be beside: absolute figures.

All of it is CPU time, so that what else the machine does is not measured. Requests have 50 contacts
in their history, but for those of every sort and those that never open; what is worked out of packs
alone is there before the first round. Making a request, which lays its history out for counting, is
not in the rows of verdicts and openings; it is in that of the lines.
"""

import gc
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from statistics import median
from typing import Any, Final

from config.rule_packs import load_packs
from config.settings import ROOT
from domain.law.engine import next_opening, verdict
from domain.law.model import RulePack
from domain.law.readings import READINGS
from domain.law.request import LawRequest
from domain.planning.planner import plan
from lab.bench.figures import Row, spread
from lab.builders.law import home
from lab.builders.law_requests import Requests
from lab.builders.situations import NOW as PLANNED
from lab.builders.situations import much_contacted

ENTRIES = 50
NOW = datetime(2025, 11, 24, 15, tzinfo=UTC)
HOMES = {"US": "America/New_York", "CO": "America/Bogota", "MX": "America/Mexico_City"}
STATE = ("US", "US-MA")
SPREAD, DENSE = timedelta(days=2), timedelta(hours=3)
"""Between two contacts: over a hundred days, as live accounts have them; and in one week."""

CONSENT = {"kind": "opt_in", "at": NOW - timedelta(days=30), "channel": "sms"}
"""Without it Regulation F closes texts for good."""
EVERY_DAY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WARMING = 3_000
"""Requests of every sort before the first round: what a process that is up has met."""
MIX, ANY_KIND = "20,000", "5,000"

Asked = tuple[tuple[RulePack, ...], LawRequest]
Kind = Callable[[], Sequence[Asked]]
"""One round's requests of a kind: the same each time, or ones that were never asked before."""


ALL_ZONES: Final = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
)
"""Of a customer in the United States of whom no more is known."""


def measure(rounds: int, calls: int, lines: int) -> list[Row]:
    """Verdicts a second by kind of request, the time of one search, and ``law check``."""
    mix, kinds = _mixes(calls), _kinds(calls)
    never_asked = _every_sort(WARMING)
    _microseconds(_verdict, never_asked())
    rows = []
    for target, some in ((MIX, mix), (ANY_KIND, kinds)):
        for name, asked in some.items():
            _microseconds(_verdict, asked())
            rates = [1e6 / _microseconds(_verdict, asked()) for _ in range(rounds)]
            said = ", ".join(f"{n} {word}" for word, n in sorted(_verdicts(asked()).items()))
            what = f"verdicts per CPU second: {name} ({said})"
            rows.append(Row(what, spread(rates, 0), "", target=target))
    for name, asked in (mix | kinds).items():
        searches = [_microseconds(_opening, asked()) for _ in range(rounds)]
        rows.append(Row(f"next opening, microseconds: {name}", spread(searches, 0), "", "200"))
    for country in HOMES:
        plans = [_plan_microseconds(country, calls) for _ in range(rounds)]
        what = f"a plan, microseconds: {country}, four contact points, {ENTRIES} contacts"
        rows.append(Row(what, spread(plans, 0), "", "300"))
    written = [_line(request) for _, request in mix["US, CO, MX in turn"]()]
    checked = _lines_a_second(written, lines, rounds)
    what = f"lines per CPU second of `law check`, {ENTRIES} contacts each, start not counted"
    return [*rows, Row(what, spread(checked, 0), "", target="thousands")]


def _mixes(calls: int) -> dict[str, Kind]:
    """What is asked all day long."""
    homes = [_asked((code,), zone, SPREAD, calls // 3) for code, zone in HOMES.items()]
    in_turn = [asked for some in zip(*homes, strict=True) for asked in some]
    return {
        "US, CO, MX in turn": lambda: in_turn,
        "US, CO, MX in turn, other readings each time": _read_otherwise(in_turn),
        "US with US-MA": _same(_asked(STATE, HOMES["US"], SPREAD, calls)),
        "US with US-MA, all contacts in a week": _same(_asked(STATE, HOMES["US"], DENSE, calls)),
        "US, consent to texts": _same(_asked(("US",), HOMES["US"], SPREAD, calls, CONSENT)),
        "CO, denied by the weekly cap": _same(_asked(("CO",), HOMES["CO"], DENSE, calls)),
    }


def _kinds(calls: int) -> dict[str, Kind]:
    """Each jurisdiction, whatever else can be asked, and what opens never or for an hour a year."""
    new_york, los_angeles, london = "America/New_York", "America/Los_Angeles", "Europe/London"
    far = ["America/New_York", "Asia/Kolkata", "Asia/Tokyo"]
    by_day = [("07:{m}", "22:{m}")]
    but_an_hour = [("00:00", "14:{m}"), ("15:{m}", "24:00")]
    found: dict[str, Kind] = {
        " with ".join(codes): _same(_asked(codes, home(codes[-1]), SPREAD, calls))
        for code in load_packs().packs
        for codes in [(code,) if len(code) == 2 else (code[:2], code)]
    }
    return found | {
        "every sort, never asked before": _every_sort(calls),
        "inconvenient by day": _never([new_york], by_day, calls),
        "inconvenient by day, two zones": _never([new_york, los_angeles], by_day, calls),
        "inconvenient by day, three zones": _never([new_york, los_angeles, london], by_day, calls),
        "inconvenient but for an hour, two zones": _never(
            [new_york, los_angeles], but_an_hour, calls
        ),
        "always inconvenient": _never([new_york], [("00:00", "24:00")], calls),
        "zones whose hours do not meet": _never(far, [], calls),
        "all zones of the country, five times three inconvenient hours": _never(
            ALL_ZONES, [("{h}:{m}", "{later}:{m}")], calls, occasions=5
        ),
    }


def _plan_microseconds(country: str, calls: int) -> float:
    """The median CPU time of one plan of an account in the middle of its life, at many instants."""
    situation, obeyed = much_contacted(country, HOMES[country], ENTRIES)
    gc.collect()
    took = []
    for place in range(calls):
        at = PLANNED + timedelta(minutes=7 * place)
        began = time.thread_time_ns()
        plan(situation, at, obeyed)
        took.append((time.thread_time_ns() - began) / 1000)
    return median(took)


def _verdict(asked: Asked) -> object:
    packs, request = asked
    return verdict(packs, request, request.at)


def _opening(asked: Asked) -> object:
    packs, request = asked
    return next_opening(packs, request, request.at + timedelta(hours=9))


def _microseconds(ask: Callable[[Asked], object], asked: Sequence[Asked]) -> float:
    """The mean CPU time of one answer."""
    gc.collect()
    gc.freeze()
    began = time.thread_time_ns()
    for one in asked:
        ask(one)
    return (time.thread_time_ns() - began) / 1000 / len(asked)


def _lines_a_second(lines: Sequence[str], many: int, rounds: int) -> list[float]:
    """What lines cost a process beside its start, which is measured apart and far more often."""
    start = median(_cpu_seconds(lines, 1) for _ in range(max(5, rounds)))
    return [many / (_cpu_seconds(lines, many) - start) for _ in range(max(3, rounds // 2))]


def _cpu_seconds(lines: Sequence[str], count: int) -> float:
    text = "".join(lines[place % len(lines)] for place in range(count))
    command = [sys.executable, "-m", "workers", "law", "check"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, input=text, cwd=ROOT, capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.stdout.count("\n") == count
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def _line(request: LawRequest) -> str:
    return request.model_dump_json(by_alias=True, exclude_none=True) + "\n"


def _verdicts(asked: Sequence[Asked]) -> Counter[str]:
    return Counter(verdict(packs, request, request.at).verdict for packs, request in asked)


def _same(asked: Sequence[Asked]) -> Kind:
    return lambda: asked


def _read_otherwise(asked: Sequence[Asked]) -> Kind:
    random = Random(1)

    def chosen() -> dict[str, str]:
        return {name: random.choice(reading.values) for name, reading in READINGS.items()}

    return lambda: [
        (packs, request.model_copy(update={"readings": chosen()})) for packs, request in asked
    ]


def _every_sort(count: int) -> Kind:
    book, requests = load_packs(), iter(Requests(seed=count))

    def more() -> Iterator[Asked]:
        for request in islice(requests, count):
            yield book.packs_for(request.jurisdictions), request

    return lambda: list(more())


def _never(
    zones: Sequence[str], stated: Sequence[tuple[str, str]], count: int, occasions: int = 1
) -> Kind:
    """Accounts whose customers have named times of their own, in the United States."""
    random = Random(1)

    def event(days_ago: int) -> dict[str, Any]:
        hour, minute = random.randrange(20), f"{random.randrange(60):02}"
        words = {"m": minute, "h": f"{hour:02}", "later": f"{hour + 3:02}"}
        windows = [
            {"days": EVERY_DAY, "from": opens.format(**words), "to": closes.format(**words)}
            for opens, closes in stated
        ]
        at = NOW - timedelta(days=days_ago)
        return {"kind": "inconvenient_time", "at": at, "windows": windows}

    def events() -> list[dict[str, Any]]:
        return [event(7 + place) for place in range(occasions)] if stated else []

    packs = load_packs().packs_for(("US",))
    return lambda: [
        (packs, _request(("US",), zones, SPREAD, events(), entries=0)) for _ in range(count)
    ]


def _asked(
    jurisdictions: tuple[str, ...], zone: str, apart: timedelta, count: int, *events: dict[str, Any]
) -> list[Asked]:
    packs = load_packs().packs_for(jurisdictions)
    return [(packs, _request(jurisdictions, [zone], apart, events)) for _ in range(count)]


def _request(
    jurisdictions: tuple[str, ...],
    zones: Sequence[str],
    apart: timedelta,
    events: Sequence[dict[str, Any]],
    entries: int = ENTRIES,
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
        for place in range(entries)
    ]
    return LawRequest.model_validate(
        {
            "id": "1",
            "jurisdictions": jurisdictions,
            "actor": "third_party",
            "zones": zones,
            "at": NOW,
            "channel": "sms" if entries else "voice",
            "contact_point": {"id": "p1", "kind": "mobile", "authorized": True},
            "account_id": "A1",
            "history": history,
            "events": events,
        }
    )
