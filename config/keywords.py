"""The keywords an operator edits, read and checked at start-up."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from config.yaml_files import read_yaml
from domain.conversation.keywords import IntentWords, Keywords, Meaning
from domain.failures import Misconfigured

KEYWORDS: Final = Path(__file__).parent / "keywords.yaml"
INTENTS: Final = Path(__file__).parent / "intents.yaml"
"""What else customers say; a message may be about stopping and about something else."""


_TOKENS: Final = {"name": "@", "number": "#"}
"""How the file writes two tokens of a phrase whose own signs mean something in YAML."""


class KeywordsError(Misconfigured):
    """The keyword file cannot be used."""


def load_keywords(file: Path = KEYWORDS, further: Path | None = INTENTS) -> Keywords:
    """The keywords of ``file`` with the intents of ``further``.

    Raises KeywordsError, which names the file and the field.
    """
    keywords = _load(file)
    if further is None:
        return keywords
    more = _load(further)
    if twice := sorted(keywords.intents.keys() & more.intents.keys()):
        raise KeywordsError(f"{further}: {', '.join(twice)} is in {file.name}, too: keep one")
    intents = {**keywords.intents, **more.intents}
    if Meaning.STRANGER in intents:
        intents[Meaning.STRANGER] = _with_names(intents[Meaning.STRANGER], keywords)
    added = {"intents": intents, "function_words": more.function_words}
    return keywords.model_copy(update=added)


def _with_names(said: Mapping[str, IntentWords], keywords: Keywords) -> dict[str, IntentWords]:
    """With what is no name beside "I am not ...", which is one list for both."""
    known = keywords.intents.get(Meaning.WRONG_PERSON, {})
    return {
        language: words.model_copy(update={"not_names": known[language].not_names})
        for language, words in said.items()
        if language in known
    }


def _load(file: Path) -> Keywords:
    try:
        return Keywords.model_validate(_expanded(read_yaml(file, distinct=True), file))
    except OSError as error:
        raise KeywordsError(
            f"{file}: cannot be read ({error.strerror}); restore the file"
        ) from error
    except (yaml.YAMLError, ValidationError) as error:
        raise KeywordsError(f"{file}: {error}") from error


def _expanded(content: Any, file: Path) -> Any:
    """The content with each ``<name>`` in a phrase replaced by the words of that group.

    A name that is no group stays as it is, and is refused as a phrase that cannot be read. Raises
    KeywordsError for a group that no phrase names.
    """
    if not isinstance(content, dict) or not isinstance(groups := content.get("groups", {}), dict):
        return content
    rest = {name: part for name, part in content.items() if name != "groups"}
    named: set[str] = set()
    filled = _filled(rest, {**groups, **_TOKENS}, named)
    if unused := [str(name) for name in groups if name not in named]:
        which = ", ".join(f"<{name}>" for name in unused)
        raise KeywordsError(f"{file}: groups: no phrase names {which}: use it, or take it away")
    return filled


def _filled(part: Any, groups: Mapping[str, object], named: set[str]) -> Any:
    """``part`` with its groups written out; ``named`` are those that it names, too."""

    def words(name: re.Match[str]) -> str:
        named.add(name[1])
        return str(groups.get(name[1], name[0]))

    if isinstance(part, dict):
        return {name: _filled(inner, groups, named) for name, inner in part.items()}
    if isinstance(part, list):
        return [_filled(inner, groups, named) for inner in part]
    return re.sub(r"<(\w+)>", words, part) if isinstance(part, str) else part
