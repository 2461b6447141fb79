"""SendGrid's refusals and events: it has no codes, so a refusal goes by its HTTP status.

Read on 2026-11-28: mail/send in https://github.com/twilio/sendgrid-oai (spec/yaml/tsg_mail_v3.yaml
of 2026-01-22), which names 400, 401, 403, 404, 405 and 413 with one error document;
https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/errors, which adds
406, 429 and 451 ("too many requests" is a request that is not taken; 202 alone says "queued").
Events: https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event.
"""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from activities.channels.answers import Said
from activities.channels.base import Meaning
from activities.channels.codes.meanings import (
    BAD_ADDRESS,
    BAD_CONTENT,
    OPTED_OUT,
    OUR_ACCOUNT,
    PASSING,
    TOO_FAST,
)

AT_THE_DOOR: Final[dict[int, Meaning]] = {
    400: OUR_ACCOUNT,
    401: OUR_ACCOUNT,
    403: OUR_ACCOUNT,
    404: OUR_ACCOUNT,
    405: OUR_ACCOUNT,
    406: OUR_ACCOUNT,
    413: OUR_ACCOUNT,
    429: TOO_FAST,
    451: OUR_ACCOUNT,  # where the account's data must stay
}
"""HTTP status of an error document -> what it means."""

CONSENT_EVENTS: Final = frozenset({"spamreport", "unsubscribe", "group_unsubscribe"})
BOUNCES: Final[dict[str, Meaning]] = {
    "content": BAD_CONTENT,
    "reputation": BAD_CONTENT,
    "technical": PASSING,
    "frequency/volume too high": PASSING,
}
"""``bounce_classification`` of a bounce -> what it means; any other is the address's fault."""
DROPS: Final[dict[str, Meaning]] = {
    "bounced address": BAD_ADDRESS,
    "invalid": BAD_ADDRESS,
    "unsubscribed address": OPTED_OUT,
    "spam reporting address": OPTED_OUT,
    "spam content": BAD_CONTENT,
    "invalid smtpapi header": OUR_ACCOUNT,
    "recipient list over package quota": OUR_ACCOUNT,
}
"""How the ``reason`` of a dropped mail begins -> what it means."""

_DOCUMENT: Final = frozenset({"errors", "id"})
_PROBLEM: Final = frozenset({"message", "field", "help"})
_RECIPIENT_FIELD: Final = re.compile(r"personalizations\.\d+\.to\b.*")


def error(status: int, body: Mapping[str, Any]) -> Said | None:
    """SendGrid's error document: ``{"errors": [{"message": "...", "field": null, "help": null}]}``.

    Many a gateway has a list of ``errors``, too; ``field`` beside ``message``, and nothing that
    SendGrid does not write, tell them apart.
    """
    problems = body.get("errors")
    if not isinstance(problems, list) or not problems or not body.keys() <= _DOCUMENT:
        return None
    if not all(map(_is_problem, problems)):
        return None
    meaning = AT_THE_DOOR.get(status)
    fields = [str(problem["field"]) for problem in problems]
    if status == HTTPStatus.BAD_REQUEST and all(map(_RECIPIENT_FIELD.fullmatch, fields)):
        # Without this, one mistyped address would read as a wrong configuration.
        meaning = BAD_ADDRESS
    return Said(str(status), meaning)


def _is_problem(one: object) -> bool:
    return (
        isinstance(one, dict)
        and one.keys() <= _PROBLEM
        and isinstance(one.get("message"), str)
        and "field" in one
        and isinstance(one["field"], str | None)
    )
