"""The action and result codes an operator edits, read and checked at start-up."""

from pathlib import Path

from config.yaml_files import read_checked
from domain.contacts.results import Results


def load_results(file: Path) -> Results:
    """The codes of a file. Raises Misconfigured, which names each field that is wrong."""
    return read_checked(file, Results.model_validate)
