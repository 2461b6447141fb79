"""What people are asked to do, and what came of it.

Only adds: workers that know nothing of it go on working beside it.
"""

from alembic import op

revision = "0021"
down_revision = "0020"

# One statement per op.execute: asyncpg prepares each, and a prepared statement holds only one.
STATEMENTS = (
    """
    CREATE TABLE work_items (
        work_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        customer_id text NOT NULL REFERENCES customers,
        reason text NOT NULL,
        priority smallint NOT NULL,
        opened_at timestamptz NOT NULL,
        due_at timestamptz NOT NULL,
        messages text[] NOT NULL,
        contact_point_id text,
        claimed_by text,
        claim_ends timestamptz,
        outcome text,
        note text,
        done_by text,
        done_at timestamptz,
        CHECK ((claimed_by IS NULL) = (claim_ends IS NULL)),
        CHECK ((outcome IS NULL) = (done_at IS NULL) AND (done_at IS NULL) = (done_by IS NULL))
    )
    """,
    "CREATE UNIQUE INDEX work_items_open ON work_items (customer_id, reason) WHERE done_at IS NULL",
    "CREATE INDEX work_items_due ON work_items (priority, due_at) WHERE done_at IS NULL",
    "COMMENT ON TABLE work_items IS 'what a person is asked to do for a customer, and why: one "
    "open item for each reason; what is done stays'",
    "COMMENT ON COLUMN work_items.messages IS 'the messages that ask for it, as "
    "<provider>/<inbound_id>, the oldest first'",
    "COMMENT ON COLUMN work_items.contact_point_id IS 'where the customer wrote the last of them'",
    "COMMENT ON COLUMN work_items.claim_ends IS 'from then on it is free again, whoever claimed "
    "it'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
