"""Stand-in for SendGrid's mail send, its signed event webhook and its e-mail logs.

Sources: twilio/sendgrid-oai (spec/json/tsg_mail_v3, tsg_logs_v3).
"""

import base64
import json
import secrets
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lab.sandbox import names
from lab.sandbox.clock import Reading
from lab.sandbox.faults import Effects, Facts, Fault
from lab.sandbox.persons.agenda import Action
from lab.sandbox.persons.people import Kind
from lab.sandbox.providers.mail_answers import MailAnswers
from lab.sandbox.providers.sendgrid_logs import conditions, holds, summary
from lab.sandbox.providers.sendgrid_mail import Mail, errors, facts_of, read_mail
from lab.sandbox.providers.sendgrid_webhook import SendGridWebhook
from lab.sandbox.record import Message
from lab.sandbox.wire import after, broken_before, json_answer
from lab.sandbox.world import World

DROP_REASONS: Final = {
    "bounce": "Bounced Address",
    "unsubscribe": "Unsubscribed Address",
    "spamreport": "Spam Reporting Address",
}


def server_failure(status: int) -> Response:
    """SendGrid's 5xx."""
    return errors(status, "internal error" if status == 500 else "service unavailable")


class SendGridApi:
    """Mail send and logs over one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.webhook = SendGridWebhook(world)
        self.answers = MailAnswers(world, "sendgrid")
        for kind in (Kind.UNSUBSCRIBE, Kind.SPAM_REPORT, Kind.OPEN):
            world.performs("sendgrid", kind, self._act)

    def routes(self) -> list[Route]:
        """What a client calls."""
        return [
            Route("/v3/scopes", self.scopes, methods=["GET"]),
            Route("/v3/mail/send", self.send, methods=["POST"]),
            Route("/v3/logs", self.search, methods=["POST"]),
            Route("/v3/logs/{sg_message_id}", self.log, methods=["GET"]),
        ]

    # What a client asks

    async def scopes(self, request: Request) -> Response:
        """`GET /v3/scopes`: what the key may do."""
        return self._denied(request) or json_answer({"scopes": ["mail.send", "messages.read"]})

    async def send(self, request: Request) -> Response:
        """`POST /v3/mail/send`: 202 says accepted, never delivered."""
        if denied := self._denied(request):
            return denied
        mail = read_mail(await request.body())
        if isinstance(mail, Response):
            return mail
        facts = facts_of(mail)
        reading = await self._world.clock.now(facts.account or None)
        effects = self._world.faults.take(facts, reading.at)
        if broken := self._before(effects):
            return broken
        messages, message_id = self._accept(mail, facts, reading, effects)
        whole = Response(status_code=202, headers={"X-Message-Id": message_id})
        for message in messages:
            report = self.webhook.report(message, effects.get("callbacks"))
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
            asked = conditions(body.get("query", ""))
            limit = int(body.get("limit", 10))
        except (ValueError, AttributeError, TypeError) as error:
            return errors(400, f"invalid query: {error}", "query")
        if not 1 <= limit <= 1000:
            return errors(400, "limit must be between 1 and 1000", "limit")
        found = await self._world.shown(
            message
            for message in self._world.record.messages.values()
            if message.provider == "sendgrid"
            and all(holds(message, *condition) for condition in asked)
        )
        found.sort(key=lambda message: message.at, reverse=True)
        return json_answer({"messages": [summary(message) for message in found[:limit]]})

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
            **summary(message),
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
                    attachments=[one.seen() for one in mail.attachments],
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
        event = events[0] if events else self.webhook.event(message, name, 9, reading.at)
        if not events:
            message.events = [*message.events, event]
            world.record.update(message)
        await self.webhook.post([event])
        if action.kind is not Kind.OPEN:
            await world.heed(action.id, message, name, "stop")
        return "told" if world.settings.sendgrid_events_url else "nobody listens"
