"""Requests of every sort, from a seed, for all packs there are."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

from domain.law.readings import READINGS
from domain.law.request import LawRequest
from domain.law.terms import (
    Actor,
    ContactOutcome,
    Direction,
    EventKind,
    Instrument,
    LawPointKind,
    LawPurpose,
    Medium,
    Party,
    Weekday,
)
from lab.builders.law import BOOK

ZONES: Final = (
    "America/New_York",
    "America/Los_Angeles",
    "America/Bogota",
    "America/Mexico_City",
    "America/Santiago",
    "America/Sao_Paulo",
    "America/Lima",
    "Pacific/Galapagos",
    "Europe/London",
    "Europe/Madrid",
    "Atlantic/Canary",
)
MIXES: Final = (
    *((code,) for code in BOOK.packs if len(code) == 2),
    *((code[:2], code) for code in BOOK.packs if len(code) > 2),
    ("US", "CO"),
    ("ES", "GB"),
)
POINTS: Final = ("cp1", "cp2")
DAY: Final = timedelta(days=1)
QUARTER: Final = timedelta(minutes=15)


class Requests:
    """A stream of random requests, instants on a grid; of equal seeds and grids, equal requests."""

    def __init__(self, seed: int, grid: timedelta = QUARTER) -> None:
        self.random = Random(seed)  # noqa: S311 - the same again from the same seed
        self.grid = grid

    def __iter__(self) -> "Requests":
        return self

    def __next__(self) -> LawRequest:
        """One more, mostly by day."""
        pick = self.random.choice
        first = datetime(pick((2025, 2026, 2027)), 1, 1, tzinfo=UTC)
        at = first + self.grid * self.random.randrange(365 * DAY // self.grid)
        if self.random.random() < 0.7:
            at = at.replace(hour=self.random.randrange(12, 24))
        reach = pick((3, 10, 40))
        return LawRequest.model_validate(
            {
                "id": "1",
                "jurisdictions": pick(MIXES),
                "actor": pick(list(Actor)),
                "zones": self.random.sample(ZONES, pick((1, 1, 2))),
                "at": at,
                "channel": self._channel(),
                "contact_point": self._point(),
                "party": pick([*[Party.DEBTOR] * 8, *Party]),
                "account_id": "A1",
                "history": [self.contact(at, reach) for _ in range(pick((0, 1, 2, 6, 15, 40)))],
                "events": [self._event(at, reach) for _ in range(pick((0, 0, 0, 1, 1, 2, 4)))],
                "readings": {
                    name: pick(reading.values)
                    for name, reading in READINGS.items()
                    if self.random.random() < 0.2
                },
                "purpose": pick([*[LawPurpose.COLLECTION] * 5, *LawPurpose]),
                "autodialed": self.random.random() < 0.3,
                "debt_type": pick((None, None, "microcredit", "medical", "student_loan")),
                "servicing_account": pick((None, None, "A2", "S1")),
            }
        )

    def contact(self, at: datetime, reach: int = 10) -> dict[str, Any]:
        """A past contact, or one that is yet to come and must not count."""
        pick = self.random.choice
        return {
            "at": self._ago(at, reach),
            "account_id": pick(("A1", "A1", "A2", None)),
            "servicing_account": pick((None, None, "S1", "S2")),
            "channel": self._channel(),
            "direction": pick([*[Direction.OUTBOUND] * 4, Direction.INBOUND]),
            "contact_point_id": pick((None, *POINTS)),
            "contact_point_kind": pick((LawPointKind.UNKNOWN, *LawPointKind)),
            "outcome": pick([*[ContactOutcome.NO_ANSWER] * 3, *ContactOutcome]),
        }

    def _channel(self) -> Medium:
        busy = [Medium.VOICE, Medium.VOICE, Medium.SMS, Medium.SMS, Medium.EMAIL]
        channels: list[Medium] = [*busy, *Medium]
        return self.random.choice(channels)

    def _ago(self, at: datetime, reach: int) -> datetime:
        return at - self.grid * self.random.randrange(-20, reach * DAY // self.grid)

    def _point(self) -> dict[str, Any] | None:
        pick = self.random.choice
        if self.random.random() < 0.1:
            return None
        kind = pick([*[LawPointKind.MOBILE] * 4, *LawPointKind])
        return {"id": "cp1", "kind": kind, "authorized": pick((True, True, True, False, None))}

    def _event(self, at: datetime, reach: int) -> dict[str, Any]:
        pick = self.random.choice
        kind = pick(list(EventKind))
        some: dict[str, Any] = {
            "kind": kind,
            "at": self._ago(at, reach),
            "channel": pick((None, None, *Medium)),
            "account_id": pick((None, None, "A1", "A2")),
            "contact_point_id": pick((None, None, None, *POINTS)),
        }
        if self.random.random() < 0.3:
            some["recorded_at"] = self._ago(at, reach)
        match kind:
            case EventKind.INCONVENIENT_TIME | EventKind.AUTHORIZED_HOURS:
                some["windows"] = [self._window() for _ in range(pick((0, 1, 2)))]
                some["instrument"] = pick((None, *Instrument))
            case EventKind.WRONG_NUMBER:
                some["contact_point_id"] = pick(POINTS)
            case EventKind.CEASE:
                some["in_writing"] = pick((None, True, False))
            case EventKind.ATTORNEY:
                some["contact_known"] = pick((None, True, False))
            case EventKind.CONSENT_CALL if self.random.random() < 0.5:
                some["valid_from"] = self._ago(at, 5)
                some["valid_until"] = self._ago(at + timedelta(days=3), 5)
            case EventKind.BREATHING_SPACE:
                some["type"] = pick((None, "standard", "mental_health"))
                some["days"] = pick((None, 3, 30))
                if self.random.random() < 0.3:
                    some["ends_at"] = self._ago(at + timedelta(days=3), 5)
            case _:
                pass
        return some

    def _window(self) -> dict[str, Any]:
        opens, closes = sorted(self.random.sample(range(97), 2))
        days = self.random.sample(list(Weekday), self.random.randint(1, 7))
        return {"days": days, "from": _clock(opens), "to": _clock(closes)}


def _clock(quarter: int) -> str:
    return f"{quarter // 4:02}:{quarter % 4 * 15:02}"
