"""What became of a call, and what it was to say.

Only adds: workers that know nothing of it go on working beside it.
"""

from alembic import op

revision = "0004"
down_revision = "0003"

STATEMENTS = (
    "ALTER TABLE attempts ADD COLUMN outcome text",
    "COMMENT ON COLUMN attempts.outcome IS "
    "'of a call: conversation, voicemail, dropped, no_answer, busy, not_in_service'",
    """
    CREATE TABLE calls (
        attempt_id text PRIMARY KEY,
        script jsonb NOT NULL
    )
    """,
    "COMMENT ON TABLE calls IS 'what holding a call needs, fixed when it was reserved; personal'",
    # A conversation closes the telephone for a week in the US: an attempt of another account that
    # was reserved before it must not leave after it.
    """
    CREATE TRIGGER bump_by_conversation AFTER UPDATE OF outcome ON attempts FOR EACH ROW
        WHEN (NEW.outcome = 'conversation' AND OLD.outcome IS DISTINCT FROM 'conversation')
        EXECUTE FUNCTION bump_by_row()
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
