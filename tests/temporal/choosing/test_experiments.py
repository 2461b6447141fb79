"""A running account goes by the strategy of its person's arm, and by the champion's once that is
closed: by itself, in the wait that it was in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import Client

from activities.dependencies import Dependencies
from domain.experiments.assignment import drawn
from domain.experiments.experiment import Experiment
from domain.experiments.judging import Finding, Kind
from domain.experiments.trial import Trial
from lab.builders.parts import STRICT
from store.database import Pool
from store.experiments import findings
from tests.support.life import Life, days_ago
from tests.support.rows import add_account, add_customer
from workers.accounts import Accounts
from workers.experiments.evaluating import tell
from workers.worker import running


def experiment() -> Experiment:
    today = datetime.now(UTC).date()
    return Experiment.model_validate(
        {
            "id": "gentle-start",
            "version": 1,
            "starts": today - timedelta(days=30),
            "until": today + timedelta(days=300),
            "arms": [
                {"name": "usual", "share": "0.5", "strategy": "default"},
                {"name": "gentle", "share": "0.5", "strategy": "gentle"},
            ],
            "champion": "usual",
            "margin": "0.03",
        }
    )


def trying(rooms: Dependencies, one: Experiment) -> Dependencies:
    """Beside `default` there is `gentle`, whose phases have other names."""
    own = rooms.strategies["default"]
    phases = tuple(each.model_copy(update={"name": f"gentle-{each.name}"}) for each in own.phases)
    gentle = own.model_copy(update={"id": "gentle", "phases": phases})
    known = {**rooms.strategies, "gentle": gentle}
    return replace(rooms, strategies=known, trials=(Trial(one),))


@pytest.mark.usefixtures("working_morning")
async def test_an_account_goes_by_its_arm_and_by_the_champion_once_that_is_closed(
    life: Life, pool: Pool, client: Client, rooms: Dependencies
) -> None:
    one = experiment()
    names = (f"C{n}" for n in range(1_000))
    who = next(c for c in names if (arm := drawn(one, "bank", c, ())) and arm.name == "gentle")
    await add_customer(pool, who, preferred="sms")
    await add_account(pool, life.account_id, who, due=days_ago(10))
    async with running(client, trying(rooms, one), **STRICT):
        await life.start()
        found = await life.until(lambda state: state["phase"].startswith("gentle-"))
        assert found["phase"] == "gentle-early"
        run = (await life.handle.describe()).run_id

        async with pool.acquire() as connection, connection.transaction():
            closed = Finding(Kind.CLOSED, "gentle", None, "harm")
            assert await findings.keep(connection, one.id, closed, {}, datetime.now(UTC))
            assert await findings.have_told(connection, "gentle-start:gentle", "closed") == 1
        assert await tell(pool, Accounts(client)) == 1
        await life.until(lambda state: state["phase"] == "early")
        assert await pool.fetchval("SELECT count(*) FROM untold") == 0

        await life.to_next()
    arms, phase = await pool.fetchrow("SELECT arms, phase FROM attempts") or ((), "")
    assert (arms, phase) == (["gentle-start:gentle"], "early"), "counted where they were drawn"
    choices = await pool.fetch("SELECT strategy, reason FROM strategy_choices ORDER BY choice")
    assert [tuple(each) for each in choices] == [
        ("gentle", "arm gentle-start:gentle"),
        ("default", "arm gentle-start:gentle, which is closed: as the champion usual"),
    ]
    described = await life.handle.describe()
    assert (described.run_id, described.status) == (run, 1)
