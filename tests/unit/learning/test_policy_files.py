"""A policy is taken as its author signed it, or not at all."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from config.learning.policy_files import load_policies, signed, unknown_policies
from config.learning.signing import Pair, new_pair, sign
from config.settings import Settings
from config.strategy_files import load_strategies
from domain.deciders import DeciderKind
from domain.failures import Misconfigured
from tests.unit.learning.support import BLOCKS, counts, policy, reachable
from tests.unit.simulation.support import run
from workers.configuration import of_worker
from workers.simulation.settings import factory_of
from workers.simulation.settings import told as told_to_processes

LEARNT = policy(
    id="latam",
    version=3,
    context=("phase", "country", "band"),
    bands={"COP": (200000, 1000000)},
    channels={"*": counts(sms=(1.5, 12.25)), "early|CO|1": counts(email=(0, 3))},
    blocks=BLOCKS,
    hours={"*": counts(**{"07-10": (1, 2)})},
)


@pytest.fixture
def pair() -> Pair:
    return new_pair()


@pytest.fixture
def folder(tmp_path: Path, pair: Pair) -> Path:
    (tmp_path / "latam.json").write_text(signed(LEARNT, SecretStr(pair.private)), "utf-8")
    return tmp_path


def taken(folder: Path, *keys: str) -> Settings:
    return Settings(policies=folder, policy_keys=keys)


def faults(settings: Settings) -> str:
    with pytest.raises(Misconfigured) as caught:
        load_policies(settings)
    return str(caught.value)


def test_what_is_signed_is_read_as_it_was_made(folder: Path, pair: Pair) -> None:
    found = load_policies(taken(folder, pair.public))["latam"]
    assert found.policy == LEARNT
    assert found.name == f"latam@{LEARNT.decider.digest}"
    assert LEARNT.decider.kind is DeciderKind.POLICY


def test_an_old_key_and_a_new_one_are_both_taken(folder: Path, pair: Pair) -> None:
    assert set(load_policies(taken(folder, new_pair().public, pair.public))) == {"latam"}


def test_blanks_and_the_order_of_keys_are_no_change(folder: Path, pair: Pair) -> None:
    told = json.loads((folder / "latam.json").read_text("utf-8"))
    told["policy"] = dict(reversed(told["policy"].items()))
    (folder / "latam.json").write_text(json.dumps(told, indent=7), "utf-8")
    assert load_policies(taken(folder, pair.public))["latam"].policy == LEARNT


def test_no_folder_and_an_empty_one_hold_no_policies(tmp_path: Path) -> None:
    assert load_policies(taken(tmp_path / "none")) == {}
    assert load_policies(taken(tmp_path)) == {}


def more_often(told: dict[str, Any]) -> None:
    told["policy"]["channels"]["*"]["sms"]["won"] = 12.0


def unsigned(told: dict[str, Any]) -> None:
    del told["signature"]


def cut(told: dict[str, Any]) -> None:
    told["signature"]["value"] = told["signature"]["value"][:-8]


def no_base64(told: dict[str, Any]) -> None:
    told["signature"]["value"] = "?"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (more_often, "was changed after it was signed"),
        (unsigned, "is not signed; have `contrapunto learn fit` make it"),
        (cut, "was changed after it was signed"),
        (no_base64, "was changed after it was signed"),
    ],
)
def test_what_is_not_as_it_was_signed_is_refused_with_what_to_do(
    folder: Path, pair: Pair, change: Callable[[dict[str, Any]], None], said: str
) -> None:
    told = json.loads((folder / "latam.json").read_text("utf-8"))
    change(told)
    (folder / "latam.json").write_text(json.dumps(told), "utf-8")
    found = faults(taken(folder, pair.public))
    assert said in found
    assert "latam.json" in found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "cannot be read"),
        ("[]", "is not signed"),
        ('{"policy": {"floor": NaN}, "signature": {}}', "NaN is no number"),
        ('{"policy": {}, "policy": {}}', "a key stands twice"),
        ("[" * 10_000, "nested deeper"),
        ('{"signature": 1}', "policy"),
    ],
)
def test_what_is_no_policy_is_refused(folder: Path, pair: Pair, text: str, said: str) -> None:
    (folder / "latam.json").write_text(text, "utf-8")
    assert said in faults(taken(folder, pair.public))


def test_who_is_not_trusted_has_signed_in_vain(folder: Path, pair: Pair) -> None:
    assert "which is not trusted" in faults(taken(folder, new_pair().public))
    assert "set CONTRAPUNTO_POLICY_KEYS" in faults(taken(folder))
    assert "must be public keys" in faults(taken(folder, "abc"))


def test_two_files_with_one_id_are_refused(folder: Path, pair: Pair) -> None:
    (folder / "b.json").write_text((folder / "latam.json").read_text("utf-8"), "utf-8")
    assert "'latam' is used by another file" in faults(taken(folder, pair.public))


def test_nothing_is_signed_without_a_key() -> None:
    with pytest.raises(Misconfigured, match="learn key"):
        signed(LEARNT, None)
    with pytest.raises(Misconfigured, match="must be a key"):
        signed(LEARNT, SecretStr("abc"))


@pytest.mark.parametrize(
    "fields",
    [
        {"floor": 0.01},
        {"floor": float("nan")},
        {"prior_strength": 0},
        {"channels": {"*": {"sms": {"won": -1, "tried": 1}}}},
        {"channels": {"*": {"sms": {"won": 2, "tried": 1}}}},
        {"channels": {"*": {"sms": {"won": 0, "tried": float("inf")}}}},
        {"channels": {"*": {"pigeon": {"won": 0, "tried": 1}}}},
        {"blocks": [[10, 12], [8, 10]]},
        {"blocks": [[10, 10]]},
        {"hours": {"*": {"08-10": {"won": 0, "tried": 1}}}},
        {"bands": {"COP": [2, 1]}},
        {"context": ["sex"]},
        {"another": 1},
    ],
)
def test_a_policy_that_makes_no_sense_is_refused_though_signed(
    folder: Path, pair: Pair, fields: dict[str, Any]
) -> None:
    content = {**LEARNT.model_dump(mode="json"), **fields}
    if "nan" in str(fields) or "inf" in str(fields):
        with pytest.raises(ValueError, match="JSON"):
            sign(content, SecretStr(pair.private))
        return
    told = {"policy": content, "signature": sign(content, SecretStr(pair.private)).model_dump()}
    (folder / "latam.json").write_text(json.dumps(told), "utf-8")
    assert next(iter(fields)) in faults(taken(folder, pair.public))


def test_a_start_is_refused_where_a_strategy_names_a_policy_that_is_not_there(
    folder: Path, pair: Pair, tmp_path: Path
) -> None:
    shipped = Settings().strategies
    strategies = tmp_path / "strategies"
    strategies.mkdir()
    text = (shipped / "default.yaml").read_text("utf-8")
    (strategies / "default.yaml").write_text(f"{text}\npolicy: latam\n", "utf-8")
    there = Settings(strategies=strategies, policies=folder, policy_keys=(pair.public,))
    assert not [one for one in of_worker(there).faults if "policy" in str(one)]
    gone = Settings(strategies=strategies, policies=tmp_path / "none")
    [fault] = [one for one in of_worker(gone).faults if "policy" in str(one)]
    assert str(fault).startswith("strategy default: policy: names 'latam', which is no policy of")
    assert "put its file there, or take the field away" in str(fault)
    loaded = load_strategies(shipped)
    assert list(unknown_policies(there, loaded, {})) == []


def test_a_dry_run_plans_with_the_policy_that_its_strategy_names(folder: Path, pair: Pair) -> None:
    settings = taken(folder, pair.public)
    told = told_to_processes(settings)
    own = load_strategies(settings.strategies)["default"]
    for name, there in (("latam", "latam"), (None, None)):
        strategy = own.model_copy(update={"policy": name})
        factory = factory_of(replace(run(strategy), settings=told))
        obeyed = factory.rules(reachable().customer, strategy.id, "bank")
        assert (obeyed.policy.policy.id if obeyed.policy else None) == there
    unknown = own.model_copy(update={"policy": "other"})
    with pytest.raises(Misconfigured, match="names 'other'"):
        factory_of(replace(run(unknown), settings=told))
