"""SendGrid's event webhook: batches, signed over the raw body."""

from typing import Any

import pytest

from domain.names import CUSTOM_ARG_ACCOUNT, CUSTOM_ARG_ATTEMPT
from tests.integration.gateway.conftest import STRANGER, Edge

ADDRESS = "ana@example.test"


@pytest.fixture
async def sent(edge: Edge) -> str:
    await edge.customer("c-1", email=ADDRESS)
    await edge.account("c-1")
    return await edge.attempt("c-1", "dispatching", "accepted", channel="email", address=ADDRESS)


def event(attempt: str, name: str, number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "email": ADDRESS,
        "event": name,
        "timestamp": 1772463600,
        "sg_event_id": f"ev{number}",
        "sg_message_id": "Zb1.recvd-7c4-1.0",
        CUSTOM_ARG_ATTEMPT: attempt,
        CUSTOM_ARG_ACCOUNT: "acme/A-1",
    } | more


async def test_a_batch_settles_the_attempt(edge: Edge, sent: str) -> None:
    answer = await edge.events([event(sent, "processed", 1), event(sent, "delivered", 2)])
    assert (answer.status_code, answer.content) == (200, b"")
    row = await edge.row(sent)
    assert (row["state"], row["provider_message_id"]) == ("delivered", "Zb1")
    assert edge.workflows.signals == []


async def test_a_bounce_after_delivery_suppresses_and_wakes(edge: Edge, sent: str) -> None:
    await edge.events([event(sent, "delivered", 1)])
    bounce = event(sent, "bounce", 2, type="bounce", status="5.1.1")
    for _ in range(3):
        assert (await edge.events([bounce, bounce])).status_code == 200
    row = await edge.row(sent)
    assert (row["state"], row["refusal"], row["code"]) == (
        "undelivered",
        "recipient",
        "bounce 5.1.1",
    )
    points = await edge.rows("SELECT suppressed FROM contact_points")
    assert points == [{"suppressed": "sendgrid bounce 5.1.1"}]
    assert {signal[1] for signal in edge.workflows.signals} == {"delivery_failed"}
    assert {signal[2]["id"] for signal in edge.workflows.signals} == {"sendgrid:ev2"}


@pytest.mark.parametrize("batches", [1, 2])
async def test_that_a_server_took_a_mail_is_old_news_once_it_has_come_back(
    edge: Edge, sent: str, batches: int
) -> None:
    came = [
        event(sent, "bounce", 2, type="bounce", status="5.1.1"),
        event(sent, "delivered", 1),
        event(sent, "processed", 3),
    ]
    for batch in [came] if batches == 1 else [came[:1], came[1:]]:
        assert (await edge.events(batch)).status_code == 200
    assert (await edge.row(sent))["state"] == "undelivered"
    assert [signal[1] for signal in edge.workflows.signals] == ["delivery_failed"]


async def test_a_block_does_not_suppress(edge: Edge, sent: str) -> None:
    await edge.events([event(sent, "bounce", type="blocked", bounce_classification="Technical")])
    assert (await edge.row(sent))["refusal"] == "temporary"
    assert await edge.rows("SELECT FROM contact_points WHERE suppressed IS NOT NULL") == []


@pytest.mark.parametrize("name", ["spamreport", "unsubscribe", "group_unsubscribe"])
async def test_consent_withdrawn_at_the_provider_is_an_opt_out(
    edge: Edge, sent: str, name: str
) -> None:
    await edge.events([event(sent, "delivered", 1), event(sent, name, 2)])
    events = await edge.rows("SELECT kind, channel FROM law_events")
    assert events == [{"kind": "opt_out", "channel": "email"}]
    assert (await edge.row(sent))["state"] == "delivered"
    assert [signal[1] for signal in edge.workflows.signals] == ["message_received"]


async def test_deferred_and_opened_change_nothing(edge: Edge, sent: str) -> None:
    await edge.events([event(sent, "deferred", 1), event(sent, "open", 2)])
    assert (await edge.row(sent))["state"] == "accepted"
    assert edge.workflows.signals == []


async def test_a_batch_with_bad_events_still_does_the_good_ones(edge: Edge, sent: str) -> None:
    batch = [7, event(sent, "open") | {"event": 5}, event(sent, "delivered", 3), event(sent, "", 4)]
    answer = await edge.events(batch)
    assert answer.status_code == 400
    said = answer.json()["error"]
    assert "event 0: not an object" in said
    assert "event 1 sg_event_id=ev1: event" in said
    assert "event 3 sg_event_id=ev4: event" in said
    assert (await edge.row(sent))["state"] == "delivered"


@pytest.mark.parametrize("name", [None, "", 5, "x" * 300])
async def test_an_event_without_an_id_is_one_by_what_it_says(
    edge: Edge, sent: str, name: object
) -> None:
    stop = event(sent, "unsubscribe", sg_event_id=name, timestamp=1772463700)
    for _ in range(2):
        assert (await edge.events([stop, event(sent, "open", sg_event_id=name)])).is_success
    assert len(await edge.rows("SELECT FROM law_events WHERE kind = 'opt_out'")) == 1
    assert len(await edge.rows("SELECT FROM provider_events")) == 2
    assert len(edge.workflows.signals) == 1


async def test_mail_that_is_not_ours_is_none_of_our_business(edge: Edge) -> None:
    stranger = {"event": "delivered", "sg_event_id": "x", "sg_message_id": "y"}
    assert (await edge.events([stranger])).status_code == 200
    assert await edge.rows("SELECT FROM provider_events") == []


@pytest.mark.parametrize(
    ("body", "word"), [(b"{", "JSON"), (b"\xff\xfe", "JSON"), (b'{"event": 1}', "array")]
)
async def test_a_malformed_body_with_a_right_signature_is_explained(
    edge: Edge, body: bytes, word: str
) -> None:
    answer = await edge.events(body)
    assert answer.status_code == 400
    assert word in answer.json()["error"]


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Twilio-Email-Event-Webhook-Signature": ""},
        {"X-Twilio-Email-Event-Webhook-Signature": "not base64!"},
        {"X-Twilio-Email-Event-Webhook-Signature": "AAAA"},
        {"X-Twilio-Email-Event-Webhook-Timestamp": ""},
        {"X-Twilio-Email-Event-Webhook-Timestamp": "soon"},
    ],
)
async def test_a_broken_signature_is_refused(
    edge: Edge, sent: str, headers: dict[str, str]
) -> None:
    answer = await edge.events([event(sent, "delivered")], headers=headers)
    assert answer.status_code == 403
    assert await edge.rows("SELECT FROM provider_events") == []


async def test_a_forged_batch_is_refused(edge: Edge, sent: str) -> None:
    assert (await edge.events([event(sent, "delivered")], key=STRANGER)).status_code == 403


async def test_an_unsigned_batch_is_refused(edge: Edge) -> None:
    assert (await edge.client.post("/webhooks/sendgrid/events", json=[])).status_code == 403


@pytest.mark.parametrize(("age", "status"), [(0, 200), (500, 200), (700, 403), (-700, 403)])
async def test_an_old_batch_is_a_replay(edge: Edge, sent: str, age: int, status: int) -> None:
    assert (await edge.events([event(sent, "delivered")], age=age)).status_code == status


async def test_while_temporal_is_down_the_batch_must_come_again(edge: Edge, sent: str) -> None:
    edge.workflows.down = True
    batch = [event(sent, "bounce", type="bounce", status="5.1.1")]
    assert (await edge.events(batch)).status_code == 503
    edge.workflows.down = False
    assert (await edge.events(batch)).status_code == 200
    assert len(edge.workflows.signals) == 1


async def test_half_a_surrogate_pair_does_not_break_it(edge: Edge, sent: str) -> None:
    odd = b'[{"event":"delivered","sg_event_id":"\\ud800\\u0000x","contrapunto_attempt":"%s"}]'
    assert (await edge.events(odd % sent.encode())).status_code == 200
    assert (await edge.row(sent))["state"] == "delivered"


async def test_what_the_provider_calls_an_event_is_kept_for_complaints_to_be_counted(
    edge: Edge, sent: str
) -> None:
    await edge.events([event(sent, "delivered", 1), event(sent, "spamreport", 2)])
    kept = await edge.rows("SELECT status, code FROM provider_events ORDER BY event_id")
    assert kept == [
        {"status": "delivered", "code": None},
        {"status": "opt_out", "code": "spamreport"},
    ]
