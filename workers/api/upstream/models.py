"""What upstream systems put, and what they are answered.

Rows are checked as the rows of a file are (``domain/entry/intake.py``), by the same rules in the
same words: what stands here only says which fields there are.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import ConfigDict, Field, WithJsonSchema, create_model

from domain.account import Currency
from domain.entry.intake import IntakeRow, PersonRow
from domain.facts import MessageId
from domain.model import Instant
from workers.api.problems import WrongField
from workers.api.reading import Asked, Text
from workers.api.work_models import Answer
from workers.intake.online import PERSON, Outcome

Cell = Annotated[
    Any,
    WithJsonSchema(
        {"anyOf": [{"type": one} for one in ("string", "number", "array", "null")]},
        mode="validation",
    ),
]
MOST_ROWS: Final = 1_000
Limit = Annotated[int, Field(ge=1, le=500)]
Cursor = Annotated[str, Field(max_length=400)]


class _Put(Asked):
    """The base of what is put as the row of a file."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"additionalProperties": True})

    def cells(self) -> dict[str, Any]:
        """As a row has them."""
        told = self.model_dump(exclude_unset=True, exclude={"as_of"})
        return {name: value for name, value in told.items() if value is not None}


_AS_OF: Final[Any] = (
    Instant | None,
    Field(
        default=None,
        description="The moment that this is from, ISO 8601 with an offset; without it now. What "
        "is on record of a later moment stays, and payments that came later are subtracted again.",
    ),
)


def _cells(names: Mapping[str, str]) -> dict[str, Any]:
    return {name: (Cell, Field(default=None, description=told)) for name, told in names.items()}


def _told(model: type[PersonRow], names: tuple[str, ...]) -> dict[str, str]:
    return {name: model.model_fields[name].description or _UNTOLD[name] for name in names}


_UNTOLD: Final = {
    **dict.fromkeys(IntakeRow.model_fields, "As the column of this name of a file."),
    "creditor": "Code of the creditor.",
    "account_id": "The creditor's id of the account: no name, no number of a person.",
    "customer_id": "The person, over all accounts and creditors.",
    "balance": "What is overdue, such as `1234.50`.",
}
_DEBT: Final = ("currency", "balance", "oldest_due_date", "due", "score")

AccountPut: Any = create_model(
    "AccountPut",
    __base__=_Put,
    __doc__="An account: what is owed, and of whom. The fields are the columns of an intake file, "
    "and so are their rules. Where nothing is said of the person, what is on record of them holds. "
    "Beside them `strategy` and attributes of your own, as in a file.",
    as_of=_AS_OF,
    **_cells(_told(IntakeRow, ("customer_id", *_DEBT, *PERSON))),
)
CustomerPut: Any = create_model(
    "CustomerPut",
    __base__=_Put,
    __doc__="A person, whole: an address that is left away is used no more.",
    as_of=_AS_OF,
    **_cells(_told(PersonRow, PERSON)),
)
BatchRow: Any = create_model(
    "BatchRow",
    __base__=_Put,
    __doc__="One account of a batch, with its ids.",
    **_cells(_told(IntakeRow, ("creditor", "account_id", "customer_id", *_DEBT, *PERSON))),
)
Batch: Any = create_model(
    "Batch",
    __base__=Asked,
    __doc__="Accounts, put together and judged beside each other, as the rows of a file.",
    as_of=_AS_OF,
    rows=(
        Annotated[tuple[BatchRow, ...], Field(min_length=1, max_length=MOST_ROWS)],
        Field(description="At most 1,000. Each has its own answer; a bad one stops no other."),
    ),
)


class PutAnswer(Answer):
    """What became of a put."""

    id: str
    """What was put: `<creditor>/<account_id>`, or the customer's id."""
    outcome: Outcome
    """`created`, `updated`, `unchanged`; `older`: what is on record is newer, and stays."""
    etag: str | None
    """Its version, as the header `ETag`."""


class RowAnswer(Answer):
    """What became of one row of a batch."""

    row: int
    """Its place in `rows`, from 0."""
    status: int
    """As if it had been put alone: 200, 201 or 422."""
    id: str | None
    """`<creditor>/<account_id>`, where both can be read."""
    outcome: Outcome | None
    """What became of it; null where it was refused."""
    etag: str | None
    """Its version."""
    errors: tuple[WrongField, ...]
    """Each field that is wrong."""


class BatchAnswer(Answer):
    """What became of a batch."""

    refused: int
    """How many rows were refused."""
    rows: tuple[RowAnswer, ...]
    """In the order in which they were given."""


class PointKind(StrEnum):
    """The columns of addresses."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    EMAIL = "email"
    WHATSAPP = "whatsapp"


class PointPut(Asked):
    """One more address of a customer, or whether it may be used."""

    kind: PointKind
    """`mobile` takes SMS and calls, `landline` calls."""
    address: Text
    """E.164, or an e-mail address."""
    consents: tuple[Literal["sms", "voice", "whatsapp", "email"], ...] = ()
    """The channels on which it may be used. How consent was proved is told by a consent."""


class ConsentPut(Asked):
    """A consent, or that it is taken back: where it was said, when, and what proves it."""

    id: MessageId
    """Of your choosing: told again under it, nothing is recorded twice."""
    channel: Literal["sms", "voice", "whatsapp", "email"] | None = None
    """For which channel; without it for all."""
    address: Text | None = None
    """For which number or mailbox; without it for all."""
    at: Instant
    """When it was given, ISO 8601 with an offset."""
    granted: bool = True
    """False: it is taken back, and no message goes there any more."""
    source: Annotated[Text, Field(min_length=1, max_length=200)]
    """Where: `web form`, `contract 2026-17`, `call centre`."""
    proof: Annotated[Text, Field(min_length=1, max_length=500)]
    """What proves it and where it is kept: a reference, not the thing."""


class FactPut(Asked):
    """What the law gives weight to, as a line of `contrapunto events`."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"additionalProperties": True})

    id: MessageId
    """Of your choosing: told again under it, nothing is recorded twice."""
    kind: Text
    """What happened: `cease`, `opt_out`, `attorney`, `bankruptcy`, `death`, `dispute` ... as in the
    reference of events."""

    def said(self) -> dict[str, Any]:
        """As a line has it."""
        return self.model_dump(mode="json", exclude={"id"}, exclude_unset=True)


class FactAnswer(Answer):
    """A fact on record."""

    id: str
    """As it was given."""
    new: bool
    """Whether it was not on record before."""
    notes: tuple[str, ...]
    """How it counts, where that is not as it was said; empty for who sees some creditors only."""


class PaymentPut(Asked):
    """Money has arrived."""

    id: MessageId
    """Of your choosing: told again under it, nothing counts twice."""
    amount: Annotated[str, Field(pattern=r"^[0-9]{1,16}(\.[0-9]{1,2})?$")]
    """What arrived, more than nothing: `50000.00`."""
    currency: Currency | None = None
    """ISO 4217; where it is said, it must be the account's."""
    paid_at: Instant | None = None
    """When; without it now."""


class PaymentAnswer(Answer):
    """A payment that the account's workflow has."""

    id: str
    """As it was given."""
    account: str
    """`<creditor>/<account_id>`, as it is called by now."""


class AccountsWanted(Asked):
    """Which accounts."""

    creditor: Text | None = None
    """Of one creditor only."""
    status: Literal["open", "closed"] | None = None
    """Only those that are collected, or only those that are not."""
    customer: Text | None = None
    """Of one customer only."""
    limit: Limit = 100
    """At most so many."""
    cursor: Cursor | None = None
    """`next` of the page before, with the same filters."""


class PageWanted(Asked):
    """Which page."""

    limit: Limit = 100
    """At most so many."""
    cursor: Cursor | None = None
    """`next` of the page before."""


class AccountState(Answer):
    """How an account stands."""

    account: str
    """`<creditor>/<account_id>`."""
    customer_id: str
    """Whose it is."""
    currency: str
    """ISO 4217."""
    balance: Decimal
    """What is owed by now."""
    balance_as_of: datetime
    """The moment that it is from."""
    oldest_due_date: str
    """Days past due count from here."""
    status: str
    """`open` or `closed`."""
    close_reason: str | None
    """Why it is collected no more."""
    phase: str | None
    """The phase of its strategy."""
    state: str | None
    """What it is at: `planned`, `silenced`, ..."""
    hold_until: datetime | None
    """Until when it is held."""
    strategy: str | None
    """By which it is collected."""
    formerly: tuple[str, ...]
    """Ids that it had before."""


class AccountPage(Answer):
    """Accounts, by creditor and id."""

    items: tuple[AccountState, ...]
    """The page."""
    next: str | None
    """`cursor` of the page after it; null: there is none."""


class NextStep(Answer):
    """What comes next for an account, as it was planned last."""

    account: str
    """`<creditor>/<account_id>`."""
    kind: str | None
    """`contact`, `wait`, `end` ...; null: nothing is planned yet."""
    at: datetime | None
    """When, at the earliest."""
    summary: str | None
    """In words, with the rule that made it so."""


class Happening(Answer):
    """One thing that happened."""

    at: datetime
    """When."""
    kind: str
    """What kind of thing."""
    account: str | None
    """Of which account; null: of all of the customer's."""
    what: str
    """In words of ours, never a customer's."""


class TimelinePage(Answer):
    """What happened, the oldest first."""

    items: tuple[Happening, ...]
    """The page."""
    next: str | None
    """`cursor` of the page after it; null: there is none yet."""


class Contact(Answer):
    """One line of the ledger: a contact, reserved, sent or refused."""

    attempt_id: str
    """Its id."""
    account: str
    """`<creditor>/<account_id>`."""
    channel: str
    """By which it went."""
    purpose: str
    """What it was for."""
    phase: str | None
    """The phase it was planned in."""
    state: str
    """`reserved`, `dispatched`, `settled` ..."""
    outcome: str | None
    """What came of it."""
    refusal: str | None
    """Why it was not sent."""
    provider: str | None
    """Who carried it."""
    reserved_at: datetime
    """When it was taken up."""
    dispatched_at: datetime | None
    """When it was handed to the provider."""
    settled_at: datetime | None
    """When its outcome was known."""
    cite: str | None
    """The law that set its time."""


class LedgerPage(Answer):
    """The ledger of an account, the oldest first."""

    items: tuple[Contact, ...]
    """The page."""
    next: str | None
    """`cursor` of the page after it; null: there is none yet."""


class ContactPoint(Answer):
    """An address of a customer."""

    channel: str
    """On which it is used."""
    kind: str
    """What it is."""
    address: str
    """Masked."""
    current: bool
    """Whether it is used at all."""


class ContactPoints(Answer):
    """The addresses of a customer, masked."""

    customer_id: str
    """Whose."""
    items: tuple[ContactPoint, ...]
    """All of them, also those that are used no more."""


class Consent(Answer):
    """A consent as it was told."""

    id: str
    """As it was given."""
    channel: str | None
    """For which channel; null: all."""
    source: str
    """Where."""
    proof: str
    """What proves it."""
    at: datetime
    """When it was given."""


class Consents(Answer):
    """What proves a customer's consents."""

    items: tuple[Consent, ...]
    """The newest first."""
