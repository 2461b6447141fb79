"""One line of JSON a record, with the ids it is about as fields."""

import json
import logging
import os
import subprocess
import sys
import warnings

import pytest

from config.database_url import read_address
from config.settings import ROOT
from domain.failures import Misconfigured, Unavailable
from telemetry.errors import WHOLE, place, told
from telemetry.logs import JsonLines, WithoutWords
from workers.cli.shell import log_to_console


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


def test_on_a_terminal_the_account_stands_behind_the_words() -> None:
    record = logging.makeLogRecord(
        {
            "msg": "refused m1",
            "temporal_activity": {"workflow_id": "account/bank/A1", "activity_type": "record"},
        }
    )
    said = WithoutWords("%(message)s").format(record)
    assert said == "refused m1 (account bank/A1, activity record)"


class _RowError(Exception):
    """As a database says it."""


def _raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as raised:  # noqa: BLE001 - it is what is wanted
        return raised


def _logged(formatter: logging.Formatter, error: Exception) -> str:
    info = (type(error), error, error.__traceback__)
    record = logging.makeLogRecord({"msg": "it failed", "levelname": "ERROR", "exc_info": info})
    return formatter.format(record)


@pytest.mark.parametrize(
    "formatter", [JsonLines(), WithoutWords("%(message)s")], ids=["json", "tty"]
)
def test_of_an_error_kind_and_place_are_logged_and_never_its_words(
    formatter: logging.Formatter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(WHOLE, raising=False)
    error = _raised(_RowError("DETAIL: Failing row contains (Ana Rojas, Calle 1)"))
    error.__cause__ = _raised(ValueError("input_value='Ana Rojas'"))
    text = _logged(formatter, error)
    assert "it failed" in text
    assert "_RowError at test_logs.py:" in text
    assert ", from ValueError at test_logs.py:" in text
    assert "Ana" not in text
    monkeypatch.setenv(WHOLE, "1")
    whole = _logged(formatter, error)
    assert "Traceback" in whole
    assert "Ana Rojas" in whole


def test_what_we_word_ourselves_is_told() -> None:
    error = _raised(Unavailable("PostgreSQL does not answer"))
    assert told(error).endswith(": PostgreSQL does not answer")


def test_a_place_is_the_last_of_ours() -> None:
    with pytest.raises(Misconfigured) as failed:
        read_address("nowhere")
    assert place(failed.value).startswith("database_url.py:")
    assert place(ValueError()) == "an unknown place"


def test_what_libraries_warn_of_is_a_line_like_ours(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", list(root.handlers))
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(False)  # another test may have had it on, as pytest does not know
        try:
            log_to_console()
            warnings.warn("scheme no longer supported", stacklevel=1)
        finally:
            logging.captureWarnings(False)
    line = json.loads(capfd.readouterr().err)
    assert line["logger"] == "py.warnings"
    assert "scheme no longer supported" in line["message"]


def test_the_last_word_of_a_process_that_cannot_start_is_a_line_like_its_others() -> None:
    command = [sys.executable, "-m", "workers", "worker"]
    wrong = {"CONTRAPUNTO_DATABASE_URL": "nonsense", "PATH": os.defpath}
    done = subprocess.run(command, env=wrong, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    said = [json.loads(line) for line in done.stderr.splitlines()]
    assert "CONTRAPUNTO_DATABASE_URL must begin with postgresql://" in said[-1]["message"]
