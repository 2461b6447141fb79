"""Messages that were refused are found; facts say when and by whom they were recorded.

Only adds: workers that know nothing of it go on working beside it.
"""

from alembic import op

revision = "0007"
down_revision = "0006"

STATEMENTS = (
    "CREATE INDEX messages_refused ON messages (at) WHERE refused IS NOT NULL",
    "ALTER TABLE messages ADD COLUMN recording text",
    "COMMENT ON COLUMN messages.recording IS "
    "'the activity that wrote it: a second execution of that one is no second arrival'",
    # Without a default: what an older worker writes, and what was written before, was recorded
    # nobody knows when, and the wall's clock is not the account's where time is skipped.
    "ALTER TABLE law_events ADD COLUMN recorded_at timestamptz, ADD COLUMN recorded_by text",
    "COMMENT ON COLUMN law_events.recorded_at IS "
    "'when it went on file; what takes leave away holds from the earlier of this and at'",
    "COMMENT ON COLUMN law_events.recorded_by IS 'the door it came in by'",
    """
    CREATE TABLE failures (
        creditor text NOT NULL,
        account_id text NOT NULL,
        activity text NOT NULL,
        error text NOT NULL,
        attempts integer NOT NULL,
        since timestamptz NOT NULL,
        at timestamptz NOT NULL,
        PRIMARY KEY (creditor, account_id)
    )
    """,
    "COMMENT ON TABLE failures IS 'activities that fail again and again; past once the account is "
    "planned later than at (accounts.planned_at)'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
