"""A build id is another exactly where a replay could be."""

import ast
import shutil
from pathlib import Path

import pytest
from temporalio.common import VersioningBehavior

from config.settings import ROOT
from domain.failures import Misconfigured
from lab.rollout.copies import PATCH, copy_with_another_workflow
from workers.rollout.build_id import build_id, patches, replayed
from workers.rollout.deployment import BUILD, NAME, config_of, version_here

ROOMS = ("activities", "config", "domain", "store", "telemetry", "workers", "workflows")


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("code")
    for room in ROOMS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / room, folder / room, ignore=ignored)
    return folder


def test_it_is_that_of_the_code_wherever_it_lies(copied: Path) -> None:
    assert build_id(copied) == build_id()
    assert len(build_id()) == 12


@pytest.mark.parametrize(
    ("file", "changes"),
    [
        ("workflows/collect_account.py", True),
        ("workflows/options.py", True),
        ("domain/planning/step.py", True),
        ("domain/facts.py", True),
        ("domain/conversation/matching/slips.py", True),
        ("activities/orders.py", True),
        ("activities/contacting.py", True),
        ("config/strategies/default.yaml", False),
        ("activities/planning.py", False),
        ("store/situations.py", False),
        ("workers/worker.py", False),
        ("domain/planning/frame.py", False),
    ],
)
def test_it_changes_with_what_a_replay_runs_through_alone(
    copied: Path, file: str, changes: bool
) -> None:
    path, before = copied / file, build_id(copied)
    text = path.read_text(encoding="utf-8")
    try:
        path.write_text(text + "\n# another line\n", encoding="utf-8")
        assert (build_id(copied) != before) is changes
    finally:
        path.write_text(text, encoding="utf-8")
    assert build_id(copied) == before


def test_all_workflows_are_part_of_it() -> None:
    found = replayed()
    files = {file.stem for file in (ROOT / "workflows").glob("[!_]*.py")}
    assert {f"workflows.{stem}" for stem in files} <= set(found)
    assert all(file.is_file() for file in found.values())


def test_no_patch_is_asked_by_words_that_options_does_not_list() -> None:
    for file in (ROOT / "workflows").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            asked = isinstance(node, ast.Call) and ast.unparse(node.func).endswith("patched")
            assert not (asked and isinstance(node.args[0], ast.Constant)), (  # type: ignore[attr-defined]
                f"{file.name}: give the patch a name in options.py, by which a rollout knows it"
            )


def test_the_patches_are_those_of_the_code(tmp_path: Path) -> None:
    assert {"record-beside-contact", "keep-unread", "brake"} <= patches()
    changed = copy_with_another_workflow(tmp_path)
    assert patches(changed) - patches() == {PATCH}
    assert build_id(changed) != build_id()


def test_without_temporals_variables_there_are_no_versions() -> None:
    assert version_here({}) is None


def test_a_deployment_alone_has_the_build_id_of_the_code() -> None:
    found = version_here({NAME: "collections"})
    assert found is not None
    assert (found.deployment_name, found.build_id) == ("collections", build_id())


def test_who_names_versions_by_themselves_is_followed() -> None:
    found = version_here({NAME: "collections", BUILD: "v1.2-abc"})
    assert found is not None
    assert found.build_id == "v1.2-abc"
    config = config_of(found)
    assert config.use_worker_versioning
    assert config.default_versioning_behavior is VersioningBehavior.AUTO_UPGRADE


@pytest.mark.parametrize(
    ("given", "variable"),
    [
        ({BUILD: "abc"}, NAME),
        ({NAME: "a b"}, NAME),
        ({NAME: "a:b"}, NAME),
        ({NAME: "x" * 64}, NAME),
        ({NAME: "a", BUILD: "b c"}, BUILD),
        ({NAME: "a", BUILD: "b'c"}, BUILD),
        ({NAME: "a", BUILD: "x" * 64}, BUILD),
    ],
)
def test_what_is_no_name_is_refused_by_the_variable(given: dict[str, str], variable: str) -> None:
    with pytest.raises(Misconfigured, match=f"^{variable}"):
        version_here(given)
