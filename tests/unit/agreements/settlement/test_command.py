"""What is typed for a settlement offer, as it is asked of the account."""

from datetime import date
from typing import Any

import pytest

from domain.facts import MESSAGE, OfferSettlement
from domain.failures import BadInput
from workers.cli.agreements.settlement import offered


def test_a_discount_or_an_amount_is_asked_as_it_is_typed() -> None:
    assert offered("20", None, "ana", "agent") == {"discount": "20", "by": "ana", "role": "agent"}
    asked = offered(None, "80000.00", "ana", "agent", "eva", "boss", date(2026, 12, 1))
    assert asked == {
        "amount": "80000.00",
        "by": "ana",
        "role": "agent",
        "approved_by": "eva",
        "approver_role": "boss",
        "expires": "2026-12-01",
    }
    read = MESSAGE.validate_python({"kind": "offer_settlement", "id": "m", **asked})
    assert isinstance(read, OfferSettlement)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((None, None), "give either --discount or --amount"),
        (("20", "80"), "give either --discount or --amount"),
        (("20", None, "ana", "agent", "eva"), "--approved-by goes with --approver-role"),
    ],
)
def test_what_cannot_be_one_is_refused_before_anything_is_asked(
    given: tuple[Any, ...], words: str
) -> None:
    filled = (*given, *("ana", "agent")[max(len(given) - 2, 0) :])
    with pytest.raises(BadInput, match=words):
        offered(*filled)
