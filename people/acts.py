"""What reaches people, and what people do."""

from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What somebody does."""

    PAY = "pay"
    WRITE = "write"
    """They write back, by the channel they were written to by."""


class Says(StrEnum):
    """What a message of theirs says, as a reader would read it."""

    STOP = "stop"
    WRONG_PERSON = "wrong_person"
    PROMISE = "promise"
    PLAN = "plan_request"
    DISPUTE = "dispute"
    BALANCE = "balance"
    PERSON = "wants_person"
    WISH = "preference"


class Act(NamedTuple):
    """One thing that somebody does."""

    at: datetime
    kind: Kind
    account: str
    """Key of the account that it is about."""
    share: float = 1.0
    """Of a payment: how much of what is owed then."""
    says: Says | None = None
    channel: str = ""
    address: str = ""
    """Where they write from."""
    on: date | None = None
    """Of a promise: the day."""
    wish: str = ""
    """The channel that they ask for."""
    complains: bool = False
    because: str = ""
    """`self`, `moved`, `promise`, `plan`: what made them pay."""


class Debt(NamedTuple):
    """What somebody owes, when it is first looked at."""

    account: str
    due: date


class Told(NamedTuple):
    """A message or a call, as it goes out to somebody."""

    account: str
    channel: str
    address: str
    purpose: str
    at: datetime


class Became(StrEnum):
    """What became of it on its way."""

    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    CONVERSATION = "conversation"
    VOICEMAIL = "voicemail"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    NOT_IN_SERVICE = "not_in_service"


class Reception(NamedTuple):
    """What became of a message, and what its receiver does."""

    became: Became
    seen: bool = False
    acts: tuple[Act, ...] = ()
