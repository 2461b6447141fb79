"""SendGrid's Inbound Parse: mails that came in for us, one form each.

https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/inbound-email: multipart, read or
raw ("POST the raw, full MIME message"); what fails with 5xx is repeated for three days.

It is signed only where a security policy is attached to the parse setting
(https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/securing-your-parse-webhooks),
with the headers of the event webhook. Without one a secret stands in the address. With neither
there is no route: anybody could write as anybody.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import policy
from email.message import Message
from email.parser import BytesParser
from hmac import compare_digest
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request

from config.secrets.rotation import both
from config.settings import Settings
from domain.conversation.keywords import Keywords
from domain.entry.json_text import read_json
from domain.failures import BadInput
from domain.names import SENDGRID_INBOUND
from workers.gateway.facts import CustomerMessage
from workers.gateway.mail import Mail, decoded, headers_of, message_of, unencoded
from workers.gateway.multipart import Attachment, Parts, read_parts
from workers.gateway.providers.signatures import (
    PARSE_POLICY,
    SENDGRID_HEADER,
    SENDGRID_TIMESTAMP_HEADER,
    SendGridKey,
)
from workers.gateway.requests import Received, mapping, refuse
from workers.gateway.webhook import Webhook

PROVIDER: Final = "sendgrid"
KEY: Final = "CONTRAPUNTO_SENDGRID_INBOUND_PUBLIC_KEY"
MAX_AGE: Final = timedelta(days=4)
"""SendGrid repeats for three days, and nobody documents whether it signs anew. A mail played back
within that time changes nothing: it is stored already, under its Message-ID."""
_AHEAD: Final = timedelta(minutes=10)
_MOST_MULTIPARTS: Final = 30
"""Boundaries of a raw mail: Python's parser calls itself for each that stands in another."""
_RAW: Final = "email"
_FIELDS: Final = frozenset(
    {"headers", "from", "subject", "text", "html", "envelope", "charsets", "SPF", "dkim", _RAW}
)


@dataclass(frozen=True)
class _ReceivedParts(Received):
    """A request of which the texts are kept; ``body`` holds them as JSON."""

    parts: Parts
    secret: str


class SendGridInbound(Webhook):
    """Mails that people wrote."""

    provider = PROVIDER
    name = "sendgrid_inbound"
    path = SENDGRID_INBOUND
    may_stop = True

    def __init__(self, settings: Settings, keywords: Keywords, ours: Sequence[str]) -> None:
        """``ours``: as ``own_words`` has it. Raises Misconfigured for an unusable key."""
        key, secret = settings.sendgrid_inbound_public_key, settings.sendgrid_inbound_secret
        old = settings.sendgrid_inbound_previous_public_key if key else None
        self._keys = [SendGridKey(one, KEY, PARSE_POLICY) for one in (key, old) if one]
        before = settings.sendgrid_inbound_previous_secret
        self._secrets = () if key else both(secret, before)
        if self._secrets:
            self.path = f"{SENDGRID_INBOUND}/{{secret}}"  # type: ignore[misc]
        self._keywords, self._ours = keywords, ours

    @property
    def is_served(self) -> bool:
        """Whether a stranger can be told from SendGrid."""
        return bool(self._keys or self._secrets)

    async def receive(self, request: Request, public_url: str, now: datetime) -> _ReceivedParts:
        """The texts; files are counted and dropped as they come."""
        stamp = request.headers.get(SENDGRID_TIMESTAMP_HEADER, "")
        parts = await read_parts(request, _FIELDS, stamp.encode("utf-8", "replace"))
        body = json.dumps({name: decoded(raw, "") for name, raw in parts.texts.items()}).encode()
        secret = str(request.path_params.get("secret", ""))
        # Without its path, which may be the secret.
        known = (request.headers, request.query_params, f"{public_url}{SENDGRID_INBOUND}", now)
        return _ReceivedParts(body, *known, parts, secret)

    def authenticate(self, request: Received) -> None:
        """The signature over timestamp and body where a key is configured, else the secret."""
        assert isinstance(request, _ReceivedParts)  # noqa: S101 - made by ``receive``
        if not self._keys:
            given = request.secret.encode("utf-8", "replace")
            if not any(compare_digest(given, one.encode()) for one in self._secrets):
                raise HTTPException(403, "not the secret of CONTRAPUNTO_SENDGRID_INBOUND_SECRET")
            return
        stamp = request.headers.get(SENDGRID_TIMESTAMP_HEADER, "")
        signature = request.headers.get(SENDGRID_HEADER)
        digest = request.parts.digest
        if not stamp or not any(one.signed_digest(digest, signature) for one in self._keys):
            refuse(PROVIDER, self._keys)
        if not re.fullmatch(r"[0-9]{1,12}", stamp):
            raise HTTPException(403, "the timestamp is no number of seconds")
        age = request.now.timestamp() - int(stamp)
        if not -_AHEAD.total_seconds() <= age <= MAX_AGE.total_seconds():
            raise HTTPException(403, "the timestamp is too old, or this clock is wrong")

    def events(self, request: Received) -> Sequence[object]:
        """One form is one mail."""
        assert isinstance(request, _ReceivedParts)  # noqa: S101 - made by ``receive``
        parts = request.parts
        if parts.fault is not None:
            raise BadInput(parts.fault)
        return [_texts(parts)]

    def read(self, event: object, request: Received) -> CustomerMessage:
        """Whose it is, what they wrote, and how sure that is."""
        assert isinstance(request, _ReceivedParts)  # noqa: S101 - made by ``receive``
        fields = mapping(event)
        raw = request.parts.texts.get(_RAW)
        if raw is not None and "text" not in fields and "html" not in fields:
            mail = _of_mime(raw, fields)
        else:
            mail = Mail(
                provider=PROVIDER,
                name=None,
                headers=headers_of(fields.get("headers", "")),
                sender=fields.get("from", ""),
                envelope_from=_envelope_from(fields),
                subject=fields.get("subject", ""),
                text=fields.get("text", ""),
                html=fields.get("html", ""),
                attachments=tuple(request.parts.files),
                proved_domains=_proved(fields),
            )
        return message_of(mail, self._keywords, self._ours)


def _texts(parts: Parts) -> dict[str, str]:
    """Each field in its own charset, as ``charsets`` tells; the raw mail is read as octets."""
    named = _object(decoded(parts.texts.get("charsets", b""), ""))
    charsets = {name: value for name, value in named.items() if isinstance(value, str)}
    return {
        name: decoded(raw, charsets.get(name, ""))
        for name, raw in parts.texts.items()
        if name != _RAW or parts.texts.keys() & {"text", "html"}
    } | ({_RAW: decoded(parts.texts[_RAW], "")[:16_384]} if _RAW in parts.texts else {})


def _object(text: str) -> Mapping[str, Any]:
    try:
        found = read_json(text[:10_000])
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _envelope_from(fields: Mapping[str, Any]) -> str | None:
    """The sender of the envelope; None where it is not told."""
    given = _object(fields.get("envelope", "")).get("from")
    return given.strip() if isinstance(given, str) else None


def _proved(fields: Mapping[str, Any]) -> frozenset[str]:
    """Of ``dkim`` (``{@gmail.com : pass}``) every domain that passed, of ``SPF`` the envelope's.

    The form of ``dkim`` as SendGrid's documents show it; it is no JSON.
    """
    signed = re.findall(
        r"@([A-Za-z0-9.-]{1,253})\s{0,4}:\s{0,4}pass\b", str(fields.get("dkim", ""))[:5_000]
    )
    found = {one.strip(".").lower() for one in signed}
    sender = (_envelope_from(fields) or "").rpartition("@")[2].strip("<> .").lower()
    if sender and str(fields.get("SPF", "")).strip().lower() == "pass":
        found.add(sender)
    return frozenset(found)


# --- the raw mail -----------------------------------------------------------------------------


def _of_mime(raw: bytes, fields: Mapping[str, Any]) -> Mail:
    """A mail out of its MIME. Raises BadInput for one that is nested as no mail program nests."""
    if (
        len(re.findall(rb"boundary\s{0,4}(?:\*\d{0,2}\*?)?=", raw, re.IGNORECASE))
        > _MOST_MULTIPARTS
    ):
        raise BadInput(f"{_RAW}: has more than {_MOST_MULTIPARTS} parts of parts")
    try:
        message = BytesParser(policy=policy.compat32).parsebytes(raw)
        return _read(message, fields)
    except (ValueError, LookupError, RecursionError, AttributeError, TypeError) as error:
        raise BadInput(f"{_RAW}: is no mail that can be read ({type(error).__name__})") from None


def _read(message: Any, fields: Mapping[str, Any]) -> Mail:
    headers = tuple((str(name).lower(), str(value)) for name, value in message.items())
    shown: dict[str, str] = {}
    files = list[Attachment]()
    for part in message.walk():
        if part.is_multipart():
            continue
        kind = part.get_content_type()
        name = part.get_filename()
        if name is None and kind in ("text/plain", "text/html") and kind not in shown:
            shown[kind] = decoded(_octets(part), str(part.get_content_charset() or ""))
        else:
            files.append(
                Attachment(unencoded(str(name or ""))[:200], kind[:100], len(_octets(part)))
            )
    return Mail(
        provider=PROVIDER,
        name=None,
        headers=headers,
        sender=unencoded(_first(headers, "from")),
        envelope_from=_envelope_from(fields),
        subject=unencoded(_first(headers, "subject")),
        text=shown.get("text/plain", ""),
        html=shown.get("text/html", ""),
        attachments=tuple(files),
        proved_domains=_proved(fields),
    )


def _octets(part: Message) -> bytes:
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _first(headers: Sequence[tuple[str, str]], name: str) -> str:
    return next((value for own, value in headers if own == name), "")
