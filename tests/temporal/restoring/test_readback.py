"""What a restored ledger has forgotten comes back from Temporal and the providers' lists."""

import dataclasses
from typing import Any

import pytest
from temporalio.client import Client

from activities.dependencies import Dependencies
from domain.channels import Channel
from domain.failures import BadInput
from store.database import Pool
from store.ledger_mark import LedgerMark
from tests.support.life import soon
from tests.support.rows import attempts
from tests.temporal.restoring.conftest import Restored
from workers.restoring.found import NOT_NOW

pytestmark = pytest.mark.usefixtures("working")

KEPT = (
    "attempt_id",
    "step",
    "touch",
    "phase",
    "purpose",
    "channel",
    "provider",
    "provider_message_id",
    "contact_point_id",
    "covers",
)
"""What of a contact comes back as it was."""


def kept(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in KEPT}


@pytest.mark.parametrize("channel", ["sms", "email"])
async def test_a_contact_comes_back_as_it_was_under_its_own_id(
    restored: Restored, channel: str
) -> None:
    made = await restored.contacted(channel)
    await restored.forgets()
    found = await restored.read_back()
    [back] = await attempts(restored.pool)
    assert kept(back) == kept(made)
    assert back["state"] in ("accepted", "delivered")
    assert (found.contacts, found.confirmed, found.unknown, found.placed) == (1, 1, [], [])
    assert found.complete


async def test_what_no_list_shows_counts_as_made_and_stays_unknown(
    restored: Restored, rooms: Dependencies
) -> None:
    made = await restored.contacted()
    await restored.forgets()
    restored.rooms = dataclasses.replace(rooms, providers={})
    found = await restored.read_back()
    [back] = await attempts(restored.pool)
    assert (back["attempt_id"], back["state"]) == (made["attempt_id"], "unknown")
    assert found.unknown == [made["attempt_id"]]


@pytest.mark.parametrize("channel", ["sms", "email"])
async def test_what_only_a_provider_knows_is_written_as_what_was_planned_then(
    restored: Restored, empty: Client, channel: str
) -> None:
    made = await restored.contacted(channel)
    await restored.forgets()
    restored.client = empty
    found = await restored.read_back()
    [back] = await attempts(restored.pool)
    assert kept(back) == kept(made)
    assert (found.contacts, found.placed) == (0, [made["attempt_id"]])


async def test_a_message_to_nobody_known_here_is_counted_and_left_alone(
    restored: Restored, pool: Pool
) -> None:
    await restored.contacted()
    await restored.forgets()
    await pool.execute("UPDATE contact_points SET address = '+573009999999' WHERE channel = 'sms'")
    found = await restored.read_back()
    assert found.providers["twilio/sms"].strangers == 1
    [back] = await attempts(pool)
    assert (back["state"], len(found.unknown)) == ("unknown", 1), "of its own message none is shown"


async def test_a_stop_in_the_forgotten_time_is_heard_from_the_providers_list(
    restored: Restored, pool: Pool
) -> None:
    made = await restored.contacted()
    await restored.writes(made["provider_message_id"], "STOP")
    await restored.forgets()
    found = await restored.read_back()
    assert found.heard == 1
    stops = await pool.fetch("SELECT channel FROM law_events WHERE kind = 'opt_out'")
    assert [row["channel"] for row in stops] == ["sms"]


@pytest.mark.parametrize("intent", ["opt_out", "wrong_person"])
async def test_a_stop_that_only_temporal_knows_of_is_recorded(
    restored: Restored, pool: Pool, intent: str
) -> None:
    await restored.contacted()
    said = {"id": "sendgrid:ev1", "channel": "email", "intent": intent}
    await restored.life.signal("message_received", **said)
    await restored.life.until_told("Message received")
    await restored.forgets()
    found = await restored.read_back()
    assert found.stops == 1
    stops = await pool.fetch("SELECT channel FROM law_events WHERE kind = 'opt_out'")
    assert [row["channel"] for row in stops] == ["email"]
    assert (await restored.read_back()).stops == 0


async def test_words_that_nobody_has_any_more_hold_the_customer_until_a_person_decides(
    restored: Restored, pool: Pool
) -> None:
    await restored.contacted()
    said = {"id": "sendgrid:ev2", "channel": "email", "intent": "other"}
    await restored.life.signal("message_received", **said)
    await restored.life.until_told("Message received")
    await restored.forgets()
    found = await restored.read_back()
    assert found.held == ["C1"]
    items = await pool.fetch("SELECT reason FROM work_items WHERE done_at IS NULL")
    assert [row["reason"] for row in items] == ["stop"]
    await LedgerMark(pool).resume("ana", "compared")

    async def state() -> str:
        return str((await restored.life.state())["status"])

    await soon(state, lambda status: status == "resting")


async def test_payments_and_requests_are_told_again_once(restored: Restored, pool: Pool) -> None:
    await restored.contacted()
    await restored.life.signal("payment_received", id="p1", amount="50000.00")
    await restored.life.until(lambda state: state["balance"] == "100000.00")
    await restored.life.update("hold", id="h1", until="2999-01-01T00:00:00Z", reason="ill")
    await restored.forgets()
    await pool.execute("UPDATE accounts SET hold_until = NULL")
    found = await restored.read_back()
    assert found.refused == []

    async def standing() -> tuple[str, bool]:
        row = await pool.fetchrow("SELECT balance, hold_until IS NOT NULL FROM accounts")
        assert row is not None
        return str(row[0]), row[1]

    assert await soon(standing, lambda one: one == ("100000.00", True)) == ("100000.00", True)
    again = await restored.read_back()
    assert (again.contacts, again.heard, again.stops) == (0, 0, 0)
    assert await pool.fetchval("SELECT count(*) FROM payments") == 1


async def test_after_it_contacts_go_on_and_nothing_is_sent_again(
    restored: Restored, pool: Pool
) -> None:
    made = await restored.contacted()
    await restored.forgets()
    await restored.read_back()
    await LedgerMark(pool).resume("ana", "compared")
    known = await pool.fetchval("SELECT plans FROM accounts")

    async def planned() -> int:
        return int(await pool.fetchval("SELECT plans FROM accounts"))

    await soon(planned, lambda plans: plans >= known)
    while len(rows := await attempts(pool)) < 2:
        await restored.life.to_next()
    assert rows[0]["attempt_id"] == made["attempt_id"]
    assert rows[1]["step"] == 2
    assert await pool.fetchval("SELECT halted_at FROM ledger_mark") is None, "it knows all plans"


async def test_nothing_is_read_back_while_contacts_go_on(restored: Restored) -> None:
    with pytest.raises(BadInput, match="not halted"):
        await restored.read_back()


async def test_a_provider_that_does_not_answer_leaves_the_reading_incomplete(
    restored: Restored, rooms: Dependencies, client: Client
) -> None:
    await restored.contacted()
    await restored.forgets()
    [twilio, *others] = rooms.providers[Channel.SMS]
    gone = type(twilio)(
        "AC" + "0" * 32,
        rooms.settings.twilio_auth_token,  # type: ignore[call-arg]
        "+15005550006",
        base_url="http://127.0.0.1:9",
    )
    providers = {**rooms.providers, Channel.SMS: (gone, *others)}
    restored.rooms = dataclasses.replace(rooms, providers=providers)
    found = await restored.read_back()
    assert found.providers["twilio/sms"].cannot == NOT_NOW
    assert not found.complete
    assert found.unknown, "what it cannot show counts as made"
