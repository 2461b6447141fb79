"""Output whose reader has gone: ``contrapunto dev | tee log``, and Ctrl-C ends tee as well."""

import os

from rich.console import Console


def survive_broken_pipes(console: Console) -> None:
    """Let the console fall silent when nobody reads it any more, instead of ending the process.

    Rich raises SystemExit from whatever was printing, in a task beside the one that has servers to
    stop: these would be left behind.
    """

    def fall_silent() -> None:
        console.quiet = True
        # Also for what the interpreter flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), console.file.fileno())

    console.on_broken_pipe = fall_silent  # type: ignore[method-assign]
