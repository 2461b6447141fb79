"""What the tests of the proof share: attempts moved about in time, and what a proof found."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from lab.proof.verdict import Proof, prove
from tests.support.runs import (
    MIN_DAYS,
    Row,
    address_of,
    attempt_row,
    received_row,
    said_row,
)

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


# --- answers to what somebody wrote ---------------------------------------------------------------

Came = tuple[Row, Row]
HERS, MAILBOX = address_of("c100", "sms"), address_of("c100", "email")
TOLD = datetime.fromisoformat("2026-03-04T15:00:00+00:00")
"""A reminder, on a Wednesday at ten in Bogotá and nine in Mexico; she writes five hours later."""
ASKED = TOLD + timedelta(hours=5)
IN_MEXICO: Row = {"jurisdictions": ["MX"], "zones": ["America/Mexico_City"]}
"""Where no day and no week is counted."""
BALANCE, IDENTITY, PROMISE = "balance_answer", "identity_answer", "promise_confirmation"
OURS = "Meridian: yes, this message is ours. To make sure, call the number on your contract."


def on(moment: datetime, number: int, purpose: str, **changes: object) -> Came:
    """An attempt, and what was received of it: ``to``, ``text`` and ``subject`` as told."""
    told = {"text": OURS} if purpose == IDENTITY else {}
    heard = told | {key: changes.pop(key) for key in ("to", "text", "subject") if key in changes}
    row = at(attempt_row(number), moment.isoformat(), purpose=purpose, **IN_MEXICO | changes)
    return row, received_row(row, at=row["dispatched_at"], **heard)


def answer(minutes: float = 5, number: int = 2, purpose: str = BALANCE, **changes: object) -> Came:
    """So long after she wrote."""
    return on(ASKED + timedelta(minutes=minutes), number, purpose, **changes)


def wrote(minutes: float = 0, address: str = HERS, **changes: object) -> Row:
    return said_row(address, (ASKED + timedelta(minutes=minutes)).isoformat(), **changes)


def proved(*came: Came, said: Iterable[Row] | None = None, stops: Iterable[Row] = ()) -> Proof:
    """After a reminder, and one message of hers if nothing else was said."""
    ledger, received = zip(on(TOLD, 1, "reminder"), *came, strict=True)
    words = [wrote()] if said is None else said
    return prove(ledger, received, stops=stops, said=words, min_days=MIN_DAYS)
