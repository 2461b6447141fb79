"""docs/reference/intake.md."""

from domain.entry.intake import IntakeRow
from lab.reference.text import GENERATED, described, table

_ADDRESSES = ("mobile", "landline", "email", "whatsapp")
_MAY_BE_EMPTY = ("locale",)
"""Filled from another column where it is empty."""

_ABOUT = """# Intake columns

CSV (UTF-8, commas, all columns in any order; a column may be empty but not absent) or JSON
lines (`.jsonl`; a missing key is an empty cell). How a file is taken: [Intake](../guide/intake.md);
one to begin with: [accounts.csv](../samples/accounts.csv).
"""


def page() -> str:
    """The table of columns."""
    told = described(IntakeRow)
    rows = [(f"`{name}`", _needed(name), told.get(name, "")) for name in IntakeRow.model_fields]
    return "\n".join([GENERATED, _ABOUT, *table(("Column", "Needed", "Content"), rows)]) + "\n"


def _needed(name: str) -> str:
    if name in _ADDRESSES:
        return "one of four"
    field = IntakeRow.model_fields[name]
    return "yes" if field.is_required() and name not in _MAY_BE_EMPTY else ""
