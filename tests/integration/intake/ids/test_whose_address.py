"""A stop is of the address, too: whoever has it plans anew, and the report says what changes."""

from typing import Any

import pytest

from tests.integration.intake.desk import Desk
from tests.integration.intake.ids.test_anybodys_account import answer
from tests.integration.intake.test_events import MOBILE, load, silent

SPELT = "+5215512380104"
"""The same telephone, as WhatsApp names it."""
OURS, THEIRS = "banco-andino/A1", "banco-andino/B2"
BESIDE = {"customer_id": "C2", "account_id": "B2", "mobile": SPELT}
STRANGER = {"customer_id": "C3", "account_id": "B3", "mobile": "+525512380999"}


@pytest.mark.parametrize(
    "stop",
    [
        {"kind": "cease"},
        {"kind": "cease", "address": MOBILE},
        {"kind": "opt_out"},
        {"kind": "opt_out", "channel": "sms"},
        {"kind": "opt_out", "address": MOBILE},
        {"kind": "opt_out", "address": SPELT, "channel": "sms"},
        {"kind": "opt_out", "address": MOBILE, "account_id": "A1"},
        {"kind": "wrong_number", "address": "+52 1 55 1238 0104"},
    ],
    ids=str,
)
async def test_whoever_has_it_is_silent_woken_and_named(desk: Desk, stop: dict[str, Any]) -> None:
    for cells in ({}, BESIDE, STRANGER):
        await load(desk, **cells)
    for new in (1, 0):  # the same file again
        said, woken = await answer(desk, {"customer_id": "C1", **stop})
        assert woken == [OURS, THEIRS]
        assert f"{new} events recorded" in said
        assert "2 accounts plan anew" in said
        named = [line for line in said.splitlines() if THEIRS in line and "used no more" in line]
        assert len(named) == new, said
    assert await silent(desk, "B2")
    assert not await silent(desk, "B3")


@pytest.mark.parametrize(
    "fact",
    [
        {"kind": "death"},
        {"kind": "attorney"},
        {"kind": "dispute", "account_id": "A1"},
        {"kind": "cease", "account_id": "A1"},
        {"kind": "opt_out", "account_id": "A1"},
        {"kind": "opt_out", "channel": "email"},
        {"kind": "opt_in", "channel": "sms", "address": MOBILE},
    ],
    ids=str,
)
async def test_what_is_of_the_person_alone_wakes_nobody_else(
    desk: Desk, fact: dict[str, Any]
) -> None:
    for cells in ({}, BESIDE):
        await load(desk, **cells)
    said, woken = await answer(desk, {"customer_id": "C1", **fact})
    assert woken == [OURS]
    assert THEIRS not in said
    assert not await silent(desk, "B2")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE contact_points SET current = false WHERE customer_id = 'C2'",
        "UPDATE accounts SET status = 'closed' WHERE customer_id = 'C2'",
    ],
)
async def test_who_has_it_no_more_and_what_is_closed_is_left_alone(desk: Desk, change: str) -> None:
    for cells in ({}, BESIDE):
        await load(desk, **cells)
    await desk.pool.execute(change)
    _, woken = await answer(desk, {"customer_id": "C1", "kind": "cease"})
    assert woken == [OURS]


async def test_an_address_that_the_person_had_counts_also_under_their_former_id(desk: Desk) -> None:
    await load(desk)
    await load(desk, **BESIDE)
    await load(desk, customer_id="C9", mobile="+525512380777")  # the same account and name
    _, woken = await answer(desk, {"customer_id": "C9", "kind": "cease"})
    assert woken == [OURS, THEIRS]


async def test_a_stop_of_who_may_be_several_wakes_who_shares_an_address_with_any(
    desk: Desk,
) -> None:
    people = {"1-12": "+525512380777", "11-2": MOBILE}
    for n, (customer, mobile) in enumerate(people.items()):
        await load(desk, customer_id=customer, account_id=f"A{n}", mobile=mobile)
    await load(desk, **BESIDE)
    said, woken = await answer(desk, {"customer_id": "112", "kind": "cease"})
    assert THEIRS in woken
    assert any(THEIRS in line and "used no more" in line for line in said.splitlines())
