"""The result of a dry run: each strategy's figures, their difference, and how far seeds differ."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean, stdev
from typing import Any, Final

from domain.report.prices import Prices
from workers.simulation.book.packed import Packed
from workers.simulation.figures import differently, figures
from workers.simulation.record import Account, Record
from workers.simulation.settings import Run

_T95: Final = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
)
"""Student's t, two-sided 95 %, for 1 to 20 degrees of freedom."""

_COUNTED: Final = (
    *("contacts", "cured", "promises", "promises_kept", "plans", "opt_outs", "complaints"),
    "never_contacted",
)
GROUPS: Final = ("segments", "strategies", "arms")
"""What accounts are told apart by in the figures."""
MEASURES: Final = (*_COUNTED, "cost", "cured_share")
"""What is compared over seeds."""


def result(
    runs: Sequence[Run],
    records: Iterator[Record],
    prices: Prices,
    versions: Sequence[tuple[str, str]],
) -> dict[str, Any]:
    """``runs`` go by side, and of each by seed; ``versions``: name and digest of each side."""
    by_strategy: list[list[dict[str, Any]]] = [[] for _ in versions]
    seeds = len(runs) // len(versions)
    first: list[Packed[Account]] = []
    for place, record in enumerate(records):
        told = figures(record, prices)
        by_strategy[place // seeds].append(told)
        if place % seeds == 0 and len(versions) > 1:
            first.append(record.accounts)
    run = runs[0]
    found: dict[str, Any] = {
        "began": run.began.isoformat(),
        "days": run.days,
        "people": run.world.name,
        "world": dict(sorted(run.world.values.items())),
        "seeds": [one.seed for one in runs[:seeds]],
        "prices": _read(prices),
        "strategies": [
            {
                "strategy": name,
                "digest": digest,
                "figures": of_seeds[0],
                "over_seeds": _over(list(map(measures, of_seeds))),
                **{f"{of}_over_seeds": _each_over(of_seeds, of) for of in GROUPS},
            }
            for (name, digest), of_seeds in zip(versions, by_strategy, strict=True)
        ],
    }
    if len(versions) > 1:
        pairs = zip(*(map(measures, each) for each in by_strategy), strict=True)
        gaps = [{name: b[name] - a[name] for name in MEASURES} for a, b in pairs]
        found["difference"] = _over(gaps)
        found["touched_differently"] = differently(*first)
    return found


def _read(prices: Prices) -> dict[str, Any]:
    each = list(prices.each())
    return {
        "currency": prices.currency,
        "prices": len(each),
        "assumed": sum(one.assumed for one in each),
        "read_until": max((one.read.isoformat() for one in each), default=None),
    }


def measures(told: Mapping[str, Any]) -> dict[str, float]:
    """One number for each thing that is compared; cost is known of all accounts together alone."""
    found = {name: float(told[name]) for name in _COUNTED}
    if "cost" in told:
        found["cost"] = float(told["cost"]["total"])
    found["cured_share"] = told["cured"] / max(1, told["accounts"])
    return found


def _over(of_seeds: Sequence[Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """Mean and interval over seeds; without a second seed there is no interval."""
    return {name: _interval([one[name] for one in of_seeds]) for name in of_seeds[0]}


def _interval(values: Sequence[float]) -> dict[str, float]:
    found = {"mean": round(fmean(values), 6)}
    if len(values) > 1:
        t = _T95[len(values) - 2] if len(values) - 2 < len(_T95) else 1.96
        half = t * stdev(values) / math.sqrt(len(values))
        found |= {
            "low": round(found["mean"] - half, 6),
            "high": round(found["mean"] + half, 6),
            "least": round(min(values), 6),
            "most": round(max(values), 6),
        }
    return found


def _each_over(
    of_seeds: Sequence[Mapping[str, Any]], of: str
) -> dict[str, dict[str, dict[str, float]]]:
    """Of each segment, strategy or arm, over the seeds in which anybody is in it: who comes into
    an arm while the days pass is not the same in all."""
    found: dict[str, list[dict[str, float]]] = defaultdict(list)
    for one in of_seeds:
        for name, told in one[of].items():
            found[name].append(measures(told) | {"accounts": float(told["accounts"])})
    return {name: _over(found[name]) for name in sorted(found)}
