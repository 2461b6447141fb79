"""What the gateway says of itself, and what asking it costs."""

import asyncio

import httpx
from starlette.applications import Starlette

from domain.failures import Unavailable
from store.database import connect
from tests.integration.gateway.conftest import Edge, serving
from workers.gateway.health import Health


async def test_it_is_ready_when_both_servers_answer(edge: Edge) -> None:
    assert (await edge.client.get("/healthz")).status_code == 200
    answer = await edge.client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"postgres": "ok", "temporal": "ok"})


async def test_it_says_what_does_not_answer(edge: Edge) -> None:
    edge.workflows.down = True
    answer = await edge.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"postgres": "ok", "temporal": "Temporal does not answer: test"}


async def test_without_postgres_webhooks_must_come_again(edge: Edge) -> None:
    await edge.served.close()
    answer = await edge.client.get("/readyz")
    assert answer.status_code == 503
    assert "PostgreSQL" in answer.json()["postgres"]
    assert (await edge.status("f" * 24, "delivered")).status_code == 503


async def test_a_postgres_that_takes_no_writes_is_not_ready(database_url: str) -> None:
    """As a standby is that the address leads to after a failover."""
    async with connect(database_url, 1) as pool, serving(pool, pool) as edge:
        await edge.customer("c-1", sms="+573000000001")
        await pool.execute("SET default_transaction_read_only = on")
        answer = await edge.client.get("/readyz")
        assert (answer.status_code, answer.json()["postgres"]) == (
            503,
            "PostgreSQL takes no writes: is it a standby?",
        )
        assert (await edge.says("STOP")).status_code == 503
        assert (await edge.status("f" * 24, "delivered")).status_code == 503
        await pool.execute("SET default_transaction_read_only = off")
        assert (await edge.says("STOP")).status_code == 200


async def test_what_is_amiss_with_the_tables_is_not_the_providers_fault(edge: Edge) -> None:
    await edge.customer("c-1", sms="+573000000001")
    await edge.account("c-1")
    await edge.pool.execute("ALTER TABLE inbound RENAME text TO gone")
    assert (await edge.says("STOP")).status_code == 503
    assert await edge.flow.notify_pending() == 0
    kept = await edge.rows("SELECT kind FROM webhook_backlog WHERE done_at IS NULL")
    assert kept == [{"kind": "message"}], "it waits for the column, not for a person"
    await edge.pool.execute("ALTER TABLE inbound RENAME gone TO text")
    await edge.flow.notify_pending()
    assert len(await edge.rows("SELECT FROM law_events WHERE kind = 'opt_out'")) == 1
    assert await edge.rows("SELECT FROM webhook_backlog WHERE done_at IS NULL") == []


class _Asked:
    """A server that counts how often it is asked."""

    def __init__(self) -> None:
        self.times = 0
        self.down = False

    async def ping(self) -> None:
        self.times += 1
        await asyncio.sleep(0.01)
        if self.down:
            raise Unavailable("it is down")


async def test_a_crowd_that_asks_costs_one_look_a_while() -> None:
    server = _Asked()
    health = Health({"server": server.ping}, remembered=0.2)
    transport = httpx.ASGITransport(Starlette(routes=health.routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://inside") as client:
        await asyncio.gather(*(client.get("/readyz") for _ in range(50)))
        assert server.times == 1
        server.down = True
        assert (await client.get("/readyz")).status_code == 200
        await asyncio.sleep(0.2)
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()) == (503, {"server": "it is down"})
        assert server.times == 2


async def test_a_server_that_hangs_counts_as_one_that_does_not_answer() -> None:
    async def hang() -> None:
        await asyncio.sleep(60)

    health = Health({"server": hang}, patience=0.05)
    transport = httpx.ASGITransport(Starlette(routes=health.routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://inside") as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"server": "no answer within 0.05 seconds"}
