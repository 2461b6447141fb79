"""What may be asked about disputes and hardships, at random."""

import random
from datetime import datetime, timedelta
from typing import Any

from domain.cases.terms import DisputeTerms, HardshipTerms
from domain.cases.words import DisputeReason, HardshipReason, Resolution


def about_a_case(chance: random.Random, at: datetime, number: int) -> dict[str, Any]:
    """A request, near enough to fall due in a life of a few weeks; some are refused."""
    day = (at + timedelta(days=chance.choice([-1, 0, 1, 3, 400]))).date().isoformat()
    earlier = f"a{chance.randint(1, number)}"
    answer = {"answer_due": day} if chance.random() < 0.5 else {}
    review = {"review_date": day} if chance.random() < 0.5 else {}
    outcome = chance.choice([*Resolution])
    asked: list[dict[str, Any]] = [
        {"kind": "open_dispute", "reason": chance.choice([*DisputeReason]), **answer},
        {"kind": "open_dispute", "in_writing": True, "documents": ["twilio/SM1"]},
        *[{"kind": "resolve_dispute", "outcome": outcome}] * 2,
        {"kind": "resolve_dispute", "outcome": outcome, "dispute": earlier},
        {"kind": "begin_hardship", "reason": chance.choice([*HardshipReason])},
        {"kind": "begin_hardship", **review},
        {"kind": "extend_hardship", "review_date": day},
        {"kind": "end_hardship", "hardship": earlier},
        {"kind": "end_hardship"},
    ]
    return chance.choice(asked)


def terms_of_cases(chance: random.Random) -> dict[str, Any]:
    """What a strategy says of them, so that a few weeks put it to the test."""
    hardship = HardshipTerms(review_days=chance.choice([1, 4]), person_first=chance.random() < 0.7)
    return {"dispute": DisputeTerms(answer_days=chance.choice([1, 4])), "hardship": hardship}
