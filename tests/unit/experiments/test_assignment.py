"""Who is drawn into which arm."""

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.experiments.assignment import arm_at, drawn, drawn_from, place
from domain.experiments.experiment import WHOLE, Experiment
from domain.experiments.mismatch import Drawn, mismatch
from tests.unit.experiments.support import experiment

SHARES = ("0.9", "0.07", "0.03")


def test_the_same_person_is_drawn_alike_for_ever() -> None:
    """Typed from a run: were the hash another one, all who are not yet on record would move."""
    assert [place("gentle", "banco", f"C{n}") for n in range(4)] == [6199, 2102, 8307, 8387]


def test_each_place_is_in_one_arm_and_the_shares_are_exact() -> None:
    arms = experiment(shares=SHARES).arms
    counted = Counter(arm_at(arms, at).name for at in range(WHOLE))
    assert counted == {"usual": 9_000, "gentle": 700, "third": 300}


def test_of_many_people_each_arm_has_its_share() -> None:
    one = experiment(shares=SHARES)
    counted = Counter(
        arm.name for n in range(50_000) if (arm := drawn(one, "banco", f"C{n}", ())) is not None
    )
    chances = tuple(drawn_from(one, ()).items())
    assert not mismatch([Drawn(arm, chances, people) for arm, people in counted.items()]).found


def test_the_place_in_one_experiment_says_nothing_of_the_place_in_another() -> None:
    first, second = experiment(id="first"), experiment(id="second")
    both = Counter(
        (a.name, b.name)
        for n in range(20_000)
        if (a := drawn(first, "banco", f"C{n}", ())) and (b := drawn(second, "banco", f"C{n}", ()))
    )
    assert all(4_750 < people < 5_250 for people in both.values())


@given(st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=20))
def test_who_is_drawn_into_a_closed_arm_is_in_none_and_nobody_else_moves(
    creditor: str, customer: str
) -> None:
    one = experiment(shares=SHARES)
    before, after = (drawn(one, creditor, customer, closed) for closed in ((), ("gentle",)))
    assert before is not None
    assert after == (None if before.name == "gentle" else before)


def test_the_chances_are_those_of_the_open_arms() -> None:
    assert drawn_from(experiment(shares=SHARES), ("gentle",)) == {"usual": 9_000, "third": 300}


@pytest.mark.parametrize("shares", [("0.5", "0.5"), ("0.9", "0.1")])
def test_shares_that_are_kept_are_hardly_ever_called_a_mismatch(shares: tuple[str, str]) -> None:
    """Of 300 experiments that are looked at 40 times."""
    one = experiment(shares=shares)
    chances = tuple(drawn_from(one, ()).items())
    wrong = 0
    for run in range(300):
        counts: Counter[str] = Counter()
        for look in range(40):
            for n in range(25):
                arm = drawn(one, f"run{run}", f"{look}-{n}", ())
                assert arm is not None
                counts[arm.name] += 1
            if mismatch([Drawn(name, chances, people) for name, people in counts.items()]).found:
                wrong += 1
                break
    assert wrong <= 6


def broken(one: Experiment, customer: str) -> str | None:
    """A draw of which one arm loses each tenth: those whose record was written too late."""
    arm = drawn(one, "banco", customer, ())
    lost = arm is not None and arm.name == "gentle" and place("lost", "banco", customer) % 10 == 0
    return None if lost or arm is None else arm.name


def test_a_draw_that_loses_people_of_one_arm_is_found() -> None:
    one = experiment()
    counts = Counter(name for n in range(12_000) if (name := broken(one, f"C{n}")) is not None)
    chances = tuple(drawn_from(one, ()).items())
    said = mismatch([Drawn(name, chances, people) for name, people in counts.items()])
    assert said.found
    assert said.counted["gentle"] < said.meant["gentle"]


def test_a_mismatch_is_found_across_changed_shares_which_are_none_themselves() -> None:
    early, late = (("usual", 9_000), ("gentle", 1_000)), (("usual", 5_000), ("gentle", 5_000))
    kept = [Drawn("usual", early, 9_020), Drawn("gentle", early, 980)]
    assert not mismatch([*kept, Drawn("usual", late, 5_030), Drawn("gentle", late, 4_970)]).found
    assert mismatch([*kept, Drawn("usual", late, 5_300), Drawn("gentle", late, 4_700)]).found


def test_who_is_in_an_arm_that_was_closed_is_a_mismatch() -> None:
    chances = (("usual", 9_000), ("third", 300))
    assert mismatch([Drawn("usual", chances, 90), Drawn("gentle", chances, 1)]).found


def test_nobody_is_no_mismatch() -> None:
    assert not mismatch([]).found
    assert mismatch([]).p_value == 1


def test_shares_are_exact_decimals() -> None:
    assert sum(arm.share for arm in experiment(shares=("0.3333", "0.3333", "0.3334")).arms) == 1
    assert experiment(shares=("0.3333", "0.6667")).arms[0].share == Decimal("0.3333")
