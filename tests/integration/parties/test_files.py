"""Files of parties: what is taken, what is refused, and what is told of it."""

import csv
from datetime import date, timedelta

import pytest

from lab.builders.intake_files import AS_OF, row, rows
from store.views.customer import OfCustomer
from store.views.records import Records
from tests.integration.parties.support import PartiesDesk, party

DAY = timedelta(days=1)


async def test_a_guarantor_is_a_person_with_their_own_addresses_and_consents(
    desk: PartiesDesk,
) -> None:
    await desk.take([row()])
    desk.starter.calls.clear()
    status, said = await desk.parties(party(consents="sms", proof="contract 7"))
    assert (status, said.strip()) == (
        0,
        "1 rows read, 0 refused; parties: 1 new, 0 known; workflows: 1 signalled",
    )
    assert desk.starter.said("update") == ["A1"]
    assert await desk.points("G1") == {
        ("sms", "+573990000077"): (True, True),
        ("voice", "+573990000077"): (True, False),
        ("email", "bruno@example.com"): (True, False),
    }
    stored = await desk.pool.fetchrow("SELECT * FROM account_parties")
    assert stored is not None
    assert (stored["customer_id"], stored["role"], stored["proof"]) == (
        "G1",
        "guarantor",
        "contract 7",
    )
    assert (stored["since"], stored["until"]) == (AS_OF.date(), None)
    assert await desk.count("accounts") == 1, "who stands for an account owes none of their own"


REFUSED = (
    (party(account_id="A9"), "account_id", "is no account of this creditor on record"),
    (party(customer_id="C1", name="Ana Pérez"), "customer_id", "is the account's debtor"),
    (party(role="cousin"), "role", "must be one of guarantor, codebtor, authorized"),
    (party(role="authorized"), "proof", "is needed of who is authorized"),
    (party(since="2025-10-02", until="2025-10-01"), "until", "must not be before since"),
    (party(since="2026-10-01"), "since", "must not be after the file's own day"),
    (party(since="01/10/2025"), "since", "must be a date such as"),
    (party(mobile="", email="", consents=""), "row", "at least one of mobile"),
    (party(customer_id="NULL"), "customer_id", "is a word for nothing"),
    (party(customer_id="c1"), "customer_id", "is on record as C1"),
)


@pytest.mark.parametrize(("wrong", "field", "rule"), REFUSED)
async def test_a_wrong_row_is_refused_by_line_field_and_rule_and_the_others_go_on(
    desk: PartiesDesk, wrong: dict[str, str], field: str, rule: str
) -> None:
    await desk.take([row()])
    good = party(customer_id="G2", mobile="+573990000078", email="g2@example.com")
    status, said = await desk.parties(wrong, good)
    assert status == 3
    assert "2 rows read, 1 refused; parties: 1 new" in said
    with (desk.folder / "parties.csv.rejects.csv").open(encoding="utf-8", newline="") as file:
        refused = list(csv.DictReader(file))
    assert [(one["line"], one["field"]) for one in refused] == [("2", field)]
    assert rule in refused[0]["rule"]
    assert await desk.pool.fetchval("SELECT array_agg(customer_id) FROM account_parties") == ["G2"]


async def test_one_party_of_one_account_stands_once_in_a_file(desk: PartiesDesk) -> None:
    await desk.take([row()])
    status, _ = await desk.parties(party(), party(role="codebtor"))
    assert status == 3
    rejects = (desk.folder / "parties.csv.rejects.csv").read_text(encoding="utf-8")
    assert "3,customer_id,the party is already in line 2" in rejects
    assert await desk.pool.fetchval("SELECT role FROM account_parties") == "guarantor"


async def test_a_dry_run_refuses_the_same_and_keeps_nothing(desk: PartiesDesk) -> None:
    await desk.take([row()])
    desk.starter.calls.clear()
    runs = await desk.count("intake_runs")
    status, said = await desk.parties(party(), party(account_id="A9"), dry=True)
    assert status == 3
    assert "2 rows read, 1 refused; nothing was kept" in said
    assert "no account of this creditor" in (desk.folder / "parties.csv.rejects.csv").read_text(
        encoding="utf-8"
    )
    assert await desk.count("account_parties") == 0
    assert await desk.count("intake_runs") == runs
    assert desk.starter.calls == []
    assert await desk.points("G1") == {}


async def test_the_same_file_again_changes_nothing_and_an_older_one_neither(
    desk: PartiesDesk,
) -> None:
    await desk.take([row()])
    await desk.parties(party(since="2025-10-01"))
    assert "0 new, 1 known" in (await desk.parties(party(since="2025-10-01")))[1]
    await desk.parties(party(role="codebtor"), as_of=AS_OF - DAY)
    stored = await desk.pool.fetchrow("SELECT role, since FROM account_parties")
    assert stored is not None
    assert tuple(stored) == ("guarantor", date(2025, 10, 1))
    await desk.parties(party(role="codebtor", until="2025-12-31"), as_of=AS_OF + DAY)
    stored = await desk.pool.fetchrow("SELECT role, since, until FROM account_parties")
    assert stored is not None
    assert tuple(stored) == ("codebtor", date(2025, 10, 1), date(2025, 12, 31))


async def test_whoever_comes_to_stand_for_an_account_changes_what_both_sides_rest_on(
    desk: PartiesDesk,
) -> None:
    await desk.take([row()])
    facts = "SELECT facts FROM customers WHERE customer_id = $1"
    before = await desk.pool.fetchval(facts, "C1")
    await desk.parties(party())
    assert await desk.pool.fetchval(facts, "C1") > before
    of_both = [await desk.pool.fetchval(facts, one) for one in ("C1", "G1")]
    await desk.parties(party(until="2025-12-31"), as_of=AS_OF + DAY)
    assert [await desk.pool.fetchval(facts, one) for one in ("C1", "G1")] == [
        one + 1 for one in of_both
    ]


async def test_the_accounts_that_somebody_stands_for_hear_of_their_new_address(
    desk: PartiesDesk,
) -> None:
    await desk.take(rows(2))
    await desk.parties(party(account_id="A0"), party(account_id="A1"))
    desk.starter.calls.clear()
    own = row(account_id="A7", customer_id="G1", name="Bruno Rojas", mobile="+573990000079")
    await desk.take([own], as_of=AS_OF + DAY)
    assert sorted(desk.starter.said("update")) == ["A0", "A1"]


async def test_the_record_of_each_shows_the_other(desk: PartiesDesk) -> None:
    await desk.take([row()])
    await desk.parties(party(proof="contract 7"))
    debtor, guarantor = (OfCustomer(desk.pool, one, None) for one in ("C1", "G1"))
    stated = {"role": "guarantor", "since": AS_OF.date(), "until": None, "proof": "contract 7"}
    account = {"account": "banco-andino/A1"}
    assert await debtor.parties() == [account | {"customer_id": "G1"} | stated]
    assert await debtor.stands_for() == []
    assert await guarantor.parties() == []
    assert await guarantor.stands_for() == [account | {"debtor": "C1", "status": "open"} | stated]
    assert await Records(desk.pool).timeline("G1") is not None
