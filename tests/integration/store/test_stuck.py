"""An account stands still for nothing that is on record, and where it does, a person sees it."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from asyncpg import UndefinedTableError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activities.failing import AGAIN_AND_AGAIN
from domain.planning.step import Status, StepKind
from store.database import Pool
from store.facts import refused
from store.failures import failing
from store.views.gauges import accounts_failing
from tests.support.activities import Actor

SECOND = timedelta(seconds=1)


def payment(identity: str = "pay-1", amount: str = "1.00", **more: Any) -> dict[str, Any]:
    return {"kind": "payment_received", "id": identity, "amount": amount, **more}


# --- what is on record, and cannot be planned with ------------------------------------------------

IMPOSSIBLE = [
    "UPDATE accounts SET oldest_due_date = '9999-12-31'",
    "UPDATE accounts SET oldest_due_date = '0001-01-01'",
    "UPDATE accounts SET oldest_due_date = 'infinity'",
    "UPDATE accounts SET hold_until = '9999-12-31 23:59:59.999999+00'",
    "UPDATE accounts SET hold_until = 'infinity'",
    "UPDATE customers SET zones = '{Mars/Olympus}'",
    "INSERT INTO law_events (event_id, customer_id, kind, at) VALUES ('x', 'C1', 'deth', now())",
    "INSERT INTO law_events (event_id, customer_id, kind, at) VALUES ('x', 'C1', 'death', "
    "'0001-01-01')",
    "INSERT INTO promises (creditor, account_id, promise_id, amount, due_on, made_at) "
    "VALUES ('bank', 'A1', 'p', 5, '9999-12-31', '2020-01-01')",
]


@pytest.mark.parametrize("impossible", IMPOSSIBLE)
async def test_facts_that_cannot_be_planned_with_wait_for_a_person_and_payments_are_recorded(
    actor: Actor, pool: Pool, now: datetime, impossible: str
) -> None:
    contact = await actor.planned(now)
    assert contact.kind is StepKind.CONTACT
    await pool.execute(impossible)
    for step in (await actor.contact(contact), (await actor.record(now, payment())).step):
        assert step.kind in (StepKind.WAIT, StepKind.CLOSE)
        if step.view.status is Status.NEEDS_A_PERSON:
            assert step.summary.startswith("A person must mend what is on record")
            assert step.not_before > now
    balance = await pool.fetchval("SELECT balance FROM accounts")
    assert balance == Decimal("149999.00")
    assert await pool.fetchval("SELECT count(*) FROM attempts") == 0


async def test_mended_facts_are_planned_with_again(actor: Actor, pool: Pool, now: datetime) -> None:
    due = await pool.fetchval("SELECT oldest_due_date FROM accounts")
    await pool.execute("UPDATE accounts SET oldest_due_date = '9999-12-31'")
    stuck = await actor.planned(now)
    assert stuck.view.status is Status.NEEDS_A_PERSON
    assert await pool.fetchval("SELECT state FROM accounts") == "needs_a_person"
    mend = {"kind": "account_updated", "id": "u1", "oldest_due_date": due.isoformat()}
    assert (await actor.record(now + SECOND, mend)).step.kind is StepKind.CONTACT


# --- activities that fail again and again ---------------------------------------------------------


async def test_an_activity_that_fails_again_and_again_is_noted_until_it_succeeds(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await actor.record(now)
    await pool.execute("ALTER TABLE payments RENAME TO elsewhere")
    try:
        for attempt in range(2, AGAIN_AND_AGAIN + 3):
            with pytest.raises(UndefinedTableError):
                await actor.record(now + attempt * SECOND, payment())
            expected = max(0, attempt - AGAIN_AND_AGAIN + 1)
            assert [one.attempts for one in await failing(pool)] == [attempt][:expected]
    finally:
        await pool.execute("ALTER TABLE elsewhere RENAME TO payments")
    [stuck] = await failing(pool)
    assert (stuck.creditor, stuck.account_id, stuck.activity) == ("bank", "A1", "unknown")
    assert stuck.at - stuck.since >= SECOND
    assert await accounts_failing(pool) == [("unknown", "UndefinedTableError", 1)]
    await actor.record(now + 60 * SECOND, payment())
    assert await failing(pool) == []


# --- ids ------------------------------------------------------------------------------------------


async def test_a_message_that_was_refused_does_not_hold_its_id(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    wrong = (await actor.record(now, payment(currency="USD"))).answers[0]
    assert wrong.refused == "currency: the account is in COP, the payment in USD"
    right = (await actor.record(now + SECOND, payment(currency="COP"))).answers[0]
    assert (right.refused, right.repeated) == (None, False)
    assert await pool.fetchval("SELECT balance FROM accounts") == Decimal("149999.00")
    assert await refused(pool, None, None, None, 10) == []


@pytest.mark.parametrize(
    ("second", "note"),
    [
        (payment(), None),
        (payment(amount="1.0"), None),
        (payment(amount="2.00"), "this id is on record with another amount"),
        (
            {"kind": "account_updated", "id": "pay-1", "balance": "2.00"},
            "this id is on record as a payment received",
        ),
    ],
)
async def test_an_id_that_is_taken_changes_nothing_and_other_contents_are_told(
    actor: Actor, pool: Pool, now: datetime, second: dict[str, Any], note: str | None
) -> None:
    await actor.record(now, payment())
    answer = (await actor.record(now + SECOND, second)).answers[0]
    assert answer.repeated and answer.refused is None
    assert (answer.note or "").startswith(note or "") and bool(answer.note) is bool(note)
    assert await pool.fetchval("SELECT balance FROM accounts") == Decimal("149999.00")


async def test_a_second_execution_of_the_same_activity_is_no_second_arrival(
    actor: Actor, now: datetime
) -> None:
    first = await actor.record(now, payment())
    actor.again = True
    again = await actor.record(now + SECOND, payment())
    assert first.answers == again.answers


# --- anything at all ------------------------------------------------------------------------------

KINDS = ["payment_received", "account_updated", "law_event", "hold", "record_promise", "close"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates().map(str),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)
FIELDS = st.sampled_from(["id", "amount", "balance", "as_of", "paid_at", "until", "event", "date"])


@settings(
    max_examples=60,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    messages=st.lists(
        st.builds(
            lambda kind, said: {**said, "kind": kind},
            st.sampled_from(KINDS),
            st.dictionaries(FIELDS, VALUES, max_size=4),
        ),
        max_size=4,
    )
)
async def test_an_order_of_any_contents_is_answered_message_by_message(
    messages: list[dict[str, Any]], actor: Actor, pool: Pool, now: datetime
) -> None:
    """As older workflows may have ordered it, or a fault of ours: it must not be tried for ever."""
    good = payment(f"good-{actor.runs}")
    recorded = await actor.record_raw(now + actor.runs * SECOND, *messages, good)
    assert len(recorded.answers) == len(messages) + 1
    assert recorded.answers[-1].refused is None
    assert await pool.fetchval("SELECT count(*) FROM payments WHERE payment_id = $1", good["id"])


HALF = "\ud800"


@pytest.mark.parametrize(
    "sent",
    [
        {"kind": "delivery_failed", "id": "d", "attempt_id": HALF},
        {"kind": "delivery_failed", "id": HALF, "attempt_id": "a"},
        {"kind": HALF, "id": "d"},
        {HALF: HALF},
        {"kind": "law_event", "id": "d", "event": {"kind": "cease", "at": HALF}},
        HALF,
        b"\xff",
    ],
    ids=ascii,
)
async def test_half_a_surrogate_pair_is_refused_and_kept_and_takes_nothing_along(
    actor: Actor, pool: Pool, now: datetime, sent: Any
) -> None:
    recorded = await actor.record_raw(now, sent, payment())
    odd, good = recorded.answers
    assert odd.refused
    assert good.refused is None
    assert await pool.fetchval("SELECT count(*) FROM messages WHERE refused IS NOT NULL") == 1


@pytest.mark.parametrize("amount", ["1_000", "\u0663", " 10 ", "1e3", "+10", ".5", "10."])
async def test_an_amount_is_credited_only_as_it_may_be_written(
    actor: Actor, pool: Pool, now: datetime, amount: str
) -> None:
    """As a file would refuse it; by a message to the letter, or read by a workflow before."""
    for record in (actor.record_raw, actor.record):
        answer = (await record(now, payment(amount=amount))).answers[0]
        assert (answer.refused or "").startswith("amount: must be written out as a plain number")
    assert await pool.fetchval("SELECT balance FROM accounts") == Decimal("150000.00")


FAR: list[dict[str, Any]] = [
    {"kind": "bankruptcy", "at": "2190-01-01T00:00:00Z", "days": 36_500},
    {"kind": "death", "at": "2026-01-01T00:00:00Z", "ends_at": "2199-12-31T23:30:00Z"},
    {"kind": "breathing_space", "at": "2199-12-31T17:00:00Z"},
    {"kind": "dispute", "at": "2199-12-31T23:59:59-12:00"},
    {"kind": "cease", "at": "1900-01-01T00:00:00+14:00"},
]


@pytest.mark.parametrize("country", ["CO", "US", "GB"])
@pytest.mark.parametrize("event", FAR, ids=lambda it: it["kind"])
async def test_facts_of_the_ends_of_our_years_leave_an_account_that_can_be_planned(
    actor: Actor, pool: Pool, now: datetime, event: dict[str, Any], country: str
) -> None:
    zone = {"CO": "America/Bogota", "US": "America/New_York", "GB": "Europe/London"}[country]
    await pool.execute("UPDATE customers SET country = $1, zones = $2", country, [zone])
    message = {"kind": "law_event", "id": "e", "event": event}
    recorded = await actor.record(now, message)
    assert recorded.answers[0].refused is None
    assert recorded.step.view.status is not Status.NEEDS_A_PERSON


def test_the_bounds_leave_room_for_what_planning_adds() -> None:
    from domain.entry.bounds import LATEST, LATEST_DUE

    assert date.max - LATEST.date() > LATEST_DUE + timedelta(days=365 * 1_000)
