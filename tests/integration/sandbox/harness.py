"""What the tests of the sandbox share: a gateway that checks every signature, and SDK clients."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, quote

import httpx
from sendgrid import SendGridAPIClient
from sendgrid.helpers.eventwebhook import EventWebhook, EventWebhookHeader
from sendgrid.helpers.mail import CustomArg, Mail
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from twilio.rest.api.v2010.account.message import MessageInstance

from lab.sandbox.providers.sendgrid_webhook import public_key
from lab.sandbox.settings import Settings
from lab.sandbox.world import World

OURS = "+12025550100"
ANN = "+573005550101"
BOB = "+12125550102"
MAIL = "ann@example.org"
ACCOUNT = "acme/7"
Form = dict[str, str]


class Receiver:
    """Our gateway in miniature: it takes what is signed, and refuses the rest."""

    def __init__(self) -> None:
        self.url = ""
        self._validator: Any = None
        self._events: Any = None
        self.forget()

    def forget(self) -> None:
        self.statuses: list[Form] = []
        self.inbound: list[Form] = []
        self.batches: list[list[dict[str, Any]]] = []
        self.tokens: list[str] = []
        self.refused: list[str] = []
        self.mails: list[str] = []
        """Forms of Inbound Parse, whole."""
        self.voice: list[Form] = []
        self.twiml = ["<Response><Hangup/></Response>"]
        """What calls are told, one answer after the other; the last one repeats."""
        self.down = 0
        """How many requests to answer with 503 before looking at one."""

    def trust(self, settings: Settings) -> None:
        token = settings.twilio_auth_token.get_secret_value()
        self._validator = RequestValidator(token)  # type: ignore[no-untyped-call]
        self._events = EventWebhook(public_key(settings.seed))

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/twilio/status", self._twilio, methods=["POST"]),
                Route("/twilio/inbound", self._twilio, methods=["POST"]),
                Route("/twilio/call", self._twilio, methods=["POST"]),
                Route("/sendgrid/events", self._sendgrid, methods=["POST"]),
                Route("/sendgrid/inbound", self._mail, methods=["POST"]),
            ]
        )

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for batch in self.batches for event in batch]

    def _busy(self) -> Response | None:
        if self.down <= 0:
            return None
        self.down -= 1
        return PlainTextResponse("down", 503)

    async def _twilio(self, request: Request) -> Response:
        raw = (await request.body()).decode()
        if busy := self._busy():
            return busy
        form = dict(parse_qsl(raw, keep_blank_values=True))
        path = request.url.path
        query = request.scope["query_string"].decode()
        url = self.url + path + (f"?{query}" if query else "")
        if not self._validator.validate(url, form, request.headers.get("X-Twilio-Signature", "")):
            self.refused.append(path)
            return PlainTextResponse("forged", 403)
        self.tokens.append(request.headers["I-Twilio-Idempotency-Token"])
        if path.endswith("status"):
            self.statuses.append(form | dict(request.query_params))
        elif path.endswith("call"):
            self.voice.append(form)
            answer = self.twiml.pop(0) if len(self.twiml) > 1 else self.twiml[0]
            return PlainTextResponse(answer.replace("{url}", f"{self.url}/twilio/call"))
        else:
            self.inbound.append(form)
        return PlainTextResponse("")

    async def _mail(self, request: Request) -> Response:
        self.mails.append((await request.body()).decode())
        return PlainTextResponse("")

    async def _sendgrid(self, request: Request) -> Response:
        raw = (await request.body()).decode()
        if busy := self._busy():
            return busy
        signature = request.headers[EventWebhookHeader.SIGNATURE]
        timestamp = request.headers[EventWebhookHeader.TIMESTAMP]
        if not raw.endswith("\r\n") or not self._events.verify_signature(raw, signature, timestamp):
            self.refused.append(request.url.path)
            return PlainTextResponse("forged", 403)
        self.batches.append(json.loads(raw))
        return PlainTextResponse("")


class _ToSandbox(TwilioHttpClient):
    """Twilio's own HTTP client, sent to another host."""

    def __init__(self, url: str, timeout: float) -> None:
        super().__init__(timeout=timeout)
        self._url = url

    def request(self, method: str, uri: str, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        return super().request(
            method, uri.replace("https://api.twilio.com", self._url), *args, **kwargs
        )


class Sandbox:
    """A running sandbox with a client for each of its three doors."""

    def __init__(self, url: str, settings: Settings, world: World, receiver: Receiver) -> None:
        self.url = url
        self.settings = settings
        self.world = world
        self.receiver = receiver
        self._http = httpx.Client(base_url=url, timeout=20)
        self._twilio_http: list[_ToSandbox] = []
        self.twilio = self.twilio_client()
        self.mailer = SendGridAPIClient(settings.sendgrid_api_key.get_secret_value(), host=url)
        self.mailer.client.timeout = 2

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()
        for client in self._twilio_http:
            client.session.close()  # type: ignore[union-attr]

    def twilio_client(self, token: str = "", timeout: float = 2) -> Client:
        http = _ToSandbox(self.url, timeout)
        self._twilio_http.append(http)
        token = token or self.settings.twilio_auth_token.get_secret_value()
        sid = self.settings.twilio_account_sid
        return Client(sid, token, http_client=http)  # type: ignore[no-untyped-call]

    def sms(
        self, to: str = ANN, body: str | None = "Hello", attempt: str = "a1", **more: Any
    ) -> MessageInstance:
        callback = (
            f"{self.receiver.url}/twilio/status?attempt={attempt}&account={quote(ACCOUNT, safe='')}"
        )
        told = {"from_": OURS, "status_callback": callback, **more}
        words = {} if body is None else {"body": body}
        return self.twilio.messages.create(to=to, **words, **told)

    def mail(self, to: str = MAIL, text: str = "Hello", attempt: str = "a1") -> Any:
        mail = Mail("us@example.com", to, "A subject", text)
        mail.add_custom_arg(CustomArg("contrapunto_attempt", attempt))
        mail.add_custom_arg(CustomArg("contrapunto_account", ACCOUNT))
        return self.mailer.send(mail)

    def fault(self, do: str, times: int | None = 1, **match: str) -> None:
        rules = [{"match": match, "do": do, "times": times}]
        self._http.post("/_sandbox/faults", json=rules).raise_for_status()

    def cast_one(self, address: str, persona: str) -> None:
        self._http.post("/_sandbox/people", json={address: persona}).raise_for_status()

    def get(self, path: str, **query: str) -> Any:
        answer = self._http.get(path, params=query)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, body: Any) -> httpx.Response:
        return self._http.post(path, json=body)

    def perform_all(self) -> list[dict[str, Any]]:
        ids = [entry["id"] for entry in self.get("/_sandbox/agenda")]
        results: list[dict[str, Any]] = self.post("/_sandbox/perform", {"ids": ids}).json()[
            "results"
        ]
        return results

    def settle(self) -> None:
        """Wait until no callback is under way."""
        wait_for(lambda: self.get("/_sandbox/quiet") is True)

    def received(self) -> list[dict[str, Any]]:
        assert self.settings.received_file
        if not self.settings.received_file.exists():
            return []
        lines = self.settings.received_file.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]


def wait_for(done: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "waited too long"
        threading.Event().wait(0.01)
