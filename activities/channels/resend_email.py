"""E-mail by Resend over plain HTTP, and the meaning of its events.

https://resend.com/docs/api-reference/emails/send-email. Chosen over Amazon SES and Mailgun for one
property: its ``Idempotency-Key`` (https://resend.com/docs/dashboard/emails/idempotency-keys) makes
a request that is repeated on its way, by a proxy say, one mail within 24 hours. We never repeat.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parseaddr
from http import HTTPStatus
from typing import Any, Final

from pydantic import SecretStr

from activities.channels.base import (
    SLACK,
    Accepted,
    Outbound,
    Refused,
    Report,
    Sent,
    Sought,
    Unknown,
    checked_url,
)
from activities.channels.base import digest as digest_of
from activities.channels.http import Answer, Http, NoAnswer
from domain.channels import Channel
from domain.failures import Misconfigured
from domain.ledger.attempt import AttemptState, RefusalKind
from domain.names import CUSTOM_ARG_ACCOUNT, CUSTOM_ARG_ATTEMPT, RESEND_EVENTS, as_tag

_K = RefusalKind
KINDS: Final[dict[str, RefusalKind]] = {
    "rate_limit_exceeded": _K.RATE,
    "daily_quota_exceeded": _K.CONFIGURATION,  # nothing goes until a person buys more
    "monthly_quota_exceeded": _K.CONFIGURATION,
    "missing_api_key": _K.CONFIGURATION,
    "restricted_api_key": _K.CONFIGURATION,
    "invalid_api_key": _K.CONFIGURATION,
    "invalid_access": _K.CONFIGURATION,
    "invalid_from_address": _K.CONFIGURATION,
    "invalid_region": _K.CONFIGURATION,
    "not_found": _K.CONFIGURATION,
    "method_not_allowed": _K.CONFIGURATION,
    "missing_required_field": _K.CONFIGURATION,
    "invalid_parameter": _K.CONFIGURATION,
    "validation_error": _K.CONFIGURATION,
    "security_error": _K.CONTENT,
}
"""``name`` of an error -> what it means (https://resend.com/docs/api-reference/errors)."""

_BY_STATUS: Final[dict[int, RefusalKind]] = {
    400: _K.CONFIGURATION,
    401: _K.CONFIGURATION,
    403: _K.CONFIGURATION,
    404: _K.CONFIGURATION,
    405: _K.CONFIGURATION,
    422: _K.CONFIGURATION,
    429: _K.RATE,
}
_ABOUT_TO: Final = re.compile(r"invalid [`'\"]?to[`'\"]? field", re.IGNORECASE)
_BOUNCES: Final[dict[str, RefusalKind]] = {
    "permanent": _K.RECIPIENT,
    "transient": _K.TEMPORARY,
    "undetermined": _K.OTHER,
}
_BY_SUBTYPE: Final[dict[str, RefusalKind]] = {
    "contentrejected": _K.CONTENT,
    "attachmentrejected": _K.CONTENT,
    "messagetoolarge": _K.CONTENT,
}
_PAGE: Final = 100
_PAGES: Final = 10
"""How far back a look-up goes: the list is the whole account's, newest first."""


_EVENTS: Final[dict[str, Report]] = {
    "email.sent": Report(AttemptState.ACCEPTED),
    "email.scheduled": Report(AttemptState.ACCEPTED),
    "email.delivered": Report(AttemptState.DELIVERED),
    "email.complained": Report(None, _K.CONSENT, "complained"),
    "email.failed": Report(AttemptState.UNDELIVERED, _K.OTHER, "failed"),
    "email.suppressed": Report(AttemptState.UNDELIVERED, _K.RECIPIENT, "suppressed"),
}


class ResendEmail:
    """E-mail through one Resend account; safe to share between threads."""

    name: Final = "resend"
    channel: Final = Channel.EMAIL
    status_path: Final = RESEND_EVENTS

    def __init__(
        self,
        api_key: SecretStr,
        sender: str,
        *,
        base_url: str | None = None,
        timeout: float = 10,
        connections: int = 20,
    ) -> None:
        self._key, self._sender = api_key, sender
        base = checked_url("RESEND_BASE_URL", base_url) if base_url else "https://api.resend.com"
        headers = {
            "Authorization": f"Bearer {api_key.get_secret_value()}",
            "User-Agent": "contrapunto",  # requests without one are refused
        }
        self._http = Http(self.name, base, headers, timeout, connections)

    def check(self) -> None:
        """Look at the configuration; raises Misconfigured naming the variable."""
        key = self._key.get_secret_value()
        if not key.isascii() or not key.isprintable() or not key or " " in key:
            raise Misconfigured("RESEND_API_KEY is empty or has blanks or odd characters in it")
        if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", parseaddr(self._sender)[1]):
            raise Misconfigured("RESEND_FROM must be an e-mail address, or 'Name <address>'")

    def send(self, message: Outbound) -> Sent:
        """One POST of /emails; see ``Provider.send``.

        Attempt and account travel as tags, which every event brings back.
        """
        body: dict[str, Any] = {
            "from": self._sender,
            "to": [message.to],
            "subject": message.subject or "",
            "text": message.text,
            "tags": [
                {"name": CUSTOM_ARG_ATTEMPT, "value": message.attempt_id},
                {"name": CUSTOM_ARG_ACCOUNT, "value": as_tag(message.account)},
            ],
        }
        if message.html:
            body["html"] = message.html
        if message.unsubscribe_url:
            body["headers"] = {
                "List-Unsubscribe": f"<{message.unsubscribe_url}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            }
        try:
            answer = self._http.post("/emails", body, {"Idempotency-Key": message.attempt_id})
        except NoAnswer as none:
            return none.sent
        if not answer.ok:
            return _refused(answer)
        name = answer.body.get("id")
        return Accepted(name) if isinstance(name, str) and name else Unknown("resend: no id")

    def find(self, sought: Sought) -> Accepted | None:
        """Look for the words among the newest mails of the account, where the key may read them.

        https://resend.com/docs/api-reference/emails/list-emails: no filter, so only those to this
        address since the dispatch are opened.
        """
        if sought.provider_message_id:
            return Accepted(sought.provider_message_id)  # only an accepted mail has a name
        try:
            for name in self._sent_to(sought.to, sought.since - SLACK):
                text = self._http.get(f"/emails/{name}", {}).body.get("text")
                if isinstance(text, str) and digest_of(text) == sought.content_digest:
                    return Accepted(name)
        except ValueError:
            return None
        return None

    def _sent_to(self, address: str, since: datetime) -> Iterator[str]:
        """Names of the mails to an address, newest first; ValueError if a time is unreadable."""
        query = {"limit": str(_PAGE)}
        for _ in range(_PAGES):
            body = self._http.get("/emails", query).body
            listed = body.get("data")
            found = [one for one in listed if isinstance(one, dict)] if listed else []
            for one in found:
                if _instant(str(one.get("created_at"))) < since:
                    return
                name, to = one.get("id"), one.get("to")
                known = isinstance(name, str) and re.fullmatch(r"[\w-]+", name)
                if known and isinstance(to, list) and address.lower() in map(_lower, to):
                    yield str(name)
            if not body.get("has_more") or not found:
                return
            query["after"] = str(found[-1].get("id"))


def outcome(event: Mapping[str, Any]) -> Report:
    """What an event means (https://resend.com/docs/webhooks/event-types); of others, nothing."""
    name = str(event.get("type", ""))
    if name == "email.bounced":
        return _bounce(event.get("data"))
    return _EVENTS.get(name, Report(None))


def attempt_in(data: Mapping[str, Any]) -> str | None:
    """The attempt among an event's tags: an object in the documents, once a list of pairs."""
    tags = data.get("tags")
    if isinstance(tags, list):
        pairs = (one for one in tags if isinstance(one, dict))
        tags = next((one for one in pairs if one.get("name") == CUSTOM_ARG_ATTEMPT), {})
        return tags["value"] if isinstance(tags.get("value"), str) else None
    found = tags.get(CUSTOM_ARG_ATTEMPT) if isinstance(tags, dict) else None
    return found if isinstance(found, str) else None


def _bounce(data: object) -> Report:
    """https://resend.com/docs/dashboard/emails/email-bounces."""
    bounce = data.get("bounce") if isinstance(data, dict) else None
    about = bounce if isinstance(bounce, dict) else {}
    kind = _BOUNCES.get(_lower(about.get("type")), RefusalKind.RECIPIENT)
    kind = _BY_SUBTYPE.get(_lower(about.get("subType")), kind)
    word = re.sub(r"[^A-Za-z]", "", str(about.get("subType") or about.get("type") or ""))[:40]
    return Report(AttemptState.UNDELIVERED, kind, f"bounce {word}".strip())


def _refused(answer: Answer) -> Sent:
    name = answer.body.get("name")
    if answer.status == HTTPStatus.CONFLICT:
        # A request of the same key has been, or is being, processed: it may have been accepted.
        return Unknown("resend: HTTP 409")
    known = isinstance(name, str) and name in KINDS
    kind = KINDS[str(name)] if known else _BY_STATUS.get(answer.status, RefusalKind.OTHER)
    if name == "validation_error" and _ABOUT_TO.search(str(answer.body.get("message", ""))):
        # Without this, one mistyped address would read as a wrong configuration.
        kind = RefusalKind.RECIPIENT
    code = str(name) if known else str(answer.status)
    return Refused(code, kind, f"resend refused it with HTTP {answer.status}, {code} ({kind})")


def _instant(text: str) -> datetime:
    """``2023-04-03 22:13:42.674981+00``, as Resend writes it."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _lower(value: object) -> str:
    return str(value or "").lower()
