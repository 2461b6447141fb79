"""Alembic over asyncpg. One migrator at a time (advisory lock); forward only; SQL by hand."""

import asyncio

import asyncpg
from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from store.database import MIGRATION, translated

_LOCK = 0x434F4E545241  # "CONTRA"


def _run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=None, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


async def _main() -> None:
    address = context.config.attributes.get("address")
    if address is None:
        raise SystemExit("no database: run `contrapunto migrate` (CONTRAPUNTO_DATABASE_URL)")

    async def reach() -> asyncpg.Connection:
        with translated():
            return await asyncpg.connect(**address.arguments())

    # Not through SQLAlchemy's own reading of addresses, which differs from everybody else's here.
    engine = create_async_engine("postgresql+asyncpg://", async_creator=reach, poolclass=NullPool)
    async with engine.connect() as connection:
        for setting in MIGRATION.settings().split(";"):
            await connection.execute(text(setting))
        # Asked again and again, not waited for: a session that waits inside a statement holds up
        # the other migrator's CREATE INDEX CONCURRENTLY, which waits for every statement.
        while not await connection.scalar(text(f"SELECT pg_try_advisory_lock({_LOCK})")):
            await connection.commit()
            await asyncio.sleep(0.2)
        await connection.commit()
        await connection.run_sync(_run)
        await connection.commit()
        await connection.execute(text(f"SELECT pg_advisory_unlock({_LOCK})"))
    await engine.dispose()


asyncio.run(_main())
