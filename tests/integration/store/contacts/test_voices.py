"""A contact by WhatsApp or telephone through the one door: what left, what is kept, what is not."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from activities.dependencies import Dependencies
from config.settings import ROOT
from config.wording.whatsapp import approved_bodies
from domain.channels import Channel
from domain.ledger.protocol import LEAD
from domain.names import TWILIO_CALL, TWILIO_CALL_STATUS, contact_point_id
from domain.planning.step import Step, StepKind
from lab.builders.parts import dependencies_for, settings_for
from lab.sandbox.app import create_app
from lab.sandbox.clock import WallClock
from lab.sandbox.persons.bank import PiggyBank
from lab.sandbox.server import in_thread
from lab.sandbox.settings import Settings as SandboxSettings
from store.database import Pool
from tests.support.activities import Actor, accepted, fault
from tests.support.rows import add_account, add_customer, attempts

NUMBER = "+573001234567"
VOICES = {
    "twilio_whatsapp_from": "+15005550006",
    "twilio_voice_from": "+15005550006",
    "voice_name": "Harbour Services",
    "voice_person": "Laura Gil",
    "phone": "+57 601 555 0100",
    "agency_name": "Agencia Cobros",
}
SECOND = timedelta(seconds=1)


@pytest.fixture
def sandbox_url() -> Iterator[str]:
    nobody = {"payer": 0, "promiser": 0, "answerer": 0, "opt_outer": 0, "unreachable": 0}
    settings = SandboxSettings(
        personas={**nobody, "ignorer": 1},
        callback_retries=0,
        fixed_calls={NUMBER: "no-answer"},
        content=approved_bodies(ROOT / "config" / "whatsapp.yaml"),
    )
    app = create_app(settings, clock=WallClock(), bank=PiggyBank())
    with in_thread(app) as url:
        yield url


@pytest.fixture
async def dependencies(pool: Pool, sandbox_url: str) -> AsyncIterator[Dependencies]:
    with dependencies_for(
        pool, settings_for(sandbox_url, provider_timeout=0.7, whole_orders=True, **VOICES)
    ) as made:
        yield made


async def someone(pool: Pool, dependencies: Dependencies, *channels: str, days: int = 40) -> Actor:
    points = tuple((channel, "mobile", NUMBER) for channel in channels)
    await add_customer(pool, points=points, preferred=channels[0])
    await add_account(pool, due=datetime.now(UTC).date() - timedelta(days=days))
    return Actor(dependencies)


async def planned(actor: Actor) -> Step:
    step = await actor.planned(datetime.now(UTC))
    assert step.kind is StepKind.CONTACT
    return step


async def test_a_call_is_placed_with_its_words_kept_for_the_gateway(
    pool: Pool, dependencies: Dependencies, sandbox_url: str
) -> None:
    actor = await someone(pool, dependencies, "voice")
    step = await planned(actor)
    assert step.channel is Channel.VOICE
    await actor.contact(step)
    [row] = await attempts(pool)
    assert (row["state"], row["channel"], row["provider"]) == ("accepted", "voice", "twilio")
    assert row["provider_message_id"].startswith("CA")
    script = await pool.fetchval(
        "SELECT script FROM calls WHERE attempt_id = $1", row["attempt_id"]
    )
    assert script["message"].startswith("Le habla Agencia Cobros, por encargo de bank.")
    assert "150.000 pesos colombianos" in script["message"]
    assert script["lead"]["reference"] == "*A1"
    assert script["max_days"] == 60
    [call] = await accepted(sandbox_url)
    assert call["person"] == NUMBER


async def test_the_addresses_of_a_call_are_the_gateways(
    pool: Pool, dependencies: Dependencies, sandbox_url: str
) -> None:
    actor = await someone(pool, dependencies, "voice")
    step = await planned(actor)
    ready = await actor.reserve(step)
    attempt = ready.attempt
    assert ready.message.answer_url == (
        f"http://127.0.0.1:9{TWILIO_CALL}?attempt={attempt}&account=bank/A1"
    )
    assert ready.message.callback_url.startswith(f"http://127.0.0.1:9{TWILIO_CALL_STATUS}?attempt=")


async def test_no_telephone_starts_to_ring_that_could_ring_beyond_the_window(
    pool: Pool, dependencies: Dependencies, sandbox_url: str
) -> None:
    """25 seconds of ringing and 15 for the request, before the window closes."""
    actor = await someone(pool, dependencies, "voice")
    step = await planned(actor)
    assert step.not_after is not None
    ready = await actor.reserve(step)
    ring = timedelta(seconds=dependencies.settings.voice_ring)
    assert (ready.closes, ready.message.validity_seconds) == (step.not_after - ring, 25)
    await actor.send(ready, step.not_after - ring - LEAD + SECOND)
    [row] = await attempts(pool)
    assert (row["state"], row["code"]) == ("refused", "window")
    assert await accepted(sandbox_url) == []


@pytest.mark.parametrize("do", ["5xx_after", "reset_after", "truncate_after", "hang_after"])
async def test_a_call_whose_answer_was_lost_is_found_and_never_dialled_again(
    pool: Pool, dependencies: Dependencies, sandbox_url: str, do: str
) -> None:
    actor = await someone(pool, dependencies, "voice")
    step = await planned(actor)
    await fault(sandbox_url, do, channel="voice")
    again = await actor.contact(step)
    assert again.kind is StepKind.RECONCILE
    again = await actor.contact(step, step.not_before + SECOND)
    assert again.kind is StepKind.RECONCILE
    # The provider's own list has it (the sandbox stamps it with the wall's time).
    earlier = datetime.now(UTC) - timedelta(minutes=1)
    await pool.execute("UPDATE attempts SET dispatched_at = $1", earlier)
    await actor.reconcile(again.attempt_id or "", again.not_before)
    [row] = await attempts(pool)
    assert (row["state"], len(await accepted(sandbox_url))) == ("accepted", 1)


async def test_a_call_of_which_nobody_knows_is_not_dialled_again(
    pool: Pool, dependencies: Dependencies, sandbox_url: str
) -> None:
    actor = await someone(pool, dependencies, "voice")
    step = await planned(actor)
    await fault(sandbox_url, "5xx_before", channel="voice")
    await actor.contact(step)
    [row] = await attempts(pool)
    at, again = step.not_before, step
    for wait in (
        *dependencies.settings.reconcile_after,
        2 * dependencies.settings.reconcile_after[-1],
    ):
        again = await actor.reconcile(row["attempt_id"], at + timedelta(seconds=wait))
    assert again.kind is not StepKind.RECONCILE
    [row] = await attempts(pool)
    assert (row["state"], row["reconcile_at"]) == ("unknown", None)
    assert await accepted(sandbox_url) == []


async def test_whatsapp_goes_as_a_template_where_the_customer_has_not_written(
    pool: Pool, dependencies: Dependencies, sandbox_url: str
) -> None:
    actor = await someone(pool, dependencies, "whatsapp")
    await actor.contact(await planned(actor))
    [row] = await attempts(pool)
    assert (row["state"], row["channel"]) == ("accepted", "whatsapp")
    [sent] = await accepted(sandbox_url)
    assert sent["text"].startswith("Aviso de Agencia Cobros por encargo de bank: Hola, Ana Rojas.")
    assert "BASTA" in sent["text"]
    assert sent["person"] == f"whatsapp:{NUMBER}"


async def _wrote(pool: Pool, at: datetime) -> None:
    point = contact_point_id("C1", "whatsapp", NUMBER)
    await pool.execute(
        "INSERT INTO inbound (provider, inbound_id, channel, customer_id, contact_point_id, "
        "address, text, intent, at) "
        "VALUES ('twilio', 'SM1', 'whatsapp', 'C1', $1, $2, 'hola', 'other', $3)",
        *(point, NUMBER, at),
    )


@pytest.mark.parametrize(("hours", "free"), [(1, True), (23, True), (23.75, False), (25, False)])
async def test_free_text_goes_only_while_the_customers_own_message_is_fresh(
    pool: Pool, dependencies: Dependencies, *, hours: float, free: bool
) -> None:
    actor = await someone(pool, dependencies, "whatsapp")
    # No rest after the customer wrote: here somebody wants the machine to go on.
    strategy = dependencies.strategies["default"].model_copy(update={"reply_rest_days": 0})
    dependencies.strategies["default"] = strategy  # type: ignore[index]
    step = await planned(actor)
    await _wrote(pool, step.not_before - timedelta(hours=hours))
    ready = await actor.reserve(step)
    assert (ready.message.template is None) is free
    assert ready.message.validity_seconds <= 1800
    assert ready.message.text
