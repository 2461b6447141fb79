"""Stand-in for Twilio's Messages resource, its status callbacks and its inbound messages.

Sources: the Message resource of the API 2010-04-01 (twilio/twilio-oai, spec/json/twilio_api_v2010),
https://www.twilio.com/docs/messaging/guides/webhook-request for what webhooks carry,
https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out for STOP,
https://www.twilio.com/docs/api/errors for the codes.
"""

import base64
import binascii
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Final
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lab.sandbox.faults import Effects, Facts, Fault
from lab.sandbox.providers.twilio_checks import (
    WHATSAPP,
    channel_of,
    facts_of,
    fate_of,
    segments,
    variables,
    wrong_files,
    wrong_recipient,
    wrong_sender,
    wrong_text,
)
from lab.sandbox.providers.twilio_errors import RefusedError, failure, server_failure
from lab.sandbox.providers.twilio_webhooks import API, TwilioWebhooks
from lab.sandbox.record import Json, Message
from lab.sandbox.wire import after, broken_before, json_answer
from lab.sandbox.world import World

OPT_OUT_WORDS: Final = frozenset(
    ("STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "REVOKE", "OPTOUT", "CANCEL")
)
"""What Twilio itself heeds, before anybody configures anything."""
OPT_IN_WORDS: Final = frozenset(["START", "YES", "UNSTOP"])
_PLACE: Final = re.compile(r"\{\{(\d+)\}\}")


class TwilioApi:
    """The Messages endpoints over one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._sid = world.settings.twilio_account_sid
        self._token = world.settings.twilio_auth_token.get_secret_value()
        self.webhooks = TwilioWebhooks(world)
        self._base = f"/{API}/Accounts/{self._sid}"

    def routes(self) -> list[Route]:
        """What a client calls."""
        base = f"/{API}/Accounts/{{account}}/Messages"
        return [
            Route(f"/{API}/Accounts/{{account}}.json", self.account, methods=["GET"]),
            Route(f"{base}.json", self.create, methods=["POST"]),
            Route(f"{base}.json", self.search, methods=["GET"]),
            Route(f"{base}/{{sid}}.json", self.fetch, methods=["GET"]),
        ]

    # What a client asks

    async def account(self, request: Request) -> Response:
        """`GET Accounts/{sid}.json`: the account itself, active."""
        try:
            self.authenticate(request)
        except RefusedError as refusal:
            return refusal.response()
        return json_answer({"sid": self._sid, "status": "active", "type": "Full"})

    async def create(self, request: Request) -> Response:
        """`POST Messages.json`: a message is accepted, or not, or nobody can tell."""
        try:
            self.authenticate(request)
            given = await request.form()
            form = {key: str(value) for key, value in given.items()}
            files = [str(one) for one in given.getlist("MediaUrl")]
            facts = facts_of(form)
            reading = await self._world.clock.now(facts.account or None)
            effects = self._world.faults.take(facts, reading.at)
            if broken := self.before(effects, form):
                return broken
            self._validate(form, facts.channel)
            if code := wrong_files(form, files):
                raise RefusedError(code)
            message = self._accept(form, facts, reading.at, reading.exact, effects)
            message.attachments = [{"url": one} for one in files]
            self._world.record.update(message)
        except RefusedError as refusal:
            return refusal.response()
        whole = json_answer(self._resource(message), 201)
        calling = self.webhooks.call_back(message, effects.get("callbacks"))
        self._world.poster.background(calling, message.account)
        return await after(
            effects.get("answer"), whole, server_failure, self._world.settings.hang_seconds
        )

    async def search(self, request: Request) -> Response:
        """`GET Messages.json` with To, From, PageSize and PageToken; newest first."""
        return await self.listed(request, "Messages", voice=False, shown=self._resource)

    async def listed(
        self, request: Request, name: str, *, voice: bool, shown: Callable[[Message], Json]
    ) -> Response:
        """A page of messages or of calls."""
        query = request.query_params
        channel = "voice" if voice else channel_of(query.get("To", ""))
        facts = Facts(op="list", provider="twilio", channel=channel)
        facts = facts.model_copy(update={"to": query.get("To", ""), "from_": query.get("From", "")})
        try:
            self.authenticate(request)
            if broken := await self._lookup(facts):
                return broken
            size = min(max(int(query.get("PageSize", "50")), 1), 1000)
            start = int(query.get("PageToken") or 0)
        except RefusedError as refusal:
            return refusal.response()
        except ValueError:
            return failure(20001, 400)
        found = [m for m in await self._matching(query) if (m.channel == "voice") is voice]
        page, rest = found[start : start + size], found[start + size :]
        shared = {k: v for k, v in query.items() if k not in ("PageToken", "Page")}
        following = {**shared, "Page": str(start // size + 1), "PageToken": str(start + size)}
        uri = f"{self._base}/{name}.json"
        return json_answer(
            {
                name.lower(): [shown(message) for message in page],
                "end": start + max(len(page) - 1, 0),
                "first_page_uri": f"{uri}?{urlencode({**shared, 'Page': '0'})}",
                "next_page_uri": f"{uri}?{urlencode(following)}" if rest else None,
                "page": start // size,
                "page_size": size,
                "previous_page_uri": None,
                "start": start,
                "uri": f"{uri}?{urlencode(shared)}",
            }
        )

    async def fetch(self, request: Request) -> Response:
        """`GET Messages/{sid}.json`."""
        message = self._world.record.messages.get(request.path_params["sid"])
        try:
            self.authenticate(request)
            facts = Facts(op="fetch", provider="twilio", to=message.to if message else "")
            if broken := await self._lookup(facts):
                return broken
            if message is None or message.provider != "twilio" or message.channel == "voice":
                raise RefusedError(20404)
        except RefusedError as refusal:
            return refusal.response()
        return json_answer(self._resource(message))

    def authenticate(self, request: Request) -> None:
        """Raises RefusedError for anybody but our account."""
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        try:
            given = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            raise RefusedError(20003) from None
        right = f"{self._sid}:{self._token}".encode()
        if scheme.lower() != "basic" or not secrets.compare_digest(given, right):
            raise RefusedError(20003)
        if request.path_params["account"] != self._sid:
            raise RefusedError(20404)

    def before(self, effects: Effects, about: Mapping[str, str]) -> Response | None:
        """The answer to a request that a fault keeps from being accepted; None: go on."""
        effect = effects.get("answer")
        settings = self._world.settings
        if effect is None:
            return None
        match effect.fault:
            case Fault.REFUSE:
                to, sender = about.get("To", ""), about.get("From", "")
                raise RefusedError(effect.number(21211), to=to, sender=sender)
            case Fault.TOO_MANY:
                raise RefusedError(20429)
            case Fault.FAIL_BEFORE:
                return server_failure(effect.number(500))
            case _:
                return broken_before(effect, settings.hang_seconds)

    async def _lookup(self, facts: Facts) -> Response | None:
        reading = await self._world.clock.now(None)
        return self.before(self._world.faults.take(facts, reading.at), {"To": facts.to})

    def _validate(self, form: Mapping[str, str], channel: str) -> None:
        to, sender = form.get("To", ""), form.get("From", "")
        about = {"to": to, "sender": sender, "callback": form.get("StatusCallback", "")}
        code = wrong_text(form) or wrong_sender(form, self._world.settings.senders)
        if not to:
            code = 21604
        code = code or wrong_recipient(to, sender, channel)
        if not code and (callback := form.get("StatusCallback")):
            parts = urlsplit(callback)
            code = 0 if parts.scheme in ("http", "https") and parts.hostname else 21609
        if not code and self._opted_out(to, sender or form.get("MessagingServiceSid", "")):
            code = 21610
        code = code or self._wrong_template(form)
        if code:
            raise RefusedError(code, **about)

    def _wrong_template(self, form: Mapping[str, str]) -> int:
        """A ContentSid that nobody approved, or variables that do not fill its places."""
        sid = form.get("ContentSid")
        if not sid:
            return 0
        body = self._world.settings.content.get(sid)
        if body is None:
            return 21655
        filled = variables(form)
        right = filled is not None and set(_PLACE.findall(body)) == filled.keys()
        return 0 if right and all(filled.values() if filled else ()) else 21656

    def _accept(
        self, form: Mapping[str, str], facts: Facts, at: datetime, exact: bool, effects: Effects
    ) -> Message:
        to, world = form["To"], self._world
        trouble = world.trouble(facts.channel, to, effects)
        if trouble and trouble.fault is Fault.REFUSE:
            raise RefusedError(trouble.number(21211), to=to, sender=facts.from_)
        fate, error = fate_of(trouble)
        if self._outside_window(form, at):
            fate, error = "undelivered", 63016
        service = form.get("MessagingServiceSid")
        text = self._words(form)
        message = Message(
            provider="twilio",
            provider_message_id="SM" + world.name("sms", to, world.record.tries(to) + 1)[:32],
            channel=facts.channel,
            attempt=facts.attempt or None,
            account=facts.account or None,
            to=to,
            sender=form.get("From") or service or "",
            text=text,
            at=at,
            clock_exact=exact,
            status="accepted" if service else "queued",
            fate=fate,
            error=error,
            reached=fate == "delivered",
            callback=form.get("StatusCallback") or None,
            service=service or None,
        )
        world.deliver(message)
        return message

    def _words(self, form: Mapping[str, str]) -> str:
        """What the person reads: a template's places are filled in."""
        body = self._world.settings.content.get(form.get("ContentSid", ""))
        filled = variables(form) or {}
        if body is not None:
            return _PLACE.sub(lambda place: filled.get(place[1], ""), body)
        return form.get("Body", "")

    def _outside_window(self, form: Mapping[str, str], at: datetime) -> bool:
        """WhatsApp takes free text only within 24 hours of the person's own last message."""
        to = form["To"]
        if not to.startswith(WHATSAPP) or form.get("ContentSid"):
            return False
        wrote = (m.at for m in self._world.record.of(to) if m.direction == "in")
        return not any(at - timedelta(hours=24) < moment <= at for moment in wrote)

    async def _matching(self, query: Mapping[str, str]) -> list[Message]:
        record = self._world.record
        everybody = record.of(query["To"]) if "To" in query else list(record.messages.values())
        if "To" in query and not everybody:  # messages *to us* are filed under their sender
            everybody = list(record.messages.values())
        found = await self._world.shown(
            message
            for message in everybody
            if message.provider == "twilio"
            and query.get("To", message.to) == message.to
            and query.get("From", message.sender) == message.sender
        )
        found.reverse()  # the later of two at the same moment comes first
        found.sort(key=lambda message: message.at, reverse=True)
        return found

    def _resource(self, message: Message) -> Json:
        """The Message resource; it shows neither StatusCallback nor anything of ours."""
        uri = f"{self._base}/Messages/{message.provider_message_id}"
        waiting = message.status in ("accepted", "queued")
        failed = message.status in ("failed", "undelivered")
        created = format_datetime(message.at)
        return {
            "account_sid": self._sid,
            "api_version": API,
            "body": message.text,
            "date_created": created,
            "date_sent": None if waiting else created,
            "date_updated": created,
            "direction": "outbound-api" if message.direction == "out" else "inbound",
            "error_code": message.error if failed else None,
            "error_message": None,
            "from": message.sender,
            "messaging_service_sid": message.service,
            "num_media": str(len(message.attachments)),
            "num_segments": str(segments(message.text)),
            "price": None,
            "price_unit": "USD",
            "sid": message.provider_message_id,
            "status": message.status,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": message.to,
            "uri": f"{uri}.json",
        }

    # What people say

    def _opted_out(self, person: str, sender: str) -> bool:
        return bool(self._world.state.get("opt_out", f"{person}|{sender}"))

    @staticmethod
    def inbound_id(digits: str) -> str:
        """The id of what somebody says, of its digits."""
        return "SM" + digits[:32]

    async def say(
        self, asked: Message, text: str, at: datetime, digits: str, *, exact: bool = True
    ) -> str:
        """An inbound message in answer to one of ours."""
        world = self._world
        to = asked.sender if asked.service is None else world.settings.default_sender
        sid = self.inbound_id(digits)
        if sid not in world.record.messages:
            said = asked.answer(sid, text, at, exact=exact)
            said.to, said.service = to, asked.service
            world.record.add(said)
        if asked.channel == "sms":
            self._heed(asked.to, asked.sender, text)
        if world.settings.inbound_sms_url is None:
            return "nobody listens"
        params = self.webhooks.inbound_params(world.record.messages[sid])
        await self.webhooks.post(world.settings.inbound_sms_url, params, (sid, "received"))
        return "said"

    def _heed(self, person: str, sender: str, text: str) -> None:
        word = text.strip().upper()
        if word in OPT_OUT_WORDS:
            self._world.state.put("opt_out", f"{person}|{sender}", True)
        elif word in OPT_IN_WORDS:
            self._world.state.put("opt_out", f"{person}|{sender}", None)
