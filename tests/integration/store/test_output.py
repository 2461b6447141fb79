"""What commands show of an account: one truth in words, and each change of plan with its reason."""

import io
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from rich.console import Console

from activities.dependencies import Dependencies
from domain.channels import Channel
from domain.conversation.keywords import Intent
from domain.facts import Unread
from domain.failures import NotFound
from store.database import Pool
from store.provider_events import ProviderEvents
from store.views.records import Records
from tests.support.activities import Actor
from tests.support.rows import add_account, add_customer
from workers.cli.output import refused_of, show_account, show_refused, show_timeline


@pytest.fixture
async def told(actor: Actor, pool: Pool, now: datetime) -> datetime:
    """An account that was planned, and whose customer then said stop to SMS."""
    await actor.planned(now)
    await actor.planned(now)
    stop = ("s1", Channel.SMS, "+573001234567", "BASTA", Intent.OPT_OUT, now + timedelta(minutes=1))
    await ProviderEvents(pool).inbound("twilio", *stop)
    later = now + timedelta(minutes=2)
    await actor.planned(later)
    return later


async def shown(pool: Pool, dependencies: Dependencies, now: datetime) -> dict[str, Any]:
    out = Console(file=io.StringIO(), width=400)
    settings = dependencies.settings
    await show_account(pool, settings, "bank/A1", now, out, as_json=True)
    found: dict[str, Any] = json.loads(out.file.getvalue())  # type: ignore[attr-defined]
    return found


async def test_a_contact_point_says_in_words_whether_it_is_used(
    told: datetime, pool: Pool, dependencies: Dependencies
) -> None:
    found = await shown(pool, dependencies, told)
    points = {point["channel"]: point for point in found["contact_points"]}
    assert points["sms"]["not_used"] == "the customer said stop"
    assert points["email"]["not_used"] is None
    assert points["sms"]["address"] == "+57…4567"
    assert points["email"]["address"] == "a…a@example.com"
    assert "+573001234567" not in json.dumps(found)


async def test_what_silences_an_account_is_said_of_each_contact_point_and_of_what_comes_next(
    actor: Actor, pool: Pool, dependencies: Dependencies, now: datetime
) -> None:
    event = {"kind": "bankruptcy", "at": now.isoformat()}
    await actor.record(now, {"kind": "law_event", "id": "b1", "event": event})
    step = await actor.planned(now + timedelta(minutes=1))
    found = await shown(pool, dependencies, now + timedelta(minutes=1))
    why = (
        "the consumer is in insolvency proceedings, and whether this contact may be made is for a "
        "person to say, Código General del Proceso, art. 545"
    )
    assert {point["not_used"] for point in found["contact_points"]} == {why}
    assert f"(sms: {why}" in step.summary or f"(email: {why}" in step.summary
    assert step.summary in [row["what"] for row in found["timeline"]] + [found["next_summary"]]


@pytest.mark.parametrize("account", ["A1", "bank/A1", None])
async def test_of_an_account_that_is_known_there_may_be_nothing_refused(
    told: datetime, pool: Pool, account: str | None
) -> None:
    assert await refused_of(pool, account, None, 9) == []


@pytest.mark.parametrize("account", ["NOPE", "other/A1"])
async def test_nothing_is_refused_for_an_account_that_nobody_knows(
    told: datetime, pool: Pool, account: str
) -> None:
    with pytest.raises(NotFound, match=f"{account}', and no such account is known"):
        await refused_of(pool, account, None, 9)


async def test_what_was_refused_of_an_account_that_is_not_known_yet_is_shown(
    pool: Pool, actor: Actor, now: datetime
) -> None:
    await Actor(actor.dependencies, "early").record(now, {"kind": "close", "id": "c"})
    assert [one.message_id for one in await refused_of(pool, "early", None, 9)] == ["c"]


async def test_masks_tell_addresses_apart_and_show_none_whole(pool: Pool) -> None:
    mails = ["ann@x.co", "andrea@x.co", "ax@x.co", "a@x.co", "amelia@x.co"]
    phones = ["+573001234567", "+573101234567"]
    points = [("email", "email", mail) for mail in mails]
    await add_customer(pool, points=(*points, *(("sms", "mobile", phone) for phone in phones)))
    masked = [point["address"] for point in await Records(pool).points("C1")]
    assert len(set(masked)) == len(mails) + len(phones)
    assert not {*mails, *phones} & set(masked)
    assert "a…n@x.co" in masked
    assert sum(one.startswith("a…a@x.co #") for one in masked) == 2
    assert sum(one.startswith("…@x.co #") for one in masked) == 2


async def test_mailboxes_of_two_letters_are_told_apart_also_of_two_people(pool: Pool) -> None:
    await add_customer(pool, "C1", points=(("email", "email", "u1@example.com"),))
    await add_customer(pool, "C2", points=(("email", "email", "u2@example.com"),))
    shown = [(await Records(pool).points(who))[0]["address"] for who in ("C1", "C2")]
    assert len(set(shown)) == 2
    assert all(one.startswith("…@example.com #") for one in shown)


async def test_each_change_of_plan_is_kept_once_with_its_reason(
    told: datetime, pool: Pool, dependencies: Dependencies
) -> None:
    rows = (await shown(pool, dependencies, told))["timeline"]
    plans = [row["what"] for row in rows if row["kind"] == "planned"]
    assert len(plans) == 2
    assert plans[0].startswith("SMS reminder 1")
    assert plans[1].startswith("The customer wrote; a person's turn, until")
    kept = await pool.fetch("SELECT why, rule FROM plan_changes ORDER BY plan")
    assert [row["why"] for row in kept] == ["touch", "reply"]


async def test_a_person_reads_the_customers_clock_beside_utc(
    told: datetime, pool: Pool, dependencies: Dependencies
) -> None:
    out = Console(file=io.StringIO(), width=400)
    await show_account(pool, dependencies.settings, "bank/A1", told, out, as_json=False)
    await show_timeline(pool, "C1", out)
    said = out.file.getvalue()  # type: ignore[attr-defined]
    assert "There (America/Bogota)" in said
    assert "sms +57…4567 (mobile): not used: the customer said stop" in said


async def test_whatever_a_message_calls_itself_is_shown_to_the_letter(
    told: datetime, pool: Pool, dependencies: Dependencies
) -> None:
    odd = Unread(id="k1", name="set[/flag]", sent="{}", problem="no such message [x]")
    async with pool.acquire() as connection:
        await dependencies.facts.keep(connection, ("bank", "A1"), odd, told)
    out = Console(file=io.StringIO(), width=400)
    await show_account(pool, dependencies.settings, "bank/A1", told, out, as_json=False)
    await show_timeline(pool, "C1", out)
    show_refused(out, await refused_of(pool, "bank/A1", None, 9), as_json=False)
    assert out.file.getvalue().count("set[/flag]") == 3  # type: ignore[attr-defined]


async def test_two_mailboxes_are_told_apart(
    pool: Pool, dependencies: Dependencies, now: datetime
) -> None:
    mails = ("ana@example.com", "berta@example.com", "ana@example.org")
    await add_customer(pool, points=tuple(("email", "email", mail) for mail in mails))
    await add_account(pool, due=now.date())
    found = await shown(pool, dependencies, now)
    assert len({point["address"] for point in found["contact_points"]}) == 3
