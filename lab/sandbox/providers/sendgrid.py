"""Stand-in for SendGrid's mail send, its signed event webhook and its e-mail logs.

Sources: twilio/sendgrid-oai (spec/json/tsg_mail_v3, tsg_logs_v3) and
https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event for the events and
https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
for the signature: ECDSA over P-256 and SHA-256 of the timestamp and the raw body.
"""

import asyncio
import base64
import json
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domain import names
from lab.sandbox.clock import Reading, wall
from lab.sandbox.faults import Effect, Effects, Facts, Fault
from lab.sandbox.persons.agenda import Action
from lab.sandbox.persons.people import Intent, Kind
from lab.sandbox.persons.reading import plain
from lab.sandbox.record import Json, Message
from lab.sandbox.seed import digest
from lab.sandbox.wire import after, broken_before, json_answer
from lab.sandbox.world import World

SIGNATURE_HEADER: Final = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP_HEADER: Final = "X-Twilio-Email-Event-Webhook-Timestamp"
P256_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
DROP_REASONS: Final = {
    "bounce": "Bounced Address",
    "unsubscribe": "Unsubscribed Address",
    "spamreport": "Spam Reporting Address",
}


class Address(BaseModel):
    """An e-mail address in a mail send body."""

    model_config = ConfigDict(extra="ignore")

    email: str
    name: str | None = None


class Personalization(BaseModel):
    """One envelope of a mail send body."""

    model_config = ConfigDict(extra="ignore")

    to: list[Address] = Field(min_length=1)
    subject: str | None = None
    custom_args: dict[str, str] = {}


class Content(BaseModel):
    """One part of a mail send body."""

    model_config = ConfigDict(extra="ignore")

    type: str
    value: str


class Mail(BaseModel):
    """The mail send body, as far as the stand-in reads it."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    personalizations: list[Personalization]
    sender: Address = Field(alias="from")
    subject: str | None = None
    content: list[Content] = []
    template_id: str | None = None
    custom_args: dict[str, str] = {}
    categories: list[str] = []

    def text(self) -> str:
        """What its reader reads: the plain part, else the HTML as text."""
        for part in self.content:
            if part.type == "text/plain":
                return part.value
        return "\n".join(plain(part.value) for part in self.content)


def private_key(seed: int) -> ec.EllipticCurvePrivateKey:
    """The event webhook's key pair: the same for the same seed."""
    number = int(digest(seed, "sendgrid event webhook"), 16) % (P256_ORDER - 1) + 1
    return ec.derive_private_key(number, ec.SECP256R1())


def public_key(seed: int) -> str:
    """The verification key as SendGrid shows it: base64 of the DER, without the PEM lines."""
    der = (
        private_key(seed)
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return base64.b64encode(der).decode()


def errors(status: int, message: str, field: str | None = None) -> Response:
    """SendGrid's error document."""
    body = {"errors": [{"message": message, "field": field, "help": None}]}
    headers = {}
    if status == 429:
        reset = str(int(wall().timestamp()) + 1)
        headers = {"X-RateLimit-Limit": "600", "X-RateLimit-Remaining": "0"}
        headers["X-RateLimit-Reset"] = reset
    return json_answer(body, status, headers)


def server_failure(status: int) -> Response:
    """SendGrid's 5xx."""
    return errors(status, "internal error" if status == 500 else "service unavailable")


class SendGridApi:
    """Mail send and logs over one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._key = private_key(world.settings.seed)
        for kind in (Kind.UNSUBSCRIBE, Kind.SPAM_REPORT, Kind.OPEN):
            world.performs("sendgrid", kind, self._act)

    def routes(self) -> list[Route]:
        """What a client calls."""
        return [
            Route("/v3/mail/send", self.send, methods=["POST"]),
            Route("/v3/logs", self.search, methods=["POST"]),
            Route("/v3/logs/{sg_message_id}", self.log, methods=["GET"]),
        ]

    # What a client asks

    async def send(self, request: Request) -> Response:
        """`POST /v3/mail/send`: 202 says accepted, never delivered."""
        if denied := self._denied(request):
            return denied
        mail = _read(await request.body())
        if isinstance(mail, Response):
            return mail
        facts = _facts(mail)
        reading = await self._world.clock.now(facts.account or None)
        effects = self._world.faults.take(facts, reading.at)
        if broken := self._before(effects):
            return broken
        messages, message_id = self._accept(mail, facts, reading, effects)
        whole = Response(status_code=202, headers={"X-Message-Id": message_id})
        for message in messages:
            report = self._report(message, effects.get("callbacks"))
            self._world.poster.background(report, message.account)
        hang = self._world.settings.hang_seconds
        return await after(effects.get("answer"), whole, server_failure, hang)

    async def search(self, request: Request) -> Response:
        """`POST /v3/logs`: {query, limit}; conditions joined by AND, no custom_args among them."""
        if denied := self._denied(request):
            return denied
        if broken := await self._lookup("list"):
            return broken
        try:
            body = json.loads(await request.body())
            conditions = _conditions(body.get("query", ""))
            limit = int(body.get("limit", 10))
        except (ValueError, AttributeError, TypeError) as error:
            return errors(400, f"invalid query: {error}", "query")
        if not 1 <= limit <= 1000:
            return errors(400, "limit must be between 1 and 1000", "limit")
        found = await self._world.shown(
            message
            for message in self._world.record.messages.values()
            if message.provider == "sendgrid"
            and all(_holds(message, *condition) for condition in conditions)
        )
        found.sort(key=lambda message: message.at, reverse=True)
        return json_answer({"messages": [_summary(message) for message in found[:limit]]})

    async def log(self, request: Request) -> Response:
        """`GET /v3/logs/{sg_message_id}`: one message with its events and custom_args."""
        if denied := self._denied(request):
            return denied
        if broken := await self._lookup("fetch"):
            return broken
        key = request.path_params["sg_message_id"]
        known = self._world.record.messages.get(key)
        shown = await self._world.shown([known] if known and known.provider == "sendgrid" else [])
        if not shown:
            return errors(404, "message not found")
        message = shown[0]
        detail = {
            **_summary(message),
            "api_key_id": "sandbox",
            "client_ip": "127.0.0.1",
            "custom_args": message.custom_args,
            "category": message.categories,
            "events": message.events,
        }
        return json_answer(detail)

    def _denied(self, request: Request) -> Response | None:
        given = request.headers.get("authorization", "")
        right = f"Bearer {self._world.settings.sendgrid_api_key.get_secret_value()}"
        if secrets.compare_digest(given.encode(), right.encode()):
            return None
        return errors(401, "The provided authorization grant is invalid, expired, or revoked")

    def _before(self, effects: Effects) -> Response | None:
        effect = effects.get("answer")
        if effect is None:
            return None
        match effect.fault:
            case Fault.REFUSE:
                return errors(effect.number(400), "refused by the sandbox's fault script")
            case Fault.TOO_MANY:
                return errors(429, "too many requests")
            case Fault.FAIL_BEFORE:
                return server_failure(effect.number(500))
            case _:
                return broken_before(effect, self._world.settings.hang_seconds)

    async def _lookup(self, op: str) -> Response | None:
        reading = await self._world.clock.now(None)
        facts = Facts(op=op, provider="sendgrid", channel="email")
        return self._before(self._world.faults.take(facts, reading.at))

    def _accept(
        self, mail: Mail, facts: Facts, reading: Reading, effects: Effects
    ) -> tuple[list[Message], str]:
        world, first = self._world, mail.personalizations[0].to[0].email
        digits = world.name("email", first, world.record.tries(first) + 1)
        message_id = base64.urlsafe_b64encode(bytes.fromhex(digits))[:22].decode()
        messages: list[Message] = []
        for envelope in mail.personalizations:
            args = mail.custom_args | envelope.custom_args
            for to in envelope.to:
                fate, error = self._fate(to.email, effects)
                suffix = f".filter{len(messages):04d}-{digits[44:48]}-{digits[48:56].upper()}-0"
                message = Message(
                    provider="sendgrid",
                    provider_message_id=message_id + suffix,
                    channel="email",
                    attempt=args.get(names.CUSTOM_ARG_ATTEMPT) or facts.attempt or None,
                    account=args.get(names.CUSTOM_ARG_ACCOUNT) or facts.account or None,
                    to=to.email,
                    sender=mail.sender.email,
                    subject=envelope.subject or mail.subject,
                    text=mail.text(),
                    at=reading.at,
                    clock_exact=reading.exact,
                    status="processed",
                    fate=fate,
                    error=error,
                    reached=fate == "delivered",
                    custom_args=args,
                    categories=mail.categories,
                )
                world.deliver(message)
                messages.append(message)
        return messages, message_id

    def _fate(self, to: str, effects: Effects) -> tuple[str, str | None]:
        suppressed = self._world.state.get("suppressed", to.lower())
        if suppressed:
            return "dropped", DROP_REASONS[suppressed]
        trouble = self._world.trouble("email", to, effects)
        match trouble.fault if trouble else None:
            case Fault.UNDELIVERED:
                self._world.state.put("suppressed", to.lower(), "bounce")
                return (
                    "bounced",
                    "550 5.1.1 The email account that you tried to reach does not exist",
                )
            case Fault.FAILED:
                return "dropped", "Invalid"
            case Fault.BLOCKED:
                return "blocked", "421 4.7.0 Message temporarily rejected by the receiving server"
            case _:
                return "delivered", None

    # What SendGrid tells

    async def _report(self, message: Message, effect: Effect | None) -> None:
        dropped = message.fate == "dropped"
        path = ["dropped"] if dropped else ["processed", _event_name(message.fate)]
        events = [self._event(message, name, number) for number, name in enumerate(path)]
        fault = effect.fault if effect else None
        if fault is Fault.CALLBACK_FORGED:
            await self._forge(message)
        await asyncio.sleep(self._world.settings.callback_delay)
        message.status, message.events = message.fate, events
        self._world.record.update(message)
        for batch in self._batches(message, events, fault):
            with self._world.poster.tolerant():
                await self.post(batch)

    def _batches(
        self, message: Message, events: list[Json], fault: Fault | None
    ) -> Sequence[list[Json]]:
        """What is posted, in order; SendGrid puts what it has into one request."""
        match fault:
            case Fault.SILENT:
                return []
            case Fault.CALLBACK_LOST:
                return [events[:-1]] if events[:-1] else []
            case Fault.CALLBACK_DOUBLE:
                return [events, events]
            case Fault.CALLBACK_REORDER:
                return [[event] for event in reversed(events)]
            case Fault.CALLBACK_LATE:
                late = timedelta(seconds=self._world.faults.plan.late_seconds)
                self._world.plan(Intent(Kind.CALLBACK, message.at + late, {}), message)
                return [events[:-1]] if events[:-1] else []
            case _:
                return [events]

    async def tell_last(self, message: Message) -> None:
        """Post the last event of a message, the one that came late."""
        await self.post(message.events[-1:])

    def _event(self, message: Message, name: str, number: int, at: datetime | None = None) -> Json:
        """One event as the webhook carries it; custom_args first, as SendGrid's own fields win."""
        moment = at or message.at + timedelta(seconds=number)
        key = digest(self._world.settings.seed, message.provider_message_id, name, number)
        event: Json = {
            **message.custom_args,
            "email": message.to,
            "timestamp": int(moment.timestamp()),
            "event": name,
            "sg_event_id": base64.urlsafe_b64encode(bytes.fromhex(key))[:22].decode(),
            "sg_message_id": message.provider_message_id,
            "smtp-id": f"<{message.provider_message_id.partition('.')[0]}@sandbox.invalid>",
        }
        if message.categories:
            event["category"] = message.categories
        if name == "delivered":
            event["response"] = "250 2.0.0 OK"
        if name in ("bounce", "dropped"):
            event["reason"] = message.error
        if name == "bounce":
            blocked = message.fate == "blocked"
            event["type"] = "blocked" if blocked else "bounce"
            event["status"] = "4.7.0" if blocked else "5.1.1"
            event["bounce_classification"] = "Reputation" if blocked else "Invalid Address"
        return event

    def sign(self, events: list[Json]) -> tuple[bytes, dict[str, str]]:
        """The body of a webhook request and its headers."""
        body = (json.dumps(events, ensure_ascii=False) + "\r\n").encode()
        timestamp = str(int(wall().timestamp()))
        signature = self._key.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        return body, {
            "Content-Type": "application/json",
            "User-Agent": "SendGrid Event API",
            SIGNATURE_HEADER: base64.b64encode(signature).decode(),
            TIMESTAMP_HEADER: timestamp,
        }

    async def post(self, events: list[Json]) -> None:
        """Post a batch of events, signed."""
        if url := self._world.settings.sendgrid_events_url:
            await self._world.poster.post(url, *self.sign(events))

    async def _forge(self, message: Message) -> None:
        url = self._world.settings.sendgrid_events_url
        if url is None:
            return
        lie = self._event(message, "bounce" if message.reached else "delivered", 99)
        body, headers = self.sign([lie])
        stranger = private_key(self._world.settings.seed + 1)
        stamp = headers[TIMESTAMP_HEADER].encode()
        forged = stranger.sign(stamp + body, ec.ECDSA(hashes.SHA256()))
        headers[SIGNATURE_HEADER] = base64.b64encode(forged).decode()
        await self._world.poster.post_forged(url, body, headers)

    # What people do

    async def _act(self, action: Action) -> str:
        """Somebody opens, unsubscribes or reports: suppressed first, then told."""
        world = self._world
        message = world.record.messages[action.message]
        name = action.kind.value
        if action.kind is not Kind.OPEN:
            world.state.put("suppressed", message.to.lower(), name)
        reading = await world.clock.now(action.account)
        events = [event for event in message.events if event["event"] == name]
        event = events[0] if events else self._event(message, name, 9, reading.at)
        if not events:
            message.events = [*message.events, event]
            world.record.update(message)
        if world.settings.sendgrid_events_url is None:
            return "nobody listens"
        await self.post([event])
        return "told"


def _read(body: bytes) -> Mail | Response:
    try:
        data = json.loads(body)
    except ValueError:
        return errors(400, "Bad Request")
    if not isinstance(data, dict):
        return errors(400, "Bad Request")
    if not data.get("personalizations"):
        return errors(400, "The personalizations field is required", "personalizations")
    if not (data.get("from") or {}).get("email"):
        return errors(400, "The from object must be provided for every email send", "from.email")
    try:
        mail = Mail.model_validate(data)
    except ValueError as error:
        return errors(400, "Bad Request: " + str(error).splitlines()[1])
    return _wrong(mail) or mail


def _wrong(mail: Mail) -> Response | None:
    address = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
    if not address.fullmatch(mail.sender.email):
        return errors(400, "The from email does not contain a valid address.", "from.email")
    for number, envelope in enumerate(mail.personalizations):
        field = f"personalizations.{number}"
        if not (envelope.subject or mail.subject or mail.template_id):
            return errors(400, "The subject is required.", f"{field}.subject")
        for place, to in enumerate(envelope.to):
            if not address.fullmatch(to.email):
                message = "Does not contain a valid address."
                return errors(400, message, f"{field}.to.{place}.email")
    if not mail.template_id and not any(part.value for part in mail.content):
        message = "The content value must be a string at least one character in length."
        return errors(400, message, "content.0.value")
    return None


def _facts(mail: Mail) -> Facts:
    envelope = mail.personalizations[0]
    args = mail.custom_args | envelope.custom_args
    return Facts(
        provider="sendgrid",
        channel="email",
        to=envelope.to[0].email,
        from_=mail.sender.email,
        attempt=args.get(names.CUSTOM_ARG_ATTEMPT, ""),
        account=args.get(names.CUSTOM_ARG_ACCOUNT, ""),
    )


def _event_name(fate: str) -> str:
    return "bounce" if fate in ("bounced", "blocked") else fate


def _summary(message: Message) -> Json:
    return {
        "from_email": message.sender,
        "sg_message_id": message.provider_message_id,
        "subject": message.subject or "",
        "to_email": message.to,
        "reason": str(message.error or ""),
        "status": message.status,
        "sg_message_id_created_at": message.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


Condition = tuple[str, str, Any]
_FIELDS: Final = {
    "sg_message_id": ("=",),
    "subject": ("=",),
    "to_email": ("=",),
    "status": ("IN",),
    "reason": ("=",),
    "categories": ("IN",),
    "sg_message_id_created_at": (">=", "<=", ">", "<"),
}
_CONDITION: Final = re.compile(
    r"""\s*(?P<field>\w+)\s*(?P<op>>=|<=|=|>|<|IN\b)\s*(?P<value>
        \([^)]*\) | TIMESTAMP\s+(?:"[^"]*"|'[^']*') | "[^"]*" | '[^']*' )\s*(?:AND\b|$)""",
    re.VERBOSE,
)


def _conditions(query: str) -> list[Condition]:
    """Read the query language of the logs: `field op value AND ...`, no nesting."""
    found: list[Condition] = []
    at = 0
    while query[at:].strip():
        match = _CONDITION.match(query, at)
        if match is None:
            raise ValueError(f"cannot read {query[at:]!r}")
        field, op = match["field"], match["op"]
        if op not in _FIELDS.get(field, ()):
            raise ValueError(f"{field} {op} is not allowed")
        found.append((field, op, _operand(op, match["value"])))
        at = match.end()
    return found


def _operand(op: str, value: str) -> Any:
    strings = re.findall(r"""["']([^"']*)["']""", value)
    if op == "IN":
        return strings
    if op == "=":
        return value[1:-1]
    return datetime.fromisoformat(strings[0])


def _holds(message: Message, field: str, op: str, value: Any) -> bool:
    match field:
        case "status":
            return message.status in value
        case "categories":
            return any(category in value for category in message.categories)
        case "sg_message_id_created_at":
            at = message.at.replace(microsecond=0)
            order = (at > value) - (at < value)
            meant = {">": order > 0, "<": order < 0, ">=": order >= 0, "<=": order <= 0}
            return bool(meant[op])
        case _:
            return bool(_summary(message)[field] == value)
