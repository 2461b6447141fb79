"""What Twilio tells: status callbacks, inbound messages and requests for TwiML, all signed.

Source: https://www.twilio.com/docs/messaging/guides/webhook-request.
"""

import asyncio
import base64
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

import httpx
from twilio.request_validator import RequestValidator

from lab.sandbox.faults import Effect, Fault
from lab.sandbox.persons.people import Intent, Kind
from lab.sandbox.providers.twilio_checks import WHATSAPP, segments
from lab.sandbox.record import Message
from lab.sandbox.seed import draw
from lab.sandbox.world import World

API: Final = "2010-04-01"
PLACES: Final = ("City", "State", "Zip", "Country")
READ: Final = 0.6
"""Share of WhatsApp messages of which a receipt tells that they were read."""
_LIES: Final = ("delivered", "undelivered")


class TwilioWebhooks:
    """Everything that Twilio posts, over one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._sid = world.settings.twilio_account_sid
        token = world.settings.twilio_auth_token.get_secret_value()
        self._validator = RequestValidator(token)  # type: ignore[no-untyped-call]

    async def call_back(self, message: Message, effect: Effect | None) -> None:
        """Tell all states of a message, as far as the fault lets them through."""
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
        await self.post(message.callback, params, (message.provider_message_id, state))

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

    async def post(self, url: str, params: dict[str, str], about: tuple[str, str]) -> None:
        """Post a signed form."""
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

    def inbound_params(self, message: Message) -> dict[str, str]:
        """What the webhook of an inbound message carries."""
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
            "NumSegments": str(segments(message.text)),
        }
        if message.service:
            params["MessagingServiceSid"] = message.service
        if message.channel == "whatsapp":
            return params | {"WaId": message.sender.removeprefix(WHATSAPP + "+"), "ProfileName": ""}
        # Blank but present, as Twilio sends them when it does not know: the signature has them.
        return params | {f"{side}{place}": "" for side in ("From", "To") for place in PLACES}
