"""Rows of a ledger that is written by hand, each as it would be in the end."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from activities.reporting.collecting import collect
from config.rule_packs import load_packs
from domain.report.figures import Dimension
from domain.report.lawful import openings
from domain.report.period import Period
from domain.report.prices import Prices
from domain.report.report import Report
from store.database import Pool

PRICES = Prices.model_validate(
    {
        "currency": "USD",
        "channels": {
            "sms": {
                "unit": "segment",
                "countries": {
                    "CO": {"price": "0.05", "source": "by hand", "read": "2026-11-01"},
                    "MX": {"price": "0.10", "source": "by hand", "read": "2026-11-01"},
                },
            },
            "whatsapp": {
                "unit": "message",
                "charged": "delivered",
                "countries": {"*": {"price": "0.01", "source": "by hand", "read": "2026-11-01"}},
            },
            "email": {
                "unit": "message",
                "countries": {"*": {"price": "0.001", "source": "by hand", "read": "2026-11-01"}},
            },
            "voice": {
                "unit": "minute",
                "countries": {"*": {"price": "0.06", "source": "by hand", "read": "2026-11-01"}},
            },
        },
        "call_minutes": {"conversation": 2},
        "people_minute": {"*": {"price": "0.20", "source": "by hand", "read": "2026-11-01"}},
        "work_minutes": 6,
        "rates": {"COP": {"worth": "4000", "source": "by hand", "read": "2026-11-01"}},
    }
)

LAW = openings(load_packs().packs, "third_party")


def at(day: str, clock: str = "15:00") -> datetime:
    """An instant of November 2026, or of another month, in UTC."""
    day = f"2026-11-{day}" if len(day) == 2 else f"2026-{day}"
    return datetime.fromisoformat(f"{day}T{clock}:00+00:00")


class Book:
    """Writes rows as they are in the end: triggers, which hold moves, rest."""

    def __init__(self, pool: Pool) -> None:
        self.pool, self._steps = pool, 0

    async def row(self, table: str, **values: Any) -> None:
        """One row."""
        names = ", ".join(values)
        places = ", ".join(f"${place}" for place in range(1, len(values) + 1))
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute("SET LOCAL session_replication_role = replica")
            statement = f"INSERT INTO {table} ({names}) VALUES ({places})"
            await connection.execute(statement, *values.values())

    async def account(
        self,
        account: str,
        customer: str,
        currency: str = "COP",
        country: str = "CO",
        **more: Any,
    ) -> None:
        """An account of a customer; the customer, if there is none."""
        creditor, _, account_id = account.partition("/")
        if not await self.pool.fetchval("SELECT 1 FROM customers WHERE customer_id = $1", customer):
            zone = {"CO": "America/Bogota", "MX": "America/Mexico_City"}.get(country, "UTC")
            await self.row(
                "customers",
                customer_id=customer,
                name="Ana",
                locale=f"es-{country}",
                country=country,
                zones=[zone],
            )
        facts = {"balance": Decimal(100), "oldest_due_date": at("01").date(), "since": None, **more}
        await self.row(
            "accounts",
            creditor=creditor,
            account_id=account_id,
            customer_id=customer,
            currency=currency,
            balance_as_of=at("01"),
            **facts,
        )

    async def attempt(
        self,
        account: str,
        customer: str,
        when: datetime,
        channel: str = "sms",
        state: str = "delivered",
        **more: Any,
    ) -> str:
        """An attempt, as it ended; its id."""
        self._steps += 1
        creditor, _, account_id = account.partition("/")
        name = f"{self._steps:024x}"
        facts: Mapping[str, Any] = {
            "phase": "early",
            "purpose": "reminder",
            "provider": "sendgrid" if channel == "email" else "twilio",
            "zones": ["America/Bogota"],
            **more,
        }
        await self.row(
            "attempts",
            attempt_id=name,
            creditor=creditor,
            account_id=account_id,
            customer_id=customer,
            covers=[account],
            step=self._steps,
            touch=1,
            channel=channel,
            contact_point_id="P",
            state=state,
            jurisdictions=["CO"],
            not_before=when,
            not_after=when,
            facts_seen=0,
            reserved_at=when,
            dispatched_at=when + timedelta(seconds=1),
            **facts,
        )
        return name

    async def report(
        self, first: str = "01", last: str = "10", zone: str = "UTC", prices: Prices = PRICES
    ) -> Report:
        """The report of some days, by everything."""
        period = Period.checked(at(first).date(), at(last).date(), zone)
        return await collect(self.pool, period, prices, list(Dimension), datetime.now(UTC), LAW)
