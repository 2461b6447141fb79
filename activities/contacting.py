"""The only door through which a customer is reached.

The walk of one contact, each line committed before the next begins:

    look         is there a row of this attempt? Whoever finds one does not send
    reserve      plan again under the customer's lock; write the attempt
    dispatch     commit that the request leaves, unless a fact changed meanwhile
    send         the provider's SDK, once, with a timeout
    settle       accepted, refused or unknown; then plan

What comes after what is decided in ``domain.ledger.protocol``, whose tables are explored
(``lab/protocol``).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from asyncpg import PostgresError
from temporalio import activity

from activities import crash_points
from activities.channels.base import (
    Accepted,
    NotAskedError,
    Outbound,
    Provider,
    Refused,
    Sent,
    Sought,
    Unknown,
    digest,
)
from activities.clock import ActivityClock
from activities.crash_points import CrashPoint
from activities.dependencies import Dependencies
from activities.failing import noted
from activities.heartbeat import heartbeats
from activities.orders import AccountRef, ContactOrder, told
from activities.planning import Read, next_step
from activities.reserving import Ready, Reserving, execution
from activities.waking import wake
from domain.ledger.attempt import AttemptState, RefusalKind
from domain.ledger.circuit import PROVIDER_SIDE, Sign
from domain.ledger.protocol import (
    CONTACT,
    RECONCILE,
    Came,
    Do,
    Heard,
    Walk,
    after,
    may_leave,
    next_asking,
)
from domain.names import account_key, attempt_id
from domain.planning.step import Step
from store.database import CONNECTION_LOST
from store.ledger import Attempt
from telemetry import figures, observing

SETTLE_TRIES: Final = 5
FOUND: Final = "found"
"""Outcome for the metrics: counted as unknown before, now known to be accepted."""


class ReconcileOrder(AccountRef):
    """Ask the provider about this attempt."""

    attempt_id: str


@dataclass
class _Run:
    """One execution on its walk, and what it has learnt."""

    walk: Walk
    ref: AccountRef
    attempt: str
    clock: ActivityClock
    order: ContactOrder | None = None
    """The contact that the workflow ordered."""
    found: Attempt | None = None
    ready: Ready | None = None
    dispatched_at: datetime | None = None
    sent: Sent | None = None
    unasked: bool = False
    """The provider's lists could not be read."""
    state: AttemptState | None = None
    """Of the attempt, once it is settled as accepted."""
    said: Sign | None = None
    """What the send showed of its provider, if that is news."""
    planned: Step | None = None
    """The answer, where reserving has planned already."""
    outcome: str | None = None
    concerned: Sequence[str] = ()
    """Accounts that plan otherwise, since a refusal meant a stop."""


class Contacting:
    """The activities ``contact`` and ``reconcile``."""

    def __init__(self, dependencies: Dependencies) -> None:
        self.dependencies, self.ledger = dependencies, dependencies.ledger
        self.reserving = Reserving(dependencies)

    @activity.defn(name="contact")
    async def contact(self, order: ContactOrder) -> Step:
        """Reach the customer once, or find that it must not or need not be; then plan.

        May run any number of times for one step: whoever finds the attempt's row does not send.
        """
        attempt = attempt_id(order.creditor, order.account_id, order.number)
        async with heartbeats(), noted(self.dependencies.pool, order):
            with observing.span("contact", _about(order, attempt)) as seen:
                run = _Run(CONTACT, order, attempt, ActivityClock(), order)
                do = await self._walk(run, Do.LOOK, until=Do.DISPATCH)
                # Whoever cancels this execution (a late heartbeat) must not cost the outcome.
                await asyncio.shield(self._walk(run, do))
                _tell_delay(run, order)
                if run.planned is not None:
                    observing.describe(seen, outcome="planned_anew")
                    return self._told(run.planned, order)
                about = run.ready.about if run.ready is not None else {}
                observing.describe(seen, outcome=run.outcome, **about)
                planned = await self._plan(order, run.clock, _known(run))
                crash_points.reached(CrashPoint.PLANNED, attempt)
                return self._told(planned, order)

    @activity.defn(name="reconcile")
    async def reconcile(self, order: ReconcileOrder) -> Step:
        """Ask the provider whether an attempt in doubt was accepted; at the deadline, give up."""
        about = {
            "account": account_key(order.creditor, order.account_id),
            "attempt": order.attempt_id,
        }
        async with heartbeats(), noted(self.dependencies.pool, order):
            with observing.span("reconcile", about):
                run = _Run(RECONCILE, order, order.attempt_id, ActivityClock())
                await self._walk(run, Do.LOOK)
                return self._told(await self._plan(order, run.clock), order)

    async def _walk(self, run: _Run, do: Do, until: Do = Do.PLAN) -> Do:
        """Do one thing after the other, as the protocol says, up to ``until`` or to planning."""
        while do not in (until, Do.PLAN):
            do = after(run.walk, do, await self._do(do, run))
        return do

    async def _do(self, do: Do, run: _Run) -> Heard:
        match do:
            case Do.LOOK:
                run.found = await self.ledger.find(run.attempt)
                if run.found is None:
                    crash_points.reached(CrashPoint.STARTED, run.attempt)
                    return Came.ABSENT
                crash_points.reached(CrashPoint.FOUND, run.attempt)
                run.outcome = run.found.state
                return run.found.state
            case Do.RESERVE:
                return await self._reserve_for(run)
            case Do.DISPATCH:
                return await self._dispatch(run)
            case Do.SEND:
                return await self._send_dispatched(run)
            case Do.ASK:
                return await self._ask(run)
            case _:
                return await self._settle(do, run)

    # --- reserve --------------------------------------------------------------------------------

    async def _reserve_for(self, run: _Run) -> Heard:
        assert run.order is not None  # noqa: S101 - a walk that reserves was ordered to
        with observing.span("reserve"):
            ready = await self.reserving.reserve(run.order, run.attempt, run.clock)
        if isinstance(ready, Step):
            run.planned = ready
            return Came.UNWANTED
        run.ready = ready
        return Came.DONE

    # --- send -----------------------------------------------------------------------------------

    async def _dispatch(self, run: _Run) -> Heard:
        assert run.ready is not None  # noqa: S101 - reserved before
        crash_points.reached(CrashPoint.RESERVED, run.attempt)
        await run.ready.attach(self.dependencies, run.clock.now())
        text, now = digest(run.ready.message.text), run.clock.now()
        with observing.span("dispatch"):
            if not await self.ledger.dispatch(run.attempt, execution(), now, text):
                return Came.OVERTAKEN
        run.dispatched_at = now
        return Came.DONE

    async def _send_dispatched(self, run: _Run) -> Heard:
        ready = run.ready
        assert ready is not None and run.dispatched_at is not None  # noqa: S101
        crash_points.reached(CrashPoint.DISPATCHED, run.attempt)
        if may_leave(run.clock.now(), run.dispatched_at, ready.closes):
            run.sent = await self._hand_over(ready.provider, ready.message)
            run.said = _said(run.sent, troubled=ready.troubled)
        else:
            run.sent = Refused("window", RefusalKind.RATE, "too late when it was about to leave")
        return _heard(run.sent)

    async def _hand_over(self, provider: Provider, message: Outbound) -> Sent:
        loop = asyncio.get_running_loop()
        about = {"peer.service": provider.name, "http.request.method": "POST"}
        with observing.span(f"send {provider.name}", about, observing.CLIENT) as seen:
            sent = await loop.run_in_executor(self.dependencies.senders, provider.send, message)
            code = sent.code if isinstance(sent, Refused) else None
            observing.describe(seen, outcome=_OUTCOMES[_heard(sent)], code=code)
            return sent

    # --- settle ---------------------------------------------------------------------------------

    async def _settle(self, do: Do, run: _Run) -> Heard:
        """Write the outcome. Failing here is survived (the row stays in doubt) but costs certainty,
        so PostgreSQL gets a few more chances first."""
        asked = run.walk is RECONCILE
        crash_points.reached(CrashPoint.ASKED if asked else CrashPoint.ANSWERED, run.attempt)
        with observing.span("settle"):
            done = await self._persistently(do, run)
        crash_points.reached(CrashPoint.RECONCILED if asked else CrashPoint.SETTLED, run.attempt)
        self._count(do, run, done=done)
        here = account_key(run.ref.creditor, run.ref.account_id)
        await wake({one: f"refused:{run.attempt}" for one in run.concerned if one != here})
        return Came.DONE if done else Came.OVERTAKEN

    async def _persistently(self, do: Do, run: _Run) -> bool:
        for trial in range(1, SETTLE_TRIES):
            try:
                return await self._write(do, run)
            except (PostgresError, *CONNECTION_LOST):
                await asyncio.sleep(0.2 * 2**trial)
        return await self._write(do, run)

    async def _write(self, do: Do, run: _Run) -> bool:
        done = await self._write_outcome(do, run)
        if run.said is not None and run.ready is not None:
            await self.dependencies.health.note(
                run.ready.served, run.said, run.attempt, run.clock.now()
            )
        return done

    async def _write_outcome(self, do: Do, run: _Run) -> bool:
        """The compare-and-set of one outcome; False: the row had moved on already."""
        now, ledger = run.clock.now(), self.ledger
        waits = [timedelta(seconds=s) for s in self.dependencies.settings.reconcile_after]
        match do, run.sent:
            case Do.RELEASE, _:
                mine = run.ready is not None
                why = "facts changed before dispatch" if mine else "an earlier run stopped"
                return await ledger.release(run.attempt, now, why)
            case Do.ACCEPT, Accepted(provider_message_id=name):
                run.state = await ledger.accept(run.attempt, name, now)
                return run.state is not None
            case Do.REFUSE, Refused(code=code, kind=kind, detail=detail):
                if kind in (RefusalKind.CONFIGURATION, RefusalKind.TEMPLATE):
                    activity.logger.error("a person must act: refused with %s, %s", code, detail)
                concerned = await ledger.refuse(run.attempt, kind, code, detail, now)
                run.concerned = concerned or ()
                return concerned is not None
            case Do.DOUBT, Unknown(detail=detail):
                return await ledger.doubt(run.attempt, detail, now + waits[0])
            case Do.DOUBT, _:
                stopped = "the sending run stopped"
                return await ledger.doubt(run.attempt, stopped, now + waits[0])
            case Do.ASK_LATER, _:
                assert run.found is not None  # noqa: S101 - looked at before it was asked about
                since = run.found.dispatched_at or now
                at = next_asking(since, now, waits, unasked=run.unasked)
                return await ledger.ask_again(run.attempt, at, now)
            case _:
                raise AssertionError(f"{do} with {type(run.sent).__name__}")

    def _count(self, do: Do, run: _Run, *, done: bool) -> None:
        """Count an outcome once: what this execution sent, or what it made of another's row."""
        if do is Do.ASK_LATER or (run.ready is None and not done):
            return
        run.outcome = FOUND if run.walk is RECONCILE else _SETTLED[do]
        if run.found is not None:
            observing.contacted(run.found.channel, run.found.provider, run.outcome)
        elif run.ready is not None:
            ready = run.ready
            observing.contacted(ready.message.channel, ready.provider.name, run.outcome)

    # --- reconcile ------------------------------------------------------------------------------

    async def _ask(self, run: _Run) -> Heard:
        """Ask the attempt's own provider, if it is still configured."""
        found = run.found
        assert found is not None  # noqa: S101 - a row in doubt was found
        crash_points.reached(CrashPoint.ASKING, run.attempt)
        provider = self.dependencies.provider(found.channel, found.provider)
        if provider is None:
            return Came.NOT_SEEN
        sought = Sought(
            attempt_id=found.attempt_id,
            to=await self.ledger.address(found.contact_point_id),
            content_digest=found.content_digest or "",
            since=found.dispatched_at or run.clock.now(),
            provider_message_id=found.provider_message_id,
        )
        about = {"peer.service": provider.name, "http.request.method": "GET"}
        with observing.span(f"find {provider.name}", about, observing.CLIENT):
            try:
                run.sent = await asyncio.get_running_loop().run_in_executor(
                    self.dependencies.senders, provider.find, sought
                )
            except NotAskedError:
                run.unasked = True
                return Came.NO_ANSWER
        return Came.SEEN if run.sent is not None else Came.NOT_SEEN

    def _told(self, step: Step, ref: AccountRef) -> Step:
        return told(step, ref, whole=self.dependencies.settings.whole_orders)

    async def _plan(self, ref: AccountRef, clock: ActivityClock, known: Read | None = None) -> Step:
        # No transaction: one statement reads everything, and what is written only follows from it.
        async with self.dependencies.pool.acquire() as connection:
            return await next_step(self.dependencies, connection, ref, clock.now(), known)


def _known(run: _Run) -> Read | None:
    """What is on record after a contact that went as contacts go."""
    if run.ready is None or run.dispatched_at is None or run.said is not None:
        return None
    accepted = run.state is AttemptState.ACCEPTED
    return run.ready.accepted(run.dispatched_at) if accepted else None


def _tell_delay(run: _Run, order: ContactOrder) -> None:
    """How late it was, or how late it was found that it is not to be made."""
    if order.due is None:
        return
    left = run.dispatched_at or (run.found.dispatched_at if run.found is not None else None)
    seconds = ((left or run.clock.now()) - order.due).total_seconds()
    planned = run.planned.channel if run.planned is not None else None
    channel = run.ready.about["channel"] if run.ready is not None else planned
    figures.took(figures.CONTACT_DELAY, seconds, channel=str(channel or ""))


_OUTCOMES: Final = {
    Came.TOOK: AttemptState.ACCEPTED,
    Came.REFUSED: AttemptState.REFUSED,
    Came.NO_ANSWER: AttemptState.UNKNOWN,
}
_SETTLED: Final = {
    Do.ACCEPT: AttemptState.ACCEPTED,
    Do.REFUSE: AttemptState.REFUSED,
    Do.DOUBT: AttemptState.UNKNOWN,
    Do.RELEASE: AttemptState.RELEASED,
}


def _said(sent: Sent, *, troubled: bool) -> Sign | None:
    """What a send says of its provider; that all is well is written only where it was not.

    A message that is judged on its merits, and refused, shows that the provider is there.
    """
    if isinstance(sent, Unknown) or (isinstance(sent, Refused) and sent.kind in PROVIDER_SIDE):
        return Sign.FAILED
    return Sign.WORKED if troubled else None


def _heard(sent: Sent) -> Came:
    """A provider's answer in the words of the protocol."""
    match sent:
        case Accepted():
            return Came.TOOK
        case Refused():
            return Came.REFUSED
        case Unknown():
            return Came.NO_ANSWER


def _about(order: ContactOrder, attempt: str) -> observing.Attributes:
    """What the span of a contact says before it has an outcome."""
    return {
        "account": account_key(order.creditor, order.account_id),
        "attempt": attempt,
        "execution": activity.info().attempt,
    }
