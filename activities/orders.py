"""What a workflow asks of an activity, and what comes back. JSON in the history: ids, no people.

All of it is kept in the history of an account, twice for each contact, and is read and written by
the server: so it says what the other side needs to know, and nothing that is on record.
"""

from collections.abc import Mapping
from typing import Any, Final, Self

from pydantic import Field, model_validator

from domain.facts import Unread
from domain.model import Instant, Maybe, Model
from domain.names import account_key
from domain.planning.step import Step


class AccountRef(Model):
    """Which account."""

    creditor: str
    account_id: str


class ContactOrder(AccountRef):
    """Make this planned contact.

    It is planned again when it is reserved: what is ordered only says which contact is meant.
    """

    number: int
    """Makes the attempt id."""
    meant: str
    """``Step.meant``."""
    plans: int = 0
    """How many plans of the account the workflow knows to be on record (``Step.plans``)."""
    due: Maybe[Instant] = None
    """Since when it was to be made; orders of 0.2 have it in the step."""
    step: Maybe[Step] = None
    """The whole of it, where workers of 0.2 may take the order; and in those that are older."""

    @model_validator(mode="before")
    @classmethod
    def _of_a_whole_step(cls, given: Any) -> Any:
        """Orders of 0.2 have the step alone."""
        if not isinstance(given, Mapping) or given.get("step") is None or "number" in given:
            return given
        step = Step.model_validate(given["step"])
        told = {"number": step.number, "meant": step.meant, "plans": step.plans}
        return {**given, **told, "due": step.not_before}

    @classmethod
    def of(cls, creditor: str, account_id: str, step: Step) -> Self:
        """The order of a planned contact, as short as those who may take it can read it."""
        return cls(
            creditor=creditor,
            account_id=account_id,
            number=step.number,
            meant=step.meant,
            plans=step.plans,
            due=step.not_before,
            step=step if step.view.orders == "whole" else None,
        )


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
    refused: Maybe[str] = None
    repeated: bool = False
    """It is on record already: nothing changed."""
    note: Maybe[str] = None
    """What its sender should know although it was taken."""


class Recorded(Model):
    """The next step, and what became of each message."""

    step: Step
    answers: tuple[Answer, ...] = ()


ON_RECORD: Final[Mapping[str, None]] = dict.fromkeys(
    ("not_after", "provider", "tone", "rule", "cite", "policy", "probability", "chosen_from")
)
"""What PostgreSQL keeps of a plan and the workflow does not go by."""


def told(step: Step, ref: AccountRef, *, whole: bool, began: bool = True) -> Step:
    """A step as the workflow is told it: what it waits for, orders and shows.

    ``whole``: as workers of 0.2 have it; ``began``: the account shows already how it stands.
    """
    view = step.view
    if whole:
        return step.model_copy(update={"view": view.model_copy(update={"orders": "whole"})})
    if began:
        view = view.model_copy(update={"shown_as": "status"})
    own = (account_key(ref.creditor, ref.account_id),)
    known = {
        "covers": () if step.covers == own else step.covers,
        "phase": None if step.phase == view.phase else step.phase,
    }
    return step.model_copy(update={**ON_RECORD, **known, "view": view})
