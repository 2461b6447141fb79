"""What was asked of the provider about an attempt in doubt, and what a person says of it.

Only adds: workers that know nothing of it go on working beside it.
"""

from alembic import op

revision = "0002"
down_revision = "0001"

STATEMENTS = (
    # A constant default is kept in the catalogue: no row is rewritten, whatever the table's size.
    "ALTER TABLE attempts ADD COLUMN asked integer NOT NULL DEFAULT 0",
    "ALTER TABLE attempts ADD COLUMN asked_at timestamptz",
    "COMMENT ON COLUMN attempts.asked IS 'how often the provider was asked in vain'",
    """
    CREATE TABLE settlements (
        attempt_id text PRIMARY KEY REFERENCES attempts,
        outcome text NOT NULL CHECK (outcome IN ('accepted', 'refused')),
        note text NOT NULL CHECK (note <> ''),
        settled_by text NOT NULL CHECK (settled_by <> ''),
        settled_at timestamptz NOT NULL
    )
    """,
    "COMMENT ON TABLE settlements IS 'what a person found out of an attempt that stayed unknown'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
