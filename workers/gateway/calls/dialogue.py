"""Holding a call: what is said, what each key does, and that it is on record before it is said.

The order is the law's. Who calls, and for whom, comes first and nothing else: whoever answers could
be anybody (12 CFR 1006.6(d), 1006.14(g)). The debt is named once a key has told that the customer
listens; the disclosures of 1006.18(e) open what is said then. A machine hears limited content
(1006.2(j)). A stop is recorded before the goodbye is spoken.

The state of a call is in the address of its next request, which Twilio signs: nothing is kept here,
so that any gateway can go on with any call.
"""

import logging
import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from activities.channels.twilio_voice import machine
from config.settings import Settings
from config.wording.catalogue import Wording
from config.wording.template_files import Speech
from domain.calendar import local_date
from domain.channels import Channel, Purpose
from domain.conversation.keywords import Intent
from domain.conversation.wishes.preference import (
    DAY_PARTS,
    STATED_CHANNELS,
    Preference,
    every_day,
)
from domain.entry.addresses import canonical
from domain.failures import BadInput, NotFound, Unavailable
from domain.ledger.attempt import AttemptState
from domain.ledger.call_outcome import CallOutcome, Pressed, Scene
from domain.message_content import MessageContext
from domain.names import ATTEMPT_PARAM, TWILIO_CALL
from store.call_scripts import CallScripts
from store.conversation.page import PreferencePages
from workers.clock import Clock
from workers.gateway.calls.state import CallState, CallStep, amount_of, day_of
from workers.gateway.calls.turn import Turn
from workers.gateway.calls.twiml import Twiml
from workers.gateway.facts import Choice, CustomerMessage, DeliveryReport, NotTheCustomer
from workers.gateway.flow import Flow, Workflows
from workers.gateway.providers.twilio import PROVIDER

ASKED: Final = 3
"""How often one question is put before we say goodbye."""
PATIENCE: Final = 5
"""How often a step is begun again while PostgreSQL or Temporal is away."""
PAUSE: Final = 2
"""Seconds in between."""

_BEGINNING: Final = CallState()

_KEYS: Final = re.compile(r"[0-9*#]{1,9}")
_ANSWERED_BY: Final = re.compile(r"[a-z_]{1,32}")
_DAYS: Final = 3
"""Digits of a number of days."""
_STOP: Final = "9"
_OF_PARTIES: Final = frozenset({CallStep.ANSWERED, CallStep.CHECK, CallStep.WISH, CallStep.HOURS})
"""Steps that a call to who stands for a debt has as the debtor's has them."""
_ONE_KEY: Final = frozenset(
    {
        *(CallStep.CHECK, CallStep.MENU, CallStep.MORE, CallStep.WISH, CallStep.HOURS),
        *(CallStep.AMOUNT, CallStep.CONFIRM),
    }
)
"""Steps in which the key for no more calls, once it was named, can mean nothing else."""

_WAYS: Final = {
    "1": (Channel.SMS, Scene.WISH_SMS),
    "2": (Channel.WHATSAPP, Scene.WISH_WHATSAPP),
    "3": (Channel.EMAIL, Scene.WISH_EMAIL),
    "4": (Channel.VOICE, Scene.WISH_VOICE),
}
"""Each channel that can be asked for, by its key, which is the same for whoever has fewer."""
_HOURS: Final = dict(zip("123", DAY_PARTS, strict=True))
_ANY_HOURS: Final = "4"

log = logging.getLogger(__name__)


_ASK_TIMEOUT: Final = 10.0
"""Seconds for an update: less than the 15 that Twilio waits for TwiML."""


class CallDialogue:
    """Answers the requests of calls with TwiML."""

    def __init__(
        self,
        settings: Settings,
        wording: Wording,
        calls: CallScripts,
        pages: PreferencePages,
        workflows: Workflows,
        clock: Clock,
        flow: Flow,
    ) -> None:
        self._settings, self._wording = settings, wording
        self._calls, self._workflows, self._clock, self._flow = calls, workflows, clock, flow
        self._pages = pages
        self._public = settings.public_url.rstrip("/")

    async def answer(self, attempt_id: str, form: Mapping[str, str], query: CallState) -> str:
        """What is said next in a call we placed.

        Never raises for PostgreSQL or Temporal being away: the caller would hear an application
        error, and a stop that was pressed would be lost. The step is begun again instead.
        """
        digits = _plain(_KEYS, form.get("Digits", ""), query.pressed)
        answered_by = _plain(_ANSWERED_BY, form.get("AnsweredBy", ""), query.answered_by)
        turn: Turn | None = None
        try:
            held, sid = await self._calls.held(attempt_id), form.get("CallSid", "")
            if held is None or not held.is_ours(sid):
                log.error("a call of attempt %s, which is no call of ours", attempt_id)
                to = held.address if held else form.get("To", form.get("Called", ""))
                await self._stops_all_the_same(sid, to, query.step, digits)
                return str(Twiml().hang_up())
            now = await self._clock.now(held.workflow)
            if query.step is CallStep.ANSWERED and now >= held.not_after:
                log.error("the call of attempt %s is not to be spoken on", attempt_id)
                return str(Twiml().hang_up())
            turn = Turn(held, sid, query, digits, answered_by, now)
            return await self._step(turn)
        except Unavailable as trouble:
            log.warning("a call of attempt %s waits: %s", attempt_id, trouble)
            if query.again >= PATIENCE:
                return await self._give_up(turn)
            held_up = replace(query, pressed=digits, answered_by=answered_by, again=query.again + 1)
            return str(Twiml().again(self._url(attempt_id, held_up), PAUSE).hang_up())

    async def _give_up(self, turn: Turn | None) -> str:
        """A person has to see to it: stored if PostgreSQL answers, notified when Temporal does."""
        if turn is None:
            return str(Twiml().hang_up())
        with suppress(Unavailable):
            await self._hears(turn, Pressed.NOT_DEALT_WITH, Intent.HELP)
        return self._end(turn, Scene.TROUBLE)

    async def _stops_all_the_same(self, sid: str, to: str, step: CallStep, digits: str) -> None:
        """Record a stop, or that somebody else has the number, of a call that is not on record (a
        database was restored) or counts as not made: we asked for that key all the same."""
        intent = Intent.OPT_OUT if digits == _STOP and step in _ONE_KEY else None
        if digits == "2" and step is CallStep.CHECK:
            intent = Intent.WRONG_PERSON
        address = canonical(Channel.VOICE, to)
        if intent is not None and address.startswith("+"):
            said = {"channel": Channel.VOICE, "address": address, "text": "pressed a key"}
            name = f"{sid}:{intent}"
            await self._flow.take(
                CustomerMessage(provider=PROVIDER, message_id=name, intent=intent, **said)
            )

    async def calling_in(self, address: str) -> str:
        """What whoever calls us hears, in their language if we know it."""
        locale = await self._calls.locale_at(Channel.VOICE, address)
        if not locale or not self._wording.supports(locale):
            locale = self._settings.fallback_locale
        name = self._settings.voice_name
        if not name:
            return str(Twiml().hang_up())
        context = MessageContext(
            locale=locale,
            purpose=Purpose.OPT_OUT_CONFIRMATION,  # it says nothing about a debt
            channel=Channel.VOICE,
            customer_name="",
            creditor_name=name,
            caller_name=name,
            caller_person=self._settings.voice_person,
            phone=self._settings.phone,
        )
        said = Twiml().say(self._wording.scene(Scene.INBOUND, context), self._speech(context))
        return self._to_a_person(said, context)

    # --- the steps ------------------------------------------------------------------------------

    async def _step(self, turn: Turn) -> str:
        if turn.digits == _STOP and turn.place.step in _ONE_KEY:
            return await self._stop(turn)
        if turn.to_party:
            # None of a call to who stands for a debt in which something is owed, paid or promised.
            if turn.place.step is CallStep.MENU:
                return await self._party_menu(turn)
            if turn.place.step not in _OF_PARTIES:
                return self._message(turn)
        return await self._by_step(turn)

    async def _by_step(self, turn: Turn) -> str:
        match turn.place.step:
            case CallStep.ANSWERED:
                return await self._answered(turn)
            case CallStep.CHECK:
                return await self._check(turn)
            case CallStep.MENU:
                return await self._menu(turn)
            case CallStep.MORE:
                return await self._more(turn)
            case CallStep.WISH:
                return await self._way(turn)
            case CallStep.HOURS:
                return await self._hours(turn)
            case CallStep.AMOUNT:
                return self._amount(turn)
            case CallStep.OTHER:
                return self._other(turn)
            case CallStep.DAYS:
                return self._days(turn)
            case CallStep.CONFIRM:
                return await self._confirm(turn)

    async def _answered(self, turn: Turn) -> str:
        if machine(turn.answered_by):
            await self._note(turn, CallOutcome.VOICEMAIL)
            return self._end(turn, Scene.VOICEMAIL)
        if turn.answered_by == "fax":
            return str(Twiml().hang_up())
        return self._question(turn, CallStep.CHECK, self._scene(turn, Scene.CHECK))

    async def _check(self, turn: Turn) -> str:
        match turn.digits:
            case "1":
                # On record before a word about the debt: from here on it is a conversation.
                await self._note(turn, CallOutcome.CONVERSATION)
                return self._message(turn)
            case "2":
                event = f"{turn.sid}:wrong_number"
                said = NotTheCustomer(by=PROVIDER, event=event, attempt=turn.held.attempt_id)
                await self._flow.take(said, turn.now)
                return self._end(turn, Scene.WRONG_NUMBER)
            case _:
                return self._once_more(turn, self._scene(turn, Scene.CHECK))

    async def _menu(self, turn: Turn) -> str:
        match turn.digits:
            case "0":
                return self._message(turn)
            case "1":
                said = f"{self._scene(turn, Scene.PAY)} {self._scene(turn, Scene.MENU)}"
                return self._question(turn, CallStep.MENU, said)
            case "2":
                return self._ask_amount(turn)
            case "3":
                return await self._person(turn)
            case "4":
                return self._question(turn, CallStep.MORE, self._scene(turn, Scene.MORE))
            case _:
                return self._once_more(turn, self._scene(turn, Scene.MENU))

    async def _party_menu(self, turn: Turn) -> str:
        """What the keys do for somebody who is not the debtor."""
        match turn.digits:
            case "0":
                return self._message(turn)
            case "2":
                return await self._noted(turn, Pressed.STANDS_FOR_NONE)
            case "3":
                return await self._person(turn)
            case "4":
                return await self._ask_way(turn)
            case _:
                return self._once_more(turn, self._scene(turn, Scene.PARTY_MENU))

    def _message(self, turn: Turn) -> str:
        menu = Scene.PARTY_MENU if turn.to_party else Scene.MENU
        said = f"{turn.held.script.message} {self._scene(turn, menu)}"
        return self._question(turn, CallStep.MENU, said)

    async def _person(self, turn: Turn) -> str:
        await self._hears(turn, Pressed.PERSON, Intent.HELP)
        return self._to_a_person(Twiml(), turn.context)

    async def _stop(self, turn: Turn) -> str:
        """By medium, and on record before the goodbye (12 CFR 1006.14(h))."""
        await self._hears(turn, Pressed.STOP, Intent.OPT_OUT)
        return self._end(turn, Scene.STOPPED)

    # --- what is asked for less often -----------------------------------------------------------

    async def _more(self, turn: Turn) -> str:
        match turn.digits:
            case "0":
                return self._message(turn)
            case "1":
                return await self._noted(turn, Pressed.PAID)
            case "2":
                return await self._noted(turn, Pressed.DISPUTES)
            case "3":
                return await self._ask_way(turn)
            case _:
                return self._once_more(turn, self._scene(turn, Scene.MORE))

    async def _noted(self, turn: Turn, what: Pressed) -> str:
        """On record, with the work that it opens and the silence that goes with it, before we say
        so; each by an id of its own, for one call may say both."""
        await self._hears(turn, what, Intent.OTHER, name=what.name.lower())
        return self._end(turn, Scene.NOTED)

    async def _ask_way(self, turn: Turn) -> str:
        return self._question(turn, CallStep.WISH, self._ways(turn, await self._reachable(turn)))

    def _ways(self, turn: Turn, reachable: Collection[Channel]) -> str:
        """Only what can be met is offered, as on the preference page."""
        offered = [scene for channel, scene in _WAYS.values() if channel in reachable]
        return " ".join(self._scene(turn, scene) for scene in (Scene.WISH, *offered))

    async def _way(self, turn: Turn) -> str:
        channel, _ = _WAYS.get(turn.digits, (None, None))
        reachable = await self._reachable(turn)
        if channel is None or channel not in reachable:
            return self._once_more(turn, self._ways(turn, reachable))
        said = self._scene(turn, Scene.WISH_HOURS)
        return self._question(turn, CallStep.HOURS, said, CallState(channel=channel))

    async def _hours(self, turn: Turn) -> str:
        if turn.digits not in {*_HOURS, _ANY_HOURS} or turn.place.channel not in STATED_CHANNELS:
            return self._once_more(turn, self._scene(turn, Scene.WISH_HOURS))
        part = _HOURS.get(turn.digits)
        windows = every_day([DAY_PARTS[part]]) if part else []
        wish = Preference(channel=Channel(turn.place.channel), windows=tuple(windows))
        said = wish.model_dump(mode="json", by_alias=True, exclude_unset=True)
        event = f"{turn.sid}:wish:{wish.channel}:{turn.digits}"
        chosen = Choice(by=PROVIDER, event=event, page=turn.held.attempt_id, wish=said)
        await self._flow.take(chosen, turn.now)
        return self._end(turn, Scene.WISH_DONE)

    async def _reachable(self, turn: Turn) -> tuple[Channel, ...]:
        asked = await self._pages.asked(turn.held.attempt_id)
        return asked.reachable if asked else ()

    # --- promising ------------------------------------------------------------------------------

    def _ask_amount(self, turn: Turn) -> str:
        said = self._wording.scene(Scene.PROMISE_AMOUNT, turn.about_lead)
        return self._question(turn, CallStep.AMOUNT, said)

    def _amount(self, turn: Turn) -> str:
        match turn.digits:
            case "1" if turn.lead is not None:
                return self._ask_days(turn, str(turn.lead.amount))
            case "2":
                said = self._scene(turn, Scene.PROMISE_OTHER)
                return self._question(turn, CallStep.OTHER, said, keys=9)
            case _:
                return self._once_more(
                    turn, self._wording.scene(Scene.PROMISE_AMOUNT, turn.about_lead)
                )

    def _other(self, turn: Turn) -> str:
        if not turn.digits.isdecimal() or int(turn.digits) == 0:
            return self._once_more(turn, self._scene(turn, Scene.PROMISE_OTHER), keys=9)
        return self._ask_days(turn, turn.digits)

    def _ask_days(self, turn: Turn, amount: str) -> str:
        said = self._scene(turn, Scene.PROMISE_DAYS)
        return self._question(turn, CallStep.DAYS, said, CallState(amount=amount), keys=_DAYS)

    def _days(self, turn: Turn) -> str:
        amount = amount_of(turn.place.amount)
        if amount is None or not turn.digits.isdecimal() or len(turn.digits) > _DAYS:
            said = self._scene(turn, Scene.PROMISE_DAYS)
            return self._once_more(turn, said, keys=_DAYS)
        day = local_date(turn.now, turn.held.zones) + timedelta(days=int(turn.digits))
        said = self._wording.scene(Scene.PROMISE_CONFIRM, turn.promised(amount, day))
        place = CallState(amount=str(amount), day=day.isoformat())
        return self._question(turn, CallStep.CONFIRM, said, place)

    async def _confirm(self, turn: Turn) -> str:
        amount, day = amount_of(turn.place.amount), day_of(turn.place.day)
        if amount is None or day is None or turn.digits == "2":
            return self._ask_amount(turn)
        context = turn.promised(amount, day)
        if turn.digits != "1":
            return self._once_more(turn, self._wording.scene(Scene.PROMISE_CONFIRM, context))
        # The same request for the same words of one call: a repeated callback is one promise.
        payload = {
            "id": f"call:{turn.sid}:{amount}:{day}",
            "amount": str(amount),
            "date": day.isoformat(),
        }
        try:
            await self._workflows.ask(
                turn.held.workflow, "record_promise", payload, patience=_ASK_TIMEOUT
            )
        except (BadInput, NotFound) as refused:
            log.info("a promise of attempt %s was refused: %s", turn.held.attempt_id, refused)
        else:
            return self._end(turn, Scene.PROMISE_DONE, context)
        said = f"{self._scene(turn, Scene.PROMISE_REFUSED)} {self._scene(turn, Scene.MENU)}"
        return self._question(turn, CallStep.MENU, said)

    # --- facts ----------------------------------------------------------------------------------

    async def _note(self, turn: Turn, outcome: CallOutcome) -> None:
        """What became of the call; that it was answered at all proves that it was accepted."""
        report = DeliveryReport(
            provider=PROVIDER,
            event_id=f"{turn.sid}:{outcome}",
            attempt_id=turn.held.attempt_id,
            status=AttemptState.ACCEPTED,
            message_id=turn.sid,
            outcome=outcome,
        )
        await self._flow.take(report, turn.now)

    async def _hears(self, turn: Turn, what: Pressed, intent: Intent, *, name: str = "") -> None:
        message = CustomerMessage(
            provider=PROVIDER,
            message_id=f"{turn.sid}:{name or intent}",
            channel=Channel.VOICE,
            address=canonical(Channel.VOICE, turn.held.address),
            text=what,
            intent=intent,
        )
        await self._flow.take(message, turn.now)

    # --- TwiML ----------------------------------------------------------------------------------

    def _scene(self, turn: Turn, scene: Scene) -> str:
        return self._wording.scene(scene, turn.context)

    def _speech(self, context: MessageContext) -> Speech:
        return self._wording.speech(context.locale)

    def _question(
        self,
        turn: Turn,
        step: CallStep,
        said: str,
        place: CallState = _BEGINNING,
        keys: int = 1,
    ) -> str:
        """Say something and wait for ``keys`` keys at most."""
        action = self._url(turn.held.attempt_id, replace(place, step=step))
        return str(Twiml().ask(said, self._speech(turn.context), action, keys))

    def _once_more(self, turn: Turn, said: str, keys: int = 1) -> str:
        """Put the question again, but not for ever."""
        if turn.place.asked >= ASKED:
            return self._end(turn, Scene.GOODBYE)
        place = replace(turn.place, asked=turn.place.asked + 1, pressed="", answered_by="", again=0)
        return self._question(turn, turn.place.step, said, place, keys)

    def _end(self, turn: Turn, scene: Scene, context: MessageContext | None = None) -> str:
        context = context or turn.context
        words = self._wording.scene(scene, context)
        return str(Twiml().say(words, self._speech(context)).hang_up())

    def _to_a_person(self, said: Twiml, context: MessageContext) -> str:
        """Put through where there is somebody, else promise to call back: the fact is on record."""
        number = self._settings.voice_transfer
        scene = Scene.TRANSFER if number else Scene.CALL_BACK
        said.say(self._wording.scene(scene, context), self._speech(context))
        if number:
            said.dial(number)
        return str(said.hang_up())

    def _url(self, attempt_id: str, place: CallState) -> str:
        query = urlencode({ATTEMPT_PARAM: attempt_id, **place.query()})
        return f"{self._public}{TWILIO_CALL}?{query}"


def _plain(form: re.Pattern[str], *given: str) -> str:
    """The first of these that has the form; else nothing was said."""
    return next((one for one in given if form.fullmatch(one)), "")
