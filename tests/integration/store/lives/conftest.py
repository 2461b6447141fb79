"""A strategy that answers, by SMS, WhatsApp and e-mail."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import yaml

from activities.dependencies import Dependencies
from config.settings import ROOT
from config.wording.whatsapp import approved_bodies
from domain.channels import ANSWERS
from lab.builders.parts import dependencies_for, settings_for
from lab.sandbox.app import create_app
from lab.sandbox.clock import WallClock
from lab.sandbox.persons.bank import PiggyBank
from lab.sandbox.server import in_thread
from lab.sandbox.settings import Settings as SandboxSettings
from store.database import Pool
from tests.integration.store.contacts.test_voices import VOICES


@pytest.fixture
def sandbox_url() -> Iterator[str]:
    nobody = {"payer": 0, "promiser": 0, "answerer": 0, "opt_outer": 0, "unreachable": 0}
    settings = SandboxSettings(
        personas={**nobody, "ignorer": 1},
        callback_retries=0,
        content=approved_bodies(ROOT / "config" / "whatsapp.yaml"),
    )
    with in_thread(create_app(settings, clock=WallClock(), bank=PiggyBank())) as url:
        yield url


@pytest.fixture
async def dependencies(pool: Pool, sandbox_url: str, tmp_path: Path) -> AsyncIterator[Dependencies]:
    strategy = yaml.safe_load((ROOT / "config/strategies/default.yaml").read_text("utf-8"))
    strategy |= {
        "answers": [one.value for one in ANSWERS],
        "thanks_within_days": 2,
        "confirm_stops": ["whatsapp", "email"],
        "ask_preference": True,
    }
    (tmp_path / "default.yaml").write_text(yaml.safe_dump(strategy), encoding="utf-8")
    settings = settings_for(
        sandbox_url,
        strategies=tmp_path,
        creditor_names={"bank": "Bank"},
        provider_timeout=0.7,
        **{name: value for name, value in VOICES.items() if name != "twilio_voice_from"},
    )
    with dependencies_for(pool, settings) as made:
        yield made
