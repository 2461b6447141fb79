"""README and docs name everything there is, and name nothing that is not there."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_command

from config.settings import ROOT, Settings
from domain.intake import COLUMNS
from domain.law.readings import READINGS
from workers.cli.main import app

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

LINK = re.compile(r"\]\(([^)\s]+)\)")
DOCUMENT = re.compile(r"(?<![\w./-])docs/[\w./-]*\w\.(?:md|json|png)")
ABSOLUTE = re.compile(r"(?<![\w.)}-])/(?:home|root|work|Users)/\w+")
# In two parts, so that this file does not find itself.
INDEX = re.compile("--(?:extra-)?index-" + "url|/sim" + "ple/|pypi" + r"\.\w|artifact" + "ory")


def tracked() -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout
    return [ROOT / name for name in names.split("\0") if name]


def texts() -> Iterator[tuple[Path, str]]:
    for path in tracked():
        if path.is_file() and path.suffix not in (".png", ".csv"):
            yield path, path.read_text(encoding="utf-8")


def commands(command: Any, words: tuple[str, ...] = ("contrapunto",)) -> Iterator[str]:
    below: dict[str, Any] = getattr(command, "commands", {})
    if not below:
        yield " ".join(words)
    for name, one in below.items():
        yield from commands(one, (*words, name))


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_in_the_table(name: str) -> None:
    assert f"| `CONTRAPUNTO_{name.upper()}` |" in README


def test_the_table_has_no_setting_that_is_not_there() -> None:
    named = set(re.findall(r"^\| `CONTRAPUNTO_(\w+)` \|", README, re.MULTILINE))
    assert named == {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("name", [n for n, f in Settings.model_fields.items() if f.default])
def test_defaults_are_told(name: str) -> None:
    default: Any = Settings.model_fields[name].default
    if isinstance(default, Path):
        default = default.relative_to(ROOT)
    if isinstance(default, tuple):
        default = list(default)
    told = str(default).lower() if isinstance(default, bool) else str(default)
    assert f"| `CONTRAPUNTO_{name.upper()}` | `{told}` |" in README


@pytest.mark.parametrize("command", list(commands(get_command(app))))
def test_every_command_is_in_the_readme(command: str) -> None:
    assert re.search(rf"^\| `{command}[` ]", README, re.MULTILINE)


def test_the_walk_over_the_commands_finds_them() -> None:
    assert isinstance(app, typer.Typer)
    assert {"contrapunto law check", "contrapunto demo"} <= set(commands(get_command(app)))


@pytest.mark.parametrize("column", COLUMNS)
def test_every_intake_column_is_explained(column: str) -> None:
    assert f"| `{column}` |" in README


@pytest.mark.parametrize("reading", READINGS)
def test_every_reading_is_explained_with_its_values(reading: str) -> None:
    values = ", ".join(f"`{value}`" for value in READINGS[reading].values)
    assert f"| `{reading}` | {values} |" in README


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_code_names_only_documents_that_are_there() -> None:
    missing = {
        (path.name, name)
        for path, text in texts()
        for name in DOCUMENT.findall(text)
        if not (ROOT / name).exists()
    }
    assert not missing


def test_no_tracked_file_names_a_package_index_or_a_path_of_one_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path, text in texts()
        for match in (*INDEX.finditer(text), *ABSOLUTE.finditer(text))
    ]
    assert not found


@pytest.mark.parametrize("picture", sorted((ROOT / "docs" / "pictures").glob("*.png")), ids=str)
def test_pictures_are_small_and_shown(picture: Path) -> None:
    assert picture.stat().st_size <= 300_000
    assert any(picture.name in page.read_text(encoding="utf-8") for page in PAGES)
