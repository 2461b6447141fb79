"""An audit with entries of several people, and a superuser who tampers with it."""

from datetime import UTC, datetime, timedelta

import pytest

from store.audit.act import Act, Stage
from store.audit.chains import Wrong, verify
from store.audit.writing import Entry, write
from store.database import Pool
from tests.support.rows import add_account, add_customer

ANA = "user:ana@desk"


@pytest.fixture
async def people(pool: Pool) -> Pool:
    """Two customers with an account each."""
    due = datetime.now(UTC).date() - timedelta(days=10)
    await add_customer(pool)
    await add_account(pool, due=due)
    await add_customer(pool, "C2", points=(("sms", "mobile", "+573007654321"),))
    await add_account(pool, "A2", "C2", due=due)
    return pool


@pytest.fixture
async def written(people: Pool) -> Pool:
    """Twelve entries in one chain."""
    async with people.acquire() as connection, connection.transaction():
        for number in range(12):
            account = f"bank/A{number % 2 + 1}"
            act = Act(ANA, "account hold", reason=f"asked for it, {number}", account=account)
            about = Entry(Stage.BEGAN, None, account, None, act.reason, told={"number": number})
            await write(connection, act, about)
    return people


async def lane_of(pool: Pool) -> int:
    """The chain that has entries."""
    found = await pool.fetch("SELECT DISTINCT lane FROM audit")
    [row] = found
    return int(row[0])


async def tamper(pool: Pool, *statements: str) -> None:
    """As a superuser does it, whom no trigger stops."""
    lane = str(await lane_of(pool))
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            await connection.execute(statement.replace("$lane", lane))


async def wrong(pool: Pool) -> list[Wrong]:
    """What is found."""
    return list((await verify(pool)).wrong)
