"""A person's contact uses a cap up exactly as the machine's does, in every jurisdiction.

Two people live the same random life. Everything that reached the first came from the machine; of
what reached the second, as much as chance wills came from people. PostgreSQL is asked of both, and
the law says the same of both, at every moment.
"""

import os
import random
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest

from domain.channels import Channel
from domain.law.engine import next_opening, verdict
from domain.law.terms import ContactOutcome, Direction
from domain.ledger.call_outcome import CallOutcome
from domain.names import contact_point_id
from domain.planning.frame import Frame
from domain.planning.request import law_history, law_request
from domain.planning.touches import rested
from domain.situation import Situation
from lab.builders.law import home
from store.contacts import manual
from store.database import Pool
from store.situations import read_situation
from tests.integration.store.people.support import HOUR, Desk, mid_morning
from tests.support.rows import add_account, add_customer
from workers.contacts.whose import may as asked

LIVES = int(os.environ.get("PEOPLE_LIVES", "4"))
CONTACTS = 9
PLACES = ("CO", "MX", "CL", "PE", "EC", "BR", "AR", "ES", "GB", "US", "US-MA", "US-DC")
MACHINE, PEOPLE = "M", "P"
"""Who was reached by the machine alone, and who by people, too."""

RESERVE = """
INSERT INTO attempts (attempt_id, creditor, account_id, customer_id, covers, step, touch, phase,
    purpose, channel, provider, contact_point_id, state, jurisdictions, zones, not_before,
    not_after, facts_seen, reserved_at)
VALUES ($1, 'bank', $2, $3, $4, $5, 0, 'early', 'reminder', $6, 'twilio', $7, 'reserved', '{CO}',
    '{America/Bogota}', $8, $8, 0, $8)
"""
MOVES = {
    None: ("dispatching", "accepted"),
    ContactOutcome.SENT: ("dispatching", "accepted"),
    ContactOutcome.UNDELIVERED: ("dispatching", "accepted", "undelivered"),
    ContactOutcome.BUSY: ("dispatching", "accepted", "undelivered"),
    ContactOutcome.NOT_IN_SERVICE: ("dispatching", "accepted", "undelivered"),
}
DELIVERED = ("dispatching", "accepted", "delivered")
MESSAGES = (None, ContactOutcome.SENT, ContactOutcome.DELIVERED, ContactOutcome.UNDELIVERED)
OF_CALLS = (None, *(ContactOutcome(one.value) for one in CallOutcome))


class Contact(NamedTuple):
    """One of a life, whoever made it."""

    at: datetime
    account: str
    covers: tuple[str, ...]
    channel: Channel
    outcome: ContactOutcome | None
    by_person: bool


def points_of(who: str) -> tuple[tuple[str, str, str], ...]:
    number = "1" if who == MACHINE else "2"
    return (
        ("sms", "mobile", f"+5730012345{number}1"),
        ("voice", "mobile", f"+5730012345{number}1"),
        ("email", "email", f"{who}@example.com"),
    )


def point(who: str, channel: Channel) -> str:
    [address] = [one for name, _, one in points_of(who) if name == channel.value]
    return contact_point_id(who, channel.value, address)


async def known(pool: Pool, who: str, place: str, now: datetime) -> None:
    country, _, region = place.partition("-")
    zone = home(place)
    await add_customer(pool, who, country=country, zones=(zone,), points=points_of(who))
    if region:
        await pool.execute("UPDATE customers SET region = $2 WHERE customer_id = $1", who, place)
    for number in (1, 2):
        due = now.date() - timedelta(days=10)
        await add_account(pool, f"{who}{number}", who, due=due)


async def lived(pool: Pool, who: str, life: list[Contact], now: datetime) -> None:
    for number, one in enumerate(life):
        name, account = f"{who}-{number}", f"{who}{one.account}"
        covers = [f"bank/{who}{each}" for each in one.covers]
        to = point(who, one.channel)
        if one.by_person and who == PEOPLE:
            async with pool.acquire() as connection, connection.transaction():
                [place] = await manual.places(connection, who, one.channel, to, None)
                whose = (name, who, "bank", account, tuple(covers), "call", one.channel)
                begun = manual.Begun(*whose, Direction.OUTBOUND, place, one.at, "ana")
                assert await manual.begin(connection, begun, None, now)
                if one.outcome is not None:
                    said = manual.Said("said", one.outcome, None, (), None)
                    assert await manual.end(connection, name, said, now)
            continue
        row = (name, account, who, covers, number + 1, one.channel.value, to, one.at)
        await pool.execute(RESERVE, *row)
        for state in MOVES.get(one.outcome, DELIVERED):
            move = "UPDATE attempts SET state = $2, dispatched_at = $3 WHERE attempt_id = $1"
            await pool.execute(move, name, state, one.at)
        if one.outcome is not None and one.outcome.value in set(CallOutcome):
            told = "UPDATE attempts SET outcome = $2 WHERE attempt_id = $1"
            await pool.execute(told, name, one.outcome.value)


async def situation(pool: Pool, account: str, now: datetime) -> Situation:
    async with pool.acquire() as connection:
        found = await read_situation(connection, "bank", account, now, {})
    assert found is not None
    return found[0]


def random_life(chance: random.Random, now: datetime) -> list[Contact]:
    life = []
    for _ in range(CONTACTS):
        channel = chance.choice([Channel.VOICE, Channel.VOICE, Channel.SMS, Channel.EMAIL])
        account = chance.choice("12")
        covers = chance.choice([(account,), ("1", "2")])
        outcome = chance.choice(OF_CALLS if channel is Channel.VOICE else MESSAGES)
        at = now - timedelta(hours=chance.choice([3, 20, 26, 50, 90, 130, 167, 169, 300]))
        at -= timedelta(minutes=chance.randrange(50))
        life.append(Contact(at, account, covers, channel, outcome, chance.random() < 0.6))
    return sorted(life, key=lambda one: one.at)


def neutral(who: str, told: Any) -> Any:
    """What is told of one person, without whose it is."""
    return repr(told).replace(f"bank/{who}", "bank/?")


@pytest.mark.parametrize("place", PLACES)
async def test_whoever_made_a_contact_the_law_says_the_same(pool: Pool, place: str) -> None:
    now = mid_morning()
    desk = Desk(pool, now)
    await known(pool, MACHINE, place, now)
    await known(pool, PEOPLE, place, now)
    denied = 0
    for seed in range(LIVES):
        await pool.execute("DELETE FROM attempts")
        await pool.execute("DELETE FROM manual_contacts")
        life = random_life(random.Random(f"{place}{seed}"), now)
        for who in (MACHINE, PEOPLE):
            await lived(pool, who, life, now)
        assert any(one.by_person for one in life)
        for account in "12":
            told: dict[str, list[Any]] = {MACHINE: [], PEOPLE: []}
            for who, said in told.items():
                found = await situation(pool, f"{who}{account}", now)
                rules = desk.people.rules.rules(found.customer, "default", found.account.creditor)
                history = [
                    (e.at, e.account_id, e.channel, e.direction, e.contact_point_kind, e.outcome)
                    for e in law_history(found)
                ]
                said.append(neutral(who, sorted(history, key=repr)))
                for channel in (Channel.SMS, Channel.VOICE, Channel.EMAIL):
                    own = point(who, channel)
                    [asked] = [p for p in found.customer.points if p.contact_point_id == own]
                    for by_person in (False, True):
                        request = law_request(found, rules, asked, now, by_person=by_person)
                        for days in (0, 0.6, 1, 3, 7, 8):
                            at = now + timedelta(days=days)
                            answer = verdict(rules.packs, request, at)
                            denied += answer.verdict != "allowed"
                            opening = next_opening(rules.packs, request, at)
                            said.append((answer.verdict, answer.rule, opening))
                frame = Frame(found, now, rules)
                assert frame.phase is not None
                said.append(rested(frame, frame.phase))  # the strategy's distances, too
            assert told[MACHINE] == told[PEOPLE], (place, seed, life)
    assert denied


CAPS: list[tuple[str, int, str, str, str]] = [
    ("CO", 1, "no_answer", "co.ley2300.week_cap", "a week's one, whatever came of it"),
    ("CL", 1, "no_answer", "cl.art37.call_cap", "one a week"),
    ("CL", 1, "conversation", "cl.art37.call_cap", "one a week"),
    ("EC", 1, "no_answer", "ec.art49.day_cap", "one a day"),
    ("US", 7, "no_answer", "us.regf.call_cap", "seven in seven days"),
    ("US", 1, "refused", "us.regf.conversation_cooldown", "seven days after a conversation"),
    ("US-MA", 2, "hung_up", "us.ma.agency_cap", "two in seven days"),
]


@pytest.mark.parametrize(("place", "calls", "result", "rule", "why"), CAPS)
async def test_calls_by_people_use_a_cap_up(
    pool: Pool, place: str, calls: int, result: str, rule: str, why: str
) -> None:
    now = mid_morning() + 3 * HOUR  # mid-day and working hours in all of these
    await known(pool, PEOPLE, place, now)
    await known(pool, MACHINE, place, now)
    desk = Desk(pool, now)
    own: dict[str, Any] = {"account_id": "P1", "point": point(PEOPLE, Channel.VOICE)}
    for number in range(calls):
        began = now - (number + 1) * timedelta(minutes=10)
        assert (await may(desk, "P1")).allowed, (why, number)
        await desk.record(result, began, f"c{number}", **own)
    answer = await may(desk, "P1")
    assert (answer.allowed, answer.rule) == (False, rule), why
    assert (await may(desk, "M1")).allowed


@pytest.mark.parametrize("place", ["MX", "BR", "PE", "AR", "ES", "GB"])
async def test_where_the_law_has_no_number_people_may_call_again(pool: Pool, place: str) -> None:
    now = mid_morning() + 3 * HOUR
    await known(pool, PEOPLE, place, now)
    desk = Desk(pool, now)
    own: dict[str, Any] = {"account_id": "P1", "point": point(PEOPLE, Channel.VOICE)}
    before = await may(desk, "P1")
    await desk.record("no_answer", now - HOUR, **own)
    after = await may(desk, "P1")
    assert (before.allowed, before.rule) == (after.allowed, after.rule)


async def test_busy_lines_count_nowhere_that_the_law_leaves_them_out(pool: Pool) -> None:
    now = mid_morning() + 3 * HOUR
    await known(pool, PEOPLE, "CL", now)
    desk = Desk(pool, now)
    own: dict[str, Any] = {"account_id": "P1", "point": point(PEOPLE, Channel.VOICE)}
    await desk.record("busy", now - HOUR, **own)
    assert (await may(desk, "P1")).allowed


async def test_two_ids_of_one_person_and_two_accounts_have_one_cap(pool: Pool) -> None:
    now = mid_morning()
    await known(pool, PEOPLE, "CO", now)
    await add_customer(pool, "Q", points=points_of(PEOPLE))
    await add_account(pool, "Q1", "Q", due=now.date() - timedelta(days=10))
    desk = Desk(pool, now)
    await desk.record("no_answer", now - HOUR, account_id="P1", point=point(PEOPLE, Channel.VOICE))
    assert (await may(desk, "P2")).rule == "co.ley2300.week_cap"
    # One handset, two records: what went to the address counts for whoever has it.
    assert (await may(desk, "Q1")).rule == "co.ley2300.week_cap"
    await pool.execute("TRUNCATE manual_contacts")
    await pool.execute(
        "UPDATE contact_points SET address = '+573009998877' "
        "WHERE customer_id = 'Q' AND channel <> 'email'"
    )
    await pool.execute("UPDATE accounts SET customer_id = 'Q' WHERE account_id = 'P2'")
    await desk.record(
        "no_answer", now - HOUR, "c2", account_id="P1", point=point(PEOPLE, Channel.VOICE)
    )
    for account in ("P1", "P2", "Q1"):
        assert (await may(desk, account)).rule == "co.ley2300.week_cap", account


async def test_a_call_stays_with_every_account_that_it_spoke_of_whoever_has_it_now(
    pool: Pool,
) -> None:
    now = mid_morning()
    await known(pool, PEOPLE, "CO", now)
    await add_customer(pool, "Q", points=(("voice", "mobile", "+573009998877"),))
    await add_account(pool, "Q1", "Q", due=now.date() - timedelta(days=10))
    await pool.execute("UPDATE customers SET name = 'Luis Gil' WHERE customer_id = 'Q'")
    desk = Desk(pool, now)
    to = point(PEOPLE, Channel.VOICE)
    also = ("bank/P2",)
    await desk.record("no_answer", now - HOUR, account_id="P1", point=to, also=also)
    # Of somebody else by now, and under another number.
    await pool.execute("UPDATE accounts SET customer_id = 'Q' WHERE account_id = 'P2'")
    await pool.execute("UPDATE accounts SET formerly = '{P2}' WHERE account_id = 'Q1'")
    for account in ("P2", "Q1"):
        async with pool.acquire() as connection:
            found = await read_situation(connection, "bank", account, now, {})
        assert found is not None
        assert [one.attempt_id for one in found[0].contacts] == ["c1"], account
        assert (account == "Q1") == ("bank/Q1" in found[0].contacts[0].covers)


async def may(desk: Desk, account: str) -> Any:
    answers = await asked(desk.pool, desk.people.rules, desk.now, ("bank", account), Channel.VOICE)
    return answers[0]
