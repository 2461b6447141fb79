"""Mails as SendGrid and Resend bring them to the gateway."""

import base64
import json
import time
from typing import Any

import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tests.integration.gateway.conftest import KEY, Edge

SECRET = "a-secret-in-the-address"
INBOUND = "/webhooks/sendgrid/inbound"
MAILBOX = "ana@correo.example"
BOUNDARY = "xYzZY"
QUOTED = (
    "\n\nEl vie, 27 nov 2026 a las 10:03, Banco <cobros@banco.example> escribió:\n\n"
    "> Hola, Ana:\n>\n> Para no recibir más correos, responda a este con la palabra BASTA.\n"
)


def headers(**more: str) -> str:
    """The headers of a mail, as the field ``headers`` has them."""
    given = {
        "Message-ID": "<m1@correo.example>",
        "Date": "Fri, 27 Nov 2026 11:00:00 -0500",
        "From": f"Ana <{MAILBOX}>",
        "To": "cobros@in.banco.example",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    return "".join(f"{name}: {value}\n" for name, value in given.items())


def mail(text: str = "", /, **more: Any) -> dict[str, Any]:
    """The fields of a mail that is surely hers; ``more`` replaces, or with None takes away."""
    fields: dict[str, Any] = {
        "headers": headers(),
        "from": f"Ana <{MAILBOX}>",
        "to": "cobros@in.banco.example",
        "subject": "Re: Un pago pendiente de su cuenta *4821",
        "text": text,
        "envelope": json.dumps({"to": ["cobros@in.banco.example"], "from": MAILBOX}),
        "charsets": json.dumps({"to": "UTF-8", "from": "UTF-8", "text": "utf-8"}),
        "SPF": "pass",
        "dkim": "{@correo.example : pass}",
        "attachments": "0",
        "sender_ip": "192.0.2.1",
    }
    return {name: value for name, value in (fields | more).items() if value is not None}


def multipart(fields: dict[str, Any], *files: tuple[str, str, bytes]) -> bytes:
    """The form, as SendGrid writes it: files behind the texts."""
    parts = []
    for name, value in fields.items():
        raw = value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
        parts.append(b'Content-Disposition: form-data; name="%b"\r\n\r\n%b' % (name.encode(), raw))
    for number, (name, kind, content) in enumerate(files, 1):
        parts.append(
            b'Content-Disposition: form-data; name="attachment%d"; filename="%b"\r\n'
            b"Content-Type: %b\r\n\r\n%b" % (number, name.encode(), kind.encode(), content)
        )
    whole = b"".join(b"--%b\r\n%b\r\n" % (BOUNDARY.encode(), part) for part in parts)
    return whole + f"--{BOUNDARY}--\r\n".encode()


async def post(
    edge: Edge, body: bytes, *, path: str = f"{INBOUND}/{SECRET}", **more: str
) -> httpx.Response:
    """Post a form to the address with the secret, or to another."""
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return await edge.client.post(path, content=body, headers=kind | more)


async def writes(
    edge: Edge, text: str = "", /, *files: tuple[str, str, bytes], **more: Any
) -> httpx.Response:
    """Somebody writes."""
    return await post(edge, multipart(mail(text, **more), *files))


def signed(body: bytes, key: ec.EllipticCurvePrivateKey = KEY, age: float = 0) -> dict[str, str]:
    """The headers of a security policy, with a signature over timestamp and body."""
    stamp = str(int(time.time() - age))
    signature = key.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    return {
        "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
        "X-Twilio-Email-Event-Webhook-Timestamp": stamp,
    }
