"""``contrapunto inbound correct`` and ``export``: what people say that messages said.

What is exported has the form in which ``lab.reading`` judges a reader, so that its faults become
the next labelled set.
"""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TextIO

from rich.console import Console

from domain.conversation.keywords import Meaning
from domain.conversation.reader import name_of
from domain.failures import BadInput, NotFound
from store.conversation.readings import Readings
from store.conversation.written import corrected, one
from store.database import Pool


async def correct(
    pool: Pool,
    message: str,
    intents: str,
    amount: str | None,
    day: str | None,
    by: str,
    console: Console,
) -> None:
    """Keep a correction. Raises BadInput for what cannot be one, NotFound for no such message."""
    expected = {"intents": _intents(intents), "amount": _amount(amount), "date": _day(day)}
    await keep_correction(pool, message, expected, by)
    console.print(f"{message} says: {json.dumps(expected)}", markup=False, highlight=False)


async def keep_correction(
    pool: Pool, message: str, expected: Mapping[str, object], by: str
) -> None:
    """Keep what a person says that a message says, by its name ``<provider>/<id>``.

    Raises NotFound for no such message.
    """
    provider, _, inbound_id = message.partition("/")
    if await one(pool, provider, inbound_id) is None:
        raise NotFound(f"no message {message!r} is known: `contrapunto inbound list` names them")
    await Readings(pool).correct(provider, inbound_id, expected, by)


async def export(pool: Pool, out: TextIO) -> None:
    """Write the corrected messages, with their words."""
    for message in await corrected(pool):
        heard = message.heard()
        line = {
            "id": message.id,
            "text": heard.text,
            "locale": heard.locale,
            "channel": message.channel,
            "now": heard.now.isoformat(),
            "currency": heard.currency,
            "balance": str(heard.balance),
            "expected": message.corrected,
        }
        out.write(json.dumps(line, ensure_ascii=False) + "\n")


def _intents(given: str) -> list[str]:
    known = sorted({name_of(meaning) for meaning in Meaning})
    found = [one.strip() for one in given.split(",") if one.strip()]
    if not found or (unknown := [one for one in found if one not in known]):
        wrong = ", ".join(unknown) if found else "nothing"
        raise BadInput(f"--intents: {wrong} is none of {', '.join(known)}")
    return list(dict.fromkeys(found))


def _amount(given: str | None) -> str | None:
    try:
        return None if given is None else f"{Decimal(given).normalize():f}"
    except InvalidOperation:
        raise BadInput("--amount: must be a number with a point, such as 1234.50") from None


def _day(given: str | None) -> str | None:
    try:
        return None if given is None else date.fromisoformat(given).isoformat()
    except ValueError:
        raise BadInput("--date: must be a day such as 2026-12-04") from None
