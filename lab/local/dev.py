"""``contrapunto dev``: the local stack, kept up until Ctrl-C; and what its parts are told."""

import asyncio
import json
import os
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from temporalio.client import Client

from config.settings import Port, Settings, load
from config.webhooks.endpoints import load_webhooks
from config.wording.whatsapp import approved_bodies
from domain.entry.broken_rule import broken_rule
from domain.failures import BadInput, Fault, Misconfigured
from domain.names import (
    INFOBIP_INBOUND,
    RESEND_EVENTS,
    SENDGRID_EVENTS,
    SENDGRID_INBOUND,
    TWILIO_CALL_INBOUND,
    TWILIO_INBOUND,
)
from lab.local.broken_pipes import survive_broken_pipes
from lab.local.fast_time import Conductor
from lab.local.folder_lock import FolderLock
from lab.local.introductions import keep_telling_people
from lab.local.own_folder import take
from lab.local.stack import Stack, part_of
from lab.sandbox.settings import Settings as SandboxSettings
from store.database import connect
from workers.codec import data_converter
from workers.worker import until_told_to_stop

_PORTS: Final = TypeAdapter(dict[str, Port])


async def run_dev(
    folder: Path,
    console: Console,
    *,
    only: str | None,
    fast: bool,
    ready: Path | None,
    fresh: bool,
    seed: int,
) -> None:
    """Bring everything up, say where it is, stay until told to stop, take everything down.

    Raises Misconfigured when a stack runs in this folder already, and BadInput for a folder that is
    not ours.
    """
    survive_broken_pipes(console)
    with FolderLock(folder) as lock:
        await asyncio.to_thread(_prepare, folder, ready, fresh=fresh)
        await _run(folder, console, lock, only=only, fast=fast, ready=ready, fresh=fresh, seed=seed)


async def _run(
    folder: Path,
    console: Console,
    lock: FolderLock,
    *,
    only: str | None,
    fast: bool,
    ready: Path | None,
    fresh: bool,
    seed: int,
) -> None:
    processes = only is None
    stack = Stack(
        folder,
        fast_time=fast,
        processes=processes,
        ports=remembered_ports(folder, fresh=fresh),
        seed=seed,
        also=also_wanted(load()) if processes else (),
        say=lambda what: console.print(f"  {what}", style="dim"),
    )
    try:
        await stack.start()
        tell(stack, console, lock)
        if ready is not None:
            stack.write_ready(ready)
        keepers = [stack.supervise(), introduce(stack)] if processes else []
        if fast and processes:
            keepers.append(conduct(stack))
        await until_told_to_stop_or_broken(keepers)
    finally:
        console.print("  stopping", style="dim")
        await stack.stop()


def also_wanted(settings: Settings) -> list[str]:
    """The processes that run where there is something for them to do: the API where somebody has a
    token, the relay where somebody is told. Raises Misconfigured for a file that is wrong."""
    webhooks = load_webhooks(settings.webhooks)
    wanted = {
        "api": settings.api_tokens or settings.api_oidc_issuer,
        "relay": webhooks.endpoints or webhooks.feed,
    }
    return [name for name, cause in wanted.items() if cause]


def _prepare(folder: Path, ready: Path | None, *, fresh: bool) -> None:
    take(folder, empty=fresh)
    if ready is not None:
        try:
            ready.unlink(missing_ok=True)
            partial = part_of(ready)  # tried before anything is started
            partial.touch()
            partial.unlink()
        except OSError as error:
            raise BadInput(f"--ready-file: {ready} cannot be written ({error.strerror})") from error


def remembered_ports(folder: Path, *, fresh: bool = False) -> dict[str, int]:
    """A folder keeps the ports it had; its first start takes free ones.

    So does one whose file cannot be read, or holds no ports: it was cut short as it was written.
    """
    if fresh:
        return {}
    try:
        return _PORTS.validate_json((folder / "ports.json").read_bytes())
    except (OSError, ValidationError):
        return {}


def tell(stack: Stack, console: Console, lock: FolderLock) -> None:
    """Say where everything is and how our commands find it."""
    sandbox = f", sandbox {stack.sandbox_url}" if stack.processes else ""
    lock.tell(f"process {os.getpid()}, Temporal UI {stack.temporal.ui}{sandbox}")
    (stack.folder / "ports.json").write_text(json.dumps(stack.ports), encoding="utf-8")
    environment = stack.folder / "environment"
    lines = [f"export {name}='{value}'" for name, value in stack.environment().items()]
    environment.write_text("\n".join(lines) + "\n", encoding="utf-8")
    console.print(f"[bold]Temporal UI[/]   {stack.temporal.ui}")
    if stack.processes:
        console.print(f"[bold]Sandbox[/]       {stack.sandbox_url}   every handset and mailbox")
        console.print(f"[bold]Gateway[/]       {stack.gateway_url}")
        if "api" in stack.also:
            console.print(f"[bold]API[/]           {stack.api_url}")
    console.print(f"[bold]Other shells[/]  source {environment}")


async def conduct(stack: Stack) -> None:
    """Play the stack's world for as long as it stands."""
    converter = data_converter(load().payload_keys)
    client = await Client.connect(stack.temporal.address, data_converter=converter)
    async with connect(stack.environment()["CONTRAPUNTO_DATABASE_URL"], 16) as pool:
        await Conductor(client, pool, stack.sandbox_url).play(idle=0.5)


async def introduce(stack: Stack) -> None:
    """Tell the sandbox who lives where, for as long as the stack stands."""
    async with connect(stack.environment()["CONTRAPUNTO_DATABASE_URL"], 1) as pool:
        await keep_telling_people(pool, stack.sandbox_url)


async def until_told_to_stop_or_broken(keepers: list[Coroutine[Any, Any, None]]) -> None:
    """Run the keepers until SIGTERM or SIGINT; one that fails ends everything with its error."""
    waiting = asyncio.create_task(until_told_to_stop())
    tasks = [waiting, *(asyncio.create_task(keeper) for keeper in keepers)]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def sandbox_settings(
    settings: Settings,
    seed: int,
    received: Path | None,
    file: Path | None,
    people: str | None = None,
) -> SandboxSettings:
    """What the sandbox is told: our own provider variables, so that both ends agree."""
    public = settings.public_url.rstrip("/")
    values: dict[str, Any] = {
        "port": settings.sandbox_port,
        "seed": seed,
        "people": people,
        "received_file": received,
        "inbound_sms_url": f"{public}{TWILIO_INBOUND}",
        "inbound_call_url": f"{public}{TWILIO_CALL_INBOUND}",
        "content": approved_bodies(settings.whatsapp_templates),
        "sendgrid_events_url": f"{public}{SENDGRID_EVENTS}",
        "sendgrid_inbound_url": f"{public}{SENDGRID_INBOUND}",
        "infobip_inbound_url": f"{public}{INFOBIP_INBOUND}",
        "resend_events_url": f"{public}{RESEND_EVENTS}",
        "fast_time": settings.fast_time,
        "personas": {
            "payer": 0.26,
            "promiser": 0.12,
            "ignorer": 0.18,
            "answerer": 0.28,
            "opt_outer": 0.06,
            "unreachable": 0.1,
        },
    }
    if settings.twilio_account_sid and settings.twilio_auth_token:
        values["twilio_account_sid"] = settings.twilio_account_sid
        values["twilio_auth_token"] = settings.twilio_auth_token
    if settings.sendgrid_api_key:
        values["sendgrid_api_key"] = settings.sendgrid_api_key
    seconds = {
        "infobip_api_key": settings.infobip_api_key,
        "infobip_webhook_secret": settings.infobip_webhook_secret,
        "resend_api_key": settings.resend_api_key,
        "resend_webhook_secret": settings.resend_webhook_secret,
    }
    values |= {name: secret for name, secret in seconds.items() if secret}
    if file is not None:
        values |= _more(file)
    try:
        return SandboxSettings(**values)
    except ValidationError as error:
        faults = [
            Fault(str(file or "sandbox"), ".".join(map(str, one["loc"])), broken_rule(one))
            for one in error.errors(include_input=False, include_url=False)
        ]
        raise Misconfigured.of(faults, "the sandbox's settings are wrong:") from None


def _more(file: Path) -> dict[str, Any]:
    """Settings from a file of the user's."""
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"--config: {file} cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise BadInput(f"--config: {file} must be JSON ({error})") from error
    if not isinstance(said, dict):
        raise BadInput(f"--config: {file} must be an object of JSON")
    return said
