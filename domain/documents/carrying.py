"""Which files a channel takes beside the words, and how many.

Nothing is sent for which the words would have to give way. Sources:
https://www.twilio.com/docs/messaging/guides/accepted-mime-types,
https://www.twilio.com/docs/whatsapp/guidance-whatsapp-media-messages,
https://help.twilio.com/articles/360018832773 (what carriers take of MMS).
"""

from typing import Final

import phonenumbers

from domain.channels import Channel
from domain.model import Model

MOST_FILES: Final = 3
"""Of one message: each is fetched before it leaves, and a contact has two minutes."""
MOST_BY_MAIL: Final = 10 * 1024 * 1024
"""Of all files of an e-mail together; in base64 they are a third longer."""
_MMS_ALL: Final = 5 * 1024 * 1024
_MMS_NO_IMAGE: Final = 600 * 1024
"""What every American carrier takes of what is no image."""
_WHATSAPP_IMAGE: Final = 5 * 1024 * 1024
_WHATSAPP_PDF: Final = 16 * 1024 * 1024
_WHATSAPP_AUDIO: Final = frozenset({"audio/ogg", "audio/mpeg", "audio/amr", "audio/aac"})
_MMS_COUNTRIES: Final = frozenset({"US", "CA"})


class Way(Model):
    """By what a message goes, as far as it matters to files."""

    channel: Channel
    provider: str
    to: str
    """The address. Personal."""
    is_template: bool = False
    """WhatsApp outside the customer's window: an approved template in place of words."""
    takes_pdf: bool = False
    """WhatsApp: the operator has seen that words arrive beside a PDF."""
    takes_recordings: bool = False
    """WhatsApp: the operator has a recording follow the words, by itself."""

    @property
    def by_content(self) -> bool:
        """Whether the file itself travels; else the provider fetches it."""
        return self.channel is Channel.EMAIL


def why_none(way: Way) -> str | None:
    """Why no file at all goes this way; None: some do."""
    match way.channel:
        case Channel.EMAIL:
            return None
        case Channel.WHATSAPP if way.is_template:
            return "an approved template takes no file"
        case Channel.WHATSAPP:
            return None
        case Channel.SMS if way.provider != "twilio":
            return "this provider sends no MMS"
        case Channel.SMS if not _takes_mms(way.to):
            return "MMS goes to the United States and Canada alone"
        case Channel.SMS:
            return None
        case _:
            return "this channel takes no file"


def why_not(way: Way, media_type: str, size: int, already: int, count: int) -> str | None:
    """Why one more file does not go along; None: it does. ``already``: octets of those before it,
    ``count``: how many they are."""
    is_image = media_type.startswith("image/")
    if count >= (1 if way.channel is Channel.WHATSAPP else MOST_FILES):
        return "there are others already"
    match way.channel:
        case Channel.EMAIL:
            most = MOST_BY_MAIL - already
        case Channel.SMS:
            most = _MMS_ALL - already if is_image else min(_MMS_ALL - already, _MMS_NO_IMAGE)
        case Channel.WHATSAPP if is_image:
            most = _WHATSAPP_IMAGE
        case Channel.WHATSAPP if media_type == "application/pdf" and way.takes_pdf:
            most = _WHATSAPP_PDF
        case Channel.WHATSAPP if media_type in _WHATSAPP_AUDIO and way.takes_recordings:
            most = _WHATSAPP_PDF
        case _:
            return "WhatsApp shows no words beside such a file"
    return None if size <= most else f"is longer than the {max(most, 0)} bytes that are left for it"


def _takes_mms(to: str) -> bool:
    try:
        number = phonenumbers.parse(to)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.region_code_for_number(number) in _MMS_COUNTRIES
