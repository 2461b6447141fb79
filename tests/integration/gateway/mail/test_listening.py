"""What customers write is read once it is stored; whatever goes wrong with that harms nothing."""

import asyncio
import json
from typing import Any

import pytest

from domain.conversation.reader import VERSION
from tests.integration.gateway.conftest import Edge
from tests.integration.gateway.test_locks import held
from workers.gateway import listening


@pytest.fixture(autouse=True)
async def known(edge: Edge) -> None:
    await edge.customer("c-1", sms="+573000000001")
    await edge.account("c-1")


async def readings(edge: Edge) -> list[dict[str, Any]]:
    """All that has been read, once nothing waits to be."""
    await edge.listening.settle()
    return await edge.rows("SELECT provider, inbound_id, version, reading FROM readings")


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


async def test_a_message_that_comes_again_is_read_once(edge: Edge) -> None:
    for _ in range(3):
        await edge.says("¿Quién es?")
    assert len(await readings(edge)) == 1


async def test_what_a_stranger_writes_is_read_too(edge: Edge) -> None:
    await edge.says("número equivocado", address="+573009999999")
    [row] = await readings(edge)
    assert row["reading"]["intents"] == ["wrong_person"]


async def test_a_stop_is_told_though_nothing_can_be_read(edge: Edge) -> None:
    await edge.pool.execute("ALTER TABLE readings RENAME TO put_away")
    answer = await edge.says("STOP")
    assert answer.status_code == 200
    assert len(await edge.rows("SELECT FROM law_events WHERE kind = 'opt_out'")) == 1
    assert edge.workflows.signals
    await edge.listening.settle()
    await edge.pool.execute("ALTER TABLE put_away RENAME TO readings")


async def test_a_message_is_read_though_its_workflow_cannot_be_told(edge: Edge) -> None:
    edge.workflows.down = True
    await edge.says("ya pagué ayer")
    [row] = await readings(edge)
    assert row["reading"]["intents"] == ["already_paid"]
    assert "ayer" not in json.dumps(edge.workflows.signals)


async def test_a_stop_does_not_wait_for_a_connection_to_read_by(
    edge: Edge, database_url: str
) -> None:
    async with held(database_url, "LOCK readings"):
        async with asyncio.timeout(1.5):
            answers = [await edge.says(text, sid=f"SM{text}") for text in ("hola", "ya", "STOP")]
        assert [answer.status_code for answer in answers] == [200] * 3
        assert len(await edge.rows("SELECT FROM law_events WHERE kind = 'opt_out'")) == 1
    assert len(await readings(edge)) == 3


async def test_of_a_flood_what_is_too_much_is_let_be(
    edge: Edge, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    monkeypatch.setattr(listening, "MOST_WAITING", 2)
    async with held(database_url, "LOCK readings"):
        for n in range(4):
            assert (await edge.says("hola", sid=f"SM{n}")).status_code == 200
    assert {row["inbound_id"] for row in await readings(edge)} == {"SM0", "SM1"}
