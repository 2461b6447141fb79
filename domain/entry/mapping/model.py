"""What a mapping file says: how a portfolio's file is written, and which column is which."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any, Final, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from domain.channels import Channel
from domain.entry.intake import COLUMNS, OPTIONAL, countries, nearest
from domain.entry.mapping.values import Marks, fault_of_form
from domain.model import Strict
from domain.segments.attributes import PREFIX
from domain.segments.rows import STRATEGY

NEEDED: Final = (
    *("account_id", "customer_id", "creditor", "currency", "balance", "oldest_due_date"),
    *("name", "country"),
)
"""Columns of intake without which no row is good."""
ADDRESSES: Final = ("mobile", "landline", "email", "whatsapp")
PHONES: Final = ("mobile", "landline", "whatsapp")
IDS: Final = ("account_id", "customer_id")
_KNOWN: Final = (*COLUMNS, *OPTIONAL, STRATEGY)

Text = Annotated[str, Field(min_length=1, max_length=200)]


def _words(said: Any) -> Any:
    """A list as it is meant: YAML reads NO and TRUE as truth values, and 1 as a number."""
    if not isinstance(said, list):
        return said
    return tuple(word for one in said for word in _word(one))


def _word(one: Any) -> tuple[Any, ...]:
    if isinstance(one, bool):
        return ("yes", "true") if one else ("no", "false")
    return (str(one),) if isinstance(one, int) else (one,)


def _meanings(said: Any) -> Any:
    """The same for what is written and what it means."""
    if not isinstance(said, dict):
        return said
    return {word: _word(meant)[0] for written, meant in said.items() for word in _word(written)}


class Delimiter(StrEnum):
    """What stands between the cells of a line."""

    COMMA = "comma"
    SEMICOLON = "semicolon"
    TAB = "tab"
    BAR = "bar"

    @property
    def sign(self) -> str:
        """The character itself."""
        return {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}[self.value]


class Encoding(StrEnum):
    """How characters are written as octets."""

    UTF_8 = "utf-8"
    """With a byte order mark or without."""
    WINDOWS_1252 = "windows-1252"
    """The plain CSV of a spreadsheet in Western languages; ISO 8859-1 reads the same."""


class Unit(StrEnum):
    """What an amount counts."""

    WHOLE = "whole"
    CENTS = "cents"
    """Hundredths, without a mark before them."""


class FileShape(Strict):
    """How the file is written. What does not concern its kind is not looked at."""

    delimiter: Delimiter = Delimiter.COMMA
    """Of text."""
    encoding: Encoding = Encoding.UTF_8
    """Of text."""
    sheet: Text | None = None
    """Of a workbook: the name of its sheet, where it has several that are not empty."""
    skip_lines: Annotated[int, Field(ge=0, le=1000)] = 0
    """Lines above the one that names the columns: a title, a date."""
    header: tuple[Text, ...] = ()
    """Names for the columns from left to right, of a file that names none itself."""
    footer: Text | None = None
    """A row whose first filled cell begins so is no account, and is passed over: `TOTAL`."""

    @field_validator("header")
    @classmethod
    def _each_once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len({spelt(name) for name in value}) < len(value):
            raise ValueError("must name each column once")
        return value


class AmountMarks(Strict):
    """How amounts are written."""

    decimal: Annotated[str, Field(pattern=r"^[.,]$")] = "."
    """Before the decimals: `.` or `,`."""
    thousands: Annotated[str, Field(pattern=r"^[., ']?$")] = ""
    """Between thousands: `.`, `,`, a blank, `'`, or nothing."""

    @model_validator(mode="after")
    def _two(self) -> Self:
        if self.decimal == self.thousands:
            raise ValueError("decimal and thousands must be two marks")
        return self

    @property
    def marks(self) -> Marks:
        """Those that values are read by."""
        return Marks(self.decimal, self.thousands)


class Flag(Strict):
    """A column of the file that says yes or no."""

    column: Text
    """Its name."""
    agreed: Annotated[tuple[str, ...], BeforeValidator(_words), Field(min_length=1)]
    """What it holds where it is yes, in whichever case: `[SI, S, 1]`."""
    refused: Annotated[tuple[str, ...], BeforeValidator(_words)] = ()
    """What it holds where it is no; an empty cell is no. Anything else refuses the row."""

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if {spelt(one) for one in self.agreed} & {spelt(one) for one in ("", *self.refused)}:
            raise ValueError("agreed and refused must have no value in common, and empty is no")
        return self


class Rule(Strict):
    """Where a column of intake comes from: one of `column`, `columns`, `constant`, `consents`."""

    column: Text | None = None
    """A column of the file."""
    columns: Annotated[tuple[Text, ...], Field(min_length=2)] | None = None
    """Several, joined by a blank where they are not empty: first names and surnames."""
    constant: Text | None = None
    """The same for each row."""
    consents: dict[Channel, Flag] | None = None
    """Of `consents` alone: for each channel the column that says whether it was agreed to."""
    values: Annotated[Mapping[str, str], BeforeValidator(_meanings)] | None = None
    """What the file's values mean, in whichever case: `{Bogotá: CO-DC}`. One that is not listed
    refuses the row, unless there is an `otherwise`."""
    otherwise: str | None = None
    """What every other value means; empty: nothing."""
    unit: Unit = Unit.WHOLE
    """Of an amount: `whole` or `cents`."""
    reversed: bool = False
    """Of an amount: what is owed is written below zero."""
    figures: Annotated[int, Field(ge=2, le=64)] | None = None
    """Of an id: it has so many figures; zeros that were lost before it are put back."""

    @model_validator(mode="before")
    @classmethod
    def _name_alone(cls, said: Any) -> Any:
        return {"column": said} if isinstance(said, str) else said

    @model_validator(mode="after")
    def _of_one_kind(self) -> Self:
        sources = (self.column, self.columns, self.constant, self.consents)
        if sum(one is not None for one in sources) != 1:
            raise ValueError("must have one of column, columns, constant, consents")
        if self.otherwise is not None and self.values is None:
            raise ValueError("otherwise goes with values")
        if self.values is not None:
            if self.column is None:
                raise ValueError("values go with column")
            if len({spelt(one) for one in self.values}) < len(self.values):
                raise ValueError("values must differ by more than case and blanks")
        return self

    def sources(self) -> Iterator[str]:
        """The columns of the file that it reads."""
        if self.column is not None:
            yield self.column
        yield from self.columns or ()
        yield from (flag.column for flag in (self.consents or {}).values())


class FileMapping(Strict):
    """A mapping file."""

    file: FileShape = FileShape()
    """How the file is written."""
    amounts: AmountMarks = AmountMarks()
    """How amounts are written in text; a workbook's numbers need none."""
    dates: Annotated[tuple[str, ...], Field(min_length=1)] = ("YYYY-MM-DD",)
    """Forms of dates: `[DD/MM/YYYY]`. `D` and `M` have one figure or two, `MMM` is a month's name,
    `YY` is of 1990 to 2089, `excel` a workbook's number. A time behind a date is left away."""
    phones: str | None = None
    """Country (ISO 3166-1) of telephone numbers without a country's code."""
    columns: dict[str, Rule]
    """For each column of intake, where it comes from. A name alone is a column of the file."""

    @field_validator("dates")
    @classmethod
    def _forms(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for form in value:
            if (rule := fault_of_form(form)) is not None:
                raise ValueError(f"{form!r} {rule}")
        return value

    @field_validator("phones")
    @classmethod
    def _country(cls, value: str | None) -> str | None:
        if value is not None and value not in countries():
            raise ValueError("must be a country code of two capital letters (ISO 3166-1)")
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        for target, rule in self.columns.items():
            if target not in _KNOWN and not target.startswith(PREFIX):
                raise ValueError(
                    f"columns: {target!r} is no column of intake{nearest(target, _KNOWN)}"
                )
            if (rule.consents is not None) and target != "consents":
                raise ValueError(f"columns: {target}: consents go with the column consents")
            amount = target == "balance" or target.startswith(PREFIX)
            if not amount and (rule.unit is not Unit.WHOLE or rule.reversed):
                raise ValueError(f"columns: {target}: unit and reversed go with amounts")
            if rule.figures is not None and target not in IDS:
                raise ValueError(f"columns: {target}: figures go with {' and '.join(IDS)}")
        missing = [name for name in NEEDED if name not in self.columns]
        if missing:
            raise ValueError(f"columns: must say where {', '.join(missing)} come from")
        if not any(name in self.columns for name in ADDRESSES):
            raise ValueError(f"columns: must say where one of {', '.join(ADDRESSES)} comes from")
        return self


def spelt(text: str) -> str:
    """A name or a value by which two are the same: case and blanks do not count."""
    return " ".join(text.replace("\u00a0", " ").split()).casefold()
