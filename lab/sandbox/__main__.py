"""`python -m lab.sandbox [SETTINGS.json]`: the sandbox alone, with settings from a file."""

import logging
import os
import sys
from pathlib import Path

from pydantic import ValidationError

from lab.sandbox.server import SandboxError, run
from lab.sandbox.settings import Settings


def main(arguments: list[str]) -> int:
    """Serve; the exit status."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        text = Path(arguments[0]).read_text(encoding="utf-8") if arguments else "{}"
        run(Settings.model_validate_json(text))
    except (SandboxError, ValidationError, OSError) as error:
        print(f"sandbox: {error}", file=sys.stderr)  # noqa: T201 - a command speaks to its terminal
        return 2
    return 0


if __name__ == "__main__":
    status = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    # Everything is closed. Temporal's core threads can crash an interpreter that shuts down
    # right after a client was used (exit status 134), so it does not shut down.
    os._exit(status)
