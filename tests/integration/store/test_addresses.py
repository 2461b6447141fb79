"""What was said from an address, and what went there, holds for whoever's record it stands in."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from activities.dependencies import Dependencies
from domain.channels import Channel
from domain.conversation.keywords import Intent
from domain.ledger.attempt import AttemptState
from domain.names import contact_point_id
from domain.planning.step import Status, Step, StepKind
from store.database import Pool
from store.law_events import SUPPRESS
from store.provider_events import ProviderEvents
from store.situations import read_situation
from tests.support.activities import Actor, accepted
from tests.support.rows import add_account, add_customer, attempts

MOBILE = "+573001234567"
PHONE = (("sms", "mobile", MOBILE),)
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def due() -> datetime:
    return datetime.now(UTC) - timedelta(days=10)


async def someone(
    pool: Pool,
    dependencies: Dependencies,
    number: int,
    due: datetime,
    points: tuple[tuple[str, str, str], ...] = PHONE,
) -> Actor:
    await add_customer(pool, f"C{number}", points=points)
    await add_account(pool, f"A{number}", f"C{number}", due=due.date())
    return Actor(dependencies, f"A{number}")


async def says(pool: Pool, at: datetime, intent: str, address: str = MOBILE) -> None:
    name = f"said-{at.timestamp()}"
    heard = (name, Channel.SMS, address, "BASTA", Intent(intent))
    await ProviderEvents(pool).inbound("twilio", *heard, at)


async def rekeyed(pool: Pool, points: tuple[tuple[str, str, str], ...] = PHONE) -> None:
    """The same account and telephone under another customer id, as a file may bring them."""
    await add_customer(pool, "C9", points=points)
    await pool.execute("UPDATE accounts SET customer_id = 'C9' WHERE account_id = 'A1'")


# --- stops ----------------------------------------------------------------------------------------


async def test_a_stop_is_not_lost_when_the_account_gets_another_customer_id(
    pool: Pool, dependencies: Dependencies, now: datetime, due: datetime
) -> None:
    actor = await someone(pool, dependencies, 1, due)
    await says(pool, now, "opt_out")
    await rekeyed(pool)
    step = await actor.planned(now + 3 * DAY)
    assert (step.kind, step.view.status) == (StepKind.WAIT, Status.SILENCED)
    assert "whoever has this address said stop" in step.summary


async def test_a_stop_from_a_number_that_nobody_has_yet_waits_for_its_customer(
    pool: Pool, dependencies: Dependencies, now: datetime, due: datetime
) -> None:
    await says(pool, now, "opt_out")
    actor = await someone(pool, dependencies, 1, due)
    assert (await actor.planned(now + SECOND)).view.status is Status.SILENCED


@pytest.mark.parametrize(
    ("on_file", "says_from"),
    [
        ("+5215512345678", "+525512345678"),
        ("+525512345678", "+5215512345678"),
        ("+5491123456789", "+541123456789"),
        ("+5564991234567", "+556491234567"),
        ("+573001234567", "573001234567"),
    ],
)
async def test_a_stop_is_heard_however_its_number_is_spelt(
    pool: Pool,
    dependencies: Dependencies,
    now: datetime,
    due: datetime,
    on_file: str,
    says_from: str,
) -> None:
    actor = await someone(pool, dependencies, 1, due, (("sms", "mobile", on_file),))
    await says(pool, now + MINUTE, "opt_out", says_from)
    assert (await actor.planned(now + 3 * DAY)).view.status is Status.SILENCED


async def test_a_number_that_said_start_again_is_used_again_by_whoever_has_it(
    pool: Pool, dependencies: Dependencies, now: datetime, due: datetime
) -> None:
    await says(pool, now, "opt_out")
    await says(pool, now + SECOND, "opt_in")
    actor = await someone(pool, dependencies, 1, due)
    assert (await actor.planned(now + DAY)).kind is StepKind.CONTACT


async def test_another_address_of_who_has_a_stopped_number_is_still_used(
    pool: Pool, dependencies: Dependencies, now: datetime, due: datetime
) -> None:
    await says(pool, now, "opt_out")
    both = (*PHONE, ("sms", "mobile", "+573009999999"))
    actor = await someone(pool, dependencies, 1, due, both)
    step = await actor.planned(now + DAY)
    other = await pool.fetchval(
        "SELECT contact_point_id FROM contact_points WHERE address = '+573009999999'"
    )
    assert (step.kind, step.contact_point_id) == (StepKind.CONTACT, other)


async def test_a_number_that_is_out_of_service_is_so_for_everybody(
    pool: Pool, dependencies: Dependencies, now: datetime, due: datetime
) -> None:
    await someone(pool, dependencies, 1, due)
    await pool.execute("UPDATE contact_points SET suppressed = 'twilio 30003'")
    actor = await someone(pool, dependencies, 2, due)
    step = await actor.planned(now)
    assert step.view.status is Status.SILENCED
    assert "suppressed: twilio 30003" in step.summary


# Two rows of a file may spell one number of one customer in two ways: intake takes either as it is.
SPELT_TWICE = (("sms", "mobile", "+5511987654321"), ("sms", "mobile", "+551187654321"))


@pytest.mark.parametrize("first", [0, 1])
async def test_a_number_that_stands_there_in_two_spellings_is_out_of_service_in_both(
    pool: Pool, dependencies: Dependencies, now: datetime, due: datetime, first: int
) -> None:
    actor = await someone(pool, dependencies, 1, due, SPELT_TWICE)
    why = "UPDATE contact_points SET suppressed = 'twilio 30003' WHERE address = $1"
    await pool.execute(why, SPELT_TWICE[first][2])
    assert (await actor.planned(now)).view.status is Status.SILENCED


async def test_the_first_reason_why_a_number_is_not_used_stays_whoever_has_another(
    pool: Pool, dependencies: Dependencies, now: datetime, due: datetime
) -> None:
    actors = [await someone(pool, dependencies, number, due) for number in (1, 2)]
    for nth, (number, why) in enumerate([(1, "twilio 30003"), (2, "a later reason")]):
        own = contact_point_id(f"C{number}", "sms", MOBILE)
        await pool.execute(SUPPRESS, own, why, now + nth * SECOND)
    for actor in actors:
        assert "suppressed: twilio 30003" in (await actor.planned(now)).summary


async def test_a_stop_of_a_channel_that_is_never_used_stands_in_nobodys_way(
    pool: Pool, dependencies: Dependencies, now: datetime, due: datetime
) -> None:
    first, second = [await someone(pool, dependencies, number, due) for number in (1, 2)]
    stop = {"kind": "opt_out", "at": now.isoformat(), "channel": "visit"}
    await first.record(now, {"kind": "law_event", "id": "v1", "event": stop})
    assert (await second.planned(now + DAY)).kind is StepKind.CONTACT


# --- contacts -------------------------------------------------------------------------------------


async def test_one_telephone_under_two_customer_ids_rings_once_a_day(
    pool: Pool, dependencies: Dependencies, sandbox_url: str, now: datetime, due: datetime
) -> None:
    actors = [await someone(pool, dependencies, number, due) for number in (1, 2, 3, 4)]
    steps = [await actor.planned(now) for actor in actors]
    at = max(step.not_before for step in steps)

    async def goes_out(actor: Actor, step: Step) -> Step:
        return await actor.contact(step, at)

    after = await asyncio.gather(*map(goes_out, actors, steps))
    assert len(await accepted(sandbox_url)) == 1
    [made] = await attempts(pool)
    for actor, step in zip(actors, after, strict=True):
        if actor.account_id != made["account_id"]:
            assert step.kind is StepKind.CONTACT
            assert step.not_before.date() > at.date()


async def test_an_account_that_changes_its_customer_does_not_hear_the_same_touch_again(
    pool: Pool, dependencies: Dependencies, sandbox_url: str, now: datetime, due: datetime
) -> None:
    actor = await someone(pool, dependencies, 1, due)
    step = await actor.planned(now)
    await actor.contact(step)
    await rekeyed(pool, (("sms", "mobile", "+573007777777"),))
    again = await actor.planned(step.not_before + SECOND)
    assert (again.kind, again.touch) == (StepKind.CONTACT, 2)
    assert again.not_before - step.not_before > 3 * DAY
    assert len(await accepted(sandbox_url)) == 1


async def test_a_debt_text_does_not_leave_for_who_is_no_longer_the_customer(
    pool: Pool, dependencies: Dependencies, sandbox_url: str, now: datetime, due: datetime
) -> None:
    actor = await someone(pool, dependencies, 1, due)
    ready = await actor.reserve(await actor.planned(now))
    await rekeyed(pool, (("sms", "mobile", "+573007777777"),))
    await actor.send(ready, now + SECOND)
    assert await accepted(sandbox_url) == []
    assert [row["state"] for row in await attempts(pool)] == ["released"]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE accounts SET currency = 'USD'",
        "UPDATE customers SET name = 'Rosa Lara'",
        "UPDATE customers SET locale = 'pt-BR'",
        "UPDATE customers SET preferred_channel = 'email'",
        "UPDATE contact_points SET kind = 'work'",
    ],
)
async def test_whatever_a_message_rests_on_counts_as_a_fact(
    pool: Pool,
    dependencies: Dependencies,
    sandbox_url: str,
    now: datetime,
    due: datetime,
    change: str,
) -> None:
    actor = await someone(pool, dependencies, 1, due)
    ready = await actor.reserve(await actor.planned(now))
    await pool.execute(change)
    await actor.send(ready, now + SECOND)
    assert await accepted(sandbox_url) == []


# --- outcomes that change -------------------------------------------------------------------------


async def test_a_receipt_that_comes_late_takes_a_failure_and_what_would_follow_back(
    pool: Pool, dependencies: Dependencies, now: datetime, due: datetime
) -> None:
    both = (*PHONE, ("email", "email", "ana@example.com"))
    actor = await someone(pool, dependencies, 1, due, both)
    await pool.execute("UPDATE customers SET preferred_channel = 'sms'")
    step = await actor.planned(now)
    after = step.not_before + SECOND
    await actor.contact(step)
    [row] = await attempts(pool)
    for status in (AttemptState.UNDELIVERED, AttemptState.DELIVERED):
        said = (row["attempt_id"], status, row["provider_message_id"], None, None)
        await ProviderEvents(pool).delivery("twilio", f"e-{status}", *said, after)
        planned = await actor.planned(after)
        failed = status is AttemptState.UNDELIVERED
        assert (planned.why == "failover") is failed, status
    [row] = await attempts(pool)
    assert row["state"] == "delivered"


async def test_what_has_reached_a_handset_has_reached_it_whatever_is_told_later(
    pool: Pool, dependencies: Dependencies, now: datetime, due: datetime
) -> None:
    actor = await someone(pool, dependencies, 1, due)
    step = await actor.planned(now)
    await actor.contact(step)
    [row] = await attempts(pool)
    for status in (AttemptState.DELIVERED, AttemptState.UNDELIVERED):
        said = (row["attempt_id"], status, row["provider_message_id"], None, None)
        await ProviderEvents(pool).delivery("twilio", f"e-{status}", *said, now)
    [row] = await attempts(pool)
    assert row["state"] == "delivered"


# --- somebody else answers ------------------------------------------------------------------------


async def test_whoever_writes_that_they_are_somebody_else_is_reached_by_no_channel(
    pool: Pool, dependencies: Dependencies, now: datetime, due: datetime
) -> None:
    one_phone = (*PHONE, ("whatsapp", "mobile", MOBILE), ("voice", "mobile", MOBILE))
    actor = await someone(pool, dependencies, 1, due, one_phone)
    assert (await actor.planned(now)).kind is StepKind.CONTACT
    await says(pool, now + SECOND, "wrong_person")
    assert (await actor.planned(now + 9 * DAY)).view.status is Status.SILENCED
    await rekeyed(pool, one_phone)
    assert (await actor.planned(now + 9 * DAY)).view.status is Status.SILENCED, "by another id"


async def test_another_address_of_a_customer_whose_number_is_somebody_elses_is_used(
    pool: Pool, dependencies: Dependencies, now: datetime, due: datetime
) -> None:
    both = (*PHONE, ("sms", "mobile", "+573009999999"))
    actor = await someone(pool, dependencies, 1, due, both)
    await says(pool, now, "wrong_person")
    step = await actor.planned(now + 3 * DAY)
    select = "SELECT address FROM contact_points WHERE contact_point_id = $1"
    assert await pool.fetchval(select, step.contact_point_id) == "+573009999999"


# --- one telephone, two channels ------------------------------------------------------------------

BOTH = (*PHONE, ("whatsapp", "mobile", MOBILE))


async def test_two_channels_to_one_number_are_told_apart(
    pool: Pool, dependencies: Dependencies, now: datetime, due: datetime
) -> None:
    await add_customer(pool, points=BOTH, preferred="whatsapp")
    await add_account(pool, due=due.date())
    actor = Actor(dependencies)
    step = await actor.planned(now)
    await actor.contact(step)
    await ProviderEvents(pool).inbound(
        "twilio", "W1", Channel.WHATSAPP, MOBILE, "¿Cuánto debo?", Intent.OTHER, now
    )
    async with pool.acquire() as connection:
        found = await read_situation(connection, "bank", "A1", now + DAY, {})
    assert found is not None
    assert [one.contact_point_id for one in found[0].contacts] == [step.contact_point_id]
    written = contact_point_id("C1", "whatsapp", MOBILE)
    assert [one.contact_point_id for one in found[0].replies] == [written]


@pytest.mark.parametrize("points", [BOTH, PHONE])
async def test_a_reply_under_a_former_customer_id_is_this_customers(
    pool: Pool,
    dependencies: Dependencies,
    now: datetime,
    due: datetime,
    points: tuple[tuple[str, str, str], ...],
) -> None:
    await add_customer(pool, points=points, preferred="sms")
    await add_account(pool, due=due.date())
    await ProviderEvents(pool).inbound(
        "twilio", "S1", Channel.SMS, MOBILE, "Llamen el lunes", Intent.OTHER, now
    )
    actor = Actor(dependencies)
    assert (await actor.planned(now + SECOND)).view.status is Status.RESTING
    await rekeyed(pool, points)
    step = await actor.planned(now + 2 * SECOND)
    assert (step.why, step.view.status) == ("reply", Status.RESTING)
    async with pool.acquire() as connection:
        found = await read_situation(connection, "bank", "A1", now + DAY, {})
    assert found is not None
    known = [point.contact_point_id for point in found[0].customer.points if point.channel == "sms"]
    assert [one.contact_point_id for one in found[0].replies] == known


async def test_a_reply_of_whoever_held_the_account_before_is_theirs(
    pool: Pool, dependencies: Dependencies, now: datetime, due: datetime
) -> None:
    await add_customer(pool, points=PHONE)
    await add_account(pool, due=due.date())
    await ProviderEvents(pool).inbound(
        "twilio", "S1", Channel.SMS, MOBILE, "Llamen el lunes", Intent.OTHER, now
    )
    await rekeyed(pool, (("sms", "mobile", "+573009998877"),))
    await pool.execute("UPDATE customers SET name = 'Luis Gómez' WHERE customer_id = 'C9'")
    step = await Actor(dependencies).planned(now + 2 * SECOND)
    assert step.view.status is not Status.RESTING


@pytest.mark.parametrize("how", ["under another id", "shared", "passed on"])
async def test_what_is_written_from_an_address_of_several_rests_all_of_them(
    pool: Pool, dependencies: Dependencies, now: datetime, due: datetime, how: str
) -> None:
    actor = await someone(pool, dependencies, 1, due)
    if how == "under another id":
        await rekeyed(pool)
    else:
        await someone(pool, dependencies, 2, due)
        if how == "passed on":
            await pool.execute("UPDATE contact_points SET current = false WHERE customer_id = 'C2'")
    held = await pool.fetchval("SELECT sum(facts) FROM customers")
    await ProviderEvents(pool).inbound(
        "twilio", "S2", Channel.SMS, MOBILE, "Llamen el lunes", Intent.OTHER, now
    )
    assert (await actor.planned(now + SECOND)).view.status is Status.RESTING
    assert await pool.fetchval("SELECT sum(facts) FROM customers") == held + 2


async def test_a_contact_under_a_former_id_counts_though_its_address_is_gone(
    pool: Pool, dependencies: Dependencies, now: datetime, due: datetime
) -> None:
    points = (*PHONE, ("email", "email", "ana@example.com"))
    actor = await someone(pool, dependencies, 1, due, points)
    await add_account(pool, "B1", "C1", creditor="other", due=due.date())
    await actor.contact(await actor.planned(now))
    (made,) = await attempts(pool)
    gone = "email" if made["channel"] == "sms" else "sms"
    await add_customer(pool, "C9", points=tuple(p for p in points if p[0] == gone))
    await pool.execute("UPDATE accounts SET customer_id = 'C9'")
    async with pool.acquire() as connection:
        found = await read_situation(connection, "other", "B1", now + 8 * DAY, {})
    assert found is not None
    assert [one.elsewhere for one in found[0].contacts] == [False]


@pytest.mark.parametrize("medium", ["visit", "social_dm", "ringless_voicemail"])
@pytest.mark.parametrize("kind", ["opt_out", "opt_in"])
async def test_a_medium_that_is_no_channel_of_ours_stops_nobody_from_planning(
    pool: Pool, dependencies: Dependencies, now: datetime, due: datetime, medium: str, kind: str
) -> None:
    first = await someone(pool, dependencies, 1, due)
    second = await someone(pool, dependencies, 2, due)
    said = {"kind": kind, "at": now.isoformat(), "channel": medium}
    await second.record(now, {"kind": "law_event", "id": "m1", "event": said})
    for actor in (first, second):
        step = await actor.planned(now + SECOND)
        assert step.view.status is not Status.NEEDS_A_PERSON


async def test_an_opt_in_from_before_the_stop_that_is_told_after_it_lifts_nothing(
    pool: Pool, dependencies: Dependencies, now: datetime, due: datetime
) -> None:
    await says(pool, now - DAY, "opt_out")
    actor = await someone(pool, dependencies, 1, due)
    point = contact_point_id("C1", "sms", MOBILE)
    for days, status in ((30, Status.SILENCED), (0, Status.COLLECTING)):
        at = (now - days * DAY).isoformat()
        said = {"kind": "opt_in", "at": at, "channel": "sms", "contact_point_id": point}
        await actor.record(now, {"kind": "law_event", "id": f"m{days}", "event": said})
        assert (await actor.planned(now + SECOND)).view.status is status
