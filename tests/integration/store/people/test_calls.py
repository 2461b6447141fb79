"""A person's call: asked, begun, ended; it counts, once, and nobody contacts beside it."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from activities.dependencies import Dependencies
from domain.failures import BadInput, NotFound
from domain.planning.step import StepKind
from store.contacts.manual import begun, never_ended
from store.database import Pool
from tests.integration.store.people.support import (
    CALLED,
    HERS,
    HOME,
    HOUR,
    Desk,
    mid_morning,
    new,
)
from tests.support.activities import Actor
from tests.support.rows import add_account, add_customer, attempts
from workers.contacts.acting import Forbidden

pytestmark = pytest.mark.usefixtures("known")


@pytest.fixture
async def known(pool: Pool) -> None:
    await add_customer(pool, points=HERS, preferred="sms")
    await add_account(pool, due=mid_morning().date() - timedelta(days=10))


@pytest.fixture
def desk(pool: Pool) -> Desk:
    return Desk(pool, mid_morning())


async def facts(pool: Pool) -> int:
    count: int = await pool.fetchval("SELECT facts FROM customers WHERE customer_id = 'C1'")
    return count


async def test_a_call_that_is_allowed_begins_and_counts_at_once(pool: Pool, desk: Desk) -> None:
    before = await facts(pool)
    done = await desk.begin()
    assert done.may is not None
    assert done.may.allowed
    assert done.may.until is not None
    assert done.may.until > desk.now
    assert (done.contact.began_at, done.contact.result) == (desk.now, None)
    assert await facts(pool) == before + 1
    assert desk.accounts.told == ["bank/A1"]
    desk.clock.at += 2 * HOUR  # nobody said how it ended: it is no longer under way, and counts
    with pytest.raises(Forbidden) as second:
        await desk.begin("c2")
    assert second.value.answer.rule == "co.ley2300.week_cap"
    assert second.value.answer.next_allowed_at is not None


async def test_out_of_hours_nobody_begins(pool: Pool) -> None:
    desk = Desk(pool, mid_morning() - 5 * HOUR)
    with pytest.raises(Forbidden, match="allowed from"):
        await desk.begin()
    assert await begun(pool, 9) == []


async def test_of_two_who_begin_at_once_one_does(pool: Pool, desk: Desk) -> None:
    tries = (desk.begin(f"c{n}", point=point) for n, point in enumerate([CALLED, HOME] * 4))
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert [isinstance(one, Forbidden) for one in done].count(False) == 1, done
    assert len(await begun(pool, 99)) == 1


async def test_nobody_is_contacted_by_a_machine_while_a_person_dials(
    desk: Desk, dependencies: Dependencies
) -> None:
    actor = Actor(dependencies)
    await desk.begin()
    step = await actor.planned(desk.now + timedelta(minutes=1))
    assert (step.kind, step.why) == (StepKind.WAIT, "person")
    assert step.not_before == desk.now + HOUR


async def test_what_was_reserved_before_a_person_called_is_not_sent(
    pool: Pool, desk: Desk, dependencies: Dependencies, sandbox_url: str
) -> None:
    actor = Actor(dependencies)
    planned = await actor.planned(desk.now - 5 * HOUR)
    at = max(planned.not_before, desk.now)
    ready = await actor.reserve(planned, at)
    await desk.record("no_answer", desk.now - timedelta(minutes=5))
    await actor.send(ready, at)
    assert [row["state"] for row in await attempts(pool)] == ["released"]


async def test_a_reservation_under_way_keeps_a_person_from_the_second_contact_of_the_day(
    desk: Desk, dependencies: Dependencies
) -> None:
    actor = Actor(dependencies)
    planned = await actor.planned(desk.now - 5 * HOUR)
    desk.clock.at = max(planned.not_before, desk.now)
    await actor.reserve(planned, desk.now)
    desk.clock.at += timedelta(seconds=5)
    with pytest.raises(Forbidden) as found:
        await desk.begin()
    assert found.value.answer.rule == "co.ley2300.week_cap"


async def test_a_person_and_a_machine_at_the_same_moment_do_not_both_pass(
    pool: Pool, dependencies: Dependencies, desk: Desk
) -> None:
    """Of a day's one contact: whoever has the customer's row first."""
    actor = Actor(dependencies)
    planned = await actor.planned(desk.now - 5 * HOUR)
    at = max(planned.not_before, desk.now)
    desk.clock.at = at
    both = (desk.begin(), actor.reserve(planned, at))
    done = await asyncio.gather(*both, return_exceptions=True)
    reserved = [row for row in await attempts(pool) if row["state"] == "reserved"]
    assert len(reserved) + len(await begun(pool, 9)) == 1, done


async def test_the_same_id_again_changes_nothing_and_other_contents_are_refused(
    pool: Pool, desk: Desk
) -> None:
    first = await desk.begin()
    before = await facts(pool)
    again = await desk.begin()
    assert (again.new, again.contact) == (False, first.contact)
    with pytest.raises(BadInput, match=r"c1 is another contact's \(other by, point\)"):
        await desk.begin(by="luis", point=HOME)
    ended = await desk.end("no_answer")
    assert ended.new
    assert not (await desk.end("no_answer")).new
    with pytest.raises(BadInput, match="c1 ended as no_answer"):
        await desk.end("voicemail")
    assert await facts(pool) == before + 1
    at = desk.now - HOUR
    assert (await desk.record("busy", at, "c2")).new
    assert not (await desk.record("busy", at, "c2")).new
    with pytest.raises(BadInput, match=r"other at"):
        await desk.record("busy", at - HOUR, "c2")


async def test_one_that_nobody_ended_is_shown(pool: Pool, desk: Desk) -> None:
    await desk.begin()
    [contact] = await begun(pool, 9)
    assert contact.contact_id == "c1"
    assert await never_ended(pool, desk.now - HOUR) == 0
    assert await never_ended(pool, desk.now) == 1
    await desk.end("hung_up")
    assert await begun(pool, 9) == []


async def test_what_the_law_forbade_is_recorded_all_the_same_and_marked(desk: Desk) -> None:
    await desk.record("no_answer", desk.now - 2 * HOUR, "first")
    second = await desk.record("no_answer", desk.now - HOUR, "second")
    assert (second.contact.against_rule, second.new) == ("co.ley2300.week_cap", True)
    night = await desk.record("voicemail", desk.now - 8 * HOUR, "night")
    assert night.contact.against_rule == "co.ley2300.hours"
    inbound = await desk.record("conversation", desk.now - 9 * HOUR, "in", action="inbound_call")
    assert inbound.contact.against is None


HOSTILE: list[tuple[dict[str, Any], str]] = [
    ({"name": "a\0b"}, "id: must be printable"),
    ({"name": ""}, "id: must be 1 to"),
    ({"name": "a b"}, "without blanks"),
    ({"name": "x" * 81}, "id: must be 1 to 80"),
    ({"by": " "}, "by: says who"),
    ({"by": "a\0"}, "by: must be printable"),
    ({"action": "smoke"}, "action: must be one of call"),
    ({"point": "nowhere"}, "point: nowhere is no contact point of this customer's"),
    ({"point": None, "address": "12"}, "address: must be a number with its country code"),
    ({"point": None, "address": "ana@example.com"}, "address: must be a number"),
    ({"point": None}, "point: the customer has several for voice"),
    ({"address": "+573001234567"}, "point: or an address, not both"),
    ({"also": ("bank/B1",)}, "also: bank/B1 is no account of this customer's"),
    ({"point": "theirs"}, "is no contact point of this customer's"),
    ({"point": "hers"}, "is for sms, not voice"),
]


@pytest.mark.parametrize(("said", "rule"), HOSTILE)
async def test_what_cannot_be_a_contact_is_refused_in_words(
    pool: Pool, desk: Desk, said: dict[str, Any], rule: str
) -> None:
    await add_customer(pool, "C2", points=(("voice", "mobile", "+573009999999"),))
    await add_account(pool, "B1", "C2", due=desk.now.date())
    for name, whose in (("theirs", "C2"), ("hers", "C1")):
        if said.get("point") == name:
            channel = "sms" if name == "hers" else "voice"
            ask = "SELECT contact_point_id FROM contact_points "
            found = await pool.fetchval(
                f"{ask} WHERE customer_id = $1 AND channel = $2", whose, channel
            )
            said = {**said, "point": found}
    with pytest.raises(BadInput, match=rule):
        await desk.begin(**said)
    with pytest.raises(BadInput, match=rule):
        await desk.record("no_answer", desk.now - HOUR, **said)
    assert await pool.fetchval("SELECT count(*) FROM manual_contacts") == 0


async def test_no_call_is_recorded_that_is_ahead_or_of_no_known_account(desk: Desk) -> None:
    with pytest.raises(BadInput, match="at: must not be ahead"):
        await desk.record("no_answer", desk.now + timedelta(seconds=1))
    with pytest.raises(BadInput, match="at: must carry its offset"):
        await desk.record("no_answer", desk.now.replace(tzinfo=None))
    with pytest.raises(BadInput, match="must not be more than 400 days back"):
        await desk.record("no_answer", desk.now - timedelta(days=401))
    with pytest.raises(NotFound, match="bank/A9"):
        await desk.people.begin(new(account_id="A9"))
    with pytest.raises(NotFound, match="no contact 'c9'"):
        await desk.end("no_answer", "c9")
