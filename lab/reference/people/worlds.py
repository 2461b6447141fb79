"""docs/reference/worlds.md."""

from lab.reference.text import GENERATED, table
from people.parameters import PARAMETERS
from people.worlds import WORLDS

_ABOUT = """# Worlds

What the models of people assume ([how they work](../simulation.md)). Each number has a range; a
world is one value for each. Most have never been published: those are marked as assumed, and an
answer that hangs on one of them is an answer about that assumption.
"""


def page() -> str:
    """The table of parameters."""
    head = ("Parameter", "Range", *(f"`{name}`" for name in WORLDS), "What it is", "Source")
    rows = [
        (
            f"`{one.name}`",
            f"{one.low:g} to {one.high:g}",
            *(f"{world.values[one.name]:g}" for world in WORLDS.values()),
            one.what,
            one.source,
        )
        for one in PARAMETERS
    ]
    return "\n".join([GENERATED, _ABOUT, *table(head, rows)]) + "\n"
