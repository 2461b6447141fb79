"""What a worker tells of queues, of what waits, and of what nobody can say: on real servers."""

from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import Client

from activities.dependencies import Dependencies
from store.database import SCHEMA, Pool
from store.ledger_mark import LedgerMark
from tests.support.life import soon
from tests.support.rows import add_account, add_customer
from tests.support.watching import Seen, watching
from workers.process.gauges import Counted, counting
from workers.version import VERSION
from workers.worker import running


async def told(seen: Seen, name: str) -> dict[tuple[object, ...], int]:
    return seen.counts(f"contrapunto.{name}")


async def test_what_a_worker_looks_up_is_what_is_on_record(
    pool: Pool, rooms: Dependencies, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_customer(pool)
    now = datetime.now(UTC)
    for number, hours in (("A1", 2), ("A2", 0), ("A3", -5)):
        await add_account(pool, number, due=now.date())
        at = now - timedelta(hours=hours)
        await pool.execute("UPDATE accounts SET next_at = $2 WHERE account_id = $1", number, at)
    await pool.execute(
        "INSERT INTO webhook_backlog (provider, event_id, kind, body, at, why, kept_at) VALUES "
        "('twilio', 'e1', 'unread', '{}', $1, 'x', $1::timestamptz - interval '600 s'), "
        "('twilio', 'e2', 'message', '{}', $1, 'x', $1::timestamptz - interval '100 s')",
        now,
    )
    await pool.execute(
        "INSERT INTO untold (news, account, since) VALUES ('n1', 'bank/A1', $1)", now
    )
    await pool.execute(
        "INSERT INTO provider_events (provider, event_id, status, at) "
        "VALUES ('twilio', 'e3', 'delivered', $1)",
        now - timedelta(seconds=50),
    )
    await LedgerMark(pool).halt("restored")
    # The clock of these tests may be moved, the server's is not.
    monkeypatch.setattr("workers.process.queues.RECENT", timedelta(days=999))
    with watching(monkeypatch) as seen:
        counted = counting(Counted(pool, rooms.served, client, build="b1"), 0.2)
        async with running(client, rooms), counted:

            async def polled() -> dict[tuple[object, ...], int]:
                return await told(seen, "queue.pollers")

            queues = await soon(polled, lambda found: found and all(found.values()))
            overdue = await told(seen, "accounts.overdue")
            halted = await told(seen, "contacts.halted")
            unheard = await told(seen, "unheard")
            oldest = await told(seen, "unheard.oldest")
            unsettled = await told(seen, "attempts.unsettled")
            build = await told(seen, "build.info")
            stuck = await told(seen, "workflows.stuck")
    assert overdue == {(): 1}
    assert halted == {(): 1}
    kinds = {kind: count for (kind,), count in unheard.items()}
    assert kinds == {"event": 1, "kept": 1, "person": 1, "unread": 1}
    ages = {str(kind): age for (kind,), age in oldest.items()}
    assert ages["unread"] >= 600 > ages["kept"] >= 100 > ages["event"] >= 50 > ages["person"]
    assert set(unsettled.values()) == {0}
    assert ("sms", "twilio") in unsettled
    assert build == {("b1", SCHEMA, VERSION): 1}
    assert stuck == {(): 0}
    assert {("workflow", "collections"), ("activity", "collections-sms")} <= set(queues)


async def test_what_cannot_be_looked_up_is_not_told(
    pool: Pool, rooms: Dependencies, monkeypatch: pytest.MonkeyPatch
) -> None:
    with watching(monkeypatch) as seen:
        async with counting(Counted(pool, rooms.served), 0.05):

            async def overdue() -> dict[tuple[object, ...], int]:
                return await told(seen, "accounts.overdue")

            await soon(overdue, bool)
            await pool.execute("ALTER TABLE work_items RENAME TO work_items_away")
            try:
                await soon(overdue, lambda found: not found)
                halted = await told(seen, "contacts.halted")
            finally:
                await pool.execute("ALTER TABLE work_items_away RENAME TO work_items")
            await soon(overdue, bool)
    assert halted == {(): 0}, "what can be looked up is told all the same"
