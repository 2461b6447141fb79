"""Ids of accounts, customers and creditors: what is none, and which are too much alike.

A spreadsheet makes one id of many (``1.02345E+11``), a reader takes a word for nothing for an id
(``NULL``), an eye takes one letter for another. Under such an id two people become one, and one
hears of the other's debt; or one person becomes two, and is written to twice. Nothing is guessed:
what such a program may have made is refused, with what to do.
"""

import re
import unicodedata
from itertools import combinations
from typing import Annotated, Final

from pydantic import AfterValidator

LONGEST: Final = 64

_NOTHING: Final = frozenset(
    {"n.a", "n.a.", "na", "n/a", "n.d.", "n/d", "nan", "nat", "nil", "null", "none", "nothing"}
    | {"undefined", "undef", "unknown", "tbd", "s/n", "s.n.", "s/d", "\\n", "true", "false"}
    | {"blank", "empty", "missing", "not available", "not applicable", "unassigned"}
    | {"object object", "loading..."}
    | {"nulo", "nula", "ninguno", "ninguna", "vacio", "en blanco", "desconocido", "no aplica"}
    | {"no aplicable", "no disponible", "no asignado", "sin asignar", "no informado", "no consta"}
    | {"sin dato", "sin datos", "sin id", "sin informacion", "verdadero", "falso"}
    | {"nenhum", "nenhuma", "vazio", "em branco", "desconhecido", "nao se aplica", "nao aplicavel"}
    | {"nao disponivel", "nao atribuido", "nao informado", "nao consta", "sem dado", "sem dados"}
    | {"sem id", "sem informacao", "verdadeiro"}
)
"""Without accents, and without the brackets in which programs write such a word."""
_BRACKETED: Final = re.compile(r"[(\[<{](.*)[)\]>}]", re.DOTALL)
_MONTHS: Final = (
    "jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec|ene|abr|ago|dic|fev|mai|set|out|dez"
)
_MADE_BY_A_PROGRAM: Final = (
    (
        re.compile(r"[0-9]e[+-][0-9]+|[0-9]{1,3}[.,][0-9]+e[+-]?[0-9]+"),
        "is a long number that a spreadsheet has shortened, so that many ids become one: "
        "export the column as text",
    ),
    (
        re.compile(r"[0-9]+[.,]0+"),
        "ends in .0: a program took it for a number; export the column as text",
    ),
    (
        re.compile(r"[0-9]{1,3}(,[0-9]{3})+"),
        "has separators between thousands: a program took it for a number; "
        "export the column as text",
    ),
    (
        re.compile(
            rf"[0-9]{{1,2}}[- ]({_MONTHS})([- ][0-9]{{2,4}})?|({_MONTHS})[- ][0-9]{{2,4}}"
            r"|[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}(:[0-9]{2})?"
        ),
        "is a date that a spreadsheet has made: export the column as text",
    ),
    (
        re.compile(r"err:[0-9]{3}"),
        "is an error of a spreadsheet: give the id, or leave the row away",
    ),
    (re.compile(r"0+"), "is nothing but zeros: give the id, or leave the row away"),
    (
        re.compile(r"#.*", re.DOTALL),
        "begins with '#', as the errors of a spreadsheet do: give the id, or leave the row away",
    ),
    (
        re.compile(r"""['"`‘’“”´=+@-].*""", re.DOTALL),
        "begins with a mark that spreadsheets put before text, or take for a formula: "
        "leave the mark away",
    ),
)
_BLANKS: Final = str.maketrans("", "", " \t\n\r\f\v")
_LAST_LATIN: Final = "\u024f"
"""End of Latin Extended-B (Unicode); beyond it every letter is another script's, or a symbol."""


def fault(value: str) -> str | None:
    """Why a text is no id, naming the rule and never the value; None when it is one."""
    said = value.strip().casefold()
    if says_nothing(value):
        return "is a word for nothing (such as NULL, N/A, nan): give the id, or leave the row away"
    for made, rule in _MADE_BY_A_PROGRAM:
        if made.fullmatch(said):
            return rule
    for character in () if value.isascii() and value.isprintable() else value:
        if not _plain(character):
            name = unicodedata.name(character, "a control character")
            code = f"U+{ord(character):04X}"
            return f"holds {name} ({code}): write it in printable Latin letters, digits and marks"
    if "/" in value:
        return "must be without '/'"
    if value != value.strip() or "  " in value:
        return "must be without blanks at either end, or two in a row"
    if len(value) > LONGEST:
        return f"must have at most {LONGEST} characters"
    return None


def says_nothing(value: str) -> bool:
    """Whether a text only says that there is none, such as ``NULL``, ``(blank)`` or ``???``.

    What begins with ``#`` is left to others: it is the error of a spreadsheet.
    """
    said = _without_accents(value.strip())
    inside = _BRACKETED.fullmatch(said)
    if said in _NOTHING or (inside and inside[1].strip() in _NOTHING):
        return True
    return said[:1] not in ("", "#") and not any(map(str.isalnum, said))


def spelt(value: str) -> str:
    """What two ids have in common that differ by case, blanks, zeros before them or compatibility
    characters alone: as one system writes what another reads.

    PostgreSQL has the same under the same name (migration 0016); a test holds both to each other.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", value).casefold())
    # A Turkish capital I has its dot above; without one it is the same letter.
    return folded.replace("i\u0307", "i").translate(_BLANKS).lstrip("0")


def _plain(character: str) -> bool:
    if character.isascii():
        return character.isprintable()
    return character.isalpha() and character <= _LAST_LATIN and character not in "ªºµǀǁǂǃ"


def _checked(value: str) -> str:
    if (rule := fault(value)) is not None:
        raise ValueError(rule)
    return value


Identity = Annotated[str, AfterValidator(_checked)]
"""A business key that can be told from every other, and becomes part of a workflow id."""


def one_person(names: set[str]) -> bool:
    """Whether names that rows give one customer can be one person's.

    Order, case, accents, initials and names left away do not matter: ``PÉREZ, Ana M.`` is
    ``Ana María Pérez``.
    """
    words = [_words(name) for name in names]
    return all(_within(*sorted(pair, key=len)) for pair in combinations(words, 2))


def _without_accents(text: str) -> str:
    if text.isascii():
        return text.casefold()
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


def _words(name: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+", _without_accents(name)))


def _within(fewer: tuple[str, ...], more: tuple[str, ...]) -> bool:
    """Whether each word of one name stands in the other, in full or (to three letters) short."""

    def same(one: str, other: str) -> bool:
        short, long = sorted((one, other), key=len)
        return one == other or (len(short) <= 3 and long.startswith(short))

    return all(any(same(word, other) for other in more) for word in fewer)
