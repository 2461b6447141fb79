"""A dispute and a hardship go along with their debt, under whatever number; one of each stands."""

from datetime import datetime

import pytest

from domain.planning.step import Status
from tests.integration.intake.comeback.test_taken_back import BEGAN, HOUR, take
from tests.integration.intake.desk import DAY, Desk
from tests.integration.intake.test_renumbered import AS_OF, LATER, NOW, owed


async def disputed(desk: Desk, account_id: str, at: datetime, name: str = "d") -> None:
    await desk.pool.execute(
        "INSERT INTO disputes (creditor, account_id, dispute_id, reason, opened_at, answer_due) "
        "VALUES ('banco-andino', $1, $2, 'amount', $3, $4)",
        *(account_id, name, at, (NOW + 9 * DAY).date()),
    )


async def in_hardship(desk: Desk, account_id: str, at: datetime, name: str = "h") -> None:
    await desk.pool.execute(
        "INSERT INTO hardships (creditor, account_id, hardship_id, reason, began_at, review_date, "
        "person_asked) VALUES ('banco-andino', $1, $2, 'income', $3, $4, true)",
        *(account_id, name, at, (at + 40 * DAY).date()),
    )


async def states(desk: Desk, kind: str, account_id: str) -> dict[str, str]:
    rows = await desk.pool.fetch(
        f"SELECT {kind}_id AS name, state FROM {kind}s WHERE account_id = $1", account_id
    )
    return {row["name"]: row["state"] for row in rows}


async def test_a_dispute_goes_along_to_the_new_number_and_back(desk: Desk) -> None:
    await take(desk, BEGAN, owed("A1"))
    await disputed(desk, "A1", BEGAN + DAY)
    await take(desk, AS_OF, owed("N1"))
    assert (await desk.plan(NOW, "N1")).view.status is Status.DISPUTED
    await desk.pool.execute(
        "UPDATE disputes SET state = 'resolved_for', resolved_at = $1 WHERE account_id = 'N1'",
        AS_OF + HOUR,
    )
    await take(desk, LATER, owed("A1"))
    assert await states(desk, "dispute", "A1") == {"d": "resolved_for"}


async def test_a_hardship_goes_along_to_the_new_number_and_back(desk: Desk) -> None:
    await take(desk, BEGAN, owed("A1"))
    await in_hardship(desk, "A1", BEGAN + DAY)
    await take(desk, AS_OF, owed("N1"))
    assert (await desk.plan(NOW, "N1")).view.status is Status.HARDSHIP
    await desk.pool.execute(
        "UPDATE hardships SET state = 'ended', ended_at = $1, ended_why = 'new job' "
        "WHERE account_id = 'N1'",
        AS_OF + HOUR,
    )
    await take(desk, LATER, owed("A1"))
    assert await states(desk, "hardship", "A1") == {"h": "ended"}


@pytest.mark.parametrize("into", ["N1", "A1", "A2"])
async def test_of_debts_that_become_one_one_of_each_stands(desk: Desk, into: str) -> None:
    """That of the number which goes on, or else the elder."""
    await take(desk, BEGAN, owed("A1", balance="1000"), owed("A2", balance="300"))
    for number, name in (("A1", "one"), ("A2", "two")):
        at = BEGAN + (1 if name == "one" else 2) * DAY
        await disputed(desk, number, at, name)
        await in_hardship(desk, number, at, name)
    await take(desk, LATER, owed(into, balance="1300"))
    stands = {"N1": "one", "A1": "one", "A2": "two"}[into]
    gives_way = {"one": "two", "two": "one"}[stands]
    assert await states(desk, "dispute", into) == {stands: "open", gives_way: "withdrawn"}
    assert await states(desk, "hardship", into) == {stands: "active", gives_way: "ended"}
    assert (await desk.plan(NOW, into)).view.status is Status.DISPUTED
