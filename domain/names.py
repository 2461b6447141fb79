"""Every name that more than one room uses: one place both sides import.

Nothing personal may go into any of these: Temporal stores them in clear.
"""

import base64
import hashlib
from typing import Final

TASK_QUEUE: Final = "collections"
"""Workflows, and the activities that only touch PostgreSQL."""

REPORT_QUEUE: Final = "collections-reports"
"""Reports: of the workers that have a folder to write them to."""

COLLECT_ACCOUNT: Final = "CollectAccount"
DAILY_REPORT: Final = "DailyReport"
GATE: Final = "Gate"

ATTEMPT_PARAM: Final = "attempt"
"""Query parameter of every status callback URL: the attempt the callback speaks of."""

ACCOUNT_PARAM: Final = "account"
"""Query parameter of every status callback URL: the account, ``<creditor>/<account_id>``."""

TWILIO_STATUS: Final = "/webhooks/twilio/status"
TWILIO_CALL: Final = "/webhooks/twilio/call"
TWILIO_CALL_STATUS: Final = "/webhooks/twilio/call/status"
TWILIO_CALL_INBOUND: Final = "/webhooks/twilio/call/inbound"
TWILIO_INBOUND: Final = "/webhooks/twilio/inbound"
SENDGRID_EVENTS: Final = "/webhooks/sendgrid/events"
SENDGRID_INBOUND: Final = "/webhooks/sendgrid/inbound"
INFOBIP_STATUS: Final = "/webhooks/infobip/status"
INFOBIP_INBOUND: Final = "/webhooks/infobip/inbound"
RESEND_EVENTS: Final = "/webhooks/resend/events"
"""Paths of the gateway below CONTRAPUNTO_PUBLIC_URL: what providers are told to call."""

CUSTOM_ARG_ATTEMPT: Final = "contrapunto_attempt"
CUSTOM_ARG_ACCOUNT: Final = "contrapunto_account"
"""SendGrid custom_args, the first a tag at Resend too; prefixed because SendGrid lets its own event
fields win over ours."""


def as_tag(text: str) -> str:
    """Any text in letters, digits, dashes and underscores: all that a tag at Resend may hold."""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def from_tag(tag: str) -> str:
    """What ``as_tag`` was given; empty if this is no such tag."""
    try:
        return base64.urlsafe_b64decode(tag + "=" * (-len(tag) % 4)).decode()
    except ValueError:
        return ""


def channel_queue(channel: str) -> str:
    """Task queue on which contacts of one channel run, so that each has its own rate limit."""
    return f"{TASK_QUEUE}-{channel}"


def account_key(creditor: str, account_id: str) -> str:
    """Business key of an account, ``<creditor>/<account_id>``."""
    return f"{creditor}/{account_id}"


def workflow_id(creditor: str, account_id: str) -> str:
    """Workflow id of an account: ``account/<creditor>/<account_id>``."""
    return f"account/{account_key(creditor, account_id)}"


def attempt_id(creditor: str, account_id: str, step: int) -> str:
    """Identity of the attempt of one step: derived, so that a retried activity meets its own row.

    24 lower-case hexadecimal digits; ``step`` counts from 1 over the whole life of the account.
    """
    key = f"{creditor}\x1f{account_id}\x1f{step}"
    return hashlib.sha256(key.encode()).hexdigest()[:24]


def contact_point_id(customer_id: str, channel: str, address: str) -> str:
    """Opaque identity of a customer's address on a channel (16 hexadecimal digits)."""
    key = f"{customer_id}\x1f{channel}\x1f{address}"
    return hashlib.sha256(key.encode()).hexdigest()[:16]
