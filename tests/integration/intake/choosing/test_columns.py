"""Columns `strategy` and `attr_*`: kept with the account, refused with the row, told once."""

import csv
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.entry.intake import COLUMNS
from domain.failures import BadInput
from domain.segments.attributes import Attributes
from domain.segments.rows import Portfolio
from lab.builders.intake_files import AS_OF, row, write_csv, write_jsonl
from tests.integration.intake.desk import Desk
from workers.intake.limits import Limits
from workers.intake.report import IntakeReport

DAY = timedelta(days=1)
DECLARED = Attributes.model_validate({"attributes": {"vip": "yes_no", "limit": "number"}}).declared
LIMITS = Limits(portfolio=Portfolio(frozenset({"default", "gentle"}), DECLARED))


async def take(desk: Desk, *content: dict[str, str], **more: Any) -> IntakeReport:
    """The rows as a file with all columns that any of them has."""
    extra = [name for name in {**{k: 1 for one in content for k in one}} if name not in COLUMNS]
    path = write_csv(desk.folder / "own.csv", content, [*COLUMNS, *extra])
    return await desk.take(path, limits=LIMITS, **more)


def refused_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def told(desk: Desk) -> list[tuple[str, str]]:
    """Which accounts were started or told, and how."""
    return [(call[0], call[2]) for call in desk.starter.calls]


async def test_a_pin_and_attributes_are_kept_as_they_are_declared(desk: Desk) -> None:
    cells = {"strategy": "gentle", "attr_vip": "Yes", "attr_limit": "12.50", "attr_product": "card"}
    report = await take(desk, row(**cells))
    assert (report.added, report.refused) == (1, 0)
    kept = await desk.account()
    assert kept["pinned"] == "gentle"
    assert kept["attributes"] == {"vip": True, "limit": "12.50", "product": "card"}


@pytest.mark.parametrize(
    ("cells", "field", "rule"),
    [
        ({"strategy": "harsh"}, "strategy", "must be a strategy that is configured: default, gent"),
        ({"attr_vip": "perhaps"}, "attr_vip", "must be yes or no"),
        ({"attr_limit": "1,000"}, "attr_limit", "must be a number such as 12"),
        ({"attr_customer_since": "21/11/2025"}, "attr_customer_since", "must be a date such as"),
    ],
)
async def test_a_row_that_tells_what_is_none_is_refused_by_its_field(
    desk: Desk, cells: dict[str, str], field: str, rule: str
) -> None:
    good = row(account_id="A2", customer_id="C2", mobile="+573990000002", email="b@example.com")
    report = await take(desk, row(**cells), good)
    assert (report.added, report.refused) == (1, 1)
    assert report.rejects is not None
    [refused] = refused_rows(report.rejects)
    assert refused["line"] == "2"
    assert refused["field"] == field
    assert refused["rule"].startswith(rule)
    assert refused[field] == cells[field], "each cell stands under its own column"


async def test_an_attribute_that_nobody_declared_is_a_column_that_is_none(desk: Desk) -> None:
    with pytest.raises(BadInput, match="unknown column 'attr_mood'; declare it"):
        await take(desk, row(attr_mood="good"))


async def test_lines_of_json_may_tell_each_its_own(desk: Desk) -> None:
    other = row(account_id="A2", customer_id="C2", mobile="+573990000002", email="b@example.com")
    lines: list[dict[str, object]] = [
        {**row(), "attr_vip": True, "attr_limit": 3},
        {**other, "attr_mood": "good"},
    ]
    path = write_jsonl(desk.folder / "own.jsonl", lines)
    report = await desk.take(path, limits=LIMITS)
    assert (report.added, report.refused) == (1, 1)
    assert (await desk.account())["attributes"] == {"vip": True, "limit": "3"}


async def test_an_empty_cell_takes_back_and_a_file_without_the_column_says_nothing(
    desk: Desk,
) -> None:
    await take(desk, row(strategy="gentle", attr_vip="yes", attr_limit="1"))
    await desk.take([row()], as_of=AS_OF + DAY, limits=LIMITS)
    kept = await desk.account()
    assert (kept["pinned"], kept["attributes"]) == ("gentle", {"vip": True, "limit": "1"})
    await take(desk, row(strategy="", attr_vip=""), as_of=AS_OF + 2 * DAY)
    kept = await desk.account()
    assert (kept["pinned"], kept["attributes"]) == (None, {"limit": "1"})


async def test_what_changes_is_told_to_the_workflow_and_what_does_not_is_not(desk: Desk) -> None:
    await take(desk, row(strategy="gentle", attr_vip="yes"))
    desk.starter.calls.clear()
    await take(desk, row(strategy="gentle", attr_vip="yes"), as_of=AS_OF + DAY)
    assert told(desk) == []
    await take(desk, row(strategy="gentle", attr_vip="no"), as_of=AS_OF + 2 * DAY)
    assert len(told(desk)) == 1
    desk.starter.calls.clear()
    await take(desk, row(strategy="default", attr_vip="no"), as_of=AS_OF + 3 * DAY)
    assert len(told(desk)) == 1


async def test_an_older_file_changes_nothing_of_it(desk: Desk) -> None:
    await take(desk, row(strategy="gentle", attr_vip="yes"), as_of=AS_OF + DAY)
    await take(desk, row(strategy="default", attr_vip="no"), as_of=AS_OF)
    kept = await desk.account()
    assert (kept["pinned"], kept["attributes"]) == ("gentle", {"vip": True})


async def test_what_was_told_goes_along_with_a_new_number(desk: Desk) -> None:
    await take(desk, row(strategy="gentle", attr_vip="yes"), snapshot=True)
    renumbered = [row(account_id="A9")]
    await desk.take(renumbered, as_of=AS_OF + DAY, limits=LIMITS, snapshot=True)
    kept = await desk.account("A9")
    assert kept["formerly"] == ["A1"]
    assert (kept["pinned"], kept["attributes"]) == ("gentle", {"vip": True})
