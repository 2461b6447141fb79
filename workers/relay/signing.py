"""Standard Webhooks: by which headers an upstream system knows that it is us, and which event."""

import base64
import hmac
from collections.abc import Sequence


def signature(keys: Sequence[bytes], event_id: str, seconds: int, body: bytes) -> str:
    """The header ``webhook-signature``: one signature for each key, as while one is rotated."""
    signed = f"{event_id}.{seconds}.".encode() + body
    made = (base64.b64encode(hmac.digest(key, signed, "sha256")).decode() for key in keys)
    return " ".join(f"v1,{one}" for one in made)


def headers(keys: Sequence[bytes], event_id: str, seconds: int, body: bytes) -> dict[str, str]:
    """All headers of a delivery."""
    return {
        "content-type": "application/json",
        "user-agent": "contrapunto-relay",
        "webhook-id": event_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": signature(keys, event_id, seconds, body),
    }
