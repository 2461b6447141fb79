"""What a fact does to a situation: pure, and said once.

``store/`` does the same to rows of PostgreSQL, and a property test holds the two to each other
after every fact of many random lives. Whoever explores, tests or simulates uses this.
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from domain.account import (
    Account,
    AccountFacts,
    AccountStatus,
    CloseReason,
    Payment,
    Promise,
    PromiseState,
)
from domain.facts import (
    AccountOpened,
    AccountUpdated,
    Close,
    DeliveryFailed,
    Hold,
    LawEventReceived,
    Message,
    MessageReceived,
    PaymentReceived,
    RecordPromise,
    Resume,
)
from domain.law.request import LawEvent
from domain.ledger.attempt import AttemptState, Event, PastContact, move, reached_person
from domain.ledger.call_outcome import CallOutcome, weightier
from domain.names import account_key
from domain.planning.step import Step
from domain.situation import Reply, Situation


def received(situation: Situation, fact: Message, at: datetime) -> Situation:
    """The situation of an account once ``fact`` about it is on record, at ``at`` (aware).

    What refuses a fact (``domain.ledger.admission``) and what tells a repetition by its id come
    before.
    """
    match fact:
        case AccountOpened(facts=facts, as_of=as_of):
            moment = min(as_of or at, at)
            return situation if facts is None else _opened(situation, facts, moment, at)
        case PaymentReceived():
            return _paid(situation, fact, at)
        case AccountUpdated():
            return _updated(situation, fact, at)
        case Hold(until=until, reason=reason):
            return _with_account(situation, hold_until=until, hold_reason=reason)
        case Resume():
            return _with_account(situation, hold_until=None, hold_reason=None)
        case Close():
            return closed(situation, fact.close_reason)
        case RecordPromise(id=name, amount=amount, date=due):
            return _promised(situation, name, amount, due, at)
        case LawEventReceived(event=event):
            return law_event(situation, event, situation.account.creditor, at)
        case DeliveryFailed() | MessageReceived():
            return situation  # the fact itself came by the provider's door


def received_by_another(
    situation: Situation, fact: Message, at: datetime, creditor: str
) -> Situation:
    """The same for the customer's other accounts: what is the person's is heard by all of them.

    ``creditor`` is that of the account that was told.
    """
    match fact:
        case PaymentReceived(paid_at=paid_at):
            arrived = min(paid_at or at, at)
            return situation.model_copy(update={"payments": (*situation.payments, arrived)})
        case LawEventReceived(event=event):
            return law_event(situation, event, creditor, at)
        case _:
            return situation


def law_event(
    situation: Situation, event: LawEvent, creditor: str, recorded_at: datetime
) -> Situation:
    """Something that the law gives weight to is on record for the customer.

    ``creditor``: whose account is meant where the event names one by its bare id.
    """
    if event.account_id is not None and "/" not in event.account_id:
        # The engine compares keys: an event for "A-1" alone would never be heard.
        key = account_key(creditor, event.account_id)
        event = event.model_copy(update={"account_id": key})
    event = event.model_copy(update={"recorded_at": recorded_at})
    events = sorted((*situation.law_events, event), key=lambda one: one.at)
    return situation.model_copy(update={"law_events": tuple(events)})


def wrote(situation: Situation, reply: Reply) -> Situation:
    """The customer wrote, or called, from an address that is theirs alone."""
    return situation.model_copy(update={"replies": (*situation.replies, reply)})


def closed(situation: Situation, reason: CloseReason) -> Situation:
    """The account is closed, unless it was before: the first reason stays."""
    if situation.account.status is AccountStatus.CLOSED:
        return situation
    return _with_account(situation, status=AccountStatus.CLOSED, close_reason=reason)


def promise_settled(situation: Situation, promise_id: str, state: PromiseState) -> Situation:
    """A promise that was open is kept or broken."""
    promises = tuple(
        one.model_copy(update={"state": state})
        if one.promise_id == promise_id and one.state is PromiseState.OPEN
        else one
        for one in situation.promises
    )
    return situation.model_copy(update={"promises": promises})


def reserved(
    situation: Situation, step: Step, attempt_id: str, leader: str, at: datetime
) -> Situation:
    """An attempt of the account ``leader`` (a key), made from a planned contact, is on record."""
    assert step.channel and step.purpose and step.contact_point_id and step.phase  # noqa: S101
    contact = PastContact(
        attempt_id=attempt_id,
        account=leader,
        covers=step.covers,
        step=step.number,
        touch=step.touch,
        phase=step.phase,
        purpose=step.purpose,
        channel=step.channel,
        contact_point_id=step.contact_point_id,
        address_id=_address_id(situation, step.contact_point_id),
        provider=step.provider,
        state=AttemptState.RESERVED,
        at=at,
    )
    update: dict[str, object] = {"contacts": _in_order((*situation.contacts, contact))}
    if leader == situation.key:
        update["next_step"] = step.number + 1
    return situation.model_copy(update=update)


def _address_id(situation: Situation, contact_point_id: str) -> str:
    points = situation.customer.points
    return next((p.address_id for p in points if p.contact_point_id == contact_point_id), "")


def happened(
    situation: Situation,
    attempt_id: str,
    event: Event,
    at: datetime,
    outcome: CallOutcome | None = None,
) -> Situation:
    """Something happened to an attempt; what may not follow its state changes nothing of it.

    ``outcome`` (of a call) counts also where the state does not move: the weightiest report stays.
    """
    return situation.model_copy(
        update={
            "contacts": _in_order(
                _moved(one, event, at, outcome) if one.attempt_id == attempt_id else one
                for one in situation.contacts
            )
        }
    )


def _moved(
    contact: PastContact, event: Event, at: datetime, outcome: CallOutcome | None
) -> PastContact:
    reached = reached_person(contact.state, contact.channel, contact.outcome)
    state = move(contact.state, event, reached=reached) or contact.state
    update = {"state": state, "outcome": weightier(contact.outcome, outcome)}
    return contact.model_copy(update=update | ({"at": at} if event is Event.DISPATCH else {}))


def _in_order(contacts: Iterable[PastContact]) -> tuple[PastContact, ...]:
    return tuple(sorted(contacts, key=lambda one: (one.at, one.step)))


def _with_account(situation: Situation, **changes: object) -> Situation:
    account = situation.account.model_copy(update=changes)
    return situation.model_copy(update={"account": account})


def _newer(account: Account, as_of: datetime) -> bool:
    """Whether figures of ``as_of`` may replace what is known."""
    return account.balance_as_of is None or account.balance_as_of <= as_of


def _paid_since(situation: Situation, as_of: datetime) -> Decimal:
    paid = (one.amount for one in situation.own_payments if one.paid_at > as_of)
    return sum(paid, Decimal(0))


def _opened(situation: Situation, facts: AccountFacts, as_of: datetime, at: datetime) -> Situation:
    account = situation.account
    if not _newer(account, as_of):
        return situation
    return _with_account(
        situation,
        customer_id=facts.customer_id,
        currency=facts.currency,
        balance=facts.balance - _paid_since(situation, as_of),
        balance_as_of=as_of,
        oldest_due_date=facts.oldest_due_date,
        since=at if account.status is AccountStatus.CLOSED else account.since,
        status=AccountStatus.OPEN,
        close_reason=None,
    )


def _updated(situation: Situation, fact: AccountUpdated, at: datetime) -> Situation:
    account, as_of = situation.account, min(fact.as_of or at, at)
    if not _newer(account, as_of) or (fact.balance is None and fact.oldest_due_date is None):
        return situation
    changes: dict[str, object] = {}
    if fact.oldest_due_date is not None:
        changes["oldest_due_date"] = fact.oldest_due_date
    if fact.balance is not None:
        changes["balance"] = fact.balance - _paid_since(situation, as_of)
        changes["balance_as_of"] = as_of
        if fact.balance > 0:
            if account.status is AccountStatus.CLOSED:
                changes["since"] = at
            changes |= {"status": AccountStatus.OPEN, "close_reason": None}
    return _with_account(situation, **changes)


def _paid(situation: Situation, fact: PaymentReceived, at: datetime) -> Situation:
    # A payment is never older than the day it reaches us says, nor from the future.
    arrived = min(fact.paid_at or at, at)
    payment = Payment(payment_id=fact.id, amount=fact.amount, paid_at=arrived)
    payments = sorted(
        (*situation.own_payments, payment), key=lambda one: (one.paid_at, one.payment_id)
    )
    promises = tuple(
        one.model_copy(update={"paid": one.paid + fact.amount}) if arrived >= one.made_at else one
        for one in situation.promises
    )
    found = situation.model_copy(
        update={
            "own_payments": tuple(payments),
            "payments": (*situation.payments, arrived),
            "promises": promises,
        }
    )
    account = situation.account
    if account.balance_as_of is not None and arrived <= account.balance_as_of:
        return found  # it is in the balance already
    return _with_account(found, balance=account.balance - fact.amount)


def _promised(
    situation: Situation, name: str, amount: Decimal, due: date, at: datetime
) -> Situation:
    paid = (one.amount for one in situation.own_payments if one.paid_at >= at)
    promise = Promise(
        promise_id=name, amount=amount, due_on=due, made_at=at, paid=sum(paid, Decimal(0))
    )
    return situation.model_copy(update={"promises": (*situation.promises, promise)})
