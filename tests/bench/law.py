"""How fast the law answers. No Temporal here, and nothing to be beside: for information."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median

from config.lawbooks import load_packs
from domain.law.engine import next_opening, verdict
from domain.law.request import LawRequest
from tests.bench.figures import Row, spread

ENTRIES = 50
NOW = datetime(2025, 11, 24, 15, tzinfo=UTC)
HOMES = {"US": "America/New_York", "CO": "America/Bogota", "MX": "America/Mexico_City"}


def measure(rounds: int, calls: int = 300) -> list[Row]:
    """Verdicts a second and the time of one search, for every jurisdiction in turn."""
    packs = load_packs()
    requests = {country: _request(country) for country in HOMES}
    books = {country: packs.packs_for([country]) for country in HOMES}

    def verdicts(country: str) -> object:
        return verdict(books[country], requests[country], NOW)

    def openings(country: str) -> object:
        return next_opening(books[country], requests[country], NOW + timedelta(hours=9))

    rates = [1e6 / _microseconds(verdicts, calls) for _ in range(rounds)]
    times = [_microseconds(openings, calls) for _ in range(rounds)]
    return [
        Row(f"verdicts per second, {ENTRIES} contacts in the history", spread(rates, 0), ""),
        Row("next opening, microseconds", spread(times, 0), ""),
    ]


def _microseconds(ask: Callable[[str], object], calls: int) -> float:
    """The median of single calls, averaged over the jurisdictions."""
    medians = []
    for country in HOMES:
        taken = []
        for _ in range(calls):
            began = time.perf_counter_ns()
            ask(country)
            taken.append(time.perf_counter_ns() - began)
        medians.append(median(taken) / 1000)
    return sum(medians) / len(medians)


def _request(country: str) -> LawRequest:
    history = [
        {
            "at": NOW - timedelta(days=2 * place + 1),
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
            "jurisdictions": [country],
            "actor": "third_party",
            "zones": [HOMES[country]],
            "at": NOW,
            "channel": "sms",
            "contact_point": {"id": "p1", "kind": "mobile", "authorized": True},
            "account_id": "A1",
            "history": history,
        }
    )
