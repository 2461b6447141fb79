"""The standard streams, whatever they were left as by whoever started the command.

Standard output loses nothing in silence: where it takes no more, that is told. One that was closed
beforehand was closed on purpose (``>&-``): what is written there goes nowhere, and no process ends
for it.
"""

import codecs
import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, TextIO

from domain.failures import BadInput
from workers.cli.status import ExitStatus

_SPELT: Final = "spelt-out"


def _to_nowhere(descriptor: int) -> None:
    """What is left for it is thrown away, or it would be tried again when the interpreter ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


class _Told(io.FileIO):
    """A descriptor; what it does not take (a disk is full) is told as what it is."""

    def write(self, data: Any, /) -> int:
        """Write some of it."""
        try:
            return super().write(data)
        except OSError as error:
            _to_nowhere(self.fileno())
            if isinstance(error, BrokenPipeError):
                raise  # whoever reads has heard enough
            raise BadInput(f"standard output cannot be written ({error.strerror})") from error


def open_what_is_closed() -> None:
    """What is written to a closed stream goes nowhere, and no other file takes its number."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: the stream's
            if name != "stdin":  # who reads is told (standard_input)
                setattr(sys, name, os.fdopen(nowhere, "w", encoding="utf-8", closefd=False))


def standard_input() -> Iterator[bytes]:
    """Its lines. Raises BadInput where there is none."""
    if sys.stdin is None:
        raise BadInput("standard input is closed: give it what is to be read, a line each")
    try:
        yield from sys.stdin.buffer
    except OSError as error:
        raise BadInput(f"standard input cannot be read ({error.strerror})") from error


def json_output() -> TextIO:
    """Standard output in UTF-8, as JSON is, whatever this terminal is."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    return sys.stdout


def answer_lines(
    lines: Iterable[str | bytes], out: TextIO, answer: Callable[[str | bytes], str]
) -> int:
    """Write an answer to each line, in order; one that cannot be read gets an error object.

    ``answer`` raises ValidationError or RefusedLineError. As bytes a line that is not UTF-8 costs
    no more than itself. The error object is ``{"error": what, "line": number from 1, "field": where
    or null}``. Returns 3 if there was one, else 0.
    """
    from pydantic import ValidationError

    from domain.entry.broken_rule import RefusedLineError, fault_of_line

    status = ExitStatus.DONE
    for number, line in enumerate(lines, start=1):
        try:
            told = answer(line)
        except (ValidationError, RefusedLineError) as error:
            told = json.dumps(fault_of_line(error, number), ensure_ascii=False)
            status = ExitStatus.IN_PART
        out.write(told + "\n")
    return status


def _spelt_out(error: UnicodeError) -> tuple[str, int]:
    """``\\uXXXX``, beyond the first plane two of them: within a string of JSON the same letter."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4)), error.end


codecs.register_error(_SPELT, _spelt_out)


def tell_of_standard_output() -> None:
    """Make it so for this process. A letter that its encoding lacks is spelt out, as JSON does."""
    given = sys.stdout
    if not isinstance(given, io.TextIOWrapper) or given.closed:
        return
    given.flush()
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(_Told(given.fileno(), "wb", closefd=False)),
        encoding=given.encoding,
        errors=_SPELT,
        line_buffering=given.line_buffering,
    )


def end_standard_error() -> None:
    """Write what is left of it. Where that is not taken, nobody can be told: only the status."""
    try:
        sys.stderr.flush()
    except OSError:
        _to_nowhere(sys.stderr.fileno())
        raise SystemExit(ExitStatus.FAILED) from None
