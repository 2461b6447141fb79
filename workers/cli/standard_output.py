"""Standard output that loses nothing in silence: where it takes no more, that is told."""

import io
import os
import sys
from typing import Any

from domain.failures import BadInput


class _Told(io.FileIO):
    """A descriptor; what it does not take (a disk is full) is told as what it is."""

    def write(self, data: Any, /) -> int:
        """Write some of it."""
        try:
            return super().write(data)
        except BrokenPipeError:
            raise  # whoever reads has heard enough
        except OSError as error:
            # What is left goes nowhere, or it would be tried again when the interpreter ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())
            raise BadInput(f"standard output cannot be written ({error.strerror})") from error


def tell_of_standard_output() -> None:
    """Make it so for this process. A letter that its encoding lacks is spelt out."""
    given = sys.stdout
    if not isinstance(given, io.TextIOWrapper) or given.closed:
        return
    given.flush()
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(_Told(given.fileno(), "wb", closefd=False)),
        encoding=given.encoding,
        errors="backslashreplace",
        line_buffering=given.line_buffering,
    )
