"""The helplines an operator edits, read and checked at start-up."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import Field, TypeAdapter, ValidationError

from config.yaml_files import read_yaml
from domain.conversation.helplines import Helpline
from domain.entry.broken_rule import broken_rule
from domain.failures import Fault, Misconfigured

_FILE: TypeAdapter[dict[str, Helpline]] = TypeAdapter(
    dict[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], Helpline]
)


def load_helplines(file: Path) -> Mapping[str, Helpline]:
    """The helpline of each country. Raises Misconfigured, which names each field that is wrong."""
    try:
        return _FILE.validate_python(read_yaml(file))
    except ValidationError as error:
        raise Misconfigured.of(
            Fault(str(file), ".".join(map(str, one["loc"])), broken_rule(one))
            for one in error.errors(include_input=False, include_url=False)
        ) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        words = " ".join(str(error).split())
        raise Misconfigured.of([Fault(str(file), "", f"cannot be read: {words}")]) from error
