"""``customer export`` and ``customer erase``: all of a person is found, and what is theirs goes."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.failures import BadInput, NotFound
from domain.names import contact_point_id
from store.database import Pool
from store.persons.erasing import erase
from store.persons.exporting import export
from store.persons.held import HELD
from tests.integration.persons.person import add_person, insert
from tests.integration.persons.rows import MAIL, PHONE, ROWS, SECRET
from tests.support.rows import add_account, add_customer

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


async def erased(pool: Pool, customer: str = "C1", **more: Any) -> Any:
    return await erase(pool, customer, "eva", "asked for", NOW, **more)


async def whole(pool: Pool) -> dict[str, str]:
    """Every table as text."""
    names = await pool.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
        "AND relkind IN ('r', 'p')"
    )
    return {
        one["relname"]: await pool.fetchval(
            f"SELECT coalesce(string_agg(to_jsonb(t)::text, E'\n'), '') FROM {one['relname']} t"
        )
        for one in names
    }


async def stops(pool: Pool, address: str) -> list[str]:
    found = await pool.fetch(
        "SELECT kind FROM law_events WHERE customer_id IS NULL AND address_key = $1", address
    )
    return [one["kind"] for one in found]


async def test_the_export_has_a_row_of_every_table_that_holds_something(pool: Pool) -> None:
    await add_person(pool)
    found = await export(pool, "C1")
    assert found is not None
    assert set(found["tables"]) == {table.table for table in HELD} - {"erasures"}
    texts = json.dumps(found["tables"], default=str)
    assert texts.count(SECRET) >= sum(json.dumps(row, default=str).count(SECRET) for _, row in ROWS)
    assert [one["inbound_id"] for one in found["tables"]["inbound"]] == ["i2", "i1"]


async def test_the_export_has_nothing_of_anybody_else(pool: Pool) -> None:
    await add_person(pool)
    await add_customer(pool, "C2", points=(("sms", "mobile", "+573990000002"),))
    await add_account(pool, "A2", "C2", due=date(2026, 1, 5))
    found = await export(pool, "C2")
    assert found is not None and SECRET not in json.dumps(found, default=str)
    assert set(found["tables"]) == {"accounts", "contact_points", "customers", "law_events"}
    assert await export(pool, "nobody") is None


async def test_nothing_of_the_person_is_left_in_any_table(pool: Pool) -> None:
    await add_person(pool)
    before = await whole(pool)
    assert {name for name, text in before.items() if SECRET in text} >= {"customers", "inbound"}
    await erased(pool)
    left = await whole(pool)
    points = [contact_point_id("C1", "sms", PHONE), contact_point_id("C1", "email", MAIL)]
    for theirs in (SECRET, PHONE, PHONE[1:], MAIL, "illness", *points):
        assert {name: text for name, text in left.items() if theirs in text} == {}, theirs


async def test_what_has_to_be_kept_is_kept_and_says_why(pool: Pool) -> None:
    await add_person(pool)
    done = await erased(pool)
    kept = {name: one for name, one in done.tables.items() if not one["deleted"]}
    for name, one in kept.items():
        assert await pool.fetchval(f"SELECT count(*) FROM {name}") >= one["rows"] > 0, name
        assert one["why"]
    for table in HELD:
        if table.deleted:
            assert await pool.fetchval(f"SELECT count(*) FROM {table.table}") == 0, table.table
    attempt = await pool.fetchrow(
        "SELECT * FROM attempts JOIN contact_points USING "
        "(contact_point_id) WHERE attempt_id = 't1'"
    )
    assert attempt is not None and attempt["state"] == "accepted"
    on_record = await pool.fetchrow("SELECT * FROM erasures")
    assert on_record is not None and on_record["told"] == done.tables
    assert (on_record["erased_by"], on_record["reason"]) == ("eva", "asked for")


async def test_a_dry_run_tells_the_same_and_changes_nothing(pool: Pool) -> None:
    await add_person(pool)
    before = await whole(pool)
    told = await erased(pool, dry=True)
    assert await whole(pool) == before
    assert (await erased(pool)).tables == told.tables


async def test_who_is_erased_is_erased_once_and_who_is_nobody_never(pool: Pool) -> None:
    await add_person(pool)
    await erased(pool)
    with pytest.raises(BadInput, match="was erased at 2026-11-30 12:00 UTC already"):
        await erased(pool)
    with pytest.raises(NotFound, match="no customer C9"):
        await erased(pool, "C9")


@pytest.mark.parametrize(
    ("undo", "rule"),
    [
        ("UPDATE accounts SET status = 'open', close_reason = NULL", "an account is open: bank/A1"),
        ("INSERT INTO attempts (attempt_id, creditor, account_id, customer_id, covers, step, touch,"
         " phase, purpose, channel, provider, contact_point_id, state, jurisdictions, zones,"
         " not_before, not_after, facts_seen, reserved_at, asked) SELECT 't2', creditor,"
         " account_id, customer_id, covers, 2, 2, phase, purpose, channel, provider,"
         " contact_point_id, 'reserved', jurisdictions, zones, not_before, not_after, facts_seen,"
         " reserved_at, 0 FROM attempts", "a contact is under way.*: t2"),
        ("INSERT INTO work_items (customer_id, reason, priority, opened_at, due_at, messages)"
         " VALUES ('C1', 'lawyer', 1, now(), now(), '{}')", "work is open: "),
        ("UPDATE webhook_backlog SET done_at = NULL", "has still to be taken in: twilio/b1"),
    ],
)  # fmt: skip
async def test_while_anything_goes_on_nothing_is_erased(pool: Pool, undo: str, rule: str) -> None:
    await add_person(pool)
    await pool.execute(undo)
    before = await whole(pool)
    with pytest.raises(BadInput, match=rule):
        await erased(pool)
    assert await whole(pool) == before


async def test_who_stands_for_an_open_account_is_not_erased_until_that_has_ended(
    pool: Pool,
) -> None:
    await add_person(pool)
    await add_customer(pool, "C2", points=())
    await add_account(pool, "B7", "C2", due=date(2026, 1, 5))
    with pytest.raises(BadInput, match="they stand for an open account: bank/B7"):
        await erased(pool)
    await pool.execute("UPDATE account_parties SET until = $1", NOW.date() - timedelta(days=1))
    await erased(pool)


async def test_whoever_comes_with_an_address_of_theirs_comes_with_a_stop(pool: Pool) -> None:
    await add_person(pool)
    await erased(pool)
    assert await stops(pool, PHONE) == []  # nobody has it
    await add_customer(pool, "C5", points=(("whatsapp", "mobile", "+57 399 000 0001"),))
    assert await stops(pool, PHONE) == ["opt_out"]
    await add_customer(pool, "C6", points=(("sms", "mobile", "+573990000009"),))
    assert (
        await pool.fetchval(
            "SELECT count(*) FROM law_events WHERE recorded_by = 'erasure' "
            "AND address_key IS NOT NULL"
        )
        == 1
    )


async def test_an_address_of_somebody_else_stays_theirs_with_every_stop_on_it(pool: Pool) -> None:
    await add_person(pool)
    await insert(pool, "law_events", {"event_id": "letter", "customer_id": "C1", "kind": "cease",
                                      "at": NOW, "detail": {}, "recorded_at": NOW})  # fmt: skip
    await pool.execute("UPDATE contact_points SET suppressed = 'bounced' WHERE channel = 'sms'")
    await add_customer(pool, "C2", points=(("sms", "mobile", PHONE),))
    done = await erased(pool)
    assert done.shared == 1
    assert await stops(pool, PHONE) == ["opt_out"]  # the cease was of all that they had
    assert await pool.fetchval("SELECT suppressed FROM contact_points WHERE customer_id = 'C2'")
    await pool.execute("DELETE FROM law_events WHERE customer_id IS NULL")
    await add_customer(pool, "C3", points=(("sms", "mobile", PHONE),))
    assert await stops(pool, PHONE) == []  # the erasure itself ends nothing of C2's


async def test_the_id_itself_keeps_its_stop(pool: Pool) -> None:
    await add_person(pool)
    await erased(pool)
    stop = await pool.fetchrow("SELECT * FROM law_events WHERE recorded_by = 'erasure'")
    assert stop is not None
    said = (stop["customer_id"], stop["kind"], stop["channel"], stop["account"])
    assert said == ("C1", "opt_out", None, None)
