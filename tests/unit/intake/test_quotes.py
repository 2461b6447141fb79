"""A line of CSV that cannot be taken apart is refused by itself: no row beside it is lost."""

from collections.abc import Callable
from pathlib import Path

import pytest

from domain.entry.intake import IntakeRow
from domain.failures import BadInput
from lab.builders.intake_files import AS_OF, rows, write_csv
from workers.intake.files import Record, check, records
from workers.intake.work import _account_of

FOUR = rows(4)
NAME = "Ana Pérez"
QUOTE = 'has a quote (") that is not closed, or that stands within a cell'
LONG = "has more than 1048576 characters"


def read(
    path: Path, change: Callable[[str], str], columns: list[str] | None = None
) -> list[Record]:
    """The rows of a file whose second row (line 3) has been changed."""
    write_csv(path, FOUR, columns or list(FOUR[0]))
    lines = path.read_text(encoding="utf-8").split("\n")
    lines[2] = change(lines[2])
    path.write_text("\n".join(lines), encoding="utf-8", newline="")
    return list(records(path))


def good(found: list[Record]) -> list[str]:
    taken = [check(one, AS_OF.date()) for one in found]
    return [one.account_id for one in taken if isinstance(one, IntakeRow)]


BROKEN: dict[str, tuple[Callable[[str], str], str]] = {
    "never closed": (lambda line: line.replace(NAME, f'"{NAME}'), QUOTE),
    "closed at once, with more after it": (lambda line: line.replace(NAME, f'"Ana" {NAME}'), QUOTE),
    "within a quoted cell": (lambda line: line.replace(NAME, '"Ana "la Gorda" Pérez"'), QUOTE),
    "a cell beyond all bounds": (lambda line: line.replace(NAME, "x" * (1 << 21)), LONG),
    "that in quotes": (lambda line: line.replace(NAME, '"' + "x" * (1 << 21) + '"'), LONG),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_line_costs_no_other_row(tmp_path: Path, kind: str) -> None:
    change, rule = BROKEN[kind]
    found = read(tmp_path / "quotes.csv", change)
    assert good(found) == ["A0", "A2", "A3"]
    [bad] = [one for one in found if one.problem is not None]
    assert bad.problem is not None
    assert (bad.line, bad.problem.field) == (3, "row")
    assert bad.problem.rule.startswith(rule)
    assert _account_of(bad) == ("banco-andino", "A1"), "so a snapshot does not recall it"
    assert len(str(bad.original)) < 3000


def test_a_quote_that_the_next_one_seems_to_close_costs_no_other_row(tmp_path: Path) -> None:
    """From the one to the other it is one row, by its count of cells; a whole one is within it."""
    path = tmp_path / "quotes.csv"
    columns = ["name", *(name for name in FOUR[0] if name != "name")]
    write_csv(path, FOUR, columns)
    lines = path.read_text(encoding="utf-8").split("\n")
    lines[1] = f'"{lines[1]}'
    lines[3] = lines[3].replace(NAME, f'{NAME}"')
    path.write_text("\n".join(lines), encoding="utf-8", newline="")
    found = list(records(path))
    assert [one.line for one in found] == [2, 3, 4, 5]
    assert good(found) == ["A1", "A3"]


def test_where_the_account_is_not_certain_nothing_says_whose_row_it_is(tmp_path: Path) -> None:
    found = read(tmp_path / "quotes.csv", lambda line: f'"{line}')
    assert good(found) == ["A0", "A2", "A3"]
    assert _account_of(found[1]) is None


def test_an_open_quote_before_the_end_leaves_the_end(tmp_path: Path) -> None:
    path = tmp_path / "quotes.csv"
    write_csv(path, FOUR)
    text = path.read_text(encoding="utf-8")
    last = text.rstrip("\r\n").rpartition(NAME)
    path.write_text(f'{last[0]}"{NAME}{last[2]}\n#end,rows=4\n', encoding="utf-8")
    found = list(records(path))
    assert (len(found), good(found)) == (4, ["A0", "A1", "A2"])


@pytest.mark.parametrize("first", ["name", "account_id"])
@pytest.mark.parametrize("cell", [f'"{NAME}\n"', '"Ana\nPérez"', '"Ana\n\nPérez\n"'])
def test_a_line_break_within_quotes_is_one_row(tmp_path: Path, cell: str, first: str) -> None:
    """One at the end says nothing; one within is refused, with the account that it is of."""
    columns = [first, *(name for name in FOUR[0] if name != first)]
    found = read(tmp_path / "quotes.csv", lambda line: line.replace(NAME, cell), columns)
    assert len(found) == 4
    expected = [one["account_id"] for one in FOUR]
    assert good(found) == (
        expected if cell.count("\n") == 1 and cell[-2] == "\n" else ["A0", "A2", "A3"]
    )
    assert _account_of(found[1]) == ("banco-andino", "A1")


def test_the_end_of_a_row_that_broke_is_no_row(tmp_path: Path) -> None:
    """The last cell is the name: what closes its quote would have as many cells as a row."""
    columns = ["name", *(name for name in FOUR[0] if name != "name")]
    found = read(tmp_path / "quotes.csv", lambda line: line.replace(NAME, '"A "b\nPérez"'), columns)
    assert good(found) == ["A0", "A2", "A3"]
    assert [one.line for one in found if one.problem is not None] == [3, 4]


def test_columns_that_cannot_be_read_refuse_the_file(tmp_path: Path) -> None:
    path = tmp_path / "quotes.csv"
    path.write_text('account_id,"customer_id\n', encoding="utf-8")
    with pytest.raises(BadInput, match="line 1 must name the columns, but is no valid CSV"):
        list(records(path))
