"""A stop by who got a message that a restored database has forgotten holds at the address."""

import pytest

from activities.channels.unsubscribe import unsubscribe_url
from tests.integration.gateway.conftest import PUBLIC, Edge, settings
from tests.integration.gateway.test_infobip import LOST, report
from tests.integration.gateway.test_resend_events import event as resend_event
from tests.integration.gateway.test_resend_events import post as post_resend
from tests.integration.gateway.test_sendgrid_events import ADDRESS, event

STOPPED = "SELECT kind, channel, customer_id FROM law_events"


@pytest.mark.parametrize("name", ["spamreport", "unsubscribe", "group_unsubscribe"])
async def test_by_a_mail(edge: Edge, name: str) -> None:
    await edge.customer("c-1", email=ADDRESS)
    await edge.account("c-1")
    attempt = await edge.attempt("c-1", "dispatching", "accepted", channel="email", address=ADDRESS)
    await edge.pool.execute("DELETE FROM attempts")
    for _ in range(2):
        assert (await edge.events([event(attempt, name)])).status_code == 200
    assert await edge.rows(STOPPED) == [
        {"kind": "opt_out", "channel": "email", "customer_id": "c-1"}
    ]
    assert [signal[:2] for signal in edge.workflows.signals] == [
        ("account/acme/A-1", "message_received")
    ]


@pytest.mark.parametrize(
    ("prefix", "channel"), [("", "sms"), ("whatsapp:", "whatsapp")], ids=["sms", "whatsapp"]
)
async def test_by_a_message_that_the_provider_refuses_for_it(
    edge: Edge, prefix: str, channel: str
) -> None:
    number = "+573000000001"
    await edge.customer("c-1", **{channel: number})
    await edge.account("c-1")
    attempt = await edge.attempt("c-1", "dispatching", "accepted", channel=channel, address=number)
    await edge.pool.execute("DELETE FROM attempts")
    said = {"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": "21610"}
    form = [*said.items(), ("To", prefix + number), ("From", f"{prefix}+15550001111")]
    answer = await edge.twilio(
        "/webhooks/twilio/status", form, query=f"attempt={attempt}&account=acme%2FA-1"
    )
    assert answer.status_code == 200
    assert await edge.rows(STOPPED) == [
        {"kind": "opt_out", "channel": channel, "customer_id": "c-1"}
    ]


async def test_by_a_complaint_to_resend(edge: Edge) -> None:
    await edge.customer("c-1", email=ADDRESS)
    await edge.account("c-1")
    attempt = await edge.attempt("c-1", "dispatching", "accepted", channel="email", address=ADDRESS)
    await edge.pool.execute("DELETE FROM attempts")
    said = resend_event("email.complained", attempt, to=["Ana <Ana@Example.test>"])
    for _ in range(2):
        assert (await post_resend(edge, said)).status_code == 200
    assert await edge.rows(STOPPED) == [
        {"kind": "opt_out", "channel": "email", "customer_id": "c-1"}
    ]


async def test_by_a_message_that_infobip_refuses_for_it(edge: Edge) -> None:
    await edge.customer("c-1", sms="+573000000001")
    await edge.account("c-1")
    attempt = await edge.attempt("c-1", "dispatching", "accepted")
    await edge.pool.execute("DELETE FROM attempts")
    said = {"to": "573000000001", "status": LOST, "error": {"id": 573}}
    for _ in range(2):
        assert (await report(edge, attempt, said)).status_code == 200
    assert await edge.rows(STOPPED) == [{"kind": "opt_out", "channel": "sms", "customer_id": "c-1"}]


@pytest.mark.parametrize("to", [None, [], [ADDRESS, "another@example.test"], [5], "\x00"], ids=str)
async def test_where_nobody_can_tell_by_whom_is_kept_for_a_person(edge: Edge, to: object) -> None:
    said = resend_event("email.complained", "f" * 24, to=to)
    for _ in range(2):
        assert (await post_resend(edge, said)).status_code == 200
    assert await edge.rows(STOPPED) == []
    [kept] = await edge.rows("SELECT kind, provider, body, why FROM webhook_backlog")
    assert (kept["kind"], kept["provider"]) == ("unread", "resend")
    assert "f" * 24 in kept["body"]["raw"]
    assert "not on record" in kept["why"]


async def test_by_the_link_in_a_mail_is_kept_for_a_person(edge: Edge) -> None:
    await edge.customer("c-1", email=ADDRESS)
    await edge.account("c-1")
    attempt = await edge.attempt("c-1", "dispatching", "accepted", channel="email", address=ADDRESS)
    link = (unsubscribe_url(settings(), attempt) or "").removeprefix(PUBLIC)
    await edge.pool.execute("DELETE FROM attempts")
    answer = await edge.client.post(link, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 404
    [kept] = await edge.rows("SELECT kind, provider, body, why FROM webhook_backlog")
    assert (kept["kind"], kept["provider"]) == ("unread", "unsubscribe")
    assert kept["body"]["raw"] == attempt
    assert "is not on record" in kept["why"]
