"""Which contacts a blow has cut off, as the workers' notes tell it."""

from pathlib import Path

import pytest

from lab.campaign.hands import AFTERMATH, HANDS, Cut, cut_off, explained


def noted(folder: Path, *lines: str) -> list[Cut]:
    (folder / HANDS).mkdir()
    (folder / HANDS / "71").write_text("".join(f"{line}\n" for line in lines))
    return list(cut_off(folder))


def test_what_a_killed_worker_had_in_hand_was_cut_off(tmp_path: Path) -> None:
    cuts = noted(tmp_path, "10.0 reserved a", "10.1 reserved b", "10.2 settled a", "11.0 died -9")
    assert cuts == [Cut("b", 10.1, 11.0, killed=True)]
    assert explained(cuts[0], [])


def test_a_worker_that_ended_by_itself_explains_nothing(tmp_path: Path) -> None:
    (cut,) = noted(tmp_path, "10.0 reserved a", "11.0 died 1")
    assert not cut.killed
    assert not explained(cut, [])


def test_a_worker_that_lives_may_still_bring_it_to_its_end(tmp_path: Path) -> None:
    assert noted(tmp_path, "10.0 reserved a", "10.1 reserved b", "10.2 settled b") == []


def test_an_execution_that_found_the_row_shows_that_the_first_broke_off(tmp_path: Path) -> None:
    cuts = noted(tmp_path, "10.0 reserved a", "16.0 found a", "16.1 settled a", "99.0 died -9")
    assert cuts == [Cut("a", 10.0, 16.0, killed=False)]


@pytest.mark.parametrize(
    ("struck", "by_it"),
    [(9.0, True), (12.0, True), (16.5, False), (9.9 - AFTERMATH, False)],
)
def test_a_server_that_was_struck_meanwhile_explains_it(struck: float, *, by_it: bool) -> None:
    assert explained(Cut("a", 10.0, 16.0, killed=False), [struck]) is by_it
