"""A person's turn in a phase: which phase they were asked in, and when.

Only adds: workers that know nothing of it go on working beside it, and ask nobody.
"""

from alembic import op

revision = "0035"
down_revision = "0034"

# One statement per op.execute: asyncpg prepares each, and a prepared statement holds only one.
STATEMENTS = (
    "ALTER TABLE accounts ADD COLUMN asked_in text, ADD COLUMN asked_at timestamptz",
    "COMMENT ON COLUMN accounts.asked_in IS 'the phase in which a person was last asked to contact "
    "the customer, as the strategy has it; null: in none'",
    "COMMENT ON COLUMN accounts.asked_at IS 'when; before `since`: in an earlier delinquency'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
