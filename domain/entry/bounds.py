"""What a text, a day and an instant from outside may be, whichever door they come in by.

Bounds of two kinds: what PostgreSQL, JSON and the calendar can hold (a NUL, half a surrogate pair,
the year 9999 in a zone behind UTC are beyond one of them), and what can be true of a debt. Amounts
have a rule of their own (``domain/entry/money.py``), and so have ids of accounts and customers
(``domain/entry/ids.py``).

Each ``fault_of_...`` says which rule a value breaks and never the value; None: it keeps them.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final, TypeAlias

Json: TypeAlias = object
"""What JSON says: mappings, sequences, texts, numbers, true, false, null."""

EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2199, 12, 31, tzinfo=UTC)
"""Nothing that is told of happened before, or will after. The law's years end here, too, and in
every zone there is room beyond for whatever planning adds."""

EARLIEST_DUE: Final = date(1990, 1, 1)
"""No debt that is still collected fell due before; and the first instant that computers know, of
1970, is what they write for no date at all."""

LATEST_DUE: Final = timedelta(days=3_653)
"""Ten years: how far ahead an account's oldest unpaid instalment may be due. Further is a slip.
An account that was paid up has its next instalment ahead, and is told of with that."""

LATEST_DUE_IN_FILE: Final = timedelta(days=60)
"""How far ahead of its own date a file may say so: it lists debts that are overdue or about to be,
so that a row further ahead is a day and a month that were exchanged, and no account paid up."""

SKEW: Final = timedelta(days=1)
"""How far ahead of our clock a sender's may be: a wrong zone is up to 14 hours off, and a day's
figures are dated at its end. What is dated ahead within it holds from now."""

LARGEST_SCORE: Final = 1_000_000
"""What a score may be at most, on whichever side of 0."""
SCORE_DECIMALS: Final = 9
"""More than any model means."""

LARGEST_VERSION: Final = 2_147_483_647
"""Of what an operator counts the versions of: PostgreSQL's integer holds no more."""

LONGEST: Final = 1_000
"""Characters of any one text of a message."""

LONGEST_LETTER: Final = 10_000
"""Characters that are kept of what a person wrote (the field ``text`` of an event)."""

_CUT: Final = 2_000
"""Characters of each text that are kept of a message that cannot be taken."""


def fault_of_text(value: str, most: int = LONGEST) -> str | None:
    """Whether PostgreSQL and JSON hold a text, and whether it is one that a person can read."""
    if len(value) > most:
        return f"must have at most {most} characters"
    for character in value:
        if not character.isprintable():
            return f"must be printable: it holds U+{ord(character):04X}"
    return None


def fault_of_instant(at: datetime) -> str | None:
    """Whether an instant (aware) is of our time."""
    if not EARLIEST <= at <= LATEST:
        return f"must lie between {EARLIEST:%Y-%m-%d} and {LATEST:%Y-%m-%d}"
    return None


def fault_of_due_date(day: date, today: date | None, ahead: timedelta = LATEST_DUE) -> str | None:
    """Whether an unpaid instalment can be due on a day; ``today`` None: it is not known."""
    if day < EARLIEST_DUE:
        return f"must not be before {EARLIEST_DUE}"
    if today is not None and day - today > ahead:
        return f"must not be more than {ahead.days} days ahead"
    return None


def fault_within(value: Json, path: tuple[str, ...] = ()) -> tuple[str, str] | None:
    """The first text anywhere in a message that breaks a rule: its field and the rule."""
    for where, text in _texts(value, path):
        if (rule := fault_of_text(text)) is not None:
            return ".".join(where), rule
    return None


def _texts(value: Json, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(inner, (*path, str(key)))
    elif isinstance(value, Sequence):
        for place, inner in enumerate(value):
            yield from _texts(inner, (*path, str(place)))


def storable(text: str) -> str:
    """A text that PostgreSQL holds, for a person to read: what is not printable is spelt out."""
    shown = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text[:_CUT])
    return shown if len(text) <= _CUT else f"{shown}… ({len(text)} characters)"


def keepable(text: str, most: int = LONGEST_LETTER) -> str:
    """What a person wrote, to the letter but for what neither PostgreSQL nor JSON can hold.

    That is spelt out (a NUL, half a surrogate pair), and what is longer than a letter is cut.
    """
    kept = "".join(c if _holds(c) else f"\\u{ord(c):04x}" for c in text[:most])
    return kept if len(text) <= most else f"{kept}… ({len(text)} characters)"


def _holds(character: str) -> bool:
    return character != "\0" and not "\ud800" <= character <= "\udfff"


def each_key_once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    """For ``json.loads``: raises ValueError where an object gives a key twice, for which of the two
    is meant nobody knows."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is given twice")
    return found


def fault_of_score(value: Decimal) -> str | None:
    """A score is a number that a model can mean."""
    if not value.is_finite() or abs(value) > LARGEST_SCORE:
        return f"must be a number between -{LARGEST_SCORE} and {LARGEST_SCORE}"
    exponent = value.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > SCORE_DECIMALS:
        return f"must have at most {SCORE_DECIMALS} decimals"
    return None
