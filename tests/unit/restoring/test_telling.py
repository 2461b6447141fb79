"""What ``restore status`` says, of a ledger that is halted and of one that is not."""

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console

from store.ledger_mark import DatabaseMark
from workers.cli.restore.telling import show
from workers.process.ledger_mark import Remembered
from workers.restoring.standing import Standing

AT = datetime(2026, 3, 2, 15, tzinfo=UTC)


def standing(halted_at: datetime | None, why: str | None) -> Standing:
    mark = DatabaseMark(9, halted_at, why, AT, "7/1/5", 9, "7/1/5")
    return Standing(mark, Remembered(9, "7/1/5"), None, 3, 3, 0, ())


@pytest.mark.parametrize(
    ("halted_at", "why", "said"),
    [
        (None, None, "halted           no"),
        (AT, "restored", "since 2026-03-02 15:00:00 UTC: restored"),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_it_says_whether_it_is_halted(
    halted_at: datetime | None, why: str | None, said: str, as_json: bool
) -> None:
    out = Console(file=io.StringIO(), width=200)
    show(standing(halted_at, why), out, as_json=as_json)
    assert isinstance(out.file, io.StringIO)
    told = out.file.getvalue()
    assert (f'"halted": {str(halted_at is not None).lower()}' if as_json else said) in told
