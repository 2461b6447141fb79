"""Every provider of a channel is down for hours: nothing is lost, doubled, unlawful or in a burst.

Real Temporal with time skipping, real PostgreSQL and worker; each account has its own virtual
clock. What was sent is read from the providers' own record.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import combinations
from typing import Any, Final
from zoneinfo import ZoneInfo

import httpx
import pytest
from temporalio.client import Client

from activities.dependencies import Dependencies
from domain.calendar import local_date
from domain.ledger.circuit import LONGEST, OPENS_AFTER
from lab.builders.parts import dependencies_for, second_providers, settings_for
from lab.sandbox.app import create_app
from lab.sandbox.clock import WallClock
from lab.sandbox.persons.bank import PiggyBank
from lab.sandbox.server import in_thread
from lab.sandbox.settings import Settings as SandboxSettings
from store.database import Pool
from tests.support.activities import accepted, fault
from tests.support.life import Life, days_ago
from tests.support.rows import add_account, add_customer, attempts
from workers.worker import running

BOGOTA: Final = ZoneInfo("America/Bogota")
ACCOUNTS: Final = 10
PER_SECOND: Final = 2.0
BURST: Final = 6
"""What the queue lets through at once beyond its rate, and what a busy machine bunches."""
HOP: Final = timedelta(hours=1, minutes=30)


@pytest.fixture
def sandbox_url() -> Iterator[str]:
    """A sandbox of this test's own; everybody ignores what they get."""
    nobody = {"payer": 0, "promiser": 0, "answerer": 0, "opt_outer": 0, "unreachable": 0}
    settings = SandboxSettings(personas={**nobody, "ignorer": 1}, callback_retries=0)
    with in_thread(create_app(settings, clock=WallClock(), bank=PiggyBank())) as url:
        yield url


@pytest.fixture
async def rooms(pool: Pool, sandbox_url: str) -> AsyncIterator[Dependencies]:
    """Two providers for SMS, and a low rate for the whole channel."""
    told = settings_for(sandbox_url, sms_per_second=PER_SECOND, **second_providers(sandbox_url))
    with dependencies_for(pool, told) as made:
        yield made


@pytest.fixture
async def lives(client: Client, pool: Pool) -> list[Life]:
    """Accounts of as many people, who have a mobile and nothing else, all due."""
    made = [Life(client, f"O{nth}") for nth in range(ACCOUNTS)]  # at all places of the day
    for nth, life in enumerate(made):
        number = f"+57300{nth:07d}"
        await add_customer(pool, life.account_id, points=(("sms", "mobile", number),))
        await add_account(pool, life.account_id, life.account_id, due=days_ago(10))
    return made


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("working_morning")
async def test_an_outage_holds_traffic_and_drains_it_lawfully_and_at_the_rate(
    client: Client, rooms: Dependencies, lives: list[Life], pool: Pool, sandbox_url: str
) -> None:
    for name in ("twilio", "infobip"):
        await fault(sandbox_url, "429", None, provider=name)
    async with running(client, rooms, max_cached_workflows=0):
        for life in lives:
            await life.start()
        first = min([await planned(life) for life in lives])
        noon = datetime.combine(local_date(first, ["America/Bogota"]), time(13), BOGOTA)
        back = noon.astimezone(UTC)
        at = first - timedelta(minutes=1)
        while at < back:
            at = min(at + HOP, back)
            await asyncio.gather(*(life.to(at) for life in lives))
        assert await accepted(sandbox_url) == []
        sentences = [(await life.next_step())["summary"] for life in lives]
        held = [words for words in sentences if "held: " in words]
        assert len(held) > ACCOUNTS / 3, sentences
        assert all("are down, next probe" in words or "is down" in words for words in held), held

        async with httpx.AsyncClient(base_url=sandbox_url, trust_env=False) as sandbox:
            await sandbox.delete("/_sandbox/faults")
        await asyncio.gather(*(life.to(back + timedelta(days=1, hours=12)) for life in lives))
        for life in lives:
            await life.until(lambda state: "accepted" in (state["last_contact"] or ""))
        for life in lives:
            await life.handle.terminate()
    await check(await attempts(pool), await accepted(sandbox_url), first, back)


async def check(
    rows: list[dict[str, Any]], taken: list[dict[str, Any]], first: datetime, back: datetime
) -> None:
    touch = [row for row in rows if row["state"] == "accepted" and row["touch"] == 1]
    assert len({row["account_id"] for row in touch}) == len(touch) == ACCOUNTS, "one each"
    names = [message["attempt"] for message in taken]
    assert len(names) == len(set(names)), "nobody twice"
    for row in rows:
        if row["dispatched_at"] is not None:
            lawful(row["dispatched_at"].astimezone(BOGOTA))
    times = sorted(row["dispatched_at"] for row in touch)
    assert times[0] >= back - timedelta(minutes=1)
    lasted = back - first
    assert times[-1] - times[0] > lasted / 8, "spread"
    burst = max(sum(at <= other < at + timedelta(minutes=5) for other in times) for at in times)
    assert burst <= ACCOUNTS / 2, times
    refused = [row for row in rows if row["state"] == "refused"]
    # Of each of two providers: what opens its circuit, probes up to LONGEST, then one in LONGEST.
    probes = 2 * (OPENS_AFTER + 5 + lasted / LONGEST)
    assert len(refused) <= probes, "while all are down there are probes, and little else"

    # The rate is in the machine's time: virtual hours of drain pass in seconds, and still keep it.
    walls = sorted(datetime.fromisoformat(message["at"]) for message in taken)
    for begin, end in combinations(range(len(walls)), 2):
        seconds = (walls[end] - walls[begin]).total_seconds()
        assert end - begin + 1 <= PER_SECOND * seconds + BURST


def lawful(at: datetime) -> None:
    """Ley 2300 de 2023, art. 3, read anew: Monday to Friday 7 to 19, Saturday 8 to 15."""
    opens, closes = (time(8), time(15)) if at.weekday() == 5 else (time(7), time(19))
    assert at.weekday() < 6 and opens <= at.time() < closes, at


async def planned(life: Life) -> datetime:
    """When the first contact is."""
    await life.until(lambda state: state["phase"] == "early")
    return datetime.fromisoformat((await life.next_step())["not_before"])
