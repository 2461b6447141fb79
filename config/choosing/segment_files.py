"""Reading the segments and the attributes that operators edit; each mistake with its line."""

from collections.abc import Collection
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config.settings import PREFIX, Settings
from config.yaml_files import line_of, read_yaml, unreadable
from domain.entry.broken_rule import broken_rule
from domain.failures import Fault, Misconfigured
from domain.segments.attributes import NONE, Attributes
from domain.segments.book import SegmentBook, read_book
from domain.segments.conditions import Path as Place
from domain.segments.conditions import Wrong

M = TypeVar("M", bound=BaseModel)


def load_attributes(settings: Settings) -> Attributes:
    """The attributes that are declared; none where the shipped file was taken away.

    Raises Misconfigured, which names file, line and field of everything that is wrong.
    """
    file = settings.attributes
    if _is_left_out(settings, "attributes"):
        return NONE
    said = _read(file, f"{PREFIX}ATTRIBUTES")
    try:
        return Attributes.model_validate({} if said is None else said)
    except ValidationError as error:
        raise Misconfigured.of(
            fault_at(file, Wrong(tuple(one["loc"]), broken_rule(one)))
            for one in error.errors(include_input=False, include_url=False)
        ) from error


def load_segments(
    settings: Settings, strategies: Collection[str], attributes: Attributes
) -> SegmentBook | None:
    """The segments; None where the shipped file says nothing, or was taken away: all accounts then
    have one strategy.

    Raises Misconfigured, which names file, line and field of everything that is wrong.
    """
    if _is_left_out(settings, "segments"):
        return None
    if "segments" not in settings.model_fields_set and _read(settings.segments, "") is None:
        return None
    return load_segment_file(settings.segments, strategies, attributes)


def load_segment_file(
    file: Path, strategies: Collection[str], attributes: Attributes
) -> SegmentBook:
    """The segments of one file. Raises Misconfigured, as ``load_segments`` does."""
    said = _read(file, f"{PREFIX}SEGMENTS")
    book, wrong = read_book(said, strategies, attributes.declared)
    if book is None:
        raise Misconfigured.of(fault_at(file, one) for one in wrong)
    return book


def load_file(file: Path, kind: type[M]) -> M:
    """One file of YAML as ``kind``. Raises Misconfigured, which names file, line and field of all
    that is wrong."""
    try:
        said = read_yaml(file)
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        words = unreadable(error)
        raise Misconfigured.of([Fault(str(file), "", f"cannot be read: {words}")]) from None
    try:
        return kind.model_validate(said)
    except ValidationError as error:
        raise Misconfigured.of(
            fault_at(file, _wrong(one, said))
            for one in error.errors(include_input=False, include_url=False)
        ) from None


def _wrong(detail: ErrorDetails, said: Any) -> Wrong:
    """Where it stands: what is wrong among several fields begins with the name of one."""
    place, rule = tuple(detail["loc"]), broken_rule(detail)
    field, stands, rest = rule.partition(": ")
    if stands and not place and isinstance(said, dict) and field in said:
        return Wrong((field,), rest)
    return Wrong(place, rule)


def fault_at(file: Path, wrong: Wrong) -> Fault:
    """What an operator is told: file, line, field, rule, what to do."""
    line = line_of(file, wrong.path)
    where = str(file) if line is None else f"{file}, line {line}"
    return Fault(where, _field(wrong.path), wrong.rule, wrong.todo)


def _field(place: Place) -> str:
    """As it is counted by people: the first rule is rule 1."""
    return ".".join(str(one + 1) if isinstance(one, int) else one for one in place)


def _is_left_out(settings: Settings, name: str) -> bool:
    """Whether nobody has named the file, and it is not where it would be shipped."""
    file: Path = getattr(settings, name)
    return name not in settings.model_fields_set and not file.exists()


def _read(file: Path, variable: str) -> Any:
    try:
        return read_yaml(file)
    except FileNotFoundError:
        raise Misconfigured.of([Fault(str(file), "", "is not there", f"see {variable}")]) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        words = unreadable(error)
        raise Misconfigured.of([Fault(str(file), "", f"cannot be read: {words}")]) from error
