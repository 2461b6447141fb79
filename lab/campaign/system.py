"""The system that a campaign strikes at: the local stack, with two workers and two gateways."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import httpx

from domain.names import (
    INFOBIP_INBOUND,
    RESEND_EVENTS,
    SENDGRID_EVENTS,
    SENDGRID_INBOUND,
    TWILIO_INBOUND,
)
from lab.campaign.mutants import MUTANTS
from lab.campaign.people import Account, cast, second_file, takers, zones
from lab.campaign.workers import Orders
from lab.local.postgres import free_port
from lab.local.stack import DATABASE, Child, Stack
from lab.sandbox.settings import Settings as SandboxSettings

_SANDBOX: Final = SandboxSettings()
PLACES: Final = 70
"""Connections that PostgreSQL takes: enough for everybody, and soon all taken."""

REPEATED: Final = 0.07
ENVIRONMENT: Final = {
    "CONTRAPUNTO_AGENCY_NAME": "Contrapunto Campaign",
    "CONTRAPUNTO_PAY_URL": "https://pay.example.com/{reference}",
    "CONTRAPUNTO_UNSUBSCRIBE_KEY": "only-for-the-campaign",
    "CONTRAPUNTO_PROVIDER_TIMEOUT": "2",
    "CONTRAPUNTO_RECONCILE_AFTER": "[120, 7200, 86400]",
    "CONTRAPUNTO_EXACT_NEXT_CONTACT": "false",
    "CONTRAPUNTO_SMS_PER_SECOND": "1000",
    "CONTRAPUNTO_EMAIL_PER_SECOND": "1000",
    "CONTRAPUNTO_WHATSAPP_PER_SECOND": "1000",
    "CONTRAPUNTO_VOICE_PER_SECOND": "1000",
    "CONTRAPUNTO_DATABASE_POOL": "8",
}


class System(Stack):
    """Real servers and processes in one folder; a balancer stands before the gateways."""

    def __init__(
        self,
        folder: Path,
        *,
        seed: int,
        clocks: tuple[float, ...] = (0.0, 7.0),
        mutant: str | None = None,
        repeated: float = REPEATED,
    ) -> None:
        """``clocks``: one worker for each, and by how many hours its clock is wrong; ``repeated``:
        share of the callbacks that come twice, or whose answer is lost."""
        super().__init__(folder, fast_time=True, processes=False, seed=seed, extra=ENVIRONMENT)
        self.postgres.max_connections = PLACES
        self.clocks, self.mutant, self.repeated = clocks, mutant, repeated
        self.points = folder / "points"
        self.points.mkdir()
        strategies = folder / "strategies"
        strategies.mkdir()
        text = (Path(__file__).parent / "strategy.yaml").read_text(encoding="utf-8")
        (strategies / "default.yaml").write_text(text, encoding="utf-8")
        self.extra["CONTRAPUNTO_STRATEGIES"] = str(strategies)
        self.gateways: list[Child] = []
        self._doors = [free_port(), free_port()]

    def environment(self) -> dict[str, str]:
        """As the stack's, with the second provider of each channel."""
        secret = _SANDBOX.infobip_webhook_secret.get_secret_value()
        second = {
            "CONTRAPUNTO_INFOBIP_API_KEY": _SANDBOX.infobip_api_key.get_secret_value(),
            "CONTRAPUNTO_INFOBIP_BASE_URL": self.sandbox_url,
            "CONTRAPUNTO_INFOBIP_FROM": "447491163443",
            "CONTRAPUNTO_INFOBIP_WEBHOOK_SECRET": secret,
            "RESEND_API_KEY": _SANDBOX.resend_api_key.get_secret_value(),
            "RESEND_FROM": "collections@example.org",
            "RESEND_WEBHOOK_SECRET": _SANDBOX.resend_webhook_secret.get_secret_value(),
            "RESEND_BASE_URL": self.sandbox_url,
        }
        return super().environment() | {**second, **self.extra}

    @property
    def database_url(self) -> str:
        """Of the product's database."""
        return self.postgres.database_url(DATABASE)

    async def open(self, accounts: list[Account], script: Sequence[Mapping[str, Any]]) -> None:
        """Bring everything up; the sandbox knows its people and its faults."""
        await self.start()
        asked = self._sandbox(accounts, script)
        file = self.folder / "sandbox.json"
        file.write_text(json.dumps(asked), encoding="utf-8")
        words = ["sandbox", "--seed", str(self.seed), "--received", str(self.received)]
        self._child("sandbox", [*words, "--config", str(file)])
        for number, port in enumerate(self._doors, 1):
            door = {"CONTRAPUNTO_GATEWAY_PORT": str(port)}
            self.gateways.append(self._gateway(f"gateway{number}", door))
        doors = [f"http://127.0.0.1:{port}" for port in self._doors]
        behind = [str(self.ports["gateway"]), str(self.seed), str(self.repeated), *doors]
        self._child("balancer", behind, module="lab.campaign.balancer")
        orders = Orders(folder=self.points, clocks=self.clocks, mutant=self.mutant)
        self._child("workers", [orders.model_dump_json()], module="lab.campaign.workers")
        await self.wait_for(f"{self.sandbox_url}/_sandbox/quiet", "sandbox")
        for address in doors:
            await self.wait_for(f"{address}/readyz", "gateway1")
        await self.wait_for(f"{self.gateway_url}/readyz", "balancer")

    def _gateway(self, name: str, door: Mapping[str, str]) -> Child:
        if self.mutant is not None and MUTANTS[self.mutant].at_gateway:
            return self._child(name, [self.mutant], door, module="lab.campaign.mutants")
        return self._child(name, ["gateway"], door)

    def _child(
        self,
        name: str,
        words: list[str],
        more: Mapping[str, str] | None = None,
        module: str = "workers",
    ) -> Child:
        environment = self.environment() | dict(more or {})
        child = Child(name, words, environment, self.logs / f"{name}.log", module)
        child.start()
        self.children.append(child)
        return child

    def _sandbox(
        self, accounts: list[Account], script: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        everybody = [*second_file(accounts, self.seed), *accounts]
        return {
            "fixed_personas": cast(everybody),
            "fixed_calls": takers(everybody),
            "zones": zones(everybody),
            "faults": {"script": script},
            "callback_states": ["sent", "delivered"],
            "hang_seconds": 5,
            "list_lag": 30,
            "pauses": 1,
            "inbound_sms_url": f"{self.gateway_url}{TWILIO_INBOUND}",
            "sendgrid_events_url": f"{self.gateway_url}{SENDGRID_EVENTS}",
            "sendgrid_inbound_url": f"{self.gateway_url}{SENDGRID_INBOUND}",
            "infobip_inbound_url": f"{self.gateway_url}{INFOBIP_INBOUND}",
            "resend_events_url": f"{self.gateway_url}{RESEND_EVENTS}",
        }

    async def ask(self, what: str, **about: str) -> Any:
        """What the sandbox tells under a route of its own."""
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            answer = await client.get(f"{self.sandbox_url}/_sandbox/{what}", params=about)
        answer.raise_for_status()
        return answer.json()

    async def calm(self) -> None:
        """No more faults at the providers."""
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            (await client.delete(f"{self.sandbox_url}/_sandbox/faults")).raise_for_status()

    async def balanced(self) -> dict[str, int]:
        """What the balancer did to callbacks."""
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            counts: dict[str, int] = (await client.get(f"{self.gateway_url}/_counts")).json()
        return counts
