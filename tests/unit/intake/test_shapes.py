"""The shapes in which files come: some say nothing, the others are refused with what to do."""

import codecs
import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.entry.intake import COLUMNS, IntakeRow, Problem
from domain.failures import BadInput
from lab.builders.intake_files import AS_OF, row, rows, write_csv
from workers.intake.files import Format, Record, check, is_finished, no_account, records
from workers.intake.rejects import Rejects, harmless


def text_of(path: Path) -> str:
    return path.read_bytes().decode()


def taken(path: Path) -> list[IntakeRow | tuple[Problem, ...]]:
    return [check(record, AS_OF.date()) for record in records(path)]


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    content = rows(2)
    content[0]["name"] = "José Prueba, padre"
    return write_csv(tmp_path / "plain.csv", content)


def _quoted(text: str) -> str:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(csv.reader(io.StringIO(text)))
    return out.getvalue()


HARMLESS: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "byte order mark": lambda text: f"\ufeff{text}",
    "LF": lambda text: text.replace("\r\n", "\n"),
    "CR": lambda text: text.replace("\r\n", "\r"),
    "blank lines": lambda text: f"\r\n{text}\r\n\r\n",
    "blank rows": lambda text: text + ("," * (len(COLUMNS) - 1) + "\r\n") * 3,
    "blank rows with blanks": lambda text: text + " , ,\r\n  \r\n",
    "a blank row, no line end": lambda text: text + "," * (len(COLUMNS) - 1),
    "a blank row in quotes, no line end": lambda text: text + ",".join(['""'] * len(COLUMNS)),
    "commas after every line": lambda text: text.replace("\r\n", ",,\r\n"),
    "commas after the rows": lambda text: text.replace("email\r\n", "email,,,\r\n"),
    "the separator named": lambda text: f"sep=,\r\n{text}",
    "all quoted": _quoted,
    "the rows counted": lambda text: f"{text}#end,rows=2\r\n",
    "the rows counted, padded": lambda text: f"{text}#end,rows=2,,,\r\n",
    "the rows counted, no line end": lambda text: f"{text}#end,rows=2",
}


@pytest.mark.parametrize("shape", HARMLESS)
def test_what_says_nothing_changes_nothing(plain: Path, shape: str) -> None:
    wanted = taken(plain)
    assert all(isinstance(found, IntakeRow) for found in wanted)
    plain.write_bytes(HARMLESS[shape](text_of(plain)).encode())
    assert taken(plain) == wanted
    assert is_finished(plain)


@pytest.mark.parametrize("end", [",,,,", ",", " , ,", "  ", '"",""', "," * 40, ",\t,"])
def test_a_blank_last_line_without_an_end_leaves_the_row_before_it(plain: Path, end: str) -> None:
    wanted = taken(plain)
    plain.write_text(text_of(plain) + end, encoding="utf-8", newline="")
    assert taken(plain) == wanted
    assert is_finished(plain) is (end.count(",") >= len(COLUMNS) - 1), "a blank row may be cut, too"


@pytest.mark.parametrize("end", ["A9", "A9,", ",,x", '"",x', '"\n,,,,', "A9,,,,,,,,"])
def test_a_last_line_that_is_not_blank_is_refused_where_it_has_no_end(
    plain: Path, end: str
) -> None:
    plain.write_text(text_of(plain) + end, encoding="utf-8", newline="")
    found = taken(plain)
    assert [isinstance(one, IntakeRow) for one in found] == [True, True, False]
    assert not is_finished(plain)


def test_a_row_whose_last_cells_are_empty_is_no_blank_line(plain: Path) -> None:
    content = text_of(plain).rstrip("\r\n").rsplit("\r\n", 1)
    cells = content[1].split(",")
    plain.write_text(f"{content[0]}\n{','.join(cells[:1])}" + "," * 17, encoding="utf-8")
    assert not is_finished(plain)


UNUSABLE: dict[str, tuple[Callable[[str], bytes], str]] = {
    "semicolons": (
        lambda text: text.replace(",", ";").encode(),
        "set apart by commas, not semicolons: save it as 'CSV UTF-8",
    ),
    "semicolons named": (
        lambda text: ("sep=;\r\n" + text.replace(",", ";")).encode(),
        "not semicolons",
    ),
    "tabs": (lambda text: text.replace(",", "\t").encode(), "not tabs"),
    "bars": (lambda text: text.replace(",", "|").encode(), "not bars"),
    "Windows-1252": (
        lambda text: text.encode("cp1252"),
        "line 2 holds the octet 0xE9, as Windows-1252",
    ),
    "UTF-16": (lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"), "is UTF-16 text"),
    "a workbook": (lambda _: b"PK\x03\x04rest", "is a workbook or an archive; save it as CSV"),
    "an old workbook": (lambda _: b"\xd0\xcf\x11\xe0rest", "is a workbook"),
    "compressed": (lambda _: b"\x1f\x8b\x08rest", "is compressed"),
    "no header": (
        lambda text: text.split("\r\n", 1)[1].encode(),
        "unknown column 'A0'",
    ),
    "a misspelt column": (
        lambda text: text.replace("balance", "balanse", 1).encode(),
        "unknown column 'balanse'; did you mean balance?",
    ),
    "nothing but blanks": (lambda _: b"\r\n , \r\n", "is empty"),
    "an open quote in its header": (lambda text: f'"{text}'.encode(), "is no valid CSV"),
}


@pytest.mark.parametrize("shape", UNUSABLE)
def test_what_cannot_be_read_says_what_was_found_and_what_to_do(plain: Path, shape: str) -> None:
    made, said = UNUSABLE[shape]
    plain.write_bytes(made(text_of(plain)))
    with pytest.raises(BadInput) as refused:
        taken(plain)
    assert said in str(refused.value)
    assert str(refused.value).startswith(f"{plain}: ")


@pytest.mark.parametrize(
    "line",
    [
        "TOTAL,,,,910000" + "," * 13,
        "Total: 2 registros",
        ",,,Totales:,910000",
        "Grand total,,,,910000,,,",
        "Suma,910000",
    ],
)
def test_a_line_of_totals_is_refused_as_what_it_is(plain: Path, line: str) -> None:
    plain.write_text(text_of(plain) + line + "\r\n", encoding="utf-8", newline="")
    *good, last = records(plain)
    assert len(good) == 2
    assert no_account(last)
    problem = Problem("row", "is a line of totals and no account: leave it away")
    assert check(last, AS_OF.date()) == (problem,)


def test_a_creditor_of_that_name_is_no_line_of_totals(plain: Path) -> None:
    content = [row(account_id="Total-1", customer_id="Sum 2", creditor="total")]
    assert isinstance(taken(write_csv(plain, content))[0], IntakeRow)


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        ({"balance": "1.234.567,89"}, "balance"),
        ({"balance": "1234,50"}, "balance"),
        ({"balance": "$ 450,000.00"}, "balance"),
        ({"oldest_due_date": "10/11/2026"}, "oldest_due_date"),
        ({"oldest_due_date": "46336"}, "oldest_due_date"),
        ({"mobile": "5.73001E+11"}, "mobile"),
        ({"mobile": "+573001130008 / +573001130009"}, "mobile"),
        ({"email": "a@example.com; b@example.com"}, "email"),
    ],
)
def test_a_spreadsheets_values_are_refused_by_field(
    plain: Path, cells: dict[str, str], field: str
) -> None:
    found = taken(write_csv(plain, [row(**cells)]))[0]
    assert not isinstance(found, IntakeRow)
    assert field in [problem.field for problem in found]


DANGEROUS = [
    "=1+1",
    "+573001",
    "-5",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1+1",
    "'=1",
    "\x1b[31m",
]
DANGEROUS += ["a\u202eb", "a\\x1b", "a;=1+1", "a; =1", 'a","=1', "\u200b=1"]


def undone(cell: str) -> str:
    """What ``harmless`` was given."""
    bare = cell.removeprefix("'")
    return "".join(
        part if index % 2 == 0 else part.encode().decode("unicode_escape")
        for index, part in enumerate(_escapes.split(bare))
    )


_escapes = re.compile(r"(\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|[\\tnr]))")


@pytest.mark.parametrize("cell", DANGEROUS)
def test_neither_spreadsheet_nor_terminal_runs_a_refused_cell(cell: str) -> None:
    shown = harmless(cell)
    assert shown.isprintable()
    assert shown[0] not in "=+-@＝＋－＠"
    assert undone(shown) == cell


@given(st.text(max_size=30))
def test_what_was_refused_can_be_read_back(cell: str) -> None:
    shown = harmless(cell)
    assert shown.isprintable()
    assert shown[:1] not in tuple("=+-@＝＋－＠")
    assert undone(shown) == cell


def test_the_rejects_file_holds_every_cell_apart(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    rejects = Rejects(path, Format.CSV, tmp_path / "taken.csv")
    rejects.write(Record(7, {}, DANGEROUS), [Problem("row", "is wrong")])
    rejects.close()
    for delimiter in ",;":
        with path.open(encoding="utf-8", newline="") as file:
            _, found = list(csv.reader(file, delimiter=delimiter))
        assert not any(cell.lstrip()[:1] in tuple("=+-@") for cell in found)
    with path.open(encoding="utf-8", newline="") as file:
        _, found = list(csv.reader(file))
    assert [undone(cell) for cell in found[3:]] == DANGEROUS


def test_rejects_of_json_lines_are_json_that_a_terminal_shows_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    rejects = Rejects(path, Format.JSONL, tmp_path / "taken.jsonl")
    original = '{"name": "a\x9b31m\u202e"}'
    rejects.write(Record(1, {}, original), [Problem("row", "is wrong")])
    rejects.close()
    said = text_of(path)
    assert said.rstrip("\n").isprintable()
    assert json.loads(said)["row"] == original
