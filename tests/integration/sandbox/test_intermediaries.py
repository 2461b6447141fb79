"""A proxy, a filter or an API gateway answers in the provider's stead, whether or not the provider
took the message. Raw HTTP, since what a client makes of such an answer is the client's affair.
"""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from lab.sandbox.faults import FaultPlan, Rule
from lab.sandbox.intermediaries import FORMS, STATUSES
from tests.integration.sandbox.conftest import Start
from tests.integration.sandbox.harness import ANN, MAIL, OURS, Sandbox

Send = Callable[[Sandbox], httpx.Response]


def _twilio(sandbox: Sandbox, resource: str, **form: str) -> httpx.Response:
    sid = sandbox.settings.twilio_account_sid
    token = sandbox.settings.twilio_auth_token.get_secret_value()
    callback = f"{sandbox.receiver.url}/twilio/status?attempt=a1&account=acme%2F7"
    told = {"To": ANN, "From": OURS, "StatusCallback": callback, **form}
    url = f"{sandbox.url}/2010-04-01/Accounts/{sid}/{resource}.json"
    return httpx.post(url, data=told, auth=(sid, token))


def _sms(sandbox: Sandbox) -> httpx.Response:
    return _twilio(sandbox, "Messages", Body="Hello")


def _call(sandbox: Sandbox) -> httpx.Response:
    return _twilio(sandbox, "Calls", Url=f"{sandbox.receiver.url}/twilio/call?attempt=a1")


def _json(sandbox: Sandbox, path: str, key: str, body: Any) -> httpx.Response:
    return httpx.post(sandbox.url + path, json=body, headers={"Authorization": key})


def _sendgrid(sandbox: Sandbox) -> httpx.Response:
    mail = {
        "personalizations": [
            {"to": [{"email": MAIL}], "custom_args": {"contrapunto_attempt": "a1"}}
        ],
        "from": {"email": "us@example.com"},
        "subject": "A subject",
        "content": [{"type": "text/plain", "value": "Hello"}],
    }
    key = sandbox.settings.sendgrid_api_key.get_secret_value()
    return _json(sandbox, "/v3/mail/send", f"Bearer {key}", mail)


def _infobip(sandbox: Sandbox) -> httpx.Response:
    one = {
        "sender": "447491163443",
        "destinations": [{"to": ANN.removeprefix("+"), "messageId": "a1"}],
        "content": {"text": "Hello"},
    }
    key = sandbox.settings.infobip_api_key.get_secret_value()
    return _json(sandbox, "/sms/3/messages", f"App {key}", {"messages": [one]})


def _resend(sandbox: Sandbox) -> httpx.Response:
    mail = {
        "from": "us@example.com",
        "to": [MAIL],
        "subject": "A subject",
        "text": "Hello",
        "tags": [{"name": "contrapunto_attempt", "value": "a1"}],
    }
    key = sandbox.settings.resend_api_key.get_secret_value()
    return _json(sandbox, "/emails", f"Bearer {key}", mail)


DOORS: dict[str, Send] = {
    "twilio sms": _sms,
    "twilio call": _call,
    "sendgrid": _sendgrid,
    "infobip": _infobip,
    "resend": _resend,
}
TYPES = {"html": "text/html", "text": "text/plain", "json": "json", "gateway": "json"}
OWN_FIELDS = {"code", "more_info", "errors", "errorCode", "statusCode", "name", "messages", "id"}
"""Of the providers' own error documents and answers: none may stand in what a proxy writes."""


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("door", DOORS)
def test_the_provider_took_it_and_something_on_the_way_says_no(
    start: Start, door: str, form: str
) -> None:
    sandbox = start(fixed_calls={ANN: "human"})
    for count, status in enumerate(STATUSES, start=1):
        # Infobip takes one message under one id.
        if door == "infobip" and count > 1:
            break
        sandbox.fault(f"proxy_after:{status}-{form}")
        answer = DOORS[door](sandbox)
        assert answer.status_code == status
        assert TYPES[form] in answer.headers["content-type"]
        assert "retry-after" not in answer.headers
        if "json" in TYPES[form]:
            assert not OWN_FIELDS & answer.json().keys()
        sandbox.settle()
        assert [row["attempt"] for row in sandbox.received()] == ["a1"] * count


@pytest.mark.parametrize("door", DOORS)
def test_something_on_the_way_says_no_before_the_provider_heard(
    sandbox: Sandbox, door: str
) -> None:
    sandbox.fault("proxy_before:403-html")
    assert DOORS[door](sandbox).status_code == 403
    assert sandbox.received() == []
    assert DOORS[door](sandbox).is_success


@pytest.mark.parametrize(("asked", "there"), [("429-json-retry", True), ("429-json", False)])
def test_a_proxy_may_say_when_to_come_again(sandbox: Sandbox, asked: str, *, there: bool) -> None:
    sandbox.fault(f"proxy_after:{asked}")
    assert ("retry-after" in _sms(sandbox).headers) is there


def test_lists_can_be_kept_back_as_well(sandbox: Sandbox) -> None:
    sandbox.fault("proxy_before:407-html", op="list")
    sid = sandbox.settings.twilio_account_sid
    token = sandbox.settings.twilio_auth_token.get_secret_value()
    url = f"{sandbox.url}/2010-04-01/Accounts/{sid}/Messages.json"
    answer = httpx.get(url, params={"To": ANN}, auth=(sid, token))
    assert (answer.status_code, answer.headers["proxy-authenticate"]) == (407, 'Basic realm="out"')


def test_by_chance_it_strikes_the_same_messages_every_time(start: Start) -> None:
    plan = {"probabilities": {"proxy_after:451-text": 0.5}}

    def struck() -> list[int]:
        sandbox = start(faults=plan, received_file=None)
        return [n for n in range(40) if _to(sandbox, f"+1212555{n:04}").status_code == 451]

    first = struck()
    assert 8 < len(first) < 32
    assert struck() == first


def _to(sandbox: Sandbox, to: str) -> httpx.Response:
    return _twilio(sandbox, "Messages", Body="Hello", To=to)


@pytest.mark.parametrize("do", ["proxy_after:200-html", "proxy_after:403-yaml", "proxy_before:x"])
def test_a_plan_that_no_proxy_could_follow_is_refused(do: str) -> None:
    with pytest.raises(ValidationError, match="as in 'proxy_after:403-html'"):
        Rule(do=do)
    with pytest.raises(ValidationError, match="as in 'proxy_after:403-html'"):
        FaultPlan(probabilities={do: 0.1})
