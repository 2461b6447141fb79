"""What others write into a strategy's file is told on one line, with the file and where."""

from pathlib import Path

import pytest

from config.settings import ROOT
from config.strategy_files import load_strategy
from domain.failures import Misconfigured

DEFAULT = (ROOT / "config" / "strategies" / "default.yaml").read_text(encoding="utf-8")


def with_line(line: str) -> str:
    return f"{DEFAULT}\n{line}\n"


LAST = len(DEFAULT.splitlines()) + 2
BAD = {
    "a day that there is not": (with_line("quiet: {dates: [2026-02-30]}"), LAST, "2026-02-30"),
    "a time that there is not": (with_line("x: 2026-11-30 25:99:99"), LAST, "25:99:99"),
    "a number of 5,000 digits": (with_line(f"version_: {'9' * 5000}"), LAST, "is no value"),
    "a tab": (DEFAULT.replace("  - name", "\t- name", 1), 20, "with blanks, not with tabs"),
    "a key twice": (with_line("id: again"), LAST, "stands twice"),
    "a cap of nothing": (with_line("caps: {day: 0}"), LAST, "caps.day must be greater"),
    "caps that grow smaller": (
        with_line("caps: {day: 2, week: 1}"),
        LAST,
        "never so many; let week be at least 2",
    ),
    "an anchor of itself": (with_line("x: &x [*x]"), LAST, "x is not known here"),
    "a tag": (with_line("x: !!python/object/apply:os.system [ls]"), LAST, "python/object"),
    "a list for a key": (with_line("? [a, b]\n: 1"), LAST, "unhashable key"),
    "another document": (with_line("---\nid: other"), LAST, "another document"),
    "a bracket that stays open": (with_line("quiet: {dates: [2026-12-24"), LAST, "flow"),
}


@pytest.mark.parametrize(("text", "line", "words"), BAD.values(), ids=list(BAD))
def test_it_is_told_with_its_line(text: str, line: int, words: str, tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Misconfigured) as caught:
        load_strategy(file)
    for fault in caught.value.faults:
        said = str(fault)
        assert str(file) in said
        assert "\n" not in said, "one line each"
        assert "<unicode string>" not in said
    told = "\n".join(map(str, caught.value.faults))
    assert words in told
    assert any(f"line {n}" in told for n in (line - 1, line, line + 1)), told
