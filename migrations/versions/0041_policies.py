"""By which policy a way was chosen, with what probability, and from what.

Only adds: workers that know nothing of it go on working beside it, and what they write is unknown.
"""

from alembic import op

revision = "0041"
down_revision = "0040"

# One statement per op.execute: asyncpg prepares each, and a prepared statement holds only one.
STATEMENTS = (
    "ALTER TABLE attempts ADD COLUMN policy text, ADD COLUMN probability double precision, "
    "ADD COLUMN chosen_from jsonb",
    "COMMENT ON COLUMN attempts.policy IS 'the policy that chose the way, as id@digest; null: none "
    "was asked, or it is unknown'",
    "COMMENT ON COLUMN attempts.probability IS 'how probable the way was that was taken; 1 where "
    "no policy was asked; null: unknown'",
    "COMMENT ON COLUMN attempts.chosen_from IS 'of a way that a policy chose: its context, and the "
    "channels and parts of the day there were, with the probability of each'",
    "ALTER TABLE plan_changes ADD COLUMN policy text, ADD COLUMN probability double precision",
    "COMMENT ON COLUMN plan_changes.policy IS 'the policy that chose the way, as id@digest; null: "
    "none was asked, or it is unknown'",
    "COMMENT ON COLUMN plan_changes.probability IS 'how probable the way is; 1 where no policy was "
    "asked; null: unknown, or no contact'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
