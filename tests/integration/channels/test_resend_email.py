"""Resend over real HTTP against answers that go wrong: the right class, always one request."""

import dataclasses
import json
from datetime import UTC, datetime, timedelta
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
from activities.channels.resend_email import ResendEmail
from domain.channels import Channel
from domain.ledger.attempt import RefusalKind
from domain.names import CUSTOM_ARG_ACCOUNT, CUSTOM_ARG_ATTEMPT, from_tag
from lab.local.postgres import free_port
from tests.integration.channels.conftest import TIMEOUT, Answer, Script
from tests.integration.channels.doors import MAIL, resend

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
SOUGHT = Sought(MESSAGE.attempt_id, MESSAGE.to, digest(MESSAGE.text), NOW)


def mail(url: str) -> ResendEmail:
    return ResendEmail(
        SecretStr("re_k"), "Acme <pay@acme.example.test>", base_url=url, timeout=TIMEOUT
    )


def test_an_accepted_mail_keeps_its_name(script: Script) -> None:
    script.answers = [Answer.json(200, {"id": MAIL})]
    assert mail(script.url).send(MESSAGE) == Accepted(MAIL)
    [request] = script.requests
    assert (request.method, request.path) == ("POST", "/emails")
    assert request.headers["Authorization"] == "Bearer re_k"
    assert request.headers["Idempotency-Key"] == MESSAGE.attempt_id
    assert json.loads(request.body) == {
        "from": "Acme <pay@acme.example.test>",
        "to": ["ana@example.test"],
        "subject": "Su cuenta",
        "text": "Hola Ana",
        "html": "<p>Hola Ana</p>",
        "tags": [
            {"name": CUSTOM_ARG_ATTEMPT, "value": MESSAGE.attempt_id},
            {"name": CUSTOM_ARG_ACCOUNT, "value": "YWNtZS9BLTE"},
        ],
        "headers": {
            "List-Unsubscribe": "<https://hooks.example.test/u/token>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    }


def test_what_answers_a_mail_names_it_so_that_it_stands_in_one_thread(script: Script) -> None:
    script.answers = [Answer.json(200, {"id": MAIL})] * 2
    theirs = "<CAF=abc+1@mail.example.test>"
    mail(script.url).send(dataclasses.replace(MESSAGE, in_reply_to=theirs))
    mail(script.url).send(dataclasses.replace(MESSAGE, unsubscribe_url=None, in_reply_to=theirs))
    with_more, alone = (json.loads(request.body)["headers"] for request in script.requests)
    assert alone == {"In-Reply-To": theirs, "References": theirs}
    assert with_more.items() > alone.items()


def test_answers_and_stops_by_mail_go_where_mails_come_in(script: Script) -> None:
    script.answers = [Answer.json(200, {"id": MAIL})]
    sender, to = "pay@acme.example.test", "in@in.acme.example.test"
    client = ResendEmail(SecretStr("re_k"), sender, base_url=script.url, reply_to=to)
    assert client.send(MESSAGE) == Accepted(MAIL)
    body = json.loads(script.requests[0].body)
    assert body["reply_to"] == to
    ways = f"<https://hooks.example.test/u/token>, <mailto:{to}?subject=unsubscribe>"
    assert body["headers"]["List-Unsubscribe"] == ways


@pytest.mark.parametrize(
    "answer",
    [
        Answer(fault="hang"),
        Answer(fault="reset"),
        Answer(fault="close"),
        Answer(200, b'{"id": "4ef9a417"}', fault="cut"),
        Answer(200, fault="half head"),
        Answer(200, b'{"id": "4ef'),
        Answer(200, b"[]"),
        Answer.json(200, {}),
        Answer.json(200, {"id": None}),
        resend(409, "concurrent_idempotent_requests"),
        resend(409, "invalid_idempotent_request"),
        resend(409, "new_name"),
        resend(500, "application_error"),
        resend(500, "invalid_from_address"),
        resend(409, "validation_error"),
        resend(418, "validation_error"),
        resend(422, "new_name"),
        resend(429, "new_name"),
        resend(400, "application_error"),
        Answer.json(200, {"id": "4ef9a417"}),
        Answer(502, b"<html>"),
        Answer(503),
        Answer(408),
        Answer(307, headers={"Location": "/elsewhere"}),
    ],
    ids=lambda answer: f"{answer.fault or answer.status} {answer.body[:40]!r}",
)
def test_whatever_is_not_certain_is_unknown_and_never_repeated(
    script: Script, answer: Answer
) -> None:
    script.answers = [answer]
    assert isinstance(mail(script.url).send(MESSAGE), Unknown)
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    ("answer", "code", "kind"),
    [
        (resend(401, "missing_api_key"), "missing_api_key", RefusalKind.CONFIGURATION),
        (resend(403, "invalid_api_key"), "invalid_api_key", RefusalKind.CONFIGURATION),
        (resend(422, "invalid_from_address"), "invalid_from_address", RefusalKind.CONFIGURATION),
        (resend(422, "validation_error"), "validation_error", RefusalKind.CONFIGURATION),
        (
            resend(422, "validation_error", "Invalid `to` field. ana@example..test"),
            "validation_error",
            RefusalKind.RECIPIENT,
        ),
        (resend(429, "rate_limit_exceeded"), "rate_limit_exceeded", RefusalKind.RATE),
        (resend(429, "daily_quota_exceeded"), "daily_quota_exceeded", RefusalKind.CONFIGURATION),
        (resend(451, "security_error"), "security_error", RefusalKind.CONTENT),
        (resend(403, "suspended_api_key"), "suspended_api_key", RefusalKind.CONFIGURATION),
        (resend(401, "validation_error"), "validation_error", RefusalKind.CONFIGURATION),
    ],
)
def test_a_4xx_is_a_refusal_and_never_repeated(
    script: Script, answer: Answer, code: str, kind: RefusalKind
) -> None:
    script.answers = [answer]
    sent = mail(script.url).send(MESSAGE)
    assert isinstance(sent, Refused)
    assert (sent.code, sent.kind) == (code, kind)
    assert "ana@" not in sent.detail
    assert len(script.requests) == 1


@pytest.mark.parametrize("url", [f"http://127.0.0.1:{free_port()}", "http://resend.invalid"])
def test_no_connection_is_certain(url: str) -> None:
    sent = mail(url).send(MESSAGE)
    assert isinstance(sent, Refused)
    assert (sent.code, sent.kind) == ("unreachable", RefusalKind.TEMPORARY)


def listed(*mails: tuple[str, str, datetime], more: bool = False) -> Answer:
    data = [
        {"id": name, "to": [to], "created_at": f"{at:%Y-%m-%d %H:%M:%S.%f}+00"}
        for name, to, at in mails
    ]
    return Answer.json(200, {"object": "list", "has_more": more, "data": data})


def text(words: str) -> Answer:
    return Answer.json(200, {"object": "email", "text": words})


def test_a_lost_mail_is_found_among_those_to_the_address(script: Script) -> None:
    script.answers = [
        listed(("m3", "bea@example.test", NOW), ("m2", "Ana@example.test", NOW), more=True),
        text("another"),
        listed(("m1", "ana@example.test", NOW)),
        text(f"{MESSAGE.text}\n"),
    ]
    assert mail(script.url).find(SOUGHT) == Accepted("m1")
    paths = [request.path for request in script.requests]
    assert paths == ["/emails?limit=100", "/emails/m2", "/emails?limit=100&after=m2", "/emails/m1"]


def test_mails_of_long_ago_are_not_opened(script: Script) -> None:
    script.answers = [listed(("m1", "ana@example.test", NOW - timedelta(hours=1)), more=True)]
    assert mail(script.url).find(SOUGHT) is None
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        resend(401, "restricted_api_key"),
        Answer.json(200, {"data": [{"id": "m", "to": ["ana@example.test"], "created_at": 5}]}),
    ],
)
def test_a_list_that_tells_nothing_proves_nothing(script: Script, answer: Answer) -> None:
    script.answers = [answer]
    assert mail(script.url).find(SOUGHT) is None


@pytest.mark.parametrize(
    "answer",
    [Answer(500), resend(429, "rate_limit_exceeded"), Answer(200, b"x"), Answer(fault="hang")],
)
def test_a_list_that_does_not_answer_may_tell_later(script: Script, answer: Answer) -> None:
    script.answers = [answer]
    with pytest.raises(NotAskedError):
        mail(script.url).find(SOUGHT)


def test_a_known_name_needs_no_question(script: Script) -> None:
    known: Any = Sought(MESSAGE.attempt_id, MESSAGE.to, "", NOW, "m5")
    assert mail(script.url).find(known) == Accepted("m5")
    assert script.requests == []


@pytest.mark.parametrize("tag", ["", "*", "/w", "_w"])
def test_what_is_no_tag_of_ours_says_nothing(tag: str) -> None:
    assert from_tag(tag) == ""


def test_an_account_survives_being_a_tag() -> None:
    assert from_tag("YWNtZS9BLTE") == MESSAGE.account
