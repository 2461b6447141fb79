"""Both sides of every rule at the door."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from domain.account import CloseReason
from domain.facts import (
    MESSAGE,
    AccountOpened,
    AccountUpdated,
    Close,
    DeliveryFailed,
    Hold,
    Message,
    MessageReceived,
    PaymentReceived,
    RecordPromise,
    Resume,
)
from domain.ledger.admission import refusal
from domain.strategy import PromisePolicy

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
"""22:00 on the 22nd in Bogota."""
BOGOTA = ("America/Bogota",)
OPEN = ("COP", Decimal("100.00"), True)
CLOSED = ("COP", Decimal("100.00"), False)
POLICY = PromisePolicy()


def asked(message: Message, account: Any = OPEN, zones: tuple[str, ...] = BOGOTA) -> str | None:
    return refusal(message, account, NOW, POLICY, zones)


def promise(amount: str = "50.00", due: date = date(2026, 11, 30)) -> RecordPromise:
    return RecordPromise(id="p", amount=Decimal(amount), date=due)


def hold(until: datetime = NOW + timedelta(days=1)) -> Hold:
    return Hold(id="h", until=until, reason="dispute")


FACTS = (
    AccountOpened(id="1"),
    PaymentReceived(id="1", amount=Decimal(1)),
    AccountUpdated(id="1", balance=Decimal(1)),
    DeliveryFailed(id="1", attempt_id="a"),
    MessageReceived(id="1", channel="sms"),
)
REQUESTS = (hold(), Resume(id="r"), Close(id="c"), promise())


@pytest.mark.parametrize("account", [OPEN, CLOSED, None])
@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.kind)
def test_a_fact_that_has_happened_is_never_refused(fact: Message, account: Any) -> None:
    assert asked(fact, account) is None


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: request.kind)
def test_a_request_is_taken_on_an_open_account_only(request_: Message) -> None:
    assert asked(request_, OPEN) is None
    assert "contrapunto intake" in str(asked(request_, None))
    if not isinstance(request_, Close):
        assert asked(request_, CLOSED) == "the account is closed"


def test_closing_twice_is_no_mistake() -> None:
    assert asked(Close(id="c"), CLOSED) is None


@pytest.mark.parametrize(
    ("currency", "refused"),
    [(None, None), ("COP", None), ("USD", "currency: the account is in COP, the payment in USD")],
)
def test_a_payment_is_in_the_accounts_currency(currency: str | None, refused: str | None) -> None:
    assert asked(PaymentReceived(id="1", amount=Decimal(1), currency=currency)) == refused


def test_a_hold_ends_in_the_future() -> None:
    assert asked(hold(NOW + timedelta(seconds=1))) is None
    assert str(asked(hold(NOW))).startswith("until: must lie in the future")


def test_a_promise_is_at_most_the_balance() -> None:
    assert asked(promise("100.00")) is None
    assert asked(promise("100.01")) == ("amount: must not be more than the balance, 100.00 COP")


def test_a_promise_is_for_the_customers_today_at_the_earliest() -> None:
    assert asked(promise(due=date(2026, 11, 22))) is None
    assert "date: must not lie in the past" in str(asked(promise(due=date(2026, 11, 21))))
    further_east = ("Asia/Tokyo",)
    assert "today is 2026-11-23" in str(asked(promise(due=date(2026, 11, 22)), OPEN, further_east))


def test_a_promise_lies_no_further_ahead_than_the_strategy_allows() -> None:
    last = date(2026, 11, 22) + timedelta(days=60)
    assert asked(promise(due=last)) is None
    assert asked(promise(due=last + timedelta(days=1))) == (
        f"date: at most 60 days ahead, {last + timedelta(days=1)} is 61"
    )


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("recalled", CloseReason.RECALLED),
        ("closed", CloseReason.CLOSED),
        ("sold to another", CloseReason.CLOSED),
    ],
)
def test_only_a_recall_is_a_recall(reason: str, kind: CloseReason) -> None:
    assert Close(id="c", reason=reason).close_reason is kind


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({"kind": "payment_received", "id": "1", "amount": "0"}, "amount"),
        ({"kind": "payment_received", "id": "1", "amount": "-1"}, "amount"),
        ({"kind": "payment_received", "id": "1", "amount": "1.001"}, "amount"),
        ({"kind": "payment_received", "id": "", "amount": "1"}, "id"),
        ({"kind": "payment_received", "id": "a b", "amount": "1"}, "id"),
        ({"kind": "payment_received", "amount": "1"}, "id"),
        ({"kind": "payment_received", "id": "1", "amount": "1", "currency": "cop"}, "currency"),
        ({"kind": "hold", "id": "1", "until": "2026-11-30T00:00:00", "reason": "x"}, "until"),
        ({"kind": "hold", "id": "1", "until": "2026-11-30T00:00:00Z", "reason": "a@b.c"}, "reason"),
        ({"kind": "record_promise", "id": "1", "amount": "1", "date": "tomorrow"}, "date"),
        ({"kind": "message_received", "id": "1", "channel": "pigeon"}, "channel"),
    ],
)
def test_a_malformed_message_is_refused_by_its_field(payload: dict[str, str], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        MESSAGE.validate_python(payload)
    assert field in {str(detail["loc"][-1]) for detail in refused.value.errors()}


def test_fields_of_a_newer_version_are_no_mistake() -> None:
    payload = {"kind": "resume", "id": "1", "asked_by": "somebody"}
    assert MESSAGE.validate_python(payload) == Resume(id="1")
