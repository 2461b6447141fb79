"""Infobip's webhooks: delivery reports, and what customers write.

A report is genuine by its address: it carries a digest of the attempt that only we can make and
only Infobip was told. Inbound messages come to one address for all, with a password (basic
authentication, https://www.infobip.com/docs/developer-resources/security/security-best-practices).
"""

import base64
import binascii
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from hmac import compare_digest
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from activities.channels import infobip_sms
from config.settings import Settings
from domain.channels import Channel
from domain.conversation.keywords import Keywords, classify
from domain.failures import BadInput
from domain.names import ACCOUNT_PARAM, ATTEMPT_PARAM, INFOBIP_INBOUND, INFOBIP_STATUS
from store.provider_events import Notice, ProviderEvents
from workers.clock import Clock
from workers.gateway.requests import body, clean, each, refuse, workflow

Tell = Callable[[Notice], Awaitable[None]]
Latest = Callable[[Sequence[str]], Awaitable[datetime]]

log = logging.getLogger(__name__)


class InfobipDesk:
    """The routes of one provider; the gateway lends what all share."""

    def __init__(
        self,
        settings: Settings,
        callbacks: ProviderEvents,
        clock: Clock,
        keywords: Keywords,
        *,
        latest: Latest,
        tell: Tell,
    ) -> None:
        secret = settings.infobip_webhook_secret
        self._secret = secret.get_secret_value() if secret else ""
        self._callbacks, self._clock, self._keywords = callbacks, clock, keywords
        self._latest, self._tell = latest, tell

    def routes(self) -> list[Route]:
        """What Infobip calls."""
        return [
            Route(INFOBIP_STATUS, self.infobip_status, methods=["POST"]),
            Route(INFOBIP_INBOUND, self.infobip_inbound, methods=["POST"]),
        ]

    async def infobip_status(self, request: Request) -> Response:
        """The delivery reports of one attempt.

        https://www.infobip.com/docs/api/channels/sms/sms-messaging/logs-and-status-reports/
        receive-outbound-sms-message-reports-v3
        """
        attempt = clean(request.query_params.get(ATTEMPT_PARAM, ""))
        given = request.query_params.get(infobip_sms.TOKEN_PARAM, "")
        if not self._secret or not compare_digest(
            given.encode(), infobip_sms.token(self._secret, attempt).encode()
        ):
            refuse(request, "infobip", self._secret)
        results = _results(await body(request))
        at = await self._clock.now(workflow(request.query_params.get(ACCOUNT_PARAM)))

        async def take(report: object) -> None:
            if not isinstance(report, dict) or report.get("messageId") != attempt:
                raise BadInput("messageId: not the attempt of this address")
            found = infobip_sms.outcome(report)
            status = report.get("status")
            number = status.get("id") if isinstance(status, dict) else None
            told = await self._callbacks.delivery(
                *("infobip", f"{attempt}:{number}", attempt, found.status, attempt),
                *(found.code, found.kind, at),
            )
            await self._tell(told)

        await each(results, take)
        return Response(status_code=200)

    async def infobip_inbound(self, request: Request) -> Response:
        """Messages that customers wrote.

        https://www.infobip.com/docs/api/channels/sms/sms-messaging/inbound-sms/
        receive-inbound-sms-messages
        """
        password = _password(request.headers.get("authorization", ""))
        if not self._secret or not compare_digest(password, self._secret.encode()):
            refuse(request, "infobip", self._secret)
        await each(_results(await body(request)), self._inbound)
        return Response(status_code=200)

    async def _inbound(self, message: object) -> None:
        if not isinstance(message, dict):
            raise BadInput("not an object")
        for name in ("messageId", "from", "text"):
            if not isinstance(message.get(name), str):
                raise BadInput(f"{name}: missing or not a text")
        # Numbers come without the plus of E.164.
        address = "+" + clean(message["from"]).removeprefix("+")
        text, name = clean(message["text"]), clean(message["messageId"])
        intent = classify(text, self._keywords)
        at = await self._latest(await self._callbacks.open_workflows(Channel.SMS, address))
        told = await self._callbacks.inbound(
            "infobip", name, Channel.SMS, address, text, intent, at
        )
        if not told.found:
            log.warning("inbound %s (%s) is from an address of no customer", name, intent)
        await self._tell(told)


def _results(raw: bytes) -> list[Any]:
    try:
        found = json.loads(raw)
    except ValueError:
        raise BadInput("the body is not JSON") from None
    results = found.get("results") if isinstance(found, dict) else None
    if not isinstance(results, list):
        raise BadInput("results: missing or not an array")
    return results


def _password(header: str) -> bytes:
    """The password of basic authentication; empty for anything else."""
    scheme, _, encoded = header.partition(" ")
    try:
        user = base64.b64decode(encoded, validate=True) if scheme.lower() == "basic" else b""
    except (binascii.Error, ValueError):
        return b""
    return user.partition(b":")[2]
