"""A first mapping is guessed from names and values, and what is not certain is said."""

import io
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from rich.console import Console

from config.intake.mapping_files import load_mapping
from config.settings import ROOT
from domain.failures import BadInput
from domain.segments.attributes import ALWAYS
from workers.intake.mapping.first import write_first
from workers.intake.mapping.mapped import MappedFile

SAMPLES = ROOT / "docs" / "samples"


def first(path: Path, target: Path) -> str:
    console = Console(file=io.StringIO(), width=400)
    write_first(path, target, ALWAYS, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_colombian_sample_is_guessed_but_for_what_it_does_not_say(tmp_path: Path) -> None:
    target = tmp_path / "first.yaml"
    said = first(SAMPLES / "cartera-colombia.csv", target)
    text = target.read_text(encoding="utf-8")
    for expected in (
        "delimiter: semicolon",
        "encoding: windows-1252",
        "skip_lines: 2",
        "footer: TOTAL",
        "decimal: ','",
        "thousands: .",
        "- DD/MM/YYYY",
        "account_id: No. Obligación",
        "customer_id: Código cliente",
        "oldest_due_date: Fecha de vencimiento",
        "mobile: Celular",
        "email: Correo electrónico",
        "region: Departamento",
    ):
        assert expected in text
    assert "no column was found for creditor" in said and "Ana María Pérez Núñez" in said
    assert "1250000.50" in said and "2026-11-01" in said


def test_what_is_added_by_hand_makes_it_a_mapping(tmp_path: Path) -> None:
    target = tmp_path / "first.yaml"
    first(SAMPLES / "carteira-brasil.csv", target)
    text = target.read_text(encoding="utf-8")
    text = text.replace("# phones: CO", "phones: BR").replace(
        "columns:\n",
        "columns:\n  creditor: {constant: loja}\n  currency: {constant: BRL}\n"
        "  country: {constant: BR}\n",
    )
    target.write_text(text, encoding="utf-8")
    rows = list(MappedFile(SAMPLES / "carteira-brasil.csv", load_mapping(target), ALWAYS).records())
    assert [row.problem for row in rows] == [None, None]
    assert [row.cells["mobile"] for row in rows] == ["+5511987654321", "+5521998765432"]


@pytest.mark.parametrize(
    ("days", "sure", "form"),
    [
        (["03/04/2026", "05/06/2026"], False, "DD/MM/YYYY"),
        (["03/04/2026", "25/06/2026"], True, "DD/MM/YYYY"),
        (["03/04/2026", "06/25/2026"], True, "MM/DD/YYYY"),
        (["3/4/26", "25/6/26"], True, "D/M/YY"),
        (["2026-10-31"], True, "YYYY-MM-DD"),
        (["31-oct-2026", "1-nov-2026"], True, "D-MMM-YYYY"),
        (["03/04/2026", "2026-06-05"], False, "YYYY-MM-DD"),
    ],
)
def test_days_that_could_be_two_are_said_to_be_uncertain(
    tmp_path: Path, days: list[str], sure: bool, form: str
) -> None:
    path, target = tmp_path / "f.csv", tmp_path / "m.yaml"
    path.write_text("cuenta,vencimiento\n" + "".join(f"A,{day}\n" for day in days))
    first(path, target)
    text = target.read_text(encoding="utf-8")
    assert ("NOT CERTAIN: vencimiento" not in text) is sure
    assert f"- {form}\n" in text


@pytest.mark.parametrize(
    ("amounts", "sure", "decimal"),
    [
        (["1.234", "5.678"], False, "','"),
        (["1.234,50"], True, "','"),
        (["1,234.50"], True, "."),
        (["12.5"], True, "."),
        (["12,5"], True, "','"),
        (["100"], True, "."),
        (["1.234,50", "1,234.50"], False, "."),
    ],
)
def test_amounts_that_could_be_two_are_said_to_be_uncertain(
    tmp_path: Path, amounts: list[str], sure: bool, decimal: str
) -> None:
    path, target = tmp_path / "f.csv", tmp_path / "m.yaml"
    path.write_text("cuenta;saldo\n" + "".join(f"A;{one}\n" for one in amounts))
    first(path, target)
    text = target.read_text(encoding="utf-8")
    assert ("NOT CERTAIN: saldo" not in text) is sure
    assert f"decimal: {decimal}\n" in text


@pytest.mark.parametrize("content", [b"a\n", b"\x00\x01\x02\n", b"a;b;c\n1;2\n"])
def test_a_file_of_which_nothing_is_known_is_told_so(tmp_path: Path, content: bytes) -> None:
    path, target = tmp_path / "f.csv", tmp_path / "m.yaml"
    path.write_bytes(content)
    assert "no column was found for account_id" in first(path, target)


@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_a_file_of_nothing_is_refused(tmp_path: Path, content: bytes) -> None:
    path, target = tmp_path / "f.csv", tmp_path / "m.yaml"
    path.write_bytes(content)
    with pytest.raises(BadInput, match="names the columns"):
        first(path, target)
    assert not target.exists()


def test_a_workbook_with_numbers_that_have_lost_figures_is_guessed_all_the_same(
    tmp_path: Path,
) -> None:
    path, target = tmp_path / "f.xlsx", tmp_path / "m.yaml"
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["Cuenta", "Saldo", "Vencimiento", "Acepta SMS"])
    book.active.append([1234567890123456789, 1500.5, datetime(2026, 10, 31), True])  # noqa: DTZ001
    book.active.append([1234567890123456789, 20, datetime(2026, 9, 30), False])  # noqa: DTZ001
    book.save(path)
    said = first(path, target)
    assert "account_id: Cuenta" in target.read_text(encoding="utf-8")
    assert "1500.5" in said and "2026-10-31" in said and "(refused)" in said


def test_nothing_is_written_over(tmp_path: Path) -> None:
    target = tmp_path / "m.yaml"
    target.write_text("mine")
    with pytest.raises(BadInput, match="is there already"):
        first(SAMPLES / "carteira-brasil.csv", target)
    assert target.read_text() == "mine"
