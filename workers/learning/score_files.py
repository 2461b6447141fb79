"""The files of a score: what says which columns it is made of, and the score itself."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import Field, ValidationError, model_validator

from config.yaml_files import read_checked
from domain.entry.broken_rule import broken_rule
from domain.entry.json_text import read_json
from domain.failures import BadInput, Fault, Misconfigured
from domain.learning.score import ScoreModel
from domain.model import Strict

PROTECTED: Final = frozenset(
    {
        *("sex", "gender", "sexo", "genero"),
        *("age", "edad", "idade", "birth", "birthday", "birthdate", "nacimiento", "nascimento"),
        *("marriage", "marital", "estado_civil"),
        *("education", "educacion", "educacao", "escolaridade"),
        *("race", "raza", "raca", "ethnicity", "religion", "religiao", "disability"),
        *("nationality", "nacionalidad", "nacionalidade"),
    }
)
"""Columns called so are no features unless they are asked for by name."""

Column = Annotated[str, Field(min_length=1)]


class Target(Strict):
    """What is foretold."""

    column: Column
    cured: Annotated[tuple[str, ...], Field(min_length=1)]
    """The cells that say that the account cured."""


class Fairness(Strict):
    """The columns by which it is judged to whom the score does wrong; never looked at by it."""

    age: Column | None = None
    sex: Column | None = None
    region: Column | None = None


class Columns(Strict):
    """Which column of a file means what."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
    version: Annotated[int, Field(ge=1)] = 1
    account: Annotated[tuple[Column, ...], Field(min_length=1)]
    """What names an account."""
    target: Target
    features: tuple[Column, ...] = ()
    """What it looks at: numbers. Left out: every other column that is not protected."""
    protected: tuple[Column, ...] = ()
    """Never looked at, beside those whose name says so."""
    use_protected: bool = False
    """Look at protected columns that `features` names all the same. Most laws forbid it."""
    fairness: Fairness = Fairness()

    @model_validator(mode="after")
    def _looks_at_nothing_protected(self) -> "Columns":
        named = [one for one in self.features if self.is_protected(one)]
        if named and not self.use_protected:
            raise ValueError(
                f"features: {', '.join(named)} is protected (credit and data-protection law forbid "
                "deciding by it); take it away, or say `use_protected: true`"
            )
        if self.target.column in self.features or {*self.account} & {*self.features}:
            raise ValueError("features: neither the target nor what names an account is one")
        return self

    def is_protected(self, column: str) -> bool:
        """Whether a score must not look at it."""
        return column in self.protected or column.strip().lower() in PROTECTED

    def chosen(self, columns: Sequence[str]) -> tuple[str, ...]:
        """The features among the columns of a file. Raises BadInput for one that is not there."""
        wanted = (*self.account, self.target.column, *self.features)
        if lacking := [one for one in wanted if one not in columns]:
            raise BadInput(
                f"the file has no column {', '.join(lacking)}; it has {', '.join(columns)}"
            )
        beside = {self.target.column, *self.account}
        others = (one for one in columns if one not in beside and not self.is_protected(one))
        return self.features or tuple(others)


def load_mapping(file: Path) -> Columns:
    """Raises Misconfigured, which names the field that is wrong."""
    return read_checked(file, Columns.model_validate)


def load_model(file: Path) -> ScoreModel:
    """Raises Misconfigured, which says what is wrong with the file."""
    try:
        return ScoreModel.model_validate(read_json(file.read_bytes()))
    except ValidationError as error:
        raise Misconfigured.of(
            Fault(str(file), ".".join(map(str, one["loc"])), broken_rule(one))
            for one in error.errors(include_input=False, include_url=False)
        ) from None
    except (OSError, ValueError) as error:
        raise Misconfigured.of([Fault(str(file), "", f"cannot be read: {error}")]) from None


def rows_of(file: Path) -> tuple[list[str], Iterator[tuple[int, Mapping[str, Any]]]]:
    """The columns of a CSV, and its rows with their lines. Raises BadInput."""
    try:
        lines = file.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise BadInput(f"{file}: cannot be read: {error.strerror}") from None
    reader = csv.DictReader(lines)
    columns = list(reader.fieldnames or ())
    if not columns or len(set(columns)) != len(columns):
        lines.close()
        raise BadInput(f"{file}: must begin with a line of column names, each once")

    def rows() -> Iterator[tuple[int, Mapping[str, Any]]]:
        with lines:
            for row in reader:
                if None in row or None in row.values():
                    raise BadInput(f"{file}: line {reader.line_num} has not one cell a column")
                yield reader.line_num, row

    return columns, rows()
