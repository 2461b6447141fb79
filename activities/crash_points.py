"""Named moments of a contact, so that a test can end the process in exactly this one.

Between each two of them a crash finds something else in the ledger (docs/never-twice.md, "Every
crash"). Nobody listens in production: reaching a point is one comparison.
"""

from collections.abc import Callable
from enum import StrEnum

Listener = Callable[["CrashPoint", str], None]


class CrashPoint(StrEnum):
    """Moments of the activities ``contact`` and ``reconcile``, in their order."""

    STARTED = "started"
    """No row of this attempt was found; nothing is reserved yet."""
    RESERVING = "reserving"
    """The row is written, and not committed."""
    RESERVED = "reserved"
    DISPATCHED = "dispatched"
    """Committed as dispatching; the request has not left."""
    ANSWERED = "answered"
    """What came of it (or of an earlier execution) is known, and not written."""
    SETTLED = "settled"
    PLANNED = "planned"
    """The next step is planned; the server has not heard of it."""

    FOUND = "found"
    """A row of this attempt was found, and nothing is done about it yet."""

    ASKING = "asking"
    """About to ask the provider about an attempt in doubt."""
    ASKED = "asked"
    """The provider has told; it is not written."""
    RECONCILED = "reconciled"


_listener: Listener | None = None


def reached(point: CrashPoint, attempt: str) -> None:
    """Say that an execution has come to this point of an attempt."""
    if _listener is not None:
        _listener(point, attempt)


def listen(listener: Listener | None) -> None:
    """Hear of every point from now on; only tests do."""
    global _listener  # noqa: PLW0603 - one listener a process, so that reaching costs nothing
    _listener = listener
