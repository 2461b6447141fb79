"""What is said of a policy is true, or it is not said."""

from collections.abc import Mapping
from random import Random

import pytest

from domain.learning.evaluation import Decision, Evaluation, decisions, evaluate
from domain.learning.policy import Counts
from lab.learning.bandit import BLOCKS, blank, flat, lived, world

RATES = {"sms": 0.10, "email": 0.06, "whatsapp": 0.14, "voice": 0.08}
LOGGED = {"sms": 0.70, "email": 0.10, "whatsapp": 0.10, "voice": 0.10}
WANTED = {"sms": 0.10, "email": 0.10, "whatsapp": 0.70, "voice": 0.10}


def tried(
    count: int,
    seed: int = 1,
    *,
    rates: Mapping[str, float] = RATES,
    logged: Mapping[str, float] = LOGGED,
    wanted: Mapping[str, float] = WANTED,
    each: int = 1,
) -> list[Decision]:
    """Choices of a logging policy; ``each`` of them is one person's, whose luck is one."""
    rng, found = Random(seed), list[Decision]()
    for n in range(count // each):
        luck = rng.random()
        for _ in range(each):
            [name] = rng.choices(list(logged), list(logged.values()))
            reward = float((luck if each > 1 else rng.random()) < rates[name])
            found.append(Decision(n, "early|CO", name, logged, wanted, reward))
    return found


def value(wanted: Mapping[str, float], rates: Mapping[str, float]) -> float:
    return sum(p * rates[name] for name, p in wanted.items())


def covered(runs: list[Evaluation], truth: float) -> dict[str, int]:
    counts = {"ips": 0, "snips": 0, "dr": 0}
    for one in runs:
        for name in counts:
            told = getattr(one, name)
            counts[name] += told.low <= truth <= told.high
    return counts


def test_intervals_hold_the_truth_in_at_least_93_of_100_replications() -> None:
    runs = [evaluate(tried(3000, seed)) for seed in range(200)]
    assert all(one.refused is None for one in runs)
    assert min(covered(runs, value(WANTED, RATES)).values()) >= 186
    done = value(LOGGED, RATES)
    assert sum(r.done is not None and r.done.low <= done <= r.done.high for r in runs) >= 186
    gain = value(WANTED, RATES) - done
    assert sum(r.gain is not None and r.gain.low <= gain <= r.gain.high for r in runs) >= 186


def test_they_hold_it_also_where_the_windows_of_one_person_are_alike() -> None:
    runs = [evaluate(tried(3200, seed, each=4)) for seed in range(200)]
    assert min(covered(runs, value(WANTED, RATES)).values()) >= 186
    alone = [
        evaluate([one._replace(person=n) for n, one in enumerate(tried(3200, s, each=4))])
        for s in range(60)
    ]
    assert covered(alone, value(WANTED, RATES))["dr"] < 56, "else it would not matter"


def test_intervals_are_no_wider_than_they_have_to_be() -> None:
    found = evaluate(tried(20_000))
    assert found.dr is not None
    assert found.dr.high - found.dr.low < 0.03


def test_sixteen_arms_with_five_percent_for_all_are_refused() -> None:
    """The trap: 20,000 windows of which 58 count, and a truth of 0.205 estimated as 0.13."""
    arms = [f"{c}/{h}" for c in RATES for h in ("07", "10", "13", "16")]
    logged = dict.fromkeys(arms, 0.05 / 16)
    logged[arms[0]] += 0.95
    rates = dict.fromkeys(arms, 0.1) | {arms[-1]: 0.205}
    wanted = dict.fromkeys(arms, 0.0) | {arms[-1]: 1.0}
    found = evaluate(tried(20_000, rates=rates, logged=logged, wanted=wanted))
    assert found.effective < 100
    assert found.largest == pytest.approx(320)
    assert found.verdict == "unknown"
    assert found.dr is found.ips is found.snips is None
    assert "at least 500 are needed" in str(found.refused)


@pytest.mark.parametrize(("windows", "refused"), [(400, True), (4000, False)])
def test_few_windows_are_refused(windows: int, refused: bool) -> None:
    found = evaluate(tried(windows))
    assert (found.refused is not None) is refused
    assert (found.effective < 500) is refused


def test_nothing_at_all_is_refused_in_words() -> None:
    assert evaluate([]).refused == "no window is on record in which a policy chose"


def test_what_was_never_tried_is_refused_and_named() -> None:
    logged = {"sms": 0.5, "email": 0.5, "whatsapp": 0.0}
    rates = RATES
    wanted = {"sms": 0.4, "email": 0.5, "whatsapp": 0.1}
    found = evaluate(tried(5000, rates=rates, logged=logged, wanted=wanted))
    assert found.untried == pytest.approx(0.1)
    assert found.never == ("whatsapp in early|CO",)
    assert "never tried" in str(found.refused)


def test_what_had_a_chance_and_never_came_in_a_context_was_not_tried_there() -> None:
    made = tried(5000)
    where = [one._replace(where="late|CO") if n < 50 else one for n, one in enumerate(made)]
    rare = [one for one in where if one.where != "late|CO" or one.chosen == "sms"]
    found = evaluate(rare)
    assert set(found.never) == {f"{c} in late|CO" for c in ("email", "whatsapp", "voice")}


def test_a_policy_against_itself_makes_no_difference() -> None:
    found = evaluate(tried(5000, wanted=LOGGED))
    assert found.gain is not None
    assert found.gain.value == pytest.approx(0, abs=1e-3)
    assert found.verdict == "no_difference"
    assert found.effective == pytest.approx(5000)


def test_where_outcomes_are_shuffled_nothing_is_learnt_and_nothing_found() -> None:
    """One half is learnt from, the other half judges: by chance alone some differ."""
    run = lived(world(2), 8000, learns=False)
    verdicts = []
    for seed in range(10):
        rewards = [one.reward for one in run.windows]
        Random(seed).shuffle(rewards)
        shuffled = [
            one.model_copy(update={"reward": reward})
            for one, reward in zip(run.windows, rewards, strict=True)
        ]
        from domain.learning.fitting import fit

        made = fit(shuffled[:4000], blank())
        found = evaluate(decisions(shuffled[4000:], made))
        verdicts.append(found.verdict)
        rates = [one.won / one.tried for one in made.channels["*"].values()]
        assert max(rates) - min(rates) < 0.08
    assert verdicts.count("no_difference") + verdicts.count("unknown") >= 9


def test_what_was_learnt_is_found_better_on_what_comes_later() -> None:
    from domain.learning.fitting import fit

    run = lived(world(2), 12_000, learns=False)
    made = fit(run.windows[:6000], blank())
    found = evaluate(decisions(run.windows[6000:], made))
    assert found.verdict == "better", found


def test_parts_of_the_day_are_weighed_with_the_channel() -> None:
    run = lived(flat(), 3000, learns=False)
    hours = {"*": {"07-10": Counts(won=900, tried=1000), "10-13": Counts(won=1, tried=1000)}}
    found = decisions(run.windows, blank(hours=hours))
    assert {round(one.beside, 2) for one in found} > {0.08}
    assert len({one.beside for one in found}) > 1
    none = decisions(run.windows, blank(blocks=()))
    assert {one.beside for one in none} == {1.0}
    assert len(BLOCKS) == 4
