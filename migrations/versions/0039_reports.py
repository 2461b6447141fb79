"""What reports found, until a person has looked; what a provider's event said, for complaints; and
which pages of the ledger are of which days, so that a report of a week reads no more than it needs.

Only adds: workers that know nothing of it go on working beside it, and what they store has no code.
"""

from alembic import op

revision = "0039"
down_revision = "0038"

# One statement per op.execute: asyncpg prepares each, and a prepared statement holds only one.
STATEMENTS = (
    """
    CREATE TABLE report_findings (
        finding_id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
        kind text NOT NULL,
        subject text NOT NULL,
        what text NOT NULL,
        why text NOT NULL,
        todo text NOT NULL,
        figures jsonb NOT NULL,
        first_day date NOT NULL,
        last_day date NOT NULL,
        opened_at timestamptz NOT NULL,
        seen integer NOT NULL DEFAULT 1,
        note text,
        done_by text,
        done_at timestamptz,
        CHECK ((done_by IS NULL) = (done_at IS NULL)),
        CHECK (last_day >= first_day)
    )
    """,
    "COMMENT ON COLUMN report_findings.last_day IS 'of the last report that found it'",
    "COMMENT ON COLUMN report_findings.seen IS 'reports that found it, each of other days'",
    "CREATE UNIQUE INDEX report_findings_open ON report_findings (kind, subject) "
    "WHERE done_at IS NULL",
    "ALTER TABLE provider_events ADD COLUMN code text",
    "COMMENT ON COLUMN provider_events.code IS 'the provider''s own; null: none, or stored before "
    "it was kept'",
)

# They grow by a few bytes for each hundred pages, and cost a contact nothing.
BY_DAY = (
    "DROP INDEX CONCURRENTLY IF EXISTS attempts_by_day",
    "CREATE INDEX CONCURRENTLY attempts_by_day ON attempts USING brin (reserved_at) "
    "WITH (autosummarize = on)",
    "DROP INDEX CONCURRENTLY IF EXISTS provider_events_by_day",
    "CREATE INDEX CONCURRENTLY provider_events_by_day ON provider_events USING brin (at) "
    "WITH (autosummarize = on)",
)


def upgrade() -> None:
    # Beside running workers and gateways, as in 0009.
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        for statement in BY_DAY:
            op.execute(statement)
        op.execute("SET lock_timeout = '5s'")  # as every migration has it
    for statement in STATEMENTS:
        op.execute(statement)
