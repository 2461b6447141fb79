"""By what each plan and each attempt was decided: strategy, law and words, as they stood.

Only adds: workers that know nothing of it go on working beside it, and what they decide is unknown.
"""

from alembic import op

revision = "0032"
down_revision = "0031"

# One statement per op.execute: asyncpg prepares each, and a prepared statement holds only one.
STATEMENTS = (
    """
    CREATE TABLE deciders (
        digest text PRIMARY KEY,
        kind text NOT NULL,
        name text NOT NULL,
        version integer,
        content jsonb,
        first_used timestamptz NOT NULL DEFAULT now()
    )
    """,
    "COMMENT ON TABLE deciders IS 'what decided, as it stood: strategies with the settings that "
    "planning obeys, law packs, and templates'",
    "COMMENT ON COLUMN deciders.digest IS 'of the content, so that the same has the same'",
    "COMMENT ON COLUMN deciders.content IS 'of templates the digest of each file'",
    "ALTER TABLE attempts ADD COLUMN decided_by text[]",
    "COMMENT ON COLUMN attempts.decided_by IS 'digests of deciders: the strategy, the law of each "
    "jurisdiction, the templates; null: unknown'",
    "ALTER TABLE plan_changes ADD COLUMN decided_by text[]",
    "COMMENT ON COLUMN plan_changes.decided_by IS 'digests of deciders: the strategy, and the law "
    "of each jurisdiction; null: unknown, or nothing was planned by'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
