"""What two strategies do otherwise is said in words, each thing once."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from config.settings import ROOT
from config.strategy_files import load_strategies
from domain.strategy import Strategy
from workers.strategies.difference import differences

FILE = ROOT / "config" / "strategies" / "default.yaml"
DEFAULT = load_strategies(FILE.parent)["default"]


def changed(*path: Any, to: Any) -> Strategy:
    """The default with one thing in the file otherwise; a phase by its number."""
    raw = yaml.safe_load(FILE.read_text())
    at = raw
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = to
    return Strategy.model_validate(raw)


@pytest.mark.parametrize(
    ("path", "to", "told"),
    [
        (("phases", 1, "cadence", "min_days"), 9, "phase early: cadence.min_days: 4, becomes 9"),
        (("phases", 2, "tone"), "serious", "phase mid: tone: supportive, becomes serious"),
        (
            ("phases", 3, "purposes"),
            ["help_to_pay"],
            "phase late: purposes: without final_notice",
        ),
        (
            ("phases", 3, "purposes"),
            ["final_notice", "help_to_pay"],
            "phase late: purposes: another order, final_notice, help_to_pay",
        ),
        (
            ("phases", 1, "channels"),
            {"email": 0.02, "sms": 1, "whatsapp": 0.8, "push": 0.01, "voice": 2},
            "phase early: channels.voice: 2, where nothing was said",
        ),
        (
            ("phases", 1, "parties"),
            ["guarantor"],
            "phase early: parties: with guarantor",
        ),
        (("answers",), ["identity_answer"], "answers: with identity_answer"),
        (("promise", "remind_days"), None, "promise.remind_days: nothing is said, where it was 1"),
        (("caps",), {"day": 1, "week": 3}, "caps: (day 1, week 3), where nothing was said"),
        (
            ("quiet",),
            {"hours": [{"days": ["sun"], "hours": "00:00-24:00"}], "dates": ["2026-12-24"]},
            "quiet: (hours (days sun, hours 00:00-24:00), dates 2026-12-24), where nothing "
            "was said",
        ),
        (
            ("capacity",),
            {"zone": "America/Bogota", "channels": {"voice": 5000}},
            "capacity: (zone America/Bogota, channels (voice 5000)), where nothing was said",
        ),
        (("phases", 1, "budget"), 3, "phase early: budget: 3, where nothing was said"),
        (
            ("phases", 2, "enter"),
            {"broken_promises": 1},
            "phase mid: enter: (broken_promises 1), where nothing was said",
        ),
        (
            ("phases", 1, "leave"),
            {"reached": False, "unanswered": 3},
            "phase early: leave: (reached no, unanswered 3), where nothing was said",
        ),
        (
            ("score_bands",),
            [{"name": "low", "below": 0.3}, {"name": "high"}],
            "score_bands: with (name low, below 0.3), (name high)",
        ),
        (("ask_preference",), True, "ask_preference: no, becomes yes"),
        (("costs_in", "CO"), {"sms": 3}, "costs_in.CO.sms: 3, where nothing was said"),
    ],
)
def test_each_change_is_told(path: tuple[Any, ...], to: Any, told: str) -> None:
    assert told in list(differences(DEFAULT, changed(*path, to=to)))


def test_days_and_phases_are_told_by_name() -> None:
    raw = yaml.safe_load(FILE.read_text())
    raw["phases"][1]["days_past_due"] = [1, 20]
    raw["phases"].insert(2, {**raw["phases"][2], "name": "between", "days_past_due": [21, 30]})
    raw["phases"][-1]["name"] = "last"
    assert list(differences(DEFAULT, Strategy.model_validate(raw))) == [
        "phase between: new, days 21 to 30",
        "phase last: new, days 91 to 120",
        "phase pre-legal: gone, it was days 91 to 120",
        "phase early: days 1 to 30, becomes days 1 to 20",
    ]


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from leaves(one, (*path, name))
    else:
        yield path


def test_the_same_does_the_same_and_a_name_decides_nothing() -> None:
    other = DEFAULT.model_copy(update={"id": "other", "version": 9})
    assert list(differences(DEFAULT, other)) == []


def test_whatever_differs_is_told_and_nothing_else() -> None:
    """Each number and each yes or no of the strategy."""
    plain = DEFAULT.model_dump(mode="json", exclude={"phases", "id", "version"})
    for path in leaves(plain):
        raw = DEFAULT.model_dump(mode="json")
        node = raw
        for step in path[:-1]:
            node = node[step]
        if not isinstance(node[path[-1]], bool | int):
            continue
        value = node[path[-1]]
        node[path[-1]] = (not value) if isinstance(value, bool) else value + 1
        [line] = differences(DEFAULT, Strategy.model_validate(raw))
        assert line.startswith(".".join(path) + ":")
