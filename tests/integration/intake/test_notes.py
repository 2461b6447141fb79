"""What an intake notices beside what it does, in words and as JSON."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from config.settings import ROOT, Settings
from config.strategy_files import load_strategies
from lab.builders.intake_files import AS_OF, row, rows, write_csv
from tests.integration.intake.desk import DAY, Desk
from workers.intake.limits import Limits

SAMPLE = ROOT / "docs" / "samples" / "accounts.csv"
STRATEGY = load_strategies(Settings().strategies)["default"]


def limits(**settings: object) -> Limits:
    return Limits.of(Settings(**settings), STRATEGY)  # type: ignore[arg-type]


async def test_the_sample_of_the_documentation_is_taken_whole(desk: Desk, tmp_path: Path) -> None:
    copy = tmp_path / SAMPLE.name
    copy.write_bytes(SAMPLE.read_bytes())
    as_of = AS_OF.replace(year=2026)
    report = await desk.take(copy, as_of=as_of, limits=limits())
    assert (report.read, report.refused, report.added, report.exit_code) == (6, 0, 6, 0)
    assert (report.dust, report.beyond, report.older, report.shared_addresses) == (0, 0, 0, 0)
    assert len(desk.starter.said("start")) == 6


async def test_dust_late_accounts_and_nameless_creditors_are_told(desk: Desk) -> None:
    content = [
        row(account_id="cent", customer_id="1", balance="0.01"),
        row(account_id="late", customer_id="2", oldest_due_date="2025-07-23"),
        row(account_id="last", customer_id="3", oldest_due_date="2025-07-24"),
        row(account_id="paid", customer_id="4", balance="0", oldest_due_date="2025-07-01"),
        row(account_id="other", customer_id="5", creditor="tarjeta-azul", balance="1000"),
        row(account_id="wrong", customer_id="NULL", balance="0.01", creditor="nobody"),
    ]
    named = limits(creditor_names={"tarjeta-azul": "Tarjeta Azul"}, shared_address_limit=9)
    report = await desk.take(content, limits=named)
    assert (report.dust, report.beyond) == (1, 1)
    assert report.unnamed_creditors == ["banco-andino"]
    words = "\n".join(report.lines())
    assert "1 accounts owe less than the least amount" in words
    assert "1 accounts are past the strategy's last phase" in words
    nameless = "CONTRAPUNTO_CREDITOR_NAMES has no name for banco-andino: customers read the code"
    assert f"note: {nameless}" in words.splitlines()
    assert (await desk.plan(AS_OF + DAY, "cent")).why == "dust"
    wide = replace(named, least={"COP": Decimal("0.01")})
    assert (await desk.take(content, as_of=AS_OF + DAY, limits=wide)).dust == 0


async def test_a_file_without_surprises_has_no_notes(desk: Desk) -> None:
    report = await desk.take(rows(3), limits=limits(creditor_names={"banco-andino": "Banco"}))
    assert len(report.lines()) == 1


async def test_the_report_is_one_json_object(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    content = [*rows(2), row(balance="x", account_id="bad")]
    path = write_csv(desk.folder / "accounts.csv", content)
    status, said = await desk.command(path, as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert (status, said) == (3, "")
    assert (found["read"], found["refused"], found["added"], found["exit_code"]) == (3, 1, 2, 3)
    assert found["rejects"] == f"{path}.rejects.csv"


async def test_lines_are_not_cut_where_no_terminal_is(desk: Desk) -> None:
    content = [*rows(2), row(balance="x", account_id="bad")]
    path = write_csv(desk.folder / f"{'long-' * 30}name.csv", content)
    _, said = await desk.command(path)
    assert f"refused rows, each with line, field and rule: {path}.rejects.csv\n" in said
