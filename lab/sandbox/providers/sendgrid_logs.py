"""SendGrid's e-mail logs: the language of their queries, and a message as they show it.

Source: twilio/sendgrid-oai, spec/json/tsg_logs_v3.
"""

import re
from datetime import datetime
from typing import Any, Final

from lab.sandbox.record import Json, Message


def summary(message: Message) -> Json:
    """A message as a list of logs shows it."""
    return {
        "from_email": message.sender,
        "sg_message_id": message.provider_message_id,
        "subject": message.subject or "",
        "to_email": message.to,
        "reason": str(message.error or ""),
        "status": message.status,
        "sg_message_id_created_at": message.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


Condition = tuple[str, str, Any]
_FIELDS: Final = {
    "sg_message_id": ("=",),
    "subject": ("=",),
    "to_email": ("=",),
    "status": ("IN",),
    "reason": ("=",),
    "categories": ("IN",),
    "sg_message_id_created_at": (">=", "<=", ">", "<"),
}
_CONDITION: Final = re.compile(
    r"""\s*(?P<field>\w+)\s*(?P<op>>=|<=|=|>|<|IN\b)\s*(?P<value>
        \([^)]*\) | TIMESTAMP\s+(?:"[^"]*"|'[^']*') | "[^"]*" | '[^']*' )\s*(?:AND\b|$)""",
    re.VERBOSE,
)


def conditions(query: str) -> list[Condition]:
    """Read the query language of the logs: `field op value AND ...`, no nesting."""
    found: list[Condition] = []
    at = 0
    while query[at:].strip():
        match = _CONDITION.match(query, at)
        if match is None:
            raise ValueError(f"cannot read {query[at:]!r}")
        field, op = match["field"], match["op"]
        if op not in _FIELDS.get(field, ()):
            raise ValueError(f"{field} {op} is not allowed")
        found.append((field, op, _operand(op, match["value"])))
        at = match.end()
    return found


def _operand(op: str, value: str) -> Any:
    strings = re.findall(r"""["']([^"']*)["']""", value)
    if op == "IN":
        return strings
    if op == "=":
        return value[1:-1]
    return datetime.fromisoformat(strings[0])


def holds(message: Message, field: str, op: str, value: Any) -> bool:
    """Whether a message meets one condition of a query."""
    match field:
        case "status":
            return message.status in value
        case "categories":
            return any(category in value for category in message.categories)
        case "sg_message_id_created_at":
            at = message.at.replace(microsecond=0)
            order = (at > value) - (at < value)
            meant = {">": order > 0, "<": order < 0, ">=": order >= 0, "<=": order <= 0}
            return bool(meant[op])
        case _:
            return bool(summary(message)[field] == value)
