"""The sandbox as one ASGI application: the providers, the people, the page, and its own routes.

Everything under `/_sandbox` is for tests, conductors and the page. It knows no password, so the
process listens on the loopback interface unless told otherwise.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lab.sandbox.clock import Clock, WallClock
from lab.sandbox.faults import Rule
from lab.sandbox.page import page
from lab.sandbox.persons.agenda import Action
from lab.sandbox.persons.bank import Bank, PiggyBank
from lab.sandbox.persons.people import Kind, Persona, asks_in
from lab.sandbox.persons.players import Introductions
from lab.sandbox.persons.replies import Replies, Says
from lab.sandbox.providers.infobip import InfobipApi
from lab.sandbox.providers.resend import ResendApi
from lab.sandbox.providers.sendgrid import SendGridApi
from lab.sandbox.providers.sendgrid_webhook import public_key
from lab.sandbox.providers.twilio import TwilioApi
from lab.sandbox.providers.twilio_calls import CallsApi
from lab.sandbox.record import Json, Message
from lab.sandbox.settings import Settings, Zone
from lab.sandbox.wire import json_answer
from lab.sandbox.world import World

_RULES = TypeAdapter(list[Rule])
_CAST = TypeAdapter(dict[str, Persona])
_ASKS = TypeAdapter(Literal["stop", "start", "wrong_person"] | None)

_ZONES = TypeAdapter(dict[str, Zone])
_OWNERS = TypeAdapter(dict[str, dict[str, str]])


class Perform(BaseModel):
    """What a conductor asks to be done."""

    model_config = ConfigDict(extra="forbid")

    ids: list[str]


class _TellsLast(Protocol):
    """A provider whose last event can come late."""

    async def tell_last(self, message: Message) -> None:
        """Post it."""
        ...


class Backstage:
    """The routes under `/_sandbox`."""

    def __init__(
        self,
        world: World,
        twilio: TwilioApi,
        sendgrid: SendGridApi,
        infobip: InfobipApi,
        resend: ResendApi,
    ) -> None:
        self._world = world
        self._twilio = twilio
        answers: dict[str, Says] = {
            "twilio": twilio,
            "infobip": infobip,
            "sendgrid": sendgrid.answers,
            "resend": resend.answers,
        }
        self._replies = Replies(world, answers)
        self._tells_last: dict[str, _TellsLast] = {
            "sendgrid": sendgrid.webhook,
            "infobip": infobip,
            "resend": resend,
        }
        world.agenda.performers[Kind.CALLBACK] = self._late

    def routes(self) -> list[Route]:
        """What tests, conductors and the page call."""
        base = "/_sandbox"
        return [
            Route("/", page, methods=["GET"]),
            Route(f"{base}/messages", self.messages, methods=["GET"]),
            Route(f"{base}/agenda", self.agenda, methods=["GET"]),
            Route(f"{base}/perform", self.perform, methods=["POST"]),
            Route(f"{base}/quiet", self.quiet, methods=["GET"]),
            Route(f"{base}/state", self.state, methods=["GET"]),
            Route(f"{base}/keys", self.keys, methods=["GET"]),
            Route(f"{base}/faults", self.faults, methods=["GET", "POST", "DELETE"]),
            Route(f"{base}/people", self.people, methods=["GET", "POST"]),
            Route(f"{base}/zones", self.zones, methods=["POST"]),
            Route(f"{base}/owners", self.owners, methods=["POST"]),
            Route(f"{base}/introductions", self.introductions, methods=["POST"]),
            Route(f"{base}/stops", self.stops, methods=["GET"]),
            Route(f"{base}/say", self.say, methods=["POST"]),
        ]

    async def messages(self, request: Request) -> Response:
        """`?since=<revision>&limit=`: what is new or changed, and the revision to go on from."""
        try:
            since = int(request.query_params.get("since", "0"))
            limit = min(max(int(request.query_params.get("limit", "2000")), 1), 5000)
        except ValueError:
            return _bad("since and limit are numbers")
        revision, found = self._world.record.since(since, limit)
        return json_answer(
            {
                "revision": revision,
                "more": revision < self._world.record.revision,
                "messages": [self._shown(message) for message in found],
            }
        )

    def _shown(self, message: Message) -> Json:
        return {
            "id": message.provider_message_id,
            "person": message.person,
            "persona": self._world.person(message.person).persona.value,
            "zone": self._world.person(message.person).zone.key,
            "ours": message.sender if message.direction == "out" else message.to,
            "direction": message.direction,
            "channel": message.channel,
            "provider": message.provider,
            "attempt": message.attempt,
            "account": message.account,
            "subject": message.subject,
            "text": message.text,
            "attachments": message.attachments,
            "at": message.at.isoformat(),
            "clock": "account" if message.clock_exact else "estimate",
            "status": message.status,
            "error": message.error,
            "reached": message.reached,
            "pressed": message.pressed,
            "heard": message.heard,
            "meant": message.meant.model_dump(mode="json") if message.meant else None,
        }

    async def agenda(self, request: Request) -> Response:
        """`?until=<iso>&account=&quiet=true`: what people are going to do, sorted by time.

        `quiet`: when no callback of that account is under way any more.
        """
        until, account = request.query_params.get("until"), request.query_params.get("account")
        if account and request.query_params.get("quiet") == "true":
            await self._world.poster.quiet(account)
        try:
            end = datetime.fromisoformat(until.replace(" ", "+")) if until else None
        except ValueError:
            return _bad("until is an ISO time")
        if end and end.tzinfo is None:
            return _bad("until needs its offset, as in 2026-03-02T00:00:00Z")
        actions = self._world.agenda.until(end, account)
        return json_answer([action.entry() for action in actions])

    async def perform(self, request: Request) -> Response:
        """`{"ids": [...]}`: do these now; answers when every receiver has taken it, or has not."""
        try:
            asked = Perform.model_validate_json(await request.body())
        except ValidationError as error:
            return _bad(_told(error))
        done = await self._world.agenda.perform(asked.ids)
        results = [result.model_dump() for result in done]
        return json_answer({"ok": all(result.ok for result in done), "results": results})

    async def quiet(self, request: Request) -> Response:
        """True when no callback is under way."""
        return json_answer(self._world.poster.in_flight == 0)

    async def state(self, request: Request) -> Response:
        """Counts, faults that struck, webhooks that failed, payments and promises made."""
        world = self._world
        tables = world.state.tables
        return json_answer(
            {
                "messages": len(world.record.messages),
                "reached": sum(
                    m.reached and m.direction == "out" for m in world.record.messages.values()
                ),
                "agenda": len(world.agenda.until()),
                "in_flight": world.poster.in_flight,
                "posted": world.poster.posted,
                "failed_webhooks": list(world.poster.failures),
                "faults": world.faults.counts,
                "bank": list(tables["bank"].values()),
                "opt_outs": sorted(tables["opt_out"]),
                "suppressed": dict(tables["suppressed"]),
            }
        )

    async def keys(self, request: Request) -> Response:
        """The public key with which the event webhook is verified."""
        return json_answer({"sendgrid_event_webhook": public_key(self._world.settings.seed)})

    async def faults(self, request: Request) -> Response:
        """POST adds a script, DELETE takes all rules away, GET shows them with their counts, and
        by attempt what became of answers."""
        box = self._world.faults
        if request.method == "DELETE":
            box.rules.clear()
        if request.method == "POST":
            try:
                box.rules.extend(_RULES.validate_json(await request.body()))
            except ValidationError as error:
                return _bad(_told(error))
        rules = [rule.model_dump(mode="json") for rule in box.rules]
        return json_answer({"rules": rules, "struck": box.counts, "answers": box.answers})

    async def people(self, request: Request) -> Response:
        """GET: everybody who was written to, with their persona; POST {address: persona} casts."""
        if request.method == "POST":
            try:
                parts = _CAST.validate_json(await request.body())
            except ValidationError as error:
                return _bad(_told(error))
            for address, persona in parts.items():
                self._world.cast(address, persona)
        written = {m.person for m in self._world.record.messages.values()}
        return json_answer({a: self._world.person(a).persona.value for a in sorted(written)})

    async def zones(self, request: Request) -> Response:
        """POST {address: IANA zone}: where whoever owns an address lives, as its page shows it."""
        try:
            told = _ZONES.validate_json(await request.body())
        except ValidationError as error:
            return _bad(_told(error))
        for address, zone in told.items():
            self._world.settle(address, zone)
        return json_answer({"zones": len(told)})

    async def owners(self, request: Request) -> Response:
        """POST {owner: {channel: address}}: which addresses are one person's. They have one
        character, and may write from any of them."""
        try:
            told = _OWNERS.validate_json(await request.body())
        except ValidationError as error:
            return _bad(_told(error))
        for owner, addresses in told.items():
            self._world.own(owner, addresses)
        return json_answer({"owners": len(told)})

    async def introductions(self, request: Request) -> Response:
        """POST who people are and what they owe, for those whom models play (`people`)."""
        try:
            told = Introductions.model_validate_json(await request.body())
        except ValidationError as error:
            return _bad(_told(error))
        self._world.introduce(told)
        return json_answer({"introduced": len(told.customers)})

    async def stops(self, request: Request) -> Response:
        """Who asked to be left alone, and who said that they are somebody else; by what they meant,
        in the order in which our side took it."""
        return json_answer(self._world.record.stops)

    async def say(self, request: Request) -> Response:
        """`{"message": id, "text": ..., "asks": ...}`: somebody answers a message right now; a mail
        with ours quoted below.

        `asks`, if they ask for something by it: stop, start or wrong_person.
        """
        try:
            body = json.loads(await request.body())
            asked = self._world.record.messages[str(body["message"])]
            text, asks = str(body["text"]), _ASKS.validate_python(body.get("asks"))
        except (ValueError, KeyError, TypeError):
            return _bad(
                'post {"message": <id of a message>, "text": ...}, and with it if need be '
                '"asks": "stop", "start" or "wrong_person"'
            )
        if asked.channel == "voice" or asked.direction != "out":
            return _bad("only a message of ours can be answered, and no call")
        nth = len(self._world.record.of(asked.to))
        digits = self._world.name("say", asked.provider_message_id, text, nth)
        outcome = await self._replies.write(asked, text, digits, asks=asks or asks_in(text))
        return json_answer({"outcome": outcome})

    async def _late(self, action: Action) -> str:
        """A callback that comes late."""
        message = self._world.record.messages[action.message]
        if message.provider == "twilio":
            await self._twilio.webhooks.tell(message, str(action.details["state"]))
        else:
            await self._tells_last[message.provider].tell_last(message)
        return "told"


def create_app(
    settings: Settings, *, clock: Clock | None = None, bank: Bank | None = None
) -> Starlette:
    """The application; without a clock and a bank it lives in real time and keeps the money."""
    world = World(settings, clock or WallClock(), bank or PiggyBank())
    twilio, sendgrid = TwilioApi(world), SendGridApi(world)
    infobip, resend = InfobipApi(world), ResendApi(world)
    calls = CallsApi(world, twilio)
    backstage = Backstage(world, twilio, sendgrid, infobip, resend)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        runner = None if settings.fast_time else asyncio.create_task(world.agenda.run())
        try:
            yield
        finally:
            if runner:
                runner.cancel()
                await asyncio.gather(runner, return_exceptions=True)
            await world.close()

    apis = (twilio, calls, sendgrid, infobip, resend, backstage)
    routes = [route for api in apis for route in api.routes()]
    app = Starlette(routes=routes, lifespan=lifespan)
    app.state.world = world
    return app


def _bad(message: str) -> Response:
    return json_answer({"error": message}, 400)


def _told(error: ValidationError) -> str:
    def told(detail: Any) -> str:
        return f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}".removeprefix(": ")

    return "; ".join(told(detail) for detail in error.errors(include_url=False))
