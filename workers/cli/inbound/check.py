"""``contrapunto inbound check``: one message as JSON a line in, what was read in it a line out."""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Any, Final, TextIO

from pydantic import Field, ValidationError

from domain.channels import Channel
from domain.conversation.keywords import Meaning
from domain.conversation.reader import Heard, Reader, Reading
from domain.entry.broken_rule import fault_of_line
from domain.model import Instant, Strict
from workers.cli.status import ExitStatus

_NAMES: Final = {
    Meaning.OPT_OUT: "stop",
    Meaning.OPT_IN: "start",
    Meaning.HELP: Meaning.WANTS_PERSON.value,
    Meaning.STRANGER: Meaning.WRONG_PERSON.value,
    Meaning.THIRD_PARTY: Meaning.WRONG_PERSON.value,
}
"""What intents are called outside; on record stops and starts have the names of the law."""


class InboundMessage(Strict):
    """A message, and what must be known to understand it."""

    id: str
    text: Annotated[str, Field(max_length=100_000)]
    locale: Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")] = "es"
    channel: Channel = Channel.SMS
    now: Instant
    """When it was written, at the customer's own offset: its date is their day."""
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "XXX"
    balance: Decimal = Decimal(0)


def check(lines: Iterable[str | bytes], out: TextIO, reader: Reader) -> int:
    """Read each line; one that is no message gets an error object in its place.

    Returns 3 if there was one, else 0.
    """
    status = ExitStatus.DONE
    for number, line in enumerate(lines, start=1):
        try:
            message = InboundMessage.model_validate_json(line)
            answer = told(message.id, reader.read(_heard(message)))
        except ValidationError as error:
            answer, status = fault_of_line(error, number), ExitStatus.IN_PART
        out.write(json.dumps(answer, ensure_ascii=False) + "\n")
    return status


def told(message_id: str, reading: Reading) -> dict[str, Any]:
    """A reading as ``inbound check`` writes it: days as ISO 8601, the amount as a decimal text."""
    return {
        "id": message_id,
        "intents": list(dict.fromkeys(map(name, reading.intents))),
        "amount": None if reading.amount is None else f"{reading.amount.normalize():f}",
        "date": None if reading.day is None else reading.day.isoformat(),
        "dates": [day.isoformat() for day in reading.days],
        "channel": reading.channel,
        "hours": [[one.opens, one.closes] for one in reading.hours],
        "confidence": reading.confidence,
        "evidence": [{"intent": name(one.intent), "words": one.words} for one in reading.evidence],
        "to_person": reading.to_person,
    }


def name(intent: Meaning) -> str:
    """What an intent is called outside."""
    return _NAMES.get(intent, intent.value)


def _heard(message: InboundMessage) -> Heard:
    about = (message.currency, message.balance)
    return Heard(message.text, message.locale, message.now, *about)
