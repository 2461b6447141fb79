"""The unsubscribe address of e-mails: one click (RFC 8058), or the page behind the link.

A token is the attempt's, signed by us. It never stands in a log.
"""

import logging
from html import escape
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from activities.channels.unsubscribe import attempt_of, first_of
from config.secrets.rotation import both
from config.settings import Settings
from domain.channels import Channel
from domain.failures import NotFound
from domain.ledger.attempt import RefusalKind
from store.provider_events import ProviderEvents
from workers.clock import Clock
from workers.gateway.facts import UNSUBSCRIBED, DeliveryReport
from workers.gateway.flow import Flow
from workers.gateway.requests import small_form

_PAGE: Final = """<!doctype html><html><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">
<title>Unsubscribe</title></head><body style="font:18px sans-serif;max-width:32em;margin:3em auto">
<p>{text}</p>{form}</body></html>"""
_ASK: Final = "Unsubscribe from these e-mails? / ¿Dejar de recibir estos correos? / Cancelar?"
# Relative, for before the page's own /u/<token> the public address may have a path.
_FORM: Final = (
    '<form method="post" action="../unsubscribe"><input type="hidden" name="token" value="{token}">'
    '<button name="confirm" value="yes">Unsubscribe / Cancelar</button></form>'
)
_NOT_VALID: Final = (
    "This address is not valid. / Esta dirección no es válida. / Este endereço não é válido."
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
        self._keys = both(settings.unsubscribe_key, settings.unsubscribe_previous_key)
        self._events, self._flow, self._clock = events, flow, clock

    def routes(self) -> list[Route]:
        """All addresses."""
        return [
            Route("/u/{token}", self.unsubscribe_page, methods=["GET"]),
            Route("/u/{token}", self.unsubscribe_one_click, methods=["POST"]),
            Route("/unsubscribe", self.unsubscribe_button, methods=["POST"]),
        ]

    async def unsubscribe_page(self, request: Request) -> Response:
        """The page behind the link. It only asks: mail scanners follow every link by themselves."""
        token = request.path_params["token"]
        if not self._attempt_of(token):
            return _page(_NOT_VALID, status=404)
        return _page(_ASK, _FORM.format(token=escape(token)))

    async def unsubscribe_one_click(self, request: Request) -> Response:
        """What a mail program posts (RFC 8058, 3.1): never without its field, for scanners may post
        to a link, too."""
        fields = await small_form(request)
        token = request.path_params["token"]
        if self._attempt_of(token) and fields.get("List-Unsubscribe") != "One-Click":
            log.warning("refused a one-click POST without List-Unsubscribe=One-Click")
            return _page(_ASK, _FORM.format(token=escape(token)), status=400)
        return await self._unsubscribe(token)

    async def unsubscribe_button(self, request: Request) -> Response:
        """What the page's button posts."""
        fields = await small_form(request)
        if fields.get("confirm") != "yes":
            log.warning("refused a POST to the unsubscribe page that is not its button's")
            return _page(_NOT_VALID, status=400)
        return await self._unsubscribe(fields.get("token", ""))

    async def _unsubscribe(self, token: str) -> Response:
        """Consent to e-mail ends at once."""
        attempt = self._attempt_of(token)
        origin = await self._events.origin(attempt) if attempt else None
        if attempt is None or origin is None or origin.channel is not Channel.EMAIL:
            known = (
                f"attempt {attempt}, which is no e-mail of ours" if attempt else "a token not ours"
            )
            log.warning("refused to unsubscribe by %s", known)
            if attempt is not None and origin is None:
                # Signed by us: the database was restored, and has forgotten the message.
                why = NotFound("a link of ours to unsubscribe, in an e-mail that is not on record")
                await self._flow.keep_for_person(UNSUBSCRIBED, attempt, attempt, why)
            return _page(_NOT_VALID, status=404)
        at = await self._clock.now(origin.workflow)
        report = DeliveryReport(
            provider=UNSUBSCRIBED,
            # A second click says nothing new, unless the person has consented since the first.
            event_id=f"{attempt}@{origin.opt_ins}",
            attempt_id=attempt,
            code="one-click",
            kind=RefusalKind.CONSENT,
        )
        await self._flow.take(report, at)
        return _page(_DONE)

    def _attempt_of(self, token: str) -> str | None:
        return first_of(self._keys, lambda key: attempt_of(key, token))


def _page(text: str, form: str = "", status: int = 200) -> Response:
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return HTMLResponse(_PAGE.format(text=text, form=form), status, headers)
