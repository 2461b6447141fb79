"""What intake asks of the account workflows: the only part of intake that speaks to Temporal."""

from typing import Protocol

from domain.failures import NotFound
from domain.names import workflow_id
from store.intake.outbox import Pending
from workers.accounts import Accounts


class Starter(Protocol):
    """What intake asks of Temporal. Each call may be repeated without harm.

    Raises Unavailable or Misconfigured when Temporal cannot be used now.
    """

    async def start(self, line: Pending) -> None:
        """Start the workflow of a new account, unless it runs already."""

    async def update(self, line: Pending) -> None:
        """Tell the workflow of new facts; start it if it does not run."""

    async def recall(self, line: Pending) -> bool:
        """Close the workflow as recalled. False: it does not run. BadInput: it refuses."""


class TemporalStarter:
    """Starter on the account workflows of a Temporal server."""

    def __init__(self, accounts: Accounts) -> None:
        self.accounts = accounts

    async def start(self, line: Pending) -> None:
        """A second start of a running account is no new one."""
        await self.accounts.start(line.creditor, line.account_id, as_of=line.as_of)

    async def update(self, line: Pending) -> None:
        """Signal-with-start: an account whose workflow was lost or closed gets one again."""
        fact = {"id": line.message_id, "as_of": line.as_of.isoformat()}
        key = (line.creditor, line.account_id)
        await self.accounts.start(*key, as_of=line.as_of, updated=fact)

    async def recall(self, line: Pending) -> bool:
        """The update's id makes a repeated recall the same one."""
        request = {"id": line.message_id, "reason": "recalled"}
        try:
            await self.accounts.ask(workflow_id(line.creditor, line.account_id), "close", request)
        except NotFound:
            return False
        return True
