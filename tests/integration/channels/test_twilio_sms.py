"""The real Twilio SDK against answers that go wrong: always the right class, always one request."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from activities.channels.base import (
    Accepted,
    Meaning,
    NotAskedError,
    Outbound,
    Refused,
    Sought,
    Unknown,
    digest,
)
from activities.channels.codes.twilio import AT_THE_DOOR
from activities.channels.twilio_sms import TwilioSms
from domain.channels import Channel
from domain.ledger.attempt import RefusalKind
from lab.local.postgres import free_port
from tests.integration.channels.conftest import TIMEOUT, Answer, Script
from tests.integration.channels.doors import MADE, twilio

SID = "AC" + "0" * 32
NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)
MESSAGE = Outbound(
    attempt_id="ab" * 12,
    account="acme/A-1",
    channel=Channel.SMS,
    to="+573000000001",
    text="Hola Ana, su saldo es 100",
    callback_url="https://hooks.example.test/webhooks/twilio/status?attempt=ab&account=acme%2FA-1",
    validity_seconds=900,
)


def sms(url: str, **more: Any) -> TwilioSms:
    return TwilioSms(SID, SecretStr("t"), "+15005550006", base_url=url, timeout=TIMEOUT, **more)


def test_an_accepted_message_keeps_its_sid(script: Script) -> None:
    script.answers = [Answer.json(201, {"sid": MADE, "status": "queued"})]
    assert sms(script.url).send(MESSAGE) == Accepted(MADE)
    [request] = script.requests
    assert (request.method, request.path) == (
        "POST",
        f"/2010-04-01/Accounts/{SID}/Messages.json",
    )
    form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
    assert form == {
        "To": MESSAGE.to,
        "Body": MESSAGE.text,
        "From": "+15005550006",
        "StatusCallback": MESSAGE.callback_url,
        "ValidityPeriod": "900",
    }


def test_a_messaging_service_replaces_the_sender(script: Script) -> None:
    script.answers = [Answer.json(201, {"sid": MADE})]
    service = "MG" + "0" * 32
    TwilioSms(SID, SecretStr("t"), None, service, base_url=script.url).send(MESSAGE)
    form = parse_qs(script.requests[0].body.decode())
    assert form["MessagingServiceSid"] == [service]
    assert "From" not in form


def test_an_edge_in_the_environment_does_not_bend_the_address(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_EDGE", "dublin")
    monkeypatch.setenv("TWILIO_REGION", "ie1")
    script.answers = [Answer.json(201, {"sid": MADE})]
    assert sms(script.url).send(MESSAGE) == Accepted(MADE)


def test_a_base_url_may_have_a_path(script: Script) -> None:
    script.answers = [Answer.json(201, {"sid": MADE})]
    sms(f"{script.url}/twilio/").send(MESSAGE)
    assert script.requests[0].path.startswith("/twilio/2010-04-01/")


@pytest.mark.parametrize(
    "answer",
    [
        Answer(fault="hang"),
        Answer(fault="reset"),
        Answer(fault="close"),
        Answer(201, b'{"sid": "SM1"', fault="cut"),
        Answer(201, b"HTTP", fault="half head"),
        Answer(201, b'{"sid": "SM1", "status": "que'),
        Answer(201, b""),
        Answer(201, b"<html>"),
        Answer(201, b"[]"),
        Answer.json(201, {}),
        Answer.json(201, {"sid": None}),
        Answer.json(201, {"sid": MADE, "date_created": 5}),
        Answer.json(500, {"code": 20500, "message": "x"}),
        Answer.json(503, {"code": 20503, "message": "x"}),
        Answer.json(400, {"code": 20500, "message": "x"}),
        Answer.json(500, {"code": 21610, "message": "even a known code"}),
        Answer(502, b"<html>bad gateway</html>"),
        Answer(504),
        Answer(408),
        Answer(302, headers={"Location": "/elsewhere"}),
    ],
    ids=lambda answer: f"{answer.fault or answer.status} {answer.body[:20]!r}",
)
def test_whatever_is_not_certain_is_unknown_and_never_repeated(
    script: Script, answer: Answer
) -> None:
    script.answers = [answer]
    assert isinstance(sms(script.url).send(MESSAGE), Unknown)
    assert len(script.requests) == 1


@pytest.mark.parametrize("code", [None, 0, 99999, 20409, 20500, 20503, 21204, 21619, 30007, True])
def test_a_code_that_may_come_after_acceptance_is_in_doubt(script: Script, code: object) -> None:
    script.answers = [twilio(code)]
    assert isinstance(sms(script.url).send(MESSAGE), Unknown)


@pytest.mark.parametrize(("code", "meaning"), AT_THE_DOOR.items())
def test_every_code_at_the_door_is_a_refusal_and_never_repeated(
    script: Script, code: int, meaning: Meaning
) -> None:
    script.answers = [twilio(code, 429 if meaning.kind is RefusalKind.RATE else 400)]
    sent = sms(script.url).send(MESSAGE)
    assert isinstance(sent, Refused)
    assert (sent.code, sent.kind) == (str(code), meaning.kind)
    assert sent.about_address is meaning.about_address
    assert sent.detail.endswith(f"/docs/api/errors/{code}")
    assert len(script.requests) == 1


@pytest.mark.parametrize("code", [21211, 21610, 30007, 99999])
def test_the_sdks_newer_form_is_read_alike(script: Script, code: int) -> None:
    page = f"https://www.twilio.com/docs/api/errors/{code}"
    body = {"type": page, "title": "x", "status": 400, "code": code}
    script.answers = [Answer.json(400, body, **{"Content-Type": "application/problem+json"})]
    assert isinstance(sms(script.url).send(MESSAGE), Refused if code in AT_THE_DOOR else Unknown)


@pytest.mark.parametrize(
    "page", ["https://gate.example.test/21211", "https://nottwilio.com/21211", "http://[", "", None]
)
def test_codes_explained_elsewhere_are_not_twilios(script: Script, page: object) -> None:
    script.answers = [twilio(21211, more_info=page)]
    assert isinstance(sms(script.url).send(MESSAGE), Unknown)


def test_what_the_provider_writes_never_reaches_the_detail(script: Script) -> None:
    script.answers = [twilio(21211, message=f"The 'To' number {MESSAGE.to} is not valid")]
    sent = sms(script.url).send(MESSAGE)
    assert isinstance(sent, Refused)
    assert "573000000001" not in sent.detail


def test_no_connection_is_certain() -> None:
    sent = sms(f"http://127.0.0.1:{free_port()}").send(MESSAGE)
    assert isinstance(sent, Refused)
    assert (sent.code, sent.kind) == ("unreachable", RefusalKind.TEMPORARY)


def test_an_unknown_host_is_certain() -> None:
    assert isinstance(sms("http://twilio.invalid").send(MESSAGE), Refused)


def test_one_provider_serves_many_threads(script: Script) -> None:
    script.answers = [Answer.json(201, {"sid": MADE})]
    provider = sms(script.url)
    barrier = threading.Barrier(8)

    def send(_: int) -> object:
        barrier.wait()
        return provider.send(MESSAGE)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(send, range(8))) == {Accepted(MADE)}
    assert len(script.requests) == 8


def listed(*messages: tuple[str, str, datetime]) -> Answer:
    return Answer.json(
        200,
        {
            "messages": [
                {"sid": sid, "body": body, "date_created": format_datetime(at), "to": MESSAGE.to}
                for sid, body, at in messages
            ],
            "next_page_uri": None,
        },
    )


def test_a_lost_message_is_found_by_its_words(script: Script) -> None:
    script.answers = [listed(("SM9", "otra cosa", NOW), ("SM8", f"{MESSAGE.text} ", NOW))]
    found = sms(script.url).find(
        Sought(MESSAGE.attempt_id, MESSAGE.to, digest(MESSAGE.text), NOW, None)
    )
    assert found == Accepted("SM8")
    query = parse_qs(urlsplit(script.requests[0].path).query)
    assert query["To"] == [MESSAGE.to]
    assert not any(name.startswith("DateSent") for name in query)


def test_the_same_words_of_long_ago_are_another_message(script: Script) -> None:
    script.answers = [listed((MADE, MESSAGE.text, NOW - timedelta(hours=1)))]
    assert (
        sms(script.url).find(
            Sought(MESSAGE.attempt_id, MESSAGE.to, digest(MESSAGE.text), NOW, None)
        )
        is None
    )


SOUGHT: Any = Sought(MESSAGE.attempt_id, MESSAGE.to, digest(MESSAGE.text), NOW, None)


@pytest.mark.parametrize("answer", [twilio(20003, 401), twilio(20403, 403), Answer.json(200, {})])
def test_a_list_that_tells_nothing_proves_nothing(script: Script, answer: Answer) -> None:
    script.answers = [answer]
    assert sms(script.url).find(SOUGHT) is None


@pytest.mark.parametrize(
    "answer", [Answer(500), twilio(20429, 429), Answer(fault="hang"), Answer(200, b"x")]
)
def test_a_list_that_does_not_answer_may_tell_later(script: Script, answer: Answer) -> None:
    script.answers = [answer]
    with pytest.raises(NotAskedError):
        sms(script.url).find(SOUGHT)


def test_a_known_name_needs_no_question(script: Script) -> None:
    assert sms(script.url).find(Sought(MESSAGE.attempt_id, MESSAGE.to, "", NOW, "SM5")) == Accepted(
        "SM5"
    )
    assert script.requests == []
