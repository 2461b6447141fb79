"""Orders in bulk: given, lifted, told of; and what they would do, counted before they are given."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, Final, NamedTuple

from domain.bulk.order import BulkScope, NewOrder
from domain.failures import BadInput, NotFound
from store.bulk.covering import NOT_GIVEN, covered_by
from store.database import Connection, Pool

_LISTS: Final = ("countries", "regions", "phases", "segments", "strategies", "products")

# What is not written yet is counted as if it were.
COUNT: Final = f"""
SELECT c.country, a.phase, a.creditor, count(*) AS accounts,
    count(*) FILTER (WHERE a.next_kind = 'contact') AS contacts,
    count(*) FILTER (WHERE a.next_kind = 'contact' AND a.next_at < $2) AS within_a_day,
    count(*) FILTER (WHERE b.regions IS NOT NULL AND NOT b.regions && (
        coalesce(c.regions_of_address, '{{}}') || coalesce(c.regions_of_phones, '{{}}')
            || c.region)) AS anywhere
{covered_by(NOT_GIVEN)}
GROUP BY 1, 2, 3
"""

COUNT_CUSTOMERS: Final = f"""
SELECT count(DISTINCT a.customer_id)
{covered_by(NOT_GIVEN)}
"""

INSERT_ORDER: Final = """
INSERT INTO bulk_orders (kind, creditor, countries, regions, phases, segments, strategies, products,
    attributes, reason, ordered_by, starts_at, until, rate, accounts)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
RETURNING order_id
"""

INSERT_WAKE: Final = "INSERT INTO bulk_wakes (order_id, occasion, total) VALUES ($1, $2, $3)"

# The same is given twice where nobody saw that the first was taken.
SELECT_SAME: Final = """
SELECT order_id FROM bulk_orders
WHERE kind = $1 AND creditor IS NOT DISTINCT FROM $2 AND countries IS NOT DISTINCT FROM $3
    AND regions IS NOT DISTINCT FROM $4 AND phases IS NOT DISTINCT FROM $5
    AND segments IS NOT DISTINCT FROM $6 AND strategies IS NOT DISTINCT FROM $7
    AND products IS NOT DISTINCT FROM $8 AND attributes IS NOT DISTINCT FROM $9
    AND starts_at IS NOT DISTINCT FROM $10 AND until IS NOT DISTINCT FROM $11
    AND over_at > now() AND NOT (kind = 'replan' AND EXISTS (
        SELECT FROM bulk_wakes w WHERE w.order_id = bulk_orders.order_id AND w.done_at IS NOT NULL))
LIMIT 1
"""
LOCK_GIVING: Final = "SELECT pg_advisory_xact_lock(hashtext('bulk_orders'))"

LIFT: Final = """
UPDATE bulk_orders SET lifted_at = clock_timestamp(), lifted_by = $2, lifted_why = $3
WHERE order_id = $1 AND lifted_at IS NULL AND over_at > now()
RETURNING kind
"""
END_WAKE: Final = """
UPDATE bulk_wakes SET done_at = clock_timestamp(), lease = NULL
WHERE order_id = $1 AND occasion = 'start' AND done_at IS NULL
"""
COUNT_SILENT: Final = """
SELECT count(*) FROM accounts WHERE status = 'open' AND next_key LIKE '%|bulk.' || $1::text
"""

SELECT_ORDERS: Final = """
SELECT b.order_id, b.kind, b.creditor, b.countries, b.regions, b.phases, b.segments, b.strategies,
    b.products, b.attributes, b.reason, b.ordered_by, b.ordered_at, b.starts_at, b.until,
    b.lifted_at, b.lifted_by, b.lifted_why, b.rate, b.accounts,
    CASE WHEN b.lifted_at IS NOT NULL THEN 'lifted'
        WHEN b.until <= now() THEN 'over'
        WHEN b.starts_at > now() THEN 'ahead' ELSE 'stands' END AS state,
    w.occasion, w.total, w.told, w.not_running, w.begun_at, w.done_at, w.leased_until
FROM bulk_orders b LEFT JOIN LATERAL (
    SELECT * FROM bulk_wakes w WHERE w.order_id = b.order_id ORDER BY w.occasion LIMIT 1) w ON true
WHERE ($1::bigint IS NULL OR b.order_id = $1)
    AND ($2::text[] IS NULL OR b.creditor = ANY ($2))
    AND ($3 OR b.over_at > now() OR w.done_at IS NULL)
ORDER BY b.order_id DESC LIMIT $4
"""


class Counted(NamedTuple):
    """Open accounts of a place and phase that an order covers, as they were last planned."""

    country: str | None
    phase: str | None
    creditor: str
    accounts: int
    contacts: int
    """Whose next step is a contact."""
    within_a_day: int
    """Whose next step is a contact in the next 24 hours."""
    anywhere: int
    """Of whom nothing says in which region of their country they are."""


class Progress(NamedTuple):
    """How far workflows have been told of an order's beginning or end."""

    occasion: str
    total: int
    told: int
    not_running: int
    begun_at: datetime | None
    done_at: datetime | None
    leased_until: datetime | None
    """Until when the process that tells them is taken to be alive."""


class KeptOrder(NamedTuple):
    """An order as it is on record."""

    order_id: int
    kind: str
    scope: BulkScope
    reason: str
    ordered_by: str
    ordered_at: datetime
    starts_at: datetime | None
    until: datetime | None
    lifted_at: datetime | None
    lifted_by: str | None
    lifted_why: str | None
    rate: int
    accounts: int
    """How many it covered when it was given."""
    state: str
    """`ahead`, `stands`, `over` or `lifted`."""
    progress: Progress | None


class BulkOrders:
    """All orders that were ever given."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    async def count(self, new: NewOrder, until: datetime) -> list[Counted]:
        """What an order would cover; contacts before ``until`` are counted apart."""
        rows = await self.pool.fetch(COUNT, _as_row(new), until)
        found = [Counted(**dict(row)) for row in rows]
        return sorted(found, key=lambda one: (one.country or "", one.phase or "", one.creditor))

    async def customers(self, new: NewOrder) -> int:
        """Of how many customers."""
        return int(await self.pool.fetchval(COUNT_CUSTOMERS, _as_row(new)))

    async def give(self, new: NewOrder, by: str, accounts: int) -> int:
        """Give an order; from its commit on it holds. Raises BadInput where it stands already."""
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute(LOCK_GIVING)
            scope = _scope(new)
            window = (new.starts_at, new.until)
            same = await connection.fetchval(SELECT_SAME, new.kind.value, *scope, *window)
            if same is not None:
                raise BadInput(
                    f"order {same} says the same and stands: see `contrapunto bulk status {same}`; "
                    "lift it first, or give another scope"
                )
            more = (new.reason.strip(), by, *window, new.rate, accounts)
            order = await connection.fetchval(INSERT_ORDER, new.kind.value, *scope, *more)
            await connection.execute(INSERT_WAKE, order, "start", accounts)
            return int(order)

    async def lift(self, order_id: int, by: str, why: str) -> int:
        """End an order at once; how many accounts wait for it. Raises NotFound, BadInput."""
        async with self.pool.acquire() as connection, connection.transaction():
            kind = await connection.fetchval(LIFT, order_id, by, why)
            if kind is None:
                await _why_not(connection, order_id)
            await connection.execute(END_WAKE, order_id)
            silent = await connection.fetchval(COUNT_SILENT, str(order_id))
            if kind != "replan":
                await connection.execute(INSERT_WAKE, order_id, "lift", silent)
            return int(silent)

    async def listed(
        self,
        *,
        ended: bool = False,
        creditors: Collection[str] | None = None,
        limit: int = 100,
    ) -> list[KeptOrder]:
        """The newest first; ``creditors``: those of whose accounts alone, None: all."""
        own = None if creditors is None else list(creditors)
        rows = await self.pool.fetch(SELECT_ORDERS, None, own, ended, limit)
        return [_kept(row.items()) for row in rows]

    async def one(self, order_id: int, creditors: Collection[str] | None = None) -> KeptOrder:
        """One order. Raises NotFound."""
        own = None if creditors is None else list(creditors)
        row = await self.pool.fetchrow(SELECT_ORDERS, order_id, own, True, 1)
        if row is None:
            raise NotFound(f"there is no order {order_id}")
        return _kept(row.items())


async def _why_not(connection: Connection, order_id: int) -> None:
    row = await connection.fetchrow(SELECT_ORDERS, order_id, None, True, 1)
    if row is None:
        raise NotFound(f"there is no order {order_id}")
    kept = _kept(row.items())
    how = f"lifted already, by {kept.lifted_by}" if kept.lifted_by else "over by itself"
    raise BadInput(f"order {order_id} is {how}: nothing to lift")


def _scope(new: NewOrder) -> tuple[Any, ...]:
    scope = new.scope
    lists: dict[str, list[str] | None] = {
        name: sorted(getattr(scope, name)) or None for name in _LISTS
    }
    if scope.regions:  # with the country, for whom nothing says where in it they are
        lists["regions"] = sorted({*scope.regions, *(one[:2] for one in scope.regions)})
    return (scope.creditor, *lists.values(), scope.attributes or None)


def _as_row(new: NewOrder) -> dict[str, Any]:
    names = ("creditor", *_LISTS, "attributes")
    return dict(zip(names, _scope(new), strict=True))


def _kept(found: Iterable[tuple[str, Any]]) -> KeptOrder:
    row = dict(found)
    lists = {name: tuple(row[name] or ()) for name in _LISTS}
    lists["regions"] = tuple(one for one in lists["regions"] if "-" in one)
    scope = BulkScope(creditor=row["creditor"], attributes=row["attributes"] or {}, **lists)
    shown = [name for name in KeptOrder._fields if name not in ("scope", "progress")]
    progress = None
    if row["occasion"] is not None:
        progress = Progress(*(row[name] for name in Progress._fields))
    return KeptOrder(scope=scope, progress=progress, **{name: row[name] for name in shown})
