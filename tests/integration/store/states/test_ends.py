"""How an account ended stays on record, whoever plans it later."""

from datetime import datetime

import pytest

from activities.dependencies import Dependencies
from domain.account import CloseReason
from domain.planning.step import StepKind
from store.database import Pool
from tests.support.activities import Actor
from tests.support.rows import add_account


@pytest.mark.parametrize("end", CloseReason)
async def test_the_first_end_stays_also_where_nobody_knows_the_customer(
    pool: Pool, dependencies: Dependencies, now: datetime, end: CloseReason
) -> None:
    await add_account(pool, due=now.date())
    await pool.execute(
        "UPDATE accounts SET status = 'closed', close_reason = $1, closed_at = $2", end, now
    )
    assert (await Actor(dependencies).planned(now)).kind is StepKind.CLOSE
    assert await pool.fetchval("SELECT close_reason FROM accounts") == end
