"""What one contact costs in the history: the floor of a timer and an activity, and no event more.

A pinned count, not a benchmark: whoever adds an event to every contact has to come past here.
"""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from activities.dependencies import Dependencies
from domain.names import channel_queue, workflow_id
from lab.builders.parts import dependencies_for, settings_for
from store.database import Pool
from tests.support.life import start_now
from tests.support.rows import add_account, add_customer
from workers.connection import fast_client
from workers.worker import running

STARTED = EventType.EVENT_TYPE_TIMER_STARTED
SCHEDULED = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
OF_SKIPPING = (
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED,
)
"""What the server notes of time being skipped: that it is wished for may come amid the first
contact."""
CONTACT_QUEUES = {channel_queue("sms"), channel_queue("email")}


@pytest.mark.parametrize(("exact", "events"), [(False, 11), (True, 12)])
async def test_one_contact_is_a_timer_and_an_activity(
    client: Client, pool: Pool, sandbox_url: str, exact: bool, events: int
) -> None:
    await add_customer(pool)
    # Day 3: two contacts at the cadence of the early phase, no phase or bucket in between.
    await add_account(pool, due=datetime.now(UTC).date() - timedelta(days=3))
    settings = settings_for(sandbox_url, exact_next_contact=exact)
    with dependencies_for(pool, settings) as dependencies:
        assert set(await contact_events(client, dependencies)) == {events}


async def contact_events(client: Client, dependencies: Dependencies) -> list[int]:
    """How many events each contact of three weeks took, from its timer to the next one."""
    skipper = fast_client(client)
    async with running(client, dependencies):
        named = {"creditor": "bank", "account_id": "A1"}
        handle = await start_now(skipper, named, workflow_id("bank", "A1"))
        await skipper.fast_forward(handle, timedelta(days=21))
        history = await handle.fetch_history()
        await handle.terminate("counted")
    told = [event for event in history.events if event.event_type not in OF_SKIPPING]
    timers = [place for place, event in enumerate(told) if event.event_type == STARTED]
    loops = [told[a:b] for a, b in pairwise(timers)]
    counts = []
    for loop in loops:
        queues = {
            event.activity_task_scheduled_event_attributes.task_queue.name
            for event in loop
            if event.event_type == SCHEDULED
        }
        if queues & CONTACT_QUEUES:
            counts.append(len(loop))
    assert len(counts) >= 2, "somebody was contacted twice"
    return counts
