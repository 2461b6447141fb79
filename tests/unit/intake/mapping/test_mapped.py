"""A file of another system is read by its mapping; what is wrong costs its own row alone."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from config.intake.mapping_files import find_mapping, load_mapping
from config.settings import ROOT
from domain.entry.mapping.model import FileMapping
from domain.failures import BadInput, Misconfigured
from domain.segments.attributes import ALWAYS, Attribute, AttributeType
from workers.intake.files import Record, check
from workers.intake.mapping.mapped import MappedFile

TODAY = date(2026, 11, 21)
COLUMNS: dict[str, Any] = {
    "account_id": "Crédito",
    "customer_id": "Cliente",
    "creditor": {"constant": "banco"},
    "currency": {"constant": "COP"},
    "balance": "Saldo",
    "oldest_due_date": "Vence",
    "name": "Nombre",
    "country": {"constant": "CO"},
    "mobile": "Celular",
}
HEADER = "Crédito;Cliente;Saldo;Vence;Nombre;Celular"
GOOD = "A1;C1;1.250.000,50;31/10/2026;Ana Pérez;300 123 4567"


def mapping(columns: dict[str, Any] | None = None, **more: Any) -> FileMapping:
    file = {"delimiter": "semicolon"} | more.pop("file", {})
    said = {
        "file": file,
        "amounts": {"decimal": ",", "thousands": "."},
        "dates": ["DD/MM/YYYY"],
        "phones": "CO",
        "columns": COLUMNS | (columns or {}),
    }
    return FileMapping.model_validate(said | more)


def read(
    path: Path,
    content: str | bytes,
    by: FileMapping | None = None,
    declared: Mapping[str, Attribute] = ALWAYS,
) -> list[Record]:
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(data)
    return list(MappedFile(path, by or mapping(), declared).records())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cartera.csv"


@pytest.mark.parametrize(
    ("sample", "name"),
    [
        ("cartera-colombia.csv", "cartera-colombia"),
        ("carteira-brasil.csv", "carteira-brasil"),
    ],
)
def test_the_samples_are_read_whole_by_the_mappings_that_are_shipped(
    sample: str, name: str
) -> None:
    by = load_mapping(find_mapping(name, ROOT / "config" / "intake"))
    reading = MappedFile(ROOT / "docs" / "samples" / sample, by, ALWAYS)
    assert reading.unread == () and reading.is_finished()
    rows = [check(record, TODAY) for record in reading.records()]
    assert len(rows) > 1 and not [row for row in rows if isinstance(row, tuple)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("word", "sign"), [("comma", ","), ("semicolon", ";"), ("tab", "\t"), ("bar", "|")]
)
def test_one_row_is_the_same_however_its_file_is_written(
    path: Path, encoding: str, end: str, word: str, sign: str
) -> None:
    cells = [HEADER.split(";"), GOOD.split(";")]
    text = end.join(sign.join(f'"{cell}"' for cell in line) for line in cells) + end
    shape = {"delimiter": word, "encoding": encoding.removesuffix("-sig")}
    (record,) = read(path, text.encode(encoding), mapping(file=shape))
    assert record.problem is None and record.line == 2
    assert record.cells["name"] == "Ana Pérez"
    assert record.cells["balance"] == "1250000.50"
    assert record.cells["mobile"] == "+573001234567"


def test_every_rule_that_a_row_breaks_is_told_and_no_value(path: Path) -> None:
    bad = "A2;C2;1250000.50;2026-10-31;Luis;3001234567 / 3017654321"
    good, worse = read(path, f"{HEADER}\n{GOOD}\n{bad}\n")
    assert good.problem is None and worse.problem is not None
    assert worse.problem.field == "balance; oldest_due_date; mobile"
    assert "2026" not in worse.problem.rule and "300" not in worse.problem.rule
    assert (worse.cells["creditor"], worse.cells["account_id"]) == ("banco", "A2")
    assert list(worse.original) == bad.split(";")


@pytest.mark.parametrize(
    "broken",
    ["A2;C2;1;31/10/2026", 'A2;C2;1;31/10/2026;"Luis;3001234567', GOOD + ";more"],
)
def test_a_row_that_cannot_be_taken_apart_costs_no_other(path: Path, broken: str) -> None:
    rows = read(path, f"{HEADER}\n{broken}\n{GOOD}\n")
    assert [row.problem is None for row in rows] == [False, True]
    assert [row.line for row in rows] == [2, 3]


def test_titles_above_and_totals_below_are_no_rows(path: Path) -> None:
    text = f"Banco;;\nal 21/11/2026\n{HEADER}\n{GOOD}\n;;\nTotal general;;1.250.000,50;;;\n"
    rows = read(path, text, mapping(file={"skip_lines": 2, "footer": "total"}))
    assert [(row.line, row.problem) for row in rows] == [(4, None)]


def test_a_file_without_names_of_columns_is_given_them(path: Path) -> None:
    (row,) = read(path, f"{GOOD}\n", mapping(file={"header": HEADER.split(";")}))
    assert row.problem is None and row.line == 1


def test_names_of_columns_are_known_by_their_letters(path: Path) -> None:
    (row,) = read(path, f"  CRÉDITO ;cliente;SALDO;Vence;Nombre;celular;;\n{GOOD};;\n")
    assert row.problem is None


def test_values_are_translated_and_those_that_are_not_listed_refuse_the_row(path: Path) -> None:
    rule: dict[str, Any] = {
        "region": {"column": "Depto", "values": {"Bogotá D.C.": "CO-DC", "NO": ""}}
    }
    text = f"{HEADER};Depto\n{GOOD};BOGOTÁ  D.C.\n{GOOD};Narnia\n{GOOD};\n{GOOD};no\n"
    found = read(path, text, mapping(rule))
    assert [row.cells["region"] for row in found] == ["CO-DC", "", "", ""]
    assert [row.problem and row.problem.field for row in found] == [None, "region", None, None]
    rule["region"]["otherwise"] = ""
    assert all(row.problem is None for row in read(path, text, mapping(rule)))


def test_consents_come_of_columns_that_say_yes_or_no(path: Path) -> None:
    flags = {
        "sms": {"column": "SMS", "agreed": ["SI", 1, True], "refused": ["NO", False]},
        "email": {"column": "Correo", "agreed": ["SI"]},
    }
    text = f"{HEADER};SMS;Correo\n" + "".join(
        f"{GOOD};{sms};SI\n" for sms in ("si", "1", "TRUE", "no", "", "quizás")
    )
    found = read(path, text, mapping({"consents": {"consents": flags}}))
    assert [row.cells["consents"] for row in found] == ["sms", "sms", "sms", "", "", ""]
    assert [row.problem is None for row in found] == [True] * 5 + [False]


def test_lost_zeros_are_put_back_only_where_the_mapping_says_how_many(path: Path) -> None:
    by = mapping({"account_id": {"column": "Crédito", "figures": 6}})
    found = read(path, f"{HEADER}\n12{GOOD[2:]}\n1234567{GOOD[2:]}\nA1{GOOD[2:]}\n", by)
    assert [row.cells["account_id"] for row in found] == ["000012", "", "A1"]


def test_attributes_are_read_by_their_declared_type(path: Path) -> None:
    declared = {**ALWAYS, "limit": Attribute(type=AttributeType.NUMBER)}
    by = mapping({"attr_limit": "Cupo", "attr_customer_since": "Desde", "attr_product": "Prod"})
    text = f"{HEADER};Cupo;Desde;Prod\n{GOOD};2.000.000,00;01/02/2019;Tarjeta\n"
    (row,) = read(path, text, by, declared)
    told = [row.cells[f"attr_{name}"] for name in ("limit", "customer_since", "product")]
    assert told == ["2000000.00", "2019-02-01", "Tarjeta"]


@pytest.mark.parametrize(
    ("content", "shape", "said"),
    [
        ("", {}, "no line that names the columns"),
        ("\n\n", {}, "no line that names the columns"),
        (f"{HEADER.replace('Saldo', 'Sald')}\n", {}, "no column 'Saldo'.*did you mean Sald"),
        (f"{HEADER};Saldo\n", {}, "has 2 columns 'Saldo'"),
        (f"{HEADER}\n{GOOD}\n", {"encoding": "windows-1252"}, "is UTF-8 text"),
        (f"{HEADER}\n{GOOD}\n".encode("windows-1252"), {}, "line 1 holds the octet 0xE9"),
        (b"\xff\xfea\x00", {}, "UTF-16"),
        (b"\x1f\x8b0000", {}, "is compressed"),
        (b"PK\x03\x04nonsense", {}, "no workbook that can be read"),
        (f"{HEADER}\n{GOOD}\n", {"delimiter": "comma"}, "has no column 'Crédito'"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_as_a_whole(
    path: Path, content: str | bytes, shape: dict[str, Any], said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        read(path, content, mapping(file=shape))


def test_an_octet_that_is_none_of_the_encoding_is_told_with_its_line(path: Path) -> None:
    text = f"{HEADER}\n".encode() + f"{GOOD}\n".encode() * 20_000 + b"A2;\xe9\n"
    with pytest.raises(BadInput, match="line 20002 holds the octet 0xE9"):
        read(path, text)


def workbook(path: Path, rows: list[list[Any]], title: str = "Cartera") -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    book.create_sheet("Notas")
    book.save(path)
    return path


def test_a_workbook_is_read_by_what_its_cells_are(tmp_path: Path) -> None:
    made = workbook(
        tmp_path / "cartera.xlsx",
        [
            ["Cartera al 21/11/2026"],
            [],
            HEADER.split(";"),
            [12345, "C1", 1250000.5, datetime(2026, 10, 31), "Ana Pérez", 3001234567],  # noqa: DTZ001
            ["007", "C2", "48.000,00", "15/10/2026", "José Muñoz", "(301) 765-4321"],
            [None, None, None, None, None, None],
            [1234567890123456789, "C3", True, 5, "Luis", "x"],
            ["TOTAL", None, 1298000.5],
        ],
    )
    by = mapping(file={"skip_lines": 2, "footer": "TOTAL"})
    first, second, bad = MappedFile(made, by, ALWAYS).records()
    assert first.problem is None and first.line == 4
    assert [
        first.cells[name] for name in ("account_id", "balance", "oldest_due_date", "mobile")
    ] == [
        "12345",
        "1250000.5",
        "2026-10-31",
        "+573001234567",
    ]
    assert second.problem is None and second.cells["account_id"] == "007"
    assert bad.problem is not None and bad.line == 7
    assert bad.problem.field == "account_id; balance; oldest_due_date; mobile"


def test_a_workbook_of_several_sheets_needs_the_name_of_one(tmp_path: Path) -> None:
    made = tmp_path / "c.xlsx"
    book = openpyxl.Workbook()
    for title in ("Enero", "Febrero"):
        book.create_sheet(title).append(HEADER.split(";"))
    book.save(made)
    with pytest.raises(BadInput, match=r"which sheet is meant.*Enero, Febrero"):
        MappedFile(made, mapping(), ALWAYS)
    with pytest.raises(BadInput, match=r"no sheet 'Marzo'; there are: .*Enero"):
        MappedFile(made, mapping(file={"sheet": "Marzo"}), ALWAYS)
    assert MappedFile(made, mapping(file={"sheet": "enero"}), ALWAYS).columns == HEADER.split(";")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("columns: {}", "must say where account_id"),
        ("delimiter: ';'", "delimiter"),
        ("file: {delimiter: ';'}", "line 1: file.delimiter"),
        ("dates: [dd/mm]", "must be a form of dates"),
        ("phones: Colombia", "country code"),
        ("amounts: {decimal: '.', thousands: '.'}", "two marks"),
        ("columns: {balanse: X}", "did you mean balance"),
        ("columns: {balance: {column: X, constant: Y}}", "must have one of"),
        ("columns: {name: {column: X, unit: cents}}", "go with amounts"),
        ("columns: {balance: [1]}", "columns.balance"),
        ("a: &a [*a]", "cannot be read|recursive|a"),
        ("[]", "dictionary|object|mapping"),
        ("columns: {a: 1, a: 2}", "stands twice"),
    ],
)
def test_what_is_wrong_with_a_mapping_is_told_with_its_place(
    tmp_path: Path, said: str, told: str
) -> None:
    file = tmp_path / "m.yaml"
    file.write_text(said, encoding="utf-8")
    with pytest.raises(Misconfigured, match=told) as error:
        load_mapping(file)
    assert "m.yaml" in str(error.value)


def test_a_mapping_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    (tmp_path / "uno.yaml").touch()
    with pytest.raises(BadInput, match="there are: uno"):
        find_mapping("dos", tmp_path)
