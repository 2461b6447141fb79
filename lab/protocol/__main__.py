"""``python -m lab.protocol``: explore the protocol, then tell what each safeguard is for.

``--faults 3 --facts 1`` and the like look deeper; memory and time grow by ten with each.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from typing import Final

from lab.protocol.edits import Limits
from lab.protocol.explore import Found, explore
from lab.protocol.safeguards import NEEDS_FACTS, SEEN_IN, WITHOUT, without
from lab.protocol.stories import tell
from lab.protocol.world import SETTINGS

LIMITS: Final = (Limits(faults=2, facts=0), Limits(faults=1, facts=1), Limits(faults=0, facts=2))
"""Two faults together, a fault and a fact together, two facts together: at any points."""
CASES: Final = (
    *(("siblings", limits) for limits in LIMITS),
    *(("handset", limits) for limits in LIMITS[1:]),
    *(("questions", limits) for limits in LIMITS[1:]),
    *(("again", Limits(*limits)) for limits in ((1, 2), (0, 3))),
)
APART: Final = ("phases", Limits(faults=1, facts=0))
"""The distance between messages needs weeks, so less goes wrong in them."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print counts and stories; 1 if a promise breaks, or a safeguard is of no use."""
    parser = argparse.ArgumentParser(prog="python -m lab.protocol", description=__doc__)
    parser.add_argument("--faults", type=int, help="faults in one life, each of a kind once")
    parser.add_argument(
        "--facts", type=int, help="things the customer says or pays, or a person does"
    )
    parser.add_argument("--setting", choices=sorted(SETTINGS))
    given = parser.parse_args(arguments)
    asked = (given.setting or "siblings", Limits(given.faults or 0, given.facts or 0))
    named = (given.faults, given.facts, given.setting) != (None, None, None)
    cases = (asked,) if named else (*CASES, APART)
    wrong = 0
    for setting, limits in cases:
        began = time.monotonic()
        found = explore(limits=limits, setting=setting)
        took = time.monotonic() - began
        print(
            f"{setting}, {limits.faults} faults, {limits.facts} facts: {found.states:,} states, "
            f"{found.transitions:,} steps in {took:.0f} s: {found.broken or 'every promise holds'}"
        )
        if found.broken:
            wrong += 1
            print(tell(found))
    for name, words in WITHOUT.items():
        print(f"\nTaken out: {words}")
        found = counterexample(name)
        if not found.broken:
            wrong += 1
            print("  no counterexample: is it of any use?")
        else:
            print(f"(after {found.states:,} states)\n{tell(found)}")
    return min(wrong, 1)


def counterexample(name: str) -> Found:
    """What the search sees without one safeguard."""
    facts = NEEDS_FACTS.get(name, 0)
    limits = Limits(faults=0 if facts else 2, facts=facts)
    return explore(without(name), limits, SEEN_IN.get(name, "siblings"))


if __name__ == "__main__":
    sys.exit(main())
