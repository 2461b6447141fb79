"""A customer whose events are noted, a receiver as an upstream system has it, and relays."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest
from aiohttp import web

from config.webhooks.endpoints import Endpoint, Secrets, Webhooks
from domain.outgoing.events import Event, checked
from store.database import Pool
from store.outgoing.stream import Stream
from tests.support.access.roles import acting_as
from tests.support.rows import add_account, add_customer
from workers.relay.app import Relay, wishes_of
from workers.relay.delivering import Pace

KEY = b"k" * 32
SECRET = "whsec_" + base64.b64encode(KEY).decode()
QUICK = Pace(poll=0.02, first_wait=0.02, longest_wait=0.05, lease=30)


@dataclass
class Receiver:
    """What an upstream system was told, and how it answers: by status, or as it is told to."""

    url: str = ""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answer: Callable[[Event], web.Response | Awaitable[web.Response]] = lambda _: web.Response(
        status=204
    )
    raw: bool = False

    @property
    def events(self) -> list[Event]:
        return [Event.model_validate_json(body) for _, body in self.got]

    @property
    def ids(self) -> list[str]:
        return [one.id for one in self.events]

    async def until(self, there: Callable[["Receiver"], bool]) -> None:
        async with asyncio.timeout(60):
            while not there(self):  # noqa: ASYNC110 - read where it fails
                await asyncio.sleep(0.01)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()

    async def take(request: web.Request) -> web.Response:
        body = await request.read()
        made.got.append((dict(request.headers), body))
        answer = made.answer(checked(Event.model_validate(json.loads(body))))
        return answer if isinstance(answer, web.Response) else await answer

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield made
    await runner.cleanup()


def webhooks(url: str, **more: Any) -> Webhooks:
    """One endpoint of the bank's, ``more`` of it."""
    one = {"name": "core", "url": url, "creditors": ("bank",), "secrets": ("env:KEY",)}
    endpoint = Endpoint.model_validate({**one, "private": True, **more})
    return Webhooks(endpoints=(endpoint,))


@asynccontextmanager
async def relaying(
    pool: Pool, told: Webhooks, pace: Pace = QUICK, *keys: bytes
) -> AsyncIterator[Relay]:
    """A relay in its own role."""
    secrets = Secrets({one.name: keys or (KEY,) for one in told.endpoints})
    async with acting_as("relay", pool) as own:
        relay = Relay(own, told, secrets, pace)
        await relay.begin()
        task = asyncio.create_task(relay.run())
        try:
            yield relay
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def noted(pool: Pool) -> Pool:
    """The bank's events are noted; C1 has A1 of it."""
    await Stream(pool).note_for(["bank"])
    await add_customer(pool)
    await add_account(pool, due=date(2026, 11, 1))
    return pool


async def promise(pool: Pool, number: str, account: str = "A1", creditor: str = "bank") -> None:
    """A happening, of which many can be made."""
    await pool.execute(
        "INSERT INTO promises (creditor, account_id, promise_id, amount, due_on, made_at, state) "
        "VALUES ($1, $2, $3, 50, '2026-12-01', $4, 'open')",
        creditor,
        account,
        number,
        datetime(2026, 11, 20, 15, tzinfo=UTC),
    )


async def everything(pool: Pool, told: Webhooks | None = None) -> list[Event]:
    """What is in the stream once all that is noted has its number; each as its type says."""
    stream = Stream(pool)
    while await stream.number(wishes_of(told) if told else []):
        pass
    return [checked(one.event) for one in await stream.read(0, 10_000)]
