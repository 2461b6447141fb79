"""Bring a database to the newest schema. Run before a rollout, never from a worker's start."""

from alembic import command
from alembic.config import Config

from config.database_url import read_address
from config.settings import ROOT


def migrate(database_url: str, revision: str = "head") -> None:
    """Apply all migrations up to ``revision``. Blocking; needs no running event loop.

    Raises Unavailable or Misconfigured when PostgreSQL cannot be reached.
    """
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["address"] = read_address(database_url)
    command.upgrade(config, revision)
