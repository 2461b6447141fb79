"""What a file tells by which strategies are chosen: pins and attributes, into the accounts."""

from datetime import datetime
from typing import Final

from store.database import Connection
from store.intake.staging import LONG

ANY_TOLD: Final = "SELECT EXISTS (SELECT FROM intake_told)"

# Also where nothing is new it is of this file's instant from now on: what is older counts no more.
TELL: Final = """
WITH told AS MATERIALIZED (
    SELECT r.creditor, r.account_id, t.pin,
        t.pins AND coalesce(a.pinned_as_of <= $2, true) AS pins,
        t.attributes IS NOT NULL AND coalesce(a.attributes_as_of <= $2, true) AS tells,
        a.pinned AS was_pinned, a.attributes AS before,
        jsonb_strip_nulls(coalesce(a.attributes, '{}') || coalesce(t.attributes::jsonb, '{}'))
            AS attributes
    FROM intake_customers s JOIN intake_rows r USING (customer_id) JOIN intake_told t USING (line)
        JOIN accounts a USING (creditor, account_id)
    WHERE s.batch = $1
), kept AS (
    UPDATE accounts a SET
        pinned = CASE WHEN t.pins THEN t.pin ELSE a.pinned END,
        pinned_as_of = CASE WHEN t.pins THEN $2 ELSE a.pinned_as_of END,
        attributes = CASE WHEN t.tells THEN t.attributes ELSE a.attributes END,
        attributes_as_of = CASE WHEN t.tells THEN $2 ELSE a.attributes_as_of END
    FROM told t WHERE a.creditor = t.creditor AND a.account_id = t.account_id
        AND (t.pins OR t.tells)
    RETURNING a.creditor, a.account_id, a.status,
        t.pins AND t.was_pinned IS DISTINCT FROM t.pin
        OR t.tells AND coalesce(t.before, '{}') <> t.attributes AS changed
)
INSERT INTO intake_pending (run_id, creditor, account_id, message_id, action)
SELECT $3, creditor, account_id, 'intake:' || $3, 'update' FROM kept
WHERE changed AND status = 'open'
ON CONFLICT (run_id, creditor, account_id) DO NOTHING
"""


async def any_told(connection: Connection) -> bool:
    """Whether the file tells any of it."""
    return bool(await connection.fetchval(ANY_TOLD, timeout=LONG))


async def tell(connection: Connection, batch: int, as_of: datetime, run_id: str) -> None:
    """Keep what one batch of customers' rows tells, and have the workflows hear of what changed."""
    await connection.execute(TELL, batch, as_of, run_id)
