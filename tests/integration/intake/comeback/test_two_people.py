"""Two creditors number their customers from 1: one id, two people."""

from dataclasses import replace

import pytest

from tests.integration.intake.comeback.test_taken_back import BEGAN, HOUR
from tests.integration.intake.desk import DAY, LENIENT, Desk
from tests.integration.intake.test_renumbered import AS_OF, LATER, NOW, owed

LUIS = {"name": "Luis Gómez", "mobile": "+573990000077", "email": "luis@example.com"}
THEIRS = owed("B1", creditor="otro-banco", **LUIS)
GOOD = owed("B2", creditor="otro-banco", customer_id="C2", email="rosa@example.com")


async def reaches(desk: Desk, account_id: str = "A1") -> str:
    """The address that the account's next contact goes to."""
    step = await desk.plan(NOW, account_id)
    found = await desk.pool.fetchval(
        "SELECT address FROM contact_points WHERE contact_point_id = $1", step.contact_point_id
    )
    return str(found)


@pytest.mark.parametrize("snapshot", [False, True])
async def test_who_has_the_id_of_another_creditors_customer_is_refused_in_words(
    desk: Desk, *, snapshot: bool
) -> None:
    await desk.take([owed("A1")], as_of=BEGAN)
    before = await reaches(desk)
    two = THEIRS | {"account_id": "B3"}
    for day in (0, 1):
        at = AS_OF + day * HOUR
        report = await desk.take([THEIRS, GOOD, two], as_of=at, snapshot=snapshot)
        assert (report.refused, report.renamed, report.exit_code) == (2, 0, 3)
        assert await reaches(desk) == before
    assert (await desk.account("B2"))["status"] == "open"
    assert await desk.count("accounts") == 2
    rejects = (desk.folder / "accounts.csv.rejects.csv").read_text(encoding="utf-8")
    assert "is another person's at banco-andino, who owes there" in rejects
    assert "Ana" not in rejects, "whose it is is none of this creditor's business"


@pytest.mark.parametrize(
    "cells",
    [
        {"name": "PEREZ, ANA M."},
        {"mobile": "+573990000001"},
        {"email": "Ana@Example.com"},
        {"customer_id": "C9"},
    ],
)
async def test_one_person_or_one_creditor_is_taken(desk: Desk, cells: dict[str, str]) -> None:
    await desk.take([owed("A1")], as_of=BEGAN)
    report = await desk.take([THEIRS | cells, GOOD], as_of=LATER)
    assert (report.added, report.refused) == (2, 0)


async def test_an_address_that_was_theirs_is_one_in_common(desk: Desk) -> None:
    await desk.take([owed("A1", mobile=LUIS["mobile"])], as_of=BEGAN)
    await desk.take([owed("A1")], as_of=AS_OF)
    report = await desk.take([THEIRS], as_of=LATER)
    assert report.refused == 0


async def test_who_is_known_to_be_one_person_is_taken_at_another_creditor_too(desk: Desk) -> None:
    await desk.take([owed("A1")], as_of=BEGAN)
    one = replace(LENIENT, accept_names={"C1"})
    report = await desk.take([THEIRS], as_of=LATER, limits=one)
    assert (report.added, report.refused, report.renamed) == (1, 0, 1)


async def test_a_file_of_both_creditors_says_itself_whose_the_id_is(desk: Desk) -> None:
    await desk.take([owed("A1")], as_of=BEGAN)
    report = await desk.take([THEIRS, owed("A1", **LUIS)], as_of=LATER + DAY)
    assert (report.refused, report.renamed) == (0, 1)
