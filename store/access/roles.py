"""The roles of the processes, as ``deploy/postgresql/`` has them, applied to a database."""

from pathlib import Path
from typing import Final

import asyncpg

from config.database_url import read_address
from config.settings import ROOT
from domain.failures import Misconfigured
from store.database import translated

FOLDER: Final = ROOT / "deploy" / "postgresql"
ROLES: Final = FOLDER / "roles.sql"
"""The roles: once for each server."""
GRANTS: Final = (FOLDER / "grants.sql", FOLDER / "row_security.sql")
"""What each may do, and which rows: after each migration."""

HAS_TABLES: Final = "SELECT to_regclass('public.alembic_version') IS NOT NULL"
HAS_ROLES: Final = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'contrapunto_readonly')"

OWNS: Final = """
SELECT coalesce(bool_and(pg_has_role(current_user, c.relowner, 'USAGE')), true) FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
"""
"""PostgreSQL only warns of what somebody else's table is not granted."""
_WHO: Final = (
    "roles are made by one with CREATEROLE, and granted by the owner of the tables "
    "(contrapunto_migrate)"
)


def text_of(files: tuple[Path, ...]) -> str:
    """What is to be run. Raises Misconfigured where a file is not there."""
    try:
        return "\n".join(file.read_text(encoding="utf-8") for file in files)
    except OSError as error:
        raise Misconfigured(
            f"{error.filename} cannot be read ({error.strerror}): the files of the release are not "
            "whole"
        ) from error


async def apply(url: str, *, roles: bool, only_where_there_are: bool = False) -> bool:
    """Make the roles if asked to, and grant what each may do; whether it was done.

    ``only_where_there_are``: not where nobody has made the roles. Raises Misconfigured where the
    user may not.
    """
    with translated():
        connection = await asyncpg.connect(**read_address(url).arguments())
    try:
        if only_where_there_are and not await connection.fetchval(HAS_ROLES):
            return False
        if not await connection.fetchval(OWNS):
            raise Misconfigured(f"this user does not own all tables: {_WHO}")
        files: tuple[Path, ...] = (ROLES, *GRANTS) if roles else GRANTS
        if roles and not await connection.fetchval(HAS_TABLES):
            files = (ROLES,)  # whoever migrates grants the rest
        async with connection.transaction():
            await connection.execute("SET LOCAL lock_timeout = '5s'")
            await connection.execute(text_of(files))
    except asyncpg.InsufficientPrivilegeError as error:
        raise Misconfigured(f"this user may not ({error}): {_WHO}") from error
    except asyncpg.UndefinedObjectError as error:
        raise Misconfigured(
            f"{error}: run deploy/postgresql/roles.sql first, or `contrapunto database roles "
            "--apply` as a user with CREATEROLE"
        ) from error
    except asyncpg.UndefinedTableError as error:
        raise Misconfigured(f"{error}: run `contrapunto migrate` first") from error
    finally:
        await connection.close()
    return True
