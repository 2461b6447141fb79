"""What a workflow asks of an activity, and what comes back. JSON in the history: ids, no people."""

from typing import Any

from pydantic import Field

from domain.facts import Unread
from domain.model import Instant, Model
from domain.planning.step import Step


class AccountRef(Model):
    """Which account."""

    creditor: str
    account_id: str


class ContactOrder(AccountRef):
    """Make this planned contact."""

    step: Step


class RecordOrder(AccountRef):
    """Write these facts (none: only look again), then plan."""

    messages: tuple[Any, ...] = ()
    """Each as ``domain.facts.Message`` has it in JSON. Read one by one when they are recorded: one
    that cannot be read must not keep the others from being read."""
    unread: tuple[Unread, ...] = ()
    """To be kept for a person."""
    asked_at: dict[str, Instant] = Field({})
    """By id, when the workflow was asked what an update asks."""
    plans: int = 0
    """How many plans of the account the workflow knows to be on record (``Step.plans``)."""


class Answer(Model):
    """What became of one message."""

    id: str
    refused: str | None = None
    repeated: bool = False
    """It is on record already: nothing changed."""
    note: str | None = None
    """What its sender should know although it was taken."""


class Recorded(Model):
    """The next step, and what became of each message."""

    step: Step
    answers: tuple[Answer, ...] = ()
