"""Infobip over real HTTP against answers that go wrong: the right class, always one request."""

import json
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from activities.channels.base import Accepted, NotAskedError, Outbound, Refused, Sought, Unknown
from activities.channels.infobip_sms import InfobipSms, token
from domain.channels import Channel
from domain.ledger.attempt import RefusalKind
from lab.local.postgres import free_port
from tests.integration.channels.conftest import TIMEOUT, Answer, Script
from tests.integration.channels.doors import infobip, told

NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)
SECRET = "a-long-random-text"
CALLBACK = "https://hooks.example.test/webhooks/infobip/status?attempt=ab&account=acme%2FA-1"
MESSAGE = Outbound(
    attempt_id="ab" * 12,
    account="acme/A-1",
    channel=Channel.SMS,
    to="+573000000001",
    text="Hola Ana, su saldo es 100",
    callback_url=CALLBACK,
    validity_seconds=900,
)
SOUGHT = Sought(MESSAGE.attempt_id, MESSAGE.to, "", NOW)


def sms(url: str) -> InfobipSms:
    return InfobipSms(SecretStr("key"), "Acme", url, SecretStr(SECRET), timeout=TIMEOUT)


def test_an_accepted_message_bears_the_attempts_id(script: Script) -> None:
    script.answers = [told("PENDING", 26)]
    assert sms(script.url).send(MESSAGE) == Accepted(MESSAGE.attempt_id)
    [request] = script.requests
    assert (request.method, request.path) == ("POST", "/sms/3/messages")
    assert request.headers["Authorization"] == "App key"
    [message] = json.loads(request.body)["messages"]
    assert message["destinations"] == [{"to": "573000000001", "messageId": MESSAGE.attempt_id}]
    assert (message["sender"], message["content"]) == ("Acme", {"text": MESSAGE.text})
    assert message["options"]["validityPeriod"] == {"amount": 900, "timeUnit": "SECONDS"}
    proof = token(SECRET, MESSAGE.attempt_id)
    assert message["webhooks"]["delivery"]["url"] == f"{CALLBACK}&token={proof}"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(fault="hang"),
        Answer(fault="reset"),
        Answer(fault="close"),
        Answer(200, b'{"messages": []}', fault="cut"),
        Answer(200, b"HTTP", fault="half head"),
        Answer(200, b'{"messages": [{"messageId'),
        Answer(200, b""),
        Answer(200, b"<html>"),
        Answer(200, b"[]"),
        Answer.json(200, {}),
        Answer.json(200, {"messages": []}),
        Answer.json(200, {"messages": [{"messageId": "x"}]}),
        Answer.json(200, {"messages": [{"status": {"groupName": "PENDING", "id": 26}}]}),
        told("REJECTED", 23),  # an id that is taken: what became of the first?
        told("EXPIRED", 15),
        told("SOMETHING", 500),
        told("REJECTED", 999),
        told("UNDELIVERABLE", 4),  # by the operator, so it went out
        told("UNDELIVERABLE", 9),
        told("PENDING", 26, attempt="of-another"),
        told("REJECTED", 12, attempt="of-another"),
        infobip(400, code="E401"),
        infobip(418),
        infobip(409),
        infobip(400, code="NEW_CODE"),
        infobip(400, code=MESSAGE.to),
        Answer.json(500, {"errorCode": "E500"}),
        Answer(502, b"<html>bad gateway</html>"),
        Answer(503),
        Answer(504),
        Answer(408),
        Answer(302, headers={"Location": "/elsewhere"}),
    ],
    ids=lambda answer: f"{answer.fault or answer.status} {answer.body[:40]!r}",
)
def test_whatever_is_not_certain_is_unknown_and_never_repeated(
    script: Script, answer: Answer
) -> None:
    script.answers = [answer]
    assert isinstance(sms(script.url).send(MESSAGE), Unknown)
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    ("answer", "code", "kind"),
    [
        (told("REJECTED", 12), "12", RefusalKind.CONFIGURATION),
        (told("REJECTED", 14), "14", RefusalKind.CONSENT),
        (told("REJECTED", 52), "52", RefusalKind.RECIPIENT),
        (told("REJECTED", 21), "21", RefusalKind.TEMPORARY),
        (told("REJECTED", 87), "87", RefusalKind.CONTENT),
        (told("UNDELIVERABLE", 31), "31", RefusalKind.OTHER),
        (told("UNDELIVERABLE", 100), "100", RefusalKind.TEMPORARY),
        (infobip(401), "E401", RefusalKind.CONFIGURATION),
        (infobip(403), "E403", RefusalKind.CONFIGURATION),
        (infobip(404), "E404", RefusalKind.CONFIGURATION),
        (infobip(429), "E429", RefusalKind.RATE),
        (infobip(400), "E400", RefusalKind.CONFIGURATION),
        (infobip(400, "messages[0].destinations[0].to"), "E400", RefusalKind.RECIPIENT),
        (infobip(400, "messages[0].sender"), "E400", RefusalKind.CONFIGURATION),
        (
            infobip(400, "messages[0].destinations[0].to", "messages[0].sender"),
            "E400",
            RefusalKind.CONFIGURATION,
        ),
    ],
)
def test_a_rejection_is_a_refusal_and_never_repeated(
    script: Script, answer: Answer, code: str, kind: RefusalKind
) -> None:
    script.answers = [answer]
    sent = sms(script.url).send(MESSAGE)
    assert isinstance(sent, Refused)
    assert (sent.code, sent.kind) == (code, kind)
    assert "573000000001" not in sent.detail
    assert len(script.requests) == 1


@pytest.mark.parametrize("url", [f"http://127.0.0.1:{free_port()}", "http://infobip.invalid"])
def test_no_connection_is_certain(url: str) -> None:
    sent = sms(url).send(MESSAGE)
    assert isinstance(sent, Refused)
    assert (sent.code, sent.kind) == ("unreachable", RefusalKind.TEMPORARY)


def test_a_lost_message_is_found_by_its_own_id(script: Script) -> None:
    script.answers = [Answer.json(200, {"results": [{"messageId": MESSAGE.attempt_id}]})]
    assert sms(script.url).find(SOUGHT) == Accepted(MESSAGE.attempt_id)
    [request] = script.requests
    assert urlsplit(request.path).path == "/sms/3/logs"
    assert parse_qs(urlsplit(request.path).query) == {"messageId": [MESSAGE.attempt_id]}


@pytest.mark.parametrize(
    "answer",
    [
        Answer.json(200, {"results": []}),
        Answer.json(200, {"results": [{"messageId": "another"}]}),
        Answer.json(
            200,
            {"results": [{"messageId": MESSAGE.attempt_id, "status": {"groupName": "REJECTED"}}]},
        ),
        Answer.json(200, {"results": None}),
        infobip(403),
    ],
)
def test_logs_without_it_prove_nothing(script: Script, answer: Answer) -> None:
    script.answers = [answer]
    assert sms(script.url).find(SOUGHT) is None


@pytest.mark.parametrize(
    "answer", [Answer(200, b"x"), Answer(500), infobip(429), Answer(fault="hang")]
)
def test_logs_that_do_not_answer_may_tell_later(script: Script, answer: Answer) -> None:
    script.answers = [answer]
    with pytest.raises(NotAskedError):
        sms(script.url).find(SOUGHT)
