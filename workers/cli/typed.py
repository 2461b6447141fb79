"""What people type beside a command: instants, days, files. Each is read in one way everywhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from domain.entry.bounds import fault_of_instant, fault_of_text
from domain.failures import BadInput

_FORM = "must be an instant in ISO 8601 such as 2026-11-29T09:00:00-05:00, or a date"


def read_instant(typed: str) -> datetime:
    """An instant in ISO 8601, in UTC where no offset is given; raises BadInput with the rule."""
    try:
        at = datetime.fromisoformat(typed)
    except ValueError:
        raise BadInput(f"{_FORM}; {typed!r} is neither") from None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    if (rule := fault_of_instant(at)) is not None:
        raise BadInput(rule)
    return at


def instant(typed: str) -> datetime:
    """An option's instant."""
    with _of_an_option():
        return read_instant(typed)


def day(typed: str) -> date:
    """An option's day, ``2026-11-29``."""
    with _of_an_option():
        try:
            date.fromisoformat(typed)
        except ValueError:
            raise BadInput(f"must be a date such as 2026-11-29; {typed!r} is none") from None
        return read_instant(typed).date()


def text(typed: str) -> str:
    """A word or sentence, within the bounds of every text that comes in."""
    with _of_an_option():
        if (rule := fault_of_text(typed)) is not None:
            raise BadInput(rule)
    return typed


@contextmanager
def _of_an_option() -> Iterator[None]:
    """The command line says which option it was, and ends with its status for what is wrong."""
    try:
        yield
    except BadInput as error:
        raise typer.BadParameter(str(error)) from None


Text = Annotated[str, typer.Argument(parser=text)]
"""What is typed in a place of its own, such as an account."""


def plain_file(path: Path) -> Path:
    """A file that is read more than once; raises BadInput for what is none, such as a pipe."""
    if path.is_file():
        return path
    if path.is_dir():
        raise BadInput(f"{path}: is a folder: name a file in it")
    if path.exists():
        raise BadInput(f"{path}: is no file that can be read twice: save it as one")
    raise BadInput(f"{path}: no such file")


@contextmanager
def named(option: str, path: Path) -> Iterator[None]:
    """What the system has against a file that somebody has named is theirs to mend."""
    try:
        yield
    except OSError as error:
        where = error.filename or path
        raise BadInput(f"{option}: {where} cannot be used ({error.strerror})") from error
