"""What the starter of a run states about it, for the proof and the report: ``run.json``.

And what the receivers of a run must have left.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from domain.failures import NotFound
from domain.strategy import Strategy


def state_run(
    folder: Path, began: datetime, until: datetime, strategies: Mapping[str, Strategy]
) -> None:
    """Write how long the world is played, how far apart each phase wants its messages, and what
    limits the operator sets.

    Of strategies that name a phase alike the smallest distance counts: no attempt says which of
    them it follows.
    """
    min_days: dict[str, int] = {}
    for phase in (phase for plan in strategies.values() for phase in plan.phases):
        asked = phase.cadence.min_days
        min_days[phase.name] = min(asked, min_days.get(phase.name, asked))
    stated = {
        "began": began.isoformat(),
        "until": until.isoformat(),
        "min_days": min_days,
        "limits": _limits([*strategies.values()]),
    }
    (folder / "run.json").write_text(json.dumps(stated, indent=2) + "\n", encoding="utf-8")


def _limits(strategies: Sequence[Strategy]) -> dict[str, Any]:
    """What holds whichever of them an attempt follows: the loosest cap, the quiet times of all."""
    caps = {}
    for name in ("day", "week", "month"):
        named = [getattr(one.caps, name, None) for one in strategies]
        known = [one for one in named if one is not None]
        caps[name] = max(known) if known and len(known) == len(named) else None
    quiet = [None if one.quiet is None else one.quiet.model_dump(mode="json") for one in strategies]
    alike = quiet and all(one == quiet[0] for one in quiet)
    return {"caps": caps, "quiet": quiet[0] if alike else None}


def expect_receivers_record(folder: Path) -> None:
    """Raises NotFound without a file that the sandbox opens at its start: missing is not empty."""
    for name in ("received.jsonl", "stops.jsonl"):
        if not (folder / name).exists():
            raise NotFound(f"{folder / name} is not there: nothing can be said of this run")
