"""Which strategy an account has, and by what: pins, attributes, segments, each choice.

Only adds: workers that know nothing of it go on working beside it by the strategy that stands.
"""

from alembic import op

revision = "0036"
down_revision = "0035"

# One statement per op.execute: asyncpg prepares each, and a prepared statement holds only one.
STATEMENTS = (
    "ALTER TABLE accounts ADD COLUMN segment text, ADD COLUMN chosen_by text, "
    "ADD COLUMN pinned text, ADD COLUMN pinned_as_of timestamptz, ADD COLUMN attributes jsonb, "
    "ADD COLUMN attributes_as_of timestamptz, ADD COLUMN entered_days integer, "
    "ADD COLUMN entered_since timestamptz",
    "COMMENT ON COLUMN accounts.segment IS 'the last choice''s; null: none was made with segments'",
    "COMMENT ON COLUMN accounts.chosen_by IS 'pin, arm, segment or default: what chose `strategy`; "
    "null: nobody has chosen'",
    "COMMENT ON COLUMN accounts.pinned IS 'the strategy that an upstream system wants; null: none'",
    "COMMENT ON COLUMN accounts.attributes IS 'facts of the portfolio''s own, as they were told; "
    "config/attributes.yaml says of which types'",
    "COMMENT ON COLUMN accounts.entered_days IS 'days past due when the delinquency that began at "
    "`entered_since` was first looked at'",
    """
    CREATE TABLE strategy_choices (
        creditor text NOT NULL,
        account_id text NOT NULL,
        choice integer NOT NULL,
        at timestamptz NOT NULL,
        strategy text NOT NULL,
        segment text,
        chosen_by text NOT NULL CHECK (chosen_by IN ('pin', 'arm', 'segment', 'default')),
        arm text,
        reason text NOT NULL,
        before text,
        segment_before text,
        facts jsonb,
        decided_by text,
        PRIMARY KEY (creditor, account_id, choice)
    )
    """,
    "COMMENT ON TABLE strategy_choices IS 'each time that another strategy or segment was chosen "
    "for an account, and why'",
    "COMMENT ON COLUMN strategy_choices.facts IS 'what was looked at, as it was'",
    "COMMENT ON COLUMN strategy_choices.decided_by IS 'digest of the segments among deciders; "
    "null: none were configured'",
    "ALTER TABLE attempts ADD COLUMN segment text",
    "COMMENT ON COLUMN attempts.segment IS 'of the account when it was reserved; null: unknown'",
    "ALTER TABLE plan_changes ADD COLUMN segment text",
    "COMMENT ON COLUMN plan_changes.segment IS 'of the account by that plan; null: unknown'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
