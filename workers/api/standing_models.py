"""What a customer's record says of plans, of who stands for an account, and of what people did."""

from datetime import date
from decimal import Decimal

from domain.model import Instant
from workers.api.work_models import Answer


class Party(Answer):
    """Who stands for one of their accounts beside them."""

    account: str
    """`<creditor>/<account_id>`."""
    customer_id: str
    """Their id."""
    role: str
    """Guarantor, co-debtor, or authorized."""
    since: date
    """From that day on."""
    until: date | None
    """The last day, where there is one."""
    proof: str | None
    """Where it is written."""


class StandsFor(Answer):
    """An account of somebody else that they stand for."""

    account: str
    """`<creditor>/<account_id>`."""
    role: str
    """Guarantor, co-debtor, or authorized."""
    since: date
    """From that day on."""
    until: date | None
    """The last day, where there is one."""
    proof: str | None
    """Where it is written."""
    debtor: str
    """The id of the customer whose account it is."""
    status: str
    """Of the account: open or closed."""


class PromisePart(Answer):
    """One date of a promise."""

    due_on: date
    """By when."""
    amount: Decimal
    """How much."""


class Keeping(Answer):
    """How many promises were kept and broken, over the accounts that may be seen. A promise of one
    date is one part."""

    kept: int
    """Promises of which all came."""
    broken: int
    """Promises of which a date passed, with its grace, without what was promised by then."""
    open: int
    """Promises that may still be kept."""
    replaced: int
    """Promises that a payment plan took the place of."""
    parts_kept: int
    """Parts that came."""
    parts_broken: int
    """Parts that broke a promise."""


class Instalment(Answer):
    """One instalment of a plan."""

    number: int
    """From 1."""
    due_on: date
    """By when."""
    amount: Decimal
    """How much."""
    open: Decimal
    """What is unpaid of it."""
    state: str
    """Due, late, missed or paid."""


class Plan(Answer):
    """A payment plan."""

    account: str
    """`<creditor>/<account_id>`."""
    plan_id: str
    """Its id."""
    currency: str
    """ISO 4217."""
    agreed_at: Instant
    """When it was agreed."""
    instalments: tuple[Instalment, ...]
    """As they stand, or stood when it ended."""
    grace_days: int
    """Days beyond an instalment's date, after the last of which it is missed."""
    broken_after: int
    """How many have to be missed and unpaid at a time for it to be broken."""
    reaged_after: int | None
    """After how many paid instalments the account is re-aged; none: never."""
    state: str
    """Active, kept, broken, cancelled or replaced."""
    ended_at: Instant | None
    """When it ended."""
    ended_why: str | None
    """Why."""
    paid: Decimal
    """What came until then."""


class SettlementOffer(Answer):
    """Less than the balance that ends the debt if it is paid in one sum."""

    account: str
    """`<creditor>/<account_id>`."""
    offer_id: str
    """Its id."""
    currency: str
    """ISO 4217."""
    balance: Decimal
    """What was owed when it was made."""
    amount: Decimal
    """What is to be paid in place of that."""
    offered_at: Instant
    """When it was made."""
    offered_by: str
    """By whom, by their id."""
    offered_as: str
    """In which role."""
    authorized: Decimal | None
    """The largest discount, in percent, of the authority under which it stands; none: nobody's
    yet."""
    approved_by: str | None
    """Who approved it, where that was asked for: another person."""
    approved_as: str | None
    """In which role."""
    approved_at: Instant | None
    """When."""
    expires_on: date
    """The last day on which it may be accepted."""
    pay_within_days: int
    """Within how many days of its acceptance it is to be paid."""
    grace_days: int
    """Days beyond that, after the last of which it is unpaid."""
    accepted_at: Instant | None
    """When the customer accepted it."""
    accepted_how: str | None
    """By message, call, page, or in person."""
    due_on: date | None
    """The last day on which it is paid in time, once it is accepted."""
    state: str
    """Proposed, offered, accepted, paid, unpaid, lapsed, declined, withdrawn or replaced."""
    ended_at: Instant | None
    """When it ended."""
    ended_why: str | None
    """Why."""
    paid: Decimal
    """What came from its acceptance until then."""


class Dispute(Answer):
    """What they say is wrong with a debt."""

    account: str
    """`<creditor>/<account_id>`."""
    dispute_id: str
    """Its id."""
    reason: str
    """What is wrong, by its code."""
    documents: tuple[str, ...]
    """What they sent, by reference."""
    note: str | None
    """In a few plain words."""
    opened_at: Instant
    """When it was opened."""
    answer_due: date
    """The last day on which it is answered in time."""
    state: str
    """Open, resolved_for, resolved_against, withdrawn or corrected."""
    resolved_at: Instant | None
    """When it was resolved."""
    resolved_why: str | None
    """Why."""
    corrected_at: Instant | None
    """When the account was corrected, where they were right."""


class Hardship(Answer):
    """Why they cannot pay as agreed."""

    account: str
    """`<creditor>/<account_id>`."""
    hardship_id: str
    """Its id."""
    reason: str
    """Why, by its code."""
    began_at: Instant
    """When it began."""
    review_date: date
    """The day on which a person looks again."""
    state: str
    """Active or ended."""
    ended_at: Instant | None
    """When it ended."""
    ended_why: str | None
    """Why."""


class PersonsContact(Answer):
    """A contact that a person made with them."""

    id: str
    """Its id."""
    at: Instant
    """When it began."""
    direction: str
    """Outbound, or inbound where they reached us."""
    action: str
    """What was done, by its code."""
    channel: str
    """By what."""
    address: str | None
    """Where, masked."""
    account: str
    """For which account."""
    covers: tuple[str, ...]
    """The accounts that were spoken of."""
    state: str
    """Begun or ended."""
    result: str | None
    """What came of it, by its code."""
    outcome: str | None
    """What that is to the law."""
    callback_at: Instant | None
    """When they asked to be called."""
    by_whom: str
    """Who did it."""
    note: str | None
    """What that person noted, with `words=true`."""
    against: str | None
    """Why it should not have been made, where something stood against it."""
    against_rule: str | None
    """By which rule."""
    ended_at: Instant | None
    """When its end was told."""


class DeciderOfAttempt(Answer):
    """What decided: a strategy, a law, segments, the templates, or a policy that learns."""

    digest: str
    """By which `ledger decider` shows it as it stood."""
    kind: str | None
    """Null: it is not on record."""
    name: str | None
    """The id of a strategy or policy, the jurisdiction's code, `segments`, or `templates`."""
    version: int | None
    """Of a strategy or a policy: its author's own number."""


class FileOfCustomer(Answer):
    """A file that a customer has sent, by reference."""

    url: str | None
    """Where the provider keeps it; null where that is not told, or not to be shown."""
    type: str | None
    """Its media type, as the provider says."""


class AttachedFile(Answer):
    """A file that a strategy wanted with a message."""

    kind: str
    """What it is to the customer."""
    document_id: str | None
    """Under which id it is listed; null: none is."""
    left_away: str | None
    """Why it did not go along; null: it did."""
