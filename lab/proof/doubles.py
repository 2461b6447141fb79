"""Nobody heard one thing twice."""

from collections import defaultdict
from datetime import date
from typing import Any

from lab.proof.record import Evidence, Found


def once(evidence: Evidence) -> Found:
    """At most one acceptance that reached a person for one attempt."""
    counts: dict[str, list[str]] = defaultdict(list)
    for row in evidence.received:
        if row.get("attempt"):
            counts[str(row["attempt"])].append(str(row["at"]))
    return len(counts), [
        f"Attempt {attempt} reached the person {len(times)} times: {', '.join(sorted(times))}."
        for attempt, times in counts.items()
        if len(times) > 1
    ]


def steps(evidence: Evidence) -> Found:
    """One attempt for one step of an account, and one line for one attempt."""
    steps: dict[tuple[str, Any], list[str]] = defaultdict(list)
    for attempt in evidence.attempts:
        steps[attempt.account, attempt.row["step"]].append(attempt.id)
    return len(steps), [
        f"Step {step} of account {account} has {len(ids)} attempts: {', '.join(sorted(ids))}."
        for (account, step), ids in steps.items()
        if len(ids) > 1
    ]


def touches(evidence: Evidence) -> Found:
    """No account's owner hears one purpose twice on one day: a touch taken up after it arrived.

    A touch goes on to another channel only when it certainly did not arrive, so two arrivals on one
    day with one purpose are one touch heard twice, whatever the ledger thinks of the first.
    """
    groups: dict[tuple[str, str, str, date], set[str]] = defaultdict(set)
    for attempt in evidence.attempts:
        for at in attempt.received_at:
            for account in attempt.covers:
                for day in set(attempt.days(at).values()):
                    key = (attempt.customer, account, str(attempt.row["purpose"]), day)
                    groups[key].add(attempt.id)
    found = {
        (customer, purpose, day, tuple(sorted(ids)))
        for (customer, _, purpose, day), ids in groups.items()
        if len(ids) > 1
    }
    return len(groups), [
        f"Customer {customer} received the {purpose} of one account {len(ids)} times on {day}: "
        f"attempts {', '.join(ids)}."
        for customer, purpose, day, ids in sorted(found)
    ]
