"""Where accounts and providers stand, for the metrics: without reading any customer."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from domain.channels import Channel
from domain.ledger.circuit import Circuit, CircuitState, health
from store.database import Pool
from store.failures import failing
from store.provider_health import ProviderHealth

STANDING: Final = """
SELECT coalesce(phase, 'unknown') AS phase,
    CASE WHEN state IS NULL THEN 'unplanned' WHEN state = 'collecting' THEN next_kind
        ELSE state END AS wait,
    count(*) AS accounts, count(*) FILTER (WHERE coalesce(next_at, since) < $1) AS overdue
FROM accounts WHERE status = 'open' GROUP BY 1, 2 ORDER BY 1, 2
"""


class Standing(NamedTuple):
    """Open accounts that are in one phase and wait for the same."""

    phase: str
    wait: str
    accounts: int
    overdue: int
    """Of these, whose time came before the instant that was asked for."""


async def standing(pool: Pool, before: datetime | None) -> list[Standing]:
    """Open accounts by phase and wait; overdue is whoever was due ``before`` that."""
    return [Standing(*row) for row in await pool.fetch(STANDING, before)]


async def accounts_by_wait(pool: Pool) -> list[tuple[str, str, int]]:
    """Open accounts by phase and by what they wait for.

    A wait is the kind of the next step (``contact``, ``wait``, ``reconcile``) while collecting,
    else the status that keeps the account silent (``promised``, ``on_hold`` ...).
    """
    return [(one.phase, one.wait, one.accounts) for one in await standing(pool, None)]


WORK: Final = """
SELECT reason, due_at <= $1 AS late, count(*) AS items FROM work_items
WHERE done_at IS NULL GROUP BY 1, 2 ORDER BY 1, 2
"""


async def work_waiting(pool: Pool, now: datetime) -> list[tuple[str, bool, int]]:
    """What waits for a person: reason, whether one should have looked by now, how many items."""
    return [tuple(row) for row in await pool.fetch(WORK, now)]


async def accounts_failing(pool: Pool) -> list[tuple[str, str, int]]:
    """Accounts that stand still since an activity fails again and again.

    By activity and class of the last error.
    """
    counts = Counter((account.activity, account.error) for account in await failing(pool))
    return [(*what, count) for what, count in sorted(counts.items())]


_FIGURES: Final = {CircuitState.CLOSED: 1.0, CircuitState.HALF_OPEN: 0.5, CircuitState.OPEN: 0.0}


async def provider_figures(
    pool: Pool, served: Mapping[Channel, Sequence[str]], now: datetime
) -> list[tuple[str, str, float]]:
    """Channel, provider and 1 (well), 0.5 (being probed) or 0 (down) of every provider served."""
    found = health(await ProviderHealth(pool).signs(now), now)
    return [
        (channel.value, name, _FIGURES[found.get((channel, name), Circuit()).state])
        for channel, names in served.items()
        for name in names
    ]
