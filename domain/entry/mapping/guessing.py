"""A first mapping for a file that nobody has described, from its columns' names and its values.

What the values leave open (03/04/2026, 1.234) is said, and never decided in silence.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from domain.entry.mapping.model import NEEDED, PHONES
from domain.entry.mapping.names import SURNAME, consent_of, target_of
from domain.entry.mapping.values import Cell, Marks, amount, day, shown

FORMS: Final = (
    *("YYYY-MM-DD", "DD/MM/YYYY", "MM/DD/YYYY", "D/M/YYYY", "M/D/YYYY", "DD-MM-YYYY", "MM-DD-YYYY"),
    *("DD.MM.YYYY", "YYYY/MM/DD", "YYYYMMDD", "DDMMYYYY", "D/M/YY", "M/D/YY", "D-M-YY", "D-MMM-YY"),
    *("D-MMM-YYYY", "D/MMM/YYYY", "D MMM YYYY", "excel"),
)
"""Forms of dates that are tried, the likeliest first."""
_MARKS: Final = tuple(
    Marks(*one) for one in ((".", ""), (",", ""), (".", ","), (",", "."), (",", " "), (".", " "))
)
_ONE_MARK: Final = re.compile(r"[^0-9]*-?[0-9]{1,3}[.,][0-9]{3}[^0-9]*")
_YES: Final = frozenset(
    ("si", "sí", "s", "yes", "y", "sim", "1", "true", "verdadero", "verdadeiro", "x", "acepta")
)
_NO: Final = frozenset(["no", "n", "não", "nao", "0", "false", "falso"])
_EXAMPLES: Final = 500


@dataclass
class Guess:
    """What was found, as the lines of a mapping file, and what a person has to decide."""

    columns: dict[str, str | list[str]] = field(default_factory=dict)
    consents: dict[str, tuple[str, list[str], list[str]]] = field(default_factory=dict)
    """By channel: the column, what is yes there, what is no."""
    marks: Marks = _MARKS[0]
    forms: tuple[str, ...] = FORMS[:1]
    unsure: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    @property
    def missing(self) -> list[str]:
        """Columns of intake that every mapping has, for which none was found."""
        return [name for name in NEEDED if name not in self.columns]

    @property
    def phones(self) -> bool:
        """Whether there are telephone numbers."""
        return any(name in self.columns for name in PHONES)


def guess(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Guess:
    """What the columns of a file are, by their names and some of its rows."""
    found = Guess()
    for at, name in enumerate(header):
        values = [row[at] for row in rows[:_EXAMPLES] if at < len(row) and shown(row[at]).strip()]
        if (channel := consent_of(name)) is not None and channel not in found.consents:
            found.consents[channel] = (name, *_yes_and_no(name, values, found))
        elif (target := target_of(name)) is None or not _take(found, target, name):
            found.unread.append(name)
        elif target == "balance":
            found.marks = _marks_of(name, values, found)
        elif target == "oldest_due_date":
            found.forms = _forms_of(name, values, found)
    return found


def _take(found: Guess, target: str, name: str) -> bool:
    """Note a column for a column of intake; False: another one is there already."""
    if target == SURNAME:
        said = found.columns.get("name")
        names = [said] if isinstance(said, str) else said or []
        found.columns["name"] = [*names, name]
        return True
    if target in found.columns and target != "name":
        return False
    if target == "name" and target in found.columns:
        said = found.columns["name"]
        found.columns["name"] = [name, *(said if isinstance(said, list) else [said])]
        return True
    found.columns[target] = name
    return True


def _yes_and_no(name: str, values: Sequence[Cell], found: Guess) -> tuple[list[str], list[str]]:
    said = Counter(shown(value).strip() for value in values)
    yes = [one for one in said if one.casefold() in _YES]
    no = [one for one in said if one.casefold() in _NO]
    if len(yes) + len(no) < len(said) or not yes:
        found.unsure.append(f"{name}: which of its values are yes, and which no?")
    return yes or ["SI"], no


def _marks_of(name: str, values: Sequence[Cell], found: Guess) -> Marks:
    texts = [value for value in values if isinstance(value, str)]
    fitting = [marks for marks in _MARKS if all(_reads(value, marks) for value in texts)]
    if not texts:
        return Marks()
    if not fitting:
        found.unsure.append(f"{name}: its amounts are written in more than one way")
        return Marks()
    if any(map(_ONE_MARK.fullmatch, texts)) and len({_sum(texts, one) for one in fitting}) > 1:
        found.unsure.append(
            f"{name}: is 1.234 (or 1,234) a thousand and more, or one and decimals?"
        )
        parted = (one for one in fitting if one.thousands and one.thousands in "".join(texts))
        return next(parted, fitting[0])
    return fitting[0]


def _reads(value: str, marks: Marks) -> bool:
    try:
        amount(value, marks)
    except ValueError:
        return False
    return True


def _sum(texts: Sequence[str], marks: Marks) -> tuple[str, ...]:
    return tuple(amount(value, marks) for value in texts)


def _forms_of(name: str, values: Sequence[Cell], found: Guess) -> tuple[str, ...]:
    texts = [value for value in values if isinstance(value, str)]
    if not texts:
        return FORMS[:1]
    fitting = {form: days for form in FORMS if (days := _days(texts, form)) is not None}
    if not fitting:
        found.unsure.append(
            f"{name}: its dates are written in a form that is not known, or in several"
        )
        return FORMS[:1]
    first = next(iter(fitting))
    other = next((form for form, days in fitting.items() if days != fitting[first]), None)
    if other is not None:
        found.unsure.append(f"{name}: its dates could be {first} or {other}")
    return (first,)


def _days(texts: Sequence[str], form: str) -> tuple[str, ...] | None:
    try:
        return tuple(day(value, (form,)) for value in texts)
    except ValueError:
        return None
