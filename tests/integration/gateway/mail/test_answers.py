"""From our mail to what a person answers: sent by our own client, quoted back by the sandbox's
mailbox, and read by the gateway over real HTTP."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import uvicorn

from activities.channels.base import Accepted, Outbound
from activities.channels.resend_email import ResendEmail
from activities.channels.sendgrid_email import SendGridEmail
from domain.channels import Channel
from domain.names import RESEND_EVENTS, SENDGRID_INBOUND
from lab.builders.parts import wording
from lab.local.postgres import free_port
from lab.sandbox.app import create_app
from lab.sandbox.providers.mail_answers import AUTHENTICATION_SERVER
from lab.sandbox.providers.sendgrid_webhook import public_key
from lab.sandbox.server import in_thread
from lab.sandbox.settings import Settings as SandboxSettings
from store.database import Pool
from tests.integration.gateway.conftest import Edge, serving
from tests.integration.gateway.mail.mails import MAILBOX

TOLD = SandboxSettings()


@dataclass
class Town:
    """The gateway, and the sandbox with her mailbox."""

    edge: Edge
    sandbox: str

    async def says(self, text: str, *, message: str, **more: Any) -> str:
        """She answers one of our mails."""
        async with httpx.AsyncClient(base_url=self.sandbox) as client:
            body = {"message": message, "text": text, **more}
            answer = await client.post("/_sandbox/say", json=body)
        answer.raise_for_status()
        return str(answer.json()["outcome"])

    def send(self, provider: str, attempt: str = "a1") -> str:
        """One mail of ours with the footer that tells how to stop; its id in the sandbox."""
        footer = next(line for line in wording().lines_by_mail if "la palabra BASTA" in line)
        client: SendGridEmail | ResendEmail
        if provider == "sendgrid":
            client = SendGridEmail(TOLD.sendgrid_api_key, "us@banco.example", base_url=self.sandbox)
        else:
            client = ResendEmail(TOLD.resend_api_key, "us@banco.example", base_url=self.sandbox)
        sent = client.send(
            Outbound(
                attempt_id=attempt,
                account="acme/A-1",
                channel=Channel.EMAIL,
                to=MAILBOX,
                text=f"Hola, Ana:\n\nTodavía no vemos este pago.\n\n{footer}\n",
                subject="Un pago pendiente",
                callback_url="http://127.0.0.1:9",
                validity_seconds=600,
            )
        )
        assert isinstance(sent, Accepted)
        found = httpx.get(f"{self.sandbox}/_sandbox/messages").json()["messages"]
        return str(found[-1]["id"])


@asynccontextmanager
async def listening(app: Any, port: int) -> AsyncIterator[None]:
    """The application on a port, in this loop: its connections belong to it."""
    config = uvicorn.Config(app, port=port, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await running


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def sandbox(port: int) -> Iterator[str]:
    gateway = f"http://127.0.0.1:{port}"
    settings = SandboxSettings(
        sendgrid_inbound_url=f"{gateway}{SENDGRID_INBOUND}",
        resend_events_url=f"{gateway}{RESEND_EVENTS}",
        fixed_personas={MAILBOX: "ignorer"},
        callback_retries=0,
    )
    with in_thread(create_app(settings)) as url:
        yield url


@pytest.fixture
async def town(pool: Pool, sandbox: str, port: int) -> AsyncIterator[Town]:
    more: dict[str, Any] = {
        "sendgrid_inbound_public_key": public_key(TOLD.seed),
        "resend_api_key": TOLD.resend_api_key,
        "resend_webhook_secret": TOLD.resend_webhook_secret,
        "resend_base_url": sandbox,
        "resend_authentication_server": AUTHENTICATION_SERVER,
    }
    async with serving(pool, **more) as edge:
        await edge.customer("c-1", email=MAILBOX)
        await edge.account("c-1")
        app = edge.client._transport.app  # type: ignore[attr-defined]
        async with listening(app, port):
            yield Town(edge, sandbox)


@pytest.mark.parametrize("provider", ["sendgrid", "resend"])
async def test_she_answers_a_mail_and_only_her_words_count(town: Town, provider: str) -> None:
    message = await asyncio.to_thread(town.send, provider)
    assert await town.says("Pago el viernes 15", message=message) == "said"
    assert await town.edge.rows("SELECT provider, text, intent FROM inbound") == [
        {"provider": provider, "text": "Pago el viernes 15", "intent": "promise"}
    ]
    assert await town.edge.rows("SELECT FROM law_events") == []
    assert await town.says("No me escriban más", message=message) == "said"
    events = await town.edge.rows("SELECT kind, channel FROM law_events")
    assert events == [{"kind": "opt_out", "channel": "email"}]
    told = [signal[2]["intent"] for signal in town.edge.workflows.signals if "intent" in signal[2]]
    assert told == ["promise", "opt_out"]
