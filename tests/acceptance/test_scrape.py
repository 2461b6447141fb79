"""Every metric that a rule or a panel names is one that the running processes tell.

A worker, a gateway, an API and a relay as real processes on real servers, in skipped time: accounts
are contacted, a customer says stop, a stranger knocks, an endpoint answers 410. Then all of them
are scraped as Prometheus would.
"""

import asyncio
import hashlib
import re
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
import yaml
from aiohttp import web
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from twilio.request_validator import RequestValidator

from domain.names import TWILIO_INBOUND
from lab.builders.intake_files import row, write_csv
from lab.local.fast_time import Conductor
from lab.local.postgres import free_port
from lab.local.stack import Child, Stack
from lab.observability.objectives import OBJECTIVES
from store.database import connect
from tests.unit.observability.support import expressions, metrics
from workers.accounts import Accounts
from workers.connection import fast_client
from workers.intake.command import intake
from workers.intake.starter import TemporalStarter

BEGAN = datetime.now(UTC)
MOBILE = "+573990000001"
PROCESSES = ("worker", "gateway", "api", "relay")
SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
TOKEN = "of-whoever-looks-" + "x" * 40


class Scraped(NamedTuple):
    """What all processes told at one moment."""

    samples: list[tuple[str, dict[str, str], float]]

    @property
    def names(self) -> set[str]:
        return {name for name, _, _ in self.samples}

    def labels(self, name: str) -> set[str]:
        return {label for found, labels, _ in self.samples if found == name for label in labels}

    def value(self, name: str, **labels: str) -> float:
        """The sum of the samples of a name that have these labels."""
        wanted = labels.items()
        return sum(
            at for found, told, at in self.samples if found == name and wanted <= told.items()
        )


def two_ports() -> int:
    """A port whose next one is free, too."""
    while True:
        port = free_port()
        with socket.socket() as other:
            try:
                other.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
        return port


@asynccontextmanager
async def gone() -> AsyncIterator[str]:
    """An endpoint that says it is no more; its address."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=410)

    app = web.Application()
    app.router.add_post("/hook", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    finally:
        await runner.cleanup()


def configured(folder: Path, hook: str) -> dict[str, str]:
    """One endpoint, one token."""
    one = {"name": "core", "url": hook, "creditors": ["banco-andino"], "secrets": ["env:K"]}
    webhooks, tokens = folder / "webhooks.yaml", folder / "tokens.yaml"
    webhooks.write_text(yaml.safe_dump({"endpoints": [{**one, "private": True}]}))
    digest = hashlib.sha256(TOKEN.encode()).hexdigest()
    tokens.write_text(
        yaml.safe_dump({"tokens": [{"name": "ana", "sha256": digest, "roles": ["agent"]}]})
    )
    return {
        "CONTRAPUNTO_WEBHOOKS": str(webhooks),
        "CONTRAPUNTO_API_TOKENS": str(tokens),
        "K": SECRET,
    }


def started(stack: Stack, ports: dict[str, int]) -> None:
    """Every process with ports of its own for its metrics."""
    for name in ("sandbox", *PROCESSES):
        words = [name]
        if name == "sandbox":
            words += ["--seed", str(stack.seed), "--received", str(stack.received)]
        given = {
            **stack.environment(),
            "CONTRAPUNTO_API_PORT": str(ports["port of the api"]),
            "OTEL_METRICS_EXPORTER": "prometheus" if name in PROCESSES else "none",
            "OTEL_EXPORTER_PROMETHEUS_HOST": "127.0.0.1",
            "OTEL_EXPORTER_PROMETHEUS_PORT": str(ports.get(name, 9464)),
            "OTEL_METRIC_EXPORT_INTERVAL": "1000",
        }
        child = Child(name, words, given, stack.logs / f"{name}.log")
        child.start()
        stack.children.append(child)


async def scraped(ports: dict[str, int]) -> Scraped:
    found: list[tuple[str, dict[str, str], float]] = []
    async with httpx.AsyncClient(trust_env=False) as http:
        for name in PROCESSES:
            for port in (ports[name], ports[name] + 1):
                try:
                    text = (await http.get(f"http://127.0.0.1:{port}/metrics")).text
                except httpx.TransportError:
                    continue  # a relay has no second port; others may still be starting
                for family in text_string_to_metric_families(text):
                    found += [(one.name, one.labels, one.value) for one in family.samples]
    return Scraped(found)


async def knocked(stack: Stack, ports: dict[str, int]) -> None:
    """A customer disputes, then says stop; strangers are refused, at the gateway and the API."""
    given = stack.environment()
    address = f"{stack.gateway_url}{TWILIO_INBOUND}"
    validator = RequestValidator(given["TWILIO_AUTH_TOKEN"])  # type: ignore[no-untyped-call]
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        for number, words in enumerate(("No reconozco esta deuda", "STOP")):
            form = {"From": MOBILE, "To": given["TWILIO_FROM"], "Body": words}
            form |= {"MessageSid": f"SM{number:032}", "AccountSid": given["TWILIO_ACCOUNT_SID"]}
            signed = validator.compute_signature(address, form)  # type: ignore[no-untyped-call]
            taken = await http.post(address, data=form, headers={"X-Twilio-Signature": signed})
            assert taken.status_code == 200, taken.text
        stranger = await http.post(address, data={"From": MOBILE, "Body": "STOP"})
        assert stranger.status_code == 403
        api = f"http://127.0.0.1:{ports['port of the api']}/v1/work-items"
        known = {"Authorization": f"Bearer {TOKEN}"}
        answers = [await http.get(api), await http.get(api, headers=known)]
        assert [one.status_code for one in answers] == [401, 200], answers[1].text


async def taken_in(stack: Stack, client: Client) -> None:
    line = row(
        oldest_due_date=str(BEGAN.date() - timedelta(days=20)),
        mobile=MOBILE,
        preferred_channel="",
        timezone="America/Bogota",
    )
    async with connect(stack.environment()["CONTRAPUNTO_DATABASE_URL"], 4) as pool:
        report = await intake(
            write_csv(stack.folder / "portfolio.csv", [line]),
            snapshot=False,
            as_of=BEGAN,
            pool=pool,
            starter=TemporalStarter(Accounts(fast_client(client).client)),
            console=Console(quiet=True),
        )
    assert report.exit_code == 0, report.lines()


def selectors() -> Iterator[tuple[str, str]]:
    """Metric and label, for each label by which an expression chooses."""
    for text in expressions():
        for name, chosen in re.findall(r"((?:contrapunto|temporal)_\w+)\{([^}]*)\}", text):
            for label in re.findall(r"(\w+)\s*(?:=~|!=|!~|=)", chosen):
                yield name, label


@pytest.mark.timeout(400)
async def test_all_that_rules_and_panels_name_is_told_by_the_processes(folder: Path) -> None:
    ports = {name: two_ports() for name in PROCESSES} | {"port of the api": free_port()}
    wanted = {name for text in expressions() for name in metrics(text)}
    async with gone() as hook:
        stack = Stack(folder, fast_time=True, processes=False, extra=configured(folder, hook))
        try:
            await stack.start()
            started(stack, ports)
            await stack.wait_for(f"{stack.sandbox_url}/_sandbox/quiet", "sandbox")
            await stack.wait_for(f"{stack.gateway_url}/readyz", "gateway")
            await stack.wait_for(f"http://127.0.0.1:{ports['port of the api']}/healthz", "api")
            client = await Client.connect(
                stack.temporal.address, data_converter=pydantic_data_converter
            )
            await taken_in(stack, client)
            url = stack.environment()["CONTRAPUNTO_DATABASE_URL"]
            async with connect(url, 8) as pool:
                conductor = Conductor(client, pool, stack.sandbox_url)
                await asyncio.wait_for(conductor.play(BEGAN + timedelta(days=8)), 150)
            await knocked(stack, ports)
            found = await scraped(ports)
            for _ in range(300):
                disabled = found.value("contrapunto_webhooks_disabled", endpoint="core")
                if wanted <= found.names and disabled:
                    break
                await asyncio.sleep(0.3)
                found = await scraped(ports)
        finally:
            await stack.stop()
    assert wanted - found.names == set(), (folder / "logs" / "worker.log").read_text()[-2000:]
    assert {
        (name, label) for name, label in selectors() if label not in found.labels(name)
    } == set()
    # What happened is what was counted.
    assert found.value("contrapunto_webhooks_disabled", endpoint="core") == 1
    assert found.value("contrapunto_contacts_total", outcome="accepted") >= 1
    assert found.value("contrapunto_contact_delay_seconds_count") >= 1
    assert (
        found.value("contrapunto_gateway_requests_total", webhook="twilio_inbound", status="403")
        == 1
    )
    assert found.value("contrapunto_stop_effect_seconds_count", provider="twilio") == 1
    assert found.value("contrapunto_api_requests_total", status="401") == 1
    # The bounds that objectives are counted by, as this exporter spells them.
    for one in OBJECTIVES:
        for name, limit in re.findall(r'(\w+)_bucket\{\{le=~"(\d+)', one.bad):
            spelt = {labels["le"] for told, labels, _ in found.samples if told == f"{name}_bucket"}
            assert any(re.fullmatch(rf"{limit}([.]0)?", le) for le in spelt), spelt
