"""The plan of a campaign: fixed by its seed, whole, and shrunk to what still fails."""

import argparse
from collections import Counter
from datetime import UTC, date, datetime

import pytest
from rich.console import Console

from activities.crash_points import CrashPoint
from lab.campaign.people import CHANNELS, Account, people
from lab.campaign.plan import (
    ANSWERS,
    CALLBACKS,
    FATES,
    INQUIRY,
    RUNNING,
    SERVERS,
    WALK,
    Case,
    Plan,
    make_plan,
    script,
)
from lab.campaign.shrink import _Shrinker

DAY = date(2026, 11, 22)
WHOLE = 10_000


@pytest.fixture(scope="module")
def accounts() -> list[Account]:
    return people(250, 1, DAY)


@pytest.fixture(scope="module")
def plan(accounts: list[Account]) -> Plan:
    return make_plan(accounts, WHOLE, 1)


def test_a_seed_fixes_people_and_plan(accounts: list[Account], plan: Plan) -> None:
    assert people(250, 1, DAY) == accounts
    assert make_plan(accounts, WHOLE, 1) == plan
    assert make_plan(accounts, WHOLE, 2) != plan
    assert people(250, 2, DAY) != accounts


def test_a_whole_plan_has_every_kind_at_every_point(plan: Plan) -> None:
    kinds = {kind for case in plan.cases for kind in case.kinds}
    assert {f"answer {answer}" for answer in ANSWERS} <= kinds
    assert {f"callbacks {callbacks}" for callbacks in CALLBACKS} <= kinds
    assert {f"fate {fate}" for fate in FATES} <= kinds
    points = (*WALK, *INQUIRY)
    assert {f"{what} at {p}" for what in ("worker", *SERVERS) for p in points} <= kinds
    assert f"worker at {CrashPoint.FOUND}" in kinds
    assert {f"{what} while running" for what in RUNNING} <= kinds
    assert {"outage twilio", "outage sendgrid"} <= kinds
    assert sum(len(case.kinds) for case in plan.cases) > 400


def test_the_smallest_plan_has_every_family_once(accounts: list[Account], plan: Plan) -> None:
    small = make_plan(accounts, 400, 1)
    assert len(small.cases) < len(plan.cases) / 4
    kinds = {kind for case in small.cases for kind in case.kinds}
    assert {f"answer {answer}" for answer in ANSWERS} <= kinds
    assert {f"worker at {point}" for point in WALK} <= kinds


def test_every_kind_of_fault_comes_to_every_channel(accounts: list[Account], plan: Plan) -> None:
    prefers = {account.key: account.prefers for account in accounts}
    came: dict[str, set[str]] = {}
    for case in plan.cases:
        for kind in case.kinds if case.account else ():
            came.setdefault(kind, set()).add(prefers[case.account])
    often = [f"answer {answer}" for answer in ANSWERS] + [f"callbacks {c}" for c in CALLBACKS]
    often += [f"fate {fate}" for fate in FATES] + [f"worker at {point}" for point in WALK]
    assert {kind: came[kind] for kind in often} == {key: set(CHANNELS) for key in often}
    placed = Counter(prefers[case.account] for case in plan.cases if case.account)
    assert min(placed.values()) > 80


def test_no_attempt_has_two_cases(plan: Plan) -> None:
    attempts = [case.attempt for case in plan.cases if case.account]
    assert len(set(attempts)) == len(attempts)
    assert len({case.id for case in plan.cases}) == len(plan.cases)


def test_siblings_belong_to_different_creditors_of_one_person(accounts: list[Account]) -> None:
    keys: dict[str, set[str]] = {}
    for account in accounts:
        keys.setdefault(account.customer, set()).add(account.row["creditor"])
    assert sum(map(len, keys.values())) == len(accounts)
    assert max(map(len, keys.values())) == 3


def test_the_script_says_what_the_cases_say(plan: Plan) -> None:
    lines = script(plan, datetime(2026, 11, 22, tzinfo=UTC))
    told = {line.kind for line in lines}
    ours = ("answer", "callbacks", "fate", "lookups", "outage")
    assert told == {k for case in plan.cases for k in case.kinds if k.startswith(ours)}
    outage = next(line.rule for line in lines if line.kind == "outage twilio")
    assert (outage["since"], outage["until"]) == (
        "2026-11-25T00:00:00+00:00",
        "2026-11-27T00:00:00+00:00",
    )


class Guilty(_Shrinker):
    """Fails as long as these two are there."""

    pair = frozenset({"F003", "F027"})

    async def fails(self, accounts: list[Account], cases: list[Case]) -> bool:
        del accounts
        self.left -= 1
        return {case.id for case in cases} >= self.pair


@pytest.mark.parametrize(("runs", "most"), [(40, 2), (3, 32)])
async def test_shrinking_leaves_what_is_guilty_within_its_runs(
    plan: Plan, runs: int, most: int
) -> None:
    given = argparse.Namespace(shrink=runs)
    shrinker = Guilty(given, plan, 3.0, Console(quiet=True))
    left = await shrinker.halve([], list(plan.cases[:32]))
    assert {case.id for case in left} >= Guilty.pair
    assert len(left) <= most
    assert shrinker.left >= 0
