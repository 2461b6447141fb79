"""What a file says a fact must be, read by the fact's type; each mistake in words, with its place.

country: CO                        equals
product: [card, loan]              one of
days_past_due: {from: 1, to: 30}   both ends are inside
balance: {COP: {from: 5000000}}    an amount, by currency
score: {known: false}              not known; nothing else lets an unknown fact through
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from itertools import product
from typing import Any, Final, NamedTuple

from domain.entry.money import currencies
from domain.segments.attributes import LONGEST_TEXT, PREFIX, Value
from domain.segments.facts import BALANCE, COUNTRY, CURRENCY, Fact, Facts, Kind
from domain.segments.values import Box, Names, Spans, Values, both, holds, stretch, union

Path = tuple[str | int, ...]
"""Where something stands in a file: keys, and places in lists from 0."""

_RANGE: Final = frozenset({"from", "to"})
_FORMS: Final = "give a value, a list of values, {from: ..., to: ...} or {known: false}"
_MOST_LISTED: Final = 1_000
_AMOUNT: Final = re.compile(r"[0-9]{1,15}(\.[0-9]{1,6})?")


class Wrong(NamedTuple):
    """One mistake in a file."""

    path: Path
    rule: str
    todo: str = ""


class ConditionError(ValueError):
    """What is said of a fact is no condition."""

    def __init__(self, rule: str, todo: str = "", path: Path = ()) -> None:
        super().__init__(rule)
        self.rule, self.todo, self.path = rule, todo, path


class When(NamedTuple):
    """Conditions, all of which must hold."""

    boxes: tuple[Box, ...] = ({},)
    """The facts must lie in one of them."""
    facts: tuple[str, ...] = ()
    """Which it looks at."""
    words: str = "any account"

    def matches(self, facts: Facts) -> bool:
        """Whether they hold."""
        return any(holds(box, facts) for box in self.boxes)


def read_when(said: Any, known: Mapping[str, Fact], path: Path = ()) -> tuple[When, list[Wrong]]:
    """The conditions that a file gives, and what is wrong with them."""
    if said is None:
        said = {}
    if not isinstance(said, Mapping):
        return When(), [Wrong(path, "must name facts, each with its condition")]
    wrong: list[Wrong] = []
    boxes: tuple[Box, ...] = ({},)
    facts: list[str] = []
    words: list[str] = []
    for name, wanted in said.items():
        here = (*path, str(name))
        if name not in known:
            wrong.append(Wrong(here, "is no fact that is known", _meant(str(name), known)))
            continue
        try:
            alternatives = (
                _money(wanted) if name == BALANCE else ({name: _values(known[name], wanted)},)
            )
        except ConditionError as error:
            wrong.append(Wrong((*here, *error.path), error.rule, error.todo))
            continue
        boxes = tuple(_and(one, two) for one, two in product(boxes, alternatives))
        facts.append(str(name))
        words.append(f"{name} {_in_words(wanted)}")
    return When(boxes, tuple(facts), "; ".join(words) or "any account"), wrong


def _meant(name: str, known: Mapping[str, Fact]) -> str:
    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    hint = f"is {near[0]} meant?" if near else ""
    if name.startswith(PREFIX):
        return f"{hint} or declare it in config/attributes.yaml".strip().removeprefix("or ")
    if near:
        return hint
    return f"known are {', '.join(known)}, and attr_... of config/attributes.yaml"


def _and(one: Box, two: Box) -> Box:
    """What lies in both."""
    met = dict(one)
    for name, values in two.items():
        met[name] = both(met[name], values) if name in met else values
    return met


def _values(fact: Fact, wanted: Any) -> Values:
    if isinstance(wanted, Mapping):
        return _by_keys(fact, wanted)
    listed = wanted if isinstance(wanted, list) else [wanted]
    if not listed:
        raise ConditionError("is an empty list, which nothing matches", _FORMS)
    if len(listed) > _MOST_LISTED:
        raise ConditionError(f"lists more than {_MOST_LISTED} values", "make it an attribute")
    values = [_value(fact, one) for one in listed]
    if isinstance(fact.everything, Names):
        return Names(frozenset(v for v in values if isinstance(v, str | bool)))
    return union(stretch(one, one, whole=fact.counts) for one in values)


def _by_keys(fact: Fact, wanted: Mapping[Any, Any]) -> Values:
    keys = {str(key) for key in wanted}
    if keys == {"known"}:
        return _known(fact, wanted["known"])
    everything = fact.everything
    if not keys or not keys <= _RANGE:
        odd = ", ".join(sorted(keys - _RANGE)) or "{}"
        raise ConditionError(f"has {odd}, which is no condition", _FORMS)
    if isinstance(everything, Names):
        raise ConditionError("has no order, so nothing lies from one value to another", _FORMS)
    return _range(fact, wanted)


def _range(fact: Fact, wanted: Mapping[Any, Any]) -> Spans:
    ends = {key: _value(fact, value) for key, value in wanted.items()}
    first, last = ends.get("from"), ends.get("to")
    made = stretch(first, last, whole=fact.counts)
    if made.is_empty:
        raise ConditionError("ends before it begins: from must not be beyond to", "")
    return made


def _known(fact: Fact, said: Any) -> Values:
    if not isinstance(said, bool):
        raise ConditionError("known: must be true or false")
    everything = fact.everything
    if said:
        return everything._replace(unknown=False)
    if fact.always:
        raise ConditionError("is known of every account: known: false matches nothing")
    return Spans((), True) if isinstance(everything, Spans) else Names(frozenset(), False, True)


def _value(fact: Fact, said: Any) -> Value:
    """A value as a fact of this type is; of YAML, which takes `NO` for a truth value."""
    match fact.kind:
        case Kind.TEXT | Kind.ONE_OF:
            return _text(fact, said)
        case Kind.YES_NO:
            if not isinstance(said, bool):
                raise ConditionError("must be true or false")
            return said
        case Kind.WHOLE:
            if isinstance(said, bool) or not isinstance(said, int):
                raise ConditionError("must be a whole number")
            return said
        case Kind.DATE:
            if isinstance(said, datetime) or not isinstance(said, date):
                raise ConditionError("must be a date such as 2025-11-21, without quotes")
            return said
        case _:
            return _number(said)


def _text(fact: Fact, said: Any) -> str:
    if not isinstance(said, str):
        raise ConditionError("must be text", "put it in quotes: YAML reads NO, 007 and others else")
    if fact.choices and said not in fact.choices:
        raise ConditionError(f"must be one of {', '.join(fact.choices)}")
    if not said or len(said) > LONGEST_TEXT or said != said.strip():
        raise ConditionError(f"must be text of 1 to {LONGEST_TEXT} characters, no blanks around it")
    if fact.name == COUNTRY and not re.fullmatch("[A-Z]{2}", said):
        raise ConditionError("must be two capital letters (ISO 3166), such as CO")
    if fact.name == CURRENCY and said not in currencies():
        raise ConditionError("must be the code of a currency in use (ISO 4217), such as COP")
    return said


def _number(said: Any) -> Decimal:
    if isinstance(said, bool) or not isinstance(said, int | float):
        raise ConditionError("must be a number such as 0.25, without quotes")
    try:
        made = Decimal(str(said))
    except InvalidOperation:  # pragma: no cover - what str writes of a number is one
        raise ConditionError("must be a number such as 0.25") from None
    if not made.is_finite() or abs(made) >= Decimal(10) ** 15:
        raise ConditionError("must be a number of at most fifteen digits")
    return made


def _amount(said: Any) -> Decimal:
    """As it is written: 5000000, or in quotes where it has decimals that count."""
    text = str(said) if isinstance(said, int | float) and not isinstance(said, bool) else said
    if not isinstance(text, str) or not _AMOUNT.fullmatch(text):
        raise ConditionError("must be an amount such as 5000000 or 1234.50, not negative")
    return Decimal(text)


def _money(wanted: Any) -> tuple[Box, ...]:
    """A balance, for each currency apart: an account in another one does not match."""
    form = "write it by currency, such as {COP: {from: 5000000}, BRL: {from: 8000}}"
    if not isinstance(wanted, Mapping) or not wanted:
        raise ConditionError("is no amount by currency", form)
    return tuple(
        {CURRENCY: Names(frozenset({_currency(code, form)})), BALANCE: _of_money(code, band)}
        for code, band in wanted.items()
    )


def _currency(code: Any, form: str) -> str:
    if not isinstance(code, str) or code not in currencies():
        raise ConditionError(f"{code!s:.20}: is no currency of ISO 4217", form)
    return code


def _of_money(code: str, band: Any) -> Spans:
    if not isinstance(band, Mapping):
        band = {"from": band, "to": band}
    keys = {str(key) for key in band}
    if not keys or not keys <= _RANGE:
        raise ConditionError("must be {from: ..., to: ...}, or one of the two", "", (code,))
    try:
        first, last = (_amount(band[key]) if key in band else None for key in ("from", "to"))
    except ConditionError as error:
        raise ConditionError(error.rule, error.todo, (code,)) from None
    made = stretch(first, last, whole=False)
    if made.is_empty:
        raise ConditionError("ends before it begins: from must not be beyond to", "", (code,))
    return made


def _in_words(wanted: Any) -> str:
    if isinstance(wanted, Mapping):
        return ", ".join(_keyed(str(key), value) for key, value in wanted.items())
    if isinstance(wanted, list):
        return " or ".join(map(_plain, wanted))
    return _plain(wanted)


def _keyed(key: str, value: Any) -> str:
    if key == "known":
        return "known" if value else "not known"
    inner = _in_words(value)
    return f"{key} {inner}"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def cuts(boxes: tuple[Box, ...], name: str) -> Iterator[int]:
    """At which whole numbers what is true of a fact changes."""
    for box in boxes:
        values = box.get(name)
        if isinstance(values, Spans):
            for span in values.spans:
                yield from (int(cut[0]) for cut in span if abs(cut[0]) != float("inf"))
