"""``contrapunto inbound check``: messages in, readings out, a line each."""

import io
import json
from typing import Any

import pytest

from config.keywords import shipped_keywords
from domain.conversation.reader import RuleReader
from workers.cli.inbound.check import check

READER = RuleReader(shipped_keywords())
MESSAGE: dict[str, Any] = {
    "id": "1",
    "text": "el viernes les paso 200 mil",
    "locale": "es-CO",
    "channel": "whatsapp",
    "now": "2026-11-28T10:00:00-05:00",
    "currency": "COP",
    "balance": "850000",
}


def checked(*lines: str | bytes) -> tuple[int, list[Any]]:
    out = io.StringIO()
    status = check(lines, out, READER)
    return status, [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_message_is_answered_with_all_that_it_says() -> None:
    status, [answer] = checked(json.dumps(MESSAGE))
    assert status == 0
    assert answer == {
        "id": "1",
        "intents": ["promise"],
        "amount": "200000",
        "date": "2026-12-04",
        "dates": ["2026-12-04"],
        "channel": None,
        "hours": [],
        "confidence": 0.98,
        "evidence": [{"intent": "promise", "words": "el viernes les paso 200 mil"}],
        "to_person": False,
    }


@pytest.mark.parametrize(
    ("text", "intents"), [("STOP", ["stop"]), ("START", ["start"]), ("HELP", ["wants_person"])]
)
def test_stops_and_starts_are_called_as_people_call_them(text: str, intents: list[str]) -> None:
    _, [answer] = checked(json.dumps({**MESSAGE, "text": text}))
    assert answer["intents"] == intents
    assert [one["intent"] for one in answer["evidence"]] == intents


def test_a_balance_may_be_a_number_or_a_text() -> None:
    _, answers = checked(
        *(
            json.dumps({**MESSAGE, "text": "pago todo hoy", "balance": b})
            for b in (850000, "850000")
        )
    )
    assert [answer["amount"] for answer in answers] == ["850000", "850000"]


@pytest.mark.parametrize(
    ("line", "field", "error"),
    [
        ("{", None, "Invalid JSON"),
        (json.dumps({**MESSAGE, "now": "2026-11-28T10:00:00"}), "now", "offset"),
        (json.dumps({**MESSAGE, "channel": "fax"}), "channel", "'voice'"),
        (json.dumps({**MESSAGE, "locale": "Spanish"}), "locale", ""),
        (json.dumps({**MESSAGE, "colour": "red"}), "colour", "is not known"),
        (b'{"id": "\xff"}', None, ""),
    ],
)
def test_a_line_that_is_no_message_costs_no_more_than_itself(
    line: str | bytes, field: str | None, error: str
) -> None:
    status, [first, refused, last] = checked(json.dumps(MESSAGE), line, json.dumps(MESSAGE))
    assert status == 3
    assert (refused["line"], refused["field"]) == (2, field)
    assert error in refused["error"]
    assert first == last
