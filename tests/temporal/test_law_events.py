"""Facts with legal weight that no channel brings: a death, a bankruptcy, a number that is wrong."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

import workflows.collect_account
from activities.dependencies import Dependencies
from domain.channels import Channel
from domain.conversation.keywords import Intent
from domain.names import contact_point_id
from lab.builders.intake_files import row, write_csv
from lab.local.temporal import LocalTemporal
from store.database import Pool
from store.provider_events import ProviderEvents
from store.situations import read_situation
from tests.support.activities import Actor
from tests.support.life import Life, days_ago
from tests.support.rows import add_account, add_customer, attempts
from workers.accounts import Accounts
from workers.cli import intake as command
from workers.intake.events import record_events
from workers.worker import running
from workflows.collect_account import CollectAccount

AT = "2026-01-05T10:00:00-05:00"
MOBILE, MAIL = "+573001234567", "ana@example.com"


async def on_record(pool: Pool) -> list[tuple[str, str, str | None, dict[str, object]]]:
    rows = await pool.fetch("SELECT * FROM law_events WHERE kind <> 'opt_in' ORDER BY event_id")
    return [(row["event_id"], row["kind"], row["account"], row["detail"]) for row in rows]


@pytest.mark.usefixtures("working")
async def test_a_death_told_by_signal_silences_every_account_of_the_customer(
    life: Life, pool: Pool, client: Client
) -> None:
    other = Life(client)
    await add_customer(pool, preferred="sms")
    for one in (life, other):
        await add_account(pool, one.account_id, due=days_ago(10))
        await one.start()
        await one.until(lambda _: True)
        await one.contact_ahead()
    made = await attempts(pool)  # whatever was due at the hour at which this runs
    for _ in range(2):  # said twice is said once
        await life.signal("law_event", id="registry-7", event={"kind": "death", "at": AT})
    await life.until_told("Law event: recorded")
    await life.until(lambda state: state["waiting"] == 0)
    assert (await life.next_step())["kind"] == "wait"
    assert [row[:3] for row in await on_record(pool)] == [
        (f"bank/{life.account_id}:registry-7", "death", None)
    ]
    await other.until_told("Account updated: recorded")  # by whom it was told
    await other.until(lambda state: state["waiting"] == 0)
    assert (await other.next_step())["kind"] == "wait"
    assert await attempts(pool) == made


@pytest.mark.parametrize("door", ["signal", "file"])
@pytest.mark.usefixtures("working")
async def test_whoever_has_the_address_of_a_stop_plans_anew(
    life: Life, pool: Pool, client: Client, tmp_path: Path, door: str
) -> None:
    other = Life(client)
    spelt = MOBILE.removeprefix("+")
    for one, customer, number in ((life, "C1", MOBILE), (other, "C2", spelt)):
        await add_customer(pool, customer, points=(("sms", "mobile", number),))
        await add_account(pool, one.account_id, customer, due=days_ago(10))
        await one.start()
        await one.until(lambda _: True)
        await one.contact_ahead()
    if door == "signal":
        await life.signal("law_event", id="s1", event={"kind": "cease", "at": AT})
    else:
        file, said = tmp_path / "events.jsonl", Console(file=StringIO(), width=300)
        stop = {"id": "e1", "customer_id": "C1", "kind": "opt_out", "at": AT}
        file.write_text(json.dumps(stop), "utf-8")
        assert await record_events(file, pool, Accounts(client), said) == 0
        assert "2 accounts plan anew" in said.file.getvalue()  # type: ignore[attr-defined]
    await other.until_told("Account updated: recorded")
    await other.until(lambda state: state["waiting"] == 0)
    assert (await other.next_step())["kind"] == "wait"
    shown = await pool.fetchval(
        "SELECT next_kind FROM accounts WHERE account_id = $1", other.account_id
    )
    assert shown == "wait"


@pytest.mark.usefixtures("working")
async def test_an_event_for_one_account_by_its_bare_id_is_heard(life: Life, pool: Pool) -> None:
    await add_customer(pool, country="US", zones=("America/New_York",), preferred="sms")
    await add_account(pool, life.account_id, due=days_ago(10), currency="USD")
    await life.start()
    await life.until(lambda _: True)
    told = {"kind": "bankruptcy", "at": AT, "account_id": life.account_id}
    await life.signal("law_event", id="court-1", event=told)
    await life.until_told("Law event: recorded")
    await life.until(lambda state: state["waiting"] == 0)
    assert (await on_record(pool))[0][2] == f"bank/{life.account_id}"
    step = await life.next_step()
    assert step["kind"] == "wait"


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ({"kind": "deth", "at": AT}, "event.kind: must be"),
        ({"kind": "opt_in"}, "event.at: is missing"),
        ({"kind": "opt_in", "at": "0001-01-01T00:00:00Z"}, "event.at: must be of the"),
        ({"kind": "dispute_verified", "at": "2026-01-05"}, "event.at: must say its offset"),
        ({"kind": "wrong_number", "at": AT}, "wrong_number needs 'contact_point_id'"),
        ({"kind": "opt_in", "at": AT, "who": "leave me"}, "event.who: is not known here"),
        ({"kind": "OPT-IN", "at": AT}, "event.kind: must be"),
    ],
)
@pytest.mark.usefixtures("working")
async def test_a_malformed_event_is_told_in_the_timeline(
    life: Life, pool: Pool, event: dict[str, object], told: str
) -> None:
    await add_customer(pool)
    await add_account(pool, life.account_id, due=days_ago(10))
    await life.start()
    await life.until(lambda _: True)
    await life.signal("law_event", id="x", event=event)
    entry = await life.until_told("Ignored signal law_event")
    assert told in entry
    assert "leave me" not in entry


@pytest.mark.parametrize(
    ("event", "told", "at"),
    [
        ({"at": "9999-12-31T23:59:59Z"}, "at: lies beyond our years", "2199-12-31"),
        ({"at": "0001-01-01T00:00:00Z"}, "without a date of our years", None),
        ({}, "without a date of our years", None),
        (
            {"at": "2026-01-05"},
            "at: has no offset, so it is taken as 2026-01-05T05:0",
            "2026-01-05",
        ),
        ({"at": AT, "ends_at": "0001-01-01T00:00:00Z"}, "ends_at: is no date of", "2026-01-05"),
        ({"at": AT, "text": "leave me"}, "text: stays out of histories", "2026-01-05"),
        ({"at": AT, "recorded_at": AT}, "recorded_at: is ours to say", "2026-01-05"),
        ({"at": AT, "who": "leave me"}, "fields that are not known here are left", "2026-01-05"),
        ({"at": AT, "channel": "phone"}, "channel: cannot be read, so it is left", "2026-01-05"),
        ({"at": AT, "kind": "DEATH "}, "kind: is spelt otherwise", "2026-01-05"),
    ],
)
@pytest.mark.usefixtures("working")
async def test_a_stop_by_signal_is_taken_whatever_its_date_and_words(
    life: Life, pool: Pool, event: dict[str, object], told: str, at: str | None
) -> None:
    await add_customer(pool, preferred="sms")
    await add_account(pool, life.account_id, due=days_ago(10))
    await life.start()
    await life.until(lambda _: True)
    for _ in range(2):
        await life.signal("law_event", id="s1", event={"kind": "death", **event})
    line = await life.until_told("Law event: recorded")
    assert told in line
    assert "leave me" not in line
    assert "known already, nothing changed" in await life.until_told("Law event: known")
    assert (await life.next_step())["kind"] == "wait"
    row = await pool.fetchrow("SELECT * FROM law_events WHERE kind = 'death'")
    assert row is not None
    assert str(row["at"].date()) == at if at else row["at"] == row["recorded_at"]
    assert row["detail"] == {}
    told_of = [line for line in await life.told() if "give each message an id" in line]
    assert told_of == []


@pytest.mark.usefixtures("working")
async def test_a_file_of_events_is_recorded_refused_line_by_line_and_told(
    life: Life, pool: Pool, client: Client, tmp_path: Path
) -> None:
    points = (("sms", "mobile", MOBILE), ("whatsapp", "mobile", MOBILE), ("email", "email", MAIL))
    await add_customer(pool, points=points, preferred="sms")
    await add_account(pool, life.account_id, due=days_ago(10))
    await life.start()
    await life.until(lambda _: True)
    assert (await life.next_step())["channel"] == "sms"
    good = [
        {"id": "e1", "kind": "wrong_number", "address": "+57 300 1234567"},
        {"id": "e2", "kind": "dispute", "account_id": life.account_id},
    ]
    bad: list[tuple[object, str, str]] = [
        ({"id": "e3", "kind": "death", "customer_id": "NULL"}, "customer_id", "a word for nothing"),
        ({"id": "e4", "kind": "deth"}, "kind", "must be"),
        ({"id": "e5", "kind": "opt_in", "account_id": "B7"}, "account_id", "is no account of"),
        ({"id": "e6", "kind": "opt_in", "address": "+573009999999"}, "address", "is none of"),
        ({"id": "e2", "kind": "notice_mailed"}, "id", "belongs to another event"),
        ({"kind": "cease"}, "id", "is missing"),
        ("not json", "row", "is no valid JSON"),
    ]
    file = tmp_path / "events.jsonl"
    rows = [*good, *(row for row, _, _ in bad)]
    made = [
        row if isinstance(row, str) else json.dumps({"customer_id": "C1", "at": AT, **row})  # type: ignore[dict-item]
        for row in rows
    ]
    file.write_text("\n".join(made), "utf-8")
    said = Console(file=StringIO(), width=200)

    assert await record_events(file, pool, Accounts(client), said) == 3
    refused = (tmp_path / "events.jsonl.rejects.jsonl").read_text("utf-8").splitlines()
    assert len(refused) == len(bad)
    for text, (_, field, rule) in zip(refused, bad, strict=True):
        line = json.loads(text)
        assert (line["field"], rule in line["rule"]) == (field, True), line
    ids = sorted(contact_point_id("C1", channel, MOBILE) for channel in ("sms", "whatsapp"))
    wrong = [
        (f"file:e1:{point}", "wrong_number", None, {"contact_point_id": point}) for point in ids
    ]
    *wrongs, dispute = await on_record(pool)
    assert wrongs == wrong
    assert dispute[:3] == ("file:e2", "dispute", f"bank/{life.account_id}")
    await life.until_told("Account updated: recorded")
    assert (await life.next_step()).get("channel") != "sms"

    assert await record_events(file, pool, Accounts(client), said) == 3
    assert len(await on_record(pool)) == 3
    printed = said.file.getvalue()  # type: ignore[attr-defined]
    assert "2 events recorded, 0 known already, 7 refused\n1 accounts plan anew" in printed
    assert "0 events recorded, 2 known already, 7 refused" in printed


async def test_no_line_of_a_file_of_events_costs_another_one(
    pool: Pool, client: Client, tmp_path: Path
) -> None:
    await add_customer(pool)
    stop = {"id": "e1", "kind": "cease", "customer_id": "C1", "at": AT}
    lines = [{"id": "é", "kind": "cease"}, {"#end": 5}, stop, {"#end": {"rows": 7}}]
    file, said = tmp_path / "events.jsonl", Console(file=StringIO(), width=300)
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    file.write_bytes(text.encode("latin-1"))
    assert await record_events(file, pool, Accounts(client), said) == 3
    assert [row[:2] for row in await on_record(pool)] == [("file:e1", "cease")]
    assert "1 events recorded, 0 known already, 3 refused" in said.file.getvalue()  # type: ignore[attr-defined]
    refused = (tmp_path / "events.jsonl.rejects.jsonl").read_text("utf-8").splitlines()
    told = [(line["line"], line["field"]) for line in map(json.loads, refused)]
    assert told == [(1, "row"), (2, "#end"), (4, "#end")]


# --- dates that lie ahead -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["death", "opt_out", "cease", "attorney", "bankruptcy", "dispute"])
@pytest.mark.parametrize("hours", [2, 24 * 365 * 4])
@pytest.mark.usefixtures("working")
async def test_a_stop_dated_ahead_holds_from_the_moment_it_is_known_and_its_sender_is_told(
    life: Life, pool: Pool, kind: str, hours: int
) -> None:
    await add_customer(pool, preferred="sms")
    await add_account(pool, life.account_id, due=days_ago(10))
    await life.start()
    await life.until(lambda _: True)
    await life.contact_ahead()
    at = (datetime.now(UTC) + timedelta(hours=hours)).isoformat()
    await life.signal("law_event", id="s1", event={"kind": kind, "at": at})
    line = await life.until_told("Law event: recorded")
    assert "and holds from now all the same" in line
    assert (await life.next_step())["kind"] == "wait"
    row = await pool.fetchrow("SELECT * FROM law_events WHERE kind = $1", kind)
    assert row is not None
    assert row["at"].isoformat() == at
    assert row["recorded_at"] < row["at"]
    assert row["recorded_by"] == f"signal to bank/{life.account_id}"


@pytest.mark.usefixtures("working")
async def test_leave_dated_ahead_is_refused_beyond_what_clocks_go_wrong(
    life: Life, pool: Pool
) -> None:
    await add_customer(pool, preferred="sms")
    await add_account(pool, life.account_id, due=days_ago(10))
    await life.start()
    await life.until(lambda _: True)
    far = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    await life.signal("law_event", id="s1", event={"kind": "opt_in", "at": far})
    await life.until_told("Law event: refused: event.at: must not lie ahead")
    await life.signal("law_event", id="s1", event={"kind": "opt_in", "at": AT, "recorded_at": AT})
    await life.until_told("Law event: refused: event.recorded_at: is ours to say")


async def test_a_stop_of_a_gateway_whose_clock_is_fast_holds_at_once(
    pool: Pool, rooms: Dependencies
) -> None:
    await add_customer(pool, preferred="sms")
    await add_account(pool, due=days_ago(10))
    actor, now = Actor(rooms), datetime.now(UTC)
    fast = now + timedelta(minutes=10)
    said = ("twilio", "SM1", Channel.SMS, MOBILE, "STOP", Intent.OPT_OUT, fast)
    await ProviderEvents(pool).inbound(*said)
    step = await actor.planned(now)
    assert step.channel is not Channel.SMS
    async with pool.acquire() as connection:
        found = await read_situation(connection, "bank", "A1", now, {})
    assert found is not None
    [stop] = [event for event in found[0].law_events if event.kind == "opt_out"]
    assert (stop.at, stop.recorded_at) == (fast, now)


# --- what an event changes ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("country", "event", "told"),
    [
        ("CO", {"kind": "death"}, "E-mail, SMS used no more"),
        ("CO", {"kind": "opt_out", "channel": "sms"}, "SMS used no more"),
        ("CO", {"kind": "opt_out", "channel": "push"}, "changes nothing now: Push was not used"),
        ("CO", {"kind": "notice_mailed"}, "changes nothing: neither the law of CO nor a rule of"),
        ("CO", {"kind": "bankruptcy"}, "E-mail, SMS used no more"),
        ("US", {"kind": "bankruptcy"}, "E-mail, SMS used no more"),
        (
            "US",
            {
                "kind": "inconvenient_time",
                "windows": [
                    {"days": ["mon", "tue", "wed", "thu", "fri"], "from": "08:00", "to": "12:00"}
                ],
            },
            "used ",
        ),
    ],
)
async def test_the_answer_says_what_an_event_changes_for_this_person(
    pool: Pool, rooms: Dependencies, country: str, event: dict[str, object], told: str
) -> None:
    zone, currency = {"CO": ("America/Bogota", "COP"), "US": ("America/New_York", "USD")}[country]
    await add_customer(pool, country=country, zones=(zone,))
    await add_account(pool, due=days_ago(10), currency=currency)
    now = datetime.now(UTC)
    message = {"kind": "law_event", "id": "x", "event": {"at": now.isoformat(), **event}}
    answer = (await Actor(rooms).record(now, message)).answers[0]
    assert answer.refused is None
    assert told in (answer.note or "")


async def test_the_report_of_a_file_says_it_for_each_account(
    pool: Pool, client: Client, rooms: Dependencies, tmp_path: Path
) -> None:
    await add_customer(pool)
    for account in ("A1", "A2"):
        await add_account(pool, account, due=days_ago(10))
    file, said = tmp_path / "events.jsonl", Console(file=StringIO(), width=300)
    lines = [
        {"id": "e1", "kind": "notice_mailed"},
        {"id": "e2", "kind": "opt_out", "channel": "sms", "account_id": "A1"},
    ]
    said_of = {"customer_id": "C1", "at": datetime.now(UTC).isoformat()}
    text = "\n".join(json.dumps({**said_of, **line}) for line in lines)
    file.write_text(text, "utf-8")
    rules = rooms.factory
    assert await record_events(file, pool, Accounts(client), said, rules=rules) == 0
    printed = said.file.getvalue()  # type: ignore[attr-defined]
    assert "e1: bank/A1, bank/A2: changes nothing: neither the law of CO" in printed
    assert "e2: bank/A1, bank/A2: SMS used no more\n" in printed


# --- accounts that began before, and events beside an intake --------------------------------------

NO_DATE = {"kind": "death", "at": "0001-01-01T00:00:00Z"}


async def test_an_account_that_ignored_such_a_stop_before_goes_on(
    client: Client, rooms: Dependencies, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = Life(client)
    await add_customer(pool)
    await add_account(pool, life.account_id, due=days_ago(10))
    with monkeypatch.context() as before:
        for way in ("mended_dates", "mended"):
            before.setattr(workflows.collect_account, way, lambda *_: None)
        async with running(client, rooms):
            await life.start()
            await life.until(lambda _: True)
            await life.signal("law_event", id="s1", event=NO_DATE)
            await life.until_told("Ignored signal law_event")
            await life.signal("payment_received", id="p1", amount="1_0")
            await life.until_told("Payment received")
    history = await life.handle.fetch_history()
    replayer = Replayer(workflows=[CollectAccount], data_converter=pydantic_data_converter)
    replayed = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    assert replayed.replay_failure is None


async def test_the_command_records_events_before_it_starts_an_account(
    temporal: LocalTemporal,
    database_url: str,
    pool: Pool,
    rooms: Dependencies,
    client: Client,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal.address)
    monkeypatch.setenv("CONTRAPUNTO_DATABASE_URL", database_url)
    life = Life(client)
    cells = {"account_id": life.account_id, "creditor": "bank", "oldest_due_date": str(days_ago(9))}
    accounts = write_csv(tmp_path / "accounts.csv", [row(**cells)])
    events = tmp_path / "events.jsonl"
    events.write_text(json.dumps({"id": "e1", "customer_id": "C1", **NO_DATE}), "utf-8")
    watch: Any = SimpleNamespace(client_options={})
    options: dict[str, Any] = {"snapshot": False, "accept_recalls": None, "at_once": 5}
    options |= {"accept_names": (), "rejects": None, "as_json": False, "events": events}
    options |= {"mapping": None, "check": False}
    at = datetime.now(UTC)
    assert await command._intake(accounts, watch, as_of=at, **options) == 0
    recorded = await pool.fetchval("SELECT recorded_at FROM law_events WHERE kind = 'death'")
    assert recorded is not None
    async with running(client, rooms):
        await life.until(lambda _: True)
        assert (await life.next_step())["kind"] == "wait"
