"""The unsubscribe address in e-mails, and settings that the gateway cannot start with."""

import re
from datetime import UTC, datetime
from itertools import count
from urllib.parse import urljoin

import pytest

from activities.channels.unsubscribe import token, unsubscribe_url
from config.keywords import shipped_keywords
from domain.failures import Misconfigured
from lab.builders.parts import wording
from tests.integration.gateway.conftest import PUBLIC, Edge, settings
from workers.clock import SystemClock
from workers.gateway.app import build

ADDRESS = "ana@example.test"


@pytest.fixture
async def link(edge: Edge) -> str:
    await edge.customer("c-1", email=ADDRESS)
    await edge.account("c-1")
    attempt = await edge.attempt("c-1", "dispatching", "accepted", channel="email", address=ADDRESS)
    url = unsubscribe_url(settings(), attempt)
    assert url is not None
    return url.removeprefix(PUBLIC)


async def test_one_click_withdraws_consent_at_once(edge: Edge, link: str) -> None:
    for _ in range(2):
        answer = await edge.client.post(link, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    events = await edge.rows("SELECT kind, channel, customer_id FROM law_events")
    assert events == [{"kind": "opt_out", "channel": "email", "customer_id": "c-1"}]
    assert [signal[:2] for signal in edge.workflows.signals] == [
        ("account/acme/A-1", "message_received")
    ]


async def test_a_second_click_counts_once_the_person_has_consented_anew(
    edge: Edge, link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clicks = (datetime(2027, 1, 4, 15, 0, second, tzinfo=UTC) for second in count(50))

    async def a_second_later(*_: object) -> datetime:
        return next(clicks)

    monkeypatch.setattr(SystemClock, "now", a_second_later)
    found = []
    for consented in (False, False, True, False):
        if consented:
            await edge.pool.execute(
                "INSERT INTO law_events (event_id, customer_id, kind, channel, at, recorded_at)"
                " VALUES ('form-1', 'c-1', 'opt_in', 'email', now(), now())"
            )
        answer = await edge.client.post(link, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        found.append(len(await edge.rows("SELECT FROM law_events WHERE kind = 'opt_out'")))
    assert found == [1, 1, 2, 2]


async def test_one_click_may_come_in_parts(edge: Edge, link: str) -> None:
    """multipart/form-data is what RFC 8058 prefers."""
    answer = await edge.client.post(link, files={"List-Unsubscribe": (None, "One-Click")})
    assert answer.status_code == 200
    assert len(await edge.rows("SELECT FROM law_events")) == 1


@pytest.mark.parametrize(
    "body",
    [{}, {"List-Unsubscribe": "yes"}, {"list-unsubscribe": "One-Click"}, {"confirm": "yes"}],
    ids=str,
)
async def test_a_post_to_the_link_without_its_field_only_asks(
    edge: Edge, link: str, body: dict[str, str]
) -> None:
    answer = await edge.client.post(link, data=body)
    assert answer.status_code == 400
    assert "<button" in answer.text
    assert await edge.rows("SELECT FROM law_events") == []


async def test_following_the_link_only_asks(edge: Edge, link: str) -> None:
    answer = await edge.client.get(link)
    assert answer.status_code == 200
    assert await edge.rows("SELECT FROM law_events") == []


async def test_the_button_of_the_page_unsubscribes(edge: Edge, link: str) -> None:
    page = (await edge.client.get(link)).text
    action = re.search(r'action="([^"]+)"', page)
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]+)"', page))
    assert action
    assert set(fields) == {"token", "confirm"}
    # As a browser follows it, from the public address, which may have a path of its own.
    followed = urljoin(f"{PUBLIC}{link}", action[1])
    assert followed.startswith(f"{PUBLIC}/")
    pressed = await edge.client.post(followed.removeprefix(PUBLIC), data=fields)
    assert pressed.status_code == 200
    assert len(await edge.rows("SELECT FROM law_events")) == 1


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b"List-Unsubscribe=One-Click\r\n"),
        ("application/x-www-form-urlencoded", b"\nList-Unsubscribe=One-Click"),
        (
            "Multipart/Form-Data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n'
            b"--b--\r\n",
        ),
        ("text/plain", b"List-Unsubscribe=One-Click"),
        ("", b"List-Unsubscribe=One-Click"),
    ],
)
async def test_one_click_is_known_however_a_mail_program_writes_it(
    edge: Edge, link: str, kind: str, body: bytes
) -> None:
    answer = await edge.client.post(link, content=body, headers={"Content-Type": kind})
    assert answer.status_code == 200
    assert len(await edge.rows("SELECT FROM law_events")) == 1


async def test_a_post_that_is_not_the_buttons_is_refused(edge: Edge, link: str) -> None:
    answer = await edge.client.post("/unsubscribe", data={"token": link.removeprefix("/u/")})
    assert answer.status_code == 400
    assert await edge.rows("SELECT FROM law_events") == []


@pytest.mark.parametrize("forged", ["", "x", "é", "a" * 24 + "." + "b" * 22, "<script>"])
async def test_nobody_unsubscribes_somebody_else(edge: Edge, link: str, forged: str) -> None:
    pressed = {"token": forged, "confirm": "yes"}
    assert (await edge.client.post("/unsubscribe", data=pressed)).status_code == 404
    own = link.removeprefix("/u/").partition(".")[0]
    stolen = token("another key", own)
    answer = await edge.client.post(f"/u/{stolen}", data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 404
    assert await edge.rows("SELECT FROM law_events") == []


async def test_only_an_email_can_be_unsubscribed_from(edge: Edge) -> None:
    await edge.customer("c-2", sms="+573000000001")
    await edge.account("c-2", "B-1")
    sent = await edge.attempt("c-2", "dispatching", "accepted", account="B-1")
    assert (await edge.unsubscribes(sent)).status_code == 404
    assert (await edge.unsubscribes("f" * 24)).status_code == 404
    assert await edge.rows("SELECT FROM law_events") == []
    assert await edge.rows("SELECT FROM provider_events") == []


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=b", b"--b\r\nbroken"),
        ("application/x-www-form-urlencoded", b"a=1&" * 2000),
    ],
)
async def test_a_broken_form_is_told_so(edge: Edge, link: str, kind: str, body: bytes) -> None:
    for path in (link, "/unsubscribe"):
        answer = await edge.client.post(path, content=body, headers={"Content-Type": kind})
        assert answer.status_code == 400
    assert await edge.rows("SELECT FROM law_events") == []


async def test_no_log_holds_a_token(
    edge: Edge, link: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    secret = link.removeprefix("/u/")
    for path in (link, f"{link}x", f"{link}/", f"/{link}", f"/v{link}"):
        await edge.client.get(path)
        await edge.client.post(path)
        await edge.client.put(path)
        await edge.client.post(path, data={"List-Unsubscribe": "One-Click"})
    await edge.client.post("/unsubscribe", data={"token": secret})
    await edge.client.post("/unsubscribe", content=secret * 2000)
    written = [r.getMessage() for r in caplog.records if not r.name.startswith("httpx")]
    assert written
    assert not [line for line in written if secret.partition(".")[2] in line]


async def test_without_a_key_there_is_no_address() -> None:
    assert unsubscribe_url(settings(unsubscribe_key=None), "a" * 24) is None


@pytest.mark.parametrize(
    "key",
    ["AAAA", "no base64!"],
)
async def test_a_wrong_key_names_its_variable(edge: Edge, key: str) -> None:
    with pytest.raises(Misconfigured, match="SENDGRID_PUBLIC_KEY"):
        build(
            settings(sendgrid_public_key=key),
            edge.pool,
            edge.workflows,
            SystemClock(),
            shipped_keywords(),
            wording(),
        )
