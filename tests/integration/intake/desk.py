"""Everything an intake needs, with a stand-in for Temporal, and what PostgreSQL then holds."""

import io
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from rich.console import Console

from activities.orders import AccountRef
from activities.planning import decide, situation_of
from domain.law.request import LawEvent
from domain.planning.step import Step
from lab.builders.intake_files import AS_OF, FakeStarter, write_csv
from lab.builders.parts import dependencies_for, settings_for
from store.database import Pool
from store.law_events import record
from workers.intake.command import intake, intake_command
from workers.intake.limits import Limits
from workers.intake.report import IntakeReport

DAY = timedelta(days=1)
LENIENT = Limits()
_ids = count()


@dataclass
class Desk:
    """Everything an intake needs, with Temporal's stand-in."""

    pool: Pool
    folder: Path
    starter: FakeStarter

    async def take(
        self,
        content: list[dict[str, str]] | Path,
        *,
        as_of: datetime = AS_OF,
        snapshot: bool = False,
        starter: FakeStarter | None = None,
        limits: Limits = LENIENT,
    ) -> IntakeReport:
        path = self.file(content)
        return await intake(
            path,
            snapshot=snapshot,
            as_of=as_of,
            pool=self.pool,
            starter=starter or self.starter,
            console=Console(file=io.StringIO()),
            limits=limits,
        )

    async def command(
        self,
        path: Path,
        *,
        starter: FakeStarter | None = None,
        as_of: datetime = AS_OF,
        now: datetime | None = AS_OF,
        snapshot: bool = False,
        limits: Limits = LENIENT,
        as_json: bool = False,
        facts: Callable[[], Awaitable[int]] | None = None,
    ) -> tuple[int, str]:
        """Exit status, and what was said."""
        console = Console(file=io.StringIO(), width=80)
        status = await intake_command(
            path,
            snapshot=snapshot,
            as_of=as_of,
            now=now,
            limits=limits,
            as_json=as_json,
            facts=facts,
            pool=self.pool,
            starter=starter or self.starter,
            console=console,
        )
        assert isinstance(console.file, io.StringIO)
        return status, console.file.getvalue()

    def file(self, content: list[dict[str, str]] | Path) -> Path:
        if isinstance(content, Path):
            return content
        return write_csv(self.folder / "accounts.csv", content)

    async def account(self, account_id: str = "A1") -> dict[str, Any]:
        found = await self.pool.fetchrow("SELECT * FROM accounts WHERE account_id = $1", account_id)
        assert found is not None
        return dict(found)

    async def points(self, customer_id: str = "C1") -> dict[tuple[str, str], tuple[bool, bool]]:
        """(channel, address) -> (current, consented)."""
        found = await self.pool.fetch(
            "SELECT * FROM contact_points WHERE customer_id = $1", customer_id
        )
        return {(p["channel"], p["address"]): (p["current"], p["consented"]) for p in found}

    async def says(self, kind: str, at: datetime, customer: str = "C1", **more: Any) -> None:
        """The customer's word, by another door than a file."""
        event = LawEvent.model_validate({"kind": kind, "at": at, **more})
        async with self.pool.acquire() as connection:
            assert await record(connection, f"file:{next(_ids)}", customer, event, at, "a file")

    async def plan(self, now: datetime, account_id: str = "A1") -> Step:
        """What the planner makes of what is on record."""
        settings = settings_for("http://127.0.0.1:9")
        with dependencies_for(self.pool, settings) as dependencies:
            async with self.pool.acquire() as connection:
                ref = AccountRef(creditor="banco-andino", account_id=account_id)
                found = await situation_of(dependencies, connection, ref, now)
            assert found is not None
            situation, rules, _ = found
            return decide(dependencies, situation, rules, now)

    async def count(self, table: str) -> int:
        return int(await self.pool.fetchval(f"SELECT count(*) FROM {table}"))

    async def event(self, kind: str, at: datetime, channel: str | None = "sms") -> None:
        await self.pool.execute(
            "INSERT INTO law_events (event_id, customer_id, kind, at, channel) "
            "VALUES ($1, 'C1', $2, $3, $4)",
            f"{kind}:{at}",
            kind,
            at,
            channel,
        )
