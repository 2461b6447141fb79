"""What the tests of the proof share: attempts moved about in time, and what a proof found."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from lab.proof.verdict import Proof, prove
from tests.support.runs import Row, attempt_row, received_row

SANTIAGO, LIMA, GUAYAQUIL = "America/Santiago", "America/Lima", "America/Guayaquil"
SAO_PAULO, BUENOS_AIRES = "America/Sao_Paulo", "America/Argentina/Buenos_Aires"
BOGOTA, MEXICO, EAST, WEST = (
    "America/Bogota",
    "America/Mexico_City",
    "America/New_York",
    "America/Los_Angeles",
)


def at(row: Row, when: str, **changes: Any) -> Row:
    """The attempt moved to another instant, consistently."""
    moment = datetime.fromisoformat(when)
    return row | {
        "not_before": when,
        "not_after": (moment + timedelta(hours=1)).isoformat(),
        "reserved_at": when,
        "dispatched_at": when,
        **changes,
    }


def broken(proof: Proof) -> set[str]:
    """The codes of the checks that found something."""
    return {check.code for check in proof.checks if check.violations}


def series(country: str, zone: str, *contacts: tuple[str, str]) -> Proof:
    """The proof over contacts ``(channel, local wall clock)`` of one customer, all received."""
    rows = [
        at(
            attempt_row(number),
            datetime.fromisoformat(when).replace(tzinfo=ZoneInfo(zone)).isoformat(),
            jurisdictions=[country],
            zones=[zone],
            channel=channel,
            purpose=f"notice {number}",
        )
        for number, (channel, when) in enumerate(contacts, start=1)
    ]
    return prove(rows, [received_row(row, channel=row["channel"]) for row in rows])
