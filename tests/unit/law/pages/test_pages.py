"""The pages of the law and its schemas are those of the packs."""

from pathlib import Path

import pytest

from config.settings import ROOT
from domain.law.model import RulePack
from tests.unit.law.support import BOOK, small_pack
from workers.cli.law.pages import COMMAND, page, pages, write_pages

DOCS = ROOT / "docs"
MADE = pages(BOOK)


@pytest.mark.parametrize("name", MADE)
def test_the_committed_page_is_current(name: str) -> None:
    path = DOCS / name
    committed = path.read_text(encoding="utf-8") if path.exists() else None
    assert committed == MADE[name], f"docs/{name} is not what the packs say: run `{COMMAND}`"


def test_no_page_is_left_over() -> None:
    there = {f"law/{path.name}" for path in (DOCS / "law").glob("*.md")}
    assert there == {name for name in MADE if name.endswith(".md")}, f"run `{COMMAND}`"


@pytest.mark.parametrize("pack", BOOK.packs.values(), ids=lambda pack: pack.jurisdiction)
def test_a_page_tells_all_of_every_rule(pack: RulePack) -> None:
    told = page(pack)
    for rule in pack.rules:
        assert f"| `{rule.id}` |" in told
        for words in (rule.cite, str(rule.mark), rule.title[1:], *rule.source):
            assert words.replace("|", "\\|") in told
        for name, values in rule.by_reading.items():
            assert all(f"`{name}` = `{value}`" in told for value in values)
        for day in (rule.effective.since, rule.effective.until):
            assert day is None or day.isoformat() in told
    for calendar in pack.calendars.values():
        assert all(day.date.isoformat() in told for day in (*calendar.add, *calendar.remove))


def test_pages_are_written_and_those_of_packs_that_are_gone_are_removed(tmp_path: Path) -> None:
    (tmp_path / "law").mkdir()
    stale = tmp_path / "law" / "zz.md"
    stale.write_text(page(small_pack({"kind": "stated_times"})), encoding="utf-8")
    kept = tmp_path / "law" / "notes.md"
    kept.write_text("ours", encoding="utf-8")
    assert {str(path.relative_to(tmp_path)) for path in write_pages(BOOK, tmp_path)} == set(MADE)
    assert (tmp_path / "law" / "co.md").read_text(encoding="utf-8") == MADE["law/co.md"]
    assert kept.exists()
    assert not stale.exists()
