"""What is asked for less often in a call: paid already, a dispute, how to be reached."""

from typing import Any

import pytest

from tests.integration.gateway.calls.held import SID, Call
from tests.integration.gateway.conftest import Edge

WORK = "SELECT customer_id, reason, done_at FROM work_items ORDER BY reason"
WISHES = "SELECT preference, recorded_by FROM preferences ORDER BY recorded_at"


async def more(call: Call) -> str:
    await call.answered()
    await call.press("1")
    return await call.press("4")


@pytest.mark.parametrize(
    ("key", "reason", "text"),
    [
        ("1", "already_paid", "says that it has been paid already"),
        ("2", "dispute", "does not agree with the debt"),
    ],
)
async def test_a_key_asks_a_person_as_a_message_does(
    call: Call, key: str, reason: str, text: str
) -> None:
    heard = await more(call)
    assert "paid already, press 1" in heard
    assert "do not agree with this debt, press 2" in heard
    assert "a person will look into it" in await call.press(key)
    assert await call.edge.rows(WORK) == [{"customer_id": "c-1", "reason": reason, "done_at": None}]
    said = await call.edge.rows("SELECT channel, intent, text FROM inbound")
    assert said == [{"channel": "voice", "intent": "other", "text": text}]
    assert call.edge.workflows.signals[-1][:2] == ("account/acme/A-1", "message_received")


async def test_the_same_key_twice_is_one_fact(call: Call) -> None:
    await more(call)
    action = call.script.action
    await call.press("2")
    call.script.action = action
    await call.press("2")
    assert len(await call.edge.rows(WORK)) == 1
    assert len(await call.edge.rows("SELECT FROM inbound")) == 1


async def test_both_can_be_said_in_one_call(call: Call) -> None:
    await more(call)
    action = call.script.action
    await call.press("1")
    call.script.action = action
    await call.press("2")
    reasons = [row["reason"] for row in await call.edge.rows(WORK)]
    assert reasons == ["already_paid", "dispute"]


@pytest.mark.parametrize(
    ("hours", "windows"),
    [("1", [("06:00", "12:00")]), ("3", [("18:00", "24:00")]), ("4", [])],
)
async def test_a_channel_and_hours_are_kept_as_a_wish(
    call: Call, hours: str, windows: list[tuple[str, str]]
) -> None:
    await more(call)
    heard = await call.press("3")
    assert "By text message, press 1" in heard
    assert "By telephone, press 4" in heard
    assert "At what time of the day" in await call.press("1")
    assert "It is noted" in await call.press(hours)
    [row] = await call.edge.rows(WISHES)
    wish: dict[str, Any] = row["preference"]
    assert wish["channel"] == "sms"
    assert [(one["from"], one["to"]) for one in wish["windows"]] == windows
    assert row["recorded_by"] == "twilio"
    assert call.edge.workflows.signals[-1][:2] == ("account/acme/A-1", "account_updated")


async def test_only_what_can_be_met_is_offered_or_taken(call: Call) -> None:
    await more(call)
    heard = await call.press("3")
    assert "WhatsApp" not in heard
    assert "e-mail" not in heard
    for key in ("2", "3"):
        assert "By text message, press 1" in await call.press(key)
    assert "Goodbye" in await call.press("2")  # asked three times
    assert await call.edge.rows(WISHES) == []


async def test_the_way_back_and_the_stop_are_always_there(edge: Edge, call: Call) -> None:
    await more(call)
    assert "To pay, press 1" in await call.press("0")
    await call.press("4")
    await call.press("3")
    await call.press("1")
    assert "We will not call you again" in await call.press("9")
    assert len(await edge.rows("SELECT FROM law_events WHERE kind = 'opt_out'")) == 1
    assert await edge.rows(WISHES) == []


async def test_a_wish_survives_a_temporal_that_is_away(call: Call) -> None:
    await more(call)
    await call.press("3")
    await call.press("1")
    call.edge.workflows.down = True
    assert await call.press("2") == ""
    assert len(await call.edge.rows(WISHES)) == 1
    assert call.script.redirect is not None
    assert SID not in call.script.redirect


async def test_hours_of_a_channel_that_is_none_are_asked_again(call: Call) -> None:
    await more(call)
    await call.press("3")
    await call.press("1")
    assert call.script.action is not None
    call.script.action = call.script.action.replace("channel=sms", "channel=fax")
    assert "At what time of the day" in await call.press("2")
    assert await call.edge.rows(WISHES) == []
