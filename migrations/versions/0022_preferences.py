"""How customers want to be reached, each time that they say so; what they have to be asked back.

Only adds: workers that know nothing of it go on working beside it.
"""

from alembic import op

revision = "0022"
down_revision = "0021"

# One statement per op.execute: asyncpg prepares each, and a prepared statement holds only one.
STATEMENTS = (
    """
    CREATE TABLE preferences (
        preference_id text PRIMARY KEY,
        customer_id text NOT NULL REFERENCES customers,
        preference jsonb NOT NULL,
        said_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        recorded_by text NOT NULL
    )
    """,
    "CREATE INDEX preferences_by_customer ON preferences (customer_id, said_at)",
    "COMMENT ON TABLE preferences IS 'how customers want to be reached; of each thing that is "
    "stated the last word is in force'",
    "COMMENT ON COLUMN preferences.preference IS 'what is stated: channel, windows, locale; null "
    "and no windows take back what was stated before'",
    "COMMENT ON COLUMN preferences.recorded_by IS 'the provider of the message it was said in, or "
    "who recorded it'",
    "ALTER TABLE work_items ADD COLUMN lacking boolean NOT NULL DEFAULT false",
    "COMMENT ON COLUMN work_items.lacking IS 'the last message lacks what the customer alone can "
    "say: the day or the amount of a promise, the receipt of a payment'",
    # What was planned and reserved before it was said may be against it.
    """
    CREATE FUNCTION bump_by_preference() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM raise_facts(persons(ARRAY[NEW.customer_id]));
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER bump AFTER INSERT ON preferences FOR EACH ROW "
    "EXECUTE FUNCTION bump_by_preference()",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
