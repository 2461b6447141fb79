"""What the tests of the American states share: their clocks, and who decides with the country."""

from datetime import datetime
from typing import Any, Final

from tests.unit.law.support import LOS_ANGELES, NEW_YORK, ask, contact, judge, local


def ny(wall: str) -> datetime:
    return local(NEW_YORK, wall)


def la(wall: str) -> datetime:
    return local(LOS_ANGELES, wall)


NOON: Final = ny("2026-11-18 12:00")  # a Wednesday
CREDITOR: Final = "first_party"
OFFICE: Final = {"id": "w1", "kind": "work"}
NOBODY_ASKED: Final = {"id": "cp1", "kind": "mobile"}
"""A contact point whose owner was not asked for consent."""


def rule(state: str, at: datetime = NOON, **fields: Any) -> str:
    """The rule that decides under the country's law and the state's, or none."""
    law = ["US", *(["US-NY"] if state == "US-NY-NYC" else []), state]
    return judge(ask(state, jurisdictions=law, **fields), at).rule


def sent(day: str, channel: str = "voice", outcome: str = "no_answer", **more: Any) -> Any:
    """A contact about A1 at 10:00 in New York on a day ``MM-DD`` of 2026."""
    return contact(ny(f"2026-{day} 10:00"), channel, outcome, **more)
