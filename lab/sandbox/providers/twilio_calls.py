"""Stand-in for Twilio's Calls resource: it rings, asks for TwiML, plays it, and tells how it went.

Sources: the Call resource of the API 2010-04-01 (twilio/twilio-oai, spec/json/twilio_api_v2010),
https://www.twilio.com/docs/voice/twiml for what TwiML requests carry,
https://www.twilio.com/docs/voice/answering-machine-detection for AnsweredBy.
"""

import asyncio
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lab.sandbox.faults import Effect, Effects, Fault
from lab.sandbox.persons.agenda import Action
from lab.sandbox.persons.people import Heard, Intent, Kind
from lab.sandbox.persons.players import FATES, payment, wanted
from lab.sandbox.persons.telephone import Fate, Listener, fate_of, read
from lab.sandbox.providers.twilio import TwilioApi
from lab.sandbox.providers.twilio_checks import facts_of, number_of
from lab.sandbox.providers.twilio_errors import RefusedError, server_failure
from lab.sandbox.providers.twilio_webhooks import API
from lab.sandbox.record import Json, Message
from lab.sandbox.seed import draw
from lab.sandbox.webhooks import NotDeliveredError
from lab.sandbox.wire import after, json_answer
from lab.sandbox.world import World
from people import acts
from people.acts import Reception

MOST_TURNS: Final = 40
"""Requests for TwiML in one call; a call that goes on longer goes in circles."""
_BY_FAULT: Final = {
    Fault.UNDELIVERED: Fate.NO_ANSWER,
    Fault.FAILED: Fate.FAILED,
    Fault.BLOCKED: Fate.BUSY,
}
_SIP: Final = {Fate.FAILED: "404", Fate.BUSY: "486", Fate.NO_ANSWER: "487"}
_ASKS: Final = {"stop": "stop", "wrong": "wrong_person"}
"""What is asked for by a key."""
_CALLS_BACK: Final = 0.5
"""How often somebody who finds a voicemail calls back."""


class CallsApi:
    """The Calls endpoints over one world."""

    def __init__(self, world: World, twilio: TwilioApi) -> None:
        self._world, self._twilio, self._webhooks = world, twilio, twilio.webhooks
        self._receptions: dict[str, Reception] = {}
        """Of calls that are going on: what a model says of them."""
        world.agenda.performers[Kind.CALL] = self._call_us

    def routes(self) -> list[Route]:
        """What a client calls."""
        base = f"/{API}/Accounts/{{account}}/Calls"
        return [
            Route(f"{base}.json", self.create, methods=["POST"]),
            Route(f"{base}.json", self.search, methods=["GET"]),
        ]

    async def create(self, request: Request) -> Response:
        """`POST Calls.json`: a call is placed, or not, or nobody can tell."""
        try:
            self._twilio.authenticate(request)
            form = {key: str(value) for key, value in (await request.form()).items()}
            facts = facts_of(form).model_copy(update={"channel": "voice"})
            reading = await self._world.clock.now(facts.account or None)
            effects = self._world.faults.take(facts, reading.at)
            if broken := self._twilio.before(effects, form):
                return broken
            _validate(form)
            call = self._accept(form, effects, reading.at, exact=reading.exact)
        except RefusedError as refusal:
            return refusal.response()
        whole = json_answer(self._resource(call), 201)
        playing = self._play(call, effects.get("callbacks"))
        self._world.poster.background(playing, call.account)
        return await after(
            effects.get("answer"), whole, server_failure, self._world.settings.hang_seconds
        )

    async def search(self, request: Request) -> Response:
        """`GET Calls.json` with To, From, PageSize and PageToken; newest first."""
        return await self._twilio.listed(request, "Calls", voice=True, shown=self._resource)

    def _accept(
        self, form: dict[str, str], effects: Effects, at: datetime, *, exact: bool
    ) -> Message:
        world, to = self._world, form["To"]
        facts = facts_of(form)
        tries = world.record.tries(to) + 1
        fixed = world.settings.fixed_calls.get(to)
        played = self._played(form, facts.account, at)
        if fixed:
            fate = Fate(fixed)
        elif played is not None:
            fate = Fate(FATES[played.became])
        else:
            fate = fate_of(world.person(to), tries)
        if effect := effects.get("fate"):
            fate = _BY_FAULT[effect.fault]
        call = Message(
            provider="twilio",
            provider_message_id="CA" + world.name("call", to, tries)[:32],
            channel="voice",
            attempt=facts.attempt or None,
            account=facts.account or None,
            to=to,
            sender=form["From"],
            text="",
            at=at,
            clock_exact=exact,
            status="queued",
            fate=fate.status,
            reached=fate.rings,
            callback=form.get("StatusCallback") or None,
            answer_url=form["Url"],
            answered_by={Fate.HUMAN: "human", Fate.MACHINE: "machine_end_beep"}.get(fate),
            sip=_SIP.get(fate),
        )
        if call.reached:
            call.nth = world.record.heard(to, call.account) + 1
        world.record.add(call)
        if played is not None:
            self._receptions[call.provider_message_id] = played
        return call

    def _played(self, form: dict[str, str], account: str, at: datetime) -> Reception | None:
        """What a model says of a call, where one plays who is called."""
        if self._world.players is None:
            return None
        call = Message(
            provider="twilio",
            provider_message_id="",
            channel="voice",
            account=account or None,
            to=form["To"],
            sender=form["From"],
            text="",
            at=at,
            status="queued",
            fate="",
        )
        return self._world.players.hears(call)

    # --- the call -------------------------------------------------------------------------------

    async def _play(self, call: Message, effect: Effect | None) -> None:
        fault = effect.fault if effect else None
        await asyncio.sleep(self._world.settings.callback_delay)
        states = ["initiated", "ringing"]
        if fault is Fault.CALLBACK_REORDER:
            await self._end(call)
            await self._webhooks.reach(call, call.fate, fault)
            for state in states:
                await self._webhooks.reach(call, state, fault)
            return
        for state in states:
            await self._webhooks.reach(call, state, fault)
        if fault is Fault.CALLBACK_FORGED:
            await self._webhooks.forge(call)
        if call.answered_by:
            await self._webhooks.reach(call, "in-progress", fault)
        await self._end(call)
        await self._webhooks.reach(call, call.fate, fault)

    async def _end(self, call: Message) -> None:
        """Hold the call, if anybody took it; then it is over."""
        if call.answered_by and call.answer_url:
            person = self._world.person(call.to)
            listener = self._listener(call) or Listener(person, call.account, call.nth)
            await self._hold(call, listener, call.answer_url)
            for wish in listener.wished[: call.heard]:
                if wish in _ASKS:
                    about = f"{call.provider_message_id} {wish}"
                    await self._world.heed(about, call, f"[{wish}]", _ASKS[wish])
            for intent in self._after(call, listener):
                self._world.plan(intent, call)
        call.status = call.fate
        self._world.record.update(call)
        self._receptions.pop(call.provider_message_id, None)

    def _listener(self, call: Message) -> Listener | None:
        """Who takes a call that a model plays, and what they want."""
        came, players = self._receptions.get(call.provider_message_id), self._world.players
        player = players.of(call.account) if players else None
        if came is None or player is None:
            return None
        today = call.at.astimezone(player.person.zone).date()
        named = [(act.on - today).days for act in came.acts if act.on is not None]
        return Listener(
            *(self._world.person(call.to), call.account, call.nth),
            wants=wanted(player, came.acts),
            days=named[0] if named else 0,
        )

    async def _hold(self, call: Message, listener: Listener, url: str) -> None:
        """Ask for TwiML and play it, until one side hangs up. The transcript is the call's text."""
        human = call.answered_by == "human" or call.direction == "in"
        digits: str | None = None
        for _ in range(MOST_TURNS):
            try:
                script = read(await self._fetch(call, url, digits))
            except (NotDeliveredError, ValueError) as trouble:
                self._world.poster.failures.append(f"call: {trouble}")
                return
            said = " ".join(script.said)
            call.text = f"{call.text} {said}".strip()
            await asyncio.sleep(script.pause * self._world.settings.pauses)
            if script.redirect:
                url, digits = script.redirect, None
                continue
            call.heard = len(listener.wished)
            if script.dialled:
                call.text += " [put through]"
            if script.action is None:
                return
            digits = listener.presses(script.asked) if human else ""
            call.pressed = list(listener.wished)
            if digits is None:
                call.text += " [hung up]"
                return
            call.text += f" [{digits}]"
            if not digits and not script.empty_goes_on:
                return
            url = script.action
        self._world.poster.failures.append("call: it went in circles")

    async def _fetch(self, call: Message, url: str, digits: str | None) -> str:
        params = self._webhooks.call_params(call, "in-progress")
        if digits is not None:
            params["Digits"] = digits
        return await self._webhooks.fetch_twiml(url, params, (call.provider_message_id, call.text))

    def _after(self, call: Message, listener: Listener) -> list[Intent]:
        """What the person does when the call is over."""
        if (came := self._receptions.get(call.provider_message_id)) is not None:
            return [payment(act) for act in came.acts if act.kind is acts.Kind.PAY]
        person = listener.person
        heard = Heard("voice", call.account, call.text, call.at, call.nth)
        if call.answered_by != "human":
            back = draw(person.seed, person.address, call.account, call.nth, "calls back")
            if back < _CALLS_BACK and self._world.settings.inbound_call_url:
                return [Intent(Kind.CALL, person.soon(heard))]
            return []
        if listener.promised:
            return person.keeps(heard)
        return person.hears(heard) if listener.paying else []

    async def _call_us(self, action: Action) -> str:
        """Somebody calls back."""
        url, asked = self._world.settings.inbound_call_url, self._world.record.messages
        if url is None:
            return "nobody listens"
        ours = asked[action.message]
        reading = await self._world.clock.now(action.account)
        call = Message(
            provider="twilio",
            provider_message_id="CA" + self._world.name("inbound call", action.id)[:32],
            channel="voice",
            direction="in",
            account=ours.account,
            to=ours.sender,
            sender=ours.to,
            text="",
            at=reading.at,
            clock_exact=reading.exact,
            status="completed",
            fate="completed",
        )
        if call.provider_message_id not in asked:
            person = self._world.person(ours.to)
            script = read(await self._fetch(call, url, None))
            call.text = " ".join([*script.said, *(["[put through]"] if script.dialled else [])])
            self._world.record.add(call)
            return f"called, {person.persona}"
        return "called before"

    def _resource(self, call: Message) -> Json:
        """The Call resource; it shows neither Url nor StatusCallback."""
        placed = format_datetime(call.at)
        over = call.status == call.fate
        waits = timedelta(seconds=0 if call.answered_by is None else 30)
        return {
            "sid": call.provider_message_id,
            "account_sid": self._world.settings.twilio_account_sid,
            "api_version": API,
            "answered_by": call.answered_by,
            "date_created": placed,
            "date_updated": placed,
            "start_time": placed,
            "end_time": format_datetime(call.at + waits) if over else None,
            "duration": str(int(waits.total_seconds())) if over else None,
            "direction": "outbound-api" if call.direction == "out" else "inbound",
            "from": call.sender,
            "to": call.to,
            "price": None,
            "price_unit": "USD",
            "status": call.status,
            "uri": f"/{API}/Accounts/{self._world.settings.twilio_account_sid}/Calls/"
            f"{call.provider_message_id}.json",
        }


def _validate(form: dict[str, str]) -> None:
    to, sender = form.get("To", ""), form.get("From", "")
    timeout, code = form.get("Timeout", "60"), 0
    if number_of(to) is None:
        code = 21211
    elif number_of(sender) is None:
        code = 21212
    elif not _is_url(form.get("Url", "")):
        code = 21205
    elif not timeout.isdecimal() or not 1 <= int(timeout) <= 600:
        code = 21218
    if code:
        raise RefusedError(code, to=to, sender=sender)


def _is_url(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.hostname)
