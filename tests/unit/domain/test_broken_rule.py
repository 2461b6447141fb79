"""What is wrong with a message is told in words: no class, no pattern, never the value."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain.entry.broken_rule import broken_rule
from domain.facts import MESSAGE

AT = "2026-11-28T10:00:00Z"


@pytest.mark.parametrize(
    ("sent", "rule"),
    [
        ({"kind": "payment_received", "amount": "1"}, "is missing"),
        ({"kind": "resume", "id": "a b"}, "must have no blanks"),
        ({"kind": "resume", "id": 7}, "must be text"),
        ({"kind": "resume", "id": "x" * 129}, "must have at most 128 characters"),
        (
            {"kind": "law_event", "id": "x", "event": {"kind": "cease", "at": AT, "who": "me"}},
            "is not known here",
        ),
        ({"kind": "account_opened", "id": "x", "facts": []}, "must be an object with fields"),
        ({"kind": "payment_received", "id": "x", "amount": "0"}, "must be greater than 0"),
        (
            {"kind": "payment_received", "id": "x", "amount": "1", "currency": "cop"},
            "must be three capital letters (ISO 4217), such as COP",
        ),
        (
            {"kind": "hold", "id": "x", "reason": "r", "until": "2026-11-28T10:00:00"},
            "must say its offset from UTC: Z, or such as -05:00",
        ),
        (
            {"kind": "hold", "id": "x", "reason": "<b>", "until": AT},
            "must be a few plain words: letters, digits, blanks, '.', ':', '-'",
        ),
        ({"kind": "law_event", "id": "x", "event": {"kind": "deth", "at": AT}}, "must be 'cease'"),
    ],
)
def test_the_rule_that_is_broken_in_words(sent: dict[str, Any], rule: str) -> None:
    with pytest.raises(ValidationError) as caught:
        MESSAGE.validate_python(sent)
    told = [broken_rule(detail) for detail in caught.value.errors()]
    assert any(one.startswith(rule) for one in told), told
    assert not [one for one in told if "Input" in one or "instance" in one or "pattern" in one]
