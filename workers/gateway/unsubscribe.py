"""The unsubscribe address of e-mails: one click (RFC 8058), or the page behind the link.

A token is the attempt's, signed by us. It never stands in a log.
"""

import logging
from html import escape
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from activities.channels.unsubscribe import attempt_of
from config.settings import Settings
from domain.ledger.attempt import RefusalKind
from store.provider_events import ProviderEvents
from workers.clock import Clock
from workers.gateway.facts import UNSUBSCRIBED, DeliveryReport
from workers.gateway.flow import Flow
from workers.gateway.requests import body

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


class Unsubscribe:
    """The page, its button, and the one click of mail programs."""

    def __init__(
        self, settings: Settings, events: ProviderEvents, flow: Flow, clock: Clock
    ) -> None:
        secret = settings.unsubscribe_key
        self._key = secret.get_secret_value() if secret else ""
        self._events, self._flow, self._clock = events, flow, clock

    def routes(self) -> list[Route]:
        """All addresses."""
        return [
            Route("/u/{token}", self.unsubscribe_page, methods=["GET"]),
            Route("/u/{token}", self.unsubscribe, methods=["POST"]),
            Route("/unsubscribe", self.unsubscribe, methods=["POST"]),
        ]

    async def unsubscribe_page(self, request: Request) -> Response:
        """The page behind the link. It only asks: mail scanners follow every link by themselves."""
        token = request.path_params["token"]
        if not self._attempt_of(token):
            return _page("Unsubscribe", "This address is not valid.", status=404)
        return _page("Unsubscribe", _ASK, _FORM.format(token=escape(token)))

    async def unsubscribe(self, request: Request) -> Response:
        """One click or the page's button: consent to e-mail ends at once."""
        fields = dict(parse_qsl((await body(request)).decode("utf-8", "replace")))
        token = request.path_params.get("token") or fields.get("token", "")
        attempt = self._attempt_of(token)
        if not attempt:
            return _page("Unsubscribe", "This address is not valid.", status=404)
        at = await self._clock.now(await self._events.workflow_of(attempt))
        report = DeliveryReport(
            provider=UNSUBSCRIBED,
            # By the hour: a repeated click changes nothing, one after a new consent counts again.
            event_id=f"{attempt}@{at:%Y%m%dT%H}",
            attempt_id=attempt,
            code="one-click",
            kind=RefusalKind.CONSENT,
        )
        if not (await self._flow.take(report, at)).found:
            return _page("Unsubscribe", "This address is not valid any more.", status=404)
        return _page("Unsubscribe", _DONE)

    def _attempt_of(self, token: str) -> str | None:
        return attempt_of(self._key, token) if self._key else None


def _page(title: str, text: str, form: str = "", status: int = 200) -> Response:
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return HTMLResponse(_PAGE.format(title=title, text=text, form=form), status, headers)
