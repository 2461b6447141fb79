"""Reading the mappings that operators edit; each mistake with its line."""

from pathlib import Path
from typing import Final

from config.choosing.segment_files import load_file
from domain.entry.mapping.model import FileMapping
from domain.failures import BadInput

SUFFIX: Final = ".yaml"


def find_mapping(name: str, folder: Path) -> Path:
    """The file of a mapping: ``name`` below ``folder``, or a path where it has a suffix or a slash.

    Raises BadInput, which names those that there are.
    """
    file = Path(name) if "/" in name or name.endswith(SUFFIX) else folder / f"{name}{SUFFIX}"
    if file.is_file():
        return file
    there = ", ".join(sorted(one.stem for one in folder.glob(f"*{SUFFIX}"))) or "none"
    raise BadInput(f"--mapping: {file} is no file that is there; in {folder} there are: {there}")


def load_mapping(file: Path) -> FileMapping:
    """One mapping. Raises Misconfigured, which names file, line and field of all that is wrong."""
    return load_file(file, FileMapping)
