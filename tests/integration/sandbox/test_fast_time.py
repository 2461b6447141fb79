"""The sandbox as a process beside a Temporal server that skips time: clocks, payments, promises."""

import asyncio
import json
import subprocess
import sys
import sysconfig
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio import activity, workflow
from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment
from temporalio.worker import Worker

from lab.sandbox.persons.people import Heard, Kind, Person, Persona
from lab.sandbox.persons.people import zone_of as zone
from lab.sandbox.settings import Settings
from tests.integration.sandbox.harness import ANN

pytestmark = pytest.mark.temporal
BIN = Path(sysconfig.get_path("scripts"), "temporal")
FLAGS = [
    "frontend.WorkflowTimeSkippingEnabled=true",
    'history.timerProcessorMaxTimeShift="1ms"',
    "history.timerProcessorMaxPollRPS=2000",
]
TEXT = "Hola, su saldo es de $ 900.000. Responda BASTA para salir."


@workflow.defn(name="StandIn", sandboxed=False)
class StandIn:
    """An account that sends one message after ten days and then listens."""

    def __init__(self) -> None:
        self.told: list[dict[str, str]] = []

    @workflow.run
    async def run(self, url: str) -> list[str]:
        await workflow.sleep(timedelta(days=10))
        sent = workflow.now()
        await workflow.execute_activity(
            send,
            args=[url, workflow.info().workflow_id],
            start_to_close_timeout=timedelta(seconds=30),
        )
        await workflow.wait_condition(lambda: len(self.told) == 2)
        return [sent.isoformat()]

    @workflow.signal
    async def payment_received(self, payment: dict[str, str]) -> None:
        self.told.append(payment)

    @workflow.update
    async def record_promise(self, promise: dict[str, str]) -> str:
        self.told.append(promise)
        return "recorded"

    @record_promise.validator
    def not_more_than_owed(self, promise: dict[str, str]) -> None:
        if promise["amount"] != "900000":
            raise ValueError("not that much is owed")

    @workflow.query
    def heard(self) -> list[dict[str, str]]:
        return self.told


@activity.defn
async def send(url: str, workflow_id: str) -> None:
    settings = Settings()
    account = workflow_id.removeprefix("account/")
    path = f"/2010-04-01/Accounts/{settings.twilio_account_sid}/Messages.json"
    callback = httpx.URL("http://127.0.0.1:9/status", params={"attempt": "a1", "account": account})
    auth = (settings.twilio_account_sid, settings.twilio_auth_token.get_secret_value())
    form = {"To": ANN, "From": "+12025550100", "Body": TEXT, "StatusCallback": str(callback)}
    async with httpx.AsyncClient(auth=auth) as client:
        (await client.post(url + path, data=form)).raise_for_status()


def keeper() -> int:
    """A seed with which Ann promises at the first message and keeps it."""
    at = datetime(2026, 3, 2, 15, tzinfo=UTC)
    for seed in range(999):
        who = Person(ANN, Persona.PROMISER, seed, zone(ANN, "UTC"))
        kinds = [intent.kind for intent in who.hears(Heard("sms", "acme/1", TEXT, at, 1))]
        if kinds == [Kind.PROMISE, Kind.PAY]:
            return seed
    raise AssertionError("nobody keeps a promise")


@contextmanager
def process(tmp_path: Path, **told: Any) -> Iterator[str]:
    """`python -m lab.sandbox settings.json`, until it says where it listens."""
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"port": 0, "callback_retries": 0, **told}))
    with subprocess.Popen(
        [sys.executable, "-m", "lab.sandbox", str(path)], stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stderr
        try:
            for line in child.stderr:
                if "sandbox on " in line:
                    yield line.split("sandbox on ")[1].strip()
                    break
            else:
                raise AssertionError("the sandbox did not start")
        finally:
            child.terminate()
            child.stderr.read()
            child.wait(20)


@pytest.fixture
async def env() -> AsyncIterator[WorkflowEnvironment]:
    flags = [part for flag in FLAGS for part in ("--dynamic-config-value", flag)]
    async with await WorkflowEnvironment.start_time_skipping_v2(
        ts_config=TimeSkippingConfig(enabled=False),
        dev_server_existing_path=str(BIN),
        dev_server_extra_args=flags,
    ) as env:
        yield env


async def test_a_message_is_recorded_in_the_clock_of_its_account(
    env: WorkflowEnvironment, tmp_path: Path
) -> None:
    received = tmp_path / "received.jsonl"
    told = {
        "fast_time": True,
        "temporal_address": env.client.service_client.config.target_host,
        "received_file": str(received),
        "seed": keeper(),
        "fixed_personas": {ANN: "promiser"},
    }
    async with Worker(env.client, task_queue="q", workflows=[StandIn], activities=[send]):
        with process(tmp_path, **told) as url:
            handle = await env.client.start_workflow(
                StandIn.run, url, id="account/acme/1", task_queue="q"
            )
            start = await env.get_current_time(handle)
            await asyncio.wait_for(env.fast_forward(handle, timedelta(days=11)), 60)
            (line,) = [json.loads(line) for line in received.read_text().splitlines()]
            at = datetime.fromisoformat(line["at"])
            assert abs(at - start - timedelta(days=10)) < timedelta(minutes=1)
            assert (line["account"], line["attempt"]) == ("acme/1", "a1")
            assert line["clock"] == "account"

            async with httpx.AsyncClient(base_url=url, timeout=30) as http:
                entries = (await http.get("/_sandbox/agenda")).json()
                assert [entry["kind"] for entry in entries] == ["promise", "pay"]
                assert all(entry["account"] == "acme/1" for entry in entries)
                for entry in entries:
                    wait = datetime.fromisoformat(entry["at"]) - await env.get_current_time(handle)
                    if wait > timedelta():
                        await asyncio.wait_for(env.fast_forward(handle, wait), 60)
                    answer = await http.post("/_sandbox/perform", json={"ids": [entry["id"]]})
                    assert answer.json()["results"][0]["outcome"] == "told"
                bank = (await http.get("/_sandbox/state")).json()["bank"]

            (sent,) = await handle.result()
            assert abs(datetime.fromisoformat(sent) - at) < timedelta(minutes=1)
            promise, payment = await handle.query(StandIn.heard)
            assert set(promise) == {"id", "amount", "date"}
            assert (payment["amount"], payment["currency"]) == ("900000", "COP")
            paid_at = datetime.fromisoformat(payment["paid_at"])
            assert paid_at - at > timedelta(days=1)
            assert [entry["kind"] for entry in bank] == ["promise", "pay"]


async def test_fast_time_without_temporal_says_what_is_missing(tmp_path: Path) -> None:
    for told, words in (
        ({"fast_time": True}, "temporal_address"),
        ({"temporal_address": "127.0.0.1:9"}, "no Temporal at 127.0.0.1:9"),
        ({"port": -1}, "port"),
    ):
        path = tmp_path / "settings.json"
        path.write_text(json.dumps({"port": 0, **told}))
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "lab.sandbox", str(path), stderr=asyncio.subprocess.PIPE
        )
        _, errors = await asyncio.wait_for(child.communicate(), 60)
        assert child.returncode == 2
        assert words in errors.decode()
        assert "Traceback" not in errors.decode()
