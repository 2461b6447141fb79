"""What a fact does to a situation: pure, and said once.

``store/`` does the same to rows of PostgreSQL, and a property test holds the two to each other
after every fact of many random lives. Whoever explores, tests or simulates uses this.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal

from domain.account import (
    Account,
    AccountFacts,
    AccountStatus,
    CloseReason,
    ContactPoint,
    Payment,
    PromiseState,
)
from domain.agreements.settlement import offers
from domain.agreements.terms import PlanTerms
from domain.cases import ledger as cases
from domain.facts import (
    AccountOpened,
    AccountUpdated,
    AgreePlan,
    CancelPlan,
    Case,
    CaseMessage,
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
from domain.law.request import OF_THE_PERSON, LawEvent
from domain.law.terms import EventKind
from domain.ledger import agreements, plans, stops
from domain.ledger.attempt import (
    IN_DOUBT,
    NOT_REACHED,
    AttemptState,
    Event,
    PastContact,
    RefusalKind,
    is_old_news,
    move,
)
from domain.ledger.call_outcome import CallOutcome, weightier
from domain.names import account_key
from domain.planning.step import Step
from domain.situation import AddressFact, Reply, Situation


def received(
    situation: Situation, fact: Message, at: datetime, terms: PlanTerms | None = None
) -> Situation:
    """The situation of an account once ``fact`` about it is on record, at ``at`` (aware).

    ``terms``: under which a payment plan is agreed. What refuses a fact
    (``domain.ledger.admission``) and what tells a repetition by its id come before.
    """
    match fact:
        case AccountOpened(facts=facts):
            told = situation if facts is None else _opened(situation, facts, fact.as_of or at, at)
            return agreements.reckoned(told)
        case PaymentReceived():
            return agreements.reckoned(_paid(situation, fact, at))
        case AccountUpdated():
            scored = agreements.scored(situation, fact, at)
            told = agreements.due_told(_updated(scored, fact, at), fact, at)
            return agreements.reckoned(told)
        case Hold(until=until, reason=reason):
            return _with_account(situation, hold_until=until, hold_reason=reason)
        case Resume():
            return _with_account(situation, hold_until=None, hold_reason=None)
        case Close():
            return closed(situation, fact.close_reason, at)
        case RecordPromise():
            return agreements.promised(situation, fact, at)
        case AgreePlan() | CancelPlan():
            given_way = offers.replaced(situation) if isinstance(fact, AgreePlan) else situation
            return plans.received(given_way, fact, terms or PlanTerms(), at)
        case CaseMessage():
            return _of_case(situation, fact, at)
        case LawEventReceived(event=event):
            return law_event(situation, event, situation, at)
        case DeliveryFailed() | MessageReceived():
            return situation  # the fact itself came by the provider's door
        case _:
            return situation  # of settlements: domain/agreements/settlement asks the strategy


def received_by_another(
    situation: Situation, fact: Message, at: datetime, told: Situation
) -> Situation:
    """The same for every account but ``told``, which the fact came to.

    What is the person's is heard by all their accounts, what is an address's by all who have it.
    """
    match fact:
        case PaymentReceived() if _same_customer(situation, told):
            payments = (*situation.payments, fact.arrived(at))
            return situation.model_copy(update={"payments": payments})
        case LawEventReceived(event=event):
            return law_event(situation, event, told, at)
        case CaseMessage() if (said := cases.said_by(fact, told.key, at)) is not None:
            return law_event(situation, said, told, at)
        case _:
            return situation


def _of_case(situation: Situation, fact: Case, at: datetime) -> Situation:
    """A request about a dispute or a hardship, and what goes on file with it."""
    made, said = cases.received(situation, fact, at), cases.said_by(fact, situation.key, at)
    return made if said is None else law_event(made, said, situation, at)


def law_event(
    situation: Situation,
    event: LawEvent,
    told: Situation,
    recorded_at: datetime,
    *,
    written: bool = False,
) -> Situation:
    """Something that the law gives weight to is on record for the customer of ``told``.

    Their own accounts hear all of it, another's account what was said of the account, and whoever
    has an address of theirs what was said of the address. ``written``: it was said by a message
    from that very address.
    """
    update: dict[str, object] = {"recorded_at": recorded_at}
    if event.account_id is not None and "/" not in event.account_id:
        # The engine compares keys: an event for "A-1" alone would never be heard.
        update["account_id"] = account_key(told.account.creditor, event.account_id)
    if event.known_at(recorded_at).undated:
        update["at"] = recorded_at
    event = stops.as_heard(event.model_copy(update=update))
    facts = tuple(_address_facts(situation, event, told, written=written))
    if facts:
        known = (*situation.address_facts, *facts)
        situation = situation.model_copy(update={"address_facts": known})
    of_account = event.account_id == situation.key and event.kind not in OF_THE_PERSON
    if not (of_account or _same_customer(situation, told)):
        return situation
    named = _point(told, event.contact_point_id)
    here = None if named is None else _here(situation, named)
    if named is not None and event.kind is EventKind.OPT_IN:
        situation = _consented(situation, named, event)
    if here is not None:
        event = event.model_copy(update={"contact_point_id": here.contact_point_id})
    events = sorted((*situation.law_events, event), key=lambda one: one.at)
    return situation.model_copy(update={"law_events": tuple(events)})


def at_address(
    situation: Situation, event: LawEvent, address_id: str, recorded_at: datetime
) -> Situation:
    """A stop that was said of an address which is none of who said it: whoever has it hears it."""
    at = recorded_at if event.known_at(recorded_at).undated else min(event.at, recorded_at)
    facts = tuple(
        AddressFact(
            contact_point_id=point.contact_point_id,
            channel=stops.as_heard(event).medium,
            at=at,
            since=None,
            stops=True,
        )
        for point in situation.customer.points
        if point.address_id == address_id
    )
    known = (*situation.address_facts, *facts)
    return situation.model_copy(update={"address_facts": known}) if facts else situation


def _address_facts(
    situation: Situation, event: LawEvent, told: Situation, *, written: bool
) -> Iterator[AddressFact]:
    """What an event says of the addresses that this customer has, too."""
    own, recorded = _same_customer(situation, told), event.recorded_at or event.at
    named = _point(told, event.contact_point_id)
    # This customer's own stops are among the events: what lifts them is decided there.
    of_named = {
        EventKind.WRONG_NUMBER: True,
        EventKind.OPT_OUT: not own,
        EventKind.OPT_IN: own or written,
    }.get(event.kind, False)
    of_all = not own and stops.of_all(event)
    is_stop = event.kind is not EventKind.OPT_IN
    for point in situation.customer.points:
        is_named = named is not None and _one_address(point, named)
        if (of_named and is_named) or (of_all and _has(told, point)):
            yield AddressFact(
                contact_point_id=point.contact_point_id,
                channel=event.medium,
                # What lifts a stop was said after it, not only told after it, nor dated after it.
                at=min(event.at, recorded),
                since=None if is_stop else event.at,
                stops=is_stop,
            )


def suppressed(situation: Situation, point: ContactPoint, why: str) -> Situation:
    """An address must not be used on a channel any more, whoever has it: the first reason stays.

    ``point``: as it stands in the record of the customer whom it was used for.
    """
    points = tuple(
        one.model_copy(update={"suppressed": one.suppressed or why})
        if one.channel is point.channel and _one_address(one, point)
        else one
        for one in situation.customer.points
    )
    if points == situation.customer.points:
        return situation
    customer = situation.customer.model_copy(update={"points": points})
    return situation.model_copy(update={"customer": customer})


def _consented(situation: Situation, named: ContactPoint, event: LawEvent) -> Situation:
    """The person has consented to the use of an address: also what no file lists is used then."""
    if event.account_id not in (None, situation.key):
        return situation
    points = tuple(
        one.model_copy(update={"consented": True})
        if _one_address(one, named) and event.medium in (None, one.channel.value)
        else one
        for one in situation.customer.points
    )
    customer = situation.customer.model_copy(update={"points": points})
    return situation.model_copy(update={"customer": customer})


def _same_customer(one: Situation, other: Situation) -> bool:
    return one.account.customer_id == other.account.customer_id


def _one_address(one: ContactPoint, other: ContactPoint) -> bool:
    """Whether two records are of one address, whosever and on whatever channel."""
    if one.contact_point_id == other.contact_point_id:
        return True
    return bool(one.address_id) and one.address_id == other.address_id


def _has(situation: Situation, point: ContactPoint) -> bool:
    return any(_one_address(own, point) for own in situation.customer.points)


def _point(situation: Situation, contact_point_id: str | None) -> ContactPoint | None:
    points = situation.customer.points
    return next((one for one in points if one.contact_point_id == contact_point_id), None)


def _here(situation: Situation, point: ContactPoint) -> ContactPoint | None:
    """How an address stands in this customer's own record: itself, on its channel, on another."""
    found = [own for own in situation.customer.points if _one_address(own, point)]
    return min(
        found,
        key=lambda own: (
            own.contact_point_id != point.contact_point_id,
            own.channel is not point.channel,
            own.contact_point_id,
        ),
        default=None,
    )


def wrote(situation: Situation, reply: Reply) -> Situation:
    """The customer wrote, or called, from an address that is theirs alone."""
    return situation.model_copy(update={"replies": (*situation.replies, reply)})


def closed(situation: Situation, reason: CloseReason, at: datetime) -> Situation:
    """The account is closed, unless it was before: the first reason stays."""
    if situation.account.status is AccountStatus.CLOSED:
        return situation
    return _with_account(situation, status=AccountStatus.CLOSED, close_reason=reason, closed_at=at)


def person_asked(situation: Situation, phase: str, at: datetime) -> Situation:
    """A person is asked to contact the customer, as the strategy has it in a phase."""
    return _with_account(situation, asked_in=phase, asked_at=at)


def promise_settled(
    situation: Situation, promise_id: str, state: PromiseState, at: datetime
) -> Situation:
    """A promise that was open is kept or broken."""
    promises = tuple(
        one.model_copy(update={"state": state, "settled_at": at})
        if one.promise_id == promise_id and one.state is PromiseState.OPEN
        else one
        for one in situation.promises
    )
    return situation.model_copy(update={"promises": promises})


def reserved(
    situation: Situation, step: Step, attempt_id: str, leader: Situation, at: datetime
) -> Situation:
    """An attempt of the account ``leader``, made from a planned contact, is on record.

    It is seen by all accounts of the customer, and by whoever has the address it goes to.
    """
    assert step.channel and step.purpose and step.contact_point_id and step.phase  # noqa: S101
    to = _point(leader, step.contact_point_id)
    here = None if to is None else _here(situation, to)
    own = _same_customer(situation, leader)
    if not own and here is None:
        return situation
    contact = PastContact(
        attempt_id=attempt_id,
        account=leader.key,
        covers=step.covers,
        step=step.number,
        touch=step.touch,
        phase=step.phase,
        purpose=step.purpose,
        channel=step.channel,
        contact_point_id=step.contact_point_id if here is None else here.contact_point_id,
        address_id="" if to is None else to.address_id,
        elsewhere=not own,
        provider=step.provider,
        state=AttemptState.RESERVED,
        at=at,
    )
    update: dict[str, object] = {"contacts": _in_order((*situation.contacts, contact))}
    if leader.key == situation.key:
        update["next_step"] = step.number + 1
    return situation.model_copy(update=update)


def happened(
    situation: Situation,
    attempt_id: str,
    event: Event,
    at: datetime,
    outcome: CallOutcome | None = None,
    refusal: RefusalKind | None = None,
    ask_at: datetime | None = None,
) -> Situation:
    """Something happened to an attempt; what may not follow its state changes nothing of it.

    ``outcome`` (of a call) counts also where the state does not move: the weightiest report stays.
    ``refusal``: of what kind, where nothing was taken or it did not arrive. ``ask_at``: when the
    provider is asked about what is in doubt.
    """
    return _with_attempt(
        situation, attempt_id, lambda one: _moved(one, event, at, outcome, refusal, ask_at)
    )


def asked_again(situation: Situation, attempt_id: str, ask_at: datetime | None) -> Situation:
    """The provider was asked about an attempt in doubt, in vain; ``ask_at``: when next, if ever."""
    return _with_attempt(
        situation,
        attempt_id,
        lambda one: (
            one.model_copy(update={"reconcile_at": ask_at}) if one.state in IN_DOUBT else one
        ),
    )


def _with_attempt(
    situation: Situation, attempt_id: str, change: Callable[[PastContact], PastContact]
) -> Situation:
    contacts = (change(one) if one.attempt_id == attempt_id else one for one in situation.contacts)
    return situation.model_copy(update={"contacts": _in_order(contacts)})


def _moved(
    contact: PastContact,
    event: Event,
    at: datetime,
    outcome: CallOutcome | None,
    refusal: RefusalKind | None,
    ask_at: datetime | None,
) -> PastContact:
    old = is_old_news(contact.state, event, contact.channel, contact.outcome)
    state = move(contact.state, event, old=old)
    update: dict[str, object] = {"outcome": weightier(contact.outcome, outcome)}
    if state is not None:
        update |= {"state": state, "reconcile_at": ask_at}
        if state in NOT_REACHED:
            update["refusal"] = refusal or contact.refusal
        if event is Event.DISPATCH:
            update["at"] = at
    return contact.model_copy(update=update)


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


def may_reopen(account: Account, due: date, as_of: datetime) -> bool:
    """Whether a closed account is collected again if it is told of, as of then, as due since then.

    What was closed or handed off only when a later instalment has fallen due: daily figures go on
    telling of those.
    """
    if account.close_reason is CloseReason.RECALLED:
        return True
    if account.closed_at is not None and account.closed_at > as_of:
        return False
    return account.close_reason is CloseReason.CURED or due > account.oldest_due_date


def _since(account: Account, due: date, at: datetime) -> datetime | None:
    """Since when it is delinquent: a closed account anew, if a later instalment has fallen due."""
    begins = account.status is AccountStatus.CLOSED and due > account.oldest_due_date
    return at if begins else account.since


def _opened(situation: Situation, facts: AccountFacts, as_of: datetime, at: datetime) -> Situation:
    account, due = situation.account, facts.oldest_due_date
    as_of = min(as_of, at)
    if not _newer(account, as_of):
        return situation
    balance = facts.balance - _paid_since(situation, as_of)
    reopens = balance > 0 and may_reopen(account, due, as_of)
    if account.status is AccountStatus.CLOSED and not reopens:
        return situation
    return _with_account(
        situation,
        customer_id=facts.customer_id,
        currency=facts.currency,
        balance=balance,
        balance_as_of=as_of,
        oldest_due_date=due,
        since=_since(account, due, at),
        status=AccountStatus.OPEN,
        close_reason=None,
        closed_at=None,
    )


def _updated(situation: Situation, fact: AccountUpdated, at: datetime) -> Situation:
    account, as_of = situation.account, min(fact.as_of or at, at)
    if not _newer(account, as_of) or (fact.balance is None and fact.oldest_due_date is None):
        return situation
    due = fact.due_since or account.oldest_due_date
    told = None if fact.balance is None else fact.balance - _paid_since(situation, as_of)
    owed = told is not None and told > 0
    if account.status is AccountStatus.CLOSED:
        # What is cured or recalled may be told its new due date first, and its balance then.
        heard = owed or account.close_reason in (CloseReason.CURED, CloseReason.RECALLED)
        if not (heard and may_reopen(account, due, as_of)):
            return situation
    changes: dict[str, object] = {"oldest_due_date": due, "since": _since(account, due, at)}
    if told is not None:
        changes |= {"balance": told, "balance_as_of": as_of}
    if owed:
        changes |= {"status": AccountStatus.OPEN, "close_reason": None, "closed_at": None}
    return _with_account(situation, **changes)


def _paid(situation: Situation, fact: PaymentReceived, at: datetime) -> Situation:
    arrived = fact.arrived(at)
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
            "plans": plans.paid(situation.plans, fact.amount, arrived),
            "offers": offers.paid(situation.offers, fact.amount, arrived),
        }
    )
    account = situation.account
    if account.balance_as_of is not None and arrived <= account.balance_as_of:
        return found  # it is in the balance already
    return _with_account(found, balance=account.balance - fact.amount)
