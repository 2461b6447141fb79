"""The rooms on real parts: PostgreSQL, providers' SDKs against the sandbox, real law and words."""

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from activities.channels.registry import providers
from activities.house import House
from activities.store.database import Pool
from config.lawbooks import load_packs
from config.playbooks import load_strategies
from config.settings import Settings
from config.whatsapp import WhatsAppTemplates
from config.wording import Wording
from domain.names import contact_point_id
from workers.sandbox.settings import Settings as SandboxSettings

SANDBOX = SandboxSettings()
STRICT: dict[str, Any] = {
    "workflow_runner": SandboxedWorkflowRunner(),
    "max_cached_workflows": 0,
}
"""For workers of a test: what is not deterministic fails, each task replays all."""


def second_providers(sandbox_url: str) -> dict[str, Any]:
    """Settings with which Infobip and Resend are the sandbox, too."""
    return {
        "infobip_api_key": SANDBOX.infobip_api_key.get_secret_value(),
        "infobip_base_url": sandbox_url,
        "infobip_from": SANDBOX.default_sender,
        "infobip_webhook_secret": SANDBOX.infobip_webhook_secret.get_secret_value(),
        "resend_api_key": SANDBOX.resend_api_key.get_secret_value(),
        "resend_from": "collections@example.com",
        "resend_base_url": sandbox_url,
    }


def settings_for(sandbox_url: str, **overrides: Any) -> Settings:
    """Settings whose providers are the sandbox."""
    values: dict[str, Any] = {
        "twilio_account_sid": SANDBOX.twilio_account_sid,
        "twilio_auth_token": SANDBOX.twilio_auth_token.get_secret_value(),
        "twilio_from": SANDBOX.default_sender,
        "twilio_base_url": sandbox_url,
        "sendgrid_api_key": SANDBOX.sendgrid_api_key.get_secret_value(),
        "sendgrid_from": "collections@example.com",
        "sendgrid_base_url": sandbox_url,
        "public_url": "http://127.0.0.1:9",
        "provider_timeout": 3,
    }
    return Settings(**{**values, **overrides})


_packs = cache(load_packs)
wording = cache(Wording.load)
"""Read once a run: they take seconds, and no test changes them."""


@cache
def _whatsapp() -> WhatsAppTemplates:
    return WhatsAppTemplates.load(Settings().whatsapp_templates, wording(), sandbox=True)


@contextlib.contextmanager
def house_for(pool: Pool, settings: Settings) -> Iterator[House]:
    """All the activities need."""
    with ThreadPoolExecutor(8) as senders:
        yield House(
            settings,
            pool,
            load_strategies(settings.strategies),
            _packs(),
            wording(),
            providers(settings),
            senders,
            _whatsapp(),
        )


async def add_customer(
    pool: Pool,
    customer_id: str = "C1",
    *,
    country: str = "CO",
    zones: tuple[str, ...] = ("America/Bogota",),
    points: tuple[tuple[str, str, str], ...] = (
        ("sms", "mobile", "+573001234567"),
        ("email", "email", "ana@example.com"),
    ),
    preferred: str | None = None,
    consented: bool = True,
) -> None:
    """A customer as intake would leave them."""
    await pool.execute(
        "INSERT INTO customers (customer_id, name, locale, country, zones, preferred_channel) "
        "VALUES ($1, 'Ana Rojas', $2, $3, $4, $5)",
        customer_id,
        "en-US" if country == "US" else f"es-{country}",
        country,
        list(zones),
        preferred,
    )
    for channel, kind, address in points:
        await pool.execute(
            "INSERT INTO contact_points (contact_point_id, customer_id, channel, kind, address, "
            "consented) VALUES ($1, $2, $3, $4, $5, $6)",
            contact_point_id(customer_id, channel, address),
            customer_id,
            channel,
            kind,
            address,
            consented,
        )
        await pool.execute(
            "INSERT INTO law_events (event_id, customer_id, kind, at, channel) "
            "VALUES ($1, $2, 'opt_in', $3, $4)",
            f"opt_in:{customer_id}:{channel}",
            customer_id,
            datetime.now(UTC),
            channel,
        )


async def add_account(
    pool: Pool,
    account_id: str = "A1",
    customer_id: str = "C1",
    *,
    creditor: str = "bank",
    balance: str = "150000.00",
    currency: str = "COP",
    due: date,
) -> None:
    """An account as intake would leave it."""
    await pool.execute(
        "INSERT INTO accounts (creditor, account_id, customer_id, currency, balance, "
        "balance_as_of, oldest_due_date, since) VALUES ($1, $2, $3, $4, $5, $6, $7, $6)",
        creditor,
        account_id,
        customer_id,
        currency,
        Decimal(balance),
        datetime.now(UTC),
        due,
    )


async def attempts(pool: Pool) -> list[dict[str, Any]]:
    """All rows of the ledger, oldest first."""
    rows = await pool.fetch("SELECT * FROM attempts ORDER BY reserved_at, step")
    return [dict(row) for row in rows]
