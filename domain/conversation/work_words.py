"""Why a person is asked, and what they may say came of it: names alone, which every door knows."""

from enum import StrEnum


class WorkReason(StrEnum):
    """Why a person is asked; the most urgent first."""

    CRISIS = "crisis"
    """The customer speaks of ending their life."""

    DECEASED = "deceased"
    ATTORNEY = "attorney"
    BANKRUPTCY = "bankruptcy"
    DISPUTE = "dispute"
    DISPUTE_DUE = "dispute_due"
    """The day by which a dispute was to be answered is over."""

    DISPUTE_UPHELD = "dispute_upheld"
    """A dispute is resolved for them: the account has to be corrected, or closed."""

    STOP = "stop"
    """It sounds as if they wanted no more messages, in words that leave room."""

    SHARED_ADDRESS = "shared_address"
    """Several customers have the address: who of them wrote is not guessed."""

    WRONG_PERSON = "wrong_person"
    """It sounds as if somebody else had the address, or wrote for the customer: that address is not
    used until a person has decided."""

    CALLBACK = "callback"
    """They asked a person to call them at a certain time."""

    PERSON_FIRST = "person_first"
    """A person contacts them, before or in the place of a message."""

    HARDSHIP_REVIEW = "hardship_review"
    """The day has come on which a person looks at a hardship again."""

    HARDSHIP = "hardship"
    WANTS_PERSON = "wants_person"
    ALREADY_PAID = "already_paid"
    PLAN_REQUEST = "plan_request"
    PROMISE = "promise"
    BALANCE = "balance"
    IDENTITY = "identity"
    PREFERENCE = "preference"
    UNCLEAR = "unclear"
    """Nothing was understood."""


class WorkOutcome(StrEnum):
    """What came of an item."""

    HANDLED = "handled"
    """Nothing is left to do."""

    NOT_MEANT = "not_meant"
    """The message does not say what was read in it."""

    ANSWERED = "answered"
    """They have had their answer: by itself, where the strategy wants it, or by a person."""

    PROMISED = "promised"
    """A promise is on record."""

    AGREED = "agreed"
    """A payment plan is on record."""

    ATTORNEY = "attorney"
    BANKRUPTCY = "bankruptcy"
    DECEASED = "deceased"
    DISPUTE = "dispute"
    """A dispute is opened, too, for each of their open accounts that has none."""

    HARDSHIP = "hardship"
    """A hardship begins for each of their open accounts that has none."""

    WRONG_NUMBER = "wrong_number"
    """Whoever has the address is not the customer: it is used no more, on any channel."""

    STOP = "stop"
    """They want no more messages where they wrote: that address is used no more, on any channel.
    None of theirs is, where no message says where."""

    CEASE = "cease"
    """They want no contact at all."""
