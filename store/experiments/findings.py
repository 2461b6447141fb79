"""What was found of experiments, once and for good, and who has to hear of it."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from domain.experiments.experiment import Plan
from domain.experiments.judging import Finding
from domain.model import Instant, Model
from store.conversation.untold import to_tell
from store.database import Connection

REGISTERED: Final = "SELECT experiment, plan, registered_at FROM experiments ORDER BY experiment"

KEEP: Final = """
INSERT INTO experiment_findings (experiment, arm, kind, found_at, verdict, why, figures)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING kind
"""

ALL: Final = """
SELECT experiment, arm, kind, found_at, verdict, why FROM experiment_findings
ORDER BY found_at, experiment, kind, arm
"""

# One process looks at a time; who comes meanwhile has nothing to do.
ALONE: Final = "SELECT pg_try_advisory_xact_lock(hashtextextended('experiments', 0))"

# As their last plans say: those that go by an arm.
ACCOUNTS_IN: Final = """
SELECT creditor || '/' || account_id AS account FROM accounts
WHERE status = 'open' AND arms @> ARRAY[$1::text]
"""
ARMS_GONE_BY: Final = """
SELECT DISTINCT arm FROM accounts, unnest(arms) AS arm
WHERE status = 'open' AND arms <> '{}' AND split_part(arm, ':', 1) <> ALL ($1) ORDER BY arm
"""


class Registered(Model):
    """An experiment that has taken somebody in."""

    experiment: str
    plan: Plan
    registered_at: Instant


class Kept(Model):
    """A finding on record."""

    experiment: str
    arm: str
    kind: str
    found_at: Instant
    verdict: str | None
    why: str


async def alone(connection: Connection) -> bool:
    """Whether nobody else looks at this moment; held until the transaction ends."""
    return bool(await connection.fetchval(ALONE))


async def registered(connection: Connection) -> dict[str, Registered]:
    """All that have taken somebody in, by id."""
    rows = await connection.fetch(REGISTERED)
    return {row["experiment"]: Registered(**dict(row)) for row in rows}


async def kept(connection: Connection) -> list[Kept]:
    """All that was found, in the order in which it was."""
    return [Kept(**dict(row)) for row in await connection.fetch(ALL)]


async def keep(
    connection: Connection,
    experiment: str,
    finding: Finding,
    figures: Mapping[str, Any],
    now: datetime,
) -> bool:
    """Write it, unless it was found before."""
    said = (finding.arm, finding.kind.value, now, finding.verdict, finding.why, dict(figures))
    return await connection.fetchval(KEEP, experiment, *said) is not None


async def have_told(connection: Connection, arm: str, news: str) -> int:
    """Have the open accounts that go by an arm (``<experiment>:<arm>``) plan anew; how many."""
    accounts = [row["account"] for row in await connection.fetch(ACCOUNTS_IN, arm)]
    await to_tell(connection, f"experiment:{arm}:{news}", accounts)
    return len(accounts)


async def have_left(connection: Connection, acting: Collection[str]) -> int:
    """The same of all that go by an arm of any other experiment than these."""
    gone = [row["arm"] for row in await connection.fetch(ARMS_GONE_BY, list(acting))]
    return sum([await have_told(connection, arm, "over") for arm in gone])
