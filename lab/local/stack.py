"""Everything on one machine: PostgreSQL, Temporal, sandbox, gateway and worker, as real processes.

A child that dies is started again, as any supervisor would; what was lost with it is what the
ledger and the workflows are built to survive.
"""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import asyncpg
import httpx

from config.settings import ROOT
from domain.failures import Unavailable
from lab.local.postgres import LocalPostgres, free_port
from lab.local.temporal import LocalTemporal
from lab.sandbox.providers.mail_answers import AUTHENTICATION_SERVER
from lab.sandbox.providers.sendgrid_webhook import public_key
from lab.sandbox.settings import Settings as SandboxSettings
from workers.migrate import migrate

DATABASE: Final = "contrapunto"
STARTS: Final = 5
"""How often a server that dies is started before the stack gives up."""
_SANDBOX: Final = SandboxSettings()
_TWILIO: Final = _SANDBOX.twilio_account_sid
_SENDGRID: Final = _SANDBOX.sendgrid_api_key.get_secret_value()
_VOICES: Final = {
    "CONTRAPUNTO_TWILIO_WHATSAPP_FROM": _SANDBOX.default_sender,
    "CONTRAPUNTO_TWILIO_VOICE_FROM": _SANDBOX.default_sender,
    "CONTRAPUNTO_VOICE_NAME": "Contrapunto Services",
    "CONTRAPUNTO_VOICE_PERSON": "Laura Gil",
    "CONTRAPUNTO_PHONE": _SANDBOX.default_sender,
    "CONTRAPUNTO_VOICE_PER_SECOND": "50",
}
"""Who calls from the sandbox's number; its account may place calls as fast as we like."""

Say = Callable[[str], None]


class Child:
    """One of our own modules, with its arguments, as a process with a log."""

    def __init__(
        self,
        name: str,
        words: list[str],
        environment: Mapping[str, str],
        log: Path,
        module: str = "workers",
        root: Path = ROOT,
    ) -> None:
        self.name, self.words, self.environment, self.log = name, words, environment, log
        self.module, self.root = module, root
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, or start again."""
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module, *self.words],
                cwd=self.root,
                env={**os.environ, **self.environment},  # noqa: TID251 - handed on, not read
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def died(self) -> int | None:
        """Its exit status if it is not running."""
        return None if self.process is None else self.process.poll()

    def stop(self) -> None:
        """Ask it to drain; end it if it does not."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)


class Stack:
    """The servers, and the processes unless ``processes`` is false.

    ``also``: which of ``api`` and ``relay`` run beside the others.
    """

    def __init__(
        self,
        folder: Path,
        *,
        fast_time: bool = False,
        processes: bool = True,
        ports: Mapping[str, int] | None = None,
        seed: int = 1,
        people: str | None = None,
        also: Sequence[str] = (),
        extra: Mapping[str, str] | None = None,
        say: Say = lambda _: None,
    ) -> None:
        self.folder, self.fast_time, self.processes, self.seed = folder, fast_time, processes, seed
        self.people, self.also = people, also
        self.say, self.extra = say, dict(extra or {})
        wanted = dict(ports or {})
        names = ("postgres", "temporal", "ui", "gateway", "sandbox", "codec", "api")
        self.ports = {name: wanted.get(name) or free_port() for name in names}
        self.logs = folder / "logs"
        self.logs.mkdir(parents=True, exist_ok=True)
        self.postgres = LocalPostgres(folder / "postgres", self.ports["postgres"])
        self.temporal = LocalTemporal(
            folder / "temporal.db",
            port=self.ports["temporal"],
            ui_port=self.ports["ui"],
            fast_time=fast_time,
            log=self.logs / "temporal.log",
            codec=self.codec_url if self.encrypted else None,
        )
        self.children: list[Child] = []
        self.closing = False

    # --- addresses ------------------------------------------------------------------------------

    @property
    def gateway_url(self) -> str:
        """Where providers would reach us."""
        return f"http://127.0.0.1:{self.ports['gateway']}"

    @property
    def sandbox_url(self) -> str:
        """The stand-in for the providers, and its page."""
        return f"http://127.0.0.1:{self.ports['sandbox']}"

    @property
    def api_url(self) -> str:
        """Where upstream systems put accounts, and agents work."""
        return f"http://127.0.0.1:{self.ports['api']}"

    @property
    def codec_url(self) -> str:
        """Where Temporal's UI has payloads decrypted, if they are encrypted."""
        return f"http://127.0.0.1:{self.ports['codec']}"

    @property
    def encrypted(self) -> bool:
        """Whether our processes encrypt what they send through Temporal."""
        given = {**os.environ, **self.extra}  # noqa: TID251 - what the processes are given
        return given.get("CONTRAPUNTO_PAYLOAD_KEYS", "{}") not in ("", "{}")

    @property
    def received(self) -> Path:
        """What the sandbox delivered."""
        return self.folder / "received.jsonl"

    def environment(self) -> dict[str, str]:
        """The variables with which our commands use this stack.

        A provider whose credentials are set already is left alone: then the real one is used, and
        CONTRAPUNTO_PUBLIC_URL must be where it reaches us.
        """
        given = os.environ  # noqa: TID251 - to see which providers are real
        ours = {
            "CONTRAPUNTO_DATABASE_URL": self.postgres.database_url(DATABASE),
            "CONTRAPUNTO_PUBLIC_URL": self.gateway_url,
            "CONTRAPUNTO_GATEWAY_PORT": str(self.ports["gateway"]),
            "CONTRAPUNTO_SANDBOX_PORT": str(self.ports["sandbox"]),
            "CONTRAPUNTO_API_PORT": str(self.ports["api"]),
            "CONTRAPUNTO_CODEC_PORT": str(self.ports["codec"]),
            "CONTRAPUNTO_CODEC_ORIGINS": json.dumps([self.temporal.ui]),
            "CONTRAPUNTO_FAST_TIME": str(self.fast_time).lower(),
            "TEMPORAL_ADDRESS": self.temporal.address,
            "TEMPORAL_NAMESPACE": "default",
            "CONTRAPUNTO_TEMPORAL_UI": self.temporal.ui or "",
        }
        twilio = given.get("TWILIO_ACCOUNT_SID", _TWILIO) == _TWILIO
        sendgrid = given.get("SENDGRID_API_KEY", _SENDGRID) == _SENDGRID
        if not (twilio and sendgrid) and "CONTRAPUNTO_PUBLIC_URL" in given:
            ours["CONTRAPUNTO_PUBLIC_URL"] = given["CONTRAPUNTO_PUBLIC_URL"]
        if twilio:
            ours |= {
                "TWILIO_ACCOUNT_SID": _TWILIO,
                "TWILIO_AUTH_TOKEN": _SANDBOX.twilio_auth_token.get_secret_value(),
                "TWILIO_FROM": _SANDBOX.default_sender,
                **_VOICES,
                "TWILIO_BASE_URL": self._stand_in("TWILIO"),
            }
        if sendgrid:
            ours |= {
                "SENDGRID_API_KEY": _SENDGRID,
                "SENDGRID_FROM": "collections@example.com",
                "SENDGRID_PUBLIC_KEY": public_key(self.seed),
                "CONTRAPUNTO_SENDGRID_INBOUND_PUBLIC_KEY": public_key(self.seed),
                "SENDGRID_BASE_URL": self._stand_in("SENDGRID"),
            }
        return ours | self._seconds(twilio=twilio, sendgrid=sendgrid) | self.extra

    def _seconds(self, *, twilio: bool, sendgrid: bool) -> dict[str, str]:
        """The second provider of each channel: never a stand-in behind a real first one."""
        given = os.environ  # noqa: TID251 - as above
        ours: dict[str, str] = {}
        if twilio and "CONTRAPUNTO_INFOBIP_API_KEY" not in given:
            ours |= {
                "CONTRAPUNTO_INFOBIP_API_KEY": _SANDBOX.infobip_api_key.get_secret_value(),
                "CONTRAPUNTO_INFOBIP_BASE_URL": self.sandbox_url,
                "CONTRAPUNTO_INFOBIP_FROM": _SANDBOX.default_sender,
                "CONTRAPUNTO_INFOBIP_WEBHOOK_SECRET": (
                    _SANDBOX.infobip_webhook_secret.get_secret_value()
                ),
            }
        if sendgrid and "RESEND_API_KEY" not in given:
            ours |= {
                "RESEND_API_KEY": _SANDBOX.resend_api_key.get_secret_value(),
                "RESEND_FROM": "collections@example.com",
                "CONTRAPUNTO_RESEND_AUTHENTICATION_SERVER": AUTHENTICATION_SERVER,
                "RESEND_WEBHOOK_SECRET": _SANDBOX.resend_webhook_secret.get_secret_value(),
                "RESEND_BASE_URL": self.sandbox_url,
            }
        return ours

    def _stand_in(self, provider: str) -> str:
        """The sandbox, unless somebody brings a stand-in of their own (a base URL alone)."""
        given = os.environ  # noqa: TID251 - as above
        base = given.get(f"{provider}_BASE_URL")
        own = base is not None and f"{provider}_FROM" not in given
        return base if own and base else self.sandbox_url

    def addresses(self) -> dict[str, object]:
        """What ``--ready-file`` tells."""
        servers = {"postgres": self.postgres.process, "temporal": self.temporal.process}
        processes = servers | {child.name: child.process for child in self.children}
        return {
            "database_url": self.postgres.database_url(DATABASE),
            "temporal_address": self.temporal.address,
            "temporal_ui": self.temporal.ui,
            "gateway_url": self.gateway_url,
            "sandbox_url": self.sandbox_url,
            "received": str(self.received),
            "pids": {name: p.pid for name, p in processes.items() if p is not None},
            "environment": self.environment(),
        }

    # --- life -----------------------------------------------------------------------------------

    async def start(self) -> None:
        """Bring everything up, in order; raises Unavailable naming what did not come."""
        self.say("PostgreSQL")
        await asyncio.to_thread(self.postgres.start)
        await self._create_database()
        await asyncio.to_thread(migrate, self.postgres.database_url(DATABASE))
        self.say("Temporal")
        await self.temporal.start()
        if self.processes:
            codec = ("codec",) if self.encrypted else ()
            for name in ("sandbox", "gateway", "worker", *codec, *self.also):
                self.say(name)
                self._start_child(name)
            await self.wait_for(f"{self.sandbox_url}/_sandbox/quiet", "sandbox")
            await self.wait_for(f"{self.gateway_url}/readyz", "gateway")
            if "api" in self.also:
                await self.wait_for(f"{self.api_url}/readyz", "api")

    def _start_child(self, name: str) -> None:
        words = [name]
        if name == "sandbox":
            words += ["--seed", str(self.seed), "--received", str(self.received)]
            words += ["--people", self.people] if self.people else []
        child = Child(name, words, self.environment(), self.logs / f"{name}.log")
        child.start()
        self.children.append(child)

    async def _create_database(self) -> None:
        connection = await asyncpg.connect(self.postgres.url)
        try:
            known = await connection.fetchval(
                "SELECT 1 FROM pg_database WHERE datname = $1", DATABASE
            )
            if not known:
                await connection.execute(f"CREATE DATABASE {DATABASE}")
        finally:
            await connection.close()

    async def wait_for(self, url: str, name: str) -> None:
        """Return when a child of ours answers at ``url``; raises Unavailable with its log."""
        child = next(child for child in self.children if child.name == name)
        async with httpx.AsyncClient(trust_env=False) as client:
            for _ in range(600):
                if child.died() is not None:
                    break
                try:
                    if (await client.get(url, timeout=5)).is_success:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.1)
        tail = child.log.read_text()[-2000:] if child.log.exists() else ""
        raise Unavailable(f"the {name} did not come up; its log {child.log} ends:\n{tail}")

    async def command(self, *words: str, root: Path = ROOT) -> tuple[int, str]:
        """One of the product's commands, as a person types it, by the code below ``root``: exit
        status, and what it said, without colours."""
        given = {**os.environ, **self.environment()}  # noqa: TID251 - handed on, not read
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "workers", *words),
            cwd=root,
            env={**given, "COLUMNS": "400"},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await asyncio.wait_for(process.communicate(), 300)
        return await process.wait(), re.sub(r"\x1b\[[0-9;]*m", "", said.decode())

    async def supervise(self) -> None:
        """Start again what dies, until the stack is stopped."""
        while not self.closing:
            await asyncio.sleep(0.5)
            if self.closing:
                return
            if self.postgres.process and self.postgres.process.poll() is not None:
                await self._again("PostgreSQL", lambda: asyncio.to_thread(self.postgres.start))
            if self.temporal.process and self.temporal.process.poll() is not None:
                await self._again("Temporal", self.temporal.start)
            for child in self.children:
                status = child.died()
                if status is not None:
                    self.say(f"{child.name} died ({status}); starting it again")
                    child.start()

    async def _again(self, name: str, start: Callable[[], Awaitable[object]]) -> None:
        """What was killed once may be killed again while it starts; raises when that goes on."""
        for trial in range(1, STARTS + 1):
            self.say(f"{name} died; starting it again")
            try:
                await start()
            except Unavailable:
                if trial == STARTS:
                    raise
                # What is left of the one that died may need a moment to be gone.
                await asyncio.sleep(trial)
            else:
                return

    async def stop(self) -> None:
        """End everything that was started here, the processes first.

        Also when it is cancelled meanwhile, by a second Ctrl-C or a loop that is torn down: nothing
        may be left behind.
        """
        self.closing = True
        try:
            stops = (asyncio.to_thread(child.stop) for child in reversed(self.children))
            await asyncio.gather(*stops)
            await asyncio.to_thread(self.temporal.stop)
            await asyncio.to_thread(self.postgres.stop)
        finally:
            for child in self.children:
                child.stop()
            self.temporal.stop()
            self.postgres.stop()

    def write_ready(self, file: Path) -> None:
        """All addresses as JSON, complete at the first sight of the file."""
        partial = part_of(file)
        partial.write_text(json.dumps(self.addresses(), indent=2) + "\n", encoding="utf-8")
        partial.rename(file)


def part_of(ready: Path) -> Path:
    """Where a file of addresses is written before it takes its name."""
    return ready.with_suffix(ready.suffix + ".part")
