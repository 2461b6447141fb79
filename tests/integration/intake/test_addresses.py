"""A stop is taken back for an address by nobody but who said it, and for that address."""

from datetime import timedelta

import pytest

from domain.channels import Channel
from domain.conversation.keywords import Intent
from domain.names import contact_point_id
from domain.planning.step import StepKind
from store.provider_events import ProviderEvents
from tests.integration.intake.desk import Desk
from tests.integration.intake.test_consents import AFTER, AS_OF, COUNTRIES, NOW, load

MX = {"country": "MX", **COUNTRIES["MX"]}  # its law knows no stop: what we honour ourselves
OTHER = "+525512380777"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = NOW + 3 * DAY


async def writes(desk: Desk, intent: str, at: int, address: str = MX["mobile"]) -> None:
    """An SMS from an address, so many hours after the file."""
    heard = (f"SM{at}{intent}", Channel.SMS, address, intent, Intent(intent), AS_OF + at * HOUR)
    await ProviderEvents(desk.pool).inbound("twilio", *heard)


async def reached(desk: Desk, account_id: str = "A1") -> str | None:
    """The address that is contacted three days later, if any is."""
    step = await desk.plan(LATER, account_id)
    if step.kind is not StepKind.CONTACT:
        return None
    select = "SELECT address FROM contact_points WHERE contact_point_id = $1"
    return str(await desk.pool.fetchval(select, step.contact_point_id))


@pytest.mark.parametrize("country", COUNTRIES)
async def test_an_opt_in_for_one_address_lifts_no_stop_at_another(desk: Desk, country: str) -> None:
    cells = {"country": country, **COUNTRIES[country]}
    other = cells["mobile"][:-3] + "777"
    await load(desk, cells | {"mobile": other}, AS_OF - DAY)
    await load(desk, cells)
    assert await reached(desk) == cells["mobile"]
    await writes(desk, "opt_out", 1, cells["mobile"])
    old = contact_point_id("C1", "sms", other)
    await desk.says("opt_in", AFTER, channel="sms", contact_point_id=old)
    assert await reached(desk) is None
    this = contact_point_id("C1", "sms", cells["mobile"])
    await desk.says("opt_in", AFTER, channel="sms", contact_point_id=this)
    assert await reached(desk) == cells["mobile"]


async def test_an_opt_in_for_one_spelling_is_one_for_the_other(desk: Desk) -> None:
    cells = {"country": "BR", **COUNTRIES["BR"], "mobile": "+5564991234567"}
    await load(desk, cells)
    await desk.says("opt_out", AS_OF + HOUR, channel="sms")
    this = contact_point_id("C1", "sms", cells["mobile"])
    await desk.says("opt_in", AFTER, channel="sms", contact_point_id=this)
    spelt = "+556491234567"
    await load(desk, cells | {"mobile": spelt}, AS_OF + 3 * HOUR)
    assert await reached(desk) == spelt


async def test_another_persons_opt_in_lifts_no_stop_of_the_address(desk: Desk) -> None:
    await load(desk, MX)
    await writes(desk, "opt_out", 1)
    this = contact_point_id("C1", "sms", MX["mobile"])
    await desk.says("opt_in", AFTER, channel="sms", contact_point_id=this)
    assert await reached(desk) == MX["mobile"], "who said it has taken it back"
    cells = MX | {"customer_id": "C9", "account_id": "A9", "name": "Luis Gómez"}
    await load(desk, cells, AS_OF + 3 * HOUR)
    assert await reached(desk, "A9") is None
    own = contact_point_id("C9", "sms", MX["mobile"])
    await desk.says("opt_in", AS_OF + 4 * HOUR, "C9", channel="sms", contact_point_id=own)
    assert await reached(desk, "A9") == MX["mobile"]


@pytest.mark.parametrize("known", [True, False])
async def test_a_start_from_the_address_lifts_its_stop_for_whoever_has_it(
    desk: Desk, known: bool
) -> None:
    """Also one that came when another had the address, or nobody."""
    if known:
        await load(desk, MX)
    await writes(desk, "opt_out", 1)
    await writes(desk, "opt_in", 2)
    cells = MX | {"customer_id": "C9", "account_id": "A9", "name": "Luis Gómez"}
    await load(desk, cells, AS_OF + 3 * HOUR)
    assert await reached(desk, "A9") == MX["mobile"]


async def test_who_has_died_is_not_the_one_who_shares_their_telephone(desk: Desk) -> None:
    await load(desk, MX)
    await load(desk, MX | {"customer_id": "C9", "account_id": "A9", "name": "Luis Gómez"})
    await desk.says("death", AFTER)
    assert await reached(desk) is None
    assert await reached(desk, "A9") == MX["mobile"]


@pytest.mark.parametrize(
    ("kind", "channel", "first"),
    [("cease", "letter", True), ("opt_out", None, True), ("opt_out", "sms", False)],
)
async def test_a_stop_by_letter_holds_for_every_address_of_who_wrote_it(
    desk: Desk, kind: str, channel: str | None, first: bool
) -> None:
    """Also for who gets the address next, and in a place of their own for nobody else."""
    await load(desk, MX)
    both = MX | {"customer_id": "C9", "account_id": "A9", "name": "Luis Gómez"}
    if not first:
        await load(desk, both)
    await desk.says(kind, AFTER, channel=channel)
    await load(desk, both, AS_OF + 3 * HOUR)
    assert await reached(desk, "A9") is None
    await load(desk, both | {"mobile": OTHER}, AS_OF + 4 * HOUR)
    assert await reached(desk, "A9") == OTHER
    await load(desk, both | {"balance": "440000"}, AS_OF + 5 * HOUR)
    await writes(desk, "opt_in", 6)
    assert await reached(desk, "A9") == MX["mobile"]


@pytest.mark.parametrize(
    ("kind", "more"),
    [("opt_out", {"channel": "email"}), ("cease", {"account_id": "banco-andino/A1"})],
)
async def test_what_a_stop_does_not_name_goes_on_for_the_others(
    desk: Desk, kind: str, more: dict[str, str]
) -> None:
    await load(desk, MX)
    await load(desk, MX | {"customer_id": "C9", "account_id": "A9", "name": "Luis Gómez"})
    await desk.says(kind, AFTER, **more)
    assert await reached(desk, "A9") == MX["mobile"]
