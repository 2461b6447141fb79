"""``python -m workers.process.healthy``: the health check of a container, whatever runs in it.

It asks ``/healthz`` of the process that the container was started with, and says so by its exit
status. It never asks for PostgreSQL or Temporal: a container that is started anew mends neither.
"""

import http.client
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from config.settings import Settings, load
from domain.failures import Misconfigured

COMMAND: Final = Path("/proc/1/cmdline")
"""What the container was started with."""
PATIENCE: Final = 3.0
"""Seconds; less than the check has."""


def port_of(words: Sequence[str], settings: Settings) -> int | None:
    """Where the process of this command line answers; None: it serves nobody, such as a job."""
    ports = {
        "worker": settings.worker_probe_port,
        "gateway": settings.gateway_port,
        "api": settings.api_port,
        "codec": settings.codec_port,
    }
    # `python -m workers worker`: the first word that is a process of ours.
    return next((ports[word] for word in words if word in ports), None)


def healthy(port: int) -> bool:
    """Whether ``/healthz`` answers with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def main() -> int:
    """0: it lives, or it serves nobody who could be asked."""
    try:
        words = COMMAND.read_text("utf-8", "replace").split("\0")
        port = port_of(words, load())
    except (OSError, Misconfigured):
        return 1
    return 0 if port is None or healthy(port) else 1


if __name__ == "__main__":
    sys.exit(main())
