"""What reaches an account's workflow from outside. Each carries an id; the second arrival of an
id changes nothing.

Signals are facts that have happened, updates are requests. Amounts are decimal strings in JSON,
dates ISO 8601, instants ISO 8601 with an offset.

These types are shapes: what has none of them is no message (``Unread``). Whether a message can be
kept and be true is judged when it is recorded, by ``domain/ledger/admission.py``: a workflow reads
messages too, and a history in which it took one must replay whatever the bounds are today.
"""

from datetime import date, datetime
from datetime import date as date_
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field, TypeAdapter

from domain.account import AccountFacts, CloseReason, Currency
from domain.agreements.intervals import Every
from domain.agreements.settlement.terms import Role
from domain.agreements.settlement.words import Acceptance
from domain.amounts import Amount, Money, Sum
from domain.cases.words import DisputeReason, HardshipReason, Resolution
from domain.channels import Channel
from domain.conversation.keywords import Intent
from domain.entry.bounds import EARLIEST_DUE
from domain.law.request import LawEvent
from domain.model import Instant, Model
from domain.segments.telling import TellsChoosing

LONGEST_ID: Final = 128
MessageId = Annotated[str, Field(min_length=1, max_length=LONGEST_ID, pattern=r"^\S+$")]
Code = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w .:-]+$")]
"""A reason in a few plain words; it is kept in histories, so nothing personal."""

PersonId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:-]+$")]
"""Of somebody at work: an id, never a name or an address; it is kept in histories."""


class _Message(Model):
    id: MessageId
    """Of the sender's choosing, without blanks: the second arrival of an id changes nothing."""


class AccountOpened(TellsChoosing, _Message):
    """The start of the workflow, with the facts if the starter sent them."""

    kind: Literal["account_opened"] = "account_opened"
    facts: AccountFacts | None = None
    as_of: Instant | None = None


class PaymentReceived(_Message):
    """Signal ``payment_received``: money has arrived."""

    kind: Literal["payment_received"] = "payment_received"
    amount: Sum
    """What arrived: more than nothing."""
    currency: Currency | None = None
    """ISO 4217; where it is said, it must be the account's."""
    paid_at: Instant | None = None
    """When; without it, ahead or before 1990, now. Payments after a balance's own time are
    subtracted from it."""

    @property
    def undated(self) -> bool:
        """Whether its date is none of a debt that is still collected: what computers write for no
        date at all, or a slip."""
        return self.paid_at is not None and self.paid_at.date() < EARLIEST_DUE

    def arrived(self, now: datetime) -> datetime:
        """When it counts: as it is dated; now where it is not, or by a date that cannot be true."""
        return now if self.paid_at is None or self.undated else min(self.paid_at, now)


class DueInstalment(Model):
    """What fell due, and what of it is unpaid."""

    date: date
    """When it fell due."""
    amount: Sum
    """What is unpaid of it: more than nothing."""


class AccountUpdated(TellsChoosing, _Message):
    """Signal ``account_updated``: new facts of the account, or of its customer (by intake)."""

    kind: Literal["account_updated"] = "account_updated"
    balance: Money | None = None
    """What is overdue now; zero means cured; a negative one is refused."""
    oldest_due_date: date | None = None
    """Due date of the oldest unpaid instalment."""
    as_of: Instant | None = None
    """The facts' own time; payments after it are not in ``balance`` and are subtracted again."""
    due: tuple[DueInstalment, ...] | None = None
    """What fell due and is unpaid, by date, at that time: together the `balance` beside it, the
    first date the oldest. By it a payment that does not cure moves days past due, as the strategy's
    `part_payments` says. Send it only once every worker knows it."""
    score: Money | None = None
    """What a model says of the account, on the scale of the strategy's `score_bands`, as of
    `as_of`: an older one changes nothing. Send it only once every worker knows it."""

    @property
    def due_since(self) -> date | None:
        """Due date of the oldest unpaid instalment, however it is told."""
        return self.oldest_due_date or (self.due[0].date if self.due else None)


class DeliveryFailed(_Message):
    """Signal ``delivery_failed``: an accepted message did not reach the person."""

    kind: Literal["delivery_failed"] = "delivery_failed"
    attempt_id: str
    """Of the attempt in the ledger, where the gateway has stored what became of it."""


class MessageReceived(_Message):
    """Signal ``message_received``: the customer wrote. The text stays in PostgreSQL."""

    kind: Literal["message_received"] = "message_received"
    channel: Channel
    """Where the customer wrote."""
    intent: Intent = Intent.OTHER
    """What they were understood to ask for."""


def _without_words(event: LawEvent) -> LawEvent:
    if event.text is not None:
        raise ValueError("text stays out of histories: leave it away, or `contrapunto events FILE`")
    return event


class LawEventReceived(_Message):
    """Signal ``law_event``: a fact that the law gives weight to, such as a cease or a death.

    ``event`` as in a request of ``contrapunto law check``; it is the customer's, on all accounts,
    unless it names one (``account_id``, of the same creditor where that is not said).
    """

    kind: Literal["law_event"] = "law_event"
    event: Annotated[LawEvent, AfterValidator(_without_words)]
    """Without `text`, which stays out of histories."""
    mended: dict[str, str] | None = None
    """Ours alone: fields of the event as they were sent, where they could not be taken so; of a
    text only that there was one."""


class Hold(_Message):
    """Update ``hold``: be silent until an instant."""

    kind: Literal["hold"] = "hold"
    until: Instant
    """The first instant at which contacts may go on."""
    reason: Code
    """In a few plain words; it is kept in histories, so nothing personal."""


class Resume(_Message):
    """Update ``resume``: lift a hold."""

    kind: Literal["resume"] = "resume"


class Close(_Message):
    """Update ``close``: stop collecting. ``reason``: ``closed``, ``recalled``, or free words."""

    kind: Literal["close"] = "close"
    reason: Code = "closed"
    """`recalled`, or other words; it is kept in histories, so nothing personal."""

    @property
    def close_reason(self) -> CloseReason:
        """The kind of end; anything but a recall is a plain close."""
        return CloseReason.RECALLED if self.reason == "recalled" else CloseReason.CLOSED


class AgreedInstalment(Model):
    """What is to be paid, and by the end of which day."""

    date: date
    """The last day, on the customer's calendar, on which it is paid in time."""
    amount: Sum
    """More than nothing."""


class RecordPromise(_Message):
    """Update ``record_promise``: the customer will pay ``amount`` by the end of ``date``.

    Or on several dates, ``parts`` (`promise.max_parts` of the strategy says how many): then it is
    kept when all has come, and broken by the first date that passes, with its grace, without what
    was promised by then. What comes counts for the oldest part first.
    """

    kind: Literal["record_promise"] = "record_promise"
    amount: Sum | None = None
    """What will be paid: more than nothing."""
    date: date_ | None = None
    """The last day, on the customer's calendar, on which it keeps the promise."""
    parts: tuple[AgreedInstalment, ...] | None = None
    """Two or more, by date; then neither `amount` nor `date` is given. Send them only once every
    worker knows them."""


class AgreePlan(_Message):
    """Update ``agree_plan``: the customer will pay in parts.

    Either all ``instalments``, or how they follow each other: ``number``, ``amount`` and
    ``first_date``, after a ``down_payment`` if there is one. It takes the place of an active plan
    and of an open promise. The strategy says what may be agreed (`plan`).
    """

    kind: Literal["agree_plan"] = "agree_plan"
    instalments: tuple[AgreedInstalment, ...] | None = None
    """All of them, by date; then nothing else is given."""
    down_payment: AgreedInstalment | None = None
    """What is paid first."""
    number: int | None = None
    """How many instalments follow the down payment."""
    amount: Sum | None = None
    """Of each of them."""
    first_date: date | None = None
    """Of the first of them."""
    every: Every | None = None
    """How far apart they are; a month where nothing is said."""


class CancelPlan(_Message):
    """Update ``cancel_plan``: the active payment plan is taken back, and the account goes on."""

    kind: Literal["cancel_plan"] = "cancel_plan"
    plan: MessageId | None = None
    """The id under which it was agreed; without it, whichever is active."""
    reason: Code = "cancelled"
    """In a few plain words; it is kept in histories, so nothing personal."""


Reference = Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[^\s@]+$")]
"""Where a document is to be found, without blanks; never its contents, an address or a name."""


class CaseMessage(_Message):
    """What is asked about a dispute or a hardship of the account."""


class OpenDispute(CaseMessage):
    """Update ``open_dispute``: the customer says that something is wrong with the debt.

    The account is silent, as far as its law asks for it, until the dispute is resolved. One stands
    at a time.
    """

    kind: Literal["open_dispute"] = "open_dispute"
    reason: DisputeReason = DisputeReason.OTHER
    """What they say is wrong."""
    documents: Annotated[tuple[Reference, ...], Field(max_length=50)] = ()
    """What they sent, by reference: where each is to be found, without blanks or `@`."""
    note: Code | None = None
    """In a few plain words; it is kept in histories, so nothing personal."""
    answer_due: date | None = None
    """The last day on which it is answered in time; without it, as the strategy says
    (`dispute`)."""
    in_writing: bool | None = None
    """Whether they wrote it; without it that is not known."""


class ResolveDispute(CaseMessage):
    """Update ``resolve_dispute``: a person has looked into it, or the customer takes it back."""

    kind: Literal["resolve_dispute"] = "resolve_dispute"
    outcome: Resolution
    """How it ends."""
    dispute: MessageId | None = None
    """The id under which it was opened; without it, whichever stands."""
    reason: Code | None = None
    """In a few plain words; it is kept in histories, so nothing personal."""


class BeginHardship(CaseMessage):
    """Update ``begin_hardship``: the customer cannot pay as agreed, and is treated softly.

    One is active at a time. That somebody is vulnerable is told by ``contrapunto customer
    vulnerable``, and never here.
    """

    kind: Literal["begin_hardship"] = "begin_hardship"
    reason: HardshipReason = HardshipReason.OTHER
    """Why; it is kept in histories."""
    review_date: date | None = None
    """The day on which a person looks again; without it, as the strategy says (`hardship`)."""


class ExtendHardship(CaseMessage):
    """Update ``extend_hardship``: a person has looked, and it goes on until another day."""

    kind: Literal["extend_hardship"] = "extend_hardship"
    review_date: date
    """The day on which a person looks again."""
    hardship: MessageId | None = None
    """The id under which it began; without it, whichever is active."""


class EndHardship(CaseMessage):
    """Update ``end_hardship``: the account is collected as its strategy has it."""

    kind: Literal["end_hardship"] = "end_hardship"
    hardship: MessageId | None = None
    """The id under which it began; without it, whichever is active."""
    reason: Code = "ended"
    """In a few plain words; it is kept in histories, so nothing personal."""


Case = OpenDispute | ResolveDispute | BeginHardship | ExtendHardship | EndHardship
"""Each kind of ``CaseMessage``."""


class OfferSettlement(_Message):
    """Update ``offer_settlement``: less than the balance, paid in one sum, would end the debt.

    Either ``discount`` or ``amount``. Within the authority of ``role`` (strategy, `settlement`) it
    is offered at once; above it, it waits for somebody else whose authority reaches, unless one is
    named; above everybody's it is refused. It takes the place of an offer that is not accepted yet.
    Its id is the offer's.
    """

    kind: Literal["offer_settlement"] = "offer_settlement"
    discount: Annotated[Decimal, Field(gt=0, lt=100, max_digits=5, decimal_places=2)] | None = None
    """Percent of the balance that is let go; the amount is rounded up."""
    amount: Sum | None = None
    """What is to be paid in place of the balance."""
    by: PersonId
    """Who offers."""
    role: Role
    """As what; its authority is the strategy's to say."""
    approved_by: PersonId | None = None
    """Somebody else who has approved it already."""
    approver_role: Role | None = None
    """As what."""
    expires: date | None = None
    """The last day, on the customer's calendar, on which it may be accepted; without it, as the
    strategy says."""


class ApproveSettlement(_Message):
    """Update ``approve_settlement``: an offer above the authority of who made it is made after all.

    By another person, never by the same one, whose role has the authority.
    """

    kind: Literal["approve_settlement"] = "approve_settlement"
    offer: MessageId
    """The id under which it was offered."""
    by: PersonId
    """Who approves."""
    role: Role
    """As what."""


class DeclineSettlement(_Message):
    """Update ``decline_settlement``: an offer that waits to be approved is not.

    By whoever could approve it; who made it withdraws it.
    """

    kind: Literal["decline_settlement"] = "decline_settlement"
    offer: MessageId
    """The id under which it was offered."""
    by: PersonId
    """Who declines."""
    role: Role
    """As what."""
    reason: Code = "declined"
    """In a few plain words; it is kept in histories, so nothing personal."""


class AcceptSettlement(_Message):
    """Update ``accept_settlement``: the customer accepts an offer, within its time and once.

    A plan that is active and a promise that is open give way to it.
    """

    kind: Literal["accept_settlement"] = "accept_settlement"
    offer: MessageId
    """The id under which it was offered."""
    how: Acceptance
    """How they said so."""


class WithdrawSettlement(_Message):
    """Update ``withdraw_settlement``: an offer is taken back, accepted or not; the account goes on.

    What was paid stays paid.
    """

    kind: Literal["withdraw_settlement"] = "withdraw_settlement"
    offer: MessageId | None = None
    """The id under which it was offered; without it, whichever stands."""
    reason: Code = "withdrawn"
    """In a few plain words; it is kept in histories, so nothing personal."""


OfSettlement = (
    OfferSettlement | ApproveSettlement | DeclineSettlement | AcceptSettlement | WithdrawSettlement
)
"""Whatever is asked about a settlement."""

Message = Annotated[
    AccountOpened
    | PaymentReceived
    | AccountUpdated
    | DeliveryFailed
    | MessageReceived
    | LawEventReceived
    | Hold
    | Resume
    | Close
    | RecordPromise
    | AgreePlan
    | CancelPlan
    | OpenDispute
    | ResolveDispute
    | BeginHardship
    | ExtendHardship
    | EndHardship
    | OfferSettlement
    | ApproveSettlement
    | DeclineSettlement
    | AcceptSettlement
    | WithdrawSettlement,
    Field(discriminator="kind"),
]
MESSAGE: TypeAdapter[Message] = TypeAdapter(Message)


def body_of(message: Message) -> dict[str, Any]:
    """A message as it is kept, without what it does not say."""
    apart = {"strategy", "attributes"} if isinstance(message, TellsChoosing) else None
    body = message.model_dump(mode="json", by_alias=True, exclude_none=True, exclude=apart)
    return body | message.said_of_choosing() if isinstance(message, TellsChoosing) else body


def other_contents(known: Message, repeated: Message) -> str | None:
    """What to tell the sender of an id that is taken by another message; None: it is the same."""
    if known == repeated:
        return None
    if type(known) is not type(repeated):
        differs = f"as a {known.kind.replace('_', ' ')}"
    else:
        names = [
            name
            for name in type(known).model_fields
            if getattr(known, name) != getattr(repeated, name)
        ]
        differs = f"with another {', '.join(names)}"
    return f"this id is on record {differs}: give each message an id of its own"


class Unread(Model):
    """What came as a message and is none; kept for a person, who may find what it was to say."""

    id: str
    """Derived from what was sent, so that the same again is kept once."""
    name: str
    """Of the signal."""
    problem: str
    sent: str
    """What was sent, as text."""


class Start(TellsChoosing):
    """Input of ``CollectAccount`` as any upstream system sends it (JSON).

    ``creditor`` and ``account_id`` suffice when intake has loaded the account; with the other
    fields the start is itself the update of the facts. Never names, numbers or addresses.
    """

    creditor: Annotated[str, Field(min_length=1, max_length=64)]
    """Code of the creditor; part of the workflow id."""
    account_id: Annotated[str, Field(min_length=1, max_length=64)]
    """The creditor's id of the account; part of the workflow id."""
    customer_id: str | None = None
    """The person, over all accounts and creditors."""
    currency: Currency | None = None
    """ISO 4217, such as `COP`."""
    balance: Amount | None = None
    """What is overdue; zero means cured; a negative one is refused."""
    oldest_due_date: date | None = None
    """Due date of the oldest unpaid instalment: days past due count from here."""
    as_of: Instant | None = None
    """The instant that the figures are from; later payments are subtracted from them."""
    carried: dict[str, object] | None = None
    """Ours alone: what continue-as-new brings along."""
