"""Whoever said stop is not written to because a file lists a consent, whichever came first."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.channels import Channel
from domain.conversation.keywords import Intent
from domain.names import contact_point_id
from domain.planning.step import StepKind
from lab.builders.intake_files import row
from lab.builders.parts import dependencies_for, settings_for
from store.provider_events import ProviderEvents
from tests.integration.intake.desk import Desk
from tests.integration.intake.test_events import take

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


@pytest.mark.parametrize("listed", [("sms",), ("",), ("sms", "", "sms"), ("sms", "sms", "")])
@pytest.mark.parametrize(("kind", "channel"), STOPS)
async def test_it_does_whatever_files_came_in_between(
    desk: Desk, kind: str, channel: str | None, listed: tuple[str, ...]
) -> None:
    cells = {"country": "CO", **COUNTRIES["CO"]}
    await load(desk, cells)
    await desk.says(kind, BEFORE, channel=channel)
    for hours, consents in enumerate(listed, start=1):
        more = {"consents": consents, "balance": f"{450000 - hours}"}
        await load(desk, cells | more, AS_OF + timedelta(hours=hours))
        assert (await desk.plan(NOW)).kind is StepKind.WAIT
    own = contact_point_id("C1", "sms", cells["mobile"])
    said = AS_OF + timedelta(hours=len(listed), minutes=30)
    await desk.says("opt_in", said, channel="sms", contact_point_id=own)
    assert (await desk.plan(NOW)).kind is StepKind.CONTACT
    await load(desk, cells | {"consents": listed[-1]}, AS_OF + timedelta(hours=5))
    assert (await desk.plan(NOW)).kind is StepKind.CONTACT


@pytest.mark.parametrize("by", ["an event", "START"])
async def test_it_does_by_whichever_door_and_the_answer_says_so(desk: Desk, by: str) -> None:
    cells, inbound = {"country": "CO", **COUNTRIES["CO"]}, ProviderEvents(desk.pool).inbound
    mobile = cells["mobile"]
    await load(desk, cells)
    said = (Channel.SMS, mobile, "BASTA", Intent.OPT_OUT, AS_OF + timedelta(hours=1))
    await inbound("twilio", "stop", *said)
    await load(desk, cells | {"balance": "449999"}, AS_OF + timedelta(hours=2))
    # Later, since whoever wrote is answered by a person first.
    assert (await desk.plan(NOW + timedelta(days=7))).kind is StepKind.WAIT
    if by == "START":
        said = (Channel.SMS, mobile, "START", Intent.OPT_IN, AS_OF + timedelta(hours=3))
        await inbound("twilio", "start", *said)
    else:
        event = {"customer_id": "C1", "kind": "opt_in", "channel": "sms", "address": mobile}
        with dependencies_for(desk.pool, settings_for("http://127.0.0.1:9")) as made:
            _, answer, _ = await take(desk, {**event, "at": NOW.isoformat()}, rules=made.factory)
        assert "banco-andino/A1: SMS used again" in answer
    assert (await desk.plan(NOW + timedelta(days=7))).kind is StepKind.CONTACT


async def test_it_does_for_all_that_a_file_lists_where_it_names_no_address(desk: Desk) -> None:
    cells = {"country": "CO", **COUNTRIES["CO"]}
    await load(desk, cells)
    await desk.says("opt_out", BEFORE)
    await load(desk, cells, AS_OF + timedelta(hours=1))
    await desk.says("opt_in", AFTER, channel="sms")
    assert (await desk.plan(NOW)).kind is StepKind.CONTACT


async def test_the_persons_own_word_is_a_consent_though_no_file_lists_it(desk: Desk) -> None:
    cells = {"country": "CO", **COUNTRIES["CO"], "consents": ""}
    await load(desk, cells)
    own = contact_point_id("C1", "sms", cells["mobile"])
    assert (await desk.plan(NOW)).kind is StepKind.WAIT
    # For a channel alone it is none for an address that the creditor has no consent for, nor is
    # one for another channel or debt.
    await desk.says("opt_in", AFTER, channel="sms")
    await desk.says("opt_in", AFTER, channel="whatsapp", contact_point_id=own)
    named = {"channel": "sms", "contact_point_id": own}
    await desk.says("opt_in", AFTER, account_id="banco-andino/other", **named)
    assert (await desk.plan(NOW)).kind is StepKind.WAIT
    await desk.says("opt_in", AFTER, **named)
    assert (await desk.plan(NOW)).kind is StepKind.CONTACT
    await desk.says("opt_out", AFTER + timedelta(minutes=1), channel="sms")
    assert (await desk.plan(NOW)).kind is StepKind.WAIT


async def test_the_persons_later_word_for_one_address_is_none_for_another(desk: Desk) -> None:
    cells = {"country": "CO", **COUNTRIES["CO"]}
    await load(desk, cells)
    await desk.says("opt_out", BEFORE, channel="sms")
    old = contact_point_id("C1", "sms", cells["mobile"])
    await desk.says("opt_in", AFTER, channel="sms", contact_point_id=old)
    other = "+573001380777"
    await load(desk, cells | {"mobile": other}, AS_OF + timedelta(hours=3))
    assert (await desk.plan(NOW)).kind is StepKind.WAIT
    own = contact_point_id("C1", "sms", other)
    await desk.says("opt_in", AFTER, channel="sms", contact_point_id=own)
    assert (await desk.plan(NOW)).contact_point_id == own


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
