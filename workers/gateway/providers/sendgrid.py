"""SendGrid's event webhook: batches, signed over the raw body.

https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.exceptions import HTTPException

from activities.channels import sendgrid_email
from config.settings import Settings
from domain.channels import Channel
from domain.entry.addresses import canonical
from domain.names import CUSTOM_ARG_ACCOUNT, CUSTOM_ARG_ATTEMPT, SENDGRID_EVENTS
from workers.gateway.facts import DeliveryReport
from workers.gateway.providers.signatures import (
    SENDGRID_HEADER,
    SENDGRID_TIMESTAMP_HEADER,
    SendGridKey,
)
from workers.gateway.requests import (
    MAX_ID,
    Received,
    array,
    clean,
    mapping,
    optional,
    refuse,
    text,
)
from workers.gateway.webhook import Webhook

PROVIDER: Final = "sendgrid"


class SendGridEvents(Webhook):
    """Events of the mails we sent."""

    provider = PROVIDER
    name = "sendgrid_events"
    path = SENDGRID_EVENTS
    ids = ("sg_event_id",)

    def __init__(self, settings: Settings) -> None:
        """Raises Misconfigured for an unusable key."""
        new, old = settings.sendgrid_public_key, settings.sendgrid_previous_public_key
        self._keys = [SendGridKey(key) for key in (new, old) if new and key]
        self._max_age = settings.sendgrid_webhook_max_age

    def authenticate(self, request: Received) -> None:
        """The signature; and its age, for a signature never expires by itself."""
        stamp = request.headers.get(SENDGRID_TIMESTAMP_HEADER)
        signature = request.headers.get(SENDGRID_HEADER)
        if not any(key.signed(request.body, stamp, signature) for key in self._keys):
            refuse(PROVIDER, self._keys)
        if not re.fullmatch(r"[0-9]{1,12}", stamp or ""):
            raise HTTPException(403, "the timestamp is no number of seconds")
        if abs(request.now.timestamp() - int(stamp or 0)) > self._max_age:
            raise HTTPException(403, "the timestamp is too old, or this clock is wrong")

    def events(self, request: Received) -> Sequence[object]:
        """A JSON array."""
        return array(request.json(), "the body")

    def read(self, event: object, request: Received) -> DeliveryReport | None:
        """What an event means for its attempt; None for another mail of the same account."""
        fields = mapping(event)
        attempt = optional(fields, CUSTOM_ARG_ATTEMPT)
        if attempt is None:
            return None
        text(fields, "event")
        sent = optional(fields, "sg_message_id")
        words = {name: clean(value) for name, value in fields.items() if isinstance(value, str)}
        found = sendgrid_email.outcome(words)
        return DeliveryReport(
            provider=PROVIDER,
            event_id=_name(fields),
            attempt_id=attempt,
            account=optional(fields, CUSTOM_ARG_ACCOUNT),
            status=found.status,
            message_id=sendgrid_email.message_name(sent) if sent else None,
            code=found.code,
            kind=found.kind,
            channel=Channel.EMAIL,
            address=canonical(Channel.EMAIL, words.get("email", "")) or None,
        )


def _name(fields: Mapping[str, Any]) -> str:
    """The id of an event; without a usable one, what it says: it may be an unsubscription."""
    given = fields.get("sg_event_id")
    named = clean(given).strip() if isinstance(given, str) else ""
    if named and len(named) <= MAX_ID:
        return named
    written = json.dumps(fields, sort_keys=True)
    return f"unnamed:{hashlib.sha256(written.encode()).hexdigest()[:32]}"
