"""Every key is rotated without a gap: while both are set, what either has signed is taken."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from pydantic import SecretStr
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from twilio.request_validator import RequestValidator

from activities.attachments import file_link
from activities.channels import infobip_sms, preference_link, unsubscribe
from config.keywords import shipped_keywords
from config.secrets.rotation import WhileRotated
from config.settings import Settings
from store.provider_events import ProviderEvents
from workers.clock import SystemClock
from workers.gateway.links.files import Files
from workers.gateway.links.preferences import Preferences
from workers.gateway.links.unsubscribe import Unsubscribe
from workers.gateway.multipart import Parts
from workers.gateway.providers.infobip import DeliveryReports, InboundMessages
from workers.gateway.providers.resend import ResendEvents
from workers.gateway.providers.sendgrid import SendGridEvents
from workers.gateway.providers.sendgrid_inbound import SendGridInbound, _ReceivedParts
from workers.gateway.providers.twilio import MessageStatus
from workers.gateway.requests import Received

NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
BODY = b"[]"
URL = "https://hooks.example.test/webhooks"
OURS = ("hooks.example.test",)
LONG = {"new": "the-new-one-0123456789", "old": "the-old-one-0123456789"}
EC = {
    "new": ec.derive_private_key(777, ec.SECP256R1()),
    "old": ec.derive_private_key(1, ec.SECP256R1()),
}
STAMP_HEADER = "X-Twilio-Email-Event-Webhook-Timestamp"
SIGN_HEADER = "X-Twilio-Email-Event-Webhook-Signature"


def received(
    headers: dict[str, str] | None = None, query: dict[str, str] | None = None
) -> Received:
    return Received(BODY, Headers(headers or {}), query or {}, URL, NOW)


def public(which: str) -> str:
    kept = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    return base64.b64encode(EC[which].public_key().public_bytes(*kept)).decode()


def signed(which: str, content: bytes) -> dict[str, str]:
    made = EC[which].sign(content, ec.ECDSA(hashes.SHA256()))
    return {STAMP_HEADER: STAMP, SIGN_HEADER: base64.b64encode(made).decode()}


def whsec(which: str) -> SecretStr:
    return SecretStr("whsec_" + base64.b64encode(LONG[which].encode()).decode())


def twilio(which: str, settings: Settings) -> None:
    validator: Any = RequestValidator
    name = validator(LONG[which]).compute_signature(URL, {"[]": ""})
    MessageStatus(settings).authenticate(received({"X-Twilio-Signature": name}))


def sendgrid(which: str, settings: Settings) -> None:
    SendGridEvents(settings).authenticate(received(signed(which, STAMP.encode() + BODY)))


def inbound(headers: dict[str, str], digest: bytes, secret: str) -> _ReceivedParts:
    return _ReceivedParts(BODY, Headers(headers), {}, URL, NOW, Parts(digest=digest), secret)


def inbound_key(which: str, settings: Settings) -> None:
    digest = hashlib.sha256(STAMP.encode() + BODY).digest()
    made = EC[which].sign(digest, ec.ECDSA(Prehashed(hashes.SHA256())))
    headers = {STAMP_HEADER: STAMP, SIGN_HEADER: base64.b64encode(made).decode()}
    SendGridInbound(settings, shipped_keywords(), OURS).authenticate(inbound(headers, digest, ""))


def inbound_secret(which: str, settings: Settings) -> None:
    SendGridInbound(settings, shipped_keywords(), OURS).authenticate(inbound({}, b"", LONG[which]))


def infobip_report(which: str, settings: Settings) -> None:
    query = {"attempt": "t1", infobip_sms.TOKEN_PARAM: infobip_sms.token(LONG[which], "t1")}
    DeliveryReports(settings).authenticate(received(query=query))


def infobip_password(which: str, settings: Settings) -> None:
    given = base64.b64encode(f"us:{LONG[which]}".encode()).decode()
    request = received({"Authorization": f"Basic {given}"})
    InboundMessages(settings, shipped_keywords()).authenticate(request)


def resend(which: str, settings: Settings) -> None:
    content = f"m1.{STAMP}.".encode() + BODY
    made = base64.b64encode(hmac.digest(LONG[which].encode(), content, "sha256")).decode()
    headers = {"svix-id": "m1", "svix-timestamp": STAMP, "svix-signature": f"v1,{made}"}
    ResendEvents(settings, shipped_keywords(), OURS).authenticate(received(headers))


def unsubscribes(which: str, settings: Settings) -> None:
    page = Unsubscribe(settings, ProviderEvents(None), None, SystemClock())  # type: ignore[arg-type]
    _found(page._attempt_of(unsubscribe.token(LONG[which], "t1")))


def _found(what: object) -> None:
    if what is None:
        raise HTTPException(403)


def page(which: str, settings: Settings) -> None:
    made = Preferences(settings, shipped_keywords(), None, None, SystemClock())  # type: ignore[arg-type]
    token = preference_link.token(LONG[which], preference_link.Link("t1", NOW))
    of = unsubscribe.first_of(made._keys, lambda key: preference_link.link_of(key, token))
    _found(of)


def file(which: str, settings: Settings) -> None:
    made = Files(settings, None, SystemClock())  # type: ignore[arg-type]
    token = file_link.token(LONG[which], file_link.FileLink("t1", 1, NOW))
    _found(unsubscribe.first_of(made._keys, lambda key: file_link.link_of(key, token)))


class Key(NamedTuple):
    setting: str
    previous: str
    of: Callable[[str], Any]
    ask: Callable[[str, Settings], None]


def text(which: str) -> SecretStr:
    return SecretStr(LONG[which])


SENDGRID = "sendgrid_inbound"
KEYS = (
    Key("twilio_auth_token", "twilio_previous_auth_token", text, twilio),
    Key("sendgrid_public_key", "sendgrid_previous_public_key", public, sendgrid),
    Key(f"{SENDGRID}_public_key", f"{SENDGRID}_previous_public_key", public, inbound_key),
    Key(f"{SENDGRID}_secret", f"{SENDGRID}_previous_secret", text, inbound_secret),
    Key("infobip_webhook_secret", "infobip_previous_webhook_secret", text, infobip_report),
    Key("infobip_webhook_secret", "infobip_previous_webhook_secret", text, infobip_password),
    Key("resend_webhook_secret", "resend_previous_webhook_secret", whsec, resend),
    Key("unsubscribe_key", "unsubscribe_previous_key", text, unsubscribes),
    Key("unsubscribe_key", "unsubscribe_previous_key", text, page),
    Key("unsubscribe_key", "unsubscribe_previous_key", text, file),
)
each_key = pytest.mark.parametrize("key", KEYS, ids=lambda key: key.ask.__name__)


@each_key
@pytest.mark.parametrize("which", ["new", "old"])
def test_while_both_are_set_what_either_signed_is_taken(key: Key, which: str) -> None:
    settings = Settings(**{key.setting: key.of("new"), key.previous: key.of("old")})
    key.ask(which, settings)


@each_key
def test_once_the_old_one_is_taken_away_it_opens_nothing(key: Key) -> None:
    settings = Settings(**{key.setting: key.of("new")})
    key.ask("new", settings)
    with pytest.raises(HTTPException):
        key.ask("old", settings)


@each_key
def test_an_old_one_alone_opens_nothing(key: Key) -> None:
    with pytest.raises(HTTPException):
        key.ask("old", Settings(**{key.previous: key.of("old")}))


def test_every_old_one_is_tried_here() -> None:
    assert {key.previous for key in KEYS} == set(WhileRotated.model_fields)


def test_what_is_signed_newly_is_signed_with_the_new_one() -> None:
    settings = Settings(unsubscribe_key=text("new"), unsubscribe_previous_key=text("old"))
    url = unsubscribe.unsubscribe_url(settings, "t1")
    assert url is not None and url.endswith(unsubscribe.token(LONG["new"], "t1"))
