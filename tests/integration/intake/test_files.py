"""Files as they come: what is harmless, what is refused, and what is said of it."""

import csv

import pytest

from lab.builders.intake_files import FakeStarter, row, rows, write_csv, write_jsonl
from tests.integration.intake.desk import Desk


async def test_refused_rows_are_written_down_and_the_others_go_on(desk: Desk) -> None:
    content = rows(4)
    content[1]["balance"] = "-5"
    content[2] |= {"country": "XX", "timezone": "Mars/Olympus", "region": ""}
    content.append(content[0] | {"balance": "1"})
    path = write_csv(desk.folder / "daily.csv", content)
    status, said = await desk.command(path)
    rejects = desk.folder / "daily.csv.rejects.csv"
    assert status == 3
    assert "5 rows read, 3 refused" in said
    assert str(rejects) in said
    assert rejects.stat().st_mode & 0o077 == 0
    with rejects.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    assert lines[0][:5] == ["line", "field", "rule", "account_id", "customer_id"]
    assert lines[1][:5] == ["3", "balance", "must not be negative", "A1", "C1"]
    assert lines[2][:2] == ["4", "country; timezone"]
    assert lines[3][:4] == ["6", "account_id", "the account is already in line 2", "A0"]
    assert sorted(desk.starter.said("start")) == ["A0", "A3"]
    mended = write_csv(path, rows(4))
    status, _ = await desk.command(mended)
    assert status == 0
    assert not rejects.exists()


async def test_json_lines(desk: Desk) -> None:
    listed = row(account_id="A2", customer_id="C2") | {
        "balance": 12.25,
        "consents": ["sms"],
        "timezone": ["America/Bogota"],
        "landline": None,
    }
    path = write_jsonl(desk.folder / "accounts.jsonl", [row(), listed])
    with path.open("a", encoding="utf-8") as file:
        file.write('\n{"account_id": \n[1]\n{"balanse": 1}\n')
    status, _ = await desk.command(path)
    assert status == 3
    assert sorted(desk.starter.said("start")) == ["A1", "A2"]
    assert str((await desk.account("A2"))["balance"]) == "12.25"
    rejects = (desk.folder / "accounts.jsonl.rejects.jsonl").read_text(encoding="utf-8")
    assert '"line": 4, "field": "row", "rule": "is no valid JSON object"' in rejects
    assert "did you mean balance?" in rejects


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("account_id;customer_id;creditor\n", "commas, not semicolons"),
        ("account_id,customer_id\n", "missing columns creditor, currency"),
        ("account_id,acount_id\n", "unknown column 'acount_id'; did you mean account_id?"),
        ("account_id,account_id\n", "column 'account_id' appears 2 times"),
    ],
)
async def test_an_unusable_file_changes_nothing(desk: Desk, text: str, said: str) -> None:
    path = desk.folder / "broken.csv"
    path.write_text(text, encoding="utf-8")
    status, answer = await desk.command(path)
    assert status == 2
    assert said in answer
    assert await desk.count("accounts") == 0


async def test_a_file_that_breaks_in_the_middle_changes_nothing(desk: Desk) -> None:
    path = write_csv(desk.folder / "broken.csv", rows(1500))
    with path.open("ab") as file:
        file.write(b"\xff\xfe\n")
    status, said = await desk.command(path)
    assert status == 2
    assert "UTF-8" in said
    nameless = path.with_name("latin")  # its first lines are read to tell what it is
    nameless.write_bytes("año\n".encode("latin-1"))
    status, said = await desk.command(nameless)
    assert (status, "UTF-8" in said) == (2, True)
    assert await desk.count("accounts") == 0
    status, said = await desk.command(desk.folder / "absent.csv")
    assert status == 2
    assert "No such file" in said


async def test_a_byte_order_mark_and_columns_in_another_order(desk: Desk) -> None:
    columns = sorted(row())
    path = write_csv(desk.folder / "sheet.csv", [row()], columns)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    status, _ = await desk.command(path)
    assert status == 0
    assert (await desk.account())["currency"] == "COP"


async def test_unreachable_temporal_is_a_clear_error(desk: Desk) -> None:
    path = write_csv(desk.folder / "accounts.csv", rows(2))
    status, said = await desk.command(path, starter=FakeStarter(fail_after=0))
    assert status == 1
    assert "Temporal does not answer" in said
    status, _ = await desk.command(path)
    assert status == 0
    assert len(desk.starter.said("start")) == 2
