"""A plan that goes round in circles takes a breath: the fault costs no server, and is seen."""

from collections import Counter
from datetime import datetime

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from activities.contacting import Contacting
from activities.dependencies import Dependencies
from domain.ledger.protocol import Do
from lab.builders.parts import STRICT
from store.database import Pool
from tests.support.life import Life, days_ago, soon
from tests.support.rows import add_account, add_customer
from workers.worker import running
from workflows.options import AT_ONCE, BREATH

SCHEDULED = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED


async def contacts(life: Life) -> int:
    """How often the activity was asked for."""
    history = await life.handle.fetch_history()
    names = Counter(
        event.activity_task_scheduled_event_attributes.activity_type.name
        for event in history.events
        if event.event_type == SCHEDULED
    )
    return names["contact"]


async def until_timer(life: Life, sentence: str) -> None:
    """Wait (in real time) for a timer that says so."""

    async def said() -> bool:
        history = await life.handle.fetch_history()
        return any(
            sentence in event.user_metadata.summary.data.decode() for event in history.events
        )

    await soon(said, bool, sentence)


@pytest.mark.usefixtures("working_morning")
async def test_a_contact_that_changes_nothing_is_tried_once_a_minute(
    life: Life, pool: Pool, client: Client, rooms: Dependencies, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(*_: object, **__: object) -> Do:
        """A contact that writes nothing, so that the planner must answer the same again."""
        return Do.PLAN

    monkeypatch.setattr(Contacting, "_walk", nothing)
    await add_customer(pool, preferred="sms")
    await add_account(pool, life.account_id, due=days_ago(10))
    async with running(client, rooms, **STRICT):
        await life.start()
        await life.until(lambda _: True)
        due = datetime.fromisoformat((await life.next_step())["not_before"])
        await life.to(due)
        await until_timer(life, f"Due at once {AT_ONCE + 1} times in a row, so a minute later: SMS")
        assert await contacts(life) == 1 + AT_ONCE  # the first came after a wait
        for minute in (1, 2, 3):
            await life.forward(BREATH)
            await until_timer(life, f"Due at once {AT_ONCE + 1 + minute} times")
        assert await contacts(life) == 1 + AT_ONCE + 3

        await life.signal("payment_received", id="p", amount="150000.00")
        assert (await life.result())["reason"] == "cured"
