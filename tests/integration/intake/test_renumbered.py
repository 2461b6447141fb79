"""A debt under a new id is the same debt: nothing that was said of it is said again."""

import asyncio
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.facts import MESSAGE
from domain.planning.step import StepKind
from lab.builders.intake_files import row, rows
from store.facts import Facts
from store.intake.recalling import Recall
from store.situations import lock_customer
from tests.integration.intake.desk import DAY, Desk
from workers.intake.limits import Limits

AS_OF = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
LATER = AS_OF + timedelta(hours=2)
DUE = "2026-11-10"
SAID = """
INSERT INTO attempts (attempt_id, creditor, account_id, customer_id, covers, step, touch, phase,
    purpose, channel, provider, contact_point_id, state, jurisdictions, zones, not_before,
    not_after, facts_seen, reserved_at)
SELECT $1, 'banco-andino', $2, 'C1', ARRAY['banco-andino/' || $2], $3, $3, 'early', 'reminder',
    'sms', 'twilio', contact_point_id, 'reserved', '{CO}', '{America/Bogota}', $4, $4, 0, $4
FROM contact_points WHERE customer_id = 'C1' AND channel = 'sms'
"""
MADE = [
    "UPDATE attempts SET state = 'dispatching', dispatched_at = $1",
    "UPDATE attempts SET state = 'accepted' WHERE $1::timestamptz IS NOT NULL",
]


async def said(desk: Desk, account_id: str, at: datetime, step: int = 1) -> None:
    """An SMS about the account that the provider took."""
    await desk.pool.execute(SAID, f"{account_id}:{step}", account_id, step, at)
    for statement in MADE:
        await desk.pool.execute(statement, at)


def owed(account_id: str, **cells: str) -> dict[str, str]:
    return row(account_id=account_id, oldest_due_date=DUE, consents="sms", **cells)


async def test_a_new_id_does_not_begin_anew(desk: Desk) -> None:
    await desk.take([owed("A1")], as_of=AS_OF - 5 * DAY)
    await said(desk, "A1", AS_OF)
    before = await desk.plan(NOW)
    report = await desk.take([owed("N1")], as_of=LATER, snapshot=True)
    assert (report.added, report.renumbered, report.recalled) == (1, 1, 0)
    assert (desk.starter.said("start"), desk.starter.said("recall")) == (["A1", "N1"], ["A1"])
    after = await desk.plan(NOW, "N1")
    assert (after.kind, after.touch, after.phase) == (before.kind, before.touch, before.phase)
    assert after.touch == 2
    assert after.not_before.date() >= before.not_before.date() > NOW.date()
    assert after.view.last_contact == before.view.last_contact is not None
    account = await desk.account("N1")
    assert (account["formerly"], account["since"]) == (["A1"], AS_OF - 5 * DAY)
    assert (await desk.account("A1"))["close_reason"] == "recalled"
    assert (await desk.plan(NOW, "A1")).kind is StepKind.CLOSE


async def test_what_was_promised_paid_held_and_said_of_it_goes_along(desk: Desk) -> None:
    await desk.take([owed("A1", balance="100000")], as_of=AS_OF - 5 * DAY)
    pool = desk.pool
    await pool.execute(
        "INSERT INTO promises (creditor, account_id, promise_id, amount, due_on, made_at) "
        "VALUES ('banco-andino', 'A1', 'p', 30000, $1, $2)",
        date(2026, 12, 1),
        AS_OF - DAY,
    )
    await pool.execute(
        "INSERT INTO payments VALUES ('banco-andino', 'A1', 'y', 10000, $1)",
        LATER + timedelta(hours=1),
    )
    await pool.execute("UPDATE accounts SET strategy = 'default', hold_until = $1", NOW + 9 * DAY)
    await desk.says("dispute", AS_OF - DAY, account_id="banco-andino/A1")
    await desk.take([owed("N1", balance="100000")], as_of=LATER, snapshot=True)
    account = await desk.account("N1")
    assert (account["balance"], account["hold_until"]) == (Decimal(90000), NOW + 9 * DAY)
    assert (await desk.plan(NOW, "N1")).why == "hold"
    await pool.execute("UPDATE accounts SET hold_until = NULL")
    assert (await desk.plan(NOW, "N1")).why == "promise"
    events = await pool.fetch("SELECT account FROM law_events WHERE kind = 'dispute'")
    assert {event["account"] for event in events} == {"banco-andino/A1", "banco-andino/N1"}


async def test_the_next_number_remembers_them_all(desk: Desk) -> None:
    await desk.take([owed("A1")], as_of=AS_OF - 5 * DAY)
    await said(desk, "A1", AS_OF - 2 * DAY)
    await desk.take([owed("N1")], as_of=AS_OF, snapshot=True)
    await desk.take([owed("M1", balance="1250999.00")], as_of=LATER, snapshot=True)
    account = await desk.account("M1")
    assert account["formerly"] == ["A1", "N1"]
    assert (await desk.plan(NOW, "M1")).touch == 2


async def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    await desk.take([owed("A1")], as_of=AS_OF - 5 * DAY)
    await desk.take([owed("N1")], as_of=LATER, snapshot=True)
    again = await desk.take([owed("N1")], as_of=LATER + DAY, snapshot=True)
    assert (again.added, again.renumbered, again.recalled, again.exit_code) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    "cells",
    [
        {"oldest_due_date": "2026-11-11"},
        {"currency": "USD", "balance": "20.00"},
        {"creditor": "tarjeta-azul"},
        {"customer_id": "C2", "email": "", "mobile": "+573990000077"},
    ],
)
async def test_another_debt_is_not_taken_for_it(desk: Desk, cells: dict[str, str]) -> None:
    other = row(account_id="Z", customer_id="Z", oldest_due_date=DUE, mobile="+573990000088")
    await desk.take([owed("A1"), other], as_of=AS_OF - 5 * DAY)
    report = await desk.take([other, owed("N1") | cells], as_of=LATER, snapshot=True)
    assert (report.added, report.renumbered, report.recalled) == (1, 0, 1)
    assert (await desk.account("N1"))["formerly"] == []


async def test_debts_alike_are_paired_by_balance(desk: Desk) -> None:
    old = [owed("A1", balance="100"), owed("A2", balance="200"), owed("A3", balance="300")]
    await desk.take(old, as_of=AS_OF - 5 * DAY)
    new = [owed("N1", balance="300"), owed("N2", balance="100"), owed("N3", balance="250")]
    report = await desk.take(new, as_of=LATER, snapshot=True)
    assert report.renumbered == 3
    formerly = {name: (await desk.account(name))["formerly"] for name in ("N1", "N2", "N3")}
    assert formerly == {"N1": ["A3"], "N2": ["A1"], "N3": ["A2"]}


async def test_without_its_recall_a_new_number_waits(desk: Desk) -> None:
    await desk.take([owed("A1"), *rows(3)[2:]], as_of=AS_OF - 5 * DAY)
    content = [owed("N1"), rows(3)[2] | {"account_id": ""}]
    report = await desk.take(content, as_of=LATER, snapshot=True)
    assert report.recall_refused is not None
    assert (report.added, report.refused, desk.starter.said("recall")) == (0, 2, [])
    rejects = (desk.folder / "accounts.csv.rejects.csv").read_text(encoding="utf-8")
    assert "is A1 under a new id, by customer and due date: it waits" in rejects
    assert (await desk.account("A1"))["status"] == "open"


async def test_a_whole_portfolio_may_change_its_numbers(desk: Desk) -> None:
    await desk.take(rows(6))
    content = [cells | {"account_id": f"N{number}"} for number, cells in enumerate(rows(6))]
    limits = Limits(recall_share=0.2)
    report = await desk.take(content, as_of=LATER, snapshot=True, limits=limits)
    assert (report.renumbered, report.recalled, report.recall_refused) == (6, 0, None)


BOTH = {"account_id": "N1", "customer_id": "C9"}
"""The account and its customer under new ids in one file, as after a change of system."""
ELSEWHERE = {"mobile": "+573990000077", "email": "elsewhere@example.com"}
BRAZIL = {"country": "BR", "region": "", "postal_code": "", "locale": "", "currency": "BRL"}
STOPS: list[tuple[str, dict[str, Any]]] = [
    ("cease", {}),
    ("cease", {"channel": "letter"}),
    ("opt_out", {"channel": "sms"}),
    ("death", {}),
    ("dispute", {}),
    ("dispute", {"account_id": "banco-andino/A1"}),
]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {}),
        ({}, {"email": ELSEWHERE["email"]}),
        ({}, {"mobile": ELSEWHERE["mobile"]}),
        ({}, {"mobile": ELSEWHERE["mobile"], "email": "Ana@Example.com"}),
        ({}, {"mobile": ELSEWHERE["mobile"], "email": "", "landline": "+573990000001"}),
        ({}, {"name": "PEREZ, ANA M.", "email": ELSEWHERE["email"]}),
        ({}, {"balance": "1260000.00"}),
        (
            BRAZIL | {"mobile": "+5564991234567"},
            BRAZIL | {"mobile": "+556491234567", "email": ELSEWHERE["email"]},
        ),
    ],
)
async def test_new_ids_of_account_and_customer_at_once_do_not_begin_anew(
    desk: Desk, before: dict[str, str], after: dict[str, str]
) -> None:
    await desk.take([owed("A1", **before)], as_of=AS_OF - 5 * DAY)
    await said(desk, "A1", AS_OF)
    first = await desk.plan(NOW)
    report = await desk.take([owed("A1", **after) | BOTH], as_of=LATER, snapshot=True)
    assert (report.added, report.renumbered, report.recalled) == (1, 1, 0)
    assert (desk.starter.said("start"), desk.starter.said("recall")) == (["A1", "N1"], ["A1"])
    plan = await desk.plan(NOW, "N1")
    assert (plan.kind, plan.touch, plan.phase) == (first.kind, 2, first.phase)
    assert plan.view.last_contact == first.view.last_contact is not None
    account = await desk.account("N1")
    assert (account["customer_id"], account["formerly"]) == ("C9", ["A1"])
    assert account["since"] == AS_OF - 5 * DAY
    assert (await desk.plan(NOW, "A1")).kind is StepKind.CLOSE
    again = await desk.take([owed("A1", **after) | BOTH], as_of=LATER + DAY, snapshot=True)
    assert (again.added, again.renumbered, again.recalled, again.exit_code) == (0, 0, 0, 0)


@pytest.mark.parametrize(("kind", "more"), STOPS)
@pytest.mark.parametrize("late", [False, True])
async def test_who_has_said_stop_has_said_it_under_both_new_ids(
    desk: Desk, kind: str, more: dict[str, Any], late: bool
) -> None:
    """Also at an address that was not theirs before; and what is said ``late``, by the old id."""
    await desk.take([owed("A1")], as_of=AS_OF - 5 * DAY)
    assert (await desk.plan(NOW)).kind is StepKind.CONTACT
    if not late:
        await desk.says(kind, AS_OF - DAY, **more)
        assert (await desk.plan(NOW)).kind is not StepKind.CONTACT
    new = owed("A1", mobile=ELSEWHERE["mobile"]) | BOTH
    await desk.take([new], as_of=LATER, snapshot=True)
    if late:
        assert (await desk.plan(NOW, "N1")).kind is StepKind.CONTACT
        await desk.says(kind, LATER, **more)
    assert (await desk.plan(NOW, "N1")).kind is not StepKind.CONTACT


async def test_leave_goes_along_with_both_new_ids(desk: Desk) -> None:
    await desk.take([owed("A1")], as_of=AS_OF - 5 * DAY)
    await desk.says("opt_out", AS_OF - 2 * DAY, channel="sms")
    await desk.says("opt_in", AS_OF - DAY, channel="sms")
    await desk.take([owed("A1") | BOTH], as_of=LATER, snapshot=True)
    assert (await desk.plan(NOW, "N1")).kind is StepKind.CONTACT


async def test_what_was_promised_and_paid_goes_along_with_both_new_ids(desk: Desk) -> None:
    await desk.take([owed("A1", balance="100000")], as_of=AS_OF - 5 * DAY)
    await desk.pool.execute(
        "INSERT INTO promises (creditor, account_id, promise_id, amount, due_on, made_at) "
        "VALUES ('banco-andino', 'A1', 'p', 30000, $1, $2)",
        date(2026, 12, 1),
        AS_OF - DAY,
    )
    await desk.pool.execute(
        "INSERT INTO payments VALUES ('banco-andino', 'A1', 'y', 10000, $1)",
        LATER + timedelta(hours=1),
    )
    await desk.says("dispute", AS_OF - DAY, account_id="banco-andino/A1")
    await desk.take([owed("A1", balance="100000") | BOTH], as_of=LATER, snapshot=True)
    assert (await desk.account("N1"))["balance"] == Decimal(90000)
    assert (await desk.plan(NOW, "N1")).why == "promise"
    events = await desk.pool.fetch("SELECT * FROM law_events WHERE kind = 'dispute'")
    assert {event["account"] for event in events} == {"banco-andino/A1", "banco-andino/N1"}
    assert {event["customer_id"] for event in events} == {"C1"}, "who said it is who said it"


async def test_both_new_ids_raise_the_facts_of_both(desk: Desk) -> None:
    """So that what is reserved for another account of either is released."""
    await desk.take([owed("A1"), owed("A2", customer_id="C9")], as_of=AS_OF - 5 * DAY)
    before = await facts(desk)
    kept = owed("A2", customer_id="C9")
    report = await desk.take([kept, owed("N1", customer_id="C9")], as_of=LATER, snapshot=True)
    assert report.renumbered == 1
    after = await facts(desk)
    assert all(after[one] > before[one] for one in ("C1", "C9"))


async def facts(desk: Desk) -> dict[str, int]:
    found = await desk.pool.fetch("SELECT customer_id, facts FROM customers")
    return {one["customer_id"]: one["facts"] for one in found}


@pytest.mark.parametrize(
    "cells",
    [
        ELSEWHERE,  # even where the name is the same
        {"oldest_due_date": "2026-11-11"},
        {"currency": "USD", "balance": "20.00"},
        {"creditor": "tarjeta-azul"},
        {"name": "Luis Gómez", "balance": "7.00"},
        {"name": "Luis Gómez"} | ELSEWHERE,
    ],
)
async def test_another_persons_or_another_debt_is_not_taken_for_it(
    desk: Desk, cells: dict[str, str]
) -> None:
    other = owed("Z", customer_id="Z", mobile="+573990000088", email="z@example.com")
    await desk.take([owed("A1"), other], as_of=AS_OF - 5 * DAY)
    report = await desk.take([other, owed("A1") | BOTH | cells], as_of=LATER, snapshot=True)
    assert (report.added, report.renumbered, report.recalled) == (1, 0, 1)
    assert (await desk.account("N1"))["formerly"] == []


async def test_an_id_that_has_changed_before_is_known_without_an_address(desk: Desk) -> None:
    """Another account has shown the two ids to be one person's."""
    await desk.take([owed("A1"), owed("A2")], as_of=AS_OF - 5 * DAY)
    moved = owed("A2", customer_id="C9", **ELSEWHERE)
    await desk.take([owed("A1"), moved], as_of=AS_OF, snapshot=True)
    new = owed("N1", customer_id="C9", **ELSEWHERE)
    report = await desk.take([moved, new], as_of=LATER, snapshot=True)
    assert (report.added, report.renumbered) == (1, 1)
    assert (await desk.account("N1"))["formerly"] == ["A1"]


async def test_of_several_candidates_each_is_taken_once_and_the_likest_first(desk: Desk) -> None:
    """A household of one name and one telephone, as debts alike of one customer are paired."""
    old = [
        owed("A1", customer_id="C1"),
        owed("A2", customer_id="C2", email="second@example.com"),
        owed("A3", customer_id="C3", email="third@example.com", balance="7.00"),
    ]
    await desk.take(old, as_of=AS_OF - 5 * DAY)
    new = [
        owed("N1", customer_id="D1", email="second@example.com"),
        owed("N2", customer_id="D2"),
        owed("N3", customer_id="D3", email="", mobile="+573990000001", balance="8.00"),
    ]
    report = await desk.take(new, as_of=LATER, snapshot=True, limits=Limits(shared_address=6))
    assert (report.renumbered, report.recalled) == (3, 0)
    formerly = {name: (await desk.account(name))["formerly"] for name in ("N1", "N2", "N3")}
    assert formerly == {"N1": ["A2"], "N2": ["A1"], "N3": ["A3"]}


async def test_a_couple_with_one_telephone_and_debts_alike_is_told_apart_by_name(
    desk: Desk,
) -> None:
    luis = {"name": "Luis Gómez", "email": ""}
    await desk.take([owed("A1"), owed("A2", customer_id="C2", **luis)], as_of=AS_OF - 5 * DAY)
    new = [owed("N1", customer_id="D1", **luis), owed("N2", customer_id="D2")]
    report = await desk.take(new, as_of=LATER, snapshot=True)
    assert (report.renumbered, report.refused, report.recalled) == (2, 0, 0)
    formerly = {name: (await desk.account(name))["formerly"] for name in ("N1", "N2")}
    assert formerly == {"N1": ["A2"], "N2": ["A1"]}


async def test_of_two_new_ones_alike_the_first_is_it_and_who_keeps_the_id_comes_before(
    desk: Desk,
) -> None:
    await desk.take([owed("A1"), owed("A2", balance="7.00")], as_of=AS_OF - 5 * DAY)
    new = [owed("N1", customer_id="C9"), owed("N2", balance="7.00"), owed("N3", customer_id="C8")]
    report = await desk.take(new, as_of=LATER, snapshot=True)
    assert (report.added, report.renumbered, report.recalled) == (3, 2, 0)
    formerly = {name: (await desk.account(name))["formerly"] for name in ("N1", "N2", "N3")}
    assert formerly == {"N1": ["A1"], "N2": ["A2"], "N3": []}


async def test_the_same_debt_at_the_same_address_of_another_name_waits_for_a_person(
    desk: Desk,
) -> None:
    await desk.take([owed("A1")], as_of=AS_OF - 5 * DAY)
    other = owed("A1") | BOTH | {"name": "Luis Gómez"}
    for day in (0, 1):
        report = await desk.take([other], as_of=LATER + day * DAY, snapshot=True)
        assert (report.added, report.refused, report.recalled, report.exit_code) == (0, 1, 0, 3)
        rejects = (desk.folder / "accounts.csv.rejects.csv").read_text(encoding="utf-8")
        assert "of A1, which has the address, balance and due date" in rejects
        assert (await desk.account("A1"))["status"] == "open"
        assert (desk.starter.said("start"), desk.starter.said("recall")) == (["A1"], [])


async def test_a_person_says_that_it_is_the_same_debt_by_the_name_on_record(desk: Desk) -> None:
    await test_the_same_debt_at_the_same_address_of_another_name_waits_for_a_person(desk)
    report = await desk.take([owed("A1") | BOTH], as_of=LATER + 2 * DAY, snapshot=True)
    assert (report.added, report.renumbered) == (1, 1)


async def test_a_person_says_that_it_is_another_debt_by_a_file_that_recalls_nothing(
    desk: Desk,
) -> None:
    await test_the_same_debt_at_the_same_address_of_another_name_waits_for_a_person(desk)
    other = owed("A1") | BOTH | {"name": "Luis Gómez"}
    await desk.take([other], as_of=LATER + 2 * DAY)
    report = await desk.take([other], as_of=LATER + 3 * DAY, snapshot=True)
    assert (report.refused, report.renumbered, report.recalled) == (0, 0, 1)
    assert (await desk.account("N1"))["formerly"] == []


async def test_both_new_ids_wait_where_nothing_is_recalled(desk: Desk) -> None:
    await desk.take([owed("A1"), *rows(3)[2:]], as_of=AS_OF - 5 * DAY)
    content = [owed("A1") | BOTH, rows(3)[2] | {"account_id": ""}]
    report = await desk.take(content, as_of=LATER, snapshot=True)
    assert report.recall_refused is not None
    assert (report.added, report.refused, desk.starter.said("recall")) == (0, 2, [])
    assert (await desk.account("A1"))["status"] == "open"


async def test_a_payment_under_the_old_ids_is_not_lost_on_the_way(desk: Desk) -> None:
    """It comes under the former customer's lock: whoever merges waits for it."""
    await desk.take([owed("A1", balance="100000")], as_of=AS_OF - 5 * DAY)
    async with desk.pool.acquire() as connection, connection.transaction():
        await lock_customer(connection, "banco-andino", "A1")
        paid = {"kind": "payment_received", "id": "y", "amount": "10000"}
        message, at = MESSAGE.validate_python(paid), LATER + timedelta(hours=1)
        await Facts().apply(connection, ("banco-andino", "A1"), message, at)
        content = [owed("A1", balance="100000") | BOTH]
        merging = asyncio.create_task(desk.take(content, as_of=LATER, snapshot=True))
        await asyncio.sleep(1)
        assert not merging.done()
    await merging
    assert (await desk.account("N1"))["balance"] == Decimal(90000)


async def test_a_whole_portfolio_may_change_both_ids(desk: Desk) -> None:
    await desk.take(rows(6))
    content = [
        cells | {"account_id": f"N{number}", "customer_id": f"D{number}"}
        for number, cells in enumerate(rows(6))
    ]
    limits = Limits(recall_share=0.2)
    report = await desk.take(content, as_of=LATER, snapshot=True, limits=limits)
    assert (report.renumbered, report.recalled, report.recall_refused) == (6, 0, None)
    assert [(await desk.account(f"N{n}"))["formerly"] for n in range(6)] == [
        [f"A{n}"] for n in range(6)
    ]


@pytest.mark.parametrize("customers", ["C", "D"])
async def test_to_find_new_ids_is_a_small_part_of_an_intake_however_many_there_are(
    desk: Desk, customers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of one due date, as bills are: each old one is not compared with each new one."""
    began, spent, find = time.perf_counter(), 0.0, Recall.renumbered

    async def timed(recall: Recall) -> Any:
        nonlocal spent
        start = time.perf_counter()
        found = await find(recall)
        spent = time.perf_counter() - start
        return found

    monkeypatch.setattr(Recall, "renumbered", timed)
    old = rows(3000)
    await desk.take(old)
    new = [
        cells | {"account_id": f"N{number}", "customer_id": f"{customers}{number}"}
        for number, cells in enumerate(old)
    ]
    report = await desk.take(new, as_of=LATER, snapshot=True)
    assert report.renumbered == 3000
    assert spent < (time.perf_counter() - began) / 4
