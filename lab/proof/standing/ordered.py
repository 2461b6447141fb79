"""Orders in bulk: nothing is begun while a hold stands, and nothing leaves at all under a cease.

What stood is read off the orders' own rows (``orders.jsonl``: order, kind, creditor, countries, at,
until), of those whose scope this record can tell: a creditor, countries, or everything. Instants
are of the clock of the accounts, as those of the attempts are.
"""

from lab.proof.record import Attempt, Evidence, Found, Row, instant, is_answer

_THANKS = "payment_thanks"
"""It answers a payment, and no message: nobody has asked for it."""


def silences(evidence: Evidence) -> Found:
    """No contact was made inside an order's time, but an answer under a hold."""
    orders = [row for row in evidence.orders or () if row["kind"] in ("hold", "cease")]
    examined, violations = 0, []
    for attempt in evidence.made:
        left = instant(attempt.row.get("dispatched_at"))
        if left is None:
            continue
        for row in orders:
            if not _covers(row, attempt):
                continue
            examined += 1
            since, until = instant(row["at"]), instant(row["until"])
            if since is None or left < since or (until is not None and left >= until):
                continue
            purpose = str(attempt.row["purpose"])
            if row["kind"] == "hold" and is_answer(purpose) and purpose != _THANKS:
                continue
            violations.append(
                f"Order {row['order']}, a {row['kind']}, stood since {row['at']}, and was "
                f"contacted against at {left.isoformat()}: {attempt.words()}."
            )
    return examined, violations


def _covers(row: Row, attempt: Attempt) -> bool:
    creditors = {account.partition("/")[0] for account in attempt.covers}
    if row["creditor"] is not None and row["creditor"] not in creditors:
        return False
    return not row["countries"] or attempt.country in row["countries"]
