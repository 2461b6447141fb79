"""The checks of ``contrapunto doctor``, in the order in which a deployment comes up."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import date
from typing import Final

from temporalio.client import Client

from config.checks import notes
from config.settings import Settings
from domain.failures import Failure, Fault
from workers.configuration import of_everything
from workers.connection import temporal_client
from workers.doctor import age, keys, outgoing, postgres, providers, queues, secrets, temporal
from workers.doctor.findings import (
    Check,
    Finding,
    Verdict,
    cannot_tell,
    fault,
    in_thread,
    of_fault,
    ok,
)
from workers.doctor.webhooks import Gateway

NAMES: Final = (
    *("settings", "secrets", "data", "postgres", "temporal", "clock", "keys", "workers"),
    *("providers", "webhooks", "outgoing"),
)
"""What can be chosen or left out."""


def checklist(
    settings: Settings, wrong: Iterable[Fault], environ: Mapping[str, str], today: date
) -> list[Check]:
    """Every check. ``wrong``: the settings that could not be read at all."""
    server = _Temporal()

    async def in_short(found: list[Finding]) -> list[Finding]:
        return found

    checks: dict[str, Callable[[], Awaitable[Iterable[Finding]]]] = {
        "settings": lambda: in_thread(lambda: _configuration(settings, list(wrong), environ)),
        "secrets": lambda: in_short(secrets.examine(settings, environ)),
        "data": lambda: in_short(age.examine(today)),
        "postgres": lambda: postgres.examine(settings),
        "temporal": lambda: server.tell(temporal.examine),
        "clock": lambda: server.ask(temporal.clock),
        "keys": lambda: server.ask(lambda client: keys.examine(client, settings)),
        "workers": lambda: server.ask(lambda client: queues.examine(client, settings)),
        "providers": lambda: providers.examine(settings),
        "webhooks": lambda: in_thread(Gateway(settings).examine),
        "outgoing": lambda: outgoing.examine(settings),
    }
    return [Check(name, checks[name]) for name in NAMES]


class _Temporal:
    """One connection for several checks; only one of them tells that there is none."""

    def __init__(self) -> None:
        self._connecting: asyncio.Task[Client] | None = None

    async def _client(self) -> Client:
        if self._connecting is None:
            self._connecting = asyncio.ensure_future(temporal_client())
        # Shielded: a check whose time is over must not take the connection from the others.
        return await asyncio.shield(self._connecting)

    async def tell(self, work: Callable[[Client], Awaitable[list[Finding]]]) -> list[Finding]:
        """Raises what keeps us from Temporal."""
        return await work(await self._client())

    async def ask(self, work: Callable[[Client], Awaitable[list[Finding]]]) -> list[Finding]:
        """Says that nothing can be told where Temporal is not reached."""
        try:
            client = await self._client()
        except Failure:
            return [cannot_tell("Temporal was not reached", "see what is said of Temporal")]
        return await work(client)


def _configuration(
    settings: Settings, wrong: list[Fault], environ: Mapping[str, str]
) -> list[Finding]:
    """As ``config check``: strategies, segments, experiments, policies, law and words among it."""
    read = of_everything(settings, environ)
    faults = [*wrong, *(one for one in read.faults if one not in wrong)]
    found = [of_fault(one) for one in faults]
    found += [of_fault(one, Verdict.WARNING) for one in notes(settings, environ)]
    for name in ("twilio", "sendgrid", "resend"):
        if getattr(settings, f"{name}_base_url"):
            what = f"{name.upper()}_BASE_URL is set: messages go there, not to the provider"
            found.append(Finding(Verdict.WARNING, what, "take it away in production"))
    if settings.fast_time:
        what = "CONTRAPUNTO_FAST_TIME is set: time is skipped"
        found.append(fault(what, "take it away: it is for demos and tests"))
    if not faults:
        ways = "; ".join(f"{one.value}: {', '.join(by)}" for one, by in read.served.items())
        counts = f"{len(read.strategies)} strategies, {len(read.trials)} experiments, "
        counts += f"{len(read.policies)} policies"
        found.append(ok(f"the configuration can be read: {counts}; channels: {ways or 'none'}"))
    return found
