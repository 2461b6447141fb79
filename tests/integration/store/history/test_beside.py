"""Moving and removing beside contacts, and killed in the middle: nothing is lost, or done twice."""

import asyncio
import signal
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from domain.channels import Channel
from domain.conversation.keywords import Intent
from domain.failures import Unavailable
from domain.history.months import Month, Table
from domain.ledger.attempt import AttemptState
from domain.names import attempt_id
from domain.planning.step import StepKind
from store.database import Pool
from store.history.removing import Removing
from store.provider_events import ProviderEvents
from tests.integration.store.history.aged import ROWS_EACH, add_aged
from tests.support.activities import Actor, accepted
from tests.support.rows import add_account
from workers.retention import app

OLD = 24
THREE_YEARS = {"US": dict.fromkeys(Table, 36), "CO": dict.fromkeys(Table, 36)}


async def test_contacts_beside_are_made_once_each_and_nothing_of_old_comes_back(
    pool: Pool, actor: Actor, now: datetime, sandbox_url: str
) -> None:
    customers = await add_aged(pool, OLD, now, years=5, country="CO")
    actors = []
    for place, customer in enumerate(customers):
        await add_account(
            pool, f"N{place}", customer, due=datetime.now(UTC).date() - timedelta(days=10)
        )
        actors.append(Actor(actor.dependencies, f"N{place}"))
    moved: Counter[Table] = Counter()
    over = asyncio.Event()

    async def goes_on() -> None:
        """Move and remove, row by row, until the contacts are made."""
        removing = Removing(pool, THREE_YEARS)
        while True:
            last = over.is_set()
            moved.update(await app.maintain(pool, now, quiet, chunk=1))
            await app.remove(pool, removing, now, quiet, chunk=1)
            if last:
                return

    async def is_contacted(place: int, one: Actor) -> None:
        step = await one.planned(now)
        assert step.kind is StepKind.CONTACT, step.summary
        await one.contact(step)
        events, at = ProviderEvents(pool), step.not_before
        made = attempt_id("bank", one.account_id, 1)
        for _ in range(2):
            sent = (AttemptState.DELIVERED, None, None, None, at)
            await events.delivery("twilio", f"N{place}:delivered", made, *sent)
            # Of old, told once more.
            old = attempt_id("bank", f"O{place}", 1)
            late = (AttemptState.UNDELIVERED, None, "30003", None, at)
            await events.delivery("twilio", f"O{place}:delivered", old, *late)
            wrote = ("twilio", f"said:O{place}", Channel.SMS, f"+57300{place:07}")
            await events.inbound(*wrote, "STOP", Intent.OPT_OUT, at)

    going = asyncio.create_task(goes_on())
    await asyncio.gather(*(is_contacted(place, one) for place, one in enumerate(actors)))
    over.set()
    await going
    assert len(await accepted(sandbox_url)) == OLD
    made = await pool.fetch("SELECT account_id, state FROM attempts")
    assert sorted(row["account_id"] for row in made) == sorted(f"N{one}" for one in range(OLD))
    assert {row["state"] for row in made} == {"delivered"}
    assert moved == {Table(name): OLD * each for name, each in ROWS_EACH.items()}
    assert await pool.fetchval("SELECT count(*) FROM attempt_keys") == OLD
    left = {table: await pool.fetchval(f"SELECT count(*) FROM {table.history}") for table in Table}
    # What a person wrote is kept while they have an open account, and with it its event.
    kept = (Table.INBOUND, Table.PROVIDER_EVENTS)
    assert left == {table: OLD if table in kept else 0 for table in Table}
    assert await pool.fetchval("SELECT count(*) FROM law_events WHERE kind = 'opt_out'") == 0


def quiet(_table: Table, _month: Month, _rows: int) -> None:
    """Says nothing of what is done."""


async def killed(url: str, *command: str, pool: Pool, once: str) -> None:
    """Run a command, and kill it as soon as something is so."""
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "workers", *command, "--chunk", "1"),
        env={"CONTRAPUNTO_DATABASE_URL": url, "PATH": ""},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    for _ in range(6_000):
        if await pool.fetchval(once) or running.returncode is not None:
            break
        await asyncio.sleep(0.005)
    if running.returncode is None:
        running.send_signal(signal.SIGKILL)
    _, said = await running.communicate()
    assert running.returncode == -signal.SIGKILL, said.decode()


async def once_free(work: Callable[[], Awaitable[Counter[Table]]]) -> Counter[Table]:
    """Do it once PostgreSQL has noticed that the other is no more."""
    for _ in range(3_000):
        try:
            return await work()
        except Unavailable:
            await asyncio.sleep(0.01)
    raise AssertionError("PostgreSQL has not noticed")


@pytest.mark.parametrize("table", [Table.ATTEMPTS, Table.INBOUND])
async def test_killed_in_the_middle_it_goes_on_and_moves_and_removes_each_row_once(
    pool: Pool, database_url: str, now: datetime, table: Table
) -> None:
    await add_aged(pool, 60, now, years=5)
    whole = {name: 60 * each for name, each in ROWS_EACH.items()}
    some = f"SELECT count(*) > 5 FROM {table.history}"
    await killed(database_url, "maintain", pool=pool, once=some)
    both = {
        one.value: await pool.fetchval(
            f"SELECT (SELECT count(*) FROM {one.value}) + (SELECT count(*) FROM {one.history})"
        )
        for one in Table
    }
    assert both == whole
    assert 0 < await pool.fetchval(f"SELECT count(*) FROM {table.history}") < whole[table.value]
    await once_free(lambda: app.maintain(pool, now, quiet))
    assert await pool.fetchval("SELECT count(*) FROM attempt_keys") == 60
    assert await pool.fetchval("SELECT count(*) FROM event_keys") == 180
    assert await pool.fetchval("SELECT count(*) FROM message_keys") == 60
    left = whole[table.value] - 5
    some = f"SELECT count(*) < {left} FROM {table.history}"
    await killed(database_url, "retention", "run", pool=pool, once=some)
    removing = Removing(pool, THREE_YEARS)
    removed = await once_free(lambda: app.remove(pool, removing, now, quiet))
    assert removed[table] < whole[table.value]
    for one in Table:
        assert await pool.fetchval(f"SELECT count(*) FROM {one.history}") == 0
    assert await pool.fetchval("SELECT count(*) FROM attempt_keys") == 60
