"""What an act changes is told in the transaction of the change, and of nobody's act is nothing."""

import asyncio
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.ledger.attempt import AttemptState
from domain.names import contact_point_id
from store.audit.act import Act, opened
from store.audit.chains import verify
from store.audit.writing import begin
from store.database import Pool, connect
from store.settlements import Settling
from tests.integration.store.audit.conftest import ANA
from tests.support.activities import Actor
from tests.support.rows import attempts

ATTEMPT = (
    "INSERT INTO attempts (attempt_id, creditor, account_id, customer_id, covers, step, touch, "
    "phase, purpose, channel, provider, contact_point_id, state, jurisdictions, zones, not_before, "
    "not_after, reserved_at, dispatched_at, facts_seen) VALUES ('t1', 'bank', 'A1', 'C1', "
    "'{bank/A1}', 1, 1, 'early', 'reminder', 'sms', 'twilio', $1, 'reserved', '{CO}', "
    "'{America/Bogota}', $2, $2, $2, $2, 0)"
)
MOVE = "UPDATE attempts SET state = $1"


async def entries(pool: Pool) -> list[dict[str, Any]]:
    found = await pool.fetch(
        "SELECT e.*, w.words FROM audit e LEFT JOIN audit_words w USING (lane, place) ORDER BY at"
    )
    return [dict(one) for one in found]


@pytest.fixture
async def unknown(people: Pool) -> Pool:
    """An attempt of which nobody could say whether the provider took it."""
    point = contact_point_id("C1", "sms", "+573001234567")
    await people.execute(ATTEMPT, point, datetime.now(UTC) - timedelta(days=1))
    for state in ("dispatching", "unknown"):
        await people.execute(MOVE, state)
    return people


async def test_a_settlement_is_told_with_its_note_in_its_transaction(unknown: Pool) -> None:
    now = datetime.now(UTC)
    with opened(Act(ANA, "ledger settle", reason="typed")):
        said = ("t1", AttemptState.ACCEPTED, "found on their page", "eva", now)
        await Settling(unknown).settle(*said)
    [one] = await entries(unknown)
    assert (one["actor"], one["what"], one["stage"]) == (ANA, "ledger settle", "changed")
    assert one["words"] == "found on their page"
    after = one["told"]["after"]
    assert (one["told"]["table"], one["told"]["before"]) == ("settlements", None)
    assert (after["outcome"], after["settled_by"]) == ("accepted", "eva")
    assert after["attempt_id"].startswith("#") and after["note"].startswith("#")
    assert one["person"] is not None and one["account"] is not None
    assert (await verify(unknown)).wrong == []


async def test_what_is_rolled_back_leaves_no_entry(unknown: Pool) -> None:
    with opened(Act(ANA, "x")):
        async with unknown.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute("UPDATE accounts SET hold_until = now() + interval '1 day'")
            assert await connection.fetchval("SELECT count(*) FROM audit") == 2
            await transaction.rollback()
    assert await entries(unknown) == []


async def test_only_what_changed_of_a_row_is_told(people: Pool) -> None:
    with opened(Act(ANA, "x", reason="as typed")):
        await people.execute(
            "UPDATE accounts SET balance = 7, phase = 'late' WHERE account_id = 'A1'"
        )
        await people.execute("UPDATE accounts SET balance = 7, next_summary = 'x'")
        await people.execute("UPDATE customers SET name = 'Marta Rojas'")
    found = await entries(people)
    told = [one["told"] for one in found]
    # Of the second account the balance is new, too.
    assert [one["after"] for one in told][:1] == [
        {"creditor": "bank", "balance": 7, "phase": told[0]["after"]["phase"]}
    ]
    assert told[0]["after"]["phase"].startswith("#")
    assert len(found) == 2 and {one["words"] for one in found} == {"as typed"}


async def test_a_connection_that_goes_on_is_nobodys(database_url: str, people: Pool) -> None:
    """One connection, taken in turns by acts, by several at work for none, and by another act."""
    async with connect(database_url, 1) as pool:
        hold = "UPDATE accounts SET hold_until = now() + make_interval(days => $1)"
        for number, act in enumerate((Act(ANA, "one"), None, Act("user:eva@desk", "two"), None)):
            with opened(act):
                if act is not None:
                    act.begun = True
                await pool.execute(hold, number)
    found = await entries(people)
    assert [(one["actor"], one["what"]) for one in found] == [(ANA, "one")] * 2 + [
        ("user:eva@desk", "two")
    ] * 2


async def test_acts_beside_each_other_are_not_taken_for_one_another(people: Pool) -> None:
    async def work(number: int) -> None:
        with opened(Act(f"user:u{number}@desk", f"act {number}")):
            for _ in range(5):
                await people.execute(
                    "UPDATE accounts SET balance = balance + 1 WHERE account_id = 'A1'"
                )

    await asyncio.gather(*(work(number) for number in range(12)))
    found = await entries(people)
    assert len(found) == 60
    assert all(f"user:{one['what'].replace('act ', 'u')}@desk" == one["actor"] for one in found)
    assert (await verify(people)).wrong == []


@pytest.mark.parametrize("odd", ["\0", "a\0b", "\udcff", "\u202e", "x" * 100_000, "Zoë\n"])
async def test_whatever_somebody_types_is_on_record(people: Pool, odd: str) -> None:
    act = Act(f"user:{odd}@desk", "x", odd, odd, odd, {"by": odd, "list": [odd, float("nan")]})
    await begin(people, act)
    with opened(act):
        await people.execute("UPDATE accounts SET hold_until = now()")
    assert len(await entries(people)) == 3
    assert (await verify(people)).wrong == []


async def test_a_contact_writes_nothing_into_the_audit(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await actor.contact(await actor.planned(now))
    assert len(await attempts(pool)) == 1
    assert await entries(pool) == []


async def typed(url: str, *words: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "workers", *words),
        env={**os.environ, "CONTRAPUNTO_DATABASE_URL": url, "TEMPORAL_ADDRESS": "127.0.0.1:1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


async def test_looks_and_exports_are_told_as_they_are_typed(
    people: Pool, database_url: str
) -> None:
    for words in (
        ("customer", "show", "C1", "--no-words"),
        ("customer", "show", "C1", "--by", "eva"),
        ("customer", "show", "C9"),
        ("ledger", "export", "--creditor", "bank"),
        ("account", "show", "bank/A1"),
    ):
        await typed(database_url, *words)
    found = await entries(people)
    assert [(one["what"], one["stage"], one["told"]) for one in found] == [
        ("customer show", "began", {"by": "eva"}),
        ("customer show", "looked", {"messages": 0}),
        ("customer show", "began", {}),
        ("customer show", "failed", {"as": "NotFound"}),
        ("ledger export", "began", {"creditor": "bank"}),
    ]
    persons = [one["person"] for one in found]
    assert persons[0] == persons[1] is not None
    assert persons[2:] == [None, None, None], "of whom nobody knows there is no key"
    status, said = await typed(database_url, "audit", "verify", "--json")
    assert (status, json.loads(said)) == (0, {"entries": 5, "anchors": 0, "wrong": 0})
