"""docs/reference/states.md: the states of everything that has any, and every move."""

from collections.abc import Iterator

from domain.ledger.states import BEGINS, MACHINES, Machine
from lab.reference.text import GENERATED, table

_ABOUT = """# States

Every state that an account, and what belongs to it, can be in, and every move between two of them.
What is not listed does not happen: PostgreSQL refuses it, whoever writes (`state_moves`, and of
attempts `attempt_moves`). What an account is doing at a moment is another thing:
[its standing](signs.md#statuses-of-an-account).
"""


def page() -> str:
    """A chapter for each kind of thing."""
    return "\n".join([GENERATED, _ABOUT, *(line for one in MACHINES for line in _chapter(one))])


def _chapter(machine: Machine) -> Iterator[str]:
    yield from (f"## {machine.name.capitalize()}", "", machine.about, "")
    yield from (f"In PostgreSQL: `{machine.table}`.", "")
    yield from table(
        ("State", "Meaning"), ((f"`{name}`", meaning) for name, meaning in machine.states.items())
    )
    yield ""
    yield from table(
        ("From", "To", "By"),
        (
            (f"`{one.old}`" if one.old != BEGINS else "*begins*", f"`{one.new}`", one.by)
            for one in machine.moves
        ),
    )
    yield ""
