"""SendGrid's wire format, as SendGrid's own SDK sees it."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import pytest
from python_http_client.exceptions import BadRequestsError, UnauthorizedError
from sendgrid import SendGridAPIClient

from lab.sandbox.clock import Reading
from lab.sandbox.providers.sendgrid_webhook import public_key
from tests.integration.sandbox.conftest import Start
from tests.integration.sandbox.harness import MAIL, Sandbox


def test_a_mail_is_accepted_delivered_and_reported(sandbox: Sandbox) -> None:
    response = sandbox.mail()
    assert response.status_code == 202
    assert response.body == b""
    message_id = response.headers["X-Message-Id"]
    sandbox.settle()

    (batch,) = sandbox.receiver.batches
    assert [event["event"] for event in batch] == ["processed", "delivered"]
    for event in batch:
        assert event["email"] == MAIL
        assert event["contrapunto_attempt"] == "a1"
        assert event["contrapunto_account"] == "acme/7"
        assert event["sg_message_id"].startswith(f"{message_id}.filter")
        assert isinstance(event["timestamp"], int)
    assert len({event["sg_event_id"] for event in batch}) == 2
    assert sandbox.receiver.refused == []

    (line,) = sandbox.received()
    assert (line["channel"], line["provider"], line["to"]) == ("email", "sendgrid", MAIL)
    assert (line["subject"], line["text"], line["attempt"]) == ("A subject", "Hello", "a1")


def test_the_public_key_can_be_asked_for(sandbox: Sandbox) -> None:
    assert sandbox.get("/_sandbox/keys") == {"sendgrid_event_webhook": public_key(1)}


def test_a_wrong_key_is_401(sandbox: Sandbox) -> None:
    with pytest.raises(UnauthorizedError):
        SendGridAPIClient("SG.wrong", host=sandbox.url).client.mail.send.post(request_body={})


RIGHT: dict[str, Any] = {
    "personalizations": [{"to": [{"email": MAIL}]}],
    "from": {"email": "us@example.com"},
    "subject": "S",
    "content": [{"type": "text/plain", "value": "Hello"}],
}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"personalizations": []}, "personalizations"),
        ({"personalizations": [{"to": [{"email": "nobody"}]}]}, "personalizations.0.to.0.email"),
        ({"from": {}}, "from.email"),
        ({"from": {"email": "us"}}, "from.email"),
        ({"subject": ""}, "personalizations.0.subject"),
        ({"content": []}, "content.0.value"),
        ({"content": [{"type": "text/plain", "value": ""}]}, "content.0.value"),
        ({"personalizations": [{"to": []}]}, None),
    ],
)
def test_what_sendgrid_would_refuse_is_refused(
    sandbox: Sandbox, change: dict[str, Any], field: str | None
) -> None:
    with pytest.raises(BadRequestsError) as refused:
        sandbox.mailer.client.mail.send.post(request_body=RIGHT | change)
    (error,) = json.loads(refused.value.body)["errors"]
    assert error["field"] == field
    assert error["message"]
    assert sandbox.received() == []


def test_html_is_read_as_its_reader_would(sandbox: Sandbox) -> None:
    html = "<style>p{}</style><p>You owe <b>$5.00</b> &amp; more</p><p>Bye</p>"
    sandbox.mailer.client.mail.send.post(
        request_body=RIGHT | {"content": [{"type": "text/html", "value": html}]}
    )
    assert sandbox.received()[0]["text"] == "You owe $5.00 & more\nBye"


def test_a_bounced_address_is_suppressed(sandbox: Sandbox) -> None:
    sandbox.fault("undelivered", to=MAIL)
    assert sandbox.mail().status_code == 202
    sandbox.settle()
    bounce = sandbox.receiver.events[-1]
    assert (bounce["event"], bounce["type"]) == ("bounce", "bounce")
    assert bounce["bounce_classification"] == "Invalid Address"

    assert sandbox.mail(attempt="a2").status_code == 202
    sandbox.settle()
    dropped = sandbox.receiver.events[-1]
    assert (dropped["event"], dropped["reason"]) == ("dropped", "Bounced Address")
    assert dropped["contrapunto_attempt"] == "a2"
    assert sandbox.received() == []
    assert [m["reached"] for m in sandbox.get("/_sandbox/messages")["messages"]] == [False, False]


def test_a_blocked_mail_is_a_bounce_of_type_blocked_and_does_not_suppress(sandbox: Sandbox) -> None:
    sandbox.fault("blocked", to=MAIL)
    sandbox.mail()
    sandbox.settle()
    assert (sandbox.receiver.events[-1]["event"], sandbox.receiver.events[-1]["type"]) == (
        "bounce",
        "blocked",
    )
    sandbox.mail()
    sandbox.settle()
    assert sandbox.receiver.events[-1]["event"] == "delivered"


def test_the_logs_find_a_mail_by_recipient_and_show_its_custom_args(sandbox: Sandbox) -> None:
    sandbox.mail()
    sandbox.mail(to="bob@example.org")
    sandbox.settle()
    query = f"to_email = '{MAIL}' AND sg_message_id_created_at > TIMESTAMP \"2020-01-01T00:00:00Z\""
    found = sandbox.mailer.client.logs.post(request_body={"query": query, "limit": 5})
    (summary,) = json.loads(found.body)["messages"]
    assert (summary["to_email"], summary["status"]) == (MAIL, "delivered")
    assert "custom_args" not in summary

    detail = json.loads(sandbox.mailer.client.logs._(summary["sg_message_id"]).get().body)
    assert detail["custom_args"]["contrapunto_attempt"] == "a1"
    assert [event["event"] for event in detail["events"]] == ["processed", "delivered"]


def test_the_logs_are_read_while_mail_is_accepted(start: Start) -> None:
    """Whose clock is asked takes its time, and others' mail comes meanwhile."""
    clock = SlowClock()
    sandbox = start(clock=clock, list_lag=1)
    sandbox.mail()
    sandbox.settle()
    clock.slow.set()
    with ThreadPoolExecutor(1) as beside:
        search = sandbox.mailer.client.logs.post
        asked = beside.submit(search, request_body={"query": f'to_email = "{MAIL}"'})
        assert clock.asked.wait(5)
        clock.slow.clear()
        sandbox.mail(to="bob@example.org")
        clock.go_on.set()
        (found,) = json.loads(asked.result(10).body)["messages"]
    assert found["to_email"] == MAIL


class SlowClock:
    """An hour later at each reading; one that is slow waits until it may go on."""

    def __init__(self) -> None:
        self.slow, self.asked, self.go_on = Event(), Event(), Event()
        self._at = datetime(2026, 3, 2, 12, tzinfo=UTC)

    async def now(self, account: str | None) -> Reading:
        self._at += timedelta(hours=1)
        if self.slow.is_set() and account is not None:
            self.asked.set()
            await asyncio.to_thread(self.go_on.wait, 5)
        return Reading(self._at, exact=True)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 2),
        ('subject="A subject"', 2),
        ("status IN ('delivered', 'processed')", 2),
        ("status IN ('bounced')", 0),
        ("sg_message_id_created_at < TIMESTAMP '2020-01-01T00:00:00+00:00'", 0),
        (f"to_email=\"{MAIL}\" AND status IN ('delivered')", 1),
    ],
)
def test_the_logs_understand_their_query_language(sandbox: Sandbox, query: str, count: int) -> None:
    sandbox.mail()
    sandbox.mail(to="bob@example.org")
    sandbox.settle()
    found = sandbox.mailer.client.logs.post(request_body={"query": query})
    assert len(json.loads(found.body)["messages"]) == count


@pytest.mark.parametrize(
    "query", ["contrapunto_attempt = 'a1'", "to_email LIKE 'a%'", "to_email = a OR 1", "status ="]
)
def test_the_logs_refuse_what_they_cannot_filter(sandbox: Sandbox, query: str) -> None:
    with pytest.raises(BadRequestsError):
        sandbox.mailer.client.logs.post(request_body={"query": query})
