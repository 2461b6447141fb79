"""What people write to customers. What waits to leave is read with everything else
(``store/situations.py``); what became of it is its attempt's."""

from datetime import datetime
from typing import Final, NamedTuple

from domain.channels import Channel, Purpose
from domain.contacts.message import PersonMessage
from domain.ledger.attempt import AttemptState, RefusalKind
from domain.model import Instant
from domain.planning.by_person import MayContact
from store.database import Connection, Pool

SELECT_MESSAGE: Final = """
SELECT m.message_id, m.customer_id, m.creditor, m.account_id, m.channel, m.contact_point_id,
    m.template, m.subject, m.words, m.by_whom, m.at, m.attempt_id, m.refused_at, m.why, m.rule,
    m.cite, m.next_allowed_at, t.state, t.provider, t.refusal, t.code, t.dispatched_at
FROM person_messages m LEFT JOIN attempts t USING (attempt_id) WHERE m.message_id = $1
"""

INSERT_MESSAGE: Final = """
INSERT INTO person_messages (message_id, customer_id, creditor, account_id, channel,
    contact_point_id, template, subject, words, by_whom, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT DO NOTHING RETURNING message_id
"""

SELECT_WORDS: Final = "SELECT words, subject FROM person_messages WHERE message_id = $1"

_LEFT_NOT_YET: Final = """refused_at IS NULL AND (attempt_id IS NULL OR EXISTS (
    SELECT FROM attempts t WHERE t.attempt_id = m.attempt_id AND t.state = 'released'))"""

TAKE_MESSAGE: Final = f"""
UPDATE person_messages m SET attempt_id = $2 WHERE message_id = $1 AND {_LEFT_NOT_YET}
RETURNING message_id
"""  # noqa: S608 - what is put in is a condition

REFUSE_MESSAGE: Final = f"""
UPDATE person_messages m SET refused_at = $2, why = $3, rule = $4, cite = $5, next_allowed_at = $6
WHERE message_id = $1 AND {_LEFT_NOT_YET} RETURNING message_id
"""  # noqa: S608 - what is put in is a condition


class NewMessage(NamedTuple):
    """A message to be written."""

    message_id: str
    customer_id: str
    creditor: str
    account_id: str
    channel: Channel
    contact_point_id: str
    template: Purpose | None
    subject: str | None
    words: str | None
    by_whom: str
    at: datetime


class Words(NamedTuple):
    """What is said. Personal: stays inside the activity."""

    words: str | None
    subject: str | None


class MessageRecord(PersonMessage):
    """One message, and what became of it. ``words`` and ``subject`` are personal."""

    customer_id: str
    creditor: str
    account_id: str
    subject: str | None
    words: str | None
    by_whom: str
    attempt_id: str | None
    refused_at: Instant | None
    why: str | None
    rule: str | None
    cite: str | None
    next_allowed_at: Instant | None
    state: AttemptState | None
    """Of the attempt by which it goes out."""
    provider: str | None
    refusal: RefusalKind | None
    code: str | None
    dispatched_at: Instant | None

    @property
    def waits(self) -> bool:
        """Whether it has still to leave, by what is on record."""
        unsent = self.state is None or self.state is AttemptState.RELEASED
        return self.refused_at is None and unsent


async def find(connection: "Connection | Pool", message_id: str) -> MessageRecord | None:
    """A message by its id."""
    row = await connection.fetchrow(SELECT_MESSAGE, message_id)
    return None if row is None else MessageRecord(**dict(row))


async def write(connection: Connection, new: NewMessage) -> bool:
    """Put a message on record. False: its id is taken."""
    return await connection.fetchval(INSERT_MESSAGE, *new) is not None


async def words_of(connection: Connection, message_id: str) -> Words:
    """What a message says."""
    row = await connection.fetchrow(SELECT_WORDS, message_id)
    assert row is not None, "what is planned is on record"  # noqa: S101
    return Words(*row)


async def take(connection: Connection, message_id: str, attempt_id: str) -> bool:
    """Give a message to the attempt that was just reserved. False: it has another, or none any
    more."""
    return await connection.fetchval(TAKE_MESSAGE, message_id, attempt_id) is not None


async def refuse(
    connection: "Connection | Pool", message_id: str, said: MayContact, now: datetime
) -> bool:
    """Keep why a message does not leave. False: it has left, or was refused before."""
    why = (said.why, said.rule, said.cite or None, said.next_allowed_at)
    return await connection.fetchval(REFUSE_MESSAGE, message_id, now, *why) is not None
