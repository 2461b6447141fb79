"""What is refused at the door, and in which words."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from domain.calendar import local_date
from domain.facts import (
    AccountOpened,
    AccountUpdated,
    Close,
    Hold,
    LawEventReceived,
    Message,
    PaymentReceived,
    RecordPromise,
    Resume,
)
from domain.ids import fault as fault_of_id
from domain.money import currencies, fault
from domain.strategy import PromisePolicy


def refusal(
    message: Message,
    account: tuple[str, Decimal, bool] | None,
    now: datetime,
    policy: PromisePolicy,
    zones: Sequence[str],
) -> str | None:
    """Why a message cannot be taken, naming field and rule; None when it can.

    ``account`` is its currency, balance and whether it is open, or None while unknown. Amounts and
    ids are judged here and not by the types of ``domain/facts.py``: a workflow reads messages too,
    and a history in which it took one must replay whatever the rule is today.
    """
    rule = _ids_refused(message) or _amount_refused(message, account[0] if account else None)
    if rule is not None:
        return rule
    asks = isinstance(message, Hold | Resume | Close | RecordPromise)
    if account is None:
        # An event is its customer's, and nobody knows yet who that is.
        owned = asks or isinstance(message, LawEventReceived)
        return "the account is not known: load it with `contrapunto intake`" if owned else None
    currency, balance, is_open = account
    if asks and not is_open and not isinstance(message, Close):
        return "the account is closed"
    match message:
        case PaymentReceived(currency=paid) if paid not in (None, currency):
            return f"currency: the account is in {currency}, the payment in {paid}"
        case Hold(until=until) if until <= now:
            return f"until: must lie in the future, {until.isoformat()} does not"
        case RecordPromise(amount=amount) if amount > balance:
            return f"amount: must not be more than the balance, {balance} {currency}"
        case RecordPromise(date=due):
            today = local_date(now, zones)
            if due < today:
                return f"date: must not lie in the past, {due} does (today is {today})"
            if (due - today).days > policy.max_days:
                return f"date: at most {policy.max_days} days ahead, {due} is {(due - today).days}"
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
        case RecordPromise(amount=promised):
            field, amount = "amount", promised
        case _:
            return None
    rule = fault(amount, currency)
    return None if rule is None else f"{field}: {rule}"
