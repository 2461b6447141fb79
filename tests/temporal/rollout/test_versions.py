"""Versions, pins, the gate and the replay gate, on a real server, payloads encrypted."""

import asyncio
import base64
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr
from temporalio.client import Client
from temporalio.common import PinnedVersioningOverride, WorkerDeploymentVersion
from temporalio.service import RPCError, RPCStatusCode

from activities.dependencies import Dependencies
from activities.gate import Ready
from domain.failures import BadInput, NotFound
from domain.names import GATE, TASK_QUEUE, channel_queue
from lab.local.temporal import LocalTemporal
from store.database import SCHEMA, Pool
from tests.replay.mutants import ExtraTimer
from tests.support.life import Life, days_ago, soon
from tests.support.rows import add_account, add_customer
from tests.support.time import servers_now
from workers.cli.rollout.telling import needs, replayed
from workers.codec import data_converter
from workers.rollout.deployment import labelled
from workers.rollout.deployments import Deployment, Deployments
from workers.rollout.moving import Moving
from workers.rollout.replaying import replay
from workers.worker import WORKFLOWS, running

pytestmark = pytest.mark.timeout(240)
KEYS = {"one": SecretStr(base64.b64encode(b"k" * 32).decode())}
OTHERS = {"two": SecretStr(base64.b64encode(b"x" * 32).decode())}
NAME = "collections"
ALL_QUEUES = {(TASK_QUEUE, "workflow"), (TASK_QUEUE, "activity")} | {
    (channel_queue(name), "activity") for name in ("sms", "email")
}
OLD, NEW = (WorkerDeploymentVersion(NAME, build) for build in ("old", "new"))


@pytest.fixture(scope="module")
def server() -> Iterator[LocalTemporal]:
    made = LocalTemporal(None, fast_time=True)
    asyncio.run(made.start())
    yield made
    made.stop()


@pytest.fixture
async def sealed(server: LocalTemporal) -> Client:
    return await Client.connect(server.address, data_converter=data_converter(KEYS))


@pytest.fixture
async def old(sealed: Client, rooms: Dependencies) -> AsyncIterator[Moving]:
    """The workers of the older of two versions, which is current."""
    moving = Moving(sealed, "test")
    async with running(sealed, rooms, OLD), labelled(sealed, OLD, {"patches": "a"}):
        found = await polled(moving, OLD)
        await moving.set_current(found, OLD.build_id, anyway=False)
        yield moving


async def read(moving: Moving) -> Deployment:
    return await moving.deployments.read(NAME, servers_now())


async def polled(moving: Moving, version: WorkerDeploymentVersion) -> Deployment:
    """The deployment, once a version polls all queues and has told its patches."""

    async def look() -> Deployment | None:
        try:
            return await read(moving)
        except NotFound:
            return None

    def there(found: Deployment | None) -> bool:
        one = found.of(version.build_id) if found else None
        if one is None or one.silent or one.patches is None:
            return False
        # The server hears of a version's queues one after the other.
        return {(it.name, it.kind) for it in one.queues} >= ALL_QUEUES

    found = await soon(look, there, f"workers of {version.build_id}")
    assert found is not None
    return found


async def opened(moving: Moving, pool: Pool) -> Life:
    life = Life(moving.client)
    await add_customer(pool)
    await add_account(pool, life.account_id, due=days_ago(10))
    await life.start()
    await life.until(lambda _: True)
    return life


async def test_a_deployment_that_nobody_polls_for_is_told(sealed: Client) -> None:
    with pytest.raises(NotFound, match="TEMPORAL_DEPLOYMENT_NAME=nobody"):
        await Deployments(sealed).read("nobody", servers_now())


async def test_the_gate_answers_on_every_queue_of_a_version(old: Moving) -> None:
    for queue in (TASK_QUEUE, channel_queue("sms"), channel_queue("email")):
        ready: Ready = await asyncio.wait_for(
            old.client.execute_workflow(
                GATE,
                id=f"gate/{queue}",
                task_queue=queue,
                result_type=Ready,
                versioning_override=PinnedVersioningOverride(OLD),
            ),
            30,
        )
        assert ready.database == SCHEMA
        assert {"sms", "email"} <= set(ready.channels)
        assert ready.jurisdictions > 0


async def test_a_version_that_is_listed_but_not_yet_to_be_described_is_left_out(
    old: Moving, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = old.client.workflow_service
    describe = service.describe_worker_deployment_version

    async def not_of_the_old_one(request: Any) -> Any:
        if request.deployment_version.build_id == OLD.build_id:
            raise RPCError("not found", RPCStatusCode.NOT_FOUND, b"")
        return await describe(request)

    monkeypatch.setattr(service, "describe_worker_deployment_version", not_of_the_old_one)
    found = await read(old)
    assert found.name == NAME
    assert found.of(OLD.build_id) is None


async def test_an_account_goes_over_when_it_is_told_something_and_back(
    old: Moving, rooms: Dependencies, pool: Pool
) -> None:
    life = await opened(old, pool)
    query = f"WorkflowId = '{life.id}' AND TemporalWorkerDeploymentVersion = "

    async def has(build: str) -> int:
        return await old.deployments.count(f"{query}'{NAME}:{build}'")

    paid = 0

    async def pays_until(build: str) -> None:
        """The server's queues hear of another version one after the other: some are told late."""
        nonlocal paid
        while not await has(build):
            paid += 1
            assert paid < 20, f"it never goes over to {build}"
            await life.signal("payment_received", id=f"p{paid}", amount="1.00")
            await asyncio.sleep(1)

    await soon(lambda: has("old"), bool, "the old version")
    async with running(old.client, rooms, NEW), labelled(old.client, NEW, {"patches": "a b"}):
        found = await polled(old, NEW)
        with pytest.raises(BadInput, match="it has"):
            old.version(found, "none")
        target = old.version(found, "new")
        assert list(old.against(found, target)) == []
        await old.set_current(found, "new", anyway=False)
        with pytest.raises(BadInput, match="somebody else"):  # looked at before the move
            await old.set_current(found, "old", anyway=False)
        assert await has("old") == 1, "asleep, it goes nowhere"
        await pays_until("new")

        # Back: nobody has taken the patch that the old one does not know.
        found = await read(old)
        assert await old.stuck(found, old.version(found, "old")) == []
        await old.set_current(found, "old", anyway=False)
        await pays_until("old")
    told = await life.state()
    assert told["balance"] == f"{150_000 - paid}.00"
    await life.handle.terminate("end of test")


async def test_the_replay_gate_reads_what_is_encrypted_and_finds_the_change(
    old: Moving, pool: Pool, server: LocalTemporal
) -> None:
    life = await opened(old, pool)
    await life.to_next()
    now, query = datetime.now(UTC), f"WorkflowId = '{life.id}'"

    async def seen() -> int:
        return await old.deployments.count(f"{query} AND Standing IS NOT NULL")

    await soon(seen, bool, "visibility")
    good = await replay(old.client, WORKFLOWS, now, 3, query)
    assert (good.passed, good.histories) == (True, 1)
    assert good.events > 10

    bad = await replay(old.client, [ExtraTimer], now, 3, query)
    [failed] = bad.failed
    assert (failed.workflow_id, failed.nondeterminism) == (life.id, True)
    assert failed.why.startswith("[TMPRL1100]")
    assert "workflow.patched" in replayed(bad)[-1]

    locked = await Client.connect(server.address, data_converter=data_converter(OTHERS))
    unread = await replay(locked, WORKFLOWS, now, 3, query)
    assert not unread.passed
    assert "CONTRAPUNTO_PAYLOAD_KEYS" in replayed(unread)[-1]
    await life.handle.terminate("end of test")


async def test_the_current_version_is_needed_and_says_why(old: Moving) -> None:
    version = old.version(await read(old), "old")
    assert version.needed
    assert "is current" in needs(version)[0]
