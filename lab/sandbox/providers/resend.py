"""Stand-in for Resend's emails and its signed webhook.

Sources: https://resend.com/docs/api-reference/emails/send-email (resend/resend-openapi),
https://resend.com/docs/dashboard/emails/idempotency-keys,
https://resend.com/docs/webhooks/event-types and
https://docs.svix.com/receiving/verifying-payloads/how-manual for the signature.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lab.sandbox import names
from lab.sandbox.clock import Reading, wall
from lab.sandbox.faults import Effect, Effects, Facts, Fault
from lab.sandbox.persons.agenda import Action
from lab.sandbox.persons.people import Intent, Kind
from lab.sandbox.providers.mail_answers import MailAnswers
from lab.sandbox.providers.sendgrid_mail import Attached
from lab.sandbox.record import Json, Message
from lab.sandbox.wire import after, json_answer, refused_before
from lab.sandbox.world import World

NAMES: Final = {
    400: "validation_error",
    401: "missing_api_key",
    403: "invalid_api_key",
    409: "invalid_idempotent_request",
    422: "validation_error",
    429: "rate_limit_exceeded",
    500: "application_error",
}
ACTS: Final = {Kind.UNSUBSCRIBE: "complained", Kind.SPAM_REPORT: "complained", Kind.OPEN: "opened"}
"""Resend knows no unsubscribe of its own for single mails: who wants out complains."""


class Tag(BaseModel):
    """A pair that every event brings back."""

    model_config = ConfigDict(extra="ignore")

    name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,256}$")
    value: str = Field(pattern=r"^[A-Za-z0-9_-]{1,256}$")


class Mail(BaseModel):
    """The body of a send, as far as the stand-in reads it."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    sender: str = Field(alias="from", pattern=r"@[^@\s]+\.")
    to: list[str] = Field(min_length=1, max_length=1)
    subject: str
    text: str = ""
    html: str = ""
    tags: list[Tag] = []
    headers: dict[str, str] = {}
    attachments: list[Attached] = []

    @property
    def tagged(self) -> dict[str, str]:
        """The tags as events show them."""
        return {tag.name: tag.value for tag in self.tags}


def error(status: int, message: str = "refused by the sandbox") -> Response:
    """Resend's error document."""
    name = NAMES.get(status, "application_error")
    return json_answer({"statusCode": status, "name": name, "message": message}, status)


class ResendApi:
    """Emails over one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.answers = MailAnswers(world, "resend", self._tell_received)
        for kind in ACTS:
            world.performs("resend", kind, self._act)

    def routes(self) -> list[Route]:
        """What a client calls."""
        return [
            Route("/emails", self.send, methods=["POST"]),
            Route("/emails", self.search, methods=["GET"]),
            Route("/emails/receiving/{name}", self.received, methods=["GET"]),
            Route("/emails/{name}", self.fetch, methods=["GET"]),
        ]

    # What a client asks

    async def send(self, request: Request) -> Response:
        """`POST /emails`: under a key seen before, the first answer again and no second mail."""
        if denied := self._denied(request):
            return denied
        raw = await request.body()
        try:
            mail = Mail.model_validate_json(raw)
        except ValidationError as wrong:
            return error(422, f"Invalid `{wrong.errors()[0]['loc'][0]}` field.")
        facts = _facts(mail)
        reading = await self._world.clock.now(facts.account or None)
        effects = self._world.faults.take(facts, reading.at)
        if broken := self._before(effects):
            return broken
        if "@" not in facts.to or "." not in facts.to.partition("@")[2]:
            return error(422, "Invalid `to` field.")
        key, digest = request.headers.get("idempotency-key"), hashlib.sha256(raw).hexdigest()
        before = self._world.state.get("idempotency", key) if key else None
        if before and before["digest"] != digest:
            return error(409)
        name = before["id"] if before else self._accept(mail, facts, reading, effects)
        if key:
            self._world.state.put("idempotency", key, {"digest": digest, "id": name})
        hang = self._world.settings.hang_seconds
        return await after(effects.get("answer"), json_answer({"id": name}), error, hang)

    async def search(self, request: Request) -> Response:
        """`GET /emails?limit=&after=`: newest first, without their words."""
        if denied := self._denied(request):
            return denied
        if broken := await self._lookup("list"):
            return broken
        limit = min(max(int(request.query_params.get("limit", "20")), 1), 100)
        found = await self._world.shown(
            one for one in self._world.record.messages.values() if one.provider == "resend"
        )
        found.reverse()  # the later of two at the same moment comes first
        found.sort(key=lambda one: one.at, reverse=True)
        ids = [one.provider_message_id for one in found]
        after_id = request.query_params.get("after")
        start = ids.index(after_id) + 1 if after_id in ids else 0
        page = found[start : start + limit]
        more = start + limit < len(found)
        return json_answer(
            {"object": "list", "has_more": more, "data": [_summary(one) for one in page]}
        )

    async def fetch(self, request: Request) -> Response:
        """`GET /emails/{id}`."""
        if denied := self._denied(request):
            return denied
        if broken := await self._lookup("fetch"):
            return broken
        known = self._world.record.messages.get(request.path_params["name"])
        shown = await self._world.shown([known] if known and known.provider == "resend" else [])
        if not shown:
            return error(404, "Email not found")
        return json_answer({**_summary(shown[0]), "text": shown[0].text})

    async def received(self, request: Request) -> Response:
        """`GET /emails/receiving/{id}`: what somebody answered, with its words."""
        if denied := self._denied(request):
            return denied
        if broken := await self._lookup("fetch"):
            return broken
        mail = self.answers.kept.get(request.path_params["name"])
        return json_answer(mail) if mail else error(404, "Email not found")

    def _denied(self, request: Request) -> Response | None:
        given = request.headers.get("authorization", "")
        right = f"Bearer {self._world.settings.resend_api_key.get_secret_value()}"
        return None if secrets.compare_digest(given.encode(), right.encode()) else error(401)

    def _before(self, effects: Effects) -> Response | None:
        hang = self._world.settings.hang_seconds
        return refused_before(effects.get("answer"), error, hang)

    async def _lookup(self, op: str) -> Response | None:
        reading = await self._world.clock.now(None)
        facts = Facts(op=op, provider="resend", channel="email")
        return self._before(self._world.faults.take(facts, reading.at))

    def _accept(self, mail: Mail, facts: Facts, reading: Reading, effects: Effects) -> str:
        digits = self._world.name("resend", facts.to, self._world.record.tries(facts.to) + 1)
        parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:32])
        fate, trouble = self._fate(facts.to, effects)
        message = Message(
            provider="resend",
            provider_message_id="-".join(parts),
            channel="email",
            attempt=facts.attempt or None,
            account=facts.account or None,
            to=facts.to,
            sender=mail.sender,
            subject=mail.subject,
            text=mail.text,
            at=reading.at,
            clock_exact=reading.exact,
            status="sent",
            fate=fate,
            error=trouble,
            reached=fate == "delivered",
            custom_args=mail.tagged,
            attachments=[one.seen() for one in mail.attachments],
        )
        self._world.deliver(message)
        reporting = self._report(message, effects.get("callbacks"))
        self._world.poster.background(reporting, message.account)
        return message.provider_message_id

    def _fate(self, to: str, effects: Effects) -> tuple[str, str | None]:
        if self._world.state.get("suppressed", to.lower()):
            return "suppressed", None
        trouble = self._world.trouble("email", to, effects)
        match trouble.fault if trouble else None:
            case Fault.UNDELIVERED:
                self._world.state.put("suppressed", to.lower(), "bounce")
                return "bounced", "Permanent/General"
            case Fault.FAILED:
                return "failed", None
            case Fault.BLOCKED:
                return "bounced", "Transient/ContentRejected"
            case _:
                return "delivered", None

    # What Resend tells

    async def _report(self, message: Message, effect: Effect | None) -> None:
        fault = effect.fault if effect else None
        path = ["sent", message.fate]
        if fault is Fault.CALLBACK_REORDER:
            path.reverse()
        await asyncio.sleep(self._world.settings.callback_delay)
        message.status = message.fate
        self._world.record.update(message)
        if fault is Fault.CALLBACK_FORGED:
            await self._forge(message)
        for name in path:
            if fault is Fault.SILENT or (name == message.fate and fault is Fault.CALLBACK_LOST):
                continue
            if name == message.fate and fault is Fault.CALLBACK_LATE:
                late = timedelta(seconds=self._world.faults.plan.late_seconds)
                self._world.plan(Intent(Kind.CALLBACK, message.at + late, {}), message)
                continue
            for _ in range(2 if fault is Fault.CALLBACK_DOUBLE else 1):
                with self._world.poster.tolerant():
                    await self.tell(message, name, message.at)

    async def tell_last(self, message: Message) -> None:
        """Post the final event, the one that came late."""
        await self.tell(message, message.fate, message.at)

    async def tell(self, message: Message, name: str, at: datetime) -> None:
        """Post one event, signed."""
        if url := self._world.settings.resend_events_url:
            body = _event(message, name, at)
            await self._world.poster.post(url, body, self._signed(message, name, body))

    async def _tell_received(self, data: Json, at: datetime) -> None:
        """Post that a mail came in, signed: without its words."""
        if url := self._world.settings.resend_events_url:
            event = {"type": "email.received", "created_at": at.isoformat(), "data": data}
            body = json.dumps(event, ensure_ascii=False).encode()
            headers = self._signed_as(str(data["email_id"]), "received", body)
            await self._world.poster.post(url, body, headers)

    async def _forge(self, message: Message) -> None:
        if url := self._world.settings.resend_events_url:
            lie = "bounced" if message.reached else "delivered"
            body = _event(message, lie, message.at)
            headers = self._signed(message, f"forged {lie}", body)
            headers["svix-signature"] = "v1," + base64.b64encode(b"\0" * 32).decode()
            await self._world.poster.post_forged(url, body, headers)

    def _signed(self, message: Message, name: str, body: bytes) -> dict[str, str]:
        return self._signed_as(message.provider_message_id, name, body)

    def _signed_as(self, about: str, name: str, body: bytes) -> dict[str, str]:
        """https://docs.svix.com/receiving/verifying-payloads/how-manual."""
        key = f"msg_{self._world.name('svix', about, name)[:27]}"
        stamp = str(int(wall().timestamp()))
        secret = self._world.settings.resend_webhook_secret.get_secret_value()
        raw = base64.b64decode(secret.removeprefix("whsec_"))
        mac = hmac.new(raw, f"{key}.{stamp}.".encode() + body, hashlib.sha256).digest()
        return {
            "Content-Type": "application/json",
            "svix-id": key,
            "svix-timestamp": stamp,
            "svix-signature": f"v1,{base64.b64encode(mac).decode()}",
        }

    # What people do

    async def _act(self, action: Action) -> str:
        """Somebody opens a mail, or complains about it: suppressed first, then told."""
        message = self._world.record.messages[action.message]
        if action.kind is not Kind.OPEN:
            self._world.state.put("suppressed", message.to.lower(), action.kind.value)
        reading = await self._world.clock.now(action.account)
        await self.tell(message, ACTS[action.kind], reading.at)
        if action.kind is not Kind.OPEN:
            await self._world.heed(action.id, message, action.kind.value, "stop")
        return "told" if self._world.settings.resend_events_url else "nobody listens"


def _facts(mail: Mail) -> Facts:
    tags = mail.tagged
    return Facts(
        provider="resend",
        channel="email",
        to=parseaddr(mail.to[0])[1],
        from_=mail.sender,
        attempt=tags.get(names.CUSTOM_ARG_ATTEMPT, ""),
        account=names.from_tag(tags.get(names.CUSTOM_ARG_ACCOUNT, "")),
    )


def _summary(message: Message) -> Json:
    return {
        "object": "email",
        "id": message.provider_message_id,
        "to": [message.to],
        "from": message.sender,
        "created_at": message.at.strftime("%Y-%m-%d %H:%M:%S.%f+00"),
        "subject": message.subject,
        "last_event": message.status,
    }


def _event(message: Message, name: str, at: datetime) -> bytes:
    data: Json = {
        "email_id": message.provider_message_id,
        "created_at": message.at.isoformat(),
        "from": message.sender,
        "to": [message.to],
        "subject": message.subject,
        "tags": message.custom_args,
    }
    if name == "bounced":
        kind, _, sub = str(message.error or "Permanent/General").partition("/")
        data["bounce"] = {"message": "it came back", "type": kind, "subType": sub}
    event = {"type": f"email.{name}", "created_at": at.isoformat(), "data": data}
    return json.dumps(event, ensure_ascii=False).encode()
