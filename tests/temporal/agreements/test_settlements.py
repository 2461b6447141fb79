"""A settlement on a real server: offered, approved by another, accepted by a command, paid."""

import asyncio
import json
import os
import sys
from datetime import timedelta
from typing import Any

import pytest

from lab.local.temporal import LocalTemporal
from store.database import Pool
from tests.support.life import Life, days_ago
from tests.support.rows import add_account, add_customer, attempts


async def collected(life: Life, pool: Pool) -> None:
    """In the United States, where no law keeps a week between two messages by SMS."""
    await add_customer(pool, country="US", zones=("America/New_York",), preferred="sms")
    await add_account(pool, life.account_id, due=days_ago(10))
    await life.start()
    await life.until(lambda _: True)


@pytest.mark.usefixtures("settling")
async def test_a_settlement_is_lived_through_to_its_end(life: Life, pool: Pool) -> None:
    """Above its maker's authority, approved by another, told, accepted, remembered and paid."""
    await collected(life, pool)
    before = len(await attempts(pool))
    made = {"id": "s1", "discount": "40", "by": "ana", "role": "agent"}
    answer = await life.update("offer_settlement", **made)
    assert answer["note"].endswith("waits for supervisor (up to 40 %), another person")
    assert (await life.state())["settlement"]["state"] == "proposed"
    same = {"offer": "s1", "by": "ana", "role": "supervisor"}
    refused = await life.refused("approve_settlement", {"id": "a0", **same})
    assert refused == "by: must be another person than who offered it"
    answer = await life.update("approve_settlement", id="a1", **{**same, "by": "eva"})
    assert answer["next_step"]["purpose"] == "settlement_offer"
    assert "Approve settlement: recorded, s1; offered, 90000.00 COP" in " ".join(await life.told())
    while len(await attempts(pool)) == before:
        await life.to_next()
    accepting = {"offer": "s1", "how": "message"}
    await life.update("accept_settlement", id="x1", **accepting)
    state = await life.state()
    assert (state["status"], state["settlement"]["state"]) == ("settling", "accepted")
    again = await life.update("accept_settlement", id="x2", **accepting)
    assert again["note"] == "nothing changed: it was so before"
    while len(said := (await attempts(pool))[before:]) < 2:
        await life.to_next()
    assert [row["purpose"] for row in said] == ["settlement_offer", "settlement_reminder"]
    await life.signal("payment_received", id="pay-1", amount="90000.00")
    result = await life.result()
    assert (result["reason"], result["balance"]) == ("settled", "60000.00")
    assert await pool.fetchval("SELECT state FROM settlement_offers") == "paid"


@pytest.mark.usefixtures("settling")
async def test_an_offer_that_nobody_accepts_lapses_and_the_account_goes_on(
    life: Life, pool: Pool
) -> None:
    await collected(life, pool)
    await life.update("offer_settlement", id="s1", amount="120000.00", by="ana", role="agent")
    await life.forward(timedelta(days=17))
    refused = await life.refused("accept_settlement", {"id": "x1", "offer": "s1", "how": "page"})
    assert refused == "offer: s1 has lapsed"
    said = [row["purpose"] for row in await attempts(pool)]
    assert said.count("settlement_offer") == 1
    assert {"reminder", "settlement_offer"} == set(said)


@pytest.mark.usefixtures("working")
@pytest.mark.parametrize(
    ("update", "payload", "words"),
    [
        ("offer_settlement", {"id": "s"}, "OfferSettlement: by: "),
        (
            "offer_settlement",
            {"id": "s", "discount": 20, "by": "Ana María", "role": "agent"},
            "OfferSettlement: by: ",
        ),
        (
            "offer_settlement",
            {"id": "s", "discount": 20, "by": "ana", "role": "agent"},
            "discount: nobody has authority over 20.00 % of 150000.00 COP",
        ),
        ("accept_settlement", {"id": "x", "offer": "s", "how": "fax"}, "AcceptSettlement: how: "),
        (
            "accept_settlement",
            {"id": "x", "offer": "s", "how": "call"},
            "offer: there is no offer s",
        ),
        ("withdraw_settlement", {"id": "x"}, "offer: none stands"),
    ],
)
async def test_what_cannot_be_is_refused_in_words(
    life: Life, pool: Pool, update: str, payload: Any, words: str
) -> None:
    await collected(life, pool)
    assert (await life.refused(update, payload)).startswith(words)
    assert await pool.fetchval("SELECT count(*) FROM settlement_offers") == 0


async def typed(*words: str, **variables: str) -> tuple[int, dict[str, Any] | str]:
    """A command as it is typed: its exit status, and what it answers."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "workers", "account", "settlement", *words, "--json"),
        env={**os.environ, **variables},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, errors = await process.communicate()
    told = json.loads(out) if out else " ".join(errors.decode().split())
    return process.returncode or 0, told


@pytest.mark.usefixtures("settling")
async def test_an_operator_types_all_of_it(
    life: Life, pool: Pool, database_url: str, temporal: LocalTemporal
) -> None:
    await collected(life, pool)
    account, known = f"bank/{life.account_id}", ("--by", "ana", "--role", "agent")
    world = {"CONTRAPUNTO_DATABASE_URL": database_url, "TEMPORAL_ADDRESS": temporal.address}
    status, told = await typed("offer", account, "--discount", "40", *known, **world)
    assert status == 0 and isinstance(told, dict)
    assert told["note"].startswith("proposed, 90000.00 COP for 150000.00 (40.00 %)")
    offer = told["id"]
    status, told = await typed("approve", account, offer, *known, **world)
    assert (status, told) == (
        2,
        "error: refused: by: must be another person than who offered it",
    )
    boss = ("--by", "eva", "--role", "supervisor")
    assert (await typed("approve", account, offer, *boss, **world))[0] == 0
    assert (await typed("accept", account, offer, "--how", "call", **world))[0] == 0
    assert (await life.state())["status"] == "settling"
    assert (await typed("withdraw", account, "--reason", "a mistake", **world))[0] == 0
    assert (await life.state())["settlement"] is None
    assert "Withdraw settlement: recorded, the one that stands, a mistake" in " ".join(
        await life.told()
    )
    assert (await typed("offer", account, "--amount", "75000.00", *known, **world))[0] == 2
    status, told = await typed("offer", account, "--amount", "90000.00", *known, **world)
    assert isinstance(told, dict)
    assert (await typed("decline", account, told["id"], *boss, **world))[0] == 0
    rows = await pool.fetch("SELECT state FROM settlement_offers ORDER BY offered_at")
    assert [row["state"] for row in rows] == ["withdrawn", "declined"]
