"""The address in every e-mail with which one click withdraws consent (RFC 8058).

Its token is the attempt id with our signature: nothing personal, nothing to look up before it is
known to be ours, and nobody can unsubscribe somebody else.
"""

import base64
import hashlib
import hmac
from typing import Final

from config.settings import Settings

PATH: Final = "/u/"
_SIZE: Final = 16


def unsubscribe_url(settings: Settings, attempt_id: str) -> str | None:
    """Where the receiver of this attempt unsubscribes; None without CONTRAPUNTO_UNSUBSCRIBE_KEY."""
    key = settings.unsubscribe_key
    if key is None or not key.get_secret_value():
        return None
    made = token(key.get_secret_value(), attempt_id)
    return f"{settings.public_url.rstrip('/')}{PATH}{made}"


def list_unsubscribe(url: str, reply_to: str | None) -> str:
    """The header List-Unsubscribe (RFC 2369): the address, and a mail where mails come in."""
    by_mail = f", <mailto:{reply_to}?subject=unsubscribe>" if reply_to else ""
    return f"<{url}>{by_mail}"


def token(key: str, attempt_id: str) -> str:
    """``<attempt id>.<signature>``."""
    mac = hmac.digest(key.encode(), b"unsubscribe\x1f" + attempt_id.encode(), hashlib.sha256)
    return f"{attempt_id}.{base64.urlsafe_b64encode(mac[:_SIZE]).decode().rstrip('=')}"


def attempt_of(key: str, given: str) -> str | None:
    """The attempt a token speaks of; None if the token is not ours."""
    if not given.isascii():
        return None  # ours are, and half a surrogate pair cannot even be signed
    attempt_id = given.partition(".")[0]
    expected = token(key, attempt_id)
    return attempt_id if hmac.compare_digest(expected.encode(), given.encode()) else None
