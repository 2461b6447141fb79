"""One customer id, two people in two files: who it is on record for stays, and nobody hears of
another's debt."""

from dataclasses import replace

import pytest

from lab.builders.intake_files import AS_OF, row, rows
from tests.integration.intake.desk import DAY, LENIENT, Desk
from tests.integration.intake.ids.test_alike import rejected

PEDRO = {"name": "Pedro Otro", "mobile": "+573990000077", "email": "pedro@example.com"}
STRANGER = row(account_id="B1", **PEDRO)
GOOD = row(account_id="G1", customer_id="G1", mobile="+573990000088", email="g@example.com")
RULE = "is on record for another person: neither the name nor an account or an address is theirs"


async def on_record(desk: Desk, **cells: str) -> None:
    """Ana, who has A1, and had another number and another account's number before."""
    await desk.take([row(mobile="+573990000055", **cells)], as_of=AS_OF - DAY)
    await desk.take([row(**cells)])
    await desk.pool.execute("UPDATE accounts SET formerly = '{A0}'")


@pytest.mark.parametrize("as_of", [AS_OF - 2 * DAY, AS_OF + DAY], ids=["older", "newer"])
@pytest.mark.parametrize("snapshot", [False, True])
async def test_who_is_given_another_persons_id_is_refused_before_anything_is_stored(
    desk: Desk, *, snapshot: bool, as_of: object
) -> None:
    await on_record(desk)
    before = await desk.points()
    content = [STRANGER, GOOD, STRANGER | {"account_id": "B2"}]
    for _ in range(2):
        report = await desk.take(content, as_of=as_of, snapshot=snapshot)  # type: ignore[arg-type]
        assert (report.refused, report.renamed, report.exit_code) == (2, 0, 3)
        found = rejected(desk)
        assert [line for line, _, _ in found] == [2, 4]
        assert all(field == "customer_id" and rule.startswith(RULE) for _, field, rule in found)
    assert desk.starter.said("start") == ["A1", "G1"]
    assert (
        await desk.pool.fetchval("SELECT name FROM customers WHERE customer_id = 'C1'")
        == (row()["name"])
    )
    assert await desk.points() == before
    assert await desk.count("accounts") == 2
    text = (desk.folder / "accounts.csv.rejects.csv").read_text(encoding="utf-8")
    assert "Ana" not in text
    for way in ("a new id", "an account or an address that is on record", "--accept-names"):
        assert way in text


@pytest.mark.parametrize(
    "cells",
    [
        {"creditor": "otro-banco"},
        {"creditor": "otro-banco", "account_id": "A1"},
        {"account_id": "G1"},
        {"name": "Ana Gómez"},
        {"name": "Pedro Pérez"},
    ],
    ids=["another creditor", "its account", "another's account", "a first name", "a last name"],
)
@pytest.mark.parametrize("status", ["open", "closed"])
async def test_nothing_else_makes_them_one(desk: Desk, cells: dict[str, str], status: str) -> None:
    await on_record(desk)
    await desk.take([GOOD])
    if status == "closed":
        await desk.pool.execute("UPDATE accounts SET status = 'closed', close_reason = 'cured'")
    report = await desk.take([STRANGER | cells], as_of=AS_OF + DAY)
    assert (report.refused, report.added, report.signalled) == (1, 0, 0)
    assert rejected(desk)[0][1] == "customer_id"


SAME = [
    ("the name in another order", {"name": "PEREZ, ANA M."}),
    ("the account", {"account_id": "A1"}),
    ("an id that the account had before", {"account_id": "A0"}),
    ("the number", {"mobile": row()["mobile"]}),
    ("the number on another channel", {"whatsapp": row()["mobile"]}),
    ("the mailbox in another spelling", {"email": "Ana@Example.com"}),
    ("a number that was theirs", {"mobile": "+573990000055"}),
]


@pytest.mark.parametrize("cells", [cells for _, cells in SAME], ids=[words for words, _ in SAME])
@pytest.mark.parametrize("status", ["open", "closed"])
async def test_who_has_something_in_common_is_taken_with_a_note(
    desk: Desk, cells: dict[str, str], status: str
) -> None:
    await on_record(desk)
    if status == "closed":
        await desk.pool.execute("UPDATE accounts SET status = 'closed', close_reason = 'recalled'")
    report = await desk.take([STRANGER | cells], as_of=AS_OF + DAY)
    assert (report.refused, report.exit_code) == (0, 0)
    assert report.renamed_customers == ([] if "name" in cells else ["C1"])
    assert report.renamed == len(report.renamed_customers)


async def test_a_number_in_another_spelling_is_in_common(desk: Desk) -> None:
    abroad = {"country": "BR", "region": "", "postal_code": "", "locale": "", "currency": "BRL"}
    await desk.take([row(**abroad | {"mobile": "+5564991234567"})])
    again = STRANGER | abroad | {"mobile": "+556491234567"}
    assert (await desk.take([again], as_of=AS_OF + DAY)).refused == 0


async def test_one_row_with_something_in_common_speaks_for_all_of_the_customer(desk: Desk) -> None:
    await on_record(desk)
    two = [STRANGER, STRANGER | {"account_id": "A1"}]
    report = await desk.take(two, as_of=AS_OF + DAY)
    assert (report.refused, report.added, report.updated) == (0, 1, 0)


async def test_an_account_that_was_the_customers_under_this_id_is_in_common(desk: Desk) -> None:
    await on_record(desk)
    await desk.take([row(customer_id="C2")], as_of=AS_OF + DAY)
    report = await desk.take([STRANGER | {"account_id": "A1"}], as_of=AS_OF + 2 * DAY)
    assert (report.refused, report.renamed_customers) == (0, ["C1"])


async def test_a_person_may_accept_whom_they_have_looked_at(desk: Desk) -> None:
    await desk.take(rows(3))
    names = {"name": "Pedro Otro", "creditor": "otro-banco"}
    content = [
        row(**names, customer_id=f"C{n}", account_id=f"B{n}", mobile=f"+57399000008{n}", email="")
        for n in range(3)
    ]
    content = [cells | {"consents": "sms", "preferred_channel": ""} for cells in content]
    accepted = replace(LENIENT, accept_names=frozenset({"C0", "C2", "C9"}))
    report = await desk.take(content, as_of=AS_OF + DAY, limits=accepted)
    assert (report.refused, report.added) == (1, 2)
    assert report.renamed_customers == ["C0", "C2"]
    assert [line for line, _, _ in rejected(desk)] == [3]
    again = await desk.take(content, as_of=AS_OF + 2 * DAY)
    assert (again.refused, again.renamed) == (1, 0)


@pytest.mark.parametrize(("count", "more"), [(1, ""), (10, ""), (12, " and 2 more")])
async def test_the_note_names_the_first_ten(desk: Desk, count: int, more: str) -> None:
    await desk.take(rows(count))
    report = await desk.take(
        [cells | {"name": "Pedro Otro"} for cells in rows(count)], as_of=AS_OF + DAY
    )
    ids = sorted(cells["customer_id"] for cells in rows(count))
    named = f"was an id given out again? {', '.join(ids[:10])}{more}"
    assert report.lines()[-1] == (
        f"note: {count} customers have another person's name on record: {named}"
    )
    assert report.json()["renamed"] == count
    assert report.json()["renamed_customers"] == ids
