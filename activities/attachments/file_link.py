"""The address at which a provider fetches a file of the operator's folder.

Twilio takes no file, only an address. Its token is the attempt, the place that the file has among
those of its message, until when it holds, and our signature of all three: nothing personal, no name
of a file, and nothing to look up before it is known to be ours. What is behind it is what went
along with that attempt, or nothing.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from activities.channels.unsubscribe import own_link, said_in, signed
from config.settings import Settings

PATH: Final = "/f/"
VALID: Final = timedelta(days=1)
"""How long a link holds, from when its message was about to leave: Twilio fetches a file as it
sends the message, and keeps a copy of its own."""

_SAID: Final = re.compile(r"([0-9a-z]{1,64})\.([0-9]{1,2})\.([0-9]{1,11})")
_MEANT_FOR: Final = "file"


class FileLink(NamedTuple):
    """What a token says."""

    attempt_id: str
    place: int
    """Among the files of the attempt, from 0 on."""
    expires: datetime
    """From this instant on it holds no more."""


def file_url(settings: Settings, attempt_id: str, place: int, now: datetime) -> str | None:
    """Where a file of this attempt is fetched; None without CONTRAPUNTO_UNSUBSCRIBE_KEY. ``now``:
    when its message is about to leave."""
    return own_link(
        settings, PATH, lambda key: token(key, FileLink(attempt_id, place, now + VALID))
    )


def token(key: str, link: FileLink) -> str:
    """``<attempt id>.<place>.<expiry, in seconds since 1970>.<signature>``."""
    expires = int(link.expires.timestamp())
    return signed(key, _MEANT_FOR, f"{link.attempt_id}.{link.place}.{expires}")


def link_of(key: str, given: str) -> FileLink | None:
    """What a token of ours says; None if it is not ours.

    Whether it still holds is for who knows the time: in virtual time that is the account's own.
    """
    read = _SAID.fullmatch(said_in(key, _MEANT_FOR, given) or "")
    if read is None:
        return None
    return FileLink(read[1], int(read[2]), datetime.fromtimestamp(int(read[3]), UTC))
