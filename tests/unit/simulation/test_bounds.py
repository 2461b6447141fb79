"""When a demo and a dry run are said to agree."""

import pytest

from lab.dry_run.agreement import BOUNDS, LEAST_ALIKE, Bound, Counts, apart


@pytest.mark.parametrize(
    ("one", "other", "holds"),
    [(0, 3, True), (0, 4, False), (4, 0, False), (100, 110, True), (100, 112, False)],
)
def test_few_are_bounded_by_their_number_and_many_by_their_share(
    one: int, other: int, holds: bool
) -> None:
    assert Bound(3, 0.1).holds(one, other) is holds


def counts(**changes: object) -> Counts:
    accounts = {f"bank/A{n}": ("sms email", n % 2 == 0) for n in range(20)}
    told = {"contacts": {"sms": 20, "email": 20}, "cured": 10, "stops": 1, "promises": 2}
    return Counts(**{**told, "accounts": accounts, **changes})  # type: ignore[arg-type]


def test_two_runs_that_are_the_same_agree() -> None:
    assert apart(counts(), counts()) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"contacts": {"sms": 20}}, "contacts by email: 20 in the demo, 0 in the dry run"),
        ({"cured": 13}, "cured: 10 in the demo, 13 in the dry run"),
        ({"stops": 4}, "stops: 1 in the demo, 4 in the dry run"),
        ({"promises": 6}, "promises: 2 in the demo, 6 in the dry run"),
        ({"accounts": {}}, "contacted alike: 0% of accounts, not 75%"),
    ],
)
def test_what_is_apart_is_named(changed: dict[str, object], said: str) -> None:
    assert any(one.startswith(said) for one in apart(counts(), counts(**changed)))


def test_every_measure_has_its_bound() -> None:
    assert {name.split()[0] for name in counts().lines()} == set(BOUNDS)
    assert all(0 < share < 1 for share in LEAST_ALIKE.values())
