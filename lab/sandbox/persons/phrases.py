"""How somebody writes days and sums, and how their fingers slip."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from lab.sandbox.persons.reading import Language
from lab.sandbox.seed import draw, pick

_WEEKDAYS: Final[Mapping[Language, Sequence[str]]] = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    "pt": ("segunda", "terça", "quarta", "quinta", "sexta", "sábado", "domingo"),
}
_MONTHS: Final[Mapping[Language, Sequence[str]]] = {
    "en": (
        *("January", "February", "March", "April", "May", "June", "July"),
        *("August", "September", "October", "November", "December"),
    ),
    "es": (
        *("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio"),
        *("agosto", "septiembre", "octubre", "noviembre", "diciembre"),
    ),
    "pt": (
        *("janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho"),
        *("agosto", "setembro", "outubro", "novembro", "dezembro"),
    ),
}


@dataclass(frozen=True)
class Day:
    """A day, and how somebody calls it."""

    on: date
    words: str


def some_day(today: date, language: Language, *about: object) -> Day:
    """A day of the coming week as people name one: a weekday, a number, tomorrow."""
    away = 1 + int(draw(*about, "away") * 6)
    return day_named(today + timedelta(days=away), today, language, *about)


def day_named(on: date, today: date, language: Language, *about: object) -> Day:
    """How somebody calls a day that is to come; one that is far away by its month."""
    away = (on - today).days
    weekday, month = _WEEKDAYS[language][on.weekday()], _MONTHS[language][on.month - 1]
    ways: dict[Language, list[str]] = {
        "en": [f"on {weekday}", f"on the {_nth(on.day)}", f"on {month} {on.day}"],
        "es": [f"el {weekday}", f"el {on.day}", f"el {on.day} de {month}"],
        "pt": [_on(weekday), f"dia {on.day}", f"dia {on.day} de {month}"],
    }
    if away > 6:
        ways = {tongue: said[2:] for tongue, said in ways.items()}
    if away == 1:
        ways = {"en": ["tomorrow"], "es": ["mañana"], "pt": ["amanhã"]}
    return Day(on, pick(ways[language], *about, "way"))


def _on(weekday: str) -> str:
    return f"{'no' if weekday in ('sábado', 'domingo') else 'na'} {weekday}"


def _nth(day: int) -> str:
    last = {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{'th' if 10 < day % 100 < 14 else last}"


def some_amount(owed: Decimal, *about: object) -> Decimal:
    """What somebody offers of a debt: a third, half or nearly all of it, in round figures."""
    part = owed * pick([Decimal("0.5"), Decimal("0.3"), Decimal("0.9")], *about, "part")
    step = Decimal(10) ** max(len(str(int(part))) - 2, 0)
    return max(part // step * step, Decimal(1))


def written(amount: Decimal, currency: str, language: Language, *about: object) -> str:
    """An amount as somebody writes it where that money is used."""
    whole = int(amount)
    commas, points = f"{whole:,}", f"{whole:,}".replace(",", ".")
    in_words = "dollars" if language == "en" else "dólares"
    ways = {
        "COP": [points, f"${points}", f"{points} pesos"],
        "MXN": [commas, f"${commas}", f"{whole} pesos"],
        "BRL": [f"R$ {points}", f"{points} reais", str(whole)],
    }.get(currency, [f"${commas}", f"${whole}", f"{whole} {in_words}"])
    if currency == "COP" and whole % 1000 == 0 and whole < 1_000_000:
        ways.append(f"{whole // 1000} mil")
    return pick(ways, *about, "written")


# --- slips --------------------------------------------------------------------------------------

_LONG: Final = re.compile(r"[^\W\d_]{5,}")
_NEXT_KEY: Final = dict(
    zip("qwertyuiopasdfghjklzxcvbnm", "wertyuiopasdfghjkñlxcvbnm,", strict=True)
)
_SHORT: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {"you": "u", "please": "plz", "your": "ur", "thanks": "thx"},
    "es": {"que": "q", "por favor": "xfa", "por": "x", "también": "tmb", "porque": "xq"},
    "pt": {"você": "vc", "vocês": "vcs", "que": "q", "por favor": "pfv", "também": "tb"},
}


def mistyped(text: str, language: Language, *about: object) -> str:
    """The text with one slip, of a kind that chance chooses. No figure changes, and so no sum."""
    places = [found.span() for found in _LONG.finditer(text)]
    slips: list[Callable[[str], str]] = [
        lambda said: said.lower(),
        unaccented,
        lambda said: said.strip("¿¡.!?"),
        lambda said: _shortened(said, language),
    ]
    if places:
        start, end = pick(places, *about, "word")
        at = start + 1 + int(draw(*about, "letter") * (end - start - 3))
        slips += [
            lambda said: said[:at] + said[at + 1] + said[at] + said[at + 2 :],
            lambda said: said[:at] + said[at + 1 :],
            lambda said: said[:at] + said[at] + said[at:],
            lambda said: said[:at] + _NEXT_KEY.get(said[at], said[at]) + said[at + 1 :],
        ]
    return pick(slips, *about, "slip")(text)


def unaccented(text: str) -> str:
    """The same letters, without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _shortened(text: str, language: Language) -> str:
    for long, short in _SHORT[language].items():
        text = re.sub(rf"\b{long}\b", short, text)
    return text
