"""What a person is asked to do: why, how soon, and what automation does meanwhile.

A message is read by rules, and rules do not judge. What has legal weight, or may be somebody's
life, silences the customer's accounts until a person has decided; of everything else automation
goes on by itself once the rest that the strategy gives a reply is over. Nothing is lost by that:
the item stays open.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final, NamedTuple

from domain.channels import Purpose
from domain.conversation.keywords import Meaning
from domain.conversation.reader import Reading
from domain.conversation.work_words import WorkOutcome, WorkReason
from domain.law.terms import EventKind
from domain.model import Instant, Model


class Urgency(NamedTuple):
    """How soon a person should look."""

    priority: int
    """From 1, the most urgent, to 4."""
    within: timedelta
    """From the message on, by the clock."""


_HOUR: Final = timedelta(hours=1)
URGENCY: Final[dict[WorkReason, Urgency]] = {
    WorkReason.CRISIS: Urgency(1, _HOUR),
    **dict.fromkeys(
        (
            WorkReason.DECEASED,
            WorkReason.ATTORNEY,
            WorkReason.BANKRUPTCY,
            WorkReason.DISPUTE,
            WorkReason.DISPUTE_DUE,
            WorkReason.DISPUTE_UPHELD,
            WorkReason.STOP,
        ),
        Urgency(2, 24 * _HOUR),
    ),
    **dict.fromkeys(
        (
            WorkReason.SHARED_ADDRESS,
            WorkReason.WRONG_PERSON,
            WorkReason.CALLBACK,
            WorkReason.PERSON_FIRST,
            WorkReason.HARDSHIP_REVIEW,
            WorkReason.HARDSHIP,
            WorkReason.WANTS_PERSON,
        ),
        Urgency(3, 24 * _HOUR),
    ),
    **dict.fromkeys(
        (
            WorkReason.ALREADY_PAID,
            WorkReason.PLAN_REQUEST,
            WorkReason.PROMISE,
            WorkReason.BALANCE,
            WorkReason.IDENTITY,
            WorkReason.PREFERENCE,
            WorkReason.UNCLEAR,
        ),
        Urgency(4, 48 * _HOUR),
    ),
}

SILENCING: Final = frozenset(
    {
        WorkReason.CRISIS,
        WorkReason.DECEASED,
        WorkReason.ATTORNEY,
        WorkReason.BANKRUPTCY,
        WorkReason.DISPUTE,
        WorkReason.STOP,
    }
)
"""Nobody is contacted until a person has decided, however long that takes."""

ASKED_BY: Final[dict[Meaning, WorkReason | None]] = {
    Meaning.OPT_OUT: None,  # done by itself, at once
    Meaning.WRONG_PERSON: None,
    Meaning.OPT_IN: None,
    Meaning.THANKS: None,
    Meaning.CRISIS: WorkReason.CRISIS,
    Meaning.ATTORNEY: WorkReason.ATTORNEY,
    Meaning.BANKRUPTCY: WorkReason.BANKRUPTCY,
    Meaning.DECEASED: WorkReason.DECEASED,
    Meaning.DISPUTE: WorkReason.DISPUTE,
    Meaning.LEAVE_ALONE: WorkReason.STOP,
    Meaning.STRANGER: WorkReason.WRONG_PERSON,
    Meaning.THIRD_PARTY: WorkReason.WRONG_PERSON,
    Meaning.KIN: WorkReason.WRONG_PERSON,
    Meaning.HARDSHIP: WorkReason.HARDSHIP,
    Meaning.WANTS_PERSON: WorkReason.WANTS_PERSON,
    Meaning.HELP: WorkReason.WANTS_PERSON,
    Meaning.ALREADY_PAID: WorkReason.ALREADY_PAID,
    Meaning.PLAN_REQUEST: WorkReason.PLAN_REQUEST,
    Meaning.PROMISE: WorkReason.PROMISE,
    Meaning.BALANCE: WorkReason.BALANCE,
    Meaning.IDENTITY: WorkReason.IDENTITY,
    Meaning.PREFERENCE: WorkReason.PREFERENCE,
    Meaning.OTHER: WorkReason.UNCLEAR,
}
"""What each intent asks of a person; None: nothing."""


ANSWERED_BY: Final = {
    WorkReason.IDENTITY: Purpose.IDENTITY_ANSWER,
    WorkReason.BALANCE: Purpose.BALANCE_ANSWER,
}
"""What answers an item, where the strategy wants it; once that has arrived, it is done."""


ASKED_BACK: Final = {
    WorkReason.PROMISE: Purpose.PROMISE_QUESTION,
    WorkReason.ALREADY_PAID: Purpose.PAYMENT_QUESTION,
}
"""What asks for that which an item lacks, once, where the strategy wants it; it stays open."""


MET_BY: Final = {
    "record_promise": (WorkReason.PROMISE, WorkOutcome.PROMISED),
    "agree_plan": (WorkReason.PLAN_REQUEST, WorkOutcome.AGREED),
}
"""Which item a request to an account does, and what comes of it: where the customer has no other
open account, of which they may have written, and wrote nothing more of it since."""


def lacking(reading: Reading) -> frozenset[WorkReason]:
    """Which items of a message lack something that the customer alone can say: a promise its one
    day or amount, what is said to be paid its receipt, which no message has that is only read."""
    complete = bool(reading.parts) or None not in (reading.day, reading.amount)
    return frozenset({WorkReason.ALREADY_PAID} if complete else ASKED_BACK)


def asked_by(
    intents: Iterable[Meaning], *, shared: bool = False, heard: bool = False
) -> tuple[WorkReason, ...]:
    """What a message asks of people: all that silences, or else the one thing that is most urgent.

    ``shared``: several customers have the address that it came from. ``heard``: it was a stop or a
    start, whatever the reader makes of it, as where a provider tells of one.
    """
    read = set(intents) - ({Meaning.OTHER} if heard else set())
    asked = {reason for intent in read if (reason := ASKED_BY[intent]) is not None}
    silencing = tuple(reason for reason in WorkReason if reason in asked & SILENCING)
    if silencing or not asked:
        return silencing
    if shared:
        return (WorkReason.SHARED_ADDRESS,)
    return (next(reason for reason in WorkReason if reason in asked),)


class Work(Model):
    """An item that waits for a person, as planning sees it."""

    work_id: int
    reason: WorkReason
    opened_at: Instant
    contact_point_id: str | None = None
    """Where the customer asked last; None: not by a message."""
    lacking: bool = False
    """Whether they have to be asked back for something."""
    due_at: Instant | None = None
    """Of a callback, when a person is to call."""


RECORDS: Final[dict[WorkOutcome, EventKind | None]] = {
    WorkOutcome.HANDLED: None,
    WorkOutcome.NOT_MEANT: None,
    WorkOutcome.ANSWERED: None,
    WorkOutcome.PROMISED: None,
    WorkOutcome.AGREED: None,
    WorkOutcome.ATTORNEY: EventKind.ATTORNEY,
    WorkOutcome.BANKRUPTCY: EventKind.BANKRUPTCY,
    WorkOutcome.DECEASED: EventKind.DEATH,
    WorkOutcome.DISPUTE: EventKind.DISPUTE,
    WorkOutcome.HARDSHIP: None,
    WorkOutcome.WRONG_NUMBER: EventKind.WRONG_NUMBER,
    WorkOutcome.STOP: EventKind.OPT_OUT,
    WorkOutcome.CEASE: EventKind.CEASE,
}
"""What goes on file by an outcome, for every account of the customer: as of when they wrote."""
