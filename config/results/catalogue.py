"""The action and result codes an operator edits, read and checked at start-up."""

from pathlib import Path

import yaml
from pydantic import ValidationError

from config.yaml_files import read_yaml
from domain.contacts.results import Results
from domain.entry.broken_rule import broken_rule
from domain.failures import Fault, Misconfigured


def load_results(file: Path) -> Results:
    """The codes of a file. Raises Misconfigured, which names each field that is wrong."""
    try:
        return Results.model_validate(read_yaml(file))
    except ValidationError as error:
        raise Misconfigured.of(
            Fault(str(file), ".".join(map(str, one["loc"])), broken_rule(one))
            for one in error.errors(include_input=False, include_url=False)
        ) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        words = " ".join(str(error).split())
        raise Misconfigured.of([Fault(str(file), "", f"cannot be read: {words}")]) from error
