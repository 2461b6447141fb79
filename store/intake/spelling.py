"""Whom an id means that another system spells otherwise, among those on record.

`spelt` (of migration 0016) is what ``domain.entry.ids.spelt`` is in Python. Two ids of which it
makes one text are one id to intake, which takes neither for a second account or person. For stops
marks do not count either: what is found too much costs silence, never a message.
"""

from typing import Final

LOOSELY: Final = r"""ltrim(translate(spelt({0}), '-_.,''"', ''), '0')"""
"""An id without its marks, too: as the indexes of 0016 have it, by which all are found."""


def one_spelling(one: str, other: str) -> str:
    """The condition that two expressions are one id, spelt in whichever way."""
    return (
        f"{LOOSELY.format(one)} = {LOOSELY.format(other)} AND spelt({one}) = spelt({other})"
        f" AND spelt({one}) <> ''"
    )


SAME_ACCOUNT: Final = (
    f"{one_spelling('a.creditor', 'r.creditor')} AND {one_spelling('a.account_id', 'r.account_id')}"
)
"""Of an account ``a`` and a row ``r``."""
