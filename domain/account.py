"""An account (a debt in arrears) and the person who owes it."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from domain.agreements.parts import Instalment, total
from domain.amounts import Money
from domain.channels import Channel
from domain.model import Instant, Key, Model


class AccountStatus(StrEnum):
    """Whether we still collect."""

    OPEN = "open"
    CLOSED = "closed"


class CloseReason(StrEnum):
    """Why an account's workflow ended."""

    CURED = "cured"
    CLOSED = "closed"
    RECALLED = "recalled"
    HANDED_OFF = "handed_off"
    SETTLED = "settled"
    """An accepted settlement is paid: the rest is let go."""


class PointKind(StrEnum):
    """What a contact point is; decides which channels and which law apply to it."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    EMAIL = "email"
    WORK = "work"
    WORK_EMAIL = "work_email"
    UNKNOWN = "unknown"


Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class AccountFacts(Model):
    """What an upstream system says of an account. No personal data: that goes in by intake."""

    creditor: Annotated[Key, Field(min_length=1, max_length=64)]
    account_id: Annotated[Key, Field(min_length=1, max_length=64)]
    customer_id: Annotated[Key, Field(min_length=1, max_length=64)]
    currency: Currency
    balance: Money
    """Amount overdue, in ``currency``; zero means cured; a negative one is refused."""
    oldest_due_date: date
    """Due date of the oldest unpaid instalment: days past due count from here, never from today."""


class Account(AccountFacts):
    """An account as we hold it."""

    status: AccountStatus = AccountStatus.OPEN
    close_reason: CloseReason | None = None
    closed_at: Instant | None = None
    """Older figures do not open it again."""
    hold_until: Instant | None = None
    hold_reason: str | None = None
    strategy: str = "default"
    segment: str | None = None
    """Of the last choice of a strategy; None: none was made by segments."""
    chosen_by: str | None = None
    """What it was chosen by (``domain/segments/choosing.py``); None: nobody has chosen."""
    policy: str | None = None
    """The policy that ranks its ways in the place of the strategy's; None: that one."""
    pinned: str | None = None
    """The strategy that an upstream system wants; None: none."""
    arms: tuple[str, ...] | None = None
    """``<experiment>:<arm>`` of each that its customer is in, by the last plan."""
    balance_as_of: Instant | None = None
    """The instant that ``balance`` was true at; payments since are subtracted from it already."""
    since: Instant | None = None
    """Start of the present delinquency; touches before it belong to an earlier one."""
    score: Decimal | None = None
    """What a model says of it, on the operator's own scale; None: unknown."""
    score_as_of: Instant | None = None
    """The instant that ``score`` was true at."""
    asked_in: str | None = None
    """The phase in which a person was last asked to contact the customer; None: in none."""
    asked_at: Instant | None = None
    """When."""


class PromiseState(StrEnum):
    """A promise is open until its date plus grace, then kept or broken; unless a payment plan takes
    its place."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"
    REPLACED = "replaced"


class Promise(Model):
    """A promise to pay, by one date or several. ``paid`` is what arrived since it was made."""

    promise_id: str
    amount: Money
    """All of it."""
    due_on: date
    """The last date."""
    parts: tuple[Instalment, ...] = ()
    """By date, where there are several."""
    made_at: Instant
    paid: Money = Decimal(0)
    state: PromiseState = PromiseState.OPEN
    settled_at: Instant | None = None
    """When it was found kept or broken, or gave way."""

    @property
    def instalments(self) -> tuple[Instalment, ...]:
        """What was promised by which date, by date: of most promises one."""
        return self.parts or (Instalment(due_on=self.due_on, amount=self.amount),)


def promised(parts: tuple[Instalment, ...]) -> dict[str, object]:
    """The fields of a promise of these dates and sums."""
    several = parts if len(parts) > 1 else ()
    return {"amount": total(parts), "due_on": parts[-1].due_on, "parts": several}


class Payment(Model):
    """Money that arrived on one account."""

    payment_id: str
    amount: Money
    paid_at: Instant


class ContactPoint(Model):
    """An address of a customer on a channel. The address itself never leaves PostgreSQL."""

    contact_point_id: str
    address_id: str = ""
    """The same for every channel and customer that one address serves: a telephone is one thing."""
    channel: Channel
    kind: PointKind = PointKind.UNKNOWN
    consented: bool = False
    suppressed: str | None = None
    """Why this address must not be used on this channel any more (bounced, not in service)."""


class Customer(Model):
    """The person, as planning sees them: where they are and how they may be reached."""

    customer_id: str
    locale: str
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    region: str | None = None
    regions_of_address: tuple[str, ...] = ()
    """ISO 3166-2 codes, and cities with law of their own, where region and ZIP code say."""
    regions_of_phones: tuple[str, ...] = ()
    """The same, where the area codes of the phone numbers say."""
    zones: Annotated[tuple[str, ...], Field(min_length=1)]
    """Candidate IANA zones; a time is lawful when it is lawful in all of them."""
    preferred_channel: Channel | None = None
    points: tuple[ContactPoint, ...] = ()
