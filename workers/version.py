"""The version of what runs here; CHANGELOG.md says what came with it."""

from typing import Final

VERSION: Final = "0.2.0"
