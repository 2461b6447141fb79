"""Whom a changed file would move: told before it is made, as it then comes."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import yaml

from activities.choosing.strategies import chosen
from activities.orders import AccountRef
from config.rules import RulesFactory
from domain.calendar import local_date
from domain.segments.attributes import Value
from domain.segments.book import SegmentBook, read_book
from domain.segments.facts import CONTACTABLE, WISHED, facts_of
from store.database import Pool
from store.situations import read_situation
from store.views import choosing as rows_of
from tests.integration.store.choosing.conftest import ATTRIBUTES, Choosing
from tests.support.activities import Actor
from tests.support.rows import add_account, add_customer
from workers.strategies.preview import preview
from workers.strategies.who import Looked, Moves, Would, _seen, looked, standing

VIPS = """
segments:
  - name: vips
    when: {attr_vip: true}
    strategy: gentle
default: default
"""
BY_BALANCE = """
segments:
  - name: large
    when: {balance: {COP: {from: 100000}}}
    strategy: gentle
default: default
"""
REACHED = """
segments:
  - name: reached
    when: {contactable_sms: true, preferred_channel: sms}
    strategy: gentle
default: default
"""


def book_of(actor: Actor, text: str) -> SegmentBook:
    known = actor.dependencies.strategies
    book, wrong = read_book(yaml.safe_load(text), known, ATTRIBUTES.declared)
    assert wrong == []
    assert book is not None
    return book


async def would(
    pool: Pool, actor: Actor, text: str, now: datetime, segment: str | None = None
) -> list[Looked]:
    factory = actor.dependencies.factory
    asked = Would(factory.strategies, book_of(actor, text))
    return [one async for one in looked(pool, factory, asked, now, segment)]


@pytest.fixture
async def three(actor: Actor, pool: Pool, now: datetime) -> None:
    """Beside A1: one of another customer, large; one that is a vip."""
    due = now.date() - timedelta(days=10)
    await add_customer(pool, "C2", points=(("sms", "mobile", "+573990000002"),))
    await add_account(pool, "A2", "C2", due=due, balance="900000")
    await add_account(pool, "A3", "C2", due=due, balance="50")
    await pool.execute(
        """UPDATE accounts SET attributes = '{"vip": true}' WHERE account_id = 'A3'"""
    )


@pytest.mark.usefixtures("three")
async def test_what_is_told_is_what_comes_and_nothing_is_written(
    choosing: Choosing, pool: Pool, now: datetime
) -> None:
    actor = choosing(VIPS)
    for name in ("A1", "A2", "A3"):
        await replace(actor, account_id=name).planned(now)
    before = await pool.fetch("SELECT * FROM accounts ORDER BY account_id")
    told = {one.account: one for one in await would(pool, actor, BY_BALANCE, now)}
    assert before == await pool.fetch("SELECT * FROM accounts ORDER BY account_id")
    assert {name: (one.before.segment, one.after.segment) for name, one in told.items()} == {
        "bank/A1": ("default", "large"),
        "bank/A2": ("default", "large"),
        "bank/A3": ("vips", "default"),
    }
    later = choosing(BY_BALANCE)
    for name in ("A1", "A2", "A3"):
        await replace(later, account_id=name).planned(now + timedelta(minutes=1))
    for row in await pool.fetch("SELECT * FROM accounts"):
        after = told[f"bank/{row['account_id']}"].after
        assert (row["strategy"], row["segment"], row["phase"]) == after


@pytest.mark.usefixtures("three")
async def test_the_present_files_would_move_nobody_once_all_are_planned(
    choosing: Choosing, pool: Pool, now: datetime
) -> None:
    actor = choosing(VIPS)
    for name in ("A1", "A2", "A3"):
        await replace(actor, account_id=name).planned(now)
    moves = Moves()
    for one in await would(pool, actor, VIPS, now):
        moves.count(one)
    assert (moves.looked_at, moves.moved, moves.default) == (3, 0, 2)
    assert [one.account for one in await would(pool, actor, VIPS, now, "vips")] == ["bank/A3"]


async def test_what_a_rule_asks_of_addresses_and_wishes_is_looked_up(
    choosing: Choosing, pool: Pool, now: datetime
) -> None:
    actor = choosing("")
    [one] = await would(pool, actor, REACHED, now)
    assert one.after.segment == "reached"
    await pool.execute("UPDATE contact_points SET consented = false WHERE channel = 'sms'")
    [one] = await would(pool, actor, REACHED, now)
    assert one.after.segment == "default"


async def test_an_account_that_is_pinned_stays_where_it_is_pinned(
    choosing: Choosing, pool: Pool, now: datetime
) -> None:
    actor = choosing(VIPS)
    said = {"kind": "account_updated", "id": "u1", "strategy": "gentle"}
    await actor.record(now, said)
    [one] = await would(pool, actor, BY_BALANCE, now)
    assert (one.after.strategy, one.after.segment) == ("gentle", "large")


@pytest.mark.usefixtures("three")
async def test_where_accounts_stand_is_counted_by_what_is_on_record(
    choosing: Choosing, pool: Pool, now: datetime
) -> None:
    actor = choosing(VIPS)
    for name in ("A1", "A3"):
        await replace(actor, account_id=name).planned(now)
    rows = await standing(pool, None)
    assert {(one["strategy"], one["segment"], one["accounts"]) for one in rows} == {
        ("default", None, 1),
        ("default", "default", 1),
        ("gentle", "vips", 1),
    }
    assert [one["accounts"] for one in await standing(pool, "vips")] == [1]


async def told_twice(
    pool: Pool, factory: RulesFactory, now: datetime
) -> list[tuple[dict[str, Value | None], dict[str, Value | None]]]:
    """The facts of each account, as they are read for all of them, and as for planning."""
    declared = ATTRIBUTES.declared
    found = []
    async with pool.acquire() as connection, connection.transaction():
        async for row in rows_of.each_account(connection, None):
            light = facts_of(_seen(row, tuple(row["zones"])), declared, now)
            read = await read_situation(connection, row["creditor"], row["account_id"], now, {})
            assert read is not None
            made = await chosen(factory, connection, read[0], now)
            assert made is not None
            found.append((light, dict(made.facts)))
    return found


@pytest.mark.usefixtures("three")
async def test_both_ways_to_read_the_facts_of_an_account_agree(
    choosing: Choosing, pool: Pool, now: datetime
) -> None:
    """But for those that only planning reads: addresses and wishes."""
    actor = choosing(VIPS)
    promise: dict[str, Any] = {"kind": "record_promise", "id": "p1", "amount": "50"}
    by = (now + timedelta(days=3)).date().isoformat()
    await replace(actor, account_id="A3").record(now, promise | {"date": by})
    paid = {"kind": "payment_received", "id": "y1", "amount": "50"}
    fell_due = [now.date() - timedelta(days=days) for days in (10, 5)]
    due = [{"date": day.isoformat(), "amount": "450000"} for day in fell_due]
    listed = {"kind": "account_updated", "id": "d1", "balance": "900000", "due": due}
    part = {"kind": "payment_received", "id": "y2", "amount": "450000"}
    await replace(actor, account_id="A2").record(now, listed | {"as_of": now.isoformat()})
    await replace(actor, account_id="A2").record(now + timedelta(minutes=1), part)
    await replace(actor, account_id="A3").record(now + timedelta(minutes=1), paid)
    await pool.execute("UPDATE accounts SET status = 'open', balance = 5 WHERE account_id = 'A3'")
    await pool.execute("UPDATE accounts SET score = 0.25 WHERE account_id = 'A2'")
    later = now + timedelta(minutes=2)
    pairs = await told_twice(pool, actor.dependencies.factory, later)
    assert len(pairs) == 3
    for light, whole in pairs:
        apart = {name for name in light if name.startswith(CONTACTABLE) or name == WISHED}
        assert {n: v for n, v in light.items() if n not in apart} == {
            n: v for n, v in whole.items() if n not in apart
        }
    oldest = (local_date(later, ("America/Bogota",)) - fell_due[1]).days
    assert oldest in {light["days_past_due"] for light, _ in pairs}, "the oldest is paid"
    assert {str(light["score"]) for light, _ in pairs} == {"0.25", "None"}
    assert {light["open_accounts"] for light, _ in pairs} == {1, 2}


async def test_a_preview_goes_by_what_will_be_chosen_and_writes_nothing(
    choosing: Choosing, pool: Pool, now: datetime
) -> None:
    actor = choosing(BY_BALANCE)
    parts = actor.dependencies
    ref = AccountRef(creditor="bank", account_id="A1")
    found = await preview(pool, parts.settings, parts.factory, ref, now, 1)
    assert found.strategy == "gentle"
    assert await pool.fetchval("SELECT chosen_by FROM accounts") is None
    other = await preview(pool, parts.settings, parts.factory, ref, now, 1, "default")
    assert other.strategy == "default"
