"""The real application over real PostgreSQL; only Temporal is a recorder."""

import base64
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import SecretStr
from starlette.datastructures import ImmutableMultiDict
from twilio.request_validator import RequestValidator

from activities.channels.unsubscribe import unsubscribe_url
from config.keywords import shipped_keywords
from config.settings import Settings
from domain.failures import BadInput, Misconfigured, Unavailable
from domain.names import attempt_id, contact_point_id
from lab.builders.parts import wording
from store.database import Pool
from store.provider_events import ProviderEvents
from tests.support.access.roles import acting_as
from workers.clock import SystemClock
from workers.gateway.app import build
from workers.gateway.flow import Flow

PUBLIC = "https://hooks.example.test/edge"
TOKEN, PREVIOUS = "current-token", "previous-token"
KEY = ec.derive_private_key(12345, ec.SECP256R1())
STRANGER = ec.derive_private_key(54321, ec.SECP256R1())
INFOBIP_SECRET = "a-long-random-text"
RESEND_SECRET = b"resend-signing-secret-24"
NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)


class RecordedWorkflows:
    """Temporal's place: remembers every signal, and can be down."""

    def __init__(self) -> None:
        self.signals: list[tuple[str, str, dict[str, str]]] = []
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.refuses: str | None = None
        self.down = False
        self.refused: set[str] = set()
        """Workflows that Temporal takes no signals for, as of one with too many."""

    async def ask(
        self, workflow: str, update: str, payload: Mapping[str, str], *, patience: float
    ) -> None:
        if self.down:
            raise Unavailable("Temporal does not answer: test")
        self.asked.append((workflow, update, dict(payload)))
        if self.refuses is not None:
            raise BadInput(self.refuses)

    async def tell(self, workflow: str, signal: str, payload: Mapping[str, str]) -> bool:
        if self.down:
            raise Unavailable("Temporal does not answer: test")
        if workflow in self.refused:
            raise Misconfigured("Temporal refused the request: test")
        self.signals.append((workflow, signal, dict(payload)))
        return True

    async def ping(self) -> None:
        if self.down:
            raise Unavailable("Temporal does not answer: test")


@dataclass
class Edge:
    """A provider's view of the gateway, and the ledger behind it."""

    client: httpx.AsyncClient
    pool: Pool
    workflows: RecordedWorkflows
    flow: Flow
    callbacks: ProviderEvents
    served: Pool
    """The application's own connections."""
    steps: dict[str, int] = field(default_factory=dict)

    async def twilio(
        self,
        path: str,
        fields: list[tuple[str, str]],
        *,
        query: str = "",
        token: str = TOKEN,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Post a form as Twilio does, signed over the public URL."""
        target = f"{path}?{query}" if query else path
        validator: Any = RequestValidator
        signature = validator(token).compute_signature(
            f"{PUBLIC}{target}", ImmutableMultiDict(fields)
        )
        return await self.client.post(
            target,
            content=urlencode(fields),
            headers=headers
            if headers is not None
            else {
                "X-Twilio-Signature": signature,
                "Content-Type": "application/x-www-form-urlencoded",
            },
        )

    async def status(
        self, attempt: str, status: str, *, code: str = "", sid: str = "SM1"
    ) -> httpx.Response:
        """A status callback of an attempt."""
        fields = [("MessageSid", sid), ("MessageStatus", status), ("To", "+573000000001")]
        if code:
            fields.append(("ErrorCode", code))
        return await self.twilio(
            "/webhooks/twilio/status", fields, query=f"attempt={attempt}&account=acme%2FA-1"
        )

    async def says(
        self, text: str, *, sid: str = "SMin1", address: str = "+573000000001", **more: str
    ) -> httpx.Response:
        """An inbound SMS, with the blank fields that Twilio really sends."""
        fields = [("MessageSid", sid), ("From", address), ("To", "+15005550006"), ("Body", text)]
        fields += [("FromCity", ""), ("FromZip", ""), ("NumMedia", "0"), *more.items()]
        return await self.twilio("/webhooks/twilio/inbound", fields)

    async def events(
        self,
        events: Any,
        *,
        key: ec.EllipticCurvePrivateKey = KEY,
        age: int = 0,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Post a batch as SendGrid does: raw bytes, CRLF at the end."""
        body = events if isinstance(events, bytes) else json.dumps(events).encode() + b"\r\n"
        stamp = str(int(time.time()) - age)
        signature = key.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        signed = {
            "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
            "X-Twilio-Email-Event-Webhook-Timestamp": stamp,
            "Content-Type": "application/json",
        }
        return await self.client.post(
            "/webhooks/sendgrid/events", content=body, headers=signed | (headers or {})
        )

    async def unsubscribes(self, attempt: str) -> httpx.Response:
        """The one click of a mail program (RFC 8058)."""
        url = unsubscribe_url(settings(), attempt)
        assert url is not None
        return await self.client.post(
            url.removeprefix(PUBLIC), data={"List-Unsubscribe": "One-Click"}
        )

    async def customer(
        self, customer: str, *, sms: str = "", email: str = "", voice: str = "", whatsapp: str = ""
    ) -> None:
        """A customer with addresses."""
        await self.pool.execute(
            "INSERT INTO customers (customer_id, name, locale, country, zones) "
            "VALUES ($1, 'Ana', 'es', 'CO', '{America/Bogota}')",
            customer,
        )
        given = (("sms", sms), ("email", email), ("voice", voice), ("whatsapp", whatsapp))
        for channel, address in given:
            if address:
                point = contact_point_id(customer, channel, address)
                await self.pool.execute(
                    "INSERT INTO contact_points (contact_point_id, customer_id, channel, kind, "
                    "address, consented) VALUES ($1, $2, $3, 'mobile', $4, true)",
                    *(point, customer, channel, address),
                )

    async def account(self, customer: str, account: str = "A-1", status: str = "open") -> None:
        """An account of creditor ``acme``."""
        await self.pool.execute(
            "INSERT INTO accounts (creditor, account_id, customer_id, currency, balance, "
            "balance_as_of, oldest_due_date, status) "
            "VALUES ('acme', $1, $2, 'COP', 100, $3, '2026-02-01', $4)",
            *(account, customer, NOW, status),
        )

    async def attempt(
        self,
        customer: str,
        *moves: str,
        account: str = "A-1",
        channel: str = "sms",
        address: str = "+573000000001",
    ) -> str:
        """An attempt taken through ``moves`` after ``reserved``, as the ledger would."""
        step = self.steps[account] = self.steps.get(account, 0) + 1
        made = attempt_id("acme", account, step)
        await self.pool.execute(
            "INSERT INTO attempts (attempt_id, creditor, account_id, customer_id, covers, step, "
            "touch, phase, purpose, channel, provider, contact_point_id, state, jurisdictions, "
            "zones, not_before, not_after, reserved_at, facts_seen, reconcile_at) "
            "VALUES ($1, 'acme', $2, $3, '{}', $4, 1, 'early', 'reminder', $5, 'twilio', $6, "
            "'reserved', '{CO}', '{America/Bogota}', $7, $7, $7, 0, $7)",
            *(made, account, customer, step, channel),
            *(contact_point_id(customer, channel, address), NOW),
        )
        for state in moves:
            await self.pool.execute(
                "UPDATE attempts SET state = $2 WHERE attempt_id = $1", made, state
            )
        return made

    async def row(self, attempt: str) -> dict[str, Any]:
        """The attempt as the ledger holds it."""
        row = await self.pool.fetchrow("SELECT * FROM attempts WHERE attempt_id = $1", attempt)
        assert row is not None
        return dict(row)

    async def rows(self, query: str, *args: object) -> list[dict[str, Any]]:
        """Any rows."""
        return [dict(row) for row in await self.pool.fetch(query, *args)]


def public_key() -> str:
    """The verification key as SendGrid shows it."""
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    der = KEY.public_key().public_bytes(serialization.Encoding.DER, spki)
    return base64.b64encode(der).decode()


def settings(**overrides: Any) -> Settings:
    """Settings of a gateway with all providers."""
    chosen: dict[str, Any] = {
        "public_url": PUBLIC,
        "twilio_auth_token": SecretStr(TOKEN),
        "twilio_previous_auth_token": SecretStr(PREVIOUS),
        "sendgrid_public_key": public_key(),
        "unsubscribe_key": SecretStr("unsubscribe-key"),
        "voice_name": "Harbour Services",
        "voice_person": "Laura Gil",
        "phone": "+12125550100",
        "infobip_webhook_secret": SecretStr(INFOBIP_SECRET),
        "resend_webhook_secret": SecretStr(f"whsec_{base64.b64encode(RESEND_SECRET).decode()}"),
    }
    return Settings(**chosen | overrides)


@asynccontextmanager
async def serving(
    pool: Pool, messages: "Pool | None" = None, **overrides: Any
) -> AsyncIterator[Edge]:
    """The application in its own role; with ``messages``, over these connections as they are."""
    workflows = RecordedWorkflows()
    parts = (workflows, SystemClock(), shipped_keywords(), wording())
    own_role = acting_as("gateway", pool) if messages is None else nullcontext(pool)
    async with own_role as own:
        app = build(settings(**overrides), own, *parts, messages)
        transport = httpx.ASGITransport(app, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://inside:8080") as client:
            yield Edge(client, pool, workflows, app.state.flow, ProviderEvents(own), own)


@pytest.fixture
async def edge(pool: Pool) -> AsyncIterator[Edge]:
    async with serving(pool) as made:
        yield made
