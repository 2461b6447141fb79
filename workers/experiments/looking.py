"""One look at an experiment: what is counted, what can be said, what is new.

It may be taken at any time, by anybody, as often as anybody likes: the intervals hold at every
look.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from domain.experiments.experiment import Plan
from domain.experiments.judging import Finding, Kind, Reading, found, is_over, read
from domain.experiments.mismatch import Mismatch, mismatch
from domain.experiments.sequences import Interval
from store.database import Connection
from store.experiments import figures
from store.experiments.figures import Collected, Taken
from store.experiments.findings import Kept


class Look(NamedTuple):
    """What is seen of one experiment."""

    experiment: str
    plan: Plan
    taken: Sequence[Taken]
    counts: Mismatch
    readings: Sequence[Reading]
    collected: Sequence[Collected]
    kept: Sequence[Kept]
    """What was found before."""

    @property
    def known(self) -> set[tuple[Kind, str]]:
        """The same, by kind and arm."""
        return {(Kind(one.kind), one.arm) for one in self.kept}

    @property
    def new(self) -> list[Finding]:
        """What follows by itself, and was not found before."""
        return found(self.plan, self.readings, self.counts, self.known)

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to find out."""
        return is_over(self.plan, self.known)

    def people(self, arm: str) -> tuple[int, int]:
        """How many were drawn into an arm, and how many came along."""
        mine = [one for one in self.taken if one.drawn.arm == arm]
        return sum(one.drawn.people for one in mine), sum(one.came_along for one in mine)


async def look(
    connection: Connection, experiment: str, plan: Plan, kept: Sequence[Kept], now: datetime
) -> Look:
    """Count, and read what is counted, in the caller's transaction. Writes nothing."""
    await figures.take_time(connection)
    primary = await figures.outcomes(connection, experiment, plan, now)
    harms = await figures.harms(connection, experiment, plan, now)
    collected = await figures.money(connection, experiment, plan, now)
    taken = await figures.taken_in(connection, experiment)
    counts = mismatch([one.drawn for one in taken])
    mine = [one for one in kept if one.experiment == experiment]
    return Look(experiment, plan, taken, counts, read(plan, primary, harms), collected, mine)


def as_json(seen: Look) -> dict[str, Any]:
    """For other programs, and to keep beside what is found."""
    return {
        "experiment": seen.experiment,
        "over": seen.is_over,
        "plan": seen.plan.model_dump(mode="json"),
        "mismatch": {
            "found": seen.counts.found,
            "p_value": seen.counts.p_value,
            "meant": {arm: round(people, 1) for arm, people in seen.counts.meant.items()},
        },
        "arms": [_arm(seen, one) for one in seen.readings],
        "findings": [one.model_dump(mode="json") for one in seen.kept],
    }


def _arm(seen: Look, one: Reading) -> dict[str, Any]:
    drawn, came_along = seen.people(one.arm)
    return {
        "arm": one.arm,
        "treatment": seen.plan.arms[one.arm],
        "drawn": drawn,
        "came_along": came_along,
        "counted": one.people,
        "mean": one.mean,
        "difference": _interval(one.interval),
        "verdict": None if one.verdict is None else one.verdict.value,
        "money": [
            {"currency": c.currency, "owed": str(c.owed), "paid": str(c.paid)}
            for c in seen.collected
            if c.arm == one.arm
        ],
        "guardrails": [
            {
                "harm": w.guardrail.harm.value,
                "within_days": w.guardrail.within_days,
                "tolerated": str(w.guardrail.tolerated),
                "counted": w.people,
                "happened": w.happened,
                "difference": _interval(w.interval),
                "broken": w.broken,
            }
            for w in one.watched
        ],
    }


def _interval(interval: Interval | None) -> dict[str, float] | None:
    return None if interval is None else dict(interval._asdict())
