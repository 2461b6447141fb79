"""Resend's webhook: one signed event a request (https://resend.com/docs/webhooks/event-types)."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from starlette.exceptions import HTTPException

from activities.channels import resend_email
from config.settings import Settings
from domain.channels import Channel
from domain.entry.addresses import canonical
from domain.names import RESEND_EVENTS
from workers.gateway.facts import DeliveryReport
from workers.gateway.providers.signatures import SVIX_ID, SVIX_SIGNATURE, SVIX_TIMESTAMP, SvixKey
from workers.gateway.requests import (
    Received,
    bounded,
    clean,
    identifier,
    mapping,
    names,
    optional,
    refuse,
)
from workers.gateway.webhook import Webhook

PROVIDER: Final = "resend"
MAX_AGE: Final = timedelta(minutes=5)
"""As Svix's own libraries have it; a repeated delivery is signed anew."""


class ResendEvents(Webhook):
    """Events of the mails we sent."""

    provider = PROVIDER
    name = "resend_events"
    path = RESEND_EVENTS

    def __init__(self, settings: Settings) -> None:
        """Raises Misconfigured for an unusable secret."""
        secret = settings.resend_webhook_secret
        self._key = SvixKey(secret) if secret else None

    def about(self, request: Received) -> str:
        """The delivery."""
        return names(request.headers, SVIX_ID)

    def authenticate(self, request: Received) -> None:
        """The signature over id, timestamp and body; and its age."""
        headers = request.headers
        name, stamp = headers.get(SVIX_ID, ""), headers.get(SVIX_TIMESTAMP, "")
        signature = headers.get(SVIX_SIGNATURE)
        if self._key is None or not self._key.signed(request.body, name, stamp, signature):
            refuse(PROVIDER, self._key)
        if abs(request.now.timestamp() - int(stamp)) > MAX_AGE.total_seconds():
            raise HTTPException(403, "the timestamp is too old, or this clock is wrong")

    def events(self, request: Received) -> Sequence[object]:
        """One object."""
        return [request.json()]

    def read(self, event: object, request: Received) -> DeliveryReport | None:
        """What the event means for its attempt; None for another mail of the same account."""
        fields = mapping(event)
        data = mapping(fields.get("data"), "data")
        attempt = resend_email.attempt_in(data)
        if attempt is None:
            return None
        found = resend_email.outcome(fields)
        return DeliveryReport(
            provider=PROVIDER,
            event_id=identifier(request.headers, SVIX_ID),
            attempt_id=bounded(clean(attempt), "attempt"),
            status=found.status,
            message_id=optional(data, "email_id"),
            code=found.code,
            kind=found.kind,
            channel=Channel.EMAIL,
            address=_went_to(data),
        )


def _went_to(data: Mapping[str, Any]) -> str | None:
    """The mailbox of a mail; ours go to one each."""
    to = data.get("to")
    given = to if isinstance(to, list) else [to]
    if len(given) != 1 or not isinstance(given[0], str):
        return None
    return canonical(Channel.EMAIL, clean(given[0])) or None
