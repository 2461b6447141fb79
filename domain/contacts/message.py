"""What a person writes to a customer: what it may be, and what planning sees of it.

The words are a value: no template syntax in them is ever evaluated, no markup is anything but
letters. They stay in PostgreSQL, and go to the provider in the one request that sends them.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from domain.channels import Channel, Purpose
from domain.model import Instant, Model

WITHIN: Final = timedelta(minutes=15)
"""How long after a person has written it a message may still leave. Later it answers a
conversation that has gone on, and nobody watches what becomes of it."""

LONGEST: Final[Mapping[Channel, int]] = {
    Channel.SMS: 600,
    Channel.WHATSAPP: 1_200,
    Channel.EMAIL: 20_000,
}
"""Characters by the channels on which people write. Twilio takes 1,600 of an SMS or a WhatsApp
message, and what the law asks to be said comes beside them."""

LONGEST_SUBJECT: Final = 150

TEMPLATES: Final = frozenset(
    {
        Purpose.UPCOMING_DUE,
        Purpose.REMINDER,
        Purpose.SECOND_NOTICE,
        Purpose.HELP_TO_PAY,
        Purpose.FINAL_NOTICE,
        Purpose.PRE_LEGAL,
    }
)
"""What a person may have said in the operator's words in place of their own."""

_JOINS: Final = "\u200d"
"""Joins the parts of one sign, as of a family; not printable by itself."""
_LINK: Final = re.compile(
    r"\b(?:[a-z][a-z0-9+.-]*://|www\.)\S*"  # says that it is one
    r"|\b[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,}[/?#]\S*",  # a handset makes one of it
    re.IGNORECASE,
)


class PersonMessage(Model):
    """A message of a person that has not left yet, as planning sees it. Nothing personal."""

    message_id: str
    channel: Channel
    contact_point_id: str
    template: Purpose | None = None
    """What is said in the operator's words; None: the person's own."""
    at: Instant
    """When it was written."""

    @property
    def over(self) -> Instant:
        """From when on it does not leave any more."""
        return self.at + WITHIN


def tidied(text: str) -> str:
    """The text as it is kept: one kind of line end and of blank, none at either end."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ")
    return plain.strip()


def fault_of_words(channel: Channel, text: str, site: str | None) -> str | None:
    """Which rule a person's words (``tidied``) break, never quoting them; None: none.

    ``site``: the host that a link may lead to, which is where customers pay; None: no link may.
    """
    if channel not in LONGEST:
        return f"cannot be sent by {channel}: write by {', '.join(LONGEST)}"
    if not text:
        return "must say something"
    if len(text) > LONGEST[channel]:
        return f"must have at most {LONGEST[channel]} characters by {channel}"
    for character in text:
        if not (character.isprintable() or character in "\n\t" or character == _JOINS):
            return f"must be printable: it holds U+{ord(character):04X}"
    if any(not _leads_to(link, site) for link in _LINK.findall(text)):
        where = f"https://{site}" if site else "nowhere: no CONTRAPUNTO_PAY_URL is set"
        return f"must hold no link but one to where customers pay ({where})"
    return None


def fault_of_subject(channel: Channel, subject: str | None) -> str | None:
    """Which rule the subject of a message in a person's words breaks; None: none."""
    if channel is not Channel.EMAIL:
        return None if subject is None else f"must be left out: {channel} has none"
    if subject is None or not subject.strip():
        return "must be said: an e-mail has one"
    if len(subject) > LONGEST_SUBJECT:
        return f"must have at most {LONGEST_SUBJECT} characters"
    if not subject.isprintable():
        return "must be printable, in one line"
    if _LINK.search(subject):
        return "must hold no link"
    return None


def _leads_to(link: str, site: str | None) -> bool:
    try:
        parts = urlsplit(link)
        port = parts.port
    except ValueError:
        return False
    # Whatever stands before an @ is read as the host by people, and is none.
    lone = parts.username is None and parts.password is None and port in (None, 443)
    return site is not None and parts.scheme.lower() == "https" and parts.hostname == site and lone
