"""What is refused at the door, and in which words."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final, get_args

from domain.account import CloseReason
from domain.agreements.admission import cancel_refused, plan_refused
from domain.agreements.arrears import due_refused
from domain.agreements.promising import form_refused, promise_refused
from domain.agreements.terms import PlanTerms
from domain.calendar import local_date
from domain.cases.admission import Standing, case_refused
from domain.entry.bounds import (
    LATEST,
    SKEW,
    fault_of_due_date,
    fault_of_instant,
    fault_of_score,
    fault_within,
)
from domain.entry.ids import fault as fault_of_id
from domain.entry.money import currencies, fault
from domain.facts import (
    LONGEST_ID,
    AccountOpened,
    AccountUpdated,
    AgreedInstalment,
    AgreePlan,
    CancelPlan,
    CaseMessage,
    Close,
    DueInstalment,
    Hold,
    LawEventReceived,
    Message,
    OfSettlement,
    PaymentReceived,
    RecordPromise,
    Resume,
)
from domain.law.request import LawEvent
from domain.ledger import stops
from domain.segments.attributes import Attribute, fault_of_attributes
from domain.segments.telling import AS_IT_IS, TellsChoosing
from domain.strategy import PromisePolicy

REQUESTS: Final = (
    *(Hold, Resume, Close, RecordPromise, AgreePlan, CancelPlan, CaseMessage),
    *get_args(OfSettlement),
)
"""What is asked of an account, and can be refused because of how it stands."""


def refusal(
    message: Message,
    account: tuple[str, Decimal, bool] | None,
    now: datetime,
    policy: PromisePolicy,
    zones: Sequence[str],
    least: Mapping[str, Decimal] | None = None,
    *,
    terms: PlanTerms | None = None,
    plan: str | None = None,
    standing: Standing | None = None,
    choosing: tuple[Collection[str], Mapping[str, Attribute]] | None = None,
) -> str | None:
    """Why a message cannot be taken, naming field and rule; None when it can.

    ``account`` is its currency, balance and whether it is open, or None while unknown. ``least``:
    the operator's least amounts by currency; None: any sum may be promised. ``terms``: what payment
    plans may be agreed; ``plan``: the id of the one that is active. ``standing``: the
    dispute and the hardship that stand. ``choosing``: the strategies that are configured, and the
    attributes that are declared. Bounds are judged here and not
    by the types of ``domain/facts.py``: a workflow reads messages too, and a history in which it
    took one must replay whatever the rule is today.
    """
    rule = (
        _ids_refused(message)
        or _day_refused(message, local_date(now, zones))
        or _instant_refused(message, now)
        or _amount_refused(message, account[0] if account else None)
        or _score_refused(message)
        or _listed_refused(message, local_date(now, zones))
        or (_choosing_refused(message, *choosing) if choosing else None)
    )
    if rule is not None:
        return rule
    asks = isinstance(message, REQUESTS)
    if account is None:
        # An event is its customer's, and nobody knows yet who that is; a stop is kept for them.
        owned = asks or (isinstance(message, LawEventReceived) and message.event.gives_leave)
        owned = owned or (_tells_choosing(message) and not has_figures(message))
        return "the account is not known: load it with `contrapunto intake`" if owned else None
    currency, balance, is_open = account
    if asks and not is_open and not isinstance(message, Close):
        return "the account is closed"
    match message:
        case PaymentReceived(currency=paid) if paid not in (None, currency):
            return f"currency: the account is in {currency}, the payment in {paid}"
        case Hold(until=until) if until <= now:
            return f"until: must lie in the future, {until.isoformat()} does not"
        case RecordPromise():
            return promise_refused(
                message, currency, balance, local_date(now, zones), policy, least
            )
        case AgreePlan():
            bounds = (now, terms or PlanTerms(), zones, least)
            return plan_refused(message, currency, balance, *bounds)
        case CancelPlan():
            return cancel_refused(message, plan)
        case CaseMessage():
            return case_refused(message, standing or Standing(), local_date(now, zones))
        case _:
            pass
    return None


def spelt_otherwise(message: Message, known: Sequence[str], field: str) -> str | None:
    """Why a message cannot be taken whose account, or customer, is not on record but for those that
    are ``known`` under another spelling; None where it means the only one, or nobody is.

    A stop is for all of them.
    """
    if not known:
        return None
    names = ", ".join(known)
    match message:
        case AccountOpened():
            return (
                f"{field}: is on record as {names}: give it as it is there; one that is another "
                "needs an id that differs by more than case, blanks or zeros before it"
            )
        case LawEventReceived(event=event):
            rule = f"{field}: is spelt otherwise: it is {names}: tell that one"
            return rule if event.gives_leave else None
        case _ if len(known) > 1:
            return f"{field}: is spelt otherwise, and may be each of {names}: say which"
        case _:
            return None


def remark(message: Message, now: datetime) -> str | None:
    """What the sender of a message that is taken should know: it counts otherwise than said."""
    match message:
        case LawEventReceived(event=event):
            return remark_on(event, now)
        case PaymentReceived(undated=True):
            return "paid_at: is no date of our years, so it counts as of now"
        case PaymentReceived(paid_at=at) if at is not None and at > now:
            return f"dated ahead ({at.isoformat()}), so it counts as of now"
        case Hold(until=until) if until > LATEST:
            return f"until {LATEST:%Y-%m-%d}, the end of our calendar"
        case _:
            return None


def told_of_debt(message: Message) -> bool:
    """Whether it is told of the debt, under whatever number. A recall is of the number."""
    return not (isinstance(message, Close) and message.close_reason is CloseReason.RECALLED)


def has_figures(message: Message) -> bool:
    """Whether it says how much is due, or since when."""
    match message:
        case AccountOpened(facts=facts):
            return facts is not None
        case AccountUpdated(balance=balance, oldest_due_date=due):
            return balance is not None or due is not None
        case _:
            return False


def fault_of_event(event: LawEvent, now: datetime) -> tuple[str, str] | None:
    """Why a fact with legal weight cannot be taken at ``now``: field and rule; None when it can.

    A stop is taken whatever its date: to refuse it would lose it. What gives leave is not, where
    its date lies further ahead than clocks go wrong.
    """
    if event.recorded_at is not None:
        return "recorded_at", "is ours to say: leave it away"
    if event.gives_leave and event.at - now > SKEW:
        return "at", f"must not lie ahead, {event.at.isoformat()} does (it is {now.isoformat()})"
    return None


def remark_on(event: LawEvent, now: datetime) -> str | None:
    """What the sender of a fact with legal weight should know of its date."""
    if event.undated:
        return "without a date of our years, so it counts as of now"
    if event.known_at(now).undated:
        return "dated more than ten years back, so it counts as of now"
    if event.at <= now:
        return None
    if event.gives_leave:
        return f"dated ahead, so it counts from {event.at.isoformat()}"
    return f"dated ahead ({event.at.isoformat()}), and holds from now all the same"


def understood(message: Message, zones: Sequence[str]) -> tuple[Message, tuple[str, ...]]:
    """A message as it counts, and what its sender should know of how it was read.

    Of a stop the dates are read once more, now that it is known where the customer is.
    """
    if not isinstance(message, LawEventReceived):
        return message, ()
    sent = message.mended or {}
    said = message.event.model_dump(by_alias=True, exclude_none=True)
    dates = {name: value for name, value in sent.items() if name in stops.DATES}
    read = stops.read({**said, **dates}, zones)
    notes = (*read.notes, *stops.told_of(sent))
    event = LawEvent.model_validate(read.said)
    return message.model_copy(update={"event": event}), notes


def keepable(message: Message) -> Message | None:
    """A message with a text that cannot be kept, as it can be; None: it has to be refused.

    A stop is kept without that text.
    """
    if not isinstance(message, LawEventReceived):
        return None
    sent = message.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"mended"})
    said = stops.plainly(sent)
    if said is None:
        return None
    made = LawEventReceived.model_validate(said)
    mended = {**(made.mended or {}), **(message.mended or {})}
    made = made.model_copy(update={"mended": mended})
    return None if unkeepable(made) else made


def of_its_own(message: Message, known: Message | None) -> Message | None:
    """A stop whose id another message has, under an id that no other message has; None: it is the
    one on record, or no stop."""
    if not isinstance(message, LawEventReceived) or message.event.gives_leave:
        return None
    if isinstance(known, LawEventReceived) and stops.same(known.event, message.event):
        return None
    digest = stops.digest(message.event)
    return message.model_copy(
        update={"id": f"{message.id[: LONGEST_ID - len(digest) - 1]}:{digest}"}
    )


def unkeepable(message: Message) -> str | None:
    """Which text of a message cannot be kept, and why: then neither can the message as it is."""
    found = fault_within(message.model_dump(exclude_none=True))
    return None if found is None else f"{found[0]}: {found[1]}"


def _day_refused(message: Message, today: date) -> str | None:
    """Which due date cannot be one."""
    match message:
        case AccountOpened(facts=facts) if facts is not None:
            rule = fault_of_due_date(facts.oldest_due_date, today)
        case AccountUpdated(oldest_due_date=due) if due is not None:
            rule = fault_of_due_date(due, today)
        case _:
            return None
    return None if rule is None else f"oldest_due_date: {rule}"


def _instant_refused(message: Message, now: datetime) -> str | None:
    """Which instant is beyond our calendar; or of facts that cannot be so new."""
    match message:
        case AccountOpened(as_of=at) | AccountUpdated(as_of=at) if at is not None:
            if (rule := fault_of_instant(at)) is not None:
                return f"as_of: {rule}"
            if at - now > SKEW:
                # Taken as it is, it would outdate all that is told until then.
                return f"as_of: must not lie ahead, {at.isoformat()} does (it is {now.isoformat()})"
        case LawEventReceived(event=event):
            found = fault_of_event(event, now)
            return None if found is None else f"event.{found[0]}: {found[1]}"
        case _:
            pass
    return None


def _ids_refused(message: Message) -> str | None:
    """Which id of a start is none."""
    if not isinstance(message, AccountOpened) or message.facts is None:
        return None
    for field in ("creditor", "account_id", "customer_id"):
        if (rule := fault_of_id(getattr(message.facts, field))) is not None:
            return f"{field}: {rule}"
    return None


def _tells_choosing(message: Message) -> bool:
    return isinstance(message, TellsChoosing) and message.tells_choosing


def _choosing_refused(
    message: Message, strategies: Collection[str], declared: Mapping[str, Attribute]
) -> str | None:
    """Which strategy is pinned that is none, or which attribute cannot be kept."""
    if not isinstance(message, TellsChoosing):
        return None
    if message.strategy not in (None, AS_IT_IS) and message.strategy not in strategies:
        return f"strategy: is none that is configured: there are {', '.join(sorted(strategies))}"
    found = fault_of_attributes(message.attributes or {}, declared)
    return None if found is None else f"attributes.{found[0]}: {found[1]}"


def _amount_refused(message: Message, currency: str | None) -> str | None:
    """Which rule the message's amount breaks in its currency, or else the account's."""
    match message:
        case AccountOpened(facts=facts) if facts is not None:
            if facts.currency not in currencies():
                return "currency: must be the code of a currency in use (ISO 4217), such as COP"
            field, amount, currency = "balance", facts.balance, facts.currency
        case AccountUpdated(balance=balance) if balance is not None:
            field, amount = "balance", balance
        case PaymentReceived(amount=paid):
            field, amount, currency = "amount", paid, message.currency or currency
        case RecordPromise(amount=promised) if promised is not None:
            field, amount = "amount", promised
        case RecordPromise(parts=parts):
            return _amounts_refused("parts", parts or (), currency)
        case _:
            return None
    rule = (
        "must not be negative: who owes nothing owes 0" if amount < 0 else fault(amount, currency)
    )
    if rule is None and isinstance(message, AccountUpdated):
        return _amounts_refused("due", message.due or (), currency)
    return None if rule is None else f"{field}: {rule}"


def _score_refused(message: Message) -> str | None:
    """Which rule a score breaks."""
    if not isinstance(message, AccountUpdated) or message.score is None:
        return None
    rule = fault_of_score(message.score)
    return None if rule is None else f"score: {rule}"


def _amounts_refused(
    field: str, listed: Sequence[AgreedInstalment | DueInstalment], currency: str | None
) -> str | None:
    """Which of several amounts breaks a rule, and where it stands."""
    for place, one in enumerate(listed):
        if (rule := fault(one.amount, currency)) is not None:
            return f"{field}.{place}.amount: {rule}"
    return None


def _listed_refused(message: Message, today: date) -> str | None:
    """What a list of dates and sums is refused for, whatever the account is."""
    match message:
        case RecordPromise():
            return form_refused(message)
        case AccountUpdated():
            return due_refused(message, today)
        case _:
            return None
