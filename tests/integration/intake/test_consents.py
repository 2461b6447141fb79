"""Whoever said stop is not written to because a file lists a consent, whichever came first."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.names import contact_point_id
from domain.planning.step import StepKind
from lab.builders.intake_files import row
from tests.integration.intake.desk import Desk

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
STOPS = [
    ("cease", None),
    ("opt_out", None),
    ("opt_out", "sms"),
    # How it came; whoever asks by letter to be left alone means more than letters.
    ("cease", "letter"),
    ("cease", "voice"),
]


async def load(desk: Desk, cells: dict[str, str], at: datetime = AS_OF) -> None:
    """A file of one row that consents to SMS."""
    bare = {"email": "", "locale": "", "region": "", "postal_code": "", "consents": "sms"}
    due = {"oldest_due_date": "2026-11-10", "balance": "450000", "preferred_channel": "sms"}
    await desk.take([row(**(bare | due | cells))], as_of=at)


@pytest.mark.parametrize("country", COUNTRIES)
async def test_with_consent_and_no_stop_there_is_a_contact_to_be_stopped(
    desk: Desk, country: str
) -> None:
    await load(desk, {"country": country, **COUNTRIES[country]})
    assert (await desk.plan(NOW)).kind is StepKind.CONTACT


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
        await load(desk, cells | {"consents": ""}, AS_OF - timedelta(days=10))
    else:
        await load(desk, cells)
    await desk.says(kind, at, channel=channel)
    assert (await desk.plan(NOW)).kind is StepKind.WAIT
    await load(desk, cells, AS_OF + timedelta(hours=3))
    assert (await desk.plan(NOW)).kind is StepKind.WAIT
    await load(desk, cells | {"mobile": cells["mobile"][:-1] + "9"}, AS_OF + timedelta(hours=4))
    assert (await desk.plan(NOW)).kind is StepKind.WAIT


@pytest.mark.parametrize(("kind", "channel"), STOPS)
async def test_the_persons_own_later_word_does(desk: Desk, kind: str, channel: str | None) -> None:
    cells = {"country": "CO", **COUNTRIES["CO"]}
    await load(desk, cells)
    await desk.says(kind, BEFORE, channel=channel)
    await desk.says("opt_in", BEFORE - timedelta(days=1), channel="sms")
    assert (await desk.plan(NOW)).kind is StepKind.WAIT
    await desk.says("opt_in", BEFORE + timedelta(days=1), channel="sms")
    await load(desk, cells, AS_OF + timedelta(hours=3))
    assert (await desk.plan(NOW)).kind is StepKind.CONTACT
    await desk.says(kind, AFTER, channel=channel)
    await load(desk, cells, AS_OF + timedelta(hours=4))
    assert (await desk.plan(NOW)).kind is StepKind.WAIT


async def test_the_persons_later_word_for_one_address_is_none_for_another(desk: Desk) -> None:
    cells = {"country": "CO", **COUNTRIES["CO"]}
    await load(desk, cells)
    await desk.says("opt_out", BEFORE, channel="sms")
    old = contact_point_id("C1", "sms", cells["mobile"])
    await desk.says("opt_in", AFTER, channel="sms", contact_point_id=old)
    other = "+573001380777"
    await load(desk, cells | {"mobile": other}, AS_OF + timedelta(hours=3))
    points = await desk.pool.fetch("SELECT address, consented FROM contact_points")
    consented = {point["address"]: point["consented"] for point in points if point["consented"]}
    assert other not in consented
    assert (await desk.plan(NOW)).kind is StepKind.WAIT


async def test_a_number_that_is_somebody_elses_gets_no_consent_from_a_file(desk: Desk) -> None:
    cells = {"country": "CO", **COUNTRIES["CO"]}
    await load(desk, cells | {"consents": ""})
    point = contact_point_id("C1", "sms", cells["mobile"])
    await desk.says("wrong_number", BEFORE, contact_point_id=point)
    await load(desk, cells, AS_OF + timedelta(hours=3))
    assert (await desk.plan(NOW)).kind is StepKind.WAIT


async def test_a_stop_on_one_account_leaves_the_others_their_consent(desk: Desk) -> None:
    cells = {"country": "MX", **COUNTRIES["MX"]}  # its law knows no stop: what we honour ourselves
    await load(desk, cells)
    await desk.says("opt_out", AFTER, channel="sms", account_id="banco-andino/other")
    await load(desk, cells, AS_OF + timedelta(hours=3))
    assert (await desk.plan(NOW)).kind is StepKind.CONTACT
    await desk.says("opt_out", BEFORE, channel="sms", account_id="banco-andino/A1")
    assert (await desk.plan(NOW)).kind is StepKind.WAIT
