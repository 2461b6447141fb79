"""Files that a customer sends with a message: noted by reference, never fetched."""

from typing import Final

from domain.model import Model

MOST: Final = 10
"""Files of one message: neither Twilio nor WhatsApp takes more."""


class Media(Model):
    """One file. Personal: whoever may fetch it sees what the customer has sent."""

    url: str | None = None
    """Where the provider keeps it; None where that is not told, or is no https address."""
    type: str | None = None
    """Its media type, as the provider says."""


def in_words(media: "tuple[Media, ...] | list[Media]") -> list[str]:
    """A line for each file."""
    return [" ".join(filter(None, (f"[{one.type or 'file'}]", one.url))) for one in media]
