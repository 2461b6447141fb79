"""Resend's signed events, genuine and otherwise."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import httpx
import pytest

from domain.names import CUSTOM_ARG_ATTEMPT
from tests.integration.gateway.conftest import RESEND_SECRET, Edge

MAILBOX = "ana@example.test"


@pytest.fixture
async def attempt(edge: Edge) -> str:
    await edge.customer("C-1", email=MAILBOX)
    await edge.account("C-1")
    return await edge.attempt("C-1", "dispatching", channel="email", address=MAILBOX)


async def post(
    edge: Edge,
    event: Any,
    *,
    name: str = "msg_1",
    secret: bytes = RESEND_SECRET,
    age: int = 0,
    headers: dict[str, str] | None = None,
) -> httpx.Response:
    """As Svix delivers it."""
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    stamp = str(int(time.time()) - age)
    mac = hmac.new(secret, f"{name}.{stamp}.".encode() + body, hashlib.sha256).digest()
    signed = {
        "svix-id": name,
        "svix-timestamp": stamp,
        "svix-signature": f"v1,AAAA v1,{base64.b64encode(mac).decode()}",
    }
    return await edge.client.post(
        "/webhooks/resend/events", content=body, headers=signed | (headers or {})
    )


def event(kind: str, attempt: str, **data: Any) -> dict[str, Any]:
    tags = {CUSTOM_ARG_ATTEMPT: attempt}
    return {"type": kind, "data": {"email_id": "m1", "to": [MAILBOX], "tags": tags, **data}}


def bounce(kind: str, sub: str) -> dict[str, Any]:
    return {"bounce": {"type": kind, "subType": sub, "message": "said by a stranger"}}


@pytest.mark.parametrize(
    ("kind", "data", "state", "refusal", "code"),
    [
        ("email.sent", {}, "accepted", None, None),
        ("email.delivered", {}, "delivered", None, None),
        ("email.delivery_delayed", {}, "dispatching", None, None),
        ("email.opened", {}, "dispatching", None, None),
        ("email.failed", {}, "undelivered", "other", "failed"),
        ("email.suppressed", {}, "undelivered", "recipient", "suppressed"),
        (
            "email.bounced",
            bounce("Permanent", "General"),
            "undelivered",
            "recipient",
            "bounce General",
        ),
        (
            "email.bounced",
            bounce("Transient", "MailboxFull"),
            "undelivered",
            "temporary",
            "bounce MailboxFull",
        ),
        (
            "email.bounced",
            bounce("Transient", "ContentRejected"),
            "undelivered",
            "content",
            "bounce ContentRejected",
        ),
        ("email.bounced", {}, "undelivered", "recipient", "bounce"),
        ("email.bounced", {"bounce": 5}, "undelivered", "recipient", "bounce"),
    ],
)
async def test_an_event_moves_its_attempt(
    edge: Edge, attempt: str, kind: str, data: Any, state: str, refusal: Any, code: Any
) -> None:
    assert (await post(edge, event(kind, attempt, **data))).status_code == 200
    row = await edge.row(attempt)
    assert (row["state"], row["refusal"], row["code"]) == (state, refusal, code)


async def test_a_complaint_withdraws_consent(edge: Edge, attempt: str) -> None:
    await post(edge, event("email.complained", attempt))
    assert await edge.rows("SELECT kind, channel FROM law_events") == [
        {"kind": "opt_out", "channel": "email"}
    ]


async def test_tags_may_be_pairs(edge: Edge, attempt: str) -> None:
    pairs = [{"name": "other", "value": "x"}, {"name": CUSTOM_ARG_ATTEMPT, "value": attempt}]
    await post(edge, event("email.delivered", attempt, tags=pairs))
    assert (await edge.row(attempt))["state"] == "delivered"


async def test_the_same_event_twice_changes_nothing(edge: Edge, attempt: str) -> None:
    for _ in range(2):
        assert (await post(edge, event("email.delivered", attempt))).status_code == 200
    assert len(await edge.rows("SELECT FROM provider_events")) == 1


@pytest.mark.parametrize("tags", [None, {}, [], {"a": "b"}, {CUSTOM_ARG_ATTEMPT: 5}])
async def test_another_mail_of_the_account_is_none_of_ours(
    edge: Edge, attempt: str, tags: Any
) -> None:
    assert (await post(edge, event("email.delivered", attempt, tags=tags))).status_code == 200
    assert await edge.rows("SELECT FROM provider_events") == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": b"another"},
        {"age": 400},
        {"age": -400},
        {"headers": {"svix-signature": ""}},
        {"headers": {"svix-signature": "v1,"}},
        {"headers": {"svix-signature": "v2,abc"}},
        {"headers": {"svix-id": ""}},
        {"headers": {"svix-id": "msg_2"}},
        {"headers": {"svix-timestamp": "soon"}},
    ],
    ids=str,
)
async def test_a_forged_or_stale_event_is_refused(
    edge: Edge, attempt: str, wrong: dict[str, Any]
) -> None:
    assert (await post(edge, event("email.delivered", attempt), **wrong)).status_code == 403
    assert (await edge.row(attempt))["state"] == "dispatching"


@pytest.mark.parametrize("body", [b"", b"x", b"[]", b"{}", b'{"data": 5}'])
async def test_a_malformed_event_is_told_what_is_wrong(edge: Edge, body: bytes) -> None:
    answer = await post(edge, body)
    assert (answer.status_code, bool(answer.json()["error"])) == (400, True)
