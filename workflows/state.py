"""What an account's workflow keeps and answers with.

Apart from the workflow, whose module the sandbox imports anew for every single account: building
these classes there cost each first task some milliseconds.
"""

from dataclasses import dataclass
from datetime import datetime

from activities.orders import Answer
from domain.facts import Message
from domain.model import Instant, Model
from domain.planning.step import Step


class Entry(Model):
    """One line of the timeline."""

    at: Instant
    """When."""
    what: str
    """In words."""


class Carried(Model):
    """What continue-as-new brings along."""

    step: Step
    timeline: tuple[Entry, ...] = ()
    runs: int = 0


class AccountEnd(Model):
    """How the account ended; the workflow's result."""

    reason: str
    """`cured`, `closed`, `recalled` or `handed_off`."""
    phase: str
    """In which it ended."""
    balance: str
    """What was still overdue."""
    currency: str
    """ISO 4217."""


@dataclass
class Asked:
    """A request by its id, while it waits for its answer and for a while after."""

    message: Message
    at: datetime
    answer: Answer | None = None
