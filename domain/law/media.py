"""Who contacts, and by which means: two words of the law that commands take as options.

In a module of their own, so that ``--help`` waits for nothing that validates.
"""

from enum import StrEnum


class Medium(StrEnum):
    """A way of reaching a person; the names of law requests and rule packs."""

    VOICE = "voice"
    RINGLESS_VOICEMAIL = "ringless_voicemail"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    EMAIL = "email"
    PUSH = "push"
    LETTER = "letter"
    VISIT = "visit"
    SOCIAL_DM = "social_dm"


class Actor(StrEnum):
    """Who contacts: the creditor itself, an agency for it, or whoever bought the debt."""

    FIRST_PARTY = "first_party"
    THIRD_PARTY = "third_party"
    DEBT_BUYER = "debt_buyer"
