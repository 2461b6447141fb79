"""A file that was drawn for a message, and is drawn again for the provider that fetches it.

Only adds: workers that know nothing of it go on working beside it, and have such a file go by
e-mail alone.
"""

from alembic import op

revision = "0038"
down_revision = "0037"

# One statement per op.execute: asyncpg prepares each, and a prepared statement holds only one.
STATEMENTS = (
    "ALTER TABLE attached ADD COLUMN drawn text",
    "ALTER TABLE attached ADD CONSTRAINT attached_drawn CHECK "
    "(drawn IS NULL OR kind = 'qr' AND document_id IS NULL AND sha256 IS NOT NULL)",
    "COMMENT ON COLUMN attached.drawn IS 'what the code to pay by says that was drawn for this "
    "message, where its provider fetches it; null: the file travelled, or was listed'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
