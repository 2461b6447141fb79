"""What workflows still have to be started or told, written in the transaction that made it so."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from store.database import Connection
from store.intake.staging import LONG, columns

PUT: Final = "api:"
"""What the ids of runs begin with that are no file's: of what was put one by one."""

# What was put a moment ago is told by the process that took it; it would never end here.
COUNT_PENDING: Final = f"""
SELECT r.run_id, count(*) AS lines FROM intake_pending p JOIN intake_runs r USING (run_id)
WHERE NOT starts_with(r.run_id, '{PUT}') OR r.begun_at < now() - interval '1 minute'
GROUP BY r.run_id ORDER BY r.started_at, r.run_id
"""  # noqa: S608 - what is put in is a text of ours

# Of one run, in the order of its key: else each page would sort all that is left.
SELECT_PENDING: Final = """
SELECT p.run_id, p.creditor, p.account_id, p.message_id, p.action, r.started_at AS as_of
FROM intake_pending p JOIN intake_runs r USING (run_id) WHERE p.run_id = $1
ORDER BY p.creditor, p.account_id LIMIT $2
"""

DELETE_PENDING: Final = """
DELETE FROM intake_pending p USING unnest($1::text[], $2::text[], $3::text[])
    AS d (run_id, creditor, account_id)
WHERE (p.run_id, p.creditor, p.account_id) = (d.run_id, d.creditor, d.account_id)
"""

CLOSE_RECALLED: Final = """
UPDATE accounts SET status = 'closed', close_reason = 'recalled', closed_at = $3
WHERE creditor = $1 AND account_id = $2 AND status = 'open'
"""


class Action(StrEnum):
    """What a workflow still has to hear."""

    START = "start"
    UPDATE = "update"
    RECALL = "recall"


class Pending(NamedTuple):
    """One line of the outbox."""

    run_id: str
    creditor: str
    account_id: str
    message_id: str
    action: Action
    as_of: datetime


class Outbox:
    """The lines of all runs, this one's and those that earlier ones left behind."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def waiting(self) -> dict[str, int]:
        """How many workflows are still to be started or told, by run, the oldest first."""
        found = await self.connection.fetch(COUNT_PENDING, timeout=LONG)
        return {one["run_id"]: one["lines"] for one in found}

    async def pending(self, run_id: str, limit: int) -> list[Pending]:
        """The next lines of a run."""
        found = await self.connection.fetch(SELECT_PENDING, run_id, limit)
        return [Pending(**{**record, "action": Action(record["action"])}) for record in found]

    async def strike(self, done: Sequence[Pending]) -> None:
        """Strike lines out."""
        keys = [(line.run_id, line.creditor, line.account_id) for line in done]
        await self.connection.execute(DELETE_PENDING, *columns(keys, 3))

    async def close_recalled(self, lines: Sequence[Pending]) -> None:
        """Close accounts whose workflow is not running, so that nobody else can.

        Those of this version are closed with their recall; one of the version before left that to
        the workflow.
        """
        arguments = [(line.creditor, line.account_id, line.as_of) for line in lines]
        await self.connection.executemany(CLOSE_RECALLED, arguments)
