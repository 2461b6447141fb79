"""The audit as people read it: who did what, to whom, when."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from domain.model import Instant, Model
from store.database import Pool

# By keys of people alone: what was forgotten is nobody's, and is found by no name.
SHOW: Final = """
WITH whose AS (
    SELECT p.person, audit_mark(p.key, $4) AS account FROM audit_persons p
    WHERE p.customer_id = $5 OR p.customer_id IN (
        SELECT a.customer_id FROM accounts a WHERE a.creditor || '/' || a.account_id = $4
            OR $4 = ANY (SELECT a.creditor || '/' || f FROM unnest(a.formerly) AS f)
        UNION SELECT h.customer_id FROM account_holders h
        WHERE h.creditor || '/' || h.account_id = $4)
)
SELECT e.lane, e.place, e.at, e.act, e.actor, e.what, e.stage, p.customer_id,
    e.person IS NOT NULL AND p.person IS NULL AS forgotten, w.words AS reason, e.told,
    (SELECT a.creditor || '/' || a.account_id FROM accounts a WHERE a.customer_id = p.customer_id
        AND audit_mark(p.key, a.creditor || '/' || a.account_id) = e.account) AS account
FROM audit e LEFT JOIN audit_persons p USING (person)
    LEFT JOIN audit_words w USING (lane, place)
    CROSS JOIN LATERAL (SELECT substr(e.actor, strpos(e.actor, ':') + 1) AS name) AS of
WHERE ($1::text IS NULL OR $1 IN (e.actor, of.name, split_part(of.name, '@', 1),
        split_part(of.name, '#', 1), split_part(of.name, '#', 2)))
    AND ($2::text IS NULL OR starts_with(e.what, $2)) AND ($3::timestamptz IS NULL OR e.at >= $3)
    AND ($4::text IS NULL OR e.account IN (SELECT account FROM whose))
    AND ($5::text IS NULL OR e.person IN (SELECT person FROM whose))
ORDER BY e.at DESC, e.lane, e.place DESC LIMIT $6
"""


class Told(Model):
    """One entry."""

    lane: int
    place: int
    at: Instant
    act: str
    """One command or call has one, with all that it did."""
    actor: str
    what: str
    stage: str
    customer_id: str | None = None
    account: str | None = None
    forgotten: bool = False
    """It was about a person who has been erased."""
    reason: str | None = None
    told: Mapping[str, Any]


async def show(
    pool: Pool,
    who: str | None,
    what: str | None,
    since: datetime | None,
    account: str | None,
    customer: str | None,
    limit: int,
) -> list[Told]:
    """Entries, the latest first. ``who``: an actor, or the name in it; ``what``: as it begins."""
    rows = await pool.fetch(SHOW, who, what, since, account, customer, limit)
    return [Told.model_validate(dict(row)) for row in rows]
