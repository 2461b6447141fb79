"""The plan of a campaign: fixed by its seed, whole, and shrunk to what still fails."""

import argparse
from collections import Counter
from datetime import UTC, date, datetime

import pytest
from rich.console import Console

from activities.crash_points import CrashPoint
from config.settings import ROOT
from lab.campaign.__main__ import chosen
from lab.campaign.people import CHANNELS, PLACES, Account, people, second_file
from lab.campaign.plan import (
    ANSWERS,
    CALLBACKS,
    FATES,
    INQUIRY,
    PROXIES,
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
    assert {f"answer {answer}" for answer in (*ANSWERS, *PROXIES)} <= kinds
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
    assert {f"answer {answer}" for answer in (*ANSWERS, *PROXIES)} <= kinds
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


def test_every_country_with_a_pack_is_collected_in(accounts: list[Account]) -> None:
    packs = {file.stem.upper() for file in (ROOT / "config" / "law").glob("??.yaml")}
    assert len(packs) > 8
    assert {place.country for place in PLACES} == packs
    assert {account.row["country"] for account in accounts} == packs


def test_who_takes_a_call_is_never_asked_about(accounts: list[Account], plan: Plan) -> None:
    """The gateway hears from the call itself, so that nobody would come to the point."""
    prefers = {account.key: account.prefers for account in accounts}
    inquired = [case for case in plan.cases if case.inquired]
    assert len(inquired) > 20
    assert "voice" not in {prefers[case.account] for case in inquired}


def test_a_family_shares_a_number__and_never_one_of_those_for_whom_faults_are_planned(
    accounts: list[Account], plan: Plan
) -> None:
    owners: dict[str, set[str]] = {}
    for account in accounts:
        owners.setdefault(account.row["mobile"], set()).add(account.customer)
    shared = {number for number, who in owners.items() if len(who) > 1}
    assert len(shared) >= 5
    hit = {case.account for case in plan.cases}
    assert not shared & {a.row["mobile"] for a in accounts if a.key in hit}


def test_the_second_file_gives_customers_other_ids_and_numbers_other_owners(
    accounts: list[Account],
) -> None:
    before = {account.key: account for account in accounts}
    second = second_file(accounts, 1)
    assert second == second_file(accounts, 1)
    rekeyed = [a for a in second if a.key in before and a.customer != before[a.key].customer]
    moved = [a for a in second if a.key in before and a.customer == before[a.key].customer]
    new = [account for account in second if account.key not in before]
    assert min(len(rekeyed), len(moved), len(new)) >= 3
    assert all(a.row["mobile"] == before[a.key].row["mobile"] for a in rekeyed)
    assert {a.row["mobile"] for a in new} == {before[a.key].row["mobile"] for a in moved}
    assert not {a.row["mobile"] for a in moved} & {a.row["mobile"] for a in accounts}
    assert not {a.key for a in second} & {a.key for a in accounts if a.steady}


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


@pytest.mark.parametrize("option", ["--only-fault", "--customers"])
def test_what_a_campaign_does_not_have_is_refused(option: str) -> None:
    given = argparse.Namespace(
        accounts=None,
        contacts=64,
        seed=1,
        only_fault="F999" if option == "--only-fault" else None,
        customers="F999" if option == "--customers" else None,
    )
    with pytest.raises(SystemExit, match=f"{option}: this campaign has no F999"):
        chosen(given)
