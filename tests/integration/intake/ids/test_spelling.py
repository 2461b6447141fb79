"""An id that another system spells otherwise is never a second account, person or creditor."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.entry.ids import fault, spelt
from lab.builders.intake_files import AS_OF, row, rows
from store.database import Pool
from tests.integration.intake.desk import DAY, Desk
from tests.integration.intake.ids.test_alike import rejected
from workers.intake.limits import Limits

SPELT: list[tuple[str, str]] = [
    ("k1", "K1"),
    ("0012", "12"),
    ("A 1", "A1"),
    ("Ñ1", "ñ1"),
    ("Šö1", "šÖ1"),
    ("Straße1", "STRASSE1"),
    ("\u017f1", "S1"),
    ("\u01331", "IJ1"),
    ("\u01301", "i1"),
]
FIELDS = ["account_id", "customer_id", "creditor"]
LETTERS = [chr(code) for code in range(0x20, 0x250) if fault(f"a{chr(code)}z") is None]
"""All that an id may hold."""


def test_letters_of_ids_are_many() -> None:
    assert {" ", "A", "ñ", "ß", "\u0130", "\u017f", "\u0133"} < {*LETTERS}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(LETTERS, min_size=1, max_size=64), min_size=50, max_size=50))
async def test_postgres_finds_alike_what_the_domain_does(pool: Pool, made: list[str]) -> None:
    upper = [one for one in (one.upper() for one in made) if {*one} <= {*LETTERS}]
    ids = [*made, *LETTERS, *upper, *(f"0{one}" for one in made)]
    found = await pool.fetch("SELECT spelt(id) AS spelt FROM unnest($1::text[]) AS id", ids)
    assert [one["spelt"] for one in found] == [spelt(one) for one in ids]


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize(("one", "other"), SPELT)
async def test_two_spellings_in_one_file_are_both_refused(
    desk: Desk, field: str, one: str, other: str
) -> None:
    first, second = row(account_id="X1", customer_id="X1"), row(account_id="X2", customer_id="X2")
    content = [first | {field: one}, second | {field: other}]
    if field == "creditor":
        content.append(row(account_id="X3", customer_id="X3", creditor=other))
    report = await desk.take([*content, row(account_id="Y", customer_id="Y")])
    assert (report.refused, report.added) == (len(content), 1)
    assert {name for _, name, _ in rejected(desk)} == {field}


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize(("one", "other"), [*SPELT, *((b, a) for a, b in SPELT)])
async def test_a_later_file_that_spells_an_id_otherwise_opens_nothing(
    desk: Desk, field: str, one: str, other: str
) -> None:
    known = row(account_id="X1", customer_id="X1") | {field: one}
    await desk.take([known])
    again = known | {field: other}
    if field != "account_id":
        again |= {"account_id": "X2"}
    report = await desk.take([again], as_of=AS_OF + DAY)
    assert (report.refused, report.added, report.exit_code) == (1, 0, 3)
    [(_, name, rule)] = rejected(desk)
    assert name == field
    assert f"is on record as {one}: " in rule
    assert await desk.count("accounts") == await desk.count("customers") == 1


async def test_who_is_on_record_in_two_spellings_already_goes_on(desk: Desk) -> None:
    """As versions before have taken them in."""
    await desk.take([row(account_id="K1")])
    await desk.pool.execute("UPDATE accounts SET account_id = 'k2'")
    await desk.take([row(account_id="K1")])
    await desk.pool.execute("UPDATE accounts SET account_id = 'k1' WHERE account_id = 'k2'")
    paid = [row(account_id="K1", balance="7.00")]
    report = await desk.take(paid, as_of=AS_OF + DAY)
    assert (report.refused, report.updated) == (0, 1)


@pytest.mark.parametrize("field", ["account_id", "creditor"])
@pytest.mark.parametrize("wrong", [{}, {"balance": "1_0"}])
async def test_a_snapshot_that_spells_ids_otherwise_recalls_none_of_them(
    desk: Desk, field: str, wrong: dict[str, str]
) -> None:
    known = [cells | {"account_id": f"b{cells['account_id']}"} for cells in rows(5)]
    await desk.take(known)
    again = [cells | {field: f"0{cells[field].upper()}"} for cells in known]
    lax = Limits(recall_share=1.0)
    content = [cells | wrong for cells in again[:4]]
    report = await desk.take([*content, known[4]], as_of=AS_OF + DAY, snapshot=True, limits=lax)
    assert (report.refused, report.added, report.recalled) == (4, 0, 0)
    assert (await desk.account("bA0"))["status"] == "open"
    report = await desk.take(again, as_of=AS_OF + 2 * DAY, snapshot=True, limits=lax)
    assert (report.refused, report.added, report.recalled) == (5, 0, 0)
