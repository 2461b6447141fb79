"""Stand-in for Twilio's Messages resource, its status callbacks and its inbound messages.

Sources: the Message resource of the API 2010-04-01 (twilio/twilio-oai, spec/json/twilio_api_v2010),
https://www.twilio.com/docs/messaging/guides/webhook-request for what webhooks carry,
https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out for STOP,
https://www.twilio.com/docs/api/errors for the codes.
"""

import asyncio
import base64
import binascii
import json
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import phonenumbers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from twilio.request_validator import RequestValidator

from domain import names
from lab.sandbox.faults import Effect, Effects, Facts, Fault
from lab.sandbox.persons.agenda import Action
from lab.sandbox.persons.people import Intent, Kind
from lab.sandbox.record import Json, Message
from lab.sandbox.seed import draw
from lab.sandbox.wire import after, broken_before, json_answer
from lab.sandbox.world import World

API: Final = "2010-04-01"
MESSAGES: Final = {
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    20500: "Internal Server Error",
    20503: "Service Unavailable",
    21205: "Url is not a valid URL.",
    21211: "Invalid 'To' Phone Number: {to}",
    21212: "Invalid From Number (caller ID): {sender}",
    21602: "Message body is required.",
    21603: "A 'From' phone number is required.",
    21604: "A 'To' phone number is required.",
    21606: "The 'From' phone number {sender} is not a valid message-capable Twilio phone number",
    21609: "The 'StatusCallback' URL {callback} is not a valid URL.",
    21610: "Attempt to send to unsubscribed recipient",
    21614: "To number: {to}, is not a mobile number",
    21617: "The concatenated message body exceeds the 1600 character limit",
    21218: "Timeout is out of range.",
    21655: "The ContentSid is invalid.",
    21656: "The ContentVariables parameter is invalid.",
    21910: "Invalid 'From' and 'To' pair. 'From' and 'To' should be of the same channel",
    90007: "Validity Period is out of range. Must be between 1 and 36000 seconds.",
}
HTTP_STATUS: Final = {20003: 401, 20404: 404, 20429: 429, 20500: 500, 20503: 503}
OPT_OUT_WORDS: Final = frozenset(
    ("STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "REVOKE", "OPTOUT", "CANCEL")
)
"""What Twilio itself heeds, before anybody configures anything."""
OPT_IN_WORDS: Final = frozenset(["START", "YES", "UNSTOP"])
PLACES: Final = ("City", "State", "Zip", "Country")
WHATSAPP: Final = "whatsapp:"
READ: Final = 0.6
"""Share of WhatsApp messages of which a receipt tells that they were read."""
_PLACE: Final = re.compile(r"\{\{(\d+)\}\}")


class RefusedError(Exception):
    """The API says no, with one of its codes."""

    def __init__(self, code: int, **about: str) -> None:
        super().__init__(code)
        self.code = code
        self.about = about

    def response(self) -> Response:
        """The error as Twilio writes it."""
        return failure(self.code, HTTP_STATUS.get(self.code, 400), **self.about)


class _About(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def failure(code: int, status: int, **about: str) -> Response:
    """Twilio's error document."""
    message = MESSAGES.get(code, "Error").format_map(_About(about))
    more = f"https://www.twilio.com/docs/errors/{code}"
    error = {"code": code, "message": message, "more_info": more, "status": status}
    return json_answer(error, status)


def server_failure(status: int) -> Response:
    """Twilio's 5xx."""
    return failure(20503 if status == 503 else 20500, status)


class TwilioApi:
    """The Messages endpoints over one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._sid = world.settings.twilio_account_sid
        token = world.settings.twilio_auth_token.get_secret_value()
        self._token = token
        self._validator = RequestValidator(token)  # type: ignore[no-untyped-call]
        world.performs("twilio", Kind.REPLY, self._reply)
        self._base = f"/{API}/Accounts/{self._sid}"

    def routes(self) -> list[Route]:
        """What a client calls."""
        base = f"/{API}/Accounts/{{account}}/Messages"
        return [
            Route(f"{base}.json", self.create, methods=["POST"]),
            Route(f"{base}.json", self.search, methods=["GET"]),
            Route(f"{base}/{{sid}}.json", self.fetch, methods=["GET"]),
        ]

    # What a client asks

    async def create(self, request: Request) -> Response:
        """`POST Messages.json`: a message is accepted, or not, or nobody can tell."""
        try:
            self.authenticate(request)
            form = {key: str(value) for key, value in (await request.form()).items()}
            facts = facts_of(form)
            reading = await self._world.clock.now(facts.account or None)
            effects = self._world.faults.take(facts, reading.at)
            if broken := self.before(effects, form):
                return broken
            self._validate(form, facts.channel)
            message = self._accept(form, facts, reading.at, reading.exact, effects)
        except RefusedError as refusal:
            return refusal.response()
        whole = json_answer(self._resource(message), 201)
        calling = self._call_back(message, effects.get("callbacks"))
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
        channel = "voice" if voice else _channel(query.get("To", ""))
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
        code = _wrong_text(form) or _wrong_sender(form, self._world.settings.senders)
        if not to:
            code = 21604
        code = code or _wrong_recipient(to, sender, channel)
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
        filled = _variables(form)
        right = filled is not None and set(_PLACE.findall(body)) == filled.keys()
        return 0 if right and all(filled.values() if filled else ()) else 21656

    def _accept(
        self, form: Mapping[str, str], facts: Facts, at: datetime, exact: bool, effects: Effects
    ) -> Message:
        to, world = form["To"], self._world
        trouble = world.trouble(facts.channel, to, effects)
        if trouble and trouble.fault is Fault.REFUSE:
            raise RefusedError(trouble.number(21211), to=to, sender=facts.from_)
        fate, error = _fate(trouble)
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
        filled = _variables(form) or {}
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
            "num_media": "0",
            "num_segments": str(_segments(message.text)),
            "price": None,
            "price_unit": "USD",
            "sid": message.provider_message_id,
            "status": message.status,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": message.to,
            "uri": f"{uri}.json",
        }

    # What Twilio tells

    async def _call_back(self, message: Message, effect: Effect | None) -> None:
        wanted = self._world.settings.callback_states
        path = (
            ["queued", message.fate]
            if message.fate == "failed"
            else ["queued", "sent", message.fate]
        )
        states = [state for state in path if state in wanted or state == message.fate]
        fault = effect.fault if effect else None
        if fault is Fault.CALLBACK_REORDER:
            states.reverse()
        await asyncio.sleep(self._world.settings.callback_delay)
        # What becomes of the message does not wait for whoever listens to its callbacks.
        message.status = message.fate
        self._world.record.update(message)
        if fault is Fault.CALLBACK_FORGED:
            await self.forge(message)
        for number, state in enumerate(states):
            if number:
                await asyncio.sleep(self._world.settings.callback_delay)
            await self.reach(message, state, fault)
        if message.channel == "whatsapp" and message.reached and self._reads(message):
            await self.reach(message, "read", fault)

    def _reads(self, message: Message) -> bool:
        """Whether the person has read receipts on, and reads it."""
        return draw(self._world.settings.seed, "reads", message.provider_message_id) < READ

    async def reach(self, message: Message, state: str, fault: Fault | None) -> None:
        """Tell a state, as far as the fault lets it through."""
        final = state == message.fate
        if fault is Fault.SILENT or (final and fault is Fault.CALLBACK_LOST):
            return
        if final and fault is Fault.CALLBACK_LATE:
            late = timedelta(seconds=self._world.faults.plan.late_seconds)
            intent = Intent(Kind.CALLBACK, message.at + late, {"state": state})
            self._world.plan(intent, message)
            return
        for _ in range(2 if fault is Fault.CALLBACK_DOUBLE else 1):
            with self._world.poster.tolerant():  # the next state is told whatever became of this
                await self.tell(message, state)

    async def tell(self, message: Message, state: str) -> None:
        """Post one status callback."""
        if message.callback is None:
            return
        params = self._status(message, state)
        await self._post(message.callback, params, (message.provider_message_id, state))

    def call_params(self, call: Message, state: str) -> dict[str, str]:
        """What every request about a call carries."""
        params = {
            "CallSid": call.provider_message_id,
            "CallStatus": state,
            "To": call.to,
            "From": call.sender,
            "AccountSid": self._sid,
            "ApiVersion": API,
            "Direction": "outbound-api" if call.direction == "out" else "inbound",
        }
        if call.answered_by and state in ("in-progress", "completed"):
            params["AnsweredBy"] = call.answered_by
        if call.sip and state == call.fate:
            params["SipResponseCode"] = call.sip
        return params

    async def fetch_twiml(self, url: str, params: dict[str, str], about: tuple[str, str]) -> str:
        """Ask for TwiML, as Twilio does when somebody answers or presses a key."""
        return await self._world.poster.fetch(*self._signed(url, params, about))

    def _status(self, message: Message, state: str) -> dict[str, str]:
        if message.channel == "voice":
            return self.call_params(message, state)
        sid = message.provider_message_id
        params = {
            "MessageSid": sid,
            "SmsSid": sid,
            "MessageStatus": state,
            "SmsStatus": state,
            "To": message.to,
            "From": message.sender,
            "AccountSid": self._sid,
            "ApiVersion": API,
        }
        if message.service:
            params["MessagingServiceSid"] = message.service
        if state in ("failed", "undelivered") and message.error:
            params["ErrorCode"] = str(message.error)
        if state in ("delivered", "undelivered"):
            params["RawDlrDoneDate"] = message.at.strftime("%y%m%d%H%M")
        if message.channel == "whatsapp":
            params |= {"ChannelPrefix": "whatsapp", "ChannelToAddress": message.to}
        if state == "read":
            params["EventType"] = "READ"
        return params

    async def forge(self, message: Message) -> None:
        """Post the opposite of what is true, with a wrong signature."""
        if message.callback is None:
            return
        true, other = ("completed", "failed") if message.channel == "voice" else _LIES
        lie = other if message.reached else true
        params = self._status(message, lie)
        url, content, headers = self._signed(message.callback, params, ("forged", lie))
        headers["X-Twilio-Signature"] = base64.b64encode(b"\0" * 20).decode()
        await self._world.poster.post_forged(url, content, headers)

    async def _post(self, url: str, params: dict[str, str], about: tuple[str, str]) -> None:
        await self._world.poster.post(*self._signed(url, params, about))

    def _signed(
        self, url: str, params: dict[str, str], about: tuple[str, str]
    ) -> tuple[str, bytes, dict[str, str]]:
        url = str(httpx.URL(url))  # sign what will stand in the request line
        token = self._world.name("idempotency", *about)
        return (
            url,
            urlencode(params).encode(),
            {
                "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
                "User-Agent": "TwilioProxy/1.1",
                "X-Twilio-Signature": self._signature(url, params),
                # The same on a repeated delivery, so that receivers can drop it.
                "I-Twilio-Idempotency-Token": "-".join(
                    (token[:8], token[8:12], token[12:16], token[16:20], token[20:32])
                ),
            },
        )

    def _signature(self, url: str, params: dict[str, str]) -> str:
        return str(self._validator.compute_signature(url, params))  # type: ignore[no-untyped-call]

    # What people say

    def _opted_out(self, person: str, sender: str) -> bool:
        return bool(self._world.state.get("opt_out", f"{person}|{sender}"))

    async def _reply(self, action: Action) -> str:
        """Somebody answers: Twilio heeds STOP first, then posts the message to us."""
        asked = self._world.record.messages[action.message]
        text = str(action.details["text"])
        reading = await self._world.clock.now(action.account)
        return await self.say(
            asked, text, reading.at, self._world.name("inbound", action.id), exact=reading.exact
        )

    async def say(
        self, asked: Message, text: str, at: datetime, digits: str, *, exact: bool = True
    ) -> str:
        """An inbound message in answer to one of ours."""
        world = self._world
        to = asked.sender if asked.service is None else world.settings.default_sender
        sid = "SM" + digits[:32]
        if sid not in world.record.messages:
            world.record.add(
                Message(
                    provider="twilio",
                    provider_message_id=sid,
                    channel=asked.channel,
                    direction="in",
                    account=asked.account,
                    to=to,
                    sender=asked.to,
                    text=text,
                    at=at,
                    clock_exact=exact,
                    status="received",
                    fate="received",
                    service=asked.service,
                )
            )
        if asked.channel == "sms":
            self._heed(asked.to, asked.sender, text)
        if world.settings.inbound_sms_url is None:
            return "nobody listens"
        params = self._inbound(world.record.messages[sid])
        await self._post(world.settings.inbound_sms_url, params, (sid, "received"))
        return "said"

    def _heed(self, person: str, sender: str, text: str) -> None:
        word = text.strip().upper()
        if word in OPT_OUT_WORDS:
            self._world.state.put("opt_out", f"{person}|{sender}", True)
        elif word in OPT_IN_WORDS:
            self._world.state.put("opt_out", f"{person}|{sender}", None)

    def _inbound(self, message: Message) -> dict[str, str]:
        sid = message.provider_message_id
        params = {
            "MessageSid": sid,
            "SmsMessageSid": sid,
            "SmsSid": sid,
            "SmsStatus": "received",
            "AccountSid": self._sid,
            "ApiVersion": API,
            "From": message.sender,
            "To": message.to,
            "Body": message.text,
            "NumMedia": "0",
            "NumSegments": str(_segments(message.text)),
        }
        if message.service:
            params["MessagingServiceSid"] = message.service
        if message.channel == "whatsapp":
            return params | {"WaId": message.sender.removeprefix(WHATSAPP + "+"), "ProfileName": ""}
        # Blank but present, as Twilio sends them when it does not know: the signature has them.
        return params | {f"{side}{place}": "" for side in ("From", "To") for place in PLACES}


_LIES: Final = ("delivered", "undelivered")


def _variables(form: Mapping[str, str]) -> dict[str, str] | None:
    """ContentVariables; None for what is no JSON object of texts."""
    try:
        found = json.loads(form.get("ContentVariables") or "{}")
    except ValueError:
        return None
    plain = isinstance(found, dict) and all(isinstance(v, str) for v in found.values())
    return found if plain else None


def _channel(address: str) -> str:
    return "whatsapp" if address.startswith(WHATSAPP) else "sms"


def facts_of(form: Mapping[str, str]) -> Facts:
    """What faults go by."""
    query = parse_qs(urlsplit(form.get("StatusCallback", "")).query)
    return Facts(
        provider="twilio",
        channel=_channel(form.get("To", "")),
        to=form.get("To", ""),
        from_=form.get("From", "") or form.get("MessagingServiceSid", ""),
        attempt=query.get(names.ATTEMPT_PARAM, [""])[0],
        account=query.get(names.ACCOUNT_PARAM, [""])[0],
    )


def _wrong_text(form: Mapping[str, str]) -> int:
    if not (form.get("Body") or form.get("MediaUrl") or form.get("ContentSid")):
        return 21602
    if len(form.get("Body", "")) > 1600:
        return 21617
    if (validity := form.get("ValidityPeriod")) is not None:
        whole = re.fullmatch(r"\d{1,6}", validity)
        return 0 if whole and 1 <= int(validity) <= 36000 else 90007
    return 0


def _wrong_sender(form: Mapping[str, str], senders: tuple[str, ...]) -> int:
    if form.get("MessagingServiceSid"):
        return 0
    if not (sender := form.get("From")):
        return 21603
    number = sender.removeprefix(WHATSAPP)
    if senders:
        return 0 if sender in senders else 21606
    name = re.fullmatch(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}", number)
    short = re.fullmatch(r"\d{5,6}", number)
    return 0 if name or short or number_of(number) else 21212


def _wrong_recipient(to: str, sender: str, channel: str) -> int:
    if sender and channel != _channel(sender):
        return 21910
    number = number_of(to.removeprefix(WHATSAPP))
    if number is None:
        return 21211
    fixed = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.FIXED_LINE
    return 21614 if fixed and channel == "sms" else 0


def number_of(text: str) -> Any | None:
    """A possible number in E.164; it need not be assigned: numbers reserved for fiction are not."""
    if not re.fullmatch(r"\+[1-9]\d{6,14}", text):
        return None
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_possible_number(number) else None


def _fate(trouble: Effect | None) -> tuple[str, int | None]:
    match trouble.fault if trouble else None:
        case Fault.UNDELIVERED:
            return "undelivered", trouble.number(30003) if trouble else None
        case Fault.FAILED:
            return "failed", trouble.number(30008) if trouble else None
        case Fault.BLOCKED:
            return "undelivered", 30007
        case _:
            return "delivered", None


def _segments(text: str) -> int:
    """Segments of an SMS, near enough: 160 septets alone, 153 joined; 70 and 67 in UCS-2."""
    one, more = (160, 153) if text.isascii() else (70, 67)
    return 1 if len(text) <= one else -(-len(text) // more)
