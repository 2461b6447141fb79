"""WhatsApp and calls by the real Twilio SDK: what is asked for, and what a bad answer means."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from activities.channels.base import (
    Accepted,
    NotAskedError,
    Outbound,
    Provider,
    Refused,
    Sought,
    Unknown,
    digest,
)
from activities.channels.twilio_voice import TwilioVoice
from activities.channels.twilio_whatsapp import TwilioWhatsApp
from domain.channels import Channel
from domain.ledger.attempt import RefusalKind
from domain.message_content import ApprovedTemplate
from lab.local.postgres import free_port
from tests.integration.channels.conftest import TIMEOUT, Answer, Script
from tests.integration.channels.doors import CALL, MADE, twilio

SID = "AC" + "0" * 32
OURS, ANN = "+15005550006", "+573000000001"
NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)
CALLBACK = "https://hooks.example.test/webhooks/twilio/status?attempt=ab&account=acme%2FA-1"
ANSWER = "https://hooks.example.test/webhooks/twilio/call?attempt=ab&account=acme%2FA-1"
TEMPLATE = ApprovedTemplate(content_sid="HX" + "1" * 32, variables={"1": "Ana", "2": "$100"})


def whatsapp(url: str) -> TwilioWhatsApp:
    return TwilioWhatsApp(SID, SecretStr("t"), OURS, base_url=url, timeout=TIMEOUT)


def voice(url: str) -> TwilioVoice:
    return TwilioVoice(SID, SecretStr("t"), OURS, base_url=url, timeout=TIMEOUT)


def message(channel: Channel, **more: Any) -> Outbound:
    given: dict[str, Any] = {
        "attempt_id": "ab" * 12,
        "account": "acme/A-1",
        "channel": channel,
        "to": ANN,
        "text": "Hola Ana, su saldo es 100",
        "callback_url": CALLBACK,
        "validity_seconds": 900,
    }
    return Outbound(**given | more)


WRITTEN = message(Channel.WHATSAPP)
CALLED = message(Channel.VOICE, answer_url=ANSWER, validity_seconds=25)
BOTH = pytest.mark.parametrize(
    ("make", "sent"), [(whatsapp, WRITTEN), (voice, CALLED)], ids=["whatsapp", "voice"]
)


def form(script: Script) -> dict[str, list[str]]:
    return parse_qs(script.requests[0].body.decode())


def test_free_text_on_whatsapp_has_a_body_and_no_template(script: Script) -> None:
    script.answers = [Answer.json(201, {"sid": MADE, "status": "queued"})]
    assert whatsapp(script.url).send(WRITTEN) == Accepted(MADE)
    assert form(script) == {
        "To": [f"whatsapp:{ANN}"],
        "From": [f"whatsapp:{OURS}"],
        "Body": [WRITTEN.text],
        "StatusCallback": [CALLBACK],
        "ValidityPeriod": ["900"],
    }


def test_a_template_has_its_variables_and_no_body(script: Script) -> None:
    script.answers = [Answer.json(201, {"sid": MADE})]
    whatsapp(script.url).send(message(Channel.WHATSAPP, template=TEMPLATE))
    sent = form(script)
    assert sent["ContentSid"] == [TEMPLATE.content_sid]
    assert json.loads(sent["ContentVariables"][0]) == {"1": "Ana", "2": "$100"}
    assert "Body" not in sent


def test_a_call_is_answered_by_us_rings_as_long_as_it_may_and_tells_everything(
    script: Script,
) -> None:
    script.answers = [Answer.json(201, {"sid": CALL, "status": "queued"})]
    assert voice(script.url).send(CALLED) == Accepted(CALL)
    assert urlsplit(script.requests[0].path).path.endswith("/Calls.json")
    assert form(script) == {
        "To": [ANN],
        "From": [OURS],
        "Url": [ANSWER],
        "Method": ["POST"],
        "StatusCallback": [CALLBACK],
        "StatusCallbackMethod": ["POST"],
        "StatusCallbackEvent": ["initiated", "ringing", "answered", "completed"],
        "MachineDetection": ["DetectMessageEnd"],
        "Timeout": ["25"],
        "TimeLimit": ["600"],
    }


@BOTH
@pytest.mark.parametrize("fault", ["hang", "reset", "close", "cut", "half head"])
def test_an_answer_that_is_lost_is_in_doubt_and_never_repeated(
    script: Script, make: Any, sent: Outbound, fault: str
) -> None:
    script.answers = [Answer(201, b'{"sid": "XX1", "status": "queued"}', fault=fault)]
    assert isinstance(make(script.url).send(sent), Unknown)
    assert len(script.requests) == 1


@BOTH
@pytest.mark.parametrize("status", [500, 502, 503, 301, 408])
def test_an_answer_that_says_nothing_is_in_doubt(
    script: Script, make: Any, sent: Outbound, status: int
) -> None:
    script.answers = [Answer.json(status, {"code": 20500})]
    assert isinstance(make(script.url).send(sent), Unknown)
    assert len(script.requests) == 1


@BOTH
def test_without_a_connection_nothing_was_sent(make: Any, sent: Outbound) -> None:
    refused = make(f"http://127.0.0.1:{free_port()}").send(sent)
    assert isinstance(refused, Refused)
    assert refused.kind is RefusalKind.TEMPORARY


@pytest.mark.parametrize(
    ("make", "sent", "code", "kind"),
    [
        (whatsapp, WRITTEN, 63007, RefusalKind.CONFIGURATION),
        (whatsapp, WRITTEN, 21655, RefusalKind.TEMPLATE),
        (whatsapp, WRITTEN, 63038, RefusalKind.RATE),
        (whatsapp, WRITTEN, 21610, RefusalKind.CONSENT),
        (voice, CALLED, 21211, RefusalKind.RECIPIENT),
        (voice, CALLED, 21215, RefusalKind.CONFIGURATION),
        (voice, CALLED, 20429, RefusalKind.RATE),
        (voice, CALLED, 10004, RefusalKind.RATE),
    ],
)
def test_a_refusal_says_what_comes_next(
    script: Script, make: Any, sent: Outbound, code: int, kind: RefusalKind
) -> None:
    script.answers = [twilio(code, 429 if kind is RefusalKind.RATE else 400)]
    refused = make(script.url).send(sent)
    assert isinstance(refused, Refused)
    assert (refused.code, refused.kind) == (str(code), kind)


@BOTH
@pytest.mark.parametrize("code", [13224, 30003, 63003, 63016, 63018, 63024])
def test_what_is_told_of_a_message_that_exists_is_no_refusal_at_the_door(
    script: Script, make: Any, sent: Outbound, code: int
) -> None:
    script.answers = [twilio(code)]
    assert isinstance(make(script.url).send(sent), Unknown)


def sought(**more: Any) -> Sought:
    given: dict[str, Any] = {
        "attempt_id": "ab" * 12,
        "to": ANN,
        "content_digest": digest(WRITTEN.text),
        "since": NOW,
    }
    return Sought(**given | more)


def listed(key: str, *rows: dict[str, Any]) -> Answer:
    return Answer.json(200, {key: list(rows), "next_page_uri": None})


def at(minutes: float) -> str:
    return format_datetime(NOW + timedelta(minutes=minutes))


def test_a_template_is_found_by_the_words_it_makes(script: Script) -> None:
    rows = [{"sid": "SM9", "body": WRITTEN.text, "date_created": at(0)}]
    script.answers = [listed("messages", *rows)]
    assert whatsapp(script.url).find(sought()) == Accepted("SM9")
    query = parse_qs(urlsplit(script.requests[0].path).query)
    assert query["To"] == [f"whatsapp:{ANN}"]


@pytest.mark.parametrize(
    ("minutes", "found"),
    [(0, True), (1.5, True), (-4, True), (-6, False), (3, False)],
)
def test_a_call_is_found_by_numbers_and_time(
    script: Script, minutes: float, *, found: bool
) -> None:
    script.answers = [listed("calls", {"sid": "CA9", "date_created": at(minutes)})]
    assert voice(script.url).find(sought()) == (Accepted("CA9") if found else None)
    query = parse_qs(urlsplit(script.requests[0].path).query)
    assert (query["To"], query["From"]) == ([ANN], [OURS])


def test_a_later_call_does_not_hide_ours(script: Script) -> None:
    rows: list[dict[str, Any]] = [
        {"sid": "CA3", "date_created": at(600)},
        {"sid": "CA2", "date_created": None},
        {"sid": "CA1", "date_created": at(0.1)},
    ]
    script.answers = [listed("calls", *rows)]
    assert voice(script.url).find(sought()) == Accepted("CA1")


@pytest.mark.parametrize("make", [whatsapp, voice])
@pytest.mark.parametrize(
    "answer", [Answer.json(500, {}), Answer(200, b"{"), Answer(200, b"", fault="reset")]
)
def test_a_list_that_cannot_be_read_may_tell_later(
    script: Script, make: Any, answer: Answer
) -> None:
    script.answers = [answer]
    with pytest.raises(NotAskedError):
        make(script.url).find(sought())


@pytest.mark.parametrize("make", [whatsapp, voice])
def test_what_has_a_name_was_accepted(make: Any) -> None:
    provider: Provider = make("http://127.0.0.1:9")
    assert provider.find(sought(provider_message_id="X1")) == Accepted("X1")
