"""How soon an account is told of what its customer wrote, and whether a burst of them loses any.

From the moment a signed webhook is sent to the gateway, a process of its own, to the instant at
which Temporal's own history says that the account's workflow was signalled. Both on this machine's
clock. Every message is of another customer, and is read, recorded and told as any other.
"""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from statistics import median, quantiles
from typing import Any

import httpx
from temporalio.api.enums.v1 import EventType
from twilio.request_validator import RequestValidator

from config.settings import ROOT
from domain.names import TWILIO_INBOUND
from lab.bench.contacts import Handle, phone, start_account
from lab.bench.figures import Row
from lab.bench.rig import DATABASE, Rig, answering
from lab.builders.parts import SANDBOX
from lab.local.postgres import free_port
from workers.worker import running

FIRST = 5_000
"""Numbers of these customers: others' telephones end below."""
SENDERS = 50
"""Connections that the provider has open."""
TEXT = "gracias, lo reviso"
TOLD = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
SIGNALLED_WITHIN = 60
"""Seconds after the last message."""

Post = Callable[[int], Awaitable[None]]


async def measure(rig: Rig, rate: int, seconds: int, burst: int) -> list[Row]:
    """Messages at an even rate for some seconds, and then as many at once."""
    async with running(rig.client, rig.lean):
        handles = await _accounts(rig, max(rate * seconds, burst))
        chosen = list(handles)
        async with _gateway(rig) as post:
            await _told(handles, await _sent(post, chosen[:SENDERS], 1 / rate))  # warm
            took = await _told(handles, await _sent(post, chosen[: rate * seconds], 1 / rate))
            told = await _told(handles, await _sent(post, chosen[:burst], 0))
        await asyncio.gather(*(handle.terminate("measured") for handle in handles.values()))
    tenths = quantiles(took.values(), n=10)
    return [
        Row(
            f"ms from a signed message to its account told, {rate} a second",
            f"{median(took.values()):.0f} (nine of ten within {tenths[-1]:.0f})",
            "",
            target="< 50",
        ),
        Row(f"of {burst:,} messages at once, lost", str(burst - len(told)), "", target="0"),
    ]


async def _accounts(rig: Rig, many: int) -> dict[int, Handle]:
    """Accounts that wait, by number."""
    later, gate = datetime.now(UTC) + timedelta(hours=1), asyncio.Semaphore(SENDERS)

    async def one(number: int) -> tuple[int, Handle]:
        async with gate:
            return number, await start_account(rig, rig.lean, number, later)

    return dict(await asyncio.gather(*(one(FIRST + n) for n in range(many))))


@asynccontextmanager
async def _gateway(rig: Rig) -> AsyncIterator[Post]:
    """A gateway as a process, and what posts to it the signed message of a number."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    secret = SANDBOX.twilio_auth_token.get_secret_value()
    given = {
        "CONTRAPUNTO_DATABASE_URL": rig.postgres.database_url(DATABASE),
        "CONTRAPUNTO_GATEWAY_PORT": str(port),
        "CONTRAPUNTO_PUBLIC_URL": url,
        "TEMPORAL_ADDRESS": rig.temporal.address,
        "TWILIO_AUTH_TOKEN": secret,
    }
    with (rig.folder / "gateway.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "workers", "gateway"),
            cwd=ROOT,
            env={**os.environ, **given},
            stdout=log,
            stderr=log,
        )
    of_twilio: Any = RequestValidator  # which has no types
    validator, sids = of_twilio(secret), count(1)
    target = f"{url}{TWILIO_INBOUND}"
    limits = httpx.Limits(max_connections=SENDERS, max_keepalive_connections=SENDERS)
    try:
        async with httpx.AsyncClient(trust_env=False, limits=limits, timeout=60) as http:

            async def post(number: int) -> None:
                fields = {
                    "MessageSid": f"SM{next(sids)}",
                    "From": phone(number),
                    "To": SANDBOX.default_sender,
                    "Body": TEXT,
                }
                signed = {"X-Twilio-Signature": validator.compute_signature(target, fields)}
                (await http.post(target, data=fields, headers=signed)).raise_for_status()

            await answering(f"{url}/readyz", "the gateway")
            yield post
    finally:
        process.terminate()
        await process.wait()


async def _sent(post: Post, numbers: Sequence[int], apart: float) -> dict[int, datetime]:
    """Send a message of each, so many seconds apart; when each was sent."""
    sent: dict[int, datetime] = {}
    gate = asyncio.Semaphore(SENDERS)

    async def one(number: int) -> None:
        async with gate:
            sent[number] = datetime.now(UTC)
            await post(number)

    began, sending = time.monotonic(), []
    for place, number in enumerate(numbers):
        await asyncio.sleep(max(0, began + place * apart - time.monotonic()))
        sending.append(asyncio.create_task(one(number)))
    await asyncio.gather(*sending)
    return sent


async def _told(handles: Mapping[int, Handle], sent: Mapping[int, datetime]) -> dict[int, float]:
    """Milliseconds from the sending of each message to its account's signal, of those told."""
    deadline = time.monotonic() + SIGNALLED_WITHIN
    took: dict[int, float] = {}
    while len(took) < len(sent) and time.monotonic() < deadline:
        for number in sent.keys() - took.keys():
            history = await handles[number].fetch_history()
            told = [
                event.event_time.ToDatetime(UTC)
                for event in history.events
                if event.event_type == TOLD
            ]
            after = [at for at in told if at >= sent[number] - timedelta(milliseconds=1)]
            if after:
                took[number] = 1000 * (min(after) - sent[number]).total_seconds()
        await asyncio.sleep(0.5)
    return took
