"""A closed account that comes back: by one rule, under its own number or a new one."""

from datetime import timedelta

import pytest

from domain.planning.step import StepKind
from tests.integration.intake.comeback.test_taken_back import BEGAN, HOUR, take
from tests.integration.intake.desk import DAY, Desk
from tests.integration.intake.test_renumbered import AS_OF, LATER, NOW, owed, said

CLOSED = AS_OF + HOUR
ELSEWHERE = {"mobile": "+573990000077", "email": "elsewhere@example.com"}


async def close(desk: Desk, account_id: str, reason: str) -> None:
    await desk.pool.execute(
        "UPDATE accounts SET status = 'closed', close_reason = $2, closed_at = $3 "
        "WHERE account_id = $1",
        account_id,
        reason,
        CLOSED,
    )


RULE = [
    ("closed", {}, None),
    ("handed_off", {}, None),
    ("recalled", {}, BEGAN),
    ("cured", {}, BEGAN),
    ("cured", {"balance": "7000"}, BEGAN),
    ("closed", {"balance": "7000"}, None),
]
"""Why it was closed, what the file says, and since when it is collected again, if it is."""


@pytest.mark.parametrize(("reason", "cells", "since"), RULE)
@pytest.mark.parametrize("number", ["A1", "N1"])
@pytest.mark.parametrize("customer", ["C1", "C9"])
async def test_under_whatever_number_a_closed_account_comes_back_by_one_rule(
    desk: Desk, reason: str, cells: dict[str, str], since: object, number: str, customer: str
) -> None:
    await take(desk, BEGAN, owed("A1"))
    await said(desk, "A1", AS_OF - DAY)
    await close(desk, "A1", reason)
    report = await take(desk, LATER, owed(number, customer_id=customer, **cells))
    account = await desk.account(number)
    assert account["status"] == ("closed" if since is None else "open")
    assert account["close_reason"] == (reason if since is None else None)
    assert account["since"] == BEGAN
    plan = await desk.plan(NOW, number)
    assert (plan.kind, plan.touch) == (
        (StepKind.CLOSE, 0) if since is None else (StepKind.CONTACT, 2)
    )
    if number == "N1":
        assert (report.added, report.reopened, report.renumbered) == (1, 0, 1)
        assert desk.starter.said("start").count("N1") == (0 if since is None else 1)
        assert desk.starter.said("recall") == [], "it is closed already"
        assert account["formerly"] == ["A1"]
        gone = await desk.account("A1")
        assert (gone["close_reason"], gone["customer_id"]) == (reason, customer)
    again = await take(desk, NOW, owed(number, customer_id=customer, **cells))
    assert (again.added, again.reopened, again.renumbered) == (0, 0, 0)
    assert (await desk.account(number))["status"] == account["status"]


async def test_what_was_closed_falls_due_again_under_its_new_number(desk: Desk) -> None:
    await take(desk, BEGAN, owed("A1"))
    await said(desk, "A1", AS_OF - DAY)
    await close(desk, "A1", "closed")
    await take(desk, LATER, owed("N1"))
    due = {"oldest_due_date": "2026-11-20"}
    await take(desk, LATER + DAY, owed("N1") | due)
    account = await desk.account("N1")
    assert (account["status"], account["since"]) == ("open", LATER + DAY)
    assert (await desk.plan(LATER + 4 * DAY, "N1")).touch == 1


@pytest.mark.parametrize("kind", ["cease", "dispute"])
async def test_what_was_said_of_a_closed_account_is_heard_under_its_new_number(
    desk: Desk, kind: str
) -> None:
    await take(desk, BEGAN, owed("A1"))
    await desk.says(kind, AS_OF, account_id="banco-andino/A1")
    await close(desk, "A1", "recalled")
    await take(desk, LATER, owed("N1"))
    assert (await desk.plan(NOW, "N1")).kind is StepKind.WAIT


@pytest.mark.parametrize(
    "cells",
    [
        {"oldest_due_date": "2026-11-11"},
        {"currency": "USD", "balance": "20.00"},
        {"creditor": "tarjeta-azul"},
        {"customer_id": "C9"} | ELSEWHERE,
        {"customer_id": "C9", "name": "Luis Gómez", "balance": "7.00"},
    ],
)
async def test_another_debt_than_the_closed_one_begins(desk: Desk, cells: dict[str, str]) -> None:
    await take(desk, BEGAN, owed("A1"))
    await close(desk, "A1", "closed")
    report = await take(desk, LATER, owed("N1") | cells)
    assert (report.added, report.renumbered, report.refused) == (1, 0, 0)
    assert (await desk.account("N1"))["status"] == "open"


async def test_of_an_open_and_a_closed_account_the_open_one_has_the_new_number(desk: Desk) -> None:
    """Whatever their balances: what is closed is asked about only what is left."""
    await take(desk, BEGAN, owed("A1", balance="100"), owed("A2", balance="200"))
    await close(desk, "A1", "closed")
    report = await take(desk, LATER, owed("N1", balance="100"))
    assert report.renumbered == 1
    account = await desk.account("N1")
    assert (account["status"], account["formerly"]) == ("open", ["A2"])


async def test_a_closed_account_that_is_still_listed_is_not_taken_for_another(desk: Desk) -> None:
    await take(desk, BEGAN, owed("A1"))
    await close(desk, "A1", "closed")
    report = await take(desk, LATER, owed("A1"), owed("N1"))
    assert (report.added, report.renumbered) == (1, 0)
    assert (await desk.account("N1"))["status"] == "open"


async def test_a_number_that_another_has_followed_is_not_taken_again(desk: Desk) -> None:
    """The debt has it already, be it under another customer id meanwhile."""
    await take(desk, BEGAN, owed("A1"))
    await take(desk, AS_OF, owed("N1"))
    moved = owed("N1", customer_id="C9")
    await take(desk, LATER, moved)
    report = await take(desk, LATER + DAY, moved, owed("N2", customer_id="C9", balance="7000"))
    assert (report.added, report.renumbered) == (1, 0)
    assert (await desk.account("N2"))["since"] == LATER + DAY


async def test_a_closed_account_waits_where_nothing_is_recalled(desk: Desk) -> None:
    await take(desk, BEGAN, owed("A1"))
    await close(desk, "A1", "closed")
    nameless = owed("A5", customer_id="C5", email="c5@example.com") | {"account_id": ""}
    report = await take(desk, LATER, owed("N1"), nameless)
    assert report.recall_refused is not None
    assert (report.added, report.refused) == (0, 2)


async def test_the_same_closed_debt_of_another_name_waits_for_a_person(desk: Desk) -> None:
    await take(desk, BEGAN, owed("A1"))
    await close(desk, "A1", "closed")
    other = owed("N1", customer_id="C9", name="Luis Gómez")
    report = await take(desk, LATER, other)
    assert (report.added, report.refused) == (0, 1)
    await desk.take([other], as_of=LATER + timedelta(minutes=1))
    assert (await desk.account("N1"))["status"] == "open"
