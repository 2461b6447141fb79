"""Rows of PostgreSQL as intake would leave them, and the ledger as it stands."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.names import contact_point_id
from store.database import Pool


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
            "VALUES ($1, $2, 'opt_in', $3, $4) ON CONFLICT DO NOTHING",
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
        datetime.now(UTC) - timedelta(hours=1),  # older than any payment that a test makes
        due,
    )


async def attempts(pool: Pool) -> list[dict[str, Any]]:
    """All rows of the ledger, oldest first."""
    rows = await pool.fetch("SELECT * FROM attempts ORDER BY reserved_at, step")
    return [dict(row) for row in rows]
