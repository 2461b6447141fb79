"""Lines in, lines out, in order; what cannot be read is said in its place."""

import copy
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import ROOT
from tests.unit.law.support import BOOK
from workers.cli.law.check import check, request_schema, verdict_schema

DOCS = ROOT / "docs"

FULL: dict[str, Any] = {
    "id": "full",
    "jurisdictions": ["US"],
    "actor": "third_party",
    "zones": ["America/New_York"],
    "at": "2026-11-23T12:59:59Z",
    "channel": "voice",
    "contact_point": {"kind": "mobile", "authorized": True},
    "party": "debtor",
    "account_id": "A1",
    "history": [
        {
            "at": "2026-11-20T15:00:00-05:00",
            "account_id": "A1",
            "channel": "voice",
            "direction": "outbound",
            "outcome": "no_answer",
        }
    ],
    "events": [
        {"kind": "opt_in", "at": "2026-11-01T00:00:00Z", "channel": None, "account_id": None}
    ],
    "readings": {"co.weekly": "literal"},
    "purpose": "collection",
    "queued_at": None,
    "autodialed": False,
    "debt_type": None,
    "servicing_account": None,
}


def judged(*lines: str) -> tuple[int, list[Any]]:
    out = io.StringIO()
    status = check([line + "\n" for line in lines], out, BOOK)
    return status, [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("line", "field", "rule"),
    [
        (json.dumps(FULL)[:-1] + ', "events": []}', None, "a key is given twice"),
        (
            json.dumps(FULL).replace('"direction"', '"channel": "sms", "direction"'),
            None,
            "a key is given twice",
        ),
        *(
            (json.dumps({**FULL, "zones": ["America/New_York", zone]}), "zones.1", "of a place")
            for zone in ("EST", "UTC", "Etc/GMT+5", "GMT0", "Factory")
        ),
    ],
)
def test_what_may_mean_two_things_is_not_judged(line: str, field: str | None, rule: str) -> None:
    """A stop that is said twice, differently; an offset that is right for half a year."""
    status, [_, answer, _] = judged(json.dumps(FULL), line, json.dumps(FULL))
    assert (status, answer["line"], answer["field"]) == (3, 2, field)
    assert rule in answer["error"]


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """All objects in a JSON value, itself among them."""
    if isinstance(value, dict):
        yield value
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inside:
        yield from objects(each)


@given(
    without=st.sets(st.sampled_from(["readings", "events", "history", "contact_point"])),
    text=st.sampled_from(["", 'he said ":', '": ', '\\":"']),
    colon=st.sampled_from([":", ": ", " :"]),
    another=st.sampled_from([":", ": ", "\t: "]),
    data=st.data(),
)
def test_a_key_given_twice_is_refused_wherever_it_stands_and_however_it_is_written(
    without: set[str], text: str, colon: str, another: str, data: st.DataObject
) -> None:
    hours = {"days": ["mon"], "from": "08:00", "to": "09:00"}
    told = {"kind": "inconvenient_time", "at": FULL["at"], "text": text, "windows": [hours]}
    request = copy.deepcopy({**FULL, "events": [*FULL["events"], told]})
    request = {key: value for key, value in request.items() if key not in without}
    assert judged(json.dumps(request, separators=(",", colon)))[0] == 0
    of = data.draw(st.sampled_from(list(objects(request))))
    key = data.draw(st.sampled_from(sorted(of)))
    of["TWICE"] = of[key]
    line = json.dumps(request, separators=(",", colon))
    status, [answer] = judged(line.replace(f'"TWICE"{colon}', f'"{key}"{another}'))
    assert (status, answer["error"]) == (3, "a key is given twice")


def test_a_line_is_answered() -> None:
    status, answers = judged(json.dumps(FULL))
    assert status == 0
    assert answers == [
        {
            "id": "full",
            "verdict": "denied",
            "rule": "us.regf.hours",
            "cite": "12 CFR 1006.6(b)(1)(i), comment 6(b)(1)(i)-2",
            "reason": "Denied at 07:59:59 on Monday 2026-11-23 (America/New_York): contact only "
            "from 08:00 to 21:00 local time at the consumer's location; "
            "Monday is open 08:00-21:00.",
            "reading": None,
            "next_allowed_at": "2026-11-23T13:00:00Z",
        }
    ]
    jsonschema.validate(FULL, request_schema())
    jsonschema.validate(answers[0], verdict_schema())


@pytest.mark.parametrize(
    ("line", "field", "error"),
    [
        ("", None, "Invalid JSON"),
        ("{", None, "Invalid JSON"),
        ("[]", None, "must be an object"),
        (json.dumps(FULL | {"at": "2026-11-23T12:59:59"}), "at", "offset from UTC"),
        (json.dumps(FULL | {"at": 1763900000}), "at", "valid datetime"),
        (json.dumps(FULL | {"zones": []}), "zones", "at least 1 item"),
        (json.dumps(FULL | {"zones": ["Mars"]}), "zones.0", "unknown time zone 'Mars'"),
        (json.dumps(FULL | {"channel": "fax"}), "channel", "'voice'"),
        (json.dumps(FULL | {"colour": "red"}), "colour", "is not known"),
        (json.dumps(FULL | {"jurisdictions": ["US", "US-XX"]}), "jurisdictions", "'US-XX'"),
        (json.dumps(FULL | {"readings": {"us.week": "x"}}), "readings", "unknown reading"),
        (
            json.dumps(FULL | {"events": [{"kind": "wrong_number", "at": FULL["at"]}]}),
            "events.0",
            "needs 'contact_point_id'",
        ),
        (
            json.dumps(FULL | {"events": [{"kind": "inconvenient_time", "at": FULL["at"]}]}),
            "events.0",
            "needs 'windows'",
        ),
    ],
)
def test_a_malformed_line_does_not_stop_the_rest(line: str, field: str | None, error: str) -> None:
    status, answers = judged(json.dumps(FULL | {"id": "a"}), line, json.dumps(FULL | {"id": "b"}))
    assert status == 3
    assert (answers[0]["id"], answers[2]["id"]) == ("a", "b")
    assert (answers[1]["line"], answers[1]["field"]) == (2, field)
    assert error in answers[1]["error"]


WITH_DAYS = FULL | {"events": [{"kind": "breathing_space", "at": FULL["at"], "days": 7}]}

HOSTILE: dict[str, tuple[bytes, str | None]] = {
    "nothing": (b"", None),
    "not UTF-8": (b'{"id": "\xff\xfe"}', None),
    "a lone surrogate": (json.dumps(FULL | {"id": "\ud800"}).encode(), None),
    "nested too deep": (b"[" * 200_000, None),
    "two objects": (json.dumps(FULL).encode() * 2, None),
    "null bytes": (b"\x00\x00", None),
    "NaN": (json.dumps(WITH_DAYS).replace('"days": 7', '"days": NaN').encode(), "events.0.days"),
    "a huge number": (
        json.dumps(WITH_DAYS).replace('"days": 7', '"days": 1' + "0" * 400).encode(),
        "events.0.days",
    ),
    "a float without end": (
        json.dumps(WITH_DAYS).replace('"days": 7', '"days": 1e400').encode(),
        "events.0.days",
    ),
    "the year 1": (json.dumps(FULL | {"at": "0001-01-01T00:00:00Z"}).encode(), "at"),
    "the year 9999": (json.dumps(FULL | {"at": "9999-12-31T23:59:59-12:00"}).encode(), "at"),
    "a path as zone": (json.dumps(FULL | {"zones": ["../../etc/passwd"]}).encode(), "zones.0"),
    "a folder as zone": (json.dumps(FULL | {"zones": ["America"]}).encode(), "zones.0"),
    "a long zone": (json.dumps(FULL | {"zones": ["A" * 10_000]}).encode(), "zones.0"),
    "history that is none": (json.dumps(FULL | {"history": [1]}).encode(), "history.0"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_line_costs_no_more_than_itself(name: str) -> None:
    line, field = HOSTILE[name]
    good = json.dumps(FULL).encode() + b"\n"
    out = io.StringIO()
    assert check([good, line + b"\n", good], out, BOOK) == 3
    first, fault, last = map(json.loads, out.getvalue().splitlines())
    assert first == last
    assert first["verdict"] == "denied"
    assert (fault["line"], fault["field"]) == (2, field)
    assert 0 < len(fault["error"]) < 20_000


@pytest.mark.parametrize(
    "fields",
    [
        {"at": "1900-01-01T00:00:00Z"},
        {"at": "2199-12-31T23:59:59Z"},
        {"zones": ["America/New_York"] * 500},
        {"jurisdictions": ["US"] * 50},
        {"jurisdictions": sorted(BOOK.packs)},
        {
            "jurisdictions": ["GB"],
            "events": [
                {"kind": "breathing_space", "at": FULL["at"], "ends_at": "9999-12-31T00:00Z"}
            ],
        },
        {
            "events": [
                {"kind": "consent_call", "at": FULL["at"], "valid_until": "9999-12-31T00:00Z"}
            ]
        },
    ],
)
def test_the_strange_but_lawful_is_judged(fields: dict[str, Any]) -> None:
    status, answers = judged(json.dumps(FULL | fields))
    assert status == 0
    assert answers[0]["verdict"] in ("allowed", "denied")


def test_a_process_reads_bytes_and_says_3(tmp_path: Path) -> None:
    good = json.dumps(FULL | {"jurisdictions": ["CO"], "party": "reference"}).encode()
    done = subprocess.run(
        [sys.executable, "-m", "workers", "law", "check"],
        input=good + b"\n\xff\n" + good,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (3, b"")
    assert [b'"error"' in line for line in done.stdout.splitlines()] == [False, True, False]


@pytest.mark.parametrize(
    ("name", "schema"),
    [("law-request", request_schema()), ("law-verdict", verdict_schema())],
)
def test_the_published_schemas_are_the_models(name: str, schema: dict[str, Any]) -> None:
    published = json.loads((DOCS / f"{name}.schema.json").read_text(encoding="utf-8"))
    assert published == schema
    jsonschema.Draft202012Validator.check_schema(published)
