"""``contrapunto customer show``: one customer whole, for who may see it; the look is logged."""

import asyncio
import json
import logging
import os
import subprocess
import sys
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from activities.dependencies import Dependencies
from config.reader import load_reader
from config.settings import ROOT
from domain.channels import Channel
from domain.conversation.keywords import Intent
from domain.conversation.work_words import WorkOutcome
from domain.failures import NotFound
from domain.ledger.attempt import AttemptState
from domain.names import contact_point_id
from domain.planning.step import StepKind
from store.conversation.work import WorkItems
from store.database import Pool
from store.provider_events import ProviderEvents
from tests.support.activities import Actor
from tests.support.rows import add_account, add_customer, attempts
from workers.cli.customer.view import show_customer
from workers.cli.inbound.written import show_written
from workers.cli.output import show_account, show_timeline
from workers.cli.work_items.items import show_items, show_words

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
PHONE = "+573001234567"
DISPUTE = "no debo [b]nada[/b], es mentira\x1b[2J"


async def show(
    pool: Pool,
    dependencies: Dependencies,
    at: datetime,
    customer: str = "C1",
    since: datetime | None = None,
    by: str | None = "eva",
) -> dict[str, Any]:
    out = Console(file=StringIO())
    about = (pool, dependencies.settings, customer, since, by, at, out)
    await show_customer(*about, as_json=True)
    [line] = out.file.getvalue().splitlines()  # type: ignore[attr-defined]
    found: dict[str, Any] = json.loads(line)
    return found


async def printed(
    pool: Pool, dependencies: Dependencies, at: datetime, by: str | None = "eva"
) -> str:
    out = Console(file=StringIO(), width=300)
    about = (pool, dependencies.settings, "C1", None, by, at, out)
    await show_customer(*about, as_json=False)
    told: str = out.file.getvalue()  # type: ignore[attr-defined]
    return told


async def settle(pool: Pool, state: AttemptState, at: datetime) -> None:
    last = (await attempts(pool))[-1]
    about = (last["provider"], f"e-{last['attempt_id']}", last["attempt_id"], state)
    code = "30003" if state is AttemptState.UNDELIVERED else None
    await ProviderEvents(pool).delivery(*about, last["provider_message_id"], code, None, at)


async def contacted(actor: Actor, pool: Pool, at: datetime, state: AttemptState) -> datetime:
    """Plan at an instant, contact when it is time, and let the provider say what came of it."""
    step = await actor.planned(at)
    assert step.kind is StepKind.CONTACT
    await actor.contact(step)
    await settle(pool, state, step.not_before + MINUTE)
    return step.not_before + 2 * MINUTE


async def promised(actor: Actor, identity: str, at: datetime) -> None:
    date = (at + DAY).date().isoformat()
    promise = {"kind": "record_promise", "id": identity, "amount": "50000.00", "date": date}
    await actor.record(at, promise)


@pytest.fixture
async def lived(actor: Actor, pool: Pool, now: datetime) -> datetime:
    """A life: reached, a promise broken, not reached, one kept, a hold, a dispute, a stop."""
    at = await contacted(actor, pool, now, AttemptState.DELIVERED)
    await promised(actor, "p1", at)
    at = await contacted(actor, pool, at + 9 * DAY, AttemptState.UNDELIVERED)
    await promised(actor, "p2", at)
    paid = {"kind": "payment_received", "id": "pay1", "amount": "50000.00"}
    await actor.record(at + MINUTE, paid | {"paid_at": (at + MINUTE).isoformat()})
    hold = {"kind": "hold", "id": "h1", "until": (at + DAY).isoformat(), "reason": "asked for time"}
    await actor.record(at + 2 * MINUTE, hold)
    events = ProviderEvents(pool, load_reader())
    sms = (Channel.SMS, PHONE)
    await events.inbound("twilio", "S1", *sms, DISPUTE, Intent.OTHER, at + 3 * MINUTE)
    await events.inbound("twilio", "S2", *sms, "BASTA", Intent.OPT_OUT, at + 4 * MINUTE)
    await actor.planned(at + 5 * MINUTE)
    return at + 6 * MINUTE


async def test_one_object_tells_the_whole_of_a_customer(
    lived: datetime, pool: Pool, dependencies: Dependencies
) -> None:
    found = await show(pool, dependencies, lived)
    assert list(found) == [
        *("customer_id", "country", "region", "zones", "locale", "preferred_channel", "other_ids"),
        *("wishes", "preferences"),
        *("seen_at", "since", "words", "contact_points", "accounts", "parties", "stands_for"),
        *(
            *("promises", "keeping"),
            "plans",
            "disputes",
            "hardships",
            "vulnerable",
            "payments",
            "holds",
            "on_file",
            "work",
            "messages",
            "by_people",
            "timeline",
        ),
    ]
    assert (found["customer_id"], found["zones"], found["words"]) == (
        *("C1", ["America/Bogota"], True),
    )
    [account] = found["accounts"]
    assert (account["account"], account["balance"]) == ("bank/A1", "100000.00")
    assert account["standing"] == "on_hold"
    assert account["days_past_due"] >= 19
    assert account["next_summary"]
    assert [(one["promise_id"], one["state"]) for one in found["promises"]] == [
        *(("p1", "broken"), ("p2", "kept")),
    ]
    assert [one["paid"] for one in found["promises"]] == ["0.00", "50000.00"]
    assert [(one["payment_id"], one["amount"]) for one in found["payments"]] == [
        ("pay1", "50000.00")
    ]
    assert [(one["kind"], one["reason"]) for one in found["holds"]] == [("hold", "asked for time")]
    [item] = found["work"]
    assert (item["reason"], item["done_at"]) == ("dispute", None)
    assert PHONE not in json.dumps(found)
    assert "ana@example.com" not in json.dumps(found)


async def test_messages_both_ways_stand_in_one_row_with_words_where_they_are_kept(
    lived: datetime, pool: Pool, dependencies: Dependencies
) -> None:
    messages = (await show(pool, dependencies, lived))["messages"]
    assert [one["direction"] for one in messages] == ["out", "out", "in", "in"]
    first, second, dispute, stop = messages
    assert (first["state"], second["state"], second["code"]) == (
        "delivered",
        "undelivered",
        "30003",
    )
    assert all(one["purpose"] and one["cite"] for one in (first, second))
    assert "text" not in first and first["script"] is None
    assert (dispute["text"], dispute["reading"]["intents"]) == (DISPUTE, ["dispute"])
    assert dispute["address"] == "+57…4567"
    assert (stop["text"], stop["recorded_as"]) == ("BASTA", "opt_out")


async def test_a_plan_is_shown_with_each_instalment_as_it_stands(
    actor: Actor, pool: Pool, dependencies: Dependencies, now: datetime
) -> None:
    days = [(now + ahead * DAY).date() for ahead in (5, 35)]
    parts = [{"date": str(one), "amount": "50000.00"} for one in days]
    await actor.record(now, {"kind": "agree_plan", "id": "plan-1", "instalments": parts})
    paid = {"kind": "payment_received", "id": "pay1", "amount": "50000.00"}
    await actor.record(now + DAY, paid | {"paid_at": (now + DAY).isoformat()})
    told = await show(pool, dependencies, now + 2 * DAY)
    [plan] = told["plans"]
    assert [(one["state"], one["open"]) for one in plan["instalments"]] == [
        ("paid", "0.00"),
        ("due", "50000.00"),
    ]
    assert (plan["state"], plan["paid"]) == ("active", "50000.00")
    said = [(row["kind"], row["what"]) for row in told["timeline"]]
    assert ("agreed a plan", f"2 instalments, the last by {days[1]}, active") in said
    text = await printed(pool, dependencies, now + 2 * DAY)
    assert "Payment plans" in text and f"{days[0]} 50000.00 COP paid" in text


async def test_a_dispute_and_a_hardship_are_shown_and_the_vulnerable_only_with_words(
    actor: Actor, pool: Pool, dependencies: Dependencies, now: datetime
) -> None:
    await actor.record(now, {"kind": "open_dispute", "id": "d-1", "documents": ["archive:17"]})
    over = {"kind": "resolve_dispute", "id": "r", "outcome": "against", "reason": "contract sent"}
    await actor.record(now + DAY, over)
    await actor.record(now + DAY, {"kind": "begin_hardship", "id": "h-1", "reason": "job_loss"})
    await pool.execute(
        "INSERT INTO persons_only (customer_id, since, told_by) VALUES ('C1', $1, 'ana')", now
    )
    told = await show(pool, dependencies, now + 2 * DAY)
    assert [one["state"] for one in told["disputes"]] == ["resolved_against"]
    assert [one["reason"] for one in told["hardships"]] == ["job_loss"]
    assert told["vulnerable"] is True
    said = {row["kind"]: row["what"] for row in told["timeline"]}
    assert said["dispute over"] == "resolved against: contract sent"
    assert said["in hardship"].startswith("job loss, looked at again on ")
    text = await printed(pool, dependencies, now + 2 * DAY)
    assert "archive:17" in text and "persons alone: vulnerable" in text


async def test_a_contact_point_says_who_consented_and_why_it_is_not_used(
    lived: datetime, pool: Pool, dependencies: Dependencies
) -> None:
    said = (lived, "intake:R7", contact_point_id("C1", "email", "ana@example.com"))
    await pool.execute(
        "INSERT INTO law_events (event_id, customer_id, kind, at, channel, recorded_at, "
        "recorded_by, detail) VALUES ('intake:R7:e', 'C1', 'opt_in', $1, 'email', $1, $2, "
        "jsonb_build_object('contact_point_id', $3::text))",
        *said,
    )
    found = await show(pool, dependencies, lived + MINUTE)
    points = {point["channel"]: point for point in found["contact_points"]}
    assert points["sms"]["not_used"]["bank/A1"].startswith("the customer said stop")
    assert points["email"]["consent_recorded_by"] == "intake:R7"
    assert datetime.fromisoformat(points["email"]["consent_at"]) == lived
    assert all("contact_point_id" not in point for point in points.values())
    [stop] = [one for one in found["on_file"] if one["kind"] == "opt_out"]
    assert (stop["recorded_by"], stop["address"], stop["this_person"]) == (
        *("twilio", "+57…4567", True),
    )


async def test_all_accounts_are_there_and_each_says_why_an_address_rests(
    actor: Actor, pool: Pool, dependencies: Dependencies, now: datetime
) -> None:
    await add_account(pool, "A2", due=now.date())
    await pool.execute(
        "UPDATE accounts SET status = 'closed', closed_at = now() WHERE account_id = 'A1'"
    )
    found = await show(pool, dependencies, now)
    assert [one["account"] for one in found["accounts"]] == ["bank/A2", "bank/A1"]
    assert all(list(point["not_used"]) == ["bank/A2"] for point in found["contact_points"])


async def test_a_stop_of_somebody_else_at_the_address_is_on_file_without_their_words(
    actor: Actor, pool: Pool, dependencies: Dependencies, now: datetime
) -> None:
    await add_customer(pool, "C2", points=(("sms", "mobile", PHONE),))
    await pool.execute(
        "INSERT INTO law_events (event_id, customer_id, kind, at, channel, recorded_at, detail) "
        "VALUES ('file:x', 'C2', 'opt_out', $1, 'sms', $1, "
        "jsonb_build_object('contact_point_id', $2::text, 'text', 'leave me'))",
        now,
        contact_point_id("C2", "sms", PHONE),
    )
    found = await show(pool, dependencies, now + MINUTE)
    [stop] = [one for one in found["on_file"] if one["kind"] == "opt_out"]
    assert (stop["this_person"], stop["said_as"], stop["text"]) == (False, None, None)
    assert stop["address"] == "+57…4567"
    assert "leave me" not in json.dumps(found)


async def test_what_came_from_an_address_that_several_have_is_shown_with_each(
    actor: Actor, pool: Pool, dependencies: Dependencies, now: datetime
) -> None:
    await add_customer(pool, "C2", points=(("sms", "mobile", PHONE),))
    said = ("twilio", "S1", Channel.SMS, PHONE, "quién es?", Intent.OTHER, now)
    await ProviderEvents(pool, load_reader()).inbound(*said)
    for customer in ("C1", "C2"):
        found = await show(pool, dependencies, now + MINUTE, customer)
        assert [(one["shared"], one["text"]) for one in found["messages"]] == [(True, "quién es?")]
        assert [one["reason"] for one in found["work"]] == ["shared_address"]
    assert "from an address that several have" in await printed(pool, dependencies, now)


async def test_the_timeline_has_what_came_from_a_shared_address_and_what_is_wished_in_order(
    actor: Actor, pool: Pool, dependencies: Dependencies, now: datetime
) -> None:
    await add_customer(pool, "C2", points=(("sms", "mobile", PHONE),))
    events = ProviderEvents(pool, load_reader())
    await events.inbound("twilio", "S1", Channel.SMS, PHONE, "quién es?", Intent.OTHER, now)
    mailbox, wish = "ana@example.com", "prefiero que me escriban por la tarde"
    at = now + MINUTE
    await events.inbound("sendgrid", "E1", Channel.EMAIL, mailbox, wish, Intent.OTHER, at)
    await events.inbound("sendgrid", "E2", Channel.EMAIL, mailbox, DISPUTE, Intent.OTHER, at)
    await actor.planned(at)
    told = (await show(pool, dependencies, at + MINUTE))["timeline"]
    told = [one for one in told if one["kind"] != "opt_in"]
    assert [(one["kind"], one["what"].split(": ")[-1]) for one in told[:-1]] == [
        ("wrote", "identity, from an address that several have"),
        ("asked", "shared address"),
        ("wrote", "dispute"),
        ("wrote", "preference"),
        ("asked", "dispute"),
        ("prefers", "12:00-18:00; recorded by sendgrid"),
    ]
    assert told[-1]["kind"] == "planned"


async def test_what_a_person_said_under_another_id_holds_and_the_id_is_named(
    actor: Actor, pool: Pool, dependencies: Dependencies, now: datetime
) -> None:
    await add_customer(pool, "C0", points=(("sms", "mobile", PHONE),))
    await pool.execute(
        "INSERT INTO account_holders VALUES ('bank', 'A1', 'C0'), ('bank', 'A1', 'C1')"
    )
    await pool.execute(
        "INSERT INTO law_events (event_id, customer_id, kind, at, detail) "
        "VALUES ('file:c', 'C0', 'cease', $1, '{\"text\": \"no más\"}')",
        now,
    )
    found = await show(pool, dependencies, now + MINUTE)
    assert found["other_ids"] == ["C0"]
    [stop] = [one for one in found["on_file"] if one["kind"] == "cease"]
    assert (stop["this_person"], stop["said_as"], stop["text"]) == (True, "C0", "no más")
    assert "the same person as" in await printed(pool, dependencies, now + MINUTE)


async def test_an_address_that_went_bad_or_is_listed_no_more_says_so(
    actor: Actor, pool: Pool, dependencies: Dependencies, now: datetime
) -> None:
    await pool.execute(
        "UPDATE contact_points SET suppressed = 'twilio 30005', suppressed_at = $1 "
        "WHERE channel = 'sms'",
        now,
    )
    await pool.execute("UPDATE contact_points SET current = false WHERE channel = 'email'")
    found = await show(pool, dependencies, now + MINUTE)
    whys = {point["channel"]: point["not_used"]["bank/A1"] for point in found["contact_points"]}
    assert whys == {"sms": "suppressed: twilio 30005", "email": "no longer listed"}
    said = await printed(pool, dependencies, now + MINUTE)
    assert "no longer listed" in said and "suppressed since " in said


async def test_since_leaves_what_happened_before_away_and_what_stands_there(
    lived: datetime, pool: Pool, dependencies: Dependencies
) -> None:
    found = await show(pool, dependencies, lived, since=lived - 3.5 * MINUTE)
    assert [one["id"] for one in found["messages"]] == ["twilio/S1", "twilio/S2"]
    assert (found["payments"], found["holds"]) == ([], [])
    assert len(found["promises"]) == 2 and len(found["work"]) == 1
    assert {one["kind"] for one in found["on_file"]} == {"opt_in", "opt_out"}
    assert all(
        datetime.fromisoformat(row["at"]) >= lived - 3.5 * MINUTE for row in found["timeline"]
    )


async def test_work_that_is_done_stays_with_what_came_of_it(
    lived: datetime, pool: Pool, dependencies: Dependencies
) -> None:
    items = WorkItems(pool)
    [item] = await items.listed("C1", None, 9, done=False)
    async with pool.acquire() as connection, connection.transaction():
        about = (item.work_id, "ana", WorkOutcome.NOT_MEANT, "spoke with her", lived)
        await items.done(connection, *about)
    [kept] = (await show(pool, dependencies, lived))["work"]
    assert (kept["outcome"], kept["done_by"]) == ("not_meant", "ana")
    assert (await show(pool, dependencies, lived, since=lived + MINUTE))["work"] == []


async def test_the_view_is_printed_by_both_clocks_and_a_terminal_obeys_nothing_in_it(
    lived: datetime, pool: Pool, dependencies: Dependencies
) -> None:
    said = await printed(pool, dependencies, lived)
    assert "There (America/Bogota)" in said
    assert "no debo [b]nada[/b], es mentira\\x1b[2J" in said
    assert "\x1b" not in said and "\\n" not in said
    assert "not used: the customer said stop" in said
    assert "Promises: 0 open, 1 kept, 1 broken" in said
    assert "read: dispute" in said


async def test_a_customer_of_whom_nothing_is_known_but_the_name_is_printed_too(
    pool: Pool, dependencies: Dependencies, now: datetime
) -> None:
    await add_customer(pool, points=())
    await pool.execute("DELETE FROM law_events")
    said = await printed(pool, dependencies, now)
    for part in ("Contact points", "Accounts", "On file", "Messages"):
        assert f"{part}: none" in said


async def test_each_look_at_words_is_logged_without_them(
    lived: datetime, pool: Pool, dependencies: Dependencies, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        await show(pool, dependencies, lived)
        await printed(pool, dependencies, lived)
    looks = [one.getMessage() for one in caplog.records if "looked at" in one.getMessage()]
    assert looks == ["eva looked at customer C1 and 4 messages, with words"] * 2
    assert "mentira" not in caplog.text and "BASTA" not in caplog.text


async def test_without_words_none_is_shown_and_no_look_is_logged(
    lived: datetime, pool: Pool, dependencies: Dependencies, caplog: pytest.LogCaptureFixture
) -> None:
    await pool.execute(
        "INSERT INTO law_events (event_id, customer_id, kind, at, detail) "
        "VALUES ('file:d', 'C1', 'dispute', $1, '{\"text\": \"no es mio\", \"in_writing\": true}')",
        lived,
    )
    await pool.execute(
        "INSERT INTO calls (attempt_id, script) SELECT attempt_id, "
        '\'{"message": "Ana Rojas, you owe"}\' FROM attempts'
    )
    assert "no es mio" in json.dumps(await show(pool, dependencies, lived))
    assert "you owe" in json.dumps(await show(pool, dependencies, lived))
    caplog.clear()
    with caplog.at_level(logging.INFO):
        found = await show(pool, dependencies, lived, by=None)
        said = await printed(pool, dependencies, lived, by=None)
    told = json.dumps(found) + said
    assert not [word for word in ("mentira", "BASTA", "no es mio", "you owe") if word in told]
    assert found["words"] is False
    heard = [one for one in found["messages"] if one["direction"] == "in"]
    assert [(one["text"], one["reading"]["intents"]) for one in heard] == [
        *((None, ["dispute"]), (None, ["stop"])),
    ]
    [dispute] = [one for one in found["on_file"] if one["kind"] == "dispute"]
    assert (dispute["text"], dispute["detail"]) == (None, {"in_writing": True})
    assert "looked at" not in caplog.text


async def test_whose_id_nobody_has_is_not_found_and_one_spelt_nearly_so_is_named(
    pool: Pool, dependencies: Dependencies, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    await add_customer(pool, "C-100")
    with (
        caplog.at_level(logging.INFO),
        pytest.raises(NotFound, match="no customer 'X9' is known: "),
    ):
        await show(pool, dependencies, now, "X9")
    with pytest.raises(NotFound, match="'c-100' is known, but C-100: ask for that"):
        await show(pool, dependencies, now, "c-100")
    assert "looked at" not in caplog.text


async def test_the_command_writes_the_view_and_logs_beside_it(
    lived: datetime, pool: Pool, database_url: str
) -> None:
    async def run(*words: str) -> tuple[int, str, str]:
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "workers", "customer", "show", *words],
            cwd=ROOT,
            env={**os.environ, "CONTRAPUNTO_DATABASE_URL": database_url},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    status, out, logged = await run("C1", "--json", "--by", "eva", "--since", "2020-01-01")
    assert (status, json.loads(out)["customer_id"]) == (0, "C1")
    assert "eva looked at customer C1" in logged and "mentira" not in logged
    status, out, logged = await run("C1", "--no-words")
    assert (status, "mentira" in out, "looked" in logged) == (0, False, False)
    status, out, logged = await run("X9", "--by", "eva")
    assert (status, out) == (1, "")
    assert "no customer 'X9' is known" in logged


async def test_files_are_shown_beside_the_words_and_without_address_where_no_words_are(
    actor: Actor, pool: Pool, dependencies: Dependencies, now: datetime
) -> None:
    said = ("twilio", "S1", Channel.SMS, PHONE, "mi recibo", Intent.OTHER, now)
    file = {"url": "https://m.example/1", "type": "image/jpeg"}
    await ProviderEvents(pool, load_reader()).inbound(*said, media=[file])
    found = await show(pool, dependencies, now + MINUTE)
    assert [one["media"] for one in found["messages"]] == [[file]]
    text = await printed(pool, dependencies, now + MINUTE)
    assert "[image/jpeg] https://m.example/1" in text
    found = await show(pool, dependencies, now + MINUTE, by=None)
    assert [one["media"] for one in found["messages"]] == [[file | {"url": None}]]


async def test_a_zone_that_does_not_exist_keeps_nothing_from_being_shown(
    pool: Pool, now: datetime, dependencies: Dependencies
) -> None:
    """Whoever has to mend it must see it (``needs_a_person``)."""
    await add_customer(pool)
    await add_account(pool, due=now.date() - timedelta(days=10))
    await pool.execute("UPDATE customers SET zones = '{Nowhere/Land}'")
    said = ("twilio", "S1", Channel.SMS, "+573001234567", "no debo nada", Intent.OTHER, now)
    await ProviderEvents(pool, load_reader()).inbound(*said)
    settings, reader, out = dependencies.settings, load_reader(), StringIO()
    console = Console(file=out, width=200)
    [item] = await WorkItems(pool).listed(None, None, 9, done=False)
    show_items([item], now, console, as_json=False)
    await show_words(WorkItems(pool), item.work_id, "eva", now, console, as_json=False)
    since = now - timedelta(days=1)
    await show_written(pool, reader, None, since, 9, "eva", console, as_json=False)
    await show_account(pool, settings, "bank/A1", now, console, as_json=False)
    await show_timeline(pool, "C1", console, as_json=False)
    await show_customer(pool, settings, "C1", None, "eva", now, console, as_json=False)
    assert "Nowhere/Land" in out.getvalue()
    assert " UTC" in out.getvalue()
