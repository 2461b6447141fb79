"""How far what came in speaks for the person whose address it comes from."""

from enum import StrEnum


class Standing(StrEnum):
    """Whether a message may count as the customer's.

    What a telephone network or WhatsApp brings is genuine. A mail can be written by a program, and
    anybody can put any sender on it. The column ``inbound.intent`` says so in the place of an
    intent where it is not genuine: nothing that plans reads such a row as the customer's reply.
    """

    GENUINE = "genuine"
    AUTOMATIC = "automatic"
    """A program wrote it (out of office, bounce): kept and shown, and nothing follows from it."""

    UNPROVEN = "unproven"
    """Nothing proves the sender (SPF and DKIM): a stop is honoured, all else is a person's."""
