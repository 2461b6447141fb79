"""Resend's error names, and the meaning of its bounces.

Read on 2026-11-28 in https://resend.com/docs/api-reference/errors (of 2026) and in the table of its
official SDK (https://github.com/resend/resend-node, src/interfaces.ts); events and bounces in
https://resend.com/docs/webhooks/event-types and https://resend.com/docs/dashboard/emails/email-bounces.

All names there but four tell of a request that was turned away. Those of 409,
``invalid_idempotent_request`` and ``concurrent_idempotent_requests``, tell of another request with
the same key, which may have been taken; ``application_error`` and ``internal_server_error`` are
its own faults. None of the four is in the table.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from activities.channels.answers import Said
from activities.channels.base import Meaning
from activities.channels.codes.meanings import (
    BAD_ADDRESS,
    BAD_CONTENT,
    OPTED_OUT,
    OTHER,
    OUR_ACCOUNT,
    OUR_TEMPLATE,
    PASSING,
    TOO_FAST,
)

AT_THE_DOOR: Final[dict[str, Meaning]] = {
    "rate_limit_exceeded": TOO_FAST,
    "daily_quota_exceeded": OUR_ACCOUNT,  # nothing goes until a person buys more
    "monthly_quota_exceeded": OUR_ACCOUNT,
    "missing_api_key": OUR_ACCOUNT,
    "restricted_api_key": OUR_ACCOUNT,
    "invalid_api_key": OUR_ACCOUNT,
    "suspended_api_key": OUR_ACCOUNT,
    "invalid_access": OUR_ACCOUNT,
    "invalid_from_address": OUR_ACCOUNT,
    "invalid_idempotency_key": OUR_ACCOUNT,
    "invalid_region": OUR_ACCOUNT,
    "not_found": OUR_ACCOUNT,
    "method_not_allowed": OUR_ACCOUNT,
    "missing_required_field": OUR_ACCOUNT,
    "invalid_parameter": OUR_ACCOUNT,
    "validation_error": OUR_ACCOUNT,
    "invalid_attachment": OUR_TEMPLATE,
    "security_error": BAD_CONTENT,
}
"""``name`` of an error -> what it means."""

STATUSES: Final = frozenset({400, 401, 403, 404, 405, 422, 429, 451})
"""HTTP statuses with which the documents show these names."""

BOUNCES: Final[dict[str, Meaning]] = {
    "permanent": BAD_ADDRESS,
    "transient": PASSING,
    "undetermined": OTHER,
}
BOUNCE_SUBTYPES: Final[dict[str, Meaning]] = {
    "contentrejected": BAD_CONTENT,
    "attachmentrejected": BAD_CONTENT,
    "messagetoolarge": BAD_CONTENT,
}
COMPLAINED: Final = OPTED_OUT
SUPPRESSED: Final = BAD_ADDRESS
"""On Resend's own list, after a bounce or a complaint."""

_NAME: Final = re.compile(r"[a-z][a-z_]{1,60}")
_ABOUT_TO: Final = re.compile(r"invalid [`'\"]?to[`'\"]? field", re.IGNORECASE)


def error(status: int, body: Mapping[str, Any]) -> Said | None:
    """Resend's error document: ``{"statusCode": 422, "name": "...", "message": "..."}``."""
    name, words = body.get("name"), body.get("message")
    if body.get("statusCode") != status or not isinstance(words, str):
        return None
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return None
    meaning = AT_THE_DOOR.get(name) if status in STATUSES else None
    if name == "validation_error" and meaning is not None and _ABOUT_TO.search(words):
        # Without this, one mistyped address would read as a wrong configuration.
        meaning = BAD_ADDRESS
    return Said(name, meaning)
