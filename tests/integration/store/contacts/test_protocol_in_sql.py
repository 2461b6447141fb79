"""What PostgreSQL makes of every event in every state is what the explored tables say."""

import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import asyncpg
import pytest

from domain.channels import Channel
from domain.failures import BadInput
from domain.ledger.attempt import MOVES, AttemptState, Event, RefusalKind, is_old_news, move
from domain.ledger.protocol import may_dispatch
from domain.names import attempt_id
from store.database import Pool
from store.provider_events import ProviderEvents
from store.settlements import Settling
from tests.support.activities import Actor
from tests.support.rows import attempts

ATTEMPT = attempt_id("bank", "A1", 1)
EXECUTION = "the execution that reserved"
SEQUENCES = 300


class Row:
    """One attempt in PostgreSQL, moved by the product's own statements."""

    def __init__(self, actor: Actor, pool: Pool, now: datetime, channel: Channel) -> None:
        self.channel = channel
        self.ledger, self.callbacks, self.settling = (
            actor.dependencies.ledger,
            ProviderEvents(pool),
            Settling(pool),
        )
        self.pool, self.now, self.events = pool, now, 0

    async def set(self, state: AttemptState, *, asked_out: bool = True) -> None:
        """As if it had come here lawfully; the trigger looks away."""
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute("ALTER TABLE attempts DISABLE TRIGGER attempts_guard")
            await connection.execute(
                "UPDATE attempts SET state = $1, execution = $2, reconcile_at = $3, "
                "provider_message_id = NULL, refusal = NULL, facts_seen = "
                "(SELECT facts FROM customers c WHERE c.customer_id = attempts.customer_id)",
                state.value,
                EXECUTION,
                None if asked_out else self.now,
            )
            await connection.execute("ALTER TABLE attempts ENABLE TRIGGER attempts_guard")
            await connection.execute("DELETE FROM settlements")

    async def happens(self, event: Event) -> None:
        """The statement of the product for this event."""
        self.events += 1
        ledger, now = self.ledger, self.now + timedelta(seconds=self.events)
        say: dict[Event, Callable[[], Awaitable[object]]] = {
            Event.DISPATCH: lambda: ledger.dispatch(ATTEMPT, EXECUTION, now, "digest"),
            Event.RELEASE: lambda: ledger.release(ATTEMPT, now, "why"),
            Event.ACCEPT: lambda: ledger.accept(ATTEMPT, "SM1", now),
            Event.REFUSE: lambda: ledger.refuse(ATTEMPT, RefusalKind.OTHER, "1", "no", now),
            Event.DOUBT: lambda: ledger.doubt(ATTEMPT, "silence", now),
            Event.DELIVER: lambda: self.callback(AttemptState.DELIVERED),
            Event.FAIL: lambda: self.callback(AttemptState.UNDELIVERED),
            Event.SETTLE_ACCEPTED: lambda: self.person(AttemptState.ACCEPTED),
            Event.SETTLE_REFUSED: lambda: self.person(AttemptState.REFUSED),
        }
        await say[event]()

    async def callback(self, status: AttemptState) -> None:
        await self.callbacks.delivery(
            "twilio", f"e{self.events}", ATTEMPT, status, "SM1", None, None, self.now
        )

    async def person(self, outcome: AttemptState) -> None:
        try:
            await self.settling.settle(ATTEMPT, outcome, "looked it up", "ana", self.now)
        except BadInput:
            return

    def moved(self, state: AttemptState, event: Event) -> AttemptState:
        """What the table says of it."""
        old = is_old_news(state, event, self.channel, None)
        return move(state, event, old=old) or state

    async def state(self) -> AttemptState:
        found: str = await self.pool.fetchval("SELECT state FROM attempts")
        return AttemptState(found)


@pytest.fixture
async def row(actor: Actor, pool: Pool, now: datetime) -> Row:
    step = await actor.planned(now)
    await actor.reserve(step)
    assert step.channel is not None
    return Row(actor, pool, now, step.channel)


async def test_every_event_in_every_state_does_what_the_table_says(row: Row) -> None:
    wrong = []
    for state, event in product(AttemptState, Event):
        await row.set(state)
        await row.happens(event)
        found, said = await row.state(), row.moved(state, event)
        if found is not said:
            wrong.append(f"{event} of {state}: {found}, not {said}")
    assert wrong == []


async def test_a_callback_of_acceptance_moves_what_an_answer_would(row: Row) -> None:
    for state in AttemptState:
        await row.set(state)
        row.events += 1
        await row.callback(AttemptState.ACCEPTED)
        assert await row.state() is (row.moved(state, Event.ACCEPT)), state


async def test_every_illegal_move_is_refused_by_the_database_itself(row: Row) -> None:
    lawful = {(old, new) for moves in MOVES.values() for old, new in moves.items()}
    refused = set()
    for old, new in product(AttemptState, repeat=2):
        await row.set(old)
        try:
            await row.pool.execute("UPDATE attempts SET state = $1", new.value)
        except asyncpg.CheckViolationError:
            refused.add((old, new))
    everything = {(old, new) for old, new in product(AttemptState, repeat=2) if old is not new}
    assert refused == everything - lawful


@pytest.mark.parametrize("asked_out", [True, False])
async def test_that_nothing_was_sent_is_said_only_after_the_deadline(
    row: Row, *, asked_out: bool
) -> None:
    await row.set(AttemptState.UNKNOWN, asked_out=asked_out)
    await row.happens(Event.SETTLE_REFUSED)
    assert await row.state() is (AttemptState.REFUSED if asked_out else AttemptState.UNKNOWN)


async def test_dispatching_asks_in_sql_what_the_protocol_asks(row: Row) -> None:
    for state, mine, same in product(AttemptState, (True, False), (True, False)):
        await row.set(state)
        await row.pool.execute("UPDATE customers SET facts = facts + $1", 0 if same else 1)
        who = EXECUTION if mine else "another"
        done = await row.ledger.dispatch(ATTEMPT, who, row.now, "digest")
        assert done is may_dispatch(state, EXECUTION, 1, who, 1 if same else 2), (state, mine, same)


async def test_random_lives_end_in_sql_where_the_tables_say(row: Row) -> None:
    """Hundreds of seeded sequences of events, each compared after every step."""
    for seed in range(SEQUENCES):
        chance = random.Random(seed)
        state = AttemptState.RESERVED
        await row.set(state)
        lived: list[Any] = []
        for _ in range(6):
            event = chance.choice(tuple(Event))
            lived.append(event.value)
            if event is Event.SETTLE_REFUSED:
                await row.ledger.ask_again(ATTEMPT, None, row.now)  # the deadline has passed
            await row.happens(event)
            state = row.moved(state, event)
            assert await row.state() is state, f"seed {seed}: {lived}"
    assert len(await attempts(row.pool)) == 1
