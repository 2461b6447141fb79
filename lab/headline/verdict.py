"""From what came of each world to what is said: in how many worlds what holds, and where not."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import NormalDist, fmean, stdev
from typing import Any, Final

from lab.headline.levers import AGAIN, BASELINES, BEST, LEVERS, MAIN, OURS, SHUFFLED
from lab.headline.worlds import COSTS, apart
from people.parameters import BY_NAME

HALF: Final = 0.5
MARGIN: Final = 1.0
"""Points of cures that may be lost."""
AIMS: Final = ((BEST, "heavy"), ("calls", "heavy-agents"), ("lean", "default"))
"""Which of ours was made for half of which baseline."""
DEARER: Final[Mapping[str, Mapping[str, float]]] = {
    "messages at a third": {"messages": 1 / 3},
    "calls at a half": {"calls": 0.5},
    "messages at a third, calls at a half": {"messages": 1 / 3, "calls": 0.5},
    "people at twice": {"people": 2.0},
    "people at a half": {"people": 0.5},
}
"""What else prices may be: so many times what they are. A house buys of an aggregator of the place,
or in bulk."""
_GRID: Final = ("self_cure", "first_effect")
_SURE: Final = 1.96


def verdict(lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """All that is told."""
    worlds = _worlds([one for one in lines if one["task"].startswith("drawn")])
    return {
        "claims": [_claim(worlds, ours, base) for base in BASELINES for ours in OURS],
        "frontier": {name: _mean(worlds, name) for name in MAIN},
        "countries": _countries(lines),
        "levers": [_lever(worlds, f"without {one.name}", one.what) for one in LEVERS],
        "maps": [_map(worlds, ours, base) for ours, base in AIMS],
        "controls": _controls(lines, worlds),
        "worlds": worlds,
    }


def _worlds(lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The seeds of each world put together."""
    by_world: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for one in lines:
        by_world[one["task"]].append(one)
    found = []
    for name, seeds in by_world.items():
        of = {
            who: _rates([one["of"][who] for one in seeds if who in one["of"]])
            for who in seeds[0]["of"]
        }
        beside = {}
        for pair in seeds[0]["beside"]:
            gaps = [apart(one["beside"][pair]) for one in seeds]
            error = math.sqrt(sum(each * each for _, each in gaps)) / len(gaps)
            beside[pair] = {"gap": fmean(gap for gap, _ in gaps), "error": error}
        shuffled = [apart(one["shuffled"]) for one in seeds]
        found.append(
            {
                "world": name,
                "values": seeds[0]["world"],
                "of": of,
                "beside": beside,
                "shuffled": {
                    "gap": fmean(gap for gap, _ in shuffled),
                    "error": math.sqrt(sum(each * each for _, each in shuffled)) / len(seeds),
                },
            }
        )
    return found


def _rates(seeds: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """For each account, or in a hundred or a thousand."""
    accounts: int = sum(one["accounts"] for one in seeds)

    def of(name: str) -> float:
        total: float = sum(one[name] for one in seeds)
        return total / accounts

    owed = float(sum(one["owed"] for one in seeds))
    return {
        "contacts": of("contacts"),
        "calls_by_person": of("calls_by_person"),
        "read": of("read"),
        "cost": of("cost"),
        **{f"cost_{name}": sum(one["costs"][name] for one in seeds) / accounts for name in COSTS},
        "minutes": of("minutes"),
        "inbound": 100 * of("inbound"),
        "cured": 100 * of("cured"),
        "on_plan": 100 * of("on_plan"),
        "money": 100 * sum(one["paid"] for one in seeds) / owed,
        "opt_outs": 1000 * of("opt_outs"),
        "complaints": 1000 * of("complaints"),
    }


def _claim(worlds: Sequence[Mapping[str, Any]], ours: str, base: str) -> dict[str, Any]:
    """In how many worlds each part of what is claimed holds, and all of it."""
    kept = [_held(one, ours, base) for one in worlds]
    number = max(1, len(kept))
    names = ("contacts", "cost", "cures", "opt_outs", "all", "surely", "surely_not")
    return {
        "ours": ours,
        "base": base,
        "worlds": len(kept),
        "asks_cost": base != "default",
        "made_for": (ours, base) in AIMS,
        **{name: sum(one[name] for one in kept) / number for name in names},
        "cost_if": {
            what: sum(_costs_half(one, ours, base, times) for one in worlds) / number
            for what, times in DEARER.items()
        },
        "cures_without_luck": without_luck(
            [
                (one["beside"][f"{ours}/{base}"]["gap"], one["beside"][f"{ours}/{base}"]["error"])
                for one in worlds
            ]
        ),
    }


def without_luck(found: Sequence[tuple[float, float]]) -> float:
    """What the share of worlds within the margin would be, were each world's difference known.

    Empirical Bayes: the true differences are taken for normal, with what is left of their spread
    once the known errors are taken from it (Robbins 1956; Efron, Large-Scale Inference, ch. 1).
    """
    gaps = [gap for gap, _ in found]
    middle = fmean(gaps)
    errors = fmean(error * error for _, error in found)
    true = max((stdev(gaps) ** 2 if len(gaps) > 1 else 0.0) - errors, 1e-6)
    shares = []
    for gap, error in found:
        kept = true / (true + error * error)
        left = math.sqrt(kept) * error if error else 1e-6
        shares.append(1 - NormalDist(middle + kept * (gap - middle), left).cdf(-MARGIN))
    return fmean(shares)


def _costs_half(world: Mapping[str, Any], ours: str, base: str, times: Mapping[str, float]) -> bool:
    """Whether ours costs at most half where prices are so many times what they are."""
    mine, theirs = (
        sum(world["of"][name][f"cost_{part}"] * times.get(part, 1.0) for part in COSTS)
        for name in (ours, base)
    )
    return bool(mine <= HALF * theirs)


def _held(world: Mapping[str, Any], ours: str, base: str) -> dict[str, bool]:
    mine, theirs = world["of"][ours], world["of"][base]
    gap, error = (world["beside"][f"{ours}/{base}"][name] for name in ("gap", "error"))
    parts = {
        "contacts": mine["contacts"] <= HALF * theirs["contacts"],
        "cost": mine["cost"] <= HALF * theirs["cost"],
        "cures": gap >= -MARGIN,
        # Never above the heavy baseline's, whoever ours stands beside.
        "opt_outs": mine["opt_outs"] <= world["of"]["heavy"]["opt_outs"],
    }
    asked = [held for name, held in parts.items() if name != "cost" or base != "default"]
    return {
        **parts,
        "all": all(asked),
        "surely": gap - _SURE * error >= -MARGIN,
        "surely_not": gap + _SURE * error < -MARGIN,
    }


def _mean(worlds: Sequence[Mapping[str, Any]], name: str) -> dict[str, float]:
    each = [one["of"][name] for one in worlds]
    found = {measure: fmean(one[measure] for one in each) for measure in each[0]}
    cured = sorted(one["cured"] for one in each)
    return {**found, "cured_low": _at(cured, 0.05), "cured_high": _at(cured, 0.95)}


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _countries(lines: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, dict[str, float]]]:
    """Contacts that automation makes, for each account: law differs."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    drawn = [one for one in lines if one["task"].startswith("drawn")]
    for name in MAIN:
        told = [one["of"][name]["countries"] for one in drawn]
        found[name] = {
            country: {
                measure: sum(one[country][measure] for one in told)
                / sum(one[country]["accounts"] for one in told)
                for measure in ("contacts", "cured")
            }
            for country in told[0]
        }
    return found


def _lever(worlds: Sequence[Mapping[str, Any]], name: str, what: str) -> dict[str, Any]:
    """What is otherwise without it."""
    both = [one for one in worlds if name in one["of"]]
    found: dict[str, Any] = {"lever": name, "what": what, "worlds": len(both)}
    for measure in ("contacts", "cost", "cured", "on_plan", "money", "opt_outs"):
        gaps = [one["of"][name][measure] - one["of"][BEST][measure] for one in both]
        found[measure] = _interval(gaps)
    return found


def _interval(values: Sequence[float]) -> dict[str, float]:
    """Mean over worlds, and how far it may be from that of all worlds."""
    if not values:
        return {"mean": math.nan, "half": math.nan}
    half = _SURE * stdev(values) / math.sqrt(len(values)) if len(values) > 1 else math.nan
    return {"mean": fmean(values), "half": half}


def _by_luck(found: Sequence[tuple[float, float]]) -> dict[str, float]:
    """Mean over worlds, and how far luck of known errors carries it where nothing differs."""
    if not found:
        return {"mean": math.nan, "half": math.nan}
    error = math.sqrt(sum(each * each for _, each in found)) / len(found)
    return {"mean": fmean(gap for gap, _ in found), "half": _SURE * error}


def _map(worlds: Sequence[Mapping[str, Any]], ours: str, base: str) -> dict[str, Any]:
    """Where it fails: the worst world, what goes with it, and two parameters against each other."""
    pair = f"{ours}/{base}"
    gaps = [one["beside"][pair]["gap"] for one in worlds]
    worst = worlds[gaps.index(min(gaps))]
    goes_with = {
        name: _correlation([one["values"][name] for one in worlds], gaps) for name in BY_NAME
    }
    most = sorted(goes_with, key=lambda name: -abs(goes_with[name]))
    return {
        "ours": ours,
        "base": base,
        "worlds": len(worlds),
        "fails": _fails(worlds, ours, base),
        "worst": {
            "world": worst["world"],
            "gap": worst["beside"][pair]["gap"],
            "error": worst["beside"][pair]["error"],
            "ours": worst["of"][ours],
            "base": worst["of"][base],
            "values": {name: worst["values"][name] for name in most[:6]},
        },
        "gaps": {"median": _at(sorted(gaps), 0.5), "low": _at(sorted(gaps), 0.05)},
        "goes_with": {name: goes_with[name] for name in most[:6]},
        "grids": [_grid(worlds, ours, base, *which) for which in {_GRID: 1, (most[0], most[1]): 1}],
    }


def _fails(worlds: Sequence[Mapping[str, Any]], ours: str, base: str) -> dict[str, int]:
    """In how many worlds each part of the claim does not hold, and the claim."""
    held = [_held(one, ours, base) for one in worlds]
    parts = ["contacts", "cost", "cures", "opt_outs", "all"]
    asked = [part for part in parts if part != "cost" or base != "default"]
    return {part: sum(not one[part] for one in held) for part in asked}


def _grid(
    worlds: Sequence[Mapping[str, Any]], ours: str, base: str, down: str, across: str
) -> dict[str, Any]:
    """Of the worlds in each ninth of two ranges, in how many the cures are within the margin."""
    cells: dict[tuple[int, int], list[bool]] = defaultdict(list)
    for one in worlds:
        where = (_third(down, one["values"][down]), _third(across, one["values"][across]))
        cells[where].append(_held(one, ours, base)["cures"])
    return {
        "down": down,
        "across": across,
        "ends": {name: _ends(name) for name in (down, across)},
        "cells": [[[sum(cells[a, b]), len(cells[a, b])] for b in range(3)] for a in range(3)],
    }


def _third(name: str, value: float) -> int:
    one = BY_NAME[name]
    return min(2, max(0, int(3 * (value - one.low) / (one.high - one.low))))


def _ends(name: str) -> list[float]:
    one = BY_NAME[name]
    return [one.low + (one.high - one.low) * number / 3 for number in range(4)]


def _correlation(some: Sequence[float], others: Sequence[float]) -> float:
    """Of ranks (Spearman)."""
    if len(some) < 3:
        return 0.0
    a, b = _ranks(some), _ranks(others)
    middle = fmean(a)
    above = sum((x - middle) * (y - middle) for x, y in zip(a, b, strict=True))
    below = math.sqrt(sum((x - middle) ** 2 for x in a) * sum((y - middle) ** 2 for y in b))
    return above / below if below else 0.0


def _ranks(values: Sequence[float]) -> list[float]:
    """Those that are equal share their ranks."""
    order = sorted(values)
    places: dict[float, list[int]] = defaultdict(list)
    for place, value in enumerate(order):
        places[value].append(place)
    return [fmean(places[value]) for value in values]


def _controls(
    lines: Sequence[Mapping[str, Any]], worlds: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    again = [one["of"] for one in lines if one["task"] == "control again"]
    nothing = [one["of"] for one in lines if one["task"] == "control nothing"]
    beyond = [abs(one["shuffled"]["gap"]) > _SURE * one["shuffled"]["error"] for one in worlds]
    return {
        "again": {"runs": len(again), "same": all(one[BEST] == one[AGAIN] for one in again)},
        "nothing": {
            "runs": len(nothing),
            "cured": {name: [one[name]["cured"] for one in nothing] for name in MAIN},
            "same": all(len({one[name]["cured"] for name in MAIN}) == 1 for one in nothing),
        },
        "shuffled": {
            "gap": _by_luck([(one["shuffled"]["gap"], one["shuffled"]["error"]) for one in worlds]),
            "beyond": sum(beyond) / max(1, len(beyond)),
            "worlds": len(beyond),
        },
        "scores": _lever(worlds, SHUFFLED, "scores dealt out anew"),
    }
