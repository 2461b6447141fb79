"""A strategy that answers, by SMS, WhatsApp and e-mail."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path

import pytest
import yaml

from activities import contacting
from activities.dependencies import Dependencies
from activities.orders import AccountRef
from activities.planning import Read, next_step, read
from config.settings import ROOT
from config.wording.whatsapp import approved_bodies
from domain.channels import ANSWERS
from domain.planning.step import Step
from lab.builders.parts import dependencies_for, settings_for
from lab.builders.settlement import TERMS
from store.database import Connection, Pool
from tests.integration.store.conftest import quiet_sandbox
from tests.integration.store.contacts.test_voices import VOICES
from tests.integration.store.lives.checks import CAPS


@pytest.fixture
def sandbox_url() -> Iterator[str]:
    with quiet_sandbox(content=approved_bodies(ROOT / "config" / "whatsapp.yaml")) as url:
        yield url


KNOWN = Counter[str]()
"""How often a contact was followed by a plan without reading anew."""


@pytest.fixture(autouse=True)
def known_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is planned by without reading it is what would be read."""
    plan = next_step

    async def checked(
        dependencies: Dependencies,
        connection: Connection,
        ref: AccountRef,
        now: datetime,
        known: Read | None = None,
    ) -> Step:
        if known is not None:
            KNOWN["known"] += 1
            assert known[0] == (await read(dependencies, connection, ref, now) or known)[0]
        return await plan(dependencies, connection, ref, now, known)

    monkeypatch.setattr(contacting, "next_step", checked)


@pytest.fixture
async def dependencies(pool: Pool, sandbox_url: str, tmp_path: Path) -> AsyncIterator[Dependencies]:
    strategy = yaml.safe_load((ROOT / "config/strategies/default.yaml").read_text("utf-8"))
    strategy |= {
        "answers": [one.value for one in ANSWERS],
        "thanks_within_days": 2,
        "confirm_stops": ["whatsapp", "email"],
        "ask_preference": True,
        "caps": CAPS,
        "quiet": {"hours": [{"days": ["mon"], "hours": "00:00-11:00"}], "holidays": ["own"]},
        "settlement": TERMS.model_dump(mode="json"),
    }
    for phase in strategy["phases"]:
        phase["parties"] = ["guarantor"]
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
