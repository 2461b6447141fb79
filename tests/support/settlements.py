"""Settlements of random lives: what may be offered, and what is asked of them."""

import random
from collections.abc import Sequence
from typing import Any

from domain.agreements.settlement.offer import SettlementOffer
from domain.agreements.settlement.terms import SettlementTerms


def terms_of_settlement(chance: random.Random) -> SettlementTerms:
    """Terms that a few weeks put to the test."""
    return SettlementTerms.model_validate(
        {
            "expires_days": chance.choice([2, 9]),
            "pay_within_days": chance.choice([1, 4]),
            "grace_days": chance.choice([0, 2]),
            "tell": chance.random() < 0.5,
            "authority": [
                {"role": "agent", "phases": ["early", "mid", "late"], "max_discount": 10},
                {"role": "supervisor", "max_discount": "40"},
            ],
        }
    )


def asked_of_settlement(
    chance: random.Random, offers: Sequence[SettlementOffer]
) -> list[dict[str, Any]]:
    """Requests, each as often as it is wanted; much is refused. ``offers``: the account's own."""
    named = chance.choice([*[one.offer_id for one in offers[-2:]] * 3, "a1"])
    by = {"by": chance.choice(["ana", "eva"]), "role": chance.choice(["agent", "supervisor"])}
    sums = {"discount": chance.choice(["10", "33.33", "40", "70"])}
    if chance.random() < 0.3:
        sums = {"amount": chance.choice(["20000.00", "60000.00", "500.00"])}
    made = {"kind": "offer_settlement", **by, **sums}
    approved = {"approved_by": "eva", "approver_role": "supervisor"}
    accepts = {"kind": "accept_settlement", "offer": named, "how": "call"}
    return [
        *[made, {**made, **approved}] * 2,
        *[accepts] * 2,
        {"kind": "approve_settlement", "offer": named, **by},
        {"kind": "decline_settlement", "offer": named, **by},
        {"kind": "withdraw_settlement", **({"offer": named} if len(offers) % 2 else {})},
    ]
