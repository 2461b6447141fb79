"""What an account really takes and answers is as docs/reference/schemas/ says, start to end."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

import jsonschema
import pytest
from temporalio.client import Client

from config.settings import ROOT
from domain.names import COLLECT_ACCOUNT, TASK_QUEUE
from lab.local.temporal import LocalTemporal
from lab.reference.messages import QUERIES, SIGNALS, UPDATES
from store.database import Pool
from tests.support.life import Life, days_ago
from tests.support.rows import add_account, add_customer
from workers.cli.account import ask

SCHEMAS = ROOT / "docs" / "reference" / "schemas"
FAR = "2199-01-01T00:00:00+00:00"


def conforms(document: Any, name: str) -> None:
    """Raises ValidationError where a document is none of this schema; formats are checked, too."""
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    ).validate(document)


@pytest.mark.usefixtures("working")
async def test_a_whole_life_is_as_the_schemas_say(life: Life, pool: Pool) -> None:
    await add_customer(pool, preferred="sms")
    await add_account(pool, life.account_id, due=days_ago(10))
    conforms({"creditor": "bank", "account_id": life.account_id}, "start")
    await life.start()
    await life.until(lambda _: True)

    signals: dict[str, dict[str, Any]] = {
        "payment_received": {"amount": "1000.00", "currency": "COP"},
        "account_updated": {"balance": "140000.00"},
        "law_event": {"event": {"kind": "notice_mailed", "at": f"{days_ago(5)}T10:00:00Z"}},
        "delivery_failed": {"attempt_id": "0" * 24},
        "message_received": {"channel": "sms", "intent": "other"},
    }
    assert set(signals) == set(SIGNALS)
    for name, fields in signals.items():
        sent = {"id": f"s:{name}", **fields}
        conforms(sent, f"signal.{name}")
        await life.signal(name, **sent)
    await life.until(lambda state: state["balance"] == "140000.00")
    assert not [line for line in await life.told() if line.startswith("Ignored")]

    updates: dict[str, dict[str, Any]] = {
        "hold": {"until": FAR, "reason": "in hospital"},
        "resume": {},
        "record_promise": {"amount": "50000.00", "date": str(days_ago(-3))},
        "agree_plan": {
            "down_payment": {"date": str(days_ago(-1)), "amount": "20000.00"},
            "number": 3,
            "amount": "30000.00",
            "first_date": str(days_ago(-15)),
            "every": "two_weeks",
        },
        "cancel_plan": {"reason": "lost the job"},
        "open_dispute": {"reason": "amount", "documents": ["archive:17"], "in_writing": True},
        "resolve_dispute": {"outcome": "withdrawn"},
        "begin_hardship": {"reason": "job_loss", "review_date": str(days_ago(-20))},
        "extend_hardship": {"review_date": str(days_ago(-40))},
        "end_hardship": {"reason": "new job"},
        "close": {"reason": "recalled"},
    }
    assert set(updates) == set(UPDATES)
    for name, fields in updates.items():
        sent = {"id": f"u:{name}", **fields}
        conforms(sent, f"update.{name}")
        conforms(await life.update(name, **sent), "update-answer")
        for query in QUERIES:
            conforms(await life.handle.query(query), f"query.{query}")
    conforms(await life.result(), "result")
    for query in QUERIES:
        conforms(await life.handle.query(query), f"query.{query}")


@pytest.mark.usefixtures("working")
async def test_an_account_that_waits_for_intake_answers_so_too(life: Life) -> None:
    start = {"currency": "COP", "balance": "250000.00", "oldest_due_date": str(days_ago(10))}
    named = {"creditor": "bank", "account_id": life.account_id, "customer_id": "C-77"}
    conforms({**named, **start}, "start")
    await life.start(customer_id="C-77", **start)
    state = await life.until(lambda _: True)
    assert state["status"] == "incomplete"
    conforms(state, "query.state")
    conforms(await life.next_step(), "query.next_step")


def test_before_its_first_plan_an_account_says_that_it_starts() -> None:
    conforms({"status": "starting", "creditor": "bank", "account_id": "A1"}, "query.state")
    conforms({}, "query.next_step")
    with pytest.raises(jsonschema.ValidationError):
        conforms({"status": "begun", "creditor": "bank", "account_id": "A1"}, "query.state")


def _said(said: dict[str, Any], _: Mapping[str, Any]) -> dict[str, Any]:
    return said


@pytest.mark.usefixtures("working")
async def test_the_answer_to_an_operator_can_be_had_as_json(
    life: Life,
    pool: Pool,
    database_url: str,
    temporal: LocalTemporal,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await add_customer(pool, preferred="sms")
    await add_account(pool, life.account_id, due=days_ago(10))
    await life.start()
    await life.until(lambda _: True)
    monkeypatch.setenv("CONTRAPUNTO_DATABASE_URL", database_url)
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal.address)
    asked: list[tuple[str, dict[str, str]]] = [
        ("hold", {"until": "2190-01-01T00:00:00+00:00", "reason": "dispute"}),
        ("resume", {}),
        ("close", {"reason": "closed"}),
    ]
    for request, said in asked:
        await ask(life.account_id, request, partial(_said, said), as_json=True)
        answer = json.loads(capsys.readouterr().out)
        assert (answer["account"], answer["request"]) == (f"bank/{life.account_id}", request)
        assert answer["next_step"]["summary"]


@pytest.mark.usefixtures("working")
async def test_an_account_hears_at_once_what_is_told_under_a_number_it_had_before(
    life: Life,
    client: Client,
    pool: Pool,
    database_url: str,
    temporal: LocalTemporal,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    former = Life(client)
    await add_customer(pool, preferred="sms")
    for one in (former, life):
        await add_account(pool, one.account_id, due=days_ago(10))
    await pool.execute(
        "UPDATE accounts SET status = 'closed', close_reason = 'recalled' WHERE account_id = $1",
        former.account_id,
    )
    await pool.execute(
        "UPDATE accounts SET formerly = $1, balance_as_of = $3 WHERE account_id = $2",
        [former.account_id],
        life.account_id,
        datetime(2026, 1, 1, tzinfo=UTC),  # a start with a signal skips no time, so it pays today
    )
    await life.start()
    await life.until(lambda state: state["balance"] == "150000.00")
    paid = {"id": "p1", "amount": "50000.00", "currency": "COP"}
    await client.start_workflow(
        COLLECT_ACCOUNT,
        {"creditor": "bank", "account_id": former.account_id},
        id=former.id,
        task_queue=TASK_QUEUE,
        start_signal="payment_received",
        start_signal_args=[paid],
    )
    await life.until(lambda state: state["balance"] == "100000.00")
    assert (await former.result())["reason"] == "recalled"
    monkeypatch.setenv("CONTRAPUNTO_DATABASE_URL", database_url)
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal.address)
    said = {"until": FAR, "reason": "ill"}
    await ask(former.account_id, "hold", partial(_said, said), as_json=True)
    assert json.loads(capsys.readouterr().out)["account"] == f"bank/{life.account_id}"
    await life.until(lambda state: state["status"] == "on_hold")
