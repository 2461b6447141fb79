"""The keywords an operator edits, read and checked at start-up."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from config.yaml_files import read_yaml
from domain.conversation.keywords import Keywords
from domain.failures import Misconfigured

KEYWORDS: Final = Path(__file__).parent / "keywords.yaml"


_TOKENS: Final = {"name": "@", "number": "#"}
"""How the file writes two tokens of a phrase whose own signs mean something in YAML."""


class KeywordsError(Misconfigured):
    """The keyword file cannot be used."""


def load_keywords(file: Path = KEYWORDS) -> Keywords:
    """The keywords of ``file``. Raises KeywordsError, which names the file and the field."""
    try:
        return Keywords.model_validate(_expanded(read_yaml(file)))
    except OSError as error:
        raise KeywordsError(
            f"{file}: cannot be read ({error.strerror}); restore the file"
        ) from error
    except (yaml.YAMLError, ValidationError) as error:
        raise KeywordsError(f"{file}: {error}") from error


def _expanded(content: Any) -> Any:
    """The content with each ``<name>`` in a phrase replaced by the words of that group.

    A name that is no group stays as it is, and is refused as a phrase that cannot be read.
    """
    if not isinstance(content, dict) or not isinstance(groups := content.get("groups", {}), dict):
        return content
    rest = {name: part for name, part in content.items() if name != "groups"}
    return _filled(rest, {**groups, **_TOKENS})


def _filled(part: Any, groups: Mapping[str, object]) -> Any:
    if isinstance(part, dict):
        return {name: _filled(inner, groups) for name, inner in part.items()}
    if isinstance(part, list):
        return [_filled(inner, groups) for inner in part]
    if isinstance(part, str):
        return re.sub(r"<(\w+)>", lambda name: str(groups.get(name[1], name[0])), part)
    return part
