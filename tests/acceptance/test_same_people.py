"""A demo and a dry run of one world and seed agree, account for account; of another seed they do
not. The longer form: ``make agreement``."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from lab.demo.run import Asked
from lab.dry_run.agreement import apart, both, of_dry_run, tried


@pytest.fixture
def folder(folder: Path) -> Path:
    """Of the demo, which makes it."""
    return folder / "demo"


@pytest.mark.timeout(400)
async def test_the_people_of_a_demo_do_what_those_of_a_dry_run_of_the_same_seed_do(
    folder: Path,
) -> None:
    asked = Asked(accounts=24, days=35, seed=3, people="optimistic")
    demo, dry = await both(folder, asked, Console(quiet=True))
    assert apart(demo, dry) == []
    assert sum(demo.contacts.values()) > 40
    assert demo.cured > 2
    proof = json.loads((folder / "summary.json").read_text(encoding="utf-8"))["proof"]
    assert (proof["unlawful"], proof["double"]) == (0, 0)
    others = [await asyncio.to_thread(tried, folder, replace(asked, seed=n)) for n in (4, 5)]
    for other in others:
        assert apart(demo, of_dry_run(other)) != [], "the bounds would let anything pass"
