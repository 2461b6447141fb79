"""Whatever a reservation rests on may change before it is sent: then it is not, and planned anew.

One row for each thing that ``store/situations.py`` reads. What only gives freedom back is no row:
an attempt that was refused or released, a promise that is broken. Nor is a provider's health, which
says nothing of the person.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from activities.dependencies import Dependencies
from domain.names import contact_point_id
from store.database import Pool
from tests.support.activities import Actor, accepted
from tests.support.rows import add_account, add_customer, attempts

MOBILE, MAIL = "+573001234567", "ana@example.com"
HERS = (("sms", "mobile", MOBILE), ("email", "email", MAIL))
SECOND = timedelta(seconds=1)

LAW = """
INSERT INTO law_events (event_id, customer_id, kind, at, channel, account, detail, recorded_at)
VALUES ('said', {who}, '{kind}', now(), {channel}, {account}, {detail}, now())
"""
TO = """
INSERT INTO attempts (attempt_id, creditor, account_id, customer_id, covers, step, touch, phase,
    purpose, channel, provider, contact_point_id, state, jurisdictions, zones, not_before,
    not_after, facts_seen, reserved_at)
SELECT 'earlier', 'bank', $2, $1, $4, 90, 1, 'early', 'reminder', channel, 'twilio',
    contact_point_id, 'reserved', '{CO}', '{America/Bogota}', $3, $3, 0, $3
FROM contact_points WHERE customer_id = $1 AND channel = 'voice'
"""
WRITES = """
INSERT INTO inbound (provider, inbound_id, channel, customer_id, address, text, intent, at)
VALUES ('twilio', 'W1', 'sms', {who}, '{address}', 'said', 'other', now())
"""


CALLED = """
INSERT INTO manual_contacts (contact_id, customer_id, creditor, account_id, covers, action, channel,
    direction, address_key, began_at, state, by_whom, recorded_at)
VALUES ('{id}', '{who}', 'bank', '{account}', '{{bank/{account}}}', 'call', 'voice', 'outbound',
    {address}, now(), 'begun', 'ana', now())
"""

JUST_NOW = """
UPDATE attempts t SET facts_seen = (
    SELECT sum(c.facts) FROM same_person(t.customer_id) s JOIN customers c USING (customer_id))
"""
"""As if it had been reserved just now."""


def law(kind: str, who: str | None = "C1", **more: str) -> str:
    cells = {"channel": None, "account": None, "detail": "{}", **more}
    quoted = {name: "NULL" if cell is None else f"'{cell}'" for name, cell in cells.items()}
    return LAW.format(kind=kind, who="NULL" if who is None else f"'{who}'", **quoted)


def wrote(who: str) -> str:
    return WRITES.format(who=f"'{who}'", address=MOBILE)


OWN: dict[str, str] = {
    "a balance": "UPDATE accounts SET balance = 7 WHERE account_id = 'A1'",
    "a currency": "UPDATE accounts SET currency = 'USD' WHERE account_id = 'A1'",
    "an end": "UPDATE accounts SET status = 'closed' WHERE account_id = 'A1'",
    "a hold": "UPDATE accounts SET hold_until = now() + interval '9 days' WHERE account_id = 'A1'",
    "a due date": "UPDATE accounts SET oldest_due_date = '2026-01-01' WHERE account_id = 'A1'",
    "a strategy": "UPDATE accounts SET strategy = 'other' WHERE account_id = 'A1'",
    "a beginning": "UPDATE accounts SET since = now() WHERE account_id = 'A1'",
    "a former number": "UPDATE accounts SET formerly = '{Z1}' WHERE account_id = 'A1'",
    "another customer": "UPDATE accounts SET customer_id = 'C2' WHERE account_id = 'A1'",
    "a sibling's hold": "UPDATE accounts SET hold_until = now() WHERE account_id = 'A2'",
    "another account": "INSERT INTO accounts (creditor, account_id, customer_id, currency, balance,"
    " balance_as_of, oldest_due_date) VALUES ('bank', 'A9', 'C1', 'COP', 9, now(), '2026-01-01')",
    "an older payment": "INSERT INTO payments VALUES ('bank', 'A1', 'p', 9, '2026-01-01')",
    "a sibling's older payment": "INSERT INTO payments VALUES ('bank', 'A2', 'p', 9, '2026-01-01')",
    "a promise": "INSERT INTO promises (creditor, account_id, promise_id, amount, due_on, made_at) "
    "VALUES ('bank', 'A1', 'p', 9, '2027-01-01', now())",
    "a sibling's promise": "INSERT INTO promises (creditor, account_id, promise_id, amount, due_on,"
    " made_at) VALUES ('bank', 'A2', 'p', 9, '2027-01-01', now())",
    "a name": "UPDATE customers SET name = 'Rosa Lara' WHERE customer_id = 'C1'",
    "a zone": "UPDATE customers SET zones = '{America/Lima}' WHERE customer_id = 'C1'",
    "regions": "UPDATE customers SET regions_of_phones = '{DC}' WHERE customer_id = 'C1'",
    "a consent that is gone": "UPDATE contact_points SET consented = false WHERE channel = 'sms'",
    "an address that is gone": "UPDATE contact_points SET current = false WHERE channel = 'sms'",
    "another address": "INSERT INTO contact_points (contact_point_id, customer_id, channel, kind, "
    "address) VALUES ('p9', 'C1', 'sms', 'mobile', '+573009999999')",
    "a call by a person": CALLED.format(id="c1", who="C1", account="A1", address="NULL"),
    "a word": wrote("C1"),
    "a stop": law("cease"),
    "a consent in a file": law("opt_in").replace("said", "intake:said"),
    "a consent in a file under another id": law("opt_in", "C11").replace("said", "intake:said"),
    "an order for many": "INSERT INTO bulk_orders (kind, reason, ordered_by, rate, accounts) "
    "VALUES ('hold', 'flood', 'ana', 50, 1)",
    "a database that was restored": "INSERT INTO ledger_mark (halted_at, halted_why) "
    "VALUES (now(), 'restored')",
}
"""Of the customer and their accounts."""

BESIDE: dict[str, str] = {
    "a dead address": "UPDATE contact_points SET suppressed = 'x' WHERE customer_id = 'C2'",
    "a stop without an address": law("cease", "C2"),
    "a stop without an address by their other id": law("cease", "C22"),
    "a stop at the address": law("opt_out", "C2", detail='{"contact_point_id": "{C2}"}'),
    "a wrong number": law("wrong_number", "C2", detail='{"contact_point_id": "{C2}"}'),
    "what a stranger says of the account": law("dispute", "C5", account="bank/A1"),
    "what a stranger says of its former number": law("dispute", "C5", account="bank/A0"),
    "what nobody known says of its former number": law("cease", None, account="bank/A0"),
    "a call to the address by a person": CALLED.format(
        id="c2", who="C2", account="B1", address=f"address_key('sms', '{MOBILE}')"
    ),
    "a call under another id": CALLED.format(id="c3", who="C11", account="A3", address="NULL"),
    "a word under another id": wrote("C11"),
    "a stop under another id": law("death", "C11"),
}
"""Of the second holder of her address (C2, also known as C22), of her own other id (C11), and of
somebody else (C5)."""


async def reserved(
    pool: Pool, dependencies: Dependencies, now: datetime, *, shared: bool = True
) -> tuple[Actor, Any]:
    """A message about A1, formerly A0, that has not left yet."""
    due = now.date() - timedelta(days=10)
    await add_customer(pool, points=HERS, preferred="sms")
    await add_customer(pool, "C11", points=(("email", "email", MAIL),))
    await add_account(pool, due=due)
    for account_id, holder in (("A2", "C1"), ("A3", "C11"), ("B2", "C22")):
        await add_account(pool, account_id, holder, due=due)
    await add_customer(pool, "C22", points=(("email", "email", "luis@example.com"),))
    await add_customer(pool, "C5", points=(("email", "email", "eva@example.com"),))
    await pool.execute("UPDATE customers SET name = 'Luis Gil' WHERE customer_id IN ('C2', 'C22')")
    await pool.execute("UPDATE customers SET name = 'Eva Mora' WHERE customer_id = 'C5'")
    await pool.execute("UPDATE accounts SET formerly = '{A0}' WHERE account_id = 'A1'")
    await pool.execute("UPDATE accounts SET customer_id = 'C1' WHERE account_id = 'A3'")
    if shared:
        await second_holder(pool)
        await add_account(pool, "B1", "C2", due=due)
        await pool.execute("UPDATE accounts SET customer_id = 'C2' WHERE account_id = 'B2'")
    actor = Actor(dependencies)
    now += timedelta(minutes=1)
    return actor, await actor.reserve(await actor.planned(now))


async def second_holder(pool: Pool) -> None:
    await add_customer(pool, "C2", points=(("sms", "mobile", MOBILE),))
    await pool.execute("UPDATE customers SET name = 'Luis Gil' WHERE customer_id = 'C2'")


async def is_held_back(pool: Pool, actor: Actor, ready: Any, sandbox_url: str) -> bool:
    """Whether what was reserved is given back, and nothing goes out."""
    [row] = await pool.fetch("SELECT not_before FROM attempts WHERE attempt_id = $1", ready.attempt)
    await actor.send(ready, row["not_before"] + SECOND)
    states = {row["attempt_id"]: row["state"] for row in await attempts(pool)}
    return states[ready.attempt] == "released" and await accepted(sandbox_url) == []


async def test_what_nothing_has_changed_for_goes_out(
    pool: Pool, dependencies: Dependencies, sandbox_url: str, now: datetime
) -> None:
    actor, ready = await reserved(pool, dependencies, now)
    for of_others in (
        "UPDATE accounts SET balance = 7 WHERE account_id = 'B1'",
        "UPDATE customers SET name = 'Luis M. Gil' WHERE customer_id = 'C5'",
        law("dispute", "C5"),
        wrote("C5"),
        "UPDATE contact_points SET suppressed = 'x' WHERE customer_id = 'C5'",
    ):
        await pool.execute(of_others)
    assert not await is_held_back(pool, actor, ready, sandbox_url)


@pytest.mark.parametrize("change", [*OWN, *BESIDE])
async def test_what_changes_after_reserving_holds_the_message_back(
    pool: Pool, dependencies: Dependencies, sandbox_url: str, now: datetime, change: str
) -> None:
    actor, ready = await reserved(pool, dependencies, now)
    statement = {**OWN, **BESIDE}[change]
    await pool.execute(statement.replace("{C2}", contact_point_id("C2", "sms", MOBILE)))
    assert await is_held_back(pool, actor, ready, sandbox_url)


async def test_what_comes_of_a_call_that_was_begun_before_holds_it_back(
    pool: Pool, dependencies: Dependencies, sandbox_url: str, now: datetime
) -> None:
    actor, ready = await reserved(pool, dependencies, now)
    await pool.execute(CALLED.format(id="c1", who="C1", account="A1", address="NULL"))
    await pool.execute(JUST_NOW)
    await pool.execute(
        "UPDATE manual_contacts SET state = 'ended', outcome = 'conversation', result = 'refused', "
        "ended_at = now()"
    )
    assert await is_held_back(pool, actor, ready, sandbox_url)


# --- who has the address, and who is one person ---------------------------------------------------


async def said_before(pool: Pool) -> None:
    """Somebody who has asked for silence gets her address as well."""
    await pool.execute(law("cease", "C2"))
    await second_holder(pool)


async def is_one_with(pool: Pool) -> None:
    """The second holder is found to be one person with somebody who has asked for silence."""
    await pool.execute("UPDATE accounts SET customer_id = 'C2' WHERE account_id = 'B2'")


async def is_called_like(pool: Pool) -> None:
    """By their name."""
    await pool.execute("UPDATE customers SET name = 'Luis Gil' WHERE customer_id = 'C22'")


HOLDERS: dict[str, Callable[[Pool], Awaitable[None]]] = {
    "a second holder": second_holder,
    "a second holder who has said stop": said_before,
}
PERSONS: dict[str, Callable[[Pool], Awaitable[None]]] = {
    "by an account": is_one_with,
    "by the name": is_called_like,
}


@pytest.mark.parametrize("how", HOLDERS)
async def test_an_address_that_gets_another_holder_holds_the_message_back(
    pool: Pool, dependencies: Dependencies, sandbox_url: str, now: datetime, how: str
) -> None:
    actor, ready = await reserved(pool, dependencies, now, shared=False)
    await HOLDERS[how](pool)
    assert await is_held_back(pool, actor, ready, sandbox_url)


@pytest.mark.parametrize("how", PERSONS)
async def test_a_holder_who_turns_out_to_be_somebody_that_said_stop_holds_it_back(
    pool: Pool, dependencies: Dependencies, sandbox_url: str, now: datetime, how: str
) -> None:
    actor, ready = await reserved(pool, dependencies, now, shared=False)
    await second_holder(pool)
    await pool.execute(law("cease", "C22"))
    if how == "by the name":
        await pool.execute("UPDATE customers SET name = 'Zoe Paz' WHERE customer_id = 'C22'")
        await is_one_with(pool)
    await pool.execute(JUST_NOW)
    await PERSONS[how](pool)
    assert await is_held_back(pool, actor, ready, sandbox_url)


# --- what has reached whom ------------------------------------------------------------------------

CALLS: dict[str, tuple[str, str, list[str]]] = {
    "her own": ("C1", "A2", ["bank/A1", "bank/A2"]),
    "one to her other id": ("C11", "A3", ["bank/A3"]),
    "one about her debt to its earlier holder": ("C5", "A1", ["bank/A1"]),
    "one that spoke of her debt, too": ("C5", "B9", ["bank/B9", "bank/A1"]),
    "one about its former number": ("C5", "A0", ["bank/A0"]),
    "one to her telephone": ("C2", "B1", ["bank/B1"]),
}
"""Whom it was made to, for which account, and of which accounts it spoke."""

REACHED: dict[str, tuple[str, str]] = {
    "is delivered": ("accepted", "UPDATE attempts SET state = 'delivered' WHERE step = 90"),
    "is delivered after all": (
        "undelivered",
        "UPDATE attempts SET state = 'delivered' WHERE step = 90",
    ),
    "is not delivered": ("accepted", "UPDATE attempts SET state = 'undelivered' WHERE step = 90"),
    "is talked on": ("delivered", "UPDATE attempts SET outcome = 'conversation' WHERE step = 90"),
    "is taken": ("undelivered", "UPDATE attempts SET outcome = 'voicemail' WHERE step = 90"),
}
"""Its state before, and what becomes of it."""


@pytest.mark.parametrize(
    ("whose", "became"),
    [*((whose, "is delivered after all") for whose in CALLS), *(("her own", it) for it in REACHED)],
)
async def test_what_becomes_of_an_earlier_contact_holds_the_message_back(
    pool: Pool,
    dependencies: Dependencies,
    sandbox_url: str,
    now: datetime,
    whose: str,
    became: str,
) -> None:
    customer, account, covers = CALLS[whose]
    state, statement = REACHED[became]
    number = MOBILE if customer in ("C1", "C2") else "+573005555555"
    voice = "INSERT INTO contact_points (contact_point_id, customer_id, channel, kind, address) "
    actor, ready = await reserved(pool, dependencies, now)
    await pool.execute(f"{voice} VALUES ('v', $1, 'voice', 'mobile', $2)", customer, number)
    await pool.execute(TO, customer, account, now - timedelta(days=9), covers)
    path = ["dispatching", "accepted", "delivered", "undelivered"]
    for one in path[: path.index(state) + 1]:
        if not (one == "delivered" and state == "undelivered"):
            await pool.execute("UPDATE attempts SET state = $1 WHERE step = 90", one)
    await pool.execute(JUST_NOW)
    await pool.execute(statement)
    assert await is_held_back(pool, actor, ready, sandbox_url)
