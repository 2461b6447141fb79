"""Whatever somebody puts into a file of segments is told with the file, the line and what to do."""

from pathlib import Path

import pytest

from config.choosing.segment_files import load_segment_file
from domain.failures import Misconfigured
from domain.segments.attributes import Attributes

ATTRIBUTES = Attributes.model_validate(
    {"attributes": {"vip": "yes_no", "opened": "date", "limit": "number"}}
)
STRATEGIES = ("default", "gentle")
WHEN = "{country: [CO, MX]}"
GOOD = f"""\
segments:
  - name: some
    when: {WHEN}
    strategy: gentle
default: default
"""
AFTER = len(GOOD.splitlines()) + 1


def when(conditions: str) -> str:
    return GOOD.replace(WHEN, conditions)


def named(name: str) -> str:
    return GOOD.replace("some", name)


def many(when: str, number: int = 10_000) -> str:
    rules = (
        f"  - {{name: r{n}, when: {{{when}: {n}}}, strategy: default}}\n" for n in range(number)
    )
    return f"segments:\n{''.join(rules)}default: default\n"


BOMB = "x: &a [1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"x{n}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)
)
NAME = "must be lower-case letters, digits and dashes"
NEW = "is not known here; known are segments, default"

BAD: dict[str, tuple[str | bytes, int, str]] = {
    "nothing": ("", 1, "must say `segments` and `default`"),
    "blanks": (" \n\n", 1, "must say `segments` and `default`"),
    "a list": ("- a\n", 1, "must say `segments` and `default`"),
    "a word": ("hello\n", 1, "must say `segments` and `default`"),
    "a NUL": ("a: \0\n", 1, "holds the character U+0000"),
    "an archive": (b"PK\x03\x04\x00", 1, "is it a file of another kind?"),
    "UTF-16": (GOOD.encode("utf-16"), 1, "save it as UTF-8 text"),
    "Latin-1": (GOOD.encode() + b"# a\xf1o\n", AFTER, "0xF1 is no UTF-8"),
    "a tab": (f"\t{GOOD}", 1, "with blanks, not with tabs"),
    "half a character": (f'{GOOD}x: "\\ud800"\n', AFTER, "is no value that there is"),
    "an alias bomb": (GOOD + BOMB, AFTER, NEW),
    "an anchor of itself": (f"{GOOD}x: &x [*x]\n", AFTER, NEW),
    "a merge of a number": (f"{GOOD}<<: 5\n", AFTER, "expected a mapping"),
    "20,000 brackets": (f"{GOOD}x: {'[' * 20_000}\n", AFTER, "is nested too deeply"),
    "a tag": (f"{GOOD}x: !!python/object:os.system []\n", AFTER, "python/object"),
    "another document": (f"{GOOD}---\na: 1\n", AFTER, "another document"),
    "an open bracket": (f"{GOOD}x: [1\n", AFTER + 1, "flow"),
    "a list for a key": (f"{GOOD}? [a]\n: 1\n", AFTER, "unhashable key"),
    "a key of 100,000 letters": (f"{GOOD}{'k' * 100_000}: 1\n", AFTER, "could not find"),
    "a key that is none": (f"{GOOD}~: 1\n", 1, NEW),
    "everything twice": (GOOD + GOOD, AFTER, "stands twice, here and in line 1"),
    "an endless amount": (when("{balance: {COP: {from: 1e999999999}}}"), 3, "must be an amount"),
    "no number": (when("{balance: {COP: {from: .nan}}}"), 3, "must be an amount"),
    "5,000 digits": (when(f"{{days_past_due: {'9' * 5_000}}}"), 3, "is no value that there is"),
    "an endless number": (when("{attr_limit: {from: 1.0e+999999999}}"), 3, "fifteen digits"),
    "a range backwards": (when("{days_past_due: {from: 9, to: 2}}"), 3, "ends before it begins"),
    "a range of nothing": (when("{days_past_due: {}}"), 3, "give a value"),
    "no such day": (when("{attr_opened: {from: 2026-02-30}}"), 3, "'2026-02-30' is no value"),
    "a day as text": (when("{attr_opened: {from: '2026-02-03'}}"), 3, "without quotes"),
    "a Cyrillic fact": (when("{c\u043euntry: CO}"), 3, "is country meant?"),
    "a Cyrillic country": (when("{country: \u0421\u041e}"), 3, "two capital letters"),
    "no conditions": (when("{}"), 3, "it would match every account"),
    "conditions in a list": (when("[a]"), 3, "must name facts"),
    "a fact that is none": (when("{mood: good}"), 3, "known are country"),
    "a name with a blank": (named("a b"), 2, NAME),
    "a name that turns round": (named('"a\\u202eb"'), 2, NAME),
    "a name that is a day": (named("2026-01-01"), 2, NAME),
    "a name that is default": (named("default"), 2, NAME),
    "a strategy that is a list": (GOOD.replace("gentle", "[gentle]"), 4, "there are default"),
    "a rule that never matches": (
        GOOD.replace(
            "default: d", "  - {name: b, when: {country: MX}, strategy: gentle}\ndefault: d"
        ),
        5,
        "can never match: whatever it matches goes to some before it; move it up",
    ),
    "a rule twice by an alias": (
        "segments:\n- &a {name: a, when: {country: CO}, strategy: gentle}\n- *a\ndefault: gentle\n",
        2,
        "is the name of rule 1, too",
    ),
    "10,000 rules": (many("days_past_due"), 1, "a list of at most 500 rules"),
    "10,000 bad rules": (many("days_pst_due"), 1, "a list of at most 500 rules"),
    "10,000 values": (
        when(f"{{region: [{','.join(f'CO-{n}' for n in range(10_000))}]}}"),
        3,
        "make it an attribute",
    ),
}


@pytest.mark.parametrize(("text", "line", "words"), BAD.values(), ids=list(BAD))
def test_it_is_told_with_its_line(text: str | bytes, line: int, words: str, tmp_path: Path) -> None:
    file = tmp_path / "segments.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(Misconfigured) as found:
        load_segment_file(file, STRATEGIES, ATTRIBUTES)
    told = [str(one) for one in found.value.faults]
    assert all(one.startswith(str(file)) and "\n" not in one for one in told)
    assert words in "\n".join(told)
    assert any(f"line {line}" in one.partition(words)[0] for one in told if words in one), told


@pytest.mark.parametrize(
    "text",
    [f"\ufeff{GOOD}", GOOD.replace("\n", "\r\n"), GOOD.replace("\n", "\r")],
    ids=["a byte order mark", "ends of lines of Windows", "of old"],
)
def test_a_file_is_read_however_its_lines_are_ended(text: str, tmp_path: Path) -> None:
    file = tmp_path / "segments.yaml"
    file.write_bytes(text.encode())
    assert load_segment_file(file, STRATEGIES, ATTRIBUTES).content
