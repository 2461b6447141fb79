"""What a strategy asks for and cannot have by its own limits is refused when it is loaded, with its
file, its line and what to do."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from config import checks
from config.rule_packs import load_packs
from config.rules import RulesFactory
from config.settings import ROOT, Settings
from config.strategy_files import load_strategies, load_strategy
from domain.channels import Channel
from domain.failures import Misconfigured
from domain.planning.planner import plan
from domain.planning.step import StepKind
from domain.strategy import Strategy
from domain.strategy.contradictions import contradictions
from lab.builders.situations import NOW, situation
from tests.unit.limits.support import dense, limited, phases, raw
from tests.unit.planner.support import lived

BANDS = [{"name": "low", "below": "0.3"}, {"name": "high"}]


def written(folder: Path, name: str = "default", **over: Any) -> Path:
    file = folder / f"{name}.yaml"
    file.write_text(yaml.safe_dump(raw(**{"id": name, **over}), sort_keys=False), "utf-8")
    return file


def line_with(file: Path, text: str) -> int:
    lines = file.read_text("utf-8").splitlines()
    return next(n for n, line in enumerate(lines, start=1) if text in line)


ATTACKS: list[tuple[dict[str, Any], str, str]] = [
    ({"caps": {"week": 1}}, "makes 2 touches in 7 days", "let min_days be 7 or more"),
    ({"caps": {"month": 3}}, "caps.month lets 3", "or caps.month"),
    ({"caps": {}}, "names no cap", "leave it out"),
    ({"caps": {"day": 3, "week": 2}}, "allows 3 contacts a day and 2 a week", "at least 3"),
    (
        {
            "score_bands": BANDS,
            "caps": {"week": 2},
            "phases": phases(early={"by_score": {"low": {"min_days": 1}}}),
        },
        "phase early makes 6 touches in 7 days",
        "or caps.week 6",
    ),
    (
        {"capacity": {"channels": {"email": 0, "sms": 0, "whatsapp": 0, "push": 0}}},
        "phase early could contact nobody: capacity is 0",
        "give one of them capacity",
    ),
    (
        {
            "capacity": {"channels": {"human": 0}},
            "phases": phases(early={"person": {"after": 1}}),
        },
        "has a person's turn, and capacity.channels.human is 0",
        "leave `person` out",
    ),
    (
        {"phases": phases(mid={"budget": "0.01"})},
        "phase mid could contact nobody: its cheapest contact costs 0.02, its budget is 0.01",
        "let it be 0.02 or more",
    ),
    (
        {
            "phases": phases(mid={"budget": 1}),
            "costs_in": {"MX": {"email": 3, "sms": 3, "whatsapp": 3, "voice": 3}},
        },
        "its cheapest contact in MX costs 3",
        "let it be 3 or more",
    ),
    (
        {
            "phases": [
                {**one, "cadence": {"min_days": 1, "max_touches": 0}} for one in raw()["phases"]
            ]
        },
        "contacts nobody: in every phase max_touches is 0",
        "at least one touch",
    ),
    (
        {
            "score_bands": BANDS,
            "phases": phases(early={"by_score": {"low": {"channels": ["letter"]}}}),
        },
        "phase early does not name letter",
        "the phase's own channels",
    ),
    ({"phases": phases(early={"enter": {}})}, "must name something that has to hold", ""),
    ({"phases": phases(early={"enter": {"score": ["low"]}})}, "name `score_bands`, too", ""),
    (
        {"score_bands": BANDS, "phases": phases(early={"by_score": {"lo": {"min_days": 2}}})},
        "names the score band lo, which is none",
        "",
    ),
    (
        {"phases": phases(pre_legal={"leave": {"reached": True}})},
        "phase pre-legal is the last and cannot be left early",
        "",
    ),
    ({"score_bands": [{"name": "low"}, {"name": "high"}]}, "low needs `below`", ""),
    ({"score_bands": [{"name": "low", "below": 1}]}, "leave `below` out of the last", ""),
    ({"score_bands": [{"name": "unknown"}]}, "names must differ, and none be `unknown`", ""),
    (
        {"score_bands": [{"name": "a", "below": 2}, {"name": "b", "below": 1}, {"name": "c"}]},
        "b ends at 1, which is not above a's 2",
        "",
    ),
    ({"quiet": {"hours": [{"hours": "20:00-08:00"}]}}, "a night is two entries", ""),
    ({"quiet": {"hours": [{"hours": "8-9"}]}}, "must be hours such as", ""),
    ({"quiet": {"holidays": ["Colombia"]}}, "two capital letters", ""),
    ({"quiet": {"dates": ["24.12."]}}, "date", ""),
    ({"capacity": {"zone": "Bogota", "channels": {"sms": 5}}}, "must be a time zone", ""),
    ({"capacity": {"channels": {"sms": -1}}}, "greater than or equal to 0", ""),
    ({"caps": {"day": 0}}, "greater than or equal to 1", ""),
    ({"caps": {"year": 5}}, "year", ""),
]


@pytest.mark.parametrize(("over", "rule", "todo"), ATTACKS)
def test_it_is_refused_with_its_line_and_what_to_do(
    tmp_path: Path, over: dict[str, Any], rule: str, todo: str
) -> None:
    file = written(tmp_path, **over)
    with pytest.raises(Misconfigured) as refused:
        load_strategies(tmp_path)
    told = str(refused.value)
    assert rule in told
    assert todo in told
    assert f"strategy {file}, line " in told


def test_the_line_is_that_of_the_field(tmp_path: Path) -> None:
    file = written(tmp_path, phases=phases(mid={"budget": "0.01"}))
    with pytest.raises(Misconfigured) as refused:
        load_strategy(file)
    assert f"line {line_with(file, 'budget')}: phases.2.budget" in str(refused.value)


def test_the_shipped_strategy_contradicts_nothing() -> None:
    assert list(contradictions(load_strategies(ROOT / "config/strategies")["default"])) == []


def test_two_strategies_name_the_same_capacity_of_a_channel(tmp_path: Path) -> None:
    def folder(name: str, most: int, zone: str = "UTC") -> Path:
        of = tmp_path / name
        of.mkdir()
        written(of, capacity={"channels": {"sms": 5, "voice": 9}})
        written(of, "second", capacity={"zone": zone, "channels": {"sms": most}})
        return of

    assert len(load_strategies(folder("alike", 5))) == 2
    with pytest.raises(Misconfigured, match="6 a day in UTC, where default has 5 in UTC"):
        load_strategies(folder("more", 6))
    with pytest.raises(Misconfigured, match="name the same number and zone in both"):
        load_strategies(folder("elsewhere", 5, "America/Bogota"))


# --- quiet times against the law ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "countries"),
    [
        ("00:00-24:00", {"CO", "MX", "BR", "US", "GB"}),
        ("07:00-19:00", {"CO"}),
        ("07:00-18:59", set()),
        ("00:00-09:00", set()),
    ],
)
def test_quiet_times_that_leave_no_lawful_hour_are_refused(
    tmp_path: Path, hours: str, countries: set[str]
) -> None:
    file = written(tmp_path, quiet={"hours": [{"hours": hours}]})
    settings = Settings(strategies=tmp_path)
    found = [str(one) for one in checks.quiet_times_of(settings, load_strategies(tmp_path))]
    assert bool(found) is bool(countries)
    for told in found:
        assert f"strategy {file}, line {line_with(file, 'quiet:')}: quiet" in told
        named = told.partition("law of ")[2].partition(" leaves")[0].split(", ")
        assert countries <= set(named)


def test_holidays_of_a_country_that_nobody_knows_are_refused(tmp_path: Path) -> None:
    written(tmp_path, quiet={"holidays": ["ZQ"]})
    settings = Settings(strategies=tmp_path)
    [told] = [str(one) for one in checks.quiet_times_of(settings, load_strategies(tmp_path))]
    assert "ZQ: no holidays are known" in told


# --- soundness ------------------------------------------------------------------------------------


@given(
    st.integers(1, 9),
    st.integers(1, 12),
    st.integers(1, 40),
    st.fixed_dictionaries(
        {}, optional={"week": st.integers(1, 7), "month": st.integers(1, 30)}
    ).filter(bool),
)
def test_a_cadence_that_is_not_refused_is_never_held_by_a_cap(
    min_days: int, max_touches: int, length: int, caps: dict[str, int]
) -> None:
    """And one that is refused would be: of touches alone, in one phase."""
    over: dict[str, Any] = {
        **dense(
            days_past_due=[1, length],
            cadence={"min_days": min_days, "max_touches": max_touches},
        ),
        "caps": caps,
    }
    if caps.get("week", 0) > caps.get("month", 99):
        return
    refused = list(contradictions(Strategy.model_validate(raw(**over))))
    offsets = [n * min_days for n in range(max_touches) if n * min_days < length]
    held = any(
        sum(0 <= at - first < days for at in offsets) > most
        for name, days in (("week", 7), ("month", 30))
        if (most := caps.get(name))
        for first in offsets
    )
    assert bool(refused) is held


def test_a_life_under_a_strategy_that_is_taken_contacts_somebody() -> None:
    over: dict[str, Any] = {
        "caps": {"day": 1, "week": 2, "month": 6},
        "quiet": {"holidays": ["own"]},
    }
    assert not list(contradictions(limited(**over).strategy))
    found = situation(days_past_due=1, country="US", zones=("America/New_York",))
    made = [one for one in lived(found, NOW, limited(**over)) if one.kind is StepKind.CONTACT]
    assert len(made) > 5


# --- who collects ---------------------------------------------------------------------------------


def factory(**settings: Any) -> RulesFactory:
    made = Settings(**settings)
    served = {Channel.EMAIL: ("sendgrid",), Channel.SMS: ("twilio",)}
    return RulesFactory(made, load_strategies(made.strategies), load_packs(), served)


def test_each_creditor_is_collected_for_as_the_setting_says() -> None:
    made = factory(actors={"bank": "first_party"})
    found = situation(balance="50000")
    assert made.of(found, "default").actor == "first_party"
    other = found.model_copy(
        update={"account": found.account.model_copy(update={"creditor": "shop"})}
    )
    assert made.of(other, "default").actor == "third_party"
    assert made.of(found, "default").decided_by != made.of(other, "default").decided_by
    assert plan(found, NOW, made.of(found, "default")).kind is StepKind.CONTACT


def test_what_decides_is_what_it_was_where_nothing_of_it_is_named() -> None:
    plain, named = factory(), factory(actors={"bank": "first_party"})
    shop = situation().model_copy()
    assert [one.digest for one in plain.deciders()] == [
        one.digest for one in named.deciders() if one.content.get("actor") != "first_party"
    ]
    digests = {one.digest for one in named.deciders()}
    assert set(named.of(shop, "default").decided_by) <= digests


def test_the_example_of_the_guide_can_be_loaded_in_the_shipped_strategy(tmp_path: Path) -> None:
    guide = (ROOT / "docs/guide/strategies.md").read_text("utf-8")
    example = yaml.safe_load(guide.partition("```yaml\n")[2].partition("```")[0])
    by_name = {one["name"]: one for one in example.pop("phases")}
    merged = [{**one, **by_name.get(one["name"], {})} for one in raw()["phases"]]
    early = next(one for one in merged if one["name"] == "early")
    early["channels"] = {**early["channels"], "voice": 2}
    for phase in merged:
        cadence = phase["cadence"]
        phase["cadence"] = {**cadence, "min_days": max(4, cadence["min_days"])}
    made = load_strategy(written(tmp_path, **example, phases=merged))
    assert made.caps is not None
    assert made.caps.windows == ((1, 1, "day"), (3, 7, "week"), (8, 30, "month"))
