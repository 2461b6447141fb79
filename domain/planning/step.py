"""What an account does next. Every activity answers with a step; the workflow only waits for it."""

import hashlib
from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import Field

from domain.account import CloseReason
from domain.agreements.settlement.offer import OfferState
from domain.amounts import Money
from domain.channels import Channel, Purpose, Tone
from domain.learning.policy import Chosen
from domain.model import Instant, Maybe, Model


class StepKind(StrEnum):
    """The four things that can come next."""

    CONTACT = "contact"
    WAIT = "wait"
    RECONCILE = "reconcile"
    CLOSE = "close"


class Status(StrEnum):
    """What an account is doing, in a word; a search attribute."""

    COLLECTING = "collecting"
    """A contact, or the end of a phase, is ahead."""
    PROMISED = "promised"
    """Silent until a promise and its grace are over."""
    ON_PLAN = "on_plan"
    """Silent but for reminders while a payment plan is kept."""
    SETTLING = "settling"
    """Silent but for a reminder while an accepted settlement is to be paid."""
    DISPUTED = "disputed"
    """Silent until a dispute is resolved."""
    HARDSHIP = "hardship"
    """Collected softly while the customer is in hardship."""
    ON_HOLD = "on_hold"
    """Silent on request."""
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
    """The workflow ends."""


class StandingOffer(Model):
    """The settlement offer that stands."""

    offer: str
    """Its id."""
    state: OfferState
    """`proposed`, `offered` or `accepted`."""
    amount: Money
    """What is to be paid in place of the balance."""
    until: date
    """The last day to accept it, or to pay it once it is accepted."""


class View(Model):
    """What the Temporal UI shows of an account. Nothing personal."""

    status: Status
    """What the account is doing."""
    phase: str
    """Of the strategy; `not-due`, `not-entered`, `after` and `unknown` are none of its."""
    jurisdiction: str
    """ISO 3166 code of the country or region whose law binds most nearly."""
    days_past_due: int
    """On the customer's calendar."""
    bucket: str
    """Days past due, in the classes of a portfolio report."""
    balance: Money
    """What is overdue."""
    currency: str
    """ISO 4217."""
    shown_as: Literal["status", "standing"] = Field("status", exclude_if=lambda it: it == "status")
    """The search attribute for ``status``. One that is called Status hides the UI's own column of
    that name, so accounts that begin now have Standing; those that ran before keep both."""
    orders: Literal["short", "whole"] = Field("short", exclude_if=lambda it: it == "short")
    """How its contact is ordered: by what tells it from others, or by the whole step, as workers of
    0.2 read it."""
    last_contact: Maybe[str] = None
    """In words: channel, purpose, day."""
    next_contact_at: Maybe[Instant] = None
    """Only while a contact is planned."""
    segment: Maybe[str] = None
    """That its strategy was chosen by; none where no segments are configured."""
    settlement: Maybe[StandingOffer] = None
    """Only while one stands."""


class Step(Model):
    """One step: wait until ``not_before``, then do ``kind``."""

    kind: StepKind
    """What is done when the time has come."""
    not_before: Instant
    """When the timer fires."""
    summary: str
    """One sentence for the timer: what, when in the customer's wall clock, why, by which law."""
    why: str
    """A code for metrics and tests: ``touch``, ``failover``, ``promise``, ``hold`` ..."""
    view: View
    number: int = 0
    """Of a contact: makes the attempt id."""
    not_after: Maybe[Instant] = None
    """Of a contact: the end of its window; later it is planned anew."""
    phase: Maybe[str] = None
    """Of a contact: the phase it belongs to."""
    touch: int = 0
    """Of a contact: which one of its phase, from 1; 0: beside the cadence (a reminder of a promise
    or an instalment, thanks, the confirmation of a stop)."""
    channel: Maybe[Channel] = None
    """Of a contact."""
    contact_point_id: Maybe[str] = None
    """Of a contact: whom it would reach; the address itself is in PostgreSQL."""
    provider: Maybe[str] = None
    """Through whom it would go by what is known now; decided when the contact is reserved."""
    purpose: Maybe[Purpose] = None
    """Of a contact: what it is to say."""
    tone: Maybe[Tone] = None
    """Of a contact: how it is to sound, where a policy chose that; None: as its phase does."""
    message: Maybe[str] = None
    """Of a contact by which a person's message goes out: that message, by its id."""
    covers: tuple[str, ...] = Field((), exclude_if=lambda it: not it)
    """Of a contact: the creditor's open accounts that it speaks of, by id."""
    rule: Maybe[str] = None
    """The rule of law that decided the time, by its code."""
    cite: Maybe[str] = None
    """That rule's source."""
    policy: Maybe[str] = None
    """Of a contact: the policy that chose its way, by id and digest; None: none was asked."""
    probability: Maybe[float] = None
    """Of a contact: how probable just this way was; 1 where no policy was asked."""
    chosen_from: Maybe[Chosen] = None
    """Of a contact that a policy chose: from what."""
    attempt_id: Maybe[str] = None
    """Of a reconciliation: the attempt in doubt."""
    close_reason: Maybe[CloseReason] = None
    """Of an end."""
    plans: int = 0
    """How many plans of the account PostgreSQL had written with this one. An older database that
    a backup brought back is known by having fewer."""

    @property
    def meant(self) -> str:
        """Of a contact: what tells it from whatever else could be planned in its place."""
        parts = (self.channel, self.contact_point_id, self.purpose, self.message)
        return hashlib.sha256("|".join(part or "" for part in parts).encode()).hexdigest()[:8]

    @property
    def ends(self) -> bool:
        """Whether the account's workflow is over."""
        return self.kind is StepKind.CLOSE
