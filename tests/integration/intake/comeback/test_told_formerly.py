"""What is told under a number that a debt had before counts for the account that has it now."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from activities.dependencies import Dependencies
from activities.orders import Answer
from domain.account import CloseReason
from domain.channels import Purpose
from domain.ledger.attempt import AttemptState
from domain.names import workflow_id
from domain.planning.step import StepKind
from lab.builders.parts import dependencies_for, settings_for
from store.provider_events import ProviderEvents
from store.settlements import Settling
from tests.integration.intake.comeback.test_joined import ONE, TWO, joined
from tests.integration.intake.comeback.test_taken_back import BEGAN, take
from tests.integration.intake.desk import DAY, Desk
from tests.integration.intake.test_renumbered import AS_OF, LATER, NOW, owed, said
from tests.support.activities import Actor

BANK = "banco-andino"
_runs = count()
TOLD = LATER + timedelta(hours=1)
HOLD = {"kind": "hold", "until": (NOW + 60 * DAY).isoformat(), "reason": "ill"}
PROMISE = {"kind": "record_promise", "amount": "1000", "date": str((NOW + 9 * DAY).date())}
SAID: dict[str, dict[str, Any]] = {
    "a payment": {"kind": "payment_received", "amount": "1000"},
    "a promise": PROMISE,
    "a hold": HOLD,
    "an end": {"kind": "close", "reason": "fraud"},
    **{
        kind: {"kind": "law_event", "event": {"kind": kind, "at": TOLD.isoformat()}}
        for kind in ("dispute", "cease", "attorney")
    },
}
WAYS: dict[str, tuple[list[str], str]] = {
    "renumbered": (["A1", "N1"], "A1"),
    "renumbered twice": (["A1", "N1", "M1"], "A1"),
    "taken back": (["A1", "N1", "A1"], "N1"),
    "taken back, by another": (["A1", "N1", "M1", "A1"], "N1"),
    "round and round": (["A1", "N1", "M1", "A1", "N1"], "M1"),
}
"""The numbers that the debt has had, one after the other, and under which it is told."""


@pytest.fixture
async def dependencies(desk: Desk) -> AsyncIterator[Dependencies]:
    with dependencies_for(desk.pool, settings_for("http://127.0.0.1:9")) as made:
        yield made


async def renumbered(desk: Desk, numbers: list[str], **cells: str) -> None:
    for nth, name in enumerate(numbers):
        as_of = BEGAN + (LATER - BEGAN) * nth / (len(numbers) - 1)
        await take(desk, as_of, owed(name, balance="1000", **cells))


async def told(
    dependencies: Dependencies, number: str, said: dict[str, Any], name: str = "m1"
) -> Answer:
    """Its answer, an hour after the last file."""
    actor = Actor(dependencies, number, BANK, runs=next(_runs))
    [answer] = (await actor.record(TOLD, {"id": name, **said})).answers
    return answer


@pytest.mark.parametrize("kind", SAID)
@pytest.mark.parametrize("way", WAYS)
async def test_what_is_told_under_a_former_number_is_told_of_the_debt(
    desk: Desk, dependencies: Dependencies, way: str, kind: str
) -> None:
    numbers, former = WAYS[way]
    await renumbered(desk, numbers)
    before = await desk.plan(NOW, numbers[-1])
    assert before.kind is StepKind.CONTACT
    answer = await told(dependencies, former, SAID[kind])
    assert answer.refused is None
    assert f"{BANK}/{numbers[-1]}" in (answer.note or "")
    after = await desk.plan(NOW, numbers[-1])
    is_reminder = after.purpose is Purpose.PROMISE_REMINDER
    assert after.kind is not StepKind.CONTACT or (kind == "a promise" and is_reminder)


async def test_money_told_under_both_numbers_has_come_once(
    desk: Desk, dependencies: Dependencies
) -> None:
    await renumbered(desk, ["A1", "N1"])
    paid = {"kind": "payment_received", "amount": "300"}
    first = await told(dependencies, "A1", paid)
    second = await told(dependencies, "N1", paid)
    again = await told(dependencies, "A1", paid)
    assert (await desk.account("N1"))["balance"] == Decimal(700)
    assert (first.repeated, second.repeated, again.repeated) == (False, False, True)
    assert "on record already" in (second.note or "")


async def test_money_told_before_the_renumbering_has_come_once(
    desk: Desk, dependencies: Dependencies
) -> None:
    await take(desk, BEGAN, owed("A1", balance="1000"))
    paid = {"kind": "payment_received", "amount": "300", "paid_at": TOLD.isoformat()}
    await Actor(dependencies, "A1", BANK).record(TOLD, {"id": "y", **paid})
    await take(desk, LATER, owed("N1", balance="1000"))
    await told(dependencies, "N1", paid, "y")
    assert (await desk.account("N1"))["balance"] == Decimal(700)


async def test_a_hold_is_lifted_under_the_number_that_it_was_asked_under(
    desk: Desk, dependencies: Dependencies
) -> None:
    await renumbered(desk, ["A1", "N1"])
    await told(dependencies, "A1", HOLD)
    assert (await desk.account("N1"))["hold_until"] is not None
    answer = await told(dependencies, "A1", {"kind": "resume"}, "m2")
    assert answer.refused is None
    assert (await desk.account("N1"))["hold_until"] is None


async def test_the_recall_of_a_former_number_is_none_of_the_debt(
    desk: Desk, dependencies: Dependencies
) -> None:
    await renumbered(desk, ["A1", "N1"])
    await told(dependencies, "A1", {"kind": "close", "reason": "recalled"})
    assert (await desk.account("N1"))["status"] == "open"


async def test_what_is_told_of_a_part_is_told_of_the_whole(
    desk: Desk, dependencies: Dependencies
) -> None:
    await take(desk, BEGAN, ONE, TWO)
    await take(desk, LATER, joined())
    await told(dependencies, "A1", {"kind": "payment_received", "amount": "50"}, "p1")
    await told(dependencies, "A2", {"kind": "payment_received", "amount": "40"}, "p2")
    assert (await desk.account("N1"))["balance"] == Decimal(1210)


@pytest.mark.parametrize(
    "figures",
    [
        {"kind": "account_updated", "balance": "800", "as_of": TOLD.isoformat()},
        {
            "kind": "account_opened",
            "as_of": TOLD.isoformat(),
            "facts": {
                "creditor": BANK,
                "account_id": "A1",
                "customer_id": "C1",
                "currency": "COP",
                "balance": "800",
                "oldest_due_date": "2026-11-10",
            },
        },
    ],
)
async def test_figures_under_a_former_number_do_not_make_two_debts_of_one(
    desk: Desk, dependencies: Dependencies, figures: dict[str, Any]
) -> None:
    await renumbered(desk, ["A1", "N1"])
    await told(dependencies, "N1", HOLD)
    answer = await told(dependencies, "A1", figures, "m2")
    assert f"{BANK}/N1" in (answer.note or "")
    assert (await desk.account("A1"))["status"] == "closed"
    assert (await desk.account("N1"))["balance"] == Decimal(1000)


async def test_a_debt_that_is_over_under_both_numbers_opens_as_it_did_before(
    desk: Desk, dependencies: Dependencies
) -> None:
    await renumbered(desk, ["A1", "N1"])
    await told(dependencies, "N1", {"kind": "payment_received", "amount": "1000"})
    await Actor(dependencies, "N1", BANK).planned(TOLD + DAY)
    assert (await desk.account("N1"))["close_reason"] == CloseReason.CURED
    later = {"kind": "account_updated", "balance": "800", "as_of": (TOLD + 2 * DAY).isoformat()}
    await Actor(dependencies, "A1", BANK).record(TOLD + 2 * DAY, {"id": "m2", **later})
    assert (await desk.account("A1"))["status"] == "open"


async def test_an_event_that_names_a_former_number_says_what_it_is_now(
    desk: Desk, dependencies: Dependencies
) -> None:
    await renumbered(desk, ["A1", "N1"])
    event = {"kind": "dispute", "at": TOLD.isoformat(), "account_id": "A1"}
    answer = await told(dependencies, "N1", {"kind": "law_event", "event": event})
    assert f"{BANK}/N1" in (answer.note or "")
    assert (await desk.plan(NOW, "N1")).kind is StepKind.WAIT


async def test_a_stop_under_the_former_number_is_heard_where_the_debt_has_gone(
    desk: Desk, dependencies: Dependencies
) -> None:
    """To another customer, after it was renumbered."""
    await renumbered(desk, ["A1", "N1"])
    luis = {"name": "Luis Gómez", "mobile": "+573990000077", "email": "luis@example.com"}
    await take(desk, LATER + timedelta(minutes=1), owed("N1", customer_id="L1", **luis))
    assert (await desk.plan(NOW, "N1")).kind is StepKind.CONTACT
    await told(dependencies, "A1", SAID["cease"])
    assert (await desk.plan(NOW, "N1")).kind is StepKind.WAIT


# --- what a provider says of a contact made under the former number -------------------------------


async def test_who_goes_on_with_the_debt_hears_what_became_of_an_earlier_contact(
    desk: Desk,
) -> None:
    await take(desk, BEGAN, owed("A1"))
    await said(desk, "A1", AS_OF)
    await take(desk, LATER, owed("N1"))
    events = ProviderEvents(desk.pool)
    report = ("twilio", "E1", "A1:1", AttemptState.UNDELIVERED, None, None, None, TOLD)
    notice = await events.delivery(*report)
    assert notice.failed == (workflow_id(BANK, "N1"),)
    assert [one.failed for one in await events.pending()] == [notice.failed]
    origin = await events.origin("A1:1")
    assert origin is not None
    assert origin.workflow == workflow_id(BANK, "N1")


async def test_who_goes_on_with_the_debt_hears_what_a_person_found_out(desk: Desk) -> None:
    await take(desk, BEGAN, owed("A1"))
    await said(desk, "A1", AS_OF)
    await doubtful(desk, AS_OF)
    await take(desk, LATER, owed("N1"))
    done = await Settling(desk.pool).settle("A1:2", AttemptState.ACCEPTED, "seen", "me", TOLD)
    assert (done.creditor, done.account_id) == (BANK, "N1")


async def doubtful(desk: Desk, at: datetime) -> None:
    """A second message of A1, of which nobody knows whether it was taken."""
    copied = "SELECT * FROM attempts WHERE attempt_id = 'A1:1'"
    columns = [
        row[0]
        for row in await desk.pool.fetch(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'attempts'"
        )
    ]
    made = {"attempt_id": "'A1:2'", "step": "2", "state": "'reserved'"}
    values = ", ".join(made.get(name, name) for name in columns)
    await desk.pool.execute(
        f"INSERT INTO attempts ({', '.join(columns)}) SELECT {values} FROM ({copied}) AS c"
    )
    for state in ("dispatching", "unknown"):
        await desk.pool.execute("UPDATE attempts SET state = $1 WHERE step = 2", state)


async def test_what_was_told_to_a_new_number_before_a_file_brought_it_is_its_customers(
    desk: Desk, dependencies: Dependencies
) -> None:
    other = owed("A2", balance="700000") | {"oldest_due_date": "2026-11-12"}
    await take(desk, BEGAN, owed("A1"), other)
    answer = await told(dependencies, "N1", SAID["cease"])
    assert "not known yet" in (answer.note or "")
    assert (await desk.plan(NOW, "A2")).kind is StepKind.CONTACT
    await take(desk, LATER, owed("N1"), other)
    assert (await desk.plan(NOW, "N1")).kind is StepKind.WAIT
    assert (await desk.plan(NOW, "A2")).kind is StepKind.WAIT
