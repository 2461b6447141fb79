"""PostgreSQL takes every move that is published, and refuses every other."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from itertools import product
from typing import Any, Final

import asyncpg
import pytest

from domain.account import CloseReason, PromiseState
from domain.agreements.plan import PlanState
from domain.cases.case import DisputeState, HardshipState
from domain.ledger.attempt import AttemptState
from domain.ledger.states import ATTEMPT, BEGINS, MACHINES, Machine
from store.database import Pool
from tests.support.rows import add_customer

AT: Final = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
OWNER: Final = {"creditor": "bank", "account_id": "A1"}
PART: Final = [{"due_on": "2026-12-01", "amount": "1.00"}]


def account(state: str) -> dict[str, Any]:
    ended = state != "open"
    return {"status": "closed" if ended else "open", "close_reason": state if ended else None}


def work(state: str) -> dict[str, Any]:
    claimed = state == "claimed"
    done = {"outcome": "handled", "done_by": "ana", "done_at": AT} if state == "done" else {}
    nothing = dict.fromkeys(("outcome", "done_by", "done_at"))
    claim = {"claimed_by": "ana" if claimed else None, "claim_ends": AT if claimed else None}
    return {**nothing, **done, **claim}


def plan(state: str) -> dict[str, Any]:
    return {"state": state, "ended_at": None if state == "active" else AT}


def dispute(state: str) -> dict[str, Any]:
    return {
        "state": state,
        "resolved_at": None if state == "open" else AT,
        "corrected_at": AT if state == "corrected" else None,
    }


def hardship(state: str) -> dict[str, Any]:
    return {"state": state, "ended_at": None if state == "active" else AT}


PLAIN: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "account": (
        "accounts",
        {
            **OWNER,
            "customer_id": "C1",
            "currency": "COP",
            "balance": 1,
            "balance_as_of": AT,
            "oldest_due_date": AT.date(),
        },
    ),
    "promise": (
        "promises",
        {**OWNER, "promise_id": "p", "amount": 1, "due_on": AT.date(), "made_at": AT},
    ),
    "plan": (
        "payment_plans",
        {
            **OWNER,
            "plan_id": "p",
            "instalments": PART,
            "grace_days": 1,
            "broken_after": 1,
            "agreed_at": AT,
        },
    ),
    "dispute": (
        "disputes",
        {
            **OWNER,
            "dispute_id": "d",
            "reason": "other",
            "opened_at": AT,
            "answer_due": AT.date(),
        },
    ),
    "hardship": (
        "hardships",
        {
            **OWNER,
            "hardship_id": "h",
            "reason": "other",
            "began_at": AT,
            "review_date": AT.date(),
        },
    ),
    "work": (
        "work_items",
        {
            "customer_id": "C1",
            "reason": "balance",
            "priority": 4,
            "opened_at": AT,
            "due_at": AT,
            "messages": [],
        },
    ),
    "attempt": (
        "attempts",
        {
            **OWNER,
            "attempt_id": "a",
            "customer_id": "C1",
            "covers": ["bank/A1"],
            "step": 1,
            "touch": 1,
            "phase": "early",
            "purpose": "reminder",
            "channel": "sms",
            "provider": "twilio",
            "jurisdictions": ["CO"],
            "zones": ["America/Bogota"],
            "not_before": AT,
            "not_after": AT,
            "facts_seen": 0,
            "reserved_at": AT,
        },
    ),
}
"""A row of each, without its state."""
STATES: Final[dict[str, Callable[[str], dict[str, Any]]]] = {
    "account": account,
    "work": work,
    "plan": plan,
    "dispute": dispute,
    "hardship": hardship,
}
HELD: Final = [one for one in MACHINES if one.held]
EVERY: Final = [
    (machine, old, new)
    for machine in HELD
    for old, new in product([BEGINS, *machine.states], machine.states)
    if old != new
]


def columns(machine: Machine, state: str) -> dict[str, Any]:
    made = STATES.get(machine.name)
    return {"state": state} if made is None else made(state)


async def insert(connection: Any, machine: Machine, state: str) -> None:
    table, plain = PLAIN[machine.name]
    row = {**plain, **columns(machine, state)}
    if machine is ATTEMPT:
        row["contact_point_id"] = await connection.fetchval(
            "SELECT contact_point_id FROM contact_points WHERE channel = 'sms'"
        )
    places = ", ".join(f"${place}" for place in range(1, len(row) + 1))
    await connection.execute(
        f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", *row.values()
    )


async def update(connection: Any, machine: Machine, state: str) -> None:
    table, _ = PLAIN[machine.name]
    changed = columns(machine, state)
    sets = ", ".join(f"{name} = ${place}" for place, name in enumerate(changed, start=1))
    await connection.execute(f"UPDATE {table} SET {sets}", *changed.values())


@pytest.mark.parametrize(
    ("machine", "old", "new"),
    EVERY,
    ids=[f"{machine.name}: {old or 'begins'} to {new}" for machine, old, new in EVERY],
)
async def test_a_move_is_taken_if_it_is_published_and_else_refused(
    pool: Pool, machine: Machine, old: str, new: str
) -> None:
    await add_customer(pool)
    async with pool.acquire() as connection:
        if old != BEGINS:
            # Put there past all triggers: what is tried is the one move.
            await connection.execute("SET session_replication_role = replica")
            await insert(connection, machine, old)
            await connection.execute("SET session_replication_role = origin")
        write = update if old != BEGINS else insert
        if (old, new) in machine.pairs:
            await write(connection, machine, new)
            return
        with pytest.raises(asyncpg.CheckViolationError) as refused:
            await write(connection, machine, new)
        assert refused.value.constraint_name in ("state_moves", "attempts_move")


async def test_the_table_of_moves_is_what_is_published(pool: Pool) -> None:
    rows = await pool.fetch("SELECT machine, old, new FROM state_moves")
    published = {
        (one.name, old, new) for one in HELD if one is not ATTEMPT for old, new in one.pairs
    }
    assert {tuple(row) for row in rows} == published


@pytest.mark.parametrize(
    ("name", "states"),
    [
        ("account", [*CloseReason, "open"]),
        ("promise", PromiseState),
        ("plan", PlanState),
        ("dispute", DisputeState),
        ("hardship", HardshipState),
        ("attempt", AttemptState),
    ],
)
def test_every_state_that_the_domain_knows_is_published(name: str, states: list[StrEnum]) -> None:
    [machine] = [one for one in MACHINES if one.name == name]
    assert set(machine.states) == {str(state) for state in states}
    for one in machine.moves:
        assert {one.old, one.new} - {BEGINS} <= set(machine.states)


def test_what_is_not_held_may_follow_in_every_way() -> None:
    for machine in MACHINES:
        if not machine.held:
            every = {(old, new) for old, new in product([BEGINS, *machine.states], machine.states)}
            assert machine.pairs == {(old, new) for old, new in every if old != new}


async def test_a_number_that_gets_a_debt_stands_as_that_stood(pool: Pool) -> None:
    """Of a renumbered debt the end under its other number is its end."""
    async with pool.acquire() as connection:
        [machine] = [one for one in MACHINES if one.name == "account"]
        await insert(connection, machine, "recalled")
        await connection.execute("UPDATE accounts SET close_reason = 'cured', formerly = '{N1}'")
