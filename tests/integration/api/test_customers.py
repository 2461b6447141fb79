"""A customer whole, over HTTP: as the command tells it, for who may see it; each look is logged."""

import asyncio
import json
import logging
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from domain.conversation.work_words import WorkReason
from domain.names import contact_point_id
from store.database import connect
from tests.integration.api.conftest import PHONE, Desk, serving
from tests.support.rows import add_customer
from workers.cli.customer.record import record_of
from workers.cli.output import line
from workers.cli.rules import rules_factory
from workers.clock import SystemClock

DISPUTE = "no debo nada, es mentira"


def plain(value: Any) -> Any:
    """Without what is null, and with instants as both ways of writing have them."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items() if one is not None}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value.replace("+00:00", "Z") if isinstance(value, str) else value


async def lived(desk: Desk) -> None:
    """C2 owes a bank and a garage, was written to, wrote, paid, promised and asked for silence."""
    now = desk.now
    point = contact_point_id("C2", "sms", "+573007654321")
    for creditor, account, step in (("bank", "A2", 1), ("garage", "G2", 1)):
        key = f"{creditor}/{account}"
        await desk.pool.execute(
            "INSERT INTO attempts (attempt_id, creditor, account_id, customer_id, covers, step, "
            "touch, phase, purpose, channel, provider, contact_point_id, state, jurisdictions, "
            "zones, not_before, not_after, reserved_at, facts_seen, reconcile_at) "
            "VALUES ($1, $2, $3, 'C2', '{bank/A2,garage/G2}', $4, 1, 'early', 'reminder', 'sms', "
            "'twilio', $5, 'reserved', '{CO}', '{America/Bogota}', $6, $6, $6, 0, $6)",
            *(f"attempt-{creditor}", creditor, account, step, point, now - timedelta(hours=5)),
        )
        await desk.pool.execute(
            "INSERT INTO payments (creditor, account_id, payment_id, amount, paid_at) "
            "VALUES ($1, $2, 'pay', 10.50, $3)",
            *(creditor, account, now - timedelta(hours=3)),
        )
        await desk.pool.execute(
            "INSERT INTO promises (creditor, account_id, promise_id, amount, due_on, made_at, "
            "state) VALUES ($1, $2, 'p', 20, $3, $4, 'open')",
            *(creditor, account, now.date(), now - timedelta(hours=2)),
        )
        await desk.pool.execute(
            "INSERT INTO messages (creditor, account_id, message_id, kind, at, body) "
            "VALUES ($1, $2, 'h', 'hold', $3, $4)",
            *(creditor, account, now - timedelta(hours=1)),
            {"until": now.isoformat(), "reason": f"because of {creditor}"},
        )
        await desk.pool.execute(
            "INSERT INTO law_events (event_id, customer_id, kind, at, account, recorded_at, "
            "recorded_by, detail) VALUES ($1, 'C2', 'dispute', $2, $3, $2, 'test', "
            '\'{"text": "no es mio"}\')',
            *(f"dispute-{creditor}", now, key),
        )
    await desk.says(DISPUTE, phone="+573007654321")


@pytest.mark.parametrize("words", [True, False])
async def test_the_record_is_what_the_command_tells(desk: Desk, *, words: bool) -> None:
    await lived(desk)
    query = {"words": str(words).lower()}
    answer = await desk.get("/v1/customers/C2", "eva", params=query)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    parts = (desk.pool, rules_factory(Settings()), "C2", None, SystemClock())
    record = json.loads(line((await record_of(*parts, words=words)).told))
    for one in (told, record):
        del one["seen_at"]
        for account in one["accounts"]:
            del account["planned_at"]
    assert [one.pop("temporal_ui") for one in told["work"]] == [[] for _ in record["work"]]
    assert plain(told) == plain(record)
    for part in ("accounts", "promises", "payments", "holds", "on_file", "work", "messages"):
        assert told[part], part
    assert (DISPUTE in answer.text, "no es mio" in answer.text) == (words, words)
    assert PHONE not in answer.text


async def test_each_look_at_words_is_logged_as_the_command_logs_it(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    await lived(desk)
    with caplog.at_level(logging.INFO):
        await desk.get("/v1/customers/C2", "eva")
        await desk.get("/v1/customers/C2/messages", "eva")
        assert "looked at" not in caplog.text
        await desk.get("/v1/customers/C2", "eva", params={"words": "true"})
        await desk.get("/v1/customers/C2/messages", "ana", params={"words": "true"})
    looks = [one.getMessage() for one in caplog.records if "looked at" in one.getMessage()]
    assert looks == [
        "eva looked at customer C2 and 3 messages, with words",
        "ana looked at 3 messages of customers: C2",
    ]
    assert "mentira" not in caplog.text


async def test_messages_are_there_both_ways_the_newest_first(desk: Desk) -> None:
    await lived(desk)
    there = "/v1/customers/C2/messages"
    told = (await desk.get(there, params={"words": "true"})).json()
    assert [one["direction"] for one in told["messages"]] == ["in", "out", "out"]
    assert (told["messages"][0]["text"], told["more"]) == (DISPUTE, False)
    first = (await desk.get(there, params={"limit": "1"})).json()
    assert ([one["text"] for one in first["messages"]], first["more"]) == ([None], True)
    since = (desk.now - timedelta(hours=1)).isoformat()
    late = (await desk.get(there, params={"since": since})).json()
    assert [one["id"] for one in late["messages"]] == ["twilio/S1"]


async def test_whose_token_names_creditors_sees_what_touches_their_accounts_alone(
    desk: Desk,
) -> None:
    await lived(desk)
    await desk.work(WorkReason.CRISIS)
    answer = await desk.get("/v1/customers/C2", "gil", params={"words": "true"})
    assert answer.status_code == 200
    assert "bank" not in answer.text and "A2" not in answer.text
    told = answer.json()
    for part in ("accounts", "promises", "payments", "holds"):
        assert [one["account"] for one in told[part]] == ["garage/G2"], part
    assert told["keeping"]["open"] == 1  # of two
    assert {one["event_id"] for one in told["on_file"]} == {"opt_in:C2:sms", "dispute-garage"}
    assert [list(one["not_used"]) for one in told["contact_points"]] == [["garage/G2"]]
    assert [one["id"] for one in told["messages"]] == ["attempt-garage", "twilio/S1"]
    assert told["messages"][0]["covers"] == ["garage/G2"]
    [item] = told["work"]
    assert item["accounts"] == ["garage/G2"]
    listed = (await desk.get("/v1/work-items", "gil")).json()["items"]
    assert [(one["customer_id"], one["accounts"]) for one in listed] == [("C2", ["garage/G2"])]
    messages = await desk.get("/v1/customers/C2/messages", "gil")
    assert "bank" not in messages.text and "attempt-garage" in messages.text


async def test_what_touches_no_account_of_theirs_is_not_there_for_them(desk: Desk) -> None:
    await desk.says(DISPUTE)
    [item] = (await desk.get("/v1/work-items", "bea")).json()["items"]
    work, customer = f"/v1/work-items/{item['work_id']}", "/v1/customers/C1"
    correction = {"intents": ["dispute"]}
    asked: list[tuple[str, str, Any]] = [
        ("GET", work, None),
        ("POST", f"{work}/claim", None),
        ("POST", f"{work}/done", {"outcome": "handled"}),
        ("GET", customer, None),
        ("GET", f"{customer}/messages", None),
        ("POST", f"{customer}/preferences", {"channel": "sms"}),
        ("POST", "/v1/messages/twilio/S1/corrections", correction),
    ]
    for method, path, body in asked:
        answer = await desk.ask(method, path, "gil", json=body)
        assert answer.status_code == 404, path
        assert "bank" not in answer.text
    assert (await desk.get("/v1/work-items", "gil")).json()["items"] == []
    assert (await desk.post("/v1/work-items/next", "gil")).status_code == 204
    await desk.post(f"{work}/claim", "bea")
    assert (await desk.post(f"{work}/release", "rita")).status_code == 404
    for method, path, body in asked:
        assert (await desk.ask(method, path, "bea", json=body)).status_code < 300, path


async def test_an_account_that_another_has_by_now_is_still_what_it_was_about(desk: Desk) -> None:
    await add_customer(desk.pool, "C0", points=())
    await desk.work(WorkReason.BALANCE, customer="C0")
    assert (await desk.get("/v1/work-items", "bea")).json()["items"] == []
    await desk.pool.execute(
        "INSERT INTO account_holders VALUES ('bank', 'A1', 'C0'), ('bank', 'A1', 'C1') "
        "ON CONFLICT DO NOTHING"
    )
    [item] = (await desk.get("/v1/work-items", "bea")).json()["items"]
    assert item["customer_id"] == "C0"


async def test_the_news_of_what_others_accounts_do_is_not_told(desk: Desk) -> None:
    await desk.says(DISPUTE, phone="+573007654321")
    [item] = (await desk.get("/v1/work-items", "gil")).json()["items"]
    there = f"/v1/work-items/{item['work_id']}/done"
    answer = await desk.post(there, "gil", json={"outcome": "dispute"})
    assert answer.status_code == 200
    assert "bank" not in answer.text
    assert answer.json()["plan_anew"] is None
    assert {workflow for workflow, _ in desk.accounts.told} == {
        *("account/bank/A2", "account/garage/G2")
    }


async def test_a_wish_is_kept_and_its_accounts_plan_anew(desk: Desk) -> None:
    window = {"days": ["mon", "tue"], "from": "18:00", "to": "20:00"}
    there = "/v1/customers/C1/preferences"
    answer = await desk.post(there, json={"channel": "whatsapp", "windows": [window]})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["channel"], told["windows"], told["can_be_met"]) == ("whatsapp", [window], False)
    assert told["plan_anew"] == 1
    # What is not stated stays, null takes back.
    told = (await desk.post(there, json={"channel": None, "locale": "pt"})).json()
    assert (told["channel"], told["windows"], told["locale"]) == (None, [window], "pt")
    told = (await desk.post(there, json={"windows": []})).json()
    assert (told["windows"], told["locale"]) == ([], "pt")
    rows = await desk.pool.fetch("SELECT recorded_by FROM preferences")
    assert [row["recorded_by"] for row in rows] == ["ana"] * 3


async def test_a_wish_while_temporal_is_away_is_not_kept_or_told_later(desk: Desk) -> None:
    there = "/v1/customers/C1/preferences"
    desk.accounts.down = True
    assert (await desk.post(there, json={"channel": "sms"})).status_code == 503
    assert await desk.pool.fetchval("SELECT count(*) FROM preferences") == 0
    desk.accounts.down, desk.accounts.deaf = False, {"account/bank/A1"}
    assert (await desk.post(there, json={"channel": "sms"})).status_code == 503
    [row] = await desk.pool.fetch("SELECT account FROM untold")
    assert row["account"] == "bank/A1"


async def test_a_correction_is_kept_beside_the_reading(desk: Desk) -> None:
    await desk.says(DISPUTE)
    body = {"intents": ["promise", "promise"], "amount": "50.00", "date": "2026-12-04"}
    answer = await desk.post("/v1/messages/twilio/S1/corrections", json=body)
    assert answer.status_code == 201
    expected = {"intents": ["promise"], "amount": "50", "date": "2026-12-04"}
    assert answer.json() == expected | {"message": "twilio/S1", "by": "ana"}
    row = await desk.pool.fetchrow("SELECT expected, corrected_by FROM reading_corrections")
    assert row is not None
    assert (row["expected"], row["corrected_by"]) == (expected, "ana")
    nowhere = await desk.post("/v1/messages/twilio/S9/corrections", json=body)
    assert nowhere.status_code == 404


async def test_a_message_whose_id_has_a_slash_is_found(desk: Desk) -> None:
    await desk.says(DISPUTE, sid="<a/b@mail.example>")
    there = "/v1/messages/twilio/%3Ca%2Fb@mail.example%3E/corrections"
    assert (await desk.post(there, json={"intents": ["dispute"]})).status_code == 201


async def test_a_message_of_an_address_that_several_have_is_seen_with_each_of_them(
    desk: Desk,
) -> None:
    await add_customer(desk.pool, "C3", points=(("sms", "mobile", PHONE),))
    await desk.says(DISPUTE)
    there, body = "/v1/messages/twilio/S1/corrections", {"intents": ["dispute"]}
    assert (await desk.post(there, "bea", json=body)).status_code == 201
    assert (await desk.post(there, "gil", json=body)).status_code == 404


async def test_whose_id_nobody_has_is_not_found_and_one_spelt_nearly_so_is_named(
    desk: Desk,
) -> None:
    await add_customer(desk.pool, "C-100", points=())
    answer = await desk.get("/v1/customers/c-100")
    assert (answer.status_code, "C-100: ask for that" in answer.text) == (404, True)
    hidden = await desk.get("/v1/customers/c-100", "gil")
    assert (hidden.status_code, "C-100" in hidden.text) == (404, False)
    assert (await desk.get("/v1/customers/nobody/messages")).status_code == 404
    body = {"channel": "sms"}
    assert (await desk.post("/v1/customers/nobody/preferences", json=body)).status_code == 404


async def test_nobody_who_holds_a_connection_waits_for_another(
    desk: Desk, database_url: str, tmp_path: Path, now: datetime
) -> None:
    """Else as many requests as there are connections would wait for each other for ever."""
    await lived(desk)
    async with connect(database_url, 1) as pool, serving(pool, tmp_path, now) as narrow:
        items = (await narrow.get("/v1/work-items")).json()["items"]
        work = f"/v1/work-items/{items[0]['work_id']}"
        asked: list[tuple[str, str, Any]] = [
            ("POST", "/v1/work-items/next", {}),
            ("GET", f"{work}?words=true", None),
            ("POST", f"{work}/claim", {}),
            ("POST", f"{work}/done", {"outcome": "dispute"}),
            ("POST", f"{work}/done", {"outcome": "handled"}),
            ("POST", f"{work}/done", {"outcome": "wrong_number"}),
            ("GET", "/v1/customers/C2?words=true", None),
            ("GET", "/v1/customers/C9", None),
            ("GET", "/v1/customers/C2/messages", None),
            ("POST", "/v1/customers/C2/preferences", {"channel": "sms"}),
            ("POST", "/v1/customers/C9/preferences", {"channel": "sms"}),
            ("POST", "/v1/messages/twilio/S1/corrections", {"intents": ["dispute"]}),
            ("GET", "/readyz", None),
        ]
        async with asyncio.timeout(60):
            answers = await asyncio.gather(
                *(narrow.ask(method, path, json=body) for method, path, body in asked * 3)
            )
        assert {one.status_code for one in answers} <= {200, 201, 204, 404, 409}
