"""What is over goes to the history, comes back to nobody, and is still shown."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from domain.channels import Channel
from domain.conversation.keywords import Intent
from domain.failures import Unavailable
from domain.history.months import Month, Table, month_of
from domain.ledger.attempt import AttemptState, RefusalKind
from domain.names import attempt_id
from store.database import Connection, Pool
from store.history import moving
from store.history.moving import History
from store.history.partitions import columns, ensure, months, stray
from store.provider_events import ProviderEvents
from store.views.customer import OfCustomer
from store.views.records import Records
from tests.integration.store.history.conftest import ATTEMPT, NUMBER, PAID, Past
from tests.support.activities import accepted

REMEMBERED: dict[str, str] = {
    "an open account": "UPDATE accounts SET status = 'open', close_reason = NULL, closed_at = NULL",
    "an account that ended lately": "UPDATE accounts SET closed_at = $1",
    "an attempt of which nobody knows what became": "UPDATE attempts SET state = 'unknown'",
    "an attempt of lately": "UPDATE attempts SET reserved_at = $1",
}


@pytest.mark.parametrize("why", REMEMBERED)
async def test_what_may_still_count_stays(past: Past, why: str) -> None:
    await past.close()
    given = (past.later - timedelta(days=300),) if "$1" in REMEMBERED[why] else ()
    async with past.pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute(REMEMBERED[why], *given)
    assert Table.ATTEMPTS not in await past.move()
    assert len(await past.rows("attempts")) == 1
    assert await past.rows("attempt_keys") == []


async def test_an_event_that_nobody_was_told_of_and_its_message_stay(past: Past) -> None:
    await past.pool.execute("UPDATE provider_events SET told = false WHERE event_id = 'm1'")
    assert await past.move() == {Table.PROVIDER_EVENTS: 1}


async def test_what_a_person_still_works_on_stays(past: Past) -> None:
    await past.pool.execute(
        "INSERT INTO work_items (customer_id, reason, priority, opened_at, due_at, messages) "
        "VALUES ('C1', 'unclear', 5, $1, $1, '{twilio/m1}')",
        past.contacted,
    )
    assert Table.INBOUND not in await past.move()


async def test_a_message_that_a_consent_rests_on_stays(past: Past) -> None:
    await past.pool.execute("UPDATE inbound SET intent = 'opt_in'")
    assert Table.INBOUND not in await past.move()


async def test_what_is_over_moves_as_it_is_into_the_month_in_which_it_was(past: Past) -> None:
    await past.close()
    before = {table: await past.rows(table) for table in Table}
    assert all(before.values())
    moved = await past.move()
    assert moved == {table: len(rows) for table, rows in before.items()}
    for table, rows in before.items():
        assert await past.rows(table) == []
        assert await past.rows(table.history) == rows
        assert month_of(past.contacted) in await months(past.pool, table)
    assert set((await stray(past.pool)).values()) == {0}
    assert await past.move() == {}


async def test_whoever_looks_sees_what_they_saw_before(past: Past) -> None:
    await past.close()
    seen = await shown(past.pool)
    assert len(seen["sent"]) == len(seen["heard"]) == len(seen["export"]) == 1
    await past.move()
    assert await shown(past.pool) == seen


async def shown(pool: Pool) -> dict[str, Any]:
    """All that commands and the API show of the customer."""
    records, customer = Records(pool), OfCustomer(pool, "C1", None)
    return {
        "export": [row async for row in records.export()],
        "timeline": await records.timeline("C1"),
        "sent": await customer.sent(),
        "heard": await customer.heard(),
        "holds": await customer.holds(),
    }


async def test_an_attempt_in_the_history_is_never_made_again(past: Past, sandbox_url: str) -> None:
    step = (await past.actor.record(past.contacted)).step
    old = step.model_copy(update={"number": 1})
    await past.close()
    await past.move()
    assert len(await accepted(sandbox_url)) == 1
    await past.actor.contact(old, past.later)
    assert len(await accepted(sandbox_url)) == 1
    found = await past.actor.dependencies.ledger.find(ATTEMPT)
    assert found is not None and found.state is AttemptState.DELIVERED
    copied = await past.rows("attempts_history")
    for attempt, number in ((ATTEMPT, 7), ("another", 1)):
        row = {**copied[0], "attempt_id": attempt, "step": number, "state": "reserved"}
        names, places = ", ".join(row), ", ".join(f"${n + 1}" for n in range(len(row)))
        with pytest.raises(asyncpg.UniqueViolationError, match="in the history"):
            await past.pool.execute(
                f"INSERT INTO attempts ({names}) VALUES ({places})", *row.values()
            )
    assert await past.rows("attempts") == []


async def test_an_account_that_is_collected_again_goes_on_counting_its_steps(past: Past) -> None:
    await past.close()
    await past.move()
    await past.pool.execute(
        "UPDATE accounts SET status = 'open', close_reason = NULL, closed_at = NULL, "
        "since = $1, oldest_due_date = $2",
        past.later,
        (past.later - timedelta(days=10)).date(),
    )
    step = (await past.actor.record(past.later)).step
    assert step.number == 2
    await past.actor.contact(step)
    assert [row["attempt_id"] for row in await past.rows("attempts")] == [
        attempt_id("bank", "A1", 2)
    ]


async def test_what_comes_again_changes_nothing(past: Past) -> None:
    await past.close()
    await past.move()
    events, at = ProviderEvents(past.pool), past.later
    again = await events.delivery(
        "twilio", "e1", ATTEMPT, AttemptState.UNDELIVERED, None, "30003", None, at
    )
    assert again.done and not again.wakes
    wrote = await events.inbound("twilio", "m1", Channel.SMS, NUMBER, "STOP", Intent.OPT_OUT, at)
    assert wrote.done and not wrote.wakes
    told = (await past.actor.record(at, PAID)).answers[0]
    assert told.repeated and told.refused is None
    for table in ("provider_events", "inbound", "messages"):
        assert await past.rows(table) == []
    assert len(await past.rows("payments")) == 1


async def test_a_message_that_was_refused_does_not_hold_its_id(past: Past) -> None:
    refused = {"kind": "hold", "id": "h-1", "until": "2000-01-01T00:00:00Z", "reason": "asked"}
    assert (await past.actor.record(past.contacted, refused)).answers[0].refused
    await past.close()
    await past.move()
    mended = {**refused, "until": (past.later + timedelta(days=3)).isoformat()}
    assert not (await past.actor.record(past.later, mended)).answers[0].repeated


async def test_a_link_in_a_mail_of_old_still_stops(past: Past) -> None:
    await past.close()
    await past.move()
    events = ProviderEvents(past.pool)
    origin = await events.origin(ATTEMPT)
    assert origin is not None and origin.workflow == "account/bank/A1"
    kind = (None, None, "one-click", RefusalKind.CONSENT, past.later)
    notice = await events.delivery("unsubscribe", f"{ATTEMPT}@0", ATTEMPT, *kind)
    assert notice.found
    assert await past.pool.fetchval("SELECT count(*) FROM law_events WHERE kind = 'opt_out'") == 1


async def waits(connection: Connection) -> None:
    """Until somebody waits for a lock."""
    waiting = (
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
        "AND datname = current_database()"
    )
    for _ in range(3_000):
        if await connection.fetchval(waiting):
            return
        await asyncio.sleep(0.01)
    pytest.fail("nobody waits")


@pytest.mark.parametrize("table", ["provider_events", "messages", "attempts"])
async def test_who_adds_what_is_just_being_moved_adds_nothing(past: Past, table: str) -> None:
    """Their own look at the keys may be older than the move; they wait for it in the index."""
    await past.close()
    what = Table(table)
    [row] = (await past.rows(table))[:1]
    await ensure(past.pool, what, [month_of(past.contacted)])
    names, places = ", ".join(row), ", ".join(f"${n + 1}" for n in range(len(row)))
    add = f"INSERT INTO {table} ({names}) VALUES ({places}) ON CONFLICT DO NOTHING"
    values = {**row, "state": "reserved"} if what is Table.ATTEMPTS else row
    statement = moving.move_statement(what, ", ".join(row))
    span = (*month_of(past.contacted).span, past.later, 100)
    async with past.pool.acquire() as mover, past.pool.acquire() as other:
        moves = mover.transaction()
        await moves.start()
        await mover.execute(statement, *span)
        adding = asyncio.create_task(other.execute(add, *values.values()))
        await waits(mover)
        await moves.commit()
        with pytest.raises((asyncpg.SerializationError, asyncpg.UniqueViolationError)):
            await adding
        if what is not Table.ATTEMPTS:
            assert await other.execute(add, *values.values()) == "INSERT 0 0"
    assert row not in await past.rows(table)


async def test_who_is_broken_off_goes_on_where_it_was(past: Past) -> None:
    await past.close()
    before = {table: await past.rows(table) for table in Table}
    async for _ in History(past.pool).move(past.later, chunk=1):
        break
    there = {table: await past.rows(table) for table in Table}
    assert there != before
    await past.move(chunk=1)
    for table, rows in before.items():
        assert await past.rows(table) == []
        assert await past.rows(table.history) == rows


async def test_what_no_month_was_made_for_is_counted_and_put_into_its_month(past: Past) -> None:
    long_ago = datetime(2003, 5, 7, tzinfo=UTC)
    await past.pool.execute("UPDATE messages SET at = $1", long_ago)
    await past.pool.execute("INSERT INTO messages_history SELECT * FROM messages")
    strays = await stray(past.pool)
    assert strays.pop("messages") == len(await past.rows("messages"))
    assert set(strays.values()) == {0}
    await ensure(past.pool, Table.MESSAGES, [month_of(long_ago)])
    assert set((await stray(past.pool)).values()) == {0}
    assert await past.rows("messages_history") == await past.rows("messages")


async def test_months_are_made_ahead_once(past: Past) -> None:
    history = History(past.pool)
    there = await months(past.pool, Table.INBOUND)
    made = (await history.prepare(past.later))[Table.INBOUND]
    first = month_of(past.later)
    wanted = [first, Month(first.ends)]
    assert set(wanted) <= {*there, *made}
    assert not any((await history.prepare(past.later)).values())


async def test_nothing_moves_while_a_history_lacks_a_column(past: Past) -> None:
    await past.close()
    await past.pool.execute("ALTER TABLE messages ADD COLUMN added text")
    try:
        with pytest.raises(Unavailable, match=r"messages_history differ \(added\)"):
            await past.move()
        assert await past.rows("messages")
    finally:
        await past.pool.execute("ALTER TABLE messages DROP COLUMN added")


async def test_every_history_has_the_columns_of_its_table(pool: Pool) -> None:
    for table in Table:
        assert await columns(pool, table)
