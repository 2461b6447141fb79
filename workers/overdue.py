"""No account is forgotten: those whose time has long come, and a workflow for each that has none.

PostgreSQL knows what every open account waits for and since when. Where Temporal has lost workflows
(a restored backup, a purged namespace, an end that nobody meant), the accounts stand still although
they are due. A new workflow takes them up, and the ledger keeps what was said from being repeated.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from activities.store.database import Pool
from domain.names import COLLECT_ACCOUNT, TASK_QUEUE, workflow_id

AT_ONCE: Final = 50
"""Workflow starts under way at a time."""

SELECT_OVERDUE: Final = """
SELECT creditor, account_id, next_kind, next_at, next_summary, planned_at
FROM accounts
WHERE status = 'open' AND ($1::timestamptz IS NULL OR coalesce(next_at, since) < $1)
ORDER BY coalesce(next_at, since), creditor, account_id
"""


class Overdue(NamedTuple):
    """An open account and what it should have done by now."""

    creditor: str
    account_id: str
    next_kind: str | None
    next_at: datetime | None
    next_summary: str | None
    planned_at: datetime | None


class Found(StrEnum):
    """What starting an account's workflow showed."""

    STARTED = "started"
    RUNNING = "running"
    """It is there: what it waits for is a worker, a provider or PostgreSQL."""


async def overdue(pool: Pool, before: datetime | None) -> list[Overdue]:
    """Open accounts due before that instant, the longest first; None: all open accounts."""
    return [Overdue(*row) for row in await pool.fetch(SELECT_OVERDUE, before)]


async def start_missing(client: Client, accounts: Sequence[Overdue]) -> Counter[Found]:
    """Start a workflow for each account that has none. May be repeated, also beside a worker."""
    gate, found = asyncio.Semaphore(AT_ONCE), Counter[Found]()

    async def start(account: Overdue) -> None:
        async with gate:
            found[await _start(client, account)] += 1

    await asyncio.gather(*(start(account) for account in accounts))
    return found


async def _start(client: Client, account: Overdue) -> Found:
    try:
        await client.start_workflow(
            COLLECT_ACCOUNT,
            {"creditor": account.creditor, "account_id": account.account_id},
            id=workflow_id(account.creditor, account.account_id),
            task_queue=TASK_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
            static_summary=f"{account.creditor} {account.account_id}",
        )
    except WorkflowAlreadyStartedError:
        return Found.RUNNING
    return Found.STARTED


def show(console: Console, accounts: Sequence[Overdue]) -> None:
    """The list, the longest overdue first."""
    table = Table("Account", "Due since (UTC)", "Next step", "Planned (UTC)")
    for account in accounts:
        table.add_row(
            escape(f"{account.creditor}/{account.account_id}"),
            f"{account.next_at:%Y-%m-%d %H:%M}" if account.next_at else "never planned",
            escape(account.next_summary or ""),
            f"{account.planned_at:%Y-%m-%d %H:%M}" if account.planned_at else "",
        )
    if accounts:
        console.print(table)
    console.print(f"{len(accounts)} accounts")
