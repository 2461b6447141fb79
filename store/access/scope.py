"""Whose accounts the request at hand may see, as PostgreSQL is told for row-level security.

It is told where a connection is taken, and once for as long as it stays the same. Without the
roles of ``deploy/postgresql/`` nothing asks for it.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

EVERYBODYS: Final = "*"
NOBODYS: Final = ""
BETWEEN: Final = "/"
"""No creditor's code has one: the ids of accounts are made with it."""

TELL: Final = "SELECT set_config('contrapunto.creditors', $1, false)"

_seen: ContextVar[str] = ContextVar("seen", default=NOBODYS)


@contextmanager
def seeing(creditors: Collection[str] | None) -> Iterator[None]:
    """What is asked within sees the accounts of these creditors alone; None: everybody's."""
    told = EVERYBODYS if creditors is None else BETWEEN.join(sorted(creditors))
    before = _seen.set(told)
    try:
        yield
    finally:
        _seen.reset(before)


class Telling:
    """Tells the connections of one pool whose rows are asked for."""

    def __init__(self) -> None:
        self._told: dict[int, str] = {}

    def begun(self, connection: Any) -> None:
        """A new connection, which has been told nothing."""
        self._told[connection.get_server_pid()] = NOBODYS

    async def taken(self, connection: Any) -> None:
        """A connection is handed to whoever asks now."""
        number, asked = connection.get_server_pid(), _seen.get()
        if self._told.get(number) != asked:
            await connection.execute(TELL, asked)
            self._told[number] = asked
