"""Which sums of money a message names: "200 mil", "R$ 1.234,56", "un millón doscientos", "half".

A sum is known, or could be one of several, or is named and cannot be taken: then a person must
look. Nothing is guessed:

- A sum is more than nothing and at most the balance and a twentieth (people round up, and interest
  runs on). Else it is named and has no value.
- Where thousands are left away in speech (`LEFT_AWAY`) a whole number below a thousand, with
  nothing that says how large it is, is itself or so many thousands, if both could be paid: "50" on
  850,000 Colombian pesos. "50 mil", "50.000" and "50,00" are what they are.
- Another currency than the account's has no value, whatever the number. "$" is the account's own.
- A share ("la mitad", "30 %", "todo", "in full") is of the balance, rounded to what the currency
  has of decimals. "El mínimo" is no sum: nobody here knows it. A discount or a rate is no share.
- Counts, ages, years, hours, days of a month, numbers of documents and telephones are no sums. Who
  has read the dates before says where they are (``taken``).
- A small number in words ("dos", "ten") is a sum only right after a verb of paying, or beside its
  currency.
"""

from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Final, NamedTuple

from domain.conversation.grammar.amount_context import Around
from domain.conversation.grammar.amount_words import (
    CURRENCIES,
    DISCOUNT,
    HALF,
    LETTERED,
    NOTES,
    NUMERALS,
    SIGNED,
    numerals,
)
from domain.conversation.grammar.numbers import Number, number_at
from domain.conversation.grammar.shares import Share, shares_in
from domain.conversation.grammar.tokens import Words
from domain.conversation.grammar.tongues import language_of
from domain.entry.money import decimals


class Sum(NamedTuple):
    """A sum that a text names, in the currency of the account.

    ``values`` has one value where the sum is known, several where it cannot be known which is
    meant, the smallest first, and none where it cannot be taken: it is more than is owed, nothing,
    or in another currency. ``start`` and ``end`` are its place in the text as it was given.
    """

    values: tuple[Decimal, ...]
    start: int
    end: int


LEFT_AWAY: Final = frozenset({"ARS", "CLP", "COP", "PYG"})
"""Currencies whose thousands go without saying: "50" for 50,000."""

MOST: Final = Decimal("1.05")
"""Of the balance: no sum is larger."""

_THOUSAND: Final = 1_000
_DIGITS: Final = "0123456789"
_PERCENT: Final = frozenset({"%", "percent", "porciento", "porcento", "ciento", "cento"})
_OF: Final = frozenset({"de", "del", "do", "da", "of"})
_JOINTS: Final = frozenset({"o", "ou", "or", "y", "e", "and", "a", "to", "-", "hasta", "ate", ","})
_TELEPHONE: Final = 7
"""Digits that a telephone, or a document, has at least."""

_RUN: Final = 8
"""Figures beside each other that are looked at together: no number has more."""

_FAR: Final = 10
"""So many times the balance, a long figure without marks is no sum at all."""

_RANGE: Final = 2
"""Figures that may be two sums: "50-60"."""

_GROUP: Final = 3
"""Digits between the marks of thousands."""

_NEAR: Final = 3
"""Words on either side that may say what a per cent is of."""


def amounts_in(
    text: str | Words,
    locale: str,
    currency: str,
    balance: Decimal,
    taken: Sequence[tuple[int, int]] = (),
) -> list[Sum]:
    """All sums that ``text`` names, in order of appearance, never overlapping.

    ``locale`` ("es-CO") is the customer's; a text in another of the three languages is read all the
    same. ``currency`` (ISO 4217) and ``balance`` are the account's. ``taken`` are the places, from
    and to, of what is no amount: dates, hours. Pure, and raises nothing.
    """
    read = text if isinstance(text, Words) else Words(text)
    language = language_of(read.words, locale)
    shares = shares_in(read.words, language)
    known = numerals(language, currency.upper())
    if not shares and not any(map(str.isdigit, read.plain)) and known.keys().isdisjoint(read.words):
        return []
    return list(_Reader(read, language, currency.upper(), balance, taken).sums(shares))


class _Reader:
    """One reading of one text, for one account."""

    def __init__(
        self,
        read: Words,
        language: str,
        currency: str,
        balance: Decimal,
        taken: Sequence[tuple[int, int]],
    ) -> None:
        self.words, self.places = read.words, read.places()
        self.language, self.known = language, numerals(language, currency)
        self.currency, self.balance = currency, balance
        self.around = Around(self.words, language)
        self.taken = _covered(self.places, taken)
        self.used = 0  # the word behind the last sum: "50 $ 50" has one sign for two sums

    def sums(self, shares: Sequence[Share]) -> Iterator[Sum]:
        """All sums, in order; ``shares`` are those found already."""
        shared = {share.begin: share for share in shares}
        at = 0
        while at < len(self.words):
            if at in self.taken:
                at += 1
            elif (share := shared.get(at)) is not None and not self._is_half_of_number(at):
                yield self._sum(self._share(share.of_all), at, share.end)
                at = self.used = share.end
            elif self._may_begin(at):
                found, end = self._at_number(at)
                if found is not None:
                    yield found
                    self.used = end
                at = max(end, at + 1)
            else:
                at += 1

    def _is_half_of_number(self, at: int) -> bool:
        """Whether it is "half a grand", and not half of the debt."""
        half = self.known.get(self.words[at])
        if half is None or half.role != HALF:
            return False
        return number_at(self.words, at, self.known, self.language) is not None

    def _may_begin(self, at: int) -> bool:
        word = self.words[at]
        return word[0] in _DIGITS or (word in self.known and self.known[word].role in NUMERALS)

    def _sum(self, values: tuple[Decimal, ...], begin: int, end: int) -> Sum:
        whole = (value == value.to_integral_value() for value in values)
        plain = tuple(v.to_integral_value() if w else v for v, w in zip(values, whole, strict=True))
        return Sum(plain, self.places[begin][0], self.places[end - 1][1])

    def _share(self, share: Fraction) -> tuple[Decimal, ...]:
        unit = Decimal(1).scaleb(-decimals(self.currency))
        value = self.balance * share.numerator / share.denominator
        rounded = value.quantize(unit, ROUND_HALF_UP)
        return (rounded,) if 0 < share <= 1 and rounded > 0 else ()

    def _at_number(self, at: int) -> tuple[Sum | None, int]:
        """The sum that the number at this word is, if it is one, and where to read on."""
        if (end := self._no_number(at)) > at:
            return None, end
        if self._word(at + 1) == "/":
            return self._fraction(at)
        number = self._spaced(at) or number_at(self.words, at, self.known, self.language)
        if number is not None and self._word(at - 1) == "buck":  # "a buck seventy five"
            return self._sum((), at, number.end), number.end
        number = number and self._in_notes(number)
        if number is None or any(n in self.taken for n in range(at, number.end)):
            return None, at + 1
        if (end := self._percent_end(number.end)) > number.end:
            return self._percent(number, at, end)
        begin, end, codes = self._with_currency(at, number.end)
        if self.around.is_counted(end, number) or (codes is None and self._is_no_sum(at, number)):
            return None, number.end
        if codes and self.currency not in codes:
            return self._sum((), begin, end), end
        return self._sum(self._fitting(self._thousands_told(number)), begin, end), end

    def _in_notes(self, number: Number) -> Number:
        """With what each is worth, where notes are counted: "7 notas de 100"."""
        of, worth = number.end + 1, number.end + 2
        if (
            self._word(number.end) not in NOTES
            or self._word(of) not in _OF
            or not self._word(worth)
        ):
            return number
        each = number_at(self.words, worth, self.known, self.language)
        if each is None:
            return number
        return each._replace(value=number.value * each.value)

    def _word(self, at: int) -> str:
        return self.words[at] if 0 <= at < len(self.words) else ""

    def _glued(self, at: int) -> bool:
        """Whether nothing stands between this word and the one before."""
        return 0 < at < len(self.places) and self.places[at - 1][1] == self.places[at][0]

    def _is_figure(self, at: int) -> bool:
        return self._word(at)[:1] in _DIGITS and self._word(at) != ""

    def _no_number(self, at: int) -> int:
        """Where a telephone, a document or a code ends that begins here; ``at`` if none does."""
        word = self.words[at]
        if not self._is_figure(at):
            return at
        before = self._word(at - 1)
        lettered = self._glued(at) and before.isalpha() and len(before) < _NEAR
        if lettered and before not in {*SIGNED, *CURRENCIES, *LETTERED}:  # "b15"
            return at + 1
        if self._glued(at) and before == ":" and self._is_figure(at - 2):  # "9:30"
            return at + 1
        end, figures, dashed = self._run(at)
        if self.around.is_document(at):
            return end
        if before == "(" and self._word(end) == ")" and self._is_figure(end + 1):
            return self._run(end + 1)[0]  # "(212) 555-0142"
        digits = sum(char.isdigit() for figure in figures for char in figure)
        grouped = all("." in figure or "," in figure for figure in figures)
        if dashed and digits >= _TELEPHONE and not grouped:
            return end
        plain = all(figure.isdigit() for figure in figures)
        many = before == "+" or len(figures) > _RANGE
        if plain and digits >= _TELEPHONE and many and not self._in_threes(figures):
            return end
        if len(word) > 1 and word[0] == "0" and word.isdigit():
            return at + 1
        if word.isdigit() and len(word) >= _TELEPHONE and Decimal(word) > self.balance * _FAR:
            return at + 1
        return at + 1 if word[-1].isalpha() else at

    def _run(self, at: int) -> tuple[int, list[str], bool]:
        """Figures with a dash or one space between them: the word after, and what they are."""
        figures, dashed, end = [self.words[at]], False, at + 1
        while len(figures) < _RUN:
            if self._word(end) == "-" and self._is_figure(end + 1) and self._glued(end + 1):
                figures.append(self.words[end + 1])
                dashed, end = True, end + 2
            elif self._is_figure(end) and end not in self.taken:
                figures.append(self.words[end])
                end += 1
            else:
                break
        return end, figures, dashed

    @staticmethod
    def _in_threes(figures: Sequence[str]) -> bool:
        first, *rest = figures
        threes = all(len(figure) == _GROUP for figure in rest)
        return threes and len(first) <= _GROUP

    def _spaced(self, at: int) -> Number | None:
        """Groups of three digits with spaces between them: "1 234 567"."""
        end, figures, dashed = self._run(at) if self._is_figure(at) else (at, [""], False)
        if dashed or len(figures) == 1 or not all(figure.isdigit() for figure in figures):
            return None
        if not self._in_threes(figures):
            return None
        return Number(Decimal("".join(figures)), end, exact=True, in_words=False)

    def _fraction(self, at: int) -> tuple[Sum | None, int]:
        """A share ("1/2 del saldo"); 15/12 is a date, and no sum."""
        first, second = self.words[at], self._word(at + 2)
        end = at + 3
        while self._word(end) == "/":
            end += 2
        if not (first.isdigit() and second.isdigit() and end == at + 3 and len(second) == 1):
            return None, end
        over = int(second)
        if int(first) >= over or (self._word(end) not in _OF and (first, over) != ("1", 2)):
            return None, end
        return self._sum(self._share(Fraction(int(first), over)), at, end), self._past_whole(end)

    def _percent_end(self, at: int) -> int:
        if self._word(at) in ("por", "per") and self._word(at + 1) in (*_PERCENT, "cent"):
            return at + 2
        return at + 1 if self._word(at) in _PERCENT else at

    def _percent(self, number: Number, begin: int, end: int) -> tuple[Sum | None, int]:
        near = {*self.words[max(0, begin - _NEAR) : begin], *self.words[end : end + _NEAR]}
        if not DISCOUNT.isdisjoint(near):
            return None, end
        values = self._share(Fraction(number.value) / 100)
        return self._sum(values, begin, end), self._past_whole(end)

    def _past_whole(self, at: int) -> int:
        """The word after "del total", which names no second sum behind a share."""
        return at + 2 if self._word(at) in _OF else at

    def _with_currency(self, at: int, end: int) -> tuple[int, int, frozenset[str] | None]:
        """The sum with its currency: where it begins and ends, and what it could be.

        None where no currency is told; the empty set is "$", which is the account's own.
        """
        begin, codes = at, None
        before = self._word(at - 1) if at > self.used else ""
        if before == "$":
            begin, codes = at - 1, frozenset[str]()
            if self._glued(begin) and self._word(begin - 1) in SIGNED:
                codes, begin = SIGNED[self._word(begin - 1)], begin - 1
        elif before in CURRENCIES and (len(before) <= _NEAR):
            begin, codes = at - 1, CURRENCIES[before]
        elif before in LETTERED and self._glued(at):
            begin, codes = at - 1, LETTERED[before]
        elif before == "/" and self._word(at - 2) == "s":
            begin, codes = at - 2, frozenset({"PEN"})
        after = end + (self._word(end) == "de")
        if self._word(after) in CURRENCIES:
            return begin, after + 1, CURRENCIES[self._word(after)]
        if self._word(end) == "$" and not self._is_figure(end + 1):
            return begin, end + 1, codes or frozenset()
        return begin, end, codes

    def _is_no_sum(self, at: int, number: Number) -> bool:
        around = self.around
        if not number.exact and around.is_day_or_hour(at, number):
            return True
        alone = at == 0 and number.end == len(self.words)
        return not alone and around.is_small_talk(at, number)

    def _thousands_told(self, number: Number) -> Number:
        """The first of "50 o 60 mil" and "entre 50 y 100 mil" are thousands, too."""
        if number.exact or number.value >= _THOUSAND or self._word(number.end) not in _JOINTS:
            return number
        second = (
            number_at(self.words, number.end + 1, self.known, self.language)
            if (number.end + 1 < len(self.words))
            else None
        )
        if second is None or not second.exact or not self._has_thousands(number.end + 1, second):
            return number
        if number.value * _THOUSAND >= second.value:
            return number
        return number._replace(value=number.value * _THOUSAND, exact=True)

    def _has_thousands(self, begin: int, number: Number) -> bool:
        """Whether it is so many times "mil", and not "50.000" or a million."""
        last = self.known.get(self.words[number.end - 1])
        return number.end > begin + 1 and last is not None and last.value == _THOUSAND

    def _fitting(self, number: Number) -> tuple[Decimal, ...]:
        """What of the number could be paid."""
        value, most = number.value, self.balance * MOST
        if not 0 < value <= most or value != round(value, decimals(self.currency)):
            return ()
        thousands = value * _THOUSAND
        whole = not number.exact and value < _THOUSAND and value == int(value)
        if whole and self.currency in LEFT_AWAY and thousands <= most:
            return (value, thousands)
        return (value,)


def _covered(places: Sequence[tuple[int, int]], taken: Sequence[tuple[int, int]]) -> frozenset[int]:
    """Which words lie in a place that is taken, in part or whole."""
    covered, spans = set[int](), sorted(taken)
    at = 0
    for word, (start, end) in enumerate(places):
        while at < len(spans) and spans[at][1] <= start:
            at += 1
        if at < len(spans) and spans[at][0] < end:
            covered.add(word)
    return frozenset(covered)
