"""Whom workflows have still to tell of an order: taken in order of their ids, a few at a time.

How far it has come is written after each few, so that whoever goes on after a crash tells at most
those few again. One process at a time has the lease of an order; it lapses when that is gone.
"""

from typing import Final, NamedTuple
from uuid import UUID

from store.bulk.covering import covered_by
from store.database import Pool

LEASE: Final = 20
"""Seconds after which a process that says nothing is taken to be gone."""

# Of lifted orders first: whoever waits for one waits for nothing.
DUE: Final = """
SELECT w.order_id, w.occasion FROM bulk_wakes w JOIN bulk_orders b USING (order_id)
WHERE w.done_at IS NULL AND (w.lease IS NULL OR w.leased_until < clock_timestamp())
    AND ($1::bigint IS NULL OR w.order_id = $1)
    AND (w.occasion = 'lift' OR b.starts_at IS NULL OR b.starts_at <= clock_timestamp())
ORDER BY w.occasion, w.order_id LIMIT 1
"""

TAKE: Final = f"""
UPDATE bulk_wakes w SET lease = gen_random_uuid(),
    begun_at = coalesce(begun_at, clock_timestamp()),
    leased_until = clock_timestamp() + interval '{LEASE} seconds'
FROM bulk_orders b
WHERE w.order_id = $1 AND w.occasion = $2 AND b.order_id = w.order_id AND w.done_at IS NULL
    AND (w.lease IS NULL OR w.leased_until < clock_timestamp())
RETURNING w.order_id, w.occasion, b.kind, b.rate, b.reason, w.total, w.told, w.not_running,
    w.passes, w.found_in_pass, w.after_creditor, w.after_account, w.lease
"""  # noqa: S608

_PAGE: Final = "AND (a.creditor, a.account_id) > ($2, $3) ORDER BY 1, 2 LIMIT $4"

# Those whose plan does not show the order yet. Of a phase that is, whoever is in it.
TO_SILENCE: Final = f"""
SELECT a.creditor, a.account_id
{covered_by("bulk_orders")}
    AND b.order_id = $1 AND coalesce(a.next_key NOT LIKE '%|bulk.' || b.order_id::text, true)
    {_PAGE}
"""
TO_PLAN: Final = f"""
SELECT a.creditor, a.account_id
{covered_by("bulk_orders")}
    AND b.order_id = $1
    AND coalesce(a.planned_at < coalesce(b.starts_at, b.ordered_at), true)
    {_PAGE}
"""
# Those whose plan shows it, whatever has become of them since.
TO_RELEASE: Final = f"""
SELECT a.creditor, a.account_id FROM accounts a
WHERE a.status = 'open' AND a.next_key LIKE '%|bulk.' || $1::bigint::text {_PAGE}
"""  # noqa: S608

ADVANCE: Final = f"""
UPDATE bulk_wakes SET told = told + $4, not_running = not_running + $5,
    found_in_pass = found_in_pass + $4 + $5, after_creditor = $6, after_account = $7,
    leased_until = clock_timestamp() + interval '{LEASE} seconds'
WHERE order_id = $1 AND occasion = $2 AND lease = $3 AND done_at IS NULL RETURNING order_id
"""  # noqa: S608

# Who planned while they were passed over, by what was before, is found in another pass.
TURN: Final = """
UPDATE bulk_wakes SET passes = passes + 1, found_in_pass = 0, after_creditor = '',
    after_account = '', done_at = CASE WHEN $4 THEN clock_timestamp() END
WHERE order_id = $1 AND occasion = $2 AND lease = $3 AND done_at IS NULL RETURNING order_id
"""

# What is newest of an order that has begun: its end, or its beginning.
FAR: Final = """
SELECT w.told, w.not_running, w.total, w.done_at IS NOT NULL AS done
FROM bulk_wakes w JOIN bulk_orders b USING (order_id)
WHERE w.order_id = $1
    AND (w.occasion = 'lift' OR b.starts_at IS NULL OR b.starts_at <= clock_timestamp())
ORDER BY w.occasion LIMIT 1
"""
LEFT: Final = """
SELECT DISTINCT w.order_id FROM bulk_wakes w JOIN bulk_orders b USING (order_id)
WHERE w.done_at IS NULL
    AND (w.occasion = 'lift' OR b.starts_at IS NULL OR b.starts_at <= clock_timestamp())
ORDER BY 1
"""

LET_GO: Final = """
UPDATE bulk_wakes SET lease = NULL, leased_until = NULL
WHERE order_id = $1 AND occasion = $2 AND lease = $3
"""


class Wake(NamedTuple):
    """One order's beginning or end, to be told; as it stood when it was taken."""

    order_id: int
    occasion: str
    kind: str
    rate: int
    reason: str
    total: int
    told: int
    not_running: int
    passes: int
    found_in_pass: int
    after_creditor: str
    after_account: str
    lease: UUID

    @property
    def statement(self) -> str:
        """Which finds those who have to hear."""
        if self.occasion == "lift":
            return TO_RELEASE
        return TO_PLAN if self.kind == "replan" else TO_SILENCE


class Told(NamedTuple):
    """How far workflows have been told."""

    told: int
    not_running: int
    total: int
    """About: accounts come and go meanwhile."""
    done: bool


class Wakes:
    """All that is to be told."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    async def due(self, order_id: int | None = None) -> tuple[int, str] | None:
        """An order and occasion that nobody is telling at this moment, of one order or of any."""
        row = await self.pool.fetchrow(DUE, order_id)
        return None if row is None else (row["order_id"], row["occasion"])

    async def take(self, order_id: int, occasion: str) -> Wake | None:
        """Take its lease; None: another has it, or it is done."""
        row = await self.pool.fetchrow(TAKE, order_id, occasion)
        return None if row is None else Wake(**dict(row))

    async def page(self, wake: Wake, after: tuple[str, str], most: int) -> list[tuple[str, str]]:
        """The next accounts that have to hear."""
        rows = await self.pool.fetch(wake.statement, wake.order_id, *after, most)
        return [(row["creditor"], row["account_id"]) for row in rows]

    async def advance(
        self, wake: Wake, told: int, not_running: int, after: tuple[str, str]
    ) -> bool:
        """So many more have been told. False: the lease is lost, or the order is lifted."""
        given = (wake.order_id, wake.occasion, wake.lease, told, not_running, *after)
        return await self.pool.fetchval(ADVANCE, *given) is not None

    async def turn(self, wake: Wake, *, done: bool) -> bool:
        """The end of a pass; of all of them where it is ``done``."""
        given = (wake.order_id, wake.occasion, wake.lease, done)
        return await self.pool.fetchval(TURN, *given) is not None

    async def far(self, order_id: int) -> Told | None:
        """How far an order is told of, by whomever; None: it has not begun."""
        row = await self.pool.fetchrow(FAR, order_id)
        return None if row is None else Told(**dict(row))

    async def left(self) -> list[int]:
        """Orders that have begun or ended, of which not everybody has been told."""
        return [row["order_id"] for row in await self.pool.fetch(LEFT)]

    async def let_go(self, wake: Wake) -> None:
        """Somebody else may go on."""
        await self.pool.execute(LET_GO, wake.order_id, wake.occasion, wake.lease)
