"""Attempts that nobody could say anything of, for a person to look up at the provider.

Settling is the last resort of reconciliation: recorded with a note and a name, and a
compare-and-set like every other move of an attempt.
"""

from datetime import datetime, timedelta
from typing import Final

from domain.channels import Channel
from domain.failures import BadInput, NotFound
from domain.ledger.attempt import AttemptState
from domain.ledger.protocol import OVERDUE, may_settle_refused
from domain.model import Instant, Model
from store.attempt_moves import SETTLE
from store.database import Connection, Pool

QUIET: Final = timedelta(hours=1)
"""Younger than this an attempt still has somebody who works on it."""

UNSETTLED: Final = """
SELECT t.attempt_id, t.creditor, t.account_id, t.customer_id, t.channel, t.provider, t.state,
    t.dispatched_at AS since, t.detail, t.asked, t.asked_at, t.reconcile_at AS asked_next, c.zones
FROM attempts t LEFT JOIN accounts a USING (creditor, account_id)
    LEFT JOIN customers c ON c.customer_id = t.customer_id
WHERE t.settled_at IS NULL AND t.state IN ('dispatching', 'unknown') AND t.dispatched_at < $1
    AND (t.reconcile_at IS NULL OR t.reconcile_at < $1 OR a.status = 'closed')
ORDER BY t.reserved_at, t.attempt_id
"""
"""In ``dispatching``, or with an asking that is overdue: nobody has taken it up since, be it that
its account was closed meanwhile, be it that no worker runs."""

SELECT_SETTLED: Final = """
SELECT t.creditor, now_called(t.creditor, t.account_id) AS account_id, t.state, t.reconcile_at,
    s.outcome, s.settled_by
FROM attempts t LEFT JOIN settlements s USING (attempt_id) WHERE t.attempt_id = $1
"""

INSERT_SETTLEMENT: Final = """
INSERT INTO settlements (attempt_id, outcome, note, settled_by, settled_at)
VALUES ($1, $2, $3, $4, $5)
"""


class Unsettled(Model):
    """An attempt that a person must look at."""

    attempt_id: str
    creditor: str
    account_id: str
    customer_id: str
    channel: Channel
    provider: str
    state: AttemptState
    since: Instant
    """When its request was dispatched."""
    detail: str | None = None
    """What became of the request, in our own words."""
    asked: int
    """How often the provider was asked in vain; the last time, ``asked_at``."""
    asked_at: Instant | None = None
    asked_next: Instant | None = None
    zones: tuple[str, ...] | None = None
    """The customer's."""


class Settled(Model):
    """The account whose workflow has to hear of it."""

    creditor: str
    account_id: str
    repeated: bool = False
    """Somebody had said the same before; their note stays."""


class Settling:
    """What `contrapunto ledger unknown` and `ledger settle` do in PostgreSQL."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    async def unsettled(self, now: datetime) -> list[Unsettled]:
        """All attempts that need a person, oldest first."""
        rows = await self.pool.fetch(UNSETTLED, now - QUIET)
        return [Unsettled(**dict(row)) for row in rows]

    async def settle(
        self, attempt_id: str, outcome: AttemptState, note: str, by: str, now: datetime
    ) -> Settled:
        """Write what a person found out. ``outcome``: accepted, or refused (nothing was).

        Raises NotFound, or BadInput when the attempt is not unknown, or it is too early to say.
        """
        if not note.strip() or not by.strip():
            raise BadInput("note and name must not be blank: say where it was looked up, and who")
        async with self.pool.acquire() as connection, connection.transaction():
            done = await connection.fetchrow(SETTLE, attempt_id, outcome.value, now, now - OVERDUE)
            if done is None:
                return await self._why_not(connection, attempt_id, outcome, now)
            said = (outcome.value, note.strip(), by.strip(), now)
            await connection.execute(INSERT_SETTLEMENT, attempt_id, *said)
            return Settled(creditor=done["creditor"], account_id=done["account_id"])

    async def _why_not(
        self, connection: Connection, attempt_id: str, outcome: AttemptState, now: datetime
    ) -> Settled:
        row = await connection.fetchrow(SELECT_SETTLED, attempt_id)
        if row is None:
            raise NotFound(f"no attempt {attempt_id!r}: see `contrapunto ledger unknown`")
        if row["outcome"] == outcome.value:
            return Settled(creditor=row["creditor"], account_id=row["account_id"], repeated=True)
        if row["outcome"] is not None:
            raise BadInput(f"{attempt_id}: {row['settled_by']} has settled it as {row['outcome']}")
        if row["state"] != AttemptState.UNKNOWN:
            raise BadInput(
                f"{attempt_id} is {row['state']}, not unknown: there is nothing to settle"
            )
        assert not may_settle_refused(row["reconcile_at"], now)  # noqa: S101 - all that is left
        raise BadInput(
            f"{attempt_id}: the provider is asked again at {row['reconcile_at']:%Y-%m-%d %H:%M} "
            "UTC, and until it has been asked for the last time the message may still turn up: "
            "only --accepted can be said now"
        )
