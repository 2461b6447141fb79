"""A policy that chooses how a touch sounds, where a phase leaves that open."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from config.checks import words_of_tones
from config.settings import ROOT, Settings
from config.strategy_files import load_strategies
from config.wording.catalogue import Wording
from domain.cases.case import Hardship
from domain.cases.words import HardshipReason
from domain.channels import Channel, Purpose, Tone
from domain.conversation.wishes.preference import Preference, StatedPreference
from domain.failures import Misconfigured
from domain.learning.evaluation import decision
from domain.learning.fitting import Fitting
from domain.learning.policy import Chosen, Counts, Policy, Ranking
from domain.learning.windows import Window
from domain.planning.planner import plan
from domain.planning.reasons.softer import softened
from domain.planning.rules import Rules
from domain.strategy.bands import ScoreBand
from lab.builders.situations import EMAIL, NOW, SMS
from tests.unit.learning.support import MADE, counts, policy, reachable, ruled
from tests.unit.learning.test_fitting import window

HARD = Hardship(
    hardship_id="h",
    reason=HardshipReason.JOB_LOSS,
    began_at=NOW,
    review_date=NOW.date() + timedelta(days=30),
    review_asked=True,
    person_asked=True,
)
OPEN = (Tone.FRIENDLY, Tone.SERIOUS)
LIKES_SERIOUS = {
    "*": {Tone.FRIENDLY: Counts(won=1, tried=99), Tone.SERIOUS: Counts(won=9, tried=99)}
}


def opened(by: Policy | None, *tones: Tone) -> Rules:
    """Rules under which every phase leaves these tones open, friendly where nobody chooses."""
    made = ruled(Ranking.of(by) if by is not None else None)
    update = {"tone": Tone.FRIENDLY, "tones": tones}
    phases = tuple(phase.model_copy(update=update) for phase in made.strategy.phases)
    return replace(made, strategy=made.strategy.model_copy(update={"phases": phases}))


def test_each_tone_is_taken_as_often_as_its_probability_says() -> None:
    obeyed = opened(policy(tones=LIKES_SERIOUS), *OPEN)
    steps = [plan(reachable(n, points=(SMS, EMAIL)), NOW, obeyed) for n in range(2000)]
    said = steps[0].chosen_from
    assert said is not None and said.tones is not None
    assert sum(said.tones.values()) == pytest.approx(1)
    assert said.tones["serious"] > 0.9, "it has drawn nine times as many answers"
    got = Counter(str(one.tone) for one in steps)
    for name, p in said.tones.items():
        assert got[name] / 2000 == pytest.approx(p, abs=4 * (p * (1 - p) / 2000) ** 0.5)


def test_the_probability_on_record_is_that_of_channel_and_tone_together() -> None:
    obeyed = opened(policy(tones=LIKES_SERIOUS), *OPEN)
    toned = 0
    for number in range(200):
        step = plan(reachable(number), NOW, obeyed)
        said = step.chosen_from
        assert said is not None and step.channel is not None
        expected = said.channels[step.channel]
        if said.tones is not None:
            toned += 1
            assert said.tone == step.tone
            expected *= said.tones[str(step.tone)]
        assert (step.probability or 0) == pytest.approx(expected)
        assert plan(reachable(number), NOW, obeyed) == step, "planning twice gives the same"
    assert toned > 50


def test_the_tone_is_drawn_apart_from_the_channel() -> None:
    """Else one would stand for the other, and no count would say which of them worked."""
    obeyed = opened(policy(), *OPEN)
    steps = [plan(reachable(n, points=(SMS, EMAIL)), NOW, obeyed) for n in range(2000)]
    got = Counter((one.channel, one.tone) for one in steps)
    assert len(got) == 4
    assert all(n / 2000 == pytest.approx(0.25, abs=0.04) for n in got.values())


@pytest.mark.parametrize(
    ("case", "rules", "fields"),
    [
        ("one tone", opened(policy()), {}),
        ("no policy", opened(None, *OPEN), {}),
        ("whatsapp, which has approved words", opened(policy(), *OPEN), {"wa": True}),
        ("a wished channel", opened(policy(), *OPEN), {"wish": True}),
    ],
)
def test_it_is_the_phases_where(case: str, rules: Rules, fields: dict[str, bool]) -> None:
    told: dict[str, Any] = {}
    if fields.get("wa"):
        told["points"] = tuple(p for p in reachable().customer.points if p.channel == "whatsapp")
    if fields.get("wish"):
        wish = Preference.model_validate({"channel": "sms"})
        stated = StatedPreference(preference_id="1", said_at=NOW, preference=wish)
        told["preferences"] = (stated,)
    for number in range(30):
        step = plan(reachable(number, **told), NOW, rules)
        assert step.channel is not None, case
        assert step.tone is None, case
        assert step.chosen_from is None or step.chosen_from.tones is None, case


def test_hardship_takes_the_serious_ones_away() -> None:
    every = opened(policy(), *Tone)
    found = reachable(1).model_copy(update={"hardship": HARD})
    phase = softened(every, found).strategy.phases[0]
    assert phase.tones == (Tone.FRIENDLY, Tone.SUPPORTIVE)
    two = softened(opened(policy(), *OPEN), found).strategy.phases[0]
    assert two.tones == (Tone.FRIENDLY,), "which leaves nothing to choose"


def test_a_policy_without_tones_is_what_it_was_before_there_were_any() -> None:
    """Its digest decides its draws: what was planned by it must come out the same."""
    assert policy().decider.digest == "90e605b507b025b7"
    assert "tones" not in policy().content
    assert policy(tones=LIKES_SERIOUS).decider.digest != policy().decider.digest


def drawn(tone: str, *, reward: bool) -> Window:
    told = Chosen(
        context={"phase": "early", "country": "CO"},
        channels={"sms": 1.0},
        tones={"friendly": 0.75, "serious": 0.25},
        tone=tone,
    )
    return window(chosen_from=told, probability=0.75, policy="p@1", reward=reward)


def test_what_was_drawn_is_counted_and_what_was_not_is_not() -> None:
    fitting = Fitting(policy(made=MADE.model_copy(update={"until": NOW.date()})))
    for one in (drawn("serious", reward=True), drawn("friendly", reward=False), window(), window()):
        fitting.add(one)
    found = fitting.made()
    assert found.tones["early|CO"] == {
        Tone.FRIENDLY: Counts(won=0, tried=1),
        Tone.SERIOUS: Counts(won=1, tried=1),
    }
    assert Policy.model_validate_json(found.model_dump_json()) == found


def test_another_policys_tones_are_weighed_by_what_was_drawn() -> None:
    found = decision(drawn("serious", reward=True), Ranking.of(policy()))
    assert found is not None
    assert found.beside == pytest.approx(0.5 / 0.25)


def test_the_band_of_the_score_tells_customers_apart() -> None:
    bands = (ScoreBand(name="low", below=Decimal(500)), ScoreBand(name="high"))
    made = ruled(Ranking.of(policy(context=("score",), channels={"low": counts(sms=(9, 9))})))
    banded = replace(made, strategy=made.strategy.model_copy(update={"score_bands": bands}))
    for score, rules, expected in (
        (Decimal(10), banded, "low"),
        (Decimal(500), banded, "high"),
        (None, banded, "unknown"),
        (Decimal(10), made, "none"),
    ):
        found = reachable(1)
        account = found.account.model_copy(update={"score": score})
        step = plan(found.model_copy(update={"account": account}), NOW, rules)
        assert step.chosen_from is not None
        assert step.chosen_from.context == {"score": expected}


@pytest.mark.parametrize(
    ("tones", "told"),
    [
        (["serious", "friendly"], None),
        (["serious"], "name two or more"),
        (["friendly", "supportive"], "among them"),
        (["serious", "serious"], "each once"),
        (["serious", "shouting"], "phases.0.tones"),
    ],
)
def test_a_strategy_says_which_tones_are_open(
    tones: list[str], told: str | None, tmp_path: Path
) -> None:
    settings = written(tmp_path, tones, policy="p")
    if told is None:
        [found] = load_strategies(settings.strategies).values()
        assert found.phases[0].tones == (Tone.SERIOUS, Tone.FRIENDLY)
        return
    with pytest.raises((Misconfigured, ValidationError), match=told):
        load_strategies(settings.strategies)


def test_tones_that_nobody_chooses_among_are_refused(tmp_path: Path) -> None:
    settings = written(tmp_path, ["serious", "friendly"], policy=None)
    with pytest.raises(Misconfigured, match="no policy is named that chooses"):
        load_strategies(settings.strategies)


def test_tones_that_say_the_same_are_refused_with_language_and_file(tmp_path: Path) -> None:
    wording = Wording.load()
    settings = written(tmp_path, ["serious", "friendly"], policy="p")
    assert list(words_of_tones(settings, load_strategies(settings.strategies), wording)) == []
    settings = written(tmp_path, ["serious", "supportive"], policy="p")
    told = list(words_of_tones(settings, load_strategies(settings.strategies), wording))
    assert "serious and supportive say the same in pt" in "\n".join(one.rule for one in told)
    assert {one.where for one in told if "s.yaml" in one.where}, "the file is named"
    assert wording.tells_apart(Tone.SERIOUS, Tone.FRIENDLY, "pt", Purpose.REMINDER, Channel.SMS)


def written(folder: Path, tones: list[str], policy: str | None) -> Settings:
    """Settings of a strategy whose first phase, a serious one, leaves tones open."""
    content = yaml.safe_load((ROOT / "config" / "strategies" / "default.yaml").read_text())
    content |= {"policy": policy} if policy else {}
    content["phases"][0] |= {"tone": "serious", "tones": tones}
    (folder / "s.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
    return Settings(strategies=folder)
