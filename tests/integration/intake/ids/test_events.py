"""A line of events whose customer or account is spelt otherwise than on record."""

import pytest

from tests.integration.intake.desk import Desk
from tests.integration.intake.test_events import MOBILE, kinds, load, silent, take


@pytest.mark.parametrize(
    ("on_file", "said"),
    [
        ("00123", "123"),
        ("123", "00123"),
        ("K1", "k1"),
        ("K1", " K1"),
        ("K-1", "K1"),
        ("K1", 'K1"'),
        ("K1", "'K1"),
    ],
)
async def test_a_stop_of_a_customer_who_is_spelt_otherwise_is_theirs(
    desk: Desk, on_file: str, said: str
) -> None:
    await load(desk, customer_id=on_file)
    agreed = {"customer_id": said, "kind": "opt_in", "channel": "sms", "id": "in"}
    _, told, _ = await take(desk, agreed)
    assert "is spelt otherwise" not in told
    for new in (1, 0):  # the same file again
        status, told, woken = await take(desk, {"customer_id": said, "kind": "cease"})
        assert (status, woken) == (0, ["banco-andino/A1"])
        assert f"e0: customer_id: is spelt otherwise: it is {on_file}" in told
        assert f"{new} events recorded" in told
    assert await silent(desk)


async def test_a_stop_that_may_be_of_two_customers_is_of_both(desk: Desk) -> None:
    await load(desk, customer_id="K-1")
    await load(desk, customer_id="K.1", account_id="A2", mobile="+525512380999")
    for new in (1, 0):  # the same file again
        _, told, woken = await take(desk, {"customer_id": "K1", "kind": "cease"})
        assert "e0: customer_id: is spelt otherwise: it is K-1" in told
        assert "e0: customer_id: is spelt otherwise: it is K.1" in told
        assert f"{new} events recorded" in told
        assert sorted(woken) == ["banco-andino/A1", "banco-andino/A2"]
    assert await silent(desk)
    assert await silent(desk, "A2")


@pytest.mark.parametrize(("on_file", "said"), [("K1", "k1"), ("K1", "0K1"), ("K 1", "K1")])
async def test_leave_of_a_customer_who_is_spelt_otherwise_is_refused_in_words(
    desk: Desk, on_file: str, said: str
) -> None:
    await load(desk, customer_id=on_file)
    agreed = {"customer_id": said, "kind": "opt_in", "channel": "sms"}
    status, _, _ = await take(desk, agreed)
    assert status == 3
    refused = (desk.folder / "events.jsonl.rejects.jsonl").read_text("utf-8")
    assert f"is spelt otherwise: it is {on_file}" in refused
    assert await kinds(desk) == []


@pytest.mark.parametrize("said", ["k1", "0K1", "K 1", "K-1"])
@pytest.mark.parametrize("event", [{}, {"account_id": "banco-andino/A1"}, {"address": MOBILE}])
async def test_a_stop_before_the_file_holds_for_who_comes_under_another_spelling(
    desk: Desk, said: str, event: dict[str, str]
) -> None:
    stop = {"customer_id": said, "kind": "opt_out", **event}
    await take(desk, stop)
    await load(desk, customer_id="K1")
    assert await silent(desk)
    if said != "K-1" and event == {}:  # the same file again
        _, told, woken = await take(desk, stop)
        assert "0 events recorded, 1 known already" in told
        assert woken == ["banco-andino/A1"]


@pytest.mark.parametrize("before", [True, False])
async def test_other_figures_between_marks_are_another_customer(desk: Desk, before: bool) -> None:
    stop = {"customer_id": "1-12", "kind": "death"}
    if before:
        await take(desk, stop)
    await load(desk, customer_id="11-2")
    if not before:
        await take(desk, stop)
    assert not await silent(desk)
    await take(desk, stop | {"customer_id": "11.2"})
    assert await silent(desk)


async def test_leave_before_the_file_is_given_to_nobody_of_another_spelling(desk: Desk) -> None:
    await take(desk, {"customer_id": "k1", "kind": "opt_in", "channel": "sms"})
    await load(desk, customer_id="K1", consents="")
    found = await desk.pool.fetch("SELECT customer_id FROM law_events")
    assert [one["customer_id"] for one in found] == ["k1"]


@pytest.mark.parametrize("customer", ["C1", "C2", "C9"])
@pytest.mark.parametrize("account", ["banco-andino/a1", "Banco-Andino/0A1"])
async def test_a_stop_for_anybodys_account_spelt_otherwise_holds_for_it(
    desk: Desk, customer: str, account: str
) -> None:
    await load(desk)
    await load(desk, customer_id="C2", account_id="B2", mobile="+525512380999")
    stop = {"customer_id": customer, "kind": "cease", "account_id": account}
    status, told, _ = await take(desk, stop)
    assert status == 0
    assert "account_id: is spelt otherwise: it is banco-andino/A1" in told
    assert await silent(desk)


async def test_who_comes_by_the_very_id_has_said_it_too(desk: Desk) -> None:
    await load(desk, customer_id="K-1")
    await take(desk, {"customer_id": "K1", "kind": "cease"})
    await load(desk, customer_id="K1", account_id="A2", mobile="+525512380999")
    assert await silent(desk, "A2")
