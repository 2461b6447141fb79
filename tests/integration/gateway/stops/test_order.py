"""A START that comes late is no later than the STOP that was written after it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.integration.gateway.conftest import Edge
from tests.integration.gateway.test_hostile import infobip

NUMBER = "+573000000001"


def written(text: str, minutes_ago: float, zone: str = "+0000") -> dict[str, Any]:
    at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    received = at.strftime("%Y-%m-%dT%H:%M:%S.000") + zone
    return {"messageId": text, "from": NUMBER[1:], "text": text, "receivedAt": received}


async def post(edge: Edge, *messages: dict[str, Any]) -> None:
    body = json.dumps({"results": messages}).encode()
    assert (await infobip(edge, "/webhooks/infobip/inbound", body)).status_code == 200


@pytest.fixture
async def known(edge: Edge) -> None:
    await edge.customer("c-1", sms=NUMBER)


async def order(edge: Edge) -> list[str]:
    rows = await edge.rows("SELECT kind FROM law_events ORDER BY greatest(at, recorded_at)")
    return [row["kind"] for row in rows]


@pytest.mark.usefixtures("known")
async def test_in_one_batch(edge: Edge) -> None:
    await post(edge, written("STOP", 5), written("START", 10))
    assert await order(edge) == ["opt_in", "opt_out"]


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("zone", ["+0000", "+00:00", "Z"])
async def test_in_a_batch_that_is_repeated_later(edge: Edge, zone: str) -> None:
    await post(edge, written("STOP", 5, zone))
    await post(edge, written("START", 10, zone))
    assert await order(edge) == ["opt_in", "opt_out"]


@pytest.mark.usefixtures("known")
async def test_a_stop_holds_from_when_it_comes_whatever_its_date(edge: Edge) -> None:
    await post(edge, written("START", 5))
    await post(edge, written("STOP", 60))
    assert await order(edge) == ["opt_in", "opt_out"]


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("old", ["0001-01-01T00:00:00+14:00", "1970-01-01T00:00:00Z"])
async def test_no_date_is_too_old(edge: Edge, old: str) -> None:
    await post(edge, written("STOP", 5))
    await post(edge, written("START", 0) | {"receivedAt": old})
    assert await order(edge) == ["opt_in", "opt_out"]


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    "odd", ["", "soon", "2999-01-01T00:00:00Z", "2026-01-01T00:00:00", None, 0]
)
async def test_a_date_that_says_nothing_is_that_of_its_coming(edge: Edge, odd: object) -> None:
    await post(edge, written("STOP", 5))
    before = datetime.now(UTC)
    await post(edge, written("START", 0) | {"receivedAt": odd})
    assert await order(edge) == ["opt_out", "opt_in"]
    [row] = await edge.rows("SELECT at FROM law_events WHERE kind = 'opt_in'")
    assert before <= row["at"] <= datetime.now(UTC)
