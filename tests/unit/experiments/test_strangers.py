"""Whatever somebody puts into an experiment's file is told with the file, the line and the rule."""

from pathlib import Path

import pytest

from config.experiments.files import load_experiments
from domain.failures import Misconfigured

GOOD = """\
id: gentle-start
version: 1
starts: 2026-12-01
until: 2027-02-28
arms:
  - {name: usual, share: 0.5, strategy: default}
  - {name: gentle, share: 0.5, strategy: gentle}
champion: usual
margin: 0.03
"""
AFTER = len(GOOD.splitlines()) + 1


def but(field: str, value: str) -> str:
    """The same with another value of a field."""
    lines = GOOD.splitlines()
    place = next(n for n, line in enumerate(lines) if line.startswith(f"{field}:"))
    return "\n".join([*lines[:place], f"{field}: {value}", *lines[place + 1 :], ""])


def share(value: str) -> str:
    return GOOD.replace("usual, share: 0.5", f"usual, share: {value}")


def with_line(line: str) -> str:
    return f"{GOOD}{line}\n"


ARMS = "".join(f"  - {{name: a{n}, share: 0.0001, strategy: default}}\n" for n in range(10_000))
TEXT_KEY = "must be text as a key"
A_SHARE = "must be more than 0 and less than 1"
ID = "must be a letter from a to z, then letters, digits and dashes"
OUR_TIME = "must lie between 1970-01-01 and 2199-12-31"

BAD: dict[str, tuple[str | bytes, int, str]] = {
    "nothing": ("", 1, "must be an object with fields"),
    "a list": ("- a\n", 1, "must be an object with fields"),
    "a NUL": ("a: \0\n", 1, "holds the character U+0000"),
    "Latin-1": (GOOD.encode() + b"# a\xf1o\n", AFTER, "0xF1 is no UTF-8"),
    "UTF-16": (GOOD.encode("utf-16"), 1, "save it as UTF-8 text"),
    "a tab": (f"\t{GOOD}", 1, "with blanks, not with tabs"),
    "half a character": (with_line('x: "\\ud800"'), AFTER, "is no value that there is"),
    "20,000 brackets": (with_line(f"x: {'{a: ' * 20_000}"), AFTER, "is nested too deeply"),
    "an anchor of itself": (with_line("x: &x [*x]"), AFTER, "x is not known here"),
    "a tag": (with_line("x: !!python/name:os.system"), AFTER, "python/name"),
    "a field twice": (with_line("id: again"), AFTER, "stands twice, here and in line 1"),
    "a number for a key": (with_line("1: 2"), AFTER, TEXT_KEY),
    "no key": (with_line("~: 2"), 1, TEXT_KEY),
    "an unknown field": (with_line("winner: usual"), AFTER, "winner is not known here"),
    "an endless share": (share("1e999999999"), 6, A_SHARE),
    "an endless share as text": (share("'1e999999999'"), 6, A_SHARE),
    "a share of next to nothing": (share("'1e-999999999'"), 5, "their shares must be 1 together"),
    "a share that is no number": (share(".nan"), 6, "must be a finite number"),
    "a share that signals": (share("'sNaN'"), 6, "must be a finite number"),
    "a share below nothing": (share("-0.5"), 6, A_SHARE),
    "a share that is true": (share("yes"), 6, "must be a number"),
    "a share with a comma": (share("'0,5'"), 6, "with a point before its decimals"),
    "a share of 5,000 digits": (share("9" * 5_000), 6, "is no value that there is"),
    "a share of 5,000 places": (share(f"0.{'1' * 5_000}"), 6, "at most four places"),
    "an endless margin": (but("margin", "'1e999999999'"), 9, "must be less than 1"),
    "a margin of next to nothing": (but("margin", "'1e-999999'"), 9, "equal to 0.0001"),
    "an alpha of next to nothing": (with_line("alpha: '1e-999999'"), AFTER, "equal to 0.0001"),
    "no such day": (but("starts", "2026-02-30"), 3, "'2026-02-30' is no value"),
    "no such day as text": (but("starts", "'2026-02-30'"), 3, "must be a day that there is"),
    "a day with a time": (but("starts", "2026-12-01 10:00:00"), 3, "without a time"),
    "the last day of all": (but("until", "9999-12-31"), 4, OUR_TIME),
    "the first day of all": (but("starts", "0001-01-01"), 3, OUR_TIME),
    "an end before the beginning": (but("until", "2026-01-01"), 4, "is before 2026-12-01"),
    "an id with a blank": (but("id", "gentle start"), 1, ID),
    "an id of a folder": (but("id", "../gentle"), 1, ID),
    "a Cyrillic id": (but("id", "gentle-st\u0430rt"), 1, ID),
    "an id that is a number": (but("id", "5"), 1, "must be text"),
    "a version of 70 bits": (but("version", str(2**70)), 2, "equal to 2147483647"),
    "a version that is no whole number": (but("version", "1e9"), 2, "must be a whole number"),
    "arms that are a word": (GOOD.partition("arms:")[0] + "arms: a\n", 5, "must be a list"),
    "one arm": (GOOD.replace("  - {name: gentle, share: 0.5, strategy: gentle}\n", ""), 5, "two"),
    "an arm twice": (GOOD.replace("name: gentle", "name: usual"), 5, "their names must differ"),
    "a champion that is none": (but("champion", "nobody"), 8, "the arms are usual, gentle"),
    "a strategy that is none": (GOOD.replace("strategy: gentle", "strategy: gentel"), 7, "gentel"),
    "10,000 arms": (f"{GOOD.partition('arms:')[0]}arms:\n{ARMS}", 5, "at most 8 items"),
    "conditions that are none": (with_line("when: {country: {from: A}}"), AFTER, "has no order"),
    "guardrails that are a number": (with_line("guardrails: 5"), AFTER, "must be a list"),
}


@pytest.mark.parametrize(("text", "line", "words"), BAD.values(), ids=list(BAD))
def test_it_is_told_with_its_line(text: str | bytes, line: int, words: str, tmp_path: Path) -> None:
    file = tmp_path / "e.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(Misconfigured) as found:
        load_experiments(tmp_path, ("default", "gentle"))
    told = [str(one) for one in found.value.faults]
    assert all(one.startswith(str(file)) and "\n" not in one for one in told)
    assert words in "\n".join(told)
    assert any(f"line {line}" in one.partition(words)[0] for one in told if words in one), told


@pytest.mark.parametrize("text", [f"\ufeff{GOOD}", GOOD.replace("\n", "\r\n")])
def test_a_file_is_read_however_its_lines_are_ended(text: str, tmp_path: Path) -> None:
    (tmp_path / "e.yaml").write_bytes(text.encode())
    [one] = load_experiments(tmp_path, ("default", "gentle"))
    assert one.experiment.id == "gentle-start"
