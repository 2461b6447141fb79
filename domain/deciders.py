"""What decides, as it stands: kept once, and named by a digest with each plan and each attempt.

Years later it can be shown by which strategy, which law and which words somebody was contacted, or
was not.
"""

import hashlib
import json
from enum import StrEnum
from typing import Any, NamedTuple, Self

from pydantic_core import to_jsonable_python


class DeciderKind(StrEnum):
    """What can decide."""

    STRATEGY = "strategy"
    """With the settings that planning obeys beside it: readings, actor, smallest amounts."""
    LAW = "law"
    """Of one jurisdiction."""
    WORDS = "words"
    """All templates."""
    SEGMENTS = "segments"
    """Which strategy an account has, with the attributes that are declared."""
    POLICY = "policy"
    """One that learns, where a strategy names it."""


class Decider(NamedTuple):
    """One of them."""

    digest: str
    """Of its content: 16 hexadecimal digits, enough to tell one state of our files from others."""
    kind: DeciderKind
    name: str
    """The strategy's id, the jurisdiction's code, ``templates`` or ``segments``."""
    version: int | None = None
    """The operator's own, of a strategy."""
    content: Any = None
    """As JSON holds it: a strategy and its settings, a rule pack, of templates the digest of each
    file, the segments."""

    @classmethod
    def of(cls, kind: DeciderKind, name: str, content: Any, version: int | None = None) -> Self:
        """With its content, which is all that its digest is made of, whatever the order of keys."""
        plain = to_jsonable_python(content)
        said = json.dumps([kind, name, plain], sort_keys=True, ensure_ascii=False)
        return cls(digest_of(said.encode()), kind, name, version, plain)


def digest_of(content: bytes) -> str:
    """The beginning of a SHA-256."""
    return hashlib.sha256(content).hexdigest()[:16]
