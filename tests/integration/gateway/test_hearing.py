"""What customers write is read where it is stored, and asks people for what rules may not do."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.channels import Channel
from domain.conversation.keywords import Intent
from domain.conversation.reader import VERSION, RuleReader
from tests.integration.gateway.conftest import Edge
from tests.integration.gateway.test_locks import held


@pytest.fixture(autouse=True)
async def known(edge: Edge) -> None:
    await edge.customer("c-1", sms="+573000000001")
    await edge.account("c-1")


async def readings(edge: Edge) -> list[dict[str, Any]]:
    return await edge.rows("SELECT provider, inbound_id, version, reading FROM readings")


async def work(edge: Edge) -> list[tuple[str, str, int]]:
    rows = await edge.rows("SELECT * FROM work_items ORDER BY customer_id, work_id")
    return [(row["customer_id"], row["reason"], len(row["messages"])) for row in rows]


async def test_a_message_is_read_with_the_words_that_decided(edge: Edge) -> None:
    await edge.says("el viernes les pago todo")
    [row] = await readings(edge)
    assert (row["provider"], row["inbound_id"], row["version"]) == ("twilio", "SMin1", VERSION)
    assert row["reading"]["intents"] == ["promise"]
    assert row["reading"]["evidence"] == [
        {"intent": "promise", "words": "el viernes les pago todo"}
    ]
    balance = await edge.pool.fetchval("SELECT balance FROM accounts")
    assert row["reading"]["amount"] == f"{balance.normalize():f}"
    assert await work(edge) == [("c-1", "promise", 1)]


async def test_a_message_that_comes_again_is_read_once(edge: Edge) -> None:
    for _ in range(3):
        await edge.says("¿Quién es?")
    assert len(await readings(edge)) == 1
    assert await work(edge) == [("c-1", "identity", 1)]


async def test_what_is_said_again_stays_one_item_until_it_is_done(edge: Edge) -> None:
    for n, text in enumerate(("no reconozco esa deuda", "les repito que esa deuda no es mia")):
        await edge.says(text, sid=f"SM{n}")
    assert await work(edge) == [("c-1", "dispute", 2)]
    await edge.pool.execute(
        "UPDATE work_items SET outcome = 'handled', done_by = 'Eva', done_at = now()"
    )
    await edge.says("esa deuda no es mia", sid="SM9")
    assert await work(edge) == [("c-1", "dispute", 2), ("c-1", "dispute", 1)]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("hable con mi abogado", ["attorney"]),
        ("el titular fallecio el mes pasado", ["deceased"]),
        ("me declare en insolvencia", ["bankruptcy"]),
        ("ya no aguanto, me quiero morir", ["crisis"]),
        ("no reconozco esa deuda, hablen con mi abogado", ["attorney", "dispute"]),
        ("estoy sin trabajo, puedo pagar en cuotas?", ["hardship"]),
        ("qwerty asdf", ["unclear"]),
        ("gracias", []),
        ("STOP", []),
        ("numero equivocado", []),
    ],
)
async def test_what_each_message_asks_of_people(edge: Edge, text: str, asked: list[str]) -> None:
    await edge.says(text)
    assert sorted(reason for _, reason, _ in await work(edge)) == asked


async def test_who_of_two_wrote_is_not_guessed(edge: Edge) -> None:
    await edge.customer("c-2", sms="+573000000001")
    await edge.says("puedo pagar en cuotas?")
    assert await work(edge) == [("c-1", "shared_address", 1), ("c-2", "shared_address", 1)]
    await edge.says("mi abogado los va a contactar", sid="SM2")
    assert {(who, reason) for who, reason, _ in await work(edge)} >= {
        ("c-1", "attorney"),
        ("c-2", "attorney"),
    }


async def test_what_a_stranger_writes_is_read_too(edge: Edge) -> None:
    await edge.says("número equivocado", address="+573009999999")
    [row] = await readings(edge)
    assert row["reading"]["intents"] == ["wrong_person"]
    assert await work(edge) == []


async def test_a_stop_is_told_though_nothing_can_be_read(edge: Edge) -> None:
    await edge.pool.execute("ALTER TABLE readings RENAME TO put_away")
    try:
        answer = await edge.says("STOP")
        other = await edge.says("hola", sid="SM2")
    finally:
        await edge.pool.execute("ALTER TABLE put_away RENAME TO readings")
    assert (answer.status_code, other.status_code) == (200, 503)
    assert len(await edge.rows("SELECT FROM law_events WHERE kind = 'opt_out'")) == 1
    assert edge.workflows.signals
    await edge.flow.notify_pending()
    assert await work(edge) == [("c-1", "unclear", 1)], "kept, and taken once it can be"


@pytest.mark.parametrize("zones", ["{Nowhere/Land}", "{Nowhere/Land,America/Bogota}"])
async def test_what_is_impossible_on_record_keeps_no_stop_from_being_heard(
    edge: Edge, zones: str
) -> None:
    await edge.pool.execute(f"UPDATE customers SET zones = '{zones}', locale = 'xx-??'")
    assert (await edge.says("no me escriban mas")).status_code == 200
    assert len(await edge.rows("SELECT FROM law_events WHERE kind = 'opt_out'")) == 1
    assert (await edge.says("no reconozco esa deuda", sid="SM2")).status_code == 200
    assert await work(edge) == [("c-1", "dispute", 1)]


async def test_whatever_a_reader_does_the_message_is_kept_for_a_person(
    edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(RuleReader, "read", fails)
    assert (await edge.says("no me escriban mas")).status_code == 200
    assert (await edge.says("hola", sid="SM2")).status_code == 200
    assert len(await edge.rows("SELECT FROM law_events WHERE kind = 'opt_out'")) == 1
    assert await work(edge) == [("c-1", "unclear", 1)]


async def test_a_message_is_read_though_its_workflow_cannot_be_told(edge: Edge) -> None:
    edge.workflows.down = True
    await edge.says("ya pagué ayer")
    [row] = await readings(edge)
    assert row["reading"]["intents"] == ["already_paid"]
    assert "ayer" not in json.dumps(edge.workflows.signals)


async def test_a_stop_waits_for_nobody_who_holds_an_item(edge: Edge, database_url: str) -> None:
    await edge.says("no reconozco esa deuda")
    async with held(database_url, "SELECT FROM work_items FOR UPDATE"):
        answer = await edge.says("esa deuda no es mia, no me escriban mas", sid="SM2")
        assert answer.status_code == 200
        assert len(await edge.rows("SELECT FROM law_events WHERE kind = 'opt_out'")) == 1


@pytest.mark.parametrize(
    ("intent", "asked"),
    [
        (Intent.HELP, [("c-1", "wants_person", 1)]),
        (Intent.OTHER, []),
        (Intent.PROMISE, []),
        (Intent.OPT_OUT, []),
    ],
)
async def test_of_a_call_what_was_pressed_counts_and_not_our_words_for_it(
    edge: Edge, intent: Intent, asked: list[tuple[str, str, int]]
) -> None:
    said = ("twilio", "CA1", Channel.VOICE, "+573000000001", "called", intent, datetime.now(UTC))
    await edge.callbacks.inbound(*said)
    assert await work(edge) == asked
    assert await readings(edge) == []
