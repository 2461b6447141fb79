"""What an account does next. Every activity answers with a step; the workflow only waits for it."""

from enum import StrEnum

from domain.account import CloseReason, Money
from domain.channels import Channel, Purpose
from domain.model import Instant, Model


class StepKind(StrEnum):
    """The four things that can come next."""

    CONTACT = "contact"
    WAIT = "wait"
    RECONCILE = "reconcile"
    CLOSE = "close"


class Status(StrEnum):
    """What an account is doing, in a word; a search attribute."""

    COLLECTING = "collecting"
    PROMISED = "promised"
    ON_HOLD = "on_hold"
    RESTING = "resting"
    """The customer wrote: a person's turn."""
    SILENCED = "silenced"
    """Law or missing consent leaves no way to reach the customer."""
    HALTED = "halted"
    """The database is older than Temporal remembers: nobody is contacted until a person says go."""
    INCOMPLETE = "incomplete"
    """The customer is not known yet: intake has to bring them."""
    NEEDS_A_PERSON = "needs_a_person"
    """No plan can be made of what is on record: somebody has to mend it."""
    CLOSED = "closed"


class View(Model):
    """What the Temporal UI shows of an account. Nothing personal."""

    status: Status
    phase: str
    jurisdiction: str
    days_past_due: int
    bucket: str
    balance: Money
    currency: str
    last_contact: str | None = None
    next_contact_at: Instant | None = None


class Step(Model):
    """One step: wait until ``not_before``, then do ``kind``."""

    kind: StepKind
    not_before: Instant
    summary: str
    """One sentence for the timer: what, when in the customer's wall clock, why, by which law."""
    why: str
    """A code for metrics and tests: ``touch``, ``failover``, ``promise``, ``hold`` ..."""
    view: View
    number: int = 0
    """Of a contact: makes the attempt id."""
    not_after: Instant | None = None
    phase: str | None = None
    touch: int = 0
    channel: Channel | None = None
    contact_point_id: str | None = None
    provider: str | None = None
    """Through whom it would go by what is known now; decided when the contact is reserved."""
    purpose: Purpose | None = None
    covers: tuple[str, ...] = ()
    rule: str | None = None
    cite: str | None = None
    attempt_id: str | None = None
    """Of a reconciliation: the attempt in doubt."""
    close_reason: CloseReason | None = None
    plans: int = 0
    """How many plans of the account PostgreSQL had written with this one. An older database that
    a backup brought back is known by having fewer."""

    @property
    def ends(self) -> bool:
        """Whether the account's workflow is over."""
        return self.kind is StepKind.CLOSE
