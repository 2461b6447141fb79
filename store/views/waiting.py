"""What came in and has not got where it belongs, what was taken in last, what nobody can say."""

from datetime import datetime
from typing import Final, NamedTuple

from store.database import Pool
from store.intake.outbox import PUT
from store.settlements import QUIET

UNHEARD: Final = """
SELECT w.kind, count(w.at) AS waiting,
    greatest(coalesce(extract(epoch FROM $1 - min(w.at)), 0), 0)::float8 AS oldest
FROM (
    SELECT CASE b.kind WHEN 'unread' THEN 'unread' ELSE 'kept' END AS kind, b.kept_at AS at
        FROM webhook_backlog b WHERE b.done_at IS NULL
    UNION ALL SELECT 'event', e.at FROM provider_events e WHERE NOT e.told
    UNION ALL SELECT 'person', u.since FROM untold u
    UNION ALL SELECT unnest(ARRAY['kept', 'event', 'unread', 'person']), NULL
) AS w GROUP BY 1 ORDER BY 1
"""
UNSETTLED: Final = """
SELECT t.channel, t.provider, count(*) AS attempts
FROM attempts t LEFT JOIN accounts a USING (creditor, account_id)
WHERE t.settled_at IS NULL AND t.state IN ('dispatching', 'unknown') AND t.dispatched_at < $1
    AND (t.reconcile_at IS NULL OR t.reconcile_at < $1 OR a.status = 'closed')
GROUP BY 1, 2 ORDER BY 1, 2
"""
"""As ``store.settlements`` lists them for a person."""
INTAKE: Final = f"""
SELECT r.started_at, r.begun_at, r.finished_at, r.rows_read, r.snapshot,
    (SELECT count(*) FROM intake_pending) AS waiting
FROM intake_runs r WHERE NOT starts_with(r.run_id, '{PUT}') ORDER BY r.begun_at DESC LIMIT 1
"""  # noqa: S608 - what is put in is a text of ours


class Unheard(NamedTuple):
    """How much of a kind waits."""

    kind: str
    """``kept``: not stored yet; ``event``: stored, but workflows have not heard of it; ``unread``:
    for a person; ``person``: what people did, and workflows have not heard of."""
    waiting: int
    oldest: float
    """Seconds."""


class LastIntake(NamedTuple):
    """The file that was taken in last."""

    started_at: datetime
    """The instant that its facts are from."""
    begun_at: datetime
    """When it was begun."""
    finished_at: datetime | None
    """When it was taken in; None: it has not come to its end."""
    rows_read: int
    snapshot: bool
    waiting: int
    """Accounts, of this file or others, whose workflow has still to be started or told."""

    @property
    def at(self) -> datetime:
        """When it was taken in, or begun to be."""
        return self.finished_at or self.begun_at


async def unheard(pool: Pool, now: datetime) -> list[Unheard]:
    """What waits, of every kind."""
    return [Unheard(*row) for row in await pool.fetch(UNHEARD, now)]


async def unsettled(pool: Pool, now: datetime) -> list[tuple[str, str, int]]:
    """Contacts of which nobody can say whether they were made, by channel and provider."""
    return [tuple(row) for row in await pool.fetch(UNSETTLED, now - QUIET)]


async def last_intake(pool: Pool) -> LastIntake | None:
    """None before the first one."""
    row = await pool.fetchrow(INTAKE)
    return None if row is None else LastIntake(*row)
