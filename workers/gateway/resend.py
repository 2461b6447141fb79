"""Resend's webhook: signed events of the mails we sent."""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from activities.channels import resend_email
from config.settings import Settings
from domain.failures import BadInput
from domain.names import RESEND_EVENTS
from store.provider_events import Notice, ProviderEvents
from workers.clock import Clock
from workers.gateway.requests import body, clean, refuse
from workers.gateway.signatures import SVIX_ID, SVIX_SIGNATURE, SVIX_TIMESTAMP, SvixKey

MAX_AGE: Final = timedelta(minutes=5)
"""As Svix's own libraries have it; a repeated delivery is signed anew."""

Tell = Callable[[Notice], Awaitable[None]]


class ResendDesk:
    """The route of one provider; the gateway lends what all share."""

    def __init__(
        self, settings: Settings, callbacks: ProviderEvents, clock: Clock, *, tell: Tell
    ) -> None:
        secret = settings.resend_webhook_secret
        self._key = SvixKey(secret) if secret else None
        self._callbacks, self._clock, self._tell = callbacks, clock, tell

    def routes(self) -> list[Route]:
        """What Resend calls."""
        return [Route(RESEND_EVENTS, self.resend_events, methods=["POST"])]

    async def resend_events(self, request: Request) -> Response:
        """One event (https://resend.com/docs/webhooks/event-types)."""
        raw, headers = await body(request), request.headers
        name, stamp = headers.get(SVIX_ID, ""), headers.get(SVIX_TIMESTAMP, "")
        if self._key is None or not self._key.signed(raw, name, stamp, headers.get(SVIX_SIGNATURE)):
            refuse(request, "resend", self._key)
        age = abs((await self._clock.now(None)).timestamp() - int(stamp))
        if age > MAX_AGE.total_seconds():
            raise HTTPException(403, "the timestamp is too old, or this clock is wrong")
        try:
            event = json.loads(raw)
        except ValueError:
            raise BadInput("the body is not JSON") from None
        data = event.get("data") if isinstance(event, dict) else None
        if not isinstance(data, dict):
            raise BadInput("data: missing or not an object")
        attempt = resend_email.attempt_in(data)
        if attempt is not None:  # else another mail of the same account
            await self._take(event, data, clean(attempt), clean(name))
        return Response(status_code=200)

    async def _take(
        self, event: dict[str, object], data: dict[str, object], attempt: str, event_id: str
    ) -> None:
        found = resend_email.outcome(event)
        sent = data.get("email_id")
        at = await self._clock.now(await self._callbacks.workflow_of(attempt))
        told = await self._callbacks.delivery(
            *("resend", event_id, attempt, found.status),
            *(clean(sent) if isinstance(sent, str) else None, found.code, found.kind, at),
        )
        await self._tell(told)
