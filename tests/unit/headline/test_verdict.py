"""From numbers of worlds to what is said of them."""

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
    "touched": 1,
    "countries": {"CO": {"accounts": 1000, "contacts": 4000, "cured": 400}},
}
_HOLDS: dict[str, Any] = {"contacts": 2000, "cost": 100.0, "opt_outs": 10}


def _line(place: int, pairs: list[int], **best: Any) -> dict[str, Any]:
    world = list(drawn(1, 4))[place]
    of = {name: dict(_NUMBERS) for name in MAIN} | {SHUFFLED: dict(_NUMBERS)}
    of[BEST] |= {**_HOLDS, **best}
    beside = {f"{ours}/{base}": pairs for ours in OURS for base in BASELINES}
    return {
        "task": world.name,
        "seed": 1,
        "world": dict(world.values),
        "of": of,
        "beside": beside,
        "shuffled": [5, 5, 1000],
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
    gap, error = apart([10, 30, 1000])
    assert gap == pytest.approx(2.0)
    assert error == pytest.approx(100 * ((0.04 - 0.02**2) / 1000) ** 0.5)
    assert apart([0, 0, 500]) == (0, 0)


def test_outcomes_are_shuffled_person_by_person() -> None:
    cured = dict.fromkeys(map(str, range(400)), True)
    gap, error = apart(shuffled(1, cured, dict.fromkeys(cured, False)))
    assert abs(gap) < 4 * error
    assert error == pytest.approx(5.0, abs=0.2)


def test_luck_taken_out_moves_a_share_towards_what_all_worlds_say() -> None:
    spread = [(gap, 2.0) for gap in (-3.0, -2.0, -1.5, 1.5, 2.0, 3.0, 0.0, 4.0)]
    assert without_luck([(0.0, 0.5)] * 8) == pytest.approx(1, abs=0.01)
    assert without_luck([(-3.0, 0.5)] * 8) == pytest.approx(0, abs=0.01)
    assert without_luck(spread) > sum(gap >= -1 for gap, _ in spread) / len(spread)
    # Where errors explain all of the spread, every world is taken for the mean one.
    assert without_luck([(-2.0, 5.0), (1.0, 5.0), (0.5, 5.0), (-1.5, 5.0)]) > 0.99
    assert without_luck([(gap, 0.0) for gap, _ in spread]) == pytest.approx(5 / 8, abs=1e-3)
