"""Where these tests play."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not under pytest's own: as root, PostgreSQL's user could not enter that."""
    made = Path(tempfile.mkdtemp(prefix="contrapunto-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)
