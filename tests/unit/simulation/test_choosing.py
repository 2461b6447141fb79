"""A dry run chooses strategies as the running system does: pins, arms, segments, the default."""

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from pydantic import SecretStr

from config.learning.policy_files import signed
from config.learning.signing import new_pair
from config.prices.catalogue import load_prices
from config.settings import ROOT, Settings
from domain.experiments.assignment import drawn
from domain.experiments.experiment import Experiment
from domain.failures import BadInput, Misconfigured
from domain.report.prices import Prices
from lab.builders.intake_files import rows as good_rows
from lab.builders.intake_files import write_csv
from people.worlds import WORLDS
from tests.unit.learning.support import policy
from tests.unit.simulation.support import BEGAN, default, lives, run
from workers.cli.simulation.sides import side
from workers.simulation.book.file import read_file
from workers.simulation.command import may_tell
from workers.simulation.figures import figures
from workers.simulation.life import Life
from workers.simulation.portfolio import Portfolio
from workers.simulation.record import Record
from workers.simulation.settings import Run, factory_of, told

DEFAULT = yaml.safe_load((ROOT / "config" / "strategies" / "default.yaml").read_text("utf-8"))
STILL = WORLDS["nothing"].but(
    "still", self_cure=0.0, cannot_pay=0.0, cannot_pay_later=0.0, dead_address=0.0
)
"""Nobody does anything."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A configuration: beside `default` there is `gentle`, whose phases have other names."""
    phases = [phase | {"name": f"gentle-{phase['name']}"} for phase in DEFAULT["phases"]]
    for made in (DEFAULT, DEFAULT | {"id": "gentle", "phases": phases}):
        write(tmp_path / "strategies" / f"{made['id']}.yaml", made)
    return tmp_path


def rows(count: int) -> list[dict[str, str]]:
    """Accounts that are ten days late."""
    return [row | {"oldest_due_date": "2026-11-20"} for row in good_rows(count)]


def write(file: Path, content: Any) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def segments(folder: Path, *rules: tuple[str, dict[str, Any], str], others: str) -> None:
    said = [dict(zip(("name", "when", "strategy"), rule, strict=True)) for rule in rules]
    write(folder / "segments.yaml", {"segments": said, "default": others})


def experiment(folder: Path, *arms: dict[str, Any], **more: Any) -> Experiment:
    said = {
        "id": "trying",
        "version": 1,
        "starts": "2026-11-01",
        "until": "2026-12-31",
        "arms": list(arms),
        "champion": arms[0]["name"],
        "margin": "0.03",
        **more,
    }
    write(folder / "experiments" / "one.yaml", said)
    return Experiment.model_validate(said)


def of_file(folder: Path, made: list[dict[str, str]], *more: str) -> Portfolio:
    configured = side(Settings(), str(folder), None, "--segments")
    file = write_csv(folder / "accounts.csv", made, (*made[0], *more))
    return read_file(file, BEGAN.date(), may_tell([configured]))


def chosen(folder: Path, **more: Any) -> Run:
    configured = side(Settings(), str(folder), None, "--segments").settings
    values = {"settings": told(configured), "strategy": None, "world": STILL, "days": 30}
    return Run(**{**vars(run(None)), **values, **more})


def by_account(record: Record) -> dict[str, tuple[str, str, str]]:
    return {a.key.split("/")[1]: (a.strategy, a.segment, a.arm) for a in record.accounts}


def test_pins_segments_attributes_and_scores_choose_as_in_the_running_system(folder: Path) -> None:
    write(folder / "attributes.yaml", {"attributes": {"vip": "yes_no"}})
    segments(
        folder,
        ("vips", {"attr_vip": True}, "gentle"),
        ("likely", {"score": {"from": 700}}, "gentle"),
        others="default",
    )
    said: tuple[dict[str, str], ...] = (
        {},
        {"attr_vip": "yes"},
        {"score": "750"},
        {"attr_vip": "yes", "strategy": "default"},
        {"score": "690", "strategy": "gentle"},
    )
    none = {"strategy": "", "attr_vip": "", "score": ""}
    made = [row | none | each for row, each in zip(rows(5), said, strict=True)]
    people = of_file(folder, made)
    [record] = lives(people, chosen(folder))
    assert by_account(record) == {
        "A0": ("default", "default", ""),
        "A1": ("gentle", "vips", ""),
        "A2": ("gentle", "likely", ""),
        "A3": ("default", "vips", ""),
        "A4": ("gentle", "default", ""),
    }
    told_of = figures(record, _prices())
    assert {name: one["accounts"] for name, one in told_of["segments"].items()} == {
        "default": 2,
        "vips": 2,
        "likely": 1,
    }
    phases = {(row["account_id"], row["phase"].startswith("gentle-")) for row in record.attempts}
    assert phases == {("A0", False), ("A1", True), ("A2", True), ("A3", False), ("A4", True)}


def test_a_strategy_that_is_forced_holds_for_all_and_segments_say_only_where_they_count(
    folder: Path,
) -> None:
    segments(folder, ("co", {"country": "CO"}, "gentle"), others="default")
    made = [row | {"strategy": pin} for row, pin in zip(rows(2), ("gentle", ""), strict=True)]
    people = of_file(folder, made)
    experiment(
        folder, {"name": "a", "share": "0.5"}, {"name": "b", "share": "0.5", "holdout": True}
    )
    alone = chosen(folder, strategy=default().model_dump_json())
    [record] = lives(people, alone)
    country = {row["customer_id"]: row["country"] for row in made}
    assert set(country.values()) == {"CO"}
    assert set(by_account(record).values()) == {("default", "co", "")}
    assert record.attempts


def test_a_strategy_is_chosen_again_on_the_day_on_which_another_segment_begins(
    folder: Path,
) -> None:
    segments(folder, ("late", {"days_past_due": {"from": 20}}, "gentle"), others="default")
    people = of_file(folder, rows(3))
    [record] = lives(people, chosen(folder, days=40))
    assert set(by_account(record).values()) == {("default", "default", "")}
    on = [(row["phase"].startswith("gentle-"), _day(row)) for row in record.attempts]
    assert {gentle for gentle, _ in on} == {False, True}
    assert all(gentle is (day >= "2026-12-10") for gentle, day in on)


def test_people_are_drawn_as_they_will_be_and_go_by_their_arm(folder: Path) -> None:
    one = experiment(
        folder,
        {"name": "usual", "share": "0.4"},
        {"name": "gentle", "share": "0.4", "strategy": "gentle"},
        {"name": "silent", "share": "0.2", "holdout": True},
        when={"country": "CO"},
    )
    made = rows(40)
    made[1]["customer_id"] = made[0]["customer_id"]
    made[0] |= {name: made[1][name] for name in ("mobile", "email")}
    people = of_file(folder, made)
    [record] = lives(people, chosen(folder))
    found = by_account(record)
    assert len(found) == 40
    strategies = {"usual": "default", "gentle": "gentle", "silent": "held-out-of-default"}
    for row in made:
        arm = drawn(one, row["creditor"], row["customer_id"], ())
        assert arm is not None
        strategy, _, label = found[row["account_id"]]
        assert (label, strategy) == (f"trying:{arm.name}", strategies[arm.name])
    assert len({label for _, _, label in found.values()}) == 3
    made_of = Counter(found[row["account_id"]][2] for row in record.attempts)
    assert made_of["trying:silent"] == 0 < made_of["trying:usual"]
    assert set(figures(record, _prices())["arms"]) == {f"trying:{name}" for name in strategies}


def test_who_shares_an_address_goes_along_who_is_pinned_or_not_eligible_does_not(
    folder: Path,
) -> None:
    one = experiment(
        folder,
        {"name": "usual", "share": "0.5"},
        {"name": "gentle", "share": "0.5", "strategy": "gentle"},
        when={"balance": {"COP": {"from": 1}}},
    )
    made = [row | {"strategy": ""} for row in rows(40)]
    arms = [_arm(one, row) for row in made]
    other = next(place for place, arm in enumerate(arms) if arm != arms[0])
    made[other] |= {name: made[0][name] for name in ("mobile", "email")}
    pinned = next(p for p, arm in enumerate(arms) if p not in (0, other) and arm == "gentle")
    made[pinned]["strategy"] = "default"
    foreign = next(p for p in range(1, 40) if p not in (other, pinned))
    made[foreign] |= {"currency": "USD"}
    [record] = lives(of_file(folder, made), chosen(folder))
    found = by_account(record)
    both = {found["A0"][2], found[f"A{other}"][2]}
    assert len(both) == 1
    assert found[f"A{pinned}"] == ("default", "CO", "")
    assert found[f"A{foreign}"][2] == ""


def test_an_arms_policy_ranks_in_the_place_of_none(folder: Path) -> None:
    pair = new_pair()
    text = signed(policy(id="latam"), SecretStr(pair.private))
    (folder / "policies").mkdir()
    (folder / "policies" / "latam.json").write_text(text, "utf-8")
    experiment(
        folder,
        {"name": "usual", "share": "0.5"},
        {"name": "learnt", "share": "0.5", "policy": "latam"},
    )
    people = of_file(folder, rows(10))
    settings = side(Settings(policy_keys=(pair.public,)), str(folder), None, "").settings
    one = chosen(folder, settings=told(settings), days=3)
    factory = factory_of(one)
    seen = set()
    for group in people.groups:
        life = Life(one, factory, group)
        [account] = life.lived().accounts
        by = life.rules[account.key].policy
        seen.add((account.arm, None if by is None else by.policy.id))
    assert seen == {("trying:usual", None), ("trying:learnt", "latam")}


def test_an_arm_that_is_closed_already_takes_nobody_in(folder: Path) -> None:
    experiment(
        folder,
        {"name": "usual", "share": "0.5"},
        {"name": "gentle", "share": "0.5", "strategy": "gentle"},
    )
    people = of_file(folder, rows(20))
    closed = (("trying", "closed", "gentle"),)
    [record] = lives(people, chosen(folder, found=closed))
    assert {label for _, _, label in by_account(record).values()} <= {"", "trying:usual"}
    [record] = lives(people, chosen(folder))
    assert "trying:gentle" in {label for _, _, label in by_account(record).values()}


def test_a_configuration_that_is_wrong_is_told_with_its_line_before_anything_is_lived(
    folder: Path,
) -> None:
    segments(folder, ("x", {"country": "CO"}, "none"), others="default")
    with pytest.raises(Misconfigured, match=r"segments\.yaml, line 5"):
        factory_of(chosen(folder))


def test_what_a_side_may_be(folder: Path) -> None:
    settings = Settings()
    assert side(settings, None, None, "--segments").settings is settings
    file = folder / "tried.yaml"
    made = side(settings, None, file, "--segments")
    assert (made.name, made.strategy, made.settings.segments) == ("tried.yaml", None, file)
    whole = side(settings, str(folder), None, "--segments")
    assert (whole.name, whole.settings.strategies) == (folder.name, folder / "strategies")
    assert whole.settings.segments == settings.segments, "the rest is as configured"
    alone = side(settings, "default", None, "--segments")
    assert alone.strategy is not None
    with pytest.raises(BadInput, match="leaves segments nothing to choose"):
        side(settings, "default", file, "--segments")
    (folder / "empty").mkdir()
    with pytest.raises(BadInput, match=r"has none of strategies, segments\.yaml"):
        side(settings, str(folder / "empty"), None, "--segments")


def _prices() -> Prices:
    return load_prices(Settings().prices)


def _day(row: dict[str, Any]) -> str:
    at = datetime.fromisoformat(row["dispatched_at"])
    return at.astimezone(ZoneInfo(row["zones"][0])).date().isoformat()


def _arm(one: Experiment, row: dict[str, str]) -> str:
    arm = drawn(one, row["creditor"], row["customer_id"], ())
    assert arm is not None
    return arm.name
