"""A rule pack that changes while an account waits: the workflow goes on under the new law."""

import dataclasses
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from temporalio.client import Client

from activities.dependencies import Dependencies
from config.rule_packs import LAW_DIRECTORY, load_packs
from domain.law.terms import WEEKDAYS
from lab.builders.parts import STRICT
from store.database import Pool
from tests.support.life import Life, days_ago
from tests.support.rows import add_account, add_customer, attempts
from workers.worker import running

BOGOTA = ZoneInfo("America/Bogota")


def closed_on(weekday: str, folder: Path) -> Path:
    """A copy of the packs in which Colombia closes one more day of the week."""
    shutil.copytree(LAW_DIRECTORY, folder)
    path = folder / "co.yaml"
    pack = yaml.safe_load(path.read_text(encoding="utf-8"))
    closed = next(rule for rule in pack["rules"] if rule["kind"] == "closed_days")
    closed["weekdays"] = [*closed["weekdays"], weekday]
    path.write_text(yaml.safe_dump(pack, allow_unicode=True), encoding="utf-8")
    return folder


@pytest.mark.usefixtures("working_morning")
async def test_an_account_that_waits_for_a_window_the_change_closed_is_not_contacted_in_it(
    life: Life, pool: Pool, client: Client, rooms: Dependencies, tmp_path: Path
) -> None:
    await add_customer(pool, preferred="sms")
    await add_account(pool, life.account_id, due=days_ago(10))
    async with running(client, rooms, **STRICT):
        await life.start()
        await life.until(lambda _: True)
        waited_for = await life.next_step()
    run = (await life.handle.describe()).run_id
    window = datetime.fromisoformat(waited_for["not_before"])
    weekday = WEEKDAYS[window.astimezone(BOGOTA).weekday()]

    book = load_packs(closed_on(weekday.value, tmp_path / "law"))
    deployed = dataclasses.replace(rooms, packs=book)
    async with running(client, deployed, **STRICT):
        await life.to(window)
        await life.until(lambda _: True)
        planned = await life.next_step()
        assert await attempts(pool) == []
        opens = datetime.fromisoformat(planned["not_before"])
        assert (planned["kind"], planned["number"]) == ("contact", waited_for["number"])
        assert opens.astimezone(BOGOTA).date() > window.astimezone(BOGOTA).date()

        await life.to_next()
        made = await attempts(pool)
    assert [row["state"] for row in made] == ["accepted"]
    assert made[0]["dispatched_at"] - opens < timedelta(minutes=1)
    assert WEEKDAYS[made[0]["dispatched_at"].astimezone(BOGOTA).weekday()] != weekday
    described = await life.handle.describe()
    assert (described.run_id, described.status) == (run, 1)
