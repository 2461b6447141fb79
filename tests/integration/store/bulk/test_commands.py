"""`contrapunto bulk` as an operator runs it: nothing is given that was not seen and meant."""

import asyncio
import json
import os
import sys
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest

from config.settings import ROOT
from store.database import Pool
from tests.support.rows import add_account, add_customer

BANK = ("--creditor", "bank")


class Ran(NamedTuple):
    """What a command said."""

    status: int
    out: str
    error: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


class Operator:
    """Somebody at a shell, with no terminal to be asked at."""

    def __init__(self, pool: Pool, url: str) -> None:
        self.pool, self.url = pool, url

    async def runs(self, *words: str) -> Ran:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "workers", "bulk", *words),
            env={**os.environ, "CONTRAPUNTO_DATABASE_URL": self.url, "TEMPORAL_ADDRESS": "[::1]:1"},
            cwd=ROOT,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, error = await process.communicate()
        return Ran(process.returncode or 0, out.decode(), error.decode())

    async def starts(self, *words: str) -> Ran:
        return await self.runs("start", "--by", "ana", "--no-wait", *words)

    async def given(self) -> int:
        return int(await self.pool.fetchval("SELECT count(*) FROM bulk_orders"))


@pytest.fixture
async def operator(pool: Pool, database_url: str, now: datetime) -> Operator:
    due = now.date() - timedelta(days=10)
    await add_customer(pool)
    for number in range(3):
        await add_account(pool, f"A{number}", due=due)
    await pool.execute(
        "UPDATE accounts SET phase = 'early', next_kind = 'contact', next_at = now()"
    )
    return Operator(pool, database_url)


async def test_an_order_is_planned_given_shown_and_lifted(operator: Operator) -> None:
    planned = await operator.runs("plan", "--kind", "hold", *BANK)
    assert planned.status == 0, planned.error
    assert "hold of creditor bank\n  covers 3 open accounts of 1 customers" in planned.out
    assert "CO early: 3 accounts, 3 with a contact ahead, 3 of them within a day" in planned.out
    assert await operator.given() == 0

    hold = ("--kind", "hold", *BANK, "--reason", "flood [1]")
    unasked = await operator.starts(*hold)
    assert unasked.status == 2
    assert "covers 3 open accounts" in unasked.out
    assert "say --yes" in unasked.error
    assert await operator.given() == 0

    given = await operator.starts(*hold, "--yes")
    assert given.status == 0, given.error
    order = str(await operator.pool.fetchval("SELECT order_id FROM bulk_orders"))
    assert f"order {order} holds from now on" in given.out
    again = await operator.starts(*hold, "--yes")
    assert (again.status, await operator.given()) == (2, 1)
    assert f"order {order} says the same and stands" in again.error

    shown = await operator.runs("status")
    assert f"order {order}: hold of creditor bank: stands" in shown.out
    assert "because flood [1]; by ana" in shown.out
    assert f"contrapunto bulk resume {order}" in shown.out
    [told] = (await operator.runs("status", order, "--json")).lines
    assert (told["state"], told["scope"], told["accounts"]) == ("stands", {"creditor": "bank"}, 3)

    lifted = await operator.runs("lift", order, "--reason", "dry", "--by", "eva", "--no-wait")
    assert lifted.status == 0
    assert f"order {order} is lifted" in lifted.out
    twice = await operator.runs("lift", order, "--reason", "dry", "--no-wait")
    assert twice.status == 2
    assert "lifted already, by eva" in twice.error


async def test_an_order_holds_also_where_temporal_does_not_answer(operator: Operator) -> None:
    given = await operator.runs("start", "--kind", "cease", *BANK, "--reason", "sold", "--yes")
    assert given.status == 1
    assert await operator.given() == 1
    assert "contrapunto bulk resume" in given.error


EVERYTHING = ("--kind", "cease", "--everything", "--reason", "law")
REFUSED: dict[str, tuple[tuple[str, ...], str]] = {
    "everything, said once": ((*EVERYTHING, "--yes"), "--accounts 3"),
    "everything, miscounted": ((*EVERYTHING, "--yes", "--accounts", "300"), "--accounts 3"),
    "nobody": (
        ("--kind", "hold", "--creditor", "bnak", "--reason", "r", "--yes"),
        "covers no account that is open now",
    ),
    "no scope": (("--kind", "hold", "--reason", "r", "--yes"), "say which accounts"),
    "everything and more": ((*EVERYTHING, *BANK, "--yes"), "--everything"),
    "no reason": (("--kind", "hold", *BANK, "--reason", "  ", "--yes"), "reason"),
    "no country": (
        ("--kind", "hold", "--country", "Chile", "--reason", "r", "--yes"),
        "scope.countries.0",
    ),
    "no attribute": (
        ("--kind", "hold", "--attribute", "huge=1", "--reason", "r", "--yes"),
        "attributes.huge: is no attribute that is declared",
    ),
    "no value": (
        ("--kind", "hold", "--attribute", "huge", "--reason", "r", "--yes"),
        "must be name=value",
    ),
    "an end of a cease": (
        ("--kind", "cease", *BANK, "--reason", "r", "--until", "2099-01-01", "--yes"),
        "until: belongs to a hold",
    ),
    "an end that is over": (
        ("--kind", "hold", *BANK, "--reason", "r", "--until", "2020-01-01", "--yes"),
        "until: must lie ahead",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_what_is_not_meant_is_refused(operator: Operator, what: str) -> None:
    words, told = REFUSED[what]
    ran = await operator.starts(*words)
    assert ran.status == 2
    assert told in ran.error.replace("\n", " ")
    assert await operator.given() == 0


async def test_everything_is_given_to_who_says_how_many_that_is(operator: Operator) -> None:
    given = await operator.starts(*EVERYTHING, "--yes", "--accounts", "3", "--json")
    assert given.status == 0, given.error
    assert await operator.given() == 1
    plan, order = given.lines
    assert plan["accounts"] == 3
    assert order["order_id"] > 0


async def test_of_what_is_not_there_nothing_is_told(operator: Operator) -> None:
    assert "no order stands" in (await operator.runs("status")).out
    assert "nothing is left to be told" in (await operator.runs("resume")).out
    for words in (("status", "9"), ("resume", "9"), ("lift", "9", "--reason", "r")):
        ran = await operator.runs(*words)
        assert ran.status != 0
        assert "there is no order 9" in ran.error
