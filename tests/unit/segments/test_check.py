"""``contrapunto strategy check``: all that is wrong at once, in the words of start-up."""

import shutil
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from config.settings import ROOT, Settings
from domain.failures import Misconfigured
from workers.cli.main import app
from workers.configuration import of_worker
from workers.strategies.checking import check
from workers.worker import dependencies


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Strategies that may be changed."""
    made = tmp_path / "strategies"
    shutil.copytree(ROOT / "config" / "strategies", made)
    return made


def changed(folder: Path, name: str, **fields: object) -> Path:
    """Another strategy beside the default one, otherwise the same."""
    said = yaml.safe_load((folder / "default.yaml").read_text("utf-8"))
    file = folder / f"{name}.yaml"
    file.write_text(yaml.safe_dump({**said, "id": name, **fields}, sort_keys=False))
    return file


def phase(**fields: object) -> dict[str, object]:
    one = {
        "name": "early",
        "days_past_due": [1, 30],
        "tone": "friendly",
        "purposes": ["reminder"],
        "cadence": {"min_days": 4, "max_touches": 6},
        "channels": {"sms": 1},
    }
    return {**one, **fields}


def test_what_is_shipped_is_right() -> None:
    report, _ = check(Settings())
    assert report.faults == []


def test_all_files_are_told_at_once_with_their_lines(tmp_path: Path, folder: Path) -> None:
    file = changed(folder, "odd", max_failovers=-1)
    segments, attributes = tmp_path / "s.yaml", tmp_path / "a.yaml"
    segments.write_text("segments:\n  - {name: a, when: {contry: CO}, strategy: b}\ndefault: c\n")
    attributes.write_text("attributes:\n  ok: text\n  vip: bool\n")
    report, _ = check(Settings(strategies=folder, attributes=attributes, segments=segments))
    told = [str(one) for one in report.faults]
    assert any(f"strategy {file}, line" in one and "max_failovers" in one for one in told)
    assert any(f"{attributes}, line 3: attributes.vip" in one for one in told)
    file.unlink()
    report, _ = check(Settings(strategies=folder, segments=segments))
    assert [str(one).partition(" is ")[0] for one in report.faults] == [
        f"{segments}, line 3: default",
        f"{segments}, line 2: segments.1.when.contry",
        f"{segments}, line 2: segments.1.strategy",
    ]


@pytest.mark.parametrize(
    ("phases", "said"),
    [
        ([phase(cadence={"min_days": 1, "max_touches": 0})], "in every phase max_touches is 0"),
        ([phase(channels={"letter": 1})], "no phase that makes a touch has a channel with"),
    ],
)
def test_a_strategy_that_would_contact_nobody_is_told(
    folder: Path, phases: list[object], said: str
) -> None:
    changed(folder, "silent", phases=phases)
    report, _ = check(Settings(strategies=folder))
    [one] = report.faults
    assert "contacts nobody" in str(one)
    assert said in str(one)


def test_a_phase_that_has_no_words_is_told(folder: Path) -> None:
    """What answers a message is not said in a call."""
    wordless = phase(purposes=["balance_answer"], channels={"voice": 2})
    after = phase(name="late", days_past_due=[31, 60])
    changed(folder, "wordless", phases=[wordless, after])
    report, _ = check(Settings(strategies=folder))
    [one] = report.faults
    assert "balance_answer has no words on voice" in str(one)
    assert "phases.1.purposes (early)" in str(one)


def test_a_strategy_that_no_segment_names_is_only_a_note(tmp_path: Path, folder: Path) -> None:
    changed(folder, "left")
    segments = tmp_path / "s.yaml"
    segments.write_text("segments: []\ndefault: default\n")
    report, _ = check(Settings(strategies=folder, segments=segments))
    assert report.faults == []
    assert ["'left'" in str(one) for one in report.notes] == [True]


async def test_a_worker_refuses_to_start_in_the_same_words(tmp_path: Path) -> None:
    segments = tmp_path / "s.yaml"
    segments.write_text(
        "segments:\n  - {name: a, when: {country: CO}, strategy: default}\n"
        "  - {name: b, when: {country: CO, score: 1}, strategy: default}\ndefault: default\n"
    )
    settings = Settings(segments=segments, database_url="postgresql://x@127.0.0.1:1/x")
    report, _ = check(settings)
    assert "whatever it matches goes to a before it" in str(report.faults[0])
    assert report.faults[0] in of_worker(settings).faults
    with pytest.raises(Misconfigured) as refused:
        async with dependencies(settings):
            pass
    assert str(report.faults[0]) in str(refused.value)


@pytest.mark.parametrize(("given", "status"), [("segments: []\ndefault: default\n", 0), ("x", 2)])
def test_the_command_answers_with_a_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str, status: int
) -> None:
    segments = tmp_path / "s.yaml"
    segments.write_text(given)
    monkeypatch.setenv("CONTRAPUNTO_SEGMENTS", str(segments))
    done = CliRunner().invoke(app, ["strategy", "check"])
    assert done.exit_code == status
    assert ("nothing is wrong" in done.output) is (status == 0)
