"""A desk that takes files of accounts and of parties."""

from pathlib import Path

import pytest

from lab.builders.intake_files import FakeStarter
from store.database import Pool
from tests.integration.parties.support import PartiesDesk


@pytest.fixture
def desk(pool: Pool, tmp_path: Path) -> PartiesDesk:
    return PartiesDesk(pool, tmp_path, FakeStarter())
