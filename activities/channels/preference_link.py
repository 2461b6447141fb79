"""The address of the page on which a customer says how they want to be reached.

Its token is the attempt that it was sent with, until when it holds, and our signature of both:
nothing personal, and nothing to look up before it is known to be ours. A message may be passed on,
and a page that can change something must not stay open for ever: so it ends by itself.
"""

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from config.settings import Settings

PATH: Final = "/p/"
VALID: Final = timedelta(days=30)
"""How long a link holds, from when its message was composed."""

_TOKEN: Final = re.compile(r"([0-9a-z]{1,64})\.([0-9]{1,11})\.[A-Za-z0-9_-]{22}")
_SIZE: Final = 16
# Never that of the link to unsubscribe: neither token can be made of the other.
_MEANT_FOR: Final = "preferences\x1f"


class Link(NamedTuple):
    """What a token says."""

    attempt_id: str
    expires: datetime
    """From this instant on it holds no more."""


def preferences_url(settings: Settings, attempt_id: str, now: datetime) -> str | None:
    """Where the receiver of this attempt says how to be reached; None without
    CONTRAPUNTO_UNSUBSCRIBE_KEY. ``now``: when its message is composed."""
    key = settings.unsubscribe_key
    if key is None or not key.get_secret_value():
        return None
    made = token(key.get_secret_value(), Link(attempt_id, now + VALID))
    return f"{settings.public_url.rstrip('/')}{PATH}{made}"


def token(key: str, link: Link) -> str:
    """``<attempt id>.<expiry, in seconds since 1970>.<signature>``."""
    return _signed(key, f"{link.attempt_id}.{int(link.expires.timestamp())}")


def link_of(key: str, given: str) -> Link | None:
    """What a token of ours says; None if it is not ours.

    Whether it still holds is for who knows the time: in virtual time that is the account's own.
    """
    read = _TOKEN.fullmatch(given)
    if read is None:
        return None  # also where it has half a surrogate pair, which cannot even be signed
    attempt_id, expires = read.groups()
    expected = _signed(key, f"{attempt_id}.{expires}")
    if not hmac.compare_digest(expected.encode(), given.encode()):
        return None
    return Link(attempt_id, datetime.fromtimestamp(int(expires), UTC))


def _signed(key: str, said: str) -> str:
    mac = hmac.digest(key.encode(), f"{_MEANT_FOR}{said}".encode(), hashlib.sha256)
    return f"{said}.{base64.urlsafe_b64encode(mac[:_SIZE]).decode().rstrip('=')}"
