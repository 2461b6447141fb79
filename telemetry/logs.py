"""Logs: for people on a terminal, one JSON object a line everywhere else.

A line of JSON never wraps, so that a collector reads it whole; the account and the attempt it is
about are fields of their own. Nothing personal is logged: ids and codes only, and of an error its
kind and place (``telemetry.errors``).
"""

import json
import logging
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final

from telemetry import links
from telemetry.errors import told, whole

FIELDS: Final = ("account", "attempt", "workflow", "activity")
"""What a caller may give in ``extra``; ``workflow`` and ``activity`` come from Temporal's SDK."""

_PREFIX: Final = "account/"
"""How the workflow id of an account begins (``domain.names.workflow_id``)."""


class WithoutWords(logging.Formatter):
    """Of an error its kind and place; all of it where somebody has asked for that."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - so it is called
        """The message, and what it is about where it does not say so itself."""
        said = super().formatMessage(record)
        ids = _ids(record)
        if "account" in ids:
            ids.pop("workflow", None)  # is named after it
        about = [f"{name} {value}" for name, value in ids.items() if value not in said]
        about += [link] if (link := _link(record.getMessage(), ids)) else []
        return f"{said} ({', '.join(about)})" if about else said

    def formatException(  # noqa: N802 - its name in the standard library
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        """What is said of an error."""
        error = ei[1]
        return super().formatException(ei) if error is None or whole() else told(error)


class JsonLines(WithoutWords):
    """One record as one line of JSON: ``at`` (UTC), ``level``, ``logger``, ``message``, ids."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        at = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, Any] = {
            "at": at.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= (ids := _ids(record))
        if link := _link(line["message"], ids):
            line[links.FIELD] = link
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def _link(message: str, ids: dict[str, str]) -> str | None:
    """To the account that it is about, as its fields or its words say."""
    if "account" in ids:
        return links.to(ids["account"])
    return next((link for _, link in links.named_in(message)), None)


def _ids(record: logging.LogRecord) -> dict[str, str]:
    found = {name: str(value) for name in FIELDS if (value := getattr(record, name, None))}
    told: dict[str, Any] = {}
    for name in ("temporal_workflow", "temporal_activity"):
        told |= getattr(record, name, None) or {}
    if workflow := told.get("workflow_id"):
        found.setdefault("workflow", str(workflow))
        if str(workflow).startswith(_PREFIX):
            found.setdefault("account", str(workflow).removeprefix(_PREFIX))
    if activity := told.get("activity_type"):
        found.setdefault("activity", str(activity))
    return found
