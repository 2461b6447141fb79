"""Twilio's webhooks: delivery of messages and calls, and what customers write.

https://www.twilio.com/docs/usage/webhooks/webhooks-security. Twilio adds fields without notice, so
all of them belong to the signature and unknown ones mean nothing.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from activities.channels import twilio_api, twilio_voice
from config.secrets.rotation import both
from config.settings import Settings
from domain.channels import Channel
from domain.conversation.keywords import Intent, Keywords
from domain.conversation.media import MOST as MOST_MEDIA
from domain.conversation.media import Media
from domain.entry.addresses import canonical
from domain.failures import BadInput
from domain.ledger.attempt import AttemptState
from domain.names import (
    ACCOUNT_PARAM,
    ATTEMPT_PARAM,
    TWILIO_CALL_STATUS,
    TWILIO_INBOUND,
    TWILIO_STATUS,
)
from workers.gateway.facts import CustomerMessage, DeliveryReport, customer_message
from workers.gateway.providers.signatures import TWILIO_HEADER, twilio_signed
from workers.gateway.requests import MAX_CODE, Received, identifier, names, optional, refuse, text
from workers.gateway.webhook import Webhook

PROVIDER: Final = "twilio"
NOTHING: Final = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
"""TwiML: no answer to the customer."""
_OPT_OUT_TYPES: Final = {"STOP": Intent.OPT_OUT, "START": Intent.OPT_IN, "HELP": Intent.HELP}
"""OptOutType of Advanced Opt-Out: Twilio has read the keyword, and answered it, already."""
_WORDS: Final = (
    "Body",
    # Buttons and lists of WhatsApp and RCS: the label that was chosen, and the value behind it.
    "ButtonText",
    "ButtonPayload",
    "ListTitle",
    "ListId",
    "InteractiveData",
)
_OF_INBOUND: Final = frozenset({"receiving", "received"})
"""Statuses that only what comes in has."""
_CODE: Final = re.compile(r"[0-9]{1,6}")
_HTTPS: Final = re.compile(r"https://[!-~]{1,2000}")
_MAX_TYPE: Final = 100
"""Characters of a media type."""


class TwilioWebhook(Webhook):
    """What all of Twilio's webhooks share: a form, signed with the account's token."""

    provider = PROVIDER
    ids = ("MessageSid", "SmsSid", "CallSid")

    def __init__(self, settings: Settings) -> None:
        old = settings.twilio_previous_auth_token
        self._tokens = both(settings.twilio_auth_token, old)
        self._account = settings.twilio_account_sid

    def about(self, request: Received) -> str:
        """The attempt, and the message or call."""
        return " ".join(filter(None, (super().about(request), names(request.fields, *self.ids))))

    def authenticate(self, request: Received) -> None:
        """The signature over address and form; and the account must be ours."""
        signature = request.headers.get(TWILIO_HEADER)
        if not twilio_signed(self._tokens, request.url, request.form, signature):
            refuse(PROVIDER, self._tokens)
        if self._account and request.form.get("AccountSid") != self._account:
            raise HTTPException(403, "AccountSid: not the account of TWILIO_ACCOUNT_SID")

    def events(self, request: Received) -> Sequence[Mapping[str, str]]:
        """One form is one event."""
        return [request.fields]

    def raw(self, event: object, request: Received) -> str:
        """With what comes twice."""
        return json.dumps(request.form.multi_items())


class MessageStatus(TwilioWebhook):
    """A status callback of one attempt.

    https://www.twilio.com/docs/messaging/guides/track-outbound-message-status
    """

    name = "twilio_status"
    path = TWILIO_STATUS
    may_stop = True

    def read(self, event: object, request: Received) -> DeliveryReport:
        """Status and error code."""
        form = request.fields
        sid, word = (
            identifier(form, "MessageSid", "SmsSid"),
            _word(form, "MessageStatus", "SmsStatus"),
        )
        if word in _OF_INBOUND:
            raise BadInput(f"it is a message that somebody wrote: it belongs to {TWILIO_INBOUND}")
        status = twilio_api.STATUSES.get(word)
        code = form.get("ErrorCode", "").strip()
        kind = None
        if status is AttemptState.UNDELIVERED:
            kind = twilio_api.kind_of(int(code) if _CODE.fullmatch(code) else None)
        return DeliveryReport(
            provider=PROVIDER,
            event_id=f"{sid}:{word}",
            attempt_id=optional(request.query, ATTEMPT_PARAM),
            account=optional(request.query, ACCOUNT_PARAM),
            status=status,
            message_id=sid,
            code=code[:MAX_CODE] or None,
            kind=kind,
            **_went_to(form.get("To", "")),
        )


def _went_to(to: str) -> dict[str, Any]:
    """The channel and the address that a message went to, as ``DeliveryReport`` has them."""
    channel = Channel.WHATSAPP if _names_whatsapp(to) else Channel.SMS
    return {"channel": channel, "address": canonical(channel, to) if to else None}


def _names_whatsapp(address: str) -> bool:
    return address.strip().lower().startswith("whatsapp:")


class CallStatus(TwilioWebhook):
    """A status callback of one call.

    https://www.twilio.com/docs/voice/api/call-resource#statuscallback
    """

    name = "twilio_call_status"
    path = TWILIO_CALL_STATUS

    def read(self, event: object, request: Received) -> DeliveryReport:
        """Status, who answered, and what the network said."""
        form = request.fields
        sid, word = identifier(form, "CallSid"), _word(form, "CallStatus")
        code = form.get("SipResponseCode", "").strip()[:MAX_CODE]
        state, outcome, kind = twilio_voice.outcome_of(word, form.get("AnsweredBy", ""), code)
        return DeliveryReport(
            provider=PROVIDER,
            event_id=f"{sid}:{word}",
            attempt_id=optional(request.query, ATTEMPT_PARAM),
            account=optional(request.query, ACCOUNT_PARAM),
            status=state,
            message_id=sid,
            code=code or None,
            kind=kind,
            outcome=outcome,
        )


class InboundMessage(TwilioWebhook):
    """A message that a customer wrote, or a button they chose, by SMS or WhatsApp.

    https://www.twilio.com/docs/messaging/guides/webhook-request
    """

    name = "twilio_inbound"
    path = TWILIO_INBOUND
    may_stop = True

    def __init__(self, settings: Settings, keywords: Keywords) -> None:
        super().__init__(settings)
        self._keywords = keywords

    def read(self, event: object, request: Received) -> CustomerMessage:
        """Who wrote, and every field that carries words of theirs, however often it comes."""
        form = request.fields
        if len(set(request.every("From"))) > 1:
            raise BadInput("From: given twice, and not the same")
        channel, sender = _sender(form)
        read = (_OPT_OUT_TYPES.get(word.strip().upper()) for word in request.every("OptOutType"))
        return customer_message(
            PROVIDER,
            identifier(form, "MessageSid", "SmsSid"),
            channel,
            sender,
            (word for field in _WORDS for word in request.every(field)),
            self._keywords,
            filter(None, read),
            media=_media(request),
        )

    async def answer(self, request: Received) -> Response:
        """Nothing is said back."""
        return twiml(NOTHING)


def twiml(words: str) -> Response:
    """An answer that Twilio acts on."""
    return Response(words, media_type="text/xml", headers={"Cache-Control": "no-store"})


def _media(request: Received) -> list[Media]:
    """The files of a message, by reference: nothing of them is fetched. How many, it says itself;
    of one whose address cannot be one, that it was there."""
    said = request.fields.get("NumMedia", "").strip()
    count = min(int(said), MOST_MEDIA) if _CODE.fullmatch(said) else 0
    return [
        Media(
            url=_address(request.fields.get(f"MediaUrl{number}", "")),
            type=request.fields.get(f"MediaContentType{number}", "").strip()[:_MAX_TYPE] or None,
        )
        for number in range(count)
    ]


def _address(url: str) -> str | None:
    """An https address without blanks; else None."""
    return url if _HTTPS.fullmatch(url.strip()) else None


def _word(form: Mapping[str, str], *names: str) -> str:
    """A status, in lower case and short: it becomes part of the event's id."""
    return text(form, *names).lower()[:MAX_CODE]


def _sender(form: Mapping[str, str]) -> tuple[Channel, str]:
    """Who wrote. WhatsApp names a person by From, by WaId, or by an id of its own in From."""
    given = [form[name].strip() for name in ("From", "WaId") if form.get(name, "").strip()]
    on_whatsapp = bool(form.get("WaId")) or any(map(_names_whatsapp, given))
    channel = Channel.WHATSAPP if on_whatsapp else Channel.SMS
    numbers = [one for one in given if canonical(channel, one).startswith("+")]
    return channel, numbers[0] if numbers else identifier(form, "From", "WaId")
