"""An account under another customer id: what was said of it, or by the same person, stays."""

from datetime import timedelta
from typing import Any

import pytest

from domain.entry.ids import one_person
from domain.facts import MESSAGE
from domain.planning.step import StepKind
from store.database import Pool
from store.facts import Facts
from store.law_events import customer_of
from tests.integration.intake.desk import Desk
from tests.integration.intake.test_consents import AFTER, AS_OF, COUNTRIES, NOW, load

CO = {"country": "CO", **COUNTRIES["CO"], "name": "Ana Pérez"}
AGAIN = CO | {"customer_id": "C9"}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = AS_OF + 3 * HOUR
ACCOUNT = {"account_id": "banco-andino/A1"}
SAID: list[tuple[str, dict[str, Any]]] = [
    ("cease", {}),
    ("cease", {"channel": "letter"}),
    ("opt_out", {}),
    ("opt_out", {"channel": "sms"}),
    ("death", {}),
    ("attorney", {}),
    ("dispute", {}),
    ("dispute", ACCOUNT),
    ("bankruptcy", {}),
]
PERSON: list[tuple[str, dict[str, Any]]] = [
    ("cease", {}),
    ("opt_out", {"channel": "sms"}),
    ("death", {}),
    ("dispute", {}),
]
OTHER = {"customer_id": "G1", "name": "Luis Gómez", "mobile": "+573001380777"}
"""Another person: another name, and no address in common."""


async def is_reached(desk: Desk, account_id: str = "A1") -> bool:
    return (await desk.plan(NOW + DAY, account_id)).kind is StepKind.CONTACT


async def is_silenced_by(desk: Desk, kind: str, **more: Any) -> bool:
    """Whether saying it ends the contacts: not every country's law weighs every kind."""
    assert await is_reached(desk)
    await desk.says(kind, AFTER, **more)
    return not await is_reached(desk)


async def signalled(desk: Desk, customer: str) -> None:
    """An upstream system opens the account anew for a customer."""
    facts = {
        "creditor": "banco-andino",
        "account_id": "A1",
        "customer_id": customer,
        "currency": "COP",
        "balance": "450000.00",
        "oldest_due_date": "2026-11-10",
    }
    told = {"kind": "account_opened", "id": customer, "as_of": LATER.isoformat(), "facts": facts}
    async with desk.pool.acquire() as connection:
        message = MESSAGE.validate_python(told)
        await Facts().apply(connection, ("banco-andino", "A1"), message, LATER)
    assert (await desk.account())["customer_id"] == customer


@pytest.mark.parametrize(("kind", "more"), SAID)
@pytest.mark.parametrize("country", ["CO", "US"])
async def test_what_was_said_is_heard_under_another_id(
    desk: Desk, kind: str, more: dict[str, Any], country: str
) -> None:
    cells = {"country": country, **COUNTRIES[country]}
    await load(desk, cells)
    silenced = await is_silenced_by(desk, kind, **more)
    assert silenced or country == "CO"
    await load(desk, cells | {"customer_id": "C9"}, LATER)
    assert (await desk.account())["customer_id"] == "C9"
    assert await is_reached(desk) is not silenced


@pytest.mark.parametrize(("kind", "more"), PERSON)
async def test_a_signal_that_changes_the_id_loses_nothing_either(
    desk: Desk, kind: str, more: dict[str, Any]
) -> None:
    await load(desk, CO)
    await load(desk, AGAIN | {"account_id": "A9"})
    assert await is_silenced_by(desk, kind, **more)
    await signalled(desk, "C9")
    assert not await is_reached(desk)
    assert not await is_reached(desk, "A9"), "it is the same person's"


@pytest.mark.parametrize(("kind", "more"), PERSON)
@pytest.mark.parametrize(
    "cells", [{"mobile": OTHER["mobile"]}, {"name": OTHER["name"]}, {"name": "PEREZ, ANA"}]
)
async def test_one_sign_of_the_same_person_is_enough_to_keep_silence(
    desk: Desk, kind: str, more: dict[str, Any], cells: dict[str, str]
) -> None:
    await load(desk, CO)
    assert await is_silenced_by(desk, kind, **more)
    await load(desk, AGAIN | cells, LATER)
    assert not await is_reached(desk)
    await load(desk, AGAIN | cells | {"customer_id": "C10"}, LATER + HOUR)
    assert not await is_reached(desk), "twice removed"


@pytest.mark.parametrize(("kind", "more"), PERSON)
async def test_another_person_has_not_said_what_the_earlier_holder_said(
    desk: Desk, kind: str, more: dict[str, Any]
) -> None:
    await load(desk, CO)
    assert await is_silenced_by(desk, kind, **more)
    await load(desk, CO | OTHER, LATER)
    assert await is_reached(desk)
    await load(desk, AGAIN, LATER + HOUR)
    assert not await is_reached(desk), "it is the earlier one's again"


@pytest.mark.parametrize("kind", ["dispute", "attorney", "cease", "opt_out"])
async def test_what_was_said_of_the_account_stays_with_it_whoever_holds_it(
    desk: Desk, kind: str
) -> None:
    await load(desk, CO)
    assert await is_silenced_by(desk, kind, **ACCOUNT)
    await load(desk, CO | OTHER, LATER)
    assert not await is_reached(desk)
    await desk.says("opt_in", LATER, **ACCOUNT)
    assert not await is_reached(desk), "nor can the earlier holder give leave for another"


async def test_a_death_is_not_the_next_holders_though_an_account_is_named(desk: Desk) -> None:
    await load(desk, CO)
    await desk.says("death", AFTER, **ACCOUNT)
    await load(desk, CO | OTHER, LATER)
    assert await is_reached(desk)


@pytest.mark.parametrize(("kind", "more"), PERSON)
async def test_what_is_said_under_either_id_is_heard_under_both(
    desk: Desk, kind: str, more: dict[str, Any]
) -> None:
    """And what is reserved under the other one is released."""
    await load(desk, CO)
    await load(desk, CO | {"account_id": "A2"})
    await load(desk, AGAIN, LATER)
    for customer, account in (("C1", "A1"), ("C9", "A2")):
        before = await facts(desk)
        assert await is_reached(desk, account)
        await desk.says(kind, LATER, customer, **more)
        assert not await is_reached(desk, account)
        after = await facts(desk)
        assert all(after[one] > before[one] for one in ("C1", "C9"))
        await desk.pool.execute("DELETE FROM law_events WHERE kind = $1", kind)


async def facts(desk: Desk) -> dict[str, int]:
    rows = await desk.pool.fetch("SELECT customer_id, facts FROM customers")
    return {row["customer_id"]: row["facts"] for row in rows}


async def test_facts_of_who_shares_the_address_or_holds_the_account_are_raised(
    desk: Desk,
) -> None:
    await load(desk, CO)
    await load(desk, CO | {"customer_id": "S1", "account_id": "S", "name": "Rosa Lara"})
    await load(desk, CO | OTHER, LATER)
    before = await facts(desk)
    await desk.says("dispute", LATER, **ACCOUNT)
    after = await facts(desk)
    assert {one for one in before if after[one] > before[one]} == {"C1", "G1"}
    await desk.says("cease", LATER, channel="letter")
    last = await facts(desk)
    assert {one for one in before if last[one] > after[one]} == {"C1", "S1"}


@pytest.mark.parametrize(
    ("cells", "lifted"),
    [({}, True), ({"name": OTHER["name"]}, False), ({"mobile": "+573001380777"}, False)],
)
async def test_leave_is_taken_only_from_who_is_surely_the_same(
    desk: Desk, cells: dict[str, str], lifted: bool
) -> None:
    await load(desk, CO)
    await load(desk, AGAIN | cells, LATER)
    await desk.says("opt_out", LATER, "C9", channel="sms")
    await desk.says("opt_in", LATER + HOUR, "C1", channel="sms")
    assert await is_reached(desk) is lifted


async def test_who_speaks_of_an_account_may_have_it_under_another_id(desk: Desk) -> None:
    await load(desk, CO)
    await load(desk, AGAIN, LATER)
    async with desk.pool.acquire() as connection:
        for one in ("C1", "C9"):
            found = await customer_of(connection, one)
            assert found is not None
            assert (found.accounts, found.open) == (["banco-andino/A1"], ["banco-andino/A1"])


NAMES = (
    ("Ana Pérez", "PEREZ, ANA M."),
    ("Ana María Pérez", "Ana M Pérez Soto"),
    ("Ana Pérez", "Luis Gómez"),
    ("Ana Pérez", "Ana Gómez"),
    ("José Ñuñez", "JOSE NUNEZ"),
    ("Jo", "Joaquín Lara"),
    ("Joa Lara", "Joaquín Lara"),
    ("Joaq Lara", "Joaquín Lara"),
    ("", "Ana"),
    ("João  d'Ávila", "Joao D Avila"),
    ("Ana-Sofía", "Ana Sofía"),
)


@pytest.mark.parametrize("names", NAMES)
async def test_postgresql_knows_one_person_by_their_names_as_intake_does(
    pool: Pool, names: tuple[str, str]
) -> None:
    for first, second in (names, names[::-1]):
        alike = await pool.fetchval("SELECT one_person($1, $2)", first, second)
        assert alike is one_person({first, second})
