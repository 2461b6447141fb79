"""What crosses between a workflow and its activities is short, and older workers are thought of."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError
from pydantic_core import to_json

from activities.orders import AccountRef, ContactOrder, told
from domain.channels import Channel, Purpose
from domain.ledger.protocol import may_reserve
from domain.model import Model
from domain.planning.step import Status, Step, StepKind, View

AT = datetime(2026, 12, 5, 10, 50, 34, tzinfo=UTC)
REF = AccountRef(creditor="bank", account_id="A1")
VIEW = View(
    status=Status.COLLECTING,
    phase="mid",
    jurisdiction="US",
    days_past_due=45,
    bucket="31-60",
    balance=Decimal("1500.00"),
    currency="USD",
    shown_as="standing",
    last_contact="SMS reminder, delivered through twilio, Tue 24 Nov 17:13 America/New_York",
)
STEP = Step(
    kind=StepKind.CONTACT,
    not_before=AT,
    not_after=AT.replace(hour=13),
    summary="SMS help to pay 4, opens Sat 05 Dec 05:50 America/New_York, 12 CFR 1006.6(b)(1)(i)",
    why="touch",
    view=VIEW,
    number=7,
    phase="mid",
    touch=4,
    channel=Channel.SMS,
    contact_point_id="35cd28c35ed26231",
    provider="twilio",
    purpose=Purpose.HELP_TO_PAY,
    covers=("bank/A1",),
    rule="us.regf.hours",
    cite="12 CFR 1006.6(b)(1)(i), comment 6(b)(1)(i)-2",
    probability=1.0,
    plans=3,
)
WAIT = Step(kind=StepKind.WAIT, not_before=AT, summary="On hold", why="hold", view=VIEW, plans=4)


class OrderOf02(AccountRef):
    """As workers of 0.2 read an order."""

    step: Step


class ViewOf02(Model):
    """What workers of 0.2 cannot do without."""

    status: Status
    phase: str
    jurisdiction: str
    days_past_due: int
    bucket: str
    balance: Decimal
    currency: str


class StepOf02(Model):
    """The same of a step."""

    kind: StepKind
    not_before: datetime
    summary: str
    why: str
    view: ViewOf02


def _written(value: Model) -> Any:
    return json.loads(to_json(value))


def test_an_order_says_which_contact_is_meant_since_when_and_nothing_else() -> None:
    assert _written(ContactOrder.of("bank", "A1", STEP)) == {
        "creditor": "bank",
        "account_id": "A1",
        "number": 7,
        "meant": STEP.meant,
        "plans": 3,
        "due": _written(STEP)["not_before"],
    }


def test_an_order_and_its_answer_are_short() -> None:
    answer = told(STEP, REF, whole=False)
    assert len(to_json(ContactOrder.of("bank", "A1", answer))) < 120
    assert len(to_json(answer)) < 520


@pytest.mark.parametrize(
    "given",
    [{"step": STEP}, {"step": STEP.model_dump()}, {"step": STEP.model_dump(mode="json")}],
    ids=["object", "fields", "json"],
)
def test_an_order_of_0_2_is_read(given: dict[str, Any]) -> None:
    order = ContactOrder.model_validate({**REF.model_dump(), **given})
    assert (order.number, order.plans, order.due) == (7, 3, STEP.not_before)
    assert may_reserve(STEP, order, AT)


@pytest.mark.parametrize("given", [{}, {"step": None}, {"step": "contact"}, {"step": {}}])
def test_an_order_of_nothing_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ContactOrder.model_validate({**REF.model_dump(), **given})


@pytest.mark.parametrize(
    "other",
    [
        {"number": 8},
        {"channel": Channel.EMAIL},
        {"contact_point_id": "b7cd28c35ed26231"},
        {"purpose": Purpose.REMINDER},
        {"message": "m1"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_another_contact_than_was_ordered_is_not_reserved(other: dict[str, Any]) -> None:
    order = ContactOrder.of("bank", "A1", STEP)
    assert may_reserve(STEP, order, AT)
    assert not may_reserve(STEP.model_copy(update=other), order, AT)


def test_a_short_order_is_none_to_workers_of_0_2_and_a_whole_one_is() -> None:
    short = ContactOrder.of("bank", "A1", told(STEP, REF, whole=False))
    whole = ContactOrder.of("bank", "A1", told(STEP, REF, whole=True))
    with pytest.raises(ValidationError):
        OrderOf02.model_validate_json(to_json(short))
    read = OrderOf02.model_validate_json(to_json(whole)).step
    assert may_reserve(STEP, read, AT) and read.cite == STEP.cite
    assert ContactOrder.model_validate_json(to_json(whole)).number == 7


@pytest.mark.parametrize("step", [STEP, WAIT], ids=["contact", "wait"])
@pytest.mark.parametrize("whole", [False, True], ids=["short", "whole"])
def test_workers_of_0_2_read_every_answer(step: Step, whole: bool) -> None:
    answer = to_json(told(step, REF, whole=whole))
    StepOf02.model_validate_json(answer)
    read = Step.model_validate_json(answer)
    assert (read.kind, read.summary, read.plans) == (step.kind, step.summary, step.plans)
    assert read.view.last_contact == VIEW.last_contact


def test_what_an_account_begins_with_says_how_it_stands() -> None:
    began = told(WAIT, REF, whole=False, began=False)
    assert Step.model_validate_json(to_json(began)).view.shown_as == "standing"


def test_accounts_beside_this_that_a_message_speaks_of_are_told() -> None:
    both = STEP.model_copy(update={"covers": ("bank/A1", "bank/A2")})
    assert told(both, REF, whole=False).covers == ("bank/A1", "bank/A2")
    assert told(STEP, REF, whole=False).covers == ()
