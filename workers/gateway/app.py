"""The gateway: signed webhooks in, facts into PostgreSQL, signals to the workflows.

One rule for every route: 2xx only after the fact is stored and the workflow told. Whatever comes
a second time, late or out of order is harmless by the store's own rules.
"""

import asyncio
import json
import logging
import re
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from html import escape
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl, urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from temporalio.testing import TimeSkipper

from activities.channels import sendgrid_email, twilio_api, twilio_voice
from activities.channels.unsubscribe import attempt_of
from config.keywords import KeywordsError, load_keywords
from config.settings import Settings
from config.wording.catalogue import Wording, WordingError
from domain.channels import Channel
from domain.conversation.keywords import Intent, Keywords, classify
from domain.failures import BadInput, Misconfigured, Unavailable
from domain.ledger.attempt import AttemptState, RefusalKind
from domain.names import (
    ACCOUNT_PARAM,
    ATTEMPT_PARAM,
    CUSTOM_ARG_ACCOUNT,
    CUSTOM_ARG_ATTEMPT,
    SENDGRID_EVENTS,
    TWILIO_CALL,
    TWILIO_CALL_INBOUND,
    TWILIO_CALL_STATUS,
    TWILIO_INBOUND,
    TWILIO_STATUS,
)
from store.call_scripts import CallScripts
from store.database import Pool, connect
from store.provider_events import Notice
from telemetry import observing
from telemetry.exporters import UNWATCHED, Watch, Webhooks
from workers.accounts import Accounts
from workers.clock import Clock, FastClock, SystemClock
from workers.connection import temporal_client
from workers.gateway.call_dialogue import CallDesk
from workers.gateway.call_state import CallState
from workers.gateway.infobip import InfobipDesk
from workers.gateway.requests import body as _body
from workers.gateway.requests import clean as _clean
from workers.gateway.requests import each
from workers.gateway.requests import refuse as _refuse
from workers.gateway.requests import where as _where
from workers.gateway.requests import workflow as _workflow
from workers.gateway.resend import ResendDesk
from workers.gateway.signatures import (
    SENDGRID_HEADER,
    SENDGRID_TIMESTAMP_HEADER,
    TWILIO_HEADER,
    Form,
    SendGridKey,
    twilio_signed,
)
from workers.worker import until_told_to_stop

MAX_FIELDS: Final = 1000
NOTIFY_PENDING_EVERY: Final = 15.0
"""Seconds between looks for events of which the workflows could not be told."""

_TWIML: Final = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
_OPT_OUT_TYPES: Final = {"STOP": Intent.OPT_OUT, "START": Intent.OPT_IN, "HELP": Intent.HELP}
"""OptOutType of Advanced Opt-Out: Twilio has read the keyword, and answered it, already."""
_PAGE: Final = """<!doctype html><html><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">
<title>{title}</title></head><body style="font:18px sans-serif;max-width:32em;margin:3em auto">
<p>{text}</p>{form}</body></html>"""
_ASK: Final = "Unsubscribe from these e-mails? / ¿Dejar de recibir estos correos? / Cancelar?"
_FORM: Final = (
    '<form method="post" action="/unsubscribe"><input type="hidden" name="token" value="{token}">'
    "<button>Unsubscribe / Cancelar</button></form>"
)
_DONE: Final = (
    "You will receive no more e-mails from us. / No recibirá más correos nuestros. / "
    "Você não receberá mais nossos e-mails."
)

log = logging.getLogger(__name__)


class Workflows(Protocol):
    """What the gateway needs of Temporal: ``workers.accounts.Accounts``."""

    async def tell(self, workflow: str, signal: str, payload: Mapping[str, str]) -> bool:
        """See ``Accounts.tell``."""
        ...

    async def ask(
        self, workflow: str, update: str, payload: Mapping[str, str], *, patience: float
    ) -> Any:
        """See ``Accounts.ask``."""
        ...

    async def ping(self) -> None:
        """See ``Accounts.ping``."""
        ...


class Gateway:
    """The routes and what they share."""

    def __init__(
        self,
        settings: Settings,
        callbacks: CallScripts,
        workflows: Workflows,
        clock: Clock,
        keywords: Keywords,
        wording: Wording,
    ) -> None:
        self._settings, self._callbacks, self._workflows = settings, callbacks, workflows
        self._clock, self._keywords = clock, keywords
        self._public = _checked_public_url(settings.public_url)
        tokens = (settings.twilio_auth_token, settings.twilio_previous_auth_token)
        self._tokens = [token.get_secret_value() for token in tokens if token]
        key = settings.sendgrid_public_key
        self._sendgrid_key = SendGridKey(key) if key else None
        secret = settings.unsubscribe_key
        self._unsubscribe_key = secret.get_secret_value() if secret else ""
        self._desk = CallDesk(settings, wording, callbacks, workflows, clock, self._tell)
        self._infobip = InfobipDesk(
            settings, callbacks, clock, keywords, latest=self._latest, tell=self._tell
        )
        self._resend = ResendDesk(settings, callbacks, clock, tell=self._tell)

    def routes(self) -> list[Route]:
        """All routes of the gateway."""
        return [
            Route(TWILIO_STATUS, self.twilio_status, methods=["POST"]),
            Route(TWILIO_INBOUND, self.twilio_inbound, methods=["POST"]),
            Route(TWILIO_CALL, self.twilio_call, methods=["POST"]),
            Route(TWILIO_CALL_STATUS, self.twilio_call_status, methods=["POST"]),
            Route(TWILIO_CALL_INBOUND, self.twilio_call_inbound, methods=["POST"]),
            Route(SENDGRID_EVENTS, self.sendgrid_events, methods=["POST"]),
            *self._infobip.routes(),
            *self._resend.routes(),
            Route("/u/{token}", self.unsubscribe_page, methods=["GET"]),
            Route("/u/{token}", self.unsubscribe, methods=["POST"]),
            Route("/unsubscribe", self.unsubscribe, methods=["POST"]),
            Route("/healthz", self.healthz),
            Route("/readyz", self.readyz),
        ]

    # --- Twilio ---------------------------------------------------------------------------------

    async def twilio_status(self, request: Request) -> Response:
        """A status callback of one attempt.

        https://www.twilio.com/docs/messaging/guides/track-outbound-message-status
        """
        form = await self._twilio_form(request)
        sid = _required(form, "MessageSid", "SmsSid")
        word = _required(form, "MessageStatus", "SmsStatus").lower()
        status = twilio_api.STATUSES.get(word)
        code, kind = _clean(form.get("ErrorCode", "")) or None, None
        if status is AttemptState.UNDELIVERED:
            kind = twilio_api.kind_of(int(code) if code and code.isdecimal() else None)
        at = await self._clock.now(_workflow(request.query_params.get(ACCOUNT_PARAM)))
        attempt = _clean(request.query_params.get(ATTEMPT_PARAM, "")) or None
        told = await self._callbacks.delivery(
            "twilio", f"{sid}:{word}", attempt, status, sid, code, kind, at
        )
        await self._tell(told)
        return Response(status_code=200)

    async def twilio_inbound(self, request: Request) -> Response:
        """A message that a customer wrote, by SMS or WhatsApp.

        https://www.twilio.com/docs/messaging/guides/webhook-request
        """
        form = await self._twilio_form(request)
        sid = _required(form, "MessageSid", "SmsSid")
        sender, text = _required(form, "From"), _clean(form.get("Body", ""))
        channel = Channel.WHATSAPP if sender.startswith("whatsapp:") else Channel.SMS
        address = sender.removeprefix("whatsapp:")
        intent = _OPT_OUT_TYPES.get(form.get("OptOutType", "").upper())
        intent = intent or classify(text, self._keywords)
        at = await self._latest(await self._callbacks.open_workflows(channel, address))
        told = await self._callbacks.inbound("twilio", sid, channel, address, text, intent, at)
        if not told.found:
            log.warning("inbound %s (%s) is from an address of no customer", sid, intent)
        await self._tell(told)
        return _twiml(_TWIML)

    async def twilio_call(self, request: Request) -> Response:
        """A call of one attempt was answered, or a key was pressed in it: what is said next.

        https://www.twilio.com/docs/voice/twiml#request-parameters
        """
        form = await self._twilio_form(request)
        _required(form, "CallSid")
        attempt = _clean(request.query_params.get(ATTEMPT_PARAM, ""))
        said = {name: _clean(value) for name, value in form.items()}
        place = CallState.of(request.query_params)
        return _twiml(await self._desk.answer(attempt, said, place))

    async def twilio_call_status(self, request: Request) -> Response:
        """A status callback of one call.

        https://www.twilio.com/docs/voice/api/call-resource#statuscallback
        """
        form = await self._twilio_form(request)
        sid, word = _required(form, "CallSid"), _required(form, "CallStatus").lower()
        code = _clean(form.get("SipResponseCode", "")) or None
        state, outcome, kind = twilio_voice.outcome_of(word, form.get("AnsweredBy", ""), code or "")
        at = await self._clock.now(_workflow(request.query_params.get(ACCOUNT_PARAM)))
        attempt = _clean(request.query_params.get(ATTEMPT_PARAM, "")) or None
        told = await self._callbacks.delivery(
            "twilio", f"{sid}:{word}", attempt, state, sid, code, kind, at, outcome
        )
        await self._tell(told)
        return Response(status_code=200)

    async def twilio_call_inbound(self, request: Request) -> Response:
        """Somebody calls our number."""
        form = await self._twilio_form(request)
        _required(form, "CallSid")
        address = _required(form, "From")
        at = await self._latest(await self._callbacks.open_workflows(Channel.VOICE, address))
        said = {name: _clean(value) for name, value in form.items()}
        return _twiml(await self._desk.calling_in(said, address, at))

    async def _latest(self, workflows: Sequence[str]) -> datetime:
        """The customer's present: where time is skipped, their account that is furthest on."""
        if not workflows:
            return await self._clock.now(None)
        return max([await self._clock.now(workflow) for workflow in workflows])

    async def _twilio_form(self, request: Request) -> Form:
        """The form of a genuine request; 403 for any other."""
        body = await _body(request)
        try:
            pairs = parse_qsl(
                body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS
            )
        except ValueError:
            raise HTTPException(400, f"more than {MAX_FIELDS} fields") from None
        form = Form(pairs)
        signature = request.headers.get(TWILIO_HEADER)
        if not twilio_signed(self._tokens, self._called(request), form, signature):
            _refuse(request, "twilio", self._tokens)
        return form

    def _called(self, request: Request) -> str:
        """The URL as the provider called it: our configured one, never what proxies claim."""
        raw = request.scope.get("raw_path") or request.url.path.encode()
        query = request.scope["query_string"].decode("latin-1")
        return f"{self._public}{raw.decode('latin-1')}" + (f"?{query}" if query else "")

    # --- SendGrid -------------------------------------------------------------------------------

    async def sendgrid_events(self, request: Request) -> Response:
        """A batch of events; the good ones are done even if some are not.

        https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
        """
        body = await _body(request)
        timestamp = request.headers.get(SENDGRID_TIMESTAMP_HEADER)
        signature, key = request.headers.get(SENDGRID_HEADER), self._sendgrid_key
        if key is None or not key.signed(body, timestamp, signature):
            _refuse(request, "sendgrid", key)
        await self._check_age(timestamp or "")
        try:
            events = json.loads(body)
        except ValueError:
            raise BadInput("the body is not JSON") from None
        if not isinstance(events, list):
            raise BadInput("the body must be a JSON array of events")
        await each(events, self._event)
        return Response(status_code=200)

    async def _event(self, event: object) -> None:
        if not isinstance(event, dict):
            raise BadInput("not an object")
        for name in ("event", "sg_event_id"):
            if not isinstance(event.get(name), str) or not event[name]:
                raise BadInput(f"{name}: missing or not a text")
        attempt = event.get(CUSTOM_ARG_ATTEMPT)
        if not isinstance(attempt, str):
            return  # another mail of the same SendGrid account
        found = sendgrid_email.outcome(event)
        account = event.get(CUSTOM_ARG_ACCOUNT)
        at = await self._clock.now(_workflow(account if isinstance(account, str) else None))
        sent = event.get("sg_message_id")
        message = sendgrid_email.message_name(_clean(sent)) if isinstance(sent, str) else None
        told = await self._callbacks.delivery(
            "sendgrid",
            _clean(event["sg_event_id"]),
            _clean(attempt),
            found.status,
            message,
            found.code,
            found.kind,
            at,
        )
        await self._tell(told)

    async def _check_age(self, timestamp: str) -> None:
        """An old request is a replay: its signature never expires by itself."""
        if not re.fullmatch(r"[0-9]{1,12}", timestamp):
            raise HTTPException(403, "the timestamp is no number of seconds")
        age = abs((await self._clock.now(None)).timestamp() - int(timestamp))
        if age > self._settings.sendgrid_webhook_max_age:
            raise HTTPException(403, "the timestamp is too old, or this clock is wrong")

    # --- unsubscribing --------------------------------------------------------------------------

    async def unsubscribe_page(self, request: Request) -> Response:
        """The page behind the link. It only asks: mail scanners follow every link by themselves."""
        token = request.path_params["token"]
        if not self._attempt_of(token):
            return _page("Unsubscribe", "This address is not valid.", status=404)
        return _page("Unsubscribe", _ASK, _FORM.format(token=escape(token)))

    async def unsubscribe(self, request: Request) -> Response:
        """One click (RFC 8058) or the page's button: consent to e-mail ends at once."""
        body = await _body(request)
        fields = dict(parse_qsl(body.decode("utf-8", "replace")))
        token = request.path_params.get("token") or fields.get("token", "")
        attempt = self._attempt_of(token)
        if not attempt:
            return _page("Unsubscribe", "This address is not valid.", status=404)
        at = await self._clock.now(await self._callbacks.workflow_of(attempt))
        # By the hour: a repeated click changes nothing, one after a new consent counts again.
        told = await self._callbacks.delivery(
            "unsubscribe",
            f"{attempt}@{at:%Y%m%dT%H}",
            attempt,
            None,
            None,
            "one-click",
            RefusalKind.CONSENT,
            at,
        )
        if not told.found:
            log.error("attempt %s unsubscribed, but is not known here", attempt)
            return _page("Unsubscribe", "This address is not valid any more.", status=404)
        await self._tell(told)
        return _page("Unsubscribe", _DONE)

    def _attempt_of(self, token: str) -> str | None:
        return attempt_of(self._unsubscribe_key, token) if self._unsubscribe_key else None

    # --- telling --------------------------------------------------------------------------------

    async def notify_pending(self) -> int:
        """Tell the workflows what they could not be told before; how many events that was."""
        waiting = await self._callbacks.pending()
        for told in waiting:
            await self._tell(told)
        return len(waiting)

    async def _tell(self, told: Notice) -> None:
        if told.done:
            return
        name = _message_id(told)
        for workflow in told.failed:
            payload = {"id": name, "attempt_id": told.attempt_id or ""}
            await self._workflows.tell(workflow, "delivery_failed", payload)
        for workflow in told.wrote:
            payload = {"id": name, "channel": told.channel or "", "intent": told.intent}
            await self._workflows.tell(workflow, "message_received", payload)
        if told.wakes:
            await self._callbacks.mark_notified(told.provider, told.event_id)

    # --- health ---------------------------------------------------------------------------------

    async def healthz(self, _: Request) -> Response:
        """The process lives."""
        return JSONResponse({"status": "ok"})

    async def readyz(self, _: Request) -> Response:
        """PostgreSQL and Temporal answer."""
        checks: dict[str, Callable[[], Any]] = {
            "postgres": self._callbacks.ping,
            "temporal": self._workflows.ping,
        }
        answers = await asyncio.gather(*(ask() for ask in checks.values()), return_exceptions=True)
        said = {}
        for name, answer in zip(checks, answers, strict=True):
            if isinstance(answer, BaseException) and not isinstance(answer, Unavailable):
                raise answer
            said[name] = str(answer) if answer else "ok"
        ready = all(word == "ok" for word in said.values())
        return JSONResponse(said, status_code=200 if ready else 503)


def build(
    settings: Settings,
    pool: Pool,
    workflows: Workflows,
    clock: Clock,
    keywords: Keywords,
    wording: Wording,
) -> Starlette:
    """The ASGI application; its ``state.gateway`` can tell again what was left untold.

    Raises Misconfigured for an unusable public URL or verification key.
    """
    gateway = Gateway(settings, CallScripts(pool), workflows, clock, keywords, wording)
    app = Starlette(
        routes=gateway.routes(),
        exception_handlers={
            HTTPException: _on_http,
            BadInput: _on_bad_input,
            Unavailable: _on_unavailable,
            Misconfigured: _on_unavailable,
            ClientDisconnect: _on_disconnect,
        },
    )
    app.state.gateway = gateway
    return app


async def run(settings: Settings, watch: Watch = UNWATCHED) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are finished first."""
    url = settings.database()
    keys = (settings.twilio_auth_token, settings.sendgrid_public_key)
    if not any((*keys, settings.infobip_webhook_secret, settings.resend_webhook_secret)):
        raise Misconfigured(
            "the gateway would refuse every webhook: set TWILIO_AUTH_TOKEN, SENDGRID_PUBLIC_KEY, "
            "CONTRAPUNTO_INFOBIP_WEBHOOK_SECRET or RESEND_WEBHOOK_SECRET"
        )
    try:
        keywords = load_keywords()
        wording = Wording.load(settings.templates)
    except (KeywordsError, WordingError) as error:
        raise Misconfigured(str(error)) from error
    client = await temporal_client(**watch.client_options)
    clock: Clock = FastClock(TimeSkipper(client)) if settings.fast_time else SystemClock()
    async with connect(url, settings.database_pool) as pool:
        app = build(settings, pool, Accounts(client), clock, keywords, wording)
        if observing.tracing():
            app.add_middleware(Webhooks)
        retelling = asyncio.create_task(_notify_pending_for_ever(app.state.gateway))
        try:
            await _serve(app, settings.gateway_host, settings.gateway_port)
        finally:
            retelling.cancel()
            with suppress(asyncio.CancelledError):
                await retelling


class _Server(uvicorn.Server):
    """uvicorn, except that signals are ours: its own handling ends the process before we close."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _serve(app: Starlette, host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family)
    except OSError as error:
        raise Misconfigured(
            f"the gateway cannot listen on {host}:{port} ({error.strerror}): set "
            "CONTRAPUNTO_GATEWAY_HOST and CONTRAPUNTO_GATEWAY_PORT"
        ) from error
    server = _Server(
        uvicorn.Config(
            app,
            access_log=False,  # its lines would hold unsubscribe tokens
            log_config=None,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=20,
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    stopping = asyncio.create_task(until_told_to_stop())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    stopping.cancel()
    await serving


async def _notify_pending_for_ever(gateway: Gateway) -> None:
    while True:
        try:
            again = await gateway.notify_pending()
        except Unavailable as error:
            log.warning("could not tell the workflows again: %s", error)
        else:
            if again:
                log.info("told the workflows of %d events left over", again)
        await asyncio.sleep(NOTIFY_PENDING_EVERY)


def _twiml(text: str) -> Response:
    return Response(text, media_type="text/xml", headers={"Cache-Control": "no-store"})


def _required(form: Form, *names: str) -> str:
    for name in names:
        if value := _clean(form.get(name, "")).strip():
            return value
    raise BadInput(f"{names[0]}: missing or blank")


def _message_id(told: Notice) -> str:
    """Id of the signals: the same at every repetition, within what ``MessageId`` allows."""
    return re.sub(r"\s", "_", f"{told.provider}:{told.event_id}")[:128]


def _checked_public_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise Misconfigured("CONTRAPUNTO_PUBLIC_URL must be an http(s) address without a query")
    return url.rstrip("/")


def _page(title: str, text: str, form: str = "", status: int = 200) -> Response:
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return HTMLResponse(_PAGE.format(title=title, text=text, form=form), status, headers)


async def _on_http(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) else ""
    return JSONResponse({"error": detail}, status)


async def _on_bad_input(request: Request, error: Exception) -> Response:
    log.warning("bad input at %s: %s", _where(request), error)
    return JSONResponse({"error": str(error)}, 400)


async def _on_unavailable(request: Request, error: Exception) -> Response:
    log.error("503 at %s: %s", _where(request), error)
    return JSONResponse({"error": str(error)}, 503, {"Retry-After": "5"})


async def _on_disconnect(_: Request, __: Exception) -> Response:
    return Response(status_code=400)
