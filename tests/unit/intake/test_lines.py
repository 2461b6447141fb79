"""Lines of JSON, each for itself; and a file of rejects that takes no other file's place."""

import codecs
import json
from pathlib import Path

import pytest

from domain.entry.intake import Problem
from domain.failures import BadInput
from workers.intake.files import Format, Record, json_lines, records
from workers.intake.rejects import Rejects

GOOD = b'{"id": "a"}\n'
LATIN = '{"id": "José"}\n'.encode("latin-1")
BAD = [Problem("row", "is wrong")]


def read(path: Path, content: bytes) -> list[Record]:
    path.write_bytes(content)
    return list(json_lines(path))


def rules(found: list[Record]) -> dict[int, str]:
    return {one.line: str(one.problem.rule) for one in found if one.problem is not None}


def test_a_line_in_another_encoding_costs_no_other_line(tmp_path: Path) -> None:
    found = read(tmp_path / "events.jsonl", GOOD * 200 + LATIN + GOOD * 99)
    assert len(found) == 300
    assert list(rules(found)) == [201]
    assert "must be UTF-8 text, but holds the octet 0xE9, as Windows-1252" in rules(found)[201]
    assert found[200].original == '{"id": "Jos\\xe9"}', "shown, so that it can be found"


@pytest.mark.parametrize("line", [b"\xff\n", b"\xed\xa0\x80\n", b"\xf0\x9f\n", b'{"a": "\xe9"\n'])
def test_no_octets_end_the_file(tmp_path: Path, line: bytes) -> None:
    found = read(tmp_path / "events.jsonl", GOOD + line + GOOD)
    assert list(rules(found)) == [2]


def test_what_is_utf8_is_read_to_the_letter(tmp_path: Path) -> None:
    said = '{"id": "José 🛑 \\ud83d\\uded1"}\r\n'
    [found] = read(tmp_path / "events.jsonl", codecs.BOM_UTF8 + said.encode())
    assert (found.problem, found.cells) == (None, {"id": "José 🛑 🛑"})


@pytest.mark.parametrize("end", [b'{"#end": 5}\n', b'{"#end": {"rows": 1}}\n'])
def test_an_end_in_the_middle_is_refused_and_what_follows_is_read(
    tmp_path: Path, end: bytes
) -> None:
    found = read(tmp_path / "events.jsonl", GOOD + end + GOOD)
    assert [one.line for one in found] == [1, 2, 3]
    assert rules(found) == {2: "stands before line 3: it must be the last one"}


@pytest.mark.parametrize(
    ("end", "rule"),
    [
        (b'{"#end": {"rows": 2}}', None),
        (b'{"#end": {"rows": 3}}', "says 3, and there are 2: is the file cut short?"),
        (b'{"#end": 2}', "does not say how many rows there are, and there are 2"),
    ],
)
def test_a_count_that_is_wrong_is_told_after_all_lines(
    tmp_path: Path, end: bytes, rule: str | None
) -> None:
    found = read(tmp_path / "events.jsonl", GOOD + b"[1]\n" + end)
    assert [one.line for one in found] == [1, 2] + [3] * (rule is not None)
    assert rule is None or rule in rules(found)[3]


def test_a_row_of_an_intake_in_another_encoding_is_refused_alone(tmp_path: Path) -> None:
    for name in ("accounts.jsonl", "accounts"):
        path = tmp_path / name
        path.write_bytes(GOOD + LATIN + GOOD)
        assert list(rules(list(records(path)))) == [2]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("a.jsonl", "save it as UTF-8 text, one JSON object a line"),
        ("a.csv", "save it as CSV in UTF-8, with commas"),
        ("a", "save it as UTF-8 text: CSV with commas, or one JSON object a line"),
    ],
)
def test_a_file_that_is_no_text_is_told_what_to_be(tmp_path: Path, name: str, wanted: str) -> None:
    path = tmp_path / name
    path.write_bytes(codecs.BOM_UTF16_LE + '{"id": 1}'.encode("utf-16-le"))
    with pytest.raises(BadInput, match="is UTF-16 text; ") as told:
        list(records(path))
    assert wanted in str(told.value)
    with pytest.raises(BadInput, match="one JSON object a line"):
        list(json_lines(path))


@pytest.mark.parametrize("way", ["the same", "a link to it", "another name of it"])
def test_rejects_never_take_the_place_of_the_file_taken_in(tmp_path: Path, way: str) -> None:
    taken = tmp_path / "same.jsonl"
    taken.write_bytes(GOOD)
    rejects = taken if way == "the same" else tmp_path / "other.jsonl"
    if way == "a link to it":
        rejects.symlink_to(taken)
    elif way == "another name of it":
        rejects.hardlink_to(taken)
    with pytest.raises(BadInput, match="is the file that is taken in"):
        Rejects(rejects, Format.JSONL, taken)
    assert taken.read_bytes() == GOOD


def test_rejects_need_a_place(tmp_path: Path) -> None:
    taken = tmp_path / "taken.csv"
    for path, said in (
        (tmp_path, "is a folder: name a file"),
        (tmp_path / "nowhere" / "r.csv", "is no folder that is there"),
        (tmp_path / ("x" * 300), "cannot be written (File name too long)"),
    ):
        with pytest.raises(BadInput) as told:
            Rejects(path, Format.CSV, taken)
        assert str(told.value).startswith("--rejects: ")
        assert said in str(told.value)


def test_rejects_that_find_no_room_are_told_at_the_end(tmp_path: Path) -> None:
    full = Rejects(Path("/dev/full"), Format.JSONL, tmp_path / "taken.jsonl")
    for line in range(10_000):
        full.write(Record(line, {}, "{}"), BAD)
    with pytest.raises(BadInput, match=r"/dev/full cannot be written \(No space left"):
        full.close()
    assert Path("/dev/full").exists(), "what is no file of its own is not taken away"


@pytest.mark.parametrize(
    "kept", [b"precious\n", b'{"id": "e1", "kind": "cease"}\n', b"creditor,a\n"]
)
def test_rejects_take_no_place_that_holds_something_else(tmp_path: Path, kept: bytes) -> None:
    path = tmp_path / "stops.jsonl"
    path.write_bytes(kept)
    with pytest.raises(BadInput, match=r"--rejects: .* holds no refused rows: name another one"):
        Rejects(path, Format.JSONL, tmp_path / "taken.jsonl")
    assert path.read_bytes() == kept


def test_rejects_of_an_earlier_run_are_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    for _ in range(2):
        rejects = Rejects(path, Format.JSONL, tmp_path / "taken.jsonl")
        rejects.write(Record(1, {}, "{}"), BAD)
        rejects.close()
        assert json.loads(path.read_text("utf-8"))["line"] == 1
    Rejects(path, Format.JSONL, tmp_path / "taken.jsonl").close()
    assert not path.exists()
