"""Whoever said stop is not written to because a file lists a consent, whichever came first."""

import io
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from activities.orders import AccountRef
from activities.planning import decide, situation_of
from domain.law.request import LawEvent
from domain.names import contact_point_id
from domain.planning.step import Step, StepKind
from lab.builders.intake_files import FakeStarter, row, write_csv
from lab.builders.parts import dependencies_for, settings_for
from store.database import Pool
from store.law_events import record
from workers.intake.command import intake

AS_OF = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
"""A Tuesday: mid-morning to mid-afternoon in all of the Americas."""
BEFORE, AFTER = AS_OF - timedelta(days=8), AS_OF + timedelta(hours=2)

COUNTRIES = {
    "BR": {"currency": "BRL", "mobile": "+5511991380101"},
    "CL": {"currency": "CLP", "mobile": "+56912380105"},
    "CO": {"currency": "COP", "mobile": "+573001380102"},
    "MX": {"currency": "MXN", "mobile": "+525512380104"},
    "US": {"currency": "USD", "mobile": "+17135550103", "region": "US-TX", "postal_code": "77002"},
}
STOPS = [("cease", None), ("opt_out", None), ("opt_out", "sms")]
_ids = count()


class Desk:
    """Files, stops, and what the planner then says."""

    def __init__(self, pool: Pool, folder: Path) -> None:
        self.pool, self.folder = pool, folder

    async def file(self, cells: dict[str, str], at: datetime = AS_OF) -> None:
        bare = {"email": "", "locale": "", "region": "", "postal_code": "", "consents": "sms"}
        due = {"oldest_due_date": "2026-11-10", "balance": "450000", "preferred_channel": "sms"}
        content = [row(**(bare | due | cells))]
        await intake(
            write_csv(self.folder / "accounts.csv", content),
            snapshot=False,
            as_of=at,
            pool=self.pool,
            starter=FakeStarter(),
            console=Console(file=io.StringIO()),
        )

    async def says(self, kind: str, at: datetime, **more: Any) -> None:
        event = LawEvent.model_validate({"kind": kind, "at": at, **more})
        async with self.pool.acquire() as connection:
            assert await record(connection, f"file:{next(_ids)}", "C1", event, at, "test")

    async def plan(self, now: datetime = NOW) -> Step:
        settings = settings_for("http://127.0.0.1:9")
        with dependencies_for(self.pool, settings) as dependencies:
            async with self.pool.acquire() as connection:
                ref = AccountRef(creditor="banco-andino", account_id="A1")
                found = await situation_of(dependencies, connection, ref, now)
            assert found is not None
            situation, rules, _ = found
            return decide(dependencies, situation, rules, now)


@pytest.fixture
def desk(pool: Pool, tmp_path: Path) -> Desk:
    return Desk(pool, tmp_path)


@pytest.mark.parametrize("country", COUNTRIES)
async def test_with_consent_and_no_stop_there_is_a_contact_to_be_stopped(
    desk: Desk, country: str
) -> None:
    await desk.file({"country": country, **COUNTRIES[country]})
    assert (await desk.plan()).kind is StepKind.CONTACT


@pytest.mark.parametrize(("kind", "channel"), STOPS)
@pytest.mark.parametrize(
    ("country", "at", "first"),
    [
        *((country, BEFORE, "file") for country in COUNTRIES),
        *(("CO", at, first) for at in (AS_OF, AFTER) for first in ("file", "stop")),
        ("US", BEFORE, "stop"),
    ],
)
async def test_a_files_consent_outweighs_no_stop(
    desk: Desk, kind: str, channel: str | None, country: str, at: datetime, first: str
) -> None:
    cells = {"country": country, **COUNTRIES[country]}
    if first == "stop":
        await desk.file(cells | {"consents": ""}, AS_OF - timedelta(days=10))
    else:
        await desk.file(cells)
    await desk.says(kind, at, channel=channel)
    assert (await desk.plan()).kind is StepKind.WAIT
    await desk.file(cells, AS_OF + timedelta(hours=3))
    assert (await desk.plan()).kind is StepKind.WAIT
    await desk.file(cells | {"mobile": cells["mobile"][:-1] + "9"}, AS_OF + timedelta(hours=4))
    assert (await desk.plan()).kind is StepKind.WAIT


@pytest.mark.parametrize(("kind", "channel"), STOPS)
async def test_the_persons_own_later_word_does(desk: Desk, kind: str, channel: str | None) -> None:
    cells = {"country": "CO", **COUNTRIES["CO"]}
    await desk.file(cells)
    await desk.says(kind, BEFORE, channel=channel)
    await desk.says("opt_in", BEFORE - timedelta(days=1), channel="sms")
    assert (await desk.plan()).kind is StepKind.WAIT
    await desk.says("opt_in", BEFORE + timedelta(days=1), channel="sms")
    await desk.file(cells, AS_OF + timedelta(hours=3))
    assert (await desk.plan()).kind is StepKind.CONTACT
    await desk.says(kind, AFTER, channel=channel)
    await desk.file(cells, AS_OF + timedelta(hours=4))
    assert (await desk.plan()).kind is StepKind.WAIT


async def test_the_persons_later_word_for_one_address_is_none_for_another(desk: Desk) -> None:
    cells = {"country": "CO", **COUNTRIES["CO"]}
    await desk.file(cells)
    await desk.says("opt_out", BEFORE, channel="sms")
    old = contact_point_id("C1", "sms", cells["mobile"])
    await desk.says("opt_in", AFTER, channel="sms", contact_point_id=old)
    other = "+573001380777"
    await desk.file(cells | {"mobile": other}, AS_OF + timedelta(hours=3))
    points = await desk.pool.fetch("SELECT address, consented FROM contact_points")
    consented = {point["address"]: point["consented"] for point in points if point["consented"]}
    assert other not in consented
    assert (await desk.plan()).kind is StepKind.WAIT


async def test_a_number_that_is_somebody_elses_gets_no_consent_from_a_file(desk: Desk) -> None:
    cells = {"country": "CO", **COUNTRIES["CO"]}
    await desk.file(cells | {"consents": ""})
    point = contact_point_id("C1", "sms", cells["mobile"])
    await desk.says("wrong_number", BEFORE, contact_point_id=point)
    await desk.file(cells, AS_OF + timedelta(hours=3))
    assert (await desk.plan()).kind is StepKind.WAIT


async def test_a_stop_on_one_account_leaves_the_others_their_consent(desk: Desk) -> None:
    cells = {"country": "MX", **COUNTRIES["MX"]}  # its law knows no stop: what we honour ourselves
    await desk.file(cells)
    await desk.says("opt_out", AFTER, channel="sms", account_id="banco-andino/other")
    await desk.file(cells, AS_OF + timedelta(hours=3))
    assert (await desk.plan()).kind is StepKind.CONTACT
    await desk.says("opt_out", BEFORE, channel="sms", account_id="banco-andino/A1")
    assert (await desk.plan()).kind is StepKind.WAIT
