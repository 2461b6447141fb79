"""One line of JSON a record, with the ids it is about as fields."""

import json
import logging

import pytest

from telemetry.logs import JsonLines


def line(message: str = "said", **extra: object) -> dict[str, str]:
    record = logging.makeLogRecord(
        {"name": "contrapunto", "levelname": "WARNING", "msg": message, "created": 0.0, **extra}
    )
    text = JsonLines().format(record)
    assert "\n" not in text
    found: dict[str, str] = json.loads(text)
    return found


def test_a_record_says_when_how_grave_and_what() -> None:
    assert line("two\nlines\x00 \x1b[31m") == {
        "at": "1970-01-01T00:00:00.000+00:00",
        "level": "warning",
        "logger": "contrapunto",
        "message": "two\nlines\x00 \x1b[31m",
    }


@pytest.mark.parametrize(
    ("extra", "ids"),
    [
        ({"account": "bank/A1", "attempt": "0f"}, {"account": "bank/A1", "attempt": "0f"}),
        (
            {
                "temporal_activity": {
                    "workflow_id": "account/bank/A1",
                    "activity_type": "record",
                }
            },
            {"workflow": "account/bank/A1", "account": "bank/A1", "activity": "record"},
        ),
        ({"temporal_workflow": {"workflow_id": "else"}}, {"workflow": "else"}),
    ],
)
def test_what_it_is_about_is_a_field(extra: dict[str, object], ids: dict[str, str]) -> None:
    found = line("said", **extra)
    assert {name: value for name, value in found.items() if name in ids} == ids
