"""Builders for law tests: requests with sensible rest, local instants, small packs."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from domain.law.engine import closes_at, duties, next_opening, verdict
from domain.law.model import RulePack
from domain.law.request import LawRequest, Verdict
from lab.builders.law import (
    BOGOTA,
    BOOK,
    BUENOS_AIRES,
    GUAYAQUIL,
    HOME,
    LIMA,
    LONDON,
    LOS_ANGELES,
    MADRID,
    MANAUS,
    MEXICO,
    NEW_YORK,
    SANTIAGO,
    SAO_PAULO,
    home,
)

__all__ = [
    "BOGOTA",
    "BOOK",
    "BUENOS_AIRES",
    "GUAYAQUIL",
    "HOME",
    "LIMA",
    "LONDON",
    "LOS_ANGELES",
    "MADRID",
    "MANAUS",
    "MEXICO",
    "NEW_YORK",
    "SANTIAGO",
    "SAO_PAULO",
    "home",
]
"""Handed on, beside what is made here: the tests of the law take all of it from one place."""


def local(zone: str, wall: str, fold: int = 0) -> datetime:
    """Return the UTC instant of a wall-clock time ``YYYY-MM-DD HH:MM[:SS]``."""
    return datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def ask(country: str = "US", **fields: Any) -> LawRequest:
    """Return a request of an agency about account A1; by default nothing stands against it."""
    channel = fields.get("channel", "voice")
    return LawRequest.model_validate(
        {
            "id": "1",
            "jurisdictions": [country],
            "actor": "third_party",
            "zones": [home(country)],
            "at": datetime(2026, 1, 1, tzinfo=UTC),
            "channel": channel,
            "contact_point": {"id": "cp1", "kind": "mobile", "authorized": True},
            "account_id": "A1",
            **fields,
        }
    )


def contact(
    at: datetime, channel: str = "voice", outcome: str = "no_answer", **more: Any
) -> dict[str, Any]:
    """Return a history entry: an outbound contact about A1 unless said otherwise."""
    return {
        "at": at,
        "account_id": "A1",
        "channel": channel,
        "direction": "outbound",
        "outcome": outcome,
        **more,
    }


def event(kind: str, at: datetime, **more: Any) -> dict[str, Any]:
    """Return an event of all channels and accounts unless said otherwise."""
    return {"kind": kind, "at": at, **more}


def packs(request: LawRequest) -> tuple[RulePack, ...]:
    """Return the shipped packs a request asks for."""
    return BOOK.packs_for(request.jurisdictions)


def judge(request: LawRequest, at: datetime) -> Verdict:
    """Return the verdict of the shipped packs."""
    return verdict(packs(request), request, at)


def opening(request: LawRequest, at: datetime) -> datetime | None:
    """Return the next opening under the shipped packs."""
    return next_opening(packs(request), request, at)


def closing(request: LawRequest, at: datetime) -> datetime | None:
    """Return when the shipped packs' hours next close."""
    return closes_at(packs(request), request, at)


def codes(request: LawRequest, at: datetime) -> list[str]:
    """Return the codes of the duties under the shipped packs."""
    return [duty.code for duty in duties(packs(request), request, at)]


def said(request: LawRequest, at: datetime) -> list[str]:
    """Return the codes of the duties that add words to a message."""
    return [duty.code for duty in duties(packs(request), request, at) if duty.said]


def alone(rule_id: str) -> RulePack:
    """Return the pack of a rule with no other rule in it."""
    pack = next(p for p in BOOK.packs.values() if any(rule.id == rule_id for rule in p.rules))
    only = tuple(rule for rule in pack.rules if rule.id == rule_id)
    return pack.model_copy(update={"rules": only})


def small_pack(*rules: dict[str, Any], **fields: Any) -> RulePack:
    """Return a pack ZZ of the rules given; id, title, cite and mark are filled in."""
    filled = [
        {"id": f"zz.rule{n}", "title": "a rule", "cite": "Law 1", "mark": "CONFIRMED", **rule}
        for n, rule in enumerate(rules)
    ]
    return RulePack.model_validate(
        {"jurisdiction": "ZZ", "name": "Test", "zone": NEW_YORK, "rules": filled, **fields}
    )


def hours(days: Sequence[str], opens: str, closes: str) -> dict[str, Any]:
    """Return an hours rule for ``small_pack``."""
    return {"kind": "hours", "windows": [{"days": list(days), "from": opens, "to": closes}]}


EVERY_DAY: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WORKING_DAYS: Final = EVERY_DAY[:5]


def _dates(year: int, text: str) -> frozenset[date]:
    pairs = (word.split("-") for word in text.split())
    return frozenset(date(year, int(month), int(day)) for month, day in pairs)


CO_HOLIDAYS: Final = {
    2026: _dates(
        2026,
        """1-1 1-12 3-23 4-2 4-3 5-1 5-18 6-8 6-15 6-29 7-13 7-20 8-7 8-17 10-12 11-2 11-16 12-8
        12-25""",
    ),
    2027: _dates(
        2027,
        """1-1 1-11 3-22 3-25 3-26 5-1 5-10 5-31 6-7 7-5 7-12 7-20 8-7 8-16 10-18 11-1 11-15 12-8
        12-25""",
    ),
}
"""Colombia's holidays, worked out by hand from Ley 51 de 1983 and Ley 2578 de 2026."""
