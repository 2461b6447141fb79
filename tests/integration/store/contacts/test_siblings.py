"""A message speaks of no debt that its own planning would leave alone; one person is one queue."""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest

from activities.dependencies import Dependencies
from domain.channels import Channel
from domain.conversation.keywords import Intent
from domain.planning.step import Step, StepKind
from domain.situation import Situation
from store.database import Connection, Pool
from store.ledger import Ledger, Reservation
from store.provider_events import ProviderEvents
from tests.support.activities import Actor, accepted
from tests.support.rows import add_account, add_customer

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
MOBILE, OTHER = "+573001234567", "+573007777777"
ONE = (("sms", "mobile", MOBILE),)
MAIL = (("email", "email", "ana@example.com"),)


@pytest.fixture
def due(now: datetime) -> datetime:
    return now - 10 * DAY


async def debts(pool: Pool, due: datetime, second: datetime | None = None, **how: Any) -> None:
    """A1, and A2 which is older by two days, or of another day."""
    await add_account(pool, "A1", due=due.date())
    await add_account(pool, "A2", due=(second or due - 2 * DAY).date(), **how)


async def told(actor: Actor, at: datetime, kind: str, **said: Any) -> None:
    event = {"kind": kind, "at": at.isoformat(), **said}
    answers = (await actor.record(at, {"kind": "law_event", "id": kind, "event": event})).answers
    assert not answers[0].refused


async def alone(step: Step) -> bool:
    """Whether a message goes out that speaks of A1, and of that alone."""
    assert step.kind is StepKind.CONTACT, step.summary
    return step.covers == ("bank/A1",)


@pytest.mark.parametrize(
    ("how", "kind"),
    [
        *(("said by its earlier holder", kind) for kind in ("cease", "dispute", "opt_out")),
        # Colombia's Ley 1581 ends all use of the channel, whatever debt the opt-out names.
        *(("said of its former number", kind) for kind in ("cease", "dispute", "attorney")),
    ],
)
async def test_what_was_said_of_a_debt_stays_with_it_in_the_messages_of_another(
    pool: Pool, dependencies: Dependencies, now: datetime, due: datetime, kind: str, how: str
) -> None:
    await add_customer(pool, points=ONE)
    await add_customer(pool, "C5", points=(("sms", "mobile", OTHER),))
    await pool.execute("UPDATE customers SET name = 'Luis Gomez' WHERE customer_id = 'C5'")
    by_another = how == "said by its earlier holder"
    await add_account(pool, "A1", due=due.date())
    await add_account(pool, "A2", "C5" if by_another else "C1", due=due.date() - 2 * DAY)
    one, two, now = Actor(dependencies, "A1"), Actor(dependencies, "A2"), now + MINUTE
    if by_another:
        await told(two, now, kind, account_id="A2")
        await pool.execute("UPDATE accounts SET customer_id = 'C1' WHERE account_id = 'A2'")
    else:
        await pool.execute("UPDATE accounts SET formerly = '{A0}' WHERE account_id = 'A2'")
        await told(one, now, kind, account_id="A0")
    assert (await two.planned(now + MINUTE)).kind is StepKind.WAIT
    assert await alone(await one.planned(now + MINUTE))


@pytest.mark.parametrize(
    "second",
    [{"days": -20}, {"balance": "0.01"}, {"days": 400}],
    ids=["not due yet", "dust", "handed off"],
)
async def test_a_debt_that_is_not_collected_is_in_no_message(
    pool: Pool,
    dependencies: Dependencies,
    now: datetime,
    due: datetime,
    second: dict[str, Any],
) -> None:
    await add_customer(pool, points=ONE)
    when = now - second.get("days", 12) * DAY
    await debts(pool, due, when, balance=second.get("balance", "70000.00"))
    assert (await Actor(dependencies, "A2").planned(now)).kind is not StepKind.CONTACT
    assert await alone(await Actor(dependencies, "A1").planned(now))


@pytest.mark.parametrize(
    ("country", "zone", "currency", "said", "lifted"),
    [
        ("CO", "America/Bogota", "COP", "opt_out", "opt_in"),
        ("CO", "America/Bogota", "COP", "cease", "opt_in"),
        ("US", "America/New_York", "USD", "dispute", "dispute_verified"),
    ],
)
async def test_what_was_said_of_all_and_lifted_for_one_still_holds_for_the_other(
    pool: Pool,
    dependencies: Dependencies,
    now: datetime,
    due: datetime,
    country: str,
    zone: str,
    currency: str,
    said: str,
    lifted: str,
) -> None:
    await add_customer(pool, country=country, zones=(zone,), points=MAIL)
    await debts(pool, due)
    await pool.execute("UPDATE accounts SET currency = $1, balance = 90000", currency)
    one, two, now = Actor(dependencies, "A1"), Actor(dependencies, "A2"), now + MINUTE
    await told(two, now, said, in_writing=True)
    assert (await one.planned(now + MINUTE)).kind is StepKind.WAIT
    await told(one, now + 2 * MINUTE, lifted, account_id="A1")
    assert (await two.planned(now + 3 * MINUTE)).kind is StepKind.WAIT
    assert await alone(await one.planned(now + 3 * MINUTE))


async def test_a_breathing_space_of_one_debt_keeps_it_out_of_every_message(
    pool: Pool, dependencies: Dependencies, now: datetime, due: datetime
) -> None:
    await add_customer(pool, country="GB", zones=("Europe/London",), points=MAIL)
    await debts(pool, due)
    await pool.execute("UPDATE accounts SET currency = 'GBP', balance = 500")
    await told(Actor(dependencies, "A2"), now, "breathing_space", account_id="A2", type="standard")
    assert await alone(await Actor(dependencies, "A1").planned(now + MINUTE))


async def test_one_debt_under_both_its_numbers_is_in_one_message_once(
    pool: Pool, dependencies: Dependencies, sandbox_url: str, now: datetime, due: datetime
) -> None:
    await add_customer(pool, points=ONE)
    await debts(pool, due)
    await pool.execute("UPDATE accounts SET formerly = '{A1}' WHERE account_id = 'A2'")
    one, two = Actor(dependencies, "A1"), Actor(dependencies, "A2")
    step = await two.planned(now)
    assert step.covers == ("bank/A2",)
    await two.contact(step)
    later = await one.planned(step.not_before + MINUTE)
    assert (later.touch, later.covers) == (2, ("bank/A1",))
    assert later.not_before - step.not_before > 2 * DAY
    assert len(await accepted(sandbox_url)) == 1


async def test_a_start_that_another_may_have_written_lifts_no_letter(
    pool: Pool, dependencies: Dependencies, now: datetime, due: datetime
) -> None:
    for number in (1, 2):
        await add_customer(pool, f"C{number}", points=ONE)
        await add_account(pool, f"A{number}", f"C{number}", due=due.date())
    one, now = Actor(dependencies, "A1"), now + MINUTE
    await told(one, now, "cease", channel="letter", in_writing=True)
    for nth, intent in enumerate((Intent.OPT_OUT, Intent.OPT_IN)):
        said = (f"S{nth}", Channel.SMS, MOBILE, "said", intent, now + (nth + 1) * MINUTE)
        await ProviderEvents(pool).inbound("twilio", *said)
    assert (await one.planned(now + 4 * DAY)).kind is StepKind.WAIT


async def test_a_consent_that_is_dated_ahead_is_no_later_than_a_stop_said_after_it(
    pool: Pool, dependencies: Dependencies, now: datetime, due: datetime
) -> None:
    for number in (1, 2):
        await add_customer(pool, f"C{number}", points=ONE)
        await add_account(pool, f"A{number}", f"C{number}", due=due.date())
    one, two, now = Actor(dependencies, "A1"), Actor(dependencies, "A2"), now + MINUTE
    own = await pool.fetchval("SELECT contact_point_id FROM contact_points WHERE customer_id='C1'")
    ahead = (now + timedelta(hours=14)).isoformat()
    event = {"kind": "opt_in", "at": ahead, "channel": "sms", "contact_point_id": own}
    await one.record(now, {"kind": "law_event", "id": "in", "event": event})
    await told(two, now + MINUTE, "cease")
    for after in (2 * MINUTE, DAY):
        assert (await one.planned(now + after)).kind is StepKind.WAIT


async def test_a_cease_under_the_new_id_holds_at_an_address_that_the_former_one_had(
    pool: Pool, dependencies: Dependencies, now: datetime, due: datetime
) -> None:
    """For a third, who has the address as well."""
    await rekeyed(pool, due)
    await add_customer(pool, "C3", points=ONE)
    await pool.execute("UPDATE customers SET name = 'Luis Gomez' WHERE customer_id = 'C3'")
    await add_account(pool, "B1", "C3", due=due.date())
    third, now = Actor(dependencies, "B1"), now + MINUTE
    assert (await third.planned(now)).kind is StepKind.CONTACT
    await told(Actor(dependencies, "A1"), now, "cease")
    assert (await third.planned(now + MINUTE)).kind is StepKind.WAIT


async def rekeyed(pool: Pool, due: datetime, *, keeps: bool = False) -> None:
    """A1 and A2 were C1's; A1 has come under C9, with another number, and perhaps the old one."""
    await add_customer(pool, "C1", points=ONE)
    another = ("sms", "mobile", OTHER)
    await add_customer(pool, "C9", points=(another, *ONE) if keeps else (another,))
    await debts(pool, due)
    await pool.execute("UPDATE accounts SET customer_id = 'C9' WHERE account_id = 'A1'")


async def test_two_ids_of_one_person_reserve_one_after_the_other(
    pool: Pool,
    dependencies: Dependencies,
    sandbox_url: str,
    now: datetime,
    due: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await rekeyed(pool, due)
    actors = [Actor(dependencies, "A1"), Actor(dependencies, "A2")]
    steps = [await actor.planned(now) for actor in actors]
    at = max(step.not_before for step in steps)
    both, reserve = asyncio.Barrier(2), Ledger.reserve

    async def meet(
        self: Ledger, connection: Connection, found: Situation, step: Step, new: Reservation
    ) -> None:
        # Each is about to write its row; where they are serialised, the second is not here yet.
        with suppress(TimeoutError, asyncio.BrokenBarrierError):
            await asyncio.wait_for(both.wait(), 2)
        await reserve(self, connection, found, step, new)

    monkeypatch.setattr(Ledger, "reserve", meet)
    await asyncio.gather(
        *(actor.contact(step, at) for actor, step in zip(actors, steps, strict=True))
    )
    assert len(await accepted(sandbox_url)) == 1


async def test_a_reply_under_the_other_id_comes_between_reserving_and_sending(
    pool: Pool,
    dependencies: Dependencies,
    sandbox_url: str,
    now: datetime,
    due: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await rekeyed(pool, due, keeps=True)
    actor = Actor(dependencies, "A1")
    step = await actor.planned(now)
    dispatch, at = Ledger.dispatch, step.not_before

    async def writes(self: Ledger, *order: Any) -> bool:
        said = ("S1", Channel.SMS, MOBILE, "Llamen el lunes", Intent.OTHER, at)
        await ProviderEvents(pool).inbound("twilio", *said)
        return await dispatch(self, *order)

    monkeypatch.setattr(Ledger, "dispatch", writes)
    await actor.contact(step, at)
    assert await accepted(sandbox_url) == []
