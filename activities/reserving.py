"""Reserving: the first half of a contact, one transaction under the customer's lock.

Plan again, at this instant and among all that is known now; put the words together; write the
attempt. What is not due, or not wanted any more, is the answer, and nothing is written.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from urllib.parse import urlencode

from temporalio import activity

from activities import crash_points
from activities.attachments.attaching import Wanted, attach, wanted
from activities.channels.base import Outbound, Provider
from activities.channels.unsubscribe import unsubscribe_url
from activities.clock import ActivityClock
from activities.composing import compose
from activities.crash_points import CrashPoint
from activities.dependencies import Dependencies
from activities.orders import ContactOrder
from activities.planning import (
    Read,
    decide,
    decided,
    next_step,
    notice_a_restore,
    once_accepted,
    seen_from,
    show,
    turn_taken,
)
from domain.channels import ANSWERS, Channel, Purpose
from domain.documents.carrying import Way
from domain.ledger.circuit import HealthSign, Sign, health
from domain.ledger.protocol import may_reserve
from domain.names import ACCOUNT_PARAM, ATTEMPT_PARAM, TWILIO_CALL, account_key
from domain.planning.limits.caps import FREE_OF_LIMITS
from domain.planning.planner import is_due
from domain.planning.reasons.bulk import wants_a_plan
from domain.planning.rules import Rules
from domain.planning.step import Step, StepKind
from domain.situation import WINDOW_MARGIN, Situation
from store.contacts import messages
from store.database import Connection
from store.ledger import Reservation
from store.limits.capacity import take, with_full
from store.situations import lock_contact
from telemetry import observing

_SAID_BACK: Final = frozenset({Purpose.OPT_OUT_CONFIRMATION, Purpose.PERSON})
"""What also answers a mail of theirs, where there is one."""


class Ready:
    """A reserved attempt with its words, ready to leave."""

    def __init__(
        self,
        attempt: str,
        provider: Provider,
        message: Outbound,
        closes: datetime,
        *,
        troubled: bool,
        wanted: tuple[Wanted, ...] = (),
        about: Mapping[str, str | None] | None = None,
    ) -> None:
        """``wanted``: files that have still to be fetched, and then go along; ``about``: what the
        span of the contact says of it."""
        self.attempt, self.provider, self.message = attempt, provider, message
        self.wanted, self.about = wanted, about or {}
        self.accepted: Callable[[datetime], Read | None] = lambda _: None
        """By when it was dispatched, what is on record once it has been accepted, if that is known
        without reading it."""
        self.closes, self.troubled = closes, troubled

    @property
    def served(self) -> tuple[Channel, str]:
        """Its channel and the name of its provider."""
        return self.message.channel, self.provider.name

    async def attach(self, dependencies: Dependencies, now: datetime) -> None:
        """Have the files that go along; what cannot be had is left away."""
        if not self.wanted:
            return
        message = self.message
        way = Way(
            channel=message.channel,
            provider=self.provider.name,
            to=message.to,
            is_template=message.template is not None,
            takes_pdf=dependencies.settings.whatsapp_pdf,
            takes_recordings=dependencies.settings.whatsapp_voice_notes,
        )
        had = await attach(dependencies, self.attempt, way, self.wanted, now)
        self.message, self.wanted = replace(message, attachments=had), ()


class Reserving:
    """Reserves attempts."""

    def __init__(self, dependencies: Dependencies) -> None:
        self.dependencies, self.ledger = dependencies, dependencies.ledger

    async def reserve(
        self, order: ContactOrder, attempt: str, clock: ActivityClock
    ) -> Ready | Step:
        """Plan again under the lock. What is not due now is the answer, never forced through."""
        async with self.dependencies.pool.acquire() as connection, connection.transaction():
            await lock_contact(connection, order.creditor, order.account_id)
            await notice_a_restore(self.dependencies, connection, order, order.plans)
            now = clock.now()
            planned = await decided(self.dependencies, connection, order, now)
            if planned is None:
                return await next_step(self.dependencies, connection, order, now)
            step = planned.step
            situation, rules, facts = found = planned.found
            if may_reserve(step, order, now):
                situation, step = await self._admitted(connection, attempt, found, step, now)
            if may_reserve(step, order, now):
                situation, step = await self._with_room(
                    connection, attempt, (situation, rules), step, now
                )
            anew = wants_a_plan(situation.orders, now, step.view.phase)
            if anew or not may_reserve(step, order, now):
                step = await turn_taken(self.dependencies, connection, situation, rules, step, now)
                return await show(self.dependencies, connection, order, step, now, rules.decided_by)
            latest = situation.latest_contact()
            if latest is not None and latest > now:
                # A sibling account's clock is ahead (only where time is skipped per workflow):
                # the ledger of one person never goes back in time.
                step = step.model_copy(
                    update={"kind": StepKind.WAIT, "not_before": latest, "why": "clock"}
                )
                return await show(self.dependencies, connection, order, step, now, rules.decided_by)
            assert step.channel and step.purpose and step.contact_point_id and step.not_after  # noqa: S101
            situation, rules = seen_from(situation, rules, step)
            provider = self.dependencies.provider(step.channel, step.provider or "")
            assert provider is not None, "planning knows only configured providers"  # noqa: S101
            recipient = await self.ledger.recipient(connection, step.contact_point_id, step.covers)
            # The words come first: what cannot be said must not leave a reservation behind.
            own = await messages.words_of(connection, step.message) if step.message else None
            words = compose(self.dependencies, situation, rules, step, recipient, now, own)
            reservation = Reservation(
                attempt_id=attempt,
                provider=provider.name,
                jurisdictions=rules.jurisdictions,
                reserved_at=now,
                facts_seen=facts,
                execution=execution(),
                trace_id=observing.trace_id(),
                segments=words.segments.count if words.segments else None,
                decided_by=(*rules.decided_by, self.dependencies.wording.decider.digest),
            )
            await self.ledger.reserve(connection, situation, step, reservation)
            if step.message and not await messages.take(connection, step.message, attempt):
                raise RuntimeError("a person's message that was planned has left, or is refused")
            if words.script is not None:
                await self.ledger.keep_script(connection, attempt, words.script)
            files = await wanted(connection, situation, rules.strategy, step, now, words.pix_code)
            crash_points.reached(CrashPoint.RESERVING, attempt)
        key = account_key(order.creditor, order.account_id)
        query = urlencode({ATTEMPT_PARAM: attempt, ACCOUNT_PARAM: key}, safe="/")
        public = self.dependencies.settings.public_url.rstrip("/")
        validity, closes = self._validity(step.channel, now, step.not_after)
        message = Outbound(
            attempt_id=attempt,
            account=key,
            channel=step.channel,
            to=recipient.address,
            subject=words.subject,
            text=words.text,
            html=words.html,
            validity_seconds=validity,
            unsubscribe_url=unsubscribe_url(self.dependencies.settings, attempt),
            callback_url=f"{public}{provider.status_path}?{query}",
            in_reply_to=_answered(situation, step),
            template=words.template,
            answer_url=f"{public}{TWILIO_CALL}?{query}" if words.script else None,
        )
        standing = health(situation.health, now).get((step.channel, provider.name))
        troubled = standing is not None and standing.since is not None
        about = {
            "channel": step.channel,
            "purpose": step.purpose,
            "phase": step.phase,
            "jurisdiction": step.view.jurisdiction,
            "rule": step.rule,
        }
        ready = Ready(
            attempt, provider, message, closes, troubled=troubled, wanted=files, about=about
        )
        if situation is planned.found[0]:
            ready.accepted = partial(once_accepted, planned, step, attempt, now)
        return ready

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
            if await self.dependencies.health.claim(
                connection, served, attempt, standing.next_at, now
            ):
                break
            probed = HealthSign(channel=served[0], provider=served[1], at=now, sign=Sign.PROBE)
            situation = situation.model_copy(update={"health": (*situation.health, probed)})
            step = decide(self.dependencies, situation, rules, now)
        return situation, step

    async def _with_room(
        self,
        connection: Connection,
        attempt: str,
        found: tuple[Situation, Rules],
        step: Step,
        now: datetime,
    ) -> tuple[Situation, Step]:
        """A contact takes of its day's capacity, where its channel has one; where the day has
        become full meanwhile, the plan that follows from it."""
        situation, rules = found
        capacity, channel = rules.strategy.capacity, step.channel
        if capacity is None or channel is None or channel not in capacity.channels:
            return situation, step
        if step.purpose in FREE_OF_LIMITS or step.purpose is Purpose.PERSON:
            return situation, step
        if await take(connection, capacity, channel, now, attempt):
            return situation, step
        situation = with_full(situation, capacity, channel, now)
        return situation, decide(self.dependencies, situation, rules, now)

    def _validity(self, channel: Channel, now: datetime, closes: datetime) -> tuple[int, datetime]:
        """Seconds the provider may keep the message, or let a telephone ring, and when it must
        have left so that even then nothing reaches the person after the window."""
        settings = self.dependencies.settings
        if channel is Channel.VOICE:
            return settings.voice_ring, closes - timedelta(seconds=settings.voice_ring)
        most = settings.sms_validity
        if channel is Channel.WHATSAPP:  # free text must not outlive the customer's own window
            most = min(most, int(WINDOW_MARGIN.total_seconds()))
        left = int((closes - now).total_seconds())
        return max(1, min(most, left)), closes


def _answered(situation: Situation, step: Step) -> str | None:
    """The mail that a mail answers; what the cadence says answers none."""
    answers = step.purpose in ANSWERS or step.purpose in _SAID_BACK
    if step.channel is not Channel.EMAIL or step.contact_point_id is None or not answers:
        return None
    return situation.answers_mail(step.contact_point_id)


def execution() -> str:
    """This very execution of the activity; a retry has another."""
    info = activity.info()
    return f"{info.workflow_run_id}/{info.activity_id}/{info.attempt}"
