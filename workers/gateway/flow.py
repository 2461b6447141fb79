"""The one way of every webhook: authenticate, read, store, notify the workflows, answer.

2xx is said only after the fact is stored and the workflows have been notified. Whatever comes a
second time, late or out of order is harmless by the store's own rules.
"""

import asyncio
import hashlib
import logging
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from asyncpg import PostgresError
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domain.conversation.keywords import Intent
from domain.conversation.wishes.preference import Preference
from domain.failures import BadInput, Failure, Misconfigured, Unavailable
from domain.ledger.attempt import RefusalKind
from domain.names import workflow_id
from store.call_scripts import CallScripts
from store.conversation.page import PreferencePages
from store.provider_events import Notice
from store.webhook_backlog import Kept, KeptKind
from telemetry import figures
from workers.clock import Clock
from workers.gateway.facts import (
    UNSUBSCRIBED,
    Choice,
    CustomerMessage,
    DeliveryReport,
    Fact,
    NotTheCustomer,
)
from workers.gateway.requests import MAX_ID, Received, clean, names
from workers.gateway.webhook import Webhook

ABOUT: Final = "contrapunto.about"
"""Where a request's scope holds its ids, for the log."""
AT_ONCE: Final = 4
"""Events of one batch handled at the same time; fewer than a pool has connections."""
LISTED: Final = 10
"""Faults of one batch that are told one by one."""
_MOST_UNREAD: Final = 16_384
"""Characters that are kept of what nobody can read."""
_MESSAGE_ID: Final = 128
"""Characters that the id of a signal may have."""
_LATEST: Final = timedelta(days=30)
"""How late a message may come; one that says it is older is that old."""
_OF_A_STOP: Final = ":stop"
"""Ends the id of a stop that is kept beside what else came under the provider's id."""

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
        self,
        public_url: str,
        events: CallScripts,
        backlog: PreferencePages,
        workflows: Workflows,
        clock: Clock,
    ) -> None:
        """``backlog`` has connections of its own: what customers say must not wait for others."""
        self._public, self._events, self._backlog = public_url, events, backlog
        self._workflows, self._clock = workflows, clock
        self.kept = asyncio.Event()
        """Set when something was kept that is to be taken in soon."""

    def route(self, webhook: Webhook) -> Route:
        """The route that serves a webhook."""

        async def endpoint(request: Request) -> Response:
            began = asyncio.get_running_loop().time()
            now = await self._clock.now(None)
            received = await webhook.receive(request, self._public, now)
            request.scope[ABOUT] = webhook.about(received)
            webhook.authenticate(received)
            await self._take_all(webhook, received, began)
            return await webhook.answer(received)

        endpoint.__name__ = webhook.name
        return Route(webhook.path, endpoint, methods=["POST"])

    async def take(
        self, fact: Fact, at: datetime | None = None, began: float | None = None
    ) -> Notice:
        """Store a fact and notify the workflows of it. ``at``: when it became true, if known;
        ``began``: when it came in, on the event loop's clock, if not now.

        Raises Unavailable while either cannot be done; taking it again is harmless. What could not
        be stored is kept, and taken again by ``notify_pending``: not every provider repeats.
        """
        began = asyncio.get_running_loop().time() if began is None else began
        notice = await self._put(fact, at or await self._instant(fact), began)
        await self.notify(notice)
        _took(figures.WEBHOOK_HEARD, fact.provider, began)
        return notice

    async def accept(self, fact: Fact, at: datetime) -> None:
        """Store a fact; the workflows are notified now or, by ``notify_pending``, later.

        For people, who are told that it is done, and would not repeat it: meanwhile nothing goes
        out against it, since whatever is reserved reads the facts again. Raises Unavailable while
        it cannot be stored, as ``take`` does.
        """
        began = asyncio.get_running_loop().time()
        notice = await self._put(fact, at, began)
        try:
            await self.notify(notice)
            _took(figures.WEBHOOK_HEARD, fact.provider, began)
        except (Unavailable, Misconfigured) as error:
            about = (fact.provider, notice.event_id[:80], error)
            log.warning("the workflows hear later of %s event %s: %s", *about)

    async def _put(self, fact: Fact, at: datetime, began: float) -> Notice:
        try:
            notice = await self._store(fact, at)
        except Unavailable as error:
            kind, event = _kept_as(fact)
            await self._keep(kind, fact.provider, event, fact.model_dump(mode="json"), at, error)
            raise
        except PostgresError as error:
            raise BadInput(f"it cannot be stored ({type(error).__name__})") from error
        if _silences(fact):
            _took(figures.STOP_EFFECT, fact.provider, began)
        if not notice.found:
            what = "an address" if isinstance(fact, CustomerMessage) else "an attempt"
            log.warning(
                "%s event %s is of %s not known here", fact.provider, notice.event_id[:80], what
            )
        return notice

    async def notify(self, notice: Notice) -> None:
        """Have the workflows hear of a stored event, unless they have.

        Raises what kept one from hearing, once the others have heard.
        """
        if notice.done:
            return
        name = _message_id(notice)
        failed = {"id": name, "attempt_id": notice.attempt_id or ""}
        wrote = {"id": name, "channel": notice.channel or "", "intent": notice.intent}
        news = [(workflow, "delivery_failed", failed) for workflow in notice.failed]
        news += [(workflow, "message_received", wrote) for workflow in notice.wrote]
        # Without figures: every worker, however old, takes it as a reason to plan anew.
        news += [(workflow, "account_updated", {"id": name}) for workflow in notice.anew]
        refused: Misconfigured | None = None
        for one in news:
            try:
                await self._workflows.tell(*one)
            except Misconfigured as error:  # of Unavailable all would wait for nothing
                refused = refused or error
        if refused is not None:
            raise refused
        if notice.wakes:
            await self._backlog.mark_notified(notice.provider, notice.event_id)

    async def notify_pending(self) -> int:
        """Store what was kept, and notify the workflows of all they have not heard; how many.

        Raises what kept one from hearing, once the others have heard: of one workflow alone
        Temporal may take no more, and that for ever.
        """
        await self._take_kept()
        waiting = await self._backlog.pending()
        refused: Failure | None = None
        for notice in waiting:
            try:
                await self.notify(notice)
                if notice.at is not None:
                    late = (await self._clock.now(None) - notice.at).total_seconds()
                    figures.took(figures.WEBHOOK_HEARD, late, provider=notice.provider)
            except Unavailable as error:
                await self._workflows.ping()  # or is it Temporal itself?
                refused = refused or error
            except Misconfigured as error:
                refused = refused or error
        if refused is not None:
            raise refused
        return len(waiting)

    async def _take_all(self, webhook: Webhook, request: Received, began: float) -> None:
        """Every event of a request; the good ones are done even if some are not.

        Raises BadInput that says what is wrong with which.
        """
        try:
            events = webhook.events(request)
        except BadInput as error:
            if webhook.may_stop:
                raw = request.body.decode("utf-8", "replace")
                await self._keep_unread(webhook, request, raw, error)
            raise
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(event: object) -> None:
            async with gate:
                try:
                    fact = webhook.read(await webhook.completed(event, request), request)
                    if fact is not None:
                        await self.take(fact, None, began)
                except BadInput as error:
                    if webhook.may_be_stop(event):
                        raw = webhook.raw(event, request)
                        await self._keep_unread(webhook, request, raw, error)
                    raise

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
        notice = await self._stored(fact, at)
        if _is_stop(fact) and notice.intent != Intent.OPT_OUT:
            # The id is that of an event which said something else.
            return await self._stored(_under_its_own_id(fact), at)
        return notice

    async def _stored(self, fact: Fact, at: datetime) -> Notice:
        if isinstance(fact, NotTheCustomer):
            return await self._events.wrong_number(fact.by, fact.event, fact.attempt, at)
        if isinstance(fact, Choice):
            wish = None if fact.wish is None else Preference.model_validate(fact.wish)
            return await self._backlog.chosen(
                *(fact.by, fact.event, fact.page, at, fact.stops, wish)
            )
        if isinstance(fact, CustomerMessage):
            notice = await self._backlog.inbound(
                *(fact.provider, fact.message_id, fact.channel, fact.address),
                *(fact.text, fact.intent, at, fact.standing),
                [one.model_dump() for one in fact.media],
            )
            if fact.for_person is not None and notice.found:  # of strangers it would be spam
                await self._needs_person(fact, at, fact.for_person)
            if not notice.found and _is_stop(fact) and not _is_an_address(fact.address):
                # WhatsApp may name people by an id of its own; no file will ever bring that.
                await self._needs_person(fact, at, "a stop by who is told by no number or mailbox")
            return notice
        said = fact.provider == UNSUBSCRIBED  # by the customer
        notice = await (self._backlog if said else self._events).delivery(
            *(fact.provider, fact.event_id, fact.attempt_id, fact.status, fact.message_id),
            *(fact.code, fact.kind, at, fact.outcome),
        )
        if notice.found or not _is_stop(fact):
            return notice
        if fact.channel is None or fact.address is None or not _is_an_address(fact.address):
            why = "a stop by who got a message that is not on record"
            await self._needs_person(fact, at, why)
            return notice
        # A database restored from a backup has forgotten the message, not the address.
        where = (f"{fact.event_id}{_OF_A_STOP}", fact.channel, fact.address)
        words = "stopped at the provider"
        return await self._backlog.inbound(fact.provider, *where, words, Intent.OPT_OUT, at)

    async def _needs_person(self, fact: Fact, at: datetime, why: str) -> None:
        """Keep what is genuine and clear, but of nobody whom we know; once by its id."""
        _, event = _kept_as(fact)
        raw = {"raw": fact.model_dump_json()}
        # Beside the row under which the fact itself may have been kept.
        await self._backlog.keep(KeptKind.UNREAD, fact.provider, f"{event}:person", raw, at, why)
        log.warning("%s event %s is kept for a person: %s", fact.provider, event[:80], why)

    async def keep_for_person(self, provider: str, event: str, said: str, why: Failure) -> None:
        """Keep what is genuine and may be a stop, and cannot be understood; once by ``event``."""
        await self._keep(
            KeptKind.UNREAD, provider, event, {"raw": said}, await self._clock.now(None), why
        )

    async def _keep_unread(
        self, webhook: Webhook, request: Received, raw: str, why: BadInput
    ) -> None:
        """Keep what may be a stop for a person; the provider hears what is wrong all the same."""
        event = f"unread:{hashlib.sha256(raw.encode()).hexdigest()[:32]}"
        said = {"raw": clean(raw[:_MOST_UNREAD])}
        await self._keep(KeptKind.UNREAD, webhook.provider, event, said, request.now, why)
        log.warning("%s is kept for a person: webhook_backlog, %s", webhook.name, event)

    async def _keep(
        self,
        kind: KeptKind,
        provider: str,
        event: str,
        body: Mapping[str, Any],
        at: datetime,
        why: Failure,
    ) -> None:
        with suppress(Unavailable):  # PostgreSQL itself is away: then the provider must repeat
            await self._backlog.keep(kind, provider, event, body, at, str(why))
            self.kept.set()

    async def _take_kept(self) -> None:
        for row in await self._backlog.kept():
            try:
                fact = _fact_of(row)
                await self._store(fact, row.at)
                if _silences(fact):
                    late = (await self._clock.now(None) - row.at).total_seconds()
                    figures.took(figures.STOP_EFFECT, late, provider=fact.provider)
            except Unavailable as error:
                log.warning("%s event %s is still kept: %s", row.provider, row.event_id, error)
            except (ValidationError, PostgresError) as error:
                why = type(error).__name__
                log.warning("%s event %s needs a person: %s", row.provider, row.event_id, why)
                await self._backlog.hopeless(row, why)
            else:
                await self._backlog.taken(row)

    async def _instant(self, fact: Fact) -> datetime:
        """The present: where time is skipped, that of the account a fact is about."""
        if not self._clock.by_workflow:
            now = await self._clock.now(None)
            if not isinstance(fact, CustomerMessage) or fact.intent is not Intent.OPT_IN:
                return now
            # A consent that comes late lifts no stop that was said after it.
            return min(now, max(fact.said_at or now, now - _LATEST))
        if isinstance(fact, CustomerMessage):
            return await self._latest(
                await self._backlog.open_workflows(fact.channel, fact.address)
            )
        workflow = _workflow(fact.account) if isinstance(fact, DeliveryReport) else None
        attempt = fact.attempt_id if isinstance(fact, DeliveryReport) else fact.attempt
        if workflow is None and attempt is not None:
            origin = await self._events.origin(attempt)
            workflow = origin.workflow if origin else None
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


def _is_stop(fact: Fact) -> bool:
    if isinstance(fact, CustomerMessage):
        return fact.intent in (Intent.OPT_OUT, Intent.WRONG_PERSON)
    return isinstance(fact, DeliveryReport) and fact.kind is RefusalKind.CONSENT


def _silences(fact: Fact) -> bool:
    return bool(fact.stops) if isinstance(fact, Choice) else _is_stop(fact)


def _took(duration: figures.Duration, provider: str, began: float) -> None:
    """It took from ``began`` until now."""
    figures.took(duration, asyncio.get_running_loop().time() - began, provider=provider)


def _is_an_address(text: str) -> bool:
    """Whether it is a number or a mailbox, in its canonical spelling."""
    return text.startswith("+") or "@" in text


def _under_its_own_id(fact: Fact) -> Fact:
    name = "message_id" if isinstance(fact, CustomerMessage) else "event_id"
    return fact.model_copy(update={name: f"{getattr(fact, name)}{_OF_A_STOP}"})


def _kept_as(fact: Fact) -> tuple[KeptKind, str]:
    if isinstance(fact, CustomerMessage):
        return KeptKind.MESSAGE, fact.message_id
    return KeptKind.REPORT, fact.event_id


def _fact_of(row: Kept) -> Fact:
    """What a row was made of. Raises ValidationError if another version's cannot be read."""
    if row.kind is KeptKind.MESSAGE:
        return CustomerMessage.model_validate(row.body)
    if "page" in row.body:
        return Choice.model_validate(row.body)
    model = NotTheCustomer if "attempt" in row.body else DeliveryReport
    return model.model_validate(row.body)
