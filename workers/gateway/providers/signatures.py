"""Whether a webhook is genuine. Every function answers; none raises on what a stranger sends."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable
from typing import Any, Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pydantic import SecretStr
from starlette.datastructures import ImmutableMultiDict
from twilio.request_validator import RequestValidator

from domain.failures import Misconfigured

SVIX_ID: Final = "svix-id"
SVIX_TIMESTAMP: Final = "svix-timestamp"
SVIX_SIGNATURE: Final = "svix-signature"
TWILIO_HEADER: Final = "X-Twilio-Signature"
SENDGRID_HEADER: Final = "X-Twilio-Email-Event-Webhook-Signature"
SENDGRID_TIMESTAMP_HEADER: Final = "X-Twilio-Email-Event-Webhook-Timestamp"

EVENT_WEBHOOK: Final = "Settings > Mail Settings > Event Webhook > Signature verification"
PARSE_POLICY: Final = "the answer to POST /v3/user/webhooks/security/policies (public_key)"

Form = ImmutableMultiDict[str, str]


def twilio_signed(tokens: Iterable[str], url: str, form: Form, signature: str | None) -> bool:
    """Whether Twilio signed this request to ``url`` with any of our tokens.

    https://www.twilio.com/docs/usage/webhooks/webhooks-security. ``form`` must hold every field
    of the body, blank and repeated ones too. Unlike the SDK's validator, a missing or non-ASCII
    header is a plain no.
    """
    if not signature or not signature.isascii():
        return False
    return any(_valid(token, url, form, signature) for token in tokens)


def _valid(token: str, url: str, form: Form, signature: str) -> bool:
    validator: Any = RequestValidator
    return bool(validator(token).validate(url, form, signature))


class SendGridKey:
    """The verification key of SendGrid's signed event webhook."""

    def __init__(
        self, text: str, variable: str = "SENDGRID_PUBLIC_KEY", place: str = EVENT_WEBHOOK
    ) -> None:
        """From the key as SendGrid's settings page shows it, with or without PEM lines.

        Raises Misconfigured if it is no elliptic-curve key; it names ``variable``, and ``place``,
        where SendGrid shows the right one.
        """
        lines = [line for line in text.split() if line]
        words = "".join(lines).replace("-----BEGINPUBLICKEY-----", "")
        try:
            key = load_der_public_key(
                base64.b64decode(words.replace("-----ENDPUBLICKEY-----", ""), validate=True)
            )
        except (ValueError, TypeError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, ec.EllipticCurvePublicKey):
            raise Misconfigured(f"{variable} is no verification key: copy it from {place}")
        self._key = key

    def signed(self, body: bytes, timestamp: str | None, signature: str | None) -> bool:
        """Whether SendGrid signed this raw body.

        https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/
        getting-started-event-webhook-security-features
        """
        if not timestamp:
            return False
        content = timestamp.encode("utf-8", "replace") + body
        return self.signed_digest(hashlib.sha256(content).digest(), signature)

    def signed_digest(self, digest: bytes, signature: str | None) -> bool:
        """As ``signed``, of the SHA-256 of timestamp and body: no body has to be held for it."""
        if not signature:
            return False
        try:
            given = base64.b64decode(signature, validate=True)
            self._key.verify(given, digest, ec.ECDSA(Prehashed(hashes.SHA256())))
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True


class SvixKey:
    """The signing secret of a webhook that Svix delivers, as Resend's does."""

    def __init__(self, secret: SecretStr) -> None:
        """From ``whsec_`` and base64. Raises Misconfigured if it is no such secret."""
        try:
            text = secret.get_secret_value().strip().removeprefix("whsec_")
            self._key = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            self._key = b""
        if not self._key:
            raise Misconfigured(
                "RESEND_WEBHOOK_SECRET is no signing secret: copy it (whsec_...) from the "
                "webhook's page at Resend"
            )

    def signed(self, body: bytes, message: str, timestamp: str, signature: str | None) -> bool:
        """Whether this raw body was signed: HMAC-SHA256 over id, timestamp and body.

        https://docs.svix.com/receiving/verifying-payloads/how-manual. While a secret is rotated
        the header holds several signatures.
        """
        if not message or not re.fullmatch(r"[0-9]{1,12}", timestamp) or not signature:
            return False
        content = f"{message}.{timestamp}.".encode("utf-8", "replace") + body
        right = base64.b64encode(hmac.new(self._key, content, hashlib.sha256).digest())
        given = (part.partition(",") for part in signature.split())
        return any(
            version == "v1" and hmac.compare_digest(text.encode("utf-8", "replace"), right)
            for version, _, text in given
        )
