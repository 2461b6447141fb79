"""A table together with its history, for who shows all that ever was.

What decides a contact reads the table alone: nothing in a history can bear on it.
"""

from typing import Final


def _ever(table: str) -> str:
    return f"(SELECT * FROM {table} UNION ALL SELECT * FROM {table}_history)"  # noqa: S608


ATTEMPTS: Final = _ever("attempts")
PROVIDER_EVENTS: Final = _ever("provider_events")
MESSAGES: Final = _ever("messages")
INBOUND: Final = _ever("inbound")
PLAN_CHANGES: Final = _ever("plan_changes")
