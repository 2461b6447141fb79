"""What only the whole file shows: two people under one id, one under two, many at one address."""

import csv

import pytest

from lab.builders.intake_files import AS_OF, row, rows
from tests.integration.intake.desk import DAY, Desk
from workers.intake.limits import Limits


def rejected(desk: Desk) -> list[tuple[int, str, str]]:
    """(line, field, rule) of every refused row."""
    path = desk.folder / "accounts.csv.rejects.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [(int(r["line"]), r["field"], r["rule"]) for r in csv.DictReader(file)]


async def test_one_id_for_two_people_sends_nothing_to_either(desk: Desk) -> None:
    content = [
        row(account_id="B-1", customer_id="P-1", name="Ana Teste"),
        row(account_id="B-2", customer_id="P-2", name="Rui Exemplo"),
        row(account_id="B-3", customer_id="P-1", name="Luis Exemplo", mobile="+573990000003"),
    ]
    report = await desk.take(content)
    assert (report.read, report.refused, report.added) == (3, 2, 1)
    assert desk.starter.said("start") == ["B-2"]
    rule = "lines 2, 4 give one customer the names of two people"
    assert rejected(desk) == [(2, "customer_id", rule), (4, "customer_id", rule)]
    assert await desk.count("customers") == 1


async def test_one_person_written_in_two_ways_is_one(desk: Desk) -> None:
    content = [
        row(name="Pérez, Ana María"),
        row(account_id="A2", name="ANA PEREZ"),
    ]
    report = await desk.take(content)
    assert (report.refused, report.added) == (0, 2)


async def test_one_id_in_two_countries_is_refused(desk: Desk) -> None:
    other = row(account_id="A2", country="MX", region="", postal_code="", currency="MXN")
    report = await desk.take([row(), other])
    assert (report.refused, report.added) == (2, 0)
    assert {field for _, field, _ in rejected(desk)} == {"country"}


@pytest.mark.parametrize("field", ["account_id", "customer_id"])
async def test_zeros_that_a_spreadsheet_dropped_make_no_second_one(desk: Desk, field: str) -> None:
    one, two = row(account_id="X1", customer_id="X1"), row(account_id="X2", customer_id="X2")
    good = row(account_id="Y", customer_id="Y")
    report = await desk.take([one | {field: "0012"}, two | {field: "12"}, good])
    assert (report.refused, report.added) == (2, 1)
    assert [(line, name) for line, name, _ in rejected(desk)] == [(2, field), (3, field)]
    await desk.take([one | {field: "0012"}, good], as_of=AS_OF + DAY)
    lost = await desk.take([two | {field: "12"}, good], as_of=AS_OF + 2 * DAY)
    assert (lost.refused, lost.added) == (1, 0)
    assert (
        "is on record as 0012: it differs by case, blanks, zeros before it" in rejected(desk)[0][2]
    )
    assert await desk.count("accounts") == 2


@pytest.mark.parametrize("field", ["account_id", "customer_id"])
async def test_an_id_in_another_case_is_no_second_one(desk: Desk, field: str) -> None:
    one, two = row(account_id="X1", customer_id="X1"), row(account_id="X2", customer_id="X2")
    good = row(account_id="Y", customer_id="Y")
    report = await desk.take([one | {field: "k1"}, two | {field: "0K1"}, good])
    assert (report.refused, report.added) == (2, 1)
    await desk.take([one | {field: "K1"}, good], as_of=AS_OF + DAY)
    other = await desk.take([two | {field: "k1"}, good], as_of=AS_OF + 2 * DAY)
    assert (other.refused, other.added) == (1, 0)
    assert "is on record as K1: it differs by case" in rejected(desk)[0][2]


async def test_a_snapshot_that_lost_zeros_recalls_nothing_for_it(desk: Desk) -> None:
    await desk.take([row(account_id="007"), row(account_id="A2")])
    content = [row(account_id="7"), row(account_id="A2")]
    report = await desk.take(
        content, as_of=AS_OF + DAY, snapshot=True, limits=Limits(recall_share=0.2)
    )
    assert (report.added, report.recalled, report.exit_code) == (0, 0, 3)


async def test_another_persons_name_on_record_is_told(desk: Desk) -> None:
    await desk.take([row(), row(account_id="A2", customer_id="C2")])
    content = [row(name="Luis Gómez"), row(account_id="A2", customer_id="C2", name="PEREZ ANA M")]
    report = await desk.take(content, as_of=AS_OF + DAY)
    assert report.renamed == 1
    assert any("another person's name" in line for line in report.lines())


async def test_how_many_share_an_address_is_told_and_too_many_are_refused(desk: Desk) -> None:
    shared = [cells | {"mobile": "+573990000099"} for cells in rows(5)]
    report = await desk.take([*shared, row(account_id="Z", customer_id="Z")])
    assert (report.shared_addresses, report.most_at_one_address) == (1, 5)
    assert (report.refused, desk.starter.said("start")) == (5, ["Z"])
    assert rejected(desk)[0] == (
        2,
        "mobile",
        "is the address of 5 customers, more than 4 (CONTRAPUNTO_SHARED_ADDRESS_LIMIT)",
    )
    report = await desk.take(shared[:4], as_of=AS_OF + DAY)
    assert (report.shared_addresses, report.refused, report.added) == (1, 0, 4)
    assert "1 addresses belong to more than one customer" in " ".join(report.lines())


async def test_those_on_record_count_and_stay(desk: Desk) -> None:
    shared = [cells | {"whatsapp": "+573990000099", "mobile": ""} for cells in rows(4)]
    content = [cells | {"consents": ""} for cells in shared]
    await desk.take(content)
    new = row(account_id="N", customer_id="N", mobile="", landline="+573990000099", consents="")
    changed = content[0] | {"balance": "7.00"}
    report = await desk.take([new, changed], as_of=AS_OF + DAY)
    assert (report.most_at_one_address, report.refused, report.updated) == (5, 1, 1)
    assert rejected(desk)[0][:2] == (2, "landline")
    wider = await desk.take([new, changed], as_of=AS_OF + DAY, limits=Limits(shared_address=5))
    assert (wider.refused, wider.added) == (0, 1)


@pytest.mark.parametrize("on_record", [False, True])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"mobile": "+5564991234567"}, {"mobile": "+556491234567"}),
        ({"whatsapp": "+5564991234567"}, {"mobile": "+556491234567"}),
        ({"email": "ana@example.com"}, {"email": "Ana@Example.com"}),
    ],
)
async def test_one_address_in_two_spellings_is_shared(
    desk: Desk, first: dict[str, str], second: dict[str, str], on_record: bool
) -> None:
    bare = {"country": "BR", "region": "", "postal_code": "", "locale": "", "currency": "BRL"}
    bare |= {"mobile": "", "email": "", "consents": "", "preferred_channel": ""}
    one = row(**(bare | first))
    other = row(**(bare | second | {"customer_id": "C2", "account_id": "A2"}))
    if on_record:
        await desk.take([one])
    content = [other] if on_record else [one, other]
    report = await desk.take(content, as_of=AS_OF + DAY, limits=Limits(shared_address=1))
    assert (report.shared_addresses, report.most_at_one_address) == (1, 2)
    assert (report.refused, report.exit_code) == (len(content), 3)


async def test_who_has_the_address_in_another_spelling_stays(desk: Desk) -> None:
    bare = {"country": "BR", "region": "", "postal_code": "", "locale": "", "currency": "BRL"}
    bare |= {"email": "", "consents": "", "preferred_channel": ""}
    both = [
        row(**bare, customer_id=f"C{one}", account_id=f"A{one}", mobile="+5564991234567")
        for one in (1, 2)
    ]
    await desk.take(both)
    spelt = [cells | {"mobile": "+556491234567", "balance": "7.00"} for cells in both]
    report = await desk.take(spelt, as_of=AS_OF + DAY, limits=Limits(shared_address=1))
    assert (report.shared_addresses, report.refused, report.updated) == (1, 0, 2)


async def test_an_address_that_has_moved_on_is_not_counted_twice(desk: Desk) -> None:
    strict = Limits(shared_address=1)
    await desk.take(rows(2), limits=strict)
    swapped = rows(2)
    swapped[0]["mobile"], swapped[1]["mobile"] = swapped[1]["mobile"], swapped[0]["mobile"]
    report = await desk.take(swapped, as_of=AS_OF + DAY, limits=strict)
    assert (report.refused, report.shared_addresses) == (0, 0)


async def test_mangled_ids_reach_nobody(desk: Desk) -> None:
    """Ids as spreadsheets and exports leave them, two people under each."""
    made = ["1.02345E+11", "1.02345E+11", "N.A.", "N.A.", "NULL", "NULL", "#N/A", "'P-5", "P-5"]
    content = [
        row(account_id=f"B-{n}", customer_id=made_id, mobile=f"+5739900000{n:02d}")
        for n, made_id in enumerate(made)
    ]
    report = await desk.take(content)
    assert (report.refused, desk.starter.said("start")) == (8, ["B-8"])
    assert await desk.count("customers") == 1
