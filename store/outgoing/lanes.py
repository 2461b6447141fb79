"""What endpoints have still to be told: a lane for each endpoint and account, while there is any.

A relay takes lanes for a while (a lease), delivers the events of each one after the other, and says
what came of it, provided that the lease is still its own. What it does not say, since it was
killed, is tried again by whoever takes the lane next: an event comes at least once.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from domain.failures import BadInput
from domain.outgoing.events import Event
from store.database import Pool
from store.outgoing.stream import event_of

# What a customer wrote goes along only where they have accounts with nobody else: to which of
# several creditors they wrote, nobody can say.
CLAIM: Final = """
WITH due AS (
    SELECT l.endpoint, l.creditor, l.account_id FROM webhook_lanes l
    WHERE l.endpoint = $1 AND l.due_at <= now() AND NOT EXISTS (
        SELECT FROM webhook_endpoints w WHERE w.endpoint = $1 AND w.disabled_at IS NOT NULL)
    ORDER BY l.due_at LIMIT $2 FOR UPDATE OF l SKIP LOCKED
), claimed AS (
    UPDATE webhook_lanes l SET lease = gen_random_uuid(), due_at = now() + $3::interval FROM due
    WHERE (l.endpoint, l.creditor, l.account_id) = (due.endpoint, due.creditor, due.account_id)
    RETURNING l.*
)
SELECT c.creditor, c.account_id, c.lease, c.last AS up_to, c.tries, c.again <> '{}' AS again,
    extract(epoch FROM now() - c.redriven_at)::float8 AS redriven, e.position, e.event_id, e.type,
    e.customer_id, e.at, e.data, extract(epoch FROM now() - e.recorded_at)::float8 AS age,
    CASE WHEN $6 AND e.type = 'customer.replied' AND NOT EXISTS (
        SELECT FROM accounts a WHERE a.customer_id = ANY (persons(ARRAY[e.customer_id]))
            AND a.creditor <> c.creditor)
        THEN (SELECT i.text FROM inbound i WHERE i.provider = e.data ->> 'provider'
            AND i.inbound_id = e.data ->> 'message') END AS words
FROM claimed c LEFT JOIN LATERAL (
    (SELECT * FROM events o WHERE o.position = ANY (c.again))
    UNION ALL
    (SELECT * FROM events o WHERE o.creditor = c.creditor AND o.account_id = c.account_id
        AND o.position > c.done AND o.position <= c.last AND o.type = ANY ($5::text[])
        ORDER BY o.position LIMIT $4)
    ORDER BY position LIMIT $4
) AS e ON true
ORDER BY c.creditor, c.account_id, e.position
"""

# Locked in the order in which numbering locks them, so that neither waits for the other in a ring.
_LOCK: Final = """
SELECT FROM webhook_lanes l JOIN unnest($2::text[], $3::text[]) AS d (creditor, account_id)
    USING (creditor, account_id)
WHERE l.endpoint = $1 ORDER BY l.endpoint, l.creditor, l.account_id FOR UPDATE OF l
"""
FINISH: Final = """
WITH told AS (
    SELECT * FROM jsonb_to_recordset($2::jsonb) AS t (creditor text, account_id text, lease uuid,
        delivered bigint[], done bigint, wait float8, tries integer, problem text, status smallint)
)
UPDATE webhook_lanes l SET lease = NULL,
    done = greatest(l.done, t.done),
    again = ARRAY(SELECT a FROM unnest(l.again) AS a WHERE a <> ALL (t.delivered) ORDER BY a),
    due_at = now() + make_interval(secs => t.wait), tries = t.tries, problem = t.problem,
    status = t.status,
    failing_since = CASE WHEN t.problem IS NULL THEN NULL ELSE coalesce(l.failing_since, now()) END
FROM told t
WHERE l.endpoint = $1 AND l.creditor = t.creditor AND l.account_id = t.account_id
    AND l.lease = t.lease
RETURNING l.creditor, l.account_id, l.done >= l.last AND l.again = '{}' AS empty
"""
_BURY: Final = """
INSERT INTO webhook_dead (endpoint, position, tries, problem, status)
SELECT $1, d.position, d.tries, d.problem, d.status
FROM jsonb_to_recordset($2::jsonb) AS d (position bigint, tries integer, problem text,
    status smallint)
WHERE EXISTS (SELECT FROM events e WHERE e.position = d.position)
ON CONFLICT (endpoint, position) DO UPDATE SET tries = excluded.tries, problem = excluded.problem,
    status = excluded.status, dead_at = now()
"""
_REMOVE: Final = """
DELETE FROM webhook_lanes l USING unnest($2::text[], $3::text[]) AS d (creditor, account_id)
WHERE l.endpoint = $1 AND l.creditor = d.creditor AND l.account_id = d.account_id
    AND l.done >= l.last AND l.again = '{}'
"""

_SEEN: Final = """
INSERT INTO webhook_endpoints (endpoint) SELECT unnest($1::text[])
ON CONFLICT (endpoint) DO UPDATE SET seen_at = now()
"""
_DISABLE: Final = """
UPDATE webhook_endpoints SET disabled_at = now(), disabled_why = $2
WHERE endpoint = $1 AND disabled_at IS NULL RETURNING endpoint
"""
_ENABLE: Final = """
UPDATE webhook_endpoints SET disabled_at = NULL, disabled_why = NULL
WHERE endpoint = $1 AND disabled_at IS NOT NULL RETURNING endpoint
"""
_HURRY: Final = "UPDATE webhook_lanes SET due_at = now() WHERE endpoint = $1 AND lease IS NULL"

STANDING: Final = """
SELECT n.endpoint, w.disabled_at, w.disabled_why,
    (SELECT count(*) FROM webhook_lanes l WHERE l.endpoint = n.endpoint) AS accounts,
    (SELECT count(*) FROM webhook_lanes l WHERE l.endpoint = n.endpoint AND l.problem IS NOT NULL)
        AS failing,
    (SELECT count(*) FROM webhook_dead d WHERE d.endpoint = n.endpoint) AS dead,
    (SELECT extract(epoch FROM now() - min(e.recorded_at))::float8 FROM webhook_lanes l
        CROSS JOIN LATERAL (SELECT o.recorded_at FROM events o WHERE o.creditor = l.creditor
            AND o.account_id = l.account_id AND o.position > l.done
            ORDER BY o.position LIMIT 1) AS e
        WHERE l.endpoint = n.endpoint) AS behind,
    (SELECT l.problem FROM webhook_lanes l WHERE l.endpoint = n.endpoint AND l.problem IS NOT NULL
        ORDER BY l.due_at DESC LIMIT 1) AS problem
FROM (SELECT endpoint FROM webhook_endpoints UNION SELECT endpoint FROM webhook_lanes
    UNION SELECT endpoint FROM webhook_dead UNION SELECT unnest($1::text[])) AS n
LEFT JOIN webhook_endpoints w USING (endpoint)
ORDER BY n.endpoint
"""
_FAILED: Final = """
SELECT d.endpoint, d.position, d.tries, d.problem, d.status, d.dead_at, e.event_id, e.type,
    e.creditor, e.account_id
FROM webhook_dead d JOIN events e USING (position)
WHERE ($1::text IS NULL OR d.endpoint = $1) ORDER BY d.dead_at DESC, d.position DESC LIMIT $2
"""
# Numbering waits, so that what it queues meanwhile is in the lane, too.
_STAND_STILL: Final = "SELECT last FROM event_stream FOR SHARE"
_REDRIVE: Final = """
WITH picked AS (
    DELETE FROM webhook_dead d USING events e
    WHERE e.position = d.position AND ($1::text IS NULL OR d.endpoint = $1)
        AND ($2::text IS NULL OR e.event_id = $2)
        AND ($3::text IS NULL OR e.creditor || '/' || e.account_id = $3)
    RETURNING d.endpoint, d.position, e.creditor, e.account_id
), queued AS (
    INSERT INTO webhook_lanes AS l (endpoint, creditor, account_id, done, last, again, redriven_at)
    SELECT p.endpoint, p.creditor, p.account_id, $4, $4, array_agg(p.position ORDER BY p.position),
        now()
    FROM picked p GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (endpoint, creditor, account_id) DO UPDATE SET again = l.again || excluded.again,
        redriven_at = now(), tries = 0,
        due_at = CASE WHEN l.lease IS NULL THEN now() ELSE l.due_at END
)
SELECT count(*) FROM picked
"""


class Pending(NamedTuple):
    """An event that is to be delivered."""

    position: int
    event: Event
    age: float
    """Seconds since it was noted."""


class Lane(NamedTuple):
    """An account that an endpoint has to be told of, while this relay has it."""

    creditor: str
    account_id: str
    lease: str
    up_to: int
    """Its newest event when it was taken."""
    tries: int
    """Of its first event, in vain."""
    redriven: float | None
    """Seconds since somebody asked for what had been given up."""
    events: tuple[Pending, ...]
    whole: bool
    """Whether these are all."""


class Dead(NamedTuple):
    """An event that was given up."""

    position: int
    tries: int
    problem: str
    status: int | None


class Told(NamedTuple):
    """What came of a lane."""

    lane: Lane
    delivered: tuple[int, ...]
    """Positions that need no more tries: delivered, or given up."""
    done: int
    wait: float = 0.0
    """Seconds until the next try."""
    tries: int = 0
    problem: str | None = None
    status: int | None = None
    dead: tuple[Dead, ...] = ()


class Standing(NamedTuple):
    """How an endpoint stands."""

    endpoint: str
    disabled_at: datetime | None
    disabled_why: str | None
    accounts: int
    """That it has still to be told of."""
    failing: int
    """Of these, whose last try was in vain."""
    dead: int
    """Events that were given up."""
    behind: float | None
    """Seconds since the oldest event was noted that it has still to be told."""
    problem: str | None


class Failed(NamedTuple):
    """An event that was given up."""

    endpoint: str
    position: int
    tries: int
    problem: str
    status: int | None
    dead_at: datetime
    event_id: str
    type: str
    creditor: str
    account_id: str


class Lanes:
    """All lanes."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def claim(
        self, endpoint: str, types: Sequence[str], *, lanes: int, each: int, lease: timedelta,
        words: bool,
    ) -> list[Lane]:  # fmt: skip
        """Take lanes that are due, with their first events."""
        asked = (endpoint, lanes, lease, each, list(types), words)
        rows = await self._pool.fetch(CLAIM, *asked)
        grouped: dict[tuple[str, str], list[Any]] = {}
        for row in rows:
            grouped.setdefault((row["creditor"], row["account_id"]), []).append(row)
        return [_lane(found, each) for found in grouped.values()]

    async def finish(self, endpoint: str, told: Sequence[Told]) -> None:
        """Say what came of lanes. What another relay has taken over meanwhile is left to it."""
        lanes = [
            {
                "creditor": one.lane.creditor,
                "account_id": one.lane.account_id,
                "lease": one.lane.lease,
                "delivered": one.delivered,
                "done": one.done,
                "wait": one.wait,
                "tries": one.tries,
                "problem": one.problem,
                "status": one.status,
            }
            for one in told
        ]
        dead = [buried._asdict() for one in told for buried in one.dead]
        keys = [one.lane.creditor for one in told], [one.lane.account_id for one in told]
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_LOCK, endpoint, *keys)
            rows = await connection.fetch(FINISH, endpoint, lanes)
            if dead:
                await connection.execute(_BURY, endpoint, dead)
            if empty := [row for row in rows if row["empty"]]:
                gone = [row["creditor"] for row in empty], [row["account_id"] for row in empty]
                await connection.execute(_REMOVE, endpoint, *gone)

    async def seen(self, endpoints: Sequence[str]) -> None:
        """These endpoints are configured."""
        await self._pool.execute(_SEEN, sorted(endpoints))

    async def disable(self, endpoint: str, why: str) -> bool:
        """Deliver nothing to it any more; whether that is new."""
        return await self._pool.fetchval(_DISABLE, endpoint, why) is not None

    async def enable(self, endpoint: str) -> bool:
        """Deliver to it again; whether it was disabled."""
        enabled = await self._pool.fetchval(_ENABLE, endpoint) is not None
        await self._pool.execute(_HURRY, endpoint)
        return enabled

    async def standing(self, endpoints: Sequence[str] = ()) -> list[Standing]:
        """How endpoints stand: these, and all that anything is known of."""
        return [Standing(*row) for row in await self._pool.fetch(STANDING, list(endpoints))]

    async def failed(self, endpoint: str | None, most: int) -> list[Failed]:
        """What was given up, the latest first."""
        return [Failed(*row) for row in await self._pool.fetch(_FAILED, endpoint, most)]

    async def redrive(self, endpoint: str | None, event: str | None, account: str | None) -> int:
        """Deliver what was given up all the same; how many events."""
        async with self._pool.acquire() as connection, connection.transaction():
            last = await connection.fetchval(_STAND_STILL)
            if last is None:
                raise BadInput("nothing was given up: there has been no event yet")
            picked: int = await connection.fetchval(_REDRIVE, endpoint, event, account, last)
        return picked


def _lane(rows: Sequence[Any], each: int) -> Lane:
    first = rows[0]
    found = tuple(
        Pending(row["position"], _with_words(row, first), row["age"])
        for row in rows
        if row["position"] is not None
    )
    return Lane(
        first["creditor"],
        first["account_id"],
        str(first["lease"]),
        first["up_to"],
        first["tries"],
        first["redriven"],
        found,
        len(found) < each,
    )


def _with_words(row: Any, lane: Any) -> Event:
    data = row["data"] if row["words"] is None else {**row["data"], "words": row["words"]}
    told = {name: row[name] for name in ("event_id", "type", "customer_id", "at")}
    keys = {"creditor": lane["creditor"], "account_id": lane["account_id"]}
    return event_of({**told, **keys, "data": data})


def written(event: Event) -> bytes:
    """An event as it goes out, and is signed."""
    told = event.model_dump(mode="json")
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
