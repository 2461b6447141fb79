"""Figures by segment, strategy and arm, with intervals over seeds."""

from collections import Counter
from statistics import fmean, stdev
from typing import Any

import pytest

from tests.unit.simulation.support import run
from tests.unit.simulation.test_dry_run import PRICES
from workers.simulation.book.packed import Packed
from workers.simulation.page.page import page
from workers.simulation.record import Account, Record
from workers.simulation.result import result

PLAIN = Account(
    key="bank/A1",
    customer="C1",
    segment="retail",
    strategy="default",
    arm="",
    country="CO",
    currency="COP",
    owed="100",
    paid="0",
    contacts=2,
    cured_on=-1,
    ended="collecting",
    before="1-30",
    after="1-30",
    promises=0,
    kept=0,
    plans=0,
    stops=0,
    complaints=0,
    silenced="",
    touched="",
)


def seed(*accounts: dict[str, Any]) -> Record:
    told = [PLAIN._replace(key=f"bank/A{n}", **one) for n, one in enumerate(accounts)]
    return Record(sums=Counter(), accounts=Packed(told))


THREE = (
    seed({"arm": "try:usual", "contacts": 4}, {"arm": "try:gentle", "strategy": "gentle"}),
    seed({"arm": "try:usual", "contacts": 5}, {"strategy": "gentle", "cured_on": 3}),
    seed({"arm": "try:usual", "contacts": 9}, {"strategy": "gentle", "cured_on": 5}),
)


def told(*records: Record) -> dict[str, Any]:
    runs = [run(None, seed=number) for number in range(len(records))]
    return result(runs, iter(records), PRICES, [("mine", "0")])


def test_each_strategy_and_arm_has_its_mean_and_interval_over_seeds() -> None:
    [one] = told(*THREE)["strategies"]
    usual = one["arms_over_seeds"]["try:usual"]["contacts"]
    assert usual["mean"] == pytest.approx(fmean((4, 5, 9)))
    half = 4.303 * stdev((4, 5, 9)) / 3**0.5
    assert (usual["low"], usual["high"]) == (
        pytest.approx(6 - half, abs=1e-5),
        pytest.approx(6 + half, abs=1e-5),
    )
    shares = one["strategies_over_seeds"]["gentle"]["cured_share"]
    assert (shares["mean"], shares["most"]) == (pytest.approx(2 / 3, abs=1e-5), 1)
    assert set(one["strategies_over_seeds"]) == {"default", "gentle"}


def test_an_arm_counts_over_the_seeds_in_which_somebody_came_into_it() -> None:
    [one] = told(*THREE)["strategies"]
    assert one["arms_over_seeds"]["try:gentle"]["accounts"] == {"mean": 1}, "one seed alone"
    [late] = told(*reversed(THREE))["strategies"]
    assert set(late["arms_over_seeds"]) == {"try:usual", "try:gentle"}, "in the last seed, too"


def test_no_group_claims_a_cost_that_is_not_counted_by_it() -> None:
    [one] = told(*THREE)["strategies"]
    groups = (one[f"{of}_over_seeds"] for of in ("segments", "strategies", "arms"))
    assert not any("cost" in measures for group in groups for measures in group.values())
    assert "cost" in one["over_seeds"]


@pytest.mark.parametrize("records", [THREE, THREE[:1]], ids=["three seeds", "one"])
def test_the_page_tells_them(records: tuple[Record, ...]) -> None:
    html = page(told(*records))
    for words in ("Strategies", "gentle, mine", "Arms of experiments", "try:usual, mine"):
        assert words in html
    interval = "<td>6 (-0.57"
    assert (interval in html) is (len(records) == 3)
    assert "Arms" not in page(told(seed({}))), "where there is no experiment, there is no table"
