"""JSON by a stranger is read as Python reads it, and never to the end of Python's stack."""

import gc
import json
import sys
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.entry.json_text import DEEPEST, read_json

_DEEP: dict[str, str | bytes] = {
    "arrays": "[" * 99_999,
    "objects": '{"a":' * 99_999,
    "one level too many": "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1),
    "octets": b"[" * 99_999,
    "UTF-16": ("[" * 99_999).encode("utf-16"),
    "UTF-32": ("[" * 99_999).encode("utf-32"),
    "after a text of brackets": json.dumps(["]" * 999, '"\\']).removesuffix("]") + ",[" * 999,
    "between texts that close": '["]",' * 999,
}

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet='[]{}"\\:,aé\ud800 '),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(alphabet='[{"\\}]'), inner),
)


@pytest.mark.parametrize("text", _DEEP.values(), ids=_DEEP)
def test_what_is_nested_too_deeply_is_refused(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=f"deeper than {DEEPEST} levels"):
        read_json(text)


@pytest.mark.parametrize(
    "text",
    [
        "[" * DEEPEST + "]" * DEEPEST,
        "[" + "[],{}," * 9_999 + "1]",
        json.dumps({"a": "[" * 9_999}),
        json.dumps(['\\"' + "[" * 9_999, '"' + "{" * 9_999]),
        json.dumps(["[{"] * 9_999).encode("utf-16"),
        json.dumps(["[{é"] * 9_999, ensure_ascii=False).encode("utf-8-sig"),
    ],
    ids=lambda text: text[:12],
)
def test_brackets_side_by_side_or_in_texts_are_no_depth(text: str | bytes) -> None:
    assert read_json(text) == json.loads(text)


@given(value=_VALUES, indent=st.sampled_from([None, 1]), ascii_only=st.booleans())
def test_whatever_json_writes_is_read(value: Any, indent: int | None, ascii_only: bool) -> None:
    many = [value] * (DEEPEST + 1)
    assert read_json(json.dumps(many, indent=indent, ensure_ascii=ascii_only)) == many


@given(text=st.text(alphabet='[]{}"\\:,a1 ') | st.binary())
def test_what_is_no_json_is_a_value_error_as_python_says(text: str | bytes) -> None:
    assert _outcome(read_json, text) == _outcome(json.loads, text)


@pytest.fixture
def collections() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)


@pytest.mark.usefixtures("collections")
def test_callbacks_of_what_is_collected_meanwhile_run(monkeypatch: pytest.MonkeyPatch) -> None:
    failed: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", failed.append)
    ran: list[int] = []
    gc.freeze()  # what other tests have left is not looked through each time
    for allocations in range(900, 1000, 2):
        gc.set_threshold(700, 10, 10)
        gc.collect()
        _forget(lambda: _some_frames(8, ran))
        gc.set_threshold(allocations, 1, 1)
        with pytest.raises(ValueError, match="deeper"):
            read_json(b"[" * 99_999)
    gc.collect()
    gc.unfreeze()
    assert (len(ran), failed) == (50, [])


def _forget(callback: Callable[[], None]) -> None:
    class Circle:
        itself: Any

    circle = Circle()
    circle.itself = circle
    weakref.finalize(circle, callback)


def _some_frames(count: int, ran: list[int]) -> None:
    if count:
        _some_frames(count - 1, ran)
    else:
        ran.append(1)


def _outcome(read: Callable[[str | bytes], Any], text: str | bytes) -> str:
    try:
        return repr(read(text))
    except ValueError as error:
        return type(error).__name__
