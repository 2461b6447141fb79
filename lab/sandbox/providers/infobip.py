"""Stand-in for Infobip's SMS API, version 3: send, logs, delivery reports, inbound messages.

Sources: https://www.infobip.com/docs/api/channels/sms/sms-messaging (its OpenAPI document) and
https://www.infobip.com/docs/essentials/api-essentials/response-status-and-error-codes.
"""

import asyncio
import base64
import json
import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lab.sandbox import names
from lab.sandbox.clock import Reading
from lab.sandbox.faults import Effect, Effects, Facts, Fault
from lab.sandbox.persons.people import Intent, Kind
from lab.sandbox.record import Json, Message
from lab.sandbox.wire import after, json_answer, refused_before
from lab.sandbox.world import World

STATUSES: Final = {
    5: ("DELIVERED", "DELIVERED_TO_HANDSET"),
    9: ("UNDELIVERABLE", "UNDELIVERABLE_NOT_DELIVERED"),
    12: ("REJECTED", "REJECTED_NOT_ENOUGH_CREDITS"),
    14: ("REJECTED", "REJECTED_DESTINATION_BLOCKLISTED"),
    23: ("REJECTED", "REJECTED_DUPLICATE_MESSAGE_ID"),
    26: ("PENDING", "PENDING_ACCEPTED"),
    52: ("REJECTED", "REJECTED_DESTINATION"),
    87: ("REJECTED", "SIGNALS_BLOCKED"),
}
OF_TWILIO: Final = {21211: 52, 21614: 52, 21610: 14, 30003: 27, 30005: 1, 30006: 629, 30008: 255}
"""The people's troubles are told in Twilio's codes: a status of ours, or an error of a report."""


class Destination(BaseModel):
    """One recipient."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    to: str
    message_id: str | None = Field(None, alias="messageId")


class Content(BaseModel):
    """The text."""

    text: str = Field(min_length=1)


class Validity(BaseModel):
    """How long it may wait."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    amount: int = Field(gt=0)
    unit: str = Field("MINUTES", alias="timeUnit", pattern="^(SECONDS|MINUTES|HOURS)$")


class Options(BaseModel):
    """What we read of a message's options."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    validity: Validity | None = Field(None, alias="validityPeriod")


class Delivery(BaseModel):
    """Where reports go."""

    url: str | None = None


class Hooks(BaseModel):
    """A message's webhooks."""

    delivery: Delivery = Delivery()


class Outgoing(BaseModel):
    """One message of a request."""

    model_config = ConfigDict(extra="ignore")

    sender: str = Field(min_length=1)
    destinations: list[Destination] = Field(min_length=1, max_length=1)
    content: Content
    options: Options = Options()
    webhooks: Hooks = Hooks()


class Sending(BaseModel):
    """The body of a request, as far as the stand-in reads it: one message to one person."""

    model_config = ConfigDict(extra="ignore")

    messages: list[Outgoing] = Field(min_length=1, max_length=1)


def error(status: int, *fields: str) -> Response:
    """Infobip's error document."""
    violations = [{"property": name, "violation": "invalid"} for name in fields]
    body = {"errorCode": f"E{status}", "description": "refused by the sandbox", "action": "-"}
    return json_answer({**body, "violations": violations, "resources": []}, status)


def status(number: int) -> Json:
    """A status object."""
    group, name = STATUSES.get(number, ("REJECTED", f"REJECTED_{number}"))
    return {"groupId": 0, "groupName": group, "id": number, "name": name, "description": name}


class InfobipApi:
    """The SMS endpoints over one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """What a client calls."""
        return [
            Route("/sms/3/messages", self.send, methods=["POST"]),
            Route("/sms/3/logs", self.logs, methods=["GET"]),
        ]

    # What a client asks

    async def send(self, request: Request) -> Response:
        """`POST /sms/3/messages`: the answer speaks of the one destination."""
        if denied := self._denied(request):
            return denied
        try:
            message = Sending.model_validate_json(await request.body()).messages[0]
        except ValidationError as wrong:
            return error(400, *(_path(one["loc"]) for one in wrong.errors()))
        facts = _facts(message)
        reading = await self._world.clock.now(facts.account or None)
        effects = self._world.faults.take(facts, reading.at)
        if broken := self._before(effects):
            return broken
        to = message.destinations[0]
        if not re.fullmatch(r"[1-9]\d{6,14}", to.to):
            return error(400, "messages[0].destinations[0].to")
        name = to.message_id or self._world.name("infobip", to.to, self._nth(facts.to))[:32]
        said = self._verdict(effects, facts.to, name)
        if said != 26:
            return _answer(name, said, to.to)
        accepted = self._accept(message, name, facts, reading, effects)
        reporting = self._report(accepted, effects.get("callbacks"))
        self._world.poster.background(reporting, accepted.account)
        hang = self._world.settings.hang_seconds
        return await after(effects.get("answer"), _answer(name, 26, to.to), error, hang)

    async def logs(self, request: Request) -> Response:
        """`GET /sms/3/logs?messageId=`, or `?sentSince=&sentUntil=&limit=`."""
        if denied := self._denied(request):
            return denied
        reading = await self._world.clock.now(None)
        if broken := self._before(
            self._world.faults.take(Facts(op="list", provider="infobip", channel="sms"), reading.at)
        ):
            return broken
        query = request.query_params
        known = self._world.record.messages
        wanted = (
            [known.get(name) for name in query["messageId"].split(",")]
            if "messageId" in query
            else _between(list(known.values()), query)
        )
        found = await self._world.shown(
            one
            for one in wanted
            if one is not None and one.provider == "infobip" and one.direction == "out"
        )
        found = found[: int(query.get("limit", "50"))]
        return json_answer({"results": [_report_of(message) for message in found]})

    def _denied(self, request: Request) -> Response | None:
        given = request.headers.get("authorization", "")
        right = f"App {self._world.settings.infobip_api_key.get_secret_value()}"
        return None if secrets.compare_digest(given.encode(), right.encode()) else error(401)

    def _before(self, effects: Effects) -> Response | None:
        effect = effects.get("answer")
        if (
            effect is not None
            and effect.fault is Fault.REFUSE
            and effect.number(400) not in range(400, 500)
        ):
            return None  # a status of the message, in an answer that looks well
        return refused_before(effect, error, self._world.settings.hang_seconds)

    def _verdict(self, effects: Effects, person: str, name: str) -> int:
        """The status in the answer: 26 accepts."""
        asked = effects.get("answer")
        if asked is not None and asked.fault is Fault.REFUSE:
            return OF_TWILIO.get(asked.number(52), asked.number(52))
        if name in self._world.record.messages:
            return 23
        trouble = self._world.trouble("sms", person, effects)
        if trouble is not None and trouble.fault is Fault.REFUSE:
            return OF_TWILIO.get(trouble.number(52), 52)
        return 26

    def _nth(self, person: str) -> int:
        return self._world.record.tries(person) + 1

    def _accept(
        self, message: Outgoing, name: str, facts: Facts, reading: Reading, effects: Effects
    ) -> Message:
        trouble = self._world.trouble("sms", facts.to, effects)
        fate, code = _fate(trouble)
        made = Message(
            provider="infobip",
            provider_message_id=name,
            channel="sms",
            attempt=facts.attempt or None,
            account=facts.account or None,
            to=facts.to,
            sender=message.sender,
            text=message.content.text,
            at=reading.at,
            clock_exact=reading.exact,
            status="pending",
            fate=fate,
            error=code,
            reached=fate == "delivered",
            callback=message.webhooks.delivery.url,
        )
        self._world.deliver(made)
        return made

    # What Infobip tells

    async def _report(self, message: Message, effect: Effect | None) -> None:
        """The one final report (intermediate ones were not asked for)."""
        await asyncio.sleep(self._world.settings.callback_delay)
        message.status = message.fate
        self._world.record.update(message)
        fault = effect.fault if effect else None
        if fault is Fault.CALLBACK_FORGED and message.callback:
            await self._forge(message, message.callback)
        if fault in (Fault.SILENT, Fault.CALLBACK_LOST):
            return
        if fault is Fault.CALLBACK_LATE:
            late = timedelta(seconds=self._world.faults.plan.late_seconds)
            self._world.plan(Intent(Kind.CALLBACK, message.at + late, {}), message)
            return
        for _ in range(2 if fault is Fault.CALLBACK_DOUBLE else 1):
            with self._world.poster.tolerant():
                await self.tell_last(message)

    async def tell_last(self, message: Message) -> None:
        """Post the final report."""
        if message.callback:
            await self._world.poster.post(*_posted(message.callback, _report_of(message)))

    async def _forge(self, message: Message, callback: str) -> None:
        """A report of the opposite, to an address with a digest that nobody gave out."""
        lie = "undelivered" if message.reached else "delivered"
        said = _report_of(message.model_copy(update={"status": lie}))
        forged = httpx.URL(callback).copy_merge_params({"token": "0" * 64})
        await self._world.poster.post_forged(*_posted(str(forged), said))

    # What people say

    @staticmethod
    def inbound_id(digits: str) -> str:
        """The id of what somebody says, of its digits."""
        return digits[:18]

    async def say(
        self, asked: Message, text: str, at: datetime, digits: str, *, exact: bool = True
    ) -> str:
        """An inbound message in answer to one of ours. Infobip heeds no STOP by itself."""
        world, name = self._world, self.inbound_id(digits)
        if name not in world.record.messages:
            world.record.add(asked.answer(name, text, at, exact=exact))
        if world.settings.infobip_inbound_url is None:
            return "nobody listens"
        url, content, headers = _posted(
            world.settings.infobip_inbound_url,
            {
                "messageId": name,
                "from": asked.to.removeprefix("+"),
                "to": asked.sender,
                "text": text,
                "cleanText": text,
                "receivedAt": at.isoformat(timespec="milliseconds"),
                "smsCount": 1,
            },
        )
        password = world.settings.infobip_webhook_secret.get_secret_value()
        basic = base64.b64encode(f"infobip:{password}".encode()).decode()
        await world.poster.post(url, content, {**headers, "Authorization": f"Basic {basic}"})
        return "said"


def _facts(message: Outgoing) -> Facts:
    to = message.destinations[0]
    query = parse_qs(urlsplit(message.webhooks.delivery.url or "").query)
    return Facts(
        provider="infobip",
        channel="sms",
        to=f"+{to.to.removeprefix('+')}",
        from_=message.sender,
        attempt=query.get(names.ATTEMPT_PARAM, [to.message_id or ""])[0],
        account=query.get(names.ACCOUNT_PARAM, [""])[0],
    )


def _answer(name: str, number: int, to: str) -> Response:
    one = {"messageId": name, "status": status(number), "destination": to}
    return json_answer({"bulkId": name[:19], "messages": [one]})


def _fate(trouble: Effect | None) -> tuple[str, int | None]:
    """What becomes of it, and the error of its report."""
    match trouble.fault if trouble else None:
        case Fault.UNDELIVERED | Fault.FAILED:
            code = trouble.number(30003) if trouble else 30003
            return "undelivered", OF_TWILIO.get(code, code)
        case Fault.BLOCKED:
            return "undelivered", 561
        case _:
            return "delivered", None


def _between(messages: list[Message], query: Mapping[str, str]) -> list[Message]:
    """Those sent in the time that a query names."""
    since = datetime.fromisoformat(query.get("sentSince", "1970-01-01T00:00:00Z"))
    until = datetime.fromisoformat(query.get("sentUntil", "9999-01-01T00:00:00Z"))
    return [one for one in messages if since <= one.at <= until]


def _report_of(message: Message) -> Json:
    number = {"delivered": 5, "undelivered": 9}.get(message.status, 26)
    code = message.error if number == 9 else 0
    return {
        "bulkId": message.provider_message_id[:19],
        "messageId": message.provider_message_id,
        "to": message.to.removeprefix("+"),
        "destination": message.to.removeprefix("+"),
        "sender": message.sender,
        "sentAt": message.at.isoformat(timespec="milliseconds"),
        "status": status(number),
        "error": {"groupId": 0, "id": code, "name": "x", "permanent": False},
    }


def _posted(url: str, result: Json) -> tuple[str, bytes, dict[str, str]]:
    body = json.dumps({"results": [result]}, ensure_ascii=False).encode()
    return url, body, {"Content-Type": "application/json"}


def _path(parts: tuple[Any, ...]) -> str:
    """``messages[0].destinations[0].to``, as violations name a field."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return text.removeprefix(".")
