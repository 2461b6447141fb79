"""Disasters after one another on one stage, and the verdict over all that people received."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from lab.drill.scenarios import SCENARIOS, Told
from lab.drill.stage import Stage
from store.restoring.forgotten import Forgotten


@dataclass
class Drilled:
    """What a drill showed."""

    told: list[Told] = field(default_factory=list)
    took: dict[str, float] = field(default_factory=dict)
    received: int = 0
    double: tuple[str, ...] = ()
    unlawful: tuple[str, ...] = ()
    record: tuple[str, ...] = ()
    """Where ledger and receivers contradict each other: what a restore could not bring back."""
    unknown: int = 0
    faults: list[str] = field(default_factory=list)

    def summary(self) -> str:
        """In a few lines."""
        lines = [
            f"  {one.name}: {one.messages} messages and {one.stops} stops of the lost time; "
            f"noticed: {one.noticed or '-'}"
            for one in self.told
        ]
        took = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in self.took.items())
        lines += [
            f"  {took}",
            f"  {self.received} messages received: {len(self.double)} twice, {len(self.unlawful)} "
            f"unlawful or after a stop, {len(self.record)} not as the ledger has them; "
            f"{self.unknown} attempts unknown",
            *(f"- {fault}" for fault in self.faults),
        ]
        return "\n".join(lines)


async def drill(
    folder: Path, console: Console, names: Iterable[str], *, accounts: int, seed: int = 1
) -> Drilled:
    """Play the disasters of these names, one after the other; the servers are stopped at the end,
    whatever happens."""
    stage, result = Stage(folder, console, accounts=accounts, seed=seed), Drilled()
    async with stage.open():
        for name in names:
            result.told.append(await SCENARIOS[name](stage))
        proof = await stage.judged()
        async with stage.pool() as pool:
            result.unknown = await Forgotten(pool).unknown()
    result.took, result.received = stage.took, proof.received
    result.double, result.unlawful, result.record = proof.double, proof.unlawful, proof.record
    result.faults = [fault for one in result.told for fault in one.faults]
    result.faults += [f"twice: {one}" for one in proof.double]
    result.faults += [f"unlawful: {one}" for one in proof.unlawful]
    result.faults += [f"stuck: {one}" for one in stage.given_up]
    return result
