"""Mails that come in by Resend: the event tells that there is one, its words are asked for."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lab.sandbox.server import in_thread
from store.database import Pool
from tests.integration.gateway.conftest import Edge, serving
from tests.integration.gateway.mail.mails import MAILBOX, QUOTED
from tests.integration.gateway.test_resend_events import post

ID = "56761188-7520-42d8-8898-ff6fc54ce618"
KEY = "re_key"
PROVED = (
    "amazonses.com; spf=fail (x; dkim=pass) smtp.mailfrom=a@b; dkim=pass header.i=@correo.example"
)


@dataclass
class Api:
    """Resend's API, as far as it hands out what came in."""

    url: str = ""
    mail: Any = field(default_factory=dict)
    status: int = 200
    asked: list[str] = field(default_factory=list)

    async def get(self, request: Request) -> Response:
        assert request.headers["authorization"] == f"Bearer {KEY}"
        assert request.headers["user-agent"] == "contrapunto"
        self.asked.append(request.path_params["name"])
        return Response(json.dumps(self.mail), self.status, media_type="application/json")


@pytest.fixture
def api() -> Iterator[Api]:
    made = Api()
    app = Starlette(routes=[Route("/emails/receiving/{name}", made.get)])
    with in_thread(app) as made.url:
        yield made


@pytest.fixture
async def edge(pool: Pool, api: Api) -> AsyncIterator[Edge]:
    more: dict[str, Any] = {
        "resend_api_key": SecretStr(KEY),
        "resend_base_url": api.url,
        "resend_authentication_server": "amazonses.com",
    }
    async with serving(pool, **more) as made:
        await made.customer("c-1", email=MAILBOX)
        await made.account("c-1")
        yield made


def event(**data: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "email_id": ID,
        "from": f"Ana <{MAILBOX}>",
        "to": ["cobros@in.banco.example"],
        "message_id": "<m1@correo.example>",
        "subject": "Re: Un pago",
        "attachments": [],
    }
    return {"type": "email.received", "data": given | data}


def mail(text: str, proof: str | None = PROVED, /, **more: Any) -> dict[str, Any]:
    headers = {"date": "Fri, 27 Nov 2026 11:00:00 -0500"}
    if proof is not None:
        headers["authentication-results"] = proof
    given: dict[str, Any] = {
        "object": "email",
        "id": ID,
        "from": f"Ana <{MAILBOX}>",
        "subject": "Re: Un pago",
        "text": text,
        "html": None,
        "message_id": "<m1@correo.example>",
        "headers": headers,
        "attachments": [],
    }
    return given | more


async def rows(edge: Edge) -> list[tuple[str, str]]:
    found = await edge.rows("SELECT text, intent FROM inbound ORDER BY inbound_id")
    return [(row["text"], row["intent"]) for row in found]


async def test_the_words_are_asked_for_and_kept_once(edge: Edge, api: Api) -> None:
    files = [{"filename": "a.png", "content_type": "image/png", "size": 9}]
    api.mail = mail(f"No quiero más correos{QUOTED}", attachments=files)
    for name in ("msg_1", "msg_1", "msg_2"):
        assert (await post(edge, event(), name=name)).status_code == 200
    assert api.asked == [ID] * 3
    note = "[attachment: a.png, image/png, 9 octets]"
    assert await rows(edge) == [(f"No quiero más correos\n{note}", "opt_out")]
    assert len(await edge.rows("SELECT FROM law_events")) == len(edge.workflows.signals) == 1
    [row] = await edge.rows("SELECT provider, inbound_id, address FROM inbound")
    assert row == {"provider": "resend", "inbound_id": "m1@correo.example", "address": MAILBOX}


@pytest.mark.parametrize(
    ("proof", "intent"),
    [
        (PROVED, "other"),
        ("amazonses.com 1; dmarc=pass header.from=correo.example", "other"),
        (None, "unproven"),
        ("evil.example; dkim=pass header.i=@correo.example", "unproven"),
        ("amazonses.com; dkim=fail header.i=@correo.example", "unproven"),
        ("amazonses.com; dkim=pass header.i=@evil.example", "unproven"),
        ("amazonses.com; spf=none (dkim=pass header.i=@correo.example)", "unproven"),
    ],
)
async def test_only_what_the_named_server_says_proves_a_sender(
    edge: Edge, api: Api, proof: str | None, intent: str
) -> None:
    api.mail = mail("¿Quién es?", proof)
    assert (await post(edge, event())).status_code == 200
    assert await rows(edge) == [("¿Quién es?", intent)]


async def test_without_a_named_server_nothing_is_proved_and_a_stop_is_heeded(
    pool: Pool, api: Api
) -> None:
    more: dict[str, Any] = {"resend_api_key": SecretStr(KEY), "resend_base_url": api.url}
    async with serving(pool, **more) as edge:
        await edge.customer("c-1", email=MAILBOX)
        api.mail = mail("Pago mañana")
        await post(edge, event())
        api.mail = mail("BASTA", message_id="<m2@x>")
        await post(edge, event(email_id="2", message_id="<m2@x>"), name="msg_2")
        assert await rows(edge) == [("Pago mañana", "unproven"), ("BASTA", "opt_out")]


async def test_while_resend_does_not_tell_the_event_is_to_come_again(edge: Edge, api: Api) -> None:
    api.status = 500
    assert (await post(edge, event())).status_code == 503
    assert await rows(edge) == []
    api.status, api.mail = 200, mail("BASTA")
    assert (await post(edge, event())).status_code == 200
    assert len(await rows(edge)) == 1


@pytest.mark.parametrize("size", [5_000_000])
async def test_a_mail_that_is_too_long_is_for_a_person(edge: Edge, api: Api, size: int) -> None:
    api.mail = mail("x" * size)
    assert (await post(edge, event())).status_code == 400
    [kept] = await edge.rows("SELECT body FROM webhook_backlog WHERE kind = 'unread'")
    assert ID in kept["body"]["raw"]


async def test_a_mail_that_is_gone_is_for_a_person(edge: Edge, api: Api) -> None:
    api.status, api.mail = 404, {"statusCode": 404, "name": "not_found", "message": "x"}
    assert (await post(edge, event())).status_code == 400
    assert len(await edge.rows("SELECT FROM webhook_backlog")) == 1


async def test_without_a_key_a_mail_is_for_a_person(pool: Pool) -> None:
    async with serving(pool) as edge:
        assert (await post(edge, event())).status_code == 400
        [kept] = await edge.rows("SELECT why FROM webhook_backlog")
        assert "RESEND_API_KEY" in kept["why"]


async def test_a_forged_event_asks_for_nothing(edge: Edge, api: Api) -> None:
    assert (await post(edge, event(), secret=b"another")).status_code == 403
    assert api.asked == []


@pytest.mark.parametrize(
    "words",
    [
        {"text": 5, "html": [], "subject": None, "from": {}},
        {"headers": "x", "attachments": "y"},
        {"headers": {"authentication-results": 5, "date": {}}, "attachments": [5, {"size": "x"}]},
        {"from": "nobody"},
        {"text": "\x00\ud800"},
    ],
)
async def test_odd_answers_are_no_error_of_ours(
    edge: Edge, api: Api, words: dict[str, Any]
) -> None:
    api.mail = mail("x", **words)
    answer = await post(edge, event())
    assert answer.status_code in (200, 400), json.dumps(answer.json())
