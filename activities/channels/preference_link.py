"""The address of the page on which a customer says how they want to be reached.

Its token is the attempt that it was sent with, until when it holds, and our signature of both:
nothing personal, and nothing to look up before it is known to be ours. A message may be passed on,
and a page that can change something must not stay open for ever: so it ends by itself.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from activities.channels.unsubscribe import own_link, said_in, signed
from config.settings import Settings

PATH: Final = "/p/"
VALID: Final = timedelta(days=30)
"""How long a link holds, from when its message was composed."""

_SAID: Final = re.compile(r"([0-9a-z]{1,64})\.([0-9]{1,11})")
# Never that of the link to unsubscribe: neither token can be made of the other.
_MEANT_FOR: Final = "preferences"


class Link(NamedTuple):
    """What a token says."""

    attempt_id: str
    expires: datetime
    """From this instant on it holds no more."""


def preferences_url(settings: Settings, attempt_id: str, now: datetime) -> str | None:
    """Where the receiver of this attempt says how to be reached; None without
    CONTRAPUNTO_UNSUBSCRIBE_KEY. ``now``: when its message is composed."""
    return own_link(settings, PATH, lambda key: token(key, Link(attempt_id, now + VALID)))


def token(key: str, link: Link) -> str:
    """``<attempt id>.<expiry, in seconds since 1970>.<signature>``."""
    return signed(key, _MEANT_FOR, f"{link.attempt_id}.{int(link.expires.timestamp())}")


def link_of(key: str, given: str) -> Link | None:
    """What a token of ours says; None if it is not ours.

    Whether it still holds is for who knows the time: in virtual time that is the account's own.
    """
    read = _SAID.fullmatch(said_in(key, _MEANT_FOR, given) or "")
    return Link(read[1], datetime.fromtimestamp(int(read[2]), UTC)) if read else None
