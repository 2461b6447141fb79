"""Twilio's wire format, as Twilio's own SDK sees it."""

from datetime import timedelta

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.integration.sandbox.conftest import Start
from tests.integration.sandbox.harness import ANN, BOB, OURS, Sandbox


def test_a_message_is_accepted_delivered_and_called_back(sandbox: Sandbox) -> None:
    message = sandbox.sms(validity_period=600)
    assert message.sid
    assert message.sid.startswith("SM")
    assert len(message.sid) == 34
    assert str(message.status) == "queued"
    assert str(message.direction) == "outbound-api"
    assert message.num_segments == "1"
    sandbox.settle()

    statuses = sandbox.receiver.statuses
    assert [form["MessageStatus"] for form in statuses] == ["queued", "sent", "delivered"]
    assert {form["MessageSid"] for form in statuses} == {message.sid}
    assert all(form["attempt"] == "a1" and form["account"] == "acme/7" for form in statuses)
    assert {"SmsSid", "SmsStatus", "To", "From", "AccountSid", "ApiVersion"} <= set(statuses[-1])
    assert "ErrorCode" not in statuses[-1]
    assert len(set(sandbox.receiver.tokens)) == 3
    assert sandbox.receiver.refused == []

    (line,) = sandbox.received()
    assert line["to"] == ANN
    assert line["from"] == OURS
    assert line["attempt"] == "a1"
    assert line["account"] == "acme/7"
    assert line["provider_message_id"] == message.sid
    assert line["status"] == "delivered"
    assert (line["channel"], line["provider"], line["subject"]) == ("sms", "twilio", None)


def test_a_message_can_be_fetched_and_listed_newest_first(sandbox: Sandbox) -> None:
    sids = [sandbox.sms(body=f"number {n}").sid for n in range(5)]
    sandbox.sms(to=BOB)
    sandbox.settle()
    assert sids[0]
    fetched = sandbox.twilio.messages(sids[0]).fetch()
    assert (fetched.body, str(fetched.status)) == ("number 0", "delivered")
    assert fetched.date_created
    assert fetched.date_created.utcoffset() == timedelta(0)

    listed = sandbox.twilio.messages.list(to=ANN, from_=OURS, page_size=2)
    assert [message.sid for message in listed] == sids[::-1]
    assert sandbox.twilio.messages.list(to=ANN, from_="+12025550199") == []
    assert len(sandbox.twilio.messages.list()) == 6


def test_the_resource_shows_nothing_of_ours(sandbox: Sandbox) -> None:
    sid = sandbox.sms(attempt="secret-attempt").sid
    path = f"/2010-04-01/Accounts/{sandbox.settings.twilio_account_sid}/Messages/{sid}.json"
    response = sandbox.twilio.request("GET", "https://api.twilio.com" + path)
    assert response.status_code == 200
    assert "secret-attempt" not in response.text


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"to": "5550101"}, 21211),
        ({"to": "+1"}, 21211),
        ({"to": "+120255501"}, 21211),
        ({"to": "+576015550123"}, 21614),
        ({"to": ""}, 21604),
        ({"from_": ""}, 21603),
        ({"from_": "call me maybe now"}, 21212),
        ({"body": ""}, 21602),
        ({"body": "x" * 1601}, 21617),
        ({"validity_period": 0}, 90007),
        ({"validity_period": 36001}, 90007),
        ({"status_callback": "not a url"}, 21609),
        ({"to": "whatsapp:+573005550101"}, 21910),
    ],
)
def test_what_twilio_would_refuse_is_refused(
    sandbox: Sandbox, told: dict[str, str], code: int
) -> None:
    with pytest.raises(TwilioRestException) as refused:
        sandbox.sms(**{"to": ANN, **told})
    assert (refused.value.status, refused.value.code) == (400, code)
    assert refused.value.msg
    assert sandbox.received() == []


def test_wrong_credentials_are_20003(sandbox: Sandbox) -> None:
    with pytest.raises(TwilioRestException) as refused:
        sandbox.twilio_client("wrong").messages.create(to=ANN, from_=OURS, body="Hello")
    assert (refused.value.status, refused.value.code) == (401, 20003)
    with pytest.raises(TwilioRestException) as unknown:
        sandbox.twilio.messages("SM" + "0" * 32).fetch()
    assert (unknown.value.status, unknown.value.code) == (404, 20404)


def test_a_sender_that_is_not_ours_is_21606(start: Start) -> None:
    sandbox = start(senders=(OURS,))
    sandbox.sms()
    with pytest.raises(TwilioRestException) as refused:
        sandbox.sms(from_="+12025550111")
    assert refused.value.code == 21606


def test_stop_blocks_the_pair_and_start_opens_it_again(sandbox: Sandbox) -> None:
    sid = sandbox.sms().sid
    assert (
        sandbox.post("/_sandbox/say", {"message": sid, "text": " stop "}).json()["outcome"]
        == "said"
    )
    (heard,) = sandbox.receiver.inbound
    assert (heard["From"], heard["To"], heard["Body"]) == (ANN, OURS, " stop ")
    assert heard["MessageSid"] == heard["SmsMessageSid"]
    assert heard["NumMedia"] == "0"
    assert heard["FromCity"] == ""
    assert "OptOutType" not in heard

    with pytest.raises(TwilioRestException) as refused:
        sandbox.sms()
    assert refused.value.code == 21610
    sandbox.sms(from_="+12025550111")  # the block holds for the pair only
    sandbox.sms(to=BOB)
    sandbox.post("/_sandbox/say", {"message": sid, "text": "START"})
    sandbox.sms()
    assert len(sandbox.received()) == 4


def test_words_twilio_does_not_know_do_not_block(sandbox: Sandbox) -> None:
    sid = sandbox.sms().sid
    sandbox.post("/_sandbox/say", {"message": sid, "text": "BASTA"})
    assert sandbox.receiver.inbound[0]["Body"] == "BASTA"
    sandbox.sms()


def test_a_messaging_service_stands_for_the_sender(sandbox: Sandbox) -> None:
    service = "MG" + "1" * 32
    message = sandbox.twilio.messages.create(to=ANN, messaging_service_sid=service, body="Hello")
    assert str(message.status) == "accepted"
    sandbox.post("/_sandbox/say", {"message": message.sid, "text": "STOP"})
    assert sandbox.receiver.inbound[0]["To"] == sandbox.settings.default_sender
    with pytest.raises(TwilioRestException) as refused:
        sandbox.twilio.messages.create(to=ANN, messaging_service_sid=service, body="Hello")
    assert refused.value.code == 21610


def test_whatsapp_is_a_channel_of_its_own(start: Start) -> None:
    sid = "HX" + "1" * 32
    sandbox = start(content={sid: "Hello"})
    sandbox.sms(to=f"whatsapp:{ANN}", from_=f"whatsapp:{OURS}", body=None, content_sid=sid)
    sandbox.settle()
    assert sandbox.received()[0]["channel"] == "whatsapp"
    assert sandbox.receiver.statuses[-1]["ChannelPrefix"] == "whatsapp"


def test_a_callback_is_repeated_with_its_token_while_the_gateway_is_down(sandbox: Sandbox) -> None:
    sandbox.receiver.down = 3
    sandbox.sms()
    sandbox.settle()
    assert [form["MessageStatus"] for form in sandbox.receiver.statuses] == [
        "queued",
        "sent",
        "delivered",
    ]
    assert sandbox.get("/_sandbox/state")["failed_webhooks"] == []


def test_callback_states_can_be_chosen(start: Start) -> None:
    sandbox = start(callback_states=())
    sandbox.sms()
    sandbox.settle()
    assert [form["MessageStatus"] for form in sandbox.receiver.statuses] == ["delivered"]


def test_an_account_with_a_slash_in_the_callback_url_is_signed_as_sent(sandbox: Sandbox) -> None:
    callback = f"{sandbox.receiver.url}/twilio/status?attempt=a9&account=acme/é%20"
    sandbox.sms(status_callback=callback)
    sandbox.settle()
    assert sandbox.receiver.refused == []
    assert len(sandbox.receiver.statuses) == 3


def test_a_lagging_list_does_not_show_a_young_message(start: Start) -> None:
    sandbox = start(list_lag=3600)
    sandbox.sms()
    assert sandbox.twilio.messages.list(to=ANN) == []


def test_a_message_is_delivered_whoever_listens(start: Start) -> None:
    sandbox = start(callback_retries=0, sendgrid_events_url="http://127.0.0.1:9/nobody")
    sid = str(sandbox.sms(status_callback="http://127.0.0.1:9/nobody").sid)
    sandbox.mail()
    sandbox.settle()
    assert str(sandbox.twilio.messages(sid).fetch().status) == "delivered"
    assert len(sandbox.get("/_sandbox/state")["failed_webhooks"]) == 4
    sandbox.receiver.down = 1
    sandbox.sms()
    sandbox.settle()
    assert [form["MessageStatus"] for form in sandbox.receiver.statuses] == ["sent", "delivered"]
