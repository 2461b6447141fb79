"""Infobip's webhooks: delivery reports, and what customers write.

A report is genuine by its address: it carries a digest of the attempt that only we can make and
only Infobip was told. Inbound messages come to one address for all, with a password (basic
authentication, https://www.infobip.com/docs/developer-resources/security/security-best-practices).
"""

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from hmac import compare_digest
from typing import Any, Final

from activities.channels import infobip_sms
from config.secrets.rotation import both
from config.settings import Settings
from domain.channels import Channel
from domain.conversation.keywords import Keywords
from domain.entry.addresses import canonical
from domain.failures import BadInput
from domain.names import ACCOUNT_PARAM, ATTEMPT_PARAM, INFOBIP_INBOUND, INFOBIP_STATUS
from workers.gateway.facts import CustomerMessage, DeliveryReport, customer_message
from workers.gateway.requests import (
    MAX_CODE,
    Received,
    array,
    clean,
    identifier,
    mapping,
    number,
    optional,
    refuse,
)
from workers.gateway.webhook import Webhook

PROVIDER: Final = "infobip"
_WORDS: Final = ("text", "cleanText", "keyword", "message", "content")
"""Fields that carry what was said: each a text, or an object or a list with texts in it."""
_NOT_SAID: Final = frozenset({"type", "contentType", "url", "context", "referral", "contacts"})
"""What stands in these is not the sender's: a kind, a file, the message answered, our own advert,
somebody else's card. Everything else is read, captions and buttons too: a stop may be in it."""


class InfobipWebhook(Webhook):
    """What both share: a batch of results, and a secret."""

    provider = PROVIDER
    ids = ("messageId",)

    def __init__(self, settings: Settings) -> None:
        old = settings.infobip_previous_webhook_secret
        self._secrets = both(settings.infobip_webhook_secret, old)

    def events(self, request: Received) -> Sequence[object]:
        """The array ``results``."""
        return array(mapping(request.json(), "the body").get("results"), "results")


class DeliveryReports(InfobipWebhook):
    """The delivery reports of one attempt.

    https://www.infobip.com/docs/api/channels/sms/sms-messaging/logs-and-status-reports/
    receive-outbound-sms-message-reports-v3
    """

    name = "infobip_status"
    path = INFOBIP_STATUS

    def authenticate(self, request: Received) -> None:
        """The digest in the address."""
        given = request.query.get(infobip_sms.TOKEN_PARAM, "")
        attempt = clean(request.query.get(ATTEMPT_PARAM, ""))
        right = (infobip_sms.token(secret, attempt) for secret in self._secrets)
        if not any(compare_digest(given.encode(), one.encode()) for one in right):
            refuse(PROVIDER, self._secrets)

    def read(self, event: object, request: Received) -> DeliveryReport:
        """Status and error of the address's own attempt."""
        report = mapping(event)
        attempt = identifier(request.query, ATTEMPT_PARAM)
        if report.get("messageId") != attempt:
            raise BadInput("messageId: not the attempt of this address")
        status = number(mapping(report.get("status"), "status"), "id")
        found = infobip_sms.outcome(report)
        to = report.get("to")
        return DeliveryReport(
            provider=PROVIDER,
            event_id=f"{attempt}:{status}",
            attempt_id=attempt,
            account=optional(request.query, ACCOUNT_PARAM),
            status=found.status,
            message_id=attempt,
            code=found.code[:MAX_CODE] if found.code else None,
            kind=found.kind,
            channel=Channel.SMS,
            address=canonical(Channel.SMS, clean(to)) or None if isinstance(to, str) else None,
        )


class InboundMessages(InfobipWebhook):
    """Messages that customers wrote, in the forms of the SMS, WhatsApp and Messages APIs.

    https://www.infobip.com/docs/api/channels/sms/sms-messaging/inbound-sms/
    receive-inbound-sms-messages; the last as in the official client (infobip_api_client.models.
    messages_api_webhook_event): ``sender``, ``channel`` and a list ``content``.
    """

    name = "infobip_inbound"
    path = INFOBIP_INBOUND
    may_stop = True

    def __init__(self, settings: Settings, keywords: Keywords) -> None:
        super().__init__(settings)
        self._keywords = keywords

    def authenticate(self, request: Received) -> None:
        """The password."""
        password = _password(request.headers.get("authorization", ""))
        if not any(compare_digest(password, one.encode()) for one in self._secrets):
            refuse(PROVIDER, self._secrets)

    def read(self, event: object, request: Received) -> CustomerMessage:
        """Who wrote, and every field that carries words of theirs."""
        fields = mapping(event)
        words = tuple(_words(fields))
        if not words and not {"content", "message"} & fields.keys():
            raise BadInput("text: missing or not a text")
        return customer_message(
            PROVIDER,
            identifier(fields, "messageId"),
            _channel(fields),
            identifier(fields, "from", "sender"),
            words,
            self._keywords,
            said_at=_instant(fields.get("receivedAt")),
        )


def _instant(given: object) -> datetime | None:
    """An instant with its zone; None for anything else."""
    try:
        read = datetime.fromisoformat(given) if isinstance(given, str) else None
    except ValueError:
        return None
    return read if read and read.tzinfo else None


def _channel(fields: Mapping[str, Any]) -> Channel:
    named = (fields.get("channel"), fields.get("integrationType"))
    return Channel.WHATSAPP if "WHATSAPP" in named else Channel.SMS


def _words(fields: Mapping[str, Any]) -> Iterator[str]:
    """What was said: beside the ids in a SMS, within ``message`` or ``content`` elsewhere."""
    for name in _WORDS:
        yield from _texts(fields.get(name))


def _texts(said: object) -> Iterator[str]:
    if isinstance(said, str):
        yield clean(said)
    elif isinstance(said, list):
        for part in said:
            yield from _texts(part)
    elif isinstance(said, dict):
        for name, part in said.items():
            if name not in _NOT_SAID:
                yield from _texts(part)


def _password(header: str) -> bytes:
    """The password of basic authentication; empty for anything else."""
    scheme, _, encoded = header.partition(" ")
    try:
        user = base64.b64decode(encoded, validate=True) if scheme.lower() == "basic" else b""
    except (binascii.Error, ValueError):
        return b""
    return user.partition(b":")[2]
