"""The helplines an operator edits, read and checked at start-up."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter

from config.yaml_files import read_checked
from domain.conversation.helplines import Helpline

_FILE: TypeAdapter[dict[str, Helpline]] = TypeAdapter(
    dict[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], Helpline]
)


def load_helplines(file: Path) -> Mapping[str, Helpline]:
    """The helpline of each country. Raises Misconfigured, which names each field that is wrong."""
    return read_checked(file, _FILE.validate_python)
