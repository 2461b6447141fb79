"""What stands twice in a file of YAML is refused with its line, whoever reads the file."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from config.keywords import KeywordsError, load_keywords
from config.results.catalogue import load_results
from config.rule_packs import load_packs
from config.settings import ROOT
from config.strategy_files import load_strategies
from config.wording.catalogue import Wording
from config.wording.whatsapp import approved_bodies
from config.yaml_files import TwiceError, read_yaml
from domain.failures import Misconfigured
from workers.api.tokens import read_tokens

CONFIG = ROOT / "config"


def a_strategy(folder: Path) -> Path:
    shutil.copy(CONFIG / "strategies/default.yaml", folder)
    return folder / "default.yaml"


def a_pack(folder: Path) -> Path:
    shutil.copy(CONFIG / "law/co.yaml", folder)
    return folder / "co.yaml"


def templates(folder: Path) -> Path:
    shutil.copytree(CONFIG / "templates", folder / "templates")
    return folder / "templates"


FILES: dict[str, tuple[Callable[[Path], Path], Callable[[Path], object]]] = {
    "strategy": (a_strategy, load_strategies),
    "law": (a_pack, load_packs),
    "results": (
        lambda folder: Path(shutil.copy(CONFIG / "results/results.yaml", folder)),
        lambda folder: load_results(folder / "results.yaml"),
    ),
    "keywords": (
        lambda folder: Path(shutil.copy(CONFIG / "keywords.yaml", folder)),
        lambda folder: load_keywords(folder / "keywords.yaml"),
    ),
    "intents": (
        lambda folder: Path(shutil.copy(CONFIG / "intents.yaml", folder)),
        lambda folder: load_keywords(further=folder / "intents.yaml"),
    ),
    "whatsapp": (
        lambda folder: Path(shutil.copy(CONFIG / "whatsapp.yaml", folder)),
        lambda folder: approved_bodies(folder / "whatsapp.yaml"),
    ),
    "duties": (
        lambda folder: templates(folder) / "es/_duties.yaml",
        lambda folder: Wording.load(folder / "templates"),
    ),
    "call": (
        lambda folder: templates(folder) / "es/_call.yaml",
        lambda folder: Wording.load(folder / "templates"),
    ),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_key_that_stands_twice_is_refused_with_file_and_line(kind: str, tmp_path: Path) -> None:
    write, load = FILES[kind]
    file = write(tmp_path)
    load(tmp_path)
    lines = file.read_text("utf-8").splitlines()
    # The file's first key once more, at its end.
    [key, *_] = [line.split(":")[0] for line in lines if line[:1].isalpha()]
    last = len(lines) + 1
    file.write_text("\n".join([*lines, f"{key}: 1"]), "utf-8")
    with pytest.raises(Misconfigured) as told:
        load(tmp_path)
    assert file.name in str(told.value)
    assert f"line {last}: '{key}' stands twice, here and in line " in str(told.value)
    assert "keep one of them" in str(told.value)


def test_a_key_deep_within_a_file_is_seen_too(tmp_path: Path) -> None:
    file = a_strategy(tmp_path)
    text = file.read_text("utf-8")
    deep = "  - name: mid"
    assert deep in text
    file.write_text(text.replace(deep, f"{deep}\n    name: other", 1), "utf-8")
    with pytest.raises(Misconfigured, match=r"default.yaml.*line \d+: 'name' stands twice"):
        load_strategies(tmp_path)


def test_a_key_twice_in_a_file_of_tokens_is_told_by_its_line_alone(tmp_path: Path) -> None:
    file = tmp_path / "tokens.yaml"
    digest = "0" * 64
    file.write_text(f"tokens:\n- name: ana\n  sha256: {digest}\n  sha256: {digest}\n", "utf-8")
    with pytest.raises(Misconfigured) as told:
        read_tokens(file)
    assert "tokens.yaml: line 4 has a key that stands twice" in str(told.value)
    assert digest not in str(told.value)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: 2\na: 3", 3),
        ("x:\n  - {a: 1,\n     a: 2}", 3),
        ("yes: 1\ntrue: 2", 2),
        ("1: a\n1: b", 2),
        ('"a": 1\na: 2', 2),
        ("base: &b {a: 1}\nx:\n  <<: *b\n  <<: *b", 4),
    ],
)
def test_two_keys_are_one_when_they_come_out_as_one(text: str, line: int, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(text, "utf-8")
    with pytest.raises(TwiceError, match=f"^line {line}: "):
        read_yaml(tmp_path / "a.yaml")


def test_what_a_mapping_takes_over_may_be_said_otherwise(tmp_path: Path) -> None:
    text = "base: &b {a: 1, c: 2}\nx: &x {<<: *b, a: 3}\ny: {<<: [*b, *x], a: 4}\n'1': 1\n1: 2"
    (tmp_path / "a.yaml").write_text(text, "utf-8")
    read = read_yaml(tmp_path / "a.yaml")
    assert read == yaml.safe_load(text)
    assert read["x"] == {"a": 3, "c": 2}


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(_VALUES)
def test_all_else_is_read_as_the_parser_reads_it(
    tmp_path_factory: pytest.TempPathFactory, value: object
) -> None:
    text = yaml.safe_dump(value, allow_unicode=True)
    file = tmp_path_factory.getbasetemp() / "any.yaml"
    file.write_text(text, "utf-8")
    assert read_yaml(file) == yaml.safe_load(text)


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ("{words: [stop, basta, stop]}", "line 4: 'stop' stands twice, here and in line 4: keep"),
        ("{words: [stop],\n phrases:\n [no mas,\n no mas]}", "line 7: 'no mas' stands twice"),
    ],
)
def test_a_phrase_that_stands_twice_in_a_list_is_refused_by_its_line(
    said: str, rule: str, tmp_path: Path
) -> None:
    file = tmp_path / "keywords.yaml"
    file.write_text(f"politeness: []\nintents:\n opt_out:\n  {{es: {said}}}", "utf-8")
    with pytest.raises(KeywordsError) as told:
        load_keywords(file)
    assert f"keywords.yaml: {rule}" in str(told.value)


def test_a_group_that_no_phrase_names_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "keywords.yaml"
    groups = "{reach: call|text, paid: paid|payed}"
    said = "{opt_out: {en: {clauses: ['dont <reach> me']}}}"
    file.write_text(f"politeness: []\ngroups: {groups}\nintents: {said}", "utf-8")
    with pytest.raises(KeywordsError, match=r"keywords.yaml: groups: no phrase names <paid>"):
        load_keywords(file)
