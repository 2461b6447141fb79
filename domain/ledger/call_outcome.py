"""What a call says, and what became of it."""

from enum import StrEnum
from typing import Final


class CallOutcome(StrEnum):
    """What became of a call, in the words of the law (12 CFR 1006.14(b) and comment 14(b)-1)."""

    CONVERSATION = "conversation"
    """The customer said by keypad who they are: from here on the debt is spoken of."""
    VOICEMAIL = "voicemail"
    """A machine answered, whether or not a message was left."""
    DROPPED = "dropped"
    """Somebody answered, and hung up or never said who they are."""
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    NOT_IN_SERVICE = "not_in_service"


_WEIGHT: Final = {outcome: weight for weight, outcome in enumerate(reversed(CallOutcome))}

RANG: Final = frozenset({CallOutcome.VOICEMAIL, CallOutcome.DROPPED, CallOutcome.NO_ANSWER})
"""A telephone rang, and what was to be said was not."""


TAKEN: Final = frozenset({CallOutcome.CONVERSATION, CallOutcome.VOICEMAIL, CallOutcome.DROPPED})
"""Somebody, or a machine of theirs, took the call."""


def weightier(known: CallOutcome | None, reported: CallOutcome | None) -> CallOutcome | None:
    """Of two reports of one call, in whatever order they arrive, the one that says more."""
    if known is None or reported is None:
        return known or reported
    return max(known, reported, key=lambda outcome: _WEIGHT[outcome])


class Pressed(StrEnum):
    """What a key of the menu says, as it is kept in the place of the customer's words."""

    PERSON = "asked for a person"
    PAID = "says that it has been paid already"
    DISPUTES = "does not agree with the debt"
    STANDS_FOR_NONE = "says that they do not stand for the debt"
    STOP = "pressed the key for no more calls"
    NOT_DEALT_WITH = "could not be dealt with"


class Scene(StrEnum):
    """Every stretch of a call that has words of its own beside the message (``_call.yaml``)."""

    CHECK = "check"
    """Who calls and for whom, and nothing else: is this the customer?"""
    VOICEMAIL = "voicemail"
    """Limited content, 12 CFR 1006.2(j): nobody knows who will listen."""
    MENU = "menu"
    PARTY_MENU = "party_menu"
    """The menu of who stands for a debt: nothing to pay, to promise or to hear of what is owed."""
    MORE = "more"
    """What is asked for less often: paid already, dispute, how to be reached."""
    NOTED = "noted"
    """What was said is on record, and a person sees to it."""
    WISH = "wish"
    """How the customer wants to be reached; the next four follow, those that they have."""
    WISH_SMS = "wish_sms"
    WISH_WHATSAPP = "wish_whatsapp"
    WISH_EMAIL = "wish_email"
    WISH_VOICE = "wish_voice"
    WISH_HOURS = "wish_hours"
    WISH_DONE = "wish_done"
    PAY = "pay"
    PROMISE_AMOUNT = "promise_amount"
    PROMISE_OTHER = "promise_other"
    PROMISE_DAYS = "promise_days"
    PROMISE_CONFIRM = "promise_confirm"
    PROMISE_DONE = "promise_done"
    PROMISE_REFUSED = "promise_refused"
    TRANSFER = "transfer"
    CALL_BACK = "call_back"
    STOPPED = "stopped"
    WRONG_NUMBER = "wrong_number"
    TROUBLE = "trouble"
    GOODBYE = "goodbye"
    INBOUND = "inbound"
    """The customer calls us, and is asked for nothing but patience."""
