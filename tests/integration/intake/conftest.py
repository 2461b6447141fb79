"""A desk on an empty database."""

from pathlib import Path

import pytest

from lab.builders.intake_files import FakeStarter
from store.database import Pool
from tests.integration.intake.desk import Desk


@pytest.fixture
def desk(pool: Pool, tmp_path: Path) -> Desk:
    return Desk(pool, tmp_path, FakeStarter())
