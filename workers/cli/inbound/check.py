"""``contrapunto inbound check``: one message as JSON a line in, what was read in it a line out."""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, TextIO

from pydantic import Field

from domain.channels import Channel
from domain.conversation.reader import Heard, Reader
from domain.model import Instant, Strict
from workers.cli.standard_streams import answer_lines


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
    """Read each line, as ``answer_lines`` does."""
    return answer_lines(lines, out, lambda line: _read(line, reader))


def _read(line: str | bytes, reader: Reader) -> str:
    message = InboundMessage.model_validate_json(line)
    told = {"id": message.id, **reader.read(_heard(message)).told()}
    return json.dumps(told, ensure_ascii=False)


def _heard(message: InboundMessage) -> Heard:
    about = (message.currency, message.balance)
    return Heard(message.text, message.locale, message.now, *about)
