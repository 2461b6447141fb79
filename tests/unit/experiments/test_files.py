"""Files of experiments, and what is wrong with them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.experiments.files import load_experiments, with_holdouts
from config.settings import ROOT
from config.strategy_files import load_strategies
from domain.experiments.experiment import Experiment
from domain.experiments.treatment import holdout_of
from domain.experiments.trial import Trial
from domain.failures import Misconfigured
from tests.unit.experiments.support import experiment, said

KNOWN = ("default", "gentle", "fourth")
USUAL = {"name": "usual", "share": "0.5", "strategy": "default"}
GENTLE = {"name": "gentle", "share": "0.5", "strategy": "gentle"}


def read(folder: Path, *files: Any) -> tuple[Experiment, ...]:
    for number, content in enumerate(files):
        text = content if isinstance(content, str) else yaml.safe_dump(content)
        (folder / f"{number}.yaml").write_text(text, encoding="utf-8")
    return tuple(one.experiment for one in load_experiments(folder, KNOWN))


def test_no_folder_is_no_experiment(tmp_path: Path) -> None:
    assert load_experiments(tmp_path / "none", KNOWN) == ()


def test_they_take_people_in_by_the_day_they_start_then_by_id(tmp_path: Path) -> None:
    files = [
        said(id="b", starts="2026-12-02"),
        said(id="c", starts="2026-12-01"),
        said(id="a", starts="2026-12-02"),
    ]
    assert [one.id for one in read(tmp_path, *files)] == ["c", "a", "b"]


def test_shares_may_be_numbers_of_yaml(tmp_path: Path) -> None:
    arms = [{**USUAL, "share": 0.9}, {**GENTLE, "share": 0.1}]
    [one] = read(tmp_path, said(arms=arms))
    assert [arm.parts for arm in one.arms] == [9_000, 1_000]


@pytest.mark.parametrize(
    ("more", "field", "rule"),
    [
        ({"arms": [USUAL]}, "arms", "at least two"),
        ({"arms": [USUAL, {**GENTLE, "share": "0.4"}]}, "arms", "must be 1 together, not 0.9"),
        ({"arms": [USUAL, {**GENTLE, "share": "0.50001"}]}, "arms.2.share", "four places"),
        ({"arms": [USUAL, {**GENTLE, "share": "0"}]}, "arms.2.share", "more than 0"),
        ({"arms": [USUAL, {**GENTLE, "share": "-0.5"}]}, "arms.2.share", "more than 0"),
        ({"arms": [USUAL, {**GENTLE, "share": "NaN"}]}, "arms.2.share", "finite"),
        ({"arms": [USUAL, {**GENTLE, "share": "1"}]}, "arms.2.share", "less than 1"),
        ({"arms": [USUAL, {**GENTLE, "name": "usual"}]}, "arms", "names must differ"),
        ({"arms": [USUAL, {**GENTLE, "name": "A/B"}]}, "arms.2.name", "a letter from a to z"),
        ({"arms": [USUAL, {**USUAL, "name": "b"}]}, "arms", "nothing is compared"),
        (
            {"arms": [USUAL, {**GENTLE, "strategy": "none"}]},
            "arms.2.strategy",
            "no strategy 'none'",
        ),
        ({"arms": [USUAL, {**GENTLE, "policy": "p"}]}, "arms.2.policy", "no policy 'p'"),
        ({"arms": [USUAL, {**GENTLE, "holdout": True}]}, "arms.2", "neither"),
        (
            {"arms": [{"name": "usual", "share": "0.5", "holdout": True}, GENTLE]},
            "champion",
            "hold-out",
        ),
        ({"champion": "other"}, "champion", "'other' is no arm"),
        ({"until": "2026-11-30"}, "until", "is before 2026-12-01"),
        ({"margin": 0}, "margin", "equal to 0.0001"),
        ({"margin": 3}, "margin", "less than 1"),
        ({"alpha": 0.5}, "alpha", "0.2"),
        ({"expected": 1}, "expected", "less than 1"),
        ({"unknown": 1}, "unknown", ""),
        ({"guardrails": [{"harm": "calls"}]}, "guardrails.1.harm", "opt_outs"),
        ({"guardrails": [{"harm": "opt_outs"}] * 2}, "guardrails", "stands twice"),
        ({"primary": {"within_days": 0}}, "primary.within_days", "1"),
        ({"id": "Über"}, "id", "a letter from a to z"),
        ({"starts": "tomorrow"}, "starts", ""),
        ({"when": {"country": "Colombia"}}, "when.country", "two capital letters"),
        ({"when": {"contry": "CO"}}, "when.contry", "no fact that is known"),
        ({"when": {"attr_branch": "x"}}, "when.attr_branch", "no fact that is known"),
        ({"when": ["CO"]}, "when", "object with fields"),
    ],
)
def test_what_is_wrong_is_named_with_its_file_and_field(
    tmp_path: Path, more: dict[str, Any], field: str, rule: str
) -> None:
    with pytest.raises(Misconfigured) as caught:
        read(tmp_path, said(**more))
    [fault] = caught.value.faults
    assert fault.where.startswith(f"{tmp_path / '0.yaml'}, line ")
    assert fault.field == field
    assert rule in fault.rule


@pytest.mark.parametrize(
    "text",
    ["", "- a", "id: a\nid: b", "{", "id: \x00", "just words", "[" * 20_000, "\ufeff1"],
    ids=["empty", "list", "twice", "open", "nul", "words", "deep", "mark"],
)
def test_a_file_that_is_none_is_told_with_its_name(tmp_path: Path, text: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        read(tmp_path, text)
    assert all(fault.where.startswith(str(tmp_path / "0.yaml")) for fault in caught.value.faults)


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured) as caught:
        read(
            tmp_path,
            said(margin=0, alpha=1),
            said(id="x", champion="y"),
            said(id="z"),
            said(id="z"),
        )
    assert [fault.field for fault in caught.value.faults] == ["margin", "alpha", "champion", "id"]


def test_when_it_takes_people_in_and_when_it_acts() -> None:
    one = experiment()  # 1 December to 28 February, 30 days and 3
    first = datetime(2026, 12, 1, tzinfo=UTC)
    last = datetime(2027, 3, 1, tzinfo=UTC)
    tick = timedelta(microseconds=1)
    assert [one.takes_in(at) for at in (first - tick, first, last - tick, last)] == [
        *(False, True, True, False)
    ]
    over = last + timedelta(days=33)
    assert [one.acts(at) for at in (first - tick, first, last, over - tick, over)] == [
        *(False, True, True, True, False)
    ]
    ended = experiment(ended=True)
    assert not ended.takes_in(first)
    assert not ended.acts(first)


@pytest.mark.parametrize(
    ("more", "changed"),
    [
        ({}, ()),
        ({"version": 2, "until": "2027-05-01"}, ()),
        ({"shares": ("0.9", "0.1")}, ()),
        ({"margin": "0.05"}, ("margin",)),
        ({"primary": {"metric": "money", "within_days": 20}}, ("primary",)),
        ({"goal": "not_worse", "alpha": "0.1"}, ("goal", "alpha")),
        ({"late_days": 9}, ("late_days",)),
        ({"champion": "gentle"}, ("champion",)),
    ],
)
def test_what_stands_before_the_first_look_is_told_from_what_may_change(
    more: dict[str, Any], changed: tuple[str, ...]
) -> None:
    assert experiment().plan.changed_in(experiment(**more).plan) == changed


def test_a_hold_out_has_a_strategy_made_of_the_champions() -> None:
    strategies = load_strategies(ROOT / "config" / "strategies")
    one = experiment(shares=("0.5", "0.3", "0.2"))
    made = with_holdouts(strategies, [Trial(one)])
    assert {*made} - {*strategies} == {holdout_of("default")}
    assert with_holdouts(strategies, [Trial(experiment())]) == strategies


def test_the_line_is_told_in_which_it_stands(tmp_path: Path) -> None:
    text = yaml.safe_dump(said(), sort_keys=False).replace("gentle\n", "none\n")
    with pytest.raises(Misconfigured) as caught:
        read(tmp_path, text)
    line = next(n for n, one in enumerate(text.splitlines(), 1) if one == "  strategy: none")
    assert [fault.where for fault in caught.value.faults] == [f"{tmp_path / '0.yaml'}, line {line}"]


LEARNT = ({"name": "usual", "share": "0.5"}, {"name": "learnt", "share": "0.5", "policy": "latam"})


def test_an_arm_may_name_a_policy_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(yaml.safe_dump(said(arms=list(LEARNT))), encoding="utf-8")
    [one] = load_experiments(tmp_path, KNOWN, policies=("latam",))
    assert one.experiment.arm("learnt").policy == "latam"
    with pytest.raises(Misconfigured, match=r"no policy 'latam' is configured; there is: other"):
        load_experiments(tmp_path, KNOWN, policies=("other",))


@pytest.mark.parametrize(
    ("arm", "closed", "by"),
    [
        ("usual", (), None),
        ("learnt", (), (None, "latam")),
        ("learnt", ("learnt",), None),
        ("gone", (), None),
    ],
)
def test_an_arm_without_a_strategy_goes_by_its_policy_until_it_is_closed(
    arm: str, closed: tuple[str, ...], by: tuple[str | None, str] | None
) -> None:
    found = Trial(experiment(arms=list(LEARNT))).goes_by(arm, closed)
    assert (None if found is None else (found.strategy, found.policy)) == by


def test_who_comes_to_the_champion_has_its_policy() -> None:
    arms = [{**LEARNT[0], "policy": "old"}, LEARNT[1]]
    found = Trial(experiment(arms=arms)).goes_by("learnt", ("learnt",))
    assert found is not None
    assert (found.strategy, found.policy) == (None, "old")
    assert found.note == ", which is closed: as the champion usual"
