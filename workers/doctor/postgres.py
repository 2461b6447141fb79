"""PostgreSQL, as a process of ours meets it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from config.database_url import VARIABLE
from config.settings import Settings
from domain.history.months import month_of
from store.database import SCHEMA
from store.views.server import Server, look
from workers.cli.shell import wall_clock
from workers.doctor.clocks import agree
from workers.doctor.findings import Finding, fault, ok, warning

OLDEST: Final = 140_000
"""PostgreSQL 14, the oldest that its makers mend."""
_OF_A_WORKER: Final = 3
"""Processes of ours that a server should have room for, at the least: worker, gateway, API."""


async def examine(settings: Settings) -> list[Finding]:
    """Clock, schema, TLS, rights, room. Raises Unavailable or Misconfigured."""
    url = settings.database()
    await look(url)  # what a first connection costs is no difference between clocks
    before = wall_clock()
    server = await look(url)
    return list(_found(server, settings, before, wall_clock()))


def _found(
    server: Server, settings: Settings, before: datetime, after: datetime
) -> Iterator[Finding]:
    yield ok(f"PostgreSQL {server.version // 10_000} answers")
    if server.version < OLDEST:
        yield warning("PostgreSQL is older than 14: its makers no longer mend it", "upgrade it")
    yield agree("PostgreSQL", server.now, before, after)
    yield _schema(server)
    yield _tls(server)
    if server.standby:
        todo = f"point {VARIABLE} at the primary, or add target_session_attrs=read-write"
        yield fault("PostgreSQL is a standby: nothing can be written", todo)
    if server.superuser:
        yield warning(
            f"the user of {VARIABLE} is a superuser",
            "give processes a role that owns nothing and may only read and write our tables",
        )
    asked = _OF_A_WORKER * settings.database_pool
    if server.connections < asked:
        todo = "raise max_connections, or lower CONTRAPUNTO_DATABASE_POOL"
        few = f"PostgreSQL takes {server.connections} connections, {asked} may be asked for"
        yield warning(few, todo)
    yield _history(server)
    if server.halted_why is not None:
        todo = "`contrapunto restore status` says what comes next (docs/guide/disasters.md)"
        yield fault(f"contacts are halted: {server.halted_why}", todo)


def _schema(server: Server) -> Finding:
    if server.is_current:
        return ok(f"the schema is at {server.revision}")
    what = f"the schema is at {server.revision or 'none'}, this version needs {SCHEMA}"
    return fault(what, "run `contrapunto migrate`")


def _history(server: Server) -> Finding:
    if server.strays:
        what = f"{server.strays:,} rows of the history lie in no month"
        return warning(what, "run `contrapunto maintain`: it makes the months that lack")
    if server.last_month is None:
        return ok("no month of the history is made yet: `contrapunto maintain` makes them")
    if server.last_month < month_of(server.now):
        what = f"the newest month of the history is {server.last_month}"
        return warning(what, "run `contrapunto maintain` daily: nothing moves without it")
    return ok(f"the history has its months up to {server.last_month}, and no row beside them")


def _tls(server: Server) -> Finding:
    if not server.tls:
        if server.is_near:
            return ok("PostgreSQL is on this machine: no TLS is needed")
        todo = f"add sslmode=verify-full and sslrootcert to {VARIABLE}"
        return fault("what goes to PostgreSQL crosses a network in clear", todo)
    if server.sslmode_proves or server.is_near:
        return ok("PostgreSQL is reached over TLS")
    todo = f"add sslmode=verify-full and sslrootcert to {VARIABLE}"
    return warning("PostgreSQL is reached over TLS, but might be anybody", todo)
