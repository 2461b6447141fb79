"""``contrapunto database roles`` and ``database grants``."""

from typing import Annotated

import typer

from workers.cli.shell import console, run

database = typer.Typer(no_args_is_help=True, help="Roles in PostgreSQL, and what each may do.")

Apply = Annotated[bool, typer.Option("--apply", help="do it, in CONTRAPUNTO_DATABASE_URL")]


@database.command("roles")
def database_roles(apply: Apply = False) -> None:
    """Print the SQL that makes a role for each process, with what each may do; or do it.

    Once for each database, by a user with CREATEROLE who owns the tables, or may act as who does.
    """
    _do(apply=apply, roles=True)


@database.command("grants")
def database_grants(apply: Apply = False) -> None:
    """Print the SQL that says what each role may do, and whose rows the API sees; or do it.

    `contrapunto migrate` does it by itself once there are roles.
    """
    _do(apply=apply, roles=False)


def _do(*, apply: bool, roles: bool) -> None:
    from config.settings import load
    from store.access import roles as access

    if not apply:
        typer.echo(access.text_of((access.ROLES, *access.GRANTS) if roles else access.GRANTS))
        return
    run(access.apply(load().database(), roles=roles))
    done = "roles are there, with" if roles else "every role has"
    console.print(f"{done} what it needs and no more", highlight=False)
