"""Each event that goes out: its type, what it says, and what it means.

Not the events that come in, which are facts with legal weight (``domain/law/request.py``). Ids,
codes, amounts and instants only: no name, no address, and nothing that a customer wrote, but for
``words`` where an endpoint may have them.
"""

from collections.abc import Collection, Iterable
from datetime import date
from fnmatch import fnmatchcase
from typing import Any, Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from domain.amounts import Money
from domain.model import Instant

VERSION: Final = 1
"""Of the form of every event here. New fields and types may come within it."""
TEST: Final = "webhook.test"
"""What `contrapunto webhooks send-test` sends; of no account."""


class _Told(BaseModel):
    """What an event says: exactly this."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Contact(_Told):
    """A contact that the machine made, or set out to make."""

    contact: str
    """Its id."""
    channel: str
    """`sms`, `email`, `whatsapp` or `voice`."""
    purpose: str
    """What for: `reminder`, `answer` and so on."""
    phase: str
    """The account's, when it was reserved."""
    touch: int
    """Which touch of the phase."""
    provider: str
    """By whom it went out."""


class FailedContact(Contact):
    """A contact that did not reach anybody."""

    state: Literal["refused", "undelivered"]
    """`refused`: nothing was sent; `undelivered`: sent, and not delivered."""
    refusal: str | None
    """Why it was refused, in a word of ours."""
    code: str | None
    """The provider's own code."""


class ContactOutcome(Contact):
    """What became of a call."""

    outcome: str
    """`conversation`, `voicemail`, `dropped`, `no_answer`, `busy` or `not_in_service`."""


class PersonsContact(_Told):
    """A contact that a person made and recorded."""

    contact: str
    """Its id."""
    action: str
    """What they did, by the operator's codes."""
    channel: str
    """By what."""
    direction: Literal["outbound", "inbound"]
    """Who began it."""
    result: str
    """What came of it, by the operator's codes."""
    outcome: str
    """The same in the law's words."""


class Reply(_Told):
    """A customer's message."""

    channel: str
    """By what they wrote."""
    provider: str
    """Through whom it came."""
    message: str
    """Its id there."""
    words: str | None = None
    """What they wrote: for an endpoint that may have words alone, and only where all accounts of
    the customer are of one creditor, since nobody can say to which of several they wrote."""


class Stop(_Told):
    """A customer wants no more messages, or no contact."""

    kind: Literal["opt_out", "cease"]
    """`cease`: no contact at all."""
    channel: str | None
    """On which; null: on all."""


class InstalmentTold(_Told):
    """One part."""

    due_on: date
    """The last day on which it is paid in time."""
    amount: Money
    """How much."""


class PromiseTold(_Told):
    """A promise to pay."""

    promise: str
    """Its id."""
    amount: Money
    """How much in all."""
    due_on: date
    """By when, all of it."""
    parts: tuple[InstalmentTold, ...] | None
    """Where it is of several dates."""


class PlanTold(_Told):
    """A payment plan."""

    plan: str
    """Its id."""
    instalments: tuple[InstalmentTold, ...]
    """What is paid when."""


class SettlementTold(_Told):
    """An offer to end the debt for less."""

    settlement: str
    """Its id."""
    balance: Money
    """What was owed when it was made."""
    amount: Money
    """What ends the debt."""
    expires_on: date
    """The last day on which it can be accepted."""
    due_on: date | None
    """By when it is paid; null: it was not accepted."""


class DisputeTold(_Told):
    """What a customer says is wrong with a debt."""

    dispute: str
    """Its id."""
    reason: str
    """A code."""
    state: Literal["open", "resolved_for", "resolved_against", "withdrawn", "corrected"]
    """Where it is by then."""
    answer_due: date
    """By when it is to be answered."""


class HardshipTold(_Told):
    """A customer who cannot pay as agreed. Why is not told: it may be an illness."""

    hardship: str
    """Its id."""
    review_date: date
    """When a person looks again."""


class Phase(_Told):
    """The account has entered a phase."""

    phase: str
    """Which."""
    before: str | None
    """From which; null: it is the first."""


class Closed(_Told):
    """The account is worked no more."""

    reason: str | None
    """`cured`, `handed_off`, `settled`, `recalled` or `closed`."""
    balance: Money
    """What was owed then."""
    currency: str
    """ISO 4217."""


class Reopened(_Told):
    """The account is worked again."""

    balance: Money
    """What is owed."""
    currency: str
    """ISO 4217."""


class WorkOpened(_Told):
    """A person is asked to do something for the customer."""

    work: str
    """Its number."""
    reason: str
    """Why ([reasons](work.md#reasons))."""
    priority: int
    """1 is the most urgent."""
    due_at: Instant
    """By when somebody should have looked."""


class WorkDone(_Told):
    """A person has done it."""

    work: str
    """Its number."""
    reason: str
    """Why they were asked."""
    outcome: str
    """What came of it ([outcomes](work.md#outcomes))."""


class TestTold(_Told):
    """Nothing has happened: somebody tries the endpoint."""

    endpoint: str
    """Its name here."""


class Event(BaseModel):
    """One event, as it is delivered and read."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    id: str
    """Of this happening, for good: the same event has the same id, however often it comes."""
    type: str
    """What happened."""
    version: Literal[1]
    """Of the form of `data`."""
    time: Instant
    """When it happened (UTC)."""
    creditor: str
    """Whose account it is."""
    account: str
    """The creditor's number of it."""
    customer: str | None
    """The creditor's id of the customer, or of who stands for the account."""
    data: dict[str, Any]
    """What this type says."""


class Kind(NamedTuple):
    """A type of event."""

    data: type[_Told]
    meaning: str


KINDS: Final[dict[str, Kind]] = {
    "contact.made": Kind(Contact, "A provider has taken a contact: it counts as made."),
    "contact.delivered": Kind(Contact, "The provider says that it has arrived."),
    "contact.failed": Kind(FailedContact, "It was refused, or did not arrive."),
    "contact.unknown": Kind(Contact, "It may have been sent, and is never sent again."),
    "contact.outcome": Kind(ContactOutcome, "What became of a call; weightier may follow."),
    "contact.by_person": Kind(PersonsContact, "A person contacted them, or was called."),
    "customer.replied": Kind(Reply, "The customer has written."),
    "customer.stopped": Kind(Stop, "The customer wants no more messages, or no contact."),
    "promise.made": Kind(PromiseTold, "The customer promises to pay."),
    "promise.kept": Kind(PromiseTold, "It was paid in time."),
    "promise.broken": Kind(PromiseTold, "It was not."),
    "promise.replaced": Kind(PromiseTold, "Another has taken its place."),
    "plan.agreed": Kind(PlanTold, "A payment plan is agreed."),
    "plan.kept": Kind(PlanTold, "All of it is paid."),
    "plan.broken": Kind(PlanTold, "Too much of it was missed."),
    "plan.cancelled": Kind(PlanTold, "It was taken back."),
    "settlement.proposed": Kind(SettlementTold, "An offer waits for its approval."),
    "settlement.offered": Kind(SettlementTold, "It may be made to the customer."),
    "settlement.accepted": Kind(SettlementTold, "The customer has accepted it."),
    "settlement.declined": Kind(SettlementTold, "It was not approved."),
    "settlement.withdrawn": Kind(SettlementTold, "It was taken back."),
    "settlement.lapsed": Kind(SettlementTold, "Its time is over."),
    "settlement.replaced": Kind(SettlementTold, "Another has taken its place."),
    "settlement.paid": Kind(SettlementTold, "It is paid: the debt is settled."),
    "settlement.unpaid": Kind(SettlementTold, "It was accepted and not paid in time."),
    "dispute.opened": Kind(DisputeTold, "The customer disputes the debt."),
    "dispute.resolved": Kind(DisputeTold, "It is answered."),
    "dispute.withdrawn": Kind(DisputeTold, "The customer has taken it back."),
    "dispute.corrected": Kind(DisputeTold, "They were right, and the account is corrected."),
    "hardship.began": Kind(HardshipTold, "The customer cannot pay as agreed."),
    "hardship.ended": Kind(HardshipTold, "They can again, or it was ended."),
    "account.phase_changed": Kind(Phase, "The account has entered a phase."),
    "account.cured": Kind(Closed, "Nothing is due any more."),
    "account.handed_off": Kind(Closed, "The last phase is over: it goes on elsewhere."),
    "account.closed": Kind(Closed, "It was closed for another reason."),
    "account.reopened": Kind(Reopened, "It is worked again."),
    "work.opened": Kind(WorkOpened, "A person is asked to do something."),
    "work.done": Kind(WorkDone, "They have done it."),
}  # fmt: skip
"""Every type, and what it means."""


def chosen(patterns: Iterable[str]) -> tuple[str, ...]:
    """The types that patterns such as ``contact.*`` name."""
    wanted = tuple(patterns)
    return tuple(name for name in KINDS if any(fnmatchcase(name, one) for one in wanted))


def unknown_in(patterns: Collection[str]) -> list[str]:
    """Patterns that name no type."""
    return [one for one in patterns if not chosen([one])]


def checked(event: Event) -> Event:
    """The event, whose data is as its type says. Raises ValueError."""
    data = TestTold if event.type == TEST else KINDS[event.type].data
    data.model_validate(event.data)
    return event
