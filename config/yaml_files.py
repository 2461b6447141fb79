"""Files of YAML that operators edit."""

from pathlib import Path
from typing import Any, Final

import yaml

_DEEPEST: Final = 2_000
"""So deep libyaml goes on the stack of any thread; much deeper it ends the process."""
_FAST: Final[Any] = getattr(yaml, "CSafeLoader", None)
"""libyaml's parser, ten times as fast; None: this build of PyYAML has none."""


def read_yaml(file: Path) -> Any:
    """What a file says. Raises OSError, UnicodeDecodeError or YAMLError, as the parser does."""
    text = file.read_text(encoding="utf-8")
    if _FAST is not None and _depth_of(text) <= _DEEPEST:
        try:
            return yaml.load(text, _FAST)  # noqa: S506 - a safe loader, too
        except yaml.YAMLError:
            pass  # the other parser says more of what is wrong, and where
    try:
        return yaml.safe_load(text)
    except RecursionError:
        raise yaml.YAMLError("is nested too deeply") from None


def _depth_of(text: str) -> int:
    """More than how deeply it is nested: each level takes a bracket, or room in its line."""
    longest = max(map(len, text.splitlines()), default=0)
    return longest + text.count("[") + text.count("{")
