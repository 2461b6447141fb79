"""The campaign in short, and the campaign against builds that lack one safeguard each.

A build without a safeguard must be caught, or the campaign's zeros mean nothing; and the whole
build must come through the very same scenes (`make scenes` has them all). Real servers.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from activities.crash_points import CrashPoint
from lab.campaign.mutants import MUTANTS
from lab.campaign.people import PLACES, Account, Personas, Place, people
from lab.campaign.plan import AFTER, STALL, Blow, Case, Plan, every_case, make_plan, plan_of
from lab.campaign.run import AT_ONCE, Ran, run
from lab.campaign.verdict import Verdict, judge

HOME = tuple(place._replace(siblings=0.0) for place in PLACES if place.country == "US")
"""Nobody has two accounts: there are other scenes for that."""
SIBLINGS = tuple(place._replace(siblings=1.0) for place in PLACES if place.country == "CO")
"""Everybody has several accounts, which fall due together; one contact in seven days is lawful."""
_ALL = "CAMPAIGN_SCENES" in os.environ
SILENT: Personas = (("ignorer", 1.0),)
TALKERS: Personas = (("answerer", 0.6), ("opt_outer", 1.0))


def _none(_: Case) -> bool:
    return False


@dataclass(frozen=True)
class Scene:
    """What it takes to see that one safeguard is missing."""

    chosen: Callable[[Case], bool] = _none
    """The cases that happen, out of a whole plan; no more than ``most``."""
    places: tuple[Place, ...] = HOME
    personas: Personas = SILENT
    accounts: int = 12
    days: float = 10.0
    repeated: float = 0.0
    most: int = 8
    stalled: bool = False
    """Every first reservation stands still before it commits, so that two of one person meet. Two
    customers at a time: of more, there is always one that keeps the other worker from meeting."""

    def set_up(self) -> tuple[list[Account], Plan]:
        """Who plays, and what goes wrong."""
        today = datetime.now(UTC).date()
        accounts = people(self.accounts, 1, today, places=self.places, personas=self.personas)
        chosen = [case for case in every_case() if self.chosen(case)][: self.most]
        plan = plan_of(chosen, accounts, 5 * len(accounts), 1)
        if self.stalled:
            stall = (Blow(what=STALL, point=CrashPoint.RESERVING),)
            cases = [Case(id=a.key, account=a.key, step=1, blows=stall) for a in accounts]
            plan = plan.model_copy(update={"cases": tuple(cases)})
        return accounts, plan


def _killed_answered(callbacks: str | None) -> Callable[[Case], bool]:
    """The worker dies when the provider has taken the message."""

    def chosen(case: Case) -> bool:
        blows = [(blow.what, blow.point) for blow in case.blows]
        alone = case.answer is None and case.callbacks == callbacks
        return blows == [("worker", CrashPoint.ANSWERED)] and alone

    return chosen


def _answer_lost(case: Case) -> bool:
    return case.answer in AFTER and not case.blows and case.callbacks is None


def _refused(case: Case) -> bool:
    return case.answer in ("refuse", "429") and not case.blows


SCENES = {
    "dispatching": Scene(_killed_answered(None)),
    "serialised": Scene(places=SIBLINGS, accounts=20, days=4.0, stalled=True),
    "law": Scene(places=SIBLINGS, accounts=16, days=4.0),
    "refused": Scene(_answer_lost),
    "unknown": Scene(_refused, days=14.0),
    "again": Scene(_killed_answered("silent")),
    "callbacks": Scene(personas=TALKERS, repeated=0.9, days=8.0),
    "clock": Scene(days=5.0),
}


async def _judged(folder: Path, scene: Scene, mutant: str | None) -> Verdict:
    accounts, plan = scene.set_up()
    ran = await run(
        folder,
        accounts,
        plan,
        days=scene.days,
        mutant=mutant,
        repeated=scene.repeated,
        at_once=2 if scene.stalled else AT_ONCE,
    )
    return judge(folder, accounts, plan, ran)


def test_there_is_a_scene_for_every_mutant() -> None:
    assert set(SCENES) == set(MUTANTS)


IN_SHORT = ("dispatching", "callbacks")
"""Caught at every `make test`, once in a worker and once in a gateway; all by `make scenes`."""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("mutant", MUTANTS if _ALL else IN_SHORT)
async def test_a_build_without_one_safeguard_is_caught(folder: Path, mutant: str) -> None:
    verdict = await _judged(folder, SCENES[mutant], mutant)
    caught = {name for name, count in verdict.counts.items() if count}
    assert caught & set(MUTANTS[mutant].caught_as), verdict


@pytest.fixture(scope="module")
def short() -> Iterator[tuple[Ran, Verdict]]:
    """Each third case of a whole plan's first of each kind, and every blow to the system."""
    made = Path(tempfile.mkdtemp(prefix="contrapunto-campaign-"))
    accounts = people(24, 1, datetime.now(UTC).date())
    plan = make_plan(accounts, 200, 1)
    about = [case for case in plan.cases if case.account]
    chosen = [*about[::3], *(case for case in plan.cases if not case.account)]
    plan = plan.only(case.id for case in chosen)
    ran = asyncio.run(run(made, accounts, plan))
    yield ran, judge(made, accounts, plan, ran)
    shutil.rmtree(made, ignore_errors=True)


@pytest.mark.timeout(300)
def test_a_short_campaign_strikes_what_it_planned_and_leaves_nobody_behind(
    short: tuple[Ran, Verdict],
) -> None:
    ran, verdict = short
    assert ran.contacts >= 200
    assert len(verdict.missed) <= len(ran.planned) / 5, verdict.missed
    assert (verdict.stuck, verdict.unlawful, verdict.avoidable) == ((), (), ())
    assert verdict.confirmed, "nobody who stopped was answered: this run shows nothing about it"


def test_the_whole_build_comes_through_a_short_campaign(short: tuple[Ran, Verdict]) -> None:
    assert short[1].violations == ()


@pytest.mark.skipif(not _ALL, reason="minutes: make scenes")
@pytest.mark.timeout(300)
@pytest.mark.parametrize("scene", SCENES)
async def test_the_whole_build_comes_through_every_scene(folder: Path, scene: str) -> None:
    assert (await _judged(folder, SCENES[scene], None)).violations == ()
