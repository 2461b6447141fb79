"""Which accounts have still to hear of what a person did; what doing an item has done.

Only adds: workers that know nothing of it go on working beside it.
"""

from alembic import op

revision = "0025"
down_revision = "0024"

# One statement per op.execute: asyncpg prepares each, and a prepared statement holds only one.
STATEMENTS = (
    """
    CREATE TABLE untold (
        news text NOT NULL,
        account text NOT NULL,
        since timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (news, account)
    )
    """,
    "COMMENT ON TABLE untold IS 'accounts whose workflow has still to hear of what a person did; "
    "written with it, gone once Temporal has taken the news'",
    "COMMENT ON COLUMN untold.news IS 'what was done, as the message to the workflow names it'",
    "COMMENT ON COLUMN untold.account IS '<creditor>/<account_id>'",
    "ALTER TABLE work_items ADD COLUMN done jsonb",
    "COMMENT ON COLUMN work_items.done IS 'what doing it has done: changes, in words, each with "
    "its accounts; and the accounts that had to plan anew'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
