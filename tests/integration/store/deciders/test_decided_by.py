"""Each attempt and each plan says by which strategy, law and words it was decided."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from io import StringIO
from typing import Any

import pytest

from activities.dependencies import Dependencies
from config.settings import ROOT
from domain.deciders import Decider, DeciderKind
from domain.failures import NotFound
from domain.planning.step import StepKind
from store.database import Pool
from store.views.customer import OfCustomer
from tests.support.activities import Actor
from workers.cli.output import show_decider


async def contacted(actor: Actor, now: datetime) -> None:
    step = await actor.planned(now)
    while step.kind is StepKind.WAIT:
        step = await actor.planned(step.not_before)
    await actor.contact(step)


def all_of(dependencies: Dependencies) -> list[Decider]:
    """What a worker keeps when it starts."""
    return [*dependencies.factory.deciders(), dependencies.wording.decider]


async def test_an_attempt_names_strategy_law_and_words_and_each_can_be_shown(
    actor: Actor, dependencies: Dependencies, now: datetime, pool: Pool
) -> None:
    await dependencies.ledger.keep_deciders(all_of(dependencies))
    await contacted(actor, now)
    [sent] = await OfCustomer(pool, "C1", None).sent()
    assert [(one["kind"], one["name"], one["version"]) for one in sent["decided_by"]] == [
        ("strategy", "default", 2),
        ("law", "CO", None),
        ("words", "templates", None),
    ]
    shown: list[dict[str, Any]] = []
    for one in sent["decided_by"]:
        out = StringIO()
        await show_decider(pool, one["digest"], out)
        shown.append(json.loads(out.getvalue()))
    strategy, law, words = (one["content"] for one in shown)
    assert strategy["strategy"] == dependencies.strategies["default"].model_dump(mode="json")
    assert law["jurisdiction"] == "CO"
    assert any("co.ley2300" in str(rule.get("id")) for rule in law["rules"])
    assert "es/reminder.sms.j2" in words["files"]
    with pytest.raises(NotFound, match="0000"):
        await show_decider(pool, "0000", StringIO())


async def test_a_plan_that_contacts_nobody_says_by_what_it_was_made(
    actor: Actor, dependencies: Dependencies, now: datetime, pool: Pool
) -> None:
    await pool.execute("UPDATE contact_points SET consented = false")
    await pool.execute("DELETE FROM law_events")
    await actor.planned(now)
    [change] = await pool.fetch("SELECT kind, why, decided_by FROM plan_changes")
    assert change["kind"] == "wait"
    by = {one.digest: one.kind for one in all_of(dependencies)}
    kinds = [by[digest] for digest in change["decided_by"]]
    assert kinds == [DeciderKind.STRATEGY, DeciderKind.LAW]


async def test_what_changes_has_another_digest_and_what_was_kept_stays(
    actor: Actor, dependencies: Dependencies, now: datetime, pool: Pool
) -> None:
    before = all_of(dependencies)
    await dependencies.ledger.keep_deciders(before)
    first = await pool.fetch("SELECT * FROM deciders ORDER BY digest")
    own = dependencies.strategies["default"]
    dependencies.strategies["default"] = own.model_copy(update={"reply_rest_days": 9})  # type: ignore[index]
    changed = all_of(dependencies)
    await dependencies.ledger.keep_deciders(changed)
    new = {one.digest for one in changed} - {one.digest for one in before}
    assert len(new) == 1
    after = await pool.fetch("SELECT * FROM deciders ORDER BY digest")
    assert [row for row in after if row["digest"] not in new] == first


async def test_settings_that_planning_obeys_are_part_of_it(dependencies: Dependencies) -> None:
    settings = dependencies.settings.model_copy(update={"readings": {"co.weekly": "twice"}})
    other = replace(dependencies.factory, settings=settings)
    [ours] = [one for one in dependencies.factory.deciders() if one.kind is DeciderKind.STRATEGY]
    [theirs] = [one for one in other.deciders() if one.kind is DeciderKind.STRATEGY]
    assert ours.digest != theirs.digest


async def test_old_rows_say_unknown(actor: Actor, now: datetime, pool: Pool) -> None:
    await contacted(actor, now)
    await pool.execute("UPDATE attempts SET decided_by = NULL")
    [sent] = await OfCustomer(pool, "C1", None).sent()
    assert sent["decided_by"] is None


def test_the_same_files_have_the_same_digests_in_every_process() -> None:
    code = (
        "from config.rules import RulesFactory; from config.rule_packs import load_packs;"
        "from config.settings import Settings; from config.strategy_files import load_strategies;"
        "from config.wording.catalogue import Wording; s = Settings();"
        "f = RulesFactory(s, load_strategies(s.strategies), load_packs(), {});"
        "print(*(one.digest for one in (*f.deciders(), Wording.load().decider)))"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1
    assert len(next(iter(seen)).split()) > 10
