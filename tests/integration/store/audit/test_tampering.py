"""Whatever a superuser does to the audit is found, and the row is said."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import asyncpg
import pytest

from lab.local.postgres import LocalPostgres
from store.audit.act import Act, Stage
from store.audit.chains import LANES, Anchor, anchor, verify
from store.audit.writing import Entry, forget, write
from store.database import Pool
from tests.integration.store.audit.conftest import ANA, lane_of, tamper, wrong

HEAD = (
    "UPDATE audit_lanes SET place = (SELECT max(place) FROM audit WHERE lane = $lane), "
    "digest = (SELECT digest FROM audit WHERE lane = $lane ORDER BY place DESC LIMIT 1) "
    "WHERE lane = $lane"
)
# All digests of the chain reckoned anew, as one who knows how it is done does it.
REWRITE = """
DO $$ DECLARE e audit; before bytea := ''; BEGIN
    FOR e IN SELECT * FROM audit WHERE lane = $lane ORDER BY place LOOP
        before := sha256(before || convert_to(jsonb_build_array(e.lane, e.place,
            to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), e.act, e.actor, e.what,
            e.stage, e.person, e.account, e.message, e.reason, e.told)::text, 'UTF8'));
        UPDATE audit SET digest = before WHERE lane = e.lane AND place = e.place;
    END LOOP;
END $$
"""
RENUMBER = "UPDATE audit SET place = place - 1 WHERE lane = $lane AND place > {}"


async def test_what_nobody_touched_is_as_it_was_written(written: Pool) -> None:
    found = await verify(written, [await anchor(written, datetime.now(UTC))])
    assert (found.entries, found.wrong) == (12, [])


async def test_an_audit_of_nobody_is_well(pool: Pool) -> None:
    assert (await verify(pool)).wrong == []


CHANGED = "was changed, or put in the place of another, or the one before it was"
TAMPERED: dict[str, tuple[tuple[str, ...], list[tuple[int, str]]]] = {
    "an actor": (("UPDATE audit SET actor = 'user:eve@desk' WHERE place = 5",), [(5, CHANGED)]),
    "an instant": (("UPDATE audit SET at = at - interval '1us' WHERE place = 1",), [(1, CHANGED)]),
    "a person": (("UPDATE audit SET person = NULL WHERE place = 12",), [(12, CHANGED)]),
    "what was told": (("UPDATE audit SET told = '{}' WHERE place = 7",), [(7, CHANGED)]),
    "a stage": (("UPDATE audit SET stage = 'failed' WHERE place = 7",), [(7, CHANGED)]),
    "a digest": (
        ("UPDATE audit SET digest = sha256('x') WHERE place = 4",),
        [(4, CHANGED), (5, CHANGED)],
    ),
    "a row and its digest": (
        (
            "UPDATE audit SET actor = 'user:eve@desk' WHERE place = 4",
            "UPDATE audit SET digest = sha256('x') WHERE place = 4",
        ),
        [(4, CHANGED), (5, CHANGED)],
    ),
    "a row away": (("DELETE FROM audit WHERE place = 6",), [(6, "is missing")]),
    "rows away": (
        ("DELETE FROM audit WHERE place IN (6, 7)",),
        [(6, "is missing, and all up to place 7")],
    ),
    "the first row away": (("DELETE FROM audit WHERE place = 1",), [(1, "is missing")]),
    "a row away, and the gap closed": (
        ("DELETE FROM audit WHERE place = 6", RENUMBER.format(6)),
        [(number, CHANGED) for number in range(6, 12)] + [(12, "is missing: the end of its chain")],
    ),
    "a row put in at the end": (
        (
            "INSERT INTO audit SELECT lane, 13, at, act, actor, what, stage, person, account, "
            "message, NULL, told, digest FROM audit WHERE place = 12",
        ),
        [(13, CHANGED), (13, "stands behind the end of its chain: it was put in")],
    ),
    "a row put in between": (
        (
            "UPDATE audit SET place = place + 100 WHERE place > 6",
            "INSERT INTO audit SELECT lane, 7, at, act, actor, what, stage, person, account, "
            "message, NULL, told, digest FROM audit WHERE place = 6",
            "UPDATE audit SET place = place - 99 WHERE place > 100",
        ),
        [(number, CHANGED) for number in range(7, 14)]
        + [(13, "stands behind the end of its chain: it was put in")],
    ),
    "two rows swapped": (
        (
            "UPDATE audit SET place = 100 WHERE place = 3",
            "UPDATE audit SET place = 3 WHERE place = 9",
            "UPDATE audit SET place = 9 WHERE place = 100",
        ),
        [(3, CHANGED), (4, CHANGED), (9, CHANGED), (10, CHANGED)],
    ),
    "what two rows say swapped": (
        (
            "UPDATE audit a SET told = b.told FROM audit b "
            "WHERE (a.place, b.place) IN ((3, 9), (9, 3))",
        ),
        [(3, CHANGED), (9, CHANGED)],
    ),
    "the end away": (
        ("DELETE FROM audit WHERE place > 10",),
        [(11, "is missing, and all up to place 12: the end of its chain")],
    ),
    "all away": (
        ("DELETE FROM audit",),
        [(1, "is missing, and all up to place 12: the end of its chain")],
    ),
    "where a chain ends": (
        ("UPDATE audit_lanes SET digest = sha256('x') WHERE lane = $lane",),
        [(12, "is another than its chain's end: it was changed")],
    ),
    "the end of a chain away": (
        ("DELETE FROM audit_lanes WHERE lane = $lane",),
        [(12, "its chain's end is missing in audit_lanes")],
    ),
}


@pytest.mark.parametrize("tampered", TAMPERED)
async def test_what_a_superuser_does_is_found_at_its_row(written: Pool, tampered: str) -> None:
    statements, found = TAMPERED[tampered]
    lane = await lane_of(written)
    await tamper(written, *statements)
    # Words of a row that is gone, or is another now, are told beside it.
    told = [one for one in await wrong(written) if "reason" not in one.what]
    assert [tuple(one) for one in told] == [(lane, *one) for one in found]


async def test_a_reason_changed_or_taken_away_is_found(written: Pool) -> None:
    lane = await lane_of(written)
    await tamper(
        written,
        "UPDATE audit_words SET words = 'nobody asked' WHERE place = 2",
        "UPDATE audit_words SET salt = sha256('x') WHERE place = 3",
        "DELETE FROM audit_words WHERE place = 4",
        "INSERT INTO audit_words VALUES ($lane, 99, 'x', 'of nothing')",
    )
    assert [(one.row, one.what) for one in await wrong(written)] == [
        (f"{lane}:2", "its reason was changed"),
        (f"{lane}:3", "its reason was changed"),
        (f"{lane}:4", "its reason is gone, without an erasure"),
        (f"{lane}:99", "has words in audit_words, and is no entry with a reason"),
    ]


async def test_a_persons_key_that_is_gone_without_an_erasure_is_found(written: Pool) -> None:
    await tamper(written, "DELETE FROM audit_persons WHERE customer_id = 'C2'")
    [one] = await wrong(written)
    assert (one.place, one.what) == (2, "the key of its person is gone, without an erasure")


@pytest.mark.parametrize("what", ["DISABLE TRIGGER audit_chain", "DISABLE TRIGGER ALL"])
async def test_a_guard_that_is_off_is_found(written: Pool, what: str) -> None:
    await written.execute(f"ALTER TABLE audit {what}")
    try:
        told = [one.what for one in await wrong(written)]
    finally:
        await written.execute("ALTER TABLE audit ENABLE TRIGGER ALL")
    assert "the trigger audit_chain on audit is missing or disabled" in told[0]
    assert await wrong(written) == []


# --- with an anchor -----------------------------------------------------------------------------


async def test_an_end_that_is_taken_away_with_its_mark_is_found_with_an_anchor(
    written: Pool,
) -> None:
    kept, lane = await anchor(written, datetime.now(UTC)), await lane_of(written)
    await tamper(written, "DELETE FROM audit_words WHERE place > 9")
    await tamper(written, "DELETE FROM audit WHERE place > 9", HEAD)
    assert await wrong(written) == []
    [one] = (await verify(written, [kept])).wrong
    assert one.row == f"{lane}:10"
    assert one.what.startswith("is missing, and is in the anchor of")


async def test_a_chain_that_is_written_anew_is_found_with_an_anchor(written: Pool) -> None:
    kept, lane = await anchor(written, datetime.now(UTC)), await lane_of(written)
    rewrite = "UPDATE audit SET actor = 'user:eve@desk' WHERE place = 5"
    await tamper(written, rewrite, REWRITE, HEAD)
    assert await wrong(written) == []
    [one] = (await verify(written, [kept])).wrong
    assert one.row == f"{lane}:12"
    assert "it, or one before it, was written anew" in one.what


async def test_of_several_anchors_the_first_that_differs_says_where(written: Pool) -> None:
    """The chain as it was after four entries is another than after the fourth was changed."""
    lane = await lane_of(written)
    rows = await written.fetch("SELECT place, digest FROM audit ORDER BY place")
    anchors = [
        Anchor.model_validate(
            {"at": datetime.now(UTC), "lanes": {lane: (row["place"], row["digest"].hex())}}
        )
        for row in rows
        if row["place"] in (3, 6, 9)
    ]
    await tamper(written, "UPDATE audit SET what = 'x' WHERE place = 5", REWRITE, HEAD)
    found = (await verify(written, anchors)).wrong
    assert [one.place for one in found] == [6, 9]


async def test_an_anchor_of_before_stands_when_more_is_written(written: Pool) -> None:
    kept = Anchor.model_validate_json((await anchor(written, datetime.now(UTC))).model_dump_json())
    for _ in range(20):
        await write(written, Act(ANA, "account resume"), Entry(Stage.BEGAN))
    assert (await verify(written, [kept])).wrong == []


# --- what is refused, and to whom ---------------------------------------------------------------


@pytest.mark.parametrize("table", ["audit", "audit_words", "audit_persons"])
@pytest.mark.parametrize("what", ["DELETE FROM {}", "TRUNCATE {}"])
async def test_nothing_is_taken_away(written: Pool, table: str, what: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match=f"{table} is only ever added to"):
        await written.execute(what.format(table))


async def test_nothing_is_changed_and_no_chain_is_taken_away(written: Pool) -> None:
    for statement in (
        "UPDATE audit SET actor = 'x' WHERE false",
        "UPDATE audit_words SET words = 'x'",
        "UPDATE audit_persons SET key = 'x'",
        "DELETE FROM audit_lanes",
        "TRUNCATE audit_lanes",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="is only ever added to"):
            await written.execute(statement)
    assert await wrong(written) == []


async def test_a_role_of_the_processes_adds_by_the_function_and_can_do_nothing_else(
    written: Pool, postgres: LocalPostgres
) -> None:
    await written.execute(
        "DO $$ BEGIN CREATE ROLE audited_process LOGIN BYPASSRLS; "
        "EXCEPTION WHEN duplicate_object THEN NULL; END $$"
    )
    await written.execute("GRANT SELECT, INSERT, UPDATE ON accounts, customers TO audited_process")
    url = postgres.url.replace("postgres@", "audited_process@")
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            "SELECT audit_write('a', 'user:x@y', 'account hold', 'began', NULL, 'bank/A1', NULL, "
            "'why', NULL, NULL, '{}')"
        )
        await connection.execute(
            """SELECT set_config('contrapunto.act', '{"act": "a", "actor": "b", "what": "c"}', """
            "false)"
        )
        await connection.execute("UPDATE accounts SET hold_until = now(), hold_reason = 'x'")
        for statement in (
            "INSERT INTO audit (act) VALUES ('x')",
            "UPDATE audit SET actor = 'x'",
            "DELETE FROM audit",
            "TRUNCATE audit",
            "SELECT * FROM audit",
            "SELECT * FROM audit_persons",
            "UPDATE audit_lanes SET place = 0",
            "DELETE FROM audit_words",
            "SELECT audit_forget('{C1}', 'a', 'b', 'c')",
            "ALTER TABLE audit DISABLE TRIGGER ALL",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    finally:
        await connection.close()
        await written.execute("DROP OWNED BY audited_process; DROP ROLE audited_process")
    found = await verify(written)
    assert (found.entries, found.wrong) == (15, [])


# --- writers beside each other ------------------------------------------------------------------


async def test_writers_do_not_wait_for_each_other(people: Pool) -> None:
    """Eight that have written, and are not over, hold a chain each."""
    async with AsyncExitStack() as stack:
        for _ in range(8):
            connection = await stack.enter_async_context(people.acquire())
            await stack.enter_async_context(connection.transaction())
            await connection.execute("SET LOCAL lock_timeout = '2s'")
            await write(connection, Act(ANA, "account hold"), Entry(Stage.BEGAN))
            await write(connection, Act(ANA, "account hold"), Entry(Stage.BEGAN))
    lanes = await people.fetch("SELECT lane, count(*) FROM audit GROUP BY lane")
    assert sorted(row["count"] for row in lanes) == [2] * 8
    assert await wrong(people) == []


async def test_many_writers_at_once_leave_whole_chains(people: Pool) -> None:
    async def one(number: int) -> None:
        async with people.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            for _ in range(3):
                await write(connection, Act(ANA, "x"), Entry(Stage.BEGAN, account="bank/A1"))
            await (transaction.rollback() if number % 4 == 0 else transaction.commit())

    await asyncio.gather(*(one(number) for number in range(60)))
    found = await verify(people)
    assert (found.entries, found.wrong) == (135, [])
    lanes = await people.fetchval("SELECT count(*) FROM audit_lanes")
    assert lanes == LANES


async def test_what_a_savepoint_takes_back_leaves_no_gap(people: Pool) -> None:
    async with people.acquire() as connection, connection.transaction():
        await write(connection, Act(ANA, "x"), Entry(Stage.BEGAN))
        inner = connection.transaction()
        await inner.start()
        await write(connection, Act(ANA, "y"), Entry(Stage.BEGAN))
        await inner.rollback()
        await write(connection, Act(ANA, "z"), Entry(Stage.BEGAN))
    found = await verify(people)
    assert (found.entries, found.wrong) == (2, [])


# --- erasure ------------------------------------------------------------------------------------


async def test_an_erased_person_is_nobody_in_the_audit_and_the_chain_holds(written: Pool) -> None:
    kept = await anchor(written, datetime.now(UTC))
    key = await written.fetchval("SELECT key FROM audit_persons WHERE customer_id = 'C1'")
    async with written.acquire() as connection, connection.transaction():
        assert await forget(connection, Act(ANA, "customer erase"), ["C1", "nobody"]) == 1
    assert (await verify(written, [kept])).wrong == []
    left = await written.fetch(
        "SELECT e::text || coalesce(w.words, '') AS text, e.stage FROM audit e "
        "LEFT JOIN audit_words w USING (lane, place)"
    )
    whole = " ".join(row["text"] for row in left)
    assert "asked for it, 0" not in whole
    assert "asked for it, 1" in whole  # the other's
    assert "C1" not in whole and "A1" not in whole
    assert [row["stage"] for row in left].count("forgot") == 1
    assert not await written.fetchval("SELECT count(*) FROM audit_persons WHERE key = $1", key)
