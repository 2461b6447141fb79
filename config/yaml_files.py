"""Files of YAML that operators edit."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import yaml

_SIGNS: Final = frozenset({"tag:yaml.org,2002:merge", "tag:yaml.org,2002:value"})
"""What `<<` and `=` are as keys: they stand for themselves."""
_LONGEST: Final = 60
"""Characters of a key or an entry that an error quotes."""


class TwiceError(yaml.YAMLError):
    """Something stands twice of which one would count for nothing, without a word."""

    def __init__(self, word: str, line: int, first: int) -> None:
        self.line = line
        short = word if len(word) <= _LONGEST else f"{word[:_LONGEST]}…"
        where = f"here and in line {first}"
        super().__init__(f"line {line}: {short!r} stands twice, {where}: keep one of them")


def read_yaml(file: Path, *, distinct: bool = False) -> Any:
    """What a file says. ``distinct``: nor may anything stand twice in one list.

    Raises OSError, UnicodeDecodeError or YAMLError, as the parser does, and TwiceError, which names
    the line, where a mapping has a key twice.
    """
    text = file.read_text(encoding="utf-8")
    loader = _Distinct(text) if distinct else _Loader(text)
    try:
        return loader.get_single_data()
    except RecursionError:
        raise yaml.YAMLError("is nested too deeply") from None
    finally:
        loader.dispose()


class _Loader(yaml.SafeLoader):
    """The safe loader, but for keys of which it takes the last without a word."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        # As it is written: what a mapping takes over by `<<` may well have the same keys.
        node = super().compose_mapping_node(anchor)
        self.refuse_twice(key for key, _ in node.value)
        return node

    def refuse_twice(self, nodes: Iterable[yaml.Node]) -> None:
        """Raise TwiceError for two that come out as one: `yes` and `true`, not `1` and `"1"`."""
        first: dict[object, int] = {}
        for node in nodes:
            if not isinstance(node, yaml.ScalarNode):
                continue
            value = node.value if node.tag in _SIGNS else self.construct_object(node)
            line = node.start_mark.line + 1
            if value in first:
                raise TwiceError(node.value, line, first[value])
            first[value] = line


class _Distinct(_Loader):
    """That takes no list which says something twice, either."""

    def compose_sequence_node(self, anchor: Any) -> yaml.SequenceNode:
        node = super().compose_sequence_node(anchor)
        self.refuse_twice(node.value)
        return node
