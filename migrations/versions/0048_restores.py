"""A database knows on which server it was last, and how far Temporal has confirmed it.

A replica that was promoted, a server restored to a point in time and a database restored from a
dump have another epoch than the one in the row that they brought along: so they are told apart
without anybody's help. What a read-back found is kept.
"""

from alembic import op

revision = "0048"
down_revision = "0047"

STATEMENTS = (
    "ALTER TABLE ledger_mark ADD COLUMN epoch text",
    "COMMENT ON COLUMN ledger_mark.epoch IS 'the server, its timeline and the database in which "
    "the mark was first moved, or contacts were let go on; another one now: halted'",
    "ALTER TABLE ledger_mark ADD COLUMN confirmed bigint NOT NULL DEFAULT 0",
    "COMMENT ON COLUMN ledger_mark.confirmed IS 'the highest mark that Temporal has taken; one "
    "that remembers less has lost its memory, and vouches for nothing'",
    """
    CREATE TABLE ledger_readbacks (
        readback_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        read_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        since timestamptz NOT NULL,
        until timestamptz NOT NULL,
        by_whom text NOT NULL,
        complete boolean NOT NULL,
        found jsonb NOT NULL
    )
    """,
    "COMMENT ON TABLE ledger_readbacks IS 'what a restored ledger was told again by Temporal and "
    "the providers; complete: all of them could be asked'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
