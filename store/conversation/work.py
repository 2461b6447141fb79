"""What people are asked to do, and what came of it: the queue of work items."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from domain.conversation.work import ANSWERED_BY, URGENCY
from domain.conversation.work_words import WorkOutcome, WorkReason
from domain.failures import BadInput, NotFound
from domain.model import Instant, Model
from store.conversation.locks import lock_persons
from store.database import Connection, Pool

_OPEN: Final = """
INSERT INTO work_items AS w
    (customer_id, contact_point_id, reason, priority, opened_at, due_at, messages, lacking)
SELECT customer_id, point, reason, priority, $3::timestamptz, $3 + within,
    array_remove(ARRAY[$4::text], NULL), reason = ANY ($8::text[])
FROM unnest($1::text[], $2::text[]) AS asked_for (customer_id, point),
    unnest($5::text[], $6::int[], $7::interval[]) AS asked (reason, priority, within)
ORDER BY customer_id, reason
ON CONFLICT (customer_id, reason) WHERE done_at IS NULL
    DO UPDATE SET messages = w.messages || excluded.messages,
        contact_point_id = excluded.contact_point_id, lacking = excluded.lacking
    WHERE NOT w.messages @> excluded.messages
"""

ITEM: Final = """
SELECT w.work_id, w.customer_id, w.reason, w.priority, w.opened_at, w.due_at, w.messages,
    w.contact_point_id, w.claimed_by, w.claim_ends, w.outcome, w.note, w.done_by, w.done_at,
    c.zones,
    ARRAY(SELECT a.creditor || '/' || a.account_id FROM accounts a
        WHERE a.customer_id = w.customer_id AND a.status = 'open'
        ORDER BY a.creditor, a.account_id) AS accounts,
    ARRAY(SELECT DISTINCT a.creditor || '/' || a.account_id FROM account_parties p
        JOIN accounts a ON a.creditor = p.creditor
            AND a.account_id = now_called(p.creditor, p.account_id)
        WHERE p.customer_id = w.customer_id AND a.customer_id <> w.customer_id
            AND a.status = 'open' AND p.role <> 'authorized' ORDER BY 1) AS stands_for
FROM work_items w JOIN customers c USING (customer_id)
"""
_LIST: Final = f"""{ITEM}
WHERE ($1 OR w.done_at IS NULL) AND ($2::text IS NULL OR w.customer_id = $2)
    AND ($3::text IS NULL OR w.reason = $3)
ORDER BY w.done_at IS NOT NULL, w.priority, w.due_at, w.work_id LIMIT $4
"""
_ONE: Final = f"{ITEM} WHERE w.work_id = $1"
_WHOSE: Final = "SELECT customer_id FROM work_items WHERE work_id = $1"

# Whoever has it may take it for longer; whose time is over has it no more.
_CLAIM: Final = """
UPDATE work_items SET claimed_by = $2, claim_ends = $4
WHERE work_id = $1 AND done_at IS NULL
    AND (claimed_by IS NULL OR claimed_by = $2 OR claim_ends <= $3)
RETURNING work_id
"""
_RELEASE: Final = """
UPDATE work_items SET claimed_by = NULL, claim_ends = NULL
WHERE work_id = $1 AND done_at IS NULL AND claimed_by = $2 RETURNING work_id
"""
_DONE: Final = """
UPDATE work_items SET outcome = $4, note = $5, done_by = $2, done_at = $3,
    claimed_by = NULL, claim_ends = NULL
WHERE work_id = $1 AND done_at IS NULL
    AND (claimed_by IS NULL OR claimed_by = $2 OR claim_ends <= $3)
RETURNING work_id
"""


# What was planned of an item that is done is planned no more: an answer that was reserved before it
# does not go out.
_IS_FACT: Final = "SELECT raise_facts(persons(ARRAY[$1]))"

# What a person has under another id is theirs, too.
_CLOSE: Final = """
UPDATE work_items SET outcome = $3, done_by = $4, done_at = $5, claimed_by = NULL, claim_ends = NULL
WHERE customer_id = ANY (ARRAY(SELECT s.customer_id FROM same_person($1) s))
    AND reason = ANY ($2) AND done_at IS NULL AND opened_at <= $6
"""

# Of several accounts nobody knows which one they wrote of. What came since then may be of something
# else, however the item is called: all of it waits.
_MEET: Final = """
UPDATE work_items w SET outcome = $4, done_by = $5, done_at = $6, claimed_by = NULL,
    claim_ends = NULL
FROM accounts mine
WHERE mine.creditor = $1 AND mine.account_id = $2
    AND w.customer_id = ANY (persons(ARRAY[mine.customer_id]))
    AND w.reason = $3 AND w.done_at IS NULL AND w.opened_at <= $7
    AND NOT EXISTS (
        SELECT FROM accounts a
        WHERE a.customer_id = ANY (persons(ARRAY[mine.customer_id])) AND a.status = 'open'
            AND (a.creditor, a.account_id) <> ($1, $2))
    AND NOT EXISTS (
        SELECT FROM unnest(w.messages) AS said
        JOIN inbound i ON i.provider = split_part(said, '/', 1)
            AND i.inbound_id = substr(said, length(i.provider) + 2)
        WHERE i.at > $7)
    AND NOT EXISTS (
        SELECT FROM unnest(w.messages) AS said
        JOIN manual_contacts m ON 'contact/' || m.contact_id = said
        WHERE coalesce(m.ended_at, m.began_at) > $7)
"""

_KEEP_DEEDS: Final = "UPDATE work_items SET done = $2 WHERE work_id = $1"
_SELECT_DEEDS: Final = "SELECT done FROM work_items WHERE work_id = $1"

# What they asked for last is when they are to be called.
_CALLBACK: Final = """
INSERT INTO work_items AS w
    (customer_id, reason, priority, opened_at, due_at, messages)
VALUES ($1, $2, $3, $4, $5, ARRAY[$6::text])
ON CONFLICT (customer_id, reason) WHERE done_at IS NULL
    DO UPDATE SET messages = w.messages || excluded.messages, due_at = excluded.due_at
    WHERE NOT w.messages @> excluded.messages
"""

_SAID: Final = """
SELECT i.provider, i.inbound_id, i.at, r.reading
FROM work_items w
JOIN inbound i ON i.provider = split_part(w.messages[cardinality(w.messages)], '/', 1)
    AND i.inbound_id = substr(w.messages[cardinality(w.messages)], length(i.provider) + 2)
JOIN readings r ON r.provider = i.provider AND r.inbound_id = i.inbound_id
WHERE w.work_id = $1 ORDER BY r.read_at DESC LIMIT 1
"""

BY_ITSELF: Final = "contrapunto"
"""In the place of a person, where an item is done without one."""


class WorkItem(Model):
    """One item as people see it. Nothing in it is the customer's own word but by reference."""

    work_id: int
    customer_id: str
    reason: WorkReason
    priority: int
    opened_at: Instant
    due_at: Instant
    """When a person should have looked."""
    messages: tuple[str, ...]
    """``<provider>/<inbound_id>`` of each that asks for it; ``contact/<contact_id>`` of a contact
    that a person made."""
    contact_point_id: str | None
    """Where the customer wrote last."""
    claimed_by: str | None
    claim_ends: Instant | None
    outcome: WorkOutcome | None
    note: str | None
    done_by: str | None
    done_at: Instant | None
    zones: tuple[str, ...] | None
    """The customer's."""
    accounts: tuple[str, ...]
    """Those of the customer's that are open, ``<creditor>/<account_id>``."""
    stands_for: tuple[str, ...]
    """Those of others that are open and that the customer stands for."""

    def holder(self, now: datetime) -> str | None:
        """Who has it; None: it is free."""
        return self.claimed_by if self.claim_ends and self.claim_ends > now else None


class Deeds(Model):
    """What doing an item has done."""

    changes: dict[str, list[str]]
    """What that changes, in words, and for which accounts."""
    accounts: tuple[str, ...]
    """Those that had to plan anew."""


async def open_items(
    connection: Connection,
    points: Mapping[str, str | None],
    reasons: Sequence[WorkReason],
    message: str | None,
    at: datetime,
    lacking: Collection[WorkReason] = (),
) -> None:
    """Have people asked for each reason and customer, or add the message to the item that is open.

    ``points``: by customer, the contact point it was written from. ``message``:
    ``<provider>/<inbound_id>``; None: it is planning that asks. ``lacking``: for which of the
    reasons the message lacks what the customer has to say.
    """
    if not points or not reasons:
        return
    urgency = [URGENCY[reason] for reason in reasons]
    await connection.execute(
        _OPEN,
        *(list(points), list(points.values()), at, message, [reason.value for reason in reasons]),
        *([one.priority for one in urgency], [one.within for one in urgency]),
        [reason.value for reason in lacking],
    )


async def call_back(
    connection: Connection, customer_id: str, due: datetime, message: str, at: datetime
) -> None:
    """Have a person asked to call a customer at ``due``, or at another time than before."""
    reason = WorkReason.CALLBACK
    item = (customer_id, reason.value, URGENCY[reason].priority, at, due, message)
    await connection.execute(_CALLBACK, *item)


class Said(NamedTuple):
    """The last message that asks for an item, as it was read."""

    provider: str
    inbound_id: str
    at: datetime
    reading: Mapping[str, Any]
    """As ``Reading.told`` has it."""


async def said(connection: Connection, work_id: int) -> Said | None:
    """What was read in the last message of an item; None if none was."""
    row = await connection.fetchrow(_SAID, work_id)
    return Said(*row) if row else None


async def close(
    connection: Connection,
    customer_id: str,
    reasons: Sequence[WorkReason],
    outcome: WorkOutcome,
    at: datetime,
    asked_by: datetime | None = None,
) -> None:
    """What the customer asked for is done, by itself; ``asked_by``: if they had asked by then, and
    not only by now."""
    names, by = [reason.value for reason in reasons], asked_by or at
    await connection.execute(_CLOSE, customer_id, names, outcome.value, BY_ITSELF, at, by)


async def met(
    connection: Connection,
    owner: tuple[str, str],
    reason: WorkReason,
    outcome: WorkOutcome,
    at: datetime,
    agreed_at: datetime,
) -> None:
    """What the customer asked for is agreed for this account, by whoever asked the account so: it
    is done, unless it may be of another account, or they have written of it after ``agreed_at``."""
    said = (reason.value, outcome.value, BY_ITSELF, at, agreed_at)
    await connection.execute(_MEET, *owner, *said)


async def answered(
    connection: Connection, customer_id: str, purpose: str, sent_at: datetime, at: datetime
) -> None:
    """A message of a purpose has arrived: if it is an answer, what it answers is done. Not what was
    asked after it was sent: word of it may come late."""
    reasons = [reason for reason, answer in ANSWERED_BY.items() if answer == purpose]
    if reasons:
        await close(connection, customer_id, reasons, WorkOutcome.ANSWERED, at, sent_at)


class WorkItems:
    """The queue."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    async def listed(
        self, customer_id: str | None, reason: str | None, limit: int, *, done: bool
    ) -> list[WorkItem]:
        """The items that are open, the most urgent first; with ``done`` what is done after them."""
        rows = await self.pool.fetch(_LIST, done, customer_id, reason, limit)
        return [WorkItem(**dict(row)) for row in rows]

    async def one(self, work_id: int) -> WorkItem:
        """One item. Raises NotFound."""
        return await _one(self.pool, work_id)

    async def claim(self, work_id: int, by: str, now: datetime, length: timedelta) -> WorkItem:
        """Take an item for a time. Raises BadInput where another has it, or it is done."""
        if await self.pool.fetchval(_CLAIM, work_id, by, now, now + length) is None:
            raise BadInput(_why_not(await self.one(work_id), now))
        return await self.one(work_id)

    async def release(self, work_id: int, by: str, now: datetime) -> WorkItem:
        """Give an item back. Raises BadInput for who has it not."""
        if await self.pool.fetchval(_RELEASE, work_id, by) is None:
            item = await self.one(work_id)
            free = item.done_at is None and item.holder(now) is None
            raise BadInput(f"work {work_id} is nobody's" if free else _why_not(item, now))
        return await self.one(work_id)

    async def done(
        self,
        connection: Connection,
        work_id: int,
        by: str,
        outcome: WorkOutcome,
        note: str | None,
        now: datetime,
    ) -> WorkItem:
        """Say what came of an item, in the caller's transaction; the item as it is then.

        Raises NotFound, BadInput where another has it, or it is done.
        """
        # All on the caller's connection: who holds one and waits for another may wait for ever.
        customer_id = await connection.fetchval(_WHOSE, work_id)
        if customer_id is not None:
            await lock_persons(connection, [customer_id])
            await connection.execute(_IS_FACT, customer_id)
        done = await connection.fetchval(_DONE, work_id, by, now, outcome.value, note)
        item = await _one(connection, work_id)
        if done is None:
            raise BadInput(_why_not(item, now))
        return item

    async def keep_deeds(self, connection: Connection, work_id: int, deeds: Deeds) -> None:
        """What doing an item has done, for who asks again; in the caller's transaction."""
        await connection.execute(_KEEP_DEEDS, work_id, deeds.model_dump(mode="json"))

    async def deeds(self, work_id: int) -> Deeds | None:
        """What doing an item has done; None: it was done by itself, or by an earlier version."""
        found = await self.pool.fetchval(_SELECT_DEEDS, work_id)
        return None if found is None else Deeds.model_validate(found)


async def _one(connection: "Connection | Pool", work_id: int) -> WorkItem:
    row = await connection.fetchrow(_ONE, work_id)
    if row is None:
        raise NotFound(f"no work item {work_id}: `contrapunto work list --done` names them")
    return WorkItem(**dict(row))


def _why_not(item: WorkItem, now: datetime) -> str:
    if item.done_at is not None:
        return f"work {item.work_id} is done: {item.done_by} said {item.outcome}"
    holder, ends = item.holder(now), item.claim_ends
    if holder is None or ends is None:
        return f"work {item.work_id} was another's at this moment, and is free now: try again"
    return f"work {item.work_id} is {holder}'s until {ends:%Y-%m-%d %H:%M} UTC"
