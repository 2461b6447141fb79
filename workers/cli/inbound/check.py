"""``contrapunto inbound check``: one message as JSON a line in, what was read in it a line out."""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Any, TextIO

from pydantic import Field, ValidationError

from domain.channels import Channel
from domain.conversation.reader import Heard, Reader
from domain.entry.broken_rule import fault_of_line
from domain.model import Instant, Strict
from workers.cli.status import ExitStatus


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
            answer: dict[str, Any] = {"id": message.id, **reader.read(_heard(message)).told()}
        except ValidationError as error:
            answer, status = fault_of_line(error, number), ExitStatus.IN_PART
        out.write(json.dumps(answer, ensure_ascii=False) + "\n")
    return status


def _heard(message: InboundMessage) -> Heard:
    about = (message.currency, message.balance)
    return Heard(message.text, message.locale, message.now, *about)
