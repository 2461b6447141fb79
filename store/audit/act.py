"""One command or call that changes something or reads personal words, and whose it is.

It is open in the context of what does it. The pool tells PostgreSQL of it, where triggers write
what it changes in the same transaction; whatever else it does is written here.
"""

import json
import math
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum, StrEnum
from pathlib import Path
from typing import Any


class Stage(StrEnum):
    """What an entry tells of an act."""

    BEGAN = "began"
    """It was asked for: written before anything is done."""
    ASKED = "asked"
    """A workflow was asked: written before it is."""
    CHANGED = "changed"
    """A row was changed, in the transaction of the change."""
    CAUSED = "caused"
    """A worker has recorded what was asked of a workflow."""
    LOOKED = "looked"
    """Personal words were read: written before they are shown."""
    FAILED = "failed"
    """It was refused, or broke off."""
    LOADED = "loaded"
    """A process has begun with this configuration."""
    FORGOT = "forgot"
    """A person's key and words were taken away."""


@dataclass
class Act:
    """Who does what, and why."""

    actor: str
    """`token:`, `oidc:`, `user:` or `process:` and who."""
    what: str
    """The command, or the name of the operation."""
    reason: str | None = None
    customer: str | None = None
    account: str | None = None
    """``creditor/account_id``, or as it was typed."""
    told: Mapping[str, Any] = field(default_factory=dict)
    """What it was asked with; nothing personal."""
    rows: bool = True
    """Whether each row that it changes is told; of a whole file one entry is."""
    begun: bool = False
    """Whether its first entry is written."""
    runs: Any = None
    """By what its entries are written; None: by a connection of their own."""
    name: str = field(default_factory=lambda: secrets.token_hex(16))

    def as_setting(self) -> str:
        """What the triggers read of it; empty: they write nothing."""
        if not self.rows:
            return ""
        told = {"act": self.name, "actor": self.actor, "what": self.what, "reason": self.reason}
        return json.dumps(storable(told))


_OPEN: ContextVar[Act | None] = ContextVar("act", default=None)


def current() -> Act | None:
    """The act that is open here."""
    return _OPEN.get()


def setting() -> str:
    """What a connection that is taken now says of the act."""
    act = _OPEN.get()
    return "" if act is None else act.as_setting()


@contextmanager
def opened(act: Act | None) -> Iterator[None]:
    """All in it is done by this act; None: by nobody's, such as work for several."""
    token = _OPEN.set(act)
    try:
        yield
    finally:
        _OPEN.reset(token)


def plainly(value: Any, *, as_text: bool) -> Any:
    """A value as the audit tells it; None where it could be personal."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, date | Decimal):
        return str(value)
    if isinstance(value, str | Path):
        return str(value) if as_text else None
    if isinstance(value, list | tuple | set | frozenset):
        shown = [plainly(one, as_text=as_text) for one in value]
        return None if None in shown else shown
    return None


def storable(value: Any) -> Any:
    """As PostgreSQL can keep it, whatever somebody has sent or typed: that it came is on record."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\0", "?")
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {storable(name): storable(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [storable(one) for one in value]
    return value
