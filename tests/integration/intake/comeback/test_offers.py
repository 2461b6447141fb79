"""A settlement offer goes along with its debt, under whatever number that stands."""

from datetime import datetime

import pytest

from domain.planning.step import Status
from tests.integration.intake.comeback.test_taken_back import BEGAN, HOUR, take
from tests.integration.intake.desk import DAY, Desk
from tests.integration.intake.test_renumbered import AS_OF, LATER, NOW, owed

ACCEPT = """
UPDATE settlement_offers SET state = 'accepted', accepted_at = $1, accepted_how = 'call',
    due_on = $2 WHERE account_id = $3
"""


async def offered(desk: Desk, account_id: str, at: datetime, offer_id: str = "s") -> None:
    await desk.pool.execute(
        "INSERT INTO settlement_offers (creditor, account_id, offer_id, balance, amount, "
        "offered_at, offered_by, offered_as, expires_on, pay_within_days, grace_days, state) "
        "VALUES ('banco-andino', $1, $2, 100, 80, $3, 'ana', 'agent', $4, 10, 2, 'proposed')",
        *(account_id, offer_id, at, (NOW + 9 * DAY).date()),
    )


async def approved(desk: Desk, account_id: str) -> None:
    await desk.pool.execute(
        "UPDATE settlement_offers SET state = 'offered', authorized = 20 WHERE account_id = $1",
        account_id,
    )


async def states(desk: Desk, account_id: str) -> dict[str, str]:
    rows = await desk.pool.fetch(
        "SELECT offer_id, state FROM settlement_offers WHERE account_id = $1", account_id
    )
    return {row["offer_id"]: row["state"] for row in rows}


async def test_an_offer_goes_along_to_the_new_number_and_back_with_all_that_became_of_it(
    desk: Desk,
) -> None:
    await take(desk, BEGAN, owed("A1"))
    await offered(desk, "A1", BEGAN + DAY)
    await take(desk, AS_OF, owed("N1"))
    assert await states(desk, "N1") == {"s": "proposed"}
    await approved(desk, "N1")
    await desk.pool.execute(ACCEPT, NOW, (NOW + 9 * DAY).date(), "N1")
    assert (await desk.plan(NOW, "N1")).view.status is Status.SETTLING
    # More than one state further than under its first number.
    await take(desk, LATER, owed("A1"))
    assert await states(desk, "A1") == {"s": "accepted"}
    assert (await desk.plan(LATER + HOUR)).view.status is Status.SETTLING


async def test_what_is_over_under_the_new_number_is_over_under_the_old_one(desk: Desk) -> None:
    await take(desk, BEGAN, owed("A1"))
    await offered(desk, "A1", BEGAN + DAY)
    await take(desk, AS_OF, owed("N1"))
    await desk.pool.execute(
        "UPDATE settlement_offers SET state = 'withdrawn', ended_at = $1, ended_why = 'a mistake' "
        "WHERE account_id = 'N1'",
        AS_OF + HOUR,
    )
    await take(desk, LATER, owed("A1"))
    assert await states(desk, "A1") == {"s": "withdrawn"}


@pytest.mark.parametrize("into", ["N1", "A1", "A2"])
async def test_of_debts_that_become_one_one_offer_stands(desk: Desk, into: str) -> None:
    """That of the number which goes on, or else the latest."""
    await take(desk, BEGAN, owed("A1", balance="1000"), owed("A2", balance="300"))
    await offered(desk, "A1", BEGAN + DAY, "one")
    await offered(desk, "A2", BEGAN + 2 * DAY, "two")
    await take(desk, LATER, owed(into, balance="1300"))
    stands = {"N1": "two", "A1": "one", "A2": "two"}[into]
    gives_way = {"one": "two", "two": "one"}[stands]
    assert await states(desk, into) == {stands: "proposed", gives_way: "replaced"}
