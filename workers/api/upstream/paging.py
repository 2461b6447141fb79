"""Cursors: where a page ended, as text that says nothing to whoever holds it."""

import base64
import binascii
import json
from datetime import datetime
from typing import Any

from domain.entry.bounds import fault_of_instant, fault_of_text
from domain.entry.json_text import read_json
from workers.api.problems import Kind, Refusal, WrongField


def cursor(*key: str) -> str:
    """The place of the last item of a page."""
    text = json.dumps(key, ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place(given: str | None, parts: int) -> tuple[str, ...] | None:
    """The place that a cursor names. Raises Refusal with 422 for one that is none of ours."""
    if given is None:
        return None
    try:
        padded = given.encode("ascii") + b"=" * (-len(given) % 4)
        found: Any = read_json(base64.b64decode(padded, b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        raise _none_of_ours() from None
    if not (isinstance(found, list) and len(found) == parts):
        raise _none_of_ours()
    if not all(isinstance(one, str) and fault_of_text(one) is None for one in found):
        raise _none_of_ours()
    return tuple(found)


def instant(text: str) -> datetime:
    """An instant of a cursor. Raises Refusal with 422."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise _none_of_ours() from None
    if found.tzinfo is None or fault_of_instant(found) is not None:
        raise _none_of_ours()
    return found


def _none_of_ours() -> Refusal:
    wrong = WrongField(where="query", field="cursor", rule="is none of ours")
    return Refusal(422, Kind.INVALID, "cursor: is none of ours", [wrong])
