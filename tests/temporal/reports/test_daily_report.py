"""A schedule in Temporal has a worker make the report, and keeps what it found."""

import asyncio
import base64
import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from temporalio.client import Client, ScheduleActionExecutionStartWorkflow, WorkflowHandle
from temporalio.testing import ActivityEnvironment

from activities.dependencies import Dependencies
from activities.reporting.daily import Reporting
from activities.reporting.orders import ReportMade, ReportOrder, ReportRun
from domain.failures import BadInput, NotFound
from domain.report.figures import Dimension
from domain.report.period import last_days
from lab.builders.parts import STRICT
from store.database import Pool
from store.report.findings import Findings
from workers.reporting.schedule import Every, put, read_time, remove, schedule, standing
from workers.worker import running

ORDER = ReportOrder(days=3, zone="America/Bogota", by=(Dimension.CHANNEL,))


@pytest.fixture
async def name(client: Client, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """A schedule's id that no other test has; it is gone afterwards."""
    yield f"report-{request.node.name}"
    await remove(client, f"report-{request.node.name}")


@pytest.fixture
def with_url(rooms: Dependencies, database_url: str, tmp_path: Path) -> Dependencies:
    """Of a worker that has a folder for reports, and names the database of the test."""
    more = {"database_url": SecretStr(database_url), "report_folder": tmp_path / "reports"}
    return replace(rooms, settings=rooms.settings.model_copy(update=more))


async def late_dispute(pool: Pool) -> None:
    """Work that has waited for weeks, also by the server's own clock, on whatever day the tests are
    begun."""
    opened = datetime(2026, 11, 1, tzinfo=UTC)
    await pool.execute(
        "INSERT INTO customers (customer_id, name, locale, country, zones) "
        "VALUES ('C1', 'Ana Rojas', 'es-CO', 'CO', '{America/Bogota}')"
    )
    await pool.execute(
        "INSERT INTO work_items (customer_id, reason, priority, opened_at, due_at, messages) "
        "VALUES ('C1', 'dispute', 2, $1, $1, '{}')",
        opened,
    )


async def test_a_run_of_the_schedule_writes_the_report_and_keeps_what_it_found(
    client: Client, with_url: Dependencies, pool: Pool, name: str
) -> None:
    await late_dispute(pool)
    async with running(client, with_url, **STRICT):
        assert await put(client, name, schedule(ORDER, Every.DAY, time(6)))
        await client.get_schedule_handle(name).trigger()
        run = await the_run(client, name)
        made = ReportMade.model_validate(await run.result())
    assert (made.zone, made.findings, made.new) == ("America/Bogota", 1, 1)
    assert (made.last - made.first).days == 2
    folder = with_url.settings.report_folder
    assert folder is not None
    assert {file.name for file in folder.iterdir()} == {
        f"{made.name}.{form}" for form in ("html", "json", "csv")
    }
    told = json.loads((folder / f"{made.name}.json").read_text("utf-8"))
    assert list(told["by"]) == ["channel"]
    (finding,) = await Findings(pool).listed(done=False)
    assert (finding.kind, finding.subject) == ("work_waits", "dispute")


async def the_run(client: Client, name: str) -> WorkflowHandle[Any, Any]:
    """The one run that a schedule has begun."""
    async with asyncio.timeout(60):
        while True:
            begun = (await client.get_schedule_handle(name).describe()).info.recent_actions
            if begun:
                action = begun[0].action
                assert isinstance(action, ScheduleActionExecutionStartWorkflow)
                return client.get_workflow_handle(action.workflow_id)
            await asyncio.sleep(0.1)


async def test_a_report_made_twice_is_one(with_url: Dependencies, pool: Pool) -> None:
    await late_dispute(pool)
    reports = Reporting(with_url.settings, pool)
    run = ReportRun(order=ORDER, due=datetime.now(UTC))
    made = [await ActivityEnvironment().run(reports.make_report, run) for _ in range(2)]
    assert [one.new for one in made] == [1, 0]
    assert made[0].name == made[1].name
    folder = with_url.settings.report_folder
    assert folder is not None
    assert len(list(folder.iterdir())) == 3


async def test_nothing_of_a_person_goes_through_temporal(
    client: Client, with_url: Dependencies, pool: Pool, name: str
) -> None:
    await late_dispute(pool)
    async with running(client, with_url, **STRICT):
        await put(client, name, schedule(ORDER, Every.DAY, time(6)))
        await client.get_schedule_handle(name).trigger()
        run = await the_run(client, name)
        await run.result()
    told = (await run.fetch_history()).to_json()
    decoded = [base64.b64decode(one).decode() for one in re.findall(r'"data": "([^"]+)"', told)]
    assert any("report-" in one for one in decoded), "the payloads are read"
    assert not [one for one in decoded if "C1" in one or "Ana" in one or "dispute" in one]


async def test_a_schedule_is_made_changed_and_removed_by_its_id(client: Client, name: str) -> None:
    assert await put(client, name, schedule(ORDER, Every.DAY, time(6))) is True
    first = (await standing(client, name)).next
    assert first is not None
    assert (first - timedelta(hours=5)).time() == time(6), "06:00 in Bogotá is 11:00 UTC"
    assert await put(client, name, schedule(ORDER, Every.WEEK, time(7, 30))) is False
    changed = (await standing(client, name)).next
    assert changed is not None
    there = changed - timedelta(hours=5)
    assert (there.time(), there.weekday()) == (time(7, 30), 0)
    assert await remove(client, name) is True
    assert await remove(client, name) is False
    with pytest.raises(NotFound, match="no schedule"):
        await standing(client, name)


async def test_a_schedule_that_somebody_paused_stays_so(client: Client, name: str) -> None:
    await put(client, name, schedule(ORDER, Every.DAY, time(6)))
    await client.get_schedule_handle(name).pause(note="a holiday")
    await put(client, name, schedule(ORDER, Every.DAY, time(7)))
    assert (await standing(client, name)).paused


def test_a_zone_or_a_time_that_there_is_not_is_refused() -> None:
    with pytest.raises(BadInput, match="--zone"):
        schedule(ReportOrder(zone="America/Macondo"), Every.DAY, time(6))
    for typed in ("6", "25:00", "06:00:30", "noon", "06:00+01:00"):
        with pytest.raises(BadInput, match="--at"):
            read_time(typed)


@pytest.mark.parametrize(
    ("now", "zone", "first", "last"),
    [
        ("2026-11-10T11:00+00:00", "America/Bogota", date(2026, 11, 3), date(2026, 11, 9)),
        ("2026-11-10T04:00+00:00", "America/Bogota", date(2026, 11, 2), date(2026, 11, 8)),
        ("2026-11-10T00:00+00:00", "UTC", date(2026, 11, 3), date(2026, 11, 9)),
    ],
)
def test_the_last_days_are_those_that_are_over(
    now: str, zone: str, first: date, last: date
) -> None:
    period = last_days(7, datetime.fromisoformat(now), zone)
    assert (period.first, period.last) == (first, last)
