"""Whatever somebody sends is served or told what is wrong: never an error of ours."""

import json
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from itertools import product
from typing import Any, Final
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.conversation.work_words import WorkReason
from tests.integration.api.conftest import Desk, token
from workers.api.reading import MOST

FUZZ: Final = settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ODD: Final = ("", "%00", "%0a", "%ff", "%C0%80", "%ED%A0%80", "..", "%2e%2e", "%2F", "%25", "'--")
HUGE: Final = ("9" * 19, "9" * 5000, "-1", "1.5", "1e9", "0x10", "٣", "NaN", "null", "0")


def fair(answer: httpx.Response) -> None:
    """Served, or told what is wrong as RFC 9457 has it; with the headers of every answer."""
    assert answer.status_code < 500, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "access-control-allow-origin" not in answer.headers
    if answer.status_code >= 400:
        assert answer.headers["Content-Type"] == "application/problem+json"
        told = answer.json()
        assert told["status"] == answer.status_code
        assert told["type"].startswith("urn:contrapunto:problem:")
        assert all(told[name] for name in ("title", "detail", "todo"))


@pytest.fixture
async def number(desk: Desk) -> int:
    [item] = await desk.work(WorkReason.DISPUTE)
    return item.work_id


@pytest.mark.parametrize(
    "path",
    [
        "/v1/work-items/{}",
        "/v1/work-items/{}/claim",
        "/v1/customers/{}",
        "/v1/customers/{}/messages",
        "/v1/customers/{}/preferences",
        "/v1/messages/{}/x/corrections",
        "/v1/messages/twilio/{}/corrections",
        "/{}",
    ],
)
async def test_any_id_in_an_address(desk: Desk, path: str) -> None:
    methods = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")
    odd_ones = (*ODD, *map(quote, (*HUGE, "x" * 3000, "🛑" * 100, "C1\n")))
    for odd, method in product(odd_ones, methods):
        body = {"intents": ["dispute"]} if "corrections" in path else {"channel": "sms"}
        raw = path.format(odd).encode()
        url = httpx.URL("http://inside:8083").copy_with(raw_path=raw)
        headers = {"Authorization": f"Bearer {token('ana')}"}
        answer = await desk.client.request(method, url, json=body, headers=headers)
        fair(answer)
        # Who puts is a system, not ana.
        may = (404, 405, 422, 403) if method == "PUT" else (404, 405, 422)
        assert answer.status_code in may, (odd, method)


PARAMETERS: Final = (
    ("limit=0", "limit"),
    ("limit=501", "limit"),
    ("limit=" + "9" * 5000, "limit"),
    ("limit=1.5", "limit"),
    ("limit=", "limit"),
    ("limit=1&limit=2", "limit"),
    ("reason=lottery", "reason"),
    ("reason=%00", "reason"),
    ("customer=%00", "customer"),
    ("customer=a%0Ab", "customer"),
    ("customer=" + "x" * 1001, "customer"),
    ("creditor=%ED%A0%80%00", "creditor"),
    ("claimed_by=%1b[2J", "claimed_by"),
    ("done=maybe", "done"),
    ("surprise=1", "surprise"),
    ("%00=1", "\\u0000"),
    ("cursor=", "cursor"),
    ("cursor=x", "cursor"),
    ("cursor=" + "x" * 401, "cursor"),
    ("cursor=e30", "cursor"),
    ("cursor=%C3%B1", "cursor"),
    ("cursor=W1tbW1tbW1tbW10", "cursor"),
)


async def test_a_parameter_that_is_wrong_is_named_with_its_rule(desk: Desk) -> None:
    for query, field in PARAMETERS:
        answer = await desk.get(f"/v1/work-items?{query}")
        fair(answer)
        assert answer.status_code == 422, query
        [wrong] = answer.json()["errors"]
        assert (wrong["where"], wrong["field"]) == ("query", field)
        assert wrong["rule"]


PLACES: Final[list[dict[str, Any]]] = [
    {"work_id": 2**63},
    {"work_id": -1},
    {"priority": 2**40},
    {"due_at": "0001-01-01T00:00:00+14:00"},
    {"due_at": "9999-12-31T23:59:59-12:00"},
    {"due_at": "2026-01-01T00:00:00"},
]


async def test_a_cursor_that_somebody_made_is_none(desk: Desk) -> None:
    good = {"done": False, "priority": 1, "due_at": "2026-01-01T00:00:00Z", "work_id": 1}
    for other in ({}, *PLACES):
        cursor = urlsafe_b64encode(json.dumps(good | other).encode()).decode().rstrip("=")
        answer = await desk.get("/v1/work-items", params={"cursor": cursor})
        fair(answer)
        assert answer.status_code == (422 if other else 200), other


async def test_an_instant_that_is_none_is_refused(desk: Desk) -> None:
    instants = ("yesterday", "2026-01-01", "0001-01-01T00:00:00%2B14:00", "1e400", "9" * 400)
    for path, since in product(("/v1/customers/C1", "/v1/customers/C1/messages"), instants):
        answer = await desk.get(f"{path}?since={since}")
        fair(answer)
        assert answer.status_code == 422, since


BODIES: Final[list[tuple[bytes, int]]] = [
    (b"", 400),
    (b"{", 400),
    (b"[]", 422),
    (b"5", 422),
    (b"null", 422),
    (b'"outcome"', 422),
    (b"\xff\xfe{}", 400),
    (b'{"outcome": "handled", "note": "\xff"}', 400),
    ('{"outcome": "handled"}'.encode("utf-16"), 400),
    (b'{"outcome": "handled", "outcome": "cease"}', 400),
    (b'{"outcome": NaN}', 400),
    (b'{"outcome": Infinity}', 400),
    (b'{"outcome": ' + b"9" * 5000 + b"}", 400),
    (b'{"outcome": 1e999}', 422),
    (b"[" * 60_000, 400),
    (b'{"outcome": ' + b"[" * 300 + b"]" * 300 + b"}", 400),
    (b'{"outcome": ' + b"[" * 150 + b"]" * 150 + b"}", 422),
    (b'{"outcome": "lottery"}', 422),
    (b'{"outcome": null}', 422),
    (b'{"note": "x"}', 422),
    (b'{"outcome": "handled", "note": "\\u0000"}', 422),
    (b'{"outcome": "handled", "note": "\\ud800"}', 422),
    (b'{"outcome": "handled", "note": "a\\nb"}', 422),
    (b'{"outcome": "handled", "note": 5}', 422),
    (b'{"outcome": "handled", "by": "boss"}', 422),
    (b'{"outcome": "handled", "\\ud800": 1}', 422),
    (b'{"outcome": "handled", "\\u0000": 1}', 422),
    (b'{"outcome": "handled", "note": "' + b"x" * 1001 + b'"}', 422),
    (b'{"outcome": "handled", "note": "' + b"x" * MOST + b'"}', 413),
]


async def test_a_body_that_is_wrong_does_nothing_and_is_told_why(desk: Desk, number: int) -> None:
    headers = {"Content-Type": "application/json"}
    for body, status in BODIES:
        answer = await desk.post(f"/v1/work-items/{number}/done", content=body, headers=headers)
        fair(answer)
        assert answer.status_code == status, body[:80]
    assert await desk.pool.fetchval("SELECT count(*) FROM work_items WHERE done_at IS NULL") == 1


async def test_a_body_in_pieces_that_never_ends_is_cut_off(desk: Desk, number: int) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(MOST // 1000 + 2):
            yield b"x" * 1000

    headers = {"Content-Type": "application/json"}
    answer = await desk.post(f"/v1/work-items/{number}/done", content=pieces(), headers=headers)
    fair(answer)
    assert answer.status_code == 413


async def test_what_is_no_json_is_not_read(desk: Desk, number: int) -> None:
    for kind in (
        *("", "text/plain", "application/x-www-form-urlencoded", "application/jsonx", "\xff"),
        *("multipart/form-data; boundary=x", "application/json; charset=utf-16"),
        "application/json; charset=latin-1",
    ):
        headers = {"Content-Type": kind.encode("latin-1")}
        body = b'{"outcome": "handled"}'
        answer = await desk.post(f"/v1/work-items/{number}/done", content=body, headers=headers)
        fair(answer)
        assert answer.status_code == 415, kind


async def test_json_is_read_however_its_kind_is_written(desk: Desk, number: int) -> None:
    for kind in (
        *("application/json", "application/json; charset=utf-8"),
        'Application/JSON;charset="UTF-8"',
    ):
        headers = {"Content-Type": kind}
        answer = await desk.post(f"/v1/work-items/{number}/claim", content=b"{}", headers=headers)
        assert answer.status_code == 200, kind


async def test_hours_are_a_number_within_bounds(desk: Desk, number: int) -> None:
    hours: tuple[object, ...] = (0, -1, 73, 1e308, "4", True, None, [], "NaN")
    for path, given_hours in product(
        (f"/v1/work-items/{number}/claim", "/v1/work-items/next"), hours
    ):
        answer = await desk.post(path, json={"hours": given_hours})
        fair(answer)
        assert answer.status_code == 422, given_hours


WISHES: Final[list[Any]] = [
    {},
    {"channel": "letter"},
    {"channel": "any"},
    {"windows": None},
    {"windows": [{}]},
    {"windows": [{"days": ["mon"], "from": "25:00", "to": "26:00"}]},
    {"windows": [{"days": ["mon"], "from": "20:00", "to": "08:00"}]},
    {"windows": [{"days": [], "from": "08:00", "to": "20:00"}]},
    {"windows": [{"days": ["mon"], "from": "08:00", "to": "20:00"}] * 51},
    {"locale": "fr"},
    {"locale": "es-mx"},
    {"locale": "es\n"},
    {"by": "boss", "channel": "sms"},
]


async def test_a_wish_that_is_none_is_refused(desk: Desk) -> None:
    for body in WISHES:
        answer = await desk.post("/v1/customers/C1/preferences", json=body)
        fair(answer)
        assert answer.status_code == 422, body
    assert await desk.pool.fetchval("SELECT count(*) FROM preferences") == 0


CORRECTIONS: Final[list[Any]] = [
    {"intents": []},
    {"intents": ["lottery"]},
    {"intents": "dispute"},
    {"intents": ["dispute"] * 100},
    {"intents": ["dispute"], "amount": "1e99999"},
    {"intents": ["dispute"], "amount": "NaN"},
    {"intents": ["dispute"], "amount": 5},
    {"intents": ["dispute"], "amount": "9" * 17},
    {"intents": ["dispute"], "date": "2026-02-30"},
    {"intents": ["dispute"], "date": "0000-01-01"},
    {"intents": ["dispute"], "date": "tomorrow"},
    {"intents": ["dispute"], "by": "boss"},
]


async def test_a_correction_that_is_none_is_refused(desk: Desk) -> None:
    await desk.says("no debo nada")
    for body in CORRECTIONS:
        answer = await desk.post("/v1/messages/twilio/S1/corrections", json=body)
        fair(answer)
        assert answer.status_code == 422, body
    assert await desk.pool.fetchval("SELECT count(*) FROM reading_corrections") == 0


JSON: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from([10**4200, "\ud800", "\x00", "handled", "dispute", "sms", "9" * 5000])
    | st.text(st.characters(), max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(), max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
FIELDS: Final = ("outcome", "note", "hours", "reason", "creditor", "channel", "windows", "locale")
BODY: Final = JSON | st.builds(
    lambda one, two: {**two, **one} if isinstance(two, dict) else one,
    st.fixed_dictionaries({}, optional=dict.fromkeys((*FIELDS, "intents", "amount", "date"), JSON)),
    JSON,
)


@FUZZ
@given(body=BODY, place=st.integers(0, 5))
async def test_any_json_is_served_or_refused(
    desk: Desk, number: int, body: Any, place: int
) -> None:
    path = (
        f"/v1/work-items/{number}/claim",
        f"/v1/work-items/{number}/release",
        f"/v1/work-items/{number}/done",
        "/v1/work-items/next",
        "/v1/customers/C1/preferences",
        "/v1/messages/twilio/S1/corrections",
    )[place]
    headers = {"Content-Type": "application/json"}
    with_no_limit = json.JSONEncoder(ensure_ascii=True)
    try:
        text = with_no_limit.encode(body).encode()
    except ValueError:  # an integer that Python writes no more
        return
    fair(await desk.post(path, content=text, headers=headers))


async def test_what_is_wrong_is_logged_without_what_was_sent(
    desk: Desk, number: int, caplog: pytest.LogCaptureFixture
) -> None:
    await desk.post(
        f"/v1/work-items/{number}/done", json={"mi hermana Rosa": 1, "outcome": "no debo"}
    )
    await desk.get("/v1/customers/Rosa")
    assert "Rosa" not in caplog.text and "no debo" not in caplog.text
    assert "422 at finish_work by ana: " in caplog.text
    assert "404 at show_customer by ana" in caplog.text


async def test_an_error_of_ours_is_one_line_with_its_place_and_no_words(
    desk: Desk, number: int, caplog: pytest.LogCaptureFixture
) -> None:
    await desk.pool.execute("UPDATE work_items SET reason = 'Rosa'")
    answer = await desk.get(f"/v1/work-items/{number}")
    assert (answer.status_code, answer.json()["type"]) == (500, "urn:contrapunto:problem:ours")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "500 at show_work by ana: ValidationError in work.py" in caplog.text
    assert "Rosa" not in caplog.text + answer.text


async def test_what_postgresql_cannot_do_now_is_answered_with_503(desk: Desk, number: int) -> None:
    await desk.pool.execute("ALTER TABLE work_items RENAME note TO gone")
    try:
        answer = await desk.get("/v1/work-items")
    finally:
        await desk.pool.execute("ALTER TABLE work_items RENAME gone TO note")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert desk.own is not None
    await desk.own.close()
    assert (await desk.get("/v1/work-items")).status_code == 503
    assert (await desk.client.get("/readyz")).status_code == 503
