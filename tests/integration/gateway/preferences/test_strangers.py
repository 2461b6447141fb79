"""Whoever else finds the page: scanners, strangers, and people who post what it never offered."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

import pytest

from activities.channels.preference_link import Link, token
from activities.channels.unsubscribe import unsubscribe_url
from tests.integration.gateway.conftest import PUBLIC, serving, settings
from tests.integration.gateway.preferences.conftest import (
    MAILBOX,
    MOBILE,
    SAVED,
    Page,
    path_of,
    said_on,
)

KEY = "unsubscribe-key"
SCRIPT = "<script>alert(1)</script>"
SAVE = {**SAVED, "action": "save", "confirm": "yes"}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_looking_changes_nothing(page: Page, method: str) -> None:
    for query in ("", "?confirm=yes&action=stop&medium=all"):
        answer = await page.edge.client.request(method, f"{page.path}{query}")
        assert answer.status_code == 200
    assert await page.written() == []
    assert page.told() == []


NO_BUTTON: Final[list[dict[str, Any]]] = [
    {},
    {**SAVED, "action": "save"},
    {**SAVE, "confirm": "no"},
    {**SAVE, "confirm": "YES"},
    {"action": "stop", "medium": "all"},
    {"action": "not_me"},
    {"List-Unsubscribe": "One-Click"},
]
NOT_OFFERED: Final[list[tuple[dict[str, Any], str]]] = [
    ({**SAVE, "channel": "fax"}, "medios"),
    ({**SAVE, "channel": "letter"}, "medios"),
    ({**SAVE, "channel": ""}, "medios"),
    ({**SAVE, "channel": ["sms", SCRIPT]}, "medios"),
    ({**SAVE, "channel": "x" * 200_000}, "medios"),
    ({**SAVE, "channel": SCRIPT}, "medios"),
    ({**SAVE, "channel": "\x00sms\ud800".encode("utf-8", "surrogatepass")}, "medios"),
    ({**SAVE, "hours": "keep"}, "horarios"),
    ({**SAVE, "hours": "02:00-03:00"}, "horarios"),
    ({**SAVE, "days": "sundays"}, "días"),
    ({**SAVE, "language": "fr"}, "idiomas"),
    ({**SAVE, "language": f'en"{SCRIPT}'}, "idiomas"),
    ({"action": "stop", "confirm": "yes"}, "por qué medio"),
    ({"action": "stop", "confirm": "yes", "medium": "letter"}, "por qué medio"),
    ({"action": "stop", "confirm": "yes", "medium": ["sms", "pigeon"]}, "por qué medio"),
    ({"action": SCRIPT, "confirm": "yes"}, "No se pudo leer"),
    ({"confirm": "yes"}, "No se pudo leer"),
    ({f"f{n}": "1" for n in range(30)}, "No se pudo leer"),
]


async def test_what_is_not_the_buttons_changes_nothing(page: Page) -> None:
    said = ["No se cambió nada: pulse uno de los botones de esta página."]
    for fields in NO_BUTTON:
        answer = await page.post(**fields)
        assert (answer.status_code, said_on(answer.text)) == (400, said), fields
        assert await page.written() == [], fields


async def test_what_the_page_never_offered_is_told_in_their_language(page: Page) -> None:
    for fields, word in NOT_OFFERED:
        answer = await page.post(**fields)
        assert answer.status_code == 400, fields
        (said,) = said_on(answer.text)
        assert word in said, fields
        assert "<script" not in answer.text, fields
        assert len(answer.text) < 20_000, fields
        assert "<form" in answer.text, "they can try again at once"
        assert await page.written() == [], fields


async def test_a_body_that_is_no_form_and_one_that_is_too_long(page: Page) -> None:
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = await page.edge.client.post(page.path, content=b"--b\r\nbroken", headers=kind)
    assert answer.status_code == 400
    answer = await page.edge.client.post(page.path, content=b"a" * 2**21)
    assert answer.status_code == 413
    assert await page.written() == []


async def test_what_is_on_record_is_escaped(page: Page) -> None:
    await page.edge.pool.execute("UPDATE contact_points SET address = '<x>@example.test'")
    html = await page.look()
    assert "&lt;…@…" in html


async def test_a_form_may_come_in_parts(page: Page) -> None:
    parts = {name: (None, value) for name, value in SAVE.items()}
    answer = await page.edge.client.post(page.path, files=parts)
    assert answer.status_code == 200
    assert await page.checked() == SAVED


async def test_a_stranger_reads_nothing_of_the_customer(page: Page) -> None:
    html = (await page.look()).partition("</style>")[2]
    for personal in ("Ana", MAILBOX, MOBILE, "acme", "A-1", "c-1", "COP", "100", page.attempt):
        assert personal not in html


async def test_the_page_is_kept_nowhere_and_runs_nothing(page: Page) -> None:
    answers = [
        await page.edge.client.get(page.path),
        await page.post(**SAVE),
        await page.post(),
        await page.edge.client.get(f"{page.path}x"),
    ]
    assert [one.status_code for one in answers] == [200, 200, 400, 404]
    for answer in answers:
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "form-action 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "script" not in policy + answer.text
        assert '<meta name="robots" content="noindex">' in answer.text
        assert "src=" not in answer.text
        assert "href=" not in answer.text


def forged(attempt: str) -> dict[str, str]:
    """Links that are not ours, or that hold no more."""
    expires = datetime.now(UTC) + timedelta(days=1)
    other = unsubscribe_url(settings(), attempt)
    assert other is not None
    return {
        "empty": "/p/",
        "nonsense": "/p/x",
        "accents": f"/p/{quote('é')}",
        "tag": f"/p/{quote('<script>alert(1)')}",
        "surrogate": "/p/%ED%A0%80",
        "another key": f"/p/{token('another key', Link(attempt, expires))}",
        "to unsubscribe": f"/p/{other.rpartition('/')[2]}",
        "longer": f"{path_of(attempt)}0",
        "expired": path_of(attempt, datetime.now(UTC) - timedelta(days=30, seconds=1)),
    }


async def test_nobody_else_opens_the_page(page: Page) -> None:
    client = page.edge.client
    for kind, path in forged(page.attempt).items():
        for answer in (await client.get(path), await client.post(path, data=SAVE)):
            assert answer.status_code == 404, kind
            if kind != "empty":
                for words in ("is not valid", "no es válido", "não é válido"):
                    assert words in answer.text, kind
                assert "<script" not in answer.text, kind
    assert await page.written() == []


async def test_a_link_opens_until_its_last_day(page: Page) -> None:
    composed = datetime.now(UTC) - timedelta(days=29, hours=23)
    assert (await page.edge.client.get(path_of(page.attempt, composed))).status_code == 200


async def test_without_a_key_no_link_opens(page: Page) -> None:
    async with serving(page.edge.pool, unsubscribe_key=None) as bare:
        path = f"/p/{token('', Link(page.attempt, datetime.now(UTC) + timedelta(days=1)))}"
        assert (await bare.client.get(path)).status_code == 404


async def test_other_methods_are_not_served(page: Page) -> None:
    for method in ("PUT", "DELETE", "PATCH"):
        assert (await page.edge.client.request(method, page.path)).status_code == 405


async def test_no_log_holds_a_token_or_what_was_posted(
    page: Page, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    secret = page.path.rpartition(".")[2]
    for path in (page.path, f"{page.path}x", f"{page.path}/", f"/{page.path}", f"/v{page.path}"):
        await page.edge.client.get(path)
        await page.edge.client.put(path)
        for fields in ({}, SAVE, {**SAVE, "channel": "words of mine"}):
            await page.edge.client.post(path, data=fields)
    await page.edge.client.post(page.path, content=secret * 90_000)
    written = [r.getMessage() for r in caplog.records if not r.name.startswith("httpx")]
    assert written
    for line in written:
        assert secret not in line
        assert "words of mine" not in line
    assert PUBLIC not in "".join(written)
