"""OpenTelemetry, off unless the standard ``OTEL_*`` variables ask for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Watch:
    """What a process needs to be seen."""

    client_options: dict[str, Any] = field(default_factory=dict)


@contextmanager
def telemetry(service: str) -> Iterator[Watch]:
    """Set up traces and metrics of one process."""
    yield Watch()
