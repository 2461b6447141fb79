"""docs/reference/intake.md and docs/reference/parties.md."""

from collections.abc import Sequence

from domain.entry.intake import COLUMNS, OPTIONAL, IntakeRow, PersonRow
from domain.entry.party import PARTY_COLUMNS, PartyRow
from domain.segments.attributes import ALWAYS
from lab.reference.text import GENERATED, described, table

_ADDRESSES = ("mobile", "landline", "email", "whatsapp")
_MAY_BE_EMPTY = ("locale",)
"""Filled from another column where it is empty."""

_ABOUT = """# Intake columns

CSV (UTF-8, commas, columns in any order; a column may be empty but, where it does not say so, not
absent) or JSON lines (`.jsonl`; a missing key is an empty cell). How a file is taken:
[Intake](../guide/intake.md); one to begin with: [accounts.csv](../samples/accounts.csv).
"""


_MAY_BE_ABSENT = """## Columns that may be absent

By these the strategy of an account is chosen ([Segments](../guide/segments.md)). A file without one
says nothing of it, and what is known stays.
"""

_FACTS = ("product", "tenure_days")

_OF_PARTIES = """# Columns of a file of parties

Who stands for an account beside its debtor, for `contrapunto parties`: CSV (UTF-8, commas, all
columns in any order; a column may be empty but not absent) or JSON lines. What is done with them:
[Guarantors and co-debtors](../guide/parties.md). `account_id` and `creditor` name the account;
`customer_id` and all that follows is of the party.
"""


def page() -> str:
    """The table of columns."""
    told = _page(_ABOUT, IntakeRow, (*COLUMNS, *OPTIONAL))
    return told + "\n".join(["", _MAY_BE_ABSENT, *_choosing(), ""])


def _choosing() -> list[str]:
    rows = [
        (
            "`strategy`",
            "The id of the strategy that the account is to have; empty: none is pinned.",
        ),
        ("`attr_<name>`", "An attribute that `config/attributes.yaml` declares; empty: not known."),
        *(
            (f"`attr_{name}`", f"Needs no declaration: {one.type}, the fact `{fact}`.")
            for (name, one), fact in zip(ALWAYS.items(), _FACTS, strict=True)
        ),
    ]
    return table(("Column", "Content"), rows)


def page_of_parties() -> str:
    """The same of a file of parties."""
    return _page(_OF_PARTIES, PartyRow, PARTY_COLUMNS)


def _page(about: str, row: type[PersonRow], columns: Sequence[str]) -> str:
    told = described(row)
    rows = [(f"`{name}`", _needed(row, name), told.get(name, "")) for name in columns]
    return "\n".join([GENERATED, about, *table(("Column", "Needed", "Content"), rows)]) + "\n"


def _needed(row: type[PersonRow], name: str) -> str:
    if name in _ADDRESSES:
        return "one of four"
    field = row.model_fields[name]
    return "yes" if field.is_required() and name not in _MAY_BE_EMPTY else ""
