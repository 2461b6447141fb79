"""Which search attributes an account's workflow writes, and that old accounts keep theirs."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from temporalio.common import SearchAttributePair, TypedSearchAttributes

from domain.planning.step import Status, Step, StepKind, View
from workers.cli.temporal_ui import COLUMNS, VIEWS, script
from workers.search_attributes import ATTRIBUTES
from workflows.visibility import KEYS, NEXT_CONTACT_AT, STANDING, STATUS, changed

NOW = datetime(2026, 11, 28, tzinfo=UTC)
OTHERS = {"Phase": "mid", "Jurisdiction": "CO", "Creditor": "bank", "DaysPastDue": "31-60"}


def step(
    shown_as: Any, status: Status = Status.COLLECTING, contact: datetime | None = None
) -> Step:
    view = View(
        status=status,
        phase="mid",
        jurisdiction="CO",
        days_past_due=40,
        bucket="31-60",
        balance=Decimal(1),
        currency="COP",
        shown_as=shown_as,
        next_contact_at=contact,
    )
    return Step(kind=StepKind.WAIT, not_before=NOW, summary="", why="", view=view)


def attributes(**values: str) -> TypedSearchAttributes:
    keys = {key.name: key for key in (*KEYS, STATUS)}
    return TypedSearchAttributes(
        [SearchAttributePair(keys[name], value) for name, value in {**OTHERS, **values}.items()]
    )


@pytest.mark.parametrize(
    ("current", "planned", "written"),
    [
        # An account that begins now.
        (TypedSearchAttributes([]), step("standing"), {"Standing": "collecting", **OTHERS}),
        (attributes(Standing="collecting"), step("standing"), {}),
        (attributes(Standing="collecting"), step("status"), {}),
        (attributes(Standing="resting"), step("status"), {"Standing": "collecting"}),
        # One that began before, replayed from its first event: one command, as recorded.
        (
            TypedSearchAttributes([]),
            step("status"),
            {"Status": "collecting", "Standing": "collecting", **OTHERS},
        ),
        # One that began before, in a later run: Standing never causes a command of its own.
        (attributes(Status="collecting"), step("standing"), {}),
        (attributes(Status="collecting"), step("status"), {}),
        (
            attributes(Status="resting"),
            step("standing"),
            {"Status": "collecting", "Standing": "collecting"},
        ),
        (
            attributes(Status="collecting"),
            step("standing", contact=NOW),
            {"NextContactAt": NOW, "Standing": "collecting"},
        ),
        (
            attributes(Status="collecting", Standing="collecting"),
            step("standing", status=Status.ON_HOLD),
            {"Status": "on_hold", "Standing": "on_hold"},
        ),
    ],
)
def test_what_differs_is_written_and_an_old_account_keeps_its_commands(
    current: TypedSearchAttributes, planned: Step, written: dict[str, Any]
) -> None:
    updates = changed(current, "bank", planned)
    assert {update.key.name: update.value for update in updates} == written


def test_the_names_are_those_that_a_namespace_is_given() -> None:
    from workers.search_attributes import ATTRIBUTES

    assert {key.name for key in KEYS} == set(ATTRIBUTES)
    assert NEXT_CONTACT_AT in KEYS and STANDING in KEYS


UI_LABELS = {"Status", "Workflow ID", "Run ID", "Type", "Start", "End", "History Length"}
"""Columns of the UI's own, as its source names them."""


def test_the_columns_for_the_ui_are_its_own_and_all_of_our_attributes() -> None:
    assert set(COLUMNS) - UI_LABELS == set(ATTRIBUTES)


def test_there_is_a_view_for_everything_that_a_running_account_can_be() -> None:
    ended = {Status.CLOSED}
    for status in set(Status) - ended:
        assert any(f"Standing='{status}' " in query for query in VIEWS.values()), status


def test_the_script_for_the_ui_keeps_what_it_is_given_as_data() -> None:
    namespace = 'a"b</script>'
    text = script(namespace)
    given, _ = json.JSONDecoder().raw_decode(text[text.rindex("})(") + 3 :])
    assert given["namespace"] == namespace
    assert [one["label"] for one in given["columns"]] == list(COLUMNS)
    assert {one["name"]: one["query"] for one in given["views"]} == VIEWS
    assert "\n" not in text
