"""SMS by Infobip over plain HTTP, and the meaning of its statuses.

https://www.infobip.com/docs/api/channels/sms/sms-messaging/outbound-sms/send-sms-messages: the
message's id is ours to choose, so ours is the attempt's: logs and reports know it by that, and a
second message under the same id is rejected. Statuses and errors:
https://www.infobip.com/docs/essentials/api-essentials/response-status-and-error-codes.
The official client is not used: it brings urllib3's retries and knows no status better than this.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from pydantic import SecretStr

from activities.channels.base import (
    Accepted,
    Outbound,
    Refused,
    Report,
    Sent,
    Sought,
    Unknown,
    checked_url,
)
from activities.channels.http import Answer, Http, NoAnswer
from domain.channels import Channel
from domain.failures import Misconfigured
from domain.ledger.attempt import AttemptState, RefusalKind
from domain.names import INFOBIP_STATUS

TOKEN_PARAM: Final = "token"  # noqa: S105 - a parameter's name
"""Query parameter by which a status callback proves that its URL is one that we gave out."""

_K = RefusalKind
KINDS: Final[dict[int, RefusalKind]] = {
    6: _K.CONFIGURATION,  # the network is not set up for this account
    8: _K.RECIPIENT,  # no such prefix
    10: _K.CONSENT,  # the person is on a do-not-disturb list
    11: _K.CONFIGURATION,  # sender not registered
    12: _K.CONFIGURATION,  # out of credit
    13: _K.CONFIGURATION,  # sender blocklisted
    14: _K.CONSENT,  # the address is on our account's, or the operator's, blocklist
    17: _K.CONFIGURATION,
    18: _K.CONFIGURATION,  # a trial account, which writes to one number only
    19: _K.CONFIGURATION,  # no route
    20: _K.CONTENT,  # too many, or too similar, messages to one number within an hour
    21: _K.TEMPORARY,  # "system error, retry"
    24: _K.TEMPLATE,
    25: _K.TEMPLATE,  # too long
    51: _K.RECIPIENT,
    52: _K.RECIPIENT,
    87: _K.CONTENT,  # taken for fraud
    100: _K.TEMPORARY,  # malformed, or the platform is not available
}
"""Id of a rejecting status -> what it means, at once or in a report; others are OTHER."""

ERRORS: Final[dict[int, RefusalKind]] = {
    1: _K.RECIPIENT,  # EC_UNKNOWN_SUBSCRIBER
    9: _K.RECIPIENT,
    11: _K.RECIPIENT,
    12: _K.RECIPIENT,
    351: _K.RECIPIENT,
    352: _K.RECIPIENT,
    565: _K.RECIPIENT,
    568: _K.RECIPIENT,
    629: _K.RECIPIENT,
    3041: _K.RECIPIENT,  # EC_DEACTIVATED_LIST
    560: _K.CONSENT,  # the sender is blocked for this person
    573: _K.CONSENT,  # EC_SC_BLOCKED_BY_END_USER
    604: _K.CONSENT,
    2050: _K.CONSENT,  # EC_DEST_ADDRESS_BLACKLISTED
    2052: _K.CONSENT,
    561: _K.CONTENT,
    603: _K.CONTENT,
    607: _K.CONTENT,
    608: _K.CONTENT,
    609: _K.CONTENT,
    4103: _K.CONTENT,
    4104: _K.CONTENT,
    6: _K.TEMPORARY,  # EC_ABSENT_SUBSCRIBER_SM
    27: _K.TEMPORARY,
    31: _K.TEMPORARY,
    33: _K.TEMPORARY,
    4101: _K.TEMPORARY,  # the validity period ran out: it cannot arrive any more
    4098: _K.TEMPORARY,
}
"""Id of an error in a delivery report -> what it means; it says more than the status does."""

_HTTP: Final[dict[int, RefusalKind]] = {
    400: _K.CONFIGURATION,
    401: _K.CONFIGURATION,
    403: _K.CONFIGURATION,
    404: _K.CONFIGURATION,
    429: _K.RATE,
}
DUPLICATE: Final = 23
"""REJECTED_DUPLICATE_MESSAGE_ID: something was sent under this id before; what became of it?"""

_ON_THE_WAY: Final = frozenset({"OK", "PENDING", "DELIVERED"})
_REJECTED: Final = frozenset({"REJECTED", "UNDELIVERABLE"})
_TO_OPERATOR: Final = 2
"""DELIVERED_TO_OPERATOR sounds final and is not:
https://www.infobip.com/docs/developer-resources/api-fundamentals/message-status-codes."""
_NOBODY_KNOWS: Final = 29
"""EXPIRED_DLR_UNKNOWN: no report came back from the operator; it may have arrived."""
_LONGEST: Final = 48 * 3600
_RECIPIENT_FIELD: Final = re.compile(r"messages\[\d+\]\.destinations\[\d+\]\.to")
_SENDER: Final = re.compile(r"\+?[0-9]{3,15}|(?=.*[A-Za-z])[A-Za-z0-9 &+_.-]{1,11}")


class InfobipSms:
    """SMS through one Infobip account; safe to share between threads."""

    name: Final = "infobip"
    channel: Final = Channel.SMS
    status_path: Final = INFOBIP_STATUS

    def __init__(
        self,
        api_key: SecretStr,
        sender: str,
        base_url: str,
        webhook_secret: SecretStr,
        *,
        timeout: float = 10,
        connections: int = 20,
    ) -> None:
        self._key, self._sender, self._secret = api_key, sender, webhook_secret
        base = checked_url("CONTRAPUNTO_INFOBIP_BASE_URL", base_url)
        headers = {"Authorization": f"App {api_key.get_secret_value()}"}
        self._http = Http(self.name, base, headers, timeout, connections)

    def check(self) -> None:
        """Look at the configuration; raises Misconfigured naming the variable."""
        key = self._key.get_secret_value()
        if not key.isascii() or not key.isprintable() or not key or " " in key:
            raise Misconfigured("CONTRAPUNTO_INFOBIP_API_KEY is empty or has blanks in it")
        if not _SENDER.fullmatch(self._sender):
            raise Misconfigured("CONTRAPUNTO_INFOBIP_FROM must be a number or a sender name")
        if len(self._secret.get_secret_value()) < 16:
            raise Misconfigured(
                "CONTRAPUNTO_INFOBIP_WEBHOOK_SECRET must be at least 16 characters, of your choice"
            )

    def send(self, message: Outbound) -> Sent:
        """One POST of /sms/3/messages with one destination; see ``Provider.send``."""
        body = {
            "messages": [
                {
                    "sender": self._sender,
                    "destinations": [
                        {"to": message.to.removeprefix("+"), "messageId": message.attempt_id}
                    ],
                    "content": {"text": message.text},
                    "options": {
                        "validityPeriod": {
                            "amount": min(message.validity_seconds, _LONGEST),
                            "timeUnit": "SECONDS",
                        }
                    },
                    "webhooks": {
                        "delivery": {"url": self._callback(message)},
                        "contentType": "application/json",
                    },
                }
            ]
        }
        try:
            answer = self._http.post("/sms/3/messages", body)
        except NoAnswer as none:
            return none.sent
        return _accepted(answer) if answer.ok else _refused(answer)

    def find(self, sought: Sought) -> Accepted | None:
        """Ask the logs for exactly this message: its id is the attempt's. They reach back 48 h.

        https://www.infobip.com/docs/api/channels/sms/sms-messaging/logs-and-status-reports/
        get-outbound-sms-message-logs-v3
        """
        answer = self._http.get("/sms/3/logs", {"messageId": sought.attempt_id})
        logged = answer.body.get("results") if answer.ok else None
        for one in logged if isinstance(logged, list) else []:
            known = isinstance(one, dict) and one.get("messageId") == sought.attempt_id
            if known and _status(one)[1] not in _REJECTED:
                return Accepted(sought.attempt_id)
        return None

    def _callback(self, message: Outbound) -> str:
        proof = token(self._secret.get_secret_value(), message.attempt_id)
        return f"{message.callback_url}&{urlencode({TOKEN_PARAM: proof})}"


def token(secret: str, attempt: str) -> str:
    """What the callback URL of an attempt carries, and nobody else can make."""
    return hmac.new(secret.encode(), f"infobip:{attempt}".encode(), hashlib.sha256).hexdigest()


def outcome(report: Mapping[str, Any]) -> Report:
    """What one result of a delivery report means; of what we do not know, nothing.

    https://www.infobip.com/docs/api/channels/sms/sms-messaging/logs-and-status-reports/
    receive-outbound-sms-message-reports-v3
    """
    status, group = _status(report)
    if group in ("OK", "PENDING") or status in (_TO_OPERATOR, _NOBODY_KNOWS):
        return Report(AttemptState.ACCEPTED)
    if group == "DELIVERED":
        return Report(AttemptState.DELIVERED)
    if group not in ("UNDELIVERABLE", "EXPIRED", "REJECTED"):
        return Report(None)
    error = report.get("error")
    code = error.get("id") if isinstance(error, dict) else None
    if isinstance(code, int) and code in ERRORS:
        return Report(AttemptState.UNDELIVERED, ERRORS[code], f"error {code}")
    kind = _K.TEMPORARY if group == "EXPIRED" else KINDS.get(status, _K.OTHER)
    return Report(AttemptState.UNDELIVERED, kind, f"status {status}")


def _accepted(answer: Answer) -> Sent:
    """A success speaks of each destination by itself, and may reject it."""
    messages = answer.body.get("messages")
    first = messages[0] if isinstance(messages, list) and len(messages) == 1 else None
    if not isinstance(first, dict):
        return Unknown("infobip: unreadable success")
    status, group = _status(first)
    name = first.get("messageId")
    if group in _ON_THE_WAY and isinstance(name, str) and name:
        return Accepted(name)
    if group in _REJECTED and status != DUPLICATE:
        kind = KINDS.get(status, RefusalKind.OTHER)
        return Refused(str(status), kind, f"infobip rejected it with status {status} ({kind})")
    return Unknown(f"infobip: success with status {status}")


def _refused(answer: Answer) -> Sent:
    kind = _HTTP.get(answer.status, RefusalKind.OTHER)
    if answer.status == HTTPStatus.BAD_REQUEST and _only_the_recipient(answer.body):
        # Without this, one mistyped number would read as a wrong configuration.
        kind = RefusalKind.RECIPIENT
    detail = f"infobip refused it with HTTP {answer.status} ({kind})"
    return Refused(f"http {answer.status}", kind, detail)


def _only_the_recipient(body: Mapping[str, Any]) -> bool:
    found = body.get("violations")
    if not isinstance(found, list) or not found:
        return False
    fields = [one.get("property") if isinstance(one, dict) else None for one in found]
    return all(isinstance(field, str) and _RECIPIENT_FIELD.fullmatch(field) for field in fields)


def _status(one: Mapping[str, Any]) -> tuple[int, str]:
    found = one.get("status")
    status = found if isinstance(found, dict) else {}
    number, group = status.get("id"), status.get("groupName")
    return (number if isinstance(number, int) else -1), str(group or "")
