"""Whatever somebody puts into a policy's file is told with the file and what to do."""

import json
from pathlib import Path
from typing import Any

import pytest

from config.learning.policy_files import load_policy
from domain.failures import Misconfigured
from tests.unit.learning.support import policy

SIGNED = {"policy": policy().content, "signature": {"key": "k", "value": "v"}}
GOOD = json.dumps(SIGNED, indent=1)


def but(**fields: Any) -> str:
    """The same with other fields of the policy."""
    return json.dumps({**SIGNED, "policy": {**policy().content, **fields}}, indent=1)


def said(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


BACK = "put back the file as it was signed"
ANEW = "`contrapunto learn fit` make it anew"
OTHER = "the file is of another version of contrapunto"
SIGN = "`contrapunto learn sign FILE`"

BAD: dict[str, tuple[str | bytes, str]] = {
    "nothing": ("", BACK),
    "blanks": (" \n", BACK),
    "null": ("null", SIGN),
    "a list": ("[]", SIGN),
    "a word": ('"a"', SIGN),
    "half of it": (GOOD[:50], BACK),
    "something behind it": (f"{GOOD}{{}}", BACK),
    "a NUL behind it": (f"{GOOD}\0", BACK),
    "a comment": (f"// mine\n{GOOD}", BACK),
    "single quotes": (GOOD.replace('"', "'"), BACK),
    "Latin-1": (GOOD.encode() + b"\xf1", BACK),
    "an archive": (b"PK\x03\x04", BACK),
    "a key twice": (said('"signature"', '"policy": {}, "signature"'), "a key stands twice"),
    "no number": (said('"version": 1', '"version": NaN'), "NaN is no number"),
    "an endless number": (said('"version": 1', '"version": 1e999999999'), "finite number"),
    "5,000 digits": (said('"version": 1', f'"version": {"9" * 5_000}'), BACK),
    "200,000 brackets": ("[" * 200_000, "nested deeper than 200 levels"),
    "100,000 objects": ('{"a":' * 100_000, "nested deeper than 200 levels"),
    "half a character": (but(id="\ud800"), ANEW),
    "no signature": (json.dumps({"policy": {}}), SIGN),
    "a signature of text": (json.dumps({**SIGNED, "signature": "x"}), ANEW),
    "a policy that is a list": (json.dumps({**SIGNED, "policy": []}), ANEW),
    "a format to come": (but(format=2), OTHER),
    "a format and fields to come": (but(format=2, moods=[]), OTHER),
    "no format": (but(format=None), OTHER),
    "a format as text": (but(format="1"), OTHER),
    "an id with a blank": (but(id="a b"), "must be letters from a to z"),
    "a Cyrillic id": (but(id="p\u043elicy"), "must be letters from a to z"),
    "an id of 5,000 letters": (but(id="a" * 5_000), "at most 64"),
    "an id that is a number": (but(id=5), "must be text"),
    "no id": (but(id=""), ANEW),
    "an unknown field": (but(mood=1), "is not known here"),
    "a version below one": (but(version=0), "equal to 1"),
    "a version of 100 bits": (but(version=2**100), "equal to 2147483647"),
    "no origin": (but(made=None), ANEW),
    "no such day": (but(made={"since": "2026-02-30", "until": "2026-03-01", "windows": 0}), ANEW),
    "a floor of all": (but(floor=1e308), ANEW),
    "a floor below nothing": (but(floor=-1), ANEW),
    "a context that is none": (but(context=["mood"]), ANEW),
    "a context that is a number": (but(context=5), "must be a list"),
    "channels that are a list": (but(channels=[1, 2]), ANEW),
}


@pytest.mark.parametrize(("text", "words"), BAD.values(), ids=list(BAD))
def test_it_is_told_with_what_to_do(text: str | bytes, words: str, tmp_path: Path) -> None:
    file = tmp_path / "p.json"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(Misconfigured) as found:
        load_policy(file, None)
    for one in found.value.faults:
        assert str(one).startswith(f"policy {file}")
        assert "\n" not in str(one)
        assert one.todo, "what to do"
    assert words in "\n".join(map(str, found.value.faults))


def test_a_field_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "p.json"
    text = but(version=0)
    file.write_text(text, encoding="utf-8")
    line = 1 + next(n for n, one in enumerate(text.splitlines()) if '"version"' in one)
    with pytest.raises(Misconfigured, match=f"p.json, line {line}: version must be"):
        load_policy(file, None)


@pytest.mark.parametrize("text", [f"\ufeff{GOOD}", GOOD.replace("\n", "\r\n")])
def test_a_file_is_read_however_its_lines_are_ended(text: str, tmp_path: Path) -> None:
    file = tmp_path / "p.json"
    file.write_bytes(text.encode())
    assert load_policy(file, None) == policy()
