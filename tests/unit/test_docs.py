"""README and docs name everything there is, and name nothing that is not there."""

import hashlib
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from config.settings import ROOT, Settings
from domain.law.readings import READINGS
from domain.ledger.attempt import MOVES, Event
from lab.reference.commands import commands
from workers.cli.main import app
from workers.version import VERSION

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted(path for path in (ROOT / "docs").rglob("*.md") if path.parent.name != "law"),
]
"""All but those of the law, which come from the packs and have tests of their own."""

GUIDES = [*PAGES, *(ROOT / "config").rglob("*.md"), *(ROOT / "lab").rglob("*.md")]
"""With what stands beside the code it is about."""

LINK = re.compile(r"\]\(([^)\s]+)\)")
DOCUMENT = re.compile(r"(?<![\w./-])docs/[\w./-]*\w\.(?:md|json|png)")
FILE = re.compile(
    r"(?<![\w./-])((?:domain|config|store|activities|workflows|workers|lab|tests)/[\w./-]*\w\.\w+)"
)
CODE = re.compile(r"`([\w.*<>-]+(?:/[\w.*<>-]*)+)")
"""The beginning of what stands in backticks, where that has a slash."""
CALL = re.compile(r"(?:`|^ {4}(?:\.venv/bin/)?)(contrapunto(?: [^`\n]*)?)", re.MULTILINE)
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


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def is_path(name: str, rooms: set[str]) -> bool:
    """Whether it means a file or a folder of the repository, even if there is none of that name."""
    first, *rest = name.split("/")
    if first == "var":
        return False  # made here, and not ours to keep
    folder, file = name.endswith("/") and len(rest) > 1, re.search(r"\w\.[a-z]\w{0,5}$", rest[-1])
    return first in rooms or folder or file is not None


def options(command: Any) -> set[str]:
    """Every spelling of every option of a command."""
    return {"--help"} | {
        word for one in command.params for word in (*one.opts, *one.secondary_opts)
    }


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_the_readme_is_short_enough_to_be_read() -> None:
    assert len(README.splitlines()) < 150


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        links = (link.partition("#")[0] for link in LINK.findall(page.read_text(encoding="utf-8")))
        waiting += [(page.parent / link).resolve() for link in links if link and ":" not in link]
    assert set(PAGES) - reached == {ROOT / "docs" / "README.md"}, "an index of its own"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_pages_name_only_settings_that_are_there(page: Path) -> None:
    told = set(re.findall(r"CONTRAPUNTO_([A-Z_]*[A-Z])", page.read_text(encoding="utf-8")))
    assert told <= {name.upper() for name in Settings.model_fields} | {"TRACEBACK"}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_pages_name_only_commands_and_options_that_are_there(page: Path) -> None:
    known = {name: options(command) for name, command in commands(get_command(app))}
    groups = {name.rpartition(" ")[0] for name in known} - {"contrapunto"}
    for line in CALL.findall(page.read_text(encoding="utf-8")):
        words = line.split()
        below = " ".join(words[:2]) in groups and len(words) > 2 and words[2][0] != "-"
        name = " ".join(words[: 3 if below else 2])
        if len(words) == 1 or words[1].startswith("-") or name in groups - known.keys():
            continue
        assert name in known, line
        told = {
            word.partition("=")[0].strip("[]") for word in words if word.startswith(("--", "[--"))
        }
        assert told <= known[name], line


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_pages_name_only_make_targets_that_are_there(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    text = page.read_text(encoding="utf-8")
    told = set(re.findall(r"(?:`|^    )make (?:PYTHON=\S+ )?([a-z-]+)", text, re.MULTILINE))
    assert told <= targets


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_pages_name_only_files_that_are_there(page: Path) -> None:
    for name in FILE.findall(page.read_text(encoding="utf-8")):
        assert (ROOT / name).exists(), name


@pytest.mark.parametrize("page", GUIDES, ids=name_of)
def test_pages_name_only_paths_that_are_there(page: Path) -> None:
    rooms = {path.relative_to(ROOT).parts[0] for path in tracked() if path.parent != ROOT}
    for name in CODE.findall(page.read_text(encoding="utf-8")):
        if is_path(name, rooms):
            pattern = re.sub(r"<[^>]*>", "*", name.rstrip("."))
            assert any([*ROOT.glob(pattern), *page.parent.glob(pattern)]), name


def test_a_path_is_told_from_what_only_has_a_slash() -> None:
    rooms = {"workers", "config"}
    paths = ("workers/gateway", "worker/gateway/", "worker/app.py", "config/templates/<locale>/")
    assert all(is_path(name, rooms) for name in paths)
    others = ("creditor/account_id", "text/html", "fr/", "var/dev/environment", "America/Lima")
    assert not any(is_path(name, rooms) for name in others)


@pytest.mark.parametrize("reading", READINGS)
def test_every_reading_is_explained_with_its_values(reading: str) -> None:
    page = (ROOT / "docs" / "law" / "README.md").read_text(encoding="utf-8")
    [row] = re.findall(rf"^\| `{re.escape(reading)}` \|.*$", page, re.MULTILINE)
    assert all(f"`{value}`" in row for value in READINGS[reading].values)


def test_the_changelog_tells_of_this_version() -> None:
    told = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert told[:2] == ["Unreleased", VERSION]


def test_the_licence_is_the_whole_text() -> None:
    text = (ROOT / "LICENSE").read_bytes()
    whole = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"
    assert hashlib.sha256(text).hexdigest() == whole


@pytest.mark.parametrize("page", PAGES, ids=name_of)
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


def test_the_picture_of_an_attempts_states_is_the_table_of_moves() -> None:
    page = (ROOT / "docs" / "never-twice.md").read_text(encoding="utf-8")
    [drawn] = re.findall(r"```mermaid\nstateDiagram-v2\n(.*?)```", page, re.DOTALL)
    arrows = re.findall(r"^ +(\w+) --> (\w+): (\w+)", drawn, re.MULTILINE)
    by_a_person = {Event.SETTLE_ACCEPTED, Event.SETTLE_REFUSED}
    moves = {
        (str(old), str(new), str(event))
        for event, states in MOVES.items()
        if event not in by_a_person
        for old, new in states.items()
    }
    assert set(arrows) == moves


def test_every_table_is_explained() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`(\w+)`", page[page.index("## Tables") : page.index("## Where we")]))
    made = {
        name
        for path in (ROOT / "migrations" / "versions").glob("*.py")
        for name in re.findall(r"CREATE TABLE (\w+)", path.read_text(encoding="utf-8"))
    }
    assert made <= told
