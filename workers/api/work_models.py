"""What is asked and answered about work."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.conversation.work_words import WorkOutcome, WorkReason
from domain.law.terms import EventKind
from domain.model import Instant
from telemetry.links import linked
from workers.api.reading import Asked, Text

Hours = Annotated[float, Field(ge=0.1, le=72, allow_inf_nan=False, strict=True)]


class Answer(BaseModel):
    """The base of all that is answered."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class WorkWanted(Asked):
    """Which items of the queue."""

    customer: Text | None = None
    """Of one customer only, by id."""
    reason: WorkReason | None = None
    """For one reason only."""
    creditor: Text | None = None
    """Of customers who have an account with this creditor."""
    claimed_by: Text | None = None
    """Of those that somebody has now."""
    done: bool = False
    """What is done, too, after the rest."""
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    """At most so many."""
    cursor: Annotated[str, Field(max_length=400)] | None = None
    """`next` of the page before, with the same filters."""


class NextWanted(Asked):
    """Which item somebody wants next. All may be left away, the body too."""

    hours: Hours = 4
    """Then it is free again."""
    reason: WorkReason | None = None
    """For one reason only."""
    creditor: Text | None = None
    """Of a customer who has an account with this creditor."""


class Claim(Asked):
    """For how long. It may be left away, the body too."""

    hours: Hours = 4
    """Then it is free again."""


class Release(Asked):
    """Nothing has to be said; the body may be left away."""


class Done(Asked):
    """What came of an item."""

    outcome: WorkOutcome
    """What came of it; the reference page *Work* says what each does."""
    note: Text | None = None
    """For whoever reads it later."""


class WordsWanted(Asked):
    """Whether the customer's words are wanted."""

    words: bool = False
    """With what the customer wrote. Each look is logged."""


class Words(Answer):
    """What a customer wrote."""

    id: str
    """`<provider>/<the provider's own id>`."""
    at: Instant
    """When."""
    channel: str
    """By which channel."""
    text: str
    """Their words."""


class WorkItemAnswer(Answer):
    """One thing that a person is asked to do for a customer."""

    work_id: int
    """Its number."""
    customer_id: str
    """For whom."""
    reason: WorkReason
    """Why a person is asked."""
    priority: int
    """From 1, the most urgent, to 4."""
    opened_at: Instant
    """When the customer wrote."""
    due_at: Instant
    """When a person should have looked."""
    messages: tuple[str, ...]
    """`<provider>/<id>` of each message that asks for it."""
    contact_point_id: str | None
    """Where the customer wrote last, by a digest."""
    outcome: WorkOutcome | None
    """What came of it; null: it is open."""
    note: str | None
    """What whoever did it says; null for roles that see no personal data, too."""
    done_by: str | None
    """Who did it."""
    done_at: Instant | None
    """When."""
    accounts: tuple[str, ...]
    """The customer's open accounts, `<creditor>/<account_id>`, that may be seen."""
    temporal_ui: tuple[str, ...] = ()
    """Where these are in the Temporal UI; empty where its address is not set."""
    stands_for: tuple[str, ...]
    """Open accounts of others that they stand for, as guarantor or co-debtor, and may be seen."""
    holder: str | None
    """Who has claimed it; null: it is free."""
    held_until: Instant | None
    """Until when."""
    words: tuple[Words, ...] | None = None
    """What the customer wrote, where it was asked for."""

    @model_validator(mode="before")
    @classmethod
    def _with_links(cls, told: Any) -> Any:
        return linked(told) if isinstance(told, dict) else told


class WorkPage(Answer):
    """A page of the queue."""

    items: tuple[WorkItemAnswer, ...]
    """The most urgent first; what is done after what is open."""
    next: str | None
    """The cursor of the next page; null: this is the last."""


class Change(Answer):
    """What doing an item changed."""

    what: str
    """In words."""
    accounts: tuple[str, ...]
    """For which accounts that may be seen."""


class DoneAnswer(Answer):
    """What doing an item has done. The same request again is answered the same."""

    work_id: int
    """Its number."""
    outcome: WorkOutcome
    """What came of it."""
    recorded: EventKind | None
    """What went on file, as of when the customer wrote; null: nothing."""
    changes: tuple[Change, ...]
    """What that changes."""
    plan_anew: int | None
    """How many accounts plan again; null where only some creditors' accounts may be seen."""
