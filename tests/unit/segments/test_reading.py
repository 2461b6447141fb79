"""What a file of segments says, and what is said of one that is wrong: line, field, rule."""

from pathlib import Path

import pytest

from config.choosing.segment_files import load_attributes, load_segment_file, load_segments
from config.settings import Settings
from domain.failures import Misconfigured
from domain.segments.attributes import Attributes

ATTRIBUTES = Attributes.model_validate(
    {
        "attributes": {
            "vip": "yes_no",
            "risk": {"type": "one_of", "values": ["low", "high"]},
            "opened": "date",
            "limit": "number",
            "note": "text",
        }
    }
)
STRATEGIES = ("default", "gentle")


def told(tmp_path: Path, text: str | bytes) -> list[str]:
    """What is wrong with a file, each with its line; without the file's own name."""
    file = tmp_path / "s.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(Misconfigured) as found:
        load_segment_file(file, STRATEGIES, ATTRIBUTES)
    assert found.value.faults
    assert all(str(file) in fault.where for fault in found.value.faults)
    return [str(fault).removeprefix(str(file)).removeprefix(", ") for fault in found.value.faults]


def rule(when: str, name: str = "a", strategy: str = "gentle") -> str:
    one = f"  - name: {name}\n    strategy: {strategy}\n    when: {when}\n"
    return f"segments:\n{one}default: default\n"


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("{country: NO}", "must be text; put it in quotes"),
        ("{country: co}", "must be two capital letters"),
        ("{country: [CO, 57]}", "must be text"),
        ("{country: []}", "is an empty list"),
        ("{country: {}}", "has {}, which is no condition"),
        ("{country: {from: A, to: B}}", "has no order"),
        ("{country: {like: C}}", "has like, which is no condition"),
        ("{country: {known: false}}", "is known of every account"),
        ("{country: ' CO'}", "no blanks around it"),
        ("{currency: XXX1}", "must be the code of a currency"),
        ("{contry: CO}", "is no fact that is known; is country meant?"),
        ("{mood: good}", "is no fact that is known; known are country, region"),
        ("{attr_mood: good}", "is attr_opened meant? or declare it in config/attr"),
        ("{attr_q: good}", "declare it in config/attributes.yaml"),
        ("{1: 2}", "is no fact that is known"),
        ("{days_past_due: '30'}", "must be a whole number"),
        ("{days_past_due: 3.5}", "must be a whole number"),
        ("{days_past_due: true}", "must be a whole number"),
        ("{days_past_due: {from: 31, to: 30}}", "ends before it begins"),
        ("{days_past_due: {from: 1, to: 3, known: true}}", "has known, which is no condition"),
        ("{days_past_due: {from: null}}", "must be a whole number"),
        ("{balance: 500}", "is no amount by currency; write it by currency"),
        ("{balance: {from: 500}}", "from: is no currency of ISO 4217"),
        ("{balance: {COP: {from: -1}}}", "must be an amount"),
        ("{balance: {COP: {from: 1,000}}}", "must be"),
        ("{balance: {COP: {from: 9, to: 8}}}", "ends before it begins"),
        ("{balance: {COP: {over: 8}}}", "must be {from: ..., to: ...}"),
        ("{balance: {COP: .nan}}", "must be an amount"),
        ("{score: .inf}", "must be a number of at most fifteen digits"),
        ("{score: high}", "must be a number"),
        ("{score: {known: maybe}}", "known: must be true or false"),
        ("{attr_vip: 'yes'}", "must be true or false"),
        ("{attr_vip: {from: false, to: true}}", "has no order"),
        ("{attr_risk: medium}", "must be one of low, high"),
        ("{attr_opened: '2024-01-01'}", "must be a date such as 2025-11-21, without quotes"),
        ("{attr_opened: 2024-01-01T10:00:00}", "must be a date"),
        ("{preferred_channel: pigeon}", "must be one of sms, email"),
        ("{promises_kept: {to: -1}}", "conditions contradict each other"),
        ("{open_accounts: 0}", "conditions contradict each other"),
        ("{currency: BRL, balance: {COP: {from: 5}}}", "conditions contradict each other"),
        ("[country, CO]", "must name facts, each with its condition"),
        ("{}", "has no conditions"),
        ("", "has no conditions"),
    ],
)
def test_a_condition_that_is_none_is_told_with_its_line(
    tmp_path: Path, when: str, said: str
) -> None:
    [fault] = told(tmp_path, rule(when))
    assert said in fault
    assert fault.startswith("line 4: segments.1.when")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "must say `segments` and `default`"),
        ("[]", "must say `segments` and `default`"),
        ("just words", "must say `segments` and `default`"),
        ("segments: []\n", "default is missing"),
        ("segments: []\ndefault: harsh\n", "default is no strategy that is configured"),
        ("segments: []\ndefault: [default]\n", "default is no strategy that is configured"),
        ("segments: {}\ndefault: default\n", "segments must be a list"),
        ("segments: null\ndefault: default\n", "segments must be a list"),
        ("segments: [x]\ndefault: default\n", "must have name, when and strategy"),
        ("segments: []\ndefault: default\nelse: 1\n", "else is not known here"),
        (rule("{country: CO}", name="Default"), "name must be lower-case"),
        (rule("{country: CO}", name="default"), "and not default"),
        (rule("{country: CO}", name="'a b'"), "name must be lower-case"),
        (rule("{country: CO}", name="'{{7*7}}'"), "name must be lower-case"),
        (rule("{country: CO}", name="x" * 64), "name must be lower-case"),
        (rule("{country: CO}", strategy="harsh"), "strategy is no strategy that is configured"),
        (rule("{country: CO}", strategy="../default"), "strategy is no strategy"),
        (rule("{country: CO, country: MX}"), "'country' stands twice"),
        (rule("{country: !!python/object/apply:os.system ['true']}"), "cannot be read"),
        (rule("{country: *nobody}"), "cannot be read"),
        ("segments: [\ndefault: default", "cannot be read"),
        (b"\xff\xfe\x00", "cannot be read"),
        ("a: " + "[" * 20_000, "cannot be read"),
        ("\tsegments: []", "cannot be read"),
    ],
)
def test_a_file_that_is_none_is_told_in_words(tmp_path: Path, text: str | bytes, said: str) -> None:
    assert any(said in fault for fault in told(tmp_path, text))


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    text = """segments:
  - name: a
    when: {country: 7}
    strategy: harsh
  - name: a
    when: {score: {known: 1}}
    strategy: gentle
default: gone
"""
    faults = told(tmp_path, text)
    assert [fault.partition(":")[0] for fault in faults] == [
        "line 8",
        "line 3",
        "line 4",
        "line 6",
        "line 5",
    ]


def test_aliases_of_yaml_may_be_used_and_cost_nothing(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(
        "segments:\n  - {name: a, when: &w {country: CO}, strategy: gentle}\n"
        "  - {name: b, when: {region: CO-ANT, country: MX}, strategy: gentle}\ndefault: default\n"
    )
    book = load_segment_file(file, STRATEGIES, ATTRIBUTES)
    assert [one.name for one in book.rules] == ["a", "b"]


def test_where_nothing_is_said_nothing_is_chosen() -> None:
    settings = Settings()
    assert load_segments(settings, STRATEGIES, load_attributes(settings)) is None


def test_a_file_that_is_named_must_be_there_and_say_something(tmp_path: Path) -> None:
    for settings in (
        Settings(segments=tmp_path / "gone.yaml"),
        Settings(attributes=tmp_path / "gone.yaml"),
    ):
        with pytest.raises(Misconfigured, match="is not there"):
            load_segments(settings, STRATEGIES, load_attributes(settings))
    empty = tmp_path / "empty.yaml"
    empty.write_text("# nothing\n")
    with pytest.raises(Misconfigured, match="must say"):
        load_segments(Settings(segments=empty), STRATEGIES, ATTRIBUTES)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("attributes: {vip: bool}", "line 1: attributes.vip.type must be 'text', 'number'"),
        ("attributes: {Vip: text}", "line 1: attributes.Vip"),
        ("attributes: {risk: one_of}", "belong to one_of, which needs them"),
        ("attributes: {vip: {type: text, values: [a]}}", "belong to one_of"),
        ("attributes: {r: {type: one_of, values: [a, a]}}", "must differ"),
        ("attributes: {r: {type: one_of, values: [NO]}}", "attributes.r.values"),
        ("attributes: {score: number}", "attributes.score: is told by the column `score`"),
        ("attributes: {product: date}", "attributes.product: is always there"),
        ("attributes: [vip]", "attributes"),
        ("attribute: {}", "attribute is not known here"),
        ("attributes: {vip: {type: text, length: 3}}", "is not known here"),
    ],
)
def test_attributes_that_are_none_are_told_with_their_line(
    tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(text)
    with pytest.raises(Misconfigured) as found:
        load_attributes(Settings(attributes=file))
    assert said in str(found.value)


def test_the_example_of_the_guide_is_one() -> None:
    """With the attributes that stand beside it."""
    import re

    import yaml

    from config.settings import ROOT
    from domain.segments.book import read_book

    page = (ROOT / "docs" / "guide" / "segments.md").read_text("utf-8")
    segments, attributes = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)[:2]
    declared = Attributes.model_validate(yaml.safe_load(attributes)).declared
    strategies = ("default", "gentle", "firm", "card-brazil")
    book, wrong = read_book(yaml.safe_load(segments), strategies, declared)
    assert wrong == []
    assert book is not None
    assert {"CO", "MX", "BR"} <= {
        str(name)
        for one in book.rules
        for box in one.when.boxes
        for name in getattr(box.get("country"), "names", ())
    }
