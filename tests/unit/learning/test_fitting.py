"""What is counted, and what is learnt of it."""

from datetime import date, timedelta
from typing import Any

import pytest

from domain.channels import Channel
from domain.learning.beta import Beta, below_at, best_of
from domain.learning.fitting import BESIDE, fit
from domain.learning.policy import Chosen, Made, Policy, Ranking
from domain.learning.windows import Window
from lab.builders.situations import NOW
from lab.learning.bandit import flat, lived, world
from tests.unit.learning.support import BLOCKS, counts, policy

BOTH = {"sms": 0.5, "email": 0.5}


def window(**fields: Any) -> Window:
    told = {
        "person": 1,
        "at": NOW,
        "zones": ("America/Bogota",),
        "phase": "early",
        "country": "CO",
        "currency": "COP",
        "balance": 5,
        "channel": Channel.SMS,
        "reward": False,
    }
    return Window.model_validate({**told, **fields})


def chosen(**fields: Any) -> Window:
    told = Chosen(context={"phase": "early", "country": "CO"}, channels=BOTH)
    return window(**{"chosen_from": told, "probability": 0.5, **fields})


def made(**fields: Any) -> Policy:
    of = Made(since=date(2026, 1, 1), until=NOW.date(), windows=0, half_life_days=10)
    return policy(made=of, **fields)


def test_what_a_policy_chose_counts_whole_and_all_else_little() -> None:
    found = fit([chosen(reward=True), chosen(), window(reward=True)], made())
    sms = found.channels["early|CO"][Channel.SMS]
    assert sms.tried == pytest.approx(2 + BESIDE)
    assert sms.won == pytest.approx(1 + BESIDE)
    assert found.channels["*"] == found.channels["early|CO"]
    assert (found.made.windows, found.made.chosen) == (3, 2)


def test_the_only_way_there_was_is_no_choice() -> None:
    alone = Chosen(context={}, channels={"sms": 1.0})
    assert fit([chosen(chosen_from=alone)], made()).made.chosen == 0


def test_old_windows_count_for_half_after_each_half_life() -> None:
    old = [chosen(at=NOW - timedelta(days=days)) for days in (0, 10, 20)]
    tried = fit(old, made()).channels["*"][Channel.SMS].tried
    assert tried == pytest.approx(1 + 0.5 + 0.25)


def test_contexts_are_told_apart_as_the_policy_says() -> None:
    seen = [chosen(), chosen(phase="late", chosen_from=None), chosen(balance=50, country="MX")]
    by_phase = fit(seen, made(context=("phase",)))
    assert set(by_phase.channels) == {"early", "late", "*"}
    bands = fit(seen, made(context=("band",), bands={"COP": (10,)}))
    assert set(bands.channels) == {"1", "2", "*"}
    assert set(fit(seen, made(context=())).channels) == {"*"}


def test_a_context_is_as_it_was_when_it_was_chosen() -> None:
    told = Chosen(context={"phase": "middle", "country": "PE"}, channels=BOTH)
    assert "middle|PE" in fit([chosen(chosen_from=told)], made()).channels


def test_the_part_of_the_day_is_the_chosen_one_or_else_little_by_the_customers_clock() -> None:
    told = Chosen(context={}, channels=BOTH, hours={"07-10": 0.5, "16-19": 0.5}, hour="16-19")
    eleven = NOW.replace(hour=16)  # in Bogota 11:00
    found = fit([chosen(chosen_from=told), window(at=eleven)], made(blocks=BLOCKS))
    tried = {name: one.tried for name, one in found.hours["*"].items()}
    assert tried == {"16-19": 1, "10-13": BESIDE}
    assert fit([window(at=NOW)], made(blocks=BLOCKS)).hours == {}, "one in the morning"


def test_a_context_that_was_never_seen_goes_by_all_others_and_tries() -> None:
    learnt = Ranking.of(policy(channels={"*": counts(sms=(300, 1000), email=(100, 1000))}))
    told = learnt.channels({"phase": "new", "country": "AR"}, ["sms", "email"])
    assert 0.97 > told["sms"] > 0.8
    seen = policy(
        channels={
            "*": counts(sms=(300, 1000), email=(100, 1000)),
            "new|AR": counts(sms=(3, 100), email=(30, 100)),
        }
    )
    after = Ranking.of(seen).channels({"phase": "new", "country": "AR"}, ["sms", "email"])
    assert after["email"] > 0.9


@pytest.mark.parametrize("floor", [0.02, 0.1])
def test_each_allowed_way_keeps_its_floor_and_they_sum_to_one(floor: float) -> None:
    sure = policy(floor=floor, channels={"*": counts(sms=(900, 1000), email=(1, 1000))})
    told = Ranking.of(sure).channels({}, ["sms", "email", "voice", "whatsapp"])
    assert min(told.values()) >= floor
    assert sum(told.values()) == pytest.approx(1, abs=1e-5)


def test_what_was_learnt_is_found_among_any_of_the_ways_that_are_left() -> None:
    rates = counts(sms=(300, 1000), email=(200, 1000), voice=(100, 1000))
    ranking = Ranking.of(policy(channels={"*": rates, "a|b": rates}))
    context = {"phase": "a", "country": "b"}
    assert ranking.channels(context, ["email", "voice"])["email"] > 0.9
    assert ranking.channels(context, ["voice"]) == {"voice": 1.0}


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ([Beta(3, 7), Beta(3, 7)], [0.5, 0.5]),
        # P(X > Y) of beta(2, 1) and beta(1, 1) is the mean of the first: 2/3.
        ([Beta(2, 1), Beta(1, 1)], [2 / 3, 1 / 3]),
        ([Beta(3, 1), Beta(1, 1)], [3 / 4, 1 / 4]),
        ([Beta(1, 1), Beta(1, 1), Beta(1, 1)], [1 / 3, 1 / 3, 1 / 3]),
        # Of three, beta(3, 1) is the highest with the integral of 3 x^2 x^2: 3/5.
        ([Beta(3, 1), Beta(1, 1), Beta(1, 1)], [3 / 5, 1 / 5, 1 / 5]),
    ],
)
def test_the_best_of_several_rates_is_worked_out(known: list[Beta], expected: list[float]) -> None:
    assert best_of(known) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(
    ("known", "x", "expected"),
    [
        (Beta(1, 1), 0.3, 0.3),
        (Beta(2, 1), 0.5, 0.25),
        (Beta(2, 2), 0.5, 0.5),
        (Beta(5, 3), 0.4, 0.096256),
        (Beta(50_000, 50_000), 0.5, 0.5),
        (Beta(2, 2), -1, 0),
        (Beta(2, 2), 2, 1),
    ],
)
def test_how_probable_a_rate_below_is(known: Beta, x: float, expected: float) -> None:
    assert below_at(known, x) == pytest.approx(expected, abs=1e-6)


def test_the_regret_of_what_learns_is_under_40_percent_of_the_best_fixed_choices() -> None:
    run = lived(world(4), 20_000, batch=1000)
    assert run.share < 0.4


def test_who_learns_nothing_loses_more_than_the_best_fixed_choice() -> None:
    assert lived(world(4), 4000, learns=False).share > 1


def test_where_nothing_makes_a_difference_no_way_is_preferred_for_sure() -> None:
    """Over contexts and seeds: the highest probability stays near what chance alone gives."""
    sure = 0
    for seed in range(10):
        run = lived(flat(), 2000, learns=False, seed=seed)
        ranking = Ranking.of(run.policy)
        for phase in ("early", "late"):
            told = ranking.channels({"phase": phase, "country": "CO"}, [*BOTH, "voice"])
            sure += max(told.values()) > 0.95
    assert sure <= 2
