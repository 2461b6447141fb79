"""Whose accounts a file listed, when it was taken in, and whether it listed all of them.

So it can be said whether another file of the same creditor came between two runs, and that an
account which a newer snapshot does not list is none that an older file may begin.

Only adds: an intake of the version before leaves the new columns empty.
"""

from alembic import op

revision = "0018"
down_revision = "0017"

# One statement per op.execute: asyncpg prepares each, and a prepared statement holds only one.
STATEMENTS = (
    """
    ALTER TABLE intake_runs
        ADD COLUMN begun_at timestamptz NOT NULL DEFAULT now(),
        ADD COLUMN creditors text[],
        ADD COLUMN lists_all boolean NOT NULL DEFAULT false
    """,
    "COMMENT ON COLUMN intake_runs.started_at IS 'the moment the figures of the file are from'",
    "COMMENT ON COLUMN intake_runs.begun_at IS 'when it was taken in, by this database''s clock'",
    "COMMENT ON COLUMN intake_runs.creditors IS 'whose accounts the file lists; none until it has "
    "been read, null of a version that did not note it'",
    "COMMENT ON COLUMN intake_runs.lists_all IS 'a snapshot whose missing accounts were recalled: "
    "what it does not list was not owed at its moment'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
