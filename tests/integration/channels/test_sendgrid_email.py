"""The real SendGrid SDK against answers that go wrong: the right class, always one request."""

import dataclasses
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from activities.channels.base import (
    Accepted,
    NotAskedError,
    Outbound,
    Refused,
    Sought,
    Unknown,
    digest,
)
from activities.channels.sendgrid_email import CUSTOM_ARG_CONTENT, SendGridEmail
from domain.channels import Channel
from domain.ledger.attempt import RefusalKind
from domain.names import CUSTOM_ARG_ACCOUNT, CUSTOM_ARG_ATTEMPT
from lab.local.postgres import free_port
from tests.integration.channels.conftest import TIMEOUT, Answer, Script
from tests.integration.channels.doors import sendgrid

NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)
MESSAGE = Outbound(
    attempt_id="ab" * 12,
    account="acme/A-1",
    channel=Channel.EMAIL,
    to="ana@example.test",
    subject="Su cuenta",
    text="Hola Ana",
    html="<p>Hola Ana</p>",
    callback_url="https://hooks.example.test/unused",
    validity_seconds=900,
    unsubscribe_url="https://hooks.example.test/u/token",
)


def mail(url: str) -> SendGridEmail:
    return SendGridEmail(
        SecretStr("SG.k"), "Acme <pay@acme.example.test>", base_url=url, timeout=TIMEOUT
    )


def test_an_accepted_mail_keeps_its_name(script: Script) -> None:
    script.answers = [Answer(202, headers={"X-Message-Id": "Zb1"})]
    assert mail(script.url).send(MESSAGE) == Accepted("Zb1")
    [request] = script.requests
    assert (request.method, request.path) == ("POST", "/v3/mail/send")
    body = json.loads(request.body)
    [envelope] = body["personalizations"]
    assert envelope["to"] == [{"email": "ana@example.test"}]
    assert envelope["custom_args"] == {
        CUSTOM_ARG_ATTEMPT: MESSAGE.attempt_id,
        CUSTOM_ARG_ACCOUNT: "acme/A-1",
        CUSTOM_ARG_CONTENT: digest("Hola Ana"),
    }
    assert body["from"] == {"email": "pay@acme.example.test", "name": "Acme"}
    assert [part["type"] for part in body["content"]] == ["text/plain", "text/html"]
    assert body["subject"] == "Su cuenta"
    assert body["headers"] == {
        "List-Unsubscribe": "<https://hooks.example.test/u/token>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def test_what_answers_a_mail_names_it_so_that_it_stands_in_one_thread(script: Script) -> None:
    script.answers = [Answer(202, headers={"X-Message-Id": "Zb1"})] * 2
    theirs = "<CAF=abc+1@mail.example.test>"
    mail(script.url).send(dataclasses.replace(MESSAGE, in_reply_to=theirs))
    mail(script.url).send(dataclasses.replace(MESSAGE, unsubscribe_url=None, in_reply_to=theirs))
    with_more, alone = (json.loads(request.body)["headers"] for request in script.requests)
    assert alone == {"In-Reply-To": theirs, "References": theirs}
    assert with_more.items() > alone.items()


def test_answers_and_stops_by_mail_go_where_mails_come_in(script: Script) -> None:
    script.answers = [Answer(202, headers={"X-Message-Id": "Zb1"})]
    sender, to = "pay@acme.example.test", "in@in.acme.example.test"
    client = SendGridEmail(SecretStr("SG.k"), sender, base_url=script.url, reply_to=to)
    assert client.send(MESSAGE) == Accepted("Zb1")
    body = json.loads(script.requests[0].body)
    assert body["reply_to"] == {"email": to}
    ways = f"<https://hooks.example.test/u/token>, <mailto:{to}?subject=unsubscribe>"
    assert body["headers"]["List-Unsubscribe"] == ways


@pytest.mark.parametrize(
    "answer",
    [
        Answer(fault="hang"),
        Answer(fault="reset"),
        Answer(fault="close"),
        Answer(202, fault="half head"),
        Answer(202, b"x", headers={"X-Message-Id": "Zb1"}, fault="cut"),
        Answer(202),
        Answer(204),
        Answer(500, b"{}"),
        Answer(502, b"<html>"),
        Answer(503),
        Answer(504),
        Answer(408),
        Answer(308, headers={"Location": "/elsewhere"}),
    ],
    ids=lambda answer: f"{answer.fault or answer.status}",
)
def test_whatever_is_not_certain_is_unknown_and_never_repeated(
    script: Script, answer: Answer
) -> None:
    script.answers = [answer]
    assert isinstance(mail(script.url).send(MESSAGE), Unknown)
    assert len(script.requests) == 1


def test_a_redirect_is_never_followed(script: Script) -> None:
    script.answers = [Answer(302, headers={"Location": "/elsewhere"}), Answer(404)]
    assert isinstance(mail(script.url).send(MESSAGE), Unknown)
    assert len(script.requests) == 1


TO = "personalizations.0.to.0.email"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (sendgrid(400, "from.email"), RefusalKind.CONFIGURATION),
        (sendgrid(400, TO), RefusalKind.RECIPIENT),
        (sendgrid(400, TO, "from.email"), RefusalKind.CONFIGURATION),
        (sendgrid(400), RefusalKind.CONFIGURATION),
        (sendgrid(401), RefusalKind.CONFIGURATION),
        (sendgrid(403, "from"), RefusalKind.CONFIGURATION),
        (sendgrid(413), RefusalKind.CONFIGURATION),
        (sendgrid(429), RefusalKind.RATE),
    ],
)
def test_its_own_4xx_is_a_refusal_and_never_repeated(
    script: Script, answer: Answer, kind: RefusalKind
) -> None:
    script.answers = [answer]
    sent = mail(script.url).send(MESSAGE)
    assert isinstance(sent, Refused)
    assert (sent.code, sent.kind) == (str(answer.status), kind)
    assert sent.about_address is (kind is RefusalKind.RECIPIENT)
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        sendgrid(409),
        sendgrid(418),
        sendgrid(408),
        sendgrid(500, TO),
        Answer.json(400, {"errors": [{"message": "x", "field": 5}]}),
        Answer.json(400, {"errors": [{"message": 5, "field": None}]}),
        Answer.json(400, {"errors": [{"message": "x", "field": None, "path": []}]}),
        Answer.json(400, {"errors": [{"message": "x", "field": None}], "data": None}),
        Answer.json(400, {"errors": [{"message": "x", "field": None}, "y"]}),
        Answer(200, headers={"X-Message-Id": "Zb1"}),  # what its sandbox says of mail it only reads
    ],
    ids=lambda answer: f"{answer.status} {answer.body[:50]!r}",
)
def test_what_it_does_not_document_is_in_doubt(script: Script, answer: Answer) -> None:
    script.answers = [answer]
    assert isinstance(mail(script.url).send(MESSAGE), Unknown)


def test_no_connection_is_certain() -> None:
    sent = mail(f"http://127.0.0.1:{free_port()}").send(MESSAGE)
    assert isinstance(sent, Refused)
    assert (sent.code, sent.kind) == ("unreachable", RefusalKind.TEMPORARY)


def test_an_unknown_host_is_certain() -> None:
    assert isinstance(mail("http://sendgrid.invalid").send(MESSAGE), Refused)


def test_a_lost_mail_is_found_in_the_logs(script: Script) -> None:
    script.answers = [
        Answer.json(
            200,
            {"messages": [{"sg_message_id": "Zb1.recvd-1"}, {"sg_message_id": "Zb2.recvd-1"}]},
        ),
        Answer.json(200, {"custom_args": {CUSTOM_ARG_CONTENT: "other"}}),
        Answer.json(200, {"custom_args": json.dumps({CUSTOM_ARG_CONTENT: digest(MESSAGE.text)})}),
    ]
    found = mail(script.url).find(
        Sought(MESSAGE.attempt_id, MESSAGE.to, digest(MESSAGE.text), NOW, None)
    )
    assert found == Accepted("Zb2")
    assert [request.path for request in script.requests] == [
        "/v3/logs",
        "/v3/logs/Zb1.recvd-1",
        "/v3/logs/Zb2.recvd-1",
    ]
    assert json.loads(script.requests[0].body)["query"] == (
        'to_email = "ana@example.test" AND '
        'sg_message_id_created_at >= TIMESTAMP "2026-03-02T14:55:00Z"'
    )


SOUGHT: Any = Sought(MESSAGE.attempt_id, MESSAGE.to, digest(MESSAGE.text), NOW, None)


@pytest.mark.parametrize("status", [401, 403, 404])
def test_logs_that_we_may_not_read_prove_nothing(script: Script, status: int) -> None:
    script.answers = [sendgrid(status)]
    assert mail(script.url).find(SOUGHT) is None


@pytest.mark.parametrize(
    "answer",
    [sendgrid(429), Answer(500), Answer(200, b"x"), Answer(200, b"[]"), Answer(fault="hang")],
)
def test_logs_that_do_not_answer_may_tell_later(script: Script, answer: Answer) -> None:
    script.answers = [answer]
    with pytest.raises(NotAskedError):
        mail(script.url).find(SOUGHT)


def test_a_known_name_needs_no_question(script: Script) -> None:
    assert mail(script.url).find(
        Sought(MESSAGE.attempt_id, MESSAGE.to, "", NOW, "Zb5")
    ) == Accepted("Zb5")
    assert script.requests == []
