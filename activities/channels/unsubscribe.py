"""The address in every e-mail with which one click withdraws consent (RFC 8058).

Its token is the attempt id with our signature: nothing personal, nothing to look up before it is
known to be ours, and nobody can unsubscribe somebody else.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from config.settings import Settings

PATH: Final = "/u/"
_SIZE: Final = 16
_UNSUBSCRIBE: Final = "unsubscribe"
T = TypeVar("T")


def unsubscribe_url(settings: Settings, attempt_id: str) -> str | None:
    """Where the receiver of this attempt unsubscribes; None without CONTRAPUNTO_UNSUBSCRIBE_KEY."""
    return own_link(settings, PATH, lambda key: token(key, attempt_id))


def list_unsubscribe(url: str, reply_to: str | None) -> str:
    """The header List-Unsubscribe (RFC 2369): the address, and a mail where mails come in."""
    by_mail = f", <mailto:{reply_to}?subject=unsubscribe>" if reply_to else ""
    return f"<{url}>{by_mail}"


def token(key: str, attempt_id: str) -> str:
    """``<attempt id>.<signature>``."""
    return signed(key, _UNSUBSCRIBE, attempt_id)


def attempt_of(key: str, given: str) -> str | None:
    """The attempt a token speaks of; None if the token is not ours."""
    return said_in(key, _UNSUBSCRIBE, given)


def own_link(settings: Settings, path: str, token: Callable[[str], str]) -> str | None:
    """The address of what ``token`` makes of our key; None without CONTRAPUNTO_UNSUBSCRIBE_KEY."""
    key = settings.unsubscribe_key
    if key is None or not key.get_secret_value():
        return None
    return f"{settings.public_url.rstrip('/')}{path}{token(key.get_secret_value())}"


def signed(key: str, meant_for: str, said: str) -> str:
    """``<said>.<signature>``. ``meant_for``: the kind of link, no token of which opens another."""
    mac = hmac.digest(key.encode(), f"{meant_for}\x1f{said}".encode(), hashlib.sha256)
    return f"{said}.{base64.urlsafe_b64encode(mac[:_SIZE]).decode().rstrip('=')}"


def first_of(keys: Iterable[str], said: Callable[[str], T | None]) -> T | None:
    """What the first of our keys makes of a token that it signed: the old one's hold, too."""
    return next((found for key in keys if (found := said(key)) is not None), None)


def said_in(key: str, meant_for: str, given: str) -> str | None:
    """What ``signed`` was given to make this token; None if it is not ours, or meant for another
    kind of link."""
    if not given.isascii():
        return None  # ours are, and half a surrogate pair cannot even be signed
    said = given.rpartition(".")[0]
    expected = signed(key, meant_for, said)
    return said if hmac.compare_digest(expected.encode(), given.encode()) else None
