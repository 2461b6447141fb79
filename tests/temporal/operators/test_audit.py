"""Who asked stays known where a worker does it: on a real server, by the commands and the API."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from lab.local.temporal import LocalTemporal
from store.audit.chains import verify
from store.audit.entries import show
from store.database import Pool
from tests.integration.api.conftest import Desk, serving
from tests.support.life import Life, days_ago
from tests.support.rows import add_account, add_customer
from workers.accounts import Accounts


@pytest.fixture
async def desk(client: Client, pool: Pool, tmp_path: Path) -> AsyncIterator[Desk]:
    """The API before the real server."""
    async with serving(pool, tmp_path, datetime.now(UTC), Accounts(client)) as made:
        yield made


async def collected(life: Life, pool: Pool) -> None:
    await add_customer(pool, country="US", zones=("America/New_York",), preferred="sms")
    await add_account(pool, life.account_id, due=days_ago(10))
    await life.start()
    await life.until(lambda _: True)


async def entries(pool: Pool) -> list[dict[str, Any]]:
    found = await pool.fetch(
        "SELECT e.*, w.words FROM audit e LEFT JOIN audit_words w USING (lane, place) "
        "WHERE stage <> 'loaded' ORDER BY at"
    )
    return [dict(one) for one in found]


async def typed(world: dict[str, str], *words: str, given: str = "") -> tuple[int, str]:
    """A command as it is typed: its exit status, and all that it says."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "workers", *words),
        env={**os.environ, **world},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate(given.encode())
    return process.returncode or 0, out.decode()


def shown(said: str) -> list[dict[str, Any]]:
    """What is told, without the looks at the audit itself."""
    read = [json.loads(line) for line in said.splitlines()]
    return [one for one in read if one["what"] != "audit show"]


@pytest.mark.usefixtures("settling")
async def test_the_approver_of_a_settlement_is_whom_the_api_saw(
    desk: Desk, life: Life, pool: Pool
) -> None:
    await collected(life, pool)
    about = {"account": f"bank/{life.account_id}"}
    there = "/v1/customers/C1/settlements"
    made = await desk.post(there, "ana", json={"id": "s1", "discount": "40", **about})
    assert made.status_code == 201, made.text
    approving = {"id": "a1", "offer": "s1", **about}
    assert (await desk.post(f"{there}/approve", "sofia", json=approving)).status_code == 201
    found = await entries(pool)
    assert [one["told"] for one in found if one["told"].get("table") == "accounts"] == []
    told = [
        (one["actor"].split("#")[0], one["what"], one["stage"], one["told"].get("table"))
        for one in found
    ]
    assert told == [
        ("token:ana", "offer_settlement", "began", None),
        ("token:ana", "offer_settlement", "asked", None),
        ("token:ana", "offer_settlement", "caused", None),
        ("token:ana", "offer_settlement", "changed", "settlement_offers"),
        ("token:sofia", "approve_settlement", "began", None),
        ("token:sofia", "approve_settlement", "asked", None),
        ("token:sofia", "approve_settlement", "caused", None),
        ("token:sofia", "approve_settlement", "changed", "settlement_offers"),
    ]
    last = found[-1]["told"]
    assert (last["before"]["state"], last["after"]["state"]) == ("proposed", "offered")
    assert last["after"]["approved_by"] == "sofia"
    assert {one["account"] for one in found[1:]} == {found[1]["account"]} != {None}
    assert (await verify(pool)).wrong == []


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("working")
async def test_an_operator_types_it_and_reads_it_back(
    life: Life, pool: Pool, database_url: str, temporal: LocalTemporal, tmp_path: Path
) -> None:
    await collected(life, pool)
    world = {"CONTRAPUNTO_DATABASE_URL": database_url, "TEMPORAL_ADDRESS": temporal.address}
    account = f"bank/{life.account_id}"
    hold = ("account", "hold", account, "--until", "2026-12-24", "--reason", "her mother died")
    status, said = await typed(world, *hold)
    assert status == 0, said
    status, said = await typed(world, "account", "hold", account, "--until", "1990-01-01")
    assert status == 2
    found = await entries(pool)
    stages = [(one["what"], one["stage"]) for one in found]
    assert stages == [
        ("account hold", "began"),
        ("account hold", "asked"),
        ("account hold", "caused"),
        ("account hold", "changed"),
        ("account hold", "began"),
        ("account hold", "asked"),
        ("account hold", "caused"),
        ("account hold", "failed"),
    ]
    began, changed = found[0], found[3]
    assert began["actor"].startswith("user:") and "@" in began["actor"]
    assert (began["words"], began["told"]) == ("her mother died", {"until": "2026-12-24"})
    assert (changed["told"]["table"], changed["told"]["did"]) == ("accounts", "update")
    assert changed["told"]["before"]["hold_until"] is None
    assert changed["told"]["after"]["hold_until"].startswith("2026-12-25")
    assert changed["words"] == "her mother died"
    assert found[-2]["told"] == {"message": "hold", "refused": True}
    assert found[-1]["told"] == {"as": "BadInput"}
    whole = " ".join(str({**one, "words": None}) for one in found)
    assert [one for one in ("her mother", "C1", life.account_id) if one in whole] == []

    # It plans anew once more, by itself: that is nobody's act.
    await life.signal("payment_received", id="pay-1", amount="5.00")
    await life.until(lambda state: state["balance"] == "149995.00")
    assert len(await entries(pool)) == len(found)

    status, said = await typed(world, "audit", "show", "--account", account, "--json")
    read = shown(said)
    assert (status, len(read)) == (0, len(found))
    assert {(one["customer_id"], one["account"]) for one in read} == {("C1", account)}
    name = began["actor"].partition(":")[2].partition("@")[0]
    later = datetime.now(UTC) + timedelta(days=2)
    wanted: list[tuple[str | None, str | None, datetime | None, str | None, str | None, int]] = [
        (name, None, None, None, None, len(found)),
        ("nobody", None, None, None, None, 0),
        (None, "account", None, None, None, len(found)),
        (None, "rollout", None, None, None, 0),
        (None, None, later, None, None, 0),
        (None, None, None, None, "C1", len(found)),
        (None, None, None, None, "C2", 0),
        (None, None, None, "bank/other", None, 0),
    ]
    for who, what, since, of_account, of_customer, count in wanted:
        told = await show(pool, who, what, since, of_account, of_customer, 100)
        assert len([one for one in told if one.what != "audit show"]) == count, (who, what)
    [last] = await show(pool, None, "audit", None, None, None, 1)
    assert (last.what, last.stage) == ("audit show", "began")

    status, anchored = await typed(world, "audit", "anchor")
    assert status == 0
    kept = tmp_path / "anchors"
    kept.write_text(anchored, "utf-8")
    status, said = await typed(world, "audit", "verify", "--anchor", str(kept))
    assert (status, said.split(":")[-1].strip()) == (0, "all as it was written")
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute(
            "UPDATE audit SET actor = 'user:eve@x' WHERE (lane, place) = ($1, $2)",
            *(began["lane"], began["place"]),
        )
    status, said = await typed(world, "audit", "verify", "--anchor", "-", given=anchored)
    assert status == 1
    assert f"row {began['lane']}:{began['place']} was changed" in said


async def test_without_a_database_to_write_it_in_nothing_is_done(
    life: Life, temporal: LocalTemporal
) -> None:
    world = {"CONTRAPUNTO_DATABASE_URL": "", "TEMPORAL_ADDRESS": temporal.address}
    status, said = await typed(world, "report", "schedule", "--at", "06:00")
    assert status == 2, said
    assert "CONTRAPUNTO_DATABASE_URL" in said
    listed = [one async for one in await life.client.list_schedules()]
    assert listed == []
