"""The only door through which a customer is reached.

The walk of one contact, each line committed before the next begins:

    reserve      plan again under the customer's lock; write the attempt
    dispatching  commit that the request leaves, unless a fact changed meanwhile
    send         the provider's SDK, once, with a timeout
    settle       accepted, refused or unknown; then plan
"""

import asyncio
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from asyncpg import PostgresError
from temporalio import activity

from activities import observing
from activities.alive import heartbeats
from activities.channels.base import (
    Accepted,
    Outbound,
    Provider,
    Refused,
    Sent,
    Sought,
    Unknown,
    digest,
)
from activities.channels.unsubscribe import unsubscribe_url
from activities.clock import ActivityClock
from activities.composing import compose
from activities.house import House
from activities.orders import AccountRef, ContactOrder
from activities.planning import decide, next_step, situation_of
from activities.store.database import CONNECTION_LOST, Connection
from activities.store.ledger import Attempt, Reservation
from activities.store.situations import lock_customer
from domain.channels import Channel
from domain.circuit import PROVIDER_SIDE, HealthSign, Sign, health
from domain.contact import IN_DOUBT, AttemptState, RefusalKind
from domain.names import ACCOUNT_PARAM, ATTEMPT_PARAM, account_key, attempt_id
from domain.planner import Rules, is_due
from domain.situation import Situation
from domain.steps import Step, StepKind

SETTLE_TRIES: Final = 5
FOUND: Final = "found"
"""Outcome for the metrics: counted as unknown before, now known to be accepted."""
LEAD: Final = timedelta(seconds=15)
"""A request that cannot be over before the window closes does not leave."""


class ReconcileOrder(AccountRef):
    """Ask the provider about this attempt."""

    attempt_id: str


class _Ready:
    """A reserved attempt with its words, ready to leave."""

    def __init__(
        self,
        attempt: str,
        provider: Provider,
        message: Outbound,
        closes: datetime,
        *,
        troubled: bool,
    ) -> None:
        self.attempt, self.provider, self.message = attempt, provider, message
        self.closes, self.troubled = closes, troubled

    @property
    def served(self) -> tuple[Channel, str]:
        return self.message.channel, self.provider.name


class Contacting:
    """The activities ``contact`` and ``reconcile``."""

    def __init__(self, house: House) -> None:
        self.house, self.ledger = house, house.ledger

    @activity.defn(name="contact")
    async def contact(self, order: ContactOrder) -> Step:
        """Reach the customer once, or find that it must not or need not be; then plan.

        May run any number of times for one step: whoever finds the attempt's row does not send.
        """
        async with heartbeats():
            return await self._contact(order, ActivityClock())

    async def _contact(self, order: ContactOrder, clock: ActivityClock) -> Step:
        attempt = attempt_id(order.creditor, order.account_id, order.step.number)
        with observing.span("contact", _about(order, attempt)) as seen:
            found = await self.ledger.find(attempt)
            if found is not None:
                outcome = await self._meet_own_row(found, clock)
            else:
                with observing.span("reserve"):
                    ready = await self._reserve(order, attempt, clock)
                if isinstance(ready, Step):
                    observing.describe(seen, outcome="planned_anew")
                    return ready
                # Whoever cancels this execution (a late heartbeat) must not cost the outcome.
                outcome = await asyncio.shield(self._send(ready, clock))
            observing.describe(seen, outcome=outcome)
            return await self._plan(order, clock)

    @activity.defn(name="reconcile")
    async def reconcile(self, order: ReconcileOrder) -> Step:
        """Ask the provider whether an attempt in doubt was accepted; at the deadline, give up."""
        clock = ActivityClock()
        key = account_key(order.creditor, order.account_id)
        about = {"account": key, "attempt": order.attempt_id}
        async with heartbeats():
            with observing.span("reconcile", about):
                found = await self.ledger.find(order.attempt_id)
                if found is not None and found.state in IN_DOUBT:
                    await self._look_up(found, clock)
                return await self._plan(order, clock)

    # --- meeting one's own row ------------------------------------------------------------------

    async def _meet_own_row(self, found: Attempt, clock: ActivityClock) -> str:
        """An earlier execution of this step was here; what it left decides, and nothing is sent."""
        outcome: str = found.state
        if found.state is AttemptState.RESERVED:
            # It died between reserving and dispatching, or is about to dispatch: the row decides
            # between us, and a released attempt is planned anew under a number of its own.
            await self.ledger.release(found.attempt_id, clock.now(), "an earlier run stopped")
            outcome = AttemptState.RELEASED
        if found.state is AttemptState.DISPATCHING:
            ask_at = clock.now() + timedelta(seconds=self.house.settings.reconcile_after[0])
            await self.ledger.doubt(found.attempt_id, "the sending run stopped", ask_at)
            outcome = AttemptState.UNKNOWN
        if outcome != found.state:
            observing.contacted(found.channel, found.provider, outcome)
        return outcome

    # --- reserve --------------------------------------------------------------------------------

    async def _reserve(
        self, order: ContactOrder, attempt: str, clock: ActivityClock
    ) -> _Ready | Step:
        """Plan again under the lock. What is not due now is the answer, never forced through."""
        async with self.house.pool.acquire() as connection, connection.transaction():
            await lock_customer(connection, order.creditor, order.account_id)
            now = clock.now()
            found = await situation_of(self.house, connection, order, now)
            if found is None:
                return await next_step(self.house, connection, order, now)
            situation, rules, facts = found
            step = decide(self.house, situation, rules, now)
            if is_due(step, now) and _same(step, order.step):
                situation, step = await self._admitted(connection, attempt, found, step, now)
            if not is_due(step, now) or not _same(step, order.step):
                await self.ledger.project(connection, order.creditor, order.account_id, step, now)
                return step
            latest = situation.latest_contact()
            if latest is not None and latest > now:
                # A sibling account's clock is ahead (only where time is skipped per workflow):
                # the ledger of one person never goes back in time.
                step = step.model_copy(
                    update={"kind": StepKind.WAIT, "not_before": latest, "why": "clock"}
                )
                await self.ledger.project(connection, order.creditor, order.account_id, step, now)
                return step
            assert step.channel and step.purpose and step.contact_point_id and step.not_after  # noqa: S101
            provider = self.house.provider(step.channel, step.provider or "")
            assert provider is not None, "planning knows only configured providers"  # noqa: S101
            recipient = await self.ledger.recipient(connection, step.contact_point_id, step.covers)
            reservation = Reservation(
                attempt_id=attempt,
                provider=provider.name,
                jurisdictions=rules.jurisdictions,
                reserved_at=now,
                facts_seen=facts,
                execution=_execution(),
                trace_id=observing.trace_id(),
            )
            # The words come first: what cannot be said must not leave a reservation behind.
            words = compose(self.house, situation, rules, step, recipient, now)
            await self.ledger.reserve(connection, situation, step, reservation)
        key = account_key(order.creditor, order.account_id)
        query = urlencode({ATTEMPT_PARAM: attempt, ACCOUNT_PARAM: key}, safe="/")
        callback = f"{self.house.settings.public_url.rstrip('/')}{provider.status_path}?{query}"
        closes = step.not_after
        message = Outbound(
            attempt_id=attempt,
            account=key,
            channel=step.channel,
            to=recipient.address,
            subject=words.subject,
            text=words.text,
            html=words.html,
            validity_seconds=self._validity(now, closes),
            unsubscribe_url=unsubscribe_url(self.house.settings, attempt),
            callback_url=callback,
        )
        standing = health(situation.health, now).get((step.channel, provider.name))
        troubled = standing is not None and standing.since is not None
        return _Ready(attempt, provider, message, closes, troubled=troubled)

    async def _admitted(
        self,
        connection: Connection,
        attempt: str,
        found: tuple[Situation, Rules, int],
        step: Step,
        now: datetime,
    ) -> tuple[Situation, Step]:
        """A send through a provider that may be back must be the one that finds out.

        Where another send is on its way to it already, the plan is made without that provider.
        """
        situation, rules, _ = found
        while is_due(step, now) and step.channel and step.provider:
            served = (step.channel, step.provider)
            standing = health(situation.health, now).get(served)
            if standing is None or not standing.down or standing.next_at is None:
                break
            if await self.house.health.claim(connection, served, attempt, standing.next_at, now):
                break
            probed = HealthSign(channel=served[0], provider=served[1], at=now, sign=Sign.PROBE)
            situation = situation.model_copy(update={"health": (*situation.health, probed)})
            step = decide(self.house, situation, rules, now)
        return situation, step

    def _validity(self, now: datetime, closes: datetime) -> int:
        """Seconds the provider may keep the message: never beyond the lawful window."""
        left = int((closes - now).total_seconds())
        return max(1, min(self.house.settings.sms_validity, left))

    # --- send -----------------------------------------------------------------------------------

    async def _send(self, ready: _Ready, clock: ActivityClock) -> str:
        """Send what is still wanted; answers with the outcome."""
        outcome: str = AttemptState.RELEASED
        if await self._dispatch(ready, clock):
            outcome = await self._send_dispatched(ready, clock)
        observing.contacted(ready.message.channel, ready.provider.name, outcome)
        return outcome

    async def _dispatch(self, ready: _Ready, clock: ActivityClock) -> bool:
        text = digest(ready.message.text)
        with observing.span("dispatch"):
            if await self.ledger.dispatch(ready.attempt, _execution(), clock.now(), text):
                return True
            await self.ledger.release(ready.attempt, clock.now(), "facts changed before dispatch")
            return False

    async def _send_dispatched(self, ready: _Ready, clock: ActivityClock) -> str:
        if clock.now() + LEAD > ready.closes:
            sent: Sent = Refused("window", RefusalKind.RATE, "the window closed before it left")
            said = None
        else:
            sent = await self._hand_over(ready.provider, ready.message)
            said = _said(sent, troubled=ready.troubled)
        with observing.span("settle"):
            await self._settle(ready, sent, said, clock)
        return _outcome(sent)

    async def _hand_over(self, provider: Provider, message: Outbound) -> Sent:
        loop = asyncio.get_running_loop()
        about = {"peer.service": provider.name, "http.request.method": "POST"}
        with observing.span(f"send {provider.name}", about, observing.CLIENT) as seen:
            sent = await loop.run_in_executor(self.house.senders, provider.send, message)
            code = sent.code if isinstance(sent, Refused) else None
            observing.describe(seen, outcome=_outcome(sent), code=code)
            return sent

    async def _settle(
        self, ready: _Ready, sent: Sent, said: Sign | None, clock: ActivityClock
    ) -> None:
        """Write the outcome. Failing here is survived (the row stays in doubt) but costs certainty,
        so PostgreSQL gets a few more chances first."""
        for trial in range(1, SETTLE_TRIES + 1):
            try:
                await self._write_outcome(ready.attempt, sent, clock)
                if said is not None:
                    await self.house.health.note(ready.served, said, ready.attempt, clock.now())
            except (PostgresError, *CONNECTION_LOST):
                if trial == SETTLE_TRIES:
                    raise
                await asyncio.sleep(0.2 * 2**trial)
            else:
                return

    async def _write_outcome(self, attempt: str, sent: Sent, clock: ActivityClock) -> None:
        now = clock.now()
        match sent:
            case Accepted(provider_message_id=provider_message_id):
                await self.ledger.accept(attempt, provider_message_id, now)
            case Refused(code=code, kind=kind, detail=detail):
                if kind in (RefusalKind.CONFIGURATION, RefusalKind.TEMPLATE):
                    activity.logger.error("a person must act: refused with %s, %s", code, detail)
                await self.ledger.refuse(attempt, kind, code, detail, now)
            case Unknown(detail=detail):
                ask_at = now + timedelta(seconds=self.house.settings.reconcile_after[0])
                await self.ledger.doubt(attempt, detail, ask_at)

    # --- reconcile ------------------------------------------------------------------------------

    async def _look_up(self, found: Attempt, clock: ActivityClock) -> None:
        now = clock.now()
        provider = self.house.provider(found.channel, found.provider)
        since = found.dispatched_at or now
        seen: Accepted | None = None
        if provider is not None:
            sought = Sought(
                attempt_id=found.attempt_id,
                to=await self.ledger.address(found.contact_point_id),
                content_digest=found.content_digest or "",
                since=since,
                provider_message_id=found.provider_message_id,
            )
            loop = asyncio.get_running_loop()
            about = {"peer.service": provider.name, "http.request.method": "GET"}
            with observing.span(f"find {provider.name}", about, observing.CLIENT):
                seen = await loop.run_in_executor(self.house.senders, provider.find, sought)
        if seen is not None:
            await self.ledger.accept(found.attempt_id, seen.provider_message_id, now)
            observing.contacted(found.channel, found.provider, FOUND)
            return
        waits = (timedelta(seconds=wait) for wait in self.house.settings.reconcile_after)
        later = next((since + wait for wait in waits if since + wait > now), None)
        await self.ledger.ask_again(found.attempt_id, later)

    async def _plan(self, ref: AccountRef, clock: ActivityClock) -> Step:
        # No transaction: one statement reads everything, and what is written only follows from it.
        async with self.house.pool.acquire() as connection:
            return await next_step(self.house, connection, ref, clock.now())


def _same(planned: Step, ordered: Step) -> bool:
    """Whether planning under the lock still wants what the workflow waited for."""
    return (planned.number, planned.channel, planned.contact_point_id, planned.purpose) == (
        ordered.number,
        ordered.channel,
        ordered.contact_point_id,
        ordered.purpose,
    )


def _said(sent: Sent, *, troubled: bool) -> Sign | None:
    """What a send says of its provider; that all is well is written only where it was not.

    A message that is judged on its merits, and refused, shows that the provider is there.
    """
    if isinstance(sent, Unknown) or (isinstance(sent, Refused) and sent.kind in PROVIDER_SIDE):
        return Sign.FAILED
    return Sign.WORKED if troubled else None


def _outcome(sent: Sent) -> str:
    match sent:
        case Accepted():
            return AttemptState.ACCEPTED
        case Refused():
            return AttemptState.REFUSED
        case Unknown():
            return AttemptState.UNKNOWN


def _about(order: ContactOrder, attempt: str) -> observing.Attributes:
    """What the span of a contact says before it has an outcome."""
    step = order.step
    return {
        "account": account_key(order.creditor, order.account_id),
        "attempt": attempt,
        "channel": step.channel,
        "purpose": step.purpose,
        "phase": step.phase,
        "jurisdiction": step.view.jurisdiction,
        "execution": activity.info().attempt,
    }


def _execution() -> str:
    """This very execution of the activity; a retry has another."""
    info = activity.info()
    return f"{info.workflow_run_id}/{info.activity_id}/{info.attempt}"
