"""What an SMS costs: the segments it is cut into.

Only adds: workers that know nothing of it go on working beside it.
"""

from alembic import op

revision = "0010"
down_revision = "0009"

STATEMENTS = (
    "ALTER TABLE attempts ADD COLUMN segments smallint",
    "COMMENT ON COLUMN attempts.segments IS "
    "'of an SMS: the segments its text is cut into, known before it goes'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
