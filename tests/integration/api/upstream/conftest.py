"""The API as upstream systems use it, over real PostgreSQL."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from store.database import Pool
from tests.integration.api.conftest import Desk, RecordedAccounts, serving


class StartedAccounts(RecordedAccounts):
    """Also remembers which workflows were started."""

    def __init__(self) -> None:
        super().__init__()
        self.started: list[tuple[str, str, Mapping[str, Any] | None]] = []
        self.ended: set[str] = set()

    async def start(
        self,
        creditor: str,
        account_id: str,
        *,
        as_of: datetime | None = None,
        updated: Mapping[str, Any] | None = None,
    ) -> None:
        await self.ping()
        self.started.append((creditor, account_id, updated))

    async def tell(self, workflow: str, signal: str, payload: Mapping[str, Any]) -> bool:
        return await super().tell(workflow, signal, payload) and workflow not in self.ended


class Core(Desk):
    """The core system of a bank."""

    temporal: StartedAccounts

    async def put(self, path: str, who: str = "core", **more: Any) -> httpx.Response:
        return await self.ask("PUT", path, who, **more)

    async def account(
        self, name: str, who: str = "core", /, headers: Any = None, **other: Any
    ) -> httpx.Response:
        """One account of a new person, unless ``other`` says so."""
        return await self.put(f"/v1/accounts/{name}", who, headers=headers or {}, json=row(**other))

    async def outbox(self) -> list[tuple[str, str]]:
        found = await self.pool.fetch(
            "SELECT creditor, account_id FROM intake_pending ORDER BY 1,2"
        )
        return [(one["creditor"], one["account_id"]) for one in found]


def row(**other: Any) -> dict[str, Any]:
    """What is put; None: left away."""
    told = {
        "customer_id": "P-1",
        "currency": "COP",
        "balance": "450000.00",
        "oldest_due_date": (datetime.now(UTC).date() - timedelta(days=20)).isoformat(),
        "name": "Marta Rojas",
        "country": "CO",
        "mobile": "+573990000001",
        "email": "marta@example.com",
        "consents": ["sms", "email"],
    }
    return {name: value for name, value in (told | other).items() if value is not None}


@pytest.fixture
async def core(pool: Pool, tmp_path: Path, now: datetime) -> AsyncIterator[Core]:
    temporal = StartedAccounts()
    async with serving(pool, tmp_path, now, temporal) as desk:
        made = Core(desk.client, desk.pool, temporal, desk.tokens, desk.keys, desk.now)
        made.temporal = temporal
        yield made
