"""Reading the mappings that operators edit; each mistake with its line."""

from pathlib import Path
from typing import Final

import yaml
from pydantic import ValidationError

from config.choosing.segment_files import fault_at
from config.yaml_files import read_yaml
from domain.entry.broken_rule import broken_rule
from domain.entry.mapping.model import FileMapping
from domain.failures import BadInput, Fault, Misconfigured
from domain.segments.conditions import Wrong

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
    try:
        return FileMapping.model_validate(read_yaml(file))
    except ValidationError as error:
        raise Misconfigured.of(
            fault_at(file, Wrong(tuple(one["loc"]), broken_rule(one)))
            for one in error.errors(include_input=False, include_url=False)
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        words = " ".join(str(error).split())
        raise Misconfigured.of([Fault(str(file), "", f"cannot be read: {words}")]) from None
