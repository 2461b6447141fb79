"""Whoever writes is recognised by whatever the provider names them, and heard in whatever field."""

import base64
import logging
from typing import Any

import httpx
import pytest

from domain.names import CUSTOM_ARG_ATTEMPT
from store.database import Pool
from tests.integration.gateway.conftest import INFOBIP_SECRET, Edge, serving

INBOUND = "/webhooks/twilio/inbound"


async def intents(edge: Edge) -> list[tuple[str, str, str]]:
    rows = await edge.rows("SELECT channel, customer_id, intent FROM inbound")
    return [(row["channel"], row["customer_id"], row["intent"]) for row in rows]


@pytest.fixture
async def known(edge: Edge) -> None:
    await edge.customer("br", whatsapp="+5564991234567")
    await edge.customer("mx", whatsapp="+525512345678", sms="+525512345678")
    await edge.customer("ar", whatsapp="+5491143211234")
    await edge.customer("co", whatsapp="+573000000001", sms="+573000000001")


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("named", "customer", "channel"),
    [
        ({"From": "whatsapp:+556491234567", "WaId": "556491234567"}, "br", "whatsapp"),
        ({"From": "whatsapp:+5564991234567"}, "br", "whatsapp"),
        ({"From": "whatsapp:+5215512345678", "WaId": "5215512345678"}, "mx", "whatsapp"),
        ({"From": "whatsapp:+541143211234"}, "ar", "whatsapp"),
        ({"From": "whatsapp:573000000001"}, "co", "whatsapp"),
        ({"From": "WhatsApp:+573000000001"}, "co", "whatsapp"),
        ({"From": "", "WaId": "573000000001"}, "co", "whatsapp"),
        ({"From": "whatsapp:CO.1349120865", "WaId": "573000000001"}, "co", "whatsapp"),
        ({"From": "+5215512345678"}, "mx", "sms"),
        ({"From": "573000000001"}, "co", "sms"),
        ({"From": "00573000000001"}, "co", "sms"),
    ],
    ids=str,
)
async def test_twilio_names_a_sender_in_many_ways(
    edge: Edge, named: dict[str, str], customer: str, channel: str
) -> None:
    fields = {"MessageSid": "SM1", "Body": "STOP", **named}
    assert (await edge.twilio(INBOUND, list(fields.items()))).status_code == 200
    assert await intents(edge) == [(channel, customer, "opt_out")]
    assert len(await edge.rows("SELECT FROM law_events WHERE kind = 'opt_out'")) == 1


@pytest.mark.usefixtures("known")
async def test_a_number_that_is_somebody_elses_is_one_on_every_channel(edge: Edge) -> None:
    fields = {"MessageSid": "SM1", "From": "+573000000001", "Body": "No soy la señora Ana"}
    for _ in range(2):
        assert (await edge.twilio(INBOUND, list(fields.items()))).status_code == 200
    assert await intents(edge) == [("sms", "co", "wrong_person")]
    points = await edge.rows("SELECT FROM contact_points WHERE address_key = '+573000000001'")
    given_up = "SELECT FROM contact_points WHERE suppressed = 'not the customer''s address'"
    said = await edge.rows("SELECT FROM law_events WHERE kind = 'wrong_number' AND channel IS NULL")
    assert len(points) == len(await edge.rows(given_up)) == len(said) > 1
    assert await edge.rows("SELECT FROM law_events WHERE kind = 'opt_out'") == []


async def test_workflows_are_told_no_intent_that_an_older_worker_cannot_read(edge: Edge) -> None:
    await edge.customer("co", sms="+573000000001")
    await edge.account("co")
    fields = {"MessageSid": "SM1", "From": "+573000000001", "Body": "No soy la señora Ana"}
    edge.workflows.down = True
    assert (await edge.twilio(INBOUND, list(fields.items()))).status_code == 503
    edge.workflows.down = False
    stored_by_0_2_0 = "UPDATE provider_events SET status = 'inbound:wrong_person'"
    await edge.pool.execute(stored_by_0_2_0)
    await edge.flow.notify_pending()
    await edge.twilio(INBOUND, [("MessageSid", "SM2"), *list(fields.items())[1:]])
    assert await intents(edge) == [("sms", "co", "wrong_person")] * 2
    assert [told["intent"] for _, _, told in edge.workflows.signals] == ["opt_out"] * 2
    rows = await edge.rows("SELECT FROM provider_events WHERE status = 'inbound:opt_out'")
    assert len(rows) == 1, "a gateway of 0.1 may be who tells them"


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ({"Body": "Detener", "ButtonText": "Detener", "ButtonPayload": "STOP"}, "opt_out"),
        ({"Body": "", "ButtonText": "BASTA", "ButtonPayload": "b-3"}, "opt_out"),
        ({"Body": "", "ButtonText": "", "ButtonPayload": "STOP"}, "opt_out"),
        ({"ButtonPayload": "stop"}, "opt_out"),
        ({"Body": "2", "ListTitle": "No más mensajes", "ListId": "row-2"}, "opt_out"),
        ({"Body": "2", "ListId": "STOP"}, "opt_out"),
        ({"Body": "", "InteractiveData": '{"choice": "STOP"}'}, "opt_out"),
        ({"Body": "Sí", "ButtonText": "Sí", "ButtonPayload": "START"}, "opt_in"),
        ({"Body": "Pagaré mañana", "ButtonPayload": "STOP"}, "opt_out"),
        ({"Body": "STOP", "OptOutType": "HELP"}, "opt_out"),
        ({"Body": "hola", "ButtonPayload": "menu"}, "other"),
        ({"Body": "STOP, numero equivocado", "OptOutType": "STOP"}, "wrong_person"),
    ],
    ids=str,
)
async def test_a_button_is_heard_by_label_and_by_value(
    edge: Edge, said: dict[str, str], intent: str
) -> None:
    fields = {"MessageSid": "SM1", "From": "whatsapp:+573000000001", **said}
    assert (await edge.twilio(INBOUND, list(fields.items()))).status_code == 200
    assert await intents(edge) == [("whatsapp", "co", intent)]


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("field", ["Body", "ButtonPayload", "OptOutType"])
@pytest.mark.parametrize("words", [("STOP", "hola"), ("hola", "STOP")], ids=str)
async def test_a_field_that_comes_twice_is_heard_twice(
    edge: Edge, field: str, words: tuple[str, str]
) -> None:
    fields = [("MessageSid", "SM1"), ("From", "whatsapp:+573000000001")]
    said = [(field, word) for word in words]
    assert (await edge.twilio(INBOUND, [*fields, *said])).status_code == 200
    assert await intents(edge) == [("whatsapp", "co", "opt_out")]


@pytest.mark.usefixtures("known")
async def test_of_two_senders_neither_is_believed_and_a_person_looks(edge: Edge) -> None:
    senders = [("From", "+573000000001"), ("From", "+525512345678")]
    answer = await edge.twilio(INBOUND, [("MessageSid", "SM1"), *senders, ("Body", "STOP")])
    assert answer.status_code == 400
    assert "From: given twice" in answer.json()["error"]
    assert await intents(edge) == []
    [kept] = await edge.rows("SELECT kind, body FROM webhook_backlog")
    assert kept["kind"] == "unread"
    assert all(sender in kept["body"]["raw"] for _, sender in senders)


@pytest.mark.parametrize("sender", ["whatsapp:CO.1349120865", "anonymous", "12345"])
async def test_a_stop_by_who_cannot_be_told_by_a_number_waits_for_a_person(
    edge: Edge, sender: str
) -> None:
    fields = {"MessageSid": "SM1", "From": sender, "Body": "hola"}
    assert (await edge.twilio(INBOUND, list(fields.items()))).status_code == 200
    assert await edge.rows("SELECT FROM webhook_backlog") == []
    stop = fields | {"MessageSid": "SM2", "Body": "STOP"}
    for _ in range(2):
        assert (await edge.twilio(INBOUND, list(stop.items()))).status_code == 200
    [kept] = await edge.rows("SELECT kind, event_id, body, why FROM webhook_backlog")
    assert (kept["kind"], kept["event_id"]) == ("unread", "SM2:person")
    assert sender.removeprefix("whatsapp:") in kept["body"]["raw"]
    assert "a stop by who is told by no number" in kept["why"]
    assert len(await edge.rows("SELECT FROM inbound WHERE intent = 'opt_out'")) == 1


async def test_a_message_at_the_address_for_statuses_is_not_taken_for_one(edge: Edge) -> None:
    fields = {"SmsSid": "SM1", "SmsStatus": "received", "From": "+573000000001", "Body": "STOP"}
    answer = await edge.twilio("/webhooks/twilio/status", list(fields.items()))
    assert answer.status_code == 400
    assert "belongs to /webhooks/twilio/inbound" in answer.json()["error"]
    [kept] = await edge.rows("SELECT kind, body FROM webhook_backlog")
    assert (kept["kind"], "STOP" in kept["body"]["raw"]) == ("unread", True)
    assert await edge.rows("SELECT FROM provider_events") == []


async def test_what_was_chosen_is_kept_in_the_customers_words(edge: Edge) -> None:
    said = {"Body": "Detener", "ButtonText": "Detener", "ButtonPayload": "STOP"}
    fields = {"MessageSid": "SM1", "From": "whatsapp:+573000000001", **said}
    await edge.twilio(INBOUND, list(fields.items()))
    assert await edge.rows("SELECT text FROM inbound") == [{"text": "Detener\nSTOP"}]


async def infobip(edge: Edge, message: dict[str, Any]) -> httpx.Response:
    basic = base64.b64encode(f"infobip:{INFOBIP_SECRET}".encode()).decode()
    return await edge.client.post(
        "/webhooks/infobip/inbound",
        json={"results": [{"messageId": "m1", **message}]},
        headers={"Authorization": f"Basic {basic}"},
    )


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("message", "customer", "channel"),
    [
        ({"from": "5215512345678", "text": "STOP"}, "mx", "sms"),
        ({"from": "573000000001", "text": "", "cleanText": "", "keyword": "STOP"}, "co", "sms"),
        (
            {
                "from": "556491234567",
                "integrationType": "WHATSAPP",
                "message": {"type": "BUTTON", "text": "Detener", "payload": "STOP"},
            },
            "br",
            "whatsapp",
        ),
        (
            {
                "from": "541143211234",
                "integrationType": "WHATSAPP",
                "message": {"type": "INTERACTIVE_BUTTON_REPLY", "id": "b-3", "title": "BASTA"},
            },
            "ar",
            "whatsapp",
        ),
        (
            {
                "sender": "573000000001",
                "channel": "WHATSAPP",
                "content": [{"type": "BUTTON_REPLY", "text": "Parar", "payload": "STOP"}],
            },
            "co",
            "whatsapp",
        ),
        (
            {
                "sender": "525512345678",
                "channel": "SMS",
                "content": [{"type": "TEXT", "text": "hola"}, {"type": "TEXT", "text": "STOP"}],
            },
            "mx",
            "sms",
        ),
    ],
    ids=str,
)
async def test_infobip_names_a_sender_and_a_choice_in_many_ways(
    edge: Edge, message: dict[str, Any], customer: str, channel: str
) -> None:
    assert (await infobip(edge, message)).status_code == 200
    assert await intents(edge) == [(channel, customer, "opt_out")]


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    "said",
    [
        {"message": {"type": "IMAGE", "caption": "STOP", "url": "https://example.test/1.jpg"}},
        {"message": {"type": "REACTION", "emoji": "🛑", "context": {"id": "wamid.1"}}},
        {"message": {"type": "TEXT", "text": {"body": "BASTA"}}},
        {"message": [{"contentType": "text/plain", "value": "STOP"}]},
        {"message": "STOP"},
        {"text": {"body": "STOP"}},
        {"content": {"type": "TEXT", "text": "STOP"}},
        {"content": ["STOP"]},
        {"content": [{"type": "LIST_REPLY", "reply": {"id": "9", "title": "No más mensajes"}}]},
    ],
    ids=str,
)
async def test_a_stop_is_heard_wherever_infobip_puts_what_was_said(
    edge: Edge, said: dict[str, Any]
) -> None:
    message = {"from": "573000000001", "integrationType": "WHATSAPP", **said}
    assert (await infobip(edge, message)).status_code == 200
    assert await intents(edge) == [("whatsapp", "co", "opt_out")]


@pytest.mark.usefixtures("known")
async def test_what_is_not_the_customers_own_words_is_not_read_as_theirs(edge: Edge) -> None:
    ours = {
        "type": "STOP",
        "url": "STOP",
        "context": {"text": "STOP"},
        "referral": {"body": "STOP"},
    }
    message = {"from": "573000000001", "message": {**ours, "text": "hola"}}
    assert (await infobip(edge, message)).status_code == 200
    assert await edge.rows("SELECT text, intent FROM inbound") == [
        {"text": "hola", "intent": "other"}
    ]


@pytest.mark.parametrize("account", ["", "AC" + "2" * 32])
async def test_another_account_of_twilio_is_not_believed(pool: Pool, account: str) -> None:
    ours = "AC" + "1" * 32
    async with serving(pool, twilio_account_sid=ours) as edge:
        fields = {"MessageSid": "SM1", "From": "+573000000001", "Body": "STOP"}
        assert (await edge.twilio(INBOUND, [*fields.items(), ("AccountSid", ours)])).is_success
        for path in ("inbound", "status", "call", "call/status", "call/inbound"):
            said = [*fields.items(), ("AccountSid", account)]
            answer = await edge.twilio(f"/webhooks/twilio/{path}", said)
            assert answer.status_code == 403
            assert "AccountSid" in answer.json()["error"]
    assert len(await pool.fetch("SELECT FROM inbound")) == 1


async def test_each_refusal_is_one_line_that_names_the_message(
    edge: Edge, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    sid = "SM" + "a" * 32
    requests = [
        await edge.twilio(INBOUND, [("MessageSid", sid), ("From", "+1")], token="stranger"),
        await edge.twilio("/webhooks/twilio/status", [("MessageSid", sid)]),
        await edge.events([{"sg_event_id": "ev-1", CUSTOM_ARG_ATTEMPT: "a"}]),
        await edge.client.post("/webhooks/resend/events", headers={"svix-id": "msg_1"}),
    ]
    assert [answer.status_code for answer in requests] == [403, 400, 400, 403]
    refused = [r for r in caplog.records if r.name == "workers.gateway.providers.refusals"]
    assert [record.levelname for record in refused] == ["WARNING"] * 4
    assert not any(record.exc_info for record in refused)
    for record, name in zip(refused, (sid, sid, "ev-1", "msg_1"), strict=True):
        assert name in record.getMessage()


async def test_an_error_of_ours_is_one_line_too(
    edge: Edge, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("secret words of a customer")

    monkeypatch.setattr(edge.flow, "take", broken)
    answer = await edge.says("STOP")
    assert answer.status_code == 500
    [line] = [r.getMessage() for r in caplog.records if r.levelname == "ERROR"]
    assert line.startswith("500 at twilio_inbound MessageSid=SMin1: RuntimeError in ")
    assert "secret" not in caplog.text
    assert "Traceback" not in caplog.text
