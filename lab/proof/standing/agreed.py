"""Disputes and settlements: nothing is said against them, and of an offer in its time.

What stood is read off the ledger's own rows (``agreed.jsonl``: kind, name, account, at, until), as
the portfolio's facts are; when a contact was reserved says whether it could be known. Whoever
records such a fact and whoever reserves wait for one another, so the order is certain.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from lab.proof.record import CONFIRMATION, PERSON, Attempt, Evidence, Found, Row, instant, is_answer

_OF_OFFERS = {"settlement_offer": "offer", "settlement_reminder": "settlement"}
"""What each speaks of."""


def silences(evidence: Evidence) -> Found:
    """While a dispute stands, or an accepted settlement is to be paid, nothing else is said."""
    facts = [row for row in evidence.agreed or () if row["kind"] in ("dispute", "settlement")]
    about: dict[str, list[Row]] = defaultdict(list)
    for row in facts:
        about[row["account"]].append(row)
    violations = []
    for attempt in _approaches(evidence):
        at = instant(attempt.row["reserved_at"])
        for account in sorted(attempt.covers):
            for row in about[account]:
                fits = row["kind"] == "settlement" and account == attempt.account
                if fits and attempt.row["purpose"] == "settlement_reminder":
                    continue
                if at is not None and _stood(row, at):
                    violations.append(
                        f"The {row['kind']} {row['name']} of {account} stood since {row['at']}, "
                        f"and was spoken past at {at.isoformat()}: {attempt.words()}."
                    )
    return len(facts), violations


def offers(evidence: Evidence) -> Found:
    """An offer is told of while it may be accepted, and reminded of while it is to be paid; each
    once."""
    told: dict[tuple[str, str, str], list[Attempt]] = defaultdict(list)
    violations, examined = [], 0
    for attempt in evidence.made if evidence.agreed is not None else ():
        kind = _OF_OFFERS.get(str(attempt.row["purpose"]))
        at = instant(attempt.row["reserved_at"])
        if kind is None or at is None:
            continue
        examined += 1
        standing = [
            row
            for row in evidence.agreed or ()
            if row["kind"] == kind and row["account"] == attempt.account and _stood(row, at)
        ]
        if not standing:
            violations.append(f"No {kind} stands, and one is spoken of: {attempt.words()}.")
        for row in standing:
            if attempt.row["state"] != "undelivered":
                told[kind, row["account"], row["name"]].append(attempt)
    violations += [
        f"The {kind} {name} of {account} was spoken of {len(times)} times: {times[-1].words()}."
        for (kind, account, name), times in told.items()
        if len(times) > 1
    ]
    return examined, violations


def _approaches(evidence: Evidence) -> Iterator[Attempt]:
    """What was made without being an answer, or a person's own words."""
    for attempt in evidence.made:
        purpose = str(attempt.row["purpose"])
        if not is_answer(purpose) and purpose not in (CONFIRMATION, PERSON):
            yield attempt


def _stood(row: Row, at: datetime) -> bool:
    """Whether it stood at an instant, told before and not over."""
    since, until = instant(row["at"]), instant(row.get("until"))
    return since is not None and since < at and (until is None or at < until)
