"""SMS by Infobip over plain HTTP, and the meaning of its statuses.

https://www.infobip.com/docs/api/channels/sms/sms-messaging/outbound-sms/send-sms-messages: the
message's id is ours to choose, so ours is the attempt's: logs and reports know it by that, and a
second message under the same id is rejected. What its codes mean is in ``codes/infobip.py``.
The official client is not used: it brings urllib3's retries and knows no status better than this.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from pydantic import SecretStr

from activities.channels.answers import Said, judged
from activities.channels.base import (
    SLACK,
    Accepted,
    Looked,
    NotAskedError,
    Outbound,
    Report,
    Sent,
    Sought,
    Unknown,
    checked_url,
)
from activities.channels.codes import infobip as codes
from activities.channels.codes.meanings import OTHER, PASSING
from activities.channels.http import Http, NoAnswer
from activities.channels.lists.base import Listed, NotListedError
from activities.channels.lists.windows import halved
from domain.channels import Channel
from domain.failures import Misconfigured
from domain.ledger.attempt import AttemptState
from domain.names import INFOBIP_STATUS

_LOGGED: Final = 1000
"""The most that the logs give at once."""
TOKEN_PARAM: Final = "token"  # noqa: S105 - a parameter's name
"""Query parameter by which a status callback proves that its URL is one that we gave out."""

_ON_THE_WAY: Final = frozenset({"OK", "PENDING", "DELIVERED"})
_REJECTED: Final = frozenset({"REJECTED", "UNDELIVERABLE"})
_TO_OPERATOR: Final = 2
"""DELIVERED_TO_OPERATOR sounds final and is not:
https://www.infobip.com/docs/developer-resources/api-fundamentals/message-status-codes."""
_NOBODY_KNOWS: Final = 29
"""EXPIRED_DLR_UNKNOWN: no report came back from the operator; it may have arrived."""
_LONGEST: Final = 48 * 3600
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
        self._http = Http(self.name, base, codes.error, headers, timeout, connections)

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

    def look(self) -> Looked:
        """The logs, which we need to settle lost answers; see ``TellsOfAccount``."""
        raw = self._http.look("/sms/3/logs", {"limit": "1"})
        if raw.status == HTTPStatus.FORBIDDEN:
            todo = "give the key the scope to read SMS logs"
            return Looked("takes our key, which may not read logs", todo=todo)
        if not raw.ok:
            todo = "compare CONTRAPUNTO_INFOBIP_API_KEY and ..._BASE_URL with Infobip's portal"
            return Looked(f"refuses our key (HTTP {raw.status})", refused=True, todo=todo)
        return Looked("takes our key")

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
        return _taken(answer, message.attempt_id)

    def find(self, sought: Sought) -> Accepted | None:
        """Ask the logs for exactly this message: its id is the attempt's. They reach back 48 h.

        https://www.infobip.com/docs/api/channels/sms/sms-messaging/logs-and-status-reports/
        get-outbound-sms-message-logs-v3
        """
        answer = self._http.get("/sms/3/logs", {"messageId": sought.attempt_id})
        logged = answer.get("results")
        for one in logged if isinstance(logged, list) else []:
            known = isinstance(one, dict) and one.get("messageId") == sought.attempt_id
            if known and _status(one)[1] not in _REJECTED:
                return Accepted(sought.attempt_id)
        return None

    def listed(self, since: datetime, until: datetime) -> Iterator[Listed]:
        """What went out, by the logs, which reach back 48 hours; see ``Lists``. What came in they
        do not show."""

        def ask(begin: datetime, end: datetime) -> list[Mapping[str, Any]]:
            query = {"sentSince": _stamp(begin), "sentUntil": _stamp(end), "limit": str(_LOGGED)}
            answer = self._http.get("/sms/3/logs", query)
            if not answer:
                raise NotListedError("infobip: the key may not read logs")
            found = answer.get("results")
            return [one for one in found or () if isinstance(one, dict)]

        for one in halved(ask, _LOGGED, since - SLACK, until + SLACK):
            try:
                at = datetime.fromisoformat(str(one.get("sentAt")))
            except ValueError:
                raise NotAskedError from None
            name, report = str(one.get("messageId")), outcome(one)
            if _status(one)[1] in _REJECTED:
                continue
            yield Listed(
                provider=self.name,
                channel=self.channel,
                name=name,
                at=at if at.tzinfo else at.replace(tzinfo=UTC),
                address=f"+{str(one.get('destination') or one.get('to') or '').lstrip('+')}",
                state=report.status or AttemptState.ACCEPTED,
                attempt_id=name,
            )

    def _callback(self, message: Outbound) -> str:
        proof = token(self._secret.get_secret_value(), message.attempt_id)
        return f"{message.callback_url}&{urlencode({TOKEN_PARAM: proof})}"


def _stamp(at: datetime) -> str:
    """An instant as the queries of the logs take it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


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
    if isinstance(code, int) and code in codes.ERRORS:
        return Report.of(AttemptState.UNDELIVERED, codes.ERRORS[code], f"error {code}")
    meaning = PASSING if group == "EXPIRED" else codes.REJECTED.get(status, OTHER)
    return Report.of(AttemptState.UNDELIVERED, meaning, f"status {status}")


def _taken(body: Mapping[str, Any], attempt: str) -> Sent:
    """A success speaks of our message by the id that we gave it, and may reject it."""
    messages = body.get("messages")
    first = messages[0] if isinstance(messages, list) and len(messages) == 1 else None
    if not isinstance(first, dict) or first.get("messageId") != attempt:
        return Unknown("infobip: a success that does not speak of our message")
    status, group = _status(first)
    if group in _ON_THE_WAY:
        return Accepted(attempt)
    meaning = codes.REJECTED.get(status) if group in _REJECTED else None
    return judged("infobip", Said(str(status), meaning))


def _status(one: Mapping[str, Any]) -> tuple[int, str]:
    found = one.get("status")
    status = found if isinstance(found, dict) else {}
    number, group = status.get("id"), status.get("groupName")
    return (number if isinstance(number, int) else -1), str(group or "")
