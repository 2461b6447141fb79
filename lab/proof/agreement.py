"""Where the ledger and what was received contradict each other."""

from typing import Final

from lab.proof.record import CLOCK_TOLERANCE, MADE, Evidence, Found, instant

HEARD: Final = frozenset({"delivered"})
"""States that only a provider's callback can bring about: somebody must have received it."""


def unrecorded(evidence: Evidence) -> Found:
    """Everything received is an attempt of the ledger, on its channel, about its account.

    What was received after the run's end may be younger than the ledger's export: servers go on
    for a moment, while it is written.
    """
    violations, until = [], evidence.until
    for row in evidence.received:
        attempt = evidence.by_id.get(str(row.get("attempt")))
        what = f"A message by {row.get('channel')} received at {row['at']}"
        if attempt is None:
            at = instant(row["at"])
            if until is not None and at is not None and at > until:
                continue
            violations.append(f"{what} is no attempt of the ledger ({row.get('attempt')}).")
            continue
        if row["channel"] != attempt.row["channel"]:
            violations.append(f"{what} is another channel than the ledger's {attempt.words()}.")
        if row.get("provider") != attempt.row.get("provider"):
            violations.append(f"{what} is another provider than the ledger's {attempt.words()}.")
        if row.get("account") and row["account"] not in attempt.covers:
            violations.append(f"{what} is of account {row['account']}, not of {attempt.words()}.")
    return len(evidence.received), violations


def unheard(evidence: Evidence) -> Found:
    """Whatever a provider called delivered, somebody received."""
    delivered = [a for a in evidence.attempts if a.row["state"] in HEARD]
    return len(delivered), [
        f"The ledger says {attempt.row['state']}, but nobody received {attempt.words()}."
        for attempt in delivered
        if not attempt.receptions
    ]


def order(evidence: Evidence) -> Found:
    """Reserved, then dispatched, then received, all inside the attempt's own window."""
    violations = []
    for attempt in evidence.made:
        reserved = instant(attempt.row.get("reserved_at"))
        dispatched = instant(attempt.row.get("dispatched_at"))
        if reserved is None or dispatched is None:
            violations.append(f"No reservation or no dispatch is on record for {attempt.words()}.")
            continue
        if dispatched < reserved:
            violations.append(f"Dispatched before it was reserved: {attempt.words()}.")
        for at in attempt.received_at:
            if at < dispatched - CLOCK_TOLERANCE:
                violations.append(f"Received before it was dispatched: {attempt.words()}.")
    return len(evidence.made), violations


def window(evidence: Evidence) -> Found:
    """Accepted in ``[not_before, not_after)``."""
    violations = []
    for attempt in evidence.attempts:
        opens, closes = instant(attempt.row["not_before"]), instant(attempt.row["not_after"])
        for at in attempt.received_at:
            if opens is None or closes is None:
                violations.append(f"No window is on record for {attempt.words()}.")
            elif not opens - CLOCK_TOLERANCE <= at < closes:
                violations.append(
                    f"Accepted at {at.isoformat()}, outside {opens.isoformat()} to "
                    f"{closes.isoformat()}: {attempt.words()}."
                )
    return len(evidence.received), violations


def states(evidence: Evidence) -> Found:
    """Whatever somebody received counts as a contact in the ledger."""
    heard = [a for a in evidence.attempts if a.receptions]
    return len(heard), [
        f"Somebody received {attempt.words()}, which the ledger calls {attempt.row['state']}."
        for attempt in heard
        if attempt.row["state"] not in MADE
    ]
