"""JSON that a stranger wrote.

Python's parser goes down one level of the interpreter's stack for each level of the text, and a
text of brackets takes it to the stack's end. Whatever the garbage collector happens to finish there
has no room to run: callbacks of other objects fail, and are lost. So depth is seen to beforehand.
"""

import json
import re
from collections.abc import Callable
from typing import Any, Final

DEEPEST: Final = 200
"""Levels; no provider, core or file of ours nests by a tenth of it."""
_TOKEN: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[{]|[\]}]', re.DOTALL)


def read_json(
    text: str | bytes,
    *,
    parse_constant: Callable[[str], Any] | None = None,
    parse_int: Callable[[str], Any] | None = None,
    parse_float: Callable[[str], Any] | None = None,
    object_pairs_hook: Callable[[list[tuple[str, Any]]], Any] | None = None,
) -> Any:
    """As ``json.loads``, whose hooks these are.

    Raises ValueError for what is no JSON or nested deeper than ``DEEPEST``.
    """
    refuse_depth(text)
    return json.loads(
        text,
        parse_constant=parse_constant,
        parse_int=parse_int,
        parse_float=parse_float,
        object_pairs_hook=object_pairs_hook,
    )


def refuse_depth(text: str | bytes) -> None:
    """Raises ValueError for JSON that is nested deeper than ``DEEPEST`` (UnicodeDecodeError is one
    of them): whatever parses it later has room to."""
    opening: tuple[Any, Any] = ("[", "{") if isinstance(text, str) else (b"[", b"{")
    if sum(map(text.count, opening)) <= DEEPEST:
        return
    if isinstance(text, bytes):
        text = text.decode(json.detect_encoding(text), "surrogatepass")
    depth = 0
    for token in _TOKEN.finditer(text):
        if (first := token[0][0]) in "[{":
            depth += 1
            if depth > DEEPEST:
                raise ValueError(f"is nested deeper than {DEEPEST} levels")
        elif first in "]}":
            depth -= 1
