"""What a message promises, as a request that is judged like any other."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from activities.dependencies import Dependencies
from activities.orders import AccountRef
from activities.planning import plannable
from domain.channels import Purpose
from domain.conversation.reader import CERTAIN
from domain.conversation.wishes.preference import FROM_MESSAGE
from domain.conversation.work_words import WorkReason
from domain.facts import LONGEST_ID, RecordPromise
from domain.planning.answers import is_spoken_of
from domain.strategy import Strategy
from store.conversation.work import said
from store.database import Connection

_PROMISE: Final = ["promise"]


def reads_back(strategy: Strategy) -> bool:
    """Whether a promise that a message makes is recorded, to be read back."""
    return Purpose.PROMISE_CONFIRMATION in strategy.answers


async def promised(
    dependencies: Dependencies, connection: Connection, ref: AccountRef, now: datetime
) -> RecordPromise | None:
    """The promise that the customer's last message makes of this account; None where it makes none,
    leaves any room, or is about another account."""
    situation = await plannable(dependencies, connection, ref, now)
    if situation is None:
        return None
    for item in situation.work:
        if item.reason is not WorkReason.PROMISE or item.contact_point_id is None:
            continue
        last = await said(connection, item.work_id)
        if last is not None and is_spoken_of(situation, last.at) and _leaves_no_room(last.reading):
            name = f"{FROM_MESSAGE}{last.provider}/{last.inbound_id}"[:LONGEST_ID]
            return RecordPromise.model_validate({"id": name, **_what(last.reading)})
    return None


def _what(reading: Mapping[str, Any]) -> dict[str, Any]:
    """What is promised: parts on several dates, or one amount by one day."""
    if parts := reading.get("parts"):
        return {"parts": parts}
    return {"amount": reading["amount"], "date": reading["date"]}


def _leaves_no_room(reading: Mapping[str, Any]) -> bool:
    """Whether it says nothing but one amount and one day, or which amount by which of several."""
    one = reading["amount"] is not None and reading["date"] is not None
    return (
        reading["intents"] == _PROMISE
        and (one or bool(reading.get("parts")))
        and reading["confidence"] >= CERTAIN
        and not reading["to_person"]
    )
