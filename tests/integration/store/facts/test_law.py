"""The law inside the reservation, on real PostgreSQL; and what ``law explain`` tells of it."""

import asyncio
import dataclasses
import io
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from activities.dependencies import Dependencies
from config.rule_packs import RulePacks
from config.settings import Settings
from domain.law.model import RulePack
from domain.names import contact_point_id
from domain.planning.step import Step, StepKind
from lab.builders.parts import dependencies_for, settings_for
from store.database import Pool
from tests.support.activities import Actor, accepted
from tests.support.rows import add_account, add_customer, attempts
from workers.cli.law.explain import explain

RACES = 40
AT_ONCE = 10


async def two_accounts(
    pool: Pool, dependencies: Dependencies, n: int, creditors: tuple[str, str], now: datetime
) -> tuple[Actor, Actor]:
    await add_customer(pool, f"C{n}", points=(("sms", "mobile", f"+573001{n:06}"),))
    for creditor, account in zip(creditors, (f"A{n}", f"B{n}"), strict=True):
        due = now.date() - timedelta(days=10)
        await add_account(pool, account, f"C{n}", creditor=creditor, due=due)
    return Actor(dependencies, f"A{n}", creditors[0]), Actor(dependencies, f"B{n}", creditors[1])


@pytest.fixture
async def patient(pool: Pool, sandbox_url: str) -> AsyncIterator[Dependencies]:
    """With time for an answer on a busy machine: one that comes too late makes a contact unknown,
    which is another story than who has the slot."""
    with dependencies_for(pool, settings_for(sandbox_url, provider_timeout=60)) as made:
        yield made


@pytest.mark.timeout(180)
@pytest.mark.parametrize("creditors", [("bank", "bank"), ("bank", "shop")])
async def test_of_two_accounts_that_race_for_one_slot_one_gets_it(
    pool: Pool,
    patient: Dependencies,
    sandbox_url: str,
    now: datetime,
    creditors: tuple[str, str],
) -> None:
    """Colombia leaves one contact a week for the person: the law itself decides every race."""
    chance = Random(7)

    async def race(n: int) -> None:
        pair = await two_accounts(pool, patient, n, creditors, now)
        steps = [await actor.planned(now + timedelta(seconds=5)) for actor in pair]
        at = max(step.not_before for step in steps)

        async def contact(actor: Actor, step: Step) -> Step:
            await asyncio.sleep(chance.random() / 200)
            return await actor.contact(step, at)

        after = await asyncio.gather(*map(contact, pair, steps))
        # Whoever lost was told so by the law, and nobody may be contacted again this week.
        for step in after:
            assert step.not_before >= at + timedelta(days=6)
        if creditors == ("bank", "shop"):
            assert {step.kind for step in after} == {StepKind.CONTACT}

    for first in range(0, RACES, AT_ONCE):
        await asyncio.gather(*(race(n) for n in range(first, first + AT_ONCE)))
    made = [row["customer_id"] for row in await attempts(pool) if row["state"] == "accepted"]
    assert sorted(made) == sorted(f"C{n}" for n in range(RACES))
    assert len(await accepted(sandbox_url)) == RACES


# --- nothing but the packs decides ----------------------------------------------------------------


def under(dependencies: Dependencies, pack: RulePack) -> Dependencies:
    """The same situation under another law of Colombia."""
    return dataclasses.replace(dependencies, packs=RulePacks({"CO": pack}))


def colombia(*rules: dict[str, Any]) -> RulePack:
    filled = [
        {"id": f"co.rule{n}", "title": "a rule", "cite": "Law 1", "mark": "GUARD", **rule}
        for n, rule in enumerate(rules)
    ]
    return RulePack.model_validate(
        {"jurisdiction": "CO", "name": "Test", "zone": "America/Bogota", "rules": filled}
    )


async def test_what_planning_was_told_is_asked_again_when_it_is_reserved(
    dependencies: Dependencies, actor: Actor, pool: Pool, now: datetime
) -> None:
    step = await actor.planned(now)
    strict = Actor(under(dependencies, colombia({"kind": "ban"})))
    after = await strict.contact(step)
    assert (after.kind, after.why) == (StepKind.WAIT, "no_channel")
    assert "Law 1" in after.summary
    assert await attempts(pool) == []


async def test_hours_are_the_packs_alone(
    dependencies: Dependencies, actor: Actor, pool: Pool, now: datetime
) -> None:
    """Under a law that opens the small hours of Sunday, that is when the customer is contacted."""
    window = {"days": ["sun"], "from": "01:00", "to": "05:00"}
    nightly = Actor(under(dependencies, colombia({"kind": "hours", "windows": [window]})))
    step = await nightly.planned(now)
    await nightly.contact(step)
    (made,) = await attempts(pool)
    at = made["dispatched_at"].astimezone(ZoneInfo("America/Bogota"))
    assert (made["state"], f"{at:%a}", 1 <= at.hour < 5) == ("accepted", "Sun", True)


# --- explain --------------------------------------------------------------------------------------


async def told(pool: Pool, dependencies: Dependencies, at: datetime) -> dict[str, Any]:
    out = io.StringIO()
    settings: Settings = dependencies.settings
    await explain(pool, settings, "bank/A1", at, Console(file=out), as_json=True)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


async def test_explain_says_what_the_reservation_says(
    dependencies: Dependencies, actor: Actor, pool: Pool, now: datetime
) -> None:
    step = await actor.planned(now)
    before = await told(pool, dependencies, step.not_before)
    by_channel = {one["channel"]: one for one in before["channels"]}
    assert by_channel["sms"]["allowed"]
    assert by_channel["sms"]["contact_point"] == contact_point_id("C1", "sms", "+573001234567")
    assert (before["jurisdictions"], before["silence"]) == (["CO"], None)
    assert by_channel["whatsapp"]["not_used"] == "no contact point on file"
    assert by_channel["whatsapp"]["rule"] == "co.ley2300.authorized_channel"

    after = await actor.contact(step)
    then = await told(pool, dependencies, step.not_before + timedelta(minutes=1))
    for channel in ("sms", "email"):
        one = {one["channel"]: one for one in then["channels"]}[channel]
        assert (one["rule"], one["verdict"]) == ("co.ley2300.week_cap", "denied")
        assert one["cite"] == "Ley 2300 de 2023, art. 3"
        assert "co.weekly=strict" in one["reading"]
        opens = datetime.fromisoformat(one["next_allowed_at"])
        assert opens <= after.not_before
        allowed = await told(pool, dependencies, opens)
        assert {one["channel"]: one for one in allowed["channels"]}[channel]["allowed"]
        early = await told(pool, dependencies, opens - timedelta(seconds=1))
        assert not {one["channel"]: one for one in early["channels"]}[channel]["allowed"]


async def test_explain_on_a_terminal_names_rule_citation_and_what_else_is_in_the_way(
    dependencies: Dependencies, actor: Actor, pool: Pool, now: datetime
) -> None:
    step = await actor.planned(now)
    await actor.contact(step)
    at = step.not_before + timedelta(minutes=1)
    await pool.execute("UPDATE accounts SET hold_until = $1", at + timedelta(days=1))
    await pool.execute("UPDATE contact_points SET suppressed = 'bounced' WHERE channel = 'email'")
    out = io.StringIO()
    console = Console(file=out, width=140)
    await explain(pool, dependencies.settings, "A1", at, console, as_json=False)
    shown = out.getvalue()
    for words in ("bank/A1 under CO", "On hold until", "week_cap: Ley 2300 de 2023, art. 3"):
        assert words in shown
    assert "not used: suppressed: bounced" in shown
    assert "co.weekly=strict" in shown
