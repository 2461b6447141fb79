"""What a workflow asks of an activity, and what comes back. JSON in the history: ids, no people."""

from domain.facts import Message
from domain.model import Model
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

    messages: tuple[Message, ...] = ()


class Answer(Model):
    """What became of one message."""

    id: str
    refused: str | None = None
    repeated: bool = False


class Recorded(Model):
    """The next step, and what became of each message."""

    step: Step
    answers: tuple[Answer, ...] = ()
