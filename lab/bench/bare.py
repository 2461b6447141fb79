"""The floors: Temporal with nothing of ours on top, and the same with a contact's errands in it."""

import asyncio
from copy import copy
from datetime import datetime, timedelta
from itertools import count

from temporalio import activity, workflow

with workflow.unsafe.imports_passed_through():
    from activities.channels.base import Accepted, Outbound
    from activities.dependencies import Dependencies
    from domain.channels import Channel
    from workflows.visibility import NEXT_CONTACT_AT

QUEUE = "bare"
NOOP, ERRANDS = "bare_noop", "bare_errands"
_done = count()


@activity.defn(name=NOOP)
async def noop() -> None:
    """Do nothing but count."""
    next(_done)


def noops() -> int:
    """How often it was done."""
    return next(copy(_done))


class Errands:
    """What no contact can do without: three commits and one request to the provider."""

    def __init__(self, dependencies: Dependencies) -> None:
        self.dependencies = dependencies

    @activity.defn(name=ERRANDS)
    async def run(self) -> None:
        """Commit, commit, send, commit: no law, no plan, no words, and nothing read."""
        number = next(_done)
        pool, loop = self.dependencies.pool, asyncio.get_running_loop()
        touch = f"bare-{number}"
        channel, to = (
            (Channel.SMS, f"+1202555{number % 10000:04d}")
            if number % 2
            else (Channel.EMAIL, f"b{number}@example.com")
        )
        await pool.execute("INSERT INTO bare_touches VALUES ($1, 'reserved')", touch)
        await pool.execute(_MOVE, touch, "dispatching")
        message = Outbound(
            attempt_id=touch,
            account=touch,
            channel=channel,
            to=to,
            subject="Reminder",
            text="Reminder of 1,500.00 USD. Reply STOP to stop.",
            callback_url="http://127.0.0.1:9/",
            validity_seconds=3600,
        )
        provider = self.dependencies.providers[channel][0]
        sent = await loop.run_in_executor(self.dependencies.senders, provider.send, message)
        if not isinstance(sent, Accepted):
            raise RuntimeError(f"the sandbox did not accept: {sent}")
        await pool.execute(_MOVE, touch, "accepted")


_MOVE = "UPDATE bare_touches SET state = $2 WHERE touch = $1"


async def errands(dependencies: Dependencies) -> Errands:
    """The errands with the one table they write to."""
    await dependencies.pool.execute(
        "CREATE TABLE IF NOT EXISTS bare_touches (touch text PRIMARY KEY, state text NOT NULL)"
    )
    return Errands(dependencies)


@workflow.defn(name="BareLoop")
class BareLoop:
    """A timer, one activity, and the next timer."""

    @workflow.run
    async def run(self, due: datetime, name: str, shown: bool = False) -> None:
        """Wait until ``due``, do the activity ``name``, then wait for a day; and so on.

        ``shown``: with the search attribute that says until when.
        """
        while True:
            await workflow.sleep(max(timedelta(0), due - workflow.now()))
            await workflow.execute_activity(name, start_to_close_timeout=timedelta(minutes=2))
            due = workflow.now() + timedelta(days=1)
            if shown:
                workflow.upsert_search_attributes([NEXT_CONTACT_AT.value_set(due)])
