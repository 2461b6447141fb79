"""What reports, and looks at experiments, found, until a person has looked."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from pydantic import ConfigDict

from domain.failures import BadInput, NotFound
from domain.model import Instant, Model
from domain.report.findings import Finding, FindingKind
from domain.report.period import Period
from store.database import Connection, Pool

# What somebody has looked at is not told again as long as a report still rests on days before that.
KEEP: Final = """
INSERT INTO report_findings AS f
    (kind, subject, what, why, todo, figures, first_day, last_day, opened_at)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9
WHERE NOT EXISTS (
    SELECT FROM report_findings d WHERE d.kind = $1 AND d.subject = $2 AND d.done_at > $10)
ON CONFLICT (kind, subject) WHERE done_at IS NULL
    DO UPDATE SET what = excluded.what, why = excluded.why, todo = excluded.todo,
        figures = excluded.figures, first_day = excluded.first_day, last_day = excluded.last_day,
        seen = f.seen + (excluded.last_day > f.last_day)::int
    WHERE f.last_day <= excluded.last_day
RETURNING xmax = 0 AS new
"""
_FINDING: Final = """
SELECT finding_id, kind, subject, what, why, todo, figures, first_day, last_day, opened_at, seen,
    note, done_by, done_at
FROM report_findings
"""
ONE: Final = f"{_FINDING} WHERE finding_id = $1"
LIST: Final = f"""{_FINDING} WHERE $1 OR done_at IS NULL
ORDER BY done_at IS NOT NULL, last_day DESC, finding_id DESC LIMIT $2
"""
DONE: Final = """
UPDATE report_findings SET done_by = $2, done_at = $3, note = $4
WHERE finding_id = $1 AND done_at IS NULL RETURNING finding_id
"""


class KeptFinding(Model):
    """Something that a report found. Nothing in it is of one customer."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    finding_id: int
    """Its number."""
    kind: FindingKind
    """What there is to look at."""
    subject: str
    """What it is of: a channel and provider, a template, a strategy, an experiment."""
    what: str
    """What is so, with its figures."""
    why: str
    """Why it is more than chance, or how it is known."""
    todo: str
    """What to do."""
    figures: dict[str, float]
    """The figures that it rests on."""
    first_day: date
    """Of the last report that found it."""
    last_day: date
    """Of the last report that found it."""
    opened_at: Instant
    """When it was found first."""
    seen: int
    """Reports that found it, each of other days."""
    note: str | None
    """What came of it."""
    done_by: str | None
    """Who has looked; null: nobody."""
    done_at: Instant | None
    """When."""


async def keep_one(connection: Connection, found: Finding, period: Period, at: datetime) -> bool:
    """Keep what was found of these days, in a transaction that is begun; whether it is new."""
    words = (found.kind.value, found.subject, found.what, found.why, found.todo, found.figures)
    days = (period.first, period.last, at, period.begins)
    return bool(await connection.fetchval(KEEP, *words, *days))


class Findings:
    """All findings of reports."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def keep(self, found: Sequence[Finding], period: Period, at: datetime) -> int:
        """Keep what a report found; how much of it is new. The same report twice changes nothing.

        What was found before and is not any more stays, until somebody has looked at it.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            return sum([await keep_one(connection, one, period, at) for one in found])

    async def listed(self, *, done: bool, limit: int = 200) -> list[KeptFinding]:
        """What is open, the newest first; with ``done`` what somebody has looked at after it."""
        return [_kept(dict(row)) for row in await self._pool.fetch(LIST, done, limit)]

    async def one(self, finding_id: int) -> KeptFinding:
        """One of them. Raises NotFound."""
        row = await self._pool.fetchrow(ONE, finding_id)
        if row is None:
            raise _unknown(finding_id)
        return _kept(dict(row))

    async def done(self, finding_id: int, by: str, note: str | None, at: datetime) -> None:
        """Somebody has looked at it. Raises NotFound, and BadInput where another had before."""
        if await self._pool.fetchval(DONE, finding_id, by, at, note) is not None:
            return
        found = await self.one(finding_id)
        if found.done_by == by:  # said twice
            return
        raise BadInput(f"finding {finding_id} is done: {found.done_by} has looked at it")


def _kept(row: dict[str, Any]) -> KeptFinding:
    return KeptFinding.model_validate(row)


def _unknown(finding_id: int) -> NotFound:
    return NotFound(f"no finding {finding_id}: `contrapunto report findings` names them")
