"""What lies in the operator's folder is fetched by the provider at an address of the gateway."""

import hashlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx
import pytest
from pydantic import SecretStr

from activities.attachments.file_link import FileLink, token
from activities.channels import preference_link
from config.keywords import shipped_keywords
from domain.documents.document import DocumentKind
from lab.builders.parts import wording
from tests.integration.documents.bank import AMERICAN, PDF, PIX, PNG, Bank
from tests.integration.gateway.conftest import RecordedWorkflows
from workers.clock import SystemClock
from workers.gateway.app import build

KEY = "a-long-random-text"
WITH_KEY = pytest.mark.parametrize("bank", [{"unsubscribe_key": SecretStr(KEY)}], indirect=True)


@dataclass
class Sent:
    """An MMS with two files of the folder, and Twilio's view of the gateway."""

    bank: Bank
    twilio: httpx.AsyncClient
    attempt: str
    urls: list[str]

    async def get(self, url: str) -> httpx.Response:
        return await self.twilio.get(urlsplit(url).path)

    def link(self, place: int = 0, *, ends: timedelta = timedelta(hours=1)) -> str:
        """A link signed by us."""
        return f"/f/{token(KEY, FileLink(self.attempt, place, datetime.now(UTC) + ends))}"


@pytest.fixture
async def sent(bank: Bank) -> AsyncIterator[Sent]:
    actor = await bank.customer("sms", to=AMERICAN, country="US")
    bank.wants(DocumentKind.STATEMENT, DocumentKind.QR)
    await bank.lists(PDF, DocumentKind.STATEMENT, at_url=False)
    await bank.lists(PNG, DocumentKind.QR, name="f2", at_url=False)
    message = await bank.sent(actor)
    attempt = await bank.pool.fetchval("SELECT attempt_id FROM attempts")
    parts = (RecordedWorkflows(), SystemClock(), shipped_keywords(), wording())
    app = build(bank.dependencies.settings, bank.pool, *parts)
    transport = httpx.ASGITransport(app, raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://inside:8080") as client:
        yield Sent(bank, client, attempt, [one["url"] for one in message["attachments"]])


@WITH_KEY
async def test_twilio_fetches_each_file_as_it_was_listed(sent: Sent) -> None:
    first, second = [await sent.get(url) for url in sent.urls]
    assert (first.status_code, first.content) == (200, PDF)
    assert (second.status_code, second.content) == (200, PNG)
    assert first.headers["Content-Type"] == "application/pdf"
    assert first.headers["Content-Disposition"] == 'inline; filename="statement.bin"'
    assert first.headers["Cache-Control"] == "no-store"
    assert await sent.bank.left_away() == [None, None]


@WITH_KEY
async def test_an_address_names_no_customer_no_account_and_no_file(sent: Sent) -> None:
    for url in sent.urls:
        said = urlsplit(url).path.rpartition(".")[0]  # without the signature, which is any letters
        assert re.fullmatch(r"/f/[0-9a-f]+\.[01]\.[0-9]+", said)
        assert not [told for told in ("bank", "statement", AMERICAN) if told in said]


@WITH_KEY
async def test_what_is_not_ours_or_holds_no_more_is_not_there(sent: Sent) -> None:
    good = sent.link()
    other = preference_link.Link(sent.attempt, datetime.now(UTC) + timedelta(days=1))
    given = {
        "another place": good.replace(f"{sent.attempt}.0", f"{sent.attempt}.1"),
        "a place with nothing": sent.link(2),
        "over": sent.link(ends=timedelta(seconds=-1)),
        "another signature": good[:-1] + ("A" if good[-1] != "A" else "B"),
        "another kind of link": f"/f/{preference_link.token(KEY, other)}",
        "no token": "/f/..%2f..%2fetc%2fpasswd",
        "odd letters": "/f/%ed%a0%80.0.1.x",
    }
    assert (await sent.get(good)).status_code == 200
    found = {name: (await sent.twilio.get(path)).status_code for name, path in given.items()}
    assert found == dict.fromkeys(given, 404)


@WITH_KEY
async def test_a_file_that_was_withdrawn_or_changed_since_is_not_there(sent: Sent) -> None:
    await sent.bank.pool.execute(
        "UPDATE documents SET withdrawn_at = $1 WHERE document_id = 'f1'", datetime.now(UTC)
    )
    (sent.bank.folder / "f2").write_bytes(PNG + b"!")
    assert [(await sent.get(url)).status_code for url in sent.urls] == [404, 404]


@WITH_KEY
async def test_looking_changes_nothing_and_nothing_else_is_taken(sent: Sent) -> None:
    before = await sent.bank.pool.fetch("SELECT * FROM attempts")
    assert (await sent.twilio.head(sent.link())).status_code == 200
    for _ in range(2):
        await sent.get(sent.urls[0])
    assert (await sent.twilio.post(sent.link())).status_code == 405
    assert await sent.bank.pool.fetch("SELECT * FROM attempts") == before


PAID_BY_PIX = pytest.mark.parametrize(
    "bank", [{"unsubscribe_key": SecretStr(KEY), "pix": PIX}], indirect=True
)


@PAID_BY_PIX
@pytest.mark.parametrize("channel", ["whatsapp", "sms"])
async def test_a_pix_code_is_drawn_again_for_twilio_as_it_went_along(
    bank: Bank, channel: str
) -> None:
    actor = await (
        bank.customer("sms", to=AMERICAN, country="US")
        if channel == "sms"
        else bank.customer("whatsapp")
    )
    await bank.pool.execute("UPDATE accounts SET currency = 'BRL', balance = 150.25")
    bank.wants(DocumentKind.QR)
    message = await bank.sent(actor, wrote=channel == "whatsapp")
    [url] = [one["url"] for one in message["attachments"]]
    row = await bank.pool.fetchrow("SELECT drawn, sha256 FROM attached")
    assert row is not None
    assert "5406150.25" in row["drawn"]
    assert "150" not in url
    parts = (RecordedWorkflows(), SystemClock(), shipped_keywords(), wording())
    app = build(bank.dependencies.settings, bank.pool, *parts)
    transport = httpx.ASGITransport(app, raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://inside:8080") as client:
        got = await client.get(urlsplit(url).path)
        assert (got.status_code, got.headers["Content-Type"]) == (200, "image/png")
        assert hashlib.sha256(got.content).hexdigest() == row["sha256"]
        assert got.headers["Content-Disposition"] == 'inline; filename="pix.png"'
        attempt = await bank.pool.fetchval("SELECT attempt_id FROM attempts")
        over = FileLink(attempt, 0, datetime.now(UTC) - timedelta(seconds=1))
        assert (await client.get(f"/f/{token(KEY, over)}")).status_code == 404
        await bank.pool.execute("UPDATE attached SET drawn = drawn || ' '")
        assert (await client.get(urlsplit(url).path)).status_code == 404, "drawn otherwise by now"
        await bank.pool.execute("UPDATE attached SET left_away = 'it was not'")
        assert (await client.get(urlsplit(url).path)).status_code == 404
