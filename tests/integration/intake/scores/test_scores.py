"""Scores of accounts, from the intake file."""

from datetime import datetime
from decimal import Decimal

import pytest

from domain.entry.intake import COLUMNS
from lab.builders.intake_files import AS_OF, row, write_csv
from tests.integration.intake.desk import DAY, Desk
from workers.intake.report import IntakeReport

WITH_SCORES = (*COLUMNS, "score")
SCORES = "SELECT account_id, score FROM accounts ORDER BY account_id"


async def take(desk: Desk, *rows: dict[str, str], as_of: datetime = AS_OF) -> IntakeReport:
    path = write_csv(desk.folder / "scores.csv", rows, WITH_SCORES)
    return await desk.take(path, as_of=as_of)


async def scores(desk: Desk) -> dict[str, Decimal | None]:
    return {one["account_id"]: one["score"] for one in await desk.pool.fetch(SCORES)}


async def test_a_score_comes_with_a_row_and_stays_where_a_later_file_names_none(desk: Desk) -> None:
    await take(desk, row(score="0.731"), row(account_id="A2"))
    assert await scores(desk) == {"A1": Decimal("0.731"), "A2": None}
    await take(desk, row(), row(account_id="A2", score="-3"), as_of=AS_OF + DAY)
    assert await scores(desk) == {"A1": Decimal("0.731"), "A2": Decimal(-3)}
    assert (await desk.account())["score_as_of"] == AS_OF


async def test_an_older_file_changes_no_score(desk: Desk) -> None:
    await take(desk, row(score="0.7"), as_of=AS_OF)
    await take(desk, row(score="0.2"), as_of=AS_OF - DAY)
    assert await scores(desk) == {"A1": Decimal("0.7")}


async def test_an_account_hears_of_a_new_score_and_not_of_the_same_again(desk: Desk) -> None:
    await take(desk, row(score="0.7"))
    same = await take(desk, row(score="0.70"), as_of=AS_OF + DAY)
    assert same.signalled == 0
    new = await take(desk, row(score="0.6"), as_of=AS_OF + 2 * DAY)
    assert new.signalled == 1
    assert (await desk.account())["score_as_of"] == AS_OF + 2 * DAY


@pytest.mark.parametrize("written", ["high", "1e5", "0,5", "NaN", "1000001", "0.0000000001", "1 0"])
async def test_what_is_no_score_is_refused_with_its_row(desk: Desk, written: str) -> None:
    report = await take(desk, row(score=written), row(account_id="A2", customer_id="C1"))
    assert report.refused == 1
    assert await scores(desk) == {"A2": None}
