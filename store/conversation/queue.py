"""The queue of work as several people work on it: in pages, the next item, and what each may see.

Whoever answers for some creditors alone sees the customers who have, or had, an account with them,
or stand for one.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final, NamedTuple

from domain.model import Instant, Model
from store.conversation.work import ITEM, WorkItem
from store.database import Pool
from store.history.kept import INBOUND

# An account that is another customer's by now was this one's, too.
_WITH: Final = """
(EXISTS (SELECT FROM accounts a
        WHERE a.customer_id = {customer} AND a.creditor = ANY ({creditors}::text[]))
    OR EXISTS (SELECT FROM account_holders h
        WHERE h.customer_id = {customer} AND h.creditor = ANY ({creditors}::text[]))
    OR EXISTS (SELECT FROM account_parties s
        WHERE s.customer_id = {customer} AND s.creditor = ANY ({creditors}::text[])))
""".strip()

SELECT_PAGE: Final = f"""{ITEM}
WHERE ($1 OR w.done_at IS NULL) AND ($2::text IS NULL OR w.customer_id = $2)
    AND ($3::text IS NULL OR w.reason = $3)
    AND ($4::text IS NULL OR {_WITH.format(customer="w.customer_id", creditors="ARRAY[$4]")})
    AND ($5::text IS NULL OR w.done_at IS NULL AND w.claimed_by = $5 AND w.claim_ends > $6)
    AND ($7::text[] IS NULL OR {_WITH.format(customer="w.customer_id", creditors="$7")})
    AND ($11::bigint IS NULL OR (w.done_at IS NOT NULL, w.priority, w.due_at, w.work_id)
        > ($8::boolean, $9::int, $10::timestamptz, $11))
ORDER BY w.done_at IS NOT NULL, w.priority, w.due_at, w.work_id LIMIT $12
"""

# Two who ask at the same time lock two items: a locked one is passed over.
CLAIM_NEXT: Final = f"""
WITH next AS MATERIALIZED (
    SELECT w.work_id FROM work_items w
    WHERE w.done_at IS NULL AND (w.claimed_by IS NULL OR w.claim_ends <= $2)
        AND ($4::text IS NULL OR w.reason = $4)
        AND ($5::text IS NULL OR {_WITH.format(customer="w.customer_id", creditors="ARRAY[$5]")})
        AND ($6::text[] IS NULL OR {_WITH.format(customer="w.customer_id", creditors="$6")})
    ORDER BY w.priority, w.due_at, w.work_id LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE work_items w SET claimed_by = $1, claim_ends = $3
FROM next WHERE w.work_id = next.work_id RETURNING w.work_id
"""  # noqa: S608 - what is put in is a condition

IS_WITH: Final = f"SELECT {_WITH.format(customer='$1', creditors='$2')}"

# From an address that several have, any of them may have written.
IS_MESSAGE_WITH: Final = f"""
SELECT EXISTS (SELECT FROM {INBOUND} AS i WHERE i.provider = $1 AND i.inbound_id = $2 AND (
    {_WITH.format(customer="i.customer_id", creditors="$3")}
    OR i.customer_id IS NULL AND EXISTS (SELECT FROM contact_points p
        WHERE p.address_key = address_key(i.channel, i.address)
            AND {_WITH.format(customer="p.customer_id", creditors="$3")})))
"""  # noqa: S608 - as above


class Wanted(NamedTuple):
    """Which items."""

    customer_id: str | None = None
    reason: str | None = None
    creditor: str | None = None
    """Of customers who have an account with it."""
    claimed_by: str | None = None
    """Who has them now."""
    done: bool = False
    """What is done, too, after the rest."""


class Place(Model):
    """Where a page ends: that of its last item in the order of all."""

    done: bool
    priority: int
    due_at: Instant
    work_id: int

    @classmethod
    def of(cls, item: WorkItem) -> "Place":
        """The place of an item."""
        done = item.done_at is not None
        return cls(done=done, priority=item.priority, due_at=item.due_at, work_id=item.work_id)


class WorkQueue:
    """``creditors``: those whose accounts may be seen; None: all."""

    def __init__(self, pool: Pool, creditors: Collection[str] | None) -> None:
        self.pool = pool
        self.creditors = None if creditors is None else sorted(creditors)

    async def page(
        self, wanted: Wanted, after: Place | None, now: datetime, limit: int
    ) -> list[WorkItem]:
        """The most urgent first, from behind a place on; what is done after what is open."""
        place = (None,) * 4
        if after is not None:
            place = (after.done, after.priority, after.due_at, after.work_id)  # type: ignore[assignment]
        about = (wanted.done, wanted.customer_id, wanted.reason, wanted.creditor)
        who = (wanted.claimed_by, now, self.creditors)
        rows = await self.pool.fetch(SELECT_PAGE, *about, *who, *place, limit)
        return [WorkItem(**dict(row)) for row in rows]

    async def claim_next(
        self, wanted: Wanted, by: str, now: datetime, until: datetime
    ) -> int | None:
        """Take the most urgent item that is free, in one statement; None: none is."""
        about = (wanted.reason, wanted.creditor, self.creditors)
        found: int | None = await self.pool.fetchval(CLAIM_NEXT, by, now, until, *about)
        return found

    async def sees(self, customer_id: str) -> bool:
        """Whether a customer may be seen, if there is one of this id."""
        if self.creditors is None:
            return True
        return bool(await self.pool.fetchval(IS_WITH, customer_id, self.creditors))

    async def sees_message(self, provider: str, inbound_id: str) -> bool:
        """Whether a message may be seen, if there is one of this name."""
        if self.creditors is None:
            return True
        return bool(await self.pool.fetchval(IS_MESSAGE_WITH, provider, inbound_id, self.creditors))
