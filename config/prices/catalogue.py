"""The prices an operator edits, read and checked at start-up."""

from pathlib import Path

from config.yaml_files import read_checked
from domain.report.prices import Prices


def load_prices(file: Path) -> Prices:
    """The prices of a file. Raises Misconfigured, which names each field that is wrong."""
    return read_checked(file, Prices.model_validate)
