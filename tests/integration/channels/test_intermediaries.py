"""Whoever stands between us and a provider may answer when it has taken the message already.

So what is not the provider's own word is in doubt: never a refusal, after which another one sends.
"""

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from activities.channels import http
from activities.channels.base import Accepted, NotAskedError, Refused, Sought, Unknown
from tests.integration.channels.conftest import Answer, Script
from tests.integration.channels.doors import ATTEMPT, DOORS, Door

EVERY_DOOR = pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
_SINCE = datetime(2026, 3, 2, 15, tzinfo=UTC)
JSON = {"Content-Type": "application/json"}
HTML = {"Content-Type": "text/html"}
PAGE = b"<html><head><title>403 Forbidden</title></head><body>nginx</body></html>"
SAID_BY_OTHERS: list[Any] = [
    {"message": "Forbidden"},
    {"message": "Missing Authentication Token"},
    {"message": "Too Many Requests"},
    {"error": "Forbidden"},
    {"error": {"code": 403, "message": "The caller does not have permission", "status": "DENIED"}},
    {"errors": [{"message": "Forbidden"}]},
    {"errors": [{"status": "403", "title": "Forbidden", "detail": "x"}]},
    {"errors": []},
    {"errors": "no"},
    {"statusCode": 403, "message": "Access denied due to invalid subscription key"},
    {"statusCode": 403, "error": "Forbidden", "message": "x"},
    {"code": "900901", "message": "Invalid Credentials", "description": "x"},
    {"code": 403, "message": "Forbidden", "status": 403},
    {"type": "about:blank", "title": "Forbidden", "status": 403},
    {"type": "about:blank", "title": "Forbidden", "status": 403, "code": 20003},
    {"timestamp": 1, "status": 403, "error": "Forbidden", "path": "/"},
    {"errorCode": "E403"},
    {"fault": {"faultstring": "Invalid ApiKey"}},
    {},
    [],
    None,
    "Forbidden",
    403,
]
STATUSES = (400, 401, 403, 404, 405, 407, 409, 411, 413, 414, 415, 417, 421, 422, 426, 429, 451)


def send(door: Door, script: Script, answer: Answer) -> object:
    script.answers = [answer]
    sent = door.make(script.url).send(door.message)
    assert len(script.requests) == 1, "never repeated"
    return sent


@EVERY_DOOR
@pytest.mark.parametrize("status", [*STATUSES, 408, 499, 300, 301, 302, 303, 307, 308, 500, 502])
@pytest.mark.parametrize("body", [PAGE, b""], ids=["page", "empty"])
def test_a_page_or_nothing_is_no_refusal(
    script: Script, door: Door, status: int, body: bytes
) -> None:
    answer = Answer(status, body, {**HTML, "Location": "/elsewhere"})
    assert isinstance(send(door, script, answer), Unknown)


@EVERY_DOOR
@pytest.mark.parametrize("body", SAID_BY_OTHERS, ids=lambda body: json.dumps(body)[:40])
def test_the_json_of_others_is_no_refusal(script: Script, door: Door, body: Any) -> None:
    assert isinstance(send(door, script, Answer.json(403, body)), Unknown)


@EVERY_DOOR
def test_the_providers_own_word_is_a_refusal(script: Script, door: Door) -> None:
    assert isinstance(send(door, script, door.refused), Refused)


@EVERY_DOOR
def test_own_words_said_to_be_of_another_type_are_in_doubt(script: Script, door: Door) -> None:
    for kind in ("text/html", "text/plain", "application/octet-stream", ""):
        script.requests.clear()
        answer = replace(door.refused, headers={"Content-Type": kind} if kind else {})
        assert isinstance(send(door, script, answer), Unknown), kind


@EVERY_DOOR
def test_a_refusal_may_say_its_charset(script: Script, door: Door) -> None:
    answer = replace(door.refused, headers={"Content-Type": "Application/JSON; charset=utf-8"})
    assert isinstance(send(door, script, answer), Refused)


@EVERY_DOOR
def test_own_words_under_another_status_are_in_doubt(script: Script, door: Door) -> None:
    for status in (407, 408, 409, 418, 421, 499, 500, 503, 301):
        script.requests.clear()
        sent = send(door, script, replace(door.refused, status=status))
        assert isinstance(sent, Unknown), status


@EVERY_DOOR
def test_half_a_refusal_is_in_doubt(script: Script, door: Door) -> None:
    body = door.refused.body
    for length in range(0, len(body), 7):
        script.requests.clear()
        sent = send(door, script, replace(door.refused, body=body[:length]))
        assert isinstance(sent, Unknown), body[:length]
    script.requests.clear()
    assert isinstance(send(door, script, replace(door.refused, fault="cut")), Unknown)


@EVERY_DOOR
def test_a_refusal_that_lacks_a_field_is_in_doubt(script: Script, door: Door) -> None:
    whole = json.loads(door.refused.body)
    for field in whole:
        script.requests.clear()
        part = {name: value for name, value in whole.items() if name != field}
        sent = send(door, script, Answer.json(door.refused.status, part))
        assert isinstance(sent, Unknown), field


@EVERY_DOOR
@pytest.mark.parametrize(
    "body", [b"\x1f\x8b junk", gzip.compress(PAGE), b"\xff\xfe{", b"[" * 99999]
)
@pytest.mark.parametrize("encoding", ["gzip", "br", "identity"])
def test_what_cannot_be_unpacked_is_in_doubt(
    script: Script, door: Door, body: bytes, encoding: str
) -> None:
    answer = Answer(403, body, {**JSON, "Content-Encoding": encoding})
    assert isinstance(send(door, script, answer), Unknown)


@EVERY_DOOR
@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, b"<html>Welcome to the hotel's network</html>", HTML),
        Answer(202, PAGE, HTML),
        Answer.json(200, {"ok": True}),
        Answer.json(200, {"id": "1", "sid": "1", "status": "queued"}),
        Answer.json(201, {"id": 5, "sid": 5}),
        Answer.json(202, {"message": "accepted"}),
        Answer(204),
        Answer(206, b"{}", JSON),
    ],
    ids=lambda answer: f"{answer.status} {answer.body[:20]!r}",
)
def test_the_success_of_others_is_no_acceptance(script: Script, door: Door, answer: Answer) -> None:
    assert isinstance(send(door, script, answer), Unknown)


@EVERY_DOOR
def test_the_providers_own_success_is_an_acceptance(script: Script, door: Door) -> None:
    sent = send(door, script, door.taken)
    assert isinstance(sent, Accepted)
    if door.taken.body:
        page = replace(door.taken, headers=HTML)
        script.requests.clear()
        assert isinstance(send(door, script, page), Unknown)


@EVERY_DOOR
@pytest.mark.parametrize("status", [401, 403, 404, 407, 413, 421, 451])
def test_lists_that_an_intermediary_keeps_from_us_have_not_been_asked(
    script: Script, door: Door, status: int
) -> None:
    script.answers = [Answer(status, PAGE, HTML)]
    to = door.message.to
    with pytest.raises(NotAskedError):
        door.make(script.url).find(Sought(ATTEMPT, to, "", _SINCE))


@EVERY_DOOR
def test_lists_that_the_provider_keeps_from_us_show_nothing(script: Script, door: Door) -> None:
    script.answers = [door.refused]
    assert door.make(script.url).find(Sought(ATTEMPT, door.message.to, "", _SINCE)) is None


@EVERY_DOOR
def test_no_request_leaves_over_a_connection_that_may_be_forgotten(
    script: Script, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    script.answers = [replace(door.taken, fault="stale")]
    provider, now = door.make(script.url), 100.0
    monkeypatch.setattr(http, "_now", lambda: now)
    assert isinstance(provider.send(door.message), Accepted)
    now += http.MOST_IDLE
    assert isinstance(provider.send(door.message), Accepted)


def test_a_connection_that_was_used_a_moment_ago_is_used_again(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = DOORS[0]
    script.answers = [replace(door.taken, fault="stale")]
    provider = door.make(script.url)
    monkeypatch.setattr(http, "_now", lambda: 100.0)
    assert isinstance(provider.send(door.message), Accepted)
    assert isinstance(provider.send(door.message), Unknown), "no stale connection: shows nothing"
