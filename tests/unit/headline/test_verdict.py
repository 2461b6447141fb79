"""From numbers of worlds to what is said of them."""

from statistics import fmean
from typing import Any

import pytest

from lab.headline.levers import BASELINES, BEST, MAIN, OURS, SHUFFLED
from lab.headline.verdict import verdict, without_luck
from lab.headline.worlds import apart, shuffled
from people.worlds import drawn

_NUMBERS = {
    "accounts": 1000,
    "contacts": 4000,
    "calls_by_person": 0,
    "read": 1000,
    "cured": 400,
    "on_plan": 10,
    "owed": 1000.0,
    "paid": 300.0,
    "opt_outs": 10,
    "complaints": 1,
    "inbound": 50,
    "minutes": 100.0,
    "cost": 200.0,
    "costs": {"messages": 60.0, "calls": 40.0, "people": 100.0},
    "touched": 1,
    "countries": {"CO": {"accounts": 1000, "contacts": 4000, "cured": 400}},
}
_HOLDS: dict[str, Any] = {"contacts": 2000, "cost": 100.0, "opt_outs": 10}


def _line(place: int, pairs: list[int], **best: Any) -> dict[str, Any]:
    world = list(drawn(1, 4))[place]
    of = {name: dict(_NUMBERS) for name in MAIN} | {SHUFFLED: dict(_NUMBERS)}
    of[BEST] |= {**_HOLDS, **best}
    # Each account is a person's of its own.
    pairs = [*pairs, pairs[0] + pairs[1]]
    beside = {f"{ours}/{base}": pairs for ours in OURS for base in BASELINES}
    return {
        "task": world.name,
        "seed": 1,
        "world": dict(world.values),
        "of": of,
        "beside": beside,
        "shuffled": [5, 5, 1000, 10],
    }


def _best(lines: list[dict[str, Any]], base: str = "heavy") -> dict[str, Any]:
    found: dict[str, Any]
    [found] = [
        one for one in verdict(lines)["claims"] if (one["ours"], one["base"]) == (BEST, base)
    ]
    return found


@pytest.mark.parametrize(
    ("changed", "falls"),
    [
        ({}, None),
        ({"contacts": 2001}, "contacts"),
        ({"cost": 100.1}, "cost"),
        ({"opt_outs": 11}, "opt_outs"),
    ],
)
def test_all_has_to_hold_and_each_part_is_told(changed: dict[str, Any], falls: str | None) -> None:
    found = _best([_line(0, [5, 5, 1000], **changed)])
    parts = {name: found[name] for name in ("contacts", "cost", "cures", "opt_outs")}
    assert parts == {name: float(name != falls) for name in parts}
    assert found["all"] == float(falls is None)


@pytest.mark.parametrize(
    ("pairs", "cures", "surely", "surely_not"),
    [
        ([10, 0, 1000], 1, 0, 0),
        ([11, 0, 1000], 0, 0, 0),
        ([0, 20, 1000], 1, 1, 0),
        ([30, 0, 1000], 0, 0, 1),
        ([300, 290, 1000], 1, 0, 0),
    ],
)
def test_a_point_may_be_lost_and_what_luck_could_decide_is_told(
    pairs: list[int], cures: int, surely: int, surely_not: int
) -> None:
    found = _best([_line(0, pairs)])
    assert (found["cures"], found["surely"], found["surely_not"]) == (cures, surely, surely_not)


def test_beside_the_default_strategy_cost_is_not_asked() -> None:
    found = _best([_line(0, [0, 0, 1000], cost=150.0)], "default")
    assert found["cost"] == 0
    assert found["all"] == 1


def test_stops_are_never_more_than_the_heavy_baselines_whoever_it_stands_beside() -> None:
    assert _best([_line(0, [0, 0, 1000], opt_outs=11)], "default")["all"] == 0


def test_the_worst_world_is_the_one_that_loses_most() -> None:
    told = verdict([_line(0, [5, 5, 1000]), _line(1, [40, 0, 1000]), _line(2, [20, 0, 1000])])
    for one in told["maps"]:
        assert one["worst"]["world"] == "drawn 1/2"
        assert one["worst"]["gap"] == pytest.approx(-4.0)


def test_it_is_told_by_what_it_fails_and_in_how_many_worlds() -> None:
    told = verdict([_line(0, [30, 0, 1000]), _line(1, [0, 0, 1000], cost=150.0)])
    fails = {"contacts": 0, "cost": 1, "cures": 1, "opt_outs": 0, "all": 2}
    assert told["maps"][0]["fails"] == fails
    assert "cost" not in told["maps"][2]["fails"]


def test_a_map_counts_every_world_once() -> None:
    told = verdict([_line(place, [30 * place, 0, 1000]) for place in range(4)])
    for grid in told["maps"][0]["grids"]:
        cells = [cell for row in grid["cells"] for cell in row]
        assert sum(number for _, number in cells) == 4
        assert sum(held for held, _ in cells) == 1


def test_seeds_of_one_world_are_put_together() -> None:
    one, other = _line(0, [20, 0, 1000]), {**_line(0, [0, 20, 1000]), "seed": 2}
    [world] = verdict([one, other])["worlds"]
    assert world["beside"]["best/heavy"]["gap"] == pytest.approx(0)
    assert _best([one, other])["worlds"] == 1


def test_a_difference_is_the_seconds_minus_the_firsts_with_the_error_of_pairs() -> None:
    gap, error = apart([10, 30, 1000, 40])
    assert gap == pytest.approx(2.0)
    assert error == pytest.approx(100 * ((0.04 - 0.02**2) / 1000) ** 0.5)
    assert apart([0, 0, 500, 0]) == (0, 0)


def test_outcomes_are_shuffled_person_by_person() -> None:
    cured = {(str(person), f"{person}-{n}"): True for person in range(400) for n in (1, 2)}
    pairs = shuffled("drawn 1/1", 1, cured, dict.fromkeys(cured, False))
    gap, error = apart(pairs)
    assert abs(gap) < 4 * error
    # Both accounts of a person go together: 400 draws of two, not 800 of one.
    assert pairs[3] == 4 * 400
    assert error == pytest.approx(5.0, abs=0.2)


def test_the_mean_of_shuffled_outcomes_over_worlds_is_as_far_from_nothing_as_it_says() -> None:
    """The same people, with the same luck, live in every world: were the same ones swapped in each,
    all worlds together would say no more than one."""
    cured = {(str(person), "1"): person % 2 == 0 for person in range(200)}
    nobody = dict.fromkeys(cured, False)
    found = [apart(shuffled(f"drawn 1/{world}", 1, cured, nobody)) for world in range(200)]
    gaps = [gap for gap, _ in found]
    assert len(set(gaps)) > 20
    assert abs(fmean(gaps)) < 4 * found[0][1] / len(gaps) ** 0.5


def test_luck_taken_out_moves_a_share_towards_what_all_worlds_say() -> None:
    spread = [(gap, 2.0) for gap in (-3.0, -2.0, -1.5, 1.5, 2.0, 3.0, 0.0, 4.0)]
    assert without_luck([(0.0, 0.5)] * 8) == pytest.approx(1, abs=0.01)
    assert without_luck([(-3.0, 0.5)] * 8) == pytest.approx(0, abs=0.01)
    assert without_luck(spread) > sum(gap >= -1 for gap, _ in spread) / len(spread)
    # Where errors explain all of the spread, every world is taken for the mean one.
    assert without_luck([(-2.0, 5.0), (1.0, 5.0), (0.5, 5.0), (-1.5, 5.0)]) > 0.99
    assert without_luck([(gap, 0.0) for gap, _ in spread]) == pytest.approx(5 / 8, abs=1e-3)


@pytest.mark.parametrize(
    ("what", "holds"),
    [
        ("messages at a third", 0),
        ("calls at a half", 1),
        ("messages at a third, calls at a half", 0),
        ("people at twice", 0),
        ("people at a half", 1),
    ],
)
def test_cost_is_told_for_other_prices_too(what: str, holds: int) -> None:
    """Theirs: 60, 40 and 100, of which half is 100. Ours: 10, 23 and 68."""
    ours = {"messages": 10.0, "calls": 23.0, "people": 68.0}
    assert _best([_line(0, [5, 5, 1000], costs=ours)])["cost_if"][what] == holds


def test_what_shuffling_leaves_is_held_against_the_luck_of_each_world() -> None:
    """Twenty of a thousand, swapped or not: an error of 100 * sqrt(20) / 1000 points in
    a world, and of that over the square root of four in the mean of four."""
    lines = [{**_line(place, [5, 5, 1000]), "shuffled": [10, 10, 1000, 20]} for place in range(4)]
    found = verdict(lines)["controls"]["shuffled"]["gap"]
    assert found == {"mean": 0, "half": pytest.approx(1.96 * 100 * 20**0.5 / 1000 / 2)}
