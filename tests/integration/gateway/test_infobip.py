"""Infobip's delivery reports and inbound messages, genuine and otherwise."""

import base64
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from activities.channels.infobip_sms import token
from domain.names import contact_point_id, workflow_id
from tests.integration.gateway.conftest import INFOBIP_SECRET, Edge

NUMBER = "+573000000001"
HANDSET = {"groupName": "DELIVERED", "id": 5}
LOST = {"groupName": "UNDELIVERABLE", "id": 9}


@pytest.fixture
async def attempt(edge: Edge) -> str:
    await edge.customer("C-1", sms=NUMBER)
    await edge.account("C-1")
    return await edge.attempt("C-1", "dispatching")


async def report(
    edge: Edge, attempt: str, *results: dict[str, Any], proof: str | None = None
) -> httpx.Response:
    """Post to the address that the attempt was sent with."""
    proof = token(INFOBIP_SECRET, attempt) if proof is None else proof
    query = urlencode({"attempt": attempt, "account": "acme/A-1", "token": proof})
    return await edge.client.post(
        f"/webhooks/infobip/status?{query}",
        json={"results": [{"messageId": attempt, **one} for one in results]},
    )


async def says(edge: Edge, text: str, *, password: str = INFOBIP_SECRET) -> httpx.Response:
    message = {"messageId": "817790313235066447", "from": "573000000001", "to": "1", "text": text}
    basic = base64.b64encode(f"infobip:{password}".encode()).decode()
    return await edge.client.post(
        "/webhooks/infobip/inbound",
        json={"results": [message], "messageCount": 1, "pendingMessageCount": 0},
        headers={"Authorization": f"Basic {basic}"},
    )


@pytest.mark.parametrize(
    ("status", "error", "state", "refusal", "code"),
    [
        ({"groupName": "PENDING", "id": 7}, None, "accepted", None, None),
        ({"groupName": "DELIVERED", "id": 2}, None, "accepted", None, None),
        (HANDSET, {"id": 0}, "delivered", None, None),
        (LOST, {"id": 27}, "undelivered", "temporary", "error 27"),
        (LOST, {"id": 1}, "undelivered", "recipient", "error 1"),
        (LOST, None, "undelivered", "other", "status 9"),
        ({"groupName": "REJECTED", "id": 12}, None, "undelivered", "configuration", "status 12"),
        ({"groupName": "EXPIRED", "id": 15}, {"id": 0}, "undelivered", "temporary", "status 15"),
        ({"groupName": "EXPIRED", "id": 29}, None, "accepted", None, None),
        ({"groupName": "NEW", "id": 999}, None, "dispatching", None, None),
    ],
)
async def test_a_report_moves_its_attempt(
    edge: Edge, attempt: str, status: Any, error: Any, state: str, refusal: Any, code: Any
) -> None:
    assert (await report(edge, attempt, {"status": status, "error": error})).status_code == 200
    row = await edge.row(attempt)
    assert (row["state"], row["refusal"], row["code"]) == (state, refusal, code)


async def test_a_number_that_does_not_exist_is_suppressed_and_the_workflow_told(
    edge: Edge, attempt: str
) -> None:
    await report(edge, attempt, {"status": LOST, "error": {"id": 1}})
    points = await edge.rows("SELECT suppressed FROM contact_points")
    assert points == [{"suppressed": "infobip error 1"}]
    [(workflow, name, payload)] = edge.workflows.signals
    assert (workflow, name) == (workflow_id("acme", "A-1"), "delivery_failed")
    assert payload["attempt_id"] == attempt


async def test_an_opt_out_at_the_provider_is_an_opt_out(edge: Edge, attempt: str) -> None:
    await report(edge, attempt, {"status": LOST, "error": {"id": 573}})
    assert await edge.rows("SELECT kind, channel FROM law_events") == [
        {"kind": "opt_out", "channel": "sms"}
    ]


async def test_the_same_report_twice_and_a_late_one_change_nothing(
    edge: Edge, attempt: str
) -> None:
    late = {"status": {"groupName": "PENDING", "id": 7}}
    for one in ({"status": HANDSET}, {"status": HANDSET}, late):
        assert (await report(edge, attempt, one)).status_code == 200
    assert (await edge.row(attempt))["state"] == "delivered"
    assert len(await edge.rows("SELECT FROM provider_events")) == 2


@pytest.mark.parametrize("proof", ["", "0" * 64, token(INFOBIP_SECRET, "another"), "ñ"])
async def test_an_address_that_we_did_not_give_out_is_refused(
    edge: Edge, attempt: str, proof: str
) -> None:
    assert (await report(edge, attempt, {"status": HANDSET}, proof=proof)).status_code == 403
    assert (await edge.row(attempt))["state"] == "dispatching"


async def test_an_address_speaks_of_its_own_attempt_alone(edge: Edge, attempt: str) -> None:
    other = await edge.attempt("C-1", "dispatching")
    answer = await report(
        edge, attempt, {"status": HANDSET}, {"messageId": other, "status": HANDSET}
    )
    assert answer.status_code == 400
    assert (await edge.row(attempt))["state"] == "delivered"
    assert (await edge.row(other))["state"] == "dispatching"


@pytest.mark.parametrize("body", [b"", b"x", b"[]", b"{}", b'{"results": {}}', b'{"results": [5]}'])
async def test_a_malformed_report_is_told_what_is_wrong(
    edge: Edge, attempt: str, body: bytes
) -> None:
    query = urlencode({"attempt": attempt, "token": token(INFOBIP_SECRET, attempt)})
    answer = await edge.client.post(f"/webhooks/infobip/status?{query}", content=body)
    assert (answer.status_code, bool(answer.json()["error"])) == (400, True)


async def test_what_a_customer_writes_is_kept_and_a_stop_takes_effect(
    edge: Edge, attempt: str
) -> None:
    assert (await says(edge, "BASTA")).status_code == 200
    assert (await says(edge, "BASTA")).status_code == 200
    [row] = await edge.rows("SELECT * FROM inbound")
    assert (row["provider"], row["channel"], row["intent"]) == ("infobip", "sms", "opt_out")
    assert row["contact_point_id"] == contact_point_id("C-1", "sms", NUMBER)
    assert len(await edge.rows("SELECT FROM law_events WHERE kind = 'opt_out'")) == 1
    [(_, name, _)] = edge.workflows.signals
    assert name == "message_received"


@pytest.mark.parametrize("password", ["", "wrong", INFOBIP_SECRET + "x"])
async def test_who_does_not_know_the_password_writes_nothing(
    edge: Edge, attempt: str, password: str
) -> None:
    assert (await says(edge, "BASTA", password=password)).status_code == 403
    assert await edge.rows("SELECT FROM inbound") == []


@pytest.mark.parametrize("header", ["", "Basic", "Basic ñ", "Bearer x", "Basic ===="])
async def test_odd_headers_are_no_password(edge: Edge, header: str) -> None:
    answer = await edge.client.post(
        "/webhooks/infobip/inbound",
        json={"results": []},
        headers=[(b"Authorization", header.encode())],
    )
    assert answer.status_code == 403
