"""The real application over real PostgreSQL, over HTTP; only Temporal is a recorder."""

import asyncio
import base64
import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from config.reader import load_reader
from config.settings import Settings
from domain.channels import Channel
from domain.conversation.keywords import Intent
from domain.conversation.work_words import WorkReason
from domain.failures import Unavailable
from store.conversation.work import WorkItem, WorkItems, open_items
from store.database import Pool
from store.provider_events import ProviderEvents
from tests.support.access.roles import acting_as
from tests.support.rows import add_account, add_customer
from workers.accounts import Accounts
from workers.api.app import build
from workers.cli.rules import rules_factory
from workers.clock import SystemClock

PHONE = "+573001234567"
ISSUER, AUDIENCE = "https://login.example.test/realms/desk", "contrapunto-api"
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())
ROLES = {
    "desk-agents": "agent",
    "desk-leads": "supervisor",
    "audit": "compliance",
    "ops": "operator",
}
PEOPLE: dict[str, dict[str, Any]] = {
    "ana": {"roles": ["agent"]},
    "luis": {"roles": ["agent"]},
    "sofia": {"roles": ["supervisor"]},
    "eva": {"roles": ["compliance"]},
    "otto": {"roles": ["operator"]},
    "bea": {"roles": ["agent"], "creditors": ["bank"]},
    "gil": {"roles": ["agent"], "creditors": ["garage"]},
    "rita": {"roles": ["supervisor"], "creditors": ["garage"]},
    "core": {"roles": ["upstream"], "creditors": ["bank"]},
    "workshop": {"roles": ["upstream"], "creditors": ["garage"]},
    "hub": {"roles": ["upstream"]},
    "boss": {"roles": ["bulk"], "creditors": ["bank"]},
    "owner": {"roles": ["bulk"], "creditors": ["garage"]},
    "chief": {"roles": ["bulk"]},
    "watch": {"roles": ["follower"], "creditors": ["bank"]},
    "narrow": {"roles": ["upstream"], "creditors": ["bank"], "rights": ["follow"]},
    "old": {"roles": ["agent"], "expires": "2020-01-01T00:00:00Z"},
}


def token(name: str) -> str:
    """The token of one of these people."""
    return f"token-of-{name}-" + "x" * 32


def tokens_file(file: Path, people: Mapping[str, Mapping[str, Any]] = PEOPLE) -> Path:
    """The file of tokens as an operator writes it."""
    tokens = [
        {"name": name, "sha256": hashlib.sha256(token(name).encode()).hexdigest(), **told}
        for name, told in people.items()
    ]
    file.write_text(yaml.safe_dump({"tokens": tokens}), encoding="utf-8")
    return file


def jwk(key: Any, kid: str, **more: object) -> dict[str, Any]:
    """A public key as a JWK set has it."""
    public = key.public_key()
    kind = jwt.algorithms.ECAlgorithm if isinstance(key, ec.EllipticCurvePrivateKey) else None
    made = (kind or jwt.algorithms.RSAAlgorithm).to_jwk(public, as_dict=True)
    return {**made, "kid": kid, "use": "sig", **more}


def keys_file(file: Path, *keys: dict[str, Any]) -> Path:
    """The keys of the identity provider."""
    listed = keys or (jwk(RSA, "rsa-1"), jwk(EC, "ec-1"))
    file.write_text(json.dumps({"keys": list(listed)}), encoding="utf-8")
    return file


def claims(**other: Any) -> dict[str, Any]:
    """What a good token says, but for these; None: without it."""
    now = datetime.now(UTC)
    told = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "u-17",
        "iat": int(now.timestamp()) - 60,
        "exp": int(now.timestamp()) + 10 * 86_400,  # the tables are made when tests are collected
        "roles": ["desk-agents"],
    }
    return {name: value for name, value in (told | other).items() if value is not None}


def signed(key: Any = RSA, kid: str | None = "rsa-1", alg: str = "RS256", **other: Any) -> str:
    """A token of the identity provider."""
    head = {} if kid is None else {"kid": kid}
    return jwt.encode(claims(**other), key, algorithm=alg, headers=head)


def unsigned(head: Mapping[str, Any], body: Mapping[str, Any], signature: bytes = b"") -> str:
    """A token as anybody can write it."""
    parts = [json.dumps(head).encode(), json.dumps(body).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(one).rstrip(b"=").decode() for one in parts)


class RecordedAccounts(Accounts):
    """Temporal's place: remembers who was told, and can be away, also in the middle of it."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.down = False
        self.deaf: set[str] = set()
        """Workflows that Temporal takes no news for."""
        self.asked: dict[str, tuple[str, str, Mapping[str, Any]]] = {}
        """Updates by the name under which Temporal knows them: workflow, update, payload."""
        self.answers: Exception | None = None
        """What an update is answered with in the place of being taken."""

    async def tell(self, workflow: str, signal: str, payload: Mapping[str, Any]) -> bool:
        if self.down or workflow in self.deaf:
            raise Unavailable("Temporal does not answer: test")
        await asyncio.sleep(0)
        self.told.append((workflow, payload["id"]))
        return True

    async def ask(
        self,
        workflow: str,
        update: str,
        payload: Mapping[str, Any],
        *,
        patience: float = 1,
        name: str | None = None,
    ) -> dict[str, Any]:
        await self.ping()
        if self.answers is not None:
            raise self.answers
        self.asked[name or payload["id"]] = (workflow, update, payload)
        step = {"kind": "wait", "not_before": "2026-12-01T13:00:00Z", "summary": "waits"}
        return {"id": payload["id"], "repeated": False, "next_step": step}

    async def ping(self) -> None:
        if self.down:
            raise Unavailable("Temporal does not answer: test")


@dataclass
class Desk:
    """The API as people's programs see it, and what is behind it."""

    client: httpx.AsyncClient
    pool: Pool
    accounts: RecordedAccounts
    tokens: Path
    keys: Path
    now: datetime
    own: "Pool | None" = None
    """The API's own connections."""

    async def ask(
        self,
        method: str,
        path: str,
        who: str | None = "ana",
        *,
        bearer: str | None = None,
        **more: Any,
    ) -> httpx.Response:
        """One request of somebody."""
        headers = dict(more.pop("headers", {}))
        given = bearer or (token(who) if who is not None else None)
        if given is not None:
            headers["Authorization"] = f"Bearer {given}"
        return await self.client.request(method, path, headers=headers, **more)

    async def get(self, path: str, who: str | None = "ana", **more: Any) -> httpx.Response:
        return await self.ask("GET", path, who, **more)

    async def post(self, path: str, who: str | None = "ana", **more: Any) -> httpx.Response:
        return await self.ask("POST", path, who, **more)

    async def work(
        self, *reasons: WorkReason, customer: str = "C1", message: str | None = "twilio/S1"
    ) -> list[WorkItem]:
        """What is asked for a customer, opened an hour ago."""
        async with self.pool.acquire() as connection:
            at = self.now - timedelta(hours=1)
            await open_items(connection, {customer: None}, reasons, message, at)
        return await WorkItems(self.pool).listed(customer, None, 100, done=False)

    async def says(self, text: str, *, sid: str = "S1", phone: str = PHONE) -> None:
        """A customer writes."""
        said = ("twilio", sid, Channel.SMS, phone, text, Intent.OTHER, self.now)
        await ProviderEvents(self.pool, load_reader()).inbound(*said)


@asynccontextmanager
async def serving(
    pool: Pool,
    folder: Path,
    now: datetime,
    temporal: Accounts | None = None,
    /,
    **overrides: Any,
) -> AsyncIterator[Desk]:
    """The application in its own role; ``temporal``: the real one."""
    tokens, keys_at = tokens_file(folder / "tokens.yaml"), keys_file(folder / "keys.json")
    chosen: dict[str, Any] = {
        "api_tokens": tokens,
        "api_oidc_issuer": ISSUER,
        "api_oidc_audience": AUDIENCE,
        "api_oidc_jwks": str(keys_at),
        "api_oidc_roles": ROLES,
    }
    settings, accounts = Settings(**chosen | overrides), RecordedAccounts()
    rules = rules_factory(settings)
    async with acting_as("api", pool) as own:
        app = build(settings, own, temporal or accounts, SystemClock(), rules)
        transport = httpx.ASGITransport(app, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://inside:8083") as client:
            yield Desk(client, pool, accounts, tokens, keys_at, now, own)


@pytest.fixture
def now() -> datetime:
    """A moment of this test."""
    return datetime.now(UTC)


@pytest.fixture
async def desk(pool: Pool, tmp_path: Path, now: datetime) -> AsyncIterator[Desk]:
    """One customer with an account at a bank, and one with accounts at the bank and a garage."""
    due = now.date() - timedelta(days=10)
    await add_customer(pool)
    await add_account(pool, due=due)
    await add_customer(pool, "C2", points=(("sms", "mobile", "+573007654321"),))
    await add_account(pool, "A2", "C2", due=due)
    await add_account(pool, "G2", "C2", creditor="garage", due=due)
    async with serving(pool, tmp_path, now) as made:
        yield made
