"""The keywords an operator edits, read and checked at start-up."""

from pathlib import Path
from typing import Final

import yaml
from pydantic import ValidationError

from domain.conversation.keywords import Keywords
from domain.failures import Misconfigured

KEYWORDS: Final = Path(__file__).parent / "keywords.yaml"


class KeywordsError(Misconfigured):
    """The keyword file cannot be used."""


def load_keywords(file: Path = KEYWORDS) -> Keywords:
    """The keywords of ``file``. Raises KeywordsError, which names the file and the field."""
    try:
        return Keywords.model_validate(yaml.safe_load(file.read_text("utf-8")))
    except OSError as error:
        raise KeywordsError(
            f"{file}: cannot be read ({error.strerror}); restore the file"
        ) from error
    except (yaml.YAMLError, ValidationError) as error:
        raise KeywordsError(f"{file}: {error}") from error
