"""Resend's webhook: one signed event a request (https://resend.com/docs/webhooks/event-types).

Of a mail that came in (``email.received``) the event tells that it did; its words are asked for.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from starlette.exceptions import HTTPException

from activities.channels import resend_email
from activities.channels.base import NotAskedError
from activities.channels.resend_inbox import ResendInbox
from config.settings import Settings
from domain.channels import Channel
from domain.conversation.keywords import Keywords
from domain.entry.addresses import canonical
from domain.failures import BadInput, Unavailable
from domain.names import RESEND_EVENTS
from workers.gateway.facts import CustomerMessage, DeliveryReport
from workers.gateway.mail import Mail, message_of, passed, texts
from workers.gateway.multipart import Attachment
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


RECEIVED: Final = "email.received"
_PATIENCE: Final = 20.0
"""Seconds for a mail's words; Resend repeats an event that is not answered with 2xx."""
_WORDS: Final = "contrapunto_words"
"""Where an event has the mail that was asked for."""


class ResendEvents(Webhook):
    """Events of the mails we sent, and of those that came in."""

    provider = PROVIDER
    name = "resend_events"
    path = RESEND_EVENTS

    def __init__(self, settings: Settings, keywords: Keywords, ours: Sequence[str]) -> None:
        """``ours``: as ``own_words`` has it. Raises Misconfigured for an unusable secret."""
        secret, key = settings.resend_webhook_secret, settings.resend_api_key
        old = settings.resend_previous_webhook_secret if secret else None
        self._svix = [SvixKey(one) for one in (secret, old) if one]
        self._keywords, self._ours = keywords, ours
        server = settings.resend_authentication_server
        self._believed = (server,) if server else ()
        self._inbox = None
        if key:
            self._inbox = ResendInbox(
                key,
                base_url=settings.resend_base_url or None,
                timeout=settings.provider_timeout,
            )

    def about(self, request: Received) -> str:
        """The delivery."""
        return names(request.headers, SVIX_ID)

    def authenticate(self, request: Received) -> None:
        """The signature over id, timestamp and body; and its age."""
        headers = request.headers
        name, stamp = headers.get(SVIX_ID, ""), headers.get(SVIX_TIMESTAMP, "")
        signature = headers.get(SVIX_SIGNATURE)
        if not any(one.signed(request.body, name, stamp, signature) for one in self._svix):
            refuse(PROVIDER, self._svix)
        if abs(request.now.timestamp() - int(stamp)) > MAX_AGE.total_seconds():
            raise HTTPException(403, "the timestamp is too old, or this clock is wrong")

    def events(self, request: Received) -> Sequence[object]:
        """One object."""
        return [request.json()]

    def may_be_stop(self, event: object) -> bool:
        """Only what came in can be."""
        return isinstance(event, dict) and event.get("type") == RECEIVED

    async def completed(self, event: object, request: Received) -> object:
        """The event, of a mail that came in with its words."""
        if not self.may_be_stop(event):
            return event
        fields = mapping(event)
        name = identifier(mapping(fields.get("data"), "data"), "email_id")
        if self._inbox is None:
            raise BadInput(
                "a mail came in, and without RESEND_API_KEY nobody can ask for its words"
            )
        try:
            async with asyncio.timeout(_PATIENCE):
                words = await asyncio.to_thread(self._inbox.fetch, name)
        except (NotAskedError, TimeoutError):
            raise Unavailable("resend does not tell the words of a mail") from None
        if not words:
            raise BadInput("email_id: Resend has no such mail for us, or one that is too long")
        return {**fields, _WORDS: words}

    def read(self, event: object, request: Received) -> DeliveryReport | CustomerMessage | None:
        """What the event means for its attempt, or what came in; None for another mail of the same
        account."""
        fields = mapping(event)
        data = mapping(fields.get("data"), "data")
        if fields.get("type") == RECEIVED:
            mail = _mail(data, mapping(fields.get(_WORDS), "the mail"), self._believed)
            return message_of(mail, self._keywords, self._ours)
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


def _mail(data: Mapping[str, Any], words: Mapping[str, Any], believed: Sequence[str]) -> Mail:
    """A mail as Resend keeps it.

    Resend documents no result of SPF and DKIM. It hands on the headers, one value a name, among
    which the sender can have put anything: so ``Authentication-Results`` counts only where the
    operator has named the server that writes it (CONTRAPUNTO_RESEND_AUTHENTICATION_SERVER).
    """
    given = words.get("headers")
    headers = tuple(
        (clean(str(name)).lower()[:100], clean(str(value))[:20_000])
        for name, value in (given.items() if isinstance(given, dict) else ())
    )
    results = [value for name, value in headers if name == "authentication-results"]
    sender, subject, text, html, message_id = texts(
        {**data, **words}, "from", "subject", "text", "html", "message_id"
    )
    known = any(name == "message-id" for name, _ in headers)
    return Mail(
        provider=PROVIDER,
        name=str(data.get("email_id")),
        headers=headers if known or not message_id else (*headers, ("message-id", message_id)),
        sender=sender,
        envelope_from=None,  # not told; the header Return-Path is among the others
        subject=subject,
        text=text,
        html=html,
        attachments=tuple(_attachments(words.get("attachments"))),
        proved_domains=passed(results[0], believed) if len(results) == 1 else frozenset(),
    )


def _attachments(given: object) -> Iterator[Attachment]:
    for one in given if isinstance(given, list) else ():
        if isinstance(one, dict):
            name, kind = (clean(text)[:200] for text in texts(one, "filename", "content_type"))
            size = one.get("size")
            yield Attachment(name, kind, size if isinstance(size, int) else 0)
