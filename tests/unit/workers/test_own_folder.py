"""A folder that a local stack empties is its own, whatever somebody types."""

import json
from pathlib import Path

import pytest

from domain.failures import BadInput
from lab.local.folder_lock import FolderLock
from lab.local.own_folder import MARK, take


@pytest.mark.parametrize("entry", ["thesis.odt", "logs/mine.log", "environment", "ports.json"])
@pytest.mark.parametrize("empty", [True, False])
def test_a_folder_of_somebody_elses_is_refused_and_left_as_it_is(
    tmp_path: Path, entry: str, empty: bool
) -> None:
    file = tmp_path / entry
    file.parent.mkdir(exist_ok=True)
    file.write_text("[1]", "utf-8")
    with pytest.raises(BadInput, match="name a folder that is empty"):
        take(tmp_path, empty=empty)
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == [file]


def test_what_a_run_of_ours_has_left_goes_and_what_else_is_there_stays(tmp_path: Path) -> None:
    folder = tmp_path / "var" / "dev"
    take(folder, empty=True)
    (folder / "postgres" / "base").mkdir(parents=True)
    for name in ("temporal.db", "temporal.db-wal", "received.jsonl", "notes.txt"):
        (folder / name).touch()
    (folder / "logs").symlink_to(tmp_path)
    take(folder, empty=False)
    assert (folder / "received.jsonl").exists()
    take(folder, empty=True)
    assert sorted(one.name for one in folder.iterdir()) == [MARK, "notes.txt"]
    assert tmp_path.exists()


def test_a_folder_of_before_there_was_a_mark_is_known_by_its_ports(tmp_path: Path) -> None:
    (tmp_path / "ports.json").write_text(json.dumps({"postgres": 1}), "utf-8")
    take(tmp_path, empty=True)
    assert [one.name for one in tmp_path.iterdir()] == [MARK]


def test_a_place_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for folder in (file, file / "below", Path("/proc/x")):
        with pytest.raises(BadInput, match="cannot be used"):
            take(folder, empty=True)
    with pytest.raises(BadInput, match="cannot be used"), FolderLock(file / "below"):
        pass
