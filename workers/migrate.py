"""Bring a database to the newest schema. Run before a rollout, never from a worker's start."""

from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy.exc import DBAPIError

from config.settings import ROOT
from domain.failures import Unavailable

_LOCK_NOT_AVAILABLE: Final = "55P03"


def migrate(database_url: str, revision: str = "head") -> None:
    """Apply all migrations up to ``revision``. Blocking; needs no running event loop.

    Raises Unavailable when PostgreSQL cannot be reached, or somebody holds what has to be changed.
    """
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("path_separator", "os")
    url = database_url.replace("postgresql://", "postgresql+asyncpg://", 1)
    # SQLAlchemy hands unknown words on to asyncpg, which knows this one under another name.
    url = url.replace("sslmode=", "ssl=", 1)
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    try:
        command.upgrade(config, revision)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
            raise
        raise Unavailable(
            "another session holds a table that the migration needs (pg_locks says who): what is "
            "done is kept, run it again when traffic is low"
        ) from error
    except OSError as error:
        raise Unavailable(
            f"PostgreSQL does not answer ({error}): check CONTRAPUNTO_DATABASE_URL"
        ) from error
