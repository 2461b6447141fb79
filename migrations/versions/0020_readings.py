"""How messages were read, by which version of the reader, and what people say was meant.

Only adds: workers that know nothing of it go on working beside it.
"""

from alembic import op

revision = "0020"
down_revision = "0019"

# One statement per op.execute: asyncpg prepares each, and a prepared statement holds only one.
STATEMENTS = (
    """
    CREATE TABLE readings (
        provider text NOT NULL,
        inbound_id text NOT NULL,
        version text NOT NULL,
        reading jsonb NOT NULL,
        read_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (provider, inbound_id, version),
        FOREIGN KEY (provider, inbound_id) REFERENCES inbound
    )
    """,
    "COMMENT ON TABLE readings IS 'what a version of the reader read in a message, with the words "
    "that decided: as `contrapunto inbound check` writes it'",
    """
    CREATE TABLE reading_corrections (
        provider text NOT NULL,
        inbound_id text NOT NULL,
        expected jsonb NOT NULL,
        corrected_by text NOT NULL,
        corrected_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (provider, inbound_id, corrected_at),
        FOREIGN KEY (provider, inbound_id) REFERENCES inbound
    )
    """,
    "COMMENT ON TABLE reading_corrections IS 'what a person says that a message said; the latest "
    "of a message counts'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
