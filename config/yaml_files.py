"""Files of YAML that operators edit."""

from pathlib import Path
from typing import Any

import yaml


def read_yaml(file: Path) -> Any:
    """What a file says. Raises OSError, UnicodeDecodeError or YAMLError, as the parser does."""
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except RecursionError:
        raise yaml.YAMLError("is nested too deeply") from None
