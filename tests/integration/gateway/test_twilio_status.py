"""Twilio's status callbacks: genuine or not, once or often, in any order."""

import pytest

from domain.failures import Misconfigured
from tests.integration.gateway.conftest import PREVIOUS, Edge

FAILED = ("account/acme/A-1", "delivery_failed")


@pytest.fixture
async def sent(edge: Edge) -> str:
    await edge.customer("c-1", sms="+573000000001")
    await edge.account("c-1")
    return await edge.attempt("c-1", "dispatching", "accepted")


async def test_delivered_settles_the_attempt_and_wakes_nobody(edge: Edge, sent: str) -> None:
    answer = await edge.status(sent, "delivered")
    assert (answer.status_code, answer.content) == (200, b"")
    row = await edge.row(sent)
    assert (row["state"], row["provider_message_id"]) == ("delivered", "SM1")
    assert row["settled_at"]
    assert row["reconcile_at"] is None
    assert edge.workflows.signals == []
    assert await edge.callbacks.pending() == []


async def test_undelivered_wakes_the_workflow_of_the_attempt(edge: Edge, sent: str) -> None:
    await edge.status(sent, "undelivered", code="30003")
    row = await edge.row(sent)
    assert (row["state"], row["refusal"], row["code"]) == ("undelivered", "temporary", "30003")
    payload = {"id": "twilio:SM1:undelivered", "attempt_id": sent}
    assert edge.workflows.signals == [(*FAILED, payload)]


async def test_a_repeated_callback_changes_and_tells_nothing(edge: Edge, sent: str) -> None:
    for _ in range(3):
        assert (await edge.status(sent, "undelivered", code="30003")).status_code == 200
    assert len(edge.workflows.signals) == 1
    assert len(await edge.rows("SELECT FROM provider_events")) == 1


async def test_a_late_callback_is_kept_but_not_applied(edge: Edge, sent: str) -> None:
    await edge.status(sent, "delivered")
    for late in ("queued", "sent", "sending"):
        assert (await edge.status(sent, late)).status_code == 200
    assert (await edge.row(sent))["state"] == "delivered"
    applied = await edge.rows("SELECT event_id, applied FROM provider_events ORDER BY at")
    assert [row["event_id"] for row in applied if row["applied"]] == ["SM1:delivered"]


async def test_callbacks_out_of_order_end_where_ordered_ones_do(edge: Edge, sent: str) -> None:
    await edge.status(sent, "undelivered", code="30005")
    await edge.status(sent, "delivered")
    await edge.status(sent, "sent")
    assert (await edge.row(sent))["state"] == "delivered", "a late receipt takes the failure back"


@pytest.mark.parametrize("state", [(), ("released",), ("dispatching", "refused")])
async def test_a_callback_that_cannot_be_moves_nothing(edge: Edge, state: tuple[str, ...]) -> None:
    await edge.customer("c-1", sms="+573000000001")
    await edge.account("c-1")
    attempt = await edge.attempt("c-1", *state)
    assert (await edge.status(attempt, "delivered")).status_code == 200
    assert (await edge.row(attempt))["state"] == (state[-1] if state else "reserved")


@pytest.mark.parametrize("doubt", [("dispatching",), ("dispatching", "unknown")])
async def test_a_callback_overtaking_its_answer_ends_the_doubt(
    edge: Edge, doubt: tuple[str, ...]
) -> None:
    await edge.customer("c-1", sms="+573000000001")
    await edge.account("c-1")
    attempt = await edge.attempt("c-1", *doubt)
    await edge.status(attempt, "queued", sid="SM77")
    row = await edge.row(attempt)
    assert (row["state"], row["provider_message_id"]) == ("accepted", "SM77")
    assert row["reconcile_at"] is None


async def test_the_callback_of_a_second_message_is_never_applied(edge: Edge, sent: str) -> None:
    await edge.status(sent, "delivered", sid="SM1")
    await edge.status(sent, "undelivered", sid="SM2", code="30003")
    assert (await edge.row(sent))["state"] == "delivered"
    assert edge.workflows.signals == []


async def test_a_number_out_of_service_is_suppressed(edge: Edge, sent: str) -> None:
    await edge.status(sent, "undelivered", code="30005")
    points = await edge.rows("SELECT suppressed, suppressed_at FROM contact_points")
    assert points[0]["suppressed"] == "twilio 30005"
    assert points[0]["suppressed_at"]


async def test_a_stop_known_only_to_the_provider_is_an_opt_out(edge: Edge, sent: str) -> None:
    await edge.account("c-1", "A-2")
    for _ in range(2):
        await edge.status(sent, "failed", code="21610")
    events = await edge.rows("SELECT kind, customer_id, channel, detail FROM law_events")
    assert [(e["kind"], e["customer_id"], e["channel"]) for e in events] == [
        ("opt_out", "c-1", "sms")
    ]
    assert (await edge.row(sent))["refusal"] == "consent"
    told = [(workflow, name) for workflow, name, _ in edge.workflows.signals]
    assert told == [
        ("account/acme/A-1", "message_received"),
        ("account/acme/A-2", "message_received"),
    ]
    assert edge.workflows.signals[0][2]["intent"] == "opt_out"


async def test_a_callback_of_an_unknown_attempt_is_recorded(edge: Edge) -> None:
    assert (await edge.status("f" * 24, "delivered")).status_code == 200
    events = await edge.rows("SELECT attempt_id, applied, told FROM provider_events")
    assert events == [{"attempt_id": "f" * 24, "applied": False, "told": True}]


async def test_a_callback_without_attempt_is_recorded(edge: Edge) -> None:
    fields = [("MessageSid", "SM1"), ("MessageStatus", "delivered")]
    answer = await edge.twilio("/webhooks/twilio/status", fields)
    assert answer.status_code == 200
    assert len(await edge.rows("SELECT FROM provider_events")) == 1


async def test_while_temporal_is_down_the_fact_is_stored_and_the_provider_must_repeat(
    edge: Edge, sent: str
) -> None:
    edge.workflows.down = True
    answer = await edge.status(sent, "undelivered", code="30003")
    assert answer.status_code == 503
    assert (await edge.row(sent))["state"] == "undelivered"
    edge.workflows.down = False
    assert (await edge.status(sent, "undelivered", code="30003")).status_code == 200
    assert [signal[:2] for signal in edge.workflows.signals] == [FAILED]
    await edge.status(sent, "undelivered", code="30003")
    assert len(edge.workflows.signals) == 1


async def test_a_provider_that_does_not_repeat_is_made_up_for(edge: Edge, sent: str) -> None:
    edge.workflows.down = True
    await edge.status(sent, "undelivered", code="30003")
    await edge.says("STOP")
    edge.workflows.down = False
    assert await edge.flow.notify_pending() == 2
    assert [signal[1] for signal in edge.workflows.signals] == [
        "delivery_failed",
        "message_received",
    ]
    assert edge.workflows.signals[1][2]["intent"] == "opt_out"
    assert await edge.flow.notify_pending() == 0


async def test_a_workflow_that_cannot_be_told_keeps_no_other_from_hearing(
    edge: Edge, sent: str
) -> None:
    await edge.account("c-1", "A-2")
    edge.workflows.refused = {"account/acme/A-1"}
    assert (await edge.status(sent, "undelivered", code="30003")).status_code == 503
    assert (await edge.says("STOP", sid="SM5")).status_code == 503
    told = [(workflow, payload["intent"]) for workflow, _, payload in edge.workflows.signals]
    assert told == [("account/acme/A-2", "opt_out")], "the same person's other account"
    edge.workflows.down = True
    await edge.customer("c-2", sms="+573000000002")
    await edge.account("c-2", "B-1")
    await edge.says("STOP", sid="SM6", address="+573000000002")
    edge.workflows.down = False
    with pytest.raises(Misconfigured):
        await edge.flow.notify_pending()
    assert edge.workflows.signals[-1][0] == "account/acme/B-1", "later than what is stuck"
    edge.workflows.refused = set()
    assert await edge.flow.notify_pending() == 2
    assert await edge.callbacks.pending() == []


async def test_during_a_rotation_the_previous_token_signs_too(edge: Edge, sent: str) -> None:
    fields = [("MessageSid", "SM1"), ("MessageStatus", "delivered"), ("RawDlrDoneDate", "")]
    query = f"attempt={sent}&account=acme%2FA-1"
    path = "/webhooks/twilio/status"
    assert (await edge.twilio(path, fields, query=query, token=PREVIOUS)).status_code == 200
    assert (await edge.twilio(path, fields, query=query, token="stranger")).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-Twilio-Signature": ""}, {"X-Twilio-Signature": "AAAA"}, {"X-Twilio-Signature": "ñ"}],
)
async def test_a_forged_callback_is_refused_and_leaves_no_trace(
    edge: Edge, sent: str, headers: dict[str, str]
) -> None:
    fields = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    answer = await edge.client.post(
        f"/webhooks/twilio/status?attempt={sent}", data=fields, headers=raw
    )
    assert answer.status_code == 403
    assert await edge.rows("SELECT FROM provider_events") == []


async def test_a_signature_holds_for_its_own_attempt_only(edge: Edge, sent: str) -> None:
    other = await edge.attempt("c-1", "dispatching", "accepted")
    good = await edge.status(sent, "sent")
    signature = good.request.headers["X-Twilio-Signature"]
    answer = await edge.client.post(
        f"/webhooks/twilio/status?attempt={other}&account=acme%2FA-1",
        content=good.request.content,
        headers={"X-Twilio-Signature": signature},
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("missing", ["MessageSid", "MessageStatus"])
async def test_a_missing_field_is_named(edge: Edge, missing: str) -> None:
    fields = {"MessageSid": "SM1", "MessageStatus": "sent"} | {missing: ""}
    answer = await edge.twilio("/webhooks/twilio/status", list(fields.items()))
    assert answer.status_code == 400
    assert missing in answer.json()["error"]


async def test_a_word_that_twilio_invents_tomorrow_is_recorded_and_no_more(
    edge: Edge, sent: str
) -> None:
    assert (await edge.status(sent, "teleported")).status_code == 200
    assert (await edge.row(sent))["state"] == "accepted"


async def test_fields_that_no_text_column_holds_do_not_break_it(edge: Edge, sent: str) -> None:
    fields = [("MessageSid", "SM\x001"), ("MessageStatus", "sent"), ("Odd", "\ud7ff\x00é")]
    answer = await edge.twilio("/webhooks/twilio/status", fields, query=f"attempt={sent}%00")
    assert answer.status_code == 200


async def test_a_body_beyond_a_mebibyte_is_refused(edge: Edge) -> None:
    answer = await edge.client.post("/webhooks/twilio/status", content=b"x" * (1024 * 1024 + 1))
    assert answer.status_code == 413


async def test_too_many_fields_are_refused(edge: Edge) -> None:
    answer = await edge.client.post("/webhooks/twilio/status", content="a=1&" * 2000)
    assert answer.status_code == 400
