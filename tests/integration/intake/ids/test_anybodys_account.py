"""A stop that names another person's account holds for it, and they are told like its customer."""

import json
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from lab.builders.parts import dependencies_for, settings_for
from tests.integration.intake.desk import Desk
from tests.integration.intake.test_events import AT, At, Woken, load, silent
from workers.intake.events import record_events

OTHERS = {"customer_id": "C2", "account_id": "B2", "mobile": "+525512380999"}


async def answer(desk: Desk, line: dict[str, Any]) -> tuple[str, list[str]]:
    """What the report says of a line, effects included, and who was woken."""
    file, console, woken = desk.folder / "e.jsonl", Console(file=StringIO(), width=400), Woken()
    file.write_text(json.dumps({"id": "e0", "at": AT, **line}), "utf-8")
    with dependencies_for(desk.pool, settings_for("http://127.0.0.1:9")) as made:
        told = (file, desk.pool, woken, console)
        await record_events(*told, clock=At(), rules=made.factory)
    return console.file.getvalue(), sorted(woken.told)  # type: ignore[attr-defined]


@pytest.mark.parametrize("customer", ["C1", "C9"])
@pytest.mark.parametrize("account", ["banco-andino/B2", "Banco-Andino/b2", "B2", "b2"])
async def test_it_is_silent_woken_and_named_in_the_report(
    desk: Desk, customer: str, account: str
) -> None:
    await load(desk)
    await load(desk, **OTHERS)
    stop = {"customer_id": customer, "kind": "cease", "account_id": account}
    theirs = ["banco-andino/A1"] if customer == "C1" else []
    for new in (1, 0):  # the same file again
        said, woken = await answer(desk, stop)
        assert woken == [*theirs, "banco-andino/B2"]
        assert f"{new} events recorded" in said
        assert ("e0: banco-andino/A1, banco-andino/B2: " in said) is bool(new and theirs)
        assert ("e0: banco-andino/B2: " in said) is bool(new and not theirs)
        assert "banco-andino/B2" in said
    assert await silent(desk, "B2")
    assert await silent(desk) is bool(theirs)


async def test_a_bare_id_that_several_have_is_of_all_of_them(desk: Desk) -> None:
    await load(desk)
    await load(desk, **OTHERS)
    await load(
        desk, **OTHERS | {"creditor": "bodega", "customer_id": "C3", "mobile": "+525512380777"}
    )
    said, woken = await answer(desk, {"customer_id": "C1", "kind": "opt_out", "account_id": "B2"})
    assert woken == ["banco-andino/A1", "banco-andino/B2", "bodega/B2"]
    assert "banco-andino/B2" in said
    assert "bodega/B2" in said
    assert await silent(desk, "B2")


async def test_a_bare_id_of_the_customers_own_is_of_nobody_else(desk: Desk) -> None:
    await load(desk)
    other = OTHERS | {"creditor": "bodega", "account_id": "A1"}
    await load(desk, **other)
    said, woken = await answer(desk, {"customer_id": "C1", "kind": "cease", "account_id": "A1"})
    assert woken == ["banco-andino/A1"]
    assert "bodega" not in said


async def test_who_has_the_address_of_a_stop_is_named_in_the_report(desk: Desk) -> None:
    await load(desk)
    await load(desk, **OTHERS)
    stop = {"customer_id": "C1", "kind": "opt_out", "address": OTHERS["mobile"]}
    said, woken = await answer(desk, stop)
    assert woken == ["banco-andino/A1", "banco-andino/B2"]
    assert "e0: banco-andino/A1, banco-andino/B2: " in said


@pytest.mark.parametrize("account", ["banco-andino/B2", "B2"])
async def test_leave_for_it_is_refused(desk: Desk, account: str) -> None:
    await load(desk)
    await load(desk, **OTHERS)
    agreed = {"customer_id": "C1", "kind": "opt_in", "channel": "sms", "account_id": account}
    said, _ = await answer(desk, agreed)
    assert "1 refused" in said
