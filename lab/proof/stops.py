"""Nobody was contacted after asking not to be."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from lab.proof.record import Attempt, Evidence, Found, Row, instant

IN_FLIGHT: Final = timedelta(minutes=1)
"""A message that had left before the opt-out arrived may still land within this time."""

OPT_OUTS: Final = frozenset({"opt_out", "unsubscribe", "spamreport", "stop"})
CHANNELS: Final = ("sms", "email", "whatsapp", "voice", "push", "letter", "human")


def opt_outs(evidence: Evidence) -> Found:
    """Nothing on a channel after the person withdrew from it, on whichever account they did."""
    stops = [row for row in evidence.events if str(row["kind"]) in OPT_OUTS]
    violations = []
    confirmed: set[int] = set()
    arrivals = [(at, a) for a in evidence.attempts for at in a.received_at]
    arrivals.sort(key=lambda arrival: arrival[0])
    for number, stop in enumerate(stops):
        since, channel = instant(stop["at"]), channel_of_event(stop)
        if since is None:
            continue
        customer = customer_of_event(stop, evidence)
        for at, attempt in arrivals:
            if attempt.customer != customer or channel not in (None, attempt.row["channel"]):
                continue
            if at <= since or _had_left(attempt, at, since):
                continue
            if attempt.row["purpose"] == "opt_out_confirmation" and number not in confirmed:
                confirmed.add(number)
                continue
            violations.append(
                f"Customer {customer} opted out of {channel or 'everything'} at "
                f"{since.isoformat()} and was contacted at {at.isoformat()}: {attempt.told()}."
            )
    return len(stops), violations


def _had_left(attempt: Attempt, at: datetime, since: datetime) -> bool:
    left = instant(attempt.row.get("dispatched_at"))
    return left is not None and left <= since and at - since <= IN_FLIGHT


def customer_of_event(event: Row, evidence: Evidence) -> str | None:
    """Whose act it was; None for an account that nobody was ever contacted about."""
    named = event.get("customer_id")
    return str(named) if named else evidence.customer_of.get(str(event.get("account")))


def channel_of_event(event: Row) -> str | None:
    """The channel an opt-out speaks of; None, which is all of them, when it names none."""
    detail = event.get("detail")
    named = event.get("channel") or (detail.get("channel") if isinstance(detail, Mapping) else None)
    if named:
        return str(named)
    words = str(detail or "").lower().replace("-", "").split()
    return next((channel for channel in CHANNELS if channel in words), None)
