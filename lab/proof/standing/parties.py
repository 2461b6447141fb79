"""Guarantors and co-debtors: contacted where a law names them, and told no more than that.

Colombia (Ley 2300 de 2023: guarantors, co-debtors and solidary debtors under the same conditions),
Mexico (solidary obligors and avales) and Ecuador (co-debtor, guarantor) name them among those who
may be contacted. Nowhere else is a law known to. What they are told is that they are named: how
much is owed, and how it is paid, is the debtor's affair.
"""

import re
from datetime import date
from typing import Final

from lab.proof.answers import SHORTEST, SIGNED, SUM
from lab.proof.record import CONFIRMATION, PERSON, Arrival, Attempt, Evidence, Found

NAMED: Final = frozenset({"CO", "MX", "EC"})
NOTICES: Final = {"guarantor_notice": "guarantor", "codebtor_notice": "codebtor"}
SAID: Final = frozenset(
    {
        *NOTICES,
        *(CONFIRMATION, PERSON),
        *("identity_answer", "crisis_answer", "preference_confirmation"),
    }
)
"""All that may be said to who is not the debtor."""
OURS: Final = re.compile(r"\+\d[\d ()-]{7,}\d")
"""The telephone that messages give; written so, it is no sum."""
PAYING: Final = re.compile(r"https?://(?!\S*/[up]/)\S*pay|\b000201\d{10}|\bPix\b", re.IGNORECASE)


def lawful(evidence: Evidence) -> Found:
    """Whom, where, while they stand for it, and in which words."""
    made = [a for a in evidence.made if a.party is not None or a.row["purpose"] in NOTICES]
    heard = [
        a for a in evidence.arrivals if a.attempt and (a.attempt.party or a.purpose in NOTICES)
    ]
    found = [f"{why}: {one.words()}." for one in made for why in _against(one)]
    found += [
        f"Who stands for a debt was told of it, “{told}”: {one.words()}."
        for one in heard
        if one.purpose != PERSON and (told := _told(one))
    ]
    return len(made), found


def _against(attempt: Attempt) -> list[str]:
    party, purpose = attempt.party, str(attempt.row["purpose"])
    if party is None:
        return [f"Customer {attempt.customer} stands for no such account by any record"]
    role, found = str(party["role"]), list[str]()
    if purpose not in SAID:
        found.append(f"A {role} was sent the debtor's {purpose}")
    if NOTICES.get(purpose, role) != role or role not in NOTICES.values():
        found.append(f"A {purpose} went to who is {role}")
    if others := sorted(set(attempt.countries) - NAMED):
        found.append(f"No law of {', '.join(others)} is known to name a {role}")
    since, until = date.fromisoformat(str(party["since"])), party.get("until")
    for at in attempt.moments:
        days = attempt.days(at).values()
        if any(d < since or (until and d > date.fromisoformat(str(until))) for d in days):
            found.append(f"A {role} was contacted who has no part in it on that day")
    return found


def _told(arrival: Arrival) -> str | None:
    """A sum, a way to pay, or the account by its number."""
    said = SIGNED.sub(" ", f"{arrival.row.get('subject') or ''} {arrival.row.get('text') or ''}")
    plain = OURS.sub(" ", said)
    hits = [SUM.search(plain), PAYING.search(said)]
    for key in sorted(arrival.attempt.covers if arrival.attempt else ()):
        number = key.partition("/")[2]
        if len(number) >= SHORTEST:
            hits.append(re.search(rf"(?<!\w){re.escape(number)}(?!\w)", said))
            hits.append(re.search(rf"[*•#] ?{re.escape(number[-SHORTEST:])}(?!\w)", plain))
    return next((hit[0] for hit in hits if hit), None)
