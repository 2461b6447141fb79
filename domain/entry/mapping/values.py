"""Values as other systems write them, read into the one way in which intake takes them.

Each function answers with the text that a column of intake takes, or raises ValueError with the
rule that is broken: never with the value, which may be a person's. Nothing is guessed: marks, forms
of dates and the country of telephone numbers are those that the mapping states.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Final, NamedTuple

import phonenumbers

from domain.entry.money import currencies

Cell = str | Decimal | date | bool
"""What a cell holds: text, or what a workbook says is a number, a day, or true or false."""

EXCEL: Final = "excel"
"""In the place of a form of dates: days counted from 1900, as a workbook writes them as numbers."""

_BLANKS: Final = dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u202f\t"), " ")
_UNSEEN: Final = dict.fromkeys(map(ord, "\ufeff\u200b\u200e\u200f\u00ad"), "")
_SYMBOL: Final = re.compile(r"R\$|US\$|U\$S|S/\.?|Bs\.?|[A-Za-z]{3}|[$€£₡₲]")
_MINUS: Final = str.maketrans("−–", "--")
_DIGITS: Final = 15
"""What a workbook keeps of a number; the others it has made zeros (IEEE 754, binary64)."""

_EPOCH: Final = date(1899, 12, 30)
"""Day 0 of a workbook's count, from March 1900 on: it takes 1900 for a leap year."""
_FIRST_SERIAL, _LAST_SERIAL = 61, 2_958_465
_CENTURY: Final = 90
"""A year of two figures from here on is one of the last century."""

_NUMBER: Final = re.compile(r"[0-9]+")
_CLOCK: Final = re.compile(
    r"[ T]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?: ?[ap]\.?m\.?)?"
)
_PHONE: Final = re.compile(r"\+?[0-9 ().-]+")
_MANGLED: Final = re.compile(r"[0-9][.,]?[0-9]*e\+?[0-9]+", re.IGNORECASE)
_SHORTEST, _LONGEST = 5, 15

_MONTHS: Final = (
    "enero ene janeiro jan january",
    "febrero feb fevereiro fev february",
    "marzo mar marco março march",
    "abril abr april apr",
    "mayo may maio mai",
    "junio jun junho june",
    "julio jul julho july",
    "agosto ago august aug",
    "septiembre setiembre sep sept set setembro september",
    "octubre oct outubro out october",
    "noviembre nov novembro november",
    "diciembre dic dezembro dez december dec",
)
_MONTH: Final = {name: at for at, names in enumerate(_MONTHS, 1) for name in names.split()}
_TOKENS: Final = {
    "YYYY": "(?P<year>[0-9]{4})",
    "YY": "(?P<year>[0-9]{2})",
    "MMM": r"(?P<name>[^\W\d_]+)\.?",
    "MM": "(?P<month>[0-9]{2})",
    "M": "(?P<month>[0-9]{1,2})",
    "DD": "(?P<day>[0-9]{2})",
    "D": "(?P<day>[0-9]{1,2})",
}
_TOKEN: Final = re.compile("|".join(_TOKENS))


class Marks(NamedTuple):
    """How amounts are written: what stands before the decimals, and between thousands."""

    decimal: str = "."
    thousands: str = ""


def plain(cell: Cell) -> str:
    """A cell as text, without blanks around it and signs that nobody sees.

    Raises ValueError for a number of which a workbook has kept the first figures alone.
    """
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, Decimal):
        if len(cell.normalize().as_tuple().digits) > _DIGITS:
            raise ValueError(
                f"is a number of more than {_DIGITS} figures, of which a workbook keeps no more: "
                "make the column text where it is written"
            )
        return f"{cell:f}"
    if isinstance(cell, date):
        return cell.isoformat()
    return " ".join(cell.translate(_BLANKS).translate(_UNSEEN).split())


def shown(cell: Cell) -> str:
    """A cell as a person sees it, whatever is wrong with it."""
    return f"{cell:f}" if isinstance(cell, Decimal) else str(cell)


def amount(cell: Cell, marks: Marks, *, cents: bool = False, reversed_sign: bool = False) -> str:
    """An amount as intake takes it: a point before the decimals and no other mark.

    ``cents``: it counts hundredths. ``reversed_sign``: what is owed is written below zero.
    """
    if isinstance(cell, bool | date):
        raise ValueError("must be an amount")
    if isinstance(cell, Decimal):
        plain(cell)
        value = cell
    elif not (text := plain(cell)):
        return ""
    else:
        value = _amount_of(text, marks)
    value = value / 100 if cents else value
    return f"{-value if reversed_sign and value else value:f}"


def _amount_of(text: str, marks: Marks) -> Decimal:
    text = text.translate(_MINUS)
    below = text.startswith("(") and text.endswith(")")
    if below:
        text = text[1:-1]
    bare = _SYMBOL.sub(_unless_letters, text, count=1).strip()
    if bare.startswith("-") or bare.endswith("-"):
        if below:
            raise ValueError("must have one sign below zero: a minus, or brackets")
        below, bare = True, bare.strip("-").strip()
        bare = bare if bare[:1].isdigit() else _SYMBOL.sub(_unless_letters, bare, 1).strip()
    found = _form(marks).fullmatch(bare)
    if found is None:
        mark = f"{marks.thousands!r} between thousands" if marks.thousands else "no other mark"
        raise ValueError(
            f"must be an amount with {marks.decimal!r} before the decimals and {mark}, as the "
            "mapping says (amounts)"
        )
    whole = "".join(_NUMBER.findall(found["whole"]))
    value = Decimal(f"{whole}.{found['part'] or '0'}") if found["part"] else Decimal(whole)
    return -value if below else value


def _unless_letters(found: re.Match[str]) -> str:
    """Nothing in the place of a currency's sign or code; other letters stay, and are refused."""
    return found[0] if found[0].isalpha() and found[0].upper() not in currencies() else ""


@cache
def _form(marks: Marks) -> re.Pattern[str]:
    whole = "[0-9]{1,15}"
    if marks.thousands:
        whole = rf"{whole}|[0-9]{{1,3}}(?:{re.escape(marks.thousands)}[0-9]{{3}})+"
    return re.compile(rf"(?P<whole>{whole})(?:{re.escape(marks.decimal)}(?P<part>[0-9]{{1,9}}))?")


def fault_of_form(form: str) -> str | None:
    """What is wrong with a form of dates, such as ``DD/MM/YYYY``."""
    if form == EXCEL:
        return None
    parts = [{"Y": "year", "M": "month", "D": "day"}[one[0]] for one in _TOKEN.findall(form)]
    rest = _TOKEN.sub("", form)
    if sorted(parts) != ["day", "month", "year"] or any(map(str.isalnum, rest)):
        return (
            "must be a form of dates such as DD/MM/YYYY, D-M-YY or DD-MMM-YYYY, each of day, month "
            f"and year once (MMM is a month's name), or {EXCEL!r} for a workbook's numbers"
        )
    return None


def day(cell: Cell, forms: Sequence[str]) -> str:
    """A day as intake takes it, ``2026-10-31``. A time behind it is left away.

    Raises ValueError also where two of ``forms`` read two days of it.
    """
    if isinstance(cell, bool):
        raise ValueError("must be a date")
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    text = plain(cell)
    if not text:
        return ""
    found = {one for form in forms if (one := _day_of(text, form)) is not None}
    if len(found) > 1:
        raise ValueError("could be two days by the forms that the mapping lists (dates)")
    if not found:
        raise ValueError(f"must be a date as the mapping says (dates): {', '.join(forms)}")
    return found.pop().isoformat()


def _day_of(text: str, form: str) -> date | None:
    if form == EXCEL:
        serial = text.removesuffix(".0")
        if not _NUMBER.fullmatch(serial) or not _FIRST_SERIAL <= int(serial) <= _LAST_SERIAL:
            return None
        return _EPOCH + timedelta(days=int(serial))
    found = _pattern(form).fullmatch(_CLOCK.sub("", text))
    if found is None:
        return None
    said = found.groupdict()
    month = _MONTH.get(said["name"].casefold(), 0) if "name" in said else int(said["month"])
    year = int(said["year"])
    if len(said["year"]) == 2:
        year += 1900 if year >= _CENTURY else 2000
    try:
        return date(year, month, int(said["day"]))
    except ValueError:
        return None


@cache
def _pattern(form: str) -> re.Pattern[str]:
    parts, at = [], 0
    for token in _TOKEN.finditer(form):
        parts += [re.escape(form[at : token.start()]), _TOKENS[token[0]]]
        at = token.end()
    return re.compile("".join(parts) + re.escape(form[at:]))


def phone(cell: Cell, country: str | None) -> str:
    """A number in E.164. One without a country's code is of ``country``; None: it must have one.

    What is no number there is answered as it stands, so that intake says which rule it breaks.
    """
    text = plain(cell)
    if not text:
        return ""
    if _MANGLED.fullmatch(text):
        raise ValueError("was turned into a power of ten: make the column text where it is written")
    if not _PHONE.fullmatch(text):
        raise ValueError("must be one telephone number, of figures, blanks, points, hyphens")
    if text.startswith("00"):
        text = f"+{text[2:]}"
    figures = "".join(_NUMBER.findall(text))
    if not _SHORTEST <= len(figures) <= _LONGEST:
        raise ValueError(f"must be one telephone number, of {_SHORTEST} to {_LONGEST} figures")
    if country is None and not text.startswith("+"):
        raise ValueError(
            "must have + and the country's code, since the mapping names no country (phones)"
        )
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return text
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
