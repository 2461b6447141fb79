"""A customer with a link, and the page as their browser sees it."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest

from activities.channels.preference_link import preferences_url
from domain.conversation.wishes.preference import Preference, in_force
from store.database import GATEWAY, MESSAGES, connect
from store.situations import read_situation
from tests.integration.gateway.conftest import PUBLIC, Edge, serving, settings

MOBILE, MAILBOX = "+573000000001", "ana@example.test"
SAVED = {"channel": "whatsapp", "hours": "evening", "days": "weekdays", "language": "en"}


@dataclass
class Page:
    """The page behind one link."""

    edge: Edge
    attempt: str
    path: str

    async def look(self) -> str:
        """Its HTML."""
        answer = await self.edge.client.get(self.path)
        assert answer.status_code == 200
        return answer.text

    async def press(self, action: str, **fields: str) -> httpx.Response:
        """Press the button of one of its forms, as a browser posts that."""
        html = await self.look()
        form = next(f for f in html.split("<form")[1:] if f'value="{action}"' in f)
        assert "action=" not in form.split(">")[0], "it posts to its own address, whatever the path"
        assert urljoin(f"{PUBLIC}{self.path}", "") == f"{PUBLIC}{self.path}"
        filled = dict(re.findall(r'name="(\w+)" value="([^"]+)" required checked', form))
        filled |= {"action": action, "confirm": "yes"} | fields
        for name, value in filled.items():
            assert f'name="{name}" value="{value}"' in form
        return await self.edge.client.post(self.path, data=filled)

    async def post(self, **fields: Any) -> httpx.Response:
        """Post anything."""
        return await self.edge.client.post(self.path, data=fields)

    async def checked(self) -> dict[str, str]:
        """What the page shows as in force."""
        return dict(re.findall(r'name="(\w+)" value="([^"]+)" required checked', await self.look()))

    async def in_force(self) -> Preference:
        """What planning knows."""
        now = datetime.now(UTC)
        async with self.edge.pool.acquire() as connection:
            found = await read_situation(connection, "acme", "A-1", now, {})
        assert found is not None
        return in_force(found[0].preferences, now)

    async def written(self) -> list[dict[str, Any]]:
        """All that any button wrote."""
        return [
            row
            for table in ("preferences", "law_events", "provider_events", "webhook_backlog")
            for row in await self.edge.rows(f"SELECT * FROM {table}")
        ]

    def told(self) -> list[tuple[str, str]]:
        """Who was signalled what."""
        return [signal[:2] for signal in self.edge.workflows.signals]


def said_on(html: str) -> list[str]:
    """The banners of a page."""
    return [unescape(one) for one in re.findall(r'<p class="said[^>]*>([^<]*)</p>', html)]


@pytest.fixture
async def page(database_url: str) -> AsyncIterator[Page]:
    """Of a customer with a telephone and a mailbox, on connections as in production."""
    async with (
        connect(database_url, 10, role=GATEWAY) as pool,
        connect(database_url, 4, role=MESSAGES) as messages,
        serving(pool, messages) as edge,
    ):
        await edge.customer("c-1", sms=MOBILE, whatsapp=MOBILE, voice=MOBILE, email=MAILBOX)
        await edge.account("c-1")
        sent = ("dispatching", "accepted")
        attempt = await edge.attempt("c-1", *sent, channel="email", address=MAILBOX)
        yield Page(edge, attempt, path_of(attempt))


def path_of(attempt: str, at: datetime | None = None) -> str:
    """The path of a link composed at an instant, or now."""
    url = preferences_url(settings(), attempt, at or datetime.now(UTC))
    assert url is not None
    return url.removeprefix(PUBLIC)
