"""The operator's own caps and quiet times, judged by the record."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lab.proof.verdict import Proof, prove
from tests.support.runs import Row, attempt_row, received_row, said_row
from tests.unit.proof.support import at, broken

IN_MEXICO: Row = {"jurisdictions": ["MX"], "zones": ["America/Mexico_City"]}
NOON = datetime(2026, 3, 2, 18, tzinfo=UTC)
"""A Monday, twelve in Mexico."""


def told(*days: float, **changes: Any) -> list[Row]:
    return [
        at(
            attempt_row(n, attempt_id=f"a{n}", step=n, **IN_MEXICO),
            (NOON + timedelta(days=day)).isoformat(),
            **{"purpose": f"p{n}", **changes},
        )
        for n, day in enumerate(days, start=1)
    ]


def judged(rows: list[Row], said: list[Row] | None = None, **limits: Any) -> Proof:
    received = [
        received_row(row, text=f"words {row['attempt_id']}")
        for row in rows
        if row["state"] in ("accepted", "delivered")
    ]
    return prove(rows, received, said=said, stops=[], stated=limits)


@pytest.mark.parametrize(
    ("caps", "days", "holds"),
    [
        ({"week": 1}, (0, 6), False),
        ({"week": 1}, (0, 7), True),
        ({"week": 2}, (0, 3, 6), False),
        ({"week": 2}, (0, 3, 7), True),
        ({"month": 2}, (0, 10, 29), False),
        ({"month": 2}, (0, 10, 30), True),
        ({"day": 1}, (0, 0.1), False),
        ({"day": 1}, (0, 0.6), True),
        ({"day": None, "week": None}, (0, 0.1), True),
    ],
)
def test_a_person_has_no_more_contacts_than_the_operator_lets(
    caps: dict[str, int], days: tuple[float, ...], *, holds: bool
) -> None:
    found = broken(judged(told(*days), caps=caps))
    assert ("capped" not in found) is holds


@pytest.mark.parametrize("state", ["unknown", "undelivered", "dispatching"])
def test_what_nobody_received_counts_where_it_may_have_been_made(state: str) -> None:
    rows = told(0, 3)
    rows[0]["state"] = state
    assert "capped" in broken(judged(rows, caps={"week": 1}))


@pytest.mark.parametrize("state", ["released", "refused", "reserved"])
def test_what_was_certainly_never_made_does_not(state: str) -> None:
    rows = told(0, 3)
    rows[0]["state"] = state
    assert "capped" not in broken(judged(rows, caps={"week": 1}))


def test_a_real_answer_is_free_and_one_in_name_is_not() -> None:
    rows = told(0, 3)
    rows[1]["purpose"] = "balance_answer"
    asked = NOON + timedelta(days=3) - timedelta(hours=1)
    wrote = said_row(received_row(rows[1])["to"], asked.isoformat())
    quiet = {"dates": ["2026-03-05"]}
    limits: dict[str, Any] = {"caps": {"week": 1}, "quiet": quiet}
    assert not {"capped", "quiet"} & broken(judged(rows, [wrote], **limits))
    assert {"capped", "quiet"} <= broken(judged(rows, [], **limits))


def test_what_a_person_wrote_counts_and_is_not_held() -> None:
    person = {"purpose": "person"}
    rows = told(0, 3)
    rows[1] |= person
    assert "capped" not in broken(judged(rows, caps={"week": 1}))
    rows = told(0, 3)
    rows[0] |= person
    assert "capped" in broken(judged(rows, caps={"week": 1}))


ALL_DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


@pytest.mark.parametrize(
    ("quiet", "holds"),
    [
        ({"hours": [{"days": ALL_DAYS, "hours": "11:00-13:00"}]}, False),
        ({"hours": [{"days": ALL_DAYS, "hours": "11:00-12:00"}]}, True),
        ({"hours": [{"days": ALL_DAYS, "hours": "12:00-13:00"}]}, False),
        ({"hours": [{"days": ["tue"], "hours": "00:00-24:00"}]}, True),
        ({"dates": ["2026-03-02"]}, False),
        ({"dates": ["2026-03-03"]}, True),
        ({"holidays": ["MX"]}, True),
        ({}, True),
    ],
)
def test_nobody_is_contacted_in_quiet_times(quiet: dict[str, Any], *, holds: bool) -> None:
    assert ("quiet" not in broken(judged(told(0), quiet=quiet))) is holds


@pytest.mark.parametrize(("holidays", "holds"), [(["MX"], False), (["own"], False), (["CO"], True)])
def test_holidays_are_those_of_the_country_that_is_named(
    holidays: list[str], *, holds: bool
) -> None:
    """16 March 2026 is the birthday of Juárez, on its Monday."""
    rows = told(14)
    assert ("quiet" not in broken(judged(rows, quiet={"holidays": holidays}))) is holds


def test_of_several_zones_each_may_be_the_quiet_one() -> None:
    rows = told(0)
    rows[0]["zones"] = ["America/Mexico_City", "America/Tijuana"]
    quiet = {"hours": [{"days": ALL_DAYS, "hours": "10:00-11:00"}]}
    assert "quiet" in broken(judged(rows, quiet=quiet))


def test_nothing_is_examined_where_nothing_is_stated() -> None:
    proof = judged(told(0, 1))
    marks = {check.code: check.mark for check in proof.checks}
    assert marks["capped"] == marks["quiet"] == "not_examined"
