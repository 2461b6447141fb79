"""The stream of events: what triggers have noted is numbered here, after its commit, and read.

Positions are given by one transaction at a time, to what has been committed, in the order in which
it was noted. So whoever has read up to a position misses nothing before it, whichever transaction
ended late; and what of an account was written by one who had seen the other comes after it.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple

from domain.outgoing.events import VERSION, Event
from store.database import Connection, Pool

BATCH: Final = 1_000
"""Events that are numbered in one transaction."""

_BEGIN: Final = "INSERT INTO event_stream DEFAULT VALUES ON CONFLICT DO NOTHING"
_LOCK: Final = "SELECT last FROM event_stream FOR UPDATE SKIP LOCKED"
_ADVANCE: Final = "UPDATE event_stream SET last = $1"

# $1 at most so many, $2 the last position; $3 to $5 of each pair of endpoint and creditor the
# endpoint, the creditor and the types that it wants, as text with commas.
NUMBER: Final = """
WITH wanted AS (
    SELECT w.endpoint, w.creditor, string_to_array(w.types, ',') AS types
    FROM unnest($3::text[], $4::text[], $5::text[]) AS w (endpoint, creditor, types)
), taken AS (
    DELETE FROM event_outbox WHERE noted IN (
        SELECT o.noted FROM event_outbox o ORDER BY o.noted LIMIT $1)
    RETURNING *
), named AS (
    SELECT t.noted, t.type, t.creditor, CASE WHEN starts_with(t.type, 'account.')
            THEN t.account_id ELSE now_called(t.creditor, t.account_id) END AS account_id,
        t.customer_id, t.at, t.recorded_at, t.data,
        'evt_' || substr(encode(sha256(convert_to(
            concat_ws(E'\\x1f', t.type, t.creditor, t.account_id, t.key), 'UTF8')), 'hex'), 1, 32)
            AS event_id
    FROM taken t
), fresh AS (
    SELECT DISTINCT ON (n.event_id) n.* FROM named n
    WHERE NOT EXISTS (SELECT FROM events e WHERE e.event_id = n.event_id)
    ORDER BY n.event_id, n.noted
), kept AS (
    INSERT INTO events (position, event_id, type, creditor, account_id, customer_id, at,
        recorded_at, data)
    SELECT $2 + row_number() OVER (ORDER BY f.noted), f.event_id, f.type, f.creditor, f.account_id,
        f.customer_id, f.at, f.recorded_at, f.data
    FROM fresh f
    RETURNING position, type, creditor, account_id
), lanes AS (
    INSERT INTO webhook_lanes AS l (endpoint, creditor, account_id, done, last)
    SELECT w.endpoint, k.creditor, k.account_id, min(k.position) - 1, max(k.position)
    FROM kept k JOIN wanted w ON w.creditor = k.creditor AND k.type = ANY (w.types)
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (endpoint, creditor, account_id) DO UPDATE SET last = excluded.last
)
SELECT (SELECT count(*) FROM taken) AS taken, max(position) AS last FROM kept
"""

_NOTE: Final = """
WITH gone AS (DELETE FROM event_creditors WHERE creditor <> ALL ($1::text[]))
INSERT INTO event_creditors (creditor) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING
"""

_BY_POSITION: Final = """
SELECT position, event_id, type, creditor, account_id, customer_id, at, data FROM events
"""
READ: Final = f"""{_BY_POSITION}
WHERE position > $1 AND ($2::text[] IS NULL OR type = ANY ($2)) ORDER BY position LIMIT $3
"""
READ_OF: Final = f"""
SELECT e.* FROM unnest($4::text[]) AS c (creditor) CROSS JOIN LATERAL ({_BY_POSITION}
    WHERE creditor = c.creditor AND position > $1 AND ($2::text[] IS NULL OR type = ANY ($2))
    ORDER BY position LIMIT $3) AS e
ORDER BY e.position LIMIT $3
"""  # noqa: S608
_BOUNDS: Final = "SELECT last, forgotten FROM event_stream"

# Of what is older: never what comes after something that is kept.
FORGET: Final = """
WITH old AS (
    SELECT max(o.position) AS upto FROM (
        SELECT e.position, e.recorded_at FROM events e ORDER BY e.position LIMIT $2) AS o
    WHERE o.recorded_at < now() - $1::interval
), gone AS (
    DELETE FROM events WHERE position <= (SELECT upto FROM old) RETURNING position
), said AS (
    UPDATE event_stream SET forgotten = greatest(forgotten, old.upto) FROM old
    WHERE old.upto IS NOT NULL
)
SELECT count(*) FROM gone
"""
_FORGET_LANES: Final = """
DELETE FROM webhook_lanes l USING event_stream s
WHERE l.last <= s.forgotten AND l.due_at < now() - interval '1 hour'
"""
_DELAY: Final = """
SELECT (SELECT count(*) FROM (SELECT FROM event_outbox LIMIT 100000) AS o) AS waiting,
    (SELECT extract(epoch FROM now() - o.recorded_at) FROM event_outbox o
        ORDER BY o.noted LIMIT 1)::float8 AS oldest
"""


class Wish(NamedTuple):
    """What an endpoint wants to be told of."""

    endpoint: str
    creditors: Sequence[str]
    types: Sequence[str]


class Placed(NamedTuple):
    """An event with its place in the stream."""

    position: int
    event: Event


class Bounds(NamedTuple):
    """From where to where the stream can be read."""

    last: int = 0
    forgotten: int = 0


class Stream:
    """All events, in order."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def note_for(self, creditors: Sequence[str]) -> None:
        """From here on note the events of these creditors, and of no others."""
        await self._pool.execute(_NOTE, list(creditors))

    async def number(self, wishes: Sequence[Wish], most: int = BATCH) -> int:
        """Number what has been noted, and queue it for whoever wants it; how much it was.

        Does nothing while another does it.
        """
        pairs = [(one, creditor) for one in wishes for creditor in one.creditors]
        wanted = (
            [one.endpoint for one, _ in pairs],
            [creditor for _, creditor in pairs],
            [",".join(one.types) for one, _ in pairs],
        )
        async with self._pool.acquire() as connection, connection.transaction():
            if (last := await self._locked(connection)) is None:
                return 0
            done = await connection.fetchrow(NUMBER, most, last, *wanted)
            assert done is not None  # noqa: S101 - it answers with one row
            if done["last"] is not None:
                await connection.execute(_ADVANCE, done["last"])
        taken: int = done["taken"]
        return taken

    async def _locked(self, connection: Connection) -> int | None:
        await connection.execute(_BEGIN)
        last: int | None = await connection.fetchval(_LOCK)
        return last

    async def read(
        self,
        after: int,
        most: int,
        creditors: Collection[str] | None = None,
        types: Sequence[str] | None = None,
    ) -> list[Placed]:
        """Events after a position, of these creditors; None: of all."""
        kinds = None if types is None else list(types)
        if creditors is None:
            rows = await self._pool.fetch(READ, after, kinds, most)
        else:
            rows = await self._pool.fetch(READ_OF, after, kinds, most, sorted(creditors))
        return [Placed(row["position"], event_of(row)) for row in rows]

    async def bounds(self) -> Bounds:
        """From where to where it can be read."""
        row = await self._pool.fetchrow(_BOUNDS)
        return Bounds() if row is None else Bounds(*row)

    async def forget(self, keep: timedelta, most: int = 10_000) -> int:
        """Remove what is older than ``keep``, at most so many; how many they were."""
        gone: int = await self._pool.fetchval(FORGET, keep, most)
        await self._pool.execute(_FORGET_LANES)
        return gone

    async def delay(self) -> tuple[int, float]:
        """How many events wait for a number (at most 100,000), and for how many seconds."""
        row = await self._pool.fetchrow(_DELAY)
        assert row is not None  # noqa: S101 - it answers with one row
        return row["waiting"], max(0.0, row["oldest"] or 0.0)


def event_of(row: Any) -> Event:
    """The event that a row is."""
    return Event(
        id=row["event_id"],
        type=row["type"],
        version=VERSION,
        time=row["at"],
        creditor=row["creditor"],
        account=row["account_id"],
        customer=row["customer_id"],
        data=row["data"],
    )
