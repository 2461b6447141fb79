"""People who contact one customer, at an instant that the test says."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from config.results.catalogue import load_results
from config.settings import ROOT, Settings
from domain.failures import BadInput
from domain.names import contact_point_id
from store.database import Pool
from tests.support.time import before_hours
from workers.accounts import Accounts
from workers.cli.rules import rules_factory
from workers.contacts.acting import Done, People
from workers.contacts.asking import Came, New

MOBILE, LANDLINE = "+573001234567", "+576012345678"
HERS = (("sms", "mobile", MOBILE), ("voice", "mobile", MOBILE), ("voice", "landline", LANDLINE))
CALLED = contact_point_id("C1", "voice", MOBILE)
HOME = contact_point_id("C1", "voice", LANDLINE)
RESULTS = load_results(ROOT / "config" / "results" / "results.yaml")
HOUR = timedelta(hours=1)


def mid_morning() -> datetime:
    """10:00 in Bogota on a working day that two working days follow."""
    return (before_hours() + 5 * HOUR).astimezone(UTC)


class Told(Accounts):
    """Who was told to plan anew, and what was asked of whom."""

    def __init__(self, refuses: str | None = None) -> None:
        self.refuses = refuses
        self.told: list[str] = []
        self.asked: list[Mapping[str, Any]] = []

    async def plan_anew(self, account: str, why: str, done: str) -> bool:
        self.told.append(account)
        return True

    async def ask(
        self,
        workflow: str,
        update: str,
        payload: Mapping[str, Any],
        *,
        patience: float = 1,
        name: str | None = None,
    ) -> dict[str, Any]:
        self.asked.append({"workflow": workflow, "update": update, **payload})
        if self.refuses is not None:
            raise BadInput(self.refuses)
        return {}


class At:
    """A clock that shows what it is told to."""

    by_workflow = False

    def __init__(self, at: datetime) -> None:
        self.at = at

    async def now(self, workflow_id: str | None) -> datetime:
        return self.at


class Desk:
    """Somebody with a telephone."""

    def __init__(self, pool: Pool, at: datetime, *, refuses: str | None = None) -> None:
        self.pool, self.clock, self.accounts = pool, At(at), Told(refuses)
        settings = Settings(_env_file=None)
        rules = rules_factory(settings)
        self.people = People(pool, self.accounts, self.clock, rules, RESULTS)

    @property
    def now(self) -> datetime:
        return self.clock.at

    async def begin(self, name: str = "c1", **said: Any) -> Done:
        return await self.people.begin(new(name, **said))

    async def end(self, result: str, name: str = "c1", **said: Any) -> Done:
        return await self.people.end(name, Came(result, **said))

    async def record(
        self, result: str, at: datetime, name: str = "c1", came: Mapping[str, Any] = {}, **said: Any
    ) -> Done:
        return await self.people.record(new(name, **said), at, Came(result, **came))


def new(name: str = "c1", account_id: str = "A1", action: str = "call", **said: Any) -> New:
    """A call about A1 to her mobile, unless said otherwise."""
    known = {"creditor": "bank", "by": "ana", "point": CALLED, **said}
    return New(contact_id=name, account_id=account_id, action=action, **known)
