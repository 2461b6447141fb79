"""The people at work of a dry run: how soon, how often and in how many parts is the world's."""

from pathlib import Path

from people.worlds import WORLDS, World
from tests.unit.simulation.support import default, lives, portfolio, run
from workers.simulation.record import Record

POOR = World(
    "poor",
    {
        **WORLDS["published"].values,
        **dict.fromkeys(("cannot_pay", "asks_plan", "asks_uninvited", "accepts_plan"), 1.0),
        **dict.fromkeys(("stranger", "opt_out", "disputes", "writes", "states_wish"), 0.0),
        "plan_kept": 1.0,
        "recovery_days": 100_000.0,
    },
)
"""Nobody can pay at once; who reads a message asks for a plan, and keeps it."""


def lived(folder: Path, world: World, days: int = 100) -> Record:
    [record] = lives(portfolio(folder, 25), run(default(), world, days=days))
    return record


def test_a_plan_has_as_many_parts_as_the_world_says(tmp_path: Path) -> None:
    for parts in (2, 3):
        sums = lived(tmp_path, POOR.but("parts", instalments=float(parts))).sums
        agreed = sums["plan", "agreed"]
        assert agreed > 5
        assert sums["payment", "plan"] > (parts - 1) * agreed
        assert sums["payment", "plan"] <= parts * agreed


def test_what_waits_longer_for_a_person_is_done_later(tmp_path: Path) -> None:
    soon, late = (
        lived(tmp_path, POOR.but("waits", desk_hours=hours), days=30).sums["payment", "plan"]
        for hours in (1.0, 24.0 * 20)
    )
    assert soon > late


def test_a_dispute_keeps_somebody_in_peace_as_long_as_the_world_says(tmp_path: Path) -> None:
    disputed = POOR.but("disputed", disputes=1.0, opt_out=0.0)
    soon, late = (
        len(lived(tmp_path, disputed.but("so long", dispute_days=days)).attempts)
        for days in (2.0, 40.0)
    )
    assert soon > late


def test_a_person_calls_as_often_as_the_world_says_until_somebody_takes_it(tmp_path: Path) -> None:
    people, away = portfolio(tmp_path, 25), WORLDS["published"].but("away", takes_call=0.0)
    terms = {"after": 0, "within_days": 3}
    phases = [phase.model_dump() | {"person": terms} for phase in default().phases]
    asking = type(default()).model_validate(default().model_dump() | {"phases": phases})

    def calls(tries: float) -> int:
        [record] = lives(people, run(asking, away.but("tries", desk_calls=tries), days=40))
        return sum(n for key, n in record.sums.items() if key[0] == "call by person")

    assert 0 < calls(1) < calls(3)
