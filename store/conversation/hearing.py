"""What a message says is read where it is stored, in the same transaction: nobody is told of a
message whose meaning is not on record.
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from asyncpg import PostgresError

from domain.conversation.keywords import Intent, Meaning
from domain.conversation.reader import Reader, Reading
from domain.conversation.wishes.preference import FROM_MESSAGE, stated_in
from domain.conversation.work import asked_by, lacking
from domain.conversation.work_words import WorkReason
from domain.ledger.call_outcome import Pressed
from store.conversation import preferences
from store.conversation.readings import INSERT_READING
from store.conversation.work import open_items
from store.conversation.written import heard
from store.database import BAD_DATA, Connection

log = logging.getLogger(__name__)

# Of several accounts the one that is longest due: a message names it hardly ever.
_ABOUT: Final = """
SELECT c.locale, c.zones, a.currency, a.balance
FROM customers c LEFT JOIN LATERAL (
    SELECT o.currency, o.balance FROM accounts o WHERE o.customer_id = c.customer_id
    ORDER BY o.status <> 'open', o.oldest_due_date, o.creditor, o.account_id LIMIT 1) a ON true
WHERE c.customer_id = ANY ($1) ORDER BY c.customer_id LIMIT 1
"""

_PRESSED: Final[dict[str, Meaning]] = {
    Pressed.PAID: Meaning.ALREADY_PAID,
    Pressed.DISPUTES: Meaning.DISPUTE,
    Pressed.STANDS_FOR_NONE: Meaning.DISPUTE,
}


async def pressed(
    connection: Connection,
    message: tuple[str, str],
    text: str,
    intent: Intent,
    at: datetime,
    points: Mapping[str, str],
) -> None:
    """What was pressed or done in a call is known; its words are ours, and are not read. Whoever
    asked for a person there is called back by one."""
    meaning = _PRESSED.get(text, Meaning.HELP if intent is Intent.HELP else None)
    if meaning is not None:
        reasons = asked_by((meaning,), shared=len(points) > 1)
        await open_items(connection, points, reasons, "/".join(message), at)


async def hear(
    connection: Connection,
    reader: Reader,
    message: tuple[str, str],
    text: str,
    at: datetime,
    points: Mapping[str, str],
    *,
    heard_already: bool,
) -> None:
    """Keep what a message says, and have people asked for what rules may not do by themselves.

    ``message``: provider and its own id. ``points``: of all who have the address, by customer, the
    contact point that it is. ``heard_already``: it is a stop or a start, which is done.

    What cannot be read is for a person. What cannot be written takes the message along only where
    it may come again: not a stop, and not for a fault of what is written.
    """
    row = await connection.fetchrow(_ABOUT, list(points))
    about = (None, None, None, None) if row is None else tuple(row)
    reading = _read(reader, text, at, about)
    try:
        async with connection.transaction():  # a savepoint: the message itself, and its stop, stay
            written = (*message, reading.version, reading.told())
            await connection.execute(INSERT_READING, *written)
            reasons = asked_by(reading.intents, shared=len(points) > 1, heard=heard_already)
            if (stated := stated_in(reading)) is not None and len(points) == 1:
                (customer,) = points
                said = (f"{FROM_MESSAGE}{'/'.join(message)}", customer, stated, at, at)
                await preferences.keep(connection, *said, message[0])
                # Done by itself, but for an address on the channel that only a person can ask for.
                if await preferences.can_be_met(connection, customer, stated):
                    reasons = tuple(one for one in reasons if one is not WorkReason.PREFERENCE)
            named = (points, reasons, "/".join(message), at)
            await open_items(connection, *named, lacking(reading))
    except (PostgresError, *BAD_DATA) as error:
        if not heard_already and not isinstance(error, BAD_DATA):
            raise
        log.error("%s message %s is not read: %s", *message, type(error).__name__)  # noqa: TRY400


def _read(reader: Reader, text: str, at: datetime, about: tuple[Any, ...]) -> Reading:
    try:
        return reader.read(heard(text, at, *about))
    except Exception as error:  # noqa: BLE001 - whatever a reader does, the message is a person's
        log.error("a message could not be read: %s", type(error).__name__)  # noqa: TRY400
        return Reading(intents=(Meaning.OTHER,), confidence=0, to_person=True)
