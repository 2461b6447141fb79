"""Files by reference: those that customers send.

Only adds: workers that know nothing of it go on working beside it.
"""

from alembic import op

revision = "0027"
down_revision = "0025"

# One statement per op.execute: asyncpg prepares each, and a prepared statement holds only one.
STATEMENTS = (
    "ALTER TABLE inbound ADD COLUMN media jsonb",
    "COMMENT ON COLUMN inbound.media IS 'files that came with the message, in order: url (where "
    "the provider keeps it) and type; nothing of them is fetched'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
