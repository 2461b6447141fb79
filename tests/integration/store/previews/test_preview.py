"""`strategy preview` says what the activities then do, in their words, and writes nothing."""

import json
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from activities.dependencies import Dependencies
from activities.orders import AccountRef
from domain.failures import BadInput, Misconfigured, NotFound
from domain.planning.step import StepKind
from domain.strategy import Cadence
from store.database import Pool
from tests.support.activities import Actor, accepted
from workers.cli.strategy.commands import as_lines, show
from workers.strategies.preview import Foreseen, Previewed, preview

REF = AccountRef(creditor="bank", account_id="A1")
TABLES = ("attempts", "plan_changes", "promises", "work_items", "law_events", "calls", "attached")


async def foreseen(
    dependencies: Dependencies, now: datetime, contacts: int = 3, **more: Any
) -> Previewed:
    about = (dependencies.pool, dependencies.settings, dependencies.factory, REF, now, contacts)
    return await preview(*about, **more)


def contacts(found: Previewed) -> list[Foreseen]:
    return [one for one in found.steps if one.step.kind is StepKind.CONTACT]


async def test_the_first_contact_is_the_one_that_is_then_made_in_the_same_words(
    actor: Actor, dependencies: Dependencies, sandbox_url: str, now: datetime
) -> None:
    before = await foreseen(dependencies, now)
    step = await actor.planned(now)
    while step.kind is StepKind.WAIT:
        step = await actor.planned(step.not_before)
    await actor.contact(step)
    [sent] = await accepted(sandbox_url)
    first = contacts(before)[0]
    assert first.fault is None
    assert first.words is not None
    assert (first.step.channel, first.step.purpose) == (step.channel, step.purpose)
    assert first.step.not_before == step.not_before
    assert sent["text"] == first.words.text
    assert "Ana" in first.words.text


async def test_nothing_is_written_and_nothing_is_sent(
    actor: Actor, dependencies: Dependencies, sandbox_url: str, now: datetime, pool: Pool
) -> None:
    await actor.planned(now)
    await actor.record(
        now,
        {
            "kind": "record_promise",
            "id": "p1",
            "amount": "1000",
            "date": str((now + timedelta(days=4)).date()),
        },
    )
    rows = {table: await pool.fetch(f"SELECT * FROM {table}") for table in TABLES}
    found = await foreseen(dependencies, now, 20)
    assert len(contacts(found)) >= 3
    assert {table: await pool.fetch(f"SELECT * FROM {table}") for table in TABLES} == rows
    assert await accepted(sandbox_url) == []


async def test_another_strategy_can_be_tried(
    actor: Actor, dependencies: Dependencies, now: datetime
) -> None:
    own = dependencies.strategies["default"]
    early = own.phases[1].model_copy(update={"cadence": Cadence(min_days=9, max_touches=2)})
    rare = own.model_copy(
        update={"id": "rare", "version": 7, "phases": (own.phases[0], early, *own.phases[2:])}
    )
    dependencies.strategies["rare"] = rare  # type: ignore[index]
    usual, seldom = [await foreseen(dependencies, now, 20, strategy=n) for n in (None, "rare")]
    assert (usual.strategy, seldom.strategy, seldom.version) == ("default", "rare", 7)
    early_ones = [
        [one for one in contacts(found) if one.step.phase == "early"] for found in (usual, seldom)
    ]
    assert len(early_ones[1]) == 2 < len(early_ones[0])
    with pytest.raises(Misconfigured, match="no strategy 'none'"):
        await foreseen(dependencies, now, strategy="none")


async def test_an_account_that_nobody_knows_is_told_and_one_on_hold_waits(
    actor: Actor, dependencies: Dependencies, now: datetime, pool: Pool
) -> None:
    until = now.replace(microsecond=0) + timedelta(days=3)
    await pool.execute("UPDATE accounts SET hold_until = $1, hold_reason = 'audit'", until)
    found = await foreseen(dependencies, now, 1)
    assert found.steps[0].step.not_before == until
    assert "On hold (audit)" in found.steps[0].step.summary
    assert contacts(found)[0].step.not_before >= until
    nobody = AccountRef(creditor="bank", account_id="A9")
    with pytest.raises(NotFound, match="bank/A9"):
        await preview(pool, dependencies.settings, dependencies.factory, nobody, now, 1)


async def test_what_cannot_be_planned_is_said(
    actor: Actor, dependencies: Dependencies, now: datetime, pool: Pool
) -> None:
    await pool.execute("UPDATE customers SET zones = '{Mars/Olympus}'")
    with pytest.raises(BadInput, match="no plan can be made"):
        await foreseen(dependencies, now)


async def test_the_command_shows_each_step_with_its_time_its_reason_and_its_words(
    actor: Actor,
    dependencies: Dependencies,
    now: datetime,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = await foreseen(dependencies, now, 2)
    as_lines(found)
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    made = [one for one in told if one["kind"] == "contact"]
    assert len(made) == 2
    assert all(one["text"] and one["channel"] for one in made)
    into = StringIO()
    show(found, Console(file=into, width=2_000))
    shown = into.getvalue()
    for one in told:
        assert one["summary"] in shown
    for one in made:
        assert one["text"].splitlines()[0] in shown
