"""The one way of every webhook: authenticate, read, store, notify the workflows, answer.

2xx is said only after the fact is stored and the workflows have been notified. Whatever comes a
second time, late or out of order is harmless by the store's own rules.
"""

import asyncio
import hashlib
import logging
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domain.failures import BadInput
from domain.names import workflow_id
from store.provider_events import Notice, ProviderEvents
from workers.clock import Clock
from workers.gateway.facts import CustomerMessage, DeliveryReport, Fact
from workers.gateway.requests import MAX_ID, Received, names, receive
from workers.gateway.webhook import Webhook

AT_ONCE: Final = 4
"""Events of one batch handled at the same time; fewer than a pool has connections."""
LISTED: Final = 10
"""Faults of one batch that are told one by one."""
_MESSAGE_ID: Final = 128
"""Characters that the id of a signal may have."""

log = logging.getLogger(__name__)


class Workflows(Protocol):
    """What the gateway needs of Temporal: ``workers.accounts.Accounts``."""

    async def tell(self, workflow: str, signal: str, payload: Mapping[str, str]) -> bool:
        """See ``Accounts.tell``."""
        ...

    async def ask(
        self, workflow: str, update: str, payload: Mapping[str, str], *, patience: float
    ) -> Any:
        """See ``Accounts.ask``."""
        ...

    async def ping(self) -> None:
        """See ``Accounts.ping``."""
        ...


class Flow:
    """What all webhooks share."""

    def __init__(
        self, public_url: str, events: ProviderEvents, workflows: Workflows, clock: Clock
    ) -> None:
        self._public, self._events = public_url, events
        self._workflows, self._clock = workflows, clock

    def route(self, webhook: Webhook) -> Route:
        """The route that serves a webhook."""

        async def endpoint(request: Request) -> Response:
            received = await receive(request, self._public, await self._clock.now(None))
            webhook.authenticate(received)
            await self._take_all(webhook, received)
            return await webhook.answer(received)

        endpoint.__name__ = webhook.name
        return Route(webhook.path, endpoint, methods=["POST"])

    async def take(self, fact: Fact, at: datetime | None = None) -> Notice:
        """Store a fact and notify the workflows of it. ``at``: when it became true, if known.

        Raises Unavailable while either cannot be done; taking it again is harmless.
        """
        notice = await self._store(fact, at or await self._instant(fact))
        if not notice.found:
            what = "an address" if isinstance(fact, CustomerMessage) else "an attempt"
            log.warning(
                "%s event %s is of %s not known here", fact.provider, notice.event_id[:80], what
            )
        await self.notify(notice)
        return notice

    async def notify(self, notice: Notice) -> None:
        """Have the workflows hear of a stored event, unless they have."""
        if notice.done:
            return
        name = _message_id(notice)
        for workflow in notice.failed:
            failed = {"id": name, "attempt_id": notice.attempt_id or ""}
            await self._workflows.tell(workflow, "delivery_failed", failed)
        for workflow in notice.wrote:
            wrote = {"id": name, "channel": notice.channel or "", "intent": notice.intent}
            await self._workflows.tell(workflow, "message_received", wrote)
        if notice.wakes:
            await self._events.mark_notified(notice.provider, notice.event_id)

    async def notify_pending(self) -> int:
        """Notify the workflows of what they have not heard; how many events that was."""
        waiting = await self._events.pending()
        for notice in waiting:
            await self.notify(notice)
        return len(waiting)

    async def _take_all(self, webhook: Webhook, request: Received) -> None:
        """Every event of a request; the good ones are done even if some are not.

        Raises BadInput that says what is wrong with which.
        """
        events = webhook.events(request)
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(event: object) -> None:
            async with gate:
                fact = webhook.read(event, request)
                if fact is not None:
                    await self.take(fact)

        results = await asyncio.gather(*map(one, events), return_exceptions=True)
        faults = []
        for place, (event, result) in enumerate(zip(events, results, strict=True)):
            if isinstance(result, BadInput):
                whose = " ".join(filter(None, (f"event {place}", names(event, *webhook.ids))))
                faults.append(f"{whose}: {result}")
            elif result is not None:
                raise result
        if faults:
            more = [f"and {len(faults) - LISTED} more"] if len(faults) > LISTED else []
            raise BadInput("; ".join(faults[:LISTED] + more))

    async def _store(self, fact: Fact, at: datetime) -> Notice:
        if isinstance(fact, DeliveryReport):
            return await self._events.delivery(
                *(fact.provider, fact.event_id, fact.attempt_id, fact.status, fact.message_id),
                *(fact.code, fact.kind, at, fact.outcome),
            )
        return await self._events.inbound(
            *(fact.provider, fact.message_id, fact.channel, fact.address),
            *(fact.text, fact.intent, at),
        )

    async def _instant(self, fact: Fact) -> datetime:
        """The present: where time is skipped, that of the account a fact is about."""
        if isinstance(fact, CustomerMessage):
            return await self._latest(await self._events.open_workflows(fact.channel, fact.address))
        workflow = _workflow(fact.account)
        if workflow is None and fact.attempt_id is not None:
            workflow = await self._events.workflow_of(fact.attempt_id)
        return await self._clock.now(workflow)

    async def _latest(self, workflows: Sequence[str]) -> datetime:
        """The customer's present: that of their account which is furthest on."""
        if not workflows:
            return await self._clock.now(None)
        return max([await self._clock.now(workflow) for workflow in workflows])


def _workflow(account: str | None) -> str | None:
    """The workflow of the account ``<creditor>/<account_id>``; None if it is no such key."""
    creditor, slash, account_id = (account or "").partition("/")
    return workflow_id(creditor, account_id) if slash and len(account or "") <= MAX_ID else None


def _message_id(notice: Notice) -> str:
    """Id of the signals: the same at every repetition, and within what ``MessageId`` allows."""
    name = re.sub(r"\s", "_", f"{notice.provider}:{notice.event_id}")
    if len(name) <= _MESSAGE_ID:
        return name
    # Two long ids must not become one by being cut.
    return f"{name[: _MESSAGE_ID - 33]}:{hashlib.sha256(name.encode()).hexdigest()[:32]}"
