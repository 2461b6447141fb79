"""Files of YAML that operators edit."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import yaml
from pydantic import ValidationError
from yaml.reader import ReaderError

from domain.entry.broken_rule import broken_rule
from domain.failures import Fault, Misconfigured

T = TypeVar("T")

_DEEPEST: Final = 10_000
"""So deep libyaml goes on the stack of any thread; much deeper it ends the process."""
_FAST: Final[Any] = getattr(yaml, "CSafeLoader", None)
"""libyaml's parser, ten times as fast; None: this build of PyYAML has none."""
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
    if _FAST is not None and not _is_deep(text):
        try:
            return _read_fast(text, distinct=distinct)
        except (yaml.YAMLError, RecursionError, ValueError):
            pass  # the other parser says more of what is wrong, and where
    try:
        loader = _Distinct(text) if distinct else _Loader(text)
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise yaml.YAMLError(f"line {line}: {_character(error)}") from None
    try:
        return loader.get_single_data()
    except RecursionError:
        raise yaml.YAMLError(f"line {loader.line + 1}: is nested too deeply") from None
    finally:
        loader.dispose()


def read_checked(file: Path, check: Callable[[Any], T]) -> T:
    """What a file says, made of it by ``check``, which raises ValidationError for what is wrong.

    Raises Misconfigured, which names each field that is wrong.
    """
    try:
        return check(read_yaml(file))
    except ValidationError as error:
        raise Misconfigured.of(
            Fault(str(file), ".".join(map(str, one["loc"])), broken_rule(one))
            for one in error.errors(include_input=False, include_url=False)
        ) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        words = unreadable(error)
        raise Misconfigured.of([Fault(str(file), "", f"cannot be read: {words}")]) from error


def unreadable(error: Exception) -> str:
    """Why a file could not be read, on one line: where, what is wrong, what to do."""
    if isinstance(error, UnicodeDecodeError):
        line, octet = error.object.count(b"\n", 0, error.start) + 1, error.object[error.start]
        return f"line {line}: the octet 0x{octet:02X} is no UTF-8: save it as UTF-8 text"
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return " ".join(str(error).split())
    parts = (getattr(error, name, None) for name in ("context", "problem"))
    said = ", ".join(" ".join(part.split()) for part in parts if part)
    todo = ": indent with blanks, not with tabs" if "'\\t'" in said else ""
    return f"line {mark.line + 1}: {said}{todo}"


def line_of(file: Path, path: Sequence[str | int]) -> int | None:
    """In which line of a file something stands, by its keys and places in lists; of what is not
    there, that within which it would be. None: the file cannot be read."""
    try:
        text = file.read_text(encoding="utf-8")
        if _is_deep(text):
            return None
        node = yaml.compose(text, Loader=_FAST or yaml.SafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError):
        return None
    line = 1
    for step in path:
        if isinstance(node, yaml.MappingNode):
            named = [pair for pair in node.value if pair[0].value == str(step)]
            if not named:
                break
            line, node = named[0][0].start_mark.line + 1, named[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            if step >= len(node.value):
                break
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            break
    return line


def _is_deep(text: str) -> bool:
    """Whether it is nested deeper than the stack holds."""
    # Each level takes a bracket, or room in its line; where that is much it is counted.
    longest = max(map(len, text.splitlines()), default=0)
    if longest + text.count("[") + text.count("{") <= _DEEPEST:
        return False
    depth = 0
    try:
        for event in yaml.parse(text, Loader=_FAST or yaml.SafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                return True
    except yaml.YAMLError:
        return True
    return False


def _character(error: ReaderError) -> str:
    character = error.character
    code = ord(character) if isinstance(character, str) else character
    return f"holds the character U+{code:04X}, which no text has: is it a file of another kind?"


def _read_fast(text: str, *, distinct: bool) -> Any:
    loader = _FAST(text)
    try:
        root = loader.get_single_node()
        seen, left = set[int](), [] if root is None else [root]
        while left:
            node = left.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            if isinstance(node, yaml.MappingNode):
                _refuse_twice(loader, [key for key, _ in node.value])
                left += [part for pair in node.value for part in pair]
            elif isinstance(node, yaml.SequenceNode):
                if distinct:
                    _refuse_twice(loader, node.value)
                left += node.value
        return None if root is None else loader.construct_document(root)
    finally:
        loader.dispose()


def _refuse_twice(loader: Any, nodes: Iterable[yaml.Node]) -> None:
    """Raise TwiceError for two that come out as one: `yes` and `true`, not `1` and `"1"`."""
    first: dict[object, int] = {}
    for node in nodes:
        if not isinstance(node, yaml.ScalarNode):
            continue
        value = node.value if node.tag in _SIGNS else loader.construct_object(node)
        line = node.start_mark.line + 1
        if value in first:
            raise TwiceError(node.value, line, first[value])
        first[value] = line


class _Loader(yaml.SafeLoader):
    """The safe loader, but for keys of which it takes the last without a word."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            value = super().construct_object(node, deep)
            if isinstance(value, str):
                value.encode()
        except (ValueError, OverflowError):
            # A day that there is not, a number without end, half of a character: what looks like
            # one is taken for one.
            said = str(node.value)[:_LONGEST]
            problem = f"{said!r} is no value that there is: mend it, or put it in quotes as text"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark) from None
        return value

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        # As it is written: what a mapping takes over by `<<` may well have the same keys.
        node = super().compose_mapping_node(anchor)
        _refuse_twice(self, [key for key, _ in node.value])
        return node


class _Distinct(_Loader):
    """That takes no list which says something twice, either."""

    def compose_sequence_node(self, anchor: Any) -> yaml.SequenceNode:
        node = super().compose_sequence_node(anchor)
        _refuse_twice(self, node.value)
        return node
