"""The policy of an experiment's arm, in the place of the strategy's.

Only adds: workers that know nothing of it go on working beside it, and plan by the strategy's.
"""

from alembic import op

revision = "0042"
down_revision = "0041"

# One statement per op.execute: asyncpg prepares each, and a prepared statement holds only one.
STATEMENTS = (
    "ALTER TABLE accounts ADD COLUMN policy text",
    "COMMENT ON COLUMN accounts.policy IS 'the policy of the arm that it goes by, in the place of "
    "the one that its strategy names; null: that one'",
    "ALTER TABLE strategy_choices ADD COLUMN policy text",
    "COMMENT ON COLUMN strategy_choices.policy IS 'the policy that was chosen with it, in the "
    "place of the one that the strategy names; null: that one'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
