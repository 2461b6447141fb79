"""Bring a database to the newest schema. Run before a rollout, never from a worker's start."""

from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy.exc import DBAPIError

from config.database_url import read_address
from config.settings import ROOT
from domain.failures import Unavailable

_LOCK_NOT_AVAILABLE: Final = "55P03"


def migrate(database_url: str, revision: str = "head") -> None:
    """Apply all migrations up to ``revision``. Blocking; needs no running event loop.

    Raises Unavailable when PostgreSQL cannot be reached, or somebody holds what has to be changed;
    Misconfigured when the address cannot be used.
    """
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["address"] = read_address(database_url)
    try:
        command.upgrade(config, revision)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
            raise
        raise Unavailable(
            "another session holds a table that the migration needs (pg_locks says who): what is "
            "done is kept, run it again when traffic is low"
        ) from error
