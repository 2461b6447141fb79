"""Every fault, as the official SDKs meet it."""

import json
from typing import Any

import pytest
import requests
from python_http_client.exceptions import (
    BadRequestsError,
    HTTPError,
    InternalServerError,
    ServiceUnavailableError,
    TooManyRequestsError,
)
from twilio.base.exceptions import TwilioRestException

from lab.sandbox.faults import SLOTS, Fault
from tests.integration.sandbox.conftest import Start
from tests.integration.sandbox.harness import ANN, BOB, Sandbox, wait_for

REST: Any = TwilioRestException

SMS_ANSWERS = [
    ("refuse:21211", REST, 400, False),
    ("refuse:21610", REST, 400, False),
    ("429", REST, 429, False),
    ("5xx_before", REST, 500, False),
    ("5xx_before:503", REST, 503, False),
    ("5xx_after:502", REST, 502, True),
    ("hang_before", requests.ReadTimeout, None, False),
    ("hang_after", requests.ReadTimeout, None, True),
    ("reset_before", requests.ConnectionError, None, False),
    ("reset_after", requests.ConnectionError, None, True),
    ("truncate_after", json.JSONDecodeError, None, True),
    ("cut_after", requests.RequestException, None, True),
]
CODES = {
    "refuse:21211": 21211,
    "refuse:21610": 21610,
    "429": 20429,
    "5xx_before": 20500,
    "5xx_before:503": 20503,
    "5xx_after:502": 20500,
}


@pytest.mark.parametrize(("do", "error", "status", "accepted"), SMS_ANSWERS)
def test_the_answer_to_an_sms(
    sandbox: Sandbox, do: str, error: type[Exception], status: int | None, accepted: bool
) -> None:
    sandbox.fault(do, to=ANN)
    client = sandbox.twilio_client(timeout=0.5)
    with pytest.raises(error) as met:
        client.messages.create(
            to=ANN,
            from_="+12025550100",
            body="Hello",
            status_callback=f"{sandbox.receiver.url}/twilio/status?attempt=a1",
        )
    if isinstance(met.value, TwilioRestException):
        assert met.value.status == status
        assert met.value.code == CODES[do]
    sandbox.settle()
    assert len(sandbox.received()) == accepted
    # The callback belongs to the acceptance, not to the answer.
    assert len(sandbox.receiver.statuses) == 3 * accepted
    assert len(sandbox.twilio.messages.list(to=ANN)) == accepted
    assert sandbox.sms().sid  # used up


MAIL_ANSWERS = [
    ("refuse:400", BadRequestsError, False),
    ("429", TooManyRequestsError, False),
    ("5xx_before", InternalServerError, False),
    ("5xx_before:503", ServiceUnavailableError, False),
    ("5xx_after:502", HTTPError, True),
    ("hang_before", TimeoutError, False),
    ("hang_after", TimeoutError, True),
    ("reset_before", OSError, False),
    ("reset_after", OSError, True),
    ("cut_after", Exception, True),
]


@pytest.mark.parametrize(("do", "error", "accepted"), MAIL_ANSWERS)
def test_the_answer_to_a_mail(
    sandbox: Sandbox, do: str, error: type[Exception], accepted: bool
) -> None:
    sandbox.mailer.client.timeout = 0.5
    sandbox.fault(do, channel="email", attempt="a1")
    with pytest.raises(error):
        sandbox.mail()
    sandbox.settle()
    assert len(sandbox.received()) == accepted
    assert len(sandbox.receiver.events) == 2 * accepted
    sandbox.mailer.client.timeout = 5
    assert sandbox.mail().status_code == 202


def test_a_truncated_202_has_lost_its_message_id(sandbox: Sandbox) -> None:
    sandbox.fault("truncate_after", provider="sendgrid")
    response = sandbox.mail()
    assert response.status_code == 202
    assert response.headers.get("X-Message-Id") is None
    assert len(sandbox.received()) == 1


def test_a_reset_is_a_real_one(sandbox: Sandbox) -> None:
    sandbox.fault("reset_after")
    with pytest.raises(requests.ConnectionError, match=r"reset by peer|ECONNRESET"):
        sandbox.sms()


def test_a_slow_answer_is_right_in_the_end(sandbox: Sandbox) -> None:
    sandbox.fault("slow:0.3")
    assert sandbox.sms().sid


def statuses(sandbox: Sandbox) -> list[str]:
    sandbox.settle()
    return [form["MessageStatus"] for form in sandbox.receiver.statuses]


def test_accepted_then_silent(sandbox: Sandbox) -> None:
    sandbox.fault("silent", attempt="a1")
    sid = sandbox.sms().sid
    assert statuses(sandbox) == []
    assert len(sandbox.received()) == 1
    assert str(sandbox.twilio.messages(str(sid)).fetch().status) == "delivered"
    sandbox.fault("silent", channel="email")
    sandbox.mail()
    sandbox.settle()
    assert sandbox.receiver.events == []


def test_a_lost_callback_is_the_final_one(sandbox: Sandbox) -> None:
    sandbox.fault("callback_lost")
    sandbox.sms()
    assert statuses(sandbox) == ["queued", "sent"]
    sandbox.fault("callback_lost")
    sandbox.mail()
    sandbox.settle()
    assert [event["event"] for event in sandbox.receiver.events] == ["processed"]


def test_a_doubled_callback_has_the_same_token_and_event_id(sandbox: Sandbox) -> None:
    sandbox.fault("callback_double")
    sandbox.sms()
    assert statuses(sandbox) == ["queued", "queued", "sent", "sent", "delivered", "delivered"]
    assert len(set(sandbox.receiver.tokens)) == 3
    sandbox.fault("callback_double")
    sandbox.mail()
    sandbox.settle()
    assert len(sandbox.receiver.batches) == 2
    assert sandbox.receiver.batches[0] == sandbox.receiver.batches[1]


def test_reordered_callbacks(sandbox: Sandbox) -> None:
    sandbox.fault("callback_reorder")
    sandbox.sms()
    assert statuses(sandbox) == ["delivered", "sent", "queued"]
    sandbox.fault("callback_reorder")
    sandbox.mail()
    sandbox.settle()
    assert [event["event"] for event in sandbox.receiver.events] == ["delivered", "processed"]


def test_a_late_callback_waits_on_the_agenda_in_fast_time(sandbox: Sandbox) -> None:
    sandbox.fault("callback_late", times=2)
    sandbox.sms()
    sandbox.mail()
    assert statuses(sandbox) == ["queued", "sent"]
    assert [event["event"] for event in sandbox.receiver.events] == ["processed"]
    agenda = sandbox.get("/_sandbox/agenda")
    assert [entry["kind"] for entry in agenda] == ["callback", "callback"]
    assert {entry["account"] for entry in agenda} == {"acme/7"}
    assert all(result["ok"] for result in sandbox.perform_all())
    assert statuses(sandbox)[-1] == "delivered"
    assert sandbox.receiver.events[-1]["event"] == "delivered"


def test_a_late_callback_comes_by_itself_in_real_time(start: Start) -> None:
    sandbox = start(fast_time=False, faults={"late_seconds": 0.3})
    sandbox.fault("callback_late")
    sandbox.sms()
    assert statuses(sandbox) == ["queued", "sent"]
    wait_for(lambda: len(sandbox.receiver.statuses) == 3)


def test_a_forged_callback_lies_and_is_refused_by_its_signature(sandbox: Sandbox) -> None:
    sandbox.fault("callback_forged", times=2)
    sandbox.sms()
    sandbox.mail()
    sandbox.settle()
    assert sorted(sandbox.receiver.refused) == ["/sendgrid/events", "/twilio/status"]
    assert statuses(sandbox) == ["queued", "sent", "delivered"]
    assert [event["event"] for event in sandbox.receiver.events] == ["processed", "delivered"]


@pytest.mark.parametrize(
    ("do", "status", "code"),
    [
        ("undelivered", "undelivered", 30003),
        ("undelivered:30005", "undelivered", 30005),
        ("failed:30006", "failed", 30006),
        ("blocked", "undelivered", 30007),
    ],
)
def test_an_sms_that_never_arrives(sandbox: Sandbox, do: str, status: str, code: int) -> None:
    sandbox.fault(do)
    sid = str(sandbox.sms().sid)
    assert statuses(sandbox)[-1] == status
    assert sandbox.receiver.statuses[-1]["ErrorCode"] == str(code)
    fetched = sandbox.twilio.messages(sid).fetch()
    assert (str(fetched.status), fetched.error_code) == (status, code)
    assert sandbox.received() == []
    assert sandbox.get("/_sandbox/messages")["messages"][0]["reached"] is False


def test_every_fault_has_a_slot_and_is_documented() -> None:
    assert set(SLOTS) == set(Fault)


def test_two_faults_of_different_slots_meet_in_one_request(sandbox: Sandbox) -> None:
    sandbox.fault("reset_after", attempt="a1")
    sandbox.fault("silent", attempt="a1")
    with pytest.raises(requests.ConnectionError):
        sandbox.sms()
    assert statuses(sandbox) == []
    assert len(sandbox.received()) == 1


def test_rules_match_by_pattern_and_are_counted(sandbox: Sandbox) -> None:
    sandbox.fault("refuse:21211", times=None, to="+1*")
    for _ in range(2):
        with pytest.raises(TwilioRestException):
            sandbox.sms(to=BOB)
    sandbox.sms(to=ANN)
    told = sandbox.get("/_sandbox/faults")
    assert told["struck"] == {"refuse": 2}
    assert told["rules"][0]["struck"] == 2
    assert told["answers"] == {"a1": ["refuse:21211", "refuse:21211"]}


def test_looking_up_can_fail_too(sandbox: Sandbox) -> None:
    sandbox.sms()
    sandbox.fault("5xx_before:503", op="list")
    with pytest.raises(Exception, match="Unable to fetch page"):
        sandbox.twilio.messages.list(to=ANN)
    assert len(sandbox.twilio.messages.list(to=ANN)) == 1
    sandbox.fault("429", op="list", provider="sendgrid")
    with pytest.raises(TooManyRequestsError):
        sandbox.mailer.client.logs.post(request_body={"query": ""})


def test_a_provider_is_down_between_two_moments(sandbox: Sandbox) -> None:
    rule = {"match": {"provider": "twilio"}, "do": "5xx_before:503", "times": None}
    past = rule | {"until": "2020-01-01T00:00:00Z"}
    sandbox.post("/_sandbox/faults", [past]).raise_for_status()
    sandbox.sms()
    sandbox.post("/_sandbox/faults", [rule | {"since": "2020-01-01T00:00:00Z"}]).raise_for_status()
    with pytest.raises(TwilioRestException):
        sandbox.sms()
    sandbox.mail()


@pytest.mark.parametrize(
    "rule",
    [
        {"do": "explode"},
        {"do": "refuse"},
        {"do": "refuse:never"},
        {"do": "429", "times": 0},
        {"do": "429", "match": {"colour": "red"}},
        {"do": "429", "since": "2026-01-01T00:00:00"},
        {"do": "429", "unknown": 1},
    ],
)
def test_a_script_that_cannot_be_read_says_why(sandbox: Sandbox, rule: dict[str, Any]) -> None:
    answer = sandbox.post("/_sandbox/faults", [rule])
    assert answer.status_code == 400
    assert len(answer.json()["error"]) > 10


def test_faults_by_chance_are_the_same_for_the_same_seed(start: Start) -> None:
    plan = {"probabilities": {"refuse:21211": 0.3, "429": 0.2, "silent": 0.3, "callback_lost": 0.3}}

    def story(seed: int) -> list[object]:
        sandbox = start(seed=seed, faults=plan, received_file=None)
        told: list[object] = []
        for n in range(30):
            try:
                told.append(sandbox.sms(to=f"+1212555{n:04d}", attempt=f"a{n}").sid)
            except TwilioRestException as refused:
                told.append(refused.code)
        sandbox.settle()
        told.append(sandbox.get("/_sandbox/faults")["struck"])
        return told

    first = story(5)
    assert first == story(5)
    assert first != story(6)
    assert 21211 in first
    assert 20429 in first


def test_probabilities_above_one_are_refused(start: Start) -> None:
    with pytest.raises(ValueError, match="add up"):
        start(faults={"probabilities": {"429": 0.6, "hang_after": 0.6}})
