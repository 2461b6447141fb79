"""Whether providers reach the gateway, and whether it knows their signatures: asked as they ask.

Every request here is one that the gateway refuses or that holds no event, whatever its signature:
nothing is stored and nobody hears of it.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlencode, urlsplit

import requests
from pydantic import SecretStr
from twilio.request_validator import RequestValidator

from activities.channels import infobip_sms
from activities.channels.base import untrusted
from activities.channels.http import session
from config.settings import PREFIX, Settings
from domain.entry.json_text import read_json
from domain.names import (
    ATTEMPT_PARAM,
    INFOBIP_STATUS,
    RESEND_EVENTS,
    SENDGRID_EVENTS,
    TWILIO_STATUS,
)
from workers.doctor.findings import Finding, cannot_tell, fault, ok, warning
from workers.gateway.providers.signatures import (
    SVIX_ID,
    SVIX_SIGNATURE,
    SVIX_TIMESTAMP,
    TWILIO_HEADER,
)

PATIENCE: Final = 5.0
NOBODY: Final = "contrapunto-doctor"
"""No account has such a name: it is refused after the signature has been found right."""
_LONG_AGO: Final = "1"
"""A moment that every gateway finds too old, after it has found the signature right."""
_NEAR: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_ATTEMPT: Final = "contrapunto-doctor"
_REFUSED: Final = 403


class Gateway:
    """The gateway at its public address, as it is seen from here."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.public = settings.public_url.rstrip("/")
        self._session = session(1)

    def examine(self) -> list[Finding]:
        """Reachable, over TLS, ours; strangers refused, the signed let in."""
        try:
            answer = self._session.get(
                f"{self.public}/healthz", timeout=PATIENCE, allow_redirects=False
            )
        except requests.RequestException as error:
            return [self._unreached(error)]
        if not _is_ours(answer):
            what = f"at {PREFIX}PUBLIC_URL something else answers (HTTP {answer.status_code})"
            return [fault(what, "let /healthz and /webhooks/ reach the gateway, unchanged")]
        return [self._address(), *self._signatures()]

    def _unreached(self, error: Exception) -> Finding:
        if untrusted(error):
            what = f"the certificate at {PREFIX}PUBLIC_URL is not trusted"
            return fault(what, "no provider calls it: have it signed by a known authority")
        what = f"the gateway is not reached at {PREFIX}PUBLIC_URL ({type(error).__name__})"
        return fault(
            what,
            "start `contrapunto gateway`; from a network without a way back to "
            "its own public address, run this elsewhere or with --skip webhooks",
        )

    def _address(self) -> Finding:
        parts = urlsplit(self.public)
        if parts.scheme == "https":
            return ok("the gateway answers at its public address")
        if parts.hostname in _NEAR:
            what = f"{PREFIX}PUBLIC_URL is this machine: no provider reaches it"
            return warning(what, "set it to the https address that providers are to call")
        what = f"{PREFIX}PUBLIC_URL is http: what customers write crosses the net in clear"
        return fault(what, "put TLS before the gateway, and say https")

    def _signatures(self) -> Iterator[Finding]:
        settings = self.settings
        if (token := settings.twilio_auth_token) is not None:
            yield self._told("Twilio", TWILIO_STATUS, *self._of_twilio(token))
        if (secret := settings.resend_webhook_secret) is not None:
            yield self._told("Resend", RESEND_EVENTS, *_of_resend(secret))
        if (secret := settings.infobip_webhook_secret) is not None:
            yield self._told("Infobip", _of_infobip(secret), b'{"results":[]}', {}, "")
        if settings.sendgrid_public_key:
            yield self._stranger("SendGrid", SENDGRID_EVENTS) or cannot_tell(
                "the gateway refuses strangers at SendGrid's webhook; only SendGrid can sign there",
                "send yourself a mail, or press Test Your Integration at SendGrid",
            )

    def _of_twilio(self, token: SecretStr) -> tuple[bytes, dict[str, str], str]:
        form = {"AccountSid": NOBODY}
        validator = RequestValidator(token.get_secret_value())  # type: ignore[no-untyped-call]
        signed: str = validator.compute_signature(  # type: ignore[no-untyped-call]
            f"{self.public}{TWILIO_STATUS}", form
        )
        kind = "application/x-www-form-urlencoded"
        return (
            urlencode(form).encode(),
            {TWILIO_HEADER: signed, "Content-Type": kind},
            "AccountSid",
        )

    def _told(
        self, name: str, path: str, body: bytes, headers: dict[str, str], refusal: str
    ) -> Finding:
        """Whether a request with our signature gets further than a stranger's.

        ``refusal``: what begins the gateway's words on what it refuses after that; without it the
        request is taken.
        """
        if (open_door := self._stranger(name, path.partition("?")[0])) is not None:
            return open_door
        try:
            answer = self._post(path, body, headers)
        except requests.RequestException as error:
            return self._unreached(error)
        said = _error_of(answer)
        if answer.status_code == _REFUSED and refusal and said.startswith(refusal):
            return ok(f"the gateway knows {name}'s signature at the public address")
        if answer.ok and not refusal:
            return ok(f"the gateway knows {name}'s secret at the public address")
        todo = f"is {PREFIX}PUBLIC_URL to the letter the address that is called, and has the "
        todo += "gateway the same secrets as this process?"
        return fault(
            f"the gateway refuses what {name} would sign (HTTP {answer.status_code})", todo
        )

    def _stranger(self, name: str, path: str) -> Finding | None:
        """None: whoever has not signed is refused, as it must be."""
        try:
            answer = self._post(path, b"[]", {})
        except requests.RequestException as error:
            return self._unreached(error)
        if answer.status_code == _REFUSED:
            return None
        what = f"{name}'s webhook answers a stranger with HTTP {answer.status_code}, not 403"
        return fault(what, "is it the gateway that answers, or a proxy before it?")

    def _post(self, path: str, body: bytes, headers: dict[str, str]) -> requests.Response:
        given = {"Content-Type": "application/json", **headers}
        return self._session.post(
            f"{self.public}{path}",
            data=body,
            headers=given,
            timeout=PATIENCE,
            allow_redirects=False,
        )


def _of_resend(secret: SecretStr) -> tuple[bytes, dict[str, str], str]:
    key = base64.b64decode(secret.get_secret_value().strip().removeprefix("whsec_"))
    content = f"{_ATTEMPT}.{_LONG_AGO}.".encode() + b"{}"
    signature = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    headers = {SVIX_ID: _ATTEMPT, SVIX_TIMESTAMP: _LONG_AGO, SVIX_SIGNATURE: f"v1,{signature}"}
    return b"{}", headers, "the timestamp"


def _of_infobip(secret: SecretStr) -> str:
    token = infobip_sms.token(secret.get_secret_value(), _ATTEMPT)
    query = urlencode({ATTEMPT_PARAM: _ATTEMPT, infobip_sms.TOKEN_PARAM: token})
    return f"{INFOBIP_STATUS}?{query}"


def _is_ours(answer: requests.Response) -> bool:
    try:
        return answer.ok and bool(read_json(answer.content) == {"status": "ok"})
    except ValueError:
        return False


def _error_of(answer: requests.Response) -> str:
    try:
        body = read_json(answer.content)
    except ValueError:
        return ""
    return str(body.get("error", "")) if isinstance(body, dict) else ""
