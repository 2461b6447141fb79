"""Each change of an account's plan is kept with its reason: also why nobody was contacted."""

from alembic import op

revision = "0012"
down_revision = "0011"

# One statement per op.execute: asyncpg prepares each, and a prepared statement holds only one.
STATEMENTS = (
    "ALTER TABLE accounts ADD COLUMN next_key text",
    "COMMENT ON COLUMN accounts.next_key IS 'what tells one plan from another, for plan_changes'",
    """
    CREATE TABLE plan_changes (
        creditor text NOT NULL,
        account_id text NOT NULL,
        plan bigint NOT NULL,
        at timestamptz NOT NULL,
        kind text NOT NULL,
        why text NOT NULL,
        state text NOT NULL,
        next_at timestamptz NOT NULL,
        summary text NOT NULL,
        channel text,
        purpose text,
        rule text,
        cite text,
        PRIMARY KEY (creditor, account_id, plan)
    )
    """,
    "COMMENT ON TABLE plan_changes IS 'what an account was going to do, and why, whenever that "
    "changed; plan: accounts.plans'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
