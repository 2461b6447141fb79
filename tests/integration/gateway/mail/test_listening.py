"""What customers write is read once it is stored; whatever goes wrong with that harms nothing."""

import json

import pytest

from domain.conversation.reader import VERSION
from tests.integration.gateway.conftest import Edge


@pytest.fixture(autouse=True)
async def known(edge: Edge) -> None:
    await edge.customer("c-1", sms="+573000000001")
    await edge.account("c-1")


async def test_a_message_is_read_with_the_words_that_decided(edge: Edge) -> None:
    await edge.says("el viernes les pago todo")
    [row] = await edge.rows("SELECT provider, inbound_id, version, reading FROM readings")
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
    assert len(await edge.rows("SELECT FROM readings")) == 1


async def test_what_a_stranger_writes_is_read_too(edge: Edge) -> None:
    await edge.says("número equivocado", address="+573009999999")
    [row] = await edge.rows("SELECT reading FROM readings")
    assert row["reading"]["intents"] == ["wrong_person"]


async def test_a_stop_is_told_though_nothing_can_be_read(edge: Edge) -> None:
    await edge.pool.execute("ALTER TABLE readings RENAME TO put_away")
    answer = await edge.says("STOP")
    assert answer.status_code == 200
    assert len(await edge.rows("SELECT FROM law_events WHERE kind = 'opt_out'")) == 1
    assert edge.workflows.signals
    await edge.pool.execute("ALTER TABLE put_away RENAME TO readings")


async def test_a_message_is_read_though_its_workflow_cannot_be_told(edge: Edge) -> None:
    edge.workflows.down = True
    await edge.says("ya pagué ayer")
    [row] = await edge.rows("SELECT reading FROM readings")
    assert row["reading"]["intents"] == ["already_paid"]
    assert "ayer" not in json.dumps(edge.workflows.signals)
