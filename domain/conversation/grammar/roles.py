"""Rules about words, written as regular expressions over the roles that words play."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_NAME: Final = re.compile(r"[a-z_][a-z_0-9]*")
_BLANK: Final = re.compile(r"\s+")


def word_set(row: str) -> frozenset[str]:
    """The words of a row."""
    return frozenset(row.split())


class Roles:
    """Names of roles, each with a character of its own.

    A sentence becomes a short text of such characters, and a rule a regular expression over them.
    """

    def __init__(self, names: str) -> None:
        chars = {name: chr(0x100 + at) for at, name in enumerate(names.split())}
        self.char: Final[Mapping[str, str]] = MappingProxyType(chars)

    def pattern(self, rule: str) -> str:
        """A rule as a regular expression: names become their characters, blanks go."""
        return _BLANK.sub("", _NAME.sub(lambda name: self.char[name[0]], rule))
