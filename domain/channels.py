"""The voices with which a customer is reached, and what a touch is to say."""

from enum import StrEnum
from typing import Final


class Channel(StrEnum):
    """One way of reaching a customer."""

    SMS = "sms"
    EMAIL = "email"
    WHATSAPP = "whatsapp"
    VOICE = "voice"
    PUSH = "push"
    LETTER = "letter"
    HUMAN = "human"


class Purpose(StrEnum):
    """What a message is to say: one purpose has one voice on all channels."""

    UPCOMING_DUE = "upcoming_due"
    """Preventive: a payment falls due soon."""

    REMINDER = "reminder"
    """Early: a payment was missed, probably forgotten."""

    SECOND_NOTICE = "second_notice"
    """Middle: the balance is still open."""

    HELP_TO_PAY = "help_to_pay"
    """Middle and late: an offer to pay in parts."""

    FINAL_NOTICE = "final_notice"
    """Late: a serious, still friendly word; never says "last", for more may follow."""

    PRE_LEGAL = "pre_legal"
    """The last voluntary stage before the account is handed off."""

    PROMISE_REMINDER = "promise_reminder"
    """The day of a promised payment is near."""

    PROMISE_BROKEN = "promise_broken"
    """A promised payment did not arrive."""

    PLAN_REMINDER = "plan_reminder"
    """The day of an instalment of a payment plan is near."""

    PLAN_MISSED = "plan_missed"
    """An instalment did not arrive, and its grace is not over."""

    PAYMENT_THANKS = "payment_thanks"
    """A payment arrived."""

    OPT_OUT_CONFIRMATION = "opt_out_confirmation"
    """The one bare answer to an opt-out: it says nothing about a debt."""

    PROMISE_CONFIRMATION = "promise_confirmation"
    """What a message promised is read back, as it was understood."""

    BALANCE_ANSWER = "balance_answer"
    """How much is owed, and how it can be paid: to who has asked."""

    IDENTITY_ANSWER = "identity_answer"
    """Who writes, and how to make sure of it: it says nothing about a debt."""

    CRISIS_ANSWER = "crisis_answer"
    """Whom to call, to who speaks of ending their life: it says nothing about a debt."""

    PREFERENCE_CONFIRMATION = "preference_confirmation"
    """How a customer wants to be reached is read back: it says nothing about a debt."""

    PROMISE_QUESTION = "promise_question"
    """What was promised lacks its day or its amount: it is asked for."""

    PAYMENT_QUESTION = "payment_question"
    """They say that it is paid: it is looked for, and they are asked for the receipt."""

    GUARANTOR_NOTICE = "guarantor_notice"
    """To a guarantor: that they are named as one, by whom, and whom to ask. No amount, no debtor's
    name."""

    CODEBTOR_NOTICE = "codebtor_notice"
    """The same to a co-debtor."""

    PERSON = "person"
    """A person's own words, or a template that a person chose: none of the strategy's."""


TO_PARTIES: Final = frozenset({Purpose.GUARANTOR_NOTICE, Purpose.CODEBTOR_NOTICE})
"""What is said to those who stand for an account, and to nobody else."""


ANSWERS: Final = frozenset(
    {
        Purpose.PROMISE_CONFIRMATION,
        Purpose.PROMISE_QUESTION,
        Purpose.PAYMENT_QUESTION,
        Purpose.PREFERENCE_CONFIRMATION,
        Purpose.BALANCE_ANSWER,
        Purpose.IDENTITY_ANSWER,
        Purpose.CRISIS_ANSWER,
    }
)
"""What answers a message, where it was written; a call is answered in the call."""

REPLIES: Final = frozenset({Purpose.BALANCE_ANSWER, Purpose.IDENTITY_ANSWER, Purpose.CRISIS_ANSWER})
"""Those that give what was asked for, or what is needed: the law lets them out where it lets a
reply out. To read a promise or a wish back, or to ask back, was not asked for: it is a contact like
any other."""


class Tone(StrEnum):
    """How the voice sounds; a strategy chooses one for each phase."""

    FRIENDLY = "friendly"
    SUPPORTIVE = "supportive"
    SERIOUS = "serious"
