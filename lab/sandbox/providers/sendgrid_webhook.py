"""SendGrid's signed event webhook.

Sources: https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event and, for the
signature (ECDSA over P-256 and SHA-256 of the timestamp and the raw body),
https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
"""

import asyncio
import base64
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from lab.sandbox.clock import wall
from lab.sandbox.faults import Effect, Fault
from lab.sandbox.persons.people import Intent, Kind
from lab.sandbox.record import Json, Message
from lab.sandbox.seed import digest
from lab.sandbox.world import World

SIGNATURE_HEADER: Final = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP_HEADER: Final = "X-Twilio-Email-Event-Webhook-Timestamp"
P256_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def private_key(seed: int) -> ec.EllipticCurvePrivateKey:
    """The event webhook's key pair: the same for the same seed."""
    number = int(digest(seed, "sendgrid event webhook"), 16) % (P256_ORDER - 1) + 1
    return ec.derive_private_key(number, ec.SECP256R1())


def public_key(seed: int) -> str:
    """The verification key as SendGrid shows it: base64 of the DER, without the PEM lines."""
    der = (
        private_key(seed)
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return base64.b64encode(der).decode()


class SendGridWebhook:
    """Everything that SendGrid posts, over one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._key = private_key(world.settings.seed)

    async def report(self, message: Message, effect: Effect | None) -> None:
        """Post the events of a message, as far as the fault lets them through."""
        dropped = message.fate == "dropped"
        path = ["dropped"] if dropped else ["processed", _event_name(message.fate)]
        events = [self.event(message, name, number) for number, name in enumerate(path)]
        fault = effect.fault if effect else None
        if fault is Fault.CALLBACK_FORGED:
            await self._forge(message)
        await asyncio.sleep(self._world.settings.callback_delay)
        message.status, message.events = message.fate, events
        self._world.record.update(message)
        for batch in self._batches(message, events, fault):
            with self._world.poster.tolerant():
                await self.post(batch)

    def _batches(
        self, message: Message, events: list[Json], fault: Fault | None
    ) -> Sequence[list[Json]]:
        """What is posted, in order; SendGrid puts what it has into one request."""
        match fault:
            case Fault.SILENT:
                return []
            case Fault.CALLBACK_LOST:
                return [events[:-1]] if events[:-1] else []
            case Fault.CALLBACK_DOUBLE:
                return [events, events]
            case Fault.CALLBACK_REORDER:
                return [[event] for event in reversed(events)]
            case Fault.CALLBACK_LATE:
                late = timedelta(seconds=self._world.faults.plan.late_seconds)
                self._world.plan(Intent(Kind.CALLBACK, message.at + late, {}), message)
                return [events[:-1]] if events[:-1] else []
            case _:
                return [events]

    async def tell_last(self, message: Message) -> None:
        """Post the last event of a message, the one that came late."""
        await self.post(message.events[-1:])

    def event(self, message: Message, name: str, number: int, at: datetime | None = None) -> Json:
        """One event as the webhook carries it; custom_args first, as SendGrid's own fields win."""
        moment = at or message.at + timedelta(seconds=number)
        key = digest(self._world.settings.seed, message.provider_message_id, name, number)
        event: Json = {
            **message.custom_args,
            "email": message.to,
            "timestamp": int(moment.timestamp()),
            "event": name,
            "sg_event_id": base64.urlsafe_b64encode(bytes.fromhex(key))[:22].decode(),
            "sg_message_id": message.provider_message_id,
            "smtp-id": f"<{message.provider_message_id.partition('.')[0]}@sandbox.invalid>",
        }
        if message.categories:
            event["category"] = message.categories
        if name == "delivered":
            event["response"] = "250 2.0.0 OK"
        if name in ("bounce", "dropped"):
            event["reason"] = message.error
        if name == "bounce":
            blocked = message.fate == "blocked"
            event["type"] = "blocked" if blocked else "bounce"
            event["status"] = "4.7.0" if blocked else "5.1.1"
            event["bounce_classification"] = "Reputation" if blocked else "Invalid Address"
        return event

    def sign(self, events: list[Json]) -> tuple[bytes, dict[str, str]]:
        """The body of a webhook request and its headers."""
        body = (json.dumps(events, ensure_ascii=False) + "\r\n").encode()
        headers = {"Content-Type": "application/json", "User-Agent": "SendGrid Event API"}
        return body, headers | signed(self._key, body)

    async def post(self, events: list[Json]) -> None:
        """Post a batch of events, signed."""
        if url := self._world.settings.sendgrid_events_url:
            await self._world.poster.post(url, *self.sign(events))

    async def _forge(self, message: Message) -> None:
        url = self._world.settings.sendgrid_events_url
        if url is None:
            return
        lie = self.event(message, "bounce" if message.reached else "delivered", 99)
        body, headers = self.sign([lie])
        stranger = private_key(self._world.settings.seed + 1)
        await self._world.poster.post_forged(url, body, headers | signed(stranger, body))


def signed(key: ec.EllipticCurvePrivateKey, body: bytes) -> dict[str, str]:
    """The headers of a signed request of SendGrid's, made now."""
    timestamp = str(int(wall().timestamp()))
    signature = key.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    return {
        SIGNATURE_HEADER: base64.b64encode(signature).decode(),
        TIMESTAMP_HEADER: timestamp,
    }


def _event_name(fate: str) -> str:
    return "bounce" if fate in ("bounced", "blocked") else fate
