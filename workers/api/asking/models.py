"""What is asked of an account over HTTP, and answered: the fields of its updates, without who asks.

Who does it comes from the token, so no request names it.
"""

from datetime import date as date_
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from domain.agreements.settlement.words import Acceptance
from domain.cases.words import DisputeReason, HardshipReason, Resolution
from domain.entry.days import a_day
from domain.facts import Code, MessageId, Reference
from domain.model import Instant
from workers.api.reading import Asked, Text
from workers.api.work_models import Answer

Day = Annotated[date_, BeforeValidator(a_day)]
Sum = Annotated[str, Field(pattern=r"^[0-9]{1,16}(\.[0-9]{1,2})?$")]
Percent = Annotated[str, Field(pattern=r"^[0-9]{1,2}(\.[0-9]{1,2})?$")]
WorkingRole = Literal["agent", "supervisor"]
"""Roles of a token that also stand in a strategy's authorities."""


class OfAccount(Asked):
    """Something that is asked of one account."""

    id: MessageId
    """Of your choosing: asked again under it, nothing is done twice."""
    account: Text
    """Which of their accounts, `<creditor>/<account_id>`."""

    def told(self) -> dict[str, Any]:
        """The payload of the update: what was given, without the account."""
        return self.model_dump(mode="json", exclude={"account"}, exclude_none=True)


class PromisedPart(Asked):
    """What is promised for one of several dates."""

    amount: Sum
    """How much."""
    date: Day
    """The last day, on the customer's calendar, on which it is paid in time."""


class NewPromise(OfAccount):
    """The customer will pay: `amount` by the end of `date`, or `parts` on several dates."""

    amount: Sum | None = None
    """How much."""
    date: Day | None = None
    """The last day, on the customer's calendar, on which it is kept."""
    parts: Annotated[tuple[PromisedPart, ...], Field(min_length=2, max_length=250)] | None = None
    """Two or more, by date; then neither `amount` nor `date` is given. How many, the strategy says
    (`promise.max_parts`)."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        whole = self.amount is not None, self.date is not None
        if any(whole) if self.parts is not None else not all(whole):
            raise ValueError("give amount and date, or parts, and not both")
        return self


class AsWhom(OfAccount):
    """Something that a person does by an authority."""

    role: WorkingRole | None = None
    """By the authority of which of your roles; without it, of the highest that you have."""


class NewOffer(AsWhom):
    """Less than the balance, paid in one sum, would end the debt. Its id is the offer's."""

    discount: Percent | None = None
    """Percent of the balance that is let go, or else `amount`."""
    amount: Sum | None = None
    """What is to be paid in place of the balance."""
    expires: Day | None = None
    """The last day, on the customer's calendar, on which it may be accepted; without it, as the
    strategy says."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.discount is None) is (self.amount is None):
            raise ValueError("give either discount or amount")
        return self


class Approval(AsWhom):
    """An offer above the authority of who made it is made after all."""

    offer: MessageId
    """The id under which it was offered."""


class Refused(AsWhom):
    """An offer that waits to be approved is not."""

    offer: MessageId
    """The id under which it was offered."""
    reason: Code = "declined"
    """In a few plain words; it is kept in histories, so nothing personal."""


class Accepted(OfAccount):
    """The customer accepts an offer, in its time and once."""

    offer: MessageId
    """The id under which it was offered."""
    how: Acceptance
    """How they said so."""


class Withdrawal(OfAccount):
    """An offer is taken back, accepted or not."""

    offer: MessageId | None = None
    """The id under which it was offered; without it, whichever stands."""
    reason: Code = "withdrawn"
    """In a few plain words; it is kept in histories, so nothing personal."""


class NewDispute(OfAccount):
    """The customer says that something is wrong with the debt."""

    reason: DisputeReason = DisputeReason.OTHER
    """What they say is wrong."""
    documents: Annotated[tuple[Reference, ...], Field(max_length=50)] = ()
    """What they sent, by reference: where each is to be found, without blanks or `@`."""
    answer_due: Day | None = None
    """The last day on which it is answered in time; without it, as the strategy says."""
    in_writing: bool | None = None
    """Whether they wrote it; without it that is not known."""
    note: Code | None = None
    """In a few plain words; it is kept in histories, so nothing personal."""


class DisputeEnd(OfAccount):
    """A dispute ends."""

    outcome: Resolution
    """How it ends."""
    dispute: MessageId | None = None
    """The id under which it was opened; without it, whichever stands."""
    reason: Code | None = None
    """In a few plain words; it is kept in histories, so nothing personal."""


class NewHardship(OfAccount):
    """The customer cannot pay as agreed."""

    reason: HardshipReason = HardshipReason.OTHER
    """Why; it is kept in histories."""
    review_date: Day | None = None
    """The day on which a person looks again; without it, as the strategy says."""


class HardshipReview(OfAccount):
    """A hardship goes on, and a person looks at it again on another day."""

    review_date: Day
    """The day on which a person looks again."""
    hardship: MessageId | None = None
    """The id under which it began; without it, whichever is active."""


class HardshipEnd(OfAccount):
    """A hardship ends."""

    hardship: MessageId | None = None
    """The id under which it began; without it, whichever is active."""
    reason: Code = "ended"
    """In a few plain words; it is kept in histories, so nothing personal."""


class OnRecord(Answer):
    """What was asked is on record. The same request again is answered so, and changes nothing."""

    id: str
    """Of the request."""
    account: str
    """`<creditor>/<account_id>`, as it is called by now."""
    new: bool
    """False: it was on record before, and nothing has changed."""
    note: str | None
    """What there is to know of it: of an offer, whether it is offered or waits for whom."""
    next_kind: str | None
    """What the account does next."""
    next_at: Instant | None
    """When."""
    next_summary: str | None
    """What that is, and by which law."""


class Vulnerability(Asked):
    """Whether nobody but persons may contact a customer."""

    vulnerable: Annotated[bool, Field(strict=True)]
    """False: they are contacted like everybody else again."""


class Vulnerable(Answer):
    """Whether nobody but persons may contact a customer, from now on."""

    customer_id: str
    """Who."""
    vulnerable: bool
    """Whether it is so."""
    new: bool
    """False: it was so before."""
    plan_anew: int | None
    """How many accounts plan again; null where only some creditors' accounts may be seen."""
