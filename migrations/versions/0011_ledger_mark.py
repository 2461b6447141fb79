"""A mark that only ever grows, so that a database restored from an older backup is told apart."""

from alembic import op

revision = "0011"
down_revision = "0010"

# One statement per op.execute: asyncpg prepares each, and a prepared statement holds only one.
STATEMENTS = (
    """
    CREATE TABLE ledger_mark (
        single boolean PRIMARY KEY DEFAULT true CHECK (single),
        mark bigint NOT NULL DEFAULT 0,
        marked_at timestamptz NOT NULL DEFAULT '-infinity',
        halted_at timestamptz,
        halted_why text
    )
    """,
    "COMMENT ON TABLE ledger_mark IS 'one row: how far this database has come, as Temporal is told "
    "too; halted: it is older than Temporal remembers, and nobody is contacted'",
    """
    CREATE TABLE ledger_resumptions (
        resumed_at timestamptz NOT NULL,
        halted_at timestamptz NOT NULL,
        halted_why text NOT NULL,
        resumed_by text NOT NULL,
        note text NOT NULL
    )
    """,
    "COMMENT ON TABLE ledger_resumptions IS 'who let contacts go on after a restore, and why'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
